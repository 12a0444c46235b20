"""Appends against the raw limit of the same database: an INSERT of the same row, and a commit.

    python bench/append.py [--seconds 2] [--rounds 3] [--only sqlite] [--url postgresql://…]

The raw limit stores the same row in a table with the columns and keys of `events`, but without
triggers, commands, checks of versions or a head. Work and limit alternate in rounds; the middle
of the rounds' ratios counts. Without --url PostgreSQL comes from the wheel that the tests use,
with fsync on.
"""

import argparse
import itertools
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import NamedTuple

import msgspec
import psycopg
from sqlalchemy import URL, make_url

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from adapters.codec import encode
from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.identifiers import new_event_id
from adapters.migration import migrate
from domain.store import NewFact, StreamChange
from tests.store.samples import payment
from tests.support.postgres import CONFIGURATION, PostgresServer

RAW = """
CREATE TABLE IF NOT EXISTS raw_events (
    log_id text NOT NULL, position bigint NOT NULL, stream_id text NOT NULL,
    version bigint NOT NULL, type text NOT NULL, payload {bytes} NOT NULL, event_id {uuid},
    recorded_at bigint, known_at bigint NOT NULL, effective_from date, effective_to date,
    actor text, leaf_hash {bytes} NOT NULL,
    PRIMARY KEY (log_id, position), UNIQUE (log_id, stream_id, version), UNIQUE (log_id, event_id)
)
"""
_names = itertools.count()


class Writers(NamedTuple):
    """Who writes: in how many processes with how many threads each, and in which logs."""

    processes: int
    threads: int
    logs: int = 1
    tailed: bool = False


class Row(NamedTuple):
    """A line of the report: what is measured, against which limit, and what it must reach."""

    name: str
    database: str
    work: Writers
    limit: Writers
    reach: float
    stretch: float


ROWS = (
    Row("1 thread", "sqlite", Writers(1, 1), Writers(1, 1), 0.75, 0.9),
    Row("16 threads", "sqlite", Writers(1, 16), Writers(1, 1), 1.3, 2),
    Row("1 client", "postgresql", Writers(1, 1), Writers(1, 1), 0.65, 0.8),
    Row("8 threads, 1 log, tailed", "postgresql", Writers(1, 8, 1, True), Writers(8, 1), 0.33, 0.6),
    Row(
        "8 processes, 1 log, tailed", "postgresql", Writers(8, 1, 1, True), Writers(8, 1), 0.33, 0.6
    ),
    Row("8 processes, 8 logs", "postgresql", Writers(8, 1, 8), Writers(8, 1), 0.45, 0.7),
    Row("8 threads, 8 logs", "postgresql", Writers(1, 8, 8), Writers(8, 1), 0.45, 0.7),
)


# ------------------------------------------------------------------------------------ writers


def store_writer(url: str) -> tuple[Callable[[str, str, int], None], Callable[[], None]]:
    """Appends a fact as a command of its own."""
    database = Database(make_url(url))
    store = SqlEventStore(database)

    sample = payment("v-1")

    def write(log: str, stream: str, number: int) -> None:
        envelope = msgspec.structs.replace(sample.envelope, event_id=new_event_id())
        change = StreamChange(stream, number, (NewFact(envelope, sample.fact),))
        store.append(log, [change], command_id=f"{stream}-{number}", request=b"request")

    def warm() -> None:
        database.close()

    return write, warm


def raw_writer(url: str) -> tuple[Callable[[str, str, int], None], Callable[[], None]]:
    """Inserts a row and commits; a log for each stream, so that positions need no counter."""
    parsed = make_url(url)
    sample = payment("v-1")
    payload, leaf, day = encode(sample.envelope, sample.fact), bytes(32), date(2024, 12, 28)

    if parsed.get_backend_name() == "sqlite":
        connection = sqlite3.connect(
            parsed.database or "", isolation_level=None, check_same_thread=False
        )
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")
        into = f"INSERT INTO raw_events VALUES ({', '.join('?' * 13)})"

        def write_sqlite(log: str, stream: str, number: int) -> None:
            row = (
                stream,
                number,
                stream,
                number,
                "t.v1",
                payload,
                new_event_id().hex,
                1,
                1,
                "2024-12-28",
                "2024-12-28",
                "account-7",
                leaf,
            )
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(into, row)
            connection.execute("COMMIT")

        return write_sqlite, connection.close

    client = psycopg.connect(
        parsed.set(drivername="postgresql").render_as_string(False), autocommit=True
    )
    into = f"INSERT INTO raw_events VALUES ({', '.join(['%s'] * 13)})"

    def write_postgresql(log: str, stream: str, number: int) -> None:
        row = (
            stream,
            number,
            stream,
            number,
            "t.v1",
            payload,
            new_event_id(),
            1,
            1,
            day,
            day,
            "account-7",
            leaf,
        )
        client.execute(into, row, prepare=True)

    return write_postgresql, client.close


