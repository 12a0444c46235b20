"""Where is measured: empty databases of one kind, as durable as those of an office."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL

from adapters.database import Database
from adapters.migration import migrate
from adapters.views import ViewDatabase
from projections.tracking import PROJECTION_VERSION
from tests.support.postgres import PostgresServer

DATABASES = ("sqlite", "postgresql")
CONFIGURATION = """
max_connections = 200
shared_buffers = 256MB
fsync = on
synchronous_commit = on
full_page_writes = on
autovacuum = on
"""
"""Nothing is acknowledged that a power cut could take, for any contender: they share the server."""


def plain(url: URL) -> str:
    """The URL as PostgreSQL's own drivers read it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def views_of(database: Database) -> ViewDatabase:
    """The views beside the facts of a store."""
    return ViewDatabase(database, PROJECTION_VERSION)


class Place:
    """Hands out empty databases of one kind, each of its own file or name."""

    def __init__(
        self, kind: str, folder: Path, server: PostgresServer | None, keep: Path | None
    ) -> None:
        self.kind = kind
        self._folder = folder
        self._server = server
        self._keep = keep
        self._numbers = itertools.count(1)

    def empty(self) -> URL:
        """The URL of a database without tables, for its superuser."""
        if self._server is not None:
            return self._server.empty()
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        return URL.create("sqlite", database=str(folder / "bench.sqlite3"))

    def migrated(self) -> URL:
        """The URL of a database with the tables of the event store."""
        url = self.empty()
        found = Database(url)
        migrate(found)
        found.close()
        return url

    def filled(self, name: str, fill: Callable[[URL], bytes]) -> tuple[URL, bytes, bool]:
        """The URL of a store that ``fill`` has filled, what it said of it, and whether it did so now.

        Where stores are kept it is a copy of the one ``name``, filled by this run or another.
        """
        if self._keep is None:
            url = self.migrated()
            return url, fill(url), True
        said = self._keep / f"{self.kind}-{name}.json"
        is_new = not said.exists()
        if is_new:
            url = self.migrated()
            answer = fill(url)
            self._kept(url, name)
            said.write_bytes(answer)
        return self._copied(name), said.read_bytes(), is_new

    def _kept(self, url: URL, name: str) -> None:
        assert self._keep is not None
        if self._server is None:
            shutil.move(Path(url.database or "").parent, self._keep / f"{self.kind}-{name}")
        else:
            self._server.execute(f'ALTER DATABASE {url.database} RENAME TO "kept_{name}"')

    def _copied(self, name: str) -> URL:
        if self._server is not None:
            copy = f"copy_{next(self._numbers)}"
            # A run that was killed has left its own.
            self._server.execute(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)")
            return self._server.copy(f'"kept_{name}"', copy)
        assert self._keep is not None
        folder = self._folder / str(next(self._numbers))
        shutil.copytree(self._keep / f"{self.kind}-{name}", folder)
        return URL.create("sqlite", database=str(folder / "bench.sqlite3"))

    def drop(self, url: URL) -> None:
        """Give back the space of a database that nobody uses any more."""
        if self._server is not None:
            self._server.drop(url)
            return
        # With the files that lie beside it: the views, and the logs of both.
        shutil.rmtree(Path(url.database or "").parent)

    def server(self) -> tuple[str, ...]:
        """What serves it, with the settings that matter; nothing for a file."""
        if self._server is None:
            return ()
        with psycopg.connect(plain(self._server.url("postgres"))) as connection:
            version = connection.execute("SHOW server_version").fetchone()
            assert version is not None
        return (f"PostgreSQL {version[0]} (fsync, synchronous_commit, full_page_writes on)",)

    @contextmanager
    def store(self) -> Iterator[Database]:
        """An empty store."""
        found = Database(self.migrated())
        try:
            yield found
        finally:
            found.close()


@contextmanager
def place(kind: str, keep: Path | None = None) -> Iterator[Place]:
    """A place of a kind (``DATABASES``); its databases go away at the end, but for the filled ones
    of a run that is to ``keep`` them in a folder.

    PostgreSQL comes from the wheel that the tests use.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="liuhen-bench-")))
        server = None
        if kind == "postgresql":
            server = PostgresServer(CONFIGURATION, keep and keep / kind)
            stack.callback(server.stop)
        yield Place(kind, folder, server, keep)
