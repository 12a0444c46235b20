"""What holds for every test, and the databases that tests of any kind may ask for.

No test asserts absolute times, and neither does Hypothesis.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import URL

from adapters.database import Database
from adapters.migration import migrate
from tests.support.postgres import PostgresServer, postgres_server

settings.register_profile("liuhen", deadline=None)
settings.load_profile("liuhen")

SQL = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    database = Database(URL.create("sqlite", database=str(path)))
    migrate(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for the tests of this process."""
    with postgres_server() as server:
        yield server


@pytest.fixture(params=SQL)
def url(request: pytest.FixtureRequest) -> URL:
    """The URL of a fresh database with all tables."""
    found: URL = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> URL:
    """A fresh file with all tables."""
    path = tmp_path / "store.sqlite3"
    shutil.copyfile(sqlite_template, path)
    return URL.create("sqlite", database=str(path))


@pytest.fixture
def postgresql_url(postgres: PostgresServer) -> Iterator[URL]:
    """A fresh database of PostgreSQL with all tables, for its superuser."""
    url = postgres.migrated()
    yield url
    postgres.drop(url)


@pytest.fixture(params=SQL)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield URL.create("sqlite", database=str(tmp_path / "empty.sqlite3"))
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.empty()
    yield url
    server.drop(url)


@pytest.fixture
def database(url: URL) -> Iterator[Database]:
    """A fresh database with all tables."""
    database = Database(url)
    yield database
    database.close()
