"""How far the views have read each log, and what has stopped.

A runner that wants to write first moves the tracking row from the position it read to the one it
writes. Of two runners one finds the row moved, loses, and rolls back: every fact counts once.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct
from sqlalchemy import BigInteger, Column, Connection, Engine, Table, Text, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.ids import UnitYear, unit_year_of
from projections.tables import METADATA, Moment, put, read, table_of

PROJECTION = "self-evaluations"
"""The name under which the views track; all questions are answered from one fold, so they move
together."""

PROJECTION_VERSION = 7
"""Raise it when a table or what is written in it changes; views that were filled by another version
then ask for a rebuild."""


class Database(Protocol):
    """The database of the views: connections that read one state of it, and transactions."""

    def read(self) -> AbstractContextManager[Connection]:
        """A connection for reading, on one state of the database until it is given back."""
        ...

    def transaction(self) -> AbstractContextManager[Connection]:
        """A writing transaction: committed at the end, undone by an exception."""
        ...

    def prepare(self, make: Callable[[Connection], None]) -> None:
        """See that there are tables, which ``make`` makes where there are none."""
        ...

    def scrub(self) -> None:
        """Drop the remains of deleted rows in files beside the tables."""
        ...


class EngineDatabase:
    """A database behind an engine of SQLAlchemy, where nobody else keeps the writers in line."""

    def __init__(self, engine: Engine) -> None:
        """The database that ``engine`` connects to."""
        self._engine = engine

    def read(self) -> AbstractContextManager[Connection]:
        """A connection for reading."""
        return self._engine.connect()

    def transaction(self) -> AbstractContextManager[Connection]:
        """A writing transaction."""
        return self._engine.begin()

    def prepare(self, make: Callable[[Connection], None]) -> None:
        """Make the tables that are missing."""
        with self._engine.begin() as connection:
            make(connection)

    def scrub(self) -> None:
        """Nothing: whoever made the engine looks after its files."""


class Tracking(Protocol):
    """Where the position of a projection in a log is kept, in the database of its tables."""

    def position(self, connection: Connection, projection: str, log_id: str) -> int:
        """The last position applied; 0 before the first."""
        ...

    def advance(
        self, connection: Connection, projection: str, log_id: str, expected: int, position: int
    ) -> bool:
        """Move from ``expected`` to the later ``position``; False when it is not at
        ``expected``: the transaction must then be undone.
        """
        ...

    def reset(self, connection: Connection, projection: str, log_id: str) -> None:
        """Back to 0, for a rebuild."""
        ...


tracking_table = Table(
    "projection_tracking",
    METADATA,
    Column("log_id", Text, primary_key=True),
    Column("projection", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

progress_table = Table(
    "projection_progress",
    METADATA,
    Column("log_id", Text, primary_key=True),
    Column("projection", Text, primary_key=True),
    Column("moved_at", Moment, nullable=False),
)
"""When the views of a log last moved, by whichever process."""


class Stopped(Struct, frozen=True, kw_only=True):
    """A unit and year whose rows stand still, because a fact of it could not be applied.

    ``position`` is the fact's, ``error`` what went wrong. The rows are those before that fact.
    """

    log_id: str
    unit_year: str
    position: int
    event_id: UUID
    stream_id: str
    version: int
    type: str
    recorded_at: datetime
    error: str


stopped_table = table_of(Stopped, "projection_stopped", key=("log_id", "unit_year"))


class TableTracking:
    """The tracking that the views bring along: a table beside their own."""

    def position(self, connection: Connection, projection: str, log_id: str) -> int:
        """The last position applied; 0 before the first."""
        found = connection.scalar(
            select(tracking_table.c.position).where(
                tracking_table.c.log_id == log_id, tracking_table.c.projection == projection
            )
        )
        return found or 0

    def advance(
        self, connection: Connection, projection: str, log_id: str, expected: int, position: int
    ) -> bool:
        """Compare and set, as the first statement that writes in the transaction."""
        if expected == 0:
            row = {"log_id": log_id, "projection": projection, "position": 0}
            insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            connection.execute(insert(tracking_table).values(row).on_conflict_do_nothing())
        moved = connection.execute(
            update(tracking_table)
            .where(
                tracking_table.c.log_id == log_id,
                tracking_table.c.projection == projection,
                tracking_table.c.position == expected,
            )
            .values(position=position)
        )
        return moved.rowcount == 1

    def reset(self, connection: Connection, projection: str, log_id: str) -> None:
        """Forget the position."""
        connection.execute(
            delete(tracking_table).where(
                tracking_table.c.log_id == log_id, tracking_table.c.projection == projection
            )
        )


def positions(connection: Connection) -> dict[str, int]:
    """How far the views have read each log."""
    query = select(tracking_table.c.log_id, tracking_table.c.position)
    found = connection.execute(query.where(tracking_table.c.projection == PROJECTION))
    return dict(iter(found))


# -------------------------------------------------------------------------------------- progress


def note_progress(connection: Connection, log_id: str, moved_at: datetime) -> None:
    """Note that the views of a log have moved."""
    key = {"log_id": log_id, "projection": PROJECTION}
    moved = connection.execute(
        update(progress_table)
        .where(*(progress_table.c[name] == value for name, value in key.items()))
        .values(moved_at=moved_at)
    )
    if not moved.rowcount:
        connection.execute(progress_table.insert(), {**key, "moved_at": moved_at})


def progress_of(connection: Connection) -> dict[str, datetime]:
    """When the views last moved, by log."""
    query = select(progress_table.c.log_id, progress_table.c.moved_at)
    found = connection.execute(query.where(progress_table.c.projection == PROJECTION))
    return dict(iter(found))


# ---------------------------------------------------------------------------------- what stopped


def stopped_in(
    connection: Connection, log_id: str | None = None, *, lock: bool = False
) -> list[Stopped]:
    """What has stopped, in one log or in all; with ``lock`` nobody releases it meanwhile."""
    query = select(stopped_table).order_by(stopped_table.c.log_id, stopped_table.c.unit_year)
    if log_id is not None:
        query = query.where(stopped_table.c.log_id == log_id)
    if lock:
        query = query.with_for_update()
    return read(Stopped, connection.execute(query))


def stopped_for(connection: Connection, log_id: str, evaluation: str) -> Stopped | None:
    """Why the rows of an evaluation stand still; None while they move."""
    unit_year = unit_year_of(evaluation)
    prefix = unit_year.prefix if unit_year else evaluation
    return next((one for one in stopped_in(connection, log_id) if one.unit_year == prefix), None)


def stop(connection: Connection, stopped: list[Stopped]) -> None:
    """Note what could not be applied."""
    put(connection, stopped_table, stopped)


def release(connection: Connection, log_id: str, unit_year: UnitYear) -> bool:
    """Let a unit and year move again; False when it had not stopped."""
    gone = connection.execute(
        delete(stopped_table).where(
            stopped_table.c.log_id == log_id, stopped_table.c.unit_year == unit_year.prefix
        )
    )
    return gone.rowcount > 0
