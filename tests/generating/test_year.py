"""What a generated county holds: every kind of fact, plausible money, views that follow."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from adapters.codec import encode
from api.bootstrap import Liuhen
from api.generating.county import County
from api.generating.plan import MARK, Plan
from domain import ledger
from domain.evaluation import form
from domain.evaluation.state import Status
from domain.facts import ALL, Fact
from domain.facts import form as f
from domain.facts import ledger as m
from domain.facts import others as o
from domain.ids import is_form, is_ledger
from domain.scoring.steps import replay
from domain.store import EventStore, Recorded
from projections import adjustments, current, findings, score_history
from tests.generating.support import SMALL
from tests.support.memory_store import MemoryStore

LOG = SMALL.divisions[0]
NOT_GENERATED: dict[type[Fact], str] = dict.fromkeys(
    (o.Granted, o.Revoked, o.LoggedIn, o.Refused, o.Exported),
    "a fact of accounts: no command gives one yet",
)
"""Kinds of facts that a generated year cannot hold, each with the reason."""


@pytest.fixture(scope="session")
def facts(county: Liuhen) -> list[Recorded]:
    return list(county.store.read_log(LOG, limit=1_000_000))


def of(facts: list[Recorded], *kinds: type) -> Iterator[Recorded]:
    return (one for one in facts if isinstance(one.fact, kinds))


def missing(catalogue: Iterable[type[Fact]], facts: list[Recorded]) -> set[type[Fact]]:
    """The kinds of a catalogue that do not occur and are not excepted."""
    return set(catalogue) - {type(one.fact) for one in facts} - set(NOT_GENERATED)


def test_every_kind_of_fact_in_the_catalogue_occurs(facts: list[Recorded]) -> None:
    assert missing(ALL, facts) == set()


def test_a_kind_that_is_new_in_the_catalogue_must_be_generated(facts: list[Recorded]) -> None:
    class Fresh(Fact, frozen=True, kw_only=True, tag="fresh.v1"):
        """A kind that somebody adds."""

    assert missing((*ALL, Fresh), facts) == {Fresh}


def test_no_exception_is_made_for_what_occurs(facts: list[Recorded]) -> None:
    assert set(NOT_GENERATED) <= set(ALL)
    assert not set(NOT_GENERATED) & {type(one.fact) for one in facts}


def test_a_unit_has_about_130_facts(facts: list[Recorded]) -> None:
    others = [one for one in facts if not one.stream_id.startswith(f"{LOG}/001/")]
    assert 115 <= len(others) // (SMALL.units - 1) <= 150


def test_everybody_is_marked_as_generated(facts: list[Recorded]) -> None:
    for one in facts:
        envelope = one.envelope
        assert envelope.actor.startswith(MARK)
        assert envelope.organisation.startswith(MARK)
        assert envelope.command_id.startswith(SMALL.own)


def test_event_ids_are_unique_and_tell_the_time(facts: list[Recorded]) -> None:
    ids = [one.envelope.event_id for one in facts]
    assert len(set(ids)) == len(ids)
    for one in facts:
        event_id, moment = one.envelope.event_id, one.envelope.recorded_at
        assert event_id.version == 7
        assert event_id.int >> 80 == int(moment.timestamp()) * 1000


def test_the_large_ledger_has_as_many_payments_as_asked_for(facts: list[Recorded]) -> None:
    payments = Counter(one.stream_id for one in of(facts, m.ExpenditureRecorded))
    large = f"{LOG}/001/2024/ledger"
    assert 900 <= payments[large] <= 906  # and a few late ones
    assert all(count <= 60 for ledger_, count in payments.items() if ledger_ != large)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_supplements_crowd_towards_december(seed: int) -> None:
    store = MemoryStore()
    plan = Plan(counties=1, units=40, year=2024, seed=seed, payments=12, large=0)
    County(plan, LOG).perform(store, lambda *_: None)
    found = of(list(store.read_log(LOG, limit=1_000_000)), m.BudgetSupplemented)
    months = Counter(
        one.envelope.effective.last.month for one in found if one.envelope.effective.last
    )
    assert months.most_common(1)[0][0] == 12
    assert sum(months[month] for month in (10, 11, 12)) > sum(months.values()) // 2
    assert months[1] == 0


def test_payments_are_spread_over_the_year_and_rise_at_its_end(facts: list[Recorded]) -> None:
    months = Counter(one.fact.paid_on.month for one in of(facts, m.ExpenditureRecorded))  # type: ignore[attr-defined]
    assert set(months) == set(range(1, 13))
    assert months[12] > 2 * months[1]


def test_some_payments_are_booked_in_the_following_year(facts: list[Recorded]) -> None:
    late = [
        one for one in of(facts, m.ExpenditureRecorded) if one.envelope.recorded_at.year == 2025
    ]
    assert late
    assert all((one.envelope.effective.last or date.max).year == 2024 for one in late)


def test_units_are_of_many_sizes_and_spend_what_they_have(
    county: Liuhen, facts: list[Recorded]
) -> None:
    initial = []
    for stream in county.store.streams(LOG):
        if is_ledger(stream):
            booked = ledger.sums(ledger.fold(county.store.read(LOG, stream)))
            initial.append(booked["INITIAL_BUDGET"])
            assert Decimal("0.7") < Decimal(booked["OUTTURN"]) / booked["ADJUSTED_BUDGET"] < 1.2
    assert max(initial) > 20 * min(initial)
    assert all(type(amount) is int for amount in initial)


def test_a_virement_between_units_lies_on_both_sides(facts: list[Recorded]) -> None:
    sides: dict[str, list[m.FundsVired]] = {}
    for one in of(facts, m.FundsVired):
        assert isinstance(one.fact, m.FundsVired)
        if one.fact.transfer:
            sides.setdefault(one.fact.transfer, []).append(one.fact)
    assert len(sides) == 4
    for giving, taking in sides.values():
        assert giving.amount == taking.amount
        assert (giving.to_line, taking.from_line) == (None, None)


def test_papers_stand_behind_every_adjustment(facts: list[Recorded]) -> None:
    for one in of(facts, m.BudgetSupplemented, m.BudgetReduced, m.FundsVired, m.FundsClawedBack):
        assert one.fact.document  # type: ignore[attr-defined]
        assert one.fact.reason  # type: ignore[attr-defined]
    supplements = [one.fact for one in of(facts, m.BudgetSupplemented)]
    assert {fact.source for fact in supplements} == set(m.FundSource)  # type: ignore[attr-defined]
    assert {fact.excluded for fact in supplements} == set(m.Exclusion)  # type: ignore[attr-defined]


def test_many_kinds_of_rules_score_and_their_steps_give_the_points(facts: list[Recorded]) -> None:
    rules = {
        rule.__struct_config__.tag
        for one in of(facts, o.RuleSetPublished, o.RuleSetCopied)
        for rule in one.fact.rule_set.rules.values()  # type: ignore[attr-defined]
    }
    assert len(rules) == 11
    scored = [one.fact for one in of(facts, f.ScoreCalculated)]
    for fact in scored:
        assert isinstance(fact, f.ScoreCalculated)
        if fact.points is not None:
            assert replay(fact.steps) == fact.points


def test_forms_end_in_different_states(county: Liuhen) -> None:
    states = Counter(
        form.fold(county.store.read(LOG, stream)).status
        for stream in county.store.streams(LOG)
        if is_form(stream)
    )
    assert set(states) == {Status.FINALISED, Status.PUBLISHED}
    assert states[Status.PUBLISHED] > states[Status.FINALISED]


def test_the_views_follow_and_show_something(county: Liuhen) -> None:
    assert county.stopped() == []
    assert county.catch_up() == {LOG: county.store.head(LOG)}
    with county.connection() as connection:

        def count(table: object, *where: object) -> int:
            query = select(func.count()).select_from(table).where(*where)  # type: ignore[arg-type]
            return connection.scalar(query) or 0

        assert count(current.evaluations) == 2 * SMALL.units
        assert count(adjustments.table) > 3 * SMALL.units
        assert count(score_history.table) > 25 * SMALL.units
        codes = Counter({one.code: one.count for one in findings.count_by_code(connection)})
        grades = connection.execute(select(current.evaluations.c.grade_computed)).scalars().all()
    assert len(codes) >= 8
    assert codes["deduction-without-reason"] > 0
    assert codes["year-end-rush"] > 0
    assert len(set(grades) - {None}) >= 2


def test_memory_store_and_database_agree(facts: list[Recorded]) -> None:
    store: EventStore = MemoryStore()
    County(SMALL, LOG).perform(store, lambda *_: None)
    again = store.read_log(LOG, limit=1_000_000)
    # Byte by byte, as they are stored: a rule set that is given and one that is read differ in class.
    assert [encode(one.envelope, one.fact) for one in again] == [
        encode(one.envelope, one.fact) for one in facts
    ]


def test_a_paper_is_exchanged_beside_a_row_that_was_taken_out() -> None:
    # In this year a value rests on the wrong paper, and its row has lapsed before that is seen.
    plan = Plan(counties=2, units=15, year=2024, seed=10, large=0)
    store: EventStore = MemoryStore()
    County(plan, plan.divisions[1]).perform(store, lambda *_: None)
    form_of_the_case = f"{plan.divisions[1]}/015/2024/department"
    kinds = Counter(type(one.fact) for one in store.read(plan.divisions[1], form_of_the_case))
    assert kinds[f.IndicatorWithdrawn] > 0
    assert kinds[f.EvidenceWithdrawn] > 0
