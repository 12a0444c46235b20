"""Many threads and processes append at once: nothing is lost, nothing is doubled."""

import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pytest
from sqlalchemy import URL

from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.identifiers import new_event_id
from adapters.sqlite import SqliteBackend
from domain.facts.ledger import ExpenditureRecorded
from domain.problems import Rejected
from domain.store import EventStore, Receipt, StreamChange
from tests.store.appender import receipt_of, vouchers_of
from tests.store.samples import LEDGER, LOG, append, paid_once, payment, payments

ROOT = Path(__file__).resolve().parent.parent.parent


def vouchers(store: EventStore, log: str) -> Counter[str]:
    """How often each voucher lies in the log; positions and versions are checked on the way."""
    facts = store.read_log(log, limit=1_000_000)
    assert [one.position for one in facts] == list(range(1, len(facts) + 1))
    assert store.head(log) == len(facts)
    versions: Counter[str] = Counter()
    for one in facts:
        versions[one.stream_id] += 1
        assert one.version == versions[one.stream_id]
    return Counter(one.fact.voucher for one in facts if isinstance(one.fact, ExpenditureRecorded))


@pytest.mark.parametrize("logs", [("a",), ("a", "b", "c")])
@pytest.mark.parametrize("stream", ["own", "shared"])
def test_many_processes_with_many_threads(url: URL, logs: tuple[str, ...], stream: str) -> None:
    count, threads, processes = 8, 3, 3
    running = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.store.appender",
                url.render_as_string(hide_password=False),
                f"p{process}",
                str(count),
                str(threads),
                stream,
                *logs,
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for process in range(processes)
    ]
    printed = "".join(process.communicate(timeout=120)[0] for process in running)
    assert [process.returncode for process in running] == [0] * processes
    acknowledged = {tuple(line.split()) for line in printed.splitlines()}
    assert len(acknowledged) == count * threads * processes * len(logs)

    database = Database(url)
    store = SqlEventStore(database)
    for log in logs:
        expected = Counter(
            voucher
            for in_log, command, *_ in acknowledged
            if in_log == log
            for voucher in vouchers_of(command)
        )
        assert vouchers(store, log) == expected
        for in_log, command, first, last in acknowledged:
            if in_log == log:
                receipt = receipt_of(store, log, command)
                assert receipt is not None
                assert [fact.position for fact in receipt.facts] == list(
                    range(int(first), int(last) + 1)
                )
    database.close()


def test_of_many_threads_at_one_version_one_wins(store: EventStore) -> None:
    answers: list[Receipt | tuple[str, ...]] = []

    def attempt(number: int) -> None:
        try:
            answers.append(append(store, f"c-{number}", payments(LEDGER, 0, f"v-{number}")))
        except Rejected as rejected:
            answers.append(rejected.codes)

    in_threads(attempt, 16)
    assert sorted(isinstance(answer, Receipt) for answer in answers) == [False] * 15 + [True]
    assert [answer for answer in answers if not isinstance(answer, Receipt)] == [
        ("store.version-moved",)
    ] * 15
    assert store.head(LOG) == 1


def test_one_command_sent_by_many_threads_is_stored_once(store: EventStore) -> None:
    answers: list[Receipt] = []
    change = payments(LEDGER, 0, "v-1", "v-2")
    in_threads(lambda _: answers.append(append(store, "c-1", change)), 16)
    assert len(answers) == 16
    assert len(set(answers)) == 1
    assert store.head(LOG) == 2


def test_one_command_of_one_fact_sent_by_many_threads_is_stored_once(store: EventStore) -> None:
    answers: list[Receipt] = []
    command = new_event_id()
    append(store, "c-1", payments(LEDGER, 0, "v-1"))
    in_threads(lambda _: answers.append(paid_once(store, command, LEDGER, 1)), 16)
    assert len(answers) == 16
    assert len(set(answers)) == 1
    assert store.head(LOG) == 2


