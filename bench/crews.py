"""Processes that write at once when told to, and one that reads after them and misses nothing."""

import itertools
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import NamedTuple, Self

from sqlalchemy import URL, make_url

from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.identifiers import new_event_id
from bench.writers import WRITERS

_spawn = multiprocessing.get_context("spawn")
_numbers = itertools.count()


class Writers(NamedTuple):
    """Who writes: in how many processes with how many threads each, and in how many logs."""

    processes: int = 1
    threads: int = 1
    logs: int = 1
    tailed: bool = False


class Crew:
    """Writers of one kind (``writers.WRITERS``) in processes of their own.

    Started once; they wait between their turns. With ``tailed`` a further process follows the log
    all the while, and ``dismiss`` raises when it missed a position.
    """

    def __init__(self, url: URL, kind: str, writers: Writers) -> None:
        text = url.render_as_string(hide_password=False)
        logs = [f"log-{next(_numbers)}" for _ in range(writers.logs)]
        self._running: list[SpawnProcess] = []
        self._turns = [
            self._start(
                _serve,
                text,
                kind,
                logs if writers.processes == 1 else [logs[nth % len(logs)]],
                writers.threads,
            )
            for nth in range(writers.processes)
        ]
        self._tail = self._start(_tail, text, logs[0]) if writers.tailed else None

    @classmethod
    @contextmanager
    def started(cls, url: URL, kind: str, writers: Writers) -> Iterator[Self]:
        """A crew that is dismissed at the end, or abandoned when something else goes wrong."""
        crew = cls(url, kind, writers)
        try:
            yield crew
            crew.dismiss()
        finally:
            crew.abandon()

    def turn(self, seconds: float) -> float:
        """Let all write for so long; returns writes a second of all together."""
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

    def abandon(self) -> None:
        """End those that still run."""
        for process in self._running:
            if process.is_alive():
                process.terminate()
                process.join()

    def _start(self, target: Callable[..., None], *arguments: object) -> Connection:
        here, there = _spawn.Pipe()
        process = _spawn.Process(target=target, args=(*arguments, there))
        process.start()
        there.close()  # so that the end of a process ends the waiting for it
        self._running.append(process)
        return here


def _serve(url: str, kind: str, logs: Sequence[str], threads: int, turns: Connection) -> None:
    """Write in ``threads`` threads for as long as each turn says; answer with writes a second."""
    name = f"{kind}-{logs[0]}-{new_event_id()}"
    counts = [0] * threads
    with ExitStack() as stack:
        write = stack.enter_context(WRITERS[kind](make_url(url)))
        pool = stack.enter_context(ThreadPoolExecutor(threads))

        def work(thread: int, until: float) -> None:
            # Once at least: a thread that gets no processor in its time has a rate all the same.
            while True:
                write(logs[thread % len(logs)], f"{name}-{thread}", counts[thread])
                counts[thread] += 1
                if time.perf_counter() >= until:
                    return

        while (seconds := turns.recv()) is not None:
            begun, before = time.perf_counter(), sum(counts)
            list(pool.map(work, range(threads), [begun + seconds] * threads))
            turns.send((sum(counts) - before) / (time.perf_counter() - begun))


def _tail(url: str, log: str, turns: Connection) -> None:
    """Follow a log while others write; answers how far, when no position was missed."""
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
