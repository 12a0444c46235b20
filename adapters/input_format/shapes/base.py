"""What every shape shares, and what their messages have in common."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from adapters.input_format import nodes
from adapters.input_format.nodes import Listing, Node, Scalar
from adapters.input_format.problems import NOT_A_CHOICE, WRONG_SHAPE
from adapters.input_format.shapes.reading import Reading
from domain.values import Words

Schema = dict[str, Any]


class Bad(Exception):
    """This part could not be read; the reason is noted already."""


class About(Struct, frozen=True):
    """What a key means, for people: in the schema and in messages."""

    words: str


class StandIn(Struct, frozen=True):
    """What stands for a required part that could not be read, so that the rest is still checked."""

    value: object


class Shape:
    """What may stand at a place."""

    def read(self, node: Node, path: str, reading: Reading) -> Any:  # noqa: ANN401 - by shape
        """The value of ``node``. Raises ``Bad`` after noting why not."""
        raise NotImplementedError

    def schema(self, defs: Schema) -> Schema:
        """The JSON Schema; named parts go to ``defs``."""
        raise NotImplementedError


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The known name that ``text`` most probably means."""
    by_fold = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(text.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def near_words(text: str, known: Iterable[str]) -> Words:
    """The ending "did you mean" of a message, empty where nothing is near."""
    near = nearest(text, known)
    return Words(f"，是不是“{near}”？", f"; did you mean {near!r}?") if near else Words("", "")


def _found(node: Node) -> Words:
    match node:
        case nodes.Mapping():
            return Words("键值对", "keys with values")
        case Listing():
            return Words("列表", "a list")
        case Scalar() if node.null:
            return Words("空白", "nothing")
        case Scalar():
            return Words(f"“{node.text}”", repr(node.text))


COMMA = Words(
    "（花括号里的逗号隔开各项，数里不加千分位逗号）",
    " (a comma in braces separates entries: write numbers without thousands separators)",
)


def wrong_shape(reading: Reading, node: Node, path: str, *, expected: Words, hint: Words) -> Bad:
    """Note that something else was expected; to be raised."""
    reading.report(node.at, path, WRONG_SHAPE, expected=expected, found=_found(node), hint=hint)
    return Bad()


def scalar(reading: Reading, node: Node, path: str, expected: Words) -> str:
    """The printed text of a single value, without blanks around it."""
    if isinstance(node, Scalar) and not node.null and node.text.strip():
        return node.text.strip()
    hint = Words(f"写一个值：{expected.zh}", f"write one value: {expected.en}")
    raise wrong_shape(reading, node, path, expected=expected, hint=hint)


def unknown_name(reading: Reading, path: str, text: str, what: Words, known: Sequence[str]) -> None:
    """Note that ``text`` at ``path`` is none of the known names."""
    reading.report_at(
        path,
        NOT_A_CHOICE,
        text=text,
        what=what,
        known=_listed(text, known),
        near=near_words(text, known),
    )


_MOST_NAMES = 12


def _listed(text: str, known: Sequence[str]) -> str:
    """The known names; of a long list the nearest ones."""
    if len(known) <= _MOST_NAMES:
        return "、".join(known) or "—"
    by_fold = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(text.casefold(), by_fold, n=_MOST_NAMES, cutoff=0)
    return "、".join([*(by_fold[name] for name in near), "…"])
