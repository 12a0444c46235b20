"""The total: lines rounded one by one, or exact lines rounded once; rescaled where some had nothing
to measure.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from msgspec import Struct

from domain.scoring.modifiers import rounded
from domain.scoring.outcome import Code, NotScorable, as_decimal
from domain.scoring.steps import Op, Operand, Step, Worksheet
from domain.values import Rounding, RoundingScope, Words


class LinePoints(NamedTuple):
    """One line of a total.

    ``points`` as a ``Decimal`` are settled (rounded, typed or printed) and are summed as they
    are; as a ``Fraction`` they are exact and are rounded here. ``rounding`` is the rule's own,
    where it has one. The points of a line that is not applicable are not looked at.
    """

    points: Decimal | Fraction
    max_points: Decimal | None
    not_applicable: bool = False
    rounding: Rounding | None = None


class Total(Struct, frozen=True, kw_only=True):
    """The total, the points that each applicable line gives to it, in order, and the steps.

    ``lines`` are fractions where exact lines are rounded only as a total.
    """

    points: Decimal
    lines: tuple[Fraction, ...]
    steps: tuple[Step, ...]


def total(lines: Sequence[LinePoints], rounding: Rounding) -> Total | NotScorable:
    """The sum of ``lines``: of lines rounded one by one, or of exact lines rounded once.

    Lines that are not applicable leave the total, and the points of the others are multiplied by
    (all maximum points ÷ those of the applicable lines) before they are rounded. There is no
    total of no lines, nor a rescaled one when a maximum is unknown or nothing is left.
    """
    applicable = [line for line in lines if not line.not_applicable]
    if not applicable:
        return NotScorable(Words("没有可计分的行", "there is no line to sum up"), Code.NO_LINES)
    sheet = Worksheet()
    parts = [sheet.number(line.points, "该行得分", "points of the line") for line in applicable]
    most: Operand | None = None
    if len(applicable) < len(lines):
        weights = [line.max_points for line in lines if line.max_points is not None]
        if len(weights) < len(lines) or not any(line.max_points for line in applicable):
            return NotScorable(
                Words(
                    "有不适用的行，但其余各行的分值不全或为0，无法放大",
                    "a line is not applicable, and the others have no maximum points to rescale by",
                ),
                Code.NO_RESCALING,
            )
        most = _sum_of_maxima(sheet, lines, "全部分值", "all maximum points")
        left = _sum_of_maxima(sheet, applicable, "适用各行的分值", "of the applicable lines")
        factor = sheet.step(Op.DIVIDE, most, left, zh="放大倍数", en="factor")
        parts = [
            sheet.step(Op.MULTIPLY, part, factor, zh="放大后的得分", en="points, rescaled")
            for part in parts
        ]
    if rounding.scope is RoundingScope.LINE:
        parts = [
            part
            if part.ref is None and isinstance(line.points, Decimal)
            else rounded(sheet, part, line.rounding or rounding, zh="该行得分", en="line")
            for line, part in zip(applicable, parts, strict=True)
        ]
    whole = sheet.step(Op.ADD, *parts, zh="各行之和", en="sum of the lines")
    if rounding.scope is RoundingScope.TOTAL:
        whole = rounded(sheet, whole, rounding, zh="总分", en="total")
    within = all(line.points <= (line.max_points or 0) for line in applicable)
    if most is not None and within and sheet.value(whole) > sheet.value(most):
        # Lines that were rescaled and rounded up one by one can pass the sum of the maxima.
        whole = sheet.step(Op.MIN, whole, most, zh="不超过全部分值", en="not above all maxima")
    return Total(
        points=as_decimal(sheet.value(whole)),
        lines=tuple(sheet.value(part) for part in parts),
        steps=sheet.steps,
    )


def _sum_of_maxima(sheet: Worksheet, lines: Sequence[LinePoints], zh: str, en: str) -> Operand:
    weights = [sheet.number(line.max_points or 0, "分值", "maximum points") for line in lines]
    return sheet.step(Op.ADD, *weights, zh=zh, en=en)
