"""For every history and every moment, how a year stood equals a fold of the facts known then."""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Connection, create_engine

from domain import ledger as ledgers
from domain.commands import (
    Book,
    Booking,
    CorrectEntry,
    Enter,
    Entry,
    OpenEvaluation,
    Reconcile,
    VireBetweenUnits,
)
from domain.evaluation import form as forms
from domain.evaluation.estimation import without_reviews
from domain.evaluation.scores import score_sheet
from domain.evaluation.state import FormState, Status
from domain.facts import ALL, Fact
from domain.facts.envelope import UNKNOWN, Effective, on
from domain.facts.form import Subject
from domain.facts.ledger import (
    Basis,
    BudgetLine,
    BudgetSupplemented,
    Exclusion,
    ExpenditureRecorded,
    ExpenditureReversed,
    FundsVired,
    InitialBudgetApproved,
    LedgerEntry,
    Line,
    ScopeTotal,
)
from domain.ids import is_form, is_ledger
from domain.ledger import LedgerState, sums
from domain.problems import Rejected
from domain.scoring.metrics import Quantity
from projections import standing
from projections.runner import Runner, contents
from projections.standing import Money, Sum
from projections.standing.amounts import by_ledger
from projections.standing.flows import BLOCK
from projections.tables import per_cent, points
from projections.tables.paging import Page, walk
from projections.tracking import EngineDatabase
from tests.domain.builders import figures
from tests.domain.test_evaluation import VISITS
from tests.domain.test_laws import Choice, choices, days, lines, vouchers
from tests.projections.stage import Stage, scratch
from tests.projections.test_laws import more
from tests.support.memory_store import MemoryStore
from tests.support.postgres import PostgresServer, postgres_server
from tests.support.scenario import BOOKKEEPER, CLERK, EXECUTION, IMPORT, LEDGER, LOG, RULES, WAN

YEAR = 2024
OTHER = f"{LOG}/jyj/2024/ledger"
PROJECT = f"{LOG}/xfj/2024/project/P1"
MakeViews = Callable[[], EngineDatabase]
Listing = list[standing.Listed]
Lists = tuple[Listing, list[standing.ListedUnit]]


# ------------------------------------------------------------------------------ the two databases


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def views(request: pytest.FixtureRequest) -> Iterator[MakeViews]:
    """Makes empty views, as often as a property asks."""
    if request.param == "sqlite":
        yield scratch
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.empty()
    engine = create_engine(url)

    def emptied() -> EngineDatabase:
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        return EngineDatabase(engine)

    yield emptied
    engine.dispose()
    server.drop(url)


# ------------------------------------------------------------------------------------ histories

amounts = st.integers(1, 30).map(lambda wan: wan * WAN)
dates = st.one_of(st.just(UNKNOWN), days.map(on))
adjustments: st.SearchStrategy[LedgerEntry] = st.one_of(
    st.builds(
        BudgetSupplemented,
        amount=amounts,
        line=lines,
        document=st.just("文"),
        reason=st.just("追"),
        excluded=st.sampled_from(Exclusion),
    ),
    st.builds(
        FundsVired,
        amount=amounts,
        from_line=lines,
        to_line=lines,
        excluded=st.sampled_from(Exclusion),
    ),
    st.builds(ExpenditureRecorded, amount=amounts, voucher=vouchers, line=lines),
    st.builds(ExpenditureReversed, amount=amounts, voucher=vouchers),
)


def _book(ledger: str, entries: list[tuple[LedgerEntry, Effective]]) -> Choice:
    bookings = tuple(Booking(fact=fact, effective=effective) for fact, effective in entries)
    return lambda _: (Book(ledger=ledger, entries=bookings), IMPORT)


def _vire(amount: int, effective: Effective, number: int) -> Choice:
    command = VireBetweenUnits(
        from_ledger=LEDGER,
        to_ledger=OTHER,
        from_line=Line(),
        to_line=Line(project="P1"),
        amount=amount,
        transfer=f"t{number}",
        document="文",
        reason="调",
        effective=effective,
    )
    return lambda _: (command, BOOKKEEPER)


