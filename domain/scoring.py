"""Scoring: a measured value, or what a person entered, becomes points by one rule.

A score carries its steps, and the steps alone reproduce it (``domain.steps.replay``). Everything
is exact until the one rounding at the end. What cannot be scored says why and is never guessed:
another unit, words where a number is needed, a label that the rule does not know.

Source: 财预〔2020〕10号 (as practised; not yet compared with the gazette) and the forms of the five
places in examples/rule-sets. Where rules and forms are silent:

* a target below 0 gives full points when it is met, and no proportion when it is not;
* the points of a line never pass its maximum, even where rounding to whole points would;
* a value far above a target of 0 or less is not judged, for there is no share of it.
"""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct

from domain.indicators import (
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
from domain.rules import (
    Band,
    Binary,
    Checklist,
    Counting,
    Deadline,
    InverseRatio,
    LinearOverrun,
    Manual,
    OverAchievement,
    Penalty,
    PiecewiseLinear,
    Proportional,
    QualitativeBand,
    Rule,
    Side,
    StepDeduction,
    Tier,
    WhenMissing,
    WhenNotApplicable,
    check_rule,
)
from domain.steps import Op, Operand, Step, Worksheet, exact_of
from domain.values import Rounding, RoundingMode, RoundingScope, Words, plain

PERCENT = "%"


class Code(StrEnum):
    """Why a line has no points."""

    NO_RULE = "score.no-rule"
    NO_MAX_POINTS = "score.no-max-points"
    RULE_FAULTY = "score.rule-faulty"
    MANUAL = "score.manual"
    NOT_APPLICABLE = "score.not-applicable"
    ACTUAL_MISSING = "score.actual-missing"
    TARGET_MISSING = "score.target-missing"
    OPERATOR_MISSING = "score.operator-missing"
    OPERATOR_UNFIT = "score.operator-unfit"
    TARGET_UNFIT = "score.target-unfit"
    TARGET_NEGATIVE = "score.target-negative"
    TEXT_FOR_NUMBER = "score.text-for-number"
    ACTUAL_UNFIT = "score.actual-unfit"
    UNIT_MISMATCH = "score.unit-mismatch"
    LABEL_UNKNOWN = "score.label-unknown"
    ITEM_UNKNOWN = "score.item-unknown"
    OUTSIDE_BANDS = "score.outside-bands"
    NOT_CHOSEN = "score.not-chosen"
    CHOSEN_OUTSIDE = "score.chosen-outside"
    UNMEASURABLE = "score.unmeasurable"
    NO_LINES = "total.no-lines"
    NO_RESCALING = "total.no-rescaling"


class Scored(Struct, frozen=True, kw_only=True):
    """Points, rounded, with the steps that give them.

    ``notes`` say what a reader must know (a value counted as 0, a target far exceeded, why a
    reason is required). ``reason_required`` binds the person who signs.
    """

    points: Decimal
    steps: tuple[Step, ...]
    notes: tuple[Words, ...] = ()
    reason_required: bool = False

    @property
    def exact(self) -> Fraction:
        """The points before rounding, for a total that is rounded once."""
        return exact_of(self.steps)


class NotScorable(Struct, frozen=True):
    """No points, and why; ``code`` is stable, ``obstacle`` is for people."""

    obstacle: Words
    code: Code

    @property
    def excluded(self) -> bool:
        """Whether the line leaves the total, which is rescaled (EXCLUDE_AND_RESCALE)."""
        return self.code is Code.NOT_APPLICABLE


Outcome = Scored | NotScorable


class Interval(Struct, frozen=True, kw_only=True):
    """The points that a person may choose in a step of a qualitative scale."""

    low: Decimal
    high: Decimal
    low_inclusive: bool
    high_inclusive: bool

    def __contains__(self, points: Decimal) -> bool:
        """Whether ``points`` lie inside."""
        above = points >= self.low if self.low_inclusive else points > self.low
        below = points <= self.high if self.high_inclusive else points < self.high
        return above and below

    def __str__(self) -> str:
        """As mathematicians write it: [8, 10], (6, 8]."""
        left = "[" if self.low_inclusive else "("
        right = "]" if self.high_inclusive else ")"
        return f"{left}{plain(self.low)}, {plain(self.high)}{right}"


class _Obstacle(Exception):
    # An answer on its way up, caught by score().
    def __init__(self, code: Code, zh: str, en: str) -> None:
        self.outcome = NotScorable(Words(zh, en), code)
        super().__init__(en)


def score(
    rule: Rule | None,
    *,
    max_points: Decimal | None,
    operator: Operator | None,
    target: Target | None,
    actual: Actual | None,
    rounding: Rounding,
    sheet: Worksheet | None = None,
    measured: Operand | None = None,
    adjusted: bool = False,
) -> Outcome:
    """The points of one line, or the obstacle.

    ``rule`` and ``max_points`` None are obstacles, for a form may print neither. ``actual`` is
    what was entered; ``measured`` instead is a percentage that a metric left on ``sheet``, whose
    steps then precede those of the rule. ``rounding`` is the rule set's; the rule's own goes
    before it. ``adjusted`` tells whether the budget was adjusted, for a rule that then requires a
    reason. The steps of the outcome are all steps of ``sheet``; on an obstacle the sheet keeps
    what was worked out so far.

    Raises ``ValueError`` when both ``actual`` and ``measured`` are given, or ``measured`` without
    its sheet.
    """
    if measured is not None and (actual is not None or sheet is None):
        msg = "a measured value comes with its sheet and without an entered one"
        raise ValueError(msg)
    try:
        rule, max_points = _scorable(rule, max_points)
        line = _Line(
            max_points=max_points,
            operator=operator,
            target=target,
            actual=actual,
            sheet=sheet or Worksheet(),
            measured=measured,
        )
        exact = _settled(line, rule)
        if exact is None:
            exact = _over(line, rule, _points(line, rule))
        return _finished(line, rule, exact, rounding, adjusted=adjusted)
    except _Obstacle as obstacle:
        return obstacle.outcome


def interval(rule: QualitativeBand, label: str, max_points: Decimal) -> Interval | None:
    """The points that may be chosen for ``label``; None for a label that the rule does not know."""
    for step in rule.steps:
        if label in step.labels:
            return Interval(
                low=_decimal(Fraction(max_points) * Fraction(step.low)),
                high=_decimal(Fraction(max_points) * Fraction(step.high)),
                low_inclusive=step.low_inclusive,
                high_inclusive=step.high_inclusive,
            )
    return None


def deviation(
    target: Target | None, actual: Actual | None, operator: Operator | None
) -> Fraction | None:
    """偏差度: 0 when the target is met, else (a − t) ÷ |t|, as a ratio (−0.01 is −1 %).

    None where nothing can be said: no numbers, different units, a target of 0 that is missed, or
    no operator. A target in words or a missing one counts as 100 % for a percentage, and is then
    met from 100 % on.
    """
    try:
        line = _Line(
            max_points=Decimal(0),
            operator=operator,
            target=target,
            actual=actual,
            sheet=Worksheet(),
        )
        a, t = (line.sheet.value(operand) for operand in line.pair())
    except _Obstacle:
        return None
    if operator is None and isinstance(target, NumberTarget):
        return None
    met = {
        Operator.LE: a <= t,
        Operator.EQ: a == t,
    }.get(operator or Operator.GE, a >= t)
    if met:
        return Fraction(0)
    return (a - t) / abs(t) if t else None


# ------------------------------------------------------------------------------------ a line


def _scorable(rule: Rule | None, max_points: Decimal | None) -> tuple[Rule, Decimal]:
    if max_points is None:
        raise _Obstacle(Code.NO_MAX_POINTS, "该行没有分值", "the row has no maximum points")
    if rule is None:
        raise _Obstacle(
            Code.NO_RULE,
            "该行没有计分规则",
            "the row has no scoring rule",
        )
    faults = check_rule(rule, max_points, "rule")
    if faults:
        raise _Obstacle(
            Code.RULE_FAULTY,
            "计分规则有误: " + "; ".join(f"{fault.place} {fault.message.zh}" for fault in faults),
            "the rule is faulty: " + "; ".join(f"{f.place} {f.message.en}" for f in faults),
        )
    return rule, max_points


class _Line:
    """What one line brings, and the sheet on which its points are worked out."""

    def __init__(
        self,
        *,
        max_points: Decimal,
        operator: Operator | None,
        target: Target | None,
        actual: Actual | None,
        sheet: Worksheet,
        measured: Operand | None = None,
    ) -> None:
        self.sheet = sheet
        self.operator = operator
        self.target = target
        self.actual = actual
        self.measured = measured
        self.w = sheet.number(max_points, "分值", "maximum points")
        self.zero = sheet.number(0, "0", "0")
        self.notes: list[Words] = []
        self.reason_required = False

    def require_reason(self, zh: str, en: str) -> None:
        """A reason is required, and the note says why."""
        self.reason_required = True
        self.notes.append(Words(zh, en))

    def number(self) -> tuple[Operand, str]:
        """The actual value and its unit. Raises the obstacle when it is no number."""
        if self.measured is not None:
            return self.measured, PERCENT
        match self.actual:
            case NumberActual(value=value, unit=unit):
                if not value.is_finite():
                    raise _Obstacle(
                        Code.ACTUAL_UNFIT,
                        f"实际完成值 {value} 不是有限的数",
                        f"the actual value {value} is not a finite number",
                    )
                unit = _unit(unit)
                return self.sheet.number(
                    value, f"实际完成值({unit})", f"actual value ({unit})"
                ), unit
            case TextActual():
                raise _Obstacle(
                    Code.TEXT_FOR_NUMBER,
                    "实际完成值是文字,此规则需要数值",
                    "the actual value is in words; this rule needs a number",
                )
            case _:
                raise self.unfit("数值", "a number")

    def unfit(self, zh: str, en: str) -> _Obstacle:
        """The obstacle that the actual value is of another kind than the one needed."""
        has = _KIND_OF_ACTUAL.get(type(self.actual), Words("指标测算值", "a measured value"))
        return _Obstacle(
            Code.ACTUAL_UNFIT,
            f"实际完成值是{has.zh},此规则需要{zh}",
            f"the actual value is {has.en}; this rule needs {en}",
        )

    def alone(self) -> Operand:
        """The actual value for a rule that does not ask for the target, whose unit still binds."""
        value, unit = self.number()
        if isinstance(self.target, NumberTarget | DateTarget):
            self._target_in(unit)
        return value

    def pair(self) -> tuple[Operand, Operand]:
        """Actual value and target, in the same unit. Raises the obstacle."""
        value, unit = self.number()
        return value, self._target_in(unit)

    def _target_in(self, unit: str) -> Operand:
        match self.target:
            case NumberTarget(value=value, unit=target_unit):
                if _unit(target_unit) != unit:
                    raise _Obstacle(
                        Code.UNIT_MISMATCH,
                        f"目标值的单位是“{target_unit}”,实际完成值的单位是“{unit}”",
                        f'the target is in "{target_unit}", the actual value in "{unit}"',
                    )
                if not value.is_finite():
                    raise _Obstacle(
                        Code.TARGET_UNFIT,
                        f"目标值 {value} 不是有限的数",
                        f"the target {value} is not a finite number",
                    )
                return self.sheet.number(value, f"目标值({unit})", f"target ({unit})")
            case DateTarget():
                raise _Obstacle(
                    Code.TARGET_UNFIT,
                    "目标值是日期,实际完成值是数值",
                    "the target is a date and the actual value a number",
                )
            case TextTarget() if unit == PERCENT:
                return self.sheet.number(
                    100, "目标值(定性,按100%计)", "target (in words, counted as 100 %)"
                )
            case None if unit == PERCENT:
                return self.sheet.number(
                    100, "目标值(未列,按100%计)", "target (none given, counted as 100 %)"
                )
            case TextTarget():
                raise _Obstacle(
                    Code.TARGET_UNFIT,
                    f"目标值是文字,实际完成值的单位是“{unit}”而不是百分数",
                    f'the target is in words and the actual value in "{unit}", not in per cent',
                )
            case None:
                raise _Obstacle(
                    Code.TARGET_MISSING,
                    f"没有目标值,实际完成值的单位是“{unit}”",
                    f'there is no target for an actual value in "{unit}"',
                )

    def share(self) -> Fraction | None:
        """Actual value ÷ target; None where there is no such share."""
        try:
            a, t = (self.sheet.value(operand) for operand in self.pair())
        except _Obstacle:
            return None
        return a / t if t > 0 else None

    def label(self, zh: str, en: str) -> LabelActual:
        """The label that was entered. Raises the obstacle when it is something else."""
        if isinstance(self.actual, TextActual):
            raise _Obstacle(
                Code.ACTUAL_UNFIT,
                f"实际完成值是文字,此规则需要{zh}",
                f"the actual value is in words; this rule needs {en}",
            )
        if not isinstance(self.actual, LabelActual):
            raise self.unfit(zh, en)
        return self.actual


_KIND_OF_ACTUAL: dict[type, Words] = {
    NumberActual: Words("数值", "a number"),
    DateActual: Words("日期", "a date"),
    LabelActual: Words("档次", "a label"),
    ItemsActual: Words("清单", "a check list"),
    TextActual: Words("文字", "in words"),
}


def _unit(unit: str) -> str:
    # Full-width % is the same sign, printed by another keyboard.
    return unit.strip().replace("％", PERCENT)


def _decimal(value: Fraction) -> Decimal:
    # By way of digits: the arithmetic of Decimal would round to the context's precision.
    return Decimal(plain(value))


def _unknown(label: str, known: Sequence[str]) -> _Obstacle:
    return _Obstacle(
        Code.LABEL_UNKNOWN,
        f"规则中没有档次“{label}”,可用的是: {'、'.join(known) or '无'}",
        f'the rule knows no label "{label}"; it has: {", ".join(known) or "none"}',
    )


def _misfit(rule_zh: str, rule_en: str, operator: Operator) -> _Obstacle:
    return _Obstacle(
        Code.OPERATOR_UNFIT,
        f"指标性质 {operator} 不适用{rule_zh}",
        f"the operator {operator} does not go with {rule_en}",
    )


# -------------------------------------------------------------------------- before and after


def _settled(line: _Line, rule: Rule) -> Operand | None:
    """The points of a line that has nothing to measure, or None where the rule decides."""
    modifiers = rule.modifiers
    if isinstance(line.actual, NotApplicable):
        return _not_applicable(line, modifiers.not_applicable)
    if isinstance(rule, Manual):
        raise _Obstacle(
            Code.MANUAL,
            "得分由人工填写,不可复算;须有理由和依据文件",
            "the points are typed, not reproducible; a reason and a document are needed",
        )
    if line.actual is not None or line.measured is not None:
        return None
    if modifiers.missing is WhenMissing.NOT_SCORABLE:
        raise _Obstacle(Code.ACTUAL_MISSING, "没有实际完成值", "there is no actual value")
    line.notes.append(Words("没有实际完成值,按规则计0分", "no actual value: 0 points by the rule"))
    return line.sheet.step(Op.TAKE, line.zero, zh="没有实际完成值,得0分", en="no actual value")


def _not_applicable(line: _Line, when: WhenNotApplicable) -> Operand:
    match when:
        case WhenNotApplicable.EXCLUDE_AND_RESCALE:
            raise _Obstacle(
                Code.NOT_APPLICABLE,
                "不适用: 该行不计分,其余各行按比例放大",
                "not applicable: the line has no points and the others are rescaled",
            )
        case WhenNotApplicable.FULL:
            line.notes.append(
                Words("不适用,按规则得满分", "not applicable: full points by the rule")
            )
            return line.sheet.step(Op.TAKE, line.w, zh="不适用,得满分", en="not applicable, full")
        case WhenNotApplicable.ZERO:
            line.notes.append(Words("不适用,按规则计0分", "not applicable: 0 points by the rule"))
            return line.sheet.step(Op.TAKE, line.zero, zh="不适用,得0分", en="not applicable, 0")


def _direction(rule: Rule, operator: Operator | None) -> Operator | None:
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


def _over(line: _Line, rule: Rule, exact: Operand) -> Operand:
    """``exact``, or less of it where the actual value is far above its target."""
    modifiers, share = rule.modifiers, line.share()
    direction = _direction(rule, line.operator)
    if modifiers.over is None or share is None or direction is Operator.LE:
        return exact
    if direction is None:
        line.notes.append(
            Words(
                "没有指标性质,未检查是否远超目标",
                "no operator: whether the target was far exceeded was not looked at",
            )
        )
        return exact
    if share <= modifiers.over_above:
        return exact
    above = Fraction(modifiers.over_above)
    line.require_reason(
        f"实际完成值超过目标值的{plain(above * 100)}%,须说明理由",
        f"the actual value is above {plain(above * 100)} % of the target; a reason is required",
    )
    if modifiers.over is OverAchievement.NOTE:
        return exact
    sheet = line.sheet
    ratio = sheet.step(Op.DIVIDE, *line.pair(), zh="实际完成值 ÷ 目标值", en="actual ÷ target")
    limit = sheet.number(above, "超额上限(占目标的份额)", "limit (share of the target)")
    if modifiers.over is OverAchievement.ZERO:
        return sheet.step(
            Op.ABOVE, ratio, limit, line.zero, zh="远超目标,得0分", en="far above the target: 0"
        )
    one = sheet.number(1, "1", "1")
    beyond = sheet.step(Op.SUBTRACT, ratio, limit, zh="超出上限的份额", en="share beyond the limit")
    kept = sheet.step(Op.SUBTRACT, one, beyond, zh="调减后的份额", en="share that is kept")
    kept = sheet.step(Op.MAX, line.zero, kept, zh="不低于0", en="not below 0")
    return sheet.step(Op.MULTIPLY, exact, kept, zh="调减后的得分", en="points after the reduction")


def _finished(
    line: _Line, rule: Rule, exact: Operand, rounding: Rounding, *, adjusted: bool
) -> Scored:
    sheet, modifiers = line.sheet, rule.modifiers
    share = _rate(line, rule, exact)
    if modifiers.reason_below is not None and share < modifiers.reason_below:
        below = plain(Fraction(modifiers.reason_below) * 100)
        line.require_reason(
            f"完成率低于{below}%,须说明理由", f"below {below} %: a reason is required"
        )
    if modifiers.reason_on_adjustment and adjusted:
        line.require_reason(
            "预算有调整,须说明理由", "the budget was adjusted: a reason is required"
        )
    if isinstance(rule, QualitativeBand) and sheet.value(exact) < sheet.value(line.w):
        line.require_reason(
            "定性指标未得满分,须说明理由", "less than full points: a reason is required"
        )
    points = _rounded(sheet, exact, modifiers.rounding or rounding, zh="得分", en="points")
    points = _not_above_maximum(line, rule, points)
    return Scored(
        points=_decimal(sheet.value(points)),
        steps=sheet.steps,
        notes=tuple(line.notes),
        reason_required=line.reason_required,
    )


def _rate(line: _Line, rule: Rule, exact: Operand) -> Fraction:
    """The rate that a reason hangs on: a ÷ t (t ÷ a for ≤), else the share of the points."""
    share, direction = line.share(), _direction(rule, line.operator)
    if share is not None and direction is not None:
        if direction is not Operator.LE:
            return share
        return 1 / share if share > 1 else Fraction(1)
    full = line.sheet.value(line.w)
    return line.sheet.value(exact) / full if full else Fraction(1)


def _rounded(sheet: Worksheet, exact: Operand, rounding: Rounding, *, zh: str, en: str) -> Operand:
    down = rounding.mode is RoundingMode.DOWN
    places = sheet.number(rounding.places, "保留小数位数", "places")
    return sheet.step(
        Op.ROUND_DOWN if down else Op.ROUND_HALF_UP,
        exact,
        places,
        zh=f"{zh}({'截尾' if down else '四舍五入'})",
        en=f"{en} ({'cut off' if down else 'rounded half up'})",
    )


def _not_above_maximum(line: _Line, rule: Rule, points: Operand) -> Operand:
    """``points``, or the maximum where rounding went beyond it (2.5 to whole points is 3)."""
    sheet, most = line.sheet, line.w
    if isinstance(rule, Proportional) and rule.cap > 1:
        cap = sheet.number(rule.cap, "上限(倍)", "cap (times)")
        if sheet.value(points) <= sheet.value(line.w) * Fraction(rule.cap):
            return points
        most = sheet.step(Op.MULTIPLY, line.w, cap, zh="最高得分", en="the most points")
    if sheet.value(points) <= sheet.value(most):
        return points
    return sheet.step(Op.MIN, points, most, zh="得分不超过分值", en="not above the maximum")


# ------------------------------------------------------------------------------- rule by rule


def _points(line: _Line, rule: Rule) -> Operand:  # noqa: C901 - one case each rule
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


def _proportional(line: _Line, rule: Proportional) -> Operand:
    if line.operator is Operator.LE:
        raise _misfit("按比例计分", "PROPORTIONAL", line.operator)
    sheet, (a, t) = line.sheet, line.pair()
    if sheet.value(t) <= 0:
        return _no_proportion(line, a, t, exactly=line.operator is Operator.EQ)
    share = sheet.step(Op.DIVIDE, a, t, zh="实际完成值 ÷ 目标值", en="actual ÷ target")
    if rule.benchmark != 1:
        benchmark = sheet.number(rule.benchmark, "满分基准(份额)", "benchmark (share)")
        share = sheet.step(Op.DIVIDE, share, benchmark, zh="÷ 满分基准", en="÷ benchmark")
    if sheet.value(share) < 0:
        share = sheet.step(Op.MAX, line.zero, share, zh="不低于0", en="not below 0")
    cap = sheet.number(rule.cap, "上限(倍)", "cap (times)")
    share = sheet.step(Op.MIN, share, cap, zh="不超过上限", en="not above the cap")
    return sheet.step(Op.MULTIPLY, line.w, share, zh="分值 × 比例", en="maximum × share")


def _no_proportion(line: _Line, a: Operand, t: Operand, *, exactly: bool) -> Operand:
    """The points against a target of 0 or less: full when met, 0 when 0 is missed."""
    sheet = line.sheet
    met = sheet.value(a) == sheet.value(t) if exactly else sheet.value(a) >= sheet.value(t)
    if met:
        met_by = Op.EQUAL if exactly else Op.AT_LEAST
        return sheet.step(met_by, a, t, line.w, zh="达到目标,得满分", en="target met: full")
    if sheet.value(t) < 0:
        raise _negative_target()
    missed_by = Op.UNEQUAL if exactly else Op.BELOW
    return sheet.step(missed_by, a, t, line.zero, zh="未达目标,得0分", en="target missed: 0")


def _negative_target() -> _Obstacle:
    return _Obstacle(
        Code.TARGET_NEGATIVE,
        "目标值小于0且未达到,无法按比例计分",
        "the target is below 0 and missed; there is no proportion to it",
    )


def _within_target(line: _Line, name: str) -> tuple[Operand, Operand, bool]:
    if line.operator in (Operator.GE, Operator.EQ):
        raise _misfit("超标递减的规则", name, line.operator)
    a, t = line.pair()
    met = line.sheet.value(a) <= line.sheet.value(t)
    if not met and line.sheet.value(t) < 0:
        raise _negative_target()
    return a, t, met


def _inverse_ratio(line: _Line) -> Operand:
    a, t, met = _within_target(line, "INVERSE_RATIO")
    sheet = line.sheet
    if met:
        return sheet.step(Op.AT_MOST, a, t, line.w, zh="未超目标,得满分", en="within target: full")
    share = sheet.step(Op.DIVIDE, t, a, zh="目标值 ÷ 实际完成值", en="target ÷ actual")
    return sheet.step(Op.MULTIPLY, line.w, share, zh="分值 × 比例", en="maximum × share")


def _linear_overrun(line: _Line, rule: LinearOverrun) -> Operand:
    a, t, met = _within_target(line, "LINEAR_OVERRUN")
    sheet, one = line.sheet, line.sheet.number(1, "1", "1")
    if met:
        return sheet.step(Op.AT_MOST, a, t, line.w, zh="未超目标,得满分", en="within target: full")
    if sheet.value(t) == 0:
        return sheet.step(
            Op.ABOVE, a, t, line.zero, zh="超过为0的目标,得0分", en="above a target of 0: 0"
        )
    zero_at = sheet.number(rule.zero_at, "得0分的倍数", "multiple at which points are 0")
    ratio = sheet.step(Op.DIVIDE, a, t, zh="实际完成值 ÷ 目标值", en="actual ÷ target")
    beyond = sheet.step(Op.SUBTRACT, ratio, one, zh="超出目标的份额", en="share beyond the target")
    room = sheet.step(Op.SUBTRACT, zero_at, one, zh="扣完的份额", en="share at which all is lost")
    lost = sheet.step(Op.DIVIDE, beyond, room, zh="扣减的份额", en="share that is lost")
    share = sheet.step(Op.SUBTRACT, one, lost, zh="保留的份额", en="share that is kept")
    share = sheet.step(Op.MAX, line.zero, share, zh="不低于0", en="not below 0")
    return sheet.step(Op.MULTIPLY, line.w, share, zh="分值 × 比例", en="maximum × share")


def _step_deduction(line: _Line, rule: StepDeduction) -> Operand:
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
            zh="未过起扣点,得满分",
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


def _tier(line: _Line, rule: Tier) -> Operand:
    if isinstance(line.actual, LabelActual) or not rule.bands:
        return _tier_of_label(line, rule)
    sheet, a = line.sheet, line.alone()
    for band in rule.bands:
        if (band.low is None or band.low <= sheet.value(a)) and (
            band.high is None or sheet.value(a) < band.high
        ):
            return _in_band(line, a, band)
    raise _Obstacle(
        Code.OUTSIDE_BANDS,
        f"实际完成值 {plain(sheet.value(a))} 不在任何一档之内",
        f"the actual value {plain(sheet.value(a))} lies in none of the bands",
    )


def _tier_of_label(line: _Line, rule: Tier) -> Operand:
    label = line.label("档次", "a label").label
    for tier in rule.labels:
        if tier.label == label:
            points = line.sheet.number(tier.points, f"“{label}”的得分", f'points of "{label}"')
            return line.sheet.step(Op.TAKE, points, zh=f"档次“{label}”", en=f'label "{label}"')
    raise _unknown(label, [tier.label for tier in rule.labels])


def _in_band(line: _Line, a: Operand, band: Band) -> Operand:
    sheet = line.sheet
    points = sheet.number(band.points, "该档得分", "points of the band")
    low = None if band.low is None else sheet.number(band.low, "下限(含)", "low end (included)")
    high = (
        None if band.high is None else sheet.number(band.high, "上限(不含)", "high end (excluded)")
    )
    if low and high:
        return sheet.step(Op.WITHIN, a, low, high, points, zh="所在的档", en="its band")
    if low:
        return sheet.step(Op.AT_LEAST, a, low, points, zh="所在的档", en="its band")
    if high:
        return sheet.step(Op.BELOW, a, high, points, zh="所在的档", en="its band")
    return sheet.step(Op.TAKE, points, zh="只有一档", en="the only band")


def _piecewise_linear(line: _Line, rule: PiecewiseLinear) -> Operand:
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


def _checklist(line: _Line, rule: Checklist) -> Operand:
    if not isinstance(line.actual, ItemsActual):
        raise line.unfit("清单中已满足的各项", "the items that are met")
    ids = [item.id for item in rule.items]
    unknown = [item for item in line.actual.met if item not in ids]
    if unknown:
        raise _Obstacle(
            Code.ITEM_UNKNOWN,
            f"清单中没有: {'、'.join(unknown)};清单各项是: {'、'.join(ids)}",
            f"the check list has no {', '.join(unknown)}; it has {', '.join(ids)}",
        )
    met = [
        line.sheet.number(item.points, item.text or item.id, f"item {item.id}")
        for item in rule.items
        if item.id in line.actual.met
    ]
    return line.sheet.step(Op.ADD, *met, zh="已满足各项之和", en="sum of the items that are met")


def _qualitative_band(line: _Line, rule: QualitativeBand) -> Operand:
    sheet = line.sheet
    actual = line.label("档次和所选得分", "a label and the points chosen")
    allowed = interval(rule, actual.label, _decimal(sheet.value(line.w)))
    if allowed is None:
        raise _unknown(actual.label, [label for step in rule.steps for label in step.labels])
    if actual.chosen is None:
        raise _Obstacle(
            Code.NOT_CHOSEN,
            f"“{actual.label}”允许 {allowed} 分,尚未选定得分",
            f'"{actual.label}" allows {allowed} points, and none have been chosen',
        )
    if not actual.chosen.is_finite() or actual.chosen not in allowed:
        raise _Obstacle(
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


def _binary(line: _Line, rule: Binary) -> Operand:
    if line.measured is not None or isinstance(line.actual, NumberActual):
        return _binary_number(line, rule)
    label = line.label("表示是否达成的档次或数值", "a label of met or not met, or a number").label
    wanted = {line.target.text} if isinstance(line.target, TextTarget) else set()
    if label in {*rule.met, *wanted} - {*rule.unmet}:
        return line.sheet.step(
            Op.TAKE, line.w, zh=f"“{label}”即达成,得满分", en=f'"{label}" means met: full'
        )
    if label in rule.unmet:
        return line.sheet.step(
            Op.TAKE, line.zero, zh=f"“{label}”即未达成,得0分", en=f'"{label}" means not met: 0'
        )
    raise _unknown(label, [*rule.met, *sorted(wanted), *rule.unmet])


def _binary_number(line: _Line, rule: Binary) -> Operand:
    a, t = line.pair()
    value, bound = line.sheet.value(a), line.sheet.value(t)
    match _direction(rule, line.operator):
        case Operator.GE:
            op = Op.AT_LEAST if value >= bound else Op.BELOW
        case Operator.LE:
            op = Op.AT_MOST if value <= bound else Op.ABOVE
        case Operator.EQ:
            op = Op.EQUAL if value == bound else Op.UNEQUAL
        case _:
            raise _Obstacle(
                Code.OPERATOR_MISSING,
                "没有指标性质,无法判断是否达到目标",
                "without an operator nobody can tell whether the target is met",
            )
    if op in {Op.AT_LEAST, Op.AT_MOST, Op.EQUAL}:
        return line.sheet.step(op, a, t, line.w, zh="达到目标,得满分", en="target met: full")
    return line.sheet.step(op, a, t, line.zero, zh="未达目标,得0分", en="target missed: 0")


def _deadline(line: _Line, rule: Deadline) -> Operand:
    if not isinstance(line.actual, DateActual):
        raise line.unfit("完成日期", "a date")
    if line.operator is Operator.GE:
        raise _misfit("按时完成的规则", "DEADLINE", line.operator)
    due = rule.due
    if due is None:
        if not isinstance(line.target, DateTarget):
            raise _Obstacle(Code.TARGET_MISSING, "没有完成期限", "there is no due date")
        due = line.target.due
    sheet, on = line.sheet, line.actual.on
    days = sheet.step(
        Op.SUBTRACT,
        sheet.number(on.toordinal(), f"完成日 {on}(日序)", f"done on {on} (day number)"),
        sheet.number(due.toordinal(), f"期限 {due}(日序)", f"due on {due} (day number)"),
        zh="晚于期限的天数",
        en="days after the due date",
    )
    if on <= due:
        return sheet.step(Op.AT_MOST, days, line.zero, line.w, zh="按时,得满分", en="on time: full")
    if rule.penalty is Penalty.NONE:
        return sheet.step(Op.ABOVE, days, line.zero, line.zero, zh="逾期,得0分", en="late: 0")
    if rule.penalty is Penalty.PER_DAY:
        each = sheet.number(rule.points, "每天扣分", "points per day")
        lost = sheet.step(Op.MULTIPLY, days, each, zh="扣分", en="deduction")
    else:
        once = sheet.number(rule.points, "逾期扣分", "points for lateness")
        lost = sheet.step(Op.ABOVE, days, line.zero, once, zh="扣分", en="deduction")
    left = sheet.step(Op.SUBTRACT, line.w, lost, zh="分值 − 扣分", en="maximum − deduction")
    return sheet.step(Op.MAX, line.zero, left, zh="扣完为止", en="not below 0")


# ---------------------------------------------------------------------------------- the total


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
                    "有不适用的行,但其余各行的分值不全或为0,无法放大",
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
            else _rounded(sheet, part, line.rounding or rounding, zh="该行得分", en="line")
            for line, part in zip(applicable, parts, strict=True)
        ]
    whole = sheet.step(Op.ADD, *parts, zh="各行之和", en="sum of the lines")
    if rounding.scope is RoundingScope.TOTAL:
        whole = _rounded(sheet, whole, rounding, zh="总分", en="total")
    within = all(line.points <= (line.max_points or 0) for line in applicable)
    if most is not None and within and sheet.value(whole) > sheet.value(most):
        # Lines that were rescaled and rounded up one by one can pass the sum of the maxima.
        whole = sheet.step(Op.MIN, whole, most, zh="不超过全部分值", en="not above all maxima")
    return Total(
        points=_decimal(sheet.value(whole)),
        lines=tuple(sheet.value(part) for part in parts),
        steps=sheet.steps,
    )


def _sum_of_maxima(sheet: Worksheet, lines: Sequence[LinePoints], zh: str, en: str) -> Operand:
    weights = [sheet.number(line.max_points or 0, "分值", "maximum points") for line in lines]
    return sheet.step(Op.ADD, *weights, zh=zh, en=en)
