"""What a file holds: its fields, its rows, and what is said of it beforehand."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, auto
from typing import Any

from api.asked import Asked
from domain.values import Words


class Kind(Enum):
    """What the values of a field are, whatever the format makes of them."""

    TEXT = auto()
    """Words."""
    WHOLE = auto()
    """A whole number."""
    FIGURE = auto()
    """A decimal, as a string or None: points, a rate in per cent."""
    MONEY = auto()
    """Whole fen; shown in 元 with two digits."""
    DATE = auto()
    """A day."""
    MOMENT = auto()
    """An aware moment; shown as clocks in China do."""


Value = str | int | Decimal | date | datetime | None


@dataclass(frozen=True)
class Field:
    """A column: its name for programs, its heading for people, and its value in a row.

    ``value`` gets a row and the language.
    """

    name: str
    title: Words
    kind: Kind
    value: Callable[[Any, str], Value]


@dataclass(frozen=True, kw_only=True)
class Export:
    """A file to be written: its title, what was asked, and the rows, which are read once."""

    name: str
    title: Words
    asked: Sequence[Asked]
    moment: datetime | None
    made_at: datetime
    positions: Mapping[str, int]
    fields: Sequence[Field]
    rows: Iterable[object]


def money(fen: int) -> str:
    """Fen in 元 with two digits, exact."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
