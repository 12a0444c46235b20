"""What every event store promises, whatever it stores in."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.problems import Rejected
from domain.store import EventStore, StreamChange
from tests.store.samples import FORM, LEDGER, LOG, NOON, append, payment, payments, text
from tests.support.memory_store import MemoryStore


def test_an_unknown_log_is_empty(store: EventStore) -> None:
    assert store.head(LOG) == 0
    assert store.read(LOG, LEDGER) == []
    assert store.read_log(LOG) == []
    assert list(store.streams(LOG)) == []
    assert store.logs() == []
    assert store.position_at(LOG, NOON) == 0
    assert store.text_bodies(LOG, ["0" * 64]) == {}
    assert store.receipt_of(LOG, "command-1", b"") is None


def test_what_is_appended_is_read_back(store: EventStore) -> None:
    change = payments(LEDGER, 0, "v-1", "v-2")
    receipt = append(store, "c-1", change)
    found = store.read(LOG, LEDGER)
    assert [(one.envelope, one.fact) for one in found] == [
        (new.envelope, new.fact) for new in change.facts
    ]
    assert [(one.stream_id, one.version, one.position, one.leaf_hash) for one in found] == [
        (fact.stream_id, fact.version, fact.position, fact.leaf_hash) for fact in receipt.facts
    ]
    assert all(len(fact.leaf_hash) == 32 for fact in receipt.facts)
    assert len({fact.leaf_hash for fact in receipt.facts}) == 2


def test_positions_of_a_log_are_dense_over_all_its_streams(store: EventStore) -> None:
    append(store, "c-1", payments(LEDGER, 0, "v-1", "v-2"))
    append(store, "c-2", payments(FORM, 0, "v-3"))
    receipt = append(store, "c-3", payments(LEDGER, 2, "v-4"))
    assert receipt.position == 4
    assert store.head(LOG) == 4
    log = store.read_log(LOG)
    assert [one.position for one in log] == [1, 2, 3, 4]
    assert [(one.stream_id, one.version) for one in log] == [
        (LEDGER, 1),
        (LEDGER, 2),
        (FORM, 1),
        (LEDGER, 3),
    ]


def test_each_log_counts_for_itself(store: EventStore) -> None:
    append(store, "c-1", payments(LEDGER, 0, "v-1", "v-2"), log="b")
    append(store, "c-1", payments(LEDGER, 0, "v-1"), log="a")
    assert (store.head("a"), store.head("b")) == (1, 2)
    assert store.logs() == ["a", "b"]
    assert len(store.read("a", LEDGER)) == 1


def test_one_append_carries_facts_for_several_streams(store: EventStore) -> None:
    receipt = append(store, "c-1", payments(LEDGER, 0, "v-1"), payments(FORM, 0, "v-2", "v-3"))
    assert [(fact.stream_id, fact.version, fact.position) for fact in receipt.facts] == [
        (LEDGER, 1, 1),
        (FORM, 1, 2),
        (FORM, 2, 3),
    ]


def test_all_streams_of_an_append_are_stored_or_none(store: EventStore) -> None:
    append(store, "c-1", payments(FORM, 0, "v-1"))
    with pytest.raises(Rejected) as refused:
        append(store, "c-2", payments(LEDGER, 0, "v-2"), payments(FORM, 0, "v-3"))
    assert refused.value.codes == ("store.version-moved",)
    assert store.read(LOG, LEDGER) == []
    assert store.head(LOG) == 1
    assert append(store, "c-3", payments(LEDGER, 0, "v-2")).position == 2


def test_a_rejection_names_every_stream_that_moved(store: EventStore) -> None:
    append(store, "c-1", payments(LEDGER, 0, "v-1"), payments(FORM, 0, "v-2"))
    with pytest.raises(Rejected) as refused:
        append(store, "c-2", payments(LEDGER, 0, "v-3"), payments(FORM, 2, "v-4"))
    assert [problem.place for problem in refused.value.problems] == [LEDGER, FORM]


def test_a_stream_may_be_expected_without_new_facts(store: EventStore) -> None:
    append(store, "c-1", payments(LEDGER, 0, "v-1"))
    append(store, "c-2", payments(FORM, 0, "v-2"), StreamChange(LEDGER, 1))
    with pytest.raises(Rejected) as refused:
        append(store, "c-3", payments(FORM, 1, "v-3"), StreamChange(LEDGER, 0))
    assert refused.value.codes == ("store.version-moved",)
    assert len(store.read(LOG, FORM)) == 1


def test_a_retried_command_gets_its_receipt_again_and_stores_nothing(store: EventStore) -> None:
    change = payments(LEDGER, 0, "v-1", "v-2")
    first = append(store, "c-1", change, payments(FORM, 0, "v-3"))
    append(store, "c-2", payments(LEDGER, 2, "v-4"))
    assert append(store, "c-1", change) == first
    assert store.receipt_of(LOG, "c-1", b"request of c-1") == first
    assert store.head(LOG) == 4


def test_a_command_id_is_not_used_for_another_request(store: EventStore) -> None:
    append(store, "c-1", payments(LEDGER, 0, "v-1"))
    with pytest.raises(Rejected) as refused:
        append(store, "c-1", payments(LEDGER, 1, "v-2"), request=b"something else")
    assert refused.value.codes == ("store.command-reused",)
    with pytest.raises(Rejected):
        store.receipt_of(LOG, "c-1", b"something else")
    assert store.head(LOG) == 1


def test_a_command_id_belongs_to_its_log(store: EventStore) -> None:
    append(store, "c-1", payments(LEDGER, 0, "v-1"), log="a")
    append(store, "c-1", payments(LEDGER, 0, "v-1"), log="b", request=b"something else")
    assert store.receipt_of("c", "c-1", b"request of c-1") is None


def test_a_rejected_command_can_be_sent_again(store: EventStore) -> None:
    append(store, "c-1", payments(LEDGER, 0, "v-1"))
    with pytest.raises(Rejected):
        append(store, "c-2", payments(LEDGER, 0, "v-2"))
    assert store.receipt_of(LOG, "c-2", b"request of c-2") is None
    assert append(store, "c-2", payments(LEDGER, 1, "v-2")).position == 2


def test_a_command_may_store_nothing_and_still_has_a_receipt(store: EventStore) -> None:
    receipt = append(store, "c-1", StreamChange(LEDGER, 0))
    assert (receipt.facts, receipt.position) == ((), 0)
    assert store.receipt_of(LOG, "c-1", b"request of c-1") == receipt


def test_a_stream_is_read_after_a_version_and_up_to_a_position(store: EventStore) -> None:
    append(store, "c-1", payments(LEDGER, 0, "v-1", "v-2"))
    append(store, "c-2", payments(FORM, 0, "v-3"))
    append(store, "c-3", payments(LEDGER, 2, "v-4"))
    assert [one.version for one in store.read(LOG, LEDGER, after=1)] == [2, 3]
    assert [one.version for one in store.read(LOG, LEDGER, upto_position=3)] == [1, 2]
    assert [one.version for one in store.read(LOG, LEDGER, after=1, upto_position=2)] == [2]


def test_a_log_is_read_in_pages(store: EventStore) -> None:
    append(store, "c-1", payments(LEDGER, 0, *(f"v-{number}" for number in range(5))))
    assert [one.position for one in store.read_log(LOG, limit=2)] == [1, 2]
    assert [one.position for one in store.read_log(LOG, after=2, limit=2)] == [3, 4]
    assert [one.position for one in store.read_log(LOG, after=4, limit=2)] == [5]


def test_streams_are_listed_by_prefix_in_order(store: EventStore) -> None:
    names = ["a/2", "a/10", "a", "a/文", "b/1", "a%", "A/1"]
    for name in names:
        append(store, name, payments(name, 0, "v-1"))
    assert list(store.streams(LOG)) == sorted(names)
    assert list(store.streams(LOG, "a/")) == ["a/10", "a/2", "a/文"]
    assert list(store.streams(LOG, "c")) == []


def test_texts_are_stored_beside_their_facts(store: EventStore) -> None:
    reason, remark = text("调整预算的原因"), text("a remark")
    store.append(
        LOG, [payments(LEDGER, 0, "v-1")], command_id="c-1", request=b"r", texts=[reason, remark]
    )
    asked = [reason.digest, remark.digest, "0" * 64]
    assert store.text_bodies(LOG, asked) == {
        reason.digest: "调整预算的原因",
        remark.digest: "a remark",
    }
    assert store.text_bodies("another", asked) == {}


def test_a_rejected_append_leaves_no_texts(store: EventStore) -> None:
    reason = text("secret")
    with pytest.raises(Rejected):
        store.append(
            LOG, [payments(LEDGER, 7, "v-1")], command_id="c-1", request=b"r", texts=[reason]
        )
    assert store.text_bodies(LOG, [reason.digest]) == {}


def test_an_erased_text_is_gone_and_the_others_stay(store: EventStore) -> None:
    bad, good = text("a petitioner's name"), text("a remark")
    first = store.append(
        LOG, [payments(LEDGER, 0, "v-1")], command_id="c-1", request=b"r", texts=[bad, good]
    )
    store.append(
        LOG, [payments(LEDGER, 1, "v-2")], command_id="c-2", request=b"erase", erase=[bad.digest]
    )
    assert store.text_bodies(LOG, [bad.digest, good.digest]) == {good.digest: "a remark"}
    assert store.read(LOG, LEDGER)[0].leaf_hash == first.facts[0].leaf_hash


def test_after_an_erasure_a_retry_gets_its_receipt_uncompared(store: EventStore) -> None:
    bad, other = text("a petitioner's name"), text("a remark")
    first = store.append(
        LOG, [payments(LEDGER, 0, "v-1")], command_id="c-1", request=b"one", texts=[bad]
    )
    store.append(LOG, [payments(LEDGER, 1, "v-2")], command_id="c-2", request=b"two", texts=[other])
    store.append(
        LOG, [payments(LEDGER, 2, "v-3")], command_id="c-3", request=b"three", erase=[bad.digest]
    )
    assert store.receipt_of(LOG, "c-1", b"whatever") == first
    assert append(store, "c-1", payments(LEDGER, 0, "v-1"), request=b"whatever") == first
    with pytest.raises(Rejected):
        store.receipt_of(LOG, "c-2", b"whatever")


def test_erasing_what_is_not_there_does_no_harm(store: EventStore) -> None:
    store.append(
        LOG, [payments(LEDGER, 0, "v-1")], command_id="c-1", request=b"r", erase=["0" * 64]
    )
    assert store.head(LOG) == 1


def test_as_of_follows_the_newest_clock_so_far(store: EventStore) -> None:
    # The second clock runs behind: what it recorded was not known before the first fact.
    minute = timedelta(minutes=1)
    for number, offset in enumerate((0, -5, 3, 3, 1, 9)):
        append(
            store, f"c-{number}", payments(LEDGER, number, f"v-{number}", at=NOON + offset * minute)
        )
    assert [
        store.position_at(LOG, NOON + offset * minute) for offset in (-6, -5, 0, 2, 3, 8, 9)
    ] == [
        0,
        0,
        2,
        2,
        5,
        5,
        6,
    ]
    assert store.position_at(LOG, NOON - timedelta(microseconds=1)) == 0


@pytest.mark.parametrize("offsets", [(0, 5, 3), (4, -5, 3, 3, 1, 9, 2)])
def test_as_of_follows_the_newest_clock_within_one_append(
    store: EventStore, offsets: tuple[int, ...]
) -> None:
    minute = timedelta(minutes=1)
    model = MemoryStore()
    for one in (store, model):
        append(one, "c-0", payments(FORM, 0, "v-0", at=NOON + 2 * minute))
        facts = tuple(
            payment(f"v-{number}", at=NOON + offset * minute)
            for number, offset in enumerate(offsets)
        )
        append(one, "c-1", StreamChange(LEDGER, 0, facts))
        append(one, "c-2", payments(FORM, 1, "v-9", at=NOON))
    for at in range(-6, 12):
        moment = NOON + at * minute
        assert store.position_at(LOG, moment) == model.position_at(LOG, moment)


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(offsets=st.lists(st.integers(-50, 50), min_size=1, max_size=40), asked=st.integers(-60, 60))
def test_as_of_is_the_same_in_every_store(
    store: EventStore, offsets: list[int], asked: int
) -> None:
    log = f"log-{len(store.logs())}"
    second = timedelta(seconds=1)
    model = MemoryStore()
    for number, offset in enumerate(offsets):
        change = payments(LEDGER, number, f"v-{number}", at=NOON + offset * second)
        for one in (store, model):
            append(one, f"c-{number}", change, log=log)
    at = NOON + asked * second
    assert store.position_at(log, at) == model.position_at(log, at)


def test_every_log_has_a_position_at_a_moment_of_its_own(store: EventStore) -> None:
    minute = timedelta(minutes=1)
    for number in range(5):
        at = NOON + number * minute
        append(store, f"c-{number}", payments(LEDGER, number, f"v-{number}", at=at))
    append(store, "c-0", payments(LEDGER, 0, "v-0", at=NOON + 2 * minute), log="another")
    assert store.positions_at(NOON - minute) == {LOG: 0, "another": 0}
    assert store.positions_at(NOON + minute) == {LOG: 2, "another": 0}
    assert store.positions_at(NOON + 9 * minute) == {LOG: 5, "another": 1}
