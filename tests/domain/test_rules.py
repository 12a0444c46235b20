"""Scoring: every rule with its edges, every modifier, totals, and the figures of the documents."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scoring import (
    Code,
    LinePoints,
    NotScorable,
    Outcome,
    Scored,
    Total,
    deviation,
    interval,
    score,
    total,
)
from domain.scoring.indicators import (
    Actual,
    DateActual,
    DateTarget,
    ItemsActual,
    LabelActual,
    NotApplicable,
    NumberActual,
    NumberTarget,
    Operator,
    Target,
    TextActual,
    TextTarget,
)
from domain.scoring.metrics import measure
from domain.scoring.rule_checks import check_rule
from domain.scoring.rules import (
    Band,
    Binary,
    Checklist,
    Counting,
    Deadline,
    InverseRatio,
    Item,
    Knot,
    LabelPoints,
    LinearOverrun,
    Manual,
    Modifiers,
    OverAchievement,
    Penalty,
    PiecewiseLinear,
    Proportional,
    QualitativeBand,
    QualityStep,
    Rule,
    Side,
    StepDeduction,
    Tier,
    WhenMissing,
    WhenNotApplicable,
)
from domain.scoring.steps import Op, Operand, Worksheet, replay
from domain.values import Printed, Rounding, RoundingMode, RoundingScope, plain

D = Decimal
GE, LE, EQ, QUALITATIVE = Operator.GE, Operator.LE, Operator.EQ, Operator.QUALITATIVE
DOWN = Rounding(mode=RoundingMode.DOWN)
WHOLE = Rounding(places=0)


def num(value: str, unit: str = "%") -> NumberActual:
    return NumberActual(D(value), unit)


def aim(value: str, unit: str = "%") -> NumberTarget:
    return NumberTarget(D(value), unit)


def scored(
    rule: Rule | None,
    w: str | None,
    actual: Actual | None = None,
    target: Target | None = None,
    operator: Operator | None = None,
    *,
    rounding: Rounding = Rounding(),  # noqa: B008 - frozen
    **more: Any,
) -> Outcome:
    outcome = score(
        rule,
        max_points=None if w is None else D(w),
        operator=operator,
        target=target,
        actual=actual,
        rounding=rounding,
        **more,
    )
    if isinstance(outcome, Scored):
        assert replay(outcome.steps) == outcome.points
    return outcome


def points(*args: Any, **more: Any) -> str:
    outcome = scored(*args, **more)
    assert isinstance(outcome, Scored), outcome
    return plain(outcome.points)


def obstacle(*args: Any, **more: Any) -> Code:
    outcome = scored(*args, **more)
    assert isinstance(outcome, NotScorable), outcome
    assert outcome.obstacle.zh
    assert outcome.obstacle.en
    return outcome.code


# ------------------------------------------------------------------------------- PROPORTIONAL


@pytest.mark.parametrize(
    ("w", "actual", "target", "operator", "expected"),
    [
        ("3", num("72.41"), aim("100"), GE, "2.17"),  # 上街, the plain 3-point line
        ("4", num("98"), aim("99"), GE, "3.96"),  # 上街
        ("1", num("0"), aim("100"), GE, "0"),  # 上街 政府采购: an entered 0 % is a 0
        ("10", num("35", "次"), aim("32", "次"), GE, "10"),  # 巴彦淖尔
        ("10", num("94.74"), aim("90"), None, "10"),  # 巴彦淖尔 prints no operators
        ("10", num("109.85"), aim("100"), GE, "10"),  # 沾益, over-execution
        ("7", num("100"), aim("100"), EQ, "7"),  # 桥西 质量达标率
        ("10", num("120"), aim("100"), EQ, "10"),
        ("10", num("-5"), aim("100"), GE, "0"),
        ("10", num("80"), None, GE, "8"),  # a missing percentage target is 100 %
        ("4", num("99"), TextTarget("达标"), QUALITATIVE, "3.96"),  # 上街
        ("10", num("98"), TextTarget("有效", "%"), QUALITATIVE, "9.8"),  # 上街
    ],
)
def test_proportional(
    w: str, actual: Actual, target: Target | None, operator: Operator | None, expected: str
) -> None:
    assert points(Proportional(), w, actual, target, operator) == expected


@pytest.mark.parametrize(
    ("operator", "actual", "expected"),
    [
        (GE, "0", "10"),
        (GE, "7", "10"),
        (None, "0", "10"),
        (GE, "-1", "0"),
        (EQ, "0", "10"),
        (EQ, "1", "0"),
        (EQ, "-1", "0"),
    ],
)
def test_proportional_to_a_target_of_zero(
    operator: Operator | None, actual: str, expected: str
) -> None:
    assert points(Proportional(), "10", num(actual, "件"), aim("0", "件"), operator) == expected


@pytest.mark.parametrize(("operator", "met"), [(GE, "-3"), (EQ, "-5")])
def test_a_target_below_zero_is_met_or_has_no_proportion(operator: Operator, met: str) -> None:
    assert points(Proportional(), "10", num(met), aim("-5"), operator) == "10"
    assert obstacle(Proportional(), "10", num("-6"), aim("-5"), operator) is Code.TARGET_NEGATIVE


def test_a_benchmark_of_90_per_cent_gives_full_points_from_there() -> None:
    rule = Proportional(benchmark=D("0.9"))
    assert points(rule, "10", num("72.41"), aim("100"), GE) == "8.05"
    assert points(rule, "10", num("90"), aim("100"), GE) == "10"
    assert points(rule, "10", num("89.99"), aim("100"), GE) == "10"
    assert points(rule, "10", num("89.9"), aim("100"), GE) == "9.99"


def test_a_cap_above_one_gives_more_than_the_maximum_and_never_more_than_the_cap() -> None:
    rule = Proportional(cap=D("1.2"))
    assert points(rule, "10", num("110"), aim("100"), GE) == "11"
    assert points(rule, "10", num("150"), aim("100"), GE) == "12"
    assert points(rule, "2.1", num("150"), aim("100"), GE, rounding=WHOLE) == "2.52"


def test_proportional_is_not_for_at_most() -> None:
    assert obstacle(Proportional(), "5", num("90"), aim("100"), LE) is Code.OPERATOR_UNFIT


# --------------------------------------------------------------------- INVERSE_RATIO, OVERRUN


@pytest.mark.parametrize(
    ("actual", "target", "expected"),
    [
        ("80", "100", "10"),
        ("100", "100", "10"),
        ("125", "100", "8"),
        ("1", "0", "0"),
        ("0", "0", "10"),
    ],
)
def test_inverse_ratio(actual: str, target: str, expected: str) -> None:
    assert points(InverseRatio(), "10", num(actual, "天"), aim(target, "天"), LE) == expected
    assert points(InverseRatio(), "10", num(actual, "天"), aim(target, "天")) == expected


@pytest.mark.parametrize(
    ("w", "actual", "target", "zero_at", "expected"),
    [
        ("1", "10", "30", "2", "1"),  # 上街 预算调整率
        ("1", "0", "20", "2", "1"),  # 上街 结转结余率, as entered
        ("1", "27.59", "20", "2", "0.62"),  # 上街, had 104.3 万元 been carried over
        ("1", "0", "100", "2", "1"),  # 上街 三公
        ("5", "150", "100", "2", "2.5"),
        ("5", "200", "100", "2", "0"),
        ("5", "300", "100", "2", "0"),
        ("5", "110", "100", "1.5", "4"),
        ("5", "0", "0", "2", "5"),
        ("5", "-1", "0", "2", "5"),
        ("5", "0.01", "0", "2", "0"),
    ],
)
def test_linear_overrun(w: str, actual: str, target: str, zero_at: str, expected: str) -> None:
    rule = LinearOverrun(zero_at=D(zero_at))
    assert points(rule, w, num(actual), aim(target), LE) == expected


def test_costs_without_a_printed_operator_are_at_most() -> None:
    cost = "元/天/人"
    assert points(LinearOverrun(), "5", num("450", cost), aim("450", cost)) == "5"


@pytest.mark.parametrize("rule", [InverseRatio(), LinearOverrun()])
def test_overruns_are_not_for_at_least_and_know_no_share_of_a_negative_target(rule: Rule) -> None:
    assert obstacle(rule, "5", num("1"), aim("1"), GE) is Code.OPERATOR_UNFIT
    assert obstacle(rule, "5", num("1"), aim("1"), EQ) is Code.OPERATOR_UNFIT
    assert obstacle(rule, "5", num("-3"), aim("-5"), LE) is Code.TARGET_NEGATIVE
    assert points(rule, "5", num("-6"), aim("-5"), LE) == "5"


# ------------------------------------------------------------------------------ STEP_DEDUCTION


@pytest.mark.parametrize(
    ("actual", "counting", "expected"),
    [
        ("100", Counting.CONTINUOUS, "5"),
        ("97.22", Counting.CONTINUOUS, "5"),
        ("101", Counting.CONTINUOUS, "4.5"),
        ("102.5", Counting.CONTINUOUS, "3.75"),
        ("102.5", Counting.FLOOR, "4"),
        ("102.5", Counting.CEIL, "3.5"),
        ("100.9", Counting.FLOOR, "5"),
        ("100.1", Counting.CEIL, "4.5"),
        ("102", Counting.FLOOR, "4"),
        ("102", Counting.CEIL, "4"),
        ("110", Counting.CONTINUOUS, "0"),
        ("500", Counting.CONTINUOUS, "0"),
    ],
)
def test_step_deduction_of_half_a_point_for_each_point_above(
    actual: str, counting: Counting, expected: str
) -> None:
    rule = StepDeduction(threshold=D(100), points=D("0.5"), counting=counting)
    assert points(rule, "5", num(actual), aim("100"), LE) == expected


def test_step_deduction_below_a_threshold_in_steps_of_five() -> None:
    rule = StepDeduction(threshold=D(90), side=Side.BELOW, step=D(5), points=D(2))
    assert points(rule, "10", num("95")) == "10"
    assert points(rule, "10", num("90")) == "10"
    assert points(rule, "10", num("80")) == "6"
    assert points(rule, "10", num("0")) == "0"


def test_a_tenth_of_a_point_for_operating_costs() -> None:
    rule = StepDeduction(threshold=D(100), points=D("0.1"))
    assert points(rule, "5", num("103")) == "4.7"


# ------------------------------------------------------------------------------------- TIER

SATISFACTION = Tier(
    bands=(
        Band(low=D(90), points=D(5)),
        Band(low=D(80), high=D(90), points=D(4)),
        Band(low=D(70), high=D(80), points=D(3)),
        Band(low=D(60), high=D(70), points=D(2)),
        Band(high=D(60), points=D(0)),
    )
)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        ("97.69", "5"),
        ("90", "5"),
        ("89.99", "4"),
        ("80", "4"),
        ("70", "3"),
        ("60", "2"),
        ("59.9", "0"),
        ("-1", "0"),
    ],
)
def test_tiers_include_their_low_end(actual: str, expected: str) -> None:
    assert points(SATISFACTION, "5", num(actual)) == expected


def test_a_high_end_belongs_to_the_next_band_in_whatever_order_they_stand() -> None:
    rule = Tier(bands=SATISFACTION.bands[::-1])
    assert points(rule, "5", num("90")) == "5"
    assert points(rule, "5", num("60")) == "2"


def test_tiers_by_label() -> None:
    rule = Tier(labels=(LabelPoints("效果较好", D(5)), LabelPoints("一般", D(3))))
    assert points(rule, "5", LabelActual("一般")) == "3"
    assert obstacle(rule, "5", LabelActual("较好")) is Code.LABEL_UNKNOWN
    assert obstacle(rule, "5", num("90")) is Code.ACTUAL_UNFIT


def test_a_value_between_the_bands_has_no_points() -> None:
    rule = Tier(bands=(Band(low=D(90), points=D(5)), Band(high=D(60), points=D(0))))
    assert obstacle(rule, "5", num("75")) is Code.OUTSIDE_BANDS
    assert points(Tier(bands=(Band(points=D(5)),)), "5", num("75")) == "5"


# ------------------------------------------------------------------------ PIECEWISE_LINEAR

CHANGE = PiecewiseLinear(knots=(Knot(D(0), D(1)), Knot(D(100), D(0))))


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        ("2.7", "4.87"),  # 桥西, the printed rate
        ("-2.78", "5"),
        ("0", "5"),
        ("50", "2.5"),
        ("100", "0"),
        ("250", "0"),
    ],
)
def test_piecewise_linear_is_clamped_at_both_ends(actual: str, expected: str) -> None:
    assert points(CHANGE, "5", num(actual), aim("0"), LE) == expected


def test_piecewise_linear_in_several_pieces() -> None:
    knots = (Knot(D(0), D(0)), Knot(D(10), D("0.2")), Knot(D(20), D(1)))
    rule = PiecewiseLinear(knots=knots)
    assert points(rule, "10", num("5")) == "1"
    assert points(rule, "10", num("10")) == "2"
    assert points(rule, "10", num("15")) == "6"


# ------------------------------------------------------------------------------- CHECKLIST

LIST = Checklist(items=(Item("1", D(1)), Item("2", D(2), "符合三定职责"), Item("3", D(2))))


@pytest.mark.parametrize(
    ("met", "expected"),
    [(("1", "2", "3"), "5"), (("1", "3"), "3"), ((), "0"), (("2", "2"), "2")],
)
def test_a_check_list_sums_what_is_met_each_item_once(met: tuple[str, ...], expected: str) -> None:
    assert points(LIST, "5", ItemsActual(met)) == expected


def test_an_unknown_item_is_no_item() -> None:
    assert obstacle(LIST, "5", ItemsActual(("1", "9"))) is Code.ITEM_UNKNOWN
    assert obstacle(LIST, "5", LabelActual("1")) is Code.ACTUAL_UNFIT


# ------------------------------------------------------------------------- QUALITATIVE_BAND

QUALITY = QualitativeBand(
    steps=(
        QualityStep(("达成", "效果显著"), D("0.8"), D(1)),
        QualityStep(("部分达成",), D("0.6"), D("0.8"), high_inclusive=False),
        QualityStep(("未达成",), D(0), D("0.6"), low_inclusive=False, high_inclusive=False),
    )
)


@pytest.mark.parametrize(
    ("label", "chosen"),
    [("效果显著", "9"), ("达成", "8"), ("达成", "10"), ("部分达成", "6"), ("未达成", "0.01")],
)
def test_a_person_chooses_inside_the_step(label: str, chosen: str) -> None:
    outcome = scored(QUALITY, "10", LabelActual(label, D(chosen)))
    assert isinstance(outcome, Scored)
    assert outcome.points == D(chosen)
    assert outcome.reason_required == (chosen != "10")


@pytest.mark.parametrize(
    ("label", "chosen", "allowed"),
    [
        ("达成", "7.99", "[8, 10]"),
        ("达成", "10.01", "[8, 10]"),
        ("部分达成", "8", "[6, 8)"),
        ("未达成", "0", "(0, 6)"),
        ("未达成", "6", "(0, 6)"),
        ("达成", "NaN", "[8, 10]"),
    ],
)
def test_outside_the_step_the_obstacle_names_the_interval(
    label: str, chosen: str, allowed: str
) -> None:
    outcome = scored(QUALITY, "10", LabelActual(label, D(chosen)))
    assert isinstance(outcome, NotScorable)
    assert outcome.code is Code.CHOSEN_OUTSIDE
    assert allowed in outcome.obstacle.zh
    assert allowed in outcome.obstacle.en


def test_without_a_choice_the_obstacle_names_the_interval() -> None:
    outcome = scored(QUALITY, "10", LabelActual("效果显著"))
    assert isinstance(outcome, NotScorable)
    assert outcome.code is Code.NOT_CHOSEN
    assert outcome.obstacle.zh == "“效果显著”允许 [8, 10] 分，尚未选定得分"


def test_the_interval_in_points() -> None:
    allowed = interval(QUALITY, "部分达成", D(5))
    assert allowed is not None
    assert (allowed.low, allowed.high) == (D(3), D(4))
    assert D(3) in allowed
    assert D(4) not in allowed
    assert interval(QUALITY, "不知道", D(5)) is None
    assert obstacle(QUALITY, "5", LabelActual("不知道", D(5))) is Code.LABEL_UNKNOWN
    assert obstacle(QUALITY, "5", num("90")) is Code.ACTUAL_UNFIT
    assert obstacle(QUALITY, "5", TextActual("x")) is Code.ACTUAL_UNFIT


# ------------------------------------------------------------------------- BINARY, DEADLINE

YES_NO = Binary(met=("达成",), unmet=("未达成",))


@pytest.mark.parametrize(
    ("actual", "target", "operator", "expected"),
    [
        (LabelActual("达成"), None, None, "20"),
        (LabelActual("未达成"), None, None, "0"),
        (LabelActual("不发生重大事件"), TextTarget("不发生重大事件"), EQ, "20"),
        (LabelActual("未达成"), TextTarget("未达成"), EQ, "0"),  # the rule's own words go first
        (num("95"), aim("95"), GE, "20"),
        (num("94"), aim("95"), GE, "0"),
        (num("3", "件"), aim("2", "件"), LE, "0"),
        (num("2", "件"), aim("2", "件"), LE, "20"),
        (num("2", "件"), aim("2", "件"), EQ, "20"),
        (num("3", "件"), aim("2", "件"), EQ, "0"),
        (num("100"), TextTarget("完整"), QUALITATIVE, "20"),
        (num("99"), TextTarget("完整"), QUALITATIVE, "0"),
    ],
)
def test_binary(
    actual: Actual, target: Target | None, operator: Operator | None, expected: str
) -> None:
    assert points(YES_NO, "20", actual, target, operator) == expected


def test_binary_does_not_guess() -> None:
    assert obstacle(YES_NO, "20", LabelActual("大概")) is Code.LABEL_UNKNOWN
    assert obstacle(YES_NO, "20", num("3", "件"), aim("2", "件")) is Code.OPERATOR_MISSING
    assert obstacle(YES_NO, "20", TextActual("x"), TextTarget("x")) is Code.ACTUAL_UNFIT
    assert obstacle(YES_NO, "20", DateActual(date(2024, 1, 1))) is Code.ACTUAL_UNFIT


DUE = DateTarget(date(2024, 12, 31))


@pytest.mark.parametrize(
    ("on", "penalty", "each", "expected"),
    [
        (date(2024, 12, 31), Penalty.NONE, "0", "5"),  # 巴彦淖尔
        (date(2025, 1, 1), Penalty.NONE, "0", "0"),
        (date(2024, 6, 1), Penalty.PER_DAY, "0.5", "5"),
        (date(2025, 1, 3), Penalty.PER_DAY, "0.5", "3.5"),
        (date(2025, 3, 1), Penalty.PER_DAY, "0.5", "0"),
        (date(2025, 3, 1), Penalty.FIXED, "2", "3"),
        (date(2025, 3, 1), Penalty.FIXED, "9", "0"),
    ],
)
def test_deadline(on: date, penalty: Penalty, each: str, expected: str) -> None:
    rule = Deadline(penalty=penalty, points=D(each))
    assert points(rule, "5", DateActual(on), DUE, LE) == expected


def test_a_deadline_of_the_rule_goes_before_the_target_and_one_is_needed() -> None:
    late = DateActual(date(2024, 12, 31))
    assert points(Deadline(due=date(2024, 12, 30)), "5", late, DUE) == "0"
    assert obstacle(Deadline(), "5", late) is Code.TARGET_MISSING
    assert obstacle(Deadline(), "5", num("1"), DUE) is Code.ACTUAL_UNFIT
    assert obstacle(Deadline(), "5", late, DUE, GE) is Code.OPERATOR_UNFIT


# ----------------------------------------------------------------------------- never a guess


def test_typed_points_are_not_reproducible() -> None:
    outcome = scored(Manual(), "5", num("1"))
    assert isinstance(outcome, NotScorable)
    assert outcome.code is Code.MANUAL
    assert "不可复算" in outcome.obstacle.zh
    assert not outcome.excluded


@pytest.mark.parametrize(
    ("actual", "target", "code"),
    [
        (num("10", "次"), aim("10", "件"), Code.UNIT_MISMATCH),
        (num("36000", "元"), aim("3.6", "万元"), Code.UNIT_MISMATCH),
        (num("95"), aim("95", "次"), Code.UNIT_MISMATCH),
        (TextActual("群众满意度大于90%"), aim("90"), Code.TEXT_FOR_NUMBER),  # 沾益
        (LabelActual("达成"), aim("90"), Code.ACTUAL_UNFIT),
        (ItemsActual(("1",)), aim("90"), Code.ACTUAL_UNFIT),
        (DateActual(date(2024, 1, 1)), aim("90"), Code.ACTUAL_UNFIT),
        (num("NaN"), aim("90"), Code.ACTUAL_UNFIT),
        (num("90"), aim("Infinity"), Code.TARGET_UNFIT),
        (num("90"), DUE, Code.TARGET_UNFIT),
        (num("12", "次"), TextTarget("每月一次"), Code.TARGET_UNFIT),
        (num("12", "次"), None, Code.TARGET_MISSING),
        (None, aim("90"), Code.ACTUAL_MISSING),
    ],
)
def test_what_does_not_go_together_is_not_scored(
    actual: Actual | None, target: Target | None, code: Code
) -> None:
    assert obstacle(Proportional(), "10", actual, target, GE) is code


def test_a_full_width_per_cent_sign_is_the_same_unit() -> None:
    assert points(Proportional(), "10", num("90", "％"), aim("100"), GE) == "9"


def test_the_unit_of_a_target_binds_rules_that_do_not_ask_for_it() -> None:
    assert obstacle(SATISFACTION, "5", num("95"), aim("95", "分"), GE) is Code.UNIT_MISMATCH
    assert obstacle(CHANGE, "5", num("95"), DUE) is Code.TARGET_UNFIT


def test_a_row_without_rule_or_maximum_has_no_points() -> None:
    assert obstacle(None, "10", num("90")) is Code.NO_RULE
    assert obstacle(Proportional(), None, num("90")) is Code.NO_MAX_POINTS


def test_a_faulty_rule_is_not_scored() -> None:
    outcome = scored(Proportional(benchmark=D(0)), "10", num("90"))
    assert isinstance(outcome, NotScorable)
    assert outcome.code is Code.RULE_FAULTY
    assert "benchmark" in outcome.obstacle.zh
    assert obstacle(LIST, "6", ItemsActual(("1",))) is Code.RULE_FAULTY


# --------------------------------------------------------------------------------- modifiers


def test_half_up_and_down() -> None:
    rate = num("99.869")
    assert points(Proportional(), "10", rate, aim("100"), GE) == "9.99"
    assert points(Proportional(), "10", rate, aim("100"), GE, rounding=DOWN) == "9.98"
    assert points(Proportional(), "10", rate, aim("100"), GE, rounding=WHOLE) == "10"


def test_a_rules_own_rounding_goes_before_the_rule_sets() -> None:
    rule = Proportional(modifiers=Modifiers(rounding=Rounding(places=1, mode=RoundingMode.DOWN)))
    assert points(rule, "10", num("99.869"), aim("100"), GE) == "9.9"


def test_rounding_never_passes_the_maximum() -> None:
    assert points(Proportional(), "2.5", num("100"), aim("100"), GE, rounding=WHOLE) == "2.5"


@pytest.mark.parametrize(
    ("over", "actual", "expected", "reason"),
    [
        (OverAchievement.NOTE, "13", "10", False),
        (OverAchievement.NOTE, "14", "10", True),
        (OverAchievement.REDUCE, "15", "8", True),  # 0.2 beyond 130 %
        (OverAchievement.REDUCE, "13", "10", False),
        (OverAchievement.REDUCE, "40", "0", True),
        (OverAchievement.ZERO, "13.1", "0", True),
        (OverAchievement.ZERO, "13", "10", False),
    ],
)
def test_over_achievement(over: OverAchievement, actual: str, expected: str, reason: bool) -> None:
    rule = Proportional(modifiers=Modifiers(over=over))
    outcome = scored(rule, "10", num(actual, "次"), aim("10", "次"), GE)
    assert isinstance(outcome, Scored)
    assert plain(outcome.points) == expected
    assert outcome.reason_required is reason
    assert bool(outcome.notes) is reason


def test_over_achievement_asks_for_a_target_and_a_direction() -> None:
    modifiers = Modifiers(over=OverAchievement.ZERO, over_above=D(2))
    rule = Tier(bands=(Band(low=D(0), points=D(5)),), modifiers=modifiers)
    assert points(rule, "5", num("500", "件"), None, GE) == "5"
    assert points(rule, "5", num("500", "件"), aim("0", "件"), GE) == "5"
    assert points(rule, "5", num("500", "件"), aim("100", "件"), GE) == "0"
    assert points(rule, "5", num("500", "件"), aim("100", "件"), LE) == "5"
    outcome = scored(rule, "5", num("500", "件"), aim("100", "件"))
    assert isinstance(outcome, Scored)
    assert outcome.points == 5
    assert "未检查" in outcome.notes[0].zh


def test_a_deduction_above_a_threshold_means_that_less_is_better() -> None:
    rule = StepDeduction(
        threshold=D(100), points=D("0.01"), modifiers=Modifiers(over=OverAchievement.ZERO)
    )
    assert points(rule, "5", num("140")) == "4.6"


@pytest.mark.parametrize("rule_type", [Proportional, Manual, Deadline, Binary])
def test_not_applicable(rule_type: type[Any]) -> None:
    def with_(when: WhenNotApplicable) -> Rule:
        rule: Rule = rule_type(modifiers=Modifiers(not_applicable=when))
        return rule

    outcome = scored(with_(WhenNotApplicable.EXCLUDE_AND_RESCALE), "10", NotApplicable())
    assert isinstance(outcome, NotScorable)
    assert outcome.code is Code.NOT_APPLICABLE
    assert outcome.excluded
    assert points(with_(WhenNotApplicable.FULL), "10", NotApplicable()) == "10"
    assert points(with_(WhenNotApplicable.ZERO), "10", NotApplicable()) == "0"


def test_a_missing_actual_value_can_count_as_nothing() -> None:
    rule = Proportional(modifiers=Modifiers(missing=WhenMissing.ZERO))
    outcome = scored(rule, "10", None, aim("10"), GE)
    assert isinstance(outcome, Scored)
    assert outcome.points == 0
    assert outcome.notes


@pytest.mark.parametrize(
    ("rule_type", "actual", "operator", "reason"),
    [
        (Proportional, "90", GE, False),
        (Proportional, "89.99", GE, True),
        (LinearOverrun, "105", LE, False),
        (LinearOverrun, "112", LE, True),
    ],
)
def test_a_reason_is_required_below_a_rate(
    rule_type: type[Any], actual: str, operator: Operator, reason: bool
) -> None:
    rule = rule_type(modifiers=Modifiers(reason_below=D("0.9")))
    outcome = scored(rule, "10", num(actual), aim("100"), operator)
    assert isinstance(outcome, Scored)
    assert outcome.reason_required is reason


def test_a_rate_that_is_full_by_its_benchmark_still_needs_its_reason() -> None:
    rule = Proportional(benchmark=D("0.8"), modifiers=Modifiers(reason_below=D("0.9")))
    outcome = scored(rule, "10", num("85"), aim("100"), GE)
    assert isinstance(outcome, Scored)
    assert outcome.points == 10
    assert outcome.reason_required


def test_without_a_rate_the_share_of_the_points_counts() -> None:
    rule = Checklist(items=LIST.items, modifiers=Modifiers(reason_below=D("0.9")))
    less, all_ = (
        scored(rule, "5", ItemsActual(("1",))),
        scored(rule, "5", ItemsActual(("1", "2", "3"))),
    )
    assert isinstance(less, Scored)
    assert isinstance(all_, Scored)
    assert less.reason_required
    assert not all_.reason_required


def test_a_reason_is_required_on_any_adjustment() -> None:
    rule = Proportional(modifiers=Modifiers(reason_on_adjustment=True))
    for adjusted in (False, True):
        outcome = scored(rule, "10", num("100"), aim("100"), GE, adjusted=adjusted)
        assert isinstance(outcome, Scored)
        assert outcome.reason_required is adjusted


# ------------------------------------------------------------------------ metric and rule


def by_metric(
    rule: Rule,
    w: str,
    metric: str,
    base: str,
    wan: Mapping[str, str],
    *,
    rounding: Rounding = Rounding(),  # noqa: B008 - frozen
) -> Scored:
    sheet = Worksheet()
    sums = {quantity: Printed(amount, "万元").fen for quantity, amount in wan.items()}
    measured = measure(metric, base, sums, sheet)
    assert isinstance(measured, Operand)
    before = sheet.steps
    outcome = scored(
        rule, w, None, aim("100"), GE, rounding=rounding, sheet=sheet, measured=measured
    )
    assert isinstance(outcome, Scored)
    assert outcome.steps[: len(before)] == before
    return outcome


def test_the_documents_rates_become_their_points() -> None:
    shangjie = {"ADJUSTED_BUDGET": "378.1", "OUTTURN": "273.8"}
    nine = Proportional(benchmark=D("0.9"))
    rate = by_metric(nine, "10", "EXECUTION_RATE", "ADJUSTED", shangjie)
    assert rate.points == D("8.05")
    assert by_metric(Proportional(), "3", "EXECUTION_RATE", "ADJUSTED", shangjie).points == D(
        "2.17"
    )
    bayannur = {"ADJUSTED_BUDGET": "245", "OUTTURN": "244.68"}
    plain_rate = Proportional()
    assert by_metric(plain_rate, "10", "EXECUTION_RATE", "ADJUSTED", bayannur).points == D("9.99")
    cut = by_metric(plain_rate, "10", "EXECUTION_RATE", "ADJUSTED", bayannur, rounding=DOWN)
    assert cut.points == D("9.98")
    assert cut.exact == Fraction(24468, 2450)
    qiaoxi = {"INITIAL_BUDGET": "864.64", "ADJUSTED_BUDGET": "703.34", "OUTTURN": "703.34"}
    assert by_metric(plain_rate, "5", "COMPLETION_RATE", "INITIAL", qiaoxi).points == D("4.07")
    assert by_metric(plain_rate, "5", "COMPLETION_RATE", "ADJUSTED", qiaoxi).points == 5
    key = {"KEY_PROJECT_BUDGET": "314.42", "PROJECT_INITIAL": "419.29"}
    assert by_metric(plain_rate, "5", "KEY_EXPENDITURE_RATE", "INITIAL", key).points == D("3.75")
    zhanyi = {"ADJUSTED_BUDGET": "20", "OUTTURN": "21.97"}
    assert by_metric(plain_rate, "10", "EXECUTION_RATE", "ADJUSTED", zhanyi).points == 10


@pytest.mark.parametrize(("outturn", "expected"), [("3.5", 5), ("3.59", 5), ("3.6972", "4.87")])
def test_no_reading_of_the_change_of_the_three_public_expenses_gives_three(
    outturn: str, expected: str | int
) -> None:
    sums = {"THREE_PUBLIC_OUTTURN": outturn, "PRIOR_THREE_PUBLIC_OUTTURN": "3.6"}
    outcome = by_metric(CHANGE, "5", "THREE_PUBLIC_CHANGE_RATE", "OUTTURN", sums)
    assert outcome.points == D(expected)


def test_a_measured_value_comes_alone_and_with_its_sheet() -> None:
    operand = Operand(number="90")
    with pytest.raises(ValueError, match="without an entered one"):
        scored(Proportional(), "10", num("90"), measured=operand, sheet=Worksheet())
    with pytest.raises(ValueError, match="with its sheet"):
        scored(Proportional(), "10", measured=operand)


def test_a_measured_rate_is_no_answer_to_a_check_list() -> None:
    sheet = Worksheet()
    measured = sheet.step(Op.TAKE, sheet.number(90, "率", "rate"), zh="率", en="rate")
    assert obstacle(LIST, "5", None, sheet=sheet, measured=measured) is Code.ACTUAL_UNFIT


# -------------------------------------------------------------------------------- deviation


@pytest.mark.parametrize(
    ("target", "actual", "operator", "expected"),
    [
        (aim("99"), num("98"), GE, Fraction(-1, 99)),  # 上街 −1.01 %
        (aim("100"), num("72.41"), GE, Fraction("-0.2759")),
        (aim("100"), num("0"), GE, Fraction(-1)),
        (TextTarget("达标"), num("99"), QUALITATIVE, Fraction(-1, 100)),
        (aim("30"), num("10"), LE, Fraction(0)),
        (aim("20"), num("25"), LE, Fraction(1, 4)),
        (aim("32", "次"), num("35", "次"), GE, Fraction(0)),
        (aim("10", "次"), num("12", "次"), EQ, Fraction(1, 5)),
        (None, num("90"), GE, Fraction(-1, 10)),
        (aim("-5"), num("-10"), GE, Fraction(-1)),
        (aim("0"), num("1"), LE, None),
        (aim("0"), num("0"), LE, Fraction(0)),
        (aim("10", "次"), num("12"), GE, None),
        (aim("10", "次"), num("12", "次"), None, None),
        (aim("90"), TextActual("大于90%"), GE, None),
        (aim("90"), None, GE, None),
    ],
)
def test_deviation(
    target: Target | None, actual: Actual | None, operator: Operator | None, expected: Fraction
) -> None:
    assert deviation(target, actual, operator) == expected


# ------------------------------------------------------------------------------------ totals

TOTAL = Rounding(scope=RoundingScope.TOTAL)


def summed(lines: Sequence[LinePoints], rounding: Rounding) -> str:
    whole = total(lines, rounding)
    assert isinstance(whole, Total)
    assert replay(whole.steps) == whole.points
    return plain(whole.points)


def test_lines_are_rounded_one_by_one_or_once_as_a_total() -> None:
    lines = [LinePoints(Fraction(1, 3), D(1))] * 3
    assert summed(lines, Rounding()) == "0.99"
    assert summed(lines, TOTAL) == "1"


def test_bayannur_comes_out_by_cutting_each_line_or_the_total() -> None:
    lines = [LinePoints(Fraction(24468, 2450), D(10)), LinePoints(D(86), D(90))]
    assert summed(lines, DOWN) == "95.98"
    assert summed(lines, Rounding(mode=RoundingMode.DOWN, scope=RoundingScope.TOTAL)) == "95.98"
    assert summed(lines, Rounding()) == "95.99"


def test_settled_points_are_summed_as_they_are() -> None:
    assert summed([LinePoints(D("9.985"), D(10)), LinePoints(D(5), None)], DOWN) == "14.985"


def test_without_a_line_that_is_not_applicable_the_others_are_rescaled() -> None:
    lines = [
        LinePoints(D("79.5"), D(80)),
        LinePoints(D(0), D(20), not_applicable=True),
    ]
    assert summed(lines, Rounding()) == "99.38"
    assert summed(lines, DOWN) == "99.37"
    whole = total(lines, TOTAL)
    assert isinstance(whole, Total)
    assert whole.lines == (Fraction("99.375"),)


def test_rescaling_happens_before_rounding_line_by_line() -> None:
    lines = [
        LinePoints(Fraction(1, 3), D(1)),
        LinePoints(Fraction(1, 3), D(1)),
        LinePoints(D(0), D(1), not_applicable=True),
    ]
    assert summed(lines, Rounding()) == "1"  # 0.33 + 0.33, rescaled afterwards, would be 0.99


def test_full_points_stay_full_when_rescaled() -> None:
    lines = [LinePoints(D(1), D(1))] * 3 + [LinePoints(D(0), D("0.05"), not_applicable=True)]
    assert summed(lines, Rounding()) == "3.05"


def test_a_line_keeps_its_own_rounding_when_rescaled() -> None:
    lines = [
        LinePoints(D("79.5"), D(80), rounding=Rounding(places=1)),
        LinePoints(D(0), D(20), not_applicable=True),
    ]
    assert summed(lines, Rounding()) == "99.4"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], Code.NO_LINES),
        ([LinePoints(D(0), D(5), not_applicable=True)], Code.NO_LINES),
        (
            [LinePoints(D(5), None), LinePoints(D(0), D(5), not_applicable=True)],
            Code.NO_RESCALING,
        ),
        ([LinePoints(D(0), D(0)), LinePoints(D(0), D(5), not_applicable=True)], Code.NO_RESCALING),
    ],
)
def test_there_is_no_total_without_lines_or_weights(lines: list[LinePoints], code: Code) -> None:
    whole = total(lines, Rounding())
    assert isinstance(whole, NotScorable)
    assert whole.code is code


# -------------------------------------------------------------------------------- check_rule


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (
            Proportional(benchmark=D(0), cap=D(-1)),
            {"rule.not-positive r.benchmark", "rule.not-positive r.cap"},
        ),
        (Proportional(benchmark=D("NaN")), {"rule.not-finite r"}),
        (LinearOverrun(zero_at=D(1)), {"rule.zero-at r.zero_at"}),
        (
            StepDeduction(threshold=D(1), step=D(0), points=D(0)),
            {"rule.not-positive r.step", "rule.not-positive r.points"},
        ),
        (Deadline(points=D(-1)), {"rule.points-negative r.points"}),
        (Deadline(penalty=Penalty.FIXED), {"rule.not-positive r.points"}),
        (Tier(), {"rule.empty r"}),
        (
            Tier(
                bands=(
                    Band(low=D(80), high=D(90), points=D(4)),
                    Band(low=D(85), points=D(6)),
                    Band(low=D(5), high=D(5), points=D(-1)),
                ),
                labels=(LabelPoints("好", D(7)), LabelPoints("好", D(1))),
            ),
            {
                "rule.bands-overlap r.bands[1]",
                "rule.points-above-max r.bands[1].points",
                "rule.band-empty r.bands[2]",
                "rule.points-negative r.bands[2].points",
                "rule.points-above-max r.labels[0].points",
                "rule.twice r.labels",
            },
        ),
        (
            PiecewiseLinear(knots=(Knot(D(5), D(2)), Knot(D(5), D(0)))),
            {"rule.share r.knots[0].y", "rule.knots-order r.knots[1].x"},
        ),
        (PiecewiseLinear(knots=()), {"rule.knots-few r.knots"}),
        (
            Checklist(items=(Item("1", D(3)), Item("1", D(-1)))),
            {
                "rule.items-sum r.items",
                "rule.twice r.items",
                "rule.points-negative r.items[1].points",
            },
        ),
        (Checklist(items=()), {"rule.empty r"}),
        (
            QualitativeBand(
                steps=(
                    QualityStep((), D("0.9"), D("0.8")),
                    QualityStep(("好", "好"), D("-0.1"), D("1.1")),
                )
            ),
            {
                "rule.empty r.steps[0]",
                "rule.interval r.steps[0]",
                "rule.share r.steps[1].low",
                "rule.share r.steps[1].high",
                "rule.twice r.steps",
            },
        ),
        (QualitativeBand(steps=()), {"rule.empty r"}),
        (Binary(met=("是",), unmet=("是",)), {"rule.twice r"}),
        (
            Manual(
                modifiers=Modifiers(
                    rounding=Rounding(places=-1), over_above=D(0), reason_below=D(90)
                )
            ),
            {
                "rule.places r.modifiers.rounding.places",
                "rule.not-positive r.modifiers.over_above",
                "rule.share r.modifiers.reason_below",
            },
        ),
        (InverseRatio(), set()),
        (SATISFACTION, set()),
        (QUALITY, set()),
        (LIST, set()),
        (CHANGE, set()),
    ],
)
def test_every_fault_of_a_rule_is_told_at_once_with_its_place(rule: Rule, found: set[str]) -> None:
    problems = check_rule(rule, D(5), "r")
    assert {f"{problem.code} {problem.place}" for problem in problems} == found
    assert len(problems) == len(found)
    for problem in problems:
        assert problem.todo.zh
        assert "{" not in problem.message.zh + problem.message.en + problem.todo.en


def test_without_a_maximum_only_what_needs_none_is_checked() -> None:
    assert check_rule(LIST, None, "r") == []
    assert check_rule(LIST, D(-1), "r")[0].code == "rule.max-points-negative"


# -------------------------------------------------------------------------------- properties

small = st.decimals(min_value=0, max_value=200, places=2)
signed = st.decimals(min_value=-200, max_value=400, places=2)
positive = st.decimals(min_value="0.01", max_value=5, places=2)
shares = st.decimals(min_value=0, max_value=1, places=2)
weights = st.decimals(min_value=0, max_value=100, places=1)
labels = st.sampled_from(["达成", "部分达成", "未达成", "别的"])
roundings = st.builds(Rounding, places=st.integers(0, 3), mode=st.sampled_from(list(RoundingMode)))
modifiers = st.builds(
    Modifiers,
    rounding=st.none() | roundings,
    over=st.none() | st.sampled_from(list(OverAchievement)),
    over_above=st.sampled_from([D(1), D("1.3"), D(2)]),
    not_applicable=st.sampled_from(list(WhenNotApplicable)),
    missing=st.sampled_from(list(WhenMissing)),
    reason_below=st.none() | shares,
    reason_on_adjustment=st.booleans(),
)
ascending = st.lists(signed, min_size=2, max_size=5, unique=True).map(sorted)
rules: st.SearchStrategy[Rule] = st.one_of(
    st.builds(Proportional, benchmark=positive, cap=positive, modifiers=modifiers),
    st.builds(InverseRatio, modifiers=modifiers),
    st.builds(LinearOverrun, zero_at=positive.map(lambda x: x + 1), modifiers=modifiers),
    st.builds(
        StepDeduction,
        threshold=small,
        side=st.sampled_from(list(Side)),
        step=positive,
        points=positive,
        counting=st.sampled_from(list(Counting)),
        modifiers=modifiers,
    ),
    st.builds(
        lambda ends, more: Tier(
            bands=(
                Band(high=ends[0], points=D(0)),
                Band(low=ends[0], high=ends[1], points=D(1)),
                Band(low=ends[1], points=D(2)),
            ),
            labels=(LabelPoints("达成", D(1)),),
            modifiers=more,
        ),
        ascending,
        modifiers,
    ),
    st.builds(
        lambda xs, ys, more: PiecewiseLinear(
            knots=tuple(Knot(x, y) for x, y in zip(xs, ys, strict=False)), modifiers=more
        ),
        ascending,
        st.lists(shares, min_size=5, max_size=5),
        modifiers,
    ),
    st.just(QUALITY),
    st.just(LIST),
    st.builds(Binary, met=st.just(("达成",)), unmet=st.just(("未达成",)), modifiers=modifiers),
    st.builds(Deadline, penalty=st.sampled_from([Penalty.PER_DAY, Penalty.FIXED]), points=positive),
    st.builds(Deadline, modifiers=modifiers),
    st.builds(Manual, modifiers=modifiers),
)
dates = st.dates(date(2024, 1, 1), date(2025, 12, 31))
units = st.sampled_from(["%", "次"])
targets = st.one_of(
    st.none(),
    st.builds(NumberTarget, signed, units),
    st.builds(DateTarget, dates),
    st.builds(TextTarget, labels),
)
actuals = st.one_of(
    st.none(),
    st.builds(NumberActual, signed, units),
    st.builds(DateActual, dates),
    st.builds(LabelActual, labels, st.none() | small),
    st.builds(ItemsActual, st.lists(st.sampled_from(["1", "2", "3", "4"])).map(tuple)),
    st.builds(TextActual, labels),
    st.just(NotApplicable()),
)


@given(
    rule=rules,
    max_points=weights,
    operator=st.none() | st.sampled_from(list(Operator)),
    target=targets,
    actual=actuals,
    rounding=roundings,
)
def test_whatever_comes_in_the_steps_reproduce_the_points_and_these_stay_inside(
    *,
    rule: Rule,
    max_points: Decimal,
    operator: Operator | None,
    target: Target | None,
    actual: Actual | None,
    rounding: Rounding,
) -> None:
    outcome = score(
        rule,
        max_points=max_points,
        operator=operator,
        target=target,
        actual=actual,
        rounding=rounding,
    )
    if isinstance(outcome, NotScorable):
        assert outcome.obstacle.zh
        assert outcome.obstacle.en
        return
    assert replay(outcome.steps) == outcome.points
    most = Fraction(max_points)
    if isinstance(rule, Proportional) and rule.cap > 1:
        most *= Fraction(rule.cap)
    assert 0 <= outcome.points <= most
    assert 0 <= outcome.exact <= most
    used = rule.modifiers.rounding or rounding
    assert outcome.points in (used.apply(outcome.exact), most)
    assert str(outcome.points) == plain(outcome.points)


@given(
    actual=st.decimals(min_value=0, max_value=300, places=2),
    more=st.decimals(min_value=0, max_value=50, places=2),
    target=st.decimals(min_value=1, max_value=200, places=2),
)
def test_more_never_gives_less_where_more_is_better_nor_more_where_less_is(
    actual: Decimal, more: Decimal, target: Decimal
) -> None:
    def given_(rule: Rule, value: Decimal, operator: Operator) -> Decimal:
        outcome = scored(rule, "10", num(str(value)), aim(str(target)), operator)
        assert isinstance(outcome, Scored)
        return outcome.points

    assert given_(Proportional(), actual, GE) <= given_(Proportional(), actual + more, GE)
    for rule in (InverseRatio(), LinearOverrun()):
        assert given_(rule, actual, LE) >= given_(rule, actual + more, LE)


@given(
    st.lists(
        st.builds(
            lambda share, w, na, exact: LinePoints(
                Fraction(share) * Fraction(w) if exact else D(plain(Fraction(share) * Fraction(w))),
                w,
                not_applicable=na,
            ),
            shares,
            weights,
            st.booleans(),
            st.booleans(),
        ),
        max_size=8,
    ),
    roundings,
    st.sampled_from(list(RoundingScope)),
)
def test_totals_replay_and_stay_inside_the_weights(
    lines: list[LinePoints], rounding: Rounding, scope: RoundingScope
) -> None:
    whole = total(lines, Rounding(rounding.places, rounding.mode, scope))
    if isinstance(whole, NotScorable):
        return
    assert replay(whole.steps) == whole.points
    most = sum((line.max_points or 0 for line in lines), D(0))
    slack = Fraction(len(lines), 10**rounding.places)
    assert 0 <= whole.points <= most + D(plain(slack))
    assert len(whole.lines) == sum(not line.not_applicable for line in lines)
