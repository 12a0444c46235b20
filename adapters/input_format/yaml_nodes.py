"""Nodes from YAML. Aliases are copied, within bounds; tags and second documents are refused."""

import re
from collections.abc import Iterator

import yaml
from msgspec import Struct

from adapters.input_format.nodes import (
    MAX_ALIASES,
    START,
    At,
    Builder,
    Field,
    Listing,
    Node,
    Scalar,
    Unreadable,
)
from adapters.input_format.problems import (
    ALIASES,
    EMPTY,
    SEVERAL_DOCUMENTS,
    SYNTAX,
    TAGGED,
    UNSTORABLE,
)
from domain.values import Words

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What YAML does not take, and the line breaks that no editor counts as such.
_UNREADABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
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


class _Anchored(Struct, frozen=True):
    """What an alias stands for: how many nodes, and how many levels below its own."""

    node: Node
    weight: int
    height: int


class YamlBuilder(Builder):
    """Nodes from YAML events. Aliases are copied, within bounds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        if not text.strip():
            raise Unreadable(START, EMPTY)
        self._text = _UNREADABLE.sub(self._unreadable, text)
        self._anchors: dict[str, _Anchored] = {}
        self._open: set[str] = set()
        self._aliases = 0
        self._deepest = 0

    def root(self) -> Node:
        """As every builder."""
        try:
            return self._document(iter(yaml.parse(self._text, Loader=_LOADER)))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = At(mark.line + 1, mark.column + 1) if mark else START
            raise Unreadable(at, SYNTAX, **_yaml_cause(str(error.problem or error))) from None

    def _unreadable(self, found: re.Match[str]) -> str:
        """Note a character that YAML does not take; what is put in its place keeps all others."""
        before = found.string[: found.start()]
        at = At(before.count("\n") + 1, found.start() - before.rfind("\n"))
        self.problems.append((at, UNSTORABLE.at(character=f"U+{ord(found.group()):04X}")))
        return "?"

    def _document(self, events: Iterator[yaml.Event]) -> Node:
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise Unreadable(_at(event), SEVERAL_DOCUMENTS)
                root = self._node(next(events), events, 0)
        if root is None or (isinstance(root, Scalar) and root.null):
            raise Unreadable(START, EMPTY)
        return root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        at = _at(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor or "", at, depth)
        self.entered(at, depth)
        around, count = self._deepest, self._count
        self._deepest = depth
        anchor = getattr(event, "anchor", None)
        if anchor:
            self._open.add(anchor)
        tag = getattr(event, "tag", None)
        if tag:
            self.problems.append((at, TAGGED.at(tag=tag)))
        node: Node
        match event:
            case yaml.ScalarEvent():
                node = self.scalar(at, event.value, plain=not event.style)
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
                    value = self._node(next(events), events, depth + 1)
                    fields.append(Field(key.at, key.text, value))
                node = self.mapping(at, fields)
        if anchor:
            self._open.discard(anchor)
            height = self._deepest - depth
            self._anchors[anchor] = _Anchored(node, self._count - count + 1, height)
        self._deepest = max(around, self._deepest)
        return node

    def _alias(self, name: str, at: At, depth: int) -> Node:
        self._aliases += 1
        if name in self._open:
            raise Unreadable(at, ALIASES, name=name, detail=Words("引用了自己", "refers to itself"))
        if name not in self._anchors:
            raise Unreadable(at, SYNTAX, **_yaml_cause("undefined alias"))
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
        anchored = self._anchors[name]
        self.entered(at, depth + anchored.height)
        self.counted(at, anchored.weight - 1)
        self._deepest = max(self._deepest, depth + anchored.height)
        return anchored.node


def _at(event: yaml.Event) -> At:
    mark = event.start_mark
    return At(mark.line + 1, mark.column + 1) if mark else START


def _yaml_cause(detail: str) -> dict[str, object]:
    zh = next((zh for part, zh in _YAML_CAUSES if part in detail), f"此处不合语法（{detail}）")
    return {"language": "YAML", "detail": Words(zh, detail)}
