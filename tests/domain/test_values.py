"""Exact values: rounding laws, plain writing, printed figures."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.values import Printed, Rounding, RoundingMode, is_number, percent, plain, wan

HALF_UP = Rounding()
DOWN = Rounding(mode=RoundingMode.DOWN)

decimals = st.decimals(
    min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False, places=6
)
fractions = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6)
roundings = st.builds(Rounding, places=st.integers(0, 6), mode=st.sampled_from(list(RoundingMode)))


@pytest.mark.parametrize(
    ("value", "half_up", "down"),
    [
        ("9.9869", "9.99", "9.98"),
        ("4.865", "4.87", "4.86"),
        ("0.005", "0.01", "0"),
        ("-0.005", "-0.01", "0"),
        ("-2.7778", "-2.78", "-2.77"),
        ("5", "5", "5"),
    ],
)
def test_halves_go_away_from_zero_and_down_cuts(value: str, half_up: str, down: str) -> None:
    assert plain(HALF_UP.apply(Decimal(value))) == half_up
    assert plain(DOWN.apply(Decimal(value))) == down


@given(fractions, roundings)
def test_a_rounded_value_is_near_and_stays_when_rounded_again(
    value: Fraction, rounding: Rounding
) -> None:
    once = Fraction(rounding.apply(value))
    unit = Fraction(1, 10**rounding.places)
    if rounding.mode is RoundingMode.HALF_UP:
        assert abs(once - value) <= unit / 2
    else:
        assert abs(once) <= abs(value) < abs(once) + unit
    assert rounding.apply(once) == once


@given(fractions, roundings)
def test_rounding_knows_no_preference_for_a_sign(value: Fraction, rounding: Rounding) -> None:
    assert rounding.apply(-value) == -rounding.apply(value)


@given(fractions, fractions, roundings)
def test_rounding_keeps_order(one: Fraction, other: Fraction, rounding: Rounding) -> None:
    low, high = sorted([one, other])
    assert rounding.apply(low) <= rounding.apply(high)


@given(decimals)
def test_plain_goes_round_for_decimals(value: Decimal) -> None:
    written = plain(value)
    assert Decimal(written) == value
    assert plain(Decimal(written)) == written
    assert is_number(written)


@given(fractions)
def test_plain_goes_round_for_fractions(value: Fraction) -> None:
    assert Fraction(plain(value)) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("5.00"), "5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.0"), "0"),
        (Decimal("-0.50"), "-0.5"),
        (Fraction(1, 8), "0.125"),
        (Fraction(1, 3), "1/3"),
        (Fraction(-200, 7), "-200/7"),
    ],
)
def test_plain_writes_as_people_do(value: Decimal | Fraction, written: str) -> None:
    assert plain(value) == written


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_money_goes_round_between_fen_and_wan(fen: int) -> None:
    assert Printed(wan(fen), "万元").fen == fen


def test_a_rate_is_written_with_its_sign() -> None:
    assert percent(Fraction(-1, 36)) == "-2.78%"
    assert percent(Fraction(70334, 86464)) == "81.34%"


@pytest.mark.parametrize(("text", "unit"), [("97.22", "%"), ("0.001", "元")])
def test_what_is_no_whole_fen_is_no_money(text: str, unit: str) -> None:
    with pytest.raises(ValueError, match=r"unit of money|finer than a fen"):
        _ = Printed(text, unit).fen
