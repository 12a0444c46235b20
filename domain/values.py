"""Exact values: money in fen, points and rates as decimals, one rounding rule, two languages.

No float ever enters a figure. Amounts are whole fen (``int``), calculations run on
``fractions.Fraction``, and a value is rounded once, where a rule says so.
"""

import re
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from msgspec import Struct

FEN_PER_UNIT = {"元": 100, "万元": 1_000_000, "千元": 100_000, "亿元": 10_000_000_000}
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


class Words(Struct, frozen=True, gc=False):
    """One statement in the two languages of the product, Chinese first."""

    zh: str
    en: str

    def in_(self, lang: str) -> str:
        """The statement in ``lang`` ("zh" or "en")."""
        return self.en if lang == "en" else self.zh


class RoundingMode(StrEnum):
    """How the digits beyond the last place are treated."""

    HALF_UP = "HALF_UP"
    DOWN = "DOWN"

    def units(self, value: Fraction | Decimal, shift: int) -> int:
        """``value`` as a whole number of the part ``1 / shift``; halves go away from zero under
        HALF_UP.
        """
        numerator, denominator = value.as_integer_ratio()
        units, rest = divmod(abs(numerator) * shift, denominator)
        if self is RoundingMode.HALF_UP and 2 * rest >= denominator:
            units += 1
        return -units if numerator < 0 else units


class RoundingScope(StrEnum):
    """Whether every line is rounded by itself, or exact lines are summed and rounded once."""

    LINE = "LINE"
    TOTAL = "TOTAL"


class Rounding(Struct, frozen=True, omit_defaults=True):
    """Places after the point, and the mode; the default is the national one (财预〔2020〕10号)."""

    places: int = 2
    mode: RoundingMode = RoundingMode.HALF_UP
    scope: RoundingScope = RoundingScope.LINE

    def apply(self, value: Fraction | Decimal) -> Decimal:
        """``value`` at ``places`` digits; halves go away from zero under HALF_UP."""
        # Built from its digits: arithmetic on Decimal would round to the context's precision.
        return Decimal(f"{self.mode.units(value, 10**self.places)}E{-self.places}")


def plain(value: Decimal | Fraction | int) -> str:
    """``value`` as people write it: no exponent, no trailing zeros, "-" only before a figure.

    A fraction that no decimal can hold is written as ``numerator/denominator``.
    """
    if isinstance(value, Decimal) and value.is_finite():
        return _decimal(value)
    numerator, denominator = value.as_integer_ratio()
    if denominator == 1:
        return str(numerator)
    places = _places(denominator)
    if places is None:
        return f"{numerator}/{denominator}"
    digits = str(abs(numerator) * 10**places // denominator).rjust(places + 1, "0")
    return f"{'-' if numerator < 0 else ''}{digits[:-places]}.{digits[-places:]}"


@lru_cache(maxsize=8192)
def _places(denominator: int) -> int | None:
    """How many digits after the point a fraction in lowest terms has; None for one that no decimal
    can hold.
    """
    twos = (denominator & -denominator).bit_length() - 1
    fives, rest = 0, denominator >> twos
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    return max(twos, fives) if rest == 1 else None


@lru_cache(maxsize=8192)
def _decimal(value: Decimal) -> str:
    """A finite decimal. Weights, points and places are the same few over and over."""
    digits = f"{value:f}"  # every digit, whatever the context's precision
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return digits if value else "0"


def exact(value: Fraction | Decimal | int) -> Fraction:
    """``value`` as a fraction, which calculations run on."""
    return value if type(value) is Fraction else _fraction(value)


@lru_cache(maxsize=8192)
def _fraction(value: Fraction | Decimal | int) -> Fraction:
    # From two whole numbers: a Fraction of one value first finds out what kind of number it is.
    return Fraction(*value.as_integer_ratio())


def wan(fen: int) -> str:
    """``fen`` in 万元, exact, as people write it."""
    whole, rest = divmod(abs(fen), FEN_PER_UNIT["万元"])
    digits = f"{whole}.{rest:06}".rstrip("0").rstrip(".") if rest else str(whole)
    return f"-{digits}" if fen < 0 else digits


def percent(ratio: Fraction, places: int = 2) -> str:
    """``ratio`` as a percentage at ``places`` digits, half up, with the sign."""
    return f"{plain(Rounding(places=places).apply(ratio * 100))}%"


class Printed(Struct, frozen=True, gc=False):
    """A figure as a document prints it: digits and unit, from which the exact amount follows.

    ``text`` is a plain decimal number; ``unit`` is 元, 千元, 万元, 亿元, % or a counting unit.
    """

    text: str
    unit: str

    @property
    def value(self) -> Decimal:
        """The printed number without its unit."""
        return Decimal(self.text)

    @property
    def fen(self) -> int:
        """The amount in whole fen. Raises ``ValueError`` for a unit that is not money or a
        figure finer than a fen.
        """
        if self.unit not in FEN_PER_UNIT:
            msg = f"{self.unit!r} is not a unit of money"
            raise ValueError(msg)
        numerator, denominator = Decimal(self.text).as_integer_ratio()
        fen, rest = divmod(numerator * FEN_PER_UNIT[self.unit], denominator)
        if rest:
            msg = f"{self.text} {self.unit} is finer than a fen"
            raise ValueError(msg)
        return fen

    @property
    def places(self) -> int:
        """Digits printed after the point."""
        return len(self.text.partition(".")[2])

    @property
    def tolerance(self) -> Fraction:
        """Half of the last printed digit, in the printed unit: what rounding can hide."""
        return Fraction(1, 2 * 10**self.places)

    def __str__(self) -> str:
        """Digits and unit, as printed."""
        return f"{self.text}{'' if self.unit == '%' else ' '}{self.unit}"


def is_number(text: str) -> bool:
    """Whether ``text`` is a plain decimal number, the only notation accepted for a figure."""
    return _NUMBER.fullmatch(text) is not None
