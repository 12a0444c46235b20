"""A year step by step: it ends where the views stand, however far each step goes."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.commands import Return
from domain.evaluation.state import Status
from domain.values import Rounding, plain, wan
from projections import adjustments, current, standing
from projections.replay import End, FormMoved, Standing, Step, Stride, heads, replay
from tests.domain.test_laws import Choice
from tests.projections.stage import Stage
from tests.projections.test_laws import histories, played
from tests.projections.test_stories import corrected, late_payment
from tests.support.scenario import DEPARTMENT, FORM, LOG, WAN


def steps_of(stage: Stage, stride: Stride, year: int = 2024) -> tuple[list[Step], End]:
    *steps, end = replay(stage.store, year, stride, heads(stage.store))
    assert isinstance(end, End)
    assert all(isinstance(one, Step) for one in steps)
    return [one for one in steps if isinstance(one, Step)], end


def equals_the_views(stage: Stage, last: Step, year: int = 2024) -> bool:
    """Whether a year stands after a step as the views have it, figure by figure."""
    stage.runner.catch_up()
    with stage.database.read() as connection:
        money = adjustments.money_of_units(
            connection, adjustments.AdjustmentFilter(fiscal_year=year)
        )
        where = current.EvaluationFilter(fiscal_year=year)
        forms = current.list_all(connection, stage.store.text_bodies, where)
        stood = standing.year(connection, standing.reached(connection), year)
    totals = [Decimal(one.computed_total) for one in forms if one.computed_total is not None]
    assert wan(last.initial_fen) == plain(sum((Decimal(one.initial) for one in money), Decimal(0)))
    assert wan(last.adjusted_fen) == plain(
        sum((Decimal(one.adjusted) for one in money), Decimal(0))
    )
    assert wan(last.spent_fen) == plain(sum((Decimal(one.outturn) for one in money), Decimal(0)))
    assert last.forms == Counter(one.status for one in forms)
    assert (last.forms, last.grades) == (stood.forms.by_status, stood.forms.by_grade)
    assert (last.scored, last.mean) == (stood.forms.scored, stood.forms.mean_total)
    assert (last.initial_fen, last.adjusted_fen, last.spent_fen) == (
        stood.money.initial,
        stood.money.adjusted,
        stood.money.spent,
    )
    assert last.scored == len(totals)
    mean = Rounding().apply(Fraction(sum(totals)) / len(totals)) if totals else None
    assert last.mean == (None if mean is None else plain(mean))
    return True


# -------------------------------------------------------------------------------------- a story


@pytest.fixture
def late(stage: Stage) -> Iterator[Stage]:
    late_payment(stage)
    stage.at(2025, 3, 20).given(Return(form=FORM, opinion="补记支出"), DEPARTMENT)
    stage.at(2025, 3, 21)
    stage.recalculated()
    stage.submitted()
    return stage  # type: ignore[return-value]  # pytest takes either


def test_each_day_tells_the_sums_and_what_changed(late: Stage) -> None:
    steps, end = steps_of(late, Stride.DAY)
    told = [
        (one.label, one.initial_fen // WAN, one.spent_fen, dict(one.forms), one.mean)
        for one in steps
    ]
    assert told == [
        ("2025-03-01", 100, 98 * WAN, {Status.DRAFT: 1}, None),
        ("2025-03-10", 100, 98 * WAN, {Status.SUBMITTED: 1}, "9.8"),
        ("2025-03-15", 100, 99 * WAN + WAN // 2, {Status.SUBMITTED: 1}, "9.8"),
        ("2025-03-20", 100, 99 * WAN + WAN // 2, {Status.DRAFT: 1}, "9.8"),
        ("2025-03-21", 100, 99 * WAN + WAN // 2, {Status.SUBMITTED: 1}, "9.95"),
    ]
    assert steps[1].facts == {"score-calculated": 1, "signed": 1, "submitted": 1}
    assert steps[1].moved == (
        FormMoved(
            FORM,
            Standing(Status.DRAFT),
            Standing(Status.SUBMITTED, "9.8", "差"),
        ),
    )
    assert steps[2].facts == {"expenditure-recorded": 1}
    assert steps[2].moved == ()
    assert steps[4].moved[0].before == Standing(Status.DRAFT, "9.8", "差")
    assert (end.count, end.steps, end.positions) == (
        sum(sum(one.facts.values()) for one in steps),
        5,
        {LOG: late.store.head(LOG)},
    )


def test_months_and_single_facts_end_in_the_same_year(late: Stage) -> None:
    [month], _ = steps_of(late, Stride.MONTH)
    facts, end = steps_of(late, Stride.FACT)
    assert month.label == "2025-03"
    assert [sum(one.facts.values()) for one in facts] == [1] * end.count
    assert [one.count for one in facts] == list(range(1, end.count + 1))
    assert (facts[-1].mean, facts[-1].spent_fen, facts[-1].forms) == (
        month.mean,
        month.spent_fen,
        month.forms,
    )
    assert equals_the_views(late, month)
    assert equals_the_views(late, facts[-1])


def test_a_correction_moves_the_sums_by_the_difference(stage: Stage) -> None:
    corrected(stage)
    steps, _ = steps_of(stage, Stride.DAY)
    assert [(one.label, wan(one.adjusted_fen)) for one in steps] == [
        ("2024-01-10", "500"),
        ("2024-06-01", "610"),
        ("2024-06-08", "601"),
        ("2024-07-01", "610"),
    ]
    assert equals_the_views(stage, steps[-1])


def test_a_year_of_which_nothing_is_known_has_an_end_only(late: Stage) -> None:
    steps, end = steps_of(late, Stride.DAY, 2019)
    assert (steps, end.count, end.steps) == ([], 0, 0)


def test_a_clock_that_goes_back_moves_no_step_back(stage: Stage) -> None:
    stage.at(2024, 6, 1).with_ledger().with_initial(100)
    stage.at(2024, 5, 1)
    stage.paid("1", "v1")
    steps, _ = steps_of(stage, Stride.DAY)
    assert [(one.label, one.spent_fen) for one in steps] == [("2024-06-01", WAN)]
    assert steps[0].known_at == datetime(2024, 6, 1, 8, tzinfo=UTC)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.sampled_from(Stride))
def test_the_last_step_of_every_history_equals_the_views(
    history: list[Choice], stride: Stride
) -> None:
    stage = played(history, batch=1000, keep_up=False)
    steps, _ = steps_of(stage, stride)
    assert equals_the_views(stage, steps[-1])
