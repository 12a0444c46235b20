"""Everything that differs between databases: engines, how a write begins, how a text is erased.

A second database is a second ``Backend``; no other module asks which one it is.
"""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sqlalchemy import URL, Connection, Dialect, Executable, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

BUSY_TIMEOUT_SECONDS = 60
"""How long a writer waits for other processes before it gives up."""


class Engines(NamedTuple):
    """One engine that writes, and one whose connections can only read."""

    writing: Engine
    reading: Engine


class Prepared:
    """A Core statement rendered once, to be run on a driver's cursor with a plain tuple.

    The append path runs half a dozen statements per command; rendering and result metadata of
    each would cost more than the statements themselves.
    """

    __slots__ = ("text",)

    def __init__(self, statement: Executable, dialect: Dialect, *names: str) -> None:
        """``statement`` with its parameters in the order of ``names``.

        Raises ``ValueError`` when the rendered statement takes its parameters in another order.
        """
        if not isinstance(statement, ClauseElement):
            msg = "only an expression can be rendered"
            raise TypeError(msg)
        compiled = statement.compile(dialect=dialect)
        if not isinstance(compiled, SQLCompiler) or tuple(compiled.positiontup or ()) != names:
            msg = f"the parameters of this statement do not come as {names}: {compiled}"
            raise ValueError(msg)
        self.text = str(compiled)

    def one(self, cursor: DBAPICursor, *values: object) -> Any:  # noqa: ANN401 - a driver's row
        """The first row as the driver gives it, or None."""
        cursor.execute(self.text, values)
        # Read to the end: a statement that is left open can stand in the way of the commit.
        rows = cursor.fetchall()
        return rows[0] if rows else None

    def all(self, cursor: DBAPICursor, *values: object) -> Sequence[Any]:
        """All rows as the driver gives them."""
        cursor.execute(self.text, values)
        return cursor.fetchall()

    def run(self, cursor: DBAPICursor, *values: object) -> None:
        """Run it for one tuple of values."""
        cursor.execute(self.text, values)

    def run_many(self, cursor: DBAPICursor, rows: Sequence[tuple[object, ...]]) -> None:
        """Run it for each of ``rows``."""
        if len(rows) == 1:
            cursor.execute(self.text, rows[0])
        else:
            cursor.executemany(self.text, rows)


class Backend(Protocol):
    """What the rest of the adapters needs of a database."""

    statements: Dialect
    """The dialect for ``Prepared``, with positional parameters."""
    driver_error: type[Exception]
    """The root of the driver's errors."""
    integrity_error: type[Exception]
    """What the driver raises when a key, a check or a trigger refuses a row."""

    def engines(self, url: URL) -> Engines:
        """Engines for ``url``; connects to nothing yet."""
        ...

    def is_busy(self, error: Exception) -> bool:
        """Whether ``error`` says that another writer held the database for too long."""
        ...

    def scrub(self, connection: Connection) -> None:
        """Drop what is left of deleted rows in files beside the tables; outside a transaction."""
        ...


class SqliteBackend:
    """SQLite in WAL mode: many readers beside one writer, and every commit on the disk.

    A writing transaction takes the write lock when it begins. One that read first and wrote
    later would be refused without waiting as soon as another process wrote in between.
    """

    statements: Dialect = sqlite.dialect(paramstyle="qmark")
    driver_error: type[Exception] = sqlite3.Error
    integrity_error: type[Exception] = sqlite3.IntegrityError

    def engines(self, url: URL) -> Engines:
        """The two engines; makes the directory of the file, for its owner alone."""
        if url.database is not None:
            Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        connect_args = {"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
        writing = create_engine(url, connect_args=connect_args)
        reading = create_engine(url, connect_args=connect_args, pool_size=8, max_overflow=-1)
        event.listen(writing, "connect", _open_for_writing)
        event.listen(writing, "begin", _begin_writing)
        event.listen(reading, "connect", _open_for_reading)
        event.listen(reading, "begin", _begin_reading)
        return Engines(writing, reading)

    def is_busy(self, error: Exception) -> bool:
        """SQLITE_BUSY and its extended codes."""
        cause = error.orig if isinstance(error, DBAPIError) else error
        code = getattr(cause, "sqlite_errorcode", 0)
        return isinstance(code, int) and code & 0xFF == sqlite3.SQLITE_BUSY

    def scrub(self, connection: Connection) -> None:
        """Empty the write-ahead log, where pages from before a deletion still lie.

        A reader of an older state can hold it up; the next checkpoint then does it.
        """
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.fetchall()
        cursor.close()


def _open(connection: DBAPIConnection, pragmas: Sequence[str]) -> None:
    # The driver must not begin transactions by itself; `_begin_*` do it, each in its own way.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _open_for_writing(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    _open(
        connection,
        (
            f"busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}",
            "synchronous = FULL",
            "foreign_keys = ON",
            # An erased text is overwritten, not merely unlinked.
            "secure_delete = ON",
            # REPLACE deletes the row in its way, and fires the triggers against it only so.
            "recursive_triggers = ON",
            "journal_size_limit = 67108864",
        ),
    )
    _use_wal(connection)


def _use_wal(connection: DBAPIConnection) -> None:
    # Changing the mode ignores the busy timeout, so processes that open a new file together
    # would fail without this loop.
    deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
    cursor = connection.cursor()
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            break
    cursor.close()


def _open_for_reading(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    _open(connection, (f"busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}", "query_only = ON"))


def _begin_writing(connection: Connection) -> None:
    connection.connection.cursor().execute("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.connection.cursor().execute("BEGIN")


def upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT into ``table`` that knows ``on_conflict_do_update``, for this connection."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def backend_of(url: URL) -> Backend:
    """The backend for ``url``. Raises ``ValueError`` for a database that has none yet."""
    if url.get_backend_name() == "sqlite":
        return SqliteBackend()
    msg = f"there is no store for {url.get_backend_name()} yet; use sqlite:///path/to/file"
    raise ValueError(msg)
