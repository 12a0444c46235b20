"""Metrics: a name with its base, the sums of the five documents, and what cannot be measured."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scoring.indicators import NotApplicable
from domain.scoring.metrics import (
    DERIVED,
    METRICS,
    Base,
    MetricName,
    Quantity,
    Unmeasurable,
    bases_of,
    formula_of,
    measure,
    quantities_of,
    sums_used,
)
from domain.scoring.steps import Operand, Worksheet, exact_of, replay
from domain.values import Printed, plain

PAIRS = [(name, base) for name in METRICS for base in bases_of(name)]


def fen(**wan: str) -> dict[str, int]:
    return {quantity: Printed(amount, "万元").fen for quantity, amount in wan.items()}


def rate(metric: str, base: str, sums: dict[str, int]) -> Fraction:
    sheet = Worksheet()
    result = measure(metric, base, sums, sheet)
    assert isinstance(result, Operand)
    assert exact_of(sheet.steps) == sheet.value(result)
    return sheet.value(result)


QIAOXI = fen(
    INITIAL_BUDGET="864.64",
    ADJUSTED_BUDGET="703.34",
    OUTTURN="703.34",
    PROJECT_INITIAL="419.29",
    KEY_PROJECT_BUDGET="314.42",
    OPERATING_BUDGET="36.74",
    OPERATING_OUTTURN="36.74",
    THREE_PUBLIC_BUDGET="3.6",
    THREE_PUBLIC_OUTTURN="3.5",
    PRIOR_THREE_PUBLIC_OUTTURN="3.6",
)
SHANGJIE = fen(INITIAL_BUDGET="357.65", ADJUSTED_BUDGET="378.1", OUTTURN="273.8")


@pytest.mark.parametrize(
    ("metric", "base", "sums", "per_cent"),
    [
        ("COMPLETION_RATE", "INITIAL", QIAOXI, "81.3448"),
        ("COMPLETION_RATE", "ADJUSTED", QIAOXI, "100"),
        ("KEY_EXPENDITURE_RATE", "INITIAL", QIAOXI, "74.9887"),
        ("OPERATING_CONTROL_RATE", "BUDGET", QIAOXI, "100"),
        ("THREE_PUBLIC_CONTROL_RATE", "BUDGET", QIAOXI, "97.2222"),
        ("THREE_PUBLIC_CHANGE_RATE", "OUTTURN", QIAOXI, "-2.7778"),
        (
            "THREE_PUBLIC_CHANGE_RATE",
            "OUTTURN",
            QIAOXI | fen(THREE_PUBLIC_OUTTURN="3.59"),
            "-0.2778",
        ),
        ("ADJUSTMENT_RATE", "NET", QIAOXI, "-18.6552"),
        ("EXECUTION_RATE", "ADJUSTED", SHANGJIE, "72.4147"),
        ("EXECUTION_RATE", "INITIAL", SHANGJIE, "76.5553"),
        ("ADJUSTMENT_RATE", "NET", SHANGJIE, "5.7179"),
        ("CARRY_OVER_RATE", "ADJUSTED", SHANGJIE, "27.5853"),
        ("EXECUTION_RATE", "ADJUSTED", fen(ADJUSTED_BUDGET="245", OUTTURN="244.68"), "99.8694"),
        ("EXECUTION_RATE", "ADJUSTED", fen(ADJUSTED_BUDGET="20", OUTTURN="21.97"), "109.85"),
        ("COMPLETION_RATE", "INITIAL", fen(INITIAL_BUDGET="187.35", OUTTURN="292.04"), "155.8794"),
    ],
)
def test_the_documents_figures_give(
    metric: str, base: str, sums: dict[str, int], per_cent: str
) -> None:
    assert round(rate(metric, base, sums), 4) == Fraction(per_cent)


def test_the_steps_show_ten_thousand_yuan_with_names() -> None:
    sheet = Worksheet()
    measure("EXECUTION_RATE", "ADJUSTED", SHANGJIE, sheet)
    outturn, budget = sheet.steps[0].operands
    assert (outturn.number, budget.number) == ("273.8", "378.1")
    assert outturn.name is not None
    assert outturn.name.zh == "全年执行数（万元）"
    assert sheet.steps[-1].what.zh == "预算执行率（%）"


def test_the_gross_rate_leaves_excluded_causes_out() -> None:
    sums = fen(INITIAL_BUDGET="200", GROSS_ADJUSTMENT="50", EXCLUDED_ADJUSTMENT="20")
    assert rate("ADJUSTMENT_RATE", "GROSS", sums) == 15
    del sums["EXCLUDED_ADJUSTMENT"]
    assert rate("ADJUSTMENT_RATE", "GROSS", sums) == 25


def test_a_gross_adjustment_is_never_derived_from_a_net_one() -> None:
    result = measure("ADJUSTMENT_RATE", "GROSS", SHANGJIE, Worksheet())
    assert isinstance(result, Unmeasurable)
    assert result.missing == (Quantity.GROSS_ADJUSTMENT,)
    assert "预算调整数（总额口径）" in result.obstacle.zh


def test_carried_in_funds_are_no_adjustment() -> None:
    sums = fen(INITIAL_BUDGET="100", ADJUSTED_BUDGET="130", CARRIED_IN="20")
    assert rate("ADJUSTMENT_RATE", "NET", sums) == 10


def test_a_derivation_is_a_step_and_says_what_it_counted_as_nothing() -> None:
    sheet = Worksheet()
    measure("ADJUSTMENT_RATE", "NET", SHANGJIE, sheet)
    assert [step.result for step in sheet.steps[:2]] == ["20.45", "20.45"]
    carried_in = sheet.steps[1].operands[1]
    assert carried_in.name is not None
    assert carried_in.name.zh == "上年结转（未列，按0计）"


def test_a_given_quantity_hides_its_derivation() -> None:
    sums = SHANGJIE | fen(CARRY_OVER="0")
    assert rate("CARRY_OVER_RATE", "ADJUSTED", sums) == 0
    assert sums_used("CARRY_OVER_RATE", "ADJUSTED", sums) == fen(
        CARRY_OVER="0", ADJUSTED_BUDGET="378.1"
    )
    assert sums_used("CARRY_OVER_RATE", "ADJUSTED", SHANGJIE) == fen(
        ADJUSTED_BUDGET="378.1", OUTTURN="273.8"
    )


def test_last_years_budget_is_missing_for_the_change_on_budgets() -> None:
    result = measure("THREE_PUBLIC_CHANGE_RATE", "BUDGET", QIAOXI, Worksheet())
    assert isinstance(result, Unmeasurable)
    assert result.missing == (Quantity.PRIOR_THREE_PUBLIC_BUDGET,)
    assert not result.zero_denominator


def test_nothing_bought_of_nothing_planned_is_not_applicable() -> None:
    sums = fen(PROCUREMENT_BUDGET="0", PROCUREMENT_OUTTURN="0")
    assert measure("PROCUREMENT_RATE", "BUDGET", sums, Worksheet()) == NotApplicable()


def test_something_bought_of_nothing_planned_has_no_rate() -> None:
    sums = fen(PROCUREMENT_BUDGET="0", PROCUREMENT_OUTTURN="1")
    result = measure("PROCUREMENT_RATE", "BUDGET", sums, Worksheet())
    assert isinstance(result, Unmeasurable)
    assert result.zero_denominator
    assert result.missing == ()


def test_no_change_from_nothing_to_nothing_is_not_applicable_either() -> None:
    sums = fen(THREE_PUBLIC_BUDGET="0", PRIOR_THREE_PUBLIC_BUDGET="0")
    result = measure("THREE_PUBLIC_CHANGE_RATE", "BUDGET", sums, Worksheet())
    assert result == NotApplicable()
    sums |= fen(THREE_PUBLIC_BUDGET="1")
    result = measure("THREE_PUBLIC_CHANGE_RATE", "BUDGET", sums, Worksheet())
    assert isinstance(result, Unmeasurable)


@pytest.mark.parametrize(("metric", "base"), [("NO_SUCH_RATE", "INITIAL"), ("EXECUTION_RATE", "X")])
def test_an_unknown_metric_or_base_is_said_to_be_unknown(metric: str, base: str) -> None:
    result = measure(metric, base, SHANGJIE, Worksheet())
    assert isinstance(result, Unmeasurable)
    assert metric in result.obstacle.en
    assert quantities_of(metric, base) == ()
    assert sums_used(metric, base, SHANGJIE) == {}
    assert formula_of(metric, base) is None


def test_bases_stand_with_the_usual_one_first() -> None:
    assert bases_of("EXECUTION_RATE") == (Base.ADJUSTED, Base.INITIAL)
    assert bases_of("COMPLETION_RATE")[0] is Base.INITIAL
    assert bases_of("ADJUSTMENT_RATE") == (Base.GROSS, Base.NET)
    assert bases_of("THREE_PUBLIC_CHANGE_RATE") == (Base.BUDGET, Base.OUTTURN)
    assert bases_of("NO_SUCH_RATE") == ()


def test_every_quantity_base_and_metric_has_a_name_in_both_languages() -> None:
    assert {quantity.words.zh for quantity in Quantity}.__len__() == len(Quantity)
    assert {quantity.words.en for quantity in Quantity}.__len__() == len(Quantity)
    assert all(base.words.zh and base.words.en for base in Base)
    assert set(METRICS) == set(MetricName)
    assert all(quantity.value == quantity.name for quantity in Quantity)


@given(st.sampled_from(PAIRS), st.data())
def test_measuring_looks_only_at_its_quantities_and_replays(
    pair: tuple[str, Base], data: st.DataObject
) -> None:
    metric, base = pair
    asked = quantities_of(metric, base)
    amounts = st.integers(min_value=0, max_value=10**13)
    sums: dict[str, int] = data.draw(st.dictionaries(st.sampled_from(list(Quantity)), amounts))
    sheet, again = Worksheet(), Worksheet()
    result = measure(metric, base, sums, sheet)
    only = {quantity: amount for quantity, amount in sums.items() if quantity in asked}
    assert measure(metric, base, only, again) == result
    assert again.steps == sheet.steps
    used = sums_used(metric, base, sums)
    assert used.items() <= sums.items()
    if isinstance(result, Unmeasurable):
        assert result.zero_denominator or result.missing
        assert not set(result.missing) & set(sums)
        assert set(result.missing) <= set(asked)
    else:
        kept = Worksheet()
        assert measure(metric, base, used, kept) == result
        assert kept.steps == sheet.steps
    if isinstance(result, Operand):
        value = sheet.value(result)
        assert exact_of(sheet.steps) == value
        if "/" not in plain(value):
            assert replay(sheet.steps) == Decimal(plain(value))


def test_what_is_derived_is_derived_from_what_is_given() -> None:
    parts = {part for quantities in DERIVED.values() for part in quantities}
    assert not parts & set(DERIVED)
