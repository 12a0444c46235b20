"""The formula of each rule, written step by step on the worksheet of a line."""

from itertools import pairwise

from domain.scoring.indicators import (
    DateActual,
    DateTarget,
    ItemsActual,
    LabelActual,
    NumberActual,
    Operator,
    TextTarget,
)
from domain.scoring.line import Line, misfit, unknown_label
from domain.scoring.modifiers import direction_of
from domain.scoring.outcome import Code, Obstacle, as_decimal, interval
from domain.scoring.rules import (
    Band,
    Binary,
    Checklist,
    Counting,
    Deadline,
    InverseRatio,
    LinearOverrun,
    Manual,
    Penalty,
    PiecewiseLinear,
    Proportional,
    QualitativeBand,
    Rule,
    Side,
    StepDeduction,
    Tier,
)
from domain.scoring.steps import Op, Operand
from domain.values import Words, plain


def points_of(line: Line, rule: Rule) -> Operand:  # noqa: C901 - one case each rule
    """The exact points by ``rule``. Raises the obstacle."""
    match rule:
        case Proportional():
            return _proportional(line, rule)
        case InverseRatio():
            return _inverse_ratio(line)
        case LinearOverrun():
            return _linear_overrun(line, rule)
        case StepDeduction():
            return _step_deduction(line, rule)
        case Tier():
            return _tier(line, rule)
        case PiecewiseLinear():
            return _piecewise_linear(line, rule)
        case Checklist():
            return _checklist(line, rule)
        case QualitativeBand():
            return _qualitative_band(line, rule)
        case Binary():
            return _binary(line, rule)
        case Deadline():
            return _deadline(line, rule)
        case Manual():  # settled before
            raise AssertionError


def _proportional(line: Line, rule: Proportional) -> Operand:
    if line.operator is Operator.LE:
        raise misfit("按比例计分", "PROPORTIONAL", line.operator)
    sheet, (a, t) = line.sheet, line.pair()
    if sheet.value(t) <= 0:
        return _no_proportion(line, a, t, exactly=line.operator is Operator.EQ)
    share = sheet.step(Op.DIVIDE, a, t, zh="实际完成值 ÷ 目标值", en="actual ÷ target")
    if rule.benchmark != 1:
        benchmark = sheet.number(rule.benchmark, "满分基准（份额）", "benchmark (share)")
        share = sheet.step(Op.DIVIDE, share, benchmark, zh="÷ 满分基准", en="÷ benchmark")
    if sheet.value(share) < 0:
        share = sheet.step(Op.MAX, line.zero, share, zh="不低于0", en="not below 0")
    cap = sheet.number(rule.cap, "上限（倍）", "cap (times)")
    share = sheet.step(Op.MIN, share, cap, zh="不超过上限", en="not above the cap")
    return sheet.step(Op.MULTIPLY, line.w, share, zh="分值 × 比例", en="maximum × share")


def _no_proportion(line: Line, a: Operand, t: Operand, *, exactly: bool) -> Operand:
    """The points against a target of 0 or less: full when met, 0 when 0 is missed."""
    sheet = line.sheet
    met = sheet.value(a) == sheet.value(t) if exactly else sheet.value(a) >= sheet.value(t)
    if met:
        met_by = Op.EQUAL if exactly else Op.AT_LEAST
        return sheet.step(met_by, a, t, line.w, zh="达到目标，得满分", en="target met: full")
    if sheet.value(t) < 0:
        raise _negative_target()
    missed_by = Op.UNEQUAL if exactly else Op.BELOW
    return sheet.step(missed_by, a, t, line.zero, zh="未达目标，得0分", en="target missed: 0")


def _negative_target() -> Obstacle:
    return Obstacle(
        Code.TARGET_NEGATIVE,
        "目标值小于0且未达到，无法按比例计分",
        "the target is below 0 and missed; there is no proportion to it",
    )


def _within_target(line: Line, name: str) -> tuple[Operand, Operand, bool]:
    if line.operator in (Operator.GE, Operator.EQ):
        raise misfit("超标递减的规则", name, line.operator)
    a, t = line.pair()
    met = line.sheet.value(a) <= line.sheet.value(t)
    if not met and line.sheet.value(t) < 0:
        raise _negative_target()
    return a, t, met


def _inverse_ratio(line: Line) -> Operand:
    a, t, met = _within_target(line, "INVERSE_RATIO")
    sheet = line.sheet
    if met:
        return sheet.step(Op.AT_MOST, a, t, line.w, zh="未超目标，得满分", en="within target: full")
    share = sheet.step(Op.DIVIDE, t, a, zh="目标值 ÷ 实际完成值", en="target ÷ actual")
    return sheet.step(Op.MULTIPLY, line.w, share, zh="分值 × 比例", en="maximum × share")