def _correct(index: int, effective: Effective, project: str | None, more: int) -> Choice:
    """A live payment, moved to another project, day and amount; its refunds go with it."""

    def choose(scenario: object) -> object:
        assert isinstance(scenario, Stage)
        paid = list(scenario.ledger().live(ExpenditureRecorded))
        if not paid:
            return None
        chain, fact = paid[index % len(paid)]
        changed = ExpenditureRecorded(
            amount=fact.amount + more, voucher=fact.voucher, line=Line(project=project)
        )
        command = CorrectEntry(
            stream=LEDGER,
            target=chain.head,
            replacement=changed,
            effective=effective,
            reason="误",
            document="文",
        )
        return command, BOOKKEEPER

    return choose  # type: ignore[return-value] # a choice of a scenario that is a stage


booked = st.lists(st.tuples(adjustments, dates), min_size=1, max_size=4)
money: st.SearchStrategy[Choice] = st.one_of(
    st.builds(_book, st.just(LEDGER), booked),
    st.builds(_book, st.just(OTHER), booked),
    st.builds(_vire, amounts, dates, st.integers(0, 3)),
    st.builds(
        _correct,
        st.integers(0, 5),
        dates,
        st.sampled_from([None, "P1", "P2"]),
        st.integers(0, 3).map(lambda wan: wan * WAN),
    ),
)
pauses = st.sampled_from([0, 0, 1, 5, -2]).map(lambda hours: timedelta(hours=hours))
"""Clocks of the edge stand still between commands, run on, and sometimes disagree."""
histories = st.lists(st.tuples(st.one_of(money, money, choices, more), pauses), max_size=25)


def played(
    history: list[tuple[Choice, timedelta]],
    views: MakeViews,
    *,
    batch: int,
    keep_up: bool,
    look: Callable[[Stage], None] = lambda _: None,
) -> Stage:
    """The history; with ``keep_up`` the views follow each step of it, and somebody takes a look."""
    stage = Stage(MemoryStore(), views(), batch=batch)
    stage.with_ledger().with_ledger(ledger_id=OTHER).with_initial(100)
    stage.with_form(EXECUTION, VISITS)
    stage.given(OpenEvaluation(form=PROJECT, unit_name="某局", project_name="项目"))
    for choice, pause in history:
        stage.now += pause
        asked = choice(stage)
        if asked is not None:
            try:
                stage.given(*asked, live=asked[1] != IMPORT)
            except Rejected:
                continue
        if keep_up:
            stage.runner.catch_up()
            look(stage)
    stage.runner.catch_up()
    assert stage.runner.stopped() == []
    return stage


# ---------------------------------------------------------------------- the fold of what was known


def known(stage: Stage, position: int) -> tuple[dict[str, LedgerState], dict[str, FormState]]:
    """The ledgers and forms that the facts up to ``position`` add up to."""
    read = {
        stream: stage.store.read(LOG, stream, upto_position=position)
        for stream in stage.store.streams(LOG)
    }
    return (
        {
            stream: ledgers.fold(facts)
            for stream, facts in read.items()
            if is_ledger(stream) and facts
        },
        {stream: forms.fold(facts) for stream, facts in read.items() if is_form(stream) and facts},
    )


def money_of(of: dict[str, int], vired_in: int = 0, excluded_in: int = 0) -> Money:
    """The sums of a scope as the domain adds them up. What was vired in from another of several
    units counts once for all of them.
    """
    initial, adjusted = of[Quantity.INITIAL_BUDGET], of[Quantity.ADJUSTED_BUDGET]
    gross = of[Quantity.GROSS_ADJUSTMENT] - vired_in
    excluded, net = of[Quantity.EXCLUDED_ADJUSTMENT] - excluded_in, of[Quantity.NET_ADJUSTMENT]
    return Money(
        initial=initial,
        carried_in=of[Quantity.CARRIED_IN],
        increased=0,
        decreased=0,
        adjusted=adjusted,
        gross=gross,
        net=net,
        excluded=excluded,
        spent=of[Quantity.OUTTURN],
        execution_rate=per_cent(of[Quantity.OUTTURN], adjusted),
        adjustment_rate=per_cent(gross - excluded, initial),
        net_rate=per_cent(net, initial),
    )


