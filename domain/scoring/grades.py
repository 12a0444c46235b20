"""The order of grades, from the best down, whatever a rule set calls them."""

from collections.abc import Mapping
from typing import TypeVar

_V = TypeVar("_V")
_FROM_THE_BEST = ("优", "良", "中", "一般", "合格", "较差", "差", "不合格")


def best_first(by_grade: Mapping[str, _V]) -> dict[str, _V]:
    """What stands under each grade, the best first: 优 良 中 差; other names follow as they are
    written, and what has no grade ("") comes last.
    """
    return dict(sorted(by_grade.items(), key=lambda one: _rank(one[0])))


def _rank(grade: str) -> tuple[int, str]:
    if not grade:
        return len(_FROM_THE_BEST) + 1, grade
    for rank, known in enumerate(_FROM_THE_BEST):
        if grade.startswith(known):
            return rank, grade
    return len(_FROM_THE_BEST), grade
