"""Writing and asking for self-evaluations."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

from msgspec import Struct
from sqlalchemy import Connection, select

from domain.evaluation.state import Status
from domain.facts.form import (
    Level,
)
from domain.ledger import sums
from domain.ledger.counted import without_date
from domain.store import EventStore
from projections.current.deriving import derive
from projections.current.rows import (
    Current,
    Evaluation,
    EvaluationLine,
    Figure,
    evaluations,
    figures_table,
    lines_table,
)
from projections.tables import (
    TextBodies,
    joined,
    read,
    replace,
)
from projections.tables.paging import Page, in_order, key_of, page_of
from projections.unit_year import recall_form


def apply(connection: Connection, current: Sequence[Current], *, first: bool = False) -> None:
    """Replace what is stored of these evaluations; ``first`` where nothing is yet."""
    stored = () if first else current
    where = [{"log_id": one.evaluation.log_id, "evaluation": one.evaluation.id} for one in stored]
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


class Key(NamedTuple):
    """Where an evaluation stands among those of all logs."""

    question: Literal["evaluations"]
    log_id: str
    fiscal_year: int
    unit: str
    id: str


_ORDER = (
    evaluations.c.log_id,
    evaluations.c.fiscal_year,
    evaluations.c.unit,
    evaluations.c.id,
)


def list_all(
    connection: Connection, texts: TextBodies, where: EvaluationFilter | None = None
) -> list[Evaluation]:
    """Evaluations across logs, by year, unit and id."""
    return list(search(connection, texts, where).rows)


def search(
    connection: Connection,
    texts: TextBodies,
    where: EvaluationFilter | None = None,
    *,
    after: str | None = None,
    limit: int | None = None,
) -> Page[Evaluation]:
    """As ``list_all``, a page at a time. Raises ``Rejected`` (``request.cursor``)."""
    place = key_of(after, Key)[1:] if after is not None else None
    query = in_order(select(evaluations), _ORDER, after=place, limit=limit)
    for name in where.__struct_fields__ if where else ():
        wanted = getattr(where, name)
        if wanted is not None:
            query = query.where(evaluations.c[name] == wanted)
    page = page_of(read(Evaluation, connection.execute(query)), limit, _key)
    return Page(rows=tuple(joined(page.rows, texts)), after=page.after)


def _key(one: Evaluation) -> Key:
    return Key("evaluations", one.log_id, one.fiscal_year, one.unit, one.id)


def log_of(connection: Connection, evaluation: str) -> str | None:
    """The log in which an evaluation lies; None for one that the views do not know."""
    query = select(evaluations.c.log_id).where(evaluations.c.id == evaluation)
    return connection.scalar(query.order_by(evaluations.c.log_id).limit(1))


def current_as_of(
    store: EventStore,
    log_id: str,
    evaluation: str,
    position: int | None = None,
    effective_on: date | None = None,
) -> Current | None:
    """The same shape derived from the facts known at ``position``; None for no such form. With
    ``effective_on`` its money is what counts until then, and its scores are 推算.
    """
    fold = recall_form(store, log_id, evaluation, position, effective_on)
    found = derive(fold, evaluation) if fold else None
    return joined([found], store.text_bodies, log_id)[0] if found else None


def undated_as_of(
    store: EventStore, log_id: str, evaluation: str, position: int | None = None
) -> dict[str, int]:
    """What the bookings without a date add to each sum of a form's money, in fen, by name of
    ``Quantity``; zeros left out. A business date counts none of it.
    """
    fold = recall_form(store, log_id, evaluation, position)
    if fold is None:
        return {}
    opened = fold.forms[evaluation].opened
    apart = sums(without_date(fold.ledger), opened.project if opened else None)
    return {name: fen for name, fen in apart.items() if fen}
