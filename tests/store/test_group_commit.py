"""Jobs of many threads in one transaction: each stands or falls alone, none is lost."""

from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Any

import pytest
from sqlalchemy import Connection, text

from adapters import group_commit
from adapters.database import Database


class Stop(BaseException):
    """Stands for an interrupt: no Exception, so no job may catch it."""


def insert(log_id: str) -> Callable[[Connection], str]:
    """A job that opens a log, and returns its id."""

    def job(connection: Connection) -> str:
        connection.execute(text("INSERT INTO logs VALUES (:log_id, 0, 0)"), {"log_id": log_id})
        return log_id

    return job


def logs(database: Database) -> list[str]:
    """The logs that are there."""
    with database.read() as connection:
        return sorted(connection.scalars(text("SELECT log_id FROM logs")))


class Gathering:
    """Holds the first writer until others wait behind it, so that they form one group."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.answers: dict[str, object] = {}
        self._threads: list[Thread] = []
        self._begun, self._go_on = Event(), Event()

    def send(self, name: str, job: Callable[[Connection], object]) -> None:
        """Run ``job`` in a thread, and keep its answer."""

        def run() -> None:
            try:
                self.answers[name] = self.database.write(job)
            except BaseException as error:  # noqa: BLE001 - the answer may be any of them
                self.answers[name] = error

        self._threads.append(Thread(target=run))
        self._threads[-1].start()

    def hold(self) -> None:
        """Begin a job that ends only with ``release``."""

        def job(_: Connection) -> None:
            self._begun.set()
            self._go_on.wait(30)

        self.send("first", job)
        assert self._begun.wait(30)

    def release(self, waiting: int) -> None:
        """Let go when ``waiting`` jobs are in the queue, and wait for all answers."""
        queue: Any = self.database._writers._queue
        while len(queue) < waiting:
            pass
        self._go_on.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()


@pytest.fixture
def gathering(database: Database) -> Gathering:
    return Gathering(database)


def test_the_jobs_of_a_group_share_one_transaction(gathering: Gathering) -> None:
    seen: list[int] = []

    def job(connection: Connection) -> None:
        # Rows that another job of the same group has not committed yet.
        insert(f"log-{len(seen)}")(connection)
        seen.append(connection.scalar(text("SELECT count(*) FROM logs")) or 0)

    gathering.hold()
    for number in range(5):
        gathering.send(str(number), job)
    gathering.release(5)
    assert seen == [1, 2, 3, 4, 5]
    assert len(logs(gathering.database)) == 5


def test_a_job_that_fails_harms_no_other(gathering: Gathering) -> None:
    def fails(connection: Connection) -> None:
        insert("half done")(connection)
        raise LookupError

    gathering.hold()
    gathering.send("a", insert("a"))
    gathering.send("bad", fails)
    gathering.send("b", insert("b"))
    gathering.release(3)
    assert isinstance(gathering.answers["bad"], LookupError)
    assert (gathering.answers["a"], gathering.answers["b"]) == ("a", "b")
    assert logs(gathering.database) == ["a", "b"]


def test_a_lone_job_that_fails_leaves_nothing(database: Database) -> None:
    def fails(connection: Connection) -> None:
        insert("half done")(connection)
        raise LookupError

    with pytest.raises(LookupError):
        database.write(fails)
    assert logs(database) == []
    assert database.write(insert("a")) == "a"


def test_nothing_is_acknowledged_when_the_commit_fails(
    gathering: Gathering, monkeypatch: pytest.MonkeyPatch
) -> None:
    def undoes_everything(connection: Connection) -> None:
        # As SQLite does by itself when the disk is full.
        connection.connection.cursor().execute("ROLLBACK")

    gathering.hold()
    gathering.send("a", insert("a"))
    gathering.send("bad", undoes_everything)
    gathering.send("b", insert("b"))
    gathering.release(3)
    for name in ("a", "bad", "b"):
        assert isinstance(gathering.answers[name], Exception)
    assert logs(gathering.database) == []
    assert gathering.database.write(insert("c")) == "c"


def test_after_an_interrupt_of_the_leader_the_others_are_stored(gathering: Gathering) -> None:
    def interrupted(_: Connection) -> None:
        raise Stop

    gathering.hold()
    gathering.send("bad", interrupted)
    gathering.send("a", insert("a"))
    gathering.send("b", insert("b"))
    gathering.release(3)
    assert isinstance(gathering.answers["bad"], Stop)
    assert (gathering.answers["a"], gathering.answers["b"]) == ("a", "b")
    assert logs(gathering.database) == ["a", "b"]


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
def test_a_thread_that_gives_up_waiting_takes_its_job_back(
    gathering: Gathering, monkeypatch: pytest.MonkeyPatch, after_wake: bool
) -> None:
    # Once while it waits, and once when it was just given the lead.
    queue: Any = gathering.database._writers._queue
    gathering.hold()
    with monkeypatch.context() as patched:
        patched.setattr(group_commit, "Lock", lambda: InterruptedWait(after_wake=after_wake))
        gathering.send("gone", insert("gone"))
        while not (queue if after_wake else "gone" in gathering.answers):
            pass
    gathering.send("a", insert("a"))
    gathering.release(2 if after_wake else 1)
    assert isinstance(gathering.answers["gone"], Stop)
    assert gathering.answers["a"] == "a"
    assert logs(gathering.database) == ["a"]


def test_long_work_and_appends_take_turns(database: Database) -> None:
    with database.transaction() as connection:
        insert("long")(connection)
        waiting = Thread(target=lambda: database.write(insert("short")))
        waiting.start()
        assert logs(database) == []
    waiting.join(30)
    assert logs(database) == ["long", "short"]


def test_long_work_that_fails_leaves_nothing(database: Database) -> None:
    def work() -> None:
        with database.transaction() as connection:
            insert("half done")(connection)
            raise LookupError

    with pytest.raises(LookupError):
        work()
    assert logs(database) == []


def test_a_closed_database_opens_again(database: Database) -> None:
    database.write(insert("a"))
    database.close()
    database.write(insert("b"))
    assert logs(database) == ["a", "b"]
