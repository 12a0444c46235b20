"""A disk without room, as SQLite meets it: no file may grow by a page."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from adapters.database import Database


@contextmanager
def full_disk(
    database: Database | None = None, *, files: str = "", spare: int = 0
) -> Iterator[None]:
    """Files whose names hold ``files`` cannot grow by more than ``spare`` pages, for connections
    opened meanwhile and for those of ``database``.
    """

    limits: dict[str, int] = {}

    def limit(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        (_, _, file), *_ = connection.execute("PRAGMA database_list").fetchall()
        if files in file:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            most = limits.setdefault(file, max(1, pages + spare))
            connection.execute(f"PRAGMA max_page_count = {most}")

    event.listen(Engine, "connect", limit)
    if database is not None:
        database.close()
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)
        if database is not None:
            database.close()