def _linear_overrun(line: Line, rule: LinearOverrun) -> Operand:
    a, t, met = _within_target(line, "LINEAR_OVERRUN")
    sheet, one = line.sheet, line.sheet.number(1, "1", "1")
    if met:
        return sheet.step(Op.AT_MOST, a, t, line.w, zh="未超目标，得满分", en="within target: full")
    if sheet.value(t) == 0:
        return sheet.step(
            Op.ABOVE, a, t, line.zero, zh="超过为0的目标，得0分", en="above a target of 0: 0"
        )
    zero_at = sheet.number(rule.zero_at, "得0分的倍数", "multiple at which points are 0")
    ratio = sheet.step(Op.DIVIDE, a, t, zh="实际完成值 ÷ 目标值", en="actual ÷ target")
    beyond = sheet.step(Op.SUBTRACT, ratio, one, zh="超出目标的份额", en="share beyond the target")
    room = sheet.step(Op.SUBTRACT, zero_at, one, zh="扣完的份额", en="share at which all is lost")
    lost = sheet.step(Op.DIVIDE, beyond, room, zh="扣减的份额", en="share that is lost")
    share = sheet.step(Op.SUBTRACT, one, lost, zh="保留的份额", en="share that is kept")
    share = sheet.step(Op.MAX, line.zero, share, zh="不低于0", en="not below 0")
    return sheet.step(Op.MULTIPLY, line.w, share, zh="分值 × 比例", en="maximum × share")


def _step_deduction(line: Line, rule: StepDeduction) -> Operand:
    sheet, a = line.sheet, line.alone()
    threshold = sheet.number(rule.threshold, "起扣点", "threshold")
    above = rule.side is Side.ABOVE
    value, limit = sheet.value(a), sheet.value(threshold)
    if value <= limit if above else value >= limit:
        return sheet.step(
            Op.AT_MOST if above else Op.AT_LEAST,
            a,
            threshold,
            line.w,
            zh="未过起扣点，得满分",
            en="not beyond the threshold: full",
        )
    ends = (a, threshold) if above else (threshold, a)
    beyond = sheet.step(Op.SUBTRACT, *ends, zh="超过起扣点的部分", en="beyond the threshold")
    step = sheet.number(rule.step, "每档的幅度", "size of a step")
    steps = sheet.step(Op.DIVIDE, beyond, step, zh="档数", en="steps")
    if rule.counting is Counting.FLOOR:
        steps = sheet.step(Op.FLOOR, steps, zh="不足一档不计", en="only whole steps count")
    elif rule.counting is Counting.CEIL:
        steps = sheet.step(Op.CEIL, steps, zh="不足一档按一档计", en="a begun step counts whole")
    each = sheet.number(rule.points, "每档扣分", "points per step")
    lost = sheet.step(Op.MULTIPLY, steps, each, zh="扣分", en="deduction")
    left = sheet.step(Op.SUBTRACT, line.w, lost, zh="分值 − 扣分", en="maximum − deduction")
    return sheet.step(Op.MAX, line.zero, left, zh="扣完为止", en="not below 0")


def _tier(line: Line, rule: Tier) -> Operand:
    if isinstance(line.actual, LabelActual) or not rule.bands:
        return _tier_of_label(line, rule)
    sheet, a = line.sheet, line.alone()
    for band in rule.bands:
        if (band.low is None or band.low <= sheet.value(a)) and (
            band.high is None or sheet.value(a) < band.high
        ):
            return _in_band(line, a, band)
    raise Obstacle(
        Code.OUTSIDE_BANDS,
        f"实际完成值 {plain(sheet.value(a))} 不在任何一档之内",
        f"the actual value {plain(sheet.value(a))} lies in none of the bands",
    )


def _tier_of_label(line: Line, rule: Tier) -> Operand:
    label = line.label("档次", "a label").label
    for tier in rule.labels:
        if tier.label == label:
            points = line.sheet.number(tier.points, f"“{label}”的得分", f'points of "{label}"')
            return line.sheet.step(Op.TAKE, points, zh=f"档次“{label}”", en=f'label "{label}"')
    raise unknown_label(label, [tier.label for tier in rule.labels])


