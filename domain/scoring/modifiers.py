"""Before and after the formula: what was not measured, far exceeded, rounded, or needs a reason."""

from fractions import Fraction

from domain.scoring.indicators import (
    NotApplicable,
    Operator,
)
from domain.scoring.line import Line
from domain.scoring.outcome import Code, Obstacle, Scored, as_decimal
from domain.scoring.rules import (
    Binary,
    InverseRatio,
    LinearOverrun,
    Manual,
    OverAchievement,
    Proportional,
    QualitativeBand,
    Rule,
    Side,
    StepDeduction,
    WhenMissing,
    WhenNotApplicable,
)
from domain.scoring.steps import Op, Operand, Worksheet
from domain.values import Rounding, RoundingMode, Words, plain


def settled(line: Line, rule: Rule) -> Operand | None:
    """The points of a line that has nothing to measure, or None where the rule decides."""
    modifiers = rule.modifiers
    if isinstance(line.actual, NotApplicable):
        return _not_applicable(line, modifiers.not_applicable)
    if isinstance(rule, Manual):
        raise Obstacle(
            Code.MANUAL,
            "得分由人工填写，不可复算;须有理由和依据文件",
            "the points are typed, not reproducible; a reason and a document are needed",
        )
    if line.actual is not None or line.measured is not None:
        return None
    if modifiers.missing is WhenMissing.NOT_SCORABLE:
        raise Obstacle(Code.ACTUAL_MISSING, "没有实际完成值", "there is no actual value")
    line.notes.append(Words("没有实际完成值，按规则计0分", "no actual value: 0 points by the rule"))
    return line.sheet.step(Op.TAKE, line.zero, zh="没有实际完成值，得0分", en="no actual value")


def _not_applicable(line: Line, when: WhenNotApplicable) -> Operand:
    match when:
        case WhenNotApplicable.EXCLUDE_AND_RESCALE:
            raise Obstacle(
                Code.NOT_APPLICABLE,
                "不适用：该行不计分，其余各行按比例放大",
                "not applicable: the line has no points and the others are rescaled",
            )
        case WhenNotApplicable.FULL:
            line.notes.append(
                Words("不适用，按规则得满分", "not applicable: full points by the rule")
            )
            return line.sheet.step(Op.TAKE, line.w, zh="不适用，得满分", en="not applicable, full")
        case WhenNotApplicable.ZERO:
            line.notes.append(Words("不适用，按规则计0分", "not applicable: 0 points by the rule"))
            return line.sheet.step(Op.TAKE, line.zero, zh="不适用，得0分", en="not applicable, 0")


def direction_of(rule: Rule, operator: Operator | None) -> Operator | None:
    """Which side of the target is good: the row's operator, else what the rule implies."""
    if operator is not None and operator is not Operator.QUALITATIVE:
        return operator
    match rule:
        case Proportional():
            return Operator.GE
        case InverseRatio() | LinearOverrun():
            return Operator.LE
        case StepDeduction(side=side):
            return Operator.LE if side is Side.ABOVE else Operator.GE
        case Binary() if operator is Operator.QUALITATIVE:
            return Operator.GE
        case _:
            return None


