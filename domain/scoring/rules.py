"""The closed set of scoring rules: how a measured value becomes points.

A score is rule(metric): what is measured, on which base, lies in domain/metrics.py.
Source: 财预〔2020〕10号 and the forms named in each rule.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from domain.values import Rounding


class OverAchievement(StrEnum):
    """What is done with an actual value far above its target."""

    NOTE = "NOTE"
    REDUCE = "REDUCE"
    ZERO = "ZERO"


class WhenNotApplicable(StrEnum):
    """What is done with a line that had nothing to measure."""

    EXCLUDE_AND_RESCALE = "EXCLUDE_AND_RESCALE"
    FULL = "FULL"
    ZERO = "ZERO"


class WhenMissing(StrEnum):
    """What is done with a line that has no actual value."""

    NOT_SCORABLE = "NOT_SCORABLE"
    ZERO = "ZERO"


class Modifiers(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What any rule can carry.

    ``over_above`` is a share of the target (1.3 = 130 %); REDUCE takes the share beyond it off the
    points. ``reason_below`` is a rate (0.9) below which a reason is required;
    ``reason_on_adjustment`` requires one when the budget was adjusted. ``rounding`` None takes the
    rule set's.
    """

    rounding: Rounding | None = None
    over: OverAchievement | None = None
    over_above: Decimal = Decimal("1.3")
    not_applicable: WhenNotApplicable = WhenNotApplicable.EXCLUDE_AND_RESCALE
    missing: WhenMissing = WhenMissing.NOT_SCORABLE
    reason_below: Decimal | None = None
    reason_on_adjustment: bool = False


class _Rule(Struct, frozen=True, omit_defaults=True, kw_only=True, tag_field="rule"):
    modifiers: Modifiers = Modifiers()


class Proportional(_Rule, frozen=True, kw_only=True, tag="PROPORTIONAL"):
    """For ≥ and =: w · min(cap, max(0, (a/t)/benchmark)).

    t = 0: for ≥ any a that is not negative gives w; for = only a = 0 does.
    """

    benchmark: Decimal = Decimal(1)
    cap: Decimal = Decimal(1)


class InverseRatio(_Rule, frozen=True, kw_only=True, tag="INVERSE_RATIO"):
    """For ≤: a ≤ t gives w, else w · t/a."""


class LinearOverrun(_Rule, frozen=True, kw_only=True, tag="LINEAR_OVERRUN"):
    """For ≤: a ≤ t gives w, else w · max(0, 1 − (a/t − 1)/(zero_at − 1)); t = 0: a > 0 gives 0."""

    zero_at: Decimal = Decimal(2)


class Side(StrEnum):
    """On which side of the threshold points are lost."""

    ABOVE = "ABOVE"
    BELOW = "BELOW"


class Counting(StrEnum):
    """How an unfinished step counts."""

    CONTINUOUS = "CONTINUOUS"
    FLOOR = "FLOOR"
    CEIL = "CEIL"


class StepDeduction(_Rule, frozen=True, kw_only=True, tag="STEP_DEDUCTION"):
    """w minus ``points`` for each ``step`` beyond ``threshold``, not below 0.

    Threshold and step are in the unit of the actual value (percentage points for a rate).
    """

    threshold: Decimal
    side: Side = Side.ABOVE
    step: Decimal = Decimal(1)
    points: Decimal
    counting: Counting = Counting.CONTINUOUS


class Band(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """[low, high) gives ``points``; an open end is None. In the unit of the actual value."""

    low: Decimal | None = None
    high: Decimal | None = None
    points: Decimal


class LabelPoints(Struct, frozen=True):
    """A label and its points."""

    label: str
    points: Decimal


class Tier(_Rule, frozen=True, kw_only=True, tag="TIER"):
    """Half-open bands give points, or labels do."""

    bands: tuple[Band, ...] = ()
    labels: tuple[LabelPoints, ...] = ()


class Knot(Struct, frozen=True):
    """A point of a line: x in the unit of the actual value, y as a share of w (0..1)."""

    x: Decimal
    y: Decimal


class PiecewiseLinear(_Rule, frozen=True, kw_only=True, tag="PIECEWISE_LINEAR"):
    """w · interpolated y; clamped at both ends. ``knots`` ascend in x."""

    knots: tuple[Knot, ...]


class Item(Struct, frozen=True, omit_defaults=True):
    """An item of a check list: id, points and what it asks in a few words."""

    id: str
    points: Decimal
    text: str | None = None


class Checklist(_Rule, frozen=True, kw_only=True, tag="CHECKLIST"):
    """Sum of the points of the items that are met."""

    items: tuple[Item, ...]


class QualityStep(Struct, frozen=True, omit_defaults=True):
    """A step of a qualitative scale: its labels and [low, high] as shares of w.

    An end that is not inclusive belongs to the neighbouring step: 80 % of 100–80 (incl.) / 80–60.
    """

    labels: tuple[str, ...]
    low: Decimal
    high: Decimal
    low_inclusive: bool = True
    high_inclusive: bool = True


class QualitativeBand(_Rule, frozen=True, kw_only=True, tag="QUALITATIVE_BAND"):
    """A person's score inside the interval of the chosen step; below w a reason is required."""

    steps: tuple[QualityStep, ...]


class Binary(_Rule, frozen=True, kw_only=True, tag="BINARY"):
    """w or 0.

    ``met`` are the labels that mean met, ``unmet`` those that mean not met, and a label equal to a
    target in words means met; a number is held against its target by the operator.
    """

    met: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()


class Penalty(StrEnum):
    """What lateness costs."""

    NONE = "NONE"
    PER_DAY = "PER_DAY"
    FIXED = "FIXED"


class Deadline(_Rule, frozen=True, kw_only=True, tag="DEADLINE"):
    """On time gives w; late costs ``points`` once or per day (NONE: w is lost whole).

    ``due`` None takes the row's target.
    """

    due: date | None = None
    penalty: Penalty = Penalty.NONE
    points: Decimal = Decimal(0)


class Manual(_Rule, frozen=True, kw_only=True, tag="MANUAL"):
    """Typed; reason and basis document are mandatory; shown as not reproducible."""


Rule = (
    Proportional
    | InverseRatio
    | LinearOverrun
    | StepDeduction
    | Tier
    | PiecewiseLinear
    | Checklist
    | QualitativeBand
    | Binary
    | Deadline
    | Manual
)
