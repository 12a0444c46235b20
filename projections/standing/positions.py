"""The logs that a question asks for, each at the position that was known."""

from collections.abc import Iterable

from sqlalchemy import CTE, BigInteger, Connection, Text, column, literal, select, values

from projections.standing.answers import Positions
from projections.tracking import PROJECTION, tracking_table


def here(at: Positions) -> CTE:
    """The logs with their positions, as a table."""
    if len(at) == 1:
        # The usual question; a statement with values in it is compiled anew each time.
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


def reached(connection: Connection, logs: Iterable[str] | None = None) -> dict[str, int]:
    """The position that the views have reached of each of ``logs``, or of every log."""
    table = tracking_table
    query = select(table.c.log_id, table.c.position).where(table.c.projection == PROJECTION)
    found = {log_id: position for log_id, position in connection.execute(query)}  # noqa: C416
    return found if logs is None else {log_id: found.get(log_id, 0) for log_id in logs}
