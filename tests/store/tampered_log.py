"""A log of five facts to be tampered with, and what is told of it then."""

from sqlalchemy import Executable

from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.identifiers import new_event_id
from domain.store import Altered, StreamChange
from tests.store.samples import LEDGER, LOG, append, paid_once, payment
from tests.store.samples import text as detached
from tests.support.tampering import past_every_barrier

Told = tuple[str, str | None, str | None, int | None]
"""What, as stored, as found, and the position."""

FIRST, LAST = new_event_id(), new_event_id()
"""Commands of one fact, which the fact remembers."""


def paid(store: SqlEventStore, command: str, expected: int, facts: int = 1) -> None:
    """A command with a row of its own."""
    made = tuple(payment(f"{command}-{nth}", command=command) for nth in range(facts))
    append(store, command, StreamChange(LEDGER, expected, made))


def filled(database: Database) -> SqlEventStore:
    """Five facts: 1 remembers its command, 2 and 3 are of one with a text, 4 of one whose id is no
    fact's, 5 remembers its command; and a command without facts.
    """
    store = SqlEventStore(database)
    paid_once(store, FIRST, LEDGER, 0)
    two = tuple(payment(f"two-{nth}", command="c-two") for nth in range(2))
    store.append(
        LOG,
        [StreamChange(LEDGER, 1, two)],
        command_id="c-two",
        request=b"r",
        texts=[detached("原来的话")],
    )
    paid(store, "c-one", 3)
    append(store, "c-none")
    paid_once(store, LAST, LEDGER, 4)
    return store


def told(store: SqlEventStore, upto: int = 5) -> list[Altered]:
    """What is told of the log."""
    return list(store.altered(LOG, upto))


def found(store: SqlEventStore, upto: int = 5) -> list[Told]:
    """The same, but for where."""
    return [(one.what, one.stored, one.found, one.position) for one in told(store, upto)]


def tampered(store: SqlEventStore, *statements: str | Executable) -> list[Told]:
    """What is found once ``statements`` were carried out."""
    past_every_barrier(store.database, *statements)
    return found(store)
