"""Appends against the raw limit of the same database: an INSERT of the same row, and a commit.

    python bench/append.py [--seconds 0.5] [--rounds 7] [--only sqlite] [--url postgresql://…]

The raw limit stores the same row in a table with the columns and keys of `events`, but without
triggers, commands, checks of versions or a head. On PostgreSQL there are two of it: INSERT and
commit() as the driver does them (BEGIN, INSERT, COMMIT), and one INSERT that commits by itself,
which is the least that can be. All writers of a row are started once and then take turns; of the
rounds' ratios the middle one counts. Without --url PostgreSQL comes from the wheel that the
tests use, with fsync on.
"""

import argparse
import itertools
import multiprocessing
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, NamedTuple

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
_spawn = multiprocessing.get_context("spawn")
_names = itertools.count()
Write = Callable[[str, str, int], object]


class Writers(NamedTuple):
    """Who writes: in how many processes with how many threads each, and in how many logs."""

    processes: int = 1
    threads: int = 1
    logs: int = 1
    tailed: bool = False


class Row(NamedTuple):
    """A line of the report: what is measured, against how many raw clients, and its aims."""

    name: str
    work: Writers
    clients: int
    reach: float
    stretch: float


ROWS = {
    "sqlite": (
        Row("1 thread", Writers(), 1, 0.75, 0.9),
        Row("16 threads", Writers(threads=16), 1, 1.3, 2.0),
    ),
    "postgresql": (
        Row("1 client", Writers(), 1, 0.65, 0.8),
        Row("8 threads, 1 log, tailed", Writers(threads=8, tailed=True), 8, 0.33, 0.6),
        Row("8 processes, 1 log, tailed", Writers(processes=8, tailed=True), 8, 0.33, 0.6),
        Row("8 threads, 8 logs", Writers(threads=8, logs=8), 8, 0.45, 0.7),
        Row("8 processes, 8 logs", Writers(processes=8, logs=8), 8, 0.45, 0.7),
    ),
}


# ------------------------------------------------------------------------------------ writers


@contextmanager
def appending(url: URL) -> Iterator[Write]:
    """Appends a fact as a command of its own."""
    database = Database(url)
    store = SqlEventStore(database)
    sample = payment("v-1")

    def write(log: str, stream: str, number: int) -> None:
        envelope = msgspec.structs.replace(sample.envelope, event_id=new_event_id())
        change = StreamChange(stream, number, (NewFact(envelope, sample.fact),))
        store.append(log, [change], command_id=f"{stream}-{number}", request=b"request")

    yield write
    database.close()


def _row(stream: str, number: int) -> list[Any]:
    sample = payment("v-1")
    day = date(2024, 12, 28)
    payload = encode(sample.envelope, sample.fact)
    return [stream, number, stream, number, "t.v1", payload, None, 1, 1, day, day, "a", bytes(32)]


@contextmanager
def inserting(url: URL, *, autocommit: bool) -> Iterator[Write]:
    """Inserts a row and commits; a log for each stream, so that positions need no counter."""
    template = _row("", 0)
    if url.get_backend_name() == "sqlite":
        file = sqlite3.connect(url.database or "", isolation_level=None, check_same_thread=False)
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = FULL")
        template[9:11] = ["2024-12-28"] * 2
        into = f"INSERT INTO raw_events VALUES ({', '.join('?' * 13)})"  # noqa: S608

        def write(_log: str, stream: str, number: int) -> None:
            event_id = new_event_id().hex
            row = (stream, number, stream, number, *template[4:6], event_id, *template[7:])
            file.execute("BEGIN IMMEDIATE")
            file.execute(into, row)
            file.execute("COMMIT")

        yield write
        file.close()
        return
    with psycopg.connect(_plain(url), autocommit=autocommit) as client:
        statement = f"INSERT INTO raw_events VALUES ({', '.join(['%s'] * 13)})".encode()  # noqa: S608

        def insert(_log: str, stream: str, number: int) -> None:
            event_id = new_event_id()
            row = (stream, number, stream, number, *template[4:6], event_id, *template[7:])
            client.execute(statement, row, prepare=True)
            client.commit()  # Nothing to do when the statement has committed.

        yield insert


def serve(url: str, kind: str, logs: Sequence[str], threads: int, turns: Connection) -> None:
    """Write in ``threads`` threads for as long as each turn says; answer with writes a second."""
    name = f"{kind}-{logs[0]}-{next(_names)}-{new_event_id()}"
    counts = [0] * threads
    with ExitStack() as stack:
        writing = (
            appending(make_url(url))
            if kind == "append"
            else inserting(make_url(url), autocommit=kind == "autocommit")
        )
        write = stack.enter_context(writing)
        pool = stack.enter_context(ThreadPoolExecutor(threads))

        def work(thread: int, until: float) -> None:
            while time.perf_counter() < until:
                write(logs[thread % len(logs)], f"{name}-{thread}", counts[thread])
                counts[thread] += 1

        while (seconds := turns.recv()) is not None:
            begun, before = time.perf_counter(), sum(counts)
            list(pool.map(work, range(threads), [begun + seconds] * threads))
            turns.send((sum(counts) - before) / (time.perf_counter() - begun))


