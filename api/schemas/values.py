"""Values in the bodies of commands: decimals and days as strings, texts that can be kept.

A floating-point number is refused.
"""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from api import problems as p
from domain.problems import Kind
from domain.texts import UNSTORABLE
from domain.values import FEN_PER_UNIT

MOST_FEN = 10**15
"""10 万亿元: above every budget, and far below what a column holds."""
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,12})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _wrong(kind: Kind) -> PydanticCustomError:
    # The code travels as the type of the error, and api.problems finds the words by it.
    return PydanticCustomError(kind.code, "refused")


def _decimal(value: object) -> Decimal:
    if isinstance(value, float):
        raise _wrong(p.FLOAT_REFUSED)
    if not isinstance(value, str):
        raise _wrong(p.NOT_A_NUMBER)
    if not _DECIMAL.fullmatch(value):
        raise _wrong(p.NOT_A_NUMBER)
    return Decimal(value)


def _fen(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        fen = Fraction(value)
    else:
        fen = Fraction(_decimal(value)) * FEN_PER_UNIT["万元"]
    if fen.denominator != 1:
        raise _wrong(p.FINER_THAN_FEN)
    if abs(fen) > MOST_FEN:
        raise _wrong(p.OUT_OF_RANGE)
    return int(fen)


def _day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _wrong(p.NOT_A_DATE)


def _clean(value: object) -> object:
    if isinstance(value, str):
        if UNSTORABLE.search(value):
            raise _wrong(p.CHARACTERS)
        if not value.strip():
            raise _wrong(p.LENGTH)
    return value


_DECIMAL_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": r"^[+-]?[0-9]{1,15}(\.[0-9]{1,12})?$",
    "examples": ["4.5"],
}
Points = Annotated[Decimal, BeforeValidator(_decimal), WithJsonSchema(_DECIMAL_SCHEMA)]
"""Points, as a decimal string."""


def _plain(value: object) -> object:
    # The framework would read "2024.0", " 2024" and "2_024" as 2024 too.
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise _wrong(p.NOT_WHOLE)
    return value


_WHOLE = re.compile(r"-?[0-9]{1,20}")
Whole = Annotated[int, BeforeValidator(_plain)]
"""A whole number in an address, plainly written."""
Fen = Annotated[
    int,
    BeforeValidator(_fen),
    WithJsonSchema(
        {
            "oneOf": [
                {"type": "string", "pattern": _DECIMAL_SCHEMA["pattern"], "title": "万元"},
                {"type": "integer", "title": "分"},
            ],
            "examples": ["110.00", 110000000],
        }
    ),
]
"""An amount: 万元 as a decimal string, or whole fen."""
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Text = Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=4000)]
"""Prose that a person typed; it is detached from the fact and can be redacted."""
Name = Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=200)]
"""A 文号, a line, a code: kept in the fact as it is."""