def run_process(
    kind: str,
    url: str,
    name: str,
    logs: list[str],
    threads: int,
    seconds: float,
    barrier: object,
    answers: object,
) -> None:
    """Write in ``threads`` threads for ``seconds``; answers with the number of writes."""
    make = store_writer if kind == "work" else raw_writer
    write, close = make(url)
    counts = [0] * threads

    def work(thread: int, until: float) -> None:
        log, stream = logs[thread % len(logs)], f"{name}-{thread}"
        while time.perf_counter() < until:
            write(log, stream, counts[thread])
            counts[thread] += 1

    def all_threads(length: float) -> None:
        until = time.perf_counter() + length
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, range(threads), [until] * threads))

    all_threads(0.3)
    before = sum(counts)
    barrier.wait()  # type: ignore[attr-defined]
    begun = time.perf_counter()
    all_threads(seconds)
    answers.put((sum(counts) - before) / (time.perf_counter() - begun))  # type: ignore[attr-defined]
    close()


def tail(url: str, log: str, barrier: object, done: object, answers: object) -> None:
    """Follow a log while others write, and see that no position is missing."""
    database = Database(make_url(url))
    store = SqlEventStore(database)
    position = 0
    barrier.wait()  # type: ignore[attr-defined]
    while True:
        over = done.is_set()  # type: ignore[attr-defined]
        head = store.wait_beyond(log, position, 0.05)
        while position < head:
            for one in store.read_log(log, after=position, limit=1000):
                assert one.position == position + 1, f"missed {position + 1}"
                position = one.position
        if over and position == store.head(log):
            break
    answers.put(position)  # type: ignore[attr-defined]
    database.close()


def measure(kind: str, url: str, writers: Writers, seconds: float) -> float:
    """Writes per second of all writers together."""
    spawn = multiprocessing.get_context("spawn")
    tailed = writers.tailed and kind == "work"
    barrier = spawn.Barrier(writers.processes + tailed)
    answers, read, done = spawn.Queue(), spawn.Queue(), spawn.Event()
    logs = [f"{kind}-{next(_names)}" for _ in range(writers.logs)]
    running = []
    for number in range(writers.processes):
        mine = logs if writers.processes == 1 else [logs[number % len(logs)]]
        name = f"{kind}-{next(_names)}"
        running.append(
            spawn.Process(
                target=run_process,
                args=(kind, url, name, mine, writers.threads, seconds, barrier, answers),
            )
        )
    if tailed:
        running.append(spawn.Process(target=tail, args=(url, logs[0], barrier, done, read)))
    for process in running:
        process.start()
    total: float = sum(answers.get() for _ in range(writers.processes))
    done.set()
    if tailed:
        assert read.get() > 0
    for process in running:
        process.join()
        assert process.exitcode == 0
    return total


# ------------------------------------------------------------------------------------- report


def prepare(url: URL) -> str:
    """Make the tables."""
    database = Database(url)
    migrate(database)
    database.close()
    if url.get_backend_name() == "sqlite":
        connection = sqlite3.connect(url.database or "")
        connection.execute(RAW.format(bytes="BLOB", uuid="CHAR(32)"))
        connection.close()
    else:
        with psycopg.connect(url.set(drivername="postgresql").render_as_string(False)) as client:
            client.execute(RAW.format(bytes="bytea", uuid="uuid").encode())
    return url.render_as_string(hide_password=False)


def report(row: Row, url: str, seconds: float, rounds: int) -> None:
    """Measure a row and print it."""
    pairs = [
        (measure("work", url, row.work, seconds), measure("raw", url, row.limit, seconds))
        for _ in range(rounds)
    ]
    pairs.sort(key=lambda pair: pair[0] / pair[1])
    work, limit = pairs[len(pairs) // 2]
    print(
        f"{row.database:<11}{row.name:<28}{work:>9,.0f}/s{limit:>9,.0f}/s"
        f"{work / limit:>8.2f}{row.reach:>8}{row.stretch:>8}",
        flush=True,
    )


def main() -> None:
    """Measure every row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--url", default="")
    options = parser.parse_args()
    print(
        f"{'database':<11}{'writers':<28}{'appends':>11}{'raw':>11}{'ratio':>8}{'reach':>8}{'stretch':>8}"
    )
    with tempfile.TemporaryDirectory() as folder:
        sqlite = prepare(URL.create("sqlite", database=f"{folder}/bench.sqlite3"))
        for row in ROWS:
            if row.database == "sqlite" and row.database.startswith(options.only):
                report(row, sqlite, options.seconds, options.rounds)
    if not "postgresql".startswith(options.only):
        return
    server = (
        None if options.url else PostgresServer(CONFIGURATION.replace("fsync = off", "fsync = on"))
    )
    try:
        url = prepare(server.empty() if server else make_url(options.url))
        for row in ROWS:
            if row.database == "postgresql":
                report(row, url, options.seconds, options.rounds)
    finally:
        if server is not None:
            server.stop()


if __name__ == "__main__":
    main()
