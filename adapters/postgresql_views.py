"""Generations of views on PostgreSQL: a schema for each.

The program's role may make no schemas, so ``liuhen migrate`` makes a few that it owns, and the
generations take turns in them. One that was replaced is dropped when the next begins; its place is
used again by a later one. A transaction finds its generation by the search path, which is
set in the statement that asks which one serves.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, event, text
from sqlalchemy.engine import ExecutionContext

from adapters.dialects import TURNS, NoViewsError

PLACES = tuple(f"liuhen_views_{turn}" for turn in range(TURNS))
"""The schemas in which generations take turns."""

_SERVED = " FROM liuhen.view_generations WHERE state = 'SERVING'"
_SERVING = f"SELECT set_config('search_path', 'liuhen_views_' || generation % {TURNS}, true)"
_LOCKS = 1_818_847_596
"""The first half of our advisory locks, apart from those of logs, whose key is one number. The second
is the place of a generation, or ``TURNS`` for the line of those who write to the one that serves."""
_READ = text(
    # A question is answered from a few thousand rows: processes that help, and code made for it,
    # take longer to begin than it takes altogether.
    f"{_SERVING}, set_config('max_parallel_workers_per_gather', '0', true),"
    f" set_config('jit', 'off', true),"
    # Whoever has begun to read keeps all tables from being dropped, also those not touched yet.
    f" pg_advisory_xact_lock_shared({_LOCKS}, (generation % {TURNS})::int){_SERVED}"
)
_LOOSE = "set_config('synchronous_commit', 'off', true), set_config('jit', 'off', true)"
"""As on SQLite: views can be made again from the facts, so a crash of the machine may cost their last
commits, never their consistency."""
# A switch waits for whoever writes to the views that serve, and they for it, in a line: a row that
# some share goes on being shared by others, and a switch would wait for a moment without any.
_QUEUE = text(f"SELECT pg_advisory_xact_lock_shared({_LOCKS}, {TURNS})")
_QUEUE_ALONE = text(f"SELECT pg_advisory_xact_lock({_LOCKS}, {TURNS})")
_WRITE = text(f"{_SERVING}, {_LOOSE}{_SERVED} FOR SHARE")
_HOLD = text("SELECT FROM liuhen.view_generations WHERE state = 'SERVING' FOR UPDATE")
_CHOOSE = text(f"SELECT set_config('search_path', :place, true), {_LOOSE}")
_UNREAD = text(f"SELECT pg_advisory_xact_lock({_LOCKS}, :place)")
_Opened = Callable[[], AbstractContextManager[Connection]]
_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = :place")


class PostgresViews:
    """See ``ViewBackend``."""

    def __init__(self, engine: Engine, *, reading: _Opened, writing: _Opened) -> None:
        """The views of a database, which ``reading`` and ``writing`` connect to; ``engine`` is the
        one that ``writing`` uses.
        """
        self._reading = reading
        self._writing = writing
        event.listen(engine, "do_executemany", _copied)

    @contextmanager
    def reading(self, number: int | None) -> Iterator[Connection]:
        """See ``ViewBackend``."""
        with self._reading() as connection:
            _enter(connection, number, _READ)
            yield connection

    @contextmanager
    def writing(self, number: int | None) -> Iterator[Connection]:
        """See ``ViewBackend``."""
        with self._writing() as connection:
            if number is None:
                connection.execute(_QUEUE)
            _enter(connection, number, _WRITE)
            yield connection

    @contextmanager
    def still(self) -> Iterator[Callable[[], AbstractContextManager[Connection]]]:
        """See ``ViewBackend``."""
        with self._writing() as connection:
            connection.execute(_QUEUE_ALONE)
            connection.execute(_HOLD)
            yield lambda: nullcontext(connection)

    def exist(self, number: int) -> bool:
        """See ``ViewBackend``."""
        with self._reading() as connection:
            return connection.execute(_TABLES, {"place": _place(number)}).first() is not None

    def make(self, number: int, fill: Callable[[Connection], None]) -> None:
        """See ``ViewBackend``."""
        with self._writing() as connection:
            _empty(connection, number)
            _enter(connection, number, _WRITE)
            fill(connection)

    def drop(self, number: int) -> None:
        """See ``ViewBackend``."""
        with self._writing() as connection:
            connection.execute(_UNREAD, {"place": number % TURNS})
            _empty(connection, number)

    def scrub(self) -> None:
        """Nothing: vacuuming and the recycling of the log are the server's."""


def _copied(
    cursor: Any,  # noqa: ANN401 - psycopg's
    statement: str,
    parameters: Sequence[Any],
    context: ExecutionContext,
) -> bool:
    """Write rows by COPY where a view says that they are plain and many; whether it was done. What
    goes wrong is told as of the INSERT.
    """
    if not context.execution_options.get("plain_rows"):
        return False
    into = statement.removeprefix("INSERT INTO ").partition(" VALUES ")[0]
    with cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in parameters:
            copy.write_row(row)
    return True


def _place(number: int) -> str:
    return PLACES[number % TURNS]


def _enter(connection: Connection, number: int | None, serving: TextClause) -> None:
    """Let names of tables mean those of a generation, until the transaction ends."""
    if number is not None:
        connection.execute(_CHOOSE, {"place": _place(number)})
        return
    # A switch that was waited for leaves no row, since that generation serves no longer.
    for _ in range(TURNS):
        if connection.scalar(serving) is not None:
            return
    raise NoViewsError


def _empty(connection: Connection, number: int) -> None:
    place = _place(number)
    quoted = connection.dialect.identifier_preparer.quote
    for table in list(connection.scalars(_TABLES, {"place": place})):
        connection.execute(text(f"DROP TABLE {place}.{quoted(table)} CASCADE"))
