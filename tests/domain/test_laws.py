"""Laws that hold for every history: folds split anywhere, steps reproduce scores, and no sequence
of commands reaches a state that the rules forbid."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import ledger
from domain.commands import (
    Book,
    Booking,
    CalculateScores,
    CloseYear,
    Command,
    CorrectEntry,
    Enter,
    Entry,
    Finalise,
    GiveReviewScore,
    OverrideScore,
    PassDepartmentReview,
    PassFinanceReview,
    Publish,
    Reopen,
    ReopenYear,
    Return,
    Sign,
    Submit,
    WithdrawOverride,
    WithdrawSignature,
)
from domain.crosschecks.view import Case, views_of
from domain.crosschecks.workflow import year_end_rush
from domain.decisions import Chain
from domain.evaluation import form
from domain.evaluation.state import IN_REVIEW, FormState, Status
from domain.facts.envelope import Role, on
from domain.facts.form import ActualEntered, ScoreCalculated
from domain.facts.ledger import (
    BudgetReduced,
    BudgetSupplemented,
    ExpenditureRecorded,
    ExpenditureReversed,
    FundsVired,
    Kind,
    LedgerEntry,
    Line,
)
from domain.ledger import LedgerState, sums
from domain.ledger.sums import spent
from domain.problems import Rejected
from domain.scoring.indicators import NumberActual
from domain.scoring.metrics import Quantity
from domain.scoring.steps import replay
from tests.domain.test_evaluation import VISITS
from tests.support.scenario import (
    APPROVER,
    BUREAU,
    CLERK,
    DEPARTMENT,
    EXECUTION,
    FINANCE,
    FORM,
    LEDGER,
    LOG,
    RULES,
    WAN,
    YEAR,
    Scenario,
)

Given = tuple[Command, tuple[str, Role]]
Choice = Callable[[Scenario], Given | None]

amounts = st.integers(min_value=-1, max_value=50).map(lambda wan: wan * WAN)
vouchers = st.sampled_from(["v1", "v2", "v3"])
lines = st.sampled_from([Line(), Line(kind=Kind.PROJECT, project="P1")])
entries: st.SearchStrategy[LedgerEntry] = st.one_of(
    st.builds(ExpenditureRecorded, amount=amounts, voucher=vouchers, line=lines),
    st.builds(ExpenditureReversed, amount=amounts, voucher=vouchers),
    st.builds(
        BudgetSupplemented,
        amount=amounts,
        line=lines,
        reason=st.just("追加"),
        document=st.just("文1号"),
    ),
    st.builds(
        BudgetReduced,
        amount=amounts,
        line=lines,
        reason=st.just("追减"),
        document=st.just("文2号"),
    ),
    st.builds(
        FundsVired,
        amount=amounts,
        from_line=lines,
        to_line=lines,
        reason=st.just("调剂"),
        document=st.just("文3号"),
    ),
)
days = st.dates(date(2024, 1, 1), date(2024, 12, 31))
points = st.integers(min_value=-1, max_value=22).map(Decimal)


def _book(entry: LedgerEntry, day: date) -> Choice:
    command = Book(ledger=LEDGER, entries=(Booking(fact=entry, effective=on(day)),))
    return lambda _: (command, CLERK)


def _correct(index: int, replacement: LedgerEntry | None) -> Choice:
    def choose(scenario: Scenario) -> Given | None:
        history = scenario.store.read(LOG, LEDGER)
        target = history[index % len(history)].envelope.event_id
        command = CorrectEntry(
            stream=LEDGER, target=target, replacement=replacement, reason="误", document="文"
        )
        return command, CLERK

    return choose


def _just(command: Command, by: tuple[str, Role]) -> Choice:
    return lambda _: (command, by)


def _enter(value: Decimal) -> Choice:
    fact = ActualEntered(line="2", actual=NumberActual(value, "次"))
    return _just(Enter(form=FORM, entries=(Entry(fact=fact),)), CLERK)


def _override(value: Decimal) -> Choice:
    return _just(
        OverrideScore(form=FORM, line="2", to_points=value, reason="因故", document="文"), CLERK
    )


def _review(value: Decimal) -> Choice:
    return _just(GiveReviewScore(form=FORM, line="2", points=value, reason="无佐证"), DEPARTMENT)


workflow = st.sampled_from(
    [
        _just(CalculateScores(form=FORM), CLERK),
        _just(WithdrawOverride(form=FORM, line="2", reason="撤"), CLERK),
        _just(Sign(form=FORM), APPROVER),
        _just(WithdrawSignature(form=FORM), APPROVER),
        _just(Submit(form=FORM), CLERK),
        _just(Return(form=FORM, opinion="补"), DEPARTMENT),
        _just(PassDepartmentReview(form=FORM), DEPARTMENT),
        _just(PassDepartmentReview(form=FORM), (CLERK[0], Role.DEPARTMENT_REVIEWER)),
        _just(PassFinanceReview(form=FORM), FINANCE),
        _just(Finalise(form=FORM), BUREAU),
        _just(Publish(form=FORM, digest="ab" * 32), BUREAU),
        _just(Reopen(form=FORM, reason="查", document="文"), BUREAU),
        _just(CloseYear(year=YEAR), BUREAU),
        _just(ReopenYear(year=YEAR, reason="补", document="文"), BUREAU),
    ]
)
choices: st.SearchStrategy[Choice] = st.one_of(
    workflow,
    st.builds(_book, entries, days),
    st.builds(_correct, st.integers(0, 30), st.none() | entries),
    st.builds(_enter, points),
    st.builds(_override, points),
    st.builds(_review, points),
)
histories = st.lists(choices, max_size=40)


def play(history: list[Choice], after: Callable[[Scenario], None] | None = None) -> Scenario:
    """A ledger and a form after those of the choices that are not rejected."""
    scenario = Scenario().with_ledger().with_initial(100).with_form(EXECUTION, VISITS)
    for choice in history:
        given_ = choice(scenario)
        if given_ is None:
            continue
        command, by = given_
        try:
            scenario.given(command, by)
        except Rejected:
            continue
        if after is not None:
            after(scenario)
    return scenario


def _check_ledger(state: LedgerState) -> None:
    booked = sums(state)
    assert booked[Quantity.OUTTURN] >= 0
    live = [chain.fact for chain in state.entries() if isinstance(chain.fact, ExpenditureRecorded)]
    assert len({fact.voucher for fact in live}) == len(live)
    for fact in live:
        assert 0 <= state.reversed_of(fact.voucher) <= fact.amount
    for chain in state.entries():
        if isinstance(chain.fact, ExpenditureReversed):
            assert state.payment(chain.fact.voucher) is not None


def _check_form(state: FormState) -> None:
    if state.status in {Status.DRAFT, Status.SIGNED}:
        assert not state.reviews
    if state.reviews:
        assert state.status in IN_REVIEW | {Status.FINALISED, Status.PUBLISHED}
    assert (state.finalised is not None) == (state.status in {Status.FINALISED, Status.PUBLISHED})
    for scores, field in ((state.overrides, "to_points"), (state.reviews, "points")):
        for line, noted in scores.items():
            most = state.rows[line].max_points
            assert most is not None
            assert 0 <= getattr(noted.fact, field) <= most


def _check(scenario: Scenario) -> None:
    _check_ledger(scenario.ledger())
    _check_form(scenario.form())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories)
def test_no_sequence_of_commands_reaches_an_invalid_state(history: list[Choice]) -> None:
    play(history, _check)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.integers(0, 60))
def test_a_fold_split_anywhere_equals_the_whole(history: list[Choice], cut: int) -> None:
    scenario = play(history)
    booked = scenario.store.read(LOG, LEDGER)
    parted = ledger.fold(booked[cut:], ledger.fold(booked[:cut]))
    assert ledger_seen(parted) == ledger_seen(ledger.fold(booked))
    filled = scenario.store.read(LOG, FORM)
    split = form.fold(filled[cut:], form.fold(filled[:cut]))
    assert form_seen(split) == form_seen(form.fold(filled))


def ledger_seen(state: LedgerState) -> object:
    """Everything that a ledger's state shows, to be compared."""
    chains = [(chain.links, chain.fact, chain.effective) for chain in state.chains.live.values()]
    named = [
        {name: chain.links for name, chain in by_name.items()}
        for by_name in (state.payments, state.transfers)
    ]
    return state.version, chains, named, state.reconciled


