"""What is remembered of commands is compared with what their facts say, as far as anything says it."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Update, insert, text, update

import adapters
from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.identifiers import new_event_id
from adapters.log import NewEvent, to_append
from adapters.migration import migrate
from adapters.schema import commands, events
from domain.problems import Rejected
from domain.store import StreamChange
from tests.store.samples import LEDGER, LOG, append, paid_once, payment
from tests.store.tampered_log import FIRST, LAST, Told, found, paid, tampered, told
from tests.support.tampering import past_every_barrier

HASH = b"\7" * 32


def beside(position: int, request_hash: bytes | None) -> Update:
    """Another hash beside a fact."""
    at = (events.c.log_id == LOG, events.c.position == position)
    return update(events).where(*at).values(request_hash=request_hash)


def row(which: str, **values: object) -> Update:
    """Something else in the row of a command."""
    return update(commands).where(commands.c.command_id == which).values(values)


@pytest.mark.parametrize("other", [b"", b"\7" * 31])
def test_a_hash_that_is_none_is_told(five: SqlEventStore, other: bytes) -> None:
    assert tampered(five, beside(1, other), row("c-one", request_hash=other)) == [
        ("request_hash", other.hex(), None, 1),
        ("request_hash", other.hex(), None, 4),
    ]
    beside_fact, in_row = told(five)
    assert (beside_fact.where, in_row.where) == (LEDGER, "c-one")


def test_a_hash_beside_a_fact_that_does_not_remember_its_command_is_told(
    five: SqlEventStore,
) -> None:
    assert tampered(five, beside(4, HASH)) == [("request_hash", HASH.hex(), None, 4)]


def test_a_command_that_is_remembered_twice_is_told(five: SqlEventStore) -> None:
    again = {
        "log_id": LOG, "command_id": str(LAST), "request_salt": None, "request_hash": HASH,
        "first_position": 5, "last_position": 5,
    }  # fmt: skip
    [(what, _, _, position)] = tampered(five, insert(commands).values(again))
    assert (what, position) == ("request_hash", 5)


def test_a_fact_that_lost_its_memory_is_told_for_a_retry_would_be_refused(
    five: SqlEventStore,
) -> None:
    asked = f"request of {FIRST}".encode()
    assert five.receipt_of(LOG, str(FIRST), asked) is not None
    assert tampered(five, beside(1, None)) == [("command", None, str(FIRST), 1)]
    with pytest.raises(Rejected, match="command-reused"):
        five.receipt_of(LOG, str(FIRST), asked)


def test_facts_of_a_command_that_lost_its_row_are_told_for_it_would_be_stored_again(
    five: SqlEventStore,
) -> None:
    assert tampered(five, "DELETE FROM commands WHERE command_id IN ('c-one', 'c-two')") == [
        ("command", None, "c-two", 2),
        ("command", None, "c-two", 3),
        ("command", None, "c-one", 4),
        # Of the text that came with two of them.
        ("command_id", "c-two", None, None),
    ]
    assert five.receipt_of(LOG, "c-one", b"request of c-one") is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            row("c-one", first_position=1, last_position=1),
            [("command", "c-one", str(FIRST), 1), ("command", None, "c-one", 4)],
        ),
        (row("c-one", last_position=5), [("command", "c-one", str(LAST), 5)]),
        (row("c-one", first_position=3), [("command", "c-one", "c-two", 3)]),
        (
            row("c-two", first_position=3),
            [("command", None, "c-two", 2)],
        ),
        (row("c-one", command_id="c-other"), [("command", "c-other", "c-one", 4)]),
        # What names no positions, and what names some that no fact has reached.
        (row("c-one", last_position=3), [("command", None, "c-one", 4)]),
        (
            row("c-one", last_position=2),
            [("command", None, "c-one", 4), ("last_position", "2", None, 4)],
        ),
        (
            row("c-one", first_position=0),
            [
                ("command", "c-one", str(FIRST), 1),
                ("command", "c-one", "c-two", 2),
                ("command", "c-one", "c-two", 3),
                ("first_position", "0", None, 0),
            ],
        ),
        (
            row("c-one", last_position=2**40),
            [("command", "c-one", str(LAST), 5), ("fact", None, None, 6)],
        ),
        (row("c-none", first_position=6, last_position=7), [("fact", None, None, 6)]),
        (
            row("c-none", first_position=2**62, last_position=2**62),
            [("fact", None, None, 2**62)],
        ),
        (row("c-none", last_position=5), [("command", "c-none", str(LAST), 5)]),
    ],
)
def test_a_row_whose_positions_hold_facts_of_another_command_is_told(
    five: SqlEventStore, change: Update, expected: list[Told]
) -> None:
    assert tampered(five, change) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            "first_position = 'x'",
            [("command", None, "c-one", 4), ("first_position", "x", None, None)],
        ),
        (
            "last_position = x'04'",
            [("command", None, "c-one", 4), ("last_position", "x'04'", None, 4)],
        ),
        ("request_hash = 'x'", [("request_hash", "x", None, 4)]),
        # The salt is not told: a redaction could not reach it here.
        ("request_salt = 'secret'", [("request_salt", "text", "blob", 4)]),
        (
            "command_id = x'01'",
            [("command", "x'01'", "c-one", 4), ("command_id", "x'01'", None, 4)],
        ),
        ("command_id = CAST(x'63ff' AS TEXT)", [("command", "c\\xff", "c-one", 4)]),
    ],
)
def test_a_row_with_a_value_of_any_type_is_told_and_the_rest_is_checked(
    in_file: SqlEventStore, change: str, expected: list[Told]
) -> None:
    assert tampered(
        in_file,
        f"UPDATE commands SET {change} WHERE command_id = 'c-one'",  # noqa: S608 - ours
        "UPDATE events SET actor = 'other' WHERE position = 5",
    ) == sorted([*expected, ("actor", "other", "account-7", 5)], key=_in_turn)


def _in_turn(one: Told) -> bool:
    """Facts are told before what is wrong with rows."""
    return one[0] not in {"command", "actor"}


def test_a_text_whose_command_is_not_remembered_is_told(five: SqlEventStore) -> None:
    # Its erasure would not find the salt of the request that brought it.
    assert tampered(five, "UPDATE texts SET command_id = 'c-other'") == [
        ("command_id", "c-other", None, None)
    ]


@pytest.mark.parametrize("added", [0, 1, 3])
def test_facts_that_were_cut_off_are_missed(database: Database, added: int) -> None:
    store = SqlEventStore(database)
    for nth in range(5):
        paid(store, f"c-{nth}", nth)
    assert told(store) == []
    past_every_barrier(database, "DELETE FROM events WHERE position > 3")
    for nth in range(added):
        paid(store, f"d-{nth}", 3 + nth)
    # Who lost their place to another, and who have none any more.
    assert found(store, store.head(LOG)) == [
        ("command", f"c-{3 + nth}", f"d-{nth}", 4 + nth)
        if nth < added
        else ("fact", None, None, 4 + nth)
        for nth in range(2)
    ]


@pytest.mark.parametrize("others", [1, 2, 3])
def test_facts_that_took_the_places_of_others_are_told_though_they_remember_their_commands(
    database: Database, others: int
) -> None:
    store = SqlEventStore(database)
    paid(store, "c-1", 0)
    paid(store, "c-2", 1, facts=2)
    past_every_barrier(database, "DELETE FROM events WHERE position > 1")
    later = [new_event_id() for _ in range(others)]
    for nth, one in enumerate(later):
        paid_once(store, one, LEDGER, 1 + nth)
    wrong = [("command", "c-2", str(one), 2 + nth) for nth, one in enumerate(later[:2])]
    assert found(store, 1 + others) == [*wrong, *[("fact", None, None, 3)] * (others == 1)]


def test_commands_of_older_revisions_are_remembered_in_rows(tmp_path: Path) -> None:
    database = Database(URL.create("sqlite", database=str(tmp_path / "former.sqlite3")))
    config = Config()
    config.set_main_option("script_location", str(Path(adapters.__file__).parent / "migrations"))
    own = new_event_id()
    of_own_id = payment("v-1", command=str(own), event_id=own)
    two = tuple(payment(f"v-{nth}", command="c-two") for nth in (2, 3))
    stored = to_append(
        LOG, [StreamChange(LEDGER, 0, (of_own_id, *two))], command_id="any", request=b"r"
    )
    with database.migration() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.execute(text("INSERT INTO logs VALUES ('130104', 0, 0)"))
        for position, one in enumerate(stored.events, start=1):
            connection.execute(text(_FORMER_EVENT), _former(one, position))
        connection.execute(text("UPDATE logs SET head = 3, known_at = 1741579200000000"))
        connection.execute(
            text("INSERT INTO commands VALUES ('130104', :own, :salt, :hash, 1, 1)"),
            {"own": str(own), "salt": b"s", "hash": HASH},
        )
        connection.execute(
            text("INSERT INTO commands VALUES ('130104', 'c-two', NULL, :hash, 2, 3)"),
            {"hash": HASH},
        )
    migrate(database)
    store = SqlEventStore(database)
    append(store, "c-4", StreamChange(LEDGER, 3, (payment("v-4", command="c-4"),)))
    paid_once(store, LAST, LEDGER, 4)
    assert told(store) == []
    database.close()


_FORMER_EVENT = """
INSERT INTO events VALUES ('130104', :position, :stream, :version, :type, :payload, :event_id,
                           :recorded_at, :recorded_at, :first, :last, :actor, :leaf)
"""


def _former(one: NewEvent, position: int) -> dict[str, object]:
    assert one.effective_from is not None
    assert one.effective_to is not None
    return {
        "position": position,
        "stream": one.stream_id,
        "version": one.version,
        "type": one.type,
        "payload": one.payload,
        "event_id": one.event_id,
        "recorded_at": one.recorded_at,
        "first": one.effective_from.isoformat(),
        "last": one.effective_to.isoformat(),
        "actor": one.actor,
        "leaf": one.leaf_hash,
    }
