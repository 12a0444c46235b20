"""Stores to test: add a database here, and the whole contract runs on it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from adapters.database import Database
from adapters.event_store import SqlEventStore
from domain.store import EventStore
from tests.conftest import SQL
from tests.store.tampered_log import filled
from tests.support.memory_store import MemoryStore


@pytest.fixture
def sql_store(database: Database) -> SqlEventStore:
    """The event store in a fresh database."""
    return SqlEventStore(database)


@pytest.fixture
def five(database: Database) -> SqlEventStore:
    """The event store with five facts, on both databases."""
    return filled(database)


@pytest.fixture
def in_file(sqlite_url: URL) -> Iterator[SqlEventStore]:
    """The same on SQLite, which keeps a value of any type in any column."""
    database = Database(sqlite_url)
    yield filled(database)
    database.close()


@pytest.fixture(params=("memory", *SQL))
def store(request: pytest.FixtureRequest) -> Iterator[EventStore]:
    """Every implementation of the port: the fake keeps the contract too."""
    if request.param == "memory":
        yield MemoryStore()
        return
    database = Database(request.getfixturevalue(f"{request.param}_url"))
    yield SqlEventStore(database)
    database.close()
