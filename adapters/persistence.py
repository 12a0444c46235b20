"""A persistence module for the ``eventsourcing`` library, on the tables of this store.

Selected with ``PERSISTENCE_MODULE=adapters.persistence``. A recorder is bound to one log, and its
notification ids are the positions of that log: dense, and never visible out of order.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any, TypeVar, cast
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    DatabaseError,
    InfrastructureFactory,
    IntegrityError,
    Notification,
    OperationalError,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)
from eventsourcing.utils import Environment, EnvType, resolve_topic, strtobool
from pydantic import SecretStr
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import IntegrityError as RefusedRow

from adapters.database import Database
from adapters.log import Append, Outcome, Stored
from adapters.mapping import new_event
from adapters.migration import ensure_current
from adapters.places import IN_ORDER, LAST_POSITION, between
from adapters.schema import events, logs, tracking
from adapters.settings import Settings
from adapters.tracking import raise_to
from domain.problems import Rejected

POLL_SECONDS = 0.05
"""How often a subscription looks for what other processes have recorded."""
_PAGE = 500
_Id = type[UUID] | type[str]


class _Recorder:
    """What all recorders share: a database, and the library's names for its errors."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._integrity_errors = (RefusedRow, database.backend.integrity_error)
        self._errors = (DBAPIError, database.backend.driver_error)

    @contextmanager
    def _library_errors(self) -> Iterator[None]:
        try:
            yield
        except self._integrity_errors as error:
            raise IntegrityError(str(error)) from error
        except self._errors as error:
            raise DatabaseError(str(error)) from error
        except Rejected as rejection:  # The database is busy, or cannot be reached.
            raise OperationalError(str(rejection)) from rejection


def _positions(append: Append, outcome: Outcome) -> Sequence[int]:
    # Nothing is expected and no command is named, so nothing can be refused.
    assert isinstance(outcome, Stored)  # noqa: S101
    return range(outcome.first, outcome.first + len(append.events))


