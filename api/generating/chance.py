"""Seeded chance in whole numbers: no float touches a figure."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


class Chance:
    """Draws that depend on the names they are made from and on nothing else.

    Only ``randrange`` is used, whose numbers are the same in every version of Python.
    """

    __slots__ = ("_random",)

    def __init__(self, *names: object) -> None:
        """Chance for what ``names`` name: a seed, a county, a unit."""
        digest = hashlib.sha256("\x1f".join(map(str, names)).encode()).digest()
        self._random = random.Random(int.from_bytes(digest, "big"))  # noqa: S311 - no secret

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return self._random.randrange(low, high + 1)

    def percent(self, share: int) -> bool:
        """True in ``share`` of a hundred draws."""
        return self._random.randrange(100) < share

    def pick(self, items: Sequence[_T]) -> _T:
        """One of ``items``."""
        return items[self._random.randrange(len(items))]

    def some(self, items: Sequence[_T], count: int) -> list[_T]:
        """``count`` different ones of ``items`` (all, if there are fewer), in their order."""
        places = list(range(len(items)))
        while len(places) > count:
            places.pop(self._random.randrange(len(places)))
        return [items[place] for place in places]

    def weighted(self, weights: Sequence[int]) -> int:
        """An index of ``weights``, as often as its weight says."""
        draw = self._random.randrange(sum(weights))
        for index, weight in enumerate(weights):
            draw -= weight
            if draw < 0:
                return index
        raise AssertionError  # the draw is below the sum

    def part_of(self, amount: int, low: int, high: int) -> int:
        """Between ``low`` and ``high`` thousandths of ``amount``."""
        return amount * self.between(low, high) // 1000

    def lopsided(self, middle: int, factors: int = 6) -> int:
        """Around ``middle``, often below it and sometimes many times as much: a product of
        ``factors`` factors from 1/2 to 2.
        """
        value = middle
        for _ in range(factors):
            # 500 … 1000 … 2000 thousandths: halving is as likely as doubling.
            draw = self.between(500, 1500)
            value = value * (draw if draw <= 1000 else 2 * draw - 1000) // 1000  # noqa: PLR2004
        return max(value, 1)

    def shares(self, total: int, count: int) -> list[int]:
        """``total`` in ``count`` uneven positive parts; fewer where it is too small for that."""
        weights = [self.between(20, 200) * self.between(20, 200) for _ in range(count)]
        whole = sum(weights)
        parts, before, so_far = [], 0, 0
        for weight in weights:
            so_far += weight
            cut = total * so_far // whole
            if cut > before:
                parts.append(cut - before)
            before = cut
        return parts
