"""A rebuild beside the views that serve: what it compares, when it switches, what it leaves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from sqlalchemy import URL, event, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.schema import view_generations
from adapters.views import ViewDatabase
from domain.commands import OverrideScore
from domain.problems import Rejected
from projections import current
from projections.runner import Runner, being_filled
from projections.runner.comparing import Difference
from projections.runner.rebuilding import Filled, Phase, Rebuild
from projections.runner.views import make
from projections.tracking import PROJECTION_VERSION
from tests.projections.stage import Stage, sql_stage
from tests.projections.test_runner import busy_year, of_one_batch
from tests.support.scenario import CLERK, FORM, LOG


def views_of(stage: Stage) -> ViewDatabase:
    assert isinstance(stage.database, ViewDatabase)
    return stage.database


def store_of(stage: Stage) -> Database:
    return views_of(stage)._store


def states(stage: Stage) -> dict[int, str]:
    """What there is, by number."""
    c = view_generations.c
    query = select(c.generation, c.state).order_by(c.generation)
    return store_of(stage).query(lambda connection: dict(list(connection.execute(query))))


def spoil(stage: Stage, unit: str = "另一单位") -> None:
    """Change a row of the views that serve behind the runner's back."""
    with stage.database.transaction() as connection:
        connection.execute(
            update(current.evaluations)
            .where(current.evaluations.c.id == FORM)
            .values(unit_name=unit)
        )


def at_phase(phase: Phase, act: Callable[[], None]) -> Callable[[Filled], None]:
    """Does ``act`` once, when a rebuild comes to a phase."""
    done: list[Phase] = []

    def report(filled: Filled) -> None:
        if filled.phase is phase and not done:
            done.append(phase)
            act()

    return report


def test_views_that_are_right_do_not_differ_and_are_exchanged(stage: Stage) -> None:
    busy_year(stage).runner.catch_up()
    before = stage.contents()
    outcome = Rebuild(stage.store, views_of(stage), batch=7).run()
    assert (outcome.differences, outcome.drift, outcome.switched) == (0, False, True)
    assert (outcome.former, outcome.generation, outcome.resumed) == (1, 2, False)
    assert outcome.positions == {LOG: stage.store.head(LOG)}
    assert outcome.facts == stage.store.head(LOG)
    assert states(stage) == {1: "RETIRED", 2: "SERVING"}
    assert stage.contents() == before == of_one_batch(stage)


def test_views_that_drifted_are_told_value_by_value_and_go_on_serving(stage: Stage) -> None:
    busy_year(stage).runner.catch_up()
    spoil(stage)
    found: list[Difference] = []
    outcome = Rebuild(stage.store, views_of(stage), found=found.append).run()
    assert (outcome.differences, outcome.drift, outcome.switched) == (1, True, False)
    assert found == list(outcome.shown)
    [one] = found
    assert (one.table, one.log_id, one.column) == ("evaluations", LOG, "unit_name")
    assert one.key == {"log_id": LOG, "id": FORM}
    assert (one.old, one.new) == ("另一单位", "某局")
    assert states(stage) == {1: "SERVING", 2: "FILLING"}


def test_views_that_drifted_are_exchanged_when_that_is_accepted(stage: Stage) -> None:
    busy_year(stage).runner.catch_up()
    spoil(stage)
    outcome = Rebuild(stage.store, views_of(stage)).run(accept=True)
    assert (outcome.differences, outcome.switched) == (1, True)
    assert stage.contents() == of_one_batch(stage)


def test_rows_on_one_side_only_are_told_whole(stage: Stage) -> None:
    busy_year(stage).runner.catch_up()
    c = current.lines_table.c
    with stage.database.transaction() as connection:
        connection.execute(current.lines_table.delete().where(c.evaluation == FORM))
    outcome = Rebuild(stage.store, views_of(stage)).run(switch=False)
    [one] = outcome.shown
    assert (one.table, one.column, one.old) == ("evaluation_lines", None, None)
    assert one.key == {"log_id": LOG, "evaluation": FORM, "ordinal": 0}
    assert one.new["line"] == "1"


