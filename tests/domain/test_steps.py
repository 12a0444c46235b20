"""Steps: the arithmetic can be done again from the steps alone, and a change is noticed."""

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scoring.steps import (
    Op,
    Operand,
    Step,
    StepsDoNotReproduce,
    Worksheet,
    exact_of,
    replay,
    work_out,
)
from domain.values import Words

numbers = st.fractions(min_value=-1000, max_value=1000, max_denominator=1000)


def rounded_third() -> Worksheet:
    sheet = Worksheet()
    third = sheet.step(
        Op.DIVIDE, sheet.number(10, "十", "ten"), sheet.number(3, "三", "three"), zh="商", en="q"
    )
    sheet.step(Op.ROUND_HALF_UP, third, sheet.number(2, "位", "places"), zh="得分", en="points")
    return sheet


def test_the_steps_alone_give_the_result_and_the_value_before_rounding() -> None:
    steps = rounded_third().steps
    assert replay(steps) == Decimal("3.33")
    assert exact_of(steps) == Fraction(10, 3)


def test_steps_go_round_through_json() -> None:
    steps = rounded_third().steps
    again = msgspec.json.decode(msgspec.json.encode(steps), type=tuple[Step, ...])
    assert again == steps
    assert replay(again) == Decimal("3.33")


@pytest.mark.parametrize("index", [0, 1])
def test_a_changed_result_is_noticed(index: int) -> None:
    steps = list(rounded_third().steps)
    steps[index] = msgspec.structs.replace(steps[index], result="4")
    with pytest.raises(StepsDoNotReproduce, match=f"step {index} states 4"):
        replay(steps)


def test_a_changed_number_is_noticed() -> None:
    first, second = rounded_third().steps
    first = msgspec.structs.replace(first, operands=(Operand(number="11"), first.operands[1]))
    with pytest.raises(StepsDoNotReproduce):
        replay([first, second])


@pytest.mark.parametrize("ref", [-1, 0, 7])
def test_a_step_refers_only_to_steps_before_it(ref: int) -> None:
    step = Step(Op.TAKE, (Operand(ref=ref),), "1", Words("取", "take"))
    with pytest.raises(StepsDoNotReproduce, match="not before it"):
        replay([step])


@pytest.mark.parametrize(
    "operand", [Operand(), Operand(number="1", ref=0), Operand(number="abc"), Operand(number="1/0")]
)
def test_an_operand_is_one_number_or_one_step(operand: Operand) -> None:
    one = Step(Op.TAKE, (Operand(number="1"),), "1", Words("取", "take"))
    with pytest.raises(StepsDoNotReproduce):
        replay([one, Step(Op.TAKE, (operand,), "1", Words("取", "take"))])


def test_a_result_that_is_no_decimal_is_no_score() -> None:
    with pytest.raises(StepsDoNotReproduce, match="no decimal"):
        replay(rounded_third().steps[:1])
    with pytest.raises(StepsDoNotReproduce, match="no decimal"):
        replay(())
    with pytest.raises(StepsDoNotReproduce, match="no steps"):
        exact_of(())


def test_the_exact_value_is_the_result_where_nothing_was_rounded() -> None:
    assert exact_of(rounded_third().steps[:1]) == Fraction(10, 3)


def test_of_two_roundings_the_last_one_counts() -> None:
    sheet = rounded_third()
    places = sheet.number(1, "位", "places")
    sheet.step(Op.ROUND_DOWN, Operand(ref=1), places, zh="得分", en="points")
    assert exact_of(sheet.steps) == Fraction("3.33")
    assert replay(sheet.steps) == Decimal("3.3")


@pytest.mark.parametrize(
    ("op", "holds", "fails"),
    [
        (Op.AT_LEAST, (2, 2), (1, 2)),
        (Op.AT_MOST, (2, 2), (3, 2)),
        (Op.ABOVE, (3, 2), (2, 2)),
        (Op.BELOW, (1, 2), (2, 2)),
        (Op.EQUAL, (2, 2), (1, 2)),
        (Op.UNEQUAL, (1, 2), (2, 2)),
    ],
)
def test_a_condition_gives_its_result_only_when_it_holds(
    op: Op, holds: tuple[int, int], fails: tuple[int, int]
) -> None:
    result = Fraction(5)
    assert work_out(op, [*map(Fraction, holds), result]) == 5
    with pytest.raises(StepsDoNotReproduce, match="is not"):
        work_out(op, [*map(Fraction, fails), result])


def test_a_band_has_its_low_end_and_a_choice_both_ends() -> None:
    low, high, points = Fraction(80), Fraction(90), Fraction(4)
    assert work_out(Op.WITHIN, [low, low, high, points]) == 4
    with pytest.raises(StepsDoNotReproduce):
        work_out(Op.WITHIN, [high, low, high, points])
    assert work_out(Op.CHOSEN, [high, low, high]) == 90
    with pytest.raises(StepsDoNotReproduce):
        work_out(Op.CHOSEN, [high + 1, low, high])


@pytest.mark.parametrize("op", list(Op))
def test_every_operation_works_or_refuses_its_operands(op: Op) -> None:
    for count in range(6):
        try:
            result = work_out(op, [Fraction(1)] * count)
        except StepsDoNotReproduce:
            continue
        assert isinstance(result, Fraction)


def test_nothing_is_divided_by_zero_or_rounded_to_half_a_place() -> None:
    with pytest.raises(StepsDoNotReproduce, match="divides by zero"):
        work_out(Op.DIVIDE, [Fraction(1), Fraction(0)])
    for places in (Fraction(1, 2), Fraction(-1)):
        with pytest.raises(StepsDoNotReproduce, match="places"):
            work_out(Op.ROUND_DOWN, [Fraction(1), places])


@given(numbers, numbers)
def test_floor_and_ceil_enclose_sum_and_product_commute(one: Fraction, two: Fraction) -> None:
    assert work_out(Op.FLOOR, [one]) <= one <= work_out(Op.CEIL, [one])
    assert work_out(Op.CEIL, [one]) - work_out(Op.FLOOR, [one]) in (0, 1)
    assert work_out(Op.ADD, [one, two]) == one + two
    assert work_out(Op.MULTIPLY, [one, two]) == one * two
    assert work_out(Op.SUBTRACT, [one, two]) == one - two
    assert work_out(Op.MIN, [one, two]) <= work_out(Op.MAX, [one, two])
