"""What is named on the line: a value of a list, a line of a form, and what may have been meant."""

import difflib
from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import product
from typing import Protocol, TypeVar

from api.labels import labelled_values
from api.unknown import NO_HINT, NOT_IN_LIST
from domain.evaluation.problems import line_unknown
from domain.problems import Rejected, kind
from domain.values import Words

LINE_AMBIGUOUS = kind(
    "line.ambiguous",
    422,
    zh="“{line}”可以是几行：{candidates}",
    en="{line!r} can be several lines: {candidates}",
    do_zh="写行号，或写全“一级/二级/三级”",
    do_en="give the row id, or the whole level1/level2/level3",
)
_S = TypeVar("_S", bound=StrEnum)


class _Named(Protocol):
    """What has a row id and the names of its levels."""

    @property
    def line(self) -> str: ...
    @property
    def path(self) -> tuple[str, ...]: ...


_Line = TypeVar("_Line", bound=_Named)
_Gone = TypeVar("_Gone", bound=_Named)


def near(found: Sequence[str]) -> Words:
    """The words that suggest what may have been meant; blank for nothing."""
    some = found[:5]
    if not some:
        return NO_HINT
    return Words(f"；是否指 {'、'.join(some)}", f"; did you mean {', '.join(some)}")


def find_line(
    evaluation: str,
    lines: Sequence[_Line],
    wanted: str,
    place: str = "LINE",
    gone: Callable[[], Sequence[_Gone]] = tuple,
) -> _Line | _Gone:
    """A line by its row id, its last level's name, or "level1/level2/level3"; one that is there
    before one that is ``gone``, when both are named as exactly.

    Raises ``Rejected``: ``line.ambiguous`` with every candidate, ``line.unknown`` with near names.
    """
    name = wanted.strip()
    parts = tuple(part.strip() for part in name.split("/") if part.strip())
    for one in lines:
        if one.line == name:
            return one
    among: tuple[Sequence[_Line | _Gone], ...] = (lines, gone())
    ways: list[Callable[[_Named], bool]] = [
        lambda one: one.line == name,
        lambda one: one.path == parts,
        lambda one: bool(parts) and one.path[-len(parts) :] == parts,
        lambda one: bool(name) and name in one.path[-1],
    ]
    for fits, some in product(ways, among):
        found = [one for one in some if fits(one)]
        if len(found) == 1:
            return found[0]
        if found:
            raise Rejected(
                [
                    LINE_AMBIGUOUS.at(
                        place,
                        line=name,
                        candidates=Words(
                            "；".join(_candidate(one) for one in found),
                            "; ".join(_candidate(one) for one in found),
                        ),
                    )
                ]
            )
    names = {one.path[-1]: one.line for one in lines} | {one.line: one.line for one in lines}
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
    raise Rejected([line_unknown(place, evaluation, name, near(close))])


def _candidate(line: _Named) -> str:
    return f"{line.line} {'/'.join(line.path)}"


def choose(of: type[_S], value: str | None, place: str) -> _S | None:
    """A member of an enumeration by its value or by its word in either language.

    Raises ``Rejected`` (``request.not-in-list``) with every choice.
    """
    if value is None:
        return None
    wanted = value.strip().casefold()
    for member in of:
        words = labelled_values(of)[member]
        if wanted in {member.value.casefold(), words.zh.casefold(), words.en.casefold()}:
            return member
    choices = [f"{member.value}（{labelled_values(of)[member].zh}）" for member in of]
    raise Rejected(
        [
            NOT_IN_LIST.at(
                place,
                value=value,
                choices=Words("、".join(choices), ", ".join(member.value for member in of)),
            )
        ]
    )
