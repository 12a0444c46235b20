"""Adding to logs on SQLite: as a rule one statement, which is its own transaction.

Where logs and streams end is remembered between transactions. What is remembered may be outdated,
because other processes append too; but a fact whose position, the one after the last that is
remembered, was free has proved it for its log. Where it was not free, or an append does not fit
what is remembered, the database is asked, inside a transaction.

Each statement, and each row of ``executemany``, lets other threads of this process in between;
who then waits for them holds up everybody's commit. So rows go together in one statement.
"""

import sqlite3
from collections.abc import Sequence
from functools import cache
from itertools import chain

from adapters.log import Append, Command, Known, Moved, NewEvent, Outcome, Stored
from adapters.schema import commands, events, texts

_ROWS_AT_ONCE = 32
_STREAMS_REMEMBERED = 50_000

_Row = tuple[object, ...]


def _insert(table: str, columns: int, rows: int = 1) -> str:
    row = f"({', '.join('?' * columns)})"
    return f"INSERT INTO {table} VALUES {', '.join([row] * rows)}"  # noqa: S608 - our tables


@cache
def _record(rows: int) -> str:
    """Facts, and with the last fact of a command the command: migrations/versions/0003."""
    return _insert("appending", len(events.columns) + 4, rows)


_OPEN = "INSERT INTO opened_logs (log_id) VALUES (?)"
# All that an append must know, in one statement. One row off the end of an index; an aggregate
# can read the whole stream.
_LOOK = """
SELECT EXISTS (SELECT 1 FROM commands WHERE log_id = ?1 AND command_id = ?2),
       (SELECT version FROM events WHERE log_id = ?1 AND stream_id = ?3
        ORDER BY version DESC LIMIT 1),
       (SELECT head FROM logs WHERE log_id = ?1),
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
        if self._memory.ends:
            try:
                stored = self._store_plain(appends)
                return self._commit(appends) if stored is None else stored
            except (_OutdatedError, sqlite3.IntegrityError):
                # Another process has appended, or a command is known: with nothing remembered
                # the database says which, or refuses it again.
                pass
        # What the first of them finds is no proof for the next: a command that is known has to be
        # told from one that collides.
        return self._commit(appends, asks=True)

    def _store_plain(self, appends: Sequence[Append]) -> list[Outcome] | None:
        """Most of what people do, the short way: each append one fact with its command, on streams
        that are where memory says. None, and nothing stored, when one of them is not that simple.
        """
        if len(appends) > _ROWS_AT_ONCE:
            return None
        memory = self._memory
        ends: dict[str, tuple[int, int]] = {}
        versions: dict[tuple[str, str], int] = {}
        values: list[object] = []
        outcomes: list[Outcome] = []
        for append in appends:
            log_id, events, command, expected, texts, erase = append
            end = ends.get(log_id) or memory.ends.get(log_id)
            if end is None or len(events) != 1 or command is None or texts or erase:
                return None
            for stream_id, version in expected:
                place = log_id, stream_id
                if (versions.get(place) or memory.versions.get(place)) != version:
                    return None
                versions[place] = version
            new = events[0]
            place = log_id, new.stream_id
            if place not in versions:
                return None
            versions[place] = new.version
            position = end[0] + 1
            ends[log_id] = end = position, _later(end[1], new)
            values += _row(log_id, end, new, command, position)
            outcomes.append(Stored(position))
        try:
            self.cursor.execute(_record(len(appends)), values)
        except BaseException:
            self._forget()
            raise
        memory.ends |= ends
        memory.versions |= versions
        return outcomes

    def _commit(self, appends: Sequence[Append], *, asks: bool = False) -> list[Outcome]:
        group = _Group(self.cursor, self._memory, asks=asks)
        try:
            outcomes = [group.take(append) for append in appends]
            group.commit()
        except BaseException:
            self._forget()
            raise
        if len(self._memory.versions) > _STREAMS_REMEMBERED:
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


class _Memory:
    """The end of each log (position and ``known_at``), and the version of each stream."""

    __slots__ = ("ends", "versions")

    def __init__(self) -> None:
        self.ends: dict[str, tuple[int, int]] = {}
        self.versions: dict[tuple[str, str], int] = {}


class _Group:
    """Appends of one transaction: looked at one by one, written together.

    What an append of the group will write is in the memory before it is in the tables, so that the
    next one is checked against it. Nothing is written for an append that is refused.
    """

    __slots__ = ("_asks", "_begins", "_begun", "_commands", "_cursor", "_erased", "_given", "_memory",
                 "_rows", "_texts")  # fmt: skip

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
        self._rows: list[_Row] = []
        self._commands: list[_Row] = []
        self._texts: list[_Row] = []
        self._erased: list[tuple[str, str]] = []

    def take(self, append: Append) -> Outcome:
        """The answer to ``append``; its rows wait to be written."""
        # A command that was stored already is not stored again; and every stream is where the
        # caller saw it, also those that get nothing. As is remembered, or else as is found.
        if not self._fits_memory(append):
            if self._look(append):
                return Known()
            found = [self._version(append.log_id, stream_id) for stream_id, _ in append.expected]
            if found != [version for _, version in append.expected]:
                return Moved(found)
        return self._store(append)

    def _store(self, append: Append) -> Stored:
        """Give out positions."""
        log_id, events, command, _, texts, erase = append
        memory = self._memory
        position, known_at = end = memory.ends[log_id]
        self._begins.setdefault(log_id, end)
        first = position + 1
        last = position + len(events)
        for new in events:
            position += 1
            known_at = _later(known_at, new)
            done = command if position == last else None
            self._rows.append(_row(log_id, (position, known_at), new, done, first))
            # A stream that was not expected may be at any version, and is not remembered.
            place = log_id, new.stream_id
            if place in memory.versions:
                memory.versions[place] = max(memory.versions[place], new.version)
        memory.ends[log_id] = position, known_at
        if command is not None:
            self._given.add((log_id, command.command_id))
            if not events:
                self._commands.append((log_id, *command, first, position))
            for text in texts:
                row = (log_id, text.digest, text.salt, text.body, command.command_id)
                self._texts.append(row)
        for digest in erase:
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
            self._cursor.execute(_record(1), rows[0])
        elif len(rows) > _ROWS_AT_ONCE:
            self._cursor.executemany(_record(1), rows)
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

    def _fits_memory(self, append: Append) -> bool:
        """Whether nothing is to be asked. Facts are needed for it, which prove what is remembered;
        a command that is known after all is refused by its key.
        """
        log_id, events, command, expected, _, _ = append
        if self._asks or not events or log_id not in self._memory.ends:
            return False
        if command is not None and (log_id, command.command_id) in self._given:
            return False
        versions = self._memory.versions
        return [versions.get((log_id, stream_id)) for stream_id, _ in expected] == [
            version for _, version in expected
        ]

    def _look(self, append: Append) -> bool:
        """Whether the command is known; notes how far the log and the first stream are."""
        log_id, _, command, expected, _, _ = append
        command_id = command.command_id if command else None
        stream_id = expected[0][0] if expected else None
        if not self._begun:
            self._begin()
        known, version, head, known_at = self._cursor.execute(
            _LOOK, (log_id, command_id, stream_id)
        ).fetchone()
        remembered = self._begins.get(log_id) or self._memory.ends.get(log_id)
        if head is None:
            self._cursor.execute(_OPEN, (log_id,))
            head, known_at = 0, 0
        if remembered is None:
            self._memory.ends[log_id] = head, known_at
        elif remembered != (head, known_at):
            raise _OutdatedError
        if stream_id is not None:
            self._memory.versions.setdefault((log_id, stream_id), version or 0)
        return bool(known) or (log_id, command_id) in self._given

    def _version(self, log_id: str, stream_id: str) -> int:
        version = self._memory.versions.get((log_id, stream_id))
        if version is None:
            row = self._cursor.execute(_VERSION, (log_id, stream_id)).fetchone()
            version = self._memory.versions[log_id, stream_id] = 0 if row is None else row[0]
        return version

    def _begin(self) -> None:
        self._cursor.execute("BEGIN IMMEDIATE")
        self._begun = True


def _later(known_at: int, new: NewEvent) -> int:
    """The running maximum of the times of recording, with ``new``."""
    recorded_at = new.recorded_at
    return known_at if recorded_at is None or recorded_at <= known_at else recorded_at


def _row(
    log_id: str, place: tuple[int, int], new: NewEvent, command: Command | None, first: int
) -> _Row:
    """A fact at its position and ``known_at``, and with the last one of a command the command."""
    stream_id, version, type_, payload, event_id, recorded_at, since, until, actor, leaf = new
    command_id = salt = request = None
    if command is not None:
        command_id, salt, request = command
    begins = since and since.isoformat()
    # The driver takes a bytearray as it is; for bytes it looks in vain for a way to adapt them.
    return (
        log_id,
        place[0],
        stream_id,
        version,
        type_,
        bytearray(payload),
        event_id and event_id.bytes.hex(),
        recorded_at,
        place[1],
        begins,
        begins if until is since else until and until.isoformat(),
        actor,
        bytearray(leaf),
        command_id,
        salt and bytearray(salt),
        request and bytearray(request),
        command and first,
    )
