"""The steps of a calculation, kept with its result so that anyone can do the sum again.

A step names an operation, the numbers put in and what came out. A number put in is a literal or
the result of an earlier step (``ref``). ``replay`` does the arithmetic anew from the steps alone.

Conditions are steps too: "actual at most target gives full points" is ``AT_MOST`` with the three
numbers, and it does not reproduce when the condition does not hold.
"""

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from msgspec import Struct

from domain.values import FEN_PER_UNIT, RoundingMode, Words, exact, plain, wan


class Op(StrEnum):
    """What a step does with its operands, in order."""

    TAKE = "TAKE"  # the operand itself
    ADD = "ADD"  # sum of all operands (0 for none)
    SUBTRACT = "SUBTRACT"  # first minus second
    MULTIPLY = "MULTIPLY"  # product of all operands
    DIVIDE = "DIVIDE"  # first by second
    MIN = "MIN"
    MAX = "MAX"
    FLOOR = "FLOOR"
    CEIL = "CEIL"
    WITHIN = "WITHIN"  # operands (value, low, high, result): low <= value < high gives result
    AT_LEAST = "AT_LEAST"  # operands (value, bound, result): value >= bound gives result
    AT_MOST = "AT_MOST"  # operands (value, bound, result): value <= bound gives result
    ABOVE = "ABOVE"  # operands (value, bound, result): value > bound gives result
    BELOW = "BELOW"  # operands (value, bound, result): value < bound gives result
    EQUAL = "EQUAL"  # operands (value, bound, result): value = bound gives result
    UNEQUAL = "UNEQUAL"  # operands (value, bound, result): value ≠ bound gives result
    CHOSEN = "CHOSEN"  # operands (value, low, high): a person's value, low <= value <= high
    ROUND_HALF_UP = "ROUND_HALF_UP"  # operands (value, places)
    ROUND_DOWN = "ROUND_DOWN"  # operands (value, places)

    # As its text, in C: an enumeration would ask its member's name in Python.
    __hash__ = str.__hash__


class Operand(Struct, frozen=True, gc=False, omit_defaults=True):
    """A number put in: a decimal or fraction as text, or the index of an earlier step."""

    number: str | None = None
    ref: int | None = None
    name: Words | None = None


class Step(Struct, frozen=True, gc=False, omit_defaults=True):
    """One step: what is worked out, from what, and the exact result as text."""

    op: Op
    operands: tuple[Operand, ...]
    result: str
    what: Words


_Work = Callable[..., Fraction]
_ROUNDINGS = frozenset({Op.ROUND_HALF_UP, Op.ROUND_DOWN})


class StepsDoNotReproduce(ValueError):
    """The arithmetic of a stored step gives another result than the one stored."""


def _divide(value: Fraction, by: Fraction) -> Fraction:
    if not by:
        msg = "a step divides by zero"
        raise StepsDoNotReproduce(msg)
    (top, below), (times, parts) = value.as_integer_ratio(), by.as_integer_ratio()
    return Fraction(top * parts, below * times)


def _least(first: Fraction, *more: Fraction) -> Fraction:
    least = first
    for value in more:
        if _is_below(value, least):
            least = value
    return least


def _most(first: Fraction, *more: Fraction) -> Fraction:
    most = first
    for value in more:
        if _is_below(most, value):
            most = value
    return most


def _is_below(one: Fraction, other: Fraction) -> bool:
    # What ``<`` says: it would first find out what kind of number each is.
    return one.numerator * other.denominator < other.numerator * one.denominator


def _within(value: Fraction, low: Fraction, high: Fraction, result: Fraction) -> Fraction:
    if not low <= value < high:
        msg = f"{plain(value)} is not in [{plain(low)}, {plain(high)})"
        raise StepsDoNotReproduce(msg)
    return result


