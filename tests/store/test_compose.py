"""docker-compose.yml: the roles it makes are enough for the service, and no more than enough."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import yaml
from sqlalchemy import URL

from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.migration import migrate
from adapters.views import ViewDatabase
from projections.runner import Runner
from projections.tracking import PROJECTION_VERSION
from tests.store.samples import LEDGER, LOG, payments
from tests.store.test_concurrency import ROOT
from tests.support.postgres import PostgresServer, postgres_server

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server on which nobody has made roles yet."""
    with postgres_server() as fresh:
        script = COMPOSE["configs"]["roles"]["content"]
        for statement in script.split("<<'SQL'")[1].rpartition("SQL")[0].split(";"):
            if statement.strip():
                fresh.execute(statement.replace(":'password'", "'secret'"))
        yield fresh


def login(service: str) -> str:
    """Who a service logs in as."""
    address = COMPOSE["services"][service]["environment"]["LIUHEN_DATABASE_URL"]
    return str(address).removeprefix("postgresql://").partition(":")[0]


@pytest.fixture
def urls(server: PostgresServer) -> tuple[URL, URL]:
    """The database as its administrator and as the service reach it, after `migrate`."""
    found = server.empty()
    administrator = found.set(username=login("migrate"))
    database = Database(administrator)
    migrate(database)
    database.close()
    return administrator, found.set(username=login("liuhen"))


def test_the_service_can_append_read_and_keep_views(urls: tuple[URL, URL]) -> None:
    database = Database(urls[1])
    store = SqlEventStore(database)
    receipt = store.append(LOG, [payments(LEDGER, 0, "v-1")], command_id="c-1", request=b"r")
    assert store.read_log(LOG)[-1].position == receipt.position == 1
    runner = Runner(store, ViewDatabase(database, PROJECTION_VERSION))
    runner.prepare()
    assert runner.rebuild() == {LOG: 1}
    database.close()


def test_the_service_cannot_change_what_is_stored(urls: tuple[URL, URL]) -> None:
    address = urls[1].set(drivername="postgresql").render_as_string(hide_password=False)
    with (
        psycopg.connect(address) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM liuhen.events")


def test_only_the_migration_logs_in_as_the_administrator() -> None:
    assert login("migrate") == "postgres"
    assert login("liuhen") == "liuhen"
    assert COMPOSE["services"]["liuhen"]["depends_on"]["migrate"] == {
        "condition": "service_completed_successfully"
    }