SUMS = (
    "initial",
    "carried_in",
    "adjusted",
    "gross",
    "net",
    "excluded",
    "spent",
    "execution_rate",
    "adjustment_rate",
    "net_rate",
)


def seen(found: Money | None) -> list[object]:
    assert found is not None
    assert found.increased - found.decreased == found.net
    return [getattr(found, name) for name in SUMS]


def meant(expected: Money) -> list[object]:
    return [getattr(expected, name) for name in SUMS]


def undated(state: LedgerState, project: str | None = None) -> dict[str, int]:
    """The sums of what has no date: everything less everything that has one."""
    every, dated = sums(state, project), sums(state, project, date.max)
    return {name: amount - dated.get(name, 0) for name, amount in every.items()}


def between_units(state: LedgerState, effective_on: date | None) -> tuple[int, int]:
    """What was vired in from other units, and how much of it the rate leaves out."""
    found = [
        fact
        for chain, fact in state.live(FundsVired)
        if fact.from_line is None
        and (
            effective_on is None
            or (chain.effective.last is not None and chain.effective.last <= effective_on)
        )
    ]
    return (
        sum(fact.amount for fact in found),
        sum(fact.amount for fact in found if fact.excluded is not Exclusion.NONE),
    )


def together(several: list[dict[str, int]]) -> dict[str, int]:
    return {name: sum(one.get(name, 0) for one in several) for name in Quantity}


# --------------------------------------------------------------------------------------- the laws


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    history=histories,
    batch=st.integers(1, 40),
    keep_up=st.booleans(),
    back=st.integers(-1, 30),
    day=st.none() | days,
)
def test_a_year_at_any_moment_equals_a_fold_of_the_facts_known_then(
    views: MakeViews,
    history: list[tuple[Choice, timedelta]],
    *,
    batch: int,
    keep_up: bool,
    back: int,
    day: date | None,
) -> None:
    stage = played(history, views, batch=batch, keep_up=keep_up)
    position = stage.store.position_at(LOG, stage.now - timedelta(hours=back))
    states, stood = known(stage, position)
    at = {LOG: position}
    with stage.database.read() as connection:
        found = standing.year(connection, at, YEAR, day)
        units = standing.units_of(connection, at, YEAR, day)
        listed = standing.listed(connection, at, YEAR, day)
        assert standing.stood(connection, at, YEAR) == [one.form for one in listed]
        assert by_pages(connection, at, day) == listed
        # Several logs are asked for in another way.
        several = {LOG: position, "no \"'where": 1}
        assert standing.year(connection, several, YEAR, day).logs[0] == found.logs[0]
        assert standing.units_of(connection, several, YEAR, day) == units
        assert standing.listed(connection, several, YEAR, day) == listed
        assert by_pages(connection, several, day) == listed
        years = standing.years_with_facts(connection, several)
        assert years == standing.years_with_facts(connection, at)
    assert [one.ledger for one in units] == sorted(states)
    for unit in units:
        state = states[unit.ledger]
        assert seen(unit.money) == meant(money_of(sums(state, None, day)))
        assert (unit.undated is None) == (day is None)
        if unit.undated is not None:
            assert seen(unit.undated) == meant(money_of(undated(state)))
    vired = [between_units(state, day) for state in states.values()]
    whole = money_of(
        together([sums(state, None, day) for state in states.values()]),
        sum(amount for amount, _ in vired),
        sum(excluded for _, excluded in vired),
    )
    assert seen(found.money) == seen(found.logs[0].money) == meant(whole)
    assert (found.logs[0].log_id, found.logs[0].position) == (LOG, position)
    for one in listed:
        if LEDGER in states and one.money is not None:
            mine = sums(states[LEDGER], one.form.project, day)
            assert seen(one.money) == meant(money_of(mine))
    check_forms(listed, stood)
    check_counts(found, stood)


