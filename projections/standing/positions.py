"""The logs that a question asks for, each at the position that was known."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    CursorResult,
    Date,
    Select,
    Text,
    bindparam,
    column,
    literal,
    select,
    values,
)

from projections.standing.answers import Positions
from projections.tracking import PROJECTION, tracking_table


def here(at: Positions) -> CTE:
    """The logs with their positions, as a table."""
    if len(at) == 1:
        # A statement with a table of values in it is compiled anew each time.
        [(log_id, position)] = at.items()
        only = select(
            literal(log_id).label("log_id"), literal(position, BigInteger).label("position")
        )
        return only.cte("here")
    return (
        values(column("log_id", Text), column("position", BigInteger), name="here")
        .data([(log_id, position) for log_id, position in sorted(at.items())])
        .cte("here")
    )


class Place(NamedTuple):
    """A log and the position that was known of it: columns of a table of them, or parameters."""

    log_id: ColumnElement[str]
    position: ColumnElement[int]


class Question:
    """A question about a year at positions, put together once: with one log, as it mostly is, all
    that differs from one time to the next are values. Then every table is asked for that log by a
    value, and no planner is tempted to look through those of all others first.
    """

    def __init__(self, build: Callable[[Place, bool], Select[*tuple[Any, ...]]]) -> None:
        """``build`` makes the query from the logs with their positions, and whether there is a
        business date; it asks for ``YEAR`` and ``DAY``.
        """
        self._build = build
        self._of_one_log: dict[bool, Select[*tuple[Any, ...]]] = {}

    def ask(
        self,
        connection: Connection,
        at: Positions,
        fiscal_year: int,
        effective_on: date | None = None,
    ) -> CursorResult[*tuple[Any, ...]]:
        """The rows of the answer."""
        is_dated = effective_on is not None
        values: dict[str, object] = {"of_year": fiscal_year}
        if is_dated:
            values["of_day"] = effective_on
        if len(at) != 1:
            then = here(at)
            several = Place(then.c.log_id, then.c.position)
            return connection.execute(self._build(several, is_dated), values)
        query = self._of_one_log.get(is_dated)
        if query is None:
            query = self._of_one_log[is_dated] = self._build(_ONE, is_dated)
        [(values["of_log"], values["of_position"])] = at.items()
        return connection.execute(query, values)


_ONE = Place(bindparam("of_log", type_=Text), bindparam("of_position", type_=BigInteger))
YEAR: ColumnElement[int] = bindparam("of_year", type_=BigInteger)
DAY: ColumnElement[date] = bindparam("of_day", type_=Date)


def reached(connection: Connection, logs: Iterable[str] | None = None) -> dict[str, int]:
    """The position that the views have reached of each of ``logs``, or of every log."""
    table = tracking_table
    query = select(table.c.log_id, table.c.position).where(table.c.projection == PROJECTION)
    found = {log_id: position for log_id, position in connection.execute(query)}  # noqa: C416
    return found if logs is None else {log_id: found.get(log_id, 0) for log_id in logs}
