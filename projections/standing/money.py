"""The sums of a year, a unit or a project, from the amounts of their accounts. Whole fen."""

from collections.abc import Iterable
from enum import Enum, auto
from typing import NamedTuple

from msgspec import Struct

from projections.standing.rows import DECLARED, Sum
from projections.tables import per_cent

Amount = tuple[Sum, bool, int]
"""A sum, whether it is excluded from the adjustment rate, and fen."""


class Scope(Enum):
    """Whose sums: of several units, of one unit, or of one project of a unit.

    A virement between two units counts once for both together, one between two projects once for
    their unit.
    """

    UNITS = auto()
    UNIT = auto()
    PROJECT = auto()


class Money(Struct, frozen=True, kw_only=True):
    """年初 / 结转 / 调增 / 调减 / 全年 / 执行, in fen, and the rates in per cent at two digits.

    ``gross`` counts every adjustment, ``net`` adds their signs, ``excluded`` are those that do not
    count in ``adjustment_rate``, which is (gross − excluded) ÷ initial; ``net_rate`` is net ÷
    initial, both of what is booked: what forms declare has no adjustments. ``execution_rate`` is
    spent ÷ adjusted. A rate without anything to divide by is None.
    """

    initial: int
    carried_in: int
    increased: int
    decreased: int
    adjusted: int
    gross: int
    net: int
    excluded: int
    spent: int
    execution_rate: str | None
    adjustment_rate: str | None
    net_rate: str | None


_IN = frozenset({Sum.SUPPLEMENTED, Sum.VIRED_IN})
_OUT = frozenset({Sum.REDUCED, Sum.CLAWED_BACK, Sum.VIRED_OUT})
_COUNTED = _IN | _OUT | {Sum.MOVED_OUT, Sum.MOVED_WITHIN}


class _Counts(NamedTuple):
    """Which sums count in ``gross``, ``increased`` and ``decreased`` of a scope."""

    gross: frozenset[Sum]
    into: frozenset[Sum]
    out: frozenset[Sum]


_COUNTS = {
    Scope.UNITS: _Counts(_COUNTED - {Sum.VIRED_IN}, _IN, _OUT),
    Scope.UNIT: _Counts(_COUNTED, _IN, _OUT),
    Scope.PROJECT: _Counts(_COUNTED | {Sum.MOVED_IN}, _IN | {Sum.MOVED_IN}, _OUT | {Sum.MOVED_OUT}),
}
# A list has hundreds of rows, and asking an enumeration for a member takes longer than adding up.
_NOTHING = dict.fromkeys(Sum, 0)
_INITIAL, _CARRIED_IN, _SPENT = Sum.INITIAL, Sum.CARRIED_IN, Sum.SPENT
_DECLARED_INITIAL, _DECLARED_ADJUSTED, _DECLARED_SPENT = DECLARED


def money(amounts: Iterable[Amount], scope: Scope) -> Money:
    """The sums that the amounts of a scope's accounts give."""
    of = _NOTHING.copy()
    counted, into, out = _COUNTS[scope]
    gross = excluded = increased = decreased = 0
    for kind, is_excluded, fen in amounts:
        of[kind] += fen
        if kind in counted:
            gross += fen
            excluded += fen if is_excluded else 0
        if kind in into:
            increased += fen
        elif kind in out:
            decreased += fen
    booked, carried = of[_INITIAL], of[_CARRIED_IN]
    net = increased - decreased
    # What counts of a unit is declared or booked, never both.
    adjusted = booked + carried + net + of[_DECLARED_ADJUSTED]
    spent = of[_SPENT] + of[_DECLARED_SPENT]
    return Money(
        initial=booked + of[_DECLARED_INITIAL],
        carried_in=carried,
        increased=increased,
        decreased=decreased,
        adjusted=adjusted,
        gross=gross,
        net=net,
        excluded=excluded,
        spent=spent,
        execution_rate=per_cent(spent, adjusted),
        adjustment_rate=per_cent(gross - excluded, booked),
        net_rate=per_cent(net, booked),
    )
