"""Writing and asking for changes of scores."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, select, tuple_

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