def test_tables_and_columns_of_another_version_are_told_and_do_not_stop_the_switch(
    stage: Stage,
) -> None:
    busy_year(stage).runner.catch_up()
    with stage.database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE evaluations ADD COLUMN former text")
        connection.exec_driver_sql("CREATE TABLE gone (log_id text PRIMARY KEY)")
    newer = ViewDatabase(store_of(stage), PROJECTION_VERSION + 1)
    with pytest.raises(Rejected) as refused:
        newer.prepare(make)
    assert refused.value.codes == ("views.outdated",)
    outcome = Rebuild(stage.store, newer).run()
    told = [(one.table, one.column, one.old, one.new) for one in outcome.shown]
    assert told == [("evaluations", "former", "former", None), ("gone", None, ["log_id"], None)]
    assert (outcome.drift, outcome.switched) == (False, True)
    assert (outcome.former_version, outcome.version) == (
        PROJECTION_VERSION,
        PROJECTION_VERSION + 1,
    )
    newer.prepare(make)
    # The program of before says so, and harms nothing.
    with pytest.raises(Rejected) as refused:
        stage.runner.prepare()
    assert refused.value.codes == ("views.outdated",)


def test_the_tables_are_looked_up_once_however_many_logs_are_compared(stage: Stage) -> None:
    def looked_up() -> tuple[int, int]:
        """How many logs a rebuild compares, and the statements that ask for tables meanwhile."""
        asked: list[str] = []
        compared: list[Filled] = []

        def note(*sent: object) -> None:
            statement = str(sent[2]).lower()
            if (
                "pg_catalog." in statement
                or "pragma_table_list" in statement
                or statement.startswith(("pragma main.table", "pragma main.index"))
            ):
                asked.append(statement)

        def report(filled: Filled) -> None:
            if filled.phase is Phase.COMPARING:
                compared.append(filled)

        stage.runner.catch_up()
        event.listen(Engine, "before_cursor_execute", note)
        try:
            outcome = Rebuild(stage.store, views_of(stage), report=report).run(switch=False)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        assert outcome.differences == 0
        views_of(stage).cancel()
        return len(compared), len(asked)

    busy_year(stage)
    logs, once = looked_up()
    assert (logs, once > 0) == (1, True)
    for division in ("130105", "130106"):
        stage.with_ledger(ledger_id=f"{division}/xfj/2024/ledger")
    assert looked_up() == (3, once)


def test_what_comes_during_a_rebuild_is_in_both_and_makes_no_difference(stage: Stage) -> None:
    busy_year(stage).runner.catch_up()
    numbers = iter(range(100, 200))

    def pay() -> None:
        stage.paid("1", f"w{next(numbers)}")
        stage.runner.catch_up()

    for phase in Phase:
        if phase is Phase.SWITCHING:
            continue
        outcome = Rebuild(stage.store, views_of(stage), batch=10, report=at_phase(phase, pay)).run()
        assert (outcome.differences, outcome.switched) == (0, True)
    stage.runner.catch_up()
    assert stage.contents() == of_one_batch(stage)


def test_appends_do_not_wait_for_the_exchange(stage: Stage) -> None:
    busy_year(stage).runner.catch_up()
    stored = []
    report = at_phase(Phase.SWITCHING, lambda: stored.append(stage.paid("1", "w1")))
    outcome = Rebuild(stage.store, views_of(stage), report=report).run()
    assert outcome.switched
    assert stage.store.head(LOG) == stored[0].position
    stage.runner.catch_up()
    assert stage.contents() == of_one_batch(stage)


def test_a_position_that_was_reached_stays_reached(stage: Stage) -> None:
    busy_year(stage).runner.catch_up()
    reached = stage.runner.position(LOG)
    Rebuild(stage.store, views_of(stage)).run()
    assert stage.runner.position(LOG) >= reached
    assert Runner(stage.store, views_of(stage)).wait(LOG, reached, 0)


class _CutOffError(Exception):
    """Somebody presses Ctrl-C."""


def cut_off() -> None:
    raise _CutOffError


