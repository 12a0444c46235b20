"""Which scores a fact changes: lines, groups, the total and the grade."""

from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from uuid import UUID

from msgspec import Struct

from domain.evaluation.scores import LineScore
from domain.evaluation.state import FormState
from domain.facts.form import (
    IndicatorsSet,
    IndicatorWithdrawn,
    OverrideWithdrawn,
    Reopened,
    Returned,
    ReviewScoreGiven,
    RuleSetAdopted,
    ScoreCalculated,
    ScoreDeclared,
    ScoreOverridden,
    SignatureWithdrawn,
    Subject,
)
from domain.facts.ledger import LedgerReconciled
from domain.facts.others import EntryCorrected
from domain.store import Recorded
from projections.score_history.rows import ChangeKind, ScoreChange
from projections.tables import (
    FactRef,
    points,
    prose,
)
from projections.unit_year import (
    MOVES_SCORES,
    Standing,
    UnitYearFold,
    contribution,
    document_of,
    name_of,
    place_of,
    unit_year_of_stream,
)

_KINDS = {
    RuleSetAdopted: ChangeKind.RULES_CHANGED,
    IndicatorsSet: ChangeKind.ROWS_CHANGED,
    IndicatorWithdrawn: ChangeKind.ROWS_CHANGED,
    ScoreCalculated: ChangeKind.CALCULATED,
    ScoreDeclared: ChangeKind.DECLARED,
    ScoreOverridden: ChangeKind.OVERRIDDEN,
    OverrideWithdrawn: ChangeKind.OVERRIDE_WITHDRAWN,
    ReviewScoreGiven: ChangeKind.REVIEWED,
    Returned: ChangeKind.RETURNED,
    SignatureWithdrawn: ChangeKind.SIGNATURE_WITHDRAWN,
    Reopened: ChangeKind.REOPENED,
    EntryCorrected: ChangeKind.CORRECTED,
}


class _Moved(Struct, frozen=True, gc=False):
    """A score that is another after a fact."""

    subject: Subject
    line: str | None
    path: tuple[str, ...]
    before: Decimal | None
    after: Decimal | None
    scores: tuple[LineScore | None, LineScore | None] = (None, None)
    grades: tuple[str | None, str | None] = (None, None)


class _Made(Struct, frozen=True, gc=False):
    """The fact that moved scores, what kind of change it is, and the facts behind it."""

    log_id: str
    recorded: Recorded
    kind: ChangeKind
    causes: tuple[FactRef, ...]


def advance(fold: UnitYearFold, recorded: Recorded) -> list[ScoreChange]:
    """Advance ``fold`` by one fact and say which scores it changed: lines, groups, total."""
    form_id = recorded.stream_id
    if type(recorded.fact) not in MOVES_SCORES or form_id == fold.ledger_id:
        fold.advance(recorded)
        return []
    before = fold.standing(form_id)
    kind, earlier = _kind(fold, recorded)
    fold.advance(recorded)
    form = fold.forms[form_id]
    rules, sheet = fold.rules(form_id), partial(fold.sheet, form_id)
    after = before.after(form, recorded, earlier, rules, sheet)
    fold.remember(form_id, after)
    moved = list(_compare(before, after))
    if not moved:
        return []
    made = _Made(fold.log_id, recorded, kind, _causes(fold, form, recorded, earlier))
    return [_change(form, made, ordinal, one) for ordinal, one in enumerate(moved)]


def _kind(fold: UnitYearFold, recorded: Recorded) -> tuple[ChangeKind, ScoreCalculated | None]:
    """The kind of change, and the calculation that a calculation follows."""
    fact = recorded.fact
    form = fold.forms.get(recorded.stream_id)
    if isinstance(fact, ScoreCalculated) and form is not None and fact.line in form.calculated:
        return ChangeKind.RECALCULATED, form.calculated[fact.line].fact
    return _KINDS[type(fact)], None


