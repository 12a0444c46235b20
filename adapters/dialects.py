"""What differs between databases, as the rest of the adapters sees it: one ``Backend`` for each.

A further database is a further ``Backend``; no other module asks which one it is.
"""

from collections.abc import Hashable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from adapters.log import Append, Outcome

BUSY_TIMEOUT_SECONDS: float = 60
"""How long a writer waits for other processes before it gives up."""


class Backend(Protocol):
    """What the rest of the adapters needs of a database. Safe for many threads."""

    driver_error: type[Exception]
    """The root of the driver's errors."""
    integrity_error: type[Exception]
    """What the driver raises when a key, a check or a trigger refuses a row."""

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

    def line_of(self, log_id: str) -> Hashable:
        """Appends of one line take turns, and can share a transaction."""
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
