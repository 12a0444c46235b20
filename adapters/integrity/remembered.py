"""What is remembered of commands, beside the facts that say which command stored them.

A command has a row in ``commands``, or the hash of its request stands beside its one fact. Sent again,
a command that lost its row would be stored again, and one that lost its hash would be refused.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select, type_coerce
from sqlalchemy.types import NULLTYPE

from adapters.database import Database
from adapters.integrity.raw import any_text, digest, kind, shown
from adapters.schema import commands
from domain.store import Altered

_AT_ONCE = 2000
_HASH_BYTES = 32
_BEYOND = 2**63
"""More than any column holds."""

_Row = tuple[Any, Any, Any, Any, Any]
"""first_position, last_position, command_id, request_hash, request_salt."""


class Commands:
    """The rows of ``commands`` in the order of their positions, for a walk over the facts."""

    def __init__(self, log_id: str, rows: Iterator[_Row]) -> None:
        """Those of a log; ``rows`` are looked at once, when the walk is there."""
        self._log_id = log_id
        self._rows = rows
        self._wrong: list[Altered] = []
        self._open: list[tuple[int, str]] = []
        self._first = self._last = 0
        self._command = ""
        self._advance()

    def at(self, position: int) -> Sequence[str]:
        """The ids of the commands that name a position, which is not before the last asked for."""
        while self._first <= position:
            self._open.append((self._last, self._command))
            self._advance()
        if not self._open:
            return ()
        self._open = [one for one in self._open if one[0] >= position]
        return [command for _, command in self._open]

    def wrong(self) -> Iterator[Altered]:
        """What is wrong with rows that were met since this was asked last."""
        yield from self._wrong
        self._wrong.clear()

    def cut_off(self, upto: int, head: int) -> Iterator[Altered]:
        """The first position after ``upto`` that each command names and does not have, for the log
        ends at ``head``; and what is wrong with rows that the walk did not come to.
        """
        for last, _ in self._open:
            yield from self._missing(1, last, upto, head)
        while self._first < _BEYOND:
            yield from self._missing(self._first, self._last, upto, head)
            self._advance()
            yield from self.wrong()
        yield from self.wrong()

    def _missing(self, first: int, last: int, upto: int, head: int) -> Iterator[Altered]:
        missing = max(first, upto + 1, head + 1)
        if missing <= last:
            yield Altered(
                where=self._log_id, what="fact", stored=None, found=None, position=missing
            )

    def _advance(self) -> None:
        """To the next row that names positions."""
        for row in self._rows:
            self._wrong += _wrong_in(row, self._log_id)
            first, last, command_id, *_ = row
            if type(first) is int and type(last) is int and first <= last:
                self._first, self._last = first, last
                # One that is no text is no fact's command.
                self._command = (
                    command_id if isinstance(command_id, str) else shown(command_id) or ""
                )
                return
        self._first = _BEYOND


@contextmanager
def remembered(database: Database, log_id: str) -> Iterator[Commands]:
    """The commands of a log that have a row of their own, as they are now."""
    held = commands.c
    query = (
        select(
            *(
                type_coerce(column, NULLTYPE)
                for column in (
                    held.first_position,
                    held.last_position,
                    held.command_id,
                    held.request_hash,
                    held.request_salt,
                )
            )
        )
        .where(held.log_id == log_id)
        .order_by(held.first_position, held.last_position, held.command_id)
    )
    # No index has this order. It is sorted once, by the database, and read as far as the walk is.
    streamed = {"stream_results": True, "yield_per": _AT_ONCE}
    with database.read() as connection, any_text(connection):
        rows = connection.execute(query, execution_options=streamed)
        yield Commands(log_id, (tuple(row) for row in rows))


def is_hash(value: object) -> bool:
    """Whether this can be the hash of a request."""
    return isinstance(value, bytes) and len(value) == _HASH_BYTES


def _wrong_in(row: _Row, log_id: str) -> Iterator[Altered]:
    """What of a row no command can have left."""
    first, last, command_id, request_hash, salt = row
    where = (isinstance(command_id, str) and shown(command_id)) or log_id
    position = first if type(first) is int else None

    def told(what: str, stored: str | None, found: str | None = None) -> Altered:
        return Altered(where=where, what=what, stored=stored, found=found, position=position)

    if not isinstance(command_id, str):
        yield told("command_id", shown(command_id))
    if type(first) is not int or first < 1:
        yield told("first_position", shown(first))
    # A command without facts lies between two: it ends where it would begin.
    elif type(last) is not int or last < first - 1:
        yield told("last_position", shown(last))
    if not is_hash(request_hash):
        yield told("request_hash", digest(request_hash))
    if salt is not None and not isinstance(salt, bytes):
        yield told("request_salt", kind(salt), "blob")


Wrong = tuple[str, str | None, str | None]
"""What is wrong beside a fact, what is stored there, and what the fact says."""


def wrongly_remembered(
    command_id: str | None, request_hash: object, rows: Sequence[str], *, own: bool
) -> Iterator[Wrong]:
    """How the command of a fact is remembered otherwise than the fact says.

    ``command_id`` stands in its envelope, if it has one, and is its ``own`` id or not;
    ``request_hash`` beside it; and ``rows`` are the ids of commands that name its position.
    """
    for other in rows:
        if other != command_id:
            yield "command", other, command_id
    if request_hash is not None:
        if not own or command_id in rows or not is_hash(request_hash):
            yield "request_hash", digest(request_hash), None
    elif not rows and command_id is not None:
        yield "command", None, command_id
