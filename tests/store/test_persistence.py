"""The library's parts on our log: event store, mapper, subscription, factory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest
from eventsourcing.persistence import EventStore as LibraryEventStore
from eventsourcing.persistence import (
    IntegrityError,
    JSONTranscoder,
    Notification,
    OperationalError,
    StoredEvent,
    Tracking,
)
from sqlalchemy import URL

from adapters import dialects
from adapters.codec import UnreadableFact
from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.log import Append
from adapters.mapping import FactMapper, StreamFact, new_event
from adapters.migration import is_current
from adapters.persistence import (
    LogAggregateRecorder,
    LogFactory,
    LogRecorder,
    LogTrackingRecorder,
)
from domain.facts.others import YearClosed
from domain.problems import Rejected
from tests.store.samples import FORM, LEDGER, LOG, append, payment, payments


def test_the_librarys_event_store_reads_and_writes_the_same_facts(
    sql_store: SqlEventStore, database: Database
) -> None:
    library: LibraryEventStore[str] = LibraryEventStore(
        FactMapper(transcoder=JSONTranscoder()), LogRecorder(database, LOG)
    )
    append(sql_store, "c-1", payments(LEDGER, 0, "v-1"))
    new = payment("v-2")
    recordings = library.put([StreamFact(LEDGER, 2, new.envelope, new.fact)])
    assert [recording.notification.id for recording in recordings] == [2]
    first, second = sql_store.read(LOG, LEDGER)
    assert (second.envelope, second.fact) == (new.envelope, new.fact)
    assert list(library.get(LEDGER)) == [
        StreamFact(LEDGER, one.version, one.envelope, one.fact) for one in (first, second)
    ]
    with pytest.raises(IntegrityError):
        library.put([StreamFact(LEDGER, 2, new.envelope, new.fact)])


def test_the_mapper_takes_facts_only_and_stores_explicit_tags() -> None:
    new = payment("v-1")
    mapper = FactMapper()
    stored = mapper.to_stored_event(StreamFact(LEDGER, 1, new.envelope, new.fact))
    assert stored.topic == "expenditure-recorded.v2"
    with pytest.raises(TypeError):
        mapper.to_stored_event(object())  # type: ignore[arg-type]
    with pytest.raises(UnreadableFact):
        mapper.to_domain_event(StoredEvent(LEDGER, 1, "unheard-of.v1", b"{}"))


def test_a_subscription_follows_what_the_event_store_appends(
    sql_store: SqlEventStore, database: Database
) -> None:
    received: list[Notification] = []

    def follow() -> None:
        with LogRecorder(database, LOG).subscribe(gt=1) as subscription:
            for notification in subscription:
                received.append(notification)
                if len(received) == 1500:
                    subscription.stop()

    append(sql_store, "c-0", payments(LEDGER, 0, "v-0"))
    reader = Thread(target=follow)
    reader.start()
    for number in range(3):
        vouchers = (f"v-{number}-{index}" for index in range(500))
        append(sql_store, f"c-{number + 1}", payments(LEDGER, 1 + 500 * number, *vouchers))
    reader.join(60)
    assert [notification.id for notification in received] == list(range(2, 1502))


def test_a_subscription_sees_what_another_process_appends(database: Database, url: URL) -> None:
    # Another Database gives no hint to this one, as another process would not.
    other = Database(url)
    found: list[int] = []

    def follow() -> None:
        with LogRecorder(database, LOG).subscribe() as subscription:
            found.append(next(subscription).id)

    reader = Thread(target=follow)
    reader.start()
    append(SqlEventStore(other), "c-1", payments(LEDGER, 0, "v-1"))
    reader.join(30)
    assert found == [1]
    other.close()


def test_a_subscription_can_be_stopped_while_it_waits(database: Database) -> None:
    subscription = LogRecorder(database, LOG).subscribe()
    ended: list[bool] = []

    def follow() -> None:
        with subscription:
            ended.append(list(subscription) == [])

    reader = Thread(target=follow)
    reader.start()
    subscription.stop()
    reader.join(30)
    assert ended == [True]


def test_a_subscription_to_topics_passes_over_the_rest(
    sql_store: SqlEventStore, database: Database
) -> None:
    append(sql_store, "c-1", payments(LEDGER, 0, *(f"v-{number}" for number in range(600))))
    closing = payment("-")
    LibraryEventStore(FactMapper(), LogRecorder(database, LOG)).put(
        [StreamFact(FORM, 1, closing.envelope, YearClosed())]
    )
    with LogRecorder(database, LOG).subscribe(topics=["year-closed.v1"]) as subscription:
        assert next(subscription).id == 601


def test_one_position_is_tracked_once_by_many_runners(database: Database) -> None:
    # Two runners that record the same notification would apply a fact twice.
    refused: list[int] = []

    def run() -> None:
        recorder = LogTrackingRecorder(database, "consumer")
        for position in range(1, 51):
            try:
                recorder.insert_tracking(Tracking(LOG, position))
            except IntegrityError:
                refused.append(position)

    runners = [Thread(target=run) for _ in range(3)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join(60)
    assert LogTrackingRecorder(database, "consumer").max_tracking_id(LOG) == 50
    assert len(refused) == 100


@contextmanager
def held(database: Database) -> Iterator[None]:
    """Another process writes, on PostgreSQL to the same log, and takes its time."""
    with database.transaction() as connection:
        event = StoredEvent(uuid4(), 1, "topic", b"state")
        database.backend.append_in(connection, Append(LOG, [new_event(event)]))
        yield


def test_a_busy_database_is_an_operational_error(
    database: Database, url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialects, "BUSY_TIMEOUT_SECONDS", 0.1)
    impatient = Database(url)
    event = StoredEvent(uuid4(), 1, "topic", b"state")
    with held(database), pytest.raises(OperationalError, match=r"store\.busy"):
        LogAggregateRecorder(impatient, LOG).insert_events([event])
    LogAggregateRecorder(impatient, LOG).insert_events([event])
    with held(database), pytest.raises(Rejected) as refused:
        append(SqlEventStore(impatient), "c-1", payments(LEDGER, 0, "v-1"))
    assert refused.value.codes == ("store.busy",)
    append(SqlEventStore(impatient), "c-1", payments(LEDGER, 0, "v-1"))
    impatient.close()


def test_snapshots_lie_in_a_log_beside_the_log(url: URL) -> None:
    with LogFactory(_environment(url)) as factory:
        snapshots = factory.aggregate_recorder("snapshots")
        snapshots.insert_events([StoredEvent("s", 7, "snapshot", b"{}")])
        assert factory.application_recorder().max_notification_id() is None
        assert len(snapshots.select_events("s")) == 1
        factory.close()


def test_a_factory_makes_the_tables_only_when_told_to(empty_url: URL) -> None:
    with pytest.raises(Rejected) as refused:
        LogFactory(_environment(empty_url))
    assert refused.value.codes == ("store.not-migrated",)
    factory = LogFactory(_environment(empty_url) | {"CREATE_TABLE": "yes"})
    assert is_current(factory.database)
    factory.close()


def test_a_factory_finds_its_file_in_the_data_directory(tmp_path: Path) -> None:
    factory = LogFactory({"LIUHEN_DATA_DIR": str(tmp_path / "here"), "CREATE_TABLE": "yes"})
    assert (tmp_path / "here" / "liuhen.sqlite3").is_file()
    factory.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"ORIGINATOR_ID_TYPE": "number"},
        {"TRACKING_RECORDER_TOPIC": "adapters.persistence:LogAggregateRecorder"},
    ],
)
def test_a_wrong_variable_is_named(url: URL, wrong: dict[str, str]) -> None:
    def make() -> None:
        factory = LogFactory(_environment(url) | wrong)
        try:
            factory.tracking_recorder()
        finally:
            factory.close()

    with pytest.raises(OSError, match=next(iter(wrong))):
        make()


def _environment(url: URL) -> dict[str, str]:
    return {
        "LIUHEN_DATABASE_URL": url.render_as_string(hide_password=False),
        "LIUHEN_LOG_ID": LOG,
        "ORIGINATOR_ID_TYPE": "text",
    }
