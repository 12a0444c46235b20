"""What the parts of the format share: codes, years, figures, dates, places."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from msgspec import Struct

from adapters.input_format.shapes import (
    About,
    Choice,
    Converted,
    Day,
    ListOf,
    Number,
    Text,
)
from domain.values import FEN_PER_UNIT, Words

FORMAT = "liuhen/1"

Segment = Annotated[
    str,
    Text(
        Words("编号", "a code"),
        # What cannot be seen would make two codes of what looks like one.
        r"(?!\.{1,2}$|(?:rule-sets|accounts)$)"
        r"[^/\s\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff?#%\\]{1,64}",
        Words(
            "编号里不能有空格、看不见的字符和 / ? # % \\，最长 64 字，也不能是 . 或 ..",
            "a code has no blanks or unseen characters nor / ? # % \\, at most 64 characters, "
            "and is neither . nor ..",
        ),
    ),
]
Year = Annotated[
    int,
    Converted(
        Text(
            Words("年度", "a year"),
            r"(19|20)[0-9]{2}",
            Words("写四位年份，如 2024", "write four digits: 2024"),
        ),
        int,
    ),
]
Figured = Annotated[str, Number(unit=True)]
Points = Annotated[Decimal, Converted(Number(signed=False), Decimal)]
Share = Annotated[str, Number(percent=True)]
ShareOrWords = Annotated[str, Number(percent=True, words=True)]
DayOrMonth = Annotated[date, Day(month=True)]
MoneyUnit = Annotated[
    str, Choice(Words("金额单位", "unit of money"), {unit: unit for unit in FEN_PER_UNIT})
]
Sha256 = Annotated[
    str,
    Converted(
        Text(
            Words("SHA-256", "a SHA-256"),
            r"[0-9a-fA-F]{64}",
            Words("写 64 位十六进制", "write 64 hexadecimal digits"),
        ),
        str.lower,
    ),
]
Levels = Annotated[tuple[str, ...], ListOf(Text(), one=True, least=1)]


class Input(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of everything in a file."""


class Placed(Input, frozen=True, kw_only=True):
    """Base of everything that is printed somewhere."""

    place: Annotated[str | None, About("印在何处，如“一(二)1”“附件1 总分行”")] = None
    table: Annotated[bool | None, About("印在表格里写 true，正文里写 false")] = None
