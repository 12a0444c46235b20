"""扣分说明: for each line what it could have had, what it got, why, and on what that rests."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Connection, select

from domain.crosschecks import explained
from domain.facts.envelope import Place
from domain.facts.form import LedgerInput, ScoreCalculated, Subject
from domain.facts.ledger import Basis
from domain.figures import statements
from domain.form import FormState
from domain.indicators import Indicator
from domain.metrics import Quantity, quantities_of
from domain.readings import Reading, readings
from domain.scores import LineScore, Origin
from domain.steps import Step
from domain.store import EventStore
from domain.values import Words, wan
from projections.tables import (
    FactRef,
    Prose,
    TextBodies,
    joined,
    points,
    prose,
    read,
    replace,
    table_of,
)
from projections.unit_year import (
    UnitYearFold,
    booked_behind,
    load_form,
    reason_for,
    scored_by,
    stated_by,
)


class Part(StrEnum):
    """A number or statement of a line that facts stand behind."""

    ROW = "row"
    ACTUAL = "actual"
    FIGURES = "figures"
    CALCULATED = "calculated"
    DECLARED = "declared"
    OVERRIDE = "override"
    REVIEW = "review"
    REASON = "reason"


class PointsRead(Struct, frozen=True, kw_only=True):
    """What one reading of a line gives. ``value`` is exact: per cent for a rate, a fraction where
    no decimal can hold it. ``own`` marks the reading that the rule means.
    """

    label: Words
    words: Words
    base: str | None
    value: str | None
    points: str | None
    obstacle: Words | None
    own: bool
    counting: bool
    steps: tuple[Step, ...]
    facts: tuple[UUID, ...]


class FigureUsed(Struct, frozen=True, kw_only=True):
    """A statement of money that the line's metric asks for; ``amount`` is in 万元."""

    quantity: Quantity
    name: Words
    amount: str
    printed: str
    place: Place
    counts: bool
    event_id: UUID


class Declared(Struct, frozen=True, kw_only=True):
    """A printed score of the line."""

    points: str | None
    place: Place
    event_id: UUID


class Evidence(Struct, frozen=True, kw_only=True):
    """佐证材料 of the line."""

    sha256: str
    title: Prose | None
    document: str | None
    withdrawn: bool


class Provenance(Struct, frozen=True, kw_only=True):
    """The facts behind one number of the line."""

    part: Part
    facts: tuple[FactRef, ...]


class Deduction(Struct, frozen=True, kw_only=True):
    """The justification of one line. Points are decimal strings, None where there are none.

    ``scored`` is the fact that the points that count come from: who, when, in what role.
    ``reasoned`` is the same for the reason; None with a deduction means *unexplained*.
    ``unit_reason`` is what the unit said, also where a reviewer's ``reason`` counts.
    ``ledger`` is what the calculation took from the money; ``ledger_facts`` lists its bookings.
    """

    log_id: str
    evaluation: str
    ordinal: int
    unit: str
    unit_name: str
    fiscal_year: int
    project: str | None
    line: str
    path: tuple[str, ...]
    max_points: str | None
    calculated: str | None
    readings: tuple[PointsRead, ...]
    declared: str | None
    declarations: tuple[Declared, ...]
    override: str | None
    self_points: str | None
    review: str | None
    final: str | None
    origin: Origin
    deduction: str | None
    unexplained: bool
    steps: tuple[Step, ...]
    obstacle: Words | None
    notes: tuple[Words, ...]
    reason_required: bool
    excluded: bool
    basis: Basis
    ledger: LedgerInput | None
    figures: tuple[FigureUsed, ...]
    rule: str | None
    rule_kind: str | None
    rule_digest: str | None
    reason: Prose | None
    unit_reason: Prose | None
    measure: Prose | None
    document: str | None
    evidence: tuple[Evidence, ...]
    scored: FactRef | None
    reasoned: FactRef | None
    scored_at: datetime | None
    provenance: tuple[Provenance, ...]


table = table_of(
    Deduction,
    "deductions",
    key=("log_id", "evaluation", "ordinal"),
    indexes=(("log_id", "fiscal_year", "unit"),),
)


# --------------------------------------------------------------------------------------- derive


