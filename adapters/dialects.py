"""What differs between databases, as the rest of the adapters sees it: one ``Backend`` for each.

A further database is a further ``Backend``; no other module asks which one it is.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from adapters.log import Append, Outcome

BUSY_TIMEOUT_SECONDS: float = 60
"""How long a writer waits for other processes before it gives up."""


TURNS = 4
"""In how many places generations of views take turns, where places are few."""


class ViewBackend(Protocol):
    """Where generations of views lie. None instead of a number means the one that serves."""

    def reading(self, number: int | None) -> AbstractContextManager[Connection]:
        """A connection that cannot write, on one state of a generation until it is given back.

        Raises ``NoViewsError`` when none serves.
        """
        ...

    def writing(self, number: int | None) -> AbstractContextManager[Connection]:
        """A transaction on a generation; one that serves goes on serving until it ends.

        Raises ``NoViewsError`` when none serves.
        """
        ...

    def still(self) -> AbstractContextManager[Callable[[], AbstractContextManager[Connection]]]:
        """A time in which nobody writes to the views that serve: who does ends before, or begins
        after it and then asks anew which serve. Gives what opens a transaction on the store.
        """
        ...

    def exist(self, number: int) -> bool:
        """Whether a generation has the place and the tables that it was given."""
        ...

    def make(self, number: int, fill: Callable[[Connection], None]) -> None:
        """Make a generation anew, and let ``fill`` make its tables."""
        ...

    def drop(self, number: int) -> None:
        """Drop a generation; one that is gone is left at that."""
        ...

    def scrub(self) -> None:
        """Drop what is left of deleted rows in files beside the tables, of every generation."""
        ...


class NoViewsError(Exception):
    """No generation of views serves yet."""


class Backend(Protocol):
    """What the rest of the adapters needs of a database. Safe for many threads."""

    driver_error: type[Exception]
    """The root of the driver's errors."""
    integrity_error: type[Exception]
    """What the driver raises when a key, a check or a trigger refuses a row."""
    one_line: bool
    """Whether appends to all logs stand in one line, or those to each log in one of their own.
    Appends of a line take turns, and can share a transaction."""
    views: ViewBackend
    """The views, which lie apart from the tables of the store."""

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that cannot write, on one state of the database until it is given back."""
        ...

    def asking(self) -> AbstractContextManager[Connection]:
        """A connection for single questions that cannot write, as cheap as there is one."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that may write: committed at the end, undone by an exception."""
        ...

    def migrating(self) -> AbstractContextManager[Connection]:
        """A transaction that may change the tables, and waits for others that do."""
        ...

    def commit(self, appends: Sequence[Append]) -> Sequence[Outcome]:
        """Store appends of one line in one transaction.

        An append that must not be stored has an answer that says so, and harms no other. The
        driver's ``integrity_error`` is raised when a key refuses a row: nothing is stored then.
        """
        ...

    def append_in(self, connection: Connection, append: Append) -> Outcome:
        """Store ``append`` in the running transaction of ``connection``."""
        ...

    def is_busy(self, error: Exception) -> bool:
        """Whether ``error`` says that another writer held the database for too long."""
        ...

    def is_lost(self, error: Exception) -> bool:
        """Whether ``error`` says that there is no connection, or no longer."""
        ...

    def scrub(self) -> None:
        """Drop what is left of deleted rows in files beside the tables."""
        ...

    def hint(self) -> None:
        """Tell other processes that something was appended, if there is a cheap way."""
        ...

    def listen(self) -> None:
        """Pass the hints of other processes on from now, if there are any."""
        ...

    def close(self) -> None:
        """Close all connections; they open anew when needed."""
        ...


def upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT into ``table`` that knows ``on_conflict_do_update``, for this connection."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
