"""绩效指标 rows of a form: what is aimed at, what was reached, which rule turns it into points."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from domain.texts import FreeText


class Operator(StrEnum):
    """指标性质: how an actual value is held against its target."""

    GE = "GE"
    LE = "LE"
    EQ = "EQ"
    QUALITATIVE = "QUALITATIVE"


class NumberTarget(
    Struct, frozen=True, gc=False, tag="number", tag_field="kind", omit_defaults=True
):
    """A number with its unit: 95 %, 10 次, 450 元/天/人."""

    value: Decimal
    unit: str


class DateTarget(Struct, frozen=True, gc=False, tag="date", tag_field="kind"):
    """The last day on time; a month printed alone means its last day."""

    due: date


class TextTarget(Struct, frozen=True, gc=False, tag="text", tag_field="kind", omit_defaults=True):
    """A target in words, with the unit when the form prints one beside it."""

    text: str
    unit: str | None = None


Target = NumberTarget | DateTarget | TextTarget


class NumberActual(
    Struct, frozen=True, gc=False, tag="number", tag_field="kind", omit_defaults=True
):
    """A number with its unit."""

    value: Decimal
    unit: str


class DateActual(Struct, frozen=True, gc=False, tag="date", tag_field="kind"):
    """The day on which it was done; a month printed alone means its last day."""

    on: date


class LabelActual(Struct, frozen=True, gc=False, tag="label", tag_field="kind", omit_defaults=True):
    """A grade or step by its label, and the points a person chose inside that step."""

    label: str
    chosen: Decimal | None = None


class ItemsActual(Struct, frozen=True, gc=False, tag="items", tag_field="kind"):
    """The items of a check list that are met, by id."""

    met: tuple[str, ...]


class TextActual(Struct, frozen=True, gc=False, tag="text", tag_field="kind", omit_defaults=True):
    """Words, detached from the fact: a command carries the prose, a fact its digest."""

    text: FreeText
    unit: str | None = None


class NotApplicable(Struct, frozen=True, gc=False, tag="not-applicable", tag_field="kind"):
    """不适用: there was nothing to measure (0 ÷ 0), which is not the same as 0."""


Actual = NumberActual | DateActual | LabelActual | ItemsActual | TextActual | NotApplicable


class MetricRef(Struct, frozen=True, gc=False, omit_defaults=True):
    """The metric a row measures, and the base it is measured on; see domain/metrics.py."""

    metric: str
    base: str


class Indicator(Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One row of a form. Lengths: ``path`` has one to three level names, outermost first.

    ``max_points`` is None where a form prints no 分值. ``rule`` names a rule of the adopted rule
    set; None means that no rule is known and the points are typed. ``printed`` is False for a row
    that the rules demand and the document leaves out.
    """

    line: str
    path: tuple[str, ...]
    max_points: Decimal | None = None
    operator: Operator | None = None
    target: Target | None = None
    metric: MetricRef | None = None
    rule: str | None = None
    printed: bool = True
