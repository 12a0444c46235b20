"""What can be wrong with an input, as coded problems: what, where, and what to do next.

Each kind is defined near what raises it and registers itself here; ``CATALOGUE`` lists them all.
A rejection carries every problem at once.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from msgspec import Struct

from domain.values import Words

_A = TypeVar("_A")
_B = TypeVar("_B")


class Problem(Struct, frozen=True):
    """One thing that is wrong.

    ``place`` tells where ("lines[3].max_points", "第 12 行"), ``message`` what, ``todo`` the next
    step. ``status`` is the HTTP status it maps to.
    """

    code: str
    status: int
    place: str
    message: Words
    todo: Words


class Kind(Struct, frozen=True):
    """A kind of problem: a code, a status and texts with ``{named}`` gaps."""

    code: str
    status: int
    message: Words
    todo: Words

    def at(self, place: str = "", /, **gaps: object) -> Problem:
        """A problem of this kind at ``place``, the gaps of its texts filled; a gap filled with
        ``Words`` takes each language's own.
        """
        return Problem(
            self.code, self.status, place, _fill(self.message, gaps), _fill(self.todo, gaps)
        )


def _fill(text: Words, gaps: dict[str, object]) -> Words:
    def in_(lang: str) -> str:
        filled = {
            name: gap.in_(lang) if isinstance(gap, Words) else gap for name, gap in gaps.items()
        }
        return text.in_(lang).format(**filled)

    return Words(in_("zh"), in_("en"))


CATALOGUE: dict[str, Kind] = {}


def kind(code: str, status: int, *, zh: str, en: str, do_zh: str, do_en: str) -> Kind:
    """Define and register a kind of problem. Raises ``ValueError`` for a code used twice."""
    if code in CATALOGUE:
        msg = f"the code {code} is defined twice"
        raise ValueError(msg)
    CATALOGUE[code] = Kind(code, status, Words(zh, en), Words(do_zh, do_en))
    return CATALOGUE[code]


class Rejected(Exception):
    """A command or an input was refused: nothing was stored. ``problems`` lists every reason."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """A rejection for ``problems``, in order of precedence; at least one."""
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.code} {p.place} {p.message.en}" for p in self.problems))

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, in order."""
        return tuple(problem.code for problem in self.problems)


class Gathered:
    """What is wrong with an asking, gathered from all that looks at it, so that it is told at once."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.problems: list[Problem] = []

    def take(self, ask: Callable[[], _A]) -> _A | None:
        """What ``ask`` gives; None when it is refused, with its problems noted."""
        try:
            return ask()
        except Rejected as refused:
            self.problems += refused.problems
            return None

    def given(self, value: _B | None, ask: Callable[[_B], _A]) -> _A | None:
        """What ``ask`` makes of ``value``, as ``take``; None where there is no value."""
        return None if value is None else self.take(lambda: ask(value))

    def refuse(self) -> None:
        """Raises ``Rejected`` with everything that was noted, if anything was.

        What cannot be read comes before what is not there, so that a malformed asking is called so.
        """
        if self.problems:
            told = dict.fromkeys(self.problems)
            raise Rejected(sorted(told, key=lambda one: one.status not in _MALFORMED))


_MALFORMED = frozenset({400, 422})


def both(one: Callable[[], _A], other: Callable[[], _B]) -> tuple[_A, _B]:
    """What two askings give. Raises ``Rejected`` with the problems of both at once."""
    gathered = Gathered()
    answers: list[Any] = [gathered.take(one), gathered.take(other)]
    gathered.refuse()
    first, second = answers
    return first, second
