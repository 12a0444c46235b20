"""Who can write: ourselves, the raw limit, and others; each as one function of a log and stream.

The raw limit stores the same row in a table with the columns and keys of ``events``, but without
triggers, commands, checks of versions or a head.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from sqlalchemy import URL

from adapters.codec import encode
from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.identifiers import new_event_id
from bench.peers import continuum, library
from bench.places import plain
from domain.store import NewFact, StreamChange
from tests.store.samples import payment

RAW = """
CREATE TABLE IF NOT EXISTS raw_events (
    log_id text NOT NULL, position bigint NOT NULL, stream_id text NOT NULL,
    version bigint NOT NULL, type text NOT NULL, payload {bytes} NOT NULL, event_id {uuid},
    recorded_at bigint, known_at bigint NOT NULL, effective_from date, effective_to date,
    actor text, leaf_hash {bytes} NOT NULL,
    PRIMARY KEY (log_id, position), UNIQUE (log_id, stream_id, version), UNIQUE (log_id, event_id)
)
"""
_COLUMNS = 13
Write = Callable[[str, str, int], object]
"""Stores one change: of a log, a stream in it, and how many the stream has already."""


def prepare_raw(url: URL) -> None:
    """Make the table of the raw limit."""
    if url.get_backend_name() == "sqlite":
        file = sqlite3.connect(url.database or "")
        file.execute(RAW.format(bytes="BLOB", uuid="CHAR(32)"))
        file.close()
        return
    with psycopg.connect(plain(url)) as client:
        client.execute(RAW.format(bytes="bytea", uuid="uuid").encode())


@contextmanager
def appending(url: URL) -> Iterator[Write]:
    """Appends a fact as a command of its own, with an id as the service gives it: the application
    passes it on to the fact.
    """
    database = Database(url)
    store = SqlEventStore(database)
    sample = payment("v-1")

    def write(log: str, stream: str, number: int) -> None:
        event_id = new_event_id()
        envelope = msgspec.structs.replace(sample.envelope, event_id=event_id)
        change = StreamChange(stream, number, (NewFact(envelope, sample.fact),))
        store.append(log, [change], command_id=str(event_id), request=b"request")

    yield write
    database.close()


@contextmanager
def inserting(url: URL, *, autocommit: bool = False) -> Iterator[Write]:
    """Inserts a row and commits; a log for each stream, so that positions need no counter."""
    if url.get_backend_name() == "sqlite":
        yield from _inserting_in_file(url)
        return
    template = _row()
    with psycopg.connect(plain(url), autocommit=autocommit) as client:
        marks = ", ".join(["%s"] * _COLUMNS)
        statement = f"INSERT INTO raw_events VALUES ({marks})".encode()  # noqa: S608 - our own text

        def write(_log: str, stream: str, number: int) -> None:
            event_id = new_event_id()
            row = (stream, number, stream, number, *template[4:6], event_id, *template[7:])
            client.execute(statement, row, prepare=True)
            client.commit()  # Nothing to do when the statement has committed.

        yield write


def _inserting_in_file(url: URL) -> Iterator[Write]:
    template = _row()
    template[9:11] = ["2024-12-28"] * 2
    file = sqlite3.connect(url.database or "", isolation_level=None, check_same_thread=False)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = FULL")
    into = f"INSERT INTO raw_events VALUES ({', '.join('?' * _COLUMNS)})"  # noqa: S608 - our own text

    def write(_log: str, stream: str, number: int) -> None:
        event_id = new_event_id().hex
        row = (stream, number, stream, number, *template[4:6], event_id, *template[7:])
        file.execute("BEGIN IMMEDIATE")
        file.execute(into, row)
        file.execute("COMMIT")

    yield write
    file.close()


@contextmanager
def syncing(url: URL) -> Iterator[Write]:
    """Writes a page over and over and has the disk keep it: what a commit costs at least, beside
    the database's file.
    """
    page, pages = bytes(4096), 1024
    with Path(f"{url.database}-synced").open("wb", buffering=0) as file:
        # A file that grows takes longer to sync; a write-ahead log does not, once it goes round.
        file.write(page * pages)
        os.fsync(file.fileno())

        def write(_log: str, _stream: str, number: int) -> None:
            os.pwrite(file.fileno(), page, number % pages * len(page))
            os.fdatasync(file.fileno())

        yield write


def _row() -> list[Any]:
    sample = payment("v-1")
    day = date(2024, 12, 28)
    payload = encode(sample.envelope, sample.fact)
    return ["", 0, "", 0, "t.v1", payload, None, 1, 1, day, day, "a", bytes(32)]


WRITERS: Mapping[str, Callable[[URL], AbstractContextManager[Write]]] = {
    "append": appending,
    "commit": inserting,
    "autocommit": partial(inserting, autocommit=True),
    "synced": syncing,
    "library": library.saving,
    "continuum": continuum.updating,
}
"""By name, because a process of its own is told which one to be."""
