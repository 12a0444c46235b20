"""Items of many threads in one commit: each gets its own answer, none is lost."""

from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread

import pytest
from sqlalchemy import Connection, text

from adapters import group_commit
from adapters.database import Database
from adapters.group_commit import GroupCommit


class Stop(BaseException):
    """Stands for an interrupt: no Exception, so nothing may catch it."""


class Spoilt(Exception):
    """What one item does to the transaction of all."""


class Gathering:
    """A group commit whose first item is held until others wait behind it.

    Items are names. "bad" spoils the transaction of its group, "stop" interrupts whoever commits
    it, "broken" fails the commit of everybody in its group.
    """

    def __init__(self) -> None:
        self.line = GroupCommit(self._commit, Spoilt)
        self.groups: list[list[str]] = []
        self.stored: list[str] = []
        self.answers: dict[str, object] = {}
        self._threads: list[Thread] = []
        self._begun, self._go_on = Event(), Event()

    def _commit(self, items: Sequence[str]) -> Sequence[str]:
        self.groups.append(list(items))
        if "first" in items:
            self._begun.set()
            assert self._go_on.wait(30)
        if "stop" in items:
            raise Stop
        if "bad" in items:
            raise Spoilt
        if "broken" in items:
            raise OSError
        self.stored += items
        return [item.upper() for item in items]

    def send(self, name: str) -> None:
        """Hand ``name`` over in a thread of its own, and keep its answer."""

        def run() -> None:
            try:
                self.answers[name] = self.line.run(name)
            except BaseException as error:  # noqa: BLE001 - the answer may be any of them
                self.answers[name] = error

        self._threads.append(Thread(target=run))
        self._threads[-1].start()

    def hold(self) -> None:
        """Begin a commit that ends only with ``release``."""
        self.send("first")
        assert self._begun.wait(30)

    def release(self, waiting: int) -> None:
        """Let go when ``waiting`` items are in the queue, and wait for all answers."""
        self.await_queue(waiting)
        self._go_on.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    def await_queue(self, waiting: int) -> None:
        """Wait until ``waiting`` items are in the queue."""
        while len(self.line._queue) < waiting:
            pass


def test_the_items_of_a_group_share_one_commit() -> None:
    gathering = Gathering()
    gathering.hold()
    for number in range(5):
        gathering.send(str(number))
        gathering.await_queue(number + 1)
    gathering.release(5)
    assert gathering.groups == [["first"], ["0", "1", "2", "3", "4"]]
    assert gathering.answers == {item: item.upper() for item in gathering.stored}


def test_a_group_has_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "LARGEST_GROUP", 2)
    gathering = Gathering()
    gathering.hold()
    for name in ("a", "b", "c"):
        gathering.send(name)
    gathering.release(3)
    assert sorted(len(group) for group in gathering.groups) == [1, 1, 2]
    assert sorted(gathering.stored) == ["a", "b", "c", "first"]


def test_an_item_that_spoils_its_group_harms_no_other() -> None:
    gathering = Gathering()
    gathering.hold()
    for name in ("a", "bad", "b"):
        gathering.send(name)
    gathering.release(3)
    assert isinstance(gathering.answers["bad"], Spoilt)
    assert (gathering.answers["a"], gathering.answers["b"]) == ("A", "B")
    assert sorted(gathering.stored) == ["a", "b", "first"]


def test_nothing_is_acknowledged_when_the_commit_fails() -> None:
    gathering = Gathering()
    gathering.hold()
    for name in ("a", "broken", "b"):
        gathering.send(name)
    gathering.release(3)
    assert [type(gathering.answers[name]) for name in ("a", "broken", "b")] == [OSError] * 3
    assert gathering.stored == ["first"]
    assert gathering.line.run("c") == "C"


def test_after_an_interrupt_of_the_leader_the_others_are_stored() -> None:
    gathering = Gathering()
    gathering.hold()
    gathering.send("stop")
    gathering.await_queue(1)
    gathering.send("a")
    gathering.send("b")
    gathering.release(3)
    assert isinstance(gathering.answers["stop"], Stop)
    assert (gathering.answers["a"], gathering.answers["b"]) == ("A", "B")
    assert sorted(gathering.stored) == ["a", "b", "first"]


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
    monkeypatch: pytest.MonkeyPatch, after_wake: bool
) -> None:
    # Once while it waits, and once when it was just given the lead.
    gathering = Gathering()
    gathering.hold()
    with monkeypatch.context() as patched:
        patched.setattr(group_commit, "Lock", lambda: InterruptedWait(after_wake=after_wake))
        gathering.send("gone")
        while not (gathering.line._queue if after_wake else "gone" in gathering.answers):
            pass
    gathering.send("a")
    gathering.release(2 if after_wake else 1)
    assert isinstance(gathering.answers["gone"], Stop)
    assert gathering.answers["a"] == "A"
    assert gathering.stored == ["first", "a"]


def track(projection: str) -> Callable[[Connection], None]:
    """Writes a row of its own."""

    def work(connection: Connection) -> None:
        connection.execute(
            text("INSERT INTO tracking (projection, log_id, position) VALUES (:name, 'l', 1)"),
            {"name": projection},
        )

    return work


def tracked(database: Database) -> list[str]:
    with database.read() as connection:
        return sorted(connection.scalars(text("SELECT projection FROM tracking")))


def test_long_work_that_fails_leaves_nothing(database: Database) -> None:
    def work() -> None:
        with database.transaction() as connection:
            track("half done")(connection)
            raise LookupError

    with pytest.raises(LookupError):
        work()
    assert tracked(database) == []


def test_a_closed_database_opens_again(database: Database) -> None:
    for name in ("a", "b"):
        with database.transaction() as connection:
            track(name)(connection)
        database.close()
    assert tracked(database) == ["a", "b"]
