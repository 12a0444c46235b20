"""Stages on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.database import Database
from adapters.event_store import SqlEventStore
from tests.projections.stage import Stage, sql_stage
from tests.support.postgres import PostgresServer, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for the tests of this process."""
    with postgres_server() as server:
        yield server


@pytest.fixture(params=("sqlite", "postgresql"))
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """A stage on a fresh database, once on each kind."""
    if request.param == "sqlite":
        found = sql_stage(tmp_path)
        yield found
        found.close()
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.migrated()
    database = Database(url)
    yield Stage(SqlEventStore(database), database, close=database.close)
    database.close()
    server.drop(url)