def derive(fold: UnitYearFold, form_id: str) -> list[Deduction]:
    """One row for each line of a form, in the order of the form."""
    return [
        _deduction(fold, form_id, ordinal, score)
        for ordinal, score in enumerate(fold.sheet(form_id).lines)
    ]


def _deduction(fold: UnitYearFold, form_id: str, ordinal: int, score: LineScore) -> Deduction:
    form, rules = fold.forms[form_id], fold.rules(form_id)
    row = form.rows[score.line]
    noted = form.calculated.get(row.line)
    calculation: ScoreCalculated | None = noted.fact if noted else None
    rule = rules.rules.get(row.rule) if rules and row.rule else None
    scored, reasoned = scored_by(form, score), reason_for(form, score)
    reason_fact = stated_by(fold.facts[reasoned].fact) if reasoned else None
    justified = form.justification(row.line)
    opened = form.opened
    scored_ref = fold.ref(scored) if scored else None
    return Deduction(
        log_id=fold.log_id,
        evaluation=form_id,
        ordinal=ordinal,
        unit=fold.id.unit,
        unit_name=opened.unit_name if opened else "",
        fiscal_year=fold.id.year,
        project=opened.project if opened else None,
        line=row.line,
        path=row.path,
        max_points=points(row.max_points),
        calculated=points(score.calculated),
        readings=tuple(_read(one) for one in readings(form, fold.money(form_id), rules, row)),
        declared=points(score.declared),
        declarations=tuple(
            Declared(points=points(fact.points), place=fact.place, event_id=chain.head)
            for chain, fact in form.declared(Subject.LINE, row.line)
        ),
        override=points(score.override),
        self_points=points(score.self_points),
        review=points(score.review),
        final=points(score.final),
        origin=score.origin,
        deduction=points(score.deduction),
        unexplained=not explained(form, score),
        steps=calculation.steps if calculation else (),
        obstacle=calculation.obstacle if calculation else None,
        notes=calculation.notes if calculation else (),
        reason_required=bool(calculation and calculation.reason_required),
        excluded=score.excluded,
        basis=fold.money(form_id).basis,
        ledger=calculation.ledger if calculation else None,
        figures=tuple(_figures(form, row)),
        rule=row.rule,
        rule_kind=_kind_of(rule),
        rule_digest=calculation.rule_digest if calculation else None,
        reason=prose(reason_fact.reason if reason_fact else None),
        unit_reason=prose(justified[1].reason if justified else None),
        measure=prose(justified[1].measure if justified else None),
        document=getattr(reason_fact, "document", None),
        evidence=tuple(_evidence(form, row)),
        scored=scored_ref,
        reasoned=fold.ref(reasoned) if reasoned else None,
        scored_at=scored_ref.recorded_at if scored_ref else None,
        provenance=tuple(_provenance(fold, form_id, row, calculation, reasoned)),
    )


def _read(one: Reading) -> PointsRead:
    return PointsRead(
        label=one.label,
        words=one.words,
        base=str(one.base) if one.base else None,
        value=points(one.value),
        points=points(one.points),
        obstacle=one.obstacle,
        own=one.own,
        counting=one.counting,
        steps=one.steps,
        facts=one.facts,
    )


def _kind_of(rule: Struct | None) -> str | None:
    tag = rule.__struct_config__.tag if rule is not None else None
    return str(tag) if tag is not None else None


def _figures(form: FormState, row: Indicator) -> Iterable[FigureUsed]:
    if row.metric is None:
        return
    stated = statements(form)
    for quantity in quantities_of(row.metric.metric, row.metric.base):
        for nth, one in enumerate(stated.get(quantity, ())):
            yield FigureUsed(
                quantity=quantity,
                name=quantity.words,
                amount=wan(one.fen),
                printed=str(one.printed),
                place=one.place,
                counts=nth == 0,
                event_id=one.fact,
            )


def _evidence(form: FormState, row: Indicator) -> Iterable[Evidence]:
    entered, justified = form.actual(row.line), form.justification(row.line)
    named = [
        *(entered[1].evidence if entered else ()),
        *(justified[1].evidence if justified else ()),
    ]
    live = form.evidence()
    named += [fact.sha256 for fact in live.values() if row.line in fact.lines]
    for sha256 in dict.fromkeys(named):
        fact = live.get(sha256)
        yield Evidence(
            sha256=sha256,
            title=prose(fact.title) if fact else None,
            document=fact.document if fact else None,
            withdrawn=fact is None,
        )


