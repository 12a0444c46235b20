"""Adding to a log: the statements of an append, and the one routine that records events.

Whoever records holds the log's row first (``lock``), so positions are given out one after the
other and are dense: an undone transaction gives its positions back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from sqlalchemy import bindparam, insert, literal_column, select, update
from sqlalchemy.engine.interfaces import DBAPICursor

from adapters.dialects import Backend, Prepared
from adapters.schema import commands, events, logs, texts
from domain.merkle import leaf_hash

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """``moment``, which must know its offset, in µs since 1970 UTC; exact."""
    return (moment - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class EnvelopedEvent(StoredEvent):
    """A stored event with those parts of its envelope that the log is searched by."""

    event_id: UUID
    recorded_at: datetime
    effective_from: date | None
    effective_to: date | None
    actor: str


class Head(NamedTuple):
    """The end of a log: its last position, and the newest time of recording in µs since 1970."""

    position: int
    known_at: int


class Recording(NamedTuple):
    """What was recorded: the new end of the log, and the leaf of each event in order."""

    head: Head
    leaves: list[bytes]


class LogStatements:
    """The statements of an append, rendered once for a database."""

    def __init__(self, backend: Backend) -> None:
        """The statements as ``backend`` writes them."""
        dialect = backend.statements
        log = logs.c.log_id == bindparam("log_id")
        row = tuple(column.name for column in events.columns)
        self._lock = Prepared(
            select(logs.c.head, logs.c.known_at).where(log).with_for_update(), dialect, "log_id"
        )
        self._open = Prepared(insert(logs), dialect, "log_id", "head", "known_at")
        self._extend = Prepared(
            update(logs)
            .where(logs.c.log_id == bindparam("of"))
            .values(head=bindparam("head"), known_at=bindparam("known_at")),
            dialect,
            "head",
            "known_at",
            "of",
        )
        self._record = Prepared(insert(events), dialect, *row)
        self.version = Prepared(
            select(events.c.version)
            .where(
                events.c.log_id == bindparam("log_id"),
                events.c.stream_id == bindparam("stream_id"),
            )
            .order_by(events.c.version.desc())
            # One row off the end of the index; an aggregate can read the whole stream.
            .limit(literal_column("1"))
            .offset(literal_column("0")),
            dialect,
            "log_id",
            "stream_id",
        )
        self.command = Prepared(
            select(
                commands.c.request_salt,
                commands.c.request_hash,
                commands.c.first_position,
                commands.c.last_position,
            ).where(
                commands.c.log_id == bindparam("log_id"),
                commands.c.command_id == bindparam("command_id"),
            ),
            dialect,
            "log_id",
            "command_id",
        )
        self.receipt = Prepared(
            select(events.c.stream_id, events.c.version, events.c.position, events.c.leaf_hash)
            .where(
                events.c.log_id == bindparam("log_id"),
                events.c.position.between(bindparam("first"), bindparam("last")),
            )
            .order_by(events.c.position),
            dialect,
            "log_id",
            "first",
            "last",
        )
        self.remember_command = Prepared(
            insert(commands), dialect, *(column.name for column in commands.columns)
        )
        self.keep_text = Prepared(
            insert(texts), dialect, *(column.name for column in texts.columns)
        )

    def lock(self, cursor: DBAPICursor, log_id: str) -> Head:
        """The end of the log, held until the transaction ends; opens a log that is not there."""
        found = self._lock.one(cursor, log_id)
        if found is None:
            self._open.run(cursor, log_id, 0, 0)
            return Head(0, 0)
        return Head(*found)

    def record(
        self, cursor: DBAPICursor, log_id: str, head: Head, new: Sequence[StoredEvent]
    ) -> Recording:
        """Store ``new`` after ``head``, in order, and move the end of the log.

        The driver raises its integrity error when a version or an event id is there already.
        """
        position, known_at = head
        rows: list[tuple[object, ...]] = []
        leaves = []
        for event in new:
            position += 1
            stream_id = str(event.originator_id)
            leaf = leaf_hash(
                stream_id=stream_id,
                version=event.originator_version,
                type_=event.topic,
                payload=event.state,
            )
            copies: tuple[object, ...] = (None, None, known_at, None, None, None)
            if isinstance(event, EnvelopedEvent):
                recorded_at = microseconds(event.recorded_at)
                known_at = max(known_at, recorded_at)
                first, last = event.effective_from, event.effective_to
                copies = (
                    event.event_id.hex,
                    recorded_at,
                    known_at,
                    first and first.isoformat(),
                    last and last.isoformat(),
                    event.actor,
                )
            leaves.append(leaf)
            rows.append(
                (
                    log_id,
                    position,
                    stream_id,
                    event.originator_version,
                    event.topic,
                    event.state,
                    *copies,
                    leaf,
                )
            )
        if rows:
            self._record.run_many(cursor, rows)
            self._extend.run(cursor, position, known_at, log_id)
        return Recording(Head(position, known_at), leaves)
