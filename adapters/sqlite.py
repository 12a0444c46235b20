"""SQLite in WAL mode: many readers beside one writer, and every commit on the disk.

A writing transaction takes the write lock when it begins. One that read first and wrote later
would be refused without waiting as soon as another process wrote in between.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from adapters import dialects
from adapters.dialects import ViewBackend
from adapters.log import Append, Outcome
from adapters.scrubbing import Scrubbing
from adapters.sqlite_append import Appender, append_within
from adapters.sqlite_views import SqliteViews

_SINGLE = "liuhen_single_questions"
"""The option of connections that begin no transaction."""


class SqliteBackend:
    """A file of SQLite; one line of writers in this process, one file lock between processes."""

    driver_error: type[Exception] = sqlite3.Error
    integrity_error: type[Exception] = sqlite3.IntegrityError
    one_line = True

    def __init__(self, url: URL) -> None:
        """The file at ``url``; makes its directory, for its owner alone, and opens nothing yet."""
        if url.database is not None:
            Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        connect_args = {"timeout": dialects.BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
        self._writing = create_engine(url, connect_args=connect_args)
        self._reading = create_engine(url, connect_args=connect_args, pool_size=8, max_overflow=-1)
        event.listen(self._writing, "connect", _open_for_writing)
        event.listen(self._writing, "begin", _begin_writing)
        event.listen(self._reading, "connect", _open_for_reading)
        event.listen(self._reading, "begin", _begin_reading)
        self._asking = self._reading.execution_options(**{_SINGLE: True})
        self._turn = Lock()
        self._scrubbing = Scrubbing(_busy_timeout())
        self._views = SqliteViews(url, asking=self.asking, writing=self.writing)
        self.views: ViewBackend = self._views
        self._appending: PoolProxiedConnection | None = None
        self._appender: Appender | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See ``Backend``."""
        with self._reading.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """See ``Backend``: each statement is a transaction of its own."""
        with self._asking.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """See ``Backend``. Appends wait meanwhile."""
        with self._turn, self._writing.begin() as connection:
            yield connection

    migrating = writing

    def commit(self, appends: Sequence[Append]) -> Sequence[Outcome]:
        """See ``Backend``."""
        with self._turn:
            appender = self._appender or self._opened_appender()
            try:
                return appender.append(appends)
            finally:
                if self._scrubbing.is_due:
                    self._scrubbing.attend(appender.cursor)

    def append_in(self, connection: Connection, append: Append) -> Outcome:
        """See ``Backend``."""
        return append_within(_driver(connection.connection).cursor(), append)

    def is_busy(self, error: Exception) -> bool:
        """SQLITE_BUSY and its extended codes."""
        cause = error.orig if isinstance(error, DBAPIError) else error
        code = getattr(cause, "sqlite_errorcode", 0)
        return isinstance(code, int) and code & 0xFF == sqlite3.SQLITE_BUSY

    def is_lost(self, error: Exception) -> bool:  # noqa: ARG002 - a file has no connection
        """Never."""
        return False

    def scrub(self) -> None:
        """Empty the write-ahead logs, where pages from before a deletion still lie.

        A reader of an older state holds it up; then it is tried again after later commits.
        """
        with self._turn:
            self._scrubbing.demand((self._appender or self._opened_appender()).cursor)
        self._views.scrub()

    def hint(self) -> None:
        """Other processes poll."""

    def listen(self) -> None:
        """Other processes give no hints."""

    def close(self) -> None:
        """Close all connections once the running transaction is over."""
        with self._turn:
            if self._appending is not None:
                self._appending.close()
                self._appending = self._appender = None
            self._writing.dispose()
        self._reading.dispose()
        self._views.close()

    def _opened_appender(self) -> Appender:
        self._appending = self._writing.raw_connection()
        self._appender = Appender(_driver(self._appending).cursor())
        return self._appender


def _driver(connection: PoolProxiedConnection) -> sqlite3.Connection:
    found = connection.driver_connection
    assert isinstance(found, sqlite3.Connection)  # noqa: S101 - the engine's driver
    return found


# ----------------------------------------------------------------------------------- opening


def _open(connection: DBAPIConnection, pragmas: Sequence[str]) -> None:
    # The driver must not begin transactions by itself; who writes or reads does it, each in its
    # own way.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _busy_timeout() -> str:
    return f"busy_timeout = {round(dialects.BUSY_TIMEOUT_SECONDS * 1000)}"


def _open_for_writing(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    _open(
        connection,
        (
            # Of a file that is new. A commit writes whole pages, and waits for each byte of them.
            "page_size = 2048",
            _busy_timeout(),
            "synchronous = FULL",
            "foreign_keys = ON",
            # An erased text is overwritten, not merely unlinked.
            "secure_delete = ON",
            # REPLACE deletes the row in its way, and fires the triggers against it only so.
            "recursive_triggers = ON",
            "journal_size_limit = 67108864",
            # Pages: 32 MB of log before it is copied into the file. The end of a log and the
            # last pages of its tables are in it again and again, and are copied once.
            "wal_autocheckpoint = 16000",
            # KiB, so that the keys of a large log stay in memory.
            "cache_size = -65536",
        ),
    )
    _use_wal(connection)


def _use_wal(connection: DBAPIConnection) -> None:
    # Changing the mode ignores the busy timeout, so processes that open a new file together
    # would fail without this loop.
    deadline = time.monotonic() + dialects.BUSY_TIMEOUT_SECONDS
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
    _open(connection, (_busy_timeout(), "query_only = ON"))


def _begin_writing(connection: Connection) -> None:
    connection.connection.cursor().execute("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    if _SINGLE not in connection.get_execution_options():
        connection.connection.cursor().execute("BEGIN")
