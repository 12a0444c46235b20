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
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from adapters import dialects
from adapters.dialects import ViewBackend
from adapters.log import Append, Known, Moved, NewEvent, Outcome, Stored
from adapters.schema import commands, events, texts
from adapters.sqlite_views import SqliteViews


def _insert(table: str, columns: int) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})"  # noqa: S608 - our tables


_OPEN = _insert("logs", 3)
_EXTEND = "UPDATE logs SET head = ?, known_at = ? WHERE log_id = ?"
# One row off the end of the index; an aggregate can read the whole stream.
_VERSION = (
    "SELECT version FROM events WHERE log_id = ? AND stream_id = ? ORDER BY version DESC LIMIT 1"
)
# All that an append must know, in one statement.
_LOOK = """
SELECT EXISTS (SELECT 1 FROM commands WHERE log_id = ?1 AND command_id = ?2),
       (SELECT version FROM events WHERE log_id = ?1 AND stream_id = ?3
        ORDER BY version DESC LIMIT 1),
       (SELECT head FROM logs WHERE log_id = ?1),
       (SELECT known_at FROM logs WHERE log_id = ?1)
"""
_RECORD = _insert("events", len(events.columns))
_REMEMBER = _insert("commands", len(commands.columns))
_KEEP = _insert("texts", len(texts.columns))
_FORGET = (
    "UPDATE commands SET request_salt = NULL WHERE log_id = ?"
    " AND command_id = (SELECT command_id FROM texts WHERE log_id = ? AND digest = ?)"
)
_ERASE = "DELETE FROM texts WHERE log_id = ? AND digest = ?"