def tail(url: str, log: str, turns: Connection) -> None:
    """Follow a log while others write; answers whether no position was missed."""
    database = Database(make_url(url))
    store = SqlEventStore(database)
    position = 0
    over = False
    while not over or position < store.head(log):
        over = over or turns.poll()
        head = store.wait_beyond(log, position, 0.05)
        while position < head:
            for one in store.read_log(log, after=position, limit=1000):
                assert one.position == position + 1, f"missed {position + 1}"
                position = one.position
    database.close()
    turns.send(position)


class Crew:
    """Processes that write at once when told to."""

    def __init__(self, url: URL, kind: str, writers: Writers) -> None:
        text = url.render_as_string(hide_password=False)
        logs = [f"log-{next(_names)}" for _ in range(writers.logs)]
        self._turns: list[Connection] = []
        self._running: list[SpawnProcess] = []
        for number in range(writers.processes):
            mine = logs if writers.processes == 1 else [logs[number % len(logs)]]
            self._start(serve, text, kind, mine, writers.threads)
        self._tail = self._start(tail, text, logs[0]) if writers.tailed else None
        if self._tail is not None:
            self._turns.remove(self._tail)

    def _start(self, target: Callable[..., None], *arguments: object) -> Connection:
        here, there = _spawn.Pipe()
        process = _spawn.Process(target=target, args=(*arguments, there))
        process.start()
        self._running.append(process)
        self._turns.append(here)
        return here

    def turn(self, seconds: float) -> float:
        """Writes a second of all together."""
        for one in self._turns:
            one.send(seconds)
        return float(sum(one.recv() for one in self._turns))

    def dismiss(self) -> None:
        """Let them end, and see that nothing went wrong."""
        for one in (*self._turns, *([self._tail] if self._tail else [])):
            one.send(None)
        if self._tail:
            assert self._tail.recv() > 0
        for process in self._running:
            process.join()
            assert process.exitcode == 0


# ------------------------------------------------------------------------------------- report


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def prepare(url: URL) -> None:
    """Make the tables."""
    database = Database(url)
    migrate(database)
    database.close()
    if url.get_backend_name() == "sqlite":
        file = sqlite3.connect(url.database or "")
        file.execute(RAW.format(bytes="BLOB", uuid="CHAR(32)"))
        file.close()
    else:
        with psycopg.connect(_plain(url)) as client:
            client.execute(RAW.format(bytes="bytea", uuid="uuid").encode())


def report(row: Row, url: URL, seconds: float, rounds: int) -> None:
    """Measure a row and print it."""
    kinds = ["commit"] if url.get_backend_name() == "sqlite" else ["commit", "autocommit"]
    crews = [Crew(url, "append", row.work)]
    crews += [Crew(url, kind, Writers(processes=row.clients)) for kind in kinds]
    for crew in crews:
        crew.turn(0.3)
    measured = [[crew.turn(seconds) for crew in crews] for _ in range(rounds)]
    for crew in crews:
        crew.dismiss()
    appends = statistics.median(turn[0] for turn in measured)
    print(f"{url.get_backend_name():<11}{row.name:<27}{appends:>9,.0f}/s", end="")
    for nth, _ in enumerate(kinds, 1):
        raw = statistics.median(turn[nth] for turn in measured)
        ratio = statistics.median(turn[0] / turn[nth] for turn in measured)
        print(f"{raw:>9,.0f}/s{ratio:>6.2f}", end="")
    print("" if len(kinds) > 1 else " " * 17, f"{row.reach:>7}{row.stretch:>8}", flush=True)


def main() -> None:
    """Measure every row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=0.5, help="length of a turn")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", choices=tuple(ROWS), help="one database only")
    parser.add_argument("--url", help="a PostgreSQL database to use, as its superuser")
    options = parser.parse_args()
    chosen = [options.only] if options.only else list(ROWS)
    print(
        f"{'database':<11}{'writers':<27}{'appends':>11}{'INSERT+commit':>17}"
        f"{'autocommit':>17}{'reach':>8}{'stretch':>8}"
    )
    with ExitStack() as stack:
        for name in chosen:
            if name == "sqlite":
                folder = stack.enter_context(tempfile.TemporaryDirectory())
                url = URL.create("sqlite", database=f"{folder}/bench.sqlite3")
            elif options.url:
                url = make_url(options.url)
            else:
                server = PostgresServer(CONFIGURATION.replace("fsync = off", "fsync = on"))
                stack.callback(server.stop)
                url = server.empty()
            prepare(url)
            for row in ROWS[name]:
                report(row, url, options.seconds, options.rounds)


if __name__ == "__main__":
    main()
