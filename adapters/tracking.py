"""How far each projection has read each log; moved in the transaction that writes its tables."""

from sqlalchemy import Connection, delete, select, update

from adapters.dialects import upsert
from adapters.schema import tracking


def tracking_position(connection: Connection, projection: str, log_id: str) -> int:
    """The last position that ``projection`` has applied; 0 before the first."""
    found = connection.scalar(
        select(tracking.c.position).where(
            tracking.c.log_id == log_id, tracking.c.projection == projection
        )
    )
    return found or 0


def advance(
    connection: Connection,
    projection: str,
    log_id: str,
    position: int,
    *,
    expected: int,
) -> bool:
    """Move from ``expected`` to the later ``position``, in one statement.

    False when the projection is not at ``expected``: another runner has moved it, and the
    transaction must be undone.
    """
    if position <= expected:
        msg = f"a projection moves forward, not from {expected} to {position}"
        raise ValueError(msg)
    if expected == 0:
        return raise_to(connection, projection, log_id, position, over=0)
    moved = connection.execute(
        update(tracking)
        .where(
            tracking.c.log_id == log_id,
            tracking.c.projection == projection,
            tracking.c.position == expected,
        )
        .values(position=position)
    )
    return moved.rowcount == 1


def raise_to(
    connection: Connection,
    projection: str,
    log_id: str,
    position: int,
    *,
    over: int | None = None,
) -> bool:
    """Set ``position`` unless it, or a later one, is there already; False if so.

    With ``over``, only from a position that is not later than that.
    """
    row = upsert(connection, tracking).values(
        log_id=log_id, projection=projection, position=position
    )
    condition = tracking.c.position < row.excluded.position
    if over is not None:
        condition &= tracking.c.position <= over
    statement = row.on_conflict_do_update(
        index_elements=[tracking.c.log_id, tracking.c.projection],
        set_={"position": row.excluded.position},
        where=condition,
    ).returning(tracking.c.position)
    return connection.execute(statement).first() is not None


def reset(connection: Connection, projection: str, log_id: str) -> None:
    """Forget how far ``projection`` has read the log, for a rebuild from zero."""
    connection.execute(
        delete(tracking).where(tracking.c.log_id == log_id, tracking.c.projection == projection)
    )
