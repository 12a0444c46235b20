"""Nodes from JSON. Numbers keep their digits."""

import re
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed leaves it out

from adapters.input_format.nodes import (
    START,
    At,
    Builder,
    Field,
    Listing,
    Mapping,
    Node,
    Unreadable,
)
from adapters.input_format.problems import EMPTY, SYNTAX
from domain.values import Words

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"true|false|null")


class JsonBuilder(Builder):
    """Nodes from JSON. Numbers keep their digits."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._breaks = [-1, *(found.start() for found in re.finditer("\n", text))]
        if not text.strip():
            raise Unreadable(START, EMPTY)

    def root(self) -> Node:
        """As every builder."""
        try:
            node, end = self._value(self._skip(0), 0)
        except JSONDecodeError as error:
            raise self._wrong(error.pos, "引号里的内容有误", error.msg) from None
        if self._skip(end) != len(self._text):
            raise self._wrong(self._skip(end), "末尾有多余的内容", "there is more after the end")
        return node

    def _at(self, index: int) -> At:
        low, high = 0, len(self._breaks)
        while high - low > 1:
            middle = (low + high) // 2
            if self._breaks[middle] < index:
                low = middle
            else:
                high = middle
        return At(low + 1, index - self._breaks[low])

    def _wrong(self, index: int, zh: str, en: str) -> Unreadable:
        return Unreadable(self._at(index), SYNTAX, language="JSON", detail=Words(zh, en))

    def _skip(self, index: int) -> int:
        found = _SPACE.match(self._text, index)
        return found.end() if found else index

    def _value(self, index: int, depth: int) -> tuple[Node, int]:
        at = self._at(index)
        self.entered(at, depth)
        mark = self._text[index : index + 1]
        if mark == "{":
            return self._object(index, at, depth)
        if mark == "[":
            return self._array(index, at, depth)
        if mark == '"':
            text, end = scanstring(self._text, index + 1, True)  # noqa: FBT003 - its signature
            return self.scalar(at, text, plain=False), end
        found = _NUMBER.match(self._text, index) or _WORD.match(self._text, index)
        if found is None:
            raise self._wrong(index, "此处应有一个值", "a value should stand here")
        return self.scalar(at, found.group(), plain=True), found.end()

    def _array(self, index: int, at: At, depth: int) -> tuple[Node, int]:
        items: list[Node] = []
        index = self._skip(index + 1)
        if self._text[index : index + 1] == "]":
            return Listing(at, ()), index + 1
        while True:
            node, index = self._value(index, depth + 1)
            items.append(node)
            index, closed = self._next(index, "]")
            if closed:
                return Listing(at, tuple(items)), index

    def _object(self, index: int, at: At, depth: int) -> tuple[Node, int]:
        fields: list[Field] = []
        index = self._skip(index + 1)
        if self._text[index : index + 1] == "}":
            return Mapping(at, ()), index + 1
        while True:
            if self._text[index : index + 1] != '"':
                raise self._wrong(
                    index, "此处应有一个带引号的键", "a key in quotes should stand here"
                )
            key_at = self._at(index)
            key, index = scanstring(self._text, index + 1, True)  # noqa: FBT003 - its signature
            index = self._skip(index)
            if self._text[index : index + 1] != ":":
                raise self._wrong(index, "键之后缺冒号", "a colon should follow the key")
            node, index = self._value(self._skip(index + 1), depth + 1)
            fields.append(Field(key_at, self.storable(key_at, key), node))
            index, closed = self._next(index, "}")
            if closed:
                return self.mapping(at, fields), index

    def _next(self, index: int, end: str) -> tuple[int, bool]:
        index = self._skip(index)
        mark = self._text[index : index + 1]
        if mark == end:
            return index + 1, True
        if mark != ",":
            raise self._wrong(index, f"缺逗号或 {end}", f"a comma or {end} should stand here")
        return self._skip(index + 1), False
