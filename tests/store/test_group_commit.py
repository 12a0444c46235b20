"""Appends of many threads in one transaction: each stands or falls alone, none is lost."""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Event, Lock, Thread
from typing import Any

import pytest
from sqlalchemy import URL, text

from adapters import group_commit
from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.group_commit import GroupCommit
from adapters.log import Known, Stored, to_append
from domain.problems import Rejected
from domain.store import Receipt, StreamChange
from tests.store.samples import LEDGER, LOG, append, payment, payments
from tests.store.samples import text as detached


class Stop(BaseException):
    """Stands for an interrupt: no Exception, so nothing may catch it."""


class Spoilt(Exception):
    """One item has spoilt the transaction for the others."""


class Gathering:
    """Holds the first writer until others wait behind it, so that they form one group."""

    def __init__(self, line: GroupCommit[Any, Any]) -> None:
        self.line = line
        self.answers: dict[str, object] = {}
        self.groups: list[int] = []
        self._commit = line._commit
        self._threads: list[Thread] = []
        self._begun, self._go_on = Event(), Event()
        line._commit = self._recorded

    def _recorded(self, items: Sequence[Any]) -> Sequence[Any]:
        self.groups.append(len(items))
        if len(self.groups) == 1:
            self._begun.set()
            self._go_on.wait(30)
        return self._commit(items)

    def send(self, name: str, work: Callable[[], object]) -> None:
        """Do ``work`` in a thread, and keep its answer."""

        def run() -> None:
            try:
                self.answers[name] = work()
            except BaseException as error:  # noqa: BLE001 - the answer may be any of them
                self.answers[name] = error

        self._threads.append(Thread(target=run))
        self._threads[-1].start()

    def hold(self, work: Callable[[], object]) -> None:
        """Begin a commit that ends only with ``release``."""
        self.send("first", work)
        assert self._begun.wait(30)

    def wait_for(self, waiting: int) -> None:
        """Until ``waiting`` items are in the queue."""
        while len(self.line._queue) < waiting:
            pass

    def release(self, waiting: int, *, before: int | None = None) -> None:
        """Let go when ``waiting`` items are in the queue, and wait for all answers. As if there had
        been ``before`` in the last group: as many as wait, and all who wait are the next.
        """
        self.wait_for(waiting)
        self.line._before = waiting if before is None else before
        self._go_on.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()


# ------------------------------------------------------------------------------ in a database


@pytest.fixture
def gathering(database: Database) -> Gathering:
    return Gathering(database._begun_line(LOG))


def sender(store: SqlEventStore, name: str, version: int, stream: str) -> Callable[[], Receipt]:
    return lambda: append(store, name, payments(stream, version, name))


def test_appends_of_a_group_are_stored_in_one_transaction_in_their_order(
    sql_store: SqlEventStore, gathering: Gathering
) -> None:
    gathering.hold(sender(sql_store, "c-0", 0, LEDGER))
    for number in range(1, 6):
        # Each expects what the one before it in the same group has written.
        gathering.send(f"c-{number}", sender(sql_store, f"c-{number}", number, LEDGER))
        gathering.wait_for(number)
    gathering.release(5)
    assert gathering.groups == [1, 5]
    for number in range(1, 6):
        receipt = gathering.answers[f"c-{number}"]
        assert isinstance(receipt, Receipt)
        assert receipt.position == number + 1
    assert [one.version for one in sql_store.read(LOG, LEDGER)] == [1, 2, 3, 4, 5, 6]


def test_an_append_that_is_refused_harms_no_other(
    sql_store: SqlEventStore, gathering: Gathering
) -> None:
    gathering.hold(sender(sql_store, "c-0", 0, LEDGER))
    gathering.send("a", sender(sql_store, "a", 0, "s-a"))
    gathering.send("late", sender(sql_store, "late", 7, LEDGER))
    gathering.send("again", lambda: append(sql_store, "c-0", payments(LEDGER, 0, "v")))
    gathering.send("b", sender(sql_store, "b", 0, "s-b"))
    gathering.release(4)
    assert gathering.groups == [1, 4]
    assert gathering.answers["again"] == gathering.answers["first"]
    assert isinstance(gathering.answers["late"], Rejected)
    assert {gathering.answers[name].position for name in ("a", "b")} == {2, 3}  # type: ignore[attr-defined]
    assert sql_store.head(LOG) == 3
    assert [one.position for one in sql_store.read_log(LOG)] == [1, 2, 3]


