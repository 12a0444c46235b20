"""Facts whose bytes do not give the leaf beside them, or say something else than what stands beside
them; positions that hold no fact.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import BigInteger, bindparam, select

from adapters.codec import REFUSED
from adapters.database import Database
from adapters.integrity.raw import Held, digest, kind, rows_of, shown
from adapters.integrity.remembered import Commands, is_hash, wrongly_remembered
from adapters.log import microseconds
from adapters.places import IN_ORDER, between
from adapters.reading import Question
from adapters.schema import events
from domain.merkle import leaf_hash
from domain.store import Altered

_FACTS_AT_ONCE = 2000


class _Row(NamedTuple):
    """A fact as the database holds it, where any value may have been put into any column."""

    position: int
    stream_id: Any
    version: Any
    type: Any
    payload: Any
    leaf_hash: Any
    request_hash: Any
    # What follows says again what the log, the facts before, and the fact's envelope say.
    log_id: Any
    event_id: Any
    recorded_at: Any
    known_at: Any
    effective_from: Any
    effective_to: Any
    actor: Any


_FIRST_COPY = _Row._fields.index("log_id")
_COPIES = _Row._fields[_FIRST_COPY:]
_WRITTEN = frozenset({"event_id", "effective_from", "effective_to"})
_FACTS = Question(
    select(*(Held(events.c[name]) if name in _WRITTEN else events.c[name] for name in _Row._fields))
    .where(
        between(
            bindparam("log_id"),
            bindparam("after", type_=BigInteger),
            bindparam("last", type_=BigInteger),
        )
    )
    .order_by(IN_ORDER)
)


class _Effective(Struct, frozen=True, gc=False):
    first: str | None = None
    last: str | None = None


class _Envelope(Struct, frozen=True, gc=False):
    """What is said again beside an envelope. Ids and days stay the texts that they are stored as."""

    event_id: str
    recorded_at: Annotated[datetime, Meta(tz=True)]
    actor: str
    command_id: str
    effective: _Effective = _Effective()


class _Enveloped(Struct, frozen=True, gc=False):
    """A stored document of which only the envelope is read."""

    envelope: _Envelope


_enveloped = msgspec.json.Decoder(_Enveloped).decode


def altered_facts(
    database: Database, log_id: str, upto: int, commands: Commands
) -> Iterator[Altered]:
    """What is wrong with the facts of a log up to a position, and with commands that name them."""
    check = _Check(log_id)
    position = 0
    while position < upto:
        last = min(position + _FACTS_AT_ONCE, upto)
        asked = {"log_id": log_id, "after": position, "last": last}
        for row in rows_of(database, _FACTS, asked):
            if row[0] != position + 1:
                yield from _missing(log_id, position + 1, row[0])
            position = row[0]
            yield from check.look(row, commands.at(position))
        yield from _missing(log_id, position + 1, last + 1)
        yield from commands.wrong()
        position = last


def _missing(log_id: str, first: int, beyond: int) -> Iterator[Altered]:
    for position in range(first, beyond):
        yield Altered(where=log_id, what="fact", stored=None, found=None, position=position)


class _Check:
    """Looks at the facts of a log, one after the other from its first."""

    def __init__(self, log_id: str) -> None:
        self._log_id = log_id
        self._known_at = 0

    def look(self, row: Sequence[Any], rows: Sequence[str]) -> Iterable[Altered]:
        """What is wrong with a fact; ``rows`` are the ids of commands that name its position."""
        _, stream_id, version, type_, payload, leaf, request, *_ = row
        found: bytes | None
        try:
            found = leaf_hash(stream_id=stream_id, version=version, type_=type_, payload=payload)
        except (AttributeError, TypeError, struct.error):
            found = None
        try:
            envelope = _enveloped(payload).envelope
        except (*REFUSED, RecursionError, TypeError):
            return self._without_envelope(_Row(*row), found, rows)
        recorded_at, effective = microseconds(envelope.recorded_at), envelope.effective
        known_at = max(self._known_at, recorded_at)
        said = (
            self._log_id,
            envelope.event_id.replace("-", ""),
            recorded_at,
            known_at,
            effective.first,
            effective.last,
            envelope.actor,
        )
        command_id, own = envelope.command_id, envelope.command_id == envelope.event_id
        # As nearly all are: remembered beside the fact, or in a row of its own.
        remembered = (
            len(rows) == 1 and rows[0] == command_id
            if request is None
            else own and not rows and is_hash(request)
        )
        if found is not None and found == leaf:
            self._known_at = known_at
            if remembered and row[_FIRST_COPY:] == said:
                return ()
        else:
            # What bytes say that were altered is no measure for the next.
            self._keep(row)
        fact = _Row(*row)
        told = [*_other_leaf(fact, found), *_differing(fact, said)]
        if not remembered:
            command = wrongly_remembered(command_id, request, rows, own=own)
            told += (_told(fact, *one) for one in command)
        return told

    def _without_envelope(
        self, fact: _Row, found: bytes | None, rows: Sequence[str]
    ) -> Iterator[Altered]:
        """An event of another application has none; or its bytes were altered, and say nothing."""
        if found is None or found != fact.leaf_hash:
            self._keep(fact)
            yield from _other_leaf(fact, found)
            return
        said = (self._log_id, None, None, self._known_at, None, None, None)
        yield from _differing(fact, said)
        # No command has stored it.
        for one in wrongly_remembered(None, fact.request_hash, rows, own=False):
            yield _told(fact, *one)

    def _keep(self, row: Sequence[Any]) -> None:
        """What became known by then, of a fact that does not say it, is what the column holds."""
        held = row[_Row._fields.index("known_at")]
        if isinstance(held, int):
            self._known_at = held


def _told(fact: _Row, what: str, stored: str | None, found: str | None) -> Altered:
    where = shown(fact.stream_id) or ""
    return Altered(where=where, what=what, stored=stored, found=found, position=fact.position)


def _other_leaf(fact: _Row, found: bytes | None) -> Iterator[Altered]:
    if found is None:
        yield from _unhashable(fact)
    elif found != fact.leaf_hash:
        yield _told(fact, "leaf", digest(fact.leaf_hash), found.hex())


def _differing(fact: _Row, said: Sequence[object]) -> Iterator[Altered]:
    for name, held, expected in zip(_COPIES, fact[_FIRST_COPY:], said, strict=True):
        if held != expected:
            yield _told(fact, name, shown(held), shown(expected))


def _unhashable(fact: _Row) -> Iterator[Altered]:
    """What no leaf can be made of."""
    if not isinstance(fact.stream_id, str):
        yield _told(fact, "stream_id", shown(fact.stream_id), None)
    if not isinstance(fact.version, int) or fact.version < 0:
        yield _told(fact, "version", shown(fact.version), None)
    if not isinstance(fact.type, str):
        yield _told(fact, "type", shown(fact.type), None)
    if not isinstance(fact.payload, bytes):
        # What it holds may be long, and is nobody's word.
        yield _told(fact, "payload", kind(fact.payload), "blob")
