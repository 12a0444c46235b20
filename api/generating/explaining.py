"""What a form says about its scores: why points are missing, and the total as it is printed."""

from collections.abc import Sequence
from decimal import Decimal

from api.generating import words
from api.generating.chance import Chance
from api.generating.filling import TABLE
from domain.evaluation.scores import score_sheet
from domain.evaluation.state import FormState
from domain.facts.envelope import Place
from domain.facts.form import (
    DeductionJustified,
    FormEntry,
    ScoreCalculated,
    ScoreDeclared,
    Subject,
)
from domain.scoring.indicators import Indicator
from domain.scoring.rule_set import RuleSet


def reasons(state: FormState, rows: Sequence[Indicator], chance: Chance) -> list[FormEntry]:
    """Reasons where the rules demand them and for most other deductions."""
    facts: list[FormEntry] = []
    for row in rows:
        noted = state.calculated.get(row.line)
        if noted is None or row.line in state.overrides:
            continue
        fact: ScoreCalculated = noted.fact
        lost = fact.points is not None and fact.points < (row.max_points or 0)
        if fact.reason_required or (lost and chance.percent(80)):
            facts.append(_justified(row, chance))
        elif lost and chance.percent(6):
            facts.append(_declared_otherwise(row, fact, chance))
    return facts


def reasons_again(
    state: FormState, rows: Sequence[Indicator], calculated: Sequence[str], chance: Chance
) -> list[FormEntry]:
    """The reasons that are still owed after the lines ``calculated`` were calculated anew."""
    facts: list[FormEntry] = []
    for row in rows:
        fact: ScoreCalculated = state.calculated[row.line].fact
        unexplained = state.justification(row.line) is None
        declared = state.declared(Subject.LINE, row.line)
        due = fact.reason_required or (declared and row.line in calculated)
        if due and unexplained and row.line not in state.overrides:
            facts.append(_justified(row, chance))
    return facts


def totals(state: FormState, rules: RuleSet, chance: Chance) -> list[ScoreDeclared]:
    """The total and the grade as they are printed, now and then with a slip."""
    sheet = score_sheet(state, rules)
    total = sheet.total if sheet.total is not None else sheet.subtotal
    if total is None:
        return []
    place = Place(TABLE, "总分行", table=True)
    printed = total
    if chance.percent(4):
        printed = min(rules.total_points, total + 1)
    declared = [ScoreDeclared(subject=Subject.TOTAL, points=printed, place=place)]
    if chance.percent(50):
        grade = rules.grade_of(printed)
        declared.append(ScoreDeclared(subject=Subject.GRADE, grade=grade, place=place))
    return declared


def _justified(row: Indicator, chance: Chance) -> DeductionJustified:
    return DeductionJustified(
        line=row.line,
        reason=chance.pick(words.DEDUCTION_REASONS),
        measure=chance.pick(words.MEASURES),
    )


def _declared_otherwise(row: Indicator, fact: ScoreCalculated, chance: Chance) -> ScoreDeclared:
    """A printed score that is not the rule's, with a reason beside it."""
    points = min(row.max_points or Decimal(0), (fact.points or Decimal(0)) + Decimal("0.5"))
    return ScoreDeclared(
        subject=Subject.LINE,
        line=row.line,
        points=points,
        place=Place(TABLE, f"第{row.line}行", table=True),
        reason=chance.pick(words.DEDUCTION_REASONS),
    )