def test_an_append_that_a_key_refuses_harms_no_other(
    sql_store: SqlEventStore, gathering: Gathering
) -> None:
    # An event id that is there already: nobody looks for it before it is stored.
    twice = payments("s-twice", 0, "v")
    gathering.hold(lambda: append(sql_store, "c-0", twice))
    gathering.send("a", sender(sql_store, "a", 0, "s-a"))
    spoilt = type(twice)("s-spoilt", 0, twice.facts)
    gathering.send("bad", lambda: append(sql_store, "bad", spoilt))
    gathering.send("b", sender(sql_store, "b", 0, "s-b"))
    gathering.release(3)
    assert gathering.groups == [1, 3, 1, 1, 1]
    assert isinstance(gathering.answers["bad"], sql_store.database.backend.integrity_error)
    assert isinstance(gathering.answers["a"], Receipt)
    assert isinstance(gathering.answers["b"], Receipt)
    assert sorted(sql_store.streams(LOG)) == ["s-a", "s-b", "s-twice"]
    assert sql_store.receipt_of(LOG, "bad", b"request of bad") is None
    assert sql_store.head(LOG) == 3


def test_texts_and_erasures_of_a_group_belong_to_their_appends(
    sql_store: SqlEventStore, gathering: Gathering
) -> None:
    kept, gone = detached("stays"), detached("goes")

    def storing(name: str, **more: Any) -> Callable[[], object]:
        change = payments(f"s-{name}", 0, "v")
        return lambda: sql_store.append(LOG, [change], command_id=name, request=b"r", **more)

    gathering.hold(storing("first"))
    gathering.send("keeps", storing("keeps", texts=[kept]))
    gathering.wait_for(1)
    gathering.send("brings", storing("brings", texts=[gone]))
    gathering.wait_for(2)
    gathering.send("erases", storing("erases", erase=[gone.digest]))
    gathering.release(3)
    assert gathering.groups == [1, 3]
    assert sql_store.text_bodies(LOG, [kept.digest, gone.digest]) == {kept.digest: "stays"}
    assert sql_store.receipt_of(LOG, "brings", b"anything") == gathering.answers["brings"]
    with pytest.raises(Rejected):
        sql_store.receipt_of(LOG, "keeps", b"anything")


def test_as_of_holds_within_a_group(sql_store: SqlEventStore, gathering: Gathering) -> None:
    first = payment("v")
    later = first.envelope.recorded_at.replace(hour=9)
    gathering.hold(sender(sql_store, "c-0", 0, LEDGER))
    for number, at in enumerate((later, first.envelope.recorded_at), 1):
        change = payments(f"s-{number}", 0, "v", at=at)
        gathering.send(change.stream_id, partial(append, sql_store, change.stream_id, change))
        gathering.wait_for(number)
    gathering.release(2)
    assert gathering.groups == [1, 2]
    # What was recorded before the second fact by its clock was known only after it.
    assert sql_store.position_at(LOG, first.envelope.recorded_at) == 1
    assert sql_store.position_at(LOG, later) == 3
    append(sql_store, "c-9", payments("s-9", 0, "v"))
    assert sql_store.position_at(LOG, first.envelope.recorded_at) == 1


def test_long_work_and_appends_take_turns(sqlite_url: URL) -> None:
    database = Database(sqlite_url)
    store = SqlEventStore(database)
    with database.transaction() as connection:
        connection.execute(text("INSERT INTO tracking VALUES ('a', 'b', 1)"))
        waiting = Thread(target=sender(store, "c-1", 0, LEDGER))
        waiting.start()
        assert store.head(LOG) == 0
    waiting.join(30)
    assert store.head(LOG) == 1
    database.close()


def test_long_work_that_fails_leaves_nothing(database: Database) -> None:
    def work() -> None:
        with database.transaction() as connection:
            connection.execute(text("INSERT INTO tracking VALUES ('a', 'b', 1)"))
            raise LookupError

    with pytest.raises(LookupError):
        work()
    with database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM tracking")) == 0


def test_a_closed_database_opens_again(sql_store: SqlEventStore) -> None:
    append(sql_store, "c-1", payments(LEDGER, 0, "v"))
    sql_store.database.close()
    append(sql_store, "c-2", payments(LEDGER, 1, "v"))
    assert sql_store.head(LOG) == 2


# ------------------------------------------------------------------------- without a database


