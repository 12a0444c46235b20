"""A rehearsal is an event store like any other, and leaves the one beneath it alone."""

import pytest

from adapters.rehearsal import Rehearsal
from domain.problems import Rejected
from domain.store import EventStore
from tests.store.samples import LEDGER, LOG, append, payments
from tests.store.test_contract import *  # noqa: F403 - the contract, run on a rehearsal
from tests.support.memory_store import MemoryStore


@pytest.fixture
def store() -> EventStore:
    return Rehearsal(MemoryStore())


def test_it_reads_through_and_keeps_what_is_appended_to_itself() -> None:
    real = MemoryStore()
    append(real, "c-1", payments(LEDGER, 0, "v-1"))
    rehearsal = Rehearsal(real)
    receipt = append(rehearsal, "c-2", payments(LEDGER, 1, "v-2"))
    assert [one.version for one in rehearsal.read(LOG, LEDGER)] == [1, 2]
    assert receipt.position == rehearsal.head(LOG) == 2
    assert real.head(LOG) == 1


def test_it_sees_each_log_as_it_was_when_first_looked_at() -> None:
    real = MemoryStore()
    append(real, "c-1", payments(LEDGER, 0, "v-1"))
    rehearsal = Rehearsal(real)
    assert rehearsal.head(LOG) == 1
    append(real, "c-2", payments(LEDGER, 1, "v-2"))
    assert [one.version for one in rehearsal.read(LOG, LEDGER)] == [1]
    assert [one.position for one in rehearsal.read_log(LOG)] == [1]


def test_a_log_seen_in_the_past_knows_no_later_facts_and_no_commands() -> None:
    real = MemoryStore()
    append(real, "c-1", payments(LEDGER, 0, "v-1"))
    append(real, "c-2", payments(LEDGER, 1, "v-2"))
    past = Rehearsal(real, {LOG: 1})
    assert past.receipt_of(LOG, "c-2", b"anything") is None
    append(past, "c-2", payments(LEDGER, 1, "v-3"))
    assert [one.version for one in past.read(LOG, LEDGER)] == [1, 2]


def test_it_refuses_a_stream_that_has_moved() -> None:
    real = MemoryStore()
    append(real, "c-1", payments(LEDGER, 0, "v-1"))
    with pytest.raises(Rejected):
        append(Rehearsal(real), "c-2", payments(LEDGER, 0, "v-2"))
