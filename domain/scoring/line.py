"""One line while it is being scored: its numbers on a worksheet, and what stands in their way."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from domain.problems import Problem
from domain.scoring.indicators import (
    Actual,
    DateActual,
    DateTarget,
    ItemsActual,
    LabelActual,
    NumberActual,
    NumberTarget,
    Operator,
    Target,
    TextActual,
    TextTarget,
)
from domain.scoring.outcome import Code, Obstacle
from domain.scoring.rule_checks import check_rule
from domain.scoring.rules import (
    Rule,
)
from domain.scoring.steps import Operand, Worksheet
from domain.values import Words

PERCENT = "%"


def scorable(rule: Rule | None, max_points: Decimal | None) -> tuple[Rule, Decimal]:
    """Rule and maximum, both there and sound. Raises the obstacle otherwise."""
    if max_points is None:
        raise Obstacle(Code.NO_MAX_POINTS, "该行没有分值", "the row has no maximum points")
    if rule is None:
        raise Obstacle(
            Code.NO_RULE,
            "该行没有计分规则",
            "the row has no scoring rule",
        )
    faults = _faults(rule, max_points)
    if faults:
        raise Obstacle(
            Code.RULE_FAULTY,
            "计分规则有误：" + "; ".join(f"{fault.place} {fault.message.zh}" for fault in faults),
            "the rule is faulty: " + "; ".join(f"{f.place} {f.message.en}" for f in faults),
        )
    return rule, max_points


@lru_cache(maxsize=4096)
def _faults(rule: Rule, max_points: Decimal) -> tuple[Problem, ...]:
    """What is wrong with a rule: the same for every line of a weight, in form after form."""
    return tuple(check_rule(rule, max_points, "rule"))


class Line:
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
                    raise Obstacle(
                        Code.ACTUAL_UNFIT,
                        f"实际完成值 {value} 不是有限的数",
                        f"the actual value {value} is not a finite number",
                    )
                unit = unit_of(unit)
                return self.sheet.number(
                    value, f"实际完成值（{unit}）", f"actual value ({unit})"
                ), unit
            case TextActual():
                raise Obstacle(
                    Code.TEXT_FOR_NUMBER,
                    "实际完成值是文字，此规则需要数值",
                    "the actual value is in words; this rule needs a number",
                )
            case _:
                raise self.unfit("数值", "a number")

    def unfit(self, zh: str, en: str) -> Obstacle:
        """The obstacle that the actual value is of another kind than the one needed."""
        has = _KIND_OF_ACTUAL.get(type(self.actual), Words("指标测算值", "a measured value"))
        return Obstacle(
            Code.ACTUAL_UNFIT,
            f"实际完成值是{has.zh}，此规则需要{zh}",
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
                if unit_of(target_unit) != unit:
                    raise Obstacle(
                        Code.UNIT_MISMATCH,
                        f"目标值的单位是“{target_unit}”，实际完成值的单位是“{unit}”",
                        f'the target is in "{target_unit}", the actual value in "{unit}"',
                    )
                if not value.is_finite():
                    raise Obstacle(
                        Code.TARGET_UNFIT,
                        f"目标值 {value} 不是有限的数",
                        f"the target {value} is not a finite number",
                    )
                return self.sheet.number(value, f"目标值（{unit}）", f"target ({unit})")
            case DateTarget():
                raise Obstacle(
                    Code.TARGET_UNFIT,
                    "目标值是日期，实际完成值是数值",
                    "the target is a date and the actual value a number",
                )
            case TextTarget() if unit == PERCENT:
                return self.sheet.number(
                    100, "目标值（定性，按100%计）", "target (in words, counted as 100 %)"
                )
            case None if unit == PERCENT:
                return self.sheet.number(
                    100, "目标值（未列，按100%计）", "target (none given, counted as 100 %)"
                )
            case TextTarget():
                raise Obstacle(
                    Code.TARGET_UNFIT,
                    f"目标值是文字，实际完成值的单位是“{unit}”而不是百分数",
                    f'the target is in words and the actual value in "{unit}", not in per cent',
                )
            case None:
                raise Obstacle(
                    Code.TARGET_MISSING,
                    f"没有目标值，实际完成值的单位是“{unit}”",
                    f'there is no target for an actual value in "{unit}"',
                )

    def share(self) -> Fraction | None:
        """Actual value ÷ target; None where there is no such share."""
        try:
            a, t = (self.sheet.value(operand) for operand in self.pair())
        except Obstacle:
            return None
        return a / t if t > 0 else None

    def label(self, zh: str, en: str) -> LabelActual:
        """The label that was entered. Raises the obstacle when it is something else."""
        if isinstance(self.actual, TextActual):
            raise Obstacle(
                Code.ACTUAL_UNFIT,
                f"实际完成值是文字，此规则需要{zh}",
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


def unit_of(unit: str) -> str:
    """``unit`` as it is compared."""
    # Full-width % is the same sign, printed by another keyboard.
    return unit.strip().replace("％", PERCENT)


def unknown_label(label: str, known: Sequence[str]) -> Obstacle:
    """The obstacle of a label that the rule does not know."""
    return Obstacle(
        Code.LABEL_UNKNOWN,
        f"规则中没有档次“{label}”，可用的是：{'、'.join(known) or '无'}",
        f'the rule knows no label "{label}"; it has: {", ".join(known) or "none"}',
    )


def misfit(rule_zh: str, rule_en: str, operator: Operator) -> Obstacle:
    """The obstacle of an operator that speaks against the rule."""
    return Obstacle(
        Code.OPERATOR_UNFIT,
        f"指标性质 {operator} 不适用{rule_zh}",
        f"the operator {operator} does not go with {rule_en}",
    )