def _chosen(value: Fraction, low: Fraction, high: Fraction) -> Fraction:
    if not low <= value <= high:
        msg = f"{plain(value)} is not in [{plain(low)}, {plain(high)}]"
        raise StepsDoNotReproduce(msg)
    return value


def _provided(holds: Callable[[Fraction, Fraction], bool], words: str) -> _Work:
    def condition(value: Fraction, bound: Fraction, result: Fraction) -> Fraction:
        if not holds(value, bound):
            msg = f"{plain(value)} is not {words} {plain(bound)}"
            raise StepsDoNotReproduce(msg)
        return result

    return condition


def _rounded(mode: RoundingMode) -> _Work:
    def rounded(value: Fraction, places: Fraction) -> Fraction:
        if places.denominator != 1 or places < 0:
            msg = f"a value is not rounded to {plain(places)} places"
            raise StepsDoNotReproduce(msg)
        shift = 10 ** int(places)
        return Fraction(mode.units(value, shift), shift)

    return rounded


def sum_of(values: Iterable[Fraction | Decimal]) -> Fraction:
    """The exact sum, on one common denominator; 0 of none."""
    ratios = [value.as_integer_ratio() for value in values]
    whole = math.lcm(*(denominator for _, denominator in ratios))
    return Fraction(sum(part * (whole // denominator) for part, denominator in ratios), whole)


def _product(*values: Fraction) -> Fraction:
    """The exact product, brought to its lowest terms once; 1 of none."""
    ratios = [value.as_integer_ratio() for value in values]
    return Fraction(
        math.prod(numerator for numerator, _ in ratios),
        math.prod(denominator for _, denominator in ratios),
    )


_WORK: Mapping[Op, _Work] = {
    Op.TAKE: lambda value: value,
    Op.ADD: lambda *values: sum_of(values),
    Op.SUBTRACT: lambda value, less: value - less,
    Op.MULTIPLY: _product,
    Op.DIVIDE: _divide,
    Op.MIN: _least,
    Op.MAX: _most,
    Op.FLOOR: lambda value: Fraction(math.floor(value)),
    Op.CEIL: lambda value: Fraction(math.ceil(value)),
    Op.WITHIN: _within,
    Op.CHOSEN: _chosen,
    Op.AT_LEAST: _provided(operator.ge, "at least"),
    Op.AT_MOST: _provided(operator.le, "at most"),
    Op.ABOVE: _provided(operator.gt, "above"),
    Op.BELOW: _provided(operator.lt, "below"),
    Op.EQUAL: _provided(operator.eq, "equal to"),
    Op.UNEQUAL: _provided(operator.ne, "unequal to"),
    Op.ROUND_HALF_UP: _rounded(RoundingMode.HALF_UP),
    Op.ROUND_DOWN: _rounded(RoundingMode.DOWN),
}


def work_out(op: Op, values: Sequence[Fraction]) -> Fraction:
    """The exact result of ``op`` on ``values``.

    Raises ``StepsDoNotReproduce`` for operands that the operation does not admit, and for a
    condition that does not hold.
    """
    work = _WORK[op]
    try:
        return work(*values)
    except TypeError:
        msg = f"{op} does not take {len(values)} operands"
        raise StepsDoNotReproduce(msg) from None


class Worksheet:
    """Writes steps while it calculates: each call works one step out and returns its operand."""

    def __init__(self) -> None:
        """An empty sheet."""
        self._steps: list[Step] = []
        self._values: list[Fraction] = []
        self._put_in: dict[str, Fraction] = {}

    def number(self, value: Fraction | Decimal | int, zh: str, en: str) -> Operand:
        """A named number put in."""
        text = plain(value)
        self._put_in[text] = exact(value)
        return Operand(text, None, _named(zh, en))

    def amount(self, fen: int, zh: str, en: str) -> Operand:
        """A named amount of money put in: in 万元, exact."""
        text = wan(fen)
        self._put_in[text] = Fraction(fen, FEN_PER_UNIT["万元"])
        return Operand(text, None, _named(zh, en))

    def value(self, operand: Operand) -> Fraction:
        """The exact value of ``operand``."""
        if operand.ref is not None:
            return self._values[operand.ref]
        text = operand.number or "0"
        known = self._put_in.get(text)
        return _number(text) if known is None else known

    def step(self, op: Op, *operands: Operand, zh: str, en: str) -> Operand:
        """Work ``op`` out on ``operands``, write the step, and return a reference to it."""
        result = work_out(op, [self.value(operand) for operand in operands])
        self._steps.append(Step(op, operands, plain(result), _named(zh, en)))
        self._values.append(result)
        return Operand(None, len(self._values) - 1)

    def copy(self) -> "Worksheet":
        """A sheet with the same steps, to go on from without touching this one."""
        copied = Worksheet()
        copied._steps = self._steps.copy()
        copied._values = self._values.copy()
        copied._put_in = self._put_in.copy()
        return copied

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps written so far."""
        return tuple(self._steps)


@lru_cache(maxsize=8192)
def _named(zh: str, en: str) -> Words:
    """A name. The same few stand in every calculation."""
    return Words(zh, en)


@lru_cache(maxsize=8192)
def _number(text: str) -> Fraction:
    """The number that ``plain`` wrote. By way of Decimal, which reads its digits far faster."""
    return Fraction(text) if "/" in text else Fraction(*Decimal(text).as_integer_ratio())


def _results(steps: Sequence[Step]) -> list[Fraction]:
    results: list[Fraction] = []
    for index, step in enumerate(steps):
        values = [_put_in(operand, index, results) for operand in step.operands]
        result = work_out(step.op, values)
        if plain(result) != step.result:
            msg = f"step {index} states {step.result} and gives {plain(result)}"
            raise StepsDoNotReproduce(msg)
        results.append(result)
    return results


def _put_in(operand: Operand, index: int, results: Sequence[Fraction]) -> Fraction:
    if (operand.ref is None) == (operand.number is None):
        msg = f"step {index} has an operand that is not either a number or an earlier step"
        raise StepsDoNotReproduce(msg)
    if operand.ref is not None:
        if not 0 <= operand.ref < index:
            msg = f"step {index} refers to step {operand.ref}, which is not before it"
            raise StepsDoNotReproduce(msg)
        return results[operand.ref]
    try:
        return _number(operand.number or "")
    except (ValueError, ArithmeticError):
        msg = f"step {index} has the operand {operand.number!r}, which is no number"
        raise StepsDoNotReproduce(msg) from None


def replay(steps: Sequence[Step]) -> Decimal:
    """The result of the last step, worked out anew from the numbers put in.

    Raises ``StepsDoNotReproduce`` when any stored result differs, a condition does not hold, or
    the result is no decimal.
    """
    results = _results(steps)
    if not results or "/" in plain(results[-1]):
        msg = "the last step gives no decimal"
        raise StepsDoNotReproduce(msg)
    return Decimal(plain(results[-1]))


def exact_of(steps: Sequence[Step]) -> Fraction:
    """The exact value before the last rounding, which a total of exact lines sums up.

    Where nothing was rounded it is the result. It is read from the results as they are stored,
    each exact: nothing is worked out anew. Raises ``StepsDoNotReproduce`` where there is none.
    """
    if not steps:
        msg = "there are no steps"
        raise StepsDoNotReproduce(msg)
    for index in range(len(steps) - 1, -1, -1):
        if steps[index].op in _ROUNDINGS:
            before = steps[index].operands[0]
            if before.ref is not None and 0 <= before.ref < index:
                return _stored(steps[before.ref].result)
            return _put_in(before, index, ())
    return _stored(steps[-1].result)


def _stored(result: str) -> Fraction:
    try:
        return _number(result)
    except (ValueError, ArithmeticError):
        msg = f"a step has the result {result!r}, which is no number"
        raise StepsDoNotReproduce(msg) from None
