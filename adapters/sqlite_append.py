"""Adding to logs on SQLite: as a rule one statement, which is its own transaction.

Where logs and streams end is remembered between transactions. What is remembered may be outdated,
because other processes append too; but a fact whose place, the one after the last that is
remembered, was free has proved it for its log. Where it was not free, or an append does not fit
what is remembered, the database is asked, inside a transaction.

Each statement, and each row of ``executemany``, lets other threads of this process in between;
who then waits for them holds up everybody's commit. So rows go together in one statement.
"""

import sqlite3
from collections.abc import Sequence
from functools import cache
from itertools import chain

from adapters.log import Append, Known, Moved, NewEvent, Outcome, Stored
from adapters.places import LAST_POSITION
from adapters.schema import commands, events, texts
from domain.facts.envelope import event_id_in

_ROWS_AT_ONCE = 32
_STREAMS_REMEMBERED = 50_000

_Row = tuple[object, ...]


def _insert(table: str, columns: int, rows: int = 1) -> str:
    row = f"({', '.join('?' * columns)})"
    return f"INSERT INTO {table} VALUES {', '.join([row] * rows)}"  # noqa: S608 - our tables


@cache
def _record(rows: int) -> str:
    """Facts. A place stands for the position."""
    return _insert("events", len(events.columns), rows)


_RECORD = _record(1)

_OPEN = "INSERT INTO opened_logs (log_id) VALUES (?) RETURNING number << 40, 0"
# All that an append must know, in one statement. One row off the end of an index; an aggregate
# can read the whole stream.
_LOOK = """
SELECT EXISTS (SELECT 1 FROM commands WHERE log_id = ?1 AND command_id = ?2)
       OR EXISTS (SELECT 1 FROM events WHERE log_id = ?1 AND event_id = ?4),
       (SELECT version FROM events WHERE log_id = ?1 AND stream_id = ?3
        ORDER BY version DESC LIMIT 1),
       (SELECT number << 40 FROM opened_logs WHERE log_id = ?1)
       | (SELECT head FROM logs WHERE log_id = ?1),
       (SELECT known_at FROM logs WHERE log_id = ?1)
"""
_VERSION = (
    "SELECT version FROM events WHERE log_id = ? AND stream_id = ? ORDER BY version DESC LIMIT 1"
)
_REMEMBER = _insert("commands", len(commands.columns))
_KEEP = _insert("texts", len(texts.columns))
_FORGET = (
    "UPDATE commands SET request_salt = NULL WHERE log_id = ?"
    " AND command_id = (SELECT command_id FROM texts WHERE log_id = ? AND digest = ?)"
)
_ERASE = "DELETE FROM texts WHERE log_id = ? AND digest = ?"


