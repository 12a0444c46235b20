"""A score sheet sums settled points directly; the whole reckoning of a total says the same."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.evaluation.scores import score_sheet
from domain.scoring import LinePoints, Total, total
from domain.values import Rounding
from tests.domain.builders import row, rows, score, told

POINTS = st.decimals(
    min_value=-1000, max_value=1000, allow_nan=False, allow_infinity=False, places=3
)


@given(st.lists(POINTS, min_size=1, max_size=6))
def test_the_total_of_settled_points_is_that_of_the_reckoning(settled: list[Decimal]) -> None:
    lines = [row(str(nth), points="5") for nth in range(len(settled))]
    said = [score(str(points), line.line) for line, points in zip(lines, settled, strict=True)]
    sheet = score_sheet(told(rows(*lines), *said, rules=None).form_state(), None)
    reckoned = total([LinePoints(points, Decimal(5)) for points in settled], Rounding())
    assert isinstance(reckoned, Total)
    assert str(sheet.total) == str(reckoned.points)
