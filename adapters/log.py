"""Adding to a log, as data: what an append carries, and what a database answers.

Everything that can be made outside the transaction is made here, leaf hashes included: they do
not depend on the position. A database then has to look, to give out positions and to store.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from msgspec import Struct

from domain.merkle import leaf_hash
from domain.texts import DetachedText

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """``moment``, which must know its offset, in µs since 1970 UTC; exact."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@dataclass(frozen=True, slots=True)
class EnvelopedEvent(StoredEvent):
    """A stored event with those parts of its envelope that the log is searched by."""

    event_id: UUID
    recorded_at: datetime
    effective_from: date | None
    effective_to: date | None
    actor: str


class NewEvent(Struct, frozen=True, gc=False):
    """A row of ``events`` but for what the log gives to it: its position and ``known_at``."""

    stream_id: str
    version: int
    type: str
    payload: bytes
    event_id: UUID | None
    recorded_at: int | None
    effective_from: date | None
    effective_to: date | None
    actor: str | None
    leaf_hash: bytes


def new_event(stored: StoredEvent) -> NewEvent:
    """The row of a stored event; without an envelope its columns stay empty."""
    stream_id = str(stored.originator_id)
    version, type_, payload = stored.originator_version, stored.topic, stored.state
    leaf = leaf_hash(stream_id=stream_id, version=version, type_=type_, payload=payload)
    if not isinstance(stored, EnvelopedEvent):
        return NewEvent(stream_id, version, type_, payload, None, None, None, None, None, leaf)
    return NewEvent(
        stream_id,
        version,
        type_,
        payload,
        stored.event_id,
        microseconds(stored.recorded_at),
        stored.effective_from,
        stored.effective_to,
        stored.actor,
        leaf,
    )


class Command(Struct, frozen=True, gc=False):
    """A command as it is remembered: its id, and SHA-256(salt ‖ request).

    A command without a salt is remembered by its one fact, which has the command's id; it brings no
    texts, so that its request never has to be forgotten.
    """

    command_id: str
    salt: bytes | None
    request_hash: bytes


def request_hash(salt: bytes | None, request: bytes) -> bytes:
    """SHA-256(salt ‖ request)."""
    return hashlib.sha256(salt + request if salt else request).digest()


class Append(Struct, frozen=True, gc=False):
    """Events for one log, stored together or not at all.

    ``expected`` are streams with the version that each must have. Without a ``command`` nothing
    protects a retry but the versions of the events.
    """

    log_id: str
    events: Sequence[NewEvent]
    command: Command | None = None
    expected: Sequence[tuple[str, int]] = ()
    texts: Sequence[DetachedText] = ()
    erase: Sequence[str] = ()


class Stored(Struct, frozen=True, gc=False):
    """The events lie in the log from position ``first`` on."""

    first: int


class Known(Struct, frozen=True, gc=False):
    """The command was stored before, and nothing now."""


class Moved(Struct, frozen=True, gc=False):
    """Nothing was stored: ``found`` are the versions of the expected streams."""

    found: Sequence[int]


Outcome = Stored | Known | Moved
