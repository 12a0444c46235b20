"""A file as a tree of nodes that know their line and column. YAML and JSON give the same tree.

Scalars stay as they were printed: ``97.690`` keeps its digits and never passes through a float.
"""

import re
from collections.abc import Iterator
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed leaves it out

import yaml
from msgspec import Struct

from adapters.input_format.problems import (
    ALIASES,
    DUPLICATE_KEY,
    EMPTY,
    ENCODING,
    SEVERAL_DOCUMENTS,
    SYNTAX,
    TOO_DEEP,
    TOO_LARGE,
)
from domain.problems import Kind, Problem
from domain.values import Words

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 40
MAX_ALIASES = 100
MAX_NODES = 400_000
_GB2312_SHARE = 0.9
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class At(Struct, frozen=True, order=True):
    """A line and a column, both counted from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        """``line:column``."""
        return f"{self.line}:{self.column}"


class Scalar(Struct, frozen=True):
    """A single value as printed. ``plain`` is False for one in quotes, which is never null."""

    at: At
    text: str
    plain: bool

    @property
    def null(self) -> bool:
        """Whether nothing is written here."""
        return self.plain and self.text in {"", "~", "null", "Null", "NULL"}


class Listing(Struct, frozen=True):
    """A list."""

    at: At
    items: tuple["Node", ...]


class Field(Struct, frozen=True):
    """A key with its value."""

    at: At
    key: str
    node: "Node"


class Mapping(Struct, frozen=True):
    """Keys with values, in their order; no key stands twice."""

    at: At
    fields: tuple[Field, ...]


Node = Scalar | Listing | Mapping


class Unreadable(Exception):
    """The file cannot be read any further: one problem that hides all others."""

    def __init__(self, at: At, kind: Kind, **gaps: object) -> None:
        """A problem of ``kind`` at ``at``."""
        super().__init__(kind.code)
        self.at = at
        self.kind = kind
        self.gaps = gaps


class Tree(Struct, frozen=True):
    """The root of a file, and the keys that stand twice in it."""

    root: Node
    duplicates: tuple[tuple[At, Problem], ...]


_START = At(1, 1)


def decode(data: bytes) -> str:
    """The text of a file in UTF-8, or in GB18030 where nothing else fits.

    Raises ``Unreadable``.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(_START, TOO_LARGE, size=len(data), limit=MAX_BYTES)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = error.start + 1
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        raise Unreadable(_START, ENCODING, byte=byte) from None
    # GB18030 takes nearly any bytes. It is believed where almost every character is one of the
    # common ones of GB 2312: Latin letters with accents, read as GB18030, give rare ones.
    foreign = [character for character in text if ord(character) >= 0x80]  # noqa: PLR2004 - ASCII
    common = sum(_in_gb2312(character) for character in foreign)
    if "\0" in text or common < _GB2312_SHARE * len(foreign):
        raise Unreadable(_START, ENCODING, byte=byte)
    return text


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def parse(text: str, *, json: bool) -> Tree:
    """The tree of ``text``. Raises ``Unreadable``."""
    builder = _Json(text) if json else _Yaml(text)
    root = builder.root()
    return Tree(root, tuple(builder.duplicates))


class _Builder:
    def __init__(self) -> None:
        self.duplicates: list[tuple[At, Problem]] = []

    def root(self) -> Node:
        raise NotImplementedError

    def mapping(self, at: At, fields: list[Field]) -> Mapping:
        """A mapping of ``fields``; of a key that stands twice the first is kept."""
        first: dict[str, Field] = {}
        for field in fields:
            known = first.setdefault(field.key, field)
            if known is not field:
                problem = DUPLICATE_KEY.at(field.key, key=field.key, line=known.at.line)
                self.duplicates.append((field.at, problem))
        return Mapping(at, tuple(first.values()))


_YAML_CAUSES = (
    ("mapping values are not allowed", "此处不应再有冒号；含冒号的文字请加引号"),
    ("could not find expected ':'", "键之后缺冒号"),
    ("cannot start any token", "此处的字符不能作开头（缩进用了制表符，或文字以 @ ` % 开头）"),
    ("expected <block end>", "缩进与上一行不对齐"),
    ("did not find expected key", "缩进与上一行不对齐，或缺一个键"),
    ("did not find expected '-' indicator", "列表各项的 “-” 没有对齐"),
    ("did not find expected ',' or '}'", "花括号里缺逗号或右括号"),
    ("did not find expected ',' or ']'", "方括号里缺逗号或右括号"),
    ("expected ',' or", "括号里缺逗号或右括号"),
    ("unexpected end of stream", "引号没有结束"),
    ("undefined alias", "引用了没有定义的名字"),
    ("unknown escape character", "双引号里的反斜杠用法不对；改用单引号"),
)