class LogAggregateRecorder(_Recorder, AggregateRecorder):
    """Streams of one log, without their order in it."""

    def __init__(self, database: Database, log_id: str, id_type: _Id = str) -> None:
        """A recorder for ``log_id``; originator ids are stored as text and read as ``id_type``."""
        super().__init__(database)
        self.log_id = log_id
        self._id_type = id_type

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Record all or none. Raises ``IntegrityError`` for a version that is there already."""
        self._insert(stored_events, **kwargs)
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of a stream with ``gt`` < version <= ``lte``, by version."""
        columns = events.c
        query = select(columns.version, columns.type, columns.payload).where(
            columns.log_id == self.log_id, columns.stream_id == str(originator_id)
        )
        if gt is not None:
            query = query.where(columns.version > gt)
        if lte is not None:
            query = query.where(columns.version <= lte)
        query = query.order_by(columns.version.desc() if desc else columns.version).limit(limit)
        with self._library_errors(), self.database.read() as connection:
            return [
                StoredEvent(originator_id, version, topic, state)
                for version, topic, state in connection.execute(query)
            ]

    def _insert(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        with self._library_errors():
            return self._record(stored_events, **kwargs)

    def _record(self, stored_events: Sequence[StoredEvent], **_kwargs: Any) -> Sequence[int]:
        """Record in a transaction, to which a subclass may add what belongs to it."""
        if not stored_events:
            return []
        append = Append(self.log_id, [new_event(stored) for stored in stored_events])
        return _positions(append, self.database.append(append))


class LogRecorder(LogAggregateRecorder, ApplicationRecorder):
    """One log: its streams, and the order of everything in it."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Record all or none, and return the positions. Raises ``IntegrityError`` for a version
        that is there already.
        """
        return list(self._insert(stored_events, **kwargs))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """At most ``limit`` events in the order of the log, from ``start`` to ``stop``."""
        columns = events.c
        after = 0 if start is None else start - 1 if inclusive_of_start else start
        query = select(
            columns.stream_id, columns.version, columns.type, columns.payload, columns.position
        ).where(between(self.log_id, after, LAST_POSITION if stop is None else stop))
        if topics:
            query = query.where(columns.type.in_(topics))
        with self._library_errors(), self.database.read() as connection:
            return [
                Notification(self._id_type(stream_id), version, topic, state, position)
                for stream_id, version, topic, state, position in connection.execute(
                    query.order_by(IN_ORDER).limit(limit)
                )
            ]

    def max_notification_id(self) -> int | None:
        """The last position; None for an empty log."""
        query = select(logs.c.head).where(logs.c.log_id == self.log_id)
        with self._library_errors(), self.database.read() as connection:
            return connection.scalar(query) or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "LogSubscription":
        """Everything after ``gt``, and then whatever is recorded, by any process, as it comes."""
        return LogSubscription(self, gt, topics)


class LogSubscription(Subscription[LogRecorder]):
    """Follows a log in the thread that iterates: a hint inside the process, polls beside it."""

    def __init__(self, recorder: LogRecorder, gt: int | None, topics: Sequence[str]) -> None:
        """Follow ``recorder`` after position ``gt``, only events of ``topics`` if any are given."""
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._position = gt or 0
        self._page: Iterator[Notification] = iter(())
        self._stopped = Event()

    def stop(self) -> None:
        """End the iteration, also one that waits in another thread."""
        super().stop()
        self._stopped.set()
        self._recorder.database.news.announce()

    def __next__(self) -> Notification:
        """The next event; waits for it. Ends when the subscription is stopped."""
        while not self._stopped.is_set():
            found = next(self._page, None)
            if found is not None:
                return found
            self._turn_page()
        raise StopIteration

    def _turn_page(self) -> None:
        database = self._recorder.database
        seen = database.news.count
        head = self._recorder.max_notification_id() or 0
        page = (
            self._recorder.select_notifications(
                self._position, _PAGE, stop=head, topics=self._topics, inclusive_of_start=False
            )
            if head > self._position
            else ()
        )
        if page:
            self._page = iter(page)
        # Beyond a page that is not full lies nothing of these topics, so it is not read again.
        self._position = page[-1].id if len(page) == _PAGE else max(head, self._position)
        if not page and not self._stopped.is_set():
            until = time.monotonic() + POLL_SECONDS
            database.wait_for_news(seen=seen, until=until, interval=POLL_SECONDS)


class LogTrackingRecorder(_Recorder, TrackingRecorder):
    """How far one consumer has read; the application of a tracking object names the log."""

    def __init__(self, database: Database, consumer: str) -> None:
        """The positions of ``consumer``, which stand under its name in the tracking table."""
        super().__init__(database)
        self.consumer = consumer

    def insert_tracking(self, tracking: Tracking) -> None:
        """Move forward. Raises ``IntegrityError`` when that position was reached before."""
        with self._library_errors(), self.database.transaction() as connection:
            self._track(connection, tracking)

    def max_tracking_id(self, application_name: str) -> int | None:
        """The position that was reached; None before the first."""
        query = select(tracking.c.position).where(
            tracking.c.log_id == application_name, tracking.c.projection == self.consumer
        )
        with self._library_errors(), self.database.read() as connection:
            return connection.scalar(query)

    def _track(self, connection: Connection, reached: Tracking) -> None:
        if not raise_to(
            connection, self.consumer, reached.application_name, reached.notification_id
        ):
            msg = f"{self.consumer} has passed {reached.notification_id} before"
            raise IntegrityError(msg)


class LogProcessRecorder(LogTrackingRecorder, LogRecorder, ProcessRecorder):
    """A log whose events are recorded together with the position that caused them."""

    def __init__(self, database: Database, log_id: str, consumer: str, id_type: _Id = str) -> None:
        """A recorder for ``log_id`` that tracks as ``consumer``."""
        LogRecorder.__init__(self, database, log_id, id_type)
        self.consumer = consumer

    def _record(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        caused_by = kwargs.get("tracking")
        if not isinstance(caused_by, Tracking):
            return super()._record(stored_events, **kwargs)
        append = Append(self.log_id, [new_event(stored) for stored in stored_events])
        with self.database.transaction() as connection:
            outcome = self.database.backend.append_in(connection, append)
            self._track(connection, caused_by)
        return _positions(append, outcome)


_R = TypeVar("_R", bound=LogTrackingRecorder)


class LogFactory(InfrastructureFactory[LogTrackingRecorder]):
    """Makes recorders from an environment.

    ``LIUHEN_DATABASE_URL`` and ``LIUHEN_DATA_DIR`` choose the database, ``LIUHEN_LOG_ID`` the log
    (default: the application's name in lower case), ``ORIGINATOR_ID_TYPE`` "uuid" (default) or
    "text". Tables are made by ``liuhen migrate``; with ``CREATE_TABLE`` switched on the factory
    migrates, which many processes may do at once.
    """

    def __init__(self, env: Environment | EnvType | None) -> None:
        """A factory for ``env``. Raises ``OSError`` for a variable that cannot be used, and
        ``Rejected`` (``store.not-migrated``).
        """
        super().__init__(env)
        name = self.env.name.lower() or "application"
        self.log_id = self.env.get("LIUHEN_LOG_ID") or name
        self.consumer = name
        self.id_type: _Id = self._chosen_id_type()
        self.database = Database(self._settings().url)
        create = strtobool(self.env.get("CREATE_TABLE") or "no")
        try:
            ensure_current(self.database, embedded=bool(create))
        except Rejected:
            self.database.close()
            raise

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """A recorder of the log, or for snapshots of a log beside it."""
        log_id = self.log_id if purpose == "events" else f"{self.log_id}/{purpose}"
        return LogAggregateRecorder(self.database, log_id, self.id_type)

    def application_recorder(self) -> ApplicationRecorder:
        """A recorder of the log; ``APPLICATION_RECORDER_TOPIC`` may name a subclass."""
        made: type[LogRecorder] = self._class_of(self.APPLICATION_RECORDER_TOPIC, LogRecorder)
        return made(self.database, self.log_id, self.id_type)

    def tracking_recorder(self, tracking_recorder_class: type[_R] | None = None) -> _R:
        """A tracking recorder of the given class, or ``TRACKING_RECORDER_TOPIC``, or ours."""
        made = tracking_recorder_class or self._class_of(
            self.TRACKING_RECORDER_TOPIC, LogTrackingRecorder
        )
        return cast("_R", made(self.database, self.consumer))

    def process_recorder(self) -> ProcessRecorder:
        """A process recorder of the log; ``PROCESS_RECORDER_TOPIC`` may name a subclass."""
        made: type[LogProcessRecorder] = self._class_of(
            self.PROCESS_RECORDER_TOPIC, LogProcessRecorder
        )
        return made(self.database, self.log_id, self.consumer, self.id_type)

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def _settings(self) -> Settings:
        chosen: dict[str, Any] = {}
        if url := self.env.get("LIUHEN_DATABASE_URL"):
            chosen["database_url"] = SecretStr(url)
        if data_dir := self.env.get("LIUHEN_DATA_DIR"):
            chosen["data_dir"] = data_dir
        return Settings(**chosen)

    def _chosen_id_type(self) -> _Id:
        chosen = self.env.get("ORIGINATOR_ID_TYPE", "uuid").lower()
        if chosen not in {"uuid", "text"}:
            msg = f"ORIGINATOR_ID_TYPE is {chosen!r}; write uuid or text"
            raise OSError(msg)
        return UUID if chosen == "uuid" else str

    def _class_of(self, variable: str, default: type[Any]) -> type[Any]:
        topic = self.env.get(variable)
        if not topic:
            return default
        chosen = resolve_topic(topic)
        if not (isinstance(chosen, type) and issubclass(chosen, default)):
            msg = f"{variable} names {topic}, which is no {default.__name__}"
            raise OSError(msg)
        return chosen