class Ledger:
    """Commits items that are no exceptions, all or none, and answers with their names."""

    def __init__(self) -> None:
        self.stored: list[str] = []

    def commit(self, items: Sequence[object]) -> Sequence[object]:
        for item in items:
            if isinstance(item, BaseException):
                raise item
        self.stored += map(str, items)
        return items


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def line(ledger: Ledger) -> Gathering:
    gathered = Gathering(GroupCommit(ledger.commit, lambda error: not isinstance(error, Spoilt)))
    gathered.hold(lambda: gathered.line.run("first"))
    return gathered


def test_nothing_is_acknowledged_when_the_commit_fails(line: Gathering, ledger: Ledger) -> None:
    line.send("a", lambda: line.line.run("a"))
    line.send("bad", lambda: line.line.run(LookupError()))
    line.send("b", lambda: line.line.run("b"))
    line.release(3)
    assert [type(line.answers[name]) for name in ("a", "bad", "b")] == [LookupError] * 3
    assert ledger.stored == ["first"]
    assert line.line.run("c") == "c"


def test_what_spoils_a_commit_is_nobody_elses_error(line: Gathering, ledger: Ledger) -> None:
    line.send("a", lambda: line.line.run("a"))
    line.send("bad", lambda: line.line.run(Spoilt()))
    line.send("b", lambda: line.line.run("b"))
    line.release(3)
    assert line.answers["a"] == "a"
    assert type(line.answers["bad"]) is Spoilt
    assert sorted(ledger.stored) == ["a", "b", "first"]


def test_a_known_command_is_told_from_one_that_collides(sql_store: SqlEventStore, url: URL) -> None:
    """Its streams are where it expects them, after an append of the same group has looked."""
    backend = sql_store.database.backend
    one = to_append("a", [payments(LEDGER, 0, "v-1")], command_id="c-1", request=b"")
    assert backend.commit([one]) == [Stored(1)]
    beside = [payments("other", 0, "v-2"), StreamChange(LEDGER, 1)]
    other = to_append("a", beside, command_id="c-2", request=b"")
    again = to_append("a", [payments(LEDGER, 1, "v-1")], command_id="c-1", request=b"")
    fresh = Database(url)
    assert fresh.backend.commit([other, again]) == [Stored(2), Known()]
    fresh.close()


def test_a_group_is_half_of_those_who_write(line: Gathering, ledger: Ledger) -> None:
    names = [f"item-{number}" for number in range(7)]
    for number, name in enumerate(names, 1):
        line.send(name, partial(line.line.run, name))
        line.wait_for(number)
    line.release(7, before=0)
    # Of seven who wait four, of the three left and those four (who do not come back) all.
    assert line.groups == [1, 4, 3]
    assert ledger.stored == ["first", *names]
    assert [line.answers[name] for name in names] == names


def test_after_an_interrupt_of_the_leader_the_others_are_stored(
    line: Gathering, ledger: Ledger
) -> None:
    line.send("bad", lambda: line.line.run(Stop()))
    line.wait_for(1)
    line.send("a", lambda: line.line.run("a"))
    line.send("b", lambda: line.line.run("b"))
    line.release(3)
    assert isinstance(line.answers["bad"], Stop)
    assert (line.answers["a"], line.answers["b"]) == ("a", "b")
    assert sorted(ledger.stored) == ["a", "b", "first"]


class InterruptedWait:
    """A lock whose holder, when it waits for the lock again, is interrupted."""

    def __init__(self, *, after_wake: bool) -> None:
        self._inner = Lock()
        self._after_wake = after_wake

    def acquire(self) -> None:
        if self._inner.acquire(blocking=False):
            return
        if self._after_wake:
            self._inner.acquire()
        raise Stop

    def release(self) -> None:
        self._inner.release()


@pytest.mark.parametrize("after_wake", [False, True])
def test_a_thread_that_gives_up_waiting_takes_its_item_back(
    line: Gathering, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, after_wake: bool
) -> None:
    # Once while it waits, and once when it was just given the lead.
    with monkeypatch.context() as patched:
        patched.setattr(group_commit, "Lock", lambda: InterruptedWait(after_wake=after_wake))
        line.send("gone", lambda: line.line.run("gone"))
        while not (line.line._queue if after_wake else "gone" in line.answers):
            pass
    line.send("a", lambda: line.line.run("a"))
    line.release(2 if after_wake else 1)
    assert isinstance(line.answers["gone"], Stop)
    assert line.answers["a"] == "a"
    assert ledger.stored == ["first", "a"]