def by_pages(
    connection: Connection, at: Mapping[str, int], day: date | None, *, limit: int = 1
) -> Listing:
    """The list of the year, page by page."""

    def ask(after: str | None) -> Page[standing.Listed]:
        page = standing.list_page(connection, at, YEAR, day, after=after, limit=limit)
        assert len(page.rows) <= limit
        return page

    return list(walk(ask))


def test_pages_bring_the_money_of_units_whose_codes_begin_alike(views: MakeViews) -> None:
    """Their ledgers are in another order than they: "a-b/" comes before "a/"."""
    stage = Stage(MemoryStore(), views())
    codes = ["a", "a-b", "b", "b.c"]
    for nth, unit in enumerate(codes, 1):
        ledger = f"{LOG}/{unit}/2024/ledger"
        stage.with_ledger(ledger_id=ledger)
        stage.book(
            InitialBudgetApproved(lines=(BudgetLine(nth, Line()),)),
            effective=on(date(2024, 1, 1)),
            ledger_id=ledger,
        )
        stage.given(OpenEvaluation(form=f"{LOG}/{unit}/2024/department", unit_name=unit))
    stage.runner.catch_up()
    with stage.database.read() as connection:
        at = standing.reached(connection)
        for day in (None, date(2024, 6, 30)):
            every = by_pages(connection, at, day, limit=10)
            assert [one.form.unit for one in every] == codes
            assert [one.money.initial for one in every if one.money] == [1, 2, 3, 4]
            assert every == standing.listed(connection, at, YEAR, day)
            for limit in range(1, 5):
                assert by_pages(connection, at, day, limit=limit) == every


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(history=histories, batch=st.integers(1, 40), day=st.none() | days)
def test_a_list_of_then_is_the_list_that_was_given_then(
    views: MakeViews, history: list[tuple[Choice, timedelta]], *, batch: int, day: date | None
) -> None:
    """Whatever came later: nothing of it shows, not even that there would be something."""
    given_then: dict[int, Lists] = {}

    def lists(stage: Stage, position: int) -> Lists:
        with stage.database.read() as connection:
            at = {LOG: position}
            listed = standing.listed(connection, at, YEAR, day)
            units = standing.units_of(connection, at, YEAR, day)
        # How long a form stood so is known later only.
        return [replace(one, form=replace(one.form, known_to=0)) for one in listed], units

    def look(stage: Stage) -> None:
        position = stage.store.head(LOG)
        given_then[position] = lists(stage, position)

    stage = played(history, views, batch=batch, keep_up=True, look=look)
    # Between facts that were recorded together lies no moment.
    recorded = (one.envelope.recorded_at for one in stage.store.read_log(LOG))
    for position in {stage.store.position_at(LOG, moment) for moment in recorded} & {*given_then}:
        assert lists(stage, position) == given_then[position]


def test_a_form_had_no_money_before_any_was_booked(views: MakeViews) -> None:
    stage = Stage(MemoryStore(), views())
    stage.with_ledger().with_form(EXECUTION, VISITS)
    before = stage.store.head(LOG)
    stage.now += timedelta(hours=1)
    stage.with_initial(100)
    stage.runner.catch_up()
    with stage.database.read() as connection:
        for day in (None, date(2024, 12, 31)):
            [then] = standing.listed(connection, {LOG: before}, YEAR, day)
            [now] = standing.listed(connection, {LOG: stage.store.head(LOG)}, YEAR, day)
            assert (then.money, then.undated) == (None, None)
            assert now.money is not None


def check_forms(listed: list[standing.Listed], stood: dict[str, FormState]) -> None:
    assert [one.form.id for one in listed] == sorted(
        form for form, state in stood.items() if state.opened
    )
    for one in listed:
        state = stood[one.form.id]
        rules = RULES if state.rules else None
        sheet = score_sheet(state, rules)
        declared = [fact.points for _, fact in state.declared(Subject.TOTAL)]
        own = score_sheet(without_reviews(state), rules)
        assert (
            one.form.status,
            one.form.rule_set,
            one.form.total,
            one.form.self_total,
            one.form.declared_totals,
            one.form.grade_computed,
            one.form.finalised_total,
            one.form.finalised_grade,
        ) == (
            state.status,
            state.rules.name if state.rules else None,
            points(sheet.total),
            points(own.total),
            tuple(dict.fromkeys(str(value) for value in declared)),
            sheet.grade,
            points(state.finalised.total) if state.finalised else None,
            state.finalised.grade if state.finalised else None,
        )


