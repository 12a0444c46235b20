"""Values in the bodies of commands: decimals and days as strings, texts that can be kept.

A floating-point number is refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_after_validator_function

from api import problems as p
from api.ranges import OUT_OF_RANGE
from domain.problems import Kind
from domain.texts import UNSTORABLE
from domain.values import FEN_PER_UNIT, wan

MOST_FEN = 10**15
"""10 万亿元: above every budget, and far below what a column holds."""
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,12})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _wrong(kind: Kind, **gaps: str) -> PydanticCustomError:
    # The code travels as the type of the error, and api.problems finds the words by it.
    return PydanticCustomError(kind.code, "refused", gaps)


@dataclass(frozen=True)
class Between:
    """In an annotation: a whole number from ``least`` to ``most``. Refuses ``request.out-of-range``.

    The library's own ``ge`` and ``le`` tell only the bound that was missed, and not the other.
    ``shown`` writes a bound.
    """

    least: int
    most: int
    shown: Callable[[int], str] = str

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Looks at the number that the annotation before this one reads."""
        return no_info_after_validator_function(self._within, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Documents the bounds of a plain whole number."""
        documented = handler(schema)
        if documented.get("type") == "integer":
            documented |= {"minimum": self.least, "maximum": self.most}
        return documented

    def _within(self, value: int) -> int:
        if not self.least <= value <= self.most:
            raise _wrong(OUT_OF_RANGE, ge=self.shown(self.least), le=self.shown(self.most))
        return value


def in_wan(fen: int) -> str:
    """An amount as a bound is written."""
    return f"{wan(fen)} 万元"


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
AnyFen = Annotated[
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
"""An amount of any size: 万元 as a decimal string, or whole fen."""
Fen = Annotated[AnyFen, Between(-MOST_FEN, MOST_FEN, in_wan)]
"""An amount that can be kept, written as ``AnyFen``."""
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Text = Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=4000)]
"""Prose that a person typed; it is detached from the fact and can be redacted."""
Name = Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=200)]
"""A 文号, a line, a code: kept in the fact as it is."""
