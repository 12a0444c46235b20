"""Real processes that follow logs and rebuild views, killed with -9: nothing is lost or doubled."""

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL

from domain.facts.ledger import Basis, ExpenditureRecorded
from projections.runner import Rebuild, contents
from projections.runner.leases import leases_in
from tests.projections.process import STALE
from tests.projections.stage import Stage
from tests.projections.test_rebuilding import remains, states, views_of
from tests.projections.test_runner import busy_year, of_one_batch
from tests.support.scenario import EXECUTION, LOG

ROOT = Path(__file__).resolve().parent.parent.parent
LOGS = ("130104", "130105", "130106")


@contextmanager
def process(url: URL, *args: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A process, and what it says when it has come to where it stops."""
    line = [sys.executable, "-m", "tests.projections.process"]
    address = url.render_as_string(hide_password=False)
    running = subprocess.Popen([*line, address, *args], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    try:
        yield running, said(running)
    finally:
        running.kill()
        running.stdout.close()
        running.wait(60)


def said(running: "subprocess.Popen[str]") -> str:
    """The next word of a process; what the library logs to stdout is no word."""
    assert running.stdout is not None
    for line in running.stdout:
        if "[" not in line:
            return line.strip()
    return ""


def until(holds: Callable[[], bool]) -> None:
    """Wait until ``holds``, at most a minute."""
    deadline = time.monotonic() + 60
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail("it never came to hold")
        time.sleep(0.05)


def pay(stage: Stage, count: int, name: str) -> None:
    """Payments in each log."""
    for number in range(count):
        for log in LOGS:
            payment = ExpenditureRecorded(amount=100 + number, voucher=f"{name}-{number}")
            stage.book(payment, ledger_id=f"{log}/xfj/2024/ledger")


def opened(stage: Stage) -> Stage:
    """A ledger in each log, and a form in the first."""
    for log in LOGS:
        stage.with_ledger(Basis.LEDGER, f"{log}/xfj/2024/ledger")
    stage.with_form(EXECUTION)
    return stage


def followed(stage: Stage) -> bool:
    return all(stage.runner.position(log) == stage.store.head(log) for log in LOGS)


def owners(stage: Stage) -> Counter[str]:
    with stage.database.read() as connection:
        return Counter(lease.owner for lease in leases_in(connection).values())


def test_when_one_of_two_processes_is_killed_the_other_takes_over(stage: Stage, url: URL) -> None:
    opened(stage)
    pay(stage, 5, "a")
    with process(url, "follow", "5") as (first, one), process(url, "follow", "5") as (_, other):
        # 1. They share the logs, each log having one owner.
        until(lambda: followed(stage) and owners(stage).total() == len(LOGS))
        before = owners(stage)
        assert set(before) <= {one, other}
        assert before[one] > 0
        # 2. One is killed with work before it.
        pay(stage, 10, "b")
        first.send_signal(signal.SIGKILL)
        pay(stage, 5, "c")
        # 3. The other follows all, and every fact counts once.
        until(lambda: followed(stage) and owners(stage) == Counter({other: len(LOGS)}))
        pay(stage, 2, "d")
        until(lambda: followed(stage))
    assert stage.contents() == of_one_batch(stage)


def test_a_reader_does_not_wait_for_a_dead_owner(stage: Stage, url: URL) -> None:
    opened(stage)
    with process(url, "follow", "5") as (first, one):
        until(lambda: owners(stage) == Counter({one: len(LOGS)}))
        first.send_signal(signal.SIGKILL)
        first.wait(60)
    stage.runner.start()
    try:
        pay(stage, 1, "a")
        # The lease is nobody else's yet, and yet who waits gets an answer.
        assert stage.runner.wait(LOG, stage.store.head(LOG), 60)
        assert owners(stage) == Counter({one: len(LOGS)})
    finally:
        stage.runner.stop()
    assert stage.contents()["adjustments"] == []


def test_health_tells_a_log_that_nobody_follows_from_one_that_is_slow(
    stage: Stage, url: URL
) -> None:
    opened(stage)
    stage.runner.catch_up()
    assert stage.runner.health_of_others(watched=1).well
    with process(url, "follow", "5") as (first, one):
        until(lambda: owners(stage) == Counter({one: len(LOGS)}))
        pay(stage, 1, "a")
        assert stage.runner.health_of_others(watched=30).well
        until(lambda: followed(stage))
        first.send_signal(signal.SIGKILL)
        first.wait(60)
    pay(stage, 1, "b")
    health = stage.runner.health_of_others(watched=1)
    assert (health.well, health.unfollowed, health.following) == (False, LOGS, None)
    assert {lag.owner for lag in health.logs} == {one}
    assert {lag.facts for lag in health.logs} == {1}


@pytest.mark.parametrize("phase", ["MADE", "HALF", "COMPARING", "SWITCHING"])
def test_a_rebuild_killed_at_any_point_leaves_the_views_serving(
    stage: Stage, url: URL, phase: str
) -> None:
    busy_year(stage).runner.catch_up()
    before = stage.contents()
    with process(url, "rebuild", "7", phase) as (rebuilding, word):
        assert word == phase
        rebuilding.send_signal(signal.SIGKILL)
        rebuilding.wait(60)
    # 1. The former views serve, and follow.
    assert states(stage) == {1: "SERVING", 2: "FILLING"}
    assert stage.contents() == before
    stage.paid("1", "after")
    stage.runner.catch_up()
    assert stage.contents() == of_one_batch(stage)
    # 2. What was filled is gone on with.
    outcome = Rebuild(stage.store, views_of(stage), stale=STALE).run()
    assert (outcome.resumed, outcome.differences, outcome.switched) == (True, 0, True)
    assert stage.contents() == of_one_batch(stage)


@pytest.mark.parametrize("phase", ["HALF", "SWITCHING"])
def test_a_rebuild_that_was_killed_can_be_dropped(stage: Stage, url: URL, phase: str) -> None:
    busy_year(stage).runner.catch_up()
    before, there = stage.contents(), remains(stage)
    with process(url, "rebuild", "7", phase) as (rebuilding, word):
        assert word == phase
        rebuilding.send_signal(signal.SIGKILL)
        rebuilding.wait(60)
    views_of(stage).cancel()
    assert remains(stage) == there
    assert stage.contents() == before


def test_a_rebuild_killed_after_the_exchange_has_exchanged_the_views(
    stage: Stage, url: URL
) -> None:
    busy_year(stage).runner.catch_up()
    before = stage.contents()
    with process(url, "rebuild", "7", "DONE") as (rebuilding, word):
        assert word == "DONE"
        rebuilding.send_signal(signal.SIGKILL)
        rebuilding.wait(60)
    assert states(stage) == {1: "RETIRED", 2: "SERVING"}
    assert stage.contents() == before
    assert Rebuild(stage.store, views_of(stage)).run().switched
    assert states(stage) == {1: "DROPPED", 2: "RETIRED", 3: "SERVING"}


def test_views_are_rebuilt_while_another_process_follows_and_facts_arrive(
    stage: Stage, url: URL
) -> None:
    opened(stage)
    pay(stage, 5, "a")
    with process(url, "follow", "5"):
        until(lambda: followed(stage))
        head = stage.store.head(LOG)
        paying = threading.Thread(target=pay, args=(stage, 20, "b"))
        paying.start()
        with process(url, "rebuild", "3", "NEVER") as (running, word):
            assert word == "NEVER"
            assert running.wait(60) == 0
        paying.join()
        assert stage.store.head(LOG) == head + 20
        assert states(stage) == {1: "RETIRED", 2: "SERVING"}
        pay(stage, 1, "c")
        # The process follows the views that serve now.
        until(lambda: followed(stage))
    with stage.database.read() as connection:
        assert dict(contents(connection)) == of_one_batch(stage)