def check_counts(found: standing.Years, stood: dict[str, FormState]) -> None:
    open_ = [state for state in stood.values() if state.opened]
    assert found.forms.count == len(open_)
    assert found.forms.by_status == {
        status: count
        for status in Status
        if (count := sum(state.status is status for state in open_))
    }
    totals = [
        total
        for state in open_
        if (total := score_sheet(state, RULES if state.rules else None).total) is not None
    ]
    assert found.forms.scored == len(totals)
    if totals:
        assert found.forms.mean_total is not None
        mean = Fraction(sum(totals, Decimal(0))) / len(totals)
        assert abs(Fraction(found.forms.mean_total) - mean) <= Fraction(1, 200)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(history=histories, batch=st.integers(1, 6), keep_up=st.booleans())
def test_what_is_kept_of_a_year_does_not_depend_on_batches(
    views: MakeViews, history: list[tuple[Choice, timedelta]], *, batch: int, keep_up: bool
) -> None:
    stage = played(history, views, batch=batch, keep_up=keep_up)
    again = scratch()
    runner = Runner(stage.store, again, batch=100_000)
    runner.prepare()
    runner.catch_up()
    kept = {one.name for one in (standing.movements, standing.accounts, standing.units)}
    kept.add(standing.forms.name)
    mine = {name: rows for name, rows in stage.contents().items() if name in kept}
    with again.read() as connection:
        assert {name: rows for name, rows in contents(connection).items() if name in kept} == mine


def test_facts_that_show_nothing_leave_a_form_as_it_stood() -> None:
    """Every fact of a form either is watched or leaves what is watched as it was."""
    kinds: set[type[Fact]] = {
        kind for kind in forms._EVOLVE if kind in ALL and kind not in standing.SHOWS
    }
    assert {kind.__name__ for kind in kinds} == {
        "ActualEntered",
        "ContentWithheld",
        "DeductionJustified",
        "EvidenceAttached",
        "EvidenceWithdrawn",
        "FiguresDeclared",
        "FindingAcknowledged",
        "IndicatorRetargeted",
        "MeasureCompleted",
        "MeasurePlanned",
        "ProblemNoted",
        "ProgressMonitored",
    }


def test_a_later_year_and_an_unknown_log_have_nothing() -> None:
    stage = played([], scratch, batch=10, keep_up=False)
    with stage.database.read() as connection:
        assert standing.years_with_facts(connection, {LOG: 100}) == [YEAR]
        assert standing.years_with_facts(connection, {LOG: 0}) == []
        empty = standing.year(connection, {LOG: 100, "nowhere": 5}, 2025)
        none = standing.year(connection, {}, YEAR)
    assert (empty.units, empty.money.spent, empty.forms.count) == (0, 0, 0)
    assert [one.log_id for one in empty.logs] == [LOG, "nowhere"]
    assert (none.logs, none.forms.mean_total) == ((), None)


