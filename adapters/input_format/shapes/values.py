"""Single values: words, yes or no, days, names of a closed list."""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from adapters.input_format.nodes import Node
from adapters.input_format.problems import MALFORMED, NO_SUCH_DATE, NOT_A_DATE
from adapters.input_format.shapes.base import (
    Bad,
    Schema,
    Shape,
    scalar,
    unknown_name,
    wrong_shape,
)
from adapters.input_format.shapes.reading import Reading
from domain.values import Words

_WORDS = Words("文字", "words")
_NOTHING = Words("", "")


class Text(Shape):
    """Words. ``pattern`` limits them where they become part of an id."""

    def __init__(
        self,
        what: Words = _WORDS,
        pattern: str | None = None,
        hint: Words = _NOTHING,
    ) -> None:
        self._what = what
        self._pattern = pattern
        self._hint = hint

    def read(self, node: Node, path: str, reading: Reading) -> str:
        """As every shape."""
        text = scalar(reading, node, path, self._what)
        if self._pattern is None or re.fullmatch(self._pattern, text):
            return text
        reading.report(
            node.at,
            path,
            MALFORMED,
            text=text,
            what=self._what,
            hint=self._hint,
        )
        raise Bad

    def schema(self, defs: Schema) -> Schema:  # noqa: ARG002 - the shape of the port
        """As every shape."""
        # A code such as 130104 may stand without quotes: then it is a number to a schema.
        if self._pattern is None:
            return {"type": ["string", "number"]}
        return {"type": ["string", "integer"], "pattern": f"^(?:{self._pattern})$"}


class Converted(Shape):
    """Another shape whose value is turned into something else. ``turn`` does not fail."""

    def __init__(self, inner: Shape, turn: Callable[[Any], Any]) -> None:
        self._inner = inner
        self._turn = turn

    def read(self, node: Node, path: str, reading: Reading) -> Any:  # noqa: ANN401 - by shape
        """As every shape."""
        return self._turn(self._inner.read(node, path, reading))

    def schema(self, defs: Schema) -> Schema:
        """As every shape."""
        return self._inner.schema(defs)


_TRUTH = {"true": True, "是": True, "false": False, "否": False}


class Truth(Shape):
    """true or false, 是 or 否."""

    def read(self, node: Node, path: str, reading: Reading) -> bool:
        """As every shape."""
        expected = Words("true 或 false", "true or false")
        text = scalar(reading, node, path, expected)
        value = _TRUTH.get(text.lower())
        if value is None:
            hint = Words("写 true（是）或 false（否）", "write true or false")
            raise wrong_shape(reading, node, path, expected=expected, hint=hint)
        return value

    def schema(self, defs: Schema) -> Schema:  # noqa: ARG002 - the shape of the port
        """As every shape."""
        return {"enum": [True, False, *_TRUTH]}


_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|年(\d{1,2})月(\d{1,2})日)", re.ASCII)
_OTHER_DAY = re.compile(r"(\d{4})(?:[./年](?=\d+[./月])|(?=\d{4}$))(\d{1,2})[./月]?(\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})(?:-(\d{1,2})|年(\d{1,2})月)", re.ASCII)


_MONTH_ALONE = Words("（只有年月时写 2024-12）", " (2024-12 where only the month is known)")


class Day(Shape):
    """A day. ``month`` admits a month printed alone, which means its last day."""

    def __init__(self, *, month: bool = False) -> None:
        self._month = month

    def read(self, node: Node, path: str, reading: Reading) -> date:
        """As every shape."""
        text = scalar(reading, node, path, Words("日期", "a date"))
        full, alone = _DAY.fullmatch(text), _MONTH.fullmatch(text)
        try:
            if full:
                year, month, day = (int(part) for part in full.groups() if part)
                return date(year, month, day)
            if alone and self._month:
                year, month = (int(part) for part in alone.groups() if part)
                return date(year, month, monthrange(year, month)[1])
        except ValueError:
            reading.report(node.at, path, NO_SUCH_DATE, text=text)
            raise Bad from None
        meant = _OTHER_DAY.fullmatch(text)
        example = "{}-{:0>2}-{:0>2}".format(*meant.groups()) if meant else "2024-12-31"
        or_month = _MONTH_ALONE if self._month and not meant else _NOTHING
        reading.report(node.at, path, NOT_A_DATE, text=text, example=example, month=or_month)
        raise Bad

    def schema(self, defs: Schema) -> Schema:  # noqa: ARG002 - the shape of the port
        """As every shape."""
        last = r"(-\d{1,2})?" if self._month else r"-\d{1,2}"
        zh = r"(\d{1,2}日)?" if self._month else r"\d{1,2}日"
        return {"type": "string", "pattern": rf"^\d{{4}}(-\d{{1,2}}{last}|年\d{{1,2}}月{zh})$"}


_LONG_LIST = 8


class Choice(Shape):
    """One name of a closed list, in either case, or one of its aliases (the Chinese words)."""

    def __init__(
        self, what: Words, names: Mapping[str, Any], aliases: Mapping[str, str] | None = None
    ) -> None:
        self._what = what
        self.names = dict(names)
        self._aliases = dict(aliases or {})
        self._folded = {name.casefold(): name for name in self.names}

    def read(self, node: Node, path: str, reading: Reading) -> Any:  # noqa: ANN401 - by list
        """As every shape."""
        text = scalar(reading, node, path, self._what)
        name = self._folded.get(self._aliases.get(text, text).casefold())
        if name is not None:
            return self.names[name]
        unknown_name(reading, path, text, self._what, [*self.names, *self._aliases])
        raise Bad

    def schema(self, defs: Schema) -> Schema:
        """As every shape; a long list is named once."""
        names = [*self.names, *(name.lower() for name in self.names), *self._aliases]
        listed: Schema = {"enum": list(dict.fromkeys(names))}
        if len(self.names) < _LONG_LIST:
            return listed
        name = self._what.en.replace(" ", "-")
        defs[name] = listed
        return {"$ref": f"#/$defs/{name}"}
