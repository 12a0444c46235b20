"""The event store: the domain's port over the tables, one transaction per append.

Writing goes through the library's mapper and the same routine that its recorders use. Reading
goes from rows straight to ``Recorded``, because a fold reads thousands of them at once.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from datetime import datetime

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent
from msgspec import Struct
from sqlalchemy import (
    Connection,
    Select,
    and_,
    case,
    delete,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.engine.interfaces import DBAPICursor

from adapters.codec import decode, encode
from adapters.database import Database
from adapters.identifiers import new_salt
from adapters.log import EnvelopedEvent, LogStatements, microseconds
from adapters.schema import commands, events, logs, texts
from domain.facts import Fact, tag_of
from domain.facts.envelope import Envelope
from domain.problems import Rejected
from domain.store import (
    COMMAND_REUSED,
    VERSION_MOVED,
    EventStore,
    FactReceipt,
    Receipt,
    Recorded,
    StreamChange,
)
from domain.texts import DetachedText

POLL_SECONDS = 0.05
"""How often a waiting reader looks for what other processes have appended."""
_DIGESTS_AT_ONCE = 1000


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
        return enveloped(
            domain_event.originator_id,
            domain_event.originator_version,
            domain_event.envelope,
            domain_event.fact,
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


def enveloped(stream_id: str, version: int, envelope: Envelope, fact: Fact) -> EnvelopedEvent:
    """The stored event of a fact, with the parts of its envelope that the log is searched by."""
    effective = envelope.effective
    return EnvelopedEvent(
        stream_id,
        version,
        tag_of(type(fact)),
        encode(envelope, fact),
        envelope.event_id,
        envelope.recorded_at,
        effective.first,
        effective.last,
        envelope.actor,
    )


class SqlEventStore(EventStore):
    """``domain.store.EventStore`` on a database. Safe for many threads and many processes."""

    def __init__(self, database: Database) -> None:
        """The store in ``database``, whose tables must be there (``adapters.migration``)."""
        self.database = database
        self._statements = LogStatements(database.backend)

    def receipt_of(self, log_id: str, command_id: str, request: bytes) -> Receipt | None:
        """See the port."""
        with self.database.read() as connection:
            return self._receipt(connection.connection.cursor(), log_id, command_id, request)

    def append(
        self,
        log_id: str,
        changes: Sequence[StreamChange],
        *,
        command_id: str,
        request: bytes,
        texts: Sequence[DetachedText] = (),
        erase: Sequence[str] = (),
    ) -> Receipt:
        """See the port. Raises ``ValueError`` when a stream occurs twice; and ``Rejected``
        (``store.busy``) when another process holds the database for too long, in which case
        nothing is stored.
        """
        # 1. Outside the transaction, where others can work: check, encode, hash.
        if len({change.stream_id for change in changes}) != len(changes):
            msg = "one append names a stream twice"
            raise ValueError(msg)
        new = [
            enveloped(change.stream_id, version, fact.envelope, fact.fact)
            for change in changes
            for version, fact in enumerate(change.facts, change.expected_version + 1)
        ]
        salt = new_salt()
        request_hash = _request_hash(salt, request)

        def job(connection: Connection) -> Receipt:
            cursor = connection.connection.cursor()
            # 2. Hold the log, so that nobody else gives out positions.
            head = self._statements.lock(cursor, log_id)
            # 3. A command that was stored already gets its receipt again.
            known = self._receipt(cursor, log_id, command_id, request)
            if known is not None:
                return known
            # 4. Every stream is where the caller saw it, also those that get nothing.
            self._expect(cursor, log_id, changes)
            # 5. Store the facts, the command and its texts.
            end, leaves = self._statements.record(cursor, log_id, head, new)
            self._statements.remember_command.run(
                cursor,
                log_id,
                command_id,
                salt,
                request_hash,
                head.position + 1,
                end.position,
            )
            if texts:
                self._statements.keep_text.run_many(
                    cursor,
                    [(log_id, text.digest, text.salt, text.body, command_id) for text in texts],
                )
            # 6. Erase what is to be forgotten.
            if erase:
                _erase(connection, log_id, erase)
            return Receipt(
                log_id,
                tuple(
                    FactReceipt(str(event.originator_id), event.originator_version, at, leaf)
                    for at, (event, leaf) in enumerate(
                        zip(new, leaves, strict=True), head.position + 1
                    )
                ),
            )

        receipt = self.database.write(job)
        if erase:
            self.database.scrub()
        return receipt

    def read(
        self, log_id: str, stream_id: str, *, after: int = 0, upto_position: int | None = None
    ) -> Sequence[Recorded]:
        """See the port. Raises ``UnreadableFact`` for a fact of a newer program."""
        query = _recorded().where(
            events.c.log_id == log_id, events.c.stream_id == stream_id, events.c.version > after
        )
        if upto_position is not None:
            query = query.where(events.c.position <= upto_position)
        return self._recorded(query.order_by(events.c.version))

    def read_log(self, log_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """See the port. Raises ``UnreadableFact`` for a fact of a newer program."""
        query = _recorded().where(events.c.log_id == log_id, events.c.position > after)
        return self._recorded(query.order_by(events.c.position).limit(limit))

    def streams(self, log_id: str, prefix: str = "") -> Iterator[str]:
        """See the port."""
        stream_id = events.c.stream_id
        query = select(stream_id).distinct().where(events.c.log_id == log_id)
        if prefix:
            # A range finds its place in the index; LIKE would depend on the collation.
            query = query.where(stream_id >= prefix, stream_id < prefix + "\U0010ffff")
        with self.database.read() as connection:
            return iter(connection.scalars(query.order_by(stream_id)).all())

    def logs(self) -> Sequence[str]:
        """See the port."""
        query = select(logs.c.log_id).where(logs.c.head > 0).order_by(logs.c.log_id)
        with self.database.read() as connection:
            return connection.scalars(query).all()

    def head(self, log_id: str) -> int:
        """See the port."""
        query = select(logs.c.head).where(logs.c.log_id == log_id)
        with self.database.read() as connection:
            return connection.scalar(query) or 0

    def wait_beyond(self, log_id: str, position: int, timeout: float) -> int:
        """The head of the log as soon as it is past ``position``, or after ``timeout`` seconds.

        For readers that follow a log: appends of this process wake them at once, those of other
        processes are seen within 50 ms.
        """
        until = time.monotonic() + timeout
        while True:
            seen = self.database.news.count
            head = self.head(log_id)
            if head > position or time.monotonic() >= until:
                return head
            self.database.wait_for_news(seen=seen, until=until, interval=POLL_SECONDS)

    def position_at(self, log_id: str, as_of: datetime) -> int:
        """See the port. ``as_of`` must know its offset."""
        with self.database.read() as connection:
            found = connection.scalar(_position_at(log_id, microseconds(as_of)))
            return found or 0

    def text_bodies(self, log_id: str, digests: Sequence[str]) -> dict[str, str]:
        """See the port."""
        found: dict[str, str] = {}
        with self.database.read() as connection:
            for some in _batches(digests):
                query = select(texts.c.digest, texts.c.body).where(
                    texts.c.log_id == log_id, texts.c.digest.in_(some)
                )
                found.update((digest, body) for digest, body in connection.execute(query))
        return found

    def _receipt(
        self, cursor: DBAPICursor, log_id: str, command_id: str, request: bytes
    ) -> Receipt | None:
        found = self._statements.command.one(cursor, log_id, command_id)
        if found is None:
            return None
        salt, request_hash, first, last = found
        # Where the salt is erased nothing can be compared, and the command id alone decides.
        if salt is not None and _request_hash(salt, request) != request_hash:
            raise Rejected([COMMAND_REUSED.at(command_id=command_id)])
        rows = self._statements.receipt.all(cursor, log_id, first, last)
        return Receipt(log_id, tuple(FactReceipt(*row) for row in rows))

    def _expect(self, cursor: DBAPICursor, log_id: str, changes: Sequence[StreamChange]) -> None:
        moved = []
        for change in changes:
            found = self._statements.version.one(cursor, log_id, change.stream_id)
            actual = 0 if found is None else found[0]
            if actual != change.expected_version:
                moved.append(
                    VERSION_MOVED.at(
                        change.stream_id,
                        stream=change.stream_id,
                        expected=change.expected_version,
                        actual=actual,
                    )
                )
        if moved:
            raise Rejected(moved)

    def _recorded(self, query: Select[str, int, int, str, bytes, bytes]) -> list[Recorded]:
        with self.database.read() as connection:
            rows = connection.execute(query).all()
        found = []
        for stream_id, version, position, tag, payload, leaf in rows:
            document = decode(tag, payload)
            found.append(
                Recorded(stream_id, version, position, document.envelope, document.fact, leaf)
            )
        return found


def _request_hash(salt: bytes, request: bytes) -> bytes:
    return hashlib.sha256(salt + request).digest()


def _recorded() -> Select[str, int, int, str, bytes, bytes]:
    columns = events.c
    return select(
        columns.stream_id,
        columns.version,
        columns.position,
        columns.type,
        columns.payload,
        columns.leaf_hash,
    )


def _position_at(log_id: str, moment: int) -> Select[int]:
    """The last position with ``known_at`` <= ``moment``.

    ``known_at`` never falls along a log, so halving finds it on the primary key, and appends pay
    for no index.
    """
    search = (
        select(literal(0).label("low"), logs.c.head.label("high"))
        .where(logs.c.log_id == log_id)
        .cte("search", recursive=True)
    )
    middle = (search.c.low + search.c.high + 1).op("/")(2)
    known = events.c.known_at <= moment
    search = search.union_all(
        select(
            case((known, events.c.position), else_=search.c.low),
            case((known, search.c.high), else_=events.c.position - 1),
        )
        .select_from(
            search.join(events, and_(events.c.log_id == log_id, events.c.position == middle))
        )
        .where(search.c.low < search.c.high)
    )
    return select(func.max(search.c.low)).where(search.c.low == search.c.high)


def _erase(connection: Connection, log_id: str, digests: Sequence[str]) -> None:
    for some in _batches(digests):
        which = and_(texts.c.log_id == log_id, texts.c.digest.in_(some))
        connection.execute(
            update(commands)
            .where(
                commands.c.log_id == log_id,
                commands.c.command_id.in_(select(texts.c.command_id).where(which)),
            )
            .values(request_salt=None)
        )
        connection.execute(delete(texts).where(which))


def _batches(digests: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(digests), _DIGESTS_AT_ONCE):
        yield digests[start : start + _DIGESTS_AT_ONCE]