def _compare(before: Standing, after: Standing) -> Iterable[_Moved]:
    for line, score in after.lines.items():
        old = before.lines.get(line)
        if old is not score:
            yield from _line_moved(old, score)
    for line, score in before.lines.items():
        if line not in after.lines:
            yield from _line_moved(score, None)
    if after.groups is not before.groups:
        for path in {**before.groups, **after.groups}:
            was, now = before.groups.get(path), after.groups.get(path)
            if was != now:
                yield _Moved(Subject.GROUP, None, path, was, now)
    was, now = before.total, after.total
    if was != now or before.grade != after.grade:
        yield _Moved(Subject.TOTAL, None, (), was, now, grades=(before.grade, after.grade))


def _line_moved(before: LineScore | None, after: LineScore | None) -> Iterable[_Moved]:
    was, now = (before.final if before else None), (after.final if after else None)
    own_was = before.self_points if before else None
    own_now = after.self_points if after else None
    if was == now and own_was == own_now:
        return
    score = after or before
    if score is not None:
        yield _Moved(Subject.LINE, score.line, score.path, was, now, (before, after))


def _causes(
    fold: UnitYearFold, form: FormState, recorded: Recorded, earlier: ScoreCalculated | None
) -> tuple[FactRef, ...]:
    """The facts that a recalculation took into account and the one before it did not, and those
    that took away what the one before it rested on.
    """
    later = recorded.fact
    if earlier is None or not isinstance(later, ScoreCalculated):
        return ()
    found: dict[UUID, None] = {}
    if earlier.rule_digest != later.rule_digest and form.rules_fact is not None:
        found[form.rules_fact] = None
    known = set(earlier.inputs)
    found |= {fact: None for fact in later.inputs if fact not in known}
    for dropped in earlier.inputs:
        # What no longer counts was corrected or voided by a fact of its own.
        chain = form.chains.find(dropped) if dropped not in later.inputs else None
        if chain is not None and chain.head != dropped:
            found[chain.head] = None
    found |= dict.fromkeys(_ledger_causes(fold, earlier, later))
    return tuple(fold.ref(fact) for fact in found if fact in fold.facts)


def _ledger_causes(
    fold: UnitYearFold, earlier: ScoreCalculated, later: ScoreCalculated
) -> Iterable[UUID]:
    used = later.ledger
    if used is None or used.version == 0:
        return
    since = earlier.ledger.version if earlier.ledger else 0
    # Where declared figures counted before, the reconciliation let the booked ones rule.
    switched = since == 0
    for recorded in fold.ledger_facts[since : used.version]:
        fact = recorded.fact
        if switched:
            if isinstance(fact, LedgerReconciled):
                yield recorded.envelope.event_id
        elif not used.sums.keys().isdisjoint(contribution(fold, recorded, used.project)):
            yield recorded.envelope.event_id


def _change(form: FormState, made: _Made, ordinal: int, moved: _Moved) -> ScoreChange:
    recorded = made.recorded
    envelope, fact = recorded.envelope, recorded.fact
    opened = form.opened
    unit_year = unit_year_of_stream(recorded.stream_id)
    before, after = moved.scores
    return ScoreChange(
        log_id=made.log_id,
        evaluation=recorded.stream_id,
        position=recorded.position,
        ordinal=ordinal,
        unit=unit_year.unit if unit_year else "",
        unit_name=opened.unit_name if opened else "",
        fiscal_year=unit_year.year if unit_year else 0,
        project=opened.project if opened else None,
        status=form.status,
        subject=moved.subject,
        line=moved.line,
        path=moved.path,
        kind=made.kind,
        from_points=points(moved.before),
        to_points=points(moved.after),
        self_from=points(before.self_points) if before else None,
        self_to=points(after.self_points) if after else None,
        origin_from=before.origin if before else None,
        origin_to=after.origin if after else None,
        grade_from=moved.grades[0],
        grade_to=moved.grades[1],
        event_id=envelope.event_id,
        event_type=name_of(fact),
        version=recorded.version,
        command_id=envelope.command_id,
        causes=made.causes,
        actor=envelope.actor,
        role=envelope.role,
        organisation=envelope.organisation,
        on_behalf_of=envelope.on_behalf_of,
        reason=prose(getattr(fact, "reason", None) or getattr(fact, "opinion", None)),
        document=document_of(fact),
        place=place_of(recorded),
        recorded_at=envelope.recorded_at,
    )
