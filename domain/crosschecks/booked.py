"""Booked adjustments beside declared figures: what the ledger holds that a declared full-year
figure may leave out.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from uuid import UUID

from msgspec import Struct

from domain.crosschecks.view import View
from domain.crosschecks.wording import joined, money
from domain.facts.ledger import (
    Adjustment,
    Basis,
    BudgetReduced,
    BudgetSupplemented,
    FundsClawedBack,
    FundsVired,
    Kind,
    Line,
)
from domain.ledger import signed_parts
from domain.scoring.metrics import Quantity
from domain.values import Words

_Q = Quantity
KIND_WORDS: dict[type, Words] = {
    BudgetSupplemented: Words("追加", "supplement"),
    BudgetReduced: Words("追减", "reduction"),
    FundsClawedBack: Words("收回", "clawback"),
    FundsVired: Words("调剂", "virement"),
}
_INITIAL = {
    _Q.ADJUSTED_BUDGET: (_Q.INITIAL_BUDGET, None),
    _Q.BASIC_ADJUSTED: (_Q.BASIC_INITIAL, Kind.BASIC),
    _Q.PROJECT_ADJUSTED: (_Q.PROJECT_INITIAL, Kind.PROJECT),
}
"""Where each full-year figure began, and the kind of expenditure that it speaks of."""

_TOGETHER, _AT_MOST = 3, 20
"""So many of the first so many adjustments are tried together."""


class Entry(Struct, frozen=True, gc=False):
    """A live booked adjustment, and what it adds to a form's budget, in fen."""

    head: UUID
    fact: Adjustment
    net: int

    @property
    def document(self) -> str | None:
        """The 文号; blank is absent."""
        return (self.fact.document or "").strip() or None

    @property
    def words(self) -> Words:
        """Kind, amount and document: 追加 1.97 万元（某财〔2024〕3号）."""
        kind, amount = KIND_WORDS[type(self.fact)], money(self.fact.amount)
        paper = self.document or "无文号"
        other = self.document or "no document number"
        return Words(f"{kind.zh} {amount} 万元（{paper}）", f"{kind.en} of {amount} 万元 ({other})")

    @property
    def value(self) -> str:
        """What a finding that names it hangs on."""
        return f"{self.net} {self.document or ''}".strip()


def entries(view: View, quantity: str = _Q.ADJUSTED_BUDGET) -> list[Entry]:
    """The live adjustments that change a full-year figure of this form, or may do so."""
    _, kind = _INITIAL[Quantity(quantity)]
    found = []
    for chain, fact in view.adjustments():
        parts = [
            (amount, line)
            for amount, line in signed_parts(fact)
            if view.within(line) and _may_be(line, kind)
        ]
        if parts:
            found.append(Entry(chain.head, fact, sum(amount for amount, _ in parts)))
    return found


def _may_be(line: Line, kind: Kind | None) -> bool:
    # An entry need not name its kind; one of a project is project expenditure.
    given = line.kind or (Kind.PROJECT if line.project is not None else None)
    return kind is None or given is None or given is kind


def left_out(view: View, quantity: str = _Q.ADJUSTED_BUDGET) -> int | None:
    """What the booked adjustments change beyond what a declared full-year figure shows, in fen.

    0 where the figure contains them all, or is booked itself; None where no initial figure tells.
    """
    if view.money.basis is Basis.LEDGER:
        return 0
    whole = Quantity(quantity)
    initial, adjusted = view.amount(_INITIAL[whole][0]), view.amount(whole)
    if initial is None or adjusted is None:
        return None
    carried = view.amount(_Q.CARRIED_IN) if whole is _Q.ADJUSTED_BUDGET else None
    net = sum(entry.net for entry in entries(view, whole))
    # Funds carried in stand inside the full-year figure or beside it.
    open_ = [
        net - (adjusted.fen - initial.fen - part) for part in (carried.fen if carried else 0, 0)
    ]
    tolerance = adjusted.tolerance + initial.tolerance
    return min((0 if abs(one) <= tolerance else one for one in open_), key=abs)


class Borne(Struct, frozen=True, gc=False):
    """The adjustments that bear an overspending, and how much of them the full-year figure leaves
    out, in fen.
    """

    held: tuple[Entry, ...]
    amount: int


def bearing(view: View, quantity: str, over: int, tolerance: Fraction) -> Borne | None:
    """What bears an overspending of ``over`` fen and lies outside the declared full-year figure."""
    if view.money.basis is Basis.LEDGER:
        return None
    held = [entry for entry in entries(view, quantity) if entry.net > 0]
    open_ = left_out(view, quantity)
    if open_ is not None and open_ < over - tolerance:
        return None
    for wanted in (over, open_ or over):
        for some in _some(held):
            together = sum(entry.net for entry in some)
            if abs(together - wanted) <= tolerance:
                return Borne(some, together)
    return Borne(tuple(held), open_) if open_ is not None and held else None


def _some(held: Sequence[Entry]) -> Iterator[tuple[Entry, ...]]:
    """A few of them, and all."""
    for count in range(1, _TOGETHER + 1):
        yield from combinations(held[:_AT_MOST], count)
    yield tuple(held)


def clawed_back(view: View) -> list[Entry]:
    """What was taken back from this form's money."""
    return [entry for entry in entries(view) if isinstance(entry.fact, FundsClawedBack)]


def named(held: Iterable[Entry]) -> Words:
    """Several adjustments in a row."""
    return joined((entry.words for entry in held), zh="、", en=", ")
