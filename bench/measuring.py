"""What the benchmarks of reading share: a database to fill, the raw limit, and taking turns."""

import gc
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import msgspec
import psutil
from sqlalchemy import URL, Select, make_url, select

from adapters.database import Database
from adapters.migration import migrate
from adapters.places import IN_ORDER, between
from adapters.schema import events

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
def raw(found: Database, payloads: Select[bytes], *, keep: bool) -> Iterator[Callable[[], object]]:
    """The raw limit: SELECT the payloads and decode each, on a connection that is open already.

    ``keep`` holds the documents, as a fold holds its facts; else each is given up at once. The
    payloads come as fast as the driver can: from PostgreSQL in binary, not as hexadecimal text.
    """
    with found.read() as connection:
        query = str(
            payloads.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        )
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


def of_log(log_id: str) -> Select[bytes]:
    """The payloads of a log in its order."""
    return select(events.c.payload).where(between(log_id)).order_by(IN_ORDER)


def of_streams(log_id: str, *streams: str) -> Select[bytes]:
    """The payloads of some streams of a log, each in its order."""
    return (
        select(events.c.payload)
        .where(events.c.log_id == log_id, events.c.stream_id.in_(streams))
        .order_by(events.c.stream_id, events.c.version)
    )


def timed(work: Callable[[], object]) -> float:
    """The seconds that ``work`` takes."""
    gc.collect()
    began = time.perf_counter()
    kept = work()
    seconds = time.perf_counter() - began
    del kept
    return seconds


def cpu_seconds(found: Database) -> float:
    """What this process and the server of its database have worked so far: others that share the
    machine make it wait, and do not make it work.
    """
    own = time.process_time()
    if kind_of(found) == "sqlite":
        return own
    with found.read() as connection:
        backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    server = psutil.Process(backend).parent()
    assert server is not None
    ended = server.cpu_times()
    every = [one.cpu_times() for one in (server, *server.children(recursive=True))]
    return (
        own
        + sum(one.user + one.system for one in every)
        + ended.children_user
        + ended.children_system
    )


def kind_of(found: Database) -> str:
    """Which kind of database it is."""
    with found.read() as connection:
        return connection.dialect.name


def rounds(count: int, *works: Callable[[], object]) -> list[list[float]]:
    """The seconds of each work in each round; they take turns, so that all meet the same machine."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(count):
        for work, seconds in zip(works, taken, strict=True):
            seconds.append(timed(work))
    return taken