def test_two_writers_who_take_turns_see_what_the_other_has_stored(url: URL) -> None:
    # As two processes: each remembers where the log ended when it wrote last.
    one, other = (SqlEventStore(Database(url)) for _ in range(2))
    first = append(one, "c-1", payments(LEDGER, 0, "v-1"))
    assert append(other, "c-2", payments(LEDGER, 1, "v-2")).position == 2
    assert append(one, "c-3", payments(LEDGER, 2, "v-3"), payments("s", 0)).position == 3
    # A command of the other, and one that another had stored meanwhile.
    assert append(other, "c-3", payments(LEDGER, 2, "v-3")).position == 3
    assert append(other, "c-4", payments("s", 0, "v-4")).position == 4
    assert append(one, "c-4", payments("s", 0, "v-4")).position == 4
    assert append(other, "c-1", payments(LEDGER, 0, "v-1")) == first
    # Of a stream that the other has moved: an expectation that holds, with facts and without,
    # and one that does not.
    append(one, "c-5", payments("s", 1, "v-5"))
    append(other, "c-6", payments("s", 2), payments(LEDGER, 3, "v-6"))
    append(one, "c-7", payments("s", 2, "v-7"))
    assert append(other, "c-8", payments("s", 3)).facts == ()
    with pytest.raises(Rejected, match="it is at 4"):
        append(one, "c-9", payments(LEDGER, 3, "v-9"))
    assert [fact.position for fact in one.read_log(LOG)] == list(range(1, one.head(LOG) + 1))
    for store in (one, other):
        store.database.close()


class Interrupted(dict[str, int]):
    def __setitem__(self, stream_id: str, version: int) -> None:
        raise KeyboardInterrupt


class InterruptedCursor:
    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.connection = cursor.connection
        self.cursor = cursor

    def execute(self, statement: str, values: Sequence[Any]) -> None:
        self.cursor.execute(statement, values)
        raise KeyboardInterrupt


@pytest.mark.parametrize("when", ["at once", "between"])
def test_what_is_remembered_half_is_not_remembered(sqlite_url: URL, when: str) -> None:
    store = SqlEventStore(Database(sqlite_url))
    append(store, "c-1", payments(LEDGER, 0, "v-1"), payments("s", 0, "v-2"))
    backend = store.database.backend
    assert isinstance(backend, SqliteBackend)
    appender = backend._appender
    assert appender is not None
    cursor = appender.cursor
    if when == "at once":
        appender.cursor = cast("sqlite3.Cursor", InterruptedCursor(cursor))
    else:
        log = appender._memory.logs[LOG]
        log.versions = Interrupted(log.versions)
    with pytest.raises(KeyboardInterrupt):
        paid_once(store, new_event_id(), LEDGER, 1)
    appender.cursor = cursor

    # It was stored, and whoever has not seen it is told so.
    paid, seen = payment("v-3", event_id=(own := new_event_id())), StreamChange(LEDGER, 1)
    with pytest.raises(Rejected, match="it is at 2"):
        append(store, str(own), seen, StreamChange("s", 1, (paid,)))
    store.database.close()


def test_a_reader_never_sees_a_gap(sql_store: SqlEventStore) -> None:
    done: list[bool] = []

    def write(thread: int) -> None:
        for number in range(40):
            change = payments(f"s-{thread}", 2 * number, "v-1", "v-2")
            append(sql_store, f"c-{thread}-{number}", change)

    writers = [Thread(target=write, args=(thread,)) for thread in range(4)]

    def follow() -> None:
        position = 0
        while position < 4 * 40 * 2:
            for one in sql_store.read_log(LOG, after=position, limit=7):
                assert one.position == position + 1
                position = one.position
        done.append(True)

    reader = Thread(target=follow)
    for thread in (*writers, reader):
        thread.start()
    for thread in (*writers, reader):
        thread.join(60)
    assert done == [True]


def test_whoever_waits_for_a_position_is_woken(sql_store: SqlEventStore) -> None:
    heads: list[int] = []
    waiting = Thread(target=lambda: heads.append(sql_store.wait_beyond(LOG, 0, 30)))
    waiting.start()
    append(sql_store, "c-1", payments(LEDGER, 0, "v-1"))
    waiting.join(30)
    assert heads == [1]
    assert sql_store.wait_beyond(LOG, 1, 0.01) == 1


def in_threads(work: Callable[[int], object], count: int) -> None:
    """Run ``work`` with each number in a thread of its own."""
    threads = [Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
