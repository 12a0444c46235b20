"""The sums of a year, a unit or a project, from the amounts of their accounts. Whole fen."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import Enum, auto

from msgspec import Struct

from projections.standing.rows import Sum
from projections.tables import per_cent

Amounts = Mapping[tuple[Sum, bool], int]
"""Fen by sum, and whether it is excluded from the adjustment rate."""


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
_GROSS = {
    Scope.UNITS: _COUNTED - {Sum.VIRED_IN},
    Scope.UNIT: _COUNTED,
    Scope.PROJECT: _COUNTED | {Sum.MOVED_IN},
}
_INTO = {Scope.UNITS: _IN, Scope.UNIT: _IN, Scope.PROJECT: _IN | {Sum.MOVED_IN}}
_OUT_OF = {Scope.UNITS: _OUT, Scope.UNIT: _OUT, Scope.PROJECT: _OUT | {Sum.MOVED_OUT}}


def money(amounts: Amounts, scope: Scope) -> Money:
    """The sums that the amounts of a scope's accounts give."""
    of: dict[Sum, int] = defaultdict(int)
    counted, into, out = _GROSS[scope], _INTO[scope], _OUT_OF[scope]
    gross = excluded = increased = decreased = 0
    for (kind, is_excluded), fen in amounts.items():
        of[kind] += fen
        if kind in counted:
            gross += fen
            excluded += fen if is_excluded else 0
        if kind in into:
            increased += fen
        elif kind in out:
            decreased += fen
    booked, carried = of[Sum.INITIAL], of[Sum.CARRIED_IN]
    net = increased - decreased
    # What counts of a unit is declared or booked, never both.
    adjusted = booked + carried + net + of[Sum.DECLARED_ADJUSTED]
    spent = of[Sum.SPENT] + of[Sum.DECLARED_SPENT]
    return Money(
        initial=booked + of[Sum.DECLARED_INITIAL],
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


def added(several: Iterable[Amounts]) -> dict[tuple[Sum, bool], int]:
    """The amounts of several scopes together."""
    found: dict[tuple[Sum, bool], int] = defaultdict(int)
    for amounts in several:
        for key, fen in amounts.items():
            found[key] += fen
    return dict(found)