@pytest.mark.parametrize("phase", [Phase.FILLING, Phase.COMPARING, Phase.SWITCHING])
def test_a_rebuild_that_is_cut_short_is_gone_on_with(stage: Stage, phase: Phase) -> None:
    busy_year(stage).runner.catch_up()
    before = stage.contents()
    with pytest.raises(_CutOffError):
        Rebuild(stage.store, views_of(stage), batch=10, report=at_phase(phase, cut_off)).run()
    assert states(stage) == {1: "SERVING", 2: "FILLING"}
    assert stage.contents() == before
    outcome = Rebuild(stage.store, views_of(stage)).run()
    assert (outcome.generation, outcome.resumed, outcome.switched) == (2, True, True)
    assert outcome.facts < stage.store.head(LOG)
    assert stage.contents() == before


def test_only_comparing_leaves_what_can_be_switched_later(stage: Stage) -> None:
    busy_year(stage).runner.catch_up()
    assert not Rebuild(stage.store, views_of(stage)).run(switch=False).switched
    assert states(stage) == {1: "SERVING", 2: "FILLING"}
    stage.paid("1", "w1")
    stage.runner.catch_up()
    outcome = Rebuild(stage.store, views_of(stage)).run()
    assert (outcome.resumed, outcome.facts, outcome.switched) == (True, 1, True)


def test_cancelling_leaves_nothing_behind(stage: Stage) -> None:
    busy_year(stage).runner.catch_up()
    views = views_of(stage)
    before = remains(stage)
    Rebuild(stage.store, views).run(switch=False)
    assert remains(stage) != before
    cancelled = views.cancel()
    assert cancelled is not None
    assert cancelled.number == 2
    assert remains(stage) == before
    assert views.cancel() is None
    assert states(stage) == {1: "SERVING", 2: "DROPPED"}
    with pytest.raises(DBAPIError), views.at(2).read() as connection:
        connection.execute(select(current.evaluations))


@pytest.mark.parametrize("phase", [Phase.FILLING, Phase.COMPARING])
def test_a_rebuild_that_somebody_drops_meanwhile_says_so(
    stage: Stage, url: URL, phase: Phase
) -> None:
    busy_year(stage).runner.catch_up()
    before = stage.contents()
    another = sql_stage(url)

    def dropped() -> None:
        assert views_of(another).cancel() is not None

    drop = at_phase(phase, dropped)
    with pytest.raises(Rejected) as refused:
        Rebuild(stage.store, views_of(stage), batch=10, report=drop).run()
    assert refused.value.codes == ("views.not-switched",)
    assert being_filled(stage.store, views_of(stage)) is None
    another.close()
    assert stage.contents() == before
    assert Rebuild(stage.store, views_of(stage)).run().switched


def test_what_was_filled_and_is_lost_is_begun_anew(stage: Stage, url: URL) -> None:
    busy_year(stage).runner.catch_up()
    Rebuild(stage.store, views_of(stage)).run(switch=False)
    store_of(stage).backend.views.drop(2)
    again = sql_stage(url)  # As a process that has none of its files open.
    filled = being_filled(again.store, views_of(again))
    assert filled is not None
    assert (filled.generation, filled.facts, filled.total) == (2, 0, stage.store.head(LOG))
    outcome = Rebuild(again.store, views_of(again)).run()
    assert (outcome.generation, outcome.resumed, outcome.switched) == (3, False, True)
    assert states(again) == {1: "RETIRED", 2: "DROPPED", 3: "SERVING"}
    again.close()


def test_views_that_are_lost_are_filled_again_from_the_facts(stage: Stage) -> None:
    busy_year(stage).runner.catch_up()
    before = stage.contents()
    store_of(stage).backend.views.drop(1)
    again = Runner(stage.store, views_of(stage))
    again.prepare()
    again.catch_up()
    assert stage.contents() == before
    assert states(stage) == {1: "SERVING"}


