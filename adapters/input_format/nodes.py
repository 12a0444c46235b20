"""A file as a tree of nodes that know their line and column. YAML and JSON give the same tree.

Scalars stay as they were printed: ``97.690`` keeps its digits and never passes through a float.
"""

from msgspec import Struct

from adapters.input_format.problems import (
    DUPLICATE_KEY,
    TOO_DEEP,
    TOO_MANY,
    UNSTORABLE,
)
from domain import texts
from domain.problems import Kind, Problem

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 40
MAX_ALIASES = 100
MAX_NODES = 400_000


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
    """The root of a file, and what is wrong with it so far: keys that stand twice, tags,
    characters that cannot be stored.
    """

    root: Node
    problems: tuple[tuple[At, Problem], ...]


START = At(1, 1)


class Builder:
    """Makes nodes within bounds, and notes what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[tuple[At, Problem]] = []
        self._count = 0

    def root(self) -> Node:
        """The whole file. Raises ``Unreadable``."""
        raise NotImplementedError

    def entered(self, at: At, depth: int) -> None:
        """Count a node that begins at ``at``. Raises ``Unreadable``."""
        if depth > MAX_DEPTH:
            raise Unreadable(at, TOO_DEEP, limit=MAX_DEPTH)
        self.counted(at, 1)

    def counted(self, at: At, weight: int) -> None:
        """Count ``weight`` nodes. Raises ``Unreadable``."""
        self._count += weight
        if self._count > MAX_NODES:
            raise Unreadable(at, TOO_MANY, limit=MAX_NODES)

    def scalar(self, at: At, text: str, *, plain: bool) -> Scalar:
        """A single value, without the characters that no store keeps."""
        return Scalar(at, self.storable(at, text), plain)

    def storable(self, at: At, text: str) -> str:
        """``text`` without the characters that no store keeps, which are noted."""
        found = texts.UNSTORABLE.search(text)
        if found is None:
            return text
        self.problems.append((at, UNSTORABLE.at(character=f"U+{ord(found.group()):04X}")))
        return texts.UNSTORABLE.sub("", text)

    def mapping(self, at: At, fields: list[Field]) -> Mapping:
        """A mapping of ``fields``; of a key that stands twice the first is kept."""
        first: dict[str, Field] = {}
        for field in fields:
            known = first.setdefault(field.key, field)
            if known is not field:
                problem = DUPLICATE_KEY.at(field.key, key=field.key, line=known.at.line)
                self.problems.append((field.at, problem))
        return Mapping(at, tuple(first.values()))
