"""Adding to a log, as data: what an append carries, and what a database answers.

Everything that can be made outside the transaction is made here, leaf hashes included: they do
not depend on the position. A database then has to look, to give out positions and to store.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

from adapters.codec import encode
from adapters.identifiers import new_salt
from domain.facts import TAGS
from domain.facts.envelope import writes
from domain.merkle import leaf_hash
from domain.store import StreamChange
from domain.texts import DetachedText

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_EMPTY = hashlib.sha256()


def microseconds(moment: datetime) -> int:
    """``moment``, which must know its offset, in µs since 1970 UTC; exact."""
    return (moment - _EPOCH) // _MICROSECOND


class NewEvent(Struct, frozen=True, gc=False):
    """A row of ``events`` but for what the log gives to it: its position and ``known_at``.

    ``event_id`` as its 32 hexadecimal digits.
    """

    stream_id: str
    version: int
    type: str
    payload: bytes
    event_id: str | None
    recorded_at: int | None
    effective_from: date | None
    effective_to: date | None
    actor: str | None
    leaf_hash: bytes


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
    # Half of the time that a hash of so few bytes takes is its beginning.
    found = _EMPTY.copy()
    found.update(salt + request if salt else request)
    return found.digest()


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


def to_append(
    log_id: str,
    changes: Sequence[StreamChange],
    *,
    command_id: str,
    request: bytes,
    texts: Sequence[DetachedText] = (),
    erase: Sequence[str] = (),
) -> Append:
    """An append as data: everything that needs no lock is done here, before one is held.

    Raises ``ValueError`` when a stream occurs twice.
    """
    if len(changes) > 1 and len({change.stream_id for change in changes}) != len(changes):
        msg = "one append names a stream twice"
        raise ValueError(msg)
    events: list[NewEvent] = []
    expected: list[tuple[str, int]] = []
    for change in changes:
        stream_id, version = change.stream_id, change.expected_version
        expected.append((stream_id, version))
        for one in change.facts:
            version += 1
            envelope, fact = one.envelope, one.fact
            type_, payload = TAGS[type(fact)], encode(envelope, fact)
            effective = envelope.effective
            events.append(
                NewEvent(
                    stream_id,
                    version,
                    type_,
                    payload,
                    envelope.event_id.hex,
                    microseconds(envelope.recorded_at),
                    effective.first,
                    effective.last,
                    envelope.actor,
                    leaf_hash(stream_id=stream_id, version=version, type_=type_, payload=payload),
                )
            )
    # A request without texts never has to be forgotten, and needs no salt.
    alone = events[0].event_id if len(events) == 1 and not texts and not erase else None
    salt = None if alone is not None and writes(command_id, alone) else new_salt()
    return Append(
        log_id,
        events,
        Command(command_id, salt, request_hash(salt, request)),
        expected,
        texts,
        erase,
    )