@pytest.mark.parametrize("batch", [400, 100_000])
def test_blocks_of_positions_add_up_at_any_of_them(views: MakeViews, batch: int) -> None:
    """Two units over five blocks: one books from the beginning, the ledger of the other begins to
    rule in the middle, when what it had booked takes the place of what its form declared.
    """
    chance = random.Random(7)
    stage = Stage(MemoryStore(), views(), batch=batch)
    stage.with_ledger().with_initial(100)
    stage.with_ledger(ledger_id=OTHER, basis=Basis.DECLARED)
    stage.with_form(EXECUTION, VISITS)
    other = f"{LOG}/jyj/2024/department"
    stage.given(OpenEvaluation(form=other, unit_name="某局"), ("other", CLERK[1]))
    declared = figures(INITIAL_BUDGET="7", OUTTURN="3")
    stage.given(Enter(form=other, entries=(Entry(fact=declared),)), ("other", CLERK[1]))

    ends: list[int] = []

    def pay(ledger: str, step: int) -> None:
        for part in range(6):
            day = date(2024, 1, 1) + timedelta(chance.randrange(366))
            stage.book(
                *(
                    ExpenditureRecorded(
                        amount=chance.randrange(1, 9), voucher=f"{step}-{part}-{nth}"
                    )
                    for nth in range(70)
                ),
                effective=on(day) if part else UNKNOWN,
                ledger_id=ledger,
            )
            ends.append(stage.store.head(LOG))
            stage.now += timedelta(minutes=1)

    for step in range(7):
        pay(LEDGER, step)
        pay(OTHER, step)
        if step == 3:
            stage.now += timedelta(hours=1)
            of = sums(stage.ledger(OTHER))
            total = ScopeTotal(
                project=None,
                initial=of[Quantity.INITIAL_BUDGET],
                adjusted=of[Quantity.ADJUSTED_BUDGET],
                outturn=of[Quantity.OUTTURN],
            )
            command = Reconcile(ledger=OTHER, through=date(2024, 12, 31), totals=(total,))
            stage.given(command, BOOKKEEPER)
    stage.runner.catch_up()
    head = stage.store.head(LOG)
    assert head > 5 * BLOCK
    edges = [BLOCK * nth + by for nth in range(1, 6) for by in (-1, 0, 1)]
    for position in [*edges, *chance.sample(ends, 20), *(chance.randrange(head) for _ in range(9))]:
        states, _ = known(stage, position)
        for day in (None, date(2024, chance.randrange(1, 13), 15)):
            with stage.database.read() as connection:
                found = standing.year(connection, {LOG: position}, YEAR, day)
                each = standing.units_of(connection, {LOG: position}, YEAR, day)
            # By ledgers it comes another way: from each account's last movement.
            assert seen(found.money)[:7] == [
                sum(amounts) for amounts in zip(*(seen(one.money)[:7] for one in each), strict=True)
            ]
            assert found.undated is None or found.undated.spent == sum(
                one.undated.spent for one in each if one.undated
            )
            if position in ends and states[OTHER].basis() is Basis.LEDGER:
                spent = sum(sums(one, None, day)[Quantity.OUTTURN] for one in states.values())
                assert found.money.spent == spent


def test_a_refund_follows_its_payment_to_another_project() -> None:
    stage = Stage(MemoryStore(), scratch())
    stage.with_ledger()
    paid = stage.book(ExpenditureRecorded(amount=9, voucher="v1"), effective=on(date(2024, 3, 1)))
    stage.book(ExpenditureReversed(amount=2, voucher="v1"), effective=on(date(2024, 5, 1)))
    before = stage.store.head(LOG)
    stage.now += timedelta(hours=1)
    command = CorrectEntry(
        stream=LEDGER,
        target=stage.recorded(paid)[0].envelope.event_id,
        replacement=ExpenditureRecorded(amount=8, voucher="v1", line=Line(project="P1")),
        effective=on(date(2024, 4, 1)),
        reason="误",
        document="文",
    )
    stage.given(command, BOOKKEEPER)
    stage.runner.catch_up()

    def spent(position: int, month: int) -> dict[str, int]:
        with stage.database.read() as connection:
            counted, _ = by_ledger(connection, {LOG: position}, YEAR, date(2024, month, 28))
        return {
            project: sum(fen for kind, _, fen in amounts if kind is Sum.SPENT)
            for project, amounts in counted[LEDGER].items()
        }

    now = stage.store.head(LOG)
    assert [spent(before, month) for month in (3, 5)] == [{"": 9}, {"": 7}]
    assert [spent(now, month) for month in (3, 4, 5)] == [
        {"": 0, "P1": 0},
        {"": 0, "P1": 8},
        {"": 0, "P1": 6},
    ]
