"""Facts as the ``eventsourcing`` library has them: its stored events, and rows of the log from these."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent
from msgspec import Struct

from adapters.codec import decode, encode
from adapters.log import NewEvent, microseconds
from domain.facts import Fact, tag_of
from domain.facts.envelope import Envelope
from domain.merkle import leaf_hash


@dataclass(frozen=True, slots=True)
class EnvelopedEvent(StoredEvent):
    """A stored event with those parts of its envelope that the log is searched by."""

    event_id: UUID
    recorded_at: datetime
    effective_from: date | None
    effective_to: date | None
    actor: str


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
        stored.event_id.hex,
        microseconds(stored.recorded_at),
        stored.effective_from,
        stored.effective_to,
        stored.actor,
        leaf,
    )


class StreamFact(Struct, frozen=True, gc=False):
    """A fact at its place in a stream: what the library calls a domain event."""

    originator_id: str
    originator_version: int
    envelope: Envelope
    fact: Fact


class FactMapper(Mapper[str]):
    """Facts and stored events: explicit tags for topics, our codec for the state.

    For the library's event store as well; its transcoder, compressor and cipher have no part in
    it, because the stored bytes are what the leaves and proofs commit to.
    """

    def __init__(self, **_unused: object) -> None:
        """A mapper; takes and ignores what the library hands to every mapper."""

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> EnvelopedEvent:
        """The stored event of a ``StreamFact``. Raises ``TypeError`` for anything else."""
        if not isinstance(domain_event, StreamFact):
            msg = f"{type(domain_event).__name__} is no fact of a stream"
            raise TypeError(msg)
        envelope, fact = domain_event.envelope, domain_event.fact
        return EnvelopedEvent(
            domain_event.originator_id,
            domain_event.originator_version,
            tag_of(type(fact)),
            encode(envelope, fact),
            envelope.event_id,
            envelope.recorded_at,
            envelope.effective.first,
            envelope.effective.last,
            envelope.actor,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> StreamFact:
        """The fact of a stored event. Raises ``UnreadableFact``."""
        document = decode(stored_event.topic, stored_event.state)
        return StreamFact(
            str(stored_event.originator_id),
            stored_event.originator_version,
            document.envelope,
            document.fact,
        )
