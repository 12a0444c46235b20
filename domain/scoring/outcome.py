"""What scoring gives: points with their steps, or an obstacle that says why there are none."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from msgspec import Struct

from domain.scoring.rules import (
    QualitativeBand,
)
from domain.scoring.steps import Step, exact_of
from domain.values import Words, plain


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


class Scored(Struct, frozen=True, gc=False, kw_only=True):
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


class NotScorable(Struct, frozen=True, gc=False):
    """No points, and why; ``code`` is stable, ``obstacle`` is for people."""

    obstacle: Words
    code: Code

    @property
    def excluded(self) -> bool:
        """Whether the line leaves the total, which is rescaled (EXCLUDE_AND_RESCALE)."""
        return self.code is Code.NOT_APPLICABLE


Outcome = Scored | NotScorable


class Interval(Struct, frozen=True, gc=False, kw_only=True):
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


class Obstacle(Exception):
    """An answer on its way up: what stands in the way of points. ``score`` catches it."""

    def __init__(self, code: Code, zh: str, en: str) -> None:
        self.outcome = NotScorable(Words(zh, en), code)
        super().__init__(en)


def interval(rule: QualitativeBand, label: str, max_points: Decimal) -> Interval | None:
    """The points that may be chosen for ``label``; None for a label that the rule does not know."""
    for step in rule.steps:
        if label in step.labels:
            return Interval(
                low=as_decimal(Fraction(max_points) * Fraction(step.low)),
                high=as_decimal(Fraction(max_points) * Fraction(step.high)),
                low_inclusive=step.low_inclusive,
                high_inclusive=step.high_inclusive,
            )
    return None


def as_decimal(value: Fraction) -> Decimal:
    """``value`` as a decimal, exactly."""
    # By way of digits: the arithmetic of Decimal would round to the context's precision.
    return Decimal(plain(value))