@pytest.mark.parametrize("version", [None, PROJECTION_VERSION - 1])
def test_a_rebuild_needs_no_views_that_serve(stage: Stage, url: URL, version: int | None) -> None:
    busy_year(stage).runner.catch_up()
    before = stage.contents()
    with store_of(stage).transaction() as connection:
        if version is not None:
            connection.execute(update(view_generations).values(projection_version=version))
    store_of(stage).backend.views.drop(1)
    database = Database(url)  # As a process that has none of its files open.
    outcome = Rebuild(SqlEventStore(database), ViewDatabase(database, PROJECTION_VERSION)).run()
    assert (outcome.switched, outcome.differences) == (True, 0)
    database.close()
    again = sql_stage(url)
    assert again.contents() == before
    assert states(again) == {1: "RETIRED", 2: "SERVING"}
    again.close()


def test_what_nobody_has_followed_is_filled_by_many_and_told(stage: Stage) -> None:
    busy_year(stage)
    head = stage.store.head(LOG)
    told: list[Filled] = []
    opened: list[tuple[int, bool]] = []

    @contextmanager
    def workers(number: int, to_heads: bool) -> Iterator[Callable[[], bool]]:
        opened.append((number, to_heads))
        yield lambda: False

    outcome = Rebuild(
        stage.store, views_of(stage), batch=7, workers=workers, report=told.append
    ).run()
    assert outcome.facts == head
    # The views that serve are at 0: up to there nothing is to be filled, and nothing compared.
    assert opened == [(2, True)]
    filling = [(one.facts, one.total) for one in told if one.phase is Phase.FILLING]
    assert (7, head) in filling
    assert filling[-1] == (head, head)
    switching = next(nth for nth, one in enumerate(told) if one.phase is Phase.SWITCHING)
    assert told[switching].facts == head


def remains(stage: Stage) -> list[str]:
    """The files, or the tables, that there are for views."""
    backend = store_of(stage).backend
    path_of = getattr(backend.views, "path_of", None)
    if path_of is not None:
        return sorted(one.name for one in path_of(1).parent.glob("*-views-*"))
    with store_of(stage).read() as connection:
        found = connection.exec_driver_sql(
            "SELECT schemaname || '.' || tablename FROM pg_tables"
            " WHERE schemaname LIKE 'liuhen\\_views\\__' ORDER BY 1"
        )
        return list(found.scalars())


def test_what_another_version_began_is_not_gone_on_with(stage: Stage) -> None:
    busy_year(stage).runner.catch_up()
    Rebuild(stage.store, views_of(stage)).run(switch=False)
    newer = ViewDatabase(store_of(stage), PROJECTION_VERSION + 1)
    outcome = Rebuild(stage.store, newer).run()
    assert (outcome.generation, outcome.resumed) == (3, False)
    assert states(stage) == {1: "RETIRED", 2: "DROPPED", 3: "SERVING"}


def test_however_many_were_cancelled_the_views_that_serve_keep_their_place(stage: Stage) -> None:
    busy_year(stage).runner.catch_up()
    before = stage.contents()
    for _ in range(6):
        views_of(stage).begin(make)
        assert stage.contents() == before
        views_of(stage).cancel()
    assert stage.contents() == before
    assert Rebuild(stage.store, views_of(stage)).run().differences == 0
    assert stage.contents() == before


def test_who_reads_when_the_views_are_exchanged_reads_on(stage: Stage) -> None:
    busy_year(stage).runner.catch_up()
    with stage.database.read() as connection:
        before = connection.execute(select(current.lines_table)).all()
        Rebuild(stage.store, views_of(stage)).run()
        stage.given(
            OverrideScore(form=FORM, line="1", to_points=Decimal(9), reason="据实", document="文"),
            CLERK,
        )
        stage.runner.catch_up()
        assert connection.execute(select(current.lines_table)).all() == before
    assert stage.current().lines[0].final == "9"


def test_two_rebuilds_at_once_are_one_too_many(stage: Stage) -> None:
    busy_year(stage).runner.catch_up()
    refused: list[Rejected] = []

    def another() -> None:
        with pytest.raises(Rejected) as found:
            Rebuild(stage.store, views_of(stage), stale=5.0).run()
        refused.append(found.value)

    outcome = Rebuild(stage.store, views_of(stage), report=at_phase(Phase.COMPARING, another)).run()
    assert outcome.switched
    assert refused[0].codes == ("views.being-rebuilt",)