def over_achieved(line: Line, rule: Rule, exact: Operand) -> Operand:
    """``exact``, or less of it where the actual value is far above its target."""
    modifiers, share = rule.modifiers, line.share()
    direction = direction_of(rule, line.operator)
    if modifiers.over is None or share is None or direction is Operator.LE:
        return exact
    if direction is None:
        line.notes.append(
            Words(
                "没有指标性质，未检查是否远超目标",
                "no operator: whether the target was far exceeded was not looked at",
            )
        )
        return exact
    if share <= modifiers.over_above:
        return exact
    above = Fraction(modifiers.over_above)
    line.require_reason(
        f"实际完成值超过目标值的{plain(above * 100)}%，须说明理由",
        f"the actual value is above {plain(above * 100)} % of the target; a reason is required",
    )
    if modifiers.over is OverAchievement.NOTE:
        return exact
    sheet = line.sheet
    ratio = sheet.step(Op.DIVIDE, *line.pair(), zh="实际完成值 ÷ 目标值", en="actual ÷ target")
    limit = sheet.number(above, "超额上限（占目标的份额）", "limit (share of the target)")
    if modifiers.over is OverAchievement.ZERO:
        return sheet.step(
            Op.ABOVE, ratio, limit, line.zero, zh="远超目标，得0分", en="far above the target: 0"
        )
    one = sheet.number(1, "1", "1")
    beyond = sheet.step(Op.SUBTRACT, ratio, limit, zh="超出上限的份额", en="share beyond the limit")
    kept = sheet.step(Op.SUBTRACT, one, beyond, zh="调减后的份额", en="share that is kept")
    kept = sheet.step(Op.MAX, line.zero, kept, zh="不低于0", en="not below 0")
    return sheet.step(Op.MULTIPLY, exact, kept, zh="调减后的得分", en="points after the reduction")


def finished(
    line: Line, rule: Rule, exact: Operand, rounding: Rounding, *, adjusted: bool
) -> Scored:
    """The score: ``exact`` rounded, held at the maximum, with the reasons it asks for."""
    sheet, modifiers = line.sheet, rule.modifiers
    share = _rate(line, rule, exact)
    if modifiers.reason_below is not None and share < modifiers.reason_below:
        below = plain(Fraction(modifiers.reason_below) * 100)
        line.require_reason(
            f"完成率低于{below}%，须说明理由", f"below {below} %: a reason is required"
        )
    if modifiers.reason_on_adjustment and adjusted:
        line.require_reason(
            "预算有调整，须说明理由", "the budget was adjusted: a reason is required"
        )
    if isinstance(rule, QualitativeBand) and sheet.value(exact) < sheet.value(line.w):
        line.require_reason(
            "定性指标未得满分，须说明理由", "less than full points: a reason is required"
        )
    points = rounded(sheet, exact, modifiers.rounding or rounding, zh="得分", en="points")
    points = _not_above_maximum(line, rule, points)
    return Scored(
        points=as_decimal(sheet.value(points)),
        steps=sheet.steps,
        notes=tuple(line.notes),
        reason_required=line.reason_required,
    )


def _rate(line: Line, rule: Rule, exact: Operand) -> Fraction:
    """The rate that a reason hangs on: a ÷ t (t ÷ a for ≤), else the share of the points."""
    share, direction = line.share(), direction_of(rule, line.operator)
    if share is not None and direction is not None:
        if direction is not Operator.LE:
            return share
        return 1 / share if share > 1 else Fraction(1)
    full = line.sheet.value(line.w)
    return line.sheet.value(exact) / full if full else Fraction(1)


def rounded(sheet: Worksheet, exact: Operand, rounding: Rounding, *, zh: str, en: str) -> Operand:
    """``exact`` rounded as a step of its own."""
    down = rounding.mode is RoundingMode.DOWN
    places = sheet.number(rounding.places, "保留小数位数", "places")
    return sheet.step(
        Op.ROUND_DOWN if down else Op.ROUND_HALF_UP,
        exact,
        places,
        zh=f"{zh}（{'截尾' if down else '四舍五入'}）",
        en=f"{en} ({'cut off' if down else 'rounded half up'})",
    )


def _not_above_maximum(line: Line, rule: Rule, points: Operand) -> Operand:
    """``points``, or the maximum where rounding went beyond it (2.5 to whole points is 3)."""
    sheet, most = line.sheet, line.w
    if isinstance(rule, Proportional) and rule.cap > 1:
        cap = sheet.number(rule.cap, "上限（倍）", "cap (times)")
        if sheet.value(points) <= sheet.value(line.w) * Fraction(rule.cap):
            return points
        most = sheet.step(Op.MULTIPLY, line.w, cap, zh="最高得分", en="the most points")
    if sheet.value(points) <= sheet.value(most):
        return points
    return sheet.step(Op.MIN, points, most, zh="得分不超过分值", en="not above the maximum")