def form_seen(state: FormState, *, former: bool = True) -> object:
    """Everything that a form's state shows, to be compared; if not ``former`` without the actual
    values that newer ones took the place of.
    """
    chains = [
        (chain.links, chain.fact)
        for chain in state.chains.live.values()
        if former or not _is_former(state, chain)
    ]
    moved = [
        (one.event_id, one.line, one.recorded_at, one.by_hand, one.version)
        for one in state.score_changes
    ]
    shown = [chains, dict(state.calculated), state.entered_by, moved]
    return shown + [
        getattr(state, name)
        for name in FormState.__slots__
        if name not in {"chains", "calculated"} and not name.startswith("_")
    ]


def _is_former(state: FormState, chain: Chain) -> bool:
    if not isinstance(chain.fact, ActualEntered):
        return False
    newest = state.actual(chain.fact.line)
    return newest is not None and newest[0] is not chain


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories)
def test_the_steps_of_every_stored_score_reproduce_it(history: list[Choice]) -> None:
    scenario = play(history)
    for recorded in scenario.store.read(LOG, FORM):
        if isinstance(recorded.fact, ScoreCalculated) and recorded.fact.points is not None:
            stored = msgspec.json.decode(msgspec.json.encode(recorded.fact), type=ScoreCalculated)
            assert stored == recorded.fact
            assert replay(stored.steps) == stored.points


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories)
def test_a_submitted_total_never_moves_by_itself(history: list[Choice]) -> None:
    seen: dict[str, object] = {}

    def watch(scenario: Scenario) -> None:
        state = scenario.form()
        if state.status is Status.SUBMITTED and not state.reviews:
            total = scenario.sheet().total
            assert seen.setdefault("total", total) == total
        else:
            seen.clear()

    play(history, watch)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.integers(0, 60))
def test_what_was_added_up_before_goes_on_to_what_all_comes_to(
    history: list[Choice], cut: int
) -> None:
    scenario = play(history)
    booked = scenario.store.read(LOG, LEDGER)

    def told(state: LedgerState) -> object:
        case = Case(ledger=state, forms={FORM: scenario.form()}, rule_sets={FORM: RULES})
        [view] = views_of(case)
        since = [view.booked_since(recorded.envelope.event_id) for recorded in booked]
        return spent(state), sums(state), list(year_end_rush(view)), since

    parted = ledger.fold(booked[:cut])
    told(parted)
    assert told(ledger.fold(booked[cut:], parted)) == told(ledger.fold(booked))
    # What the latest so far leaves out is not later than the fact.
    [view] = views_of(Case(ledger=parted, forms={FORM: scenario.form()}, rule_sets={}))
    for recorded in booked:
        moment = recorded.envelope.event_id
        heads = [chain.head for chain in parted.chains]
        assert view.booked_since(moment) == [head for head in heads if head.int > moment.int]
