"""What was changed where it lies is told: which column of which fact, what it holds and what the
fact says; and every other fact is looked at all the same.
"""

import pytest
from eventsourcing.persistence import StoredEvent
from sqlalchemy import URL, update

from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.persistence import LogRecorder
from adapters.schema import events
from tests.store.samples import LOG
from tests.store.tampered_log import filled, found, paid, tampered, told
from tests.support.tampering import past_every_barrier


def test_what_was_not_touched_is_not_told(five: SqlEventStore) -> None:
    assert told(five) == []
    # What the views have not read yet is not looked at: neither facts, nor the commands they have.
    assert told(five, 2) == []


# ------------------------------------------------------------------------------ beside the facts


@pytest.mark.parametrize(
    ("column", "value", "stored", "said"),
    [
        ("event_id", "'zz'", "zz", None),
        ("event_id", "x'00ff'", "x'00ff'", None),
        ("event_id", "NULL", None, None),
        ("effective_from", "'x'", "x", "2024-12-28"),
        ("effective_from", "20241228", "20241228", "2024-12-28"),
        ("effective_to", "x'32'", "x'32'", "2024-12-28"),
        ("recorded_at", "'yesterday'", "yesterday", "1741579200000000"),
        ("recorded_at", "1.5", "1.5", "1741579200000000"),
        ("known_at", "x'07'", "x'07'", "1741579200000000"),
        ("known_at", "9e999", "inf", "1741579200000000"),
        ("actor", "x'61'", "x'61'", "account-7"),
        ("actor", "CAST(x'61ff' AS TEXT)", "a\\xff", "account-7"),
        ("log_id", "'130105'", "130105", "130104"),
    ],
)
def test_a_column_with_a_value_of_any_type_is_told_and_the_rest_is_checked(
    in_file: SqlEventStore, column: str, value: str, stored: str | None, said: str | None
) -> None:
    one, other = tampered(
        in_file,
        f"UPDATE events SET {column} = {value} WHERE position = 2",  # noqa: S608 - ours
        "UPDATE events SET actor = 'other' WHERE position = 5",
    )
    if column == "event_id":
        said = in_file.read_log(LOG, after=1)[0].envelope.event_id.hex
    assert one == (column, stored, said, 2)
    assert other == ("actor", "other", "account-7", 5)


@pytest.mark.parametrize(
    ("column", "value", "stored", "said"),
    [
        ("stream_id", "x'73'", "x'73'", None),
        ("version", "'x'", "x", None),
        ("version", "2.5", "2.5", None),
        ("version", "-1", "-1", None),
        ("type", "x'74'", "x'74'", None),
        # The same bytes, but not the same value; what it holds is not told.
        ("payload", "CAST(payload AS TEXT)", "text", "blob"),
        ("payload", "7", "integer", "blob"),
    ],
)
def test_what_no_leaf_can_be_made_of_is_told_and_the_rest_is_checked(
    in_file: SqlEventStore, column: str, value: str, stored: str, said: str | None
) -> None:
    assert tampered(
        in_file,
        f"UPDATE events SET {column} = {value} WHERE position = 2",  # noqa: S608 - ours
        "UPDATE events SET actor = 'other' WHERE position = 5",
    ) == [(column, stored, said, 2), ("actor", "other", "account-7", 5)]


def test_all_that_is_wrong_with_one_fact_is_told(in_file: SqlEventStore) -> None:
    assert tampered(
        in_file,
        "UPDATE events SET payload = CAST(payload AS TEXT), version = 'x', actor = 'other',"
        " request_hash = x'00' WHERE position = 2",
    ) == [
        ("version", "x", None, 2),
        ("payload", "text", "blob", 2),
        ("actor", "other", "account-7", 2),
        ("request_hash", "00", None, 2),
    ]


def test_a_leaf_of_another_type_is_told_beside_what_the_bytes_give(in_file: SqlEventStore) -> None:
    leaf = in_file.read_log(LOG, after=1)[0].leaf_hash.hex()
    assert tampered(in_file, "UPDATE events SET leaf_hash = 'none' WHERE position = 2") == [
        ("leaf", "none", leaf, 2)
    ]


