"""How a command is remembered: by a row of its own, or by its one fact, which has its id."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import func, select

from adapters.event_store import SqlEventStore
from adapters.identifiers import new_event_id
from adapters.log import Append, Known, Stored, to_append
from adapters.schema import commands, events
from domain.problems import Rejected
from domain.store import StreamChange
from tests.store.samples import FORM, LEDGER, LOG, append, paid_once, payment, payments, text


def rows(store: SqlEventStore) -> tuple[int, int]:
    """How many commands have a row of their own, and how many are remembered by their fact."""
    with store.database.read() as connection:
        own = connection.scalar(select(func.count()).select_from(commands))
        with_fact = connection.scalar(
            select(func.count()).where(events.c.request_hash.is_not(None))
        )
    return own or 0, with_fact or 0


def test_one_fact_with_the_id_of_its_command_remembers_it(sql_store: SqlEventStore) -> None:
    for number in range(3):  # the first of a log and a stream, and those after it
        paid_once(sql_store, new_event_id(), LEDGER, number)
    assert rows(sql_store) == (0, 3)


def test_any_other_command_has_a_row(sql_store: SqlEventStore) -> None:
    command = new_event_id()
    own = payment("v-1", event_id=command)
    others = (
        ("c-1", StreamChange(LEDGER, 0, (payment("v"),)), ()),
        (str(new_event_id()), StreamChange(LEDGER, 1, (payment("v"),)), ()),
        (str(command).upper(), StreamChange(LEDGER, 2, (own,)), ()),
        (str(new_event_id()), StreamChange(LEDGER, 3), ()),
        (str(second := new_event_id()), _two(LEDGER, 3, second), ()),
        (str(third := new_event_id()), _one(LEDGER, 5, third), (text("a remark"),)),
    )
    for command_id, change, texts in others:
        sql_store.append(LOG, [change], command_id=command_id, request=b"r", texts=texts)
        assert sql_store.receipt_of(LOG, command_id, b"r") is not None
    assert rows(sql_store) == (len(others), 0)


def _one(stream: str, expected: int, command: UUID) -> StreamChange:
    return StreamChange(stream, expected, (payment("v", event_id=command),))


def _two(stream: str, expected: int, command: UUID) -> StreamChange:
    first = _one(stream, expected, command).facts[0]
    return StreamChange(stream, expected, (first, payment("w")))


def test_a_retry_gets_its_receipt_again_and_stores_nothing(sql_store: SqlEventStore) -> None:
    append(sql_store, "c-1", payments(FORM, 0, "v"))
    command = new_event_id()
    first = paid_once(sql_store, command, LEDGER, 0)
    append(sql_store, "c-2", payments(LEDGER, 1, "v"))
    assert paid_once(sql_store, command, LEDGER, 0) == first
    assert sql_store.receipt_of(LOG, str(command), f"request of {command}".encode()) == first
    assert [one.position for one in first.facts] == [2]
    assert sql_store.head(LOG) == 3


def test_it_is_not_used_for_another_request(sql_store: SqlEventStore) -> None:
    command = new_event_id()
    paid_once(sql_store, command, LEDGER, 0)
    for change in (_one(LEDGER, 1, command), _two(LEDGER, 1, command), StreamChange(LEDGER, 1)):
        with pytest.raises(Rejected) as refused:
            append(sql_store, str(command), change, request=b"something else")
        assert refused.value.codes == ("store.command-reused",)
    with pytest.raises(Rejected):
        sql_store.receipt_of(LOG, str(command), b"something else")
    assert sql_store.head(LOG) == 1


@pytest.mark.parametrize("earlier", ["one fact", "two facts", "no fact"])
def test_the_id_of_an_earlier_command_is_known_however_it_was_stored(
    sql_store: SqlEventStore, earlier: str
) -> None:
    command = new_event_id()
    shapes = {
        "one fact": _one(LEDGER, 0, command),
        "two facts": _two(LEDGER, 0, command),
        "no fact": StreamChange(LEDGER, 0),
    }
    first = append(sql_store, str(command), shapes[earlier])
    version = len(first.facts)
    # Decided anew, the same command may come to other facts: what was stored first counts.
    for change in (_one(LEDGER, version, command), _two(LEDGER, version, command)):
        assert append(sql_store, str(command), change) == first
    assert append(sql_store, str(command), StreamChange(LEDGER, version)) == first
    assert sql_store.head(LOG) == version


@pytest.mark.parametrize("later", ["one fact", "two facts", "no fact"])
def test_the_id_of_a_fact_of_another_command_is_taken(sql_store: SqlEventStore, later: str) -> None:
    taken = new_event_id()
    append(sql_store, "c-1", _two(LEDGER, 0, taken))
    shapes = {
        "one fact": _one(LEDGER, 2, taken),
        "two facts": payments(LEDGER, 2, "v", "w"),
        "no fact": StreamChange(LEDGER, 2),
    }
    with pytest.raises(Rejected) as refused:
        append(sql_store, str(taken), shapes[later])
    assert refused.value.codes == ("store.command-reused",)
    with pytest.raises(Rejected):
        sql_store.receipt_of(LOG, str(taken), b"r")
    assert sql_store.head(LOG) == 2


@pytest.mark.parametrize(
    "write",
    [
        lambda own: str(own).upper(),
        lambda own: own.hex,
        lambda own: own.urn,
        lambda own: f"{{{own}}}",
        lambda own: str(own).replace("-", "", 1) + "-",
        lambda own: str(own).translate({ord(str(n)): 0xFF10 + n for n in range(10)}),
        lambda own: f"????????{str(own)[8:]}",
    ],
)
def test_an_id_that_is_written_otherwise_is_another(
    sql_store: SqlEventStore, write: Callable[[UUID], str]
) -> None:
    own = new_event_id()
    alike = write(own)
    first = append(sql_store, alike, StreamChange(LEDGER, 0))
    assert paid_once(sql_store, own, LEDGER, 0).position == 1
    assert append(sql_store, alike, StreamChange(LEDGER, 1)) == first
    assert paid_once(sql_store, own, LEDGER, 1).position == 1
    assert rows(sql_store) == (1, 1)


def test_the_id_belongs_to_its_log(sql_store: SqlEventStore) -> None:
    command = new_event_id()
    paid_once(sql_store, command, LEDGER, 0, log="a")
    assert paid_once(sql_store, command, LEDGER, 0, log="b").position == 1
    assert sql_store.receipt_of("c", str(command), f"request of {command}".encode()) is None


def test_a_group_may_hold_both_kinds_and_one_twice(sql_store: SqlEventStore) -> None:
    append(sql_store, "c-1", payments(LEDGER, 0, "v"), payments(FORM, 0, "v"))
    own, other = new_event_id(), new_event_id()
    group = [
        to_append(LOG, [change], command_id=command, request=b"r")
        for command, change in (
            (str(own), _one(LEDGER, 1, own)),
            ("c-2", payments(FORM, 1, "v")),
            (str(own), _one(LEDGER, 2, own)),
            (str(other), _one(LEDGER, 2, other)),
        )
    ]
    stored = [Stored(3), Stored(4), Known(), Stored(5)]
    assert sql_store.database.append_all(group) == stored
    # Sent again, as after a lost connection.
    assert sql_store.database.append_all(group) == [Known()] * 4
    assert rows(sql_store) == (2, 2)


def test_a_group_knows_what_it_adds_to_a_stream_that_nobody_expected(
    sql_store: SqlEventStore,
) -> None:
    append(sql_store, "c-1", payments(FORM, 0, "v"))
    recorded = to_append(LOG, [payments(LEDGER, 0, "v")], command_id="-", request=b"r")
    later = to_append(LOG, [payments(LEDGER, 1, "w")], command_id="c-2", request=b"r")
    group = [Append(LOG, recorded.events), later]
    assert sql_store.database.append_all(group) == [Stored(2), Stored(3)]
    assert append(sql_store, "c-3", payments(LEDGER, 2, "x")).position == 4
