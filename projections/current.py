"""自评现状: a self-evaluation as it stands, with its lines and the money that it rests on."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Connection, select

from domain.calculation import is_stale
from domain.crosschecks import explained
from domain.facts.envelope import Place, Role
from domain.facts.form import (
    Breakdown,
    DeclaredRate,
    EvidenceAttached,
    FiguresDeclared,
    Level,
    Light,
    Subject,
    TaskLine,
)
from domain.facts.ledger import Basis
from domain.figures import statements
from domain.form import FormState, Noted, Status
from domain.indicators import Actual, Indicator, Operator, Target, TextActual
from domain.ledger import sums
from domain.metrics import Quantity
from domain.scores import LineScore, Origin
from domain.store import EventStore
from domain.values import Words, wan
from projections.tables import (
    Prose,
    TextBodies,
    joined,
    points,
    prose,
    read,
    replace,
    table_of,
)
from projections.unit_year import UnitYearFold, load_form, reason_for

# ----------------------------------------------------------------------------------- what it is


class DeclaredScore(Struct, frozen=True, kw_only=True):
    """A score, or a grade, that the form prints: its value as a decimal string, and where."""

    value: str | None
    grade: str | None
    place: Place
    event_id: UUID


class GroupScore(Struct, frozen=True, kw_only=True):
    """A group of lines: points that count, None while a line has none, and what is declared."""

    path: tuple[str, ...]
    points: str | None
    declared: tuple[DeclaredScore, ...]


class Opinion(Struct, frozen=True, kw_only=True):
    """退回: one return with its opinion."""

    opinion: Prose | None
    actor: str
    role: Role
    recorded_at: datetime
    event_id: UUID


class Measure(Struct, frozen=True, kw_only=True):
    """整改措施; ``completed_at`` is None until it is done."""

    number: int
    text: Prose | None
    due: date | None
    completed_at: datetime | None
    document: str | None


class NotedProblem(Struct, frozen=True, kw_only=True):
    """存在问题 with the measures that are planned against it."""

    number: int
    text: Prose | None
    place: Place | None
    measures: tuple[Measure, ...]


class Attachment(Struct, frozen=True, kw_only=True):
    """佐证材料 that bears something: SHA-256, size in bytes, title and 文号."""

    sha256: str
    size: int
    media_type: str
    title: Prose | None
    document: str | None
    lines: tuple[str, ...]
    event_id: UUID


class Progress(Struct, frozen=True, kw_only=True):
    """双监控: planned and actual progress in per cent as decimal strings."""

    line: str | None
    planned: str
    actual: str
    forecast: str | None
    light: Light
    recorded_at: datetime


class Withheld(Struct, frozen=True, kw_only=True):
    """涉密: that something exists which must not be here."""

    about: str
    authority: str | None


class Evaluation(Struct, frozen=True, kw_only=True):
    """One self-evaluation. Points and totals are decimal strings, None where not computable.

    ``subtotal`` sums the calculated points of the lines that can be computed, ``not_computed``
    lists the others; ``computed_total`` sums the points that count. ``stale`` is True while a
    calculated score rests on inputs that are others now. ``version`` and ``position`` are those
    of the form's last fact, ``ledger_*`` those of the ledger's.
    """

    log_id: str
    id: str
    division: str
    unit: str
    unit_name: str
    fiscal_year: int
    level: Level
    project: str | None
    project_name: str | None
    reviewed_by_department: bool
    status: Status
    rule_set: str | None
    rule_set_version: str | None
    rule_set_digest: str | None
    rule_set_document: str | None
    basis: Basis
    subtotal: str | None
    not_computed: tuple[str, ...]
    computed_total: str | None
    declared_totals: tuple[DeclaredScore, ...]
    grade_declared: str | None
    grades_declared: tuple[DeclaredScore, ...]
    grade_computed: str | None
    finalised_total: str | None
    finalised_grade: str | None
    published_digest: str | None
    groups: tuple[GroupScore, ...]
    stale: bool
    returns: tuple[Opinion, ...]
    rates: tuple[DeclaredRate, ...]
    breakdowns: tuple[Breakdown, ...]
    tasks: tuple[TaskLine, ...]
    problems: tuple[NotedProblem, ...]
    evidence: tuple[Attachment, ...]
    progress: tuple[Progress, ...]
    withheld: tuple[Withheld, ...]
    version: int
    position: int
    ledger_version: int
    ledger_position: int
    changed_at: datetime


class EvaluationLine(Struct, frozen=True, kw_only=True):
    """One line of a self-evaluation, with every score it has and the one that counts.

    ``actual_text`` is the text of an actual value that is words. ``obstacle`` says why there are
    no calculated points. ``explained`` means no deduction, or one with a reason.
    """

    log_id: str
    evaluation: str
    ordinal: int
    line: str
    path: tuple[str, ...]
    printed: bool
    max_points: str | None
    operator: Operator | None
    target: Target | None
    metric: str | None
    base: str | None
    rule: str | None
    actual: Actual | None
    actual_text: Prose | None
    actual_fact: UUID | None
    calculated: str | None
    obstacle: Words | None
    obstacle_code: str | None
    notes: tuple[Words, ...]
    declared: str | None
    override: str | None
    self_points: str | None
    review: str | None
    final: str | None
    origin: Origin
    deduction: str | None
    explained: bool
    reason_fact: UUID | None
    reason_required: bool
    stale: bool
    excluded: bool


class FigureSource(StrEnum):
    """Where a figure comes from."""

    DECLARED = "DECLARED"
    BOOKED = "BOOKED"


class Figure(Struct, frozen=True, kw_only=True):
    """One statement of a quantity of money: printed by the form, or booked in the ledger.

    ``fen`` is the amount in whole fen, ``amount`` the same in 万元 as a decimal string, ``printed``
    the digits and ``unit`` as printed. ``counts`` marks the statement that metrics take.
    """

    log_id: str
    evaluation: str
    ordinal: int
    quantity: Quantity
    source: FigureSource
    fen: int
    amount: str
    printed: str | None
    unit: str | None
    place: Place | None
    counts: bool
    event_id: UUID | None


class Current(Struct, frozen=True, kw_only=True):
    """A self-evaluation with its lines in the order of the form, and its figures."""

    evaluation: Evaluation
    lines: tuple[EvaluationLine, ...]
    figures: tuple[Figure, ...]


evaluations = table_of(
    Evaluation,
    "evaluations",
    key=("log_id", "id"),
    indexes=(("log_id", "fiscal_year", "unit"), ("fiscal_year", "status")),
)
lines_table = table_of(EvaluationLine, "evaluation_lines", key=("log_id", "evaluation", "ordinal"))
figures_table = table_of(Figure, "evaluation_figures", key=("log_id", "evaluation", "ordinal"))


# --------------------------------------------------------------------------------------- derive


def derive(fold: UnitYearFold, form_id: str) -> Current | None:
    """A form as its facts have left it; None while it is not open."""
    form = fold.forms[form_id]
    if form.opened is None:
        return None
    stale = _stale_lines(fold, form_id)
    sheet = fold.sheet(form_id)
    lines = tuple(
        _line(fold, form_id, form.rows[score.line], ordinal, score, stale=score.line in stale)
        for ordinal, score in enumerate(sheet.lines)
    )
    return Current(
        evaluation=_evaluation(fold, form_id, form, stale=bool(stale)),
        lines=lines,
        figures=tuple(_figures(fold, form_id)),
    )


def _stale_lines(fold: UnitYearFold, form_id: str) -> set[str]:
    form, rules = fold.forms[form_id], fold.rules(form_id)
    if rules is None:
        return set()
    money = fold.money(form_id)
    return {line for line in form.rows if is_stale(form, money, rules, line)}


def _evaluation(fold: UnitYearFold, form_id: str, form: FormState, *, stale: bool) -> Evaluation:
    opened, sheet, adopted = form.opened, fold.sheet(form_id), form.rules
    if opened is None:  # derive asks only for open forms
        raise AssertionError
    grades = _declared(form, Subject.GRADE)
    declared_figures = [fact for _, fact in form.live(FiguresDeclared)]
    last = fold.positions[form_id]
    return Evaluation(
        log_id=fold.log_id,
        id=form_id,
        division=fold.id.division,
        unit=opened.unit,
        unit_name=opened.unit_name,
        fiscal_year=opened.fiscal_year,
        level=opened.level,
        project=opened.project,
        project_name=opened.project_name,
        reviewed_by_department=opened.reviewed_by_department,
        status=form.status,
        rule_set=adopted.name if adopted else None,
        rule_set_version=adopted.version if adopted else None,
        rule_set_digest=adopted.digest if adopted else None,
        rule_set_document=adopted.document if adopted else None,
        basis=fold.ledger.basis(opened.project),
        subtotal=points(sheet.subtotal),
        not_computed=sheet.not_computed,
        computed_total=points(sheet.total),
        declared_totals=_declared(form, Subject.TOTAL),
        grade_declared=grades[0].grade if grades else None,
        grades_declared=grades,
        grade_computed=sheet.grade,
        finalised_total=points(form.finalised.total) if form.finalised else None,
        finalised_grade=form.finalised.grade if form.finalised else None,
        published_digest=form.published.digest if form.published else None,
        groups=_groups(form, sheet.groups),
        stale=stale,
        returns=tuple(_opinion(noted) for noted in form.returns),
        rates=tuple(rate for fact in declared_figures for rate in fact.rates),
        breakdowns=tuple(part for fact in declared_figures for part in fact.breakdowns),
        tasks=tuple(task for fact in declared_figures for task in fact.tasks),
        problems=_problems(form),
        evidence=_evidence(form),
        progress=tuple(_progress(noted) for noted in form.monitored),
        withheld=tuple(
            Withheld(about=noted.fact.about, authority=noted.fact.authority)
            for noted in form.withheld
        ),
        version=form.version,
        position=last,
        ledger_version=fold.ledger.version,
        ledger_position=fold.ledger_position,
        changed_at=fold.changed_at(form_id),
    )


def _declared(
    form: FormState, subject: Subject, path: tuple[str, ...] = ()
) -> tuple[DeclaredScore, ...]:
    return tuple(
        DeclaredScore(
            value=points(fact.points), grade=fact.grade, place=fact.place, event_id=chain.head
        )
        for chain, fact in form.declared(subject, path=path)
    )


def _groups(
    form: FormState, groups: dict[tuple[str, ...], Decimal | None]
) -> tuple[GroupScore, ...]:
    return tuple(
        GroupScore(path=path, points=points(total), declared=_declared(form, Subject.GROUP, path))
        for path, total in groups.items()
    )


def _opinion(noted: Noted) -> Opinion:
    return Opinion(
        opinion=prose(noted.fact.opinion),
        actor=noted.actor,
        role=noted.role,
        recorded_at=noted.recorded_at,
        event_id=noted.event_id,
    )


def _problems(form: FormState) -> tuple[NotedProblem, ...]:
    return tuple(
        NotedProblem(
            number=number,
            text=prose(noted.fact.text),
            place=noted.fact.place,
            measures=tuple(
                Measure(
                    number=planned.fact.number,
                    text=prose(planned.fact.text),
                    due=planned.fact.due,
                    completed_at=done.recorded_at if done else None,
                    document=done.fact.document if done else None,
                )
                for planned, done in form.measures.values()
                if planned.fact.problem == number
            ),
        )
        for number, noted in form.problems.items()
    )


def _evidence(form: FormState) -> tuple[Attachment, ...]:
    by_digest = form.evidence()
    heads = {fact.sha256: chain.head for chain, fact in form.live(EvidenceAttached)}
    return tuple(
        Attachment(
            sha256=fact.sha256,
            size=fact.size,
            media_type=fact.media_type,
            title=prose(fact.title),
            document=fact.document,
            lines=fact.lines,
            event_id=heads[fact.sha256],
        )
        for fact in by_digest.values()
    )


def _progress(noted: Noted) -> Progress:
    fact = noted.fact
    return Progress(
        line=fact.line,
        planned=points(fact.planned) or "0",
        actual=points(fact.actual) or "0",
        forecast=points(fact.forecast),
        light=fact.light,
        recorded_at=noted.recorded_at,
    )


def _line(
    fold: UnitYearFold,
    form_id: str,
    row: Indicator,
    ordinal: int,
    score: LineScore,
    *,
    stale: bool,
) -> EvaluationLine:
    form = fold.forms[form_id]
    entered = form.actual(row.line)
    actual = entered[1].actual if entered else None
    noted = form.calculated.get(row.line)
    calculation = noted.fact if noted else None
    return EvaluationLine(
        log_id=fold.log_id,
        evaluation=form_id,
        ordinal=ordinal,
        line=row.line,
        path=row.path,
        printed=row.printed,
        max_points=points(row.max_points),
        operator=row.operator,
        target=row.target,
        metric=row.metric.metric if row.metric else None,
        base=row.metric.base if row.metric else None,
        rule=row.rule,
        actual=actual,
        actual_text=prose(actual.text) if isinstance(actual, TextActual) else None,
        actual_fact=entered[0].head if entered else None,
        calculated=points(score.calculated),
        obstacle=calculation.obstacle if calculation else None,
        obstacle_code=calculation.obstacle_code if calculation else None,
        notes=calculation.notes if calculation else (),
        declared=points(score.declared),
        override=points(score.override),
        self_points=points(score.self_points),
        review=points(score.review),
        final=points(score.final),
        origin=score.origin,
        deduction=points(score.deduction),
        explained=explained(form, score),
        reason_fact=reason_for(form, score),
        reason_required=bool(calculation and calculation.reason_required),
        stale=stale,
        excluded=score.excluded,
    )


def _figures(fold: UnitYearFold, form_id: str) -> list[Figure]:
    form, money = fold.forms[form_id], fold.money(form_id)
    found: list[Figure] = []
    for quantity, same in statements(form).items():
        for nth, one in enumerate(same):
            found.append(
                Figure(
                    log_id=fold.log_id,
                    evaluation=form_id,
                    ordinal=len(found),
                    quantity=Quantity(quantity),
                    source=FigureSource.DECLARED,
                    fen=one.fen,
                    amount=wan(one.fen),
                    printed=one.printed.text,
                    unit=one.printed.unit,
                    place=one.place,
                    counts=nth == 0 and money.basis is Basis.DECLARED,
                    event_id=one.fact,
                )
            )
    if fold.ledger.opened is not None:
        rules = money.basis is Basis.LEDGER
        booked = money.sums if rules else sums(fold.ledger, money.project)
        for quantity, fen in booked.items():
            # A sum that nothing was booked for says nothing, but for the three that all ask for
            # where the books rule.
            if fen == 0 and not (quantity in _ALWAYS and rules):
                continue
            found.append(
                Figure(
                    log_id=fold.log_id,
                    evaluation=form_id,
                    ordinal=len(found),
                    quantity=Quantity(quantity),
                    source=FigureSource.BOOKED,
                    fen=fen,
                    amount=wan(fen),
                    printed=None,
                    unit=None,
                    place=None,
                    counts=rules or (quantity in money.sums and quantity not in money.facts),
                    event_id=None,
                )
            )
    return found


_ALWAYS = frozenset({Quantity.INITIAL_BUDGET, Quantity.ADJUSTED_BUDGET, Quantity.OUTTURN})


# ---------------------------------------------------------------------------------------- apply


def apply(connection: Connection, current: Sequence[Current]) -> None:
    """Replace what is stored of these evaluations."""
    where = [{"log_id": one.evaluation.log_id, "evaluation": one.evaluation.id} for one in current]
    replace(
        connection,
        evaluations,
        [one.evaluation for one in current],
        where=[{"log_id": one["log_id"], "id": one["evaluation"]} for one in where],
    )
    replace(connection, lines_table, [row for one in current for row in one.lines], where=where)
    replace(connection, figures_table, [row for one in current for row in one.figures], where=where)


# -------------------------------------------------------------------------------------- queries


class EvaluationFilter(Struct, frozen=True, kw_only=True):
    """Which evaluations: every field that is given must fit."""

    log_id: str | None = None
    division: str | None = None
    unit: str | None = None
    fiscal_year: int | None = None
    level: Level | None = None
    status: Status | None = None
    grade_computed: str | None = None
    stale: bool | None = None


def find(connection: Connection, texts: TextBodies, log_id: str, evaluation: str) -> Current | None:
    """One self-evaluation as it stands, or None."""
    query = select(evaluations).where(
        evaluations.c.log_id == log_id, evaluations.c.id == evaluation
    )
    found = joined(read(Evaluation, connection.execute(query)), texts)
    if not found:
        return None
    lines = list_lines(connection, texts, log_id, evaluation)
    figures = (
        select(figures_table)
        .where(figures_table.c.log_id == log_id, figures_table.c.evaluation == evaluation)
        .order_by(figures_table.c.ordinal)
    )
    return Current(
        evaluation=found[0],
        lines=tuple(lines),
        figures=tuple(read(Figure, connection.execute(figures))),
    )


def list_lines(
    connection: Connection, texts: TextBodies, log_id: str, evaluation: str
) -> list[EvaluationLine]:
    """The lines of an evaluation in the order of the form."""
    query = (
        select(lines_table)
        .where(lines_table.c.log_id == log_id, lines_table.c.evaluation == evaluation)
        .order_by(lines_table.c.ordinal)
    )
    return joined(read(EvaluationLine, connection.execute(query)), texts)


def list_all(
    connection: Connection, texts: TextBodies, where: EvaluationFilter | None = None
) -> list[Evaluation]:
    """Evaluations across logs, by year, unit and id."""
    query = select(evaluations).order_by(
        evaluations.c.log_id, evaluations.c.fiscal_year, evaluations.c.unit, evaluations.c.id
    )
    for name in where.__struct_fields__ if where else ():
        wanted = getattr(where, name)
        if wanted is not None:
            query = query.where(evaluations.c[name] == wanted)
    return joined(read(Evaluation, connection.execute(query)), texts)


def log_of(connection: Connection, evaluation: str) -> str | None:
    """The log in which an evaluation lies; None for one that the views do not know."""
    query = select(evaluations.c.log_id).where(evaluations.c.id == evaluation)
    return connection.scalar(query.order_by(evaluations.c.log_id).limit(1))


def current_as_of(
    store: EventStore, log_id: str, evaluation: str, position: int | None = None
) -> Current | None:
    """The same shape derived from the facts known at ``position``; None for no such form."""
    fold = load_form(store, log_id, evaluation, position)
    found = derive(fold, evaluation) if fold else None
    return joined([found], store.text_bodies, log_id)[0] if found else None