def _provenance(
    fold: UnitYearFold,
    form_id: str,
    row: Indicator,
    calculation: ScoreCalculated | None,
    reasoned: UUID | None,
) -> Iterable[Provenance]:
    form = fold.forms[form_id]
    entered, noted = form.actual(row.line), form.calculated.get(row.line)
    override, review = form.overrides.get(row.line), form.reviews.get(row.line)
    wanted = {str(figure.event_id): figure.event_id for figure in _figures(form, row)}
    behind: Mapping[Part, Iterable[UUID | None]] = {
        Part.ROW: [form.rows_fact],
        Part.ACTUAL: [entered[0].head if entered else None],
        Part.FIGURES: list(wanted.values()),
        Part.CALCULATED: [
            noted.event_id if noted else None,
            *(calculation.inputs if calculation else ()),
        ],
        Part.DECLARED: [chain.head for chain, _ in form.declared(Subject.LINE, row.line)],
        Part.OVERRIDE: [override.event_id if override else None],
        Part.REVIEW: [review.event_id if review else None],
        Part.REASON: [reasoned],
    }
    for part, facts in behind.items():
        found = tuple(fold.ref(fact) for fact in facts if fact is not None and fact in fold.facts)
        if found:
            yield Provenance(part=part, facts=found)


# ---------------------------------------------------------------------------------------- apply


def apply(connection: Connection, log_id: str, derived: Mapping[str, Sequence[Deduction]]) -> None:
    """Replace the rows of each evaluation."""
    rows = [row for form in derived.values() for row in form]
    where = [{"log_id": log_id, "evaluation": evaluation} for evaluation in derived]
    replace(connection, table, rows, where=where)


# -------------------------------------------------------------------------------------- queries


def list_for(
    connection: Connection,
    texts: TextBodies,
    log_id: str,
    evaluation: str,
    *,
    line: str | None = None,
    deducted: bool = False,
    unexplained: bool = False,
) -> list[Deduction]:
    """The lines of an evaluation; with ``deducted`` those that lost points, with ``unexplained``
    those that lost them without a reason.
    """
    query = select(table).where(table.c.log_id == log_id, table.c.evaluation == evaluation)
    if line is not None:
        query = query.where(table.c.line == line)
    if deducted:
        query = query.where(table.c.deduction.is_not(None), table.c.deduction != "0")
        query = query.where(~table.c.deduction.startswith("-"))
    if unexplained:
        query = query.where(table.c.unexplained)
    found = read(Deduction, connection.execute(query.order_by(table.c.ordinal)))
    return joined(found, texts)


def list_unexplained(
    connection: Connection,
    texts: TextBodies,
    *,
    log_id: str | None = None,
    fiscal_year: int | None = None,
    unit: str | None = None,
) -> list[Deduction]:
    """Deductions without a reason, across evaluations."""
    query = select(table).where(table.c.unexplained)
    for column, wanted in (("log_id", log_id), ("fiscal_year", fiscal_year), ("unit", unit)):
        if wanted is not None:
            query = query.where(table.c[column] == wanted)
    query = query.order_by(table.c.log_id, table.c.evaluation, table.c.ordinal)
    return joined(read(Deduction, connection.execute(query)), texts)


def deductions_as_of(
    store: EventStore, log_id: str, evaluation: str, position: int | None = None
) -> list[Deduction]:
    """The same rows derived from the facts known at ``position``; empty for no such form."""
    fold = load_form(store, log_id, evaluation, position)
    return joined(derive(fold, evaluation), store.text_bodies) if fold else []


def ledger_facts(
    store: EventStore, log_id: str, evaluation: str, line: str, position: int | None = None
) -> tuple[FactRef, ...]:
    """The bookings behind the sums that the calculated score of a line used.

    They are folded when asked for: a department's 执行数 can rest on twenty thousand payments.
    Empty where the score took nothing from the ledger.
    """
    fold = load_form(store, log_id, evaluation, position)
    noted = fold.forms[evaluation].calculated.get(line) if fold else None
    used = noted.fact.ledger if noted else None
    if fold is None or not isinstance(used, LedgerInput) or used.version == 0:
        return ()
    return booked_behind(fold, used)