class _Yaml(_Builder):
    """Nodes from YAML events. Aliases are copied, within bounds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        if not text.strip():
            raise Unreadable(_START, EMPTY)
        self._text = text
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._open: set[str] = set()
        self._aliases = 0
        self._count = 0

    def root(self) -> Node:
        try:
            return self._document(iter(yaml.parse(self._text, Loader=_LOADER)))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = At(mark.line + 1, mark.column + 1) if mark else _START
            raise Unreadable(at, SYNTAX, **_yaml_cause(str(error.problem or error))) from None
        except yaml.reader.ReaderError as error:
            before = self._text[: error.position]
            at = At(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
            detail = Words("有不可打印的字符", "there is a character that cannot be printed")
            raise Unreadable(at, SYNTAX, language="YAML", detail=detail) from None

    def _document(self, events: Iterator[yaml.Event]) -> Node:
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise Unreadable(_at(event), SEVERAL_DOCUMENTS)
                root = self._node(next(events), events, 0)
        if root is None or (isinstance(root, Scalar) and root.null):
            raise Unreadable(_START, EMPTY)
        return root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        at = _at(event)
        if depth > MAX_DEPTH:
            raise Unreadable(at, TOO_DEEP, limit=MAX_DEPTH)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor or "", at)
        self._counted(at, 1)
        before = self._count
        anchor = getattr(event, "anchor", None)
        if anchor:
            self._open.add(anchor)
        node: Node
        match event:
            case yaml.ScalarEvent():
                node = Scalar(at, event.value, event.style is None)
            case yaml.SequenceStartEvent():
                items = []
                while not isinstance(event := next(events), yaml.SequenceEndEvent):
                    items.append(self._node(event, events, depth + 1))
                node = Listing(at, tuple(items))
            case _:
                fields = []
                while not isinstance(event := next(events), yaml.MappingEndEvent):
                    key = self._node(event, events, depth + 1)
                    if not isinstance(key, Scalar):
                        raise Unreadable(
                            key.at, SYNTAX, **_yaml_cause("could not find expected ':'")
                        )
                    fields.append(
                        Field(key.at, key.text, self._node(next(events), events, depth + 1))
                    )
                node = self.mapping(at, fields)
        if anchor:
            self._open.discard(anchor)
            self._anchors[anchor] = (node, self._count - before + 1)
        return node

    def _alias(self, name: str, at: At) -> Node:
        self._aliases += 1
        if name in self._open:
            raise Unreadable(at, ALIASES, name=name, detail=Words("引用了自己", "refers to itself"))
        if name not in self._anchors:
            raise Unreadable(at, SYNTAX, **_yaml_cause("undefined alias"))
        node, weight = self._anchors[name]
        if self._aliases > MAX_ALIASES:
            raise Unreadable(
                at,
                ALIASES,
                name=name,
                detail=Words(
                    f"是第 {self._aliases} 处，上限 {MAX_ALIASES} 处",
                    f"is number {self._aliases}, more than the limit of {MAX_ALIASES}",
                ),
            )
        self._counted(at, weight, name)
        return node

    def _counted(self, at: At, weight: int, name: str = "") -> None:
        self._count += weight
        if self._count > MAX_NODES:
            raise Unreadable(
                at,
                ALIASES,
                name=name,
                detail=Words(
                    f"展开后超过 {MAX_NODES} 个节点",
                    f"makes the file grow beyond {MAX_NODES} nodes",
                ),
            )


def _at(event: yaml.Event) -> At:
    mark = event.start_mark
    return At(mark.line + 1, mark.column + 1) if mark else _START


def _yaml_cause(detail: str) -> dict[str, object]:
    zh = next((zh for part, zh in _YAML_CAUSES if part in detail), detail)
    return {"language": "YAML", "detail": Words(zh, detail)}


_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"true|false|null")


class _Json(_Builder):
    """Nodes from JSON. Numbers keep their digits."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._breaks = [-1, *(found.start() for found in re.finditer("\n", text))]
        if not text.strip():
            raise Unreadable(_START, EMPTY)

    def root(self) -> Node:
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
        if depth > MAX_DEPTH:
            raise Unreadable(at, TOO_DEEP, limit=MAX_DEPTH)
        mark = self._text[index : index + 1]
        if mark == "{":
            return self._object(index, at, depth)
        if mark == "[":
            return self._array(index, at, depth)
        if mark == '"':
            text, end = scanstring(self._text, index + 1, True)  # noqa: FBT003 - its signature
            return Scalar(at, text, plain=False), end
        found = _NUMBER.match(self._text, index) or _WORD.match(self._text, index)
        if found is None:
            raise self._wrong(index, "此处应有一个值", "a value should stand here")
        return Scalar(at, found.group(), plain=True), found.end()

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
            fields.append(Field(key_at, key, node))
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
