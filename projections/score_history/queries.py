"""Writing and asking for changes of scores."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from msgspec import Struct
from sqlalchemy import Connection, Select, func, select

from domain.facts.envelope import Role
from domain.facts.form import (
    Subject,
)
from domain.ids import unit_year_of
from domain.store import EventStore
from projections import unit_year as uy
from projections.score_history.deriving import advance
from projections.score_history.rows import ChangeKind, ScoreChange, table
from projections.tables import (
    TextBodies,
    joined,
    put,
    read,
    replace,
)
from projections.tables.paging import Page, in_order, key_of, known_by, page_of
from projections.unit_year import (
    UnitYearFold,
)


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
    query = select(table).where(table.c.log_id == log_id, table.c.evaluation == evaluation)
    if line is not None:
        query = query.where(table.c.line == line)
    query = query.order_by(table.c.position, table.c.ordinal)
    return joined(read(ScoreChange, connection.execute(query)), texts)


class Key(NamedTuple):
    """Where a row stands among those of all logs."""

    question: Literal["score-changes"]
    recorded_at: datetime
    log_id: str
    position: int
    ordinal: int


_ORDER = (table.c.recorded_at, table.c.log_id, table.c.position, table.c.ordinal)


def search(
    connection: Connection,
    texts: TextBodies,
    where: ChangeFilter,
    *,
    after: str | None = None,
    limit: int | None = None,
    upto: Mapping[str, int] | None = None,
) -> Page[ScoreChange]:
    """Changes across evaluations and logs in the order of time, a page at a time.

    ``upto`` is the position up to which each log counts; a log that it does not name counts
    whole. Raises ``Rejected`` (``request.cursor``).
    """
    place = key_of(after, Key)[1:] if after is not None else None
    query = in_order(search_query(where, upto), _ORDER, after=place, limit=limit)
    rows = read(ScoreChange, connection.execute(query))
    page = page_of(rows, limit, _key)
    return Page(rows=tuple(joined(page.rows, texts)), after=page.after)


def search_query(where: ChangeFilter, upto: Mapping[str, int] | None = None) -> Select[Any]:
    """The changes that fit, in no order yet."""
    query = select(table)
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
    return query if upto is None else query.where(known_by(table, upto))


def count(
    connection: Connection,
    where: ChangeFilter,
    *,
    most: int,
    upto: Mapping[str, int] | None = None,
) -> int:
    """How many changes fit; of more than ``most`` it counts one more, and no further."""
    some = search_query(where, upto).with_only_columns(table.c.log_id).limit(most + 1).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _key(change: ScoreChange) -> Key:
    return Key("score-changes", change.recorded_at, change.log_id, change.position, change.ordinal)


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
