"""What a measurement gives: rows of one table, each with the raw limit, ours, and others beside.

Whatever is compared takes turns, so that all meet the same machine; a ratio is taken within each
round, and of the rounds' ratios the middle one counts.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct

from domain.values import Words

_T = TypeVar("_T")


class Size(StrEnum):
    """How much is measured: seconds (it still runs), minutes, or a province's year."""

    SMOKE = "smoke"
    NORMAL = "normal"
    FULL = "full"

    def of(self, *, smoke: _T, normal: _T, full: _T) -> _T:
        """What belongs to this size."""
        return {Size.SMOKE: smoke, Size.NORMAL: normal, Size.FULL: full}[self]


class Unit(StrEnum):
    """What a figure counts: times are better when small, rates when large."""

    MICROSECONDS = "µs"
    MILLISECONDS = "ms"
    PER_SECOND = "/s"
    MEGABYTES = "MB"

    @property
    def is_rate(self) -> bool:
        """Whether more is better."""
        return self is Unit.PER_SECOND


class Figure(Struct, frozen=True):
    """What one contender took, a value for each round; ``why`` there is none when it has none."""

    name: Words
    values: tuple[float, ...] = ()
    why: Words | None = None

    @property
    def middle(self) -> float:
        """The middle value."""
        return statistics.median(self.values)


class Ratio(Struct, frozen=True):
    """The rounds' ratios: the middle one, the least and the greatest."""

    middle: float
    low: float
    high: float


class Row(Struct, frozen=True, kw_only=True):
    """One line of the table: 1 is as fast as the raw limit, 2 twice as fast.

    ``reach`` and ``stretch`` are what the ratio must and should come to; ``beside`` are others
    that did the same work in the same rounds.
    """

    work: Words
    database: str
    unit: Unit
    limit: Figure
    ours: Figure
    beside: tuple[Figure, ...] = ()
    reach: float | None = None
    stretch: float | None = None
    note: Words | None = None

    def ratio(self, figure: Figure | None = None) -> Ratio:
        """How ``figure`` (ours, when none is named) compares with the raw limit."""
        found = [
            one / limit if self.unit.is_rate else limit / one
            for limit, one in zip(self.limit.values, (figure or self.ours).values, strict=True)
        ]
        return Ratio(statistics.median(found), min(found), max(found))


LIUHEN = Words("留痕", "Liuhen")


def per_fact(
    work: Words,
    database: str,
    *,
    facts: int,
    limit: tuple[Words, Sequence[float]],
    ours: Sequence[float],
    beside: Mapping[Words, Sequence[float]] | None = None,
    missing: Mapping[Words, Words] | None = None,
    reach: float | None = None,
    stretch: float | None = None,
    note: Words | None = None,
) -> Row:
    """A row of the seconds that ``facts`` facts took in each round, shown in µs for each fact.

    ``missing`` are those that cannot be measured here, each with the reason.
    """

    def figure(name: Words, seconds: Sequence[float]) -> Figure:
        return Figure(name, tuple(one / facts * 1e6 for one in seconds))

    return Row(
        work=work,
        database=database,
        unit=Unit.MICROSECONDS,
        limit=figure(*limit),
        ours=figure(LIUHEN, ours),
        beside=(
            *(figure(name, seconds) for name, seconds in (beside or {}).items()),
            *(Figure(name, why=why) for name, why in (missing or {}).items()),
        ),
        reach=reach,
        stretch=stretch,
        note=note,
    )


def take_turns(
    rounds: int, contenders: Mapping[Words, Callable[[], float]]
) -> dict[Words, tuple[float, ...]]:
    """What each contender answers in each round: in their order, then from the last to the first,
    and so on, so that a machine that grows slower or faster favours nobody.
    """
    taken: dict[Words, list[float]] = {name: [] for name in contenders}
    order = list(contenders.items())
    for _ in range(rounds):
        for name, turn in order:
            taken[name].append(turn())
        order.reverse()
    return {name: tuple(values) for name, values in taken.items()}
