"""How figures of the views are written."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.values import Rounding, plain
from projections.tables import per_cent


@given(part=st.integers(-(10**15), 10**15), whole=st.integers(1, 10**15))
def test_a_rate_is_its_fraction_at_two_digits_half_up(part: int, whole: int) -> None:
    assert per_cent(part, whole) == plain(Rounding(places=2).apply(Fraction(100 * part, whole)))


def test_a_rate_of_nothing_is_none() -> None:
    assert per_cent(5, 0) is None
    assert per_cent(5, -1) is None
