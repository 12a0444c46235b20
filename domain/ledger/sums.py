"""What the bookings of a scope add up to, quantity by quantity, in fen."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple, get_args

from msgspec import Struct

from domain.decisions import Chain
from domain.facts import Fact
from domain.facts.ledger import (
    THREE_PUBLIC,
    Adjustment,
    AdvanceRecognised,
    BudgetReduced,
    BudgetSupplemented,
    Exclusion,
    ExpenditureRecorded,
    ExpenditureReversed,
    FundsCarriedIn,
    FundsClawedBack,
    FundsVired,
    InitialBudgetApproved,
    Kind,
    LedgerEntry,
    Line,
    PriorYearFiguresStated,
    Purpose,
)
from domain.ledger.state import LedgerState, Payment
from domain.scoring.metrics import Quantity


def sums(
    state: LedgerState, project: str | None = None, effective_on: date | None = None
) -> dict[str, int]:
    """Every quantity that the bookings give for a scope, in fen, by name of ``Quantity``.

    ``project`` None is the whole unit. With ``effective_on`` only entries count whose last
    effective day is known and not later; the others are the caller's to list.
    """
    book = _Sums(project)
    for kind in _ALLOTTING:
        for fact in _counting(state, kind, effective_on):
            book.take(fact)
    for line, amount in spent(state, effective_on).items():
        book.spend(amount, line)
    return book.result()


def spent(state: LedgerState, effective_on: date | None = None) -> dict[Line, int]:
    """What was spent on each line, refunds taken off, in fen.

    Thousands of payments lie on a few lines, which are then looked at once.
    """
    by_line: dict[Line, int] = defaultdict(int)
    for kind in _PAYMENTS:
        if effective_on is None:
            for line, amount in state.chains.summed(_Paid(kind)).items():
                by_line[line] += amount
            continue
        for fact in _counting(state, kind, effective_on):
            by_line[fact.line] += fact.amount
    for fact in _counting(state, ExpenditureReversed, effective_on):
        by_line[_line_of(fact, state)] -= fact.amount
    return by_line


class _Paid(Struct, frozen=True):
    """What payments of a kind add up to by line, in fen."""

    kind: type[Fact]

    def nothing(self) -> dict[Line, int]:
        return defaultdict(int)

    def add(self, to: dict[Line, int], chains: Iterable[Chain]) -> None:
        for chain in chains:
            fact: Any = chain.fact
            to[fact.line] += fact.amount


def moved_by(entry: LedgerEntry, state: LedgerState, project: str | None = None) -> dict[str, int]:
    """What one entry alone adds to each sum of a scope, in fen; zeros left out.

    ``state`` knows the payment that a refund belongs to.
    """
    book = _Sums(project)
    if isinstance(entry, ExpenditureReversed):
        book.spend(-entry.amount, _line_of(entry, state))
    else:
        book.take(entry)
    return {name: amount for name, amount in book.result().items() if amount}


def _counting(state: LedgerState, kind: type[Fact], effective_on: date | None) -> Iterator[Any]:
    """The live facts of ``kind`` that count on a day: thousands of payments are passed over where
    nobody asks for them.
    """
    for chain in state.chains.of(kind):
        if effective_on is not None:
            last = chain.effective.last
            if last is None or last > effective_on:
                continue
        yield chain.fact


def _line_of(refund: ExpenditureReversed, state: LedgerState) -> Line:
    """A refund goes where its payment went."""
    paid = state.payment(refund.voucher)
    return paid.line if paid else Line()


_PAYMENTS: tuple[type[Fact], ...] = (ExpenditureRecorded, AdvanceRecognised)
_ALLOTTING: tuple[type[Fact], ...] = tuple(
    kind for kind in get_args(LedgerEntry) if kind not in {*_PAYMENTS, ExpenditureReversed}
)


class _Purposed(NamedTuple):
    """The quantities of one group of purposes. An amount that serves none of the group counts in
    none of them; where no entry does, nobody classified, and the quantities are absent: nothing
    classified is not nothing to measure.
    """

    purposes: frozenset[Purpose]
    initial: Quantity | None
    budget: Quantity | None
    outturn: Quantity


_PURPOSED = (
    _Purposed(THREE_PUBLIC, None, Quantity.THREE_PUBLIC_BUDGET, Quantity.THREE_PUBLIC_OUTTURN),
    _Purposed(
        frozenset({Purpose.OPERATING}), None, Quantity.OPERATING_BUDGET, Quantity.OPERATING_OUTTURN
    ),
    _Purposed(
        frozenset({Purpose.PROCUREMENT}),
        None,
        Quantity.PROCUREMENT_BUDGET,
        Quantity.PROCUREMENT_OUTTURN,
    ),
    _Purposed(
        frozenset({Purpose.KEY_PROJECT}),
        Quantity.KEY_PROJECT_BUDGET,
        None,
        Quantity.KEY_PROJECT_OUTTURN,
    ),
)
_ALWAYS = (
    Quantity.INITIAL_BUDGET,
    Quantity.ADJUSTED_BUDGET,
    Quantity.OUTTURN,
    Quantity.CARRIED_IN,
    Quantity.NET_ADJUSTMENT,
    Quantity.GROSS_ADJUSTMENT,
    Quantity.EXCLUDED_ADJUSTMENT,
    Quantity.BASIC_INITIAL,
    Quantity.PROJECT_INITIAL,
    Quantity.PROJECT_ADJUSTED,
    Quantity.BASIC_OUTTURN,
    Quantity.PROJECT_OUTTURN,
)


class _Sums:
    """Adds entries of one scope up."""

    def __init__(self, project: str | None) -> None:
        self._project = project
        self._by: dict[Quantity, int] = dict.fromkeys(_ALWAYS, 0)
        self._stated: dict[str, int] = {}

    def _within(self, line: Line | None) -> bool:
        return line is not None and (self._project is None or line.project == self._project)

    def take(self, fact: Fact) -> None:
        if isinstance(fact, InitialBudgetApproved):
            for part in fact.lines:
                self._allot(part.amount, part.line, initial=True)
        elif isinstance(fact, FundsCarriedIn):
            for part in fact.lines:
                if self._within(part.line):
                    self._by[Quantity.CARRIED_IN] += part.amount
                    self._allot(part.amount, part.line)
        elif isinstance(fact, Adjustment):
            self._adjust(fact)
        elif isinstance(fact, Payment):
            self.spend(fact.amount, fact.line)
        elif isinstance(fact, PriorYearFiguresStated):
            self._stated.update({figure.quantity: figure.amount for figure in fact.figures})

    def _adjust(self, fact: Adjustment) -> None:
        parts = [part for part in signed_parts(fact) if self._within(part[1])]
        for amount, line in parts:
            self._allot(amount, line)
        if parts:
            self._by[Quantity.NET_ADJUSTMENT] += sum(amount for amount, _ in parts)
            self._by[Quantity.GROSS_ADJUSTMENT] += fact.amount
            if fact.excluded is not Exclusion.NONE:
                self._by[Quantity.EXCLUDED_ADJUSTMENT] += fact.amount

    def _allot(self, amount: int, line: Line, *, initial: bool = False) -> None:
        if not self._within(line):
            return
        by = self._by
        by[Quantity.ADJUSTED_BUDGET] += amount
        by[Quantity.PROJECT_ADJUSTED] += amount * (line.kind is Kind.PROJECT)
        if initial:
            by[Quantity.INITIAL_BUDGET] += amount
            by[Quantity.BASIC_INITIAL] += amount * (line.kind is Kind.BASIC)
            by[Quantity.PROJECT_INITIAL] += amount * (line.kind is Kind.PROJECT)
        for group in self._groups(line):
            if group.budget is not None:
                by[group.budget] += amount
            if initial and group.initial is not None:
                by[group.initial] += amount

    def spend(self, amount: int, line: Line) -> None:
        if not self._within(line):
            return
        by = self._by
        by[Quantity.OUTTURN] += amount
        by[Quantity.BASIC_OUTTURN] += amount * (line.kind is Kind.BASIC)
        by[Quantity.PROJECT_OUTTURN] += amount * (line.kind is Kind.PROJECT)
        for group in self._groups(line):
            by[group.outturn] += amount

    def _groups(self, line: Line) -> Iterator[_Purposed]:
        """The groups that a line serves; from the first such line on their sums are known."""
        if not line.purposes:
            return
        for group in _PURPOSED:
            if not group.purposes.isdisjoint(line.purposes):
                for quantity in (group.initial, group.budget, group.outturn):
                    if quantity is not None:
                        self._by.setdefault(quantity, 0)
                yield group

    def result(self) -> dict[str, int]:
        # What was booked stands before what was stated.
        return self._stated | {name.value: amount for name, amount in self._by.items()}


def signed_parts(fact: Adjustment) -> tuple[tuple[int, Line], ...]:
    """What an adjustment adds (+) and takes away (−), in fen, line by line."""
    match fact:
        case BudgetSupplemented():
            return ((fact.amount, fact.line),)
        case BudgetReduced() | FundsClawedBack():
            return ((-fact.amount, fact.line),)
        case FundsVired():
            sides = ((-fact.amount, fact.from_line), (fact.amount, fact.to_line))
            return tuple((amount, line) for amount, line in sides if line is not None)