class SqliteBackend:
    """A file of SQLite; one line of writers in this process, one file lock between processes."""

    driver_error: type[Exception] = sqlite3.Error
    integrity_error: type[Exception] = sqlite3.IntegrityError

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
        self._turn = Lock()
        self._views = SqliteViews(url, asking=self.asking, writing=self.writing)
        self.views: ViewBackend = self._views
        self._appending: PoolProxiedConnection | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See ``Backend``."""
        with self._reading.connect() as connection, connection.begin():
            yield connection

    asking = reading

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """See ``Backend``. Appends wait meanwhile."""
        with self._turn, self._writing.begin() as connection:
            yield connection

    migrating = writing

    def line_of(self, log_id: str) -> None:
        """All appends take turns."""

    def commit(self, appends: Sequence[Append]) -> Sequence[Outcome]:
        """See ``Backend``."""
        with self._turn:
            cursor = self._connected().cursor()
            try:
                cursor.execute("BEGIN IMMEDIATE")
                outcomes = _append(cursor, appends)
                cursor.execute("COMMIT")
            except BaseException:
                self._undo(cursor)
                raise
            return outcomes

    def append_in(self, connection: Connection, append: Append) -> Outcome:
        """See ``Backend``."""
        return _append(connection.connection.cursor(), [append])[0]

    def is_busy(self, error: Exception) -> bool:
        """SQLITE_BUSY and its extended codes."""
        cause = error.orig if isinstance(error, DBAPIError) else error
        code = getattr(cause, "sqlite_errorcode", 0)
        return isinstance(code, int) and code & 0xFF == sqlite3.SQLITE_BUSY

    def is_lost(self, error: Exception) -> bool:  # noqa: ARG002 - a file has no connection
        """Never."""
        return False

    def scrub(self) -> None:
        """Empty the write-ahead log, where pages from before a deletion still lie.

        A reader of an older state can hold it up; the next checkpoint then does it.
        """
        with self._turn:
            cursor = self._connected().cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.fetchall()
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
                self._appending = None
            self._writing.dispose()
        self._reading.dispose()
        self._views.close()

    def _connected(self) -> PoolProxiedConnection:
        if self._appending is None:
            self._appending = self._writing.raw_connection()
        return self._appending

    def _undo(self, cursor: DBAPICursor) -> None:
        driver = self._connected().driver_connection
        # After some errors, such as a full disk, SQLite has undone it by itself.
        if isinstance(driver, sqlite3.Connection) and driver.in_transaction:
            cursor.execute("ROLLBACK")


# ---------------------------------------------------------------------------------- appending


class _Group:
    """Appends of one transaction: looked at one by one, written table by table.

    What an append of the group will write is known here before it is in the tables, so that the
    next one is checked against it. Nothing is written for an append that is refused. Each
    statement lets other threads in between, so there are few of them.
    """

    def __init__(self, cursor: DBAPICursor) -> None:
        self._cursor = cursor
        self._begins: dict[str, tuple[int, int]] = {}
        self._ends: dict[str, tuple[int, int]] = {}
        self._versions: dict[tuple[str, str], int] = {}
        self._known: set[tuple[str, str]] = set()
        self._events: list[tuple[object, ...]] = []
        self._commands: list[tuple[object, ...]] = []
        self._texts: list[tuple[object, ...]] = []
        self._erased: list[tuple[str, str]] = []

    def take(self, append: Append) -> Outcome:
        """The answer to ``append``; its rows wait to be written."""
        log_id, events, command, expected, texts, erase = append
        # 1. A command that was stored already is not stored again.
        if self._look(append):
            return Known()
        # 2. Every stream is where the caller saw it, also those that get nothing.
        for stream_id, version in expected:
            if self._version(log_id, stream_id) != version:
                return Moved([self._version(log_id, stream_id) for stream_id, _ in expected])
        # 3. Give out positions.
        position, known_at = self._end(log_id)
        first = position + 1
        for new in events:
            position += 1
            stream_id, version, recorded_at = new.stream_id, new.version, new.recorded_at
            if recorded_at is not None and recorded_at > known_at:
                known_at = recorded_at
            self._events.append(_row(log_id, position, known_at, new))
            # A stream that was not expected may be at any version.
            if self._version(log_id, stream_id) < version:
                self._versions[log_id, stream_id] = version
        self._ends[log_id] = (position, known_at)
        if command is not None:
            self._known.add((log_id, command.command_id))
            self._commands.append((log_id, *command, first, position))
            for text in texts:
                row = (log_id, text.digest, text.salt, text.body, command.command_id)
                self._texts.append(row)
        for digest in erase:
            self._erased.append((log_id, digest))
        return Stored(first)

    def write(self) -> None:
        """Write what was taken."""
        _run(self._cursor, _RECORD, self._events)
        _run(self._cursor, _EXTEND, [(*end, log_id) for log_id, end in self._ends.items()])
        _run(self._cursor, _REMEMBER, self._commands)
        if self._texts:
            _run(self._cursor, _KEEP, self._texts)
        if self._erased:
            _run(self._cursor, _FORGET, [(place[0], *place) for place in self._erased])
            _run(self._cursor, _ERASE, self._erased)

    def _look(self, append: Append) -> bool:
        """Whether the command is known; notes how far the log and the first stream are."""
        log_id, _, command, expected, _, _ = append
        command_id = command.command_id if command else None
        stream_id = expected[0][0] if expected else None
        known, version, *end = self._cursor.execute(
            _LOOK, (log_id, command_id, stream_id)
        ).fetchone()
        if stream_id is not None:
            self._versions.setdefault((log_id, stream_id), version or 0)
        if end[0] is not None:
            self._begins.setdefault(log_id, (end[0], end[1]))
        return bool(known) or (log_id, command_id) in self._known

    def _end(self, log_id: str) -> tuple[int, int]:
        end = self._ends.get(log_id) or self._begins.get(log_id)
        if end is None:
            end = (0, 0)
            self._cursor.execute(_OPEN, (log_id, *end))
        return end

    def _version(self, log_id: str, stream_id: str) -> int:
        version = self._versions.get((log_id, stream_id))
        if version is None:
            row = self._cursor.execute(_VERSION, (log_id, stream_id)).fetchone()
            version = self._versions[log_id, stream_id] = 0 if row is None else row[0]
        return version


def _append(cursor: DBAPICursor, appends: Sequence[Append]) -> list[Outcome]:
    group = _Group(cursor)
    outcomes = [group.take(append) for append in appends]
    group.write()
    return outcomes


def _row(log_id: str, position: int, known_at: int, new: NewEvent) -> tuple[object, ...]:
    stream_id, version, type_, payload, event_id, recorded_at, first, last, actor, leaf = new
    return (
        log_id,
        position,
        stream_id,
        version,
        type_,
        payload,
        event_id and event_id.hex,
        recorded_at,
        known_at,
        first and first.isoformat(),
        last and last.isoformat(),
        actor,
        leaf,
    )


def _run(cursor: DBAPICursor, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    if len(rows) == 1:
        cursor.execute(statement, rows[0])
    elif rows:
        cursor.executemany(statement, rows)


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
            "wal_autocheckpoint = 8000",
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
    connection.connection.cursor().execute("BEGIN")
