"""得分变动: every change of every line, group and total, with what caused it and who made it.

Score sheets before and after each fact are compared; a fact that changes nothing gives no row.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Connection, select, tuple_

from domain.facts.envelope import Place, Role
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
from domain.form import FormState, Status
from domain.ids import unit_year_of
from domain.scores import LineScore, Origin, ScoreSheet
from domain.store import EventStore, Recorded
from domain.values import Words
from projections import unit_year as uy
from projections.tables import (
    FactRef,
    Prose,
    TextBodies,
    joined,
    points,
    prose,
    put,
    read,
    replace,
    table_of,
)
from projections.unit_year import (
    MOVES_SCORES,
    UnitYearFold,
    contribution,
    document_of,
    name_of,
    place_of,
)


class ChangeKind(StrEnum):
    """What happened to a score."""

    DECLARED = "declared"
    CALCULATED = "calculated"
    RECALCULATED = "recalculated"
    OVERRIDDEN = "overridden"
    OVERRIDE_WITHDRAWN = "override-withdrawn"
    REVIEWED = "reviewed"
    CORRECTED = "corrected"
    ROWS_CHANGED = "rows-changed"
    RULES_CHANGED = "rules-changed"
    SIGNATURE_WITHDRAWN = "signature-withdrawn"
    RETURNED = "returned"
    REOPENED = "reopened"

    @property
    def words(self) -> Words:
        """The name in both languages."""
        return _NAMES[self]


_NAMES = {
    ChangeKind.DECLARED: Words("填报", "declared"),
    ChangeKind.CALCULATED: Words("计算", "calculated"),
    ChangeKind.RECALCULATED: Words("重新计算", "recalculated"),
    ChangeKind.OVERRIDDEN: Words("改分", "overridden"),
    ChangeKind.OVERRIDE_WITHDRAWN: Words("撤销改分", "override withdrawn"),
    ChangeKind.REVIEWED: Words("复核", "reviewed"),
    ChangeKind.CORRECTED: Words("更正", "corrected"),
    ChangeKind.ROWS_CHANGED: Words("指标行变动", "rows changed"),
    ChangeKind.RULES_CHANGED: Words("规则变动", "rules changed"),
    ChangeKind.SIGNATURE_WITHDRAWN: Words("撤回签章", "signature withdrawn"),
    ChangeKind.RETURNED: Words("退回", "returned"),
    ChangeKind.REOPENED: Words("重新打开", "reopened"),
}
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


class ScoreChange(Struct, frozen=True, kw_only=True):
    """One change of one score. Points are decimal strings, None where there are none.

    ``from_points`` and ``to_points`` are the points that count (final); ``self_from`` and
    ``self_to`` the unit's own, of a line only; the grade changes with the total. ``event_id`` is
    the fact that made the change; ``causes`` are the facts behind it: what a recalculation took
    into account that the calculation before it did not.
    """

    log_id: str
    evaluation: str
    position: int
    ordinal: int
    unit: str
    unit_name: str
    fiscal_year: int
    project: str | None
    status: Status
    subject: Subject
    line: str | None
    path: tuple[str, ...]
    kind: ChangeKind
    from_points: str | None
    to_points: str | None
    self_from: str | None
    self_to: str | None
    origin_from: Origin | None
    origin_to: Origin | None
    grade_from: str | None
    grade_to: str | None
    event_id: UUID
    event_type: str
    version: int
    command_id: str
    causes: tuple[FactRef, ...]
    actor: str
    role: Role
    organisation: str
    on_behalf_of: str | None
    reason: Prose | None
    document: str | None
    place: Place | None
    recorded_at: datetime


table = table_of(
    ScoreChange,
    "score_changes",
    key=("log_id", "evaluation", "position", "ordinal"),
    indexes=(("log_id", "position"), ("log_id", "actor"), ("log_id", "fiscal_year", "unit")),
)


# --------------------------------------------------------------------------------------- derive


class _Moved(Struct, frozen=True):
    """A score that is another after a fact."""

    subject: Subject
    line: str | None
    path: tuple[str, ...]
    before: Decimal | None
    after: Decimal | None
    scores: tuple[LineScore | None, LineScore | None] = (None, None)
    grades: tuple[str | None, str | None] = (None, None)


class _Made(Struct, frozen=True):
    """The fact that moved scores, what kind of change it is, and the facts behind it."""

    log_id: str
    recorded: Recorded
    kind: ChangeKind
    causes: tuple[FactRef, ...]


def advance(fold: UnitYearFold, recorded: Recorded) -> list[ScoreChange]:
    """Advance ``fold`` by one fact and say which scores it changed: lines, groups, total."""
    form_id = recorded.stream_id
    if type(recorded.fact) not in MOVES_SCORES or form_id == fold.id.ledger:
        fold.advance(recorded)
        return []
    before = fold.sheet(form_id) if form_id in fold.forms else None
    kind, earlier = _kind(fold, recorded)
    fold.advance(recorded)
    moved = list(_compare(before, fold.sheet(form_id)))
    if not moved:
        return []
    form = fold.forms[form_id]
    made = _Made(fold.log_id, recorded, kind, _causes(fold, form, recorded, earlier))
    return [_change(form, made, ordinal, one) for ordinal, one in enumerate(moved)]


def _kind(fold: UnitYearFold, recorded: Recorded) -> tuple[ChangeKind, ScoreCalculated | None]:
    """The kind of change, and the calculation that a calculation follows."""
    fact = recorded.fact
    form = fold.forms.get(recorded.stream_id)
    if isinstance(fact, ScoreCalculated) and form is not None and fact.line in form.calculated:
        return ChangeKind.RECALCULATED, form.calculated[fact.line].fact
    return _KINDS[type(fact)], None


def _compare(before: ScoreSheet | None, after: ScoreSheet) -> Iterable[_Moved]:
    old = {score.line: score for score in before.lines} if before else {}
    for score in after.lines:
        yield from _line_moved(old.pop(score.line, None), score)
    for gone in old.values():
        yield from _line_moved(gone, None)
    groups = dict(before.groups) if before else {}
    for path in {**groups, **after.groups}:
        was, now = groups.get(path), after.groups.get(path)
        if was != now:
            yield _Moved(Subject.GROUP, None, path, was, now)
    was, now = (before.total if before else None), after.total
    grades = (before.grade if before else None), after.grade
    if was != now or grades[0] != grades[1]:
        yield _Moved(Subject.TOTAL, None, (), was, now, grades=grades)


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
    """The facts that a recalculation took into account and the one before it did not."""
    later = recorded.fact
    if earlier is None or not isinstance(later, ScoreCalculated):
        return ()
    found: dict[UUID, None] = {}
    if earlier.rule_digest != later.rule_digest and form.rules_fact is not None:
        found[form.rules_fact] = None
    known = set(earlier.inputs)
    found |= {fact: None for fact in later.inputs if fact not in known}
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
    unit_year = unit_year_of(recorded.stream_id)
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


# ---------------------------------------------------------------------------------------- apply


def apply(connection: Connection, changes: Sequence[ScoreChange]) -> None:
    """Add changes; they are never changed themselves."""
    put(connection, table, changes)


def rewrite(
    connection: Connection, log_id: str, evaluations: Iterable[str], changes: Sequence[ScoreChange]
) -> None:
    """Put the whole history of some evaluations anew."""
    where: list[Mapping[str, object]] = [
        {"log_id": log_id, "evaluation": evaluation} for evaluation in evaluations
    ]
    replace(connection, table, changes, where=where)


# -------------------------------------------------------------------------------------- queries


class ChangeFilter(Struct, frozen=True, kw_only=True):
    """Which changes: every field that is given must fit. Moments are aware; the end counts out."""

    log_id: str | None = None
    evaluation: str | None = None
    unit: str | None = None
    fiscal_year: int | None = None
    subject: Subject | None = None
    line: str | None = None
    kind: ChangeKind | None = None
    actor: str | None = None
    role: Role | None = None
    document: str | None = None
    since: datetime | None = None
    before: datetime | None = None


def list_for(
    connection: Connection,
    texts: TextBodies,
    log_id: str,
    evaluation: str,
    *,
    line: str | None = None,
) -> list[ScoreChange]:
    """Every change of an evaluation, or of one of its lines, in the order of the log."""
    where = ChangeFilter(log_id=log_id, evaluation=evaluation, line=line)
    return search(connection, texts, where)


def search(
    connection: Connection,
    texts: TextBodies,
    where: ChangeFilter,
    *,
    after: tuple[str, int, str, int] | None = None,
    limit: int | None = None,
) -> list[ScoreChange]:
    """Changes across evaluations by log and position. ``after`` is the key of the last row of
    the page before: log_id, position, evaluation, ordinal.
    """
    key = (table.c.log_id, table.c.position, table.c.evaluation, table.c.ordinal)
    query = select(table).order_by(*key)
    for name in where.__struct_fields__:
        wanted = getattr(where, name)
        if wanted is None:
            continue
        if name == "since":
            query = query.where(table.c.recorded_at >= wanted)
        elif name == "before":
            query = query.where(table.c.recorded_at < wanted)
        else:
            query = query.where(table.c[name] == wanted)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    return joined(read(ScoreChange, connection.execute(query.limit(limit))), texts)


def history_as_of(
    store: EventStore, log_id: str, evaluation: str, position: int | None = None
) -> list[ScoreChange]:
    """The same rows folded from the facts known at ``position``; empty for no such form."""
    unit_year = unit_year_of(evaluation)
    if unit_year is None:
        return []
    fold = UnitYearFold(log_id, unit_year, uy.RuleBook(store, log_id))
    changes = [
        change
        for recorded in uy.history(store, log_id, unit_year, position)
        for change in advance(fold, recorded)
        if change.evaluation == evaluation
    ]
    return joined(changes, store.text_bodies)
