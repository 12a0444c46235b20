"""Calculating a line: its own actual value, or its metric on its own base, under its rule.

The result is a fact to be: points, steps and every input by id, so that a later version of this
code can neither change the past nor hide that it would decide otherwise.
"""

from uuid import UUID

from msgspec import Struct

from domain.evaluation.figures import Money
from domain.evaluation.state import FormState
from domain.facts.form import LedgerInput, ScoreCalculated
from domain.scoring import Code, NotScorable, Outcome, score
from domain.scoring.indicators import Actual, Indicator, NotApplicable
from domain.scoring.metrics import Measured, Quantity, Unmeasurable, measure, sums_used
from domain.scoring.rule_set import RuleSet
from domain.scoring.steps import Operand, Worksheet


class Inputs(Struct, frozen=True, gc=False):
    """What a calculation rests on: the form's facts, and the sums of money used."""

    facts: tuple[UUID, ...]
    ledger: LedgerInput | None


def inputs_of(form: FormState, row: Indicator, money: Money) -> Inputs:
    """What a calculation of ``row`` would rest on now."""
    rows = (form.rows_fact, form.retargeted_by.get(row.line))
    facts = [fact for fact in rows if fact is not None]
    actual = form.actual(row.line)
    if actual is not None:
        return Inputs((*facts, actual[0].head), None)
    if row.metric is None:
        return Inputs(tuple(facts), None)
    used = sums_used(row.metric.metric, row.metric.base, money.sums)
    facts += dict.fromkeys(money.facts[name] for name in used if name in money.facts)
    return Inputs(tuple(facts), LedgerInput(money.version, money.project, used))


def outcome_of(
    rules: RuleSet,
    row: Indicator,
    *,
    actual: Actual | None = None,
    sums: dict[str, int] | None = None,
    adjusted: bool = False,
) -> Outcome:
    """The points of ``row`` from an actual value, or from its metric on given sums in fen."""
    sheet = Worksheet()
    if actual is None and row.metric is not None and sums is not None:
        found = measure(row.metric.metric, row.metric.base, sums, sheet)
        return outcome_of_measured(rules, row, found, sheet, adjusted=adjusted)
    return _scored(rules, row, sheet, actual=actual, adjusted=adjusted)


def outcome_of_measured(
    rules: RuleSet, row: Indicator, found: Measured, sheet: Worksheet, *, adjusted: bool = False
) -> Outcome:
    """The points of ``row`` from what a metric gave on ``sheet``, where the scoring goes on."""
    match found:
        case Unmeasurable():
            return NotScorable(found.obstacle, Code.UNMEASURABLE)
        case NotApplicable():
            return _scored(rules, row, sheet, actual=found, adjusted=adjusted)
        case Operand():
            return _scored(rules, row, sheet, measured=found, adjusted=adjusted)


def _scored(
    rules: RuleSet,
    row: Indicator,
    sheet: Worksheet,
    *,
    actual: Actual | None = None,
    measured: Operand | None = None,
    adjusted: bool,
) -> Outcome:
    return score(
        rules.rules.get(row.rule) if row.rule else None,
        max_points=row.max_points,
        operator=row.operator,
        target=row.target,
        actual=actual,
        rounding=rules.rounding,
        sheet=sheet,
        measured=measured,
        adjusted=adjusted,
    )


def calculate(form: FormState, money: Money, rules: RuleSet, row: Indicator) -> ScoreCalculated:
    """The calculation of one row as things stand. A row that cannot be scored gives a fact too:
    it says why.
    """
    actual = form.actual(row.line)
    outcome = outcome_of(
        rules,
        row,
        actual=actual[1].actual if actual else None,
        sums=money.sums,
        adjusted=_adjusted(money),
    )
    inputs = inputs_of(form, row, money)
    if isinstance(outcome, NotScorable):
        return ScoreCalculated(
            line=row.line,
            points=None,
            obstacle=outcome.obstacle,
            obstacle_code=outcome.code,
            excluded=outcome.excluded,
            inputs=inputs.facts,
            ledger=inputs.ledger,
            rule_digest=rules.digest,
        )
    return ScoreCalculated(
        line=row.line,
        points=outcome.points,
        steps=outcome.steps,
        notes=outcome.notes,
        reason_required=outcome.reason_required,
        inputs=inputs.facts,
        ledger=inputs.ledger,
        rule_digest=rules.digest,
    )


def is_stale(form: FormState, money: Money, rules: RuleSet, line: str) -> bool:
    """Whether a calculated score's inputs, sums or rules are others now. False for a line that
    was never calculated.
    """
    noted = form.calculated.get(line)
    row = form.rows.get(line)
    if noted is None or row is None:
        return False
    fact: ScoreCalculated = noted.fact
    now = inputs_of(form, row, money)
    return (
        fact.rule_digest != rules.digest
        or fact.inputs != now.facts
        or _sums(fact.ledger) != _sums(now.ledger)
    )


def _sums(used: LedgerInput | None) -> dict[str, int] | None:
    # Not the version: a payment that leaves the sums used as they were makes nothing stale.
    return used.sums if used else None


def _adjusted(money: Money) -> bool:
    if money.sums.get(Quantity.GROSS_ADJUSTMENT):
        return True
    initial = money.sums.get(Quantity.INITIAL_BUDGET)
    adjusted = money.sums.get(Quantity.ADJUSTED_BUDGET)
    return initial is not None and adjusted is not None and adjusted != initial
