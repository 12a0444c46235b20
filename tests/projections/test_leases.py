"""Leases: one owner for a log, and another when it dies, whatever their clocks say."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import URL, Connection

from projections.runner import Runner
from projections.runner.leases import Lease, Leases, leases_in
from tests.projections.stage import Stage, sql_stage
from tests.projections.test_runner import busy_year, of_one_batch, until
from tests.support.scenario import LOG


class Clock:
    """A clock of one process, that a test moves."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def pair(stage: Stage) -> tuple[Leases, Leases, Clock]:
    """Two processes that beat only when they are told, and the clock of the second."""
    clock = Clock(-500.0)
    first = Leases(stage.database, beat=3600, stale=10)
    return first, Leases(stage.database, beat=3600, stale=10, clock=clock), clock


def looked_again(leases: Leases) -> None:
    """Without the pause that spares the database."""
    leases._looked_at = float("-inf")


def test_a_log_has_one_owner(stage: Stage) -> None:
    first, second, _ = pair(stage)
    assert first.take(LOG)
    assert first.take(LOG)
    assert not second.take(LOG)
    assert second.take("another")
    with stage.database.read() as connection:
        assert leases_in(connection) == {
            LOG: Lease(first.owner, 0),
            "another": Lease(second.owner, 0),
        }
    first.give_back()
    second.give_back()


def test_an_owner_whose_beat_stands_still_is_replaced(stage: Stage) -> None:
    first, second, clock = pair(stage)
    first.take(LOG)
    assert not second.take(LOG)
    clock.now += 9
    looked_again(second)
    assert not second.take(LOG)
    clock.now += 2
    looked_again(second)
    assert second.take(LOG)
    # The former owner learns it with its next beat.
    first.beat()
    looked_again(first)
    assert not first.take(LOG)
    first.give_back()
    with stage.database.read() as connection:
        assert leases_in(connection)[LOG].owner == second.owner
    second.give_back()


def test_an_owner_that_beats_is_not_replaced(stage: Stage) -> None:
    first, second, clock = pair(stage)
    first.take(LOG)
    for _ in range(5):
        assert not second.take(LOG)
        first.beat()
        clock.now += 9
        looked_again(second)
    first.give_back()
    second.give_back()


def test_of_two_that_see_an_owner_dead_one_takes_over(stage: Stage) -> None:
    first, second, clock = pair(stage)
    third = Leases(stage.database, beat=3600, stale=10, clock=clock)
    first.take(LOG)
    assert not second.take(LOG)
    assert not third.take(LOG)
    clock.now += 11
    # The third does not look again: it believes that nothing has changed.
    assert second.take(LOG)
    assert not third.take(LOG)
    for one in (first, second, third):
        one.give_back()


def test_what_is_given_back_is_free_at_once(stage: Stage) -> None:
    first, second, _ = pair(stage)
    first.take(LOG)
    assert not second.take(LOG)
    first.give_back()
    looked_again(second)
    assert second.take(LOG)
    second.give_back()


def test_whoever_lost_its_lease_writes_nothing_twice(url: URL) -> None:
    stage = busy_year(sql_stage(url, batch=10))
    stage.runner.step(LOG)
    other = Runner(stage.store, stage.database, batch=4)
    other.step(LOG)
    stage.runner.catch_up()
    other.catch_up()
    assert stage.contents() == of_one_batch(stage)
    stage.close()


@pytest.mark.parametrize("following", [False, True])
def test_a_runner_that_stops_leaves_its_logs_to_others(stage: Stage, *, following: bool) -> None:
    busy_year(stage)
    if following:
        stage.runner.start()
        assert stage.runner.wait(LOG, stage.store.head(LOG), 60)
    stage.runner.catch_up()
    stage.runner.stop()
    with stage.database.read() as connection:
        assert leases_in(connection) == {}


def test_a_lease_that_its_owner_forgot_is_found_again(stage: Stage) -> None:
    first, second, _ = pair(stage)
    first.take(LOG)
    first._mine.clear()
    assert first.take(LOG)
    assert not second.take(LOG)
    first.give_back()


def test_a_log_that_is_taken_while_the_heart_beats_stays_taken(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, _ = pair(stage)
    first.take("another")
    transaction = stage.database.transaction

    @contextmanager
    def then_taken() -> Iterator[Connection]:
        with transaction() as connection:
            yield connection
        monkeypatch.undo()
        first.take(LOG)

    monkeypatch.setattr(stage.database, "transaction", then_taken)
    first.beat()
    assert first._mine == {LOG, "another"}
    assert not second.take(LOG)
    first.give_back()


def test_a_thread_that_died_follows_no_log_any_more(stage: Stage) -> None:
    busy_year(stage)
    runner = Runner(stage.store, stage.database)
    runner.start()
    assert runner.wait(LOG, stage.store.head(LOG), 60)
    runner._follower._logs = dying
    until(lambda: not runner.following)
    with stage.database.read() as connection:
        assert leases_in(connection) == {}
    stage.paid("1", "w")
    health = stage.runner.health_of_others(watched=0.5)
    assert (health.well, health.unfollowed) == (False, (LOG,))


def dying() -> list[str]:
    raise SystemExit


def test_a_log_that_its_owner_cannot_move_is_left_to_others_and_unwell(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy_year(stage)
    runner = Runner(stage.store, stage.database)

    def fail(_log_id: str) -> None:
        msg = "a fact of a newer program"
        raise ValueError(msg)

    monkeypatch.setattr(runner, "step", fail)
    runner.start()
    try:
        until(lambda: runner.failure is not None)
        health = stage.runner.health_of_others(watched=1.5)
        assert (health.well, health.unfollowed) == (False, (LOG,))
    finally:
        runner.stop()
