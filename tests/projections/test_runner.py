"""The runner: every fact once, whatever races, crashes or breaks."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import URL, Connection, event

from domain.commands import OverrideScore, Return
from domain.facts.envelope import Envelope, Role
from domain.facts.form import ReviewScoreGiven
from domain.facts.ledger import Basis, ExpenditureRecorded
from domain.facts.others import EntryCorrected
from domain.ids import UnitYear
from domain.problems import Rejected
from domain.store import NewFact, Recorded, StreamChange
from projections.runner import Runner, contents
from projections.runner.following import IDLE_SECONDS, POLL_SECONDS, rest_after
from projections.runner.keeping import Keeping
from projections.score_history import deriving
from projections.tracking import PROJECTION, TableTracking, stopped_for, tracking_table
from projections.unit_year import Folds, UnitYearFold
from tests.projections.stage import Stage, scratch, sql_stage
from tests.support.memory_store import MemoryStore
from tests.support.scenario import (
    DEPARTMENT,
    EXECUTION,
    FORM,
    LEDGER,
    LOG,
    Scenario,
)

OTHER = f"{LOG}/other/2024"


def busy_year(stage: Stage) -> Stage:
    """Payments, returns, recalculations and overrides, some sixty facts."""
    stage.with_ledger(Basis.LEDGER).with_initial(100)
    stage.with_form(EXECUTION)
    for month in range(1, 11):
        stage.paid("9.5", f"v{month}", month, 28)
        stage.recalculated()
    stage.submitted()
    stage.given(Return(form=FORM, opinion="重填"), DEPARTMENT)
    for points in range(1, 6):
        stage.given(
            OverrideScore(
                form=FORM, line="1", to_points=Decimal(points), reason="据实", document="文"
            )
        )
    stage.with_ledger(Basis.LEDGER, f"{OTHER}/ledger")
    stage.with_form(EXECUTION, form_id=f"{OTHER}/department")
    return stage


def of_one_batch(stage: Stage) -> dict[str, list[tuple[object, ...]]]:
    """What the views hold when one runner takes everything at once, in scratch."""
    database = scratch()
    runner = Runner(stage.store, database, batch=100_000)
    runner.prepare()
    runner.catch_up()
    with database.read() as connection:
        return dict(contents(connection))


@pytest.mark.parametrize("batch", [1, 2, 7, 100_000])
def test_the_views_do_not_depend_on_the_batches(url: URL, batch: int) -> None:
    stage = busy_year(sql_stage(url, batch=batch))
    stage.runner.catch_up()
    assert stage.contents() == of_one_batch(stage)
    stage.close()


def test_a_small_rest_is_taken_with_the_batch_before_it() -> None:
    stage = busy_year(Stage(MemoryStore(), scratch()))
    head = stage.store.head(LOG)

    def steps(batch: int) -> list[int]:
        runner = Runner(stage.store, scratch(), batch=batch)
        runner.prepare()
        return [runner.step(LOG).facts for _ in range(3)]

    assert steps(head) == [head, 0, 0]
    assert steps(head - 1) == [head, 0, 0]
    half = head // 2
    assert steps(half) == [half, head - half, 0]
    quarter = head // 4
    assert steps(quarter) == [quarter, quarter, quarter]


def test_views_that_keep_up_command_by_command_equal_a_rebuild(stage: Stage) -> None:
    stage.with_ledger(Basis.LEDGER).with_initial(100).with_form(EXECUTION)
    for month in range(1, 6):
        stage.paid("9.5", f"v{month}", month, 28)
        stage.runner.catch_up()
        stage.recalculated()
        stage.runner.catch_up()
    before = stage.contents()
    assert before["score_changes"]
    assert stage.runner.rebuild() == {LOG: stage.store.head(LOG)}
    assert stage.contents() == before == of_one_batch(stage)


def test_two_runners_that_race_apply_every_fact_once(stage: Stage) -> None:
    busy_year(stage)
    runners = [Runner(stage.store, stage.database, batch=2) for _ in range(2)]
    start = threading.Barrier(len(runners))
    applied: list[int] = []

    def run(runner: Runner) -> None:
        start.wait()
        while True:
            step = runner.step(LOG)
            applied.append(step.facts)
            if not step.facts and not step.lost:
                return

    threads = [threading.Thread(target=run, args=(runner,)) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(applied) == stage.store.head(LOG)
    assert stage.contents() == of_one_batch(stage)


def test_a_runner_that_finds_the_position_moved_writes_nothing(stage: Stage) -> None:
    busy_year(stage)

    class Overtaken(TableTracking):
        """Between reading the position and writing, another runner applies the same facts."""

        def advance(
            self, connection: Connection, projection: str, log_id: str, expected: int, position: int
        ) -> bool:
            if expected == 0:
                super().advance(connection, projection, log_id, 0, position)
            return super().advance(connection, projection, log_id, expected, position)

    lost = Runner(stage.store, stage.database, tracking=Overtaken()).step(LOG)
    assert (lost.facts, lost.lost) == (0, True)
    assert stage.contents()["score_changes"] == []
    assert stage.runner.position(LOG) == 0


def test_views_set_back_are_said_to_have_drifted_and_stay_as_they_are(stage: Stage) -> None:
    busy_year(stage)
    stage.runner.catch_up()
    before = stage.contents()
    with stage.database.transaction() as connection:
        connection.execute(tracking_table.update().values(position=2))
    with pytest.raises(Rejected) as refused:
        Runner(stage.store, stage.database).catch_up()
    assert [one.code for one in refused.value.problems] == ["views.inconsistent"]
    assert stage.contents() == before
    stage.runner.rebuild()
    assert stage.contents() == before


def test_a_crash_before_the_commit_leaves_nothing_and_loses_nothing(stage: Stage) -> None:
    busy_year(stage)
    database = scratch()
    engine = database._engine
    runner = Runner(stage.store, database, batch=10)
    runner.prepare()
    runner.step(LOG)
    with database.read() as connection:
        before = contents(connection)

    def crash(_connection: Connection) -> None:
        msg = "the power is gone"
        raise ConnectionError(msg)

    event.listen(engine, "commit", crash)
    with pytest.raises(ConnectionError):
        runner.step(LOG)
    event.remove(engine, "commit", crash)
    with database.read() as connection:
        assert contents(connection) == before
    assert runner.position(LOG) == 10
    runner.catch_up()
    with database.read() as connection:
        assert contents(connection) == of_one_batch(stage)


# ------------------------------------------------------------------------------- what cannot be


def broken_fact(stage: Stage) -> int:
    """A correction of a fact that does not exist, past the command path; gives its position."""
    envelope = Envelope(
        event_id=UUID(int=666),
        recorded_at=stage.now,
        actor="nobody",
        role=Role.IMPORTER,
        organisation="nobody",
        command_id="broken",
    )
    fact = EntryCorrected(
        target=UUID(int=1234567), replacement=None, reason="0" * 64, document="文"
    )
    change = StreamChange(LEDGER, len(stage.store.read(LOG, LEDGER)), (NewFact(envelope, fact),))
    return stage.store.append(LOG, [change], command_id="broken", request=b"broken").position


@pytest.mark.parametrize("batch", [1, 3, 1000])
def test_a_fact_that_cannot_be_applied_stops_its_unit_and_no_other(url: URL, batch: int) -> None:
    stage = sql_stage(url, batch=batch)
    stage.with_ledger(Basis.LEDGER).with_initial(100).with_form(EXECUTION)
    stage.paid("98", "v1")
    stage.recalculated()
    position = broken_fact(stage)
    stage.with_ledger(Basis.LEDGER, f"{OTHER}/ledger")
    stage.with_form(EXECUTION, form_id=f"{OTHER}/department")
    assert stage.runner.catch_up() == {LOG: stage.store.head(LOG)}
    [stopped] = stage.runner.stopped()
    assert (stopped.unit_year, stopped.position, stopped.type) == (
        f"{LOG}/xfj/2024/",
        position,
        "entry-corrected",
    )
    assert stopped.error.startswith("KeyError")
    with stage.database.read() as connection:
        assert stopped_for(connection, LOG, FORM) == stopped
        assert stopped_for(connection, LOG, f"{OTHER}/department") is None
    # The rows are those before the fact, and say so by their position.
    assert stage.current().lines[0].final == "9.8"
    assert stage.current().evaluation.ledger_position == position - 2
    assert stage.current(f"{OTHER}/department").evaluation.unit_name == "某局"
    assert stage.contents() == of_one_batch(stage)
    assert stage.runner.lag()[0].stopped == 1
    stage.close()


def test_what_stopped_can_be_released_when_the_cause_is_mended(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.with_ledger(Basis.LEDGER).with_initial(100).with_form(EXECUTION)
    with monkeypatch.context() as fault:
        fault.setattr(deriving, "_KINDS", {})
        stage.recalculated()
        stage.runner.catch_up()
        stage.paid("98", "v1")
        stage.recalculated()
        stage.runner.catch_up()
        assert len(stage.runner.stopped()) == 1
        unit_year = UnitYear(LOG, "xfj", 2024)
        assert stage.runner.release(LOG, unit_year) is False
        assert len(stage.runner.stopped()) == 1
    assert stage.runner.release(LOG, unit_year) is True
    assert stage.runner.stopped() == []
    assert stage.runner.release(LOG, unit_year) is False
    assert stage.contents() == of_one_batch(stage)
    stage.paid("1", "v2")
    stage.runner.catch_up()
    assert stage.contents() == of_one_batch(stage)


def test_a_review_of_a_line_that_is_gone_changes_no_score(stage: Stage) -> None:
    # A fact that says nothing is not a fact that cannot be applied.
    stage.with_ledger(Basis.LEDGER).with_form(EXECUTION)
    envelope = Envelope(
        event_id=UUID(int=667),
        recorded_at=stage.now,
        actor="nobody",
        role=Role.DEPARTMENT_REVIEWER,
        organisation="nobody",
        command_id="stray",
    )
    fact = ReviewScoreGiven(line="9", points=Decimal(1), reason="0" * 64)
    version = len(stage.store.read(LOG, FORM))
    change = StreamChange(FORM, version, (NewFact(envelope, fact),))
    stage.store.append(LOG, [change], command_id="stray", request=b"stray")
    assert stage.changes() == []
    assert stage.runner.stopped() == []


# ---------------------------------------------------------------------------- waiting, following


def test_waiting_ends_when_the_views_have_reached_the_position(stage: Stage) -> None:
    stage.runner.start()
    try:
        for month in range(1, 4):
            if month == 1:
                stage.with_ledger(Basis.LEDGER)
            receipt = stage.paid("1", f"v{month}", month)
            assert stage.runner.wait(LOG, receipt.position, 10)
            with stage.database.read() as connection:
                assert TableTracking().position(connection, PROJECTION, LOG) >= receipt.position
    finally:
        stage.runner.stop()


def test_waiting_gives_up_after_its_time(stage: Stage) -> None:
    stage.with_ledger(Basis.LEDGER)
    receipt = stage.paid("1", "v1")
    assert stage.runner.wait(LOG, receipt.position, 0.1) is False


def test_waiting_sees_what_another_process_has_moved(stage: Stage) -> None:
    stage.with_ledger(Basis.LEDGER)
    receipt = stage.paid("1", "v1")
    waiting = Runner(stage.store, stage.database)
    stage.runner.catch_up()
    assert waiting.wait(LOG, receipt.position, 5)


def test_the_lag_is_told_in_facts_and_seconds(stage: Stage) -> None:
    stage.with_ledger(Basis.LEDGER)
    stage.runner.catch_up()
    stage.at(2025, 3, 2)
    stage.paid("1", "v1")
    stage.at(2025, 3, 3)
    stage.paid("1", "v2")
    late = Runner(
        stage.store,
        stage.database,
        now=lambda: datetime(2025, 3, 2, 8, tzinfo=UTC) + timedelta(hours=2),
    )
    [lag] = late.lag()
    assert (lag.position, lag.head, lag.facts, lag.seconds) == (1, 3, 2, 7200.0)
    assert (lag.following, lag.failure, lag.stopped) == (False, None, 0)


def test_a_thread_that_finds_nothing_rests_longer_and_longer() -> None:
    rests = [POLL_SECONDS]
    while rests[-1] < IDLE_SECONDS:
        rests.append(rest_after(rests[-1], 0.0))
    assert rests == sorted(set(rests))
    assert rests[-1] == IDLE_SECONDS == rest_after(IDLE_SECONDS, 0.0)
    assert len(rests) < 10


def test_a_thread_that_looks_for_long_leaves_most_of_the_time_to_others() -> None:
    assert rest_after(0.0, 0.2) >= 0.2 * 9
    assert rest_after(IDLE_SECONDS, 0.2) >= 0.2 * 9


def test_an_idle_thread_asks_only_where_the_logs_end(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.with_ledger(Basis.LEDGER)
    runner = Runner(stage.store, stage.database)
    runner.catch_up()
    asked: list[str] = []
    read_log = stage.store.read_log

    def noted(log_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        asked.append(log_id)
        return read_log(log_id, after=after, limit=limit)

    monkeypatch.setattr(stage.store, "read_log", noted)
    for _ in range(5):
        assert runner._follow(LOG).facts == 0
    runner.leases.give_back()
    assert asked == [LOG]


def test_what_comes_after_a_rest_is_seen_without_a_hint(stage: Stage) -> None:
    stage.with_ledger(Basis.LEDGER)
    stage.runner.start()
    try:
        until(lambda: stage.runner.position(LOG) == 1)
        until(lambda: LOG in stage.runner._quiet)
        receipt = stage.paid("1", "v1")
        until(lambda: stage.runner.position(LOG) == receipt.position)
    finally:
        stage.runner.stop()


# ---------------------------------------------------------------------------------------- health


def until(holds: Callable[[], bool]) -> None:
    """Wait until ``holds``, at most ten seconds."""
    pause = threading.Event()
    for _ in range(500):
        if holds():
            return
        pause.wait(0.02)
    pytest.fail("it never came to hold")


def test_a_runner_that_follows_is_well_and_says_when_it_moved(stage: Stage) -> None:
    stage.with_ledger(Basis.LEDGER)
    runner = Runner(stage.store, stage.database, now=lambda: stage.now)
    assert (runner.health().following, runner.health().looked_at) == (False, None)
    runner.start()
    try:
        until(lambda: runner.health().looked_at is not None)
        health = runner.health()
        assert (health.following, health.failure, health.well) == (True, None, True)
        [lag] = health.logs
        assert (lag.position, lag.facts, lag.seconds, lag.moved_at) == (1, 0, 0.0, stage.now)
    finally:
        runner.stop()
    assert not runner.health().well


def test_another_process_sees_when_the_views_moved(stage: Stage) -> None:
    stage.with_ledger(Basis.LEDGER)
    Runner(stage.store, stage.database, now=lambda: stage.now).catch_up()
    [lag] = Runner(stage.store, stage.database).lag()
    assert lag.moved_at == stage.now


class Broken(MemoryStore):
    """A store with two logs, one of which cannot be read."""

    def __init__(self, error: BaseException, *, everywhere: bool = False) -> None:
        super().__init__()
        self.error = error
        self.everywhere = everywhere

    def logs(self) -> list[str]:
        if self.everywhere:
            raise self.error
        return ["000000", LOG]

    def head(self, log_id: str) -> int:
        return 1 if log_id == "000000" else super().head(log_id)

    def read_log(self, log_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        if log_id == "000000":
            raise self.error
        return super().read_log(log_id, after=after, limit=limit)


def test_a_thread_that_cannot_keep_up_says_why(stage: Stage) -> None:
    runner = Runner(Broken(ConnectionError("the disk is gone"), everywhere=True), stage.database)
    runner.start()
    try:
        until(lambda: runner.failure is not None)
        assert runner.failure == "ConnectionError: the disk is gone"
    finally:
        runner.stop()


def test_a_log_that_cannot_be_read_holds_up_no_other(stage: Stage) -> None:
    stage = Stage(Broken(ValueError("a fact of a newer program")), stage.database)
    stage.with_ledger(Basis.LEDGER)
    stage.runner.start()
    try:
        assert stage.runner.wait(LOG, 1, 10)
        until(lambda: stage.runner.failure is not None)
        broken, whole = stage.runner.health().logs
        assert (broken.facts, broken.failure) == (1, "ValueError: a fact of a newer program")
        assert (whole.facts, whole.failure) == (0, None)
        assert not stage.runner.health().well
    finally:
        stage.runner.stop()


def test_a_thread_that_died_is_not_well_and_can_be_started_again(stage: Stage) -> None:
    store = Broken(SystemExit("out of memory"), everywhere=True)
    runner = Runner(store, stage.database)
    runner.start()
    until(lambda: not runner.following)
    store.everywhere, store.error = False, ValueError("another")
    assert runner.failure == "SystemExit: out of memory"
    assert (runner.health().well, runner.health().failure) == (False, runner.failure)
    runner.start()
    try:
        until(lambda: runner.failure == "ValueError: another")
        assert runner.following
    finally:
        runner.stop()


def test_everything_that_stopped_can_be_tried_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.with_ledger(Basis.LEDGER).with_initial(100).with_form(EXECUTION)
    stage.with_ledger(Basis.LEDGER, f"{OTHER}/ledger")
    stage.with_form(EXECUTION, form_id=f"{OTHER}/department")
    with monkeypatch.context() as fault:
        fault.setattr(deriving, "_KINDS", {})
        stage.runner.catch_up()
        assert len(stage.runner.health().stopped) == 2
        assert len(stage.runner.retry()) == 2
    assert stage.runner.retry() == []
    assert stage.contents() == of_one_batch(stage)


def test_the_facts_that_are_kept_do_not_grow_with_the_number_of_logs() -> None:
    keeping = Keeping(MemoryStore(), capacity=10)
    for number in range(50):
        with keeping.of(f"{number:06}") as folds:
            folds.keep([held(folds, 4)], 4)
    assert sum(folds.size for folds in keeping._folds.values()) <= 10
    with keeping.of("000049") as folds:
        assert folds.size == 4


def test_room_is_made_before_more_facts_are_folded() -> None:
    keeping = Keeping(MemoryStore(), capacity=10)
    for log_id in ("000001", "000002"):
        with keeping.of(log_id) as folds:
            folds.keep([held(folds, 4)], 4)
    with keeping.of("000003"):
        keeping.make_room(6)
        assert list(keeping._folds) == ["000002"]
        keeping.make_room(40)
        assert list(keeping._folds) == []


def held(folds: Folds, facts: int) -> UnitYearFold:
    """A fold that holds so many facts."""
    scenario = Scenario()
    scenario.with_ledger()
    for nth in range(facts - 1):
        scenario.book(ExpenditureRecorded(amount=1, voucher=str(nth)))
    fold = UnitYearFold(LOG, UnitYear(LOG, "xfj", 2024), folds.book)
    for recorded in scenario.store.read(LOG, LEDGER):
        fold.advance(recorded)
    return fold