class Appender:
    """Appends on one connection, for one thread at a time; remembers how far logs are."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        """Appends by ``cursor``, of a connection that begins no transaction by itself."""
        self.cursor = cursor
        self._memory = _Memory()

    def append(self, appends: Sequence[Append]) -> list[Outcome]:
        """Store ``appends`` in one transaction; an answer for each (``Backend.commit``)."""
        if self._memory.logs:
            try:
                if len(appends) == 1 and (stored := self._store_plain(appends[0])):
                    return [stored]
                return self._commit(appends)
            except (_OutdatedError, sqlite3.IntegrityError):
                # Another process has appended, or a command is known: with nothing remembered
                # the database says which, or refuses it again.
                pass
        # What the first of them finds is no proof for the next: a command that is known has to be
        # told from one that collides.
        return self._commit(appends, asks=True)

    def _store_plain(self, append: Append) -> Stored | None:
        """Most of what people do, the short way: a command that its one fact remembers, on streams
        that are where memory says. None, and nothing stored, when it is not that simple.
        """
        log, command = self._memory.logs.get(append.log_id), append.command
        if log is None or command is None or command.salt is not None:
            return None
        (new,) = append.events
        if not log.fits(append) or new.stream_id not in log.versions:
            return None
        try:
            self.cursor.execute(_RECORD, log.row(new, command.request_hash))
            log.versions[new.stream_id] = new.version
            return Stored(log.place & LAST_POSITION)
        except BaseException:
            self._forget()
            raise

    def _commit(self, appends: Sequence[Append], *, asks: bool = False) -> list[Outcome]:
        group = _Group(self.cursor, self._memory, asks=asks)
        try:
            outcomes = [group.take(append) for append in appends]
            group.commit()
        except BaseException:
            self._forget()
            raise
        if self._memory.streams > _STREAMS_REMEMBERED:
            self._memory = _Memory()
        return outcomes

    def _forget(self) -> None:
        """After an error: what was begun is undone, and nothing is remembered."""
        self._memory = _Memory()
        # After some errors, such as a full disk, SQLite has undone it by itself.
        if self.cursor.connection.in_transaction:
            self.cursor.execute("ROLLBACK")


def append_within(cursor: sqlite3.Cursor, append: Append) -> Outcome:
    """Store ``append`` in the running transaction of ``cursor``."""
    group = _Group(cursor, _Memory(), begun=True)
    outcome = group.take(append)
    group.write()
    return outcome


class _OutdatedError(Exception):
    """A log does not end where it is remembered to end."""


class _Log:
    """Where a log ends (the place of its last fact, and ``known_at``), and streams in it (their
    versions).
    """

    __slots__ = ("known_at", "log_id", "place", "versions")

    def __init__(self, log_id: str, place: int, known_at: int) -> None:
        self.log_id = log_id
        self.place = place
        self.known_at = known_at
        self.versions: dict[str, int] = {}

    def fits(self, append: Append) -> bool:
        """Whether every stream is known to be where the caller saw it."""
        for stream_id, version in append.expected:
            if self.versions.get(stream_id) != version:
                return False
        return True

    def row(self, new: NewEvent, request: bytes | None) -> _Row:
        """The row of the next fact, with which the log ends from now on; with the hash of the
        request when the fact remembers that.
        """
        self.place += 1
        recorded_at = new.recorded_at
        if recorded_at is not None and recorded_at > self.known_at:
            self.known_at = recorded_at
        since, until = new.effective_from, new.effective_to
        begins = since and since.isoformat()
        # The driver takes a bytearray as it is; for bytes it looks in vain for a way to adapt them.
        return (
            self.place,
            self.log_id,
            new.stream_id,
            new.version,
            new.type,
            bytearray(new.payload),
            new.event_id,
            recorded_at,
            self.known_at,
            begins,
            begins if until is since else until and until.isoformat(),
            new.actor,
            bytearray(new.leaf_hash),
            request and bytearray(request),
        )


class _Memory:
    """Logs, and how many streams there are in them."""

    __slots__ = ("logs", "streams")

    def __init__(self) -> None:
        self.logs: dict[str, _Log] = {}
        self.streams = 0


class _Group:
    """Appends of one transaction: looked at one by one, written together.

    What an append of the group will write is in the memory before it is in the tables, so that the
    next one is checked against it. Nothing is written for an append that is refused.
    """

    __slots__ = ("_asks", "_begins", "_begun", "_commands", "_cursor", "_erased", "_given", "_memory",
                 "_rows", "_texts", "_unasked")  # fmt: skip

    def __init__(
        self, cursor: sqlite3.Cursor, memory: _Memory, *, begun: bool = False, asks: bool = False
    ) -> None:
        self._cursor = cursor
        self._memory = memory
        self._begun = begun
        self._asks = asks
        # Where the logs ended that this transaction adds to, as far as that is not proved.
        self._begins: dict[str, tuple[int, int]] = {}
        self._given: set[tuple[str, str]] = set()
        # The versions that it gives to streams which nobody has asked for yet.
        self._unasked: dict[tuple[str, str], int] = {}
        self._rows: list[_Row] = []
        self._commands: list[_Row] = []
        self._texts: list[_Row] = []
        self._erased: list[tuple[str, str]] = []

    def take(self, append: Append) -> Outcome:
        """The answer to ``append``; its rows wait to be written."""
        # A command that was stored already is not stored again; and every stream is where the
        # caller saw it, also those that get nothing. As is remembered, or else as is found.
        log = self._memory.logs.get(append.log_id)
        if log is None or not self._fits(log, append):
            log = self._look(append)
            if log is None:
                return Known()
            found = [self._version(log, stream_id) for stream_id, _ in append.expected]
            if found != [version for _, version in append.expected]:
                return Moved(found)
        return self._store(log, append)

    def _store(self, log: _Log, append: Append) -> Stored:
        """Give out positions."""
        log_id, command = append.log_id, append.command
        self._begins.setdefault(log_id, (log.place, log.known_at))
        first = (log.place & LAST_POSITION) + 1
        with_fact = command.request_hash if command and command.salt is None else None
        for new in append.events:
            self._rows.append(log.row(new, with_fact))
            # A stream that was not expected may be at any version, and is not remembered.
            stream_id, version = new.stream_id, new.version
            if stream_id in log.versions:
                log.versions[stream_id] = max(log.versions[stream_id], version)
            else:
                at = log_id, stream_id
                self._unasked[at] = max(self._unasked.get(at, 0), version)
        if command is not None:
            self._given.add((log_id, command.command_id))
            if command.salt is not None:
                last = log.place & LAST_POSITION
                row = log_id, command.command_id, command.salt, command.request_hash, first, last
                self._commands.append(row)
            for text in append.texts:
                self._texts.append((log_id, text.digest, text.salt, text.body, command.command_id))
        for digest in append.erase:
            self._erased.append((log_id, digest))
        return Stored(first)

    def commit(self) -> None:
        """Write what was taken, in the transaction that has begun, or a single statement."""
        more = self._commands or self._texts or self._erased or len(self._rows) > _ROWS_AT_ONCE
        if more and not self._begun:
            self._begin()
        self.write()
        if self._begun:
            self._cursor.execute("COMMIT")

    def write(self) -> None:
        """Write what was taken."""
        rows = self._rows
        if len(rows) == 1:
            self._cursor.execute(_RECORD, rows[0])
        elif len(rows) > _ROWS_AT_ONCE:
            self._cursor.executemany(_RECORD, rows)
        elif rows:
            self._cursor.execute(_record(len(rows)), [*chain.from_iterable(rows)])
        if self._commands:
            self._cursor.executemany(_REMEMBER, self._commands)
        if self._texts:
            self._cursor.executemany(_KEEP, self._texts)
        if self._erased:
            forgotten = [(place[0], *place) for place in self._erased]
            self._cursor.executemany(_FORGET, forgotten)
            self._cursor.executemany(_ERASE, self._erased)

    def _fits(self, log: _Log, append: Append) -> bool:
        """Whether nothing is to be asked. Facts are needed for it, which prove what is remembered;
        a command that is known after all is refused by its key.
        """
        command = append.command
        if self._asks or not append.events:
            return False
        if command is not None and (log.log_id, command.command_id) in self._given:
            return False
        return log.fits(append)

    def _look(self, append: Append) -> _Log | None:
        """How far the log and the first stream are; None when the command is known."""
        log_id = append.log_id
        command_id = append.command.command_id if append.command else None
        stream_id = append.expected[0][0] if append.expected else None
        if not self._begun:
            self._begin()
        fact = event_id_in(command_id) if command_id else None
        known, version, *end = self._cursor.execute(
            _LOOK, (log_id, command_id, stream_id, fact and fact.hex)
        ).fetchone()
        if end[0] is None:
            end = self._cursor.execute(_OPEN, (log_id,)).fetchone()
        log = self._memory.logs.get(log_id)
        if log is None:
            log = self._memory.logs[log_id] = _Log(log_id, *end)
        elif self._begins.get(log_id, (log.place, log.known_at)) != tuple(end):
            raise _OutdatedError
        if stream_id is not None:
            self._remember(log, stream_id, version or 0)
        return None if known or (log_id, command_id) in self._given else log

    def _version(self, log: _Log, stream_id: str) -> int:
        if stream_id not in log.versions:
            row = self._cursor.execute(_VERSION, (log.log_id, stream_id)).fetchone()
            self._remember(log, stream_id, 0 if row is None else row[0])
        return log.versions[stream_id]

    def _remember(self, log: _Log, stream_id: str, version: int) -> None:
        # What the group is about to write is not found, and newer.
        if stream_id not in log.versions:
            log.versions[stream_id] = max(version, self._unasked.get((log.log_id, stream_id), 0))
            self._memory.streams += 1

    def _begin(self) -> None:
        self._cursor.execute("BEGIN IMMEDIATE")
        self._begun = True