def test_a_day_that_no_calendar_has_is_told(postgresql_url: URL) -> None:
    database = Database(postgresql_url)
    store = filled(database)
    assert tampered(
        store,
        "UPDATE events SET effective_from = '-infinity', effective_to = 'infinity'"
        " WHERE position = 2",
    ) == [
        ("effective_from", "-infinity", "2024-12-28", 2),
        ("effective_to", "infinity", "2024-12-28", 2),
    ]
    database.close()


def test_a_report_is_no_way_to_a_terminal(five: SqlEventStore) -> None:
    long = update(events).where(events.c.position == 5).values(actor="长" * 1000)
    escape = update(events).where(events.c.position == 2).values(actor="\x1b[2J操作")
    assert tampered(five, escape, long) == [
        ("actor", "\\x1b[2J操作", "account-7", 2),
        ("actor", "长" * 200 + "…", "account-7", 5),
    ]


def test_only_the_fact_with_another_known_at_is_told(five: SqlEventStore) -> None:
    later = 2**50
    assert tampered(
        five,
        update(events).where(events.c.position == 2).values(known_at=later),
    ) == [("known_at", str(later), "1741579200000000", 2)]


@pytest.mark.parametrize(
    "payload",
    [
        b"no document at all",
        b"\xff",
        b"[" * 100_000,
        b'{"envelope":' + b"[" * 100_000,
        # A moment without an offset is none.
        b'{"envelope":{"event_id":"","recorded_at":"2025-03-10T04:00:00","actor":"","command_id":""}}',
    ],
    ids=["other", "no text", "deep", "deep within", "no offset"],
)
def test_bytes_that_say_nothing_are_told_by_their_leaf(five: SqlEventStore, payload: bytes) -> None:
    [(what, _, _, position)] = tampered(
        five, update(events).where(events.c.position == 2).values(payload=payload)
    )
    assert (what, position) == ("leaf", 2)


def test_facts_are_looked_at_beyond_a_page(database: Database) -> None:
    store = SqlEventStore(database)
    paid(store, "c-many", 0, facts=2100)
    assert told(store, 2100) == []
    past_every_barrier(
        database,
        "UPDATE events SET actor = 'other' WHERE position = 2050",
        "DELETE FROM events WHERE position IN (2000, 2001)",
    )
    assert found(store, 2100) == [
        ("fact", None, None, 2000),
        ("fact", None, None, 2001),
        ("actor", "other", "account-7", 2050),
    ]


# -------------------------------------------------------------------------- events of others


def test_events_of_another_application_need_neither_envelope_nor_command(
    database: Database,
) -> None:
    store = SqlEventStore(database)
    paid(store, "c-1", 0)
    recorder = LogRecorder(database, LOG)
    recorder.insert_events([StoredEvent("account", n, "Opened", b"any bytes") for n in (1, 2)])
    paid(store, "c-2", 1)
    assert told(store, 4) == []
    past_every_barrier(
        database,
        "UPDATE events SET actor = 'someone', known_at = known_at + 1 WHERE position = 2",
        update(events).where(events.c.position == 3).values(request_hash=b"\1" * 32),
        "UPDATE commands SET last_position = 2 WHERE command_id = 'c-1'",
    )
    assert found(store, 4) == [
        ("known_at", "1741579200000001", "1741579200000000", 2),
        ("actor", "someone", None, 2),
        ("command", "c-1", None, 2),
        ("request_hash", "01" * 32, None, 3),
    ]


# ------------------------------------------------------------------------------------- texts


@pytest.mark.parametrize(
    "change",
    ["salt = 'a'", "salt = 5", "body = x'61'", "body = CAST(x'ff' AS TEXT)", "body = ''"],
)
def test_a_text_of_another_type_is_told_by_its_digest(in_file: SqlEventStore, change: str) -> None:
    with in_file.database.read() as connection:
        digest = connection.exec_driver_sql("SELECT digest FROM texts").scalar_one()
    [one] = tampered(in_file, f"UPDATE texts SET {change}")  # noqa: S608 - ours
    assert (one[0], one[1]) == ("text", digest)
    assert one[2] != digest


def test_a_text_under_a_digest_that_is_none_is_told(in_file: SqlEventStore) -> None:
    assert [one[:2] for one in tampered(in_file, "UPDATE texts SET digest = x'00'")] == [
        ("text", "x'00'")
    ]