def _in_band(line: Line, a: Operand, band: Band) -> Operand:
    sheet = line.sheet
    points = sheet.number(band.points, "该档得分", "points of the band")
    low = None if band.low is None else sheet.number(band.low, "下限（含）", "low end (included)")
    high = (
        None
        if band.high is None
        else sheet.number(band.high, "上限（不含）", "high end (excluded)")
    )
    if low and high:
        return sheet.step(Op.WITHIN, a, low, high, points, zh="所在的档", en="its band")
    if low:
        return sheet.step(Op.AT_LEAST, a, low, points, zh="所在的档", en="its band")
    if high:
        return sheet.step(Op.BELOW, a, high, points, zh="所在的档", en="its band")
    return sheet.step(Op.TAKE, points, zh="只有一档", en="the only band")


def _piecewise_linear(line: Line, rule: PiecewiseLinear) -> Operand:
    sheet, x = line.sheet, line.alone()
    first, last = rule.knots[0], rule.knots[-1]
    if sheet.value(x) <= first.x or sheet.value(x) >= last.x:
        before = sheet.value(x) <= first.x
        end = first if before else last
        at = sheet.number(end.x, "折线端点", "end of the line")
        y = sheet.number(end.y, "端点的份额", "share at the end")
        op = Op.AT_MOST if before else Op.AT_LEAST
        share = sheet.step(op, x, at, y, zh="在折线端点之外", en="at or beyond the end of the line")
        return sheet.step(Op.MULTIPLY, line.w, share, zh="分值 × 比例", en="maximum × share")
    left, right = next(
        (left, right) for left, right in pairwise(rule.knots) if left.x <= sheet.value(x) < right.x
    )
    x0, x1 = sheet.number(left.x, "左端 x", "left x"), sheet.number(right.x, "右端 x", "right x")
    y0, y1 = (
        sheet.number(left.y, "左端份额", "left y"),
        sheet.number(right.y, "右端份额", "right y"),
    )
    inside = sheet.step(Op.WITHIN, x, x0, x1, x, zh="所在的线段", en="its segment")
    run = sheet.step(Op.SUBTRACT, inside, x0, zh="距左端", en="distance from the left end")
    length = sheet.step(Op.SUBTRACT, x1, x0, zh="线段长度", en="length of the segment")
    part = sheet.step(Op.DIVIDE, run, length, zh="所占的部分", en="part of the segment")
    rise = sheet.step(Op.SUBTRACT, y1, y0, zh="两端份额之差", en="rise of the segment")
    gain = sheet.step(Op.MULTIPLY, part, rise, zh="份额的变化", en="change of the share")
    share = sheet.step(Op.ADD, y0, gain, zh="内插的份额", en="interpolated share")
    return sheet.step(Op.MULTIPLY, line.w, share, zh="分值 × 比例", en="maximum × share")


def _checklist(line: Line, rule: Checklist) -> Operand:
    if not isinstance(line.actual, ItemsActual):
        raise line.unfit("清单中已满足的各项", "the items that are met")
    ids = [item.id for item in rule.items]
    unknown = [item for item in line.actual.met if item not in ids]
    if unknown:
        raise Obstacle(
            Code.ITEM_UNKNOWN,
            f"清单中没有：{'、'.join(unknown)}；清单各项是：{'、'.join(ids)}",
            f"the check list has no {', '.join(unknown)}; it has {', '.join(ids)}",
        )
    met = [
        line.sheet.number(item.points, item.text or item.id, f"item {item.id}")
        for item in rule.items
        if item.id in line.actual.met
    ]
    return line.sheet.step(Op.ADD, *met, zh="已满足各项之和", en="sum of the items that are met")


def _qualitative_band(line: Line, rule: QualitativeBand) -> Operand:
    sheet = line.sheet
    actual = line.label("档次和所选得分", "a label and the points chosen")
    allowed = interval(rule, actual.label, as_decimal(sheet.value(line.w)))
    if allowed is None:
        raise unknown_label(actual.label, [label for step in rule.steps for label in step.labels])
    if actual.chosen is None:
        raise Obstacle(
            Code.NOT_CHOSEN,
            f"“{actual.label}”允许 {allowed} 分，尚未选定得分",
            f'"{actual.label}" allows {allowed} points, and none have been chosen',
        )
    if not actual.chosen.is_finite() or actual.chosen not in allowed:
        raise Obstacle(
            Code.CHOSEN_OUTSIDE,
            f"所选 {actual.chosen} 分不在“{actual.label}”允许的 {allowed} 分之内",
            f'{actual.chosen} points are outside {allowed}, which "{actual.label}" allows',
        )
    step = next(step for step in rule.steps if actual.label in step.labels)
    share = sheet.number(step.low, "下限份额", "low share")
    low = sheet.step(Op.MULTIPLY, line.w, share, zh="区间下限", en="low end of the interval")
    share = sheet.number(step.high, "上限份额", "high share")
    high = sheet.step(Op.MULTIPLY, line.w, share, zh="区间上限", en="high end of the interval")
    points = sheet.number(actual.chosen, "所选得分", "points chosen")
    what = Words(f"“{actual.label}”档内所选得分", f'points chosen within "{actual.label}"')
    points = sheet.step(Op.CHOSEN, points, low, high, zh=what.zh, en=what.en)
    if not step.low_inclusive:
        points = sheet.step(Op.ABOVE, points, low, points, zh="不含下限", en="low end excluded")
    if not step.high_inclusive:
        points = sheet.step(Op.BELOW, points, high, points, zh="不含上限", en="high end excluded")
    return points


