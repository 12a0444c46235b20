"""For every history, what tallies answer is what the rows that they count would."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.facts.ledger import FundSource
from projections import adjustments, standing
from projections.adjustments import AdjustmentFilter, AdjustmentKind, Direction, GroupBy
from projections.adjustments import groups as adjustment_groups
from projections.adjustments.tallies import tallied
from tests.domain.test_laws import Choice
from tests.projections.test_years import MakeViews, histories, played, postgres, views
from tests.support.scenario import LOG

__all__ = ["postgres", "views"]  # fixtures

filters = st.builds(
    AdjustmentFilter,
    log_id=st.sampled_from([None, LOG, "000000"]),
    fiscal_year=st.sampled_from([None, 2024, 2023]),
    kind=st.none() | st.sampled_from(AdjustmentKind),
    source=st.none() | st.sampled_from(FundSource),
    month=st.sampled_from([None, None, "2024-03", "2024-12", "unknown"]),
    direction=st.none() | st.sampled_from(Direction),
    excluded=st.none() | st.booleans(),
)
grouping = st.lists(
    st.sampled_from([one for one in GroupBy if one is not GroupBy.UNIT]), unique=True
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    history=histories,
    batch=st.integers(1, 40),
    keep_up=st.booleans(),
    asked=st.lists(st.tuples(grouping, filters), min_size=5, max_size=20),
)
def test_sums_of_whole_logs_are_those_of_their_rows(
    views: MakeViews,
    history: list[tuple[Choice, timedelta]],
    batch: int,
    asked: list[tuple[Sequence[GroupBy], AdjustmentFilter]],
    *,
    keep_up: bool,
) -> None:
    stage = played(history, views, batch=batch, keep_up=keep_up)
    for by, where in asked:
        with stage.database.read() as connection, pytest.MonkeyPatch.context() as patch:
            found = adjustments.group(connection, by, where)
            patch.setattr(adjustment_groups, "tallied", lambda *_: None)
            patch.setattr(adjustment_groups, "is_of_whole_logs", lambda _: False)
            assert found == adjustments.group(connection, by, where)


def test_what_a_tally_cannot_tell_apart_is_asked_of_the_rows() -> None:
    supplements = AdjustmentFilter(kind=AdjustmentKind.SUPPLEMENTED, month="2024-10")
    assert tallied([GroupBy.SOURCE], supplements) is not None
    # The other side of a transfer may lie in another month.
    assert tallied([GroupBy.SOURCE], AdjustmentFilter(month="2024-10")) is None
    assert tallied([GroupBy.UNIT], AdjustmentFilter()) is None
    for where in (
        AdjustmentFilter(unit="xfj"),
        AdjustmentFilter(project="P1"),
        AdjustmentFilter(document="文"),
        AdjustmentFilter(least_fen=1),
        AdjustmentFilter(corrected=True),
        AdjustmentFilter(with_voided=True),
    ):
        assert tallied([], where) is None


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(history=histories, batch=st.integers(1, 40), keep_up=st.booleans())
def test_grades_of_now_are_those_of_the_forms_as_they_stand(
    views: MakeViews, history: list[tuple[Choice, timedelta]], batch: int, *, keep_up: bool
) -> None:
    stage = played(history, views, batch=batch, keep_up=keep_up)
    with stage.database.read() as connection:
        at = standing.reached(connection)
        now = standing.distribution(connection, at, 2024, now=True)
        assert now == standing.distribution(connection, at, 2024, now=False)
        forms = standing.year(connection, at, 2024).forms
    assert now.together.count == forms.count
    assert now.together.by_grade == forms.by_grade
    assert now.together.by_status == forms.by_status
