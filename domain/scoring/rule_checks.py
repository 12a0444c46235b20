"""What can be wrong with a rule, told all at once, each with its place and what to do."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from msgspec import Struct

from domain.problems import Problem, kind
from domain.scoring.rules import (
    Band,
    Binary,
    Checklist,
    Deadline,
    InverseRatio,
    LinearOverrun,
    Manual,
    Modifiers,
    Penalty,
    PiecewiseLinear,
    Proportional,
    QualitativeBand,
    Rule,
    StepDeduction,
    Tier,
)
from domain.values import Rounding, plain

# Every fault of a rule at once. A rule without faults can be scored without a division by zero
# and never gives points outside [0, w] (PROPORTIONAL with a cap above 1: [0, w · cap]).

NOT_FINITE = kind(
    "rule.not-finite",
    422,
    zh="规则含有不是有限小数的数值",
    en="the rule holds a value that is not a finite decimal",
    do_zh='改为普通小数，例如 "0.9"',
    do_en='write a plain decimal such as "0.9"',
)
MAX_POINTS_NEGATIVE = kind(
    "rule.max-points-negative",
    422,
    zh="分值 {value} 小于 0",
    en="the maximum points {value} are below 0",
    do_zh="填写不小于 0 的分值",
    do_en="give maximum points of 0 or more",
)
NOT_POSITIVE = kind(
    "rule.not-positive",
    422,
    zh="{field} 为 {value}，必须大于 0",
    en="{field} is {value} and must be above 0",
    do_zh="填写大于 0 的数",
    do_en="give a value above 0",
)
ZERO_AT = kind(
    "rule.zero-at",
    422,
    zh="zero_at 为 {value}，必须大于 1：得分在超过目标之后才会降到 0",
    en="zero_at is {value} and must be above 1: points reach 0 only beyond the target",
    do_zh='填写大于 1 的倍数，例如 "2"',
    do_en='give a multiple of the target above 1, such as "2"',
)
PLACES = kind(
    "rule.places",
    422,
    zh="保留小数位数 {value} 不在 0 到 6 之间",
    en="{value} places are not between 0 and 6",
    do_zh="填写 0 到 6 的整数",
    do_en="give a whole number from 0 to 6",
)
SHARE = kind(
    "rule.share",
    422,
    zh="{field} 为 {value}，不在 0 到 1 之间",
    en="{field} is {value} and not between 0 and 1",
    do_zh='填写占分值的份额，例如 80% 写 "0.8"',
    do_en='give a share, such as "0.8" for 80 %',
)
INTERVAL = kind(
    "rule.interval",
    422,
    zh="区间下限 {low} 高于上限 {high}",
    en="the interval's low end {low} is above its high end {high}",
    do_zh="调换或更正两端",
    do_en="swap or correct the ends",
)
BAND_EMPTY = kind(
    "rule.band-empty",
    422,
    zh="分档 [{low}, {high}) 不含任何数值",
    en="the band [{low}, {high}) holds no value",
    do_zh="下限（含）必须小于上限（不含）",
    do_en="the low end (included) must be below the high end (excluded)",
)
BANDS_OVERLAP = kind(
    "rule.bands-overlap",
    422,
    zh="分档 {first} 与 {second} 重叠",
    en="the bands {first} and {second} overlap",
    do_zh="让一档的上限等于下一档的下限",
    do_en="let the high end of one band be the low end of the next",
)
POINTS_NEGATIVE = kind(
    "rule.points-negative",
    422,
    zh="得分 {value} 小于 0",
    en="the points {value} are below 0",
    do_zh="填写不小于 0 的得分",
    do_en="give points of 0 or more",
)
POINTS_ABOVE_MAX = kind(
    "rule.points-above-max",
    422,
    zh="得分 {value} 高于分值 {max_points}",
    en="the points {value} are above the maximum points {max_points}",
    do_zh="降低得分，或更正该行的分值",
    do_en="lower the points, or correct the maximum points of the row",
)
EMPTY = kind(
    "rule.empty",
    422,
    zh="规则没有 {field}",
    en="the rule has no {field}",
    do_zh="至少填写一项",
    do_en="give at least one",
)
TWICE = kind(
    "rule.twice",
    422,
    zh="“{value}” 出现两次",
    en='"{value}" stands twice',
    do_zh="删去或改名其中一个",
    do_en="remove or rename one of them",
)
ITEMS_SUM = kind(
    "rule.items-sum",
    422,
    zh="清单各项合计 {sum} 分，与分值 {max_points} 不符",
    en="the items sum to {sum} points, the row has {max_points}",
    do_zh="更正各项得分或该行的分值",
    do_en="correct the items' points or the maximum points of the row",
)
KNOTS_FEW = kind(
    "rule.knots-few",
    422,
    zh="折线只有 {count} 个点",
    en="the line has {count} knots only",
    do_zh="至少填写两个点",
    do_en="give two knots or more",
)
KNOTS_ORDER = kind(
    "rule.knots-order",
    422,
    zh="折线的点没有按 x 递增:{after} 排在 {before} 之后",
    en="the knots do not ascend in x: {after} comes after {before}",
    do_zh="按 x 从小到大排列，x 不得相同",
    do_en="order the knots by x, each x once",
)

_MOST_PLACES = 6


def check_rule(rule: Rule, max_points: Decimal | None, place: str) -> list[Problem]:
    """Everything that is wrong with ``rule`` for a row of ``max_points``, each with its place.

    ``max_points`` None leaves out what depends on them. ``place`` is where the rule stands, such
    as ``rules.满意度``. An empty list means that the rule can be scored.
    """
    if not _finite(rule) or (max_points is not None and not max_points.is_finite()):
        return [NOT_FINITE.at(place)]
    problems = []
    if max_points is not None and max_points < 0:
        problems.append(MAX_POINTS_NEGATIVE.at(place, value=plain(max_points)))
    problems += _check_modifiers(rule.modifiers, f"{place}.modifiers")
    problems += _check_parameters(rule, max_points, place)
    return problems


def _finite(value: object) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    if isinstance(value, Struct):
        return all(_finite(getattr(value, name)) for name in value.__struct_fields__)
    if isinstance(value, tuple):
        return all(_finite(part) for part in value)
    return True


def check_rounding(rounding: Rounding, place: str) -> list[Problem]:
    """What is wrong with a rounding: places outside 0 to 6."""
    if 0 <= rounding.places <= _MOST_PLACES:
        return []
    return [PLACES.at(f"{place}.places", value=rounding.places)]


def _check_modifiers(modifiers: Modifiers, place: str) -> list[Problem]:
    problems = _positive(modifiers.over_above, "over_above", place)
    if modifiers.rounding is not None:
        problems += check_rounding(modifiers.rounding, f"{place}.rounding")
    if modifiers.reason_below is not None:
        problems += _share(modifiers.reason_below, "reason_below", place)
    return problems


def _check_parameters(  # noqa: C901 - one case each rule
    rule: Rule, max_points: Decimal | None, place: str
) -> list[Problem]:
    match rule:
        case Proportional():
            return [
                *_positive(rule.benchmark, "benchmark", place),
                *_positive(rule.cap, "cap", place),
            ]
        case LinearOverrun():
            if rule.zero_at <= 1:
                return [ZERO_AT.at(f"{place}.zero_at", value=plain(rule.zero_at))]
            return []
        case StepDeduction():
            return [
                *_positive(rule.step, "step", place),
                *_positive(rule.points, "points", place),
            ]
        case Deadline():
            if rule.penalty is Penalty.NONE:
                return _points(rule.points, None, f"{place}.points")
            return _positive(rule.points, "points", place)
        case Tier():
            return _check_tier(rule, max_points, place)
        case PiecewiseLinear():
            return _check_knots(rule, place)
        case Checklist():
            return _check_items(rule, max_points, place)
        case QualitativeBand():
            return _check_quality_steps(rule, place)
        case Binary():
            return _twice([*rule.met, *rule.unmet], place)
        case InverseRatio() | Manual():
            return []


def _positive(value: Decimal, field: str, place: str) -> list[Problem]:
    if value > 0:
        return []
    return [NOT_POSITIVE.at(f"{place}.{field}", field=field, value=plain(value))]


def _share(value: Decimal, field: str, place: str) -> list[Problem]:
    if 0 <= value <= 1:
        return []
    return [SHARE.at(f"{place}.{field}", field=field, value=plain(value))]


def _points(value: Decimal, max_points: Decimal | None, place: str) -> list[Problem]:
    if value < 0:
        return [POINTS_NEGATIVE.at(place, value=plain(value))]
    if max_points is not None and value > max_points:
        return [POINTS_ABOVE_MAX.at(place, value=plain(value), max_points=plain(max_points))]
    return []


def _twice(values: Sequence[str], place: str) -> list[Problem]:
    return [TWICE.at(place, value=value) for value, n in Counter(values).items() if n > 1]


def _check_tier(rule: Tier, max_points: Decimal | None, place: str) -> list[Problem]:
    problems: list[Problem] = []
    if not rule.bands and not rule.labels:
        problems.append(EMPTY.at(place, field="bands / labels"))
    for index, band in enumerate(rule.bands):
        at = f"{place}.bands[{index}]"
        if band.low is not None and band.high is not None and band.low >= band.high:
            problems.append(BAND_EMPTY.at(at, low=plain(band.low), high=plain(band.high)))
        problems += _points(band.points, max_points, f"{at}.points")
    problems += _overlaps(rule.bands, place)
    for index, label in enumerate(rule.labels):
        problems += _points(label.points, max_points, f"{place}.labels[{index}].points")
    return problems + _twice([label.label for label in rule.labels], f"{place}.labels")


def _overlaps(bands: Sequence[Band], place: str) -> list[Problem]:
    problems = []
    for second, upper in enumerate(bands):
        for first, lower in enumerate(bands[:second]):
            if _starts_before(lower.low, upper.high) and _starts_before(upper.low, lower.high):
                at = f"{place}.bands[{second}]"
                problems.append(
                    BANDS_OVERLAP.at(at, first=f"bands[{first}]", second=f"bands[{second}]")
                )
    return problems


def _starts_before(low: Decimal | None, high: Decimal | None) -> bool:
    return low is None or high is None or low < high


def _check_knots(rule: PiecewiseLinear, place: str) -> list[Problem]:
    problems = []
    if len(rule.knots) < 2:  # noqa: PLR2004 - a line needs two points
        problems.append(KNOTS_FEW.at(f"{place}.knots", count=len(rule.knots)))
    for index, (before, after) in enumerate(pairwise(rule.knots), start=1):
        if after.x <= before.x:
            at = f"{place}.knots[{index}].x"
            problems.append(KNOTS_ORDER.at(at, before=plain(before.x), after=plain(after.x)))
    for index, knot in enumerate(rule.knots):
        problems += _share(knot.y, "y", f"{place}.knots[{index}]")
    return problems


def _check_items(rule: Checklist, max_points: Decimal | None, place: str) -> list[Problem]:
    problems: list[Problem] = []
    if not rule.items:
        problems.append(EMPTY.at(place, field="items"))
    for index, item in enumerate(rule.items):
        problems += _points(item.points, None, f"{place}.items[{index}].points")
    problems += _twice([item.id for item in rule.items], f"{place}.items")
    total = sum((Fraction(item.points) for item in rule.items), Fraction(0))
    if rule.items and max_points is not None and total != max_points:
        at = f"{place}.items"
        problems.append(ITEMS_SUM.at(at, sum=plain(total), max_points=plain(max_points)))
    return problems


def _check_quality_steps(rule: QualitativeBand, place: str) -> list[Problem]:
    problems: list[Problem] = []
    if not rule.steps:
        problems.append(EMPTY.at(place, field="steps"))
    for index, step in enumerate(rule.steps):
        at = f"{place}.steps[{index}]"
        if not step.labels:
            problems.append(EMPTY.at(at, field="labels"))
        problems += _share(step.low, "low", at)
        problems += _share(step.high, "high", at)
        closed = step.low_inclusive and step.high_inclusive
        if step.low > step.high or (step.low == step.high and not closed):
            problems.append(INTERVAL.at(at, low=plain(step.low), high=plain(step.high)))
    labels = [label for step in rule.steps for label in step.labels]
    return problems + _twice(labels, f"{place}.steps")
