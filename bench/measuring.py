"""What the benchmarks of reading share: a database to fill, the raw limit, and taking turns."""

import gc
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import URL, make_url

from adapters.database import Database
from adapters.migration import migrate

DECODER = "orjson.loads" if find_spec("orjson") else "msgspec.json.decode"
"""What the raw limit decodes with: orjson is no dependency of the program."""
loads: Callable[[bytes], Any] = (
    import_module("orjson").loads if find_spec("orjson") else msgspec.json.decode
)


@contextmanager
def database(url: str | None) -> Iterator[Database]:
    """An empty store, in a file that goes away or at ``url``, which must be empty."""
    with tempfile.TemporaryDirectory() as folder:
        place = make_url(url) if url else URL.create("sqlite", database=f"{folder}/bench.sqlite")
        found = Database(place)
        migrate(found)
        try:
            yield found
        finally:
            found.close()


@contextmanager
def raw(found: Database, where: str, *, keep: bool) -> Iterator[Callable[[], object]]:
    """The raw limit: SELECT the payloads and decode each, on a connection that is open already.

    ``keep`` holds the documents, as a fold holds its facts; else each is given up at once. The
    payloads come as fast as the driver can: from PostgreSQL in binary, not as hexadecimal text.
    """
    query = f"SELECT payload FROM events WHERE {where}"  # noqa: S608 - our own text
    with found.read() as connection:
        binary = {"binary": True} if connection.dialect.name == "postgresql" else {}
        cursor = connection.connection.cursor(**binary)

        def run() -> object:
            cursor.execute(query)
            if keep:
                return [loads(payload) for (payload,) in cursor.fetchall()]
            for (payload,) in cursor.fetchall():
                loads(payload)
            return None

        yield run


class Taken(NamedTuple):
    """The seconds of a work in each round: by the clock, and of this process's processor alone,
    which other load does not lengthen; that of a database server is not in it.
    """

    clock: list[float]
    processor: list[float]


def rounds(count: int, *works: Callable[[], object]) -> list[Taken]:
    """What each work takes in each round; they take turns, so that all meet the same machine."""
    taken = [Taken([], []) for _ in works]
    for _ in range(count):
        for work, seconds in zip(works, taken, strict=True):
            gc.collect()
            began, worked = time.perf_counter(), time.process_time()
            kept = work()
            seconds.processor.append(time.process_time() - worked)
            seconds.clock.append(time.perf_counter() - began)
            del kept
    return taken


def ratio(limit: Taken, taken: Taken) -> float:
    """The middle one of the rounds' ratios by the clock: 1 is as fast as the limit."""
    return statistics.median(a / b for a, b in zip(limit.clock, taken.clock, strict=True))


def processor_ratio(limit: Taken, taken: Taken) -> float:
    """The same of the processor's time: it tells more where other work runs beside."""
    return statistics.median(a / b for a, b in zip(limit.processor, taken.processor, strict=True))


def report(results: list[dict[str, object]], *, as_json: bool) -> None:
    """Print one line for each result, or all as JSON."""
    if as_json:
        json.dump(results, sys.stdout, indent=2, ensure_ascii=False)
        print()
        return
    for one in results:
        print("  ".join(f"{name} {value}" for name, value in one.items()))


def micro(taken: Taken, count: int) -> float:
    """The middle time of one of ``count`` facts by the clock, in µs."""
    return round(statistics.median(taken.clock) / count * 1e6, 2)
