"""PostgreSQL: an append is one round trip, to a function that runs as the owner of the tables.

The tables lie in a schema where the program may only SELECT and EXECUTE; the views, which it makes
itself, lie in another. Who logs in takes on the program's role, whatever else it may do.
"""

import select
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from typing import Any

import psycopg
import psycopg.errors
from sqlalchemy import URL, Connection, create_engine, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from adapters import dialects
from adapters.dialects import ViewBackend
from adapters.log import Append, Outcome
from adapters.postgresql_append import STORE, append_all, append_within, prepare
from adapters.postgresql_views import PLACES, PostgresViews

OWNER = "liuhen_owner"
"""Owns the tables; nobody logs in as it."""
APPLICATION = "liuhen_app"
"""What a login that serves the program must be a member of."""
VIEWS = "liuhen_views"
"""The schema of what the program makes beside the tables (``STORE``); views have their own."""
CHANNEL = "liuhen"
HINT_SECONDS = 0.02
"""At most one hint to other processes in this time: a NOTIFY holds a lock of the whole database
while it commits.
"""

HANG_SECONDS = 120
"""A writer that does nothing for so long in a transaction hangs, or its machine is gone: the server ends
it, so that others need not wait for its locks. Longer than anybody waits for a lock."""

_Driver = psycopg.Connection[tuple[Any, ...]]
# Shutdown, crash, start-up, too many connections, and a transaction that did nothing for too long:
# another attempt can succeed.
_LOST_STATES = frozenset({"57P01", "57P02", "57P03", "53300", "25P03"})

_SESSION = """
SELECT set_config('search_path', %s, false), set_config('lock_timeout', %s, false),
       set_config('default_transaction_read_only', %s, false),
       set_config('idle_in_transaction_session_timeout', %s, false)
"""
# Before the first migration there is no such role.
_ROLE = """
SELECT set_config('role', rolname, false) FROM pg_roles WHERE rolname = %s
"""

_PLACE = (
    # One after the other, also where the roles, which all databases share, are not there yet.
    "SELECT pg_advisory_xact_lock(hashtextextended('liuhen migrations', 0))",
    f"""
    DO $$ BEGIN
        IF to_regrole('{OWNER}') IS NULL THEN CREATE ROLE {OWNER} NOLOGIN; END IF;
        IF to_regrole('{APPLICATION}') IS NULL THEN CREATE ROLE {APPLICATION} NOLOGIN; END IF;
        IF NOT pg_has_role(session_user, '{OWNER}', 'MEMBER') THEN
            EXECUTE format('GRANT {OWNER}, {APPLICATION} TO %I', session_user);
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- A migration of another database was faster.
    END $$
    """,
    f"""
    DO $$ BEGIN
        IF to_regnamespace('{STORE}') IS NULL THEN
            CREATE SCHEMA {STORE} AUTHORIZATION {OWNER};
            CREATE SCHEMA {VIEWS} AUTHORIZATION {APPLICATION};
        END IF;
    END $$
    """,
    f"""
    DO $$ DECLARE place text; BEGIN
        FOREACH place IN ARRAY '{{{", ".join(PLACES)}}}'::text[] LOOP
            IF to_regnamespace(place) IS NULL THEN
                EXECUTE format('CREATE SCHEMA %I AUTHORIZATION {APPLICATION}', place);
            END IF;
        END LOOP;
    END $$
    """,
    f"SET LOCAL ROLE {OWNER}",
    f"SET LOCAL search_path = {STORE}",
)


