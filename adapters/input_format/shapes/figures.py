"""Figures, as printed."""

import re

from adapters.input_format.nodes import Node
from adapters.input_format.problems import MALFORMED, NOT_A_NUMBER, TOO_LONG
from adapters.input_format.shapes.base import Bad, Schema, Shape, scalar
from adapters.input_format.shapes.reading import Reading
from domain.values import Words, is_number

MOST_DIGITS = 18
# What word processors and web pages put between digits without anybody seeing it.
_UNSEEN = dict.fromkeys(map(ord, "\u00a0\u00ad\u200b\u200c\u200d\u2009\u202f\u2060\u3000\ufeff"))
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－−＋％（）", "0123456789.,--+%()")


class Number(Shape):
    """A figure, digit by digit as printed. ``percent`` admits a percent sign, which is kept;
    ``words`` tells that words could stand here too, under a key of their own; ``unit`` that there
    is a key for the unit beside it; not ``signed`` refuses what is below 0.
    """

    def __init__(
        self,
        *,
        percent: bool = False,
        whole: bool = False,
        words: bool = False,
        unit: bool = False,
        signed: bool = True,
    ) -> None:
        self._percent = percent
        self._words = words
        self._whole = whole
        self._unit = unit
        self._signed = signed

    def read(self, node: Node, path: str, reading: Reading) -> str:
        """As every shape."""
        text = scalar(reading, node, path, Words("数", "a number"))
        digits = text.removesuffix("%").rstrip() if self._percent else text
        if not (digits.isascii() and is_number(digits)) or (self._whole and "." in digits):
            reading.report(node.at, path, NOT_A_NUMBER, text=_short(text), hint=self._hint(text))
            raise Bad
        count = sum(character.isdigit() for character in digits)
        if count > MOST_DIGITS:
            short = _short(digits)
            reading.report(node.at, path, TOO_LONG, text=short, count=count, limit=MOST_DIGITS)
            raise Bad
        if digits.startswith("-") and not self._signed:
            what, hint = Words("此处的数", "a number here"), Words("写 0 或正数", "write 0 or more")
            reading.report(node.at, path, MALFORMED, text=text, what=what, hint=hint)
            raise Bad
        return digits + ("%" if digits != text else "")

    def _hint(self, text: str) -> Words:
        plain = text.translate(_FULL_WIDTH).translate(_UNSEEN).replace(",", "")
        plain = re.sub(r"(?<=\d)[ _](?=\d)", "", plain)
        plain = re.sub(r"\((\d.*)\)", r"-\1", plain)  # how accountants print what is below 0
        whole = re.fullmatch(r"([+-]?)(\d*)\.?(\d*)", plain, re.ASCII)
        if self._whole and is_number(plain) and "." in plain:
            return Words("写整数", "write a whole number")
        if is_number(plain):
            return Words(
                f"写成 {plain}（半角数字，不加千分位逗号）",
                f"write {plain} (ASCII digits, no thousands separators)",
            )
        if whole and (whole[2] or whole[3]):
            point = f".{whole[3]}" if whole[3] else ""
            better = f"{whole[1]}{whole[2] or 0}{point}"
            return Words(f"写成 {better}", f"write {better}")
        if plain.endswith("%") and is_number(plain[:-1]):
            return Words(f"写 {plain[:-1]}，不带百分号", f"write {plain[:-1]} without the sign")
        if re.fullmatch(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+", plain):
            return Words("写出全部数字，不用科学记数法", "write all digits, without an exponent")
        if self._words:
            return Words(
                "数只写数字（百分数可带 %）；不是数的写成 {text: …}、{label: …} 或 {date: …}",
                "write digits only (a percent sign may follow); what is no number is written "
                "{text: …}, {label: …} or {date: …}",
            )
        found = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*([^\W\d_][^\d]*)", plain)
        if found and self._unit:
            return Words(
                f"数写 {found[1]}，单位“{found[2]}”写在 unit",
                f"write the number {found[1]} and put {found[2]!r} under `unit`",
            )
        if found:
            return Words(
                f"只写 {found[1]}，不带“{found[2]}”", f"write {found[1]} without {found[2]!r}"
            )
        return Words("只写数字和小数点，如 864.64", "write digits and a point only: 864.64")

    def schema(self, defs: Schema) -> Schema:  # noqa: ARG002 - the shape of the port
        """As every shape."""
        minus = "[+-]?" if self._signed else r"\+?"
        kind = "integer" if self._whole else "number"
        point = "" if self._whole else r"(\.\d+)?"
        percent = r"(\s*%)?" if self._percent else ""
        schema: Schema = {"type": [kind, "string"], "pattern": rf"^{minus}\d+{point}{percent}$"}
        return schema if self._signed else {**schema, "minimum": 0}


_LONGEST = 40


def _short(text: str) -> str:
    """``text``, or its beginning where it would fill a page."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
