"""The logs that a question asks for, each at the position that was known."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    Dialect,
    Row,
    Select,
    Text,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects import postgresql

from projections.standing.answers import Positions
from projections.tracking import PROJECTION, tracking_table


class Place(NamedTuple):
    """A log and the position that was known of it: columns of a table of them, or parameters."""

    log_id: ColumnElement[str]
    position: ColumnElement[int]


_ONE = Place(bindparam("of_log", type_=Text), bindparam("of_position", type_=BigInteger))
YEAR: ColumnElement[int] = bindparam("of_year", type_=BigInteger)
DAY: ColumnElement[date] = bindparam("of_day", type_=Date)


def _several(dialect: Dialect) -> Place:
    """The logs with their positions as a table, made from one value however many there are."""
    given = bindparam("of_positions", type_=Text)
    if dialect.name == "sqlite":
        pairs = func.json_each(given).table_valued("key", "value")
    else:
        pairs = func.json_each_text(cast(given, postgresql.JSON)).table_valued("key", "value")
    here = select(
        cast(pairs.c.key, Text).label("log_id"), cast(pairs.c.value, BigInteger).label("position")
    ).cte("here")
    return Place(here.c.log_id, here.c.position)


class Question:
    """A question about a year at positions, put together once: all that differs from one time to
    the next are values. With one log, as it mostly is, every table is asked for that log by a
    value, and no planner is tempted to look through those of all others first.
    """

    def __init__(self, build: Callable[[Place, bool], Select[*tuple[Any, ...]]]) -> None:
        """``build`` makes the query from the logs with their positions, and whether there is a
        business date; it may ask for ``YEAR`` and ``DAY``.
        """
        self._build = build
        self._built: dict[tuple[str, bool, bool], Select[*tuple[Any, ...]]] = {}

    def ask(
        self,
        connection: Connection,
        at: Positions,
        fiscal_year: int | None = None,
        effective_on: date | None = None,
        **more: object,
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """The rows of the answer; ``more`` are values of parameters that are the question's own."""
        values = more
        if fiscal_year is not None:
            values["of_year"] = fiscal_year
        if effective_on is not None:
            values["of_day"] = effective_on
        if len(at) == 1:
            [(values["of_log"], values["of_position"])] = at.items()
        else:
            values["of_positions"] = msgspec.json.encode(at).decode()
        query = self._query(
            connection.dialect, is_of_one=len(at) == 1, is_dated=effective_on is not None
        )
        return connection.execute(query, values).all()

    def _query(
        self,
        dialect: Dialect,
        *,
        is_of_one: bool,
        is_dated: bool,
    ) -> Select[*tuple[Any, ...]]:
        kept = dialect.name, is_of_one, is_dated
        found = self._built.get(kept)
        if found is None:
            place = _ONE if is_of_one else _several(dialect)
            found = self._built[kept] = self._build(place, is_dated)
        return found


_REACHED = select(tracking_table.c.log_id, tracking_table.c.position).where(
    tracking_table.c.projection == PROJECTION
)


def reached(connection: Connection, logs: Iterable[str] | None = None) -> dict[str, int]:
    """The position that the views have reached of each of ``logs``, or of every log."""
    found = {log_id: position for log_id, position in connection.execute(_REACHED).all()}  # noqa: C416
    return found if logs is None else {log_id: found.get(log_id, 0) for log_id in logs}
