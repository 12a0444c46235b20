"""Generations of views on SQLite: a file for each, beside the file of the store.

So filling views never holds up an append, the position of the views lies in the file of their
tables and moves with them, and a generation is dropped by deleting its file; whoever still reads it
keeps what it has opened.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import cast
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from adapters import dialects
from adapters.dialects import NoViewsError
from adapters.scrubbing import Scrubbing

_SERVING = text("SELECT generation FROM view_generations WHERE state = 'SERVING'")
_KEPT = text("SELECT generation FROM view_generations WHERE state <> 'DROPPED'")
_WRITING = (
    # A justification, with its readings and steps, is longer than a page of 4 KiB: most would lie
    # in several. Counts for a new file only, and comes first.
    "page_size = 8192",
    # Views can be made again from the facts: a crash of the machine may cost their last commits,
    # never their consistency.
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "secure_delete = ON",
    "journal_size_limit = 67108864",
    "wal_autocheckpoint = 4000",
    "cache_size = -65536",
)
_Opened = Callable[[], AbstractContextManager[Connection]]


class _File:
    """One generation: its connections, and the line of its writers in this process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.turn = Lock()
        self._scrubbing = Scrubbing(f"busy_timeout = {dialects.BUSY_TIMEOUT_SECONDS * 1000:.0f}")
        self.reading = _engine(path, ("query_only = ON",), "BEGIN")
        self.writing = _engine(path, _WRITING, "BEGIN IMMEDIATE")

    def scrub(self, *, demanded: bool) -> None:
        """Empty the write-ahead log if that is due, or now. Whoever calls has the turn."""
        raw = self.writing.raw_connection()
        try:
            cursor = cast("sqlite3.Cursor", raw.cursor())
            if demanded:
                self._scrubbing.demand(cursor)
            else:
                self._scrubbing.attend(cursor)
        finally:
            raw.close()

    def close(self) -> None:
        self.reading.dispose()
        self.writing.dispose()


class SqliteViews:
    """See ``ViewBackend``."""

    def __init__(self, url: URL, *, asking: _Opened, writing: _Opened) -> None:
        """The views beside the store at ``url``, whose connections ``asking`` and ``writing``
        open.
        """
        self._store = Path(url.database or "")
        self._asking = asking
        self._storing = writing
        self._files: dict[int, _File] = {}
        self._guard = Lock()

    def path_of(self, number: int) -> Path:
        """The file of a generation."""
        store = self._store
        return store.with_name(f"{store.stem}-views-{number}{store.suffix}")

    @contextmanager
    def reading(self, number: int | None) -> Iterator[Connection]:
        """See ``ViewBackend``."""
        with self._connected(number) as connection:
            yield connection

    @contextmanager
    def _connected(self, number: int | None) -> Iterator[Connection]:
        file = self._file(self._serving() if number is None else number)
        try:
            connection = file.reading.connect()
        except OperationalError:
            # Asked between two rebuilds, one generation may be gone: ask once more which serves.
            if number is not None:
                raise
            serving = self._serving()
            if not self.exist(serving):
                raise NoViewsError from None
            connection = self._file(serving).reading.connect()
        with connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, number: int | None) -> Iterator[Connection]:
        """See ``ViewBackend``."""
        while True:
            chosen = self._serving() if number is None else number
            file = self._file(chosen)
            with file.turn:
                with file.writing.begin() as connection:
                    # Whoever switches holds this lock, so that what is served now is served until
                    # the transaction ends.
                    if number is None and self._serving() != chosen:
                        continue
                    yield connection
                file.scrub(demanded=False)
                return

    @contextmanager
    def still(self) -> Iterator[_Opened]:
        """See ``ViewBackend``. Appends go on until the store is written to."""
        with self.writing(None):
            yield self._storing

    def exist(self, number: int) -> bool:
        """See ``ViewBackend``."""
        return self.path_of(number).exists()

    def make(self, number: int, fill: Callable[[Connection], None]) -> None:
        """See ``ViewBackend``."""
        self.drop(number)
        self.path_of(number).touch(mode=0o600)
        with self.writing(number) as connection:
            fill(connection)

    def drop(self, number: int) -> None:
        """See ``ViewBackend``."""
        with self._guard:
            file = self._files.pop(number, None)
        if file is not None:
            file.close()
        path = self.path_of(number)
        # The log last: without the file before it nobody can begin to read it.
        for one in (path, path.with_name(f"{path.name}-shm"), path.with_name(f"{path.name}-wal")):
            one.unlink(missing_ok=True)

    def scrub(self) -> None:
        """See ``ViewBackend``."""
        with self._asking() as connection:
            kept = list(connection.scalars(_KEPT))
        for number in kept:
            if self.path_of(number).exists():
                file = self._file(number)
                with file.turn, suppress(sqlite3.Error):
                    file.scrub(demanded=True)

    def close(self) -> None:
        """Close all connections; they open anew when needed."""
        with self._guard:
            files, self._files = self._files, {}
        for file in files.values():
            file.close()

    def _serving(self) -> int:
        with self._asking() as connection:
            found = connection.scalar(_SERVING)
        if found is None:
            raise NoViewsError
        return int(found)

    def _file(self, number: int) -> _File:
        with self._guard:
            found = self._files.get(number)
            if found is None:
                self._close_gone()
                found = self._files[number] = _File(self.path_of(number))
        return found

    def _close_gone(self) -> None:
        # Another process dropped them; their connections hold deleted files open.
        for number in [one for one, file in self._files.items() if not file.path.exists()]:
            self._files.pop(number).close()


def _engine(path: Path, pragmas: tuple[str, ...], begin: str) -> Engine:
    # An address, because a path alone would make a file that is not there.
    address = f"file:{quote(str(path.absolute()))}"
    url = URL.create("sqlite", database=address, query={"mode": "rw", "uri": "true"})
    engine = create_engine(
        url,
        connect_args={"timeout": dialects.BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        pool_size=8,
        max_overflow=-1,
    )

    def open_(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # Who writes or reads begins the transaction, each in its own way.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begun(connection: Connection) -> None:
        connection.connection.cursor().execute(begin)

    event.listen(engine, "connect", open_)
    event.listen(engine, "begin", begun)
    return engine
