"""What the replay of a year tells after each step."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from domain.evaluation.state import Status
from domain.values import Words


class Stride(StrEnum):
    """How far a replay goes in one step. A day is a day in Shanghai."""

    FACT = "fact"
    DAY = "day"
    MONTH = "month"

    @property
    def words(self) -> Words:
        """The name in both languages."""
        return _STRIDES[self]


_STRIDES = {
    Stride.FACT: Words("逐条", "fact"),
    Stride.DAY: Words("逐日", "day"),
    Stride.MONTH: Words("逐月", "month"),
}


class Standing(Struct, frozen=True, omit_defaults=True):
    """How a form stands: its state, its total as a decimal string, and the grade that counts:
    finalised, else as printed, else what the total gives.
    """

    status: Status
    total: str | None = None
    grade: str | None = None


class FormMoved(Struct, frozen=True):
    """A form that stands otherwise after a step; ``before`` is None for one that was opened."""

    form: str
    before: Standing | None
    after: Standing


class Delta(Struct):
    """What one step of one log moved: sums in fen, facts by kind, forms."""

    key: str
    log_id: str
    known_at: datetime
    position: int
    initial_fen: int = 0
    adjusted_fen: int = 0
    spent_fen: int = 0
    facts: dict[str, int] = {}
    moved: dict[str, FormMoved] = {}


class Step(Struct, frozen=True, kw_only=True):
    """A year after one step, of one log or of several.

    ``label`` is the day, the month, or "log#position" of a fact. ``count`` says how many facts
    of the year the replay has taken; it names the step, also for who goes on after it.
    ``positions`` are those of the logs that moved in the step. Amounts are whole fen: 年初, 全年
    (after adjustments and with what was carried in) and 执行, of every unit as they count: by the
    books where those rule, else as its form declares them. ``mean`` is
    the mean of the totals that can be computed (``scored`` of them) at two places, half up.
    ``grades`` counts the forms of each grade, "" those that have none.
    """

    label: str
    count: int
    known_at: datetime
    positions: dict[str, int]
    initial_fen: int
    adjusted_fen: int
    spent_fen: int
    forms: dict[Status, int]
    scored: int
    mean: str | None
    grades: dict[str, int]
    facts: dict[str, int]
    moved: tuple[FormMoved, ...]


class End(Struct, frozen=True, kw_only=True):
    """The end of a replay: how many facts and steps, and where each log was read to."""

    year: int
    count: int
    steps: int
    positions: dict[str, int]
