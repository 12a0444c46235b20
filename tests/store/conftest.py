"""Stores to test: add a database here, and the whole contract runs on it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.migration import migrate
from domain.store import EventStore
from tests.support.memory_store import MemoryStore

SQL = ("sqlite",)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    database = Database(URL.create("sqlite", database=str(path)))
    migrate(database)
    database.close()
    return path


def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """The URL of a fresh database, with all tables, of the kind that the test asks for."""
    template: Path = request.getfixturevalue("sqlite_template")
    path = tmp_path / "store.sqlite3"
    shutil.copyfile(template, path)
    return URL.create("sqlite", database=str(path))


@pytest.fixture(params=SQL)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """The URL of a fresh database with all tables."""
    return fresh(request, tmp_path)


@pytest.fixture
def database(url: URL) -> Iterator[Database]:
    """A fresh database with all tables."""
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def sql_store(database: Database) -> SqlEventStore:
    """The event store in a fresh database."""
    return SqlEventStore(database)


@pytest.fixture(params=("memory", *SQL))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventStore]:
    """Every implementation of the port: the fake keeps the contract too."""
    if request.param == "memory":
        yield MemoryStore()
        return
    database = Database(fresh(request, tmp_path))
    yield SqlEventStore(database)
    database.close()
