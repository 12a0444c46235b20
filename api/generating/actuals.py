"""What a unit says it reached: an actual value for a row, mostly near its target."""

from datetime import timedelta
from decimal import Decimal

from api.generating import rules
from api.generating.chance import Chance
from domain.scoring.indicators import (
    Actual,
    DateActual,
    DateTarget,
    Indicator,
    ItemsActual,
    LabelActual,
    NumberActual,
    NumberTarget,
    TextActual,
)

_BY_RULE = {"制度健全性": ("制度", "执行", "档案")}
_TENTHS = Decimal("0.1")


def actual_of(row: Indicator, chance: Chance) -> Actual:
    """An actual value of a row that has no metric, in the shape that its rule takes."""
    match row.rule:
        case "制度健全性":
            items = _BY_RULE[row.rule]
            return ItemsActual(tuple(chance.some(items, 3 if chance.percent(75) else 2)))
        case "信息公开":
            return LabelActual(rules.OPEN if chance.percent(94) else rules.SHUT)
        case "是否":
            return LabelActual(rules.YES if chance.percent(88) else rules.NO)
        case "定性三档":
            return _quality(row, chance)
        case "满意度":
            return NumberActual(Decimal(chance.between(780, 999)) / 10, "%")
        case _:
            return _against_target(row, chance)


def _against_target(row: Indicator, chance: Chance) -> Actual:
    target = row.target
    if isinstance(target, DateTarget):
        late = chance.between(1, 30) if chance.percent(15) else -chance.between(0, 25)
        return DateActual(target.due + timedelta(days=late))
    if isinstance(target, NumberTarget):
        return _number(row, target, chance)
    return TextActual("已完成")


def _quality(row: Indicator, chance: Chance) -> LabelActual:
    """A step of the scale, and points within it, in tenths."""
    label, low, high = (
        (rules.ACHIEVED, 80, 100),
        (rules.PARTLY, 60, 79),
        (rules.MISSED, 10, 59),
    )[chance.weighted((86, 12, 2))]
    if label == rules.ACHIEVED and chance.percent(55):
        return LabelActual(label, row.max_points)
    share = chance.between(low + 1, high - 1)
    points = (row.max_points or Decimal(0)) * share / 100
    return LabelActual(label, points.quantize(_TENTHS))


def _number(row: Indicator, target: NumberTarget, chance: Chance) -> Actual:
    """Around the target; for a cost below it. One in a hundred is words instead."""
    if chance.percent(1):
        return TextActual("已按计划完成")
    cost = row.rule == "成本"
    draw = chance.weighted((45, 30, 18, 7))
    share = (
        (1000, chance.between(1000, 1080), chance.between(820, 999), chance.between(1310, 1600)),
        (1000, chance.between(880, 999), chance.between(960, 1000), chance.between(1001, 1300)),
    )[cost][draw]
    if target.unit == "%":
        reached = min(Decimal(100), (target.value * share / 1000).quantize(_TENTHS))
    else:
        reached = max(Decimal(0), (target.value * share / 1000).quantize(Decimal(1)))
    return NumberActual(reached, target.unit)
