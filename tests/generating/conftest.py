"""Programs on fresh databases of both kinds, and one small county to look at."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import URL

from adapters.settings import Settings
from api.bootstrap import Liuhen, bootstrap
from api.generating.plan import Plan
from tests.generating.support import SMALL, fill
from tests.support.postgres import PostgresServer, postgres_server

Opener = Callable[[], Liuhen]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for the tests of this process."""
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens the program on another fresh database each time."""
    with ExitStack() as opened:
        count = 0

        def on_sqlite() -> Liuhen:
            nonlocal count
            count += 1
            return opened.enter_context(bootstrap(Settings(data_dir=tmp_path / str(count))))

        def on_postgres() -> Liuhen:
            server: PostgresServer = request.getfixturevalue("postgres")
            url: URL = server.migrated()
            text = url.set(drivername="postgresql").render_as_string(hide_password=False)
            opened.callback(server.drop, url)
            return opened.enter_context(bootstrap(Settings(database_url=SecretStr(text))))

        yield on_sqlite if request.param == "sqlite" else on_postgres


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Liuhen]:
    """A small county, generated once with its views; only read it."""
    with bootstrap(Settings(data_dir=tmp_path_factory.mktemp("county"))) as liuhen:
        fill(liuhen, SMALL)
        liuhen.catch_up()
        yield liuhen


@pytest.fixture
def tiny() -> Plan:
    """Two counties of two units."""
    return Plan(counties=2, units=2, year=2024, seed=11, payments=12, large=80)