def _binary(line: Line, rule: Binary) -> Operand:
    if line.measured is not None or isinstance(line.actual, NumberActual):
        return _binary_number(line, rule)
    label = line.label("表示是否达成的档次或数值", "a label of met or not met, or a number").label
    wanted = {line.target.text} if isinstance(line.target, TextTarget) else set()
    if label in {*rule.met, *wanted} - {*rule.unmet}:
        return line.sheet.step(
            Op.TAKE, line.w, zh=f"“{label}”即达成，得满分", en=f'"{label}" means met: full'
        )
    if label in rule.unmet:
        return line.sheet.step(
            Op.TAKE, line.zero, zh=f"“{label}”即未达成，得0分", en=f'"{label}" means not met: 0'
        )
    raise unknown_label(label, [*rule.met, *sorted(wanted), *rule.unmet])


def _binary_number(line: Line, rule: Binary) -> Operand:
    a, t = line.pair()
    value, bound = line.sheet.value(a), line.sheet.value(t)
    match direction_of(rule, line.operator):
        case Operator.GE:
            op = Op.AT_LEAST if value >= bound else Op.BELOW
        case Operator.LE:
            op = Op.AT_MOST if value <= bound else Op.ABOVE
        case Operator.EQ:
            op = Op.EQUAL if value == bound else Op.UNEQUAL
        case _:
            raise Obstacle(
                Code.OPERATOR_MISSING,
                "没有指标性质，无法判断是否达到目标",
                "without an operator nobody can tell whether the target is met",
            )
    if op in {Op.AT_LEAST, Op.AT_MOST, Op.EQUAL}:
        return line.sheet.step(op, a, t, line.w, zh="达到目标，得满分", en="target met: full")
    return line.sheet.step(op, a, t, line.zero, zh="未达目标，得0分", en="target missed: 0")


def _deadline(line: Line, rule: Deadline) -> Operand:
    if not isinstance(line.actual, DateActual):
        raise line.unfit("完成日期", "a date")
    if line.operator is Operator.GE:
        raise misfit("按时完成的规则", "DEADLINE", line.operator)
    due = rule.due
    if due is None:
        if not isinstance(line.target, DateTarget):
            raise Obstacle(Code.TARGET_MISSING, "没有完成期限", "there is no due date")
        due = line.target.due
    sheet, on = line.sheet, line.actual.on
    days = sheet.step(
        Op.SUBTRACT,
        sheet.number(on.toordinal(), f"完成日 {on}（日序）", f"done on {on} (day number)"),
        sheet.number(due.toordinal(), f"期限 {due}（日序）", f"due on {due} (day number)"),
        zh="晚于期限的天数",
        en="days after the due date",
    )
    if on <= due:
        return sheet.step(
            Op.AT_MOST, days, line.zero, line.w, zh="按时，得满分", en="on time: full"
        )
    if rule.penalty is Penalty.NONE:
        return sheet.step(Op.ABOVE, days, line.zero, line.zero, zh="逾期，得0分", en="late: 0")
    if rule.penalty is Penalty.PER_DAY:
        each = sheet.number(rule.points, "每天扣分", "points per day")
        lost = sheet.step(Op.MULTIPLY, days, each, zh="扣分", en="deduction")
    else:
        once = sheet.number(rule.points, "逾期扣分", "points for lateness")
        lost = sheet.step(Op.ABOVE, days, line.zero, once, zh="扣分", en="deduction")
    left = sheet.step(Op.SUBTRACT, line.w, lost, zh="分值 − 扣分", en="maximum − deduction")
    return sheet.step(Op.MAX, line.zero, left, zh="扣完为止", en="not below 0")
