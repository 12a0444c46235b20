"""The event store: the domain's port over the tables, one transaction per append.

An append is handed to the database as data. Reading goes from rows straight to ``Recorded``,
because a fold reads thousands of them at once.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    literal,
    null,
    select,
)

from adapters.database import Database
from adapters.integrity import altered
from adapters.log import Known, Moved, microseconds, request_hash, to_append
from adapters.past import KNOWN, past
from adapters.places import IN_ORDER, LAST_POSITION, between
from adapters.reading import Question, Recordings, documents
from adapters.schema import commands, events, logs, texts
from domain.facts.envelope import event_id_in
from domain.problems import Problem, Rejected
from domain.store import (
    COMMAND_REUSED,
    VERSION_MOVED,
    Altered,
    Document,
    EventStore,
    FactReceipt,
    Past,
    Receipt,
    Recorded,
    StreamChange,
    Wanted,
)
from domain.texts import DetachedText

POLL_SECONDS = 0.05
"""How often a waiting reader looks for what other processes have appended."""
_DIGESTS_AT_ONCE = 1000
_RECORDED = (
    events.c.stream_id,
    events.c.version,
    events.c.position,
    events.c.type,
    events.c.payload,
    events.c.leaf_hash,
)
STREAM = (
    select(*_RECORDED)
    .where(
        events.c.log_id == bindparam("log_id"),
        events.c.stream_id == bindparam("stream_id"),
        events.c.version > bindparam("after", type_=BigInteger),
        KNOWN,
    )
    .order_by(events.c.version)
)
"""The facts of a stream after a version, as known at a position."""
PAYLOADS = (
    select(events.c.payload)
    .where(
        events.c.log_id == bindparam("log_id"),
        events.c.stream_id == bindparam("stream_id"),
        KNOWN,
    )
    .order_by(events.c.version)
)
"""The same, as payloads alone."""
_STREAM, _PAYLOADS = Question(STREAM), Question(PAYLOADS)
_LOG = Question(
    select(*_RECORDED)
    .where(between(bindparam("log_id"), bindparam("after", type_=BigInteger)))
    .order_by(IN_ORDER)
    .limit(bindparam("limit", type_=BigInteger))
)
# The next id rather than an equal one: of tables that it never analysed PostgreSQL knows nothing, and
# for an equality takes any index that begins with the log.
_NEXT = (
    select(events.c.event_id, events.c.request_hash, events.c.position)
    .where(
        events.c.log_id == bindparam("log_id"),
        events.c.event_id >= cast(bindparam("event_id", type_=Text), Uuid),
    )
    .order_by(events.c.event_id)
    .limit(1)
    .subquery()
)
_COMMAND = Question(
    select(
        literal(0).label("with_fact"),
        commands.c.request_salt,
        commands.c.request_hash,
        commands.c.first_position,
        commands.c.last_position,
    )
    .where(
        commands.c.log_id == bindparam("log_id"), commands.c.command_id == bindparam("command_id")
    )
    .union_all(
        select(literal(1), null(), _NEXT.c.request_hash, _NEXT.c.position, _NEXT.c.position).where(
            _NEXT.c.event_id == cast(bindparam("event_id", type_=Text), Uuid)
        )
    )
    .order_by("with_fact")
)
"""What is known of a command id, that of a command without a fact of its id first; of a fact with
the id that remembers no command, there is no hash."""
_STORED = Question(
    select(events.c.stream_id, events.c.version, events.c.position, events.c.leaf_hash)
    .where(
        between(
            bindparam("log_id"),
            bindparam("before", type_=BigInteger),
            bindparam("last", type_=BigInteger),
        )
    )
    .order_by(IN_ORDER)
)


class SqlEventStore(EventStore):
    """``domain.store.EventStore`` on a database. Safe for many threads and many processes."""

    def __init__(self, database: Database) -> None:
        """The store in ``database``, whose tables must be there (``adapters.migration``)."""
        self.database = database

    def receipt_of(self, log_id: str, command_id: str, request: bytes) -> Receipt | None:
        """See the port."""

        def ask(connection: Connection) -> Receipt | None:
            fact = event_id_in(command_id)
            asked = {
                "log_id": log_id,
                "command_id": command_id,
                "event_id": fact and fact.hex,
            }
            found = _COMMAND.rows(connection, asked)
            if not found:
                return None
            with_fact, salt, stored_hash, first, last = found[0]
            # Where the salt is erased nothing can be compared, and the command id alone decides.
            if (with_fact or salt is not None) and request_hash(salt, request) != stored_hash:
                raise Rejected([COMMAND_REUSED.at(command_id=command_id)])
            rows = _STORED.rows(connection, {"log_id": log_id, "before": first - 1, "last": last})
            return Receipt(log_id, tuple(FactReceipt(*row) for row in rows))

        return self.database.query(ask)

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
        append = to_append(
            log_id, changes, command_id=command_id, request=request, texts=texts, erase=erase
        )
        outcome = self.database.append(append)
        if isinstance(outcome, Moved):
            raise Rejected(_moved(changes, outcome.found))
        if erase:
            # After a retry too: what stored it may have died before this.
            self.database.scrub()
        if isinstance(outcome, Known):
            receipt = self.receipt_of(log_id, command_id, request)
            assert receipt is not None  # noqa: S101 - commands are never deleted
            return receipt
        receipts = []
        position = outcome.first
        for new in append.events:
            receipts.append(FactReceipt(new.stream_id, new.version, position, new.leaf_hash))
            position += 1
        return Receipt(log_id, tuple(receipts))

    def read(
        self, log_id: str, stream_id: str, *, after: int = 0, upto_position: int | None = None
    ) -> Sequence[Recorded]:
        """See the port. Raises ``UnreadableFact`` for a fact of a newer program."""
        last = LAST_POSITION if upto_position is None else upto_position
        return self._recorded(
            _STREAM, {"log_id": log_id, "stream_id": stream_id, "after": after, "last": last}
        )

    def history(
        self,
        log_id: str,
        stream_id: str,
        of: type[Document],
        *,
        upto_position: int | None = None,
    ) -> Iterable[Document]:
        """See the port. Raises ``UnreadableFact`` for a fact of a newer program."""
        last = LAST_POSITION if upto_position is None else upto_position
        values = {"log_id": log_id, "stream_id": stream_id, "last": last}
        found = self.database.query(lambda connection: _PAYLOADS.values(connection, values))
        return documents(found, of)

    def past(self, log_id: str, streams: Mapping[str, Wanted], position: int) -> Mapping[str, Past]:
        """See the port. Raises ``UnreadableFact`` for a fact of a newer program."""
        return past(self.database, log_id, streams, position)

    def read_log(self, log_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """See the port. Raises ``UnreadableFact`` for a fact of a newer program."""
        return self._recorded(_LOG, {"log_id": log_id, "after": after, "limit": limit})

    def streams(self, log_id: str, prefix: str = "") -> Iterator[str]:
        """See the port."""
        stream_id = events.c.stream_id
        query = select(stream_id).distinct().where(events.c.log_id == log_id)
        if prefix:
            # A range finds its place in the index; LIKE would depend on the collation.
            query = query.where(stream_id >= prefix, stream_id < prefix + "\U0010ffff")
        query = query.order_by(stream_id)
        return iter(self.database.query(lambda connection: connection.scalars(query).all()))

    def logs(self) -> Sequence[str]:
        """See the port."""
        query = select(logs.c.log_id).where(logs.c.head > 0).order_by(logs.c.log_id)
        return self.database.query(lambda connection: connection.scalars(query).all())

    def head(self, log_id: str) -> int:
        """See the port."""
        query = select(logs.c.head).where(logs.c.log_id == log_id)
        return self.database.query(lambda connection: connection.scalar(query)) or 0

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
        query = _positions_at(microseconds(as_of), logs.c.log_id == log_id)
        return dict(self.database.query(lambda at: at.execute(query).all())).get(log_id, 0)

    def positions_at(self, as_of: datetime) -> dict[str, int]:
        """See the port. ``as_of`` must know its offset."""
        query = _positions_at(microseconds(as_of))
        return dict(self.database.query(lambda at: at.execute(query).all()))

    def altered(self, log_id: str, upto: int) -> Iterator[Altered]:
        """See the port."""
        return altered(self.database, log_id, upto)

    def text_bodies(self, log_id: str, digests: Sequence[str]) -> dict[str, str]:
        """See the port."""

        def ask(connection: Connection) -> dict[str, str]:
            found: dict[str, str] = {}
            for some in _batches(digests):
                query = select(texts.c.digest, texts.c.body).where(
                    texts.c.log_id == log_id, texts.c.digest.in_(some)
                )
                found.update((digest, body) for digest, body in connection.execute(query))
            return found

        return self.database.query(ask)

    def _recorded(self, question: Question, values: Mapping[str, object]) -> Sequence[Recorded]:
        rows = self.database.query(lambda connection: question.rows(connection, values))
        return Recordings(rows) if rows else []


def _moved(changes: Sequence[StreamChange], found: Sequence[int]) -> list[Problem]:
    return [
        VERSION_MOVED.at(
            change.stream_id,
            stream=change.stream_id,
            expected=change.expected_version,
            actual=actual,
        )
        for change, actual in zip(changes, found, strict=True)
        if actual != change.expected_version
    ]


def _positions_at(moment: int, *which: ColumnElement[bool]) -> Select[str, int]:
    """The last position with ``known_at`` <= ``moment`` of each log, or of those ``which``.

    ``known_at`` never falls along a log, so halving finds it on the primary key, and appends pay
    for no index.
    """
    search = (
        select(logs.c.log_id, literal(0, BigInteger).label("low"), logs.c.head.label("high"))
        .where(*which)
        .cte("search", recursive=True)
    )
    middle = (search.c.low + search.c.high + 1) // 2
    # A subquery, not a join: no planner is then tempted to read the whole table for it.
    known_at = (
        select(events.c.known_at)
        .where(between(search.c.log_id, middle - 1, middle))
        .scalar_subquery()
    )
    known = known_at <= moment
    search = search.union_all(
        select(
            search.c.log_id,
            case((known, middle), else_=search.c.low),
            case((known, search.c.high), else_=middle - 1),
        ).where(search.c.low < search.c.high)
    )
    return select(search.c.log_id, search.c.low).where(search.c.low == search.c.high)


def _batches(digests: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(digests), _DIGESTS_AT_ONCE):
        yield digests[start : start + _DIGESTS_AT_ONCE]
