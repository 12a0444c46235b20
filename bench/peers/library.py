"""The ``eventsourcing`` library as it comes: its Application, aggregates, JSON and recorders.

Every change is saved by itself, on an aggregate that stays in memory. It does not do: a receipt
with a command id (a retry stores again), several streams in one save with expected versions of
others, gapless positions for each log (one sequence for all), leaf hashes. On PostgreSQL it locks
the whole table for each save, so that a tailing reader misses nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from sqlalchemy import URL

from adapters.codec import encode
from domain.values import Words
from tests.store.samples import payment

NAME = Words(
    f"eventsourcing {version('eventsourcing')} 默认", f"eventsourcing {version('eventsourcing')}"
)
_AT_ONCE = 500


class Ledger(Aggregate):
    """The same facts, in the library's way."""

    def __init__(self, id: UUID) -> None:  # noqa: A002 - the library's name for it
        self._id = id
        self.spent: dict[str, int] = {}

    @event("Booked")
    def book(self, document: dict[str, Any]) -> None:
        """Add an amount, in a document as Liuhen stores it, to its line's."""
        amount = document["fact"].get("amount")
        if amount is not None:
            line = str(document["fact"].get("line"))
            self.spent[line] = self.spent.get(line, 0) + amount


def why_not(kind: str) -> Words | None:
    """Why it cannot be measured here, or None."""
    if kind == "postgresql" and find_spec("psycopg_pool") is None:
        return Words("未安装 psycopg_pool", "psycopg_pool is not installed")
    return None


@contextmanager
def opened(url: URL) -> Iterator[Application[UUID]]:
    """The library's application on a database; makes its tables."""
    if url.get_backend_name() == "sqlite":
        env = {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": url.database or "",
        }
    else:
        env = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": url.database or "",
            "POSTGRES_HOST": str(url.query.get("host") or url.host or ""),
            "POSTGRES_PORT": str(url.query.get("port") or url.port or 5432),
            "POSTGRES_USER": url.username or "",
            "POSTGRES_PASSWORD": url.password or "",
        }
    found = Application[UUID](env)
    yield found
    found.close()


def fill(application: Application[UUID], stream: str, documents: Sequence[dict[str, Any]]) -> None:
    """Save a whole ledger, some hundreds of events at once: it sends all events of one save before
    it reads an answer, and with many thousands the client and PostgreSQL wait for each other.
    """
    ledger = Ledger(id_of(stream))
    for count, document in enumerate(documents, start=1):
        ledger.book(document)
        if count % _AT_ONCE == 0:
            application.save(ledger)
    application.save(ledger)


def replay(application: Application[UUID], stream: str) -> Ledger:
    """A ledger from its stored events; the library keeps no cache unless it is told to."""
    found: Ledger = application.repository.get(id_of(stream))
    return found


@contextmanager
def saving(url: URL) -> Iterator[Callable[[str, str, int], object]]:
    """Saves one payment at a time."""
    sample = payment("v-1")
    document = msgspec.json.decode(encode(sample.envelope, sample.fact))
    known: dict[str, Ledger] = {}
    with opened(url) as application:

        def write(_log: str, stream: str, _number: int) -> None:
            ledger = known.get(stream)
            if ledger is None:
                ledger = known[stream] = Ledger(id_of(stream))
            ledger.book(document)
            application.save(ledger)

        yield write


@cache
def id_of(stream: str) -> UUID:
    """The library's aggregates have UUIDs for names."""
    return uuid5(NAMESPACE_URL, stream)
