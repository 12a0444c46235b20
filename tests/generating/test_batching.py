"""A log with one writer: seen at once, committed in batches, and checked by the database."""

import pytest

from adapters.batching import BatchingStore
from adapters.event_store import SqlEventStore
from domain.problems import Rejected
from domain.store import StreamChange
from tests.generating.conftest import Opener
from tests.store.samples import LEDGER, LOG, append, payment, payments, text


@pytest.fixture
def base(fresh: Opener) -> SqlEventStore:
    return SqlEventStore(fresh().database)


def batching(base: SqlEventStore, own: str = "own-") -> BatchingStore:
    return BatchingStore(base, LOG, own=own)


def paid(command: str, before: int, voucher: str) -> StreamChange:
    """A payment under ``command`` for the ledger at version ``before``."""
    return StreamChange(LEDGER, before, (payment(voucher, command=command),))


def test_what_is_appended_is_read_at_once_and_stored_with_the_flush(base: SqlEventStore) -> None:
    store = batching(base)
    first = append(store, "own-1", payments(LEDGER, 0, "a", "b"))
    second = append(store, "own-2", payments(LEDGER, 2, "c"))
    assert [one.version for one in store.read(LOG, LEDGER)] == [1, 2, 3]
    assert (store.head(LOG), base.head(LOG)) == (3, 0)
    store.flush()
    assert list(base.read(LOG, LEDGER)) == list(store.read(LOG, LEDGER))
    assert base.receipt_of(LOG, "own-1", b"request of own-1") == first
    assert base.receipt_of(LOG, "own-2", b"request of own-2") == second


def test_a_stale_version_is_refused_before_anything_is_stored(base: SqlEventStore) -> None:
    store = batching(base)
    append(store, "own-1", payments(LEDGER, 0, "a"))
    with pytest.raises(Rejected) as refused:
        append(store, "own-2", payments(LEDGER, 0, "b"))
    assert refused.value.codes == ("store.version-moved",)


def test_texts_are_stored_with_their_facts(base: SqlEventStore) -> None:
    store, said = batching(base), text("理由")
    change = StreamChange(LEDGER, 0, (payment("a"),))
    store.append(LOG, [change], command_id="own-1", request=b"", texts=[said])
    store.flush()
    assert base.text_bodies(LOG, [said.digest]) == {said.digest: "理由"}


def test_a_text_that_waits_is_known_and_can_be_erased_at_once(base: SqlEventStore) -> None:
    store, said = batching(base), text("理由")
    change = StreamChange(LEDGER, 0, (payment("a"),))
    store.append(LOG, [change], command_id="own-1", request=b"", texts=[said])
    assert store.text_bodies(LOG, [said.digest]) == {said.digest: "理由"}
    change = payments(LEDGER, 1, "b")
    store.append(LOG, [change], command_id="own-2", request=b"", erase=[said.digest])
    store.flush()
    assert store.text_bodies(LOG, [said.digest]) == {}
    # The salt of its request went with it: whatever is given under that id is its retry.
    assert base.receipt_of(LOG, "own-1", b"another request") is not None


@pytest.mark.parametrize("stream", [LEDGER, "130104/other/2024/ledger"])
def test_another_writer_is_noticed(base: SqlEventStore, stream: str) -> None:
    store = batching(base)
    append(store, "own-1", payments(LEDGER, 0, "a"))
    append(base, "other", payments(stream, 0, "b"))
    with pytest.raises(Rejected) as refused:
        store.flush()
    assert refused.value.codes == ("store.not-alone",)


def test_a_batch_that_is_sent_twice_is_stored_once(base: SqlEventStore) -> None:
    twins = [batching(base), batching(base)]
    change = payments(LEDGER, 0, "a")
    for twin in twins:
        append(twin, "own-1", change)
        twin.flush()
    assert base.head(LOG) == 1


def test_facts_of_an_earlier_run_are_seen_once_their_command_is_given_again(
    base: SqlEventStore,
) -> None:
    before = batching(base)
    receipt = append(before, "own-1", paid("own-1", 0, "a"))
    append(before, "own-2", paid("own-2", 1, "b"))
    before.flush()
    store = batching(base)
    assert store.stored_before == 2
    assert list(store.read(LOG, LEDGER)) == []
    assert store.receipt_of(LOG, "own-1", b"request of own-1") == receipt
    assert [one.version for one in store.read(LOG, LEDGER)] == [1]


def test_an_earlier_command_with_other_content_is_refused(base: SqlEventStore) -> None:
    before = batching(base)
    append(before, "own-1", paid("own-1", 0, "a"))
    before.flush()
    with pytest.raises(Rejected) as refused:
        batching(base).receipt_of(LOG, "own-1", b"another request")
    assert refused.value.codes == ("store.command-reused",)


def test_facts_of_others_are_seen_from_the_start(base: SqlEventStore) -> None:
    append(base, "other-1", paid("other-1", 0, "a"))
    store = batching(base)
    assert store.stored_before == 0
    append(store, "own-1", paid("own-2", 1, "b"))
    store.flush()
    assert base.head(LOG) == 2