class PostgresBackend:
    """A database of PostgreSQL 14 or newer; logs do not wait for each other."""

    driver_error: type[Exception] = psycopg.Error
    integrity_error: type[Exception] = psycopg.IntegrityError
    one_line = False

    def __init__(self, url: URL, announce: Callable[[], None]) -> None:
        """The database at ``url``; connects when needed. Hints go to ``announce``."""
        url = url.set(drivername="postgresql+psycopg")
        self._writing = _engine(url, f"{VIEWS}, {STORE}").execution_options(takes_plain_rows=True)
        # The tables first: nothing among the views can stand in for them.
        self._reading = _engine(url, f"{STORE}, {VIEWS}", read_only=True)
        self._asking = self._reading.execution_options(isolation_level="AUTOCOMMIT")
        self._migrating = create_engine(url, pool_size=1)
        self.views: ViewBackend = PostgresViews(
            self._writing, reading=self.reading, writing=self.writing
        )
        _, self._address = self._writing.dialect.create_connect_args(url)
        self._appenders: list[_Driver] = []
        self._next_hint = 0.0
        self._hinting = Lock()
        self._hints: _Driver | None = None
        self._ears = _Ears(self._connect, announce)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See ``Backend``."""
        # Committed, although nothing was written: after a rollback the driver would have the
        # statements that it has prepared forgotten, and each question would be planned anew.
        with _connected(self._reading) as connection, connection.begin():
            yield connection

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """See ``Backend``: one round trip for one question."""
        with _connected(self._asking) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """See ``Backend``."""
        with _connected(self._writing) as connection, connection.begin():
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """See ``Backend``. Makes roles and schemas where they are missing."""
        with _connected(self._migrating) as connection, connection.begin():
            for statement in _PLACE:
                connection.execute(text(statement))
            yield connection

    def commit(self, appends: Sequence[Append]) -> Sequence[Outcome]:
        """See ``Backend``. One statement, which is its own transaction: one round trip."""
        with self._appender() as connection:
            return append_all(connection, appends)

    def append_in(self, connection: Connection, append: Append) -> Outcome:
        """See ``Backend``."""
        # The driver begins a transaction with its first own statement.
        connection.execute(text("SELECT"))
        return append_within(_driver(connection.connection), append)

    def is_busy(self, error: Exception) -> bool:
        """A lock that was not granted in time."""
        return isinstance(_cause(error), psycopg.errors.LockNotAvailable)

    def is_lost(self, error: Exception) -> bool:
        """No connection, one that broke, or a server that stops or starts."""
        cause = _cause(error)
        state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
        if state is None:
            return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
        return state in _LOST_STATES or state.startswith("08")

    def scrub(self) -> None:
        """Nothing: vacuuming and the recycling of the log are the server's."""

    def hint(self) -> None:
        """Notify other processes, unless that was done a moment ago: they poll as well."""
        now = time.monotonic()
        if now < self._next_hint:
            return
        self._next_hint = now + HINT_SECONDS
        with suppress(psycopg.Error), self._hinting:
            if self._hints is not None and _is_cut(self._hints):
                self._hints.close()
                self._hints = None
            self._hints = self._hints or self._connect(_prepare_hints)
            self._hints.execute(f"NOTIFY {CHANNEL}")

    def listen(self) -> None:
        """Listen for hints from now on, in a thread."""
        self._ears.open()

    def close(self) -> None:
        """Close all connections."""
        self._ears.close()
        idle, self._appenders = self._appenders, []
        _close_all(idle)
        with self._hinting:
            if self._hints is not None:
                self._hints.close()
                self._hints = None
        for engine in (self._writing, self._reading, self._migrating):
            pool = engine.pool
            engine.dispose(close=False)  # Another pool from here on; see _connected.
            pool.dispose()

    @contextmanager
    def _appender(self) -> Iterator[_Driver]:
        """A connection on which each statement is a transaction; kept for the next if it lives."""
        home = self._appenders
        connection = None
        # The newest first: its memory is warm, and those beyond the need grow old.
        while connection is None and home:
            with suppress(IndexError):  # Another thread took the last.
                connection = home.pop()
                if _is_cut(connection):
                    connection.close()
                    connection = None
        if connection is None:
            connection = self._connect(prepare)
        try:
            yield connection
        finally:
            home.append(connection)
            if home is not self._appenders:  # Closed meanwhile, and perhaps before it came home.
                _close_all(home)

    def _connect(self, prepare: Callable[[_Driver], None] = lambda _: None) -> _Driver:
        connection = psycopg.connect(**self._address, autocommit=True)
        try:
            _set_up(connection, STORE, read_only=False)
            prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection


# -------------------------------------------------------------------------------- connections


def _prepare_hints(connection: _Driver) -> None:
    # A hint that a crash takes is no loss, and its transaction need not wait for the disk.
    connection.execute("SET synchronous_commit = off")


def _engine(url: URL, search_path: str, *, read_only: bool = False) -> Engine:
    isolation = {"isolation_level": "REPEATABLE READ"} if read_only else {}
    engine = create_engine(url, pool_size=8, max_overflow=24, pool_use_lifo=True, **isolation)

    def set_up(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        _set_up(_driver(connection), search_path, read_only=read_only)

    event.listen(engine, "connect", set_up)
    event.listen(engine, "checkout", _refuse_cut)
    return engine


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    pool = engine.pool
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        # Closed meanwhile: the connection went home to a pool that nobody has any more.
        if pool is not engine.pool:
            pool.dispose()


def _close_all(idle: list[_Driver]) -> None:
    with suppress(IndexError):  # Another thread took the last.
        while idle:
            idle.pop().close()


def _set_up(connection: _Driver, search_path: str, *, read_only: bool) -> None:
    timeout = f"{round(dialects.BUSY_TIMEOUT_SECONDS * 1000)}ms"
    # Who reads holds nobody up, and may take its time between two pages.
    hang = "0" if read_only else f"{HANG_SECONDS}s"
    connection.execute(_SESSION, (search_path, timeout, "on" if read_only else "off", hang))
    connection.execute(_ROLE, (APPLICATION,))
    connection.commit()


def _refuse_cut(
    connection: DBAPIConnection, _entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    if _is_cut(_driver(connection)):
        raise DisconnectionError


def _is_cut(connection: _Driver) -> bool:
    """Whether the server has closed it meanwhile; costs no round trip. An idle connection has
    nothing to read but the end.
    """
    if connection.closed:
        return True
    look = select.poll()
    look.register(connection.fileno(), select.POLLIN)
    return bool(look.poll(0))


def _driver(connection: Any) -> _Driver:  # noqa: ANN401 - of the pool or of the driver
    found = getattr(connection, "driver_connection", connection)
    assert isinstance(found, psycopg.Connection)  # noqa: S101 - the engine's driver
    return found


def _cause(error: BaseException) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error


class _Ears:
    """A thread that passes hints on, for as long as somebody waits in this process."""

    def __init__(self, connect: Callable[[], _Driver], announce: Callable[[], None]) -> None:
        self._connect = connect
        self._announce = announce
        self._state = Lock()
        self._closed = Event()
        self.listening = Event()
        self._thread: Thread | None = None

    def open(self) -> None:
        if self._thread is not None:
            return
        with self._state:
            if self._thread is None:
                self._closed = Event()
                self._thread = Thread(
                    target=self._listen, args=(self._closed,), name="hints", daemon=True
                )
                self._thread.start()

    def close(self) -> None:
        with self._state:
            thread, self._thread = self._thread, None
            self._closed.set()
        if thread is not None:
            thread.join()

    def _listen(self, closed: Event) -> None:
        while not closed.is_set():
            # Without a connection readers still poll.
            with suppress(psycopg.Error), self._connect() as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                self.listening.set()
                while not closed.is_set():
                    for _ in connection.notifies(timeout=0.2, stop_after=1):
                        self._announce()
            closed.wait(0.2)
