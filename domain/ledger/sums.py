"""What the bookings of a scope add up to, quantity by quantity, in fen."""

from datetime import date

from domain.facts import Fact
from domain.facts.ledger import (
    THREE_PUBLIC,
    Adjustment,
    BudgetReduced,
    BudgetSupplemented,
    Exclusion,
    ExpenditureReversed,
    FundsCarriedIn,
    FundsClawedBack,
    FundsVired,
    InitialBudgetApproved,
    Kind,
    Line,
    PriorYearFiguresStated,
    Purpose,
)
from domain.ledger.state import LedgerState, Payment
from domain.metrics import Quantity


def sums(
    state: LedgerState, project: str | None = None, effective_on: date | None = None
) -> dict[str, int]:
    """Every quantity that the bookings give for a scope, in fen, by name of ``Quantity``.

    ``project`` None is the whole unit. With ``effective_on`` only entries count whose last
    effective day is known and not later; the others are the caller's to list.
    """
    book = _Sums(project)
    for chain in state.entries():
        fact = chain.fact
        if effective_on is not None:
            last = chain.effective.last
            if last is None or last > effective_on:
                continue
        if isinstance(fact, ExpenditureReversed):
            paid = state.payment(fact.voucher)
            book.spend(-fact.amount, paid.line if paid else Line())
        elif fact is not None:
            book.take(fact)
    return book.result()


class _Sums:
    """Adds entries of one scope up."""

    def __init__(self, project: str | None) -> None:
        self._project = project
        self._by: dict[Quantity, int] = dict.fromkeys(_SUMMED, 0)
        self._stated: dict[str, int] = {}

    def _within(self, line: Line | None) -> bool:
        return line is not None and (self._project is None or line.project == self._project)

    def take(self, fact: Fact) -> None:
        by = self._by
        if isinstance(fact, InitialBudgetApproved):
            for part in fact.lines:
                if self._within(part.line):
                    by[Quantity.INITIAL_BUDGET] += part.amount
                    by[Quantity.BASIC_INITIAL] += part.amount * (part.line.kind is Kind.BASIC)
                    by[Quantity.PROJECT_INITIAL] += part.amount * (part.line.kind is Kind.PROJECT)
                    by[Quantity.KEY_PROJECT_BUDGET] += part.amount * (
                        Purpose.KEY_PROJECT in part.line.purposes
                    )
                    self._allot(part.amount, part.line)
        elif isinstance(fact, FundsCarriedIn):
            for part in fact.lines:
                if self._within(part.line):
                    by[Quantity.CARRIED_IN] += part.amount
                    self._allot(part.amount, part.line)
        elif isinstance(fact, Adjustment):
            self._adjust(fact)
        elif isinstance(fact, Payment):
            self.spend(fact.amount, fact.line)
        elif isinstance(fact, PriorYearFiguresStated):
            self._stated.update({figure.quantity: figure.amount for figure in fact.figures})

    def _adjust(self, fact: Adjustment) -> None:
        net = 0
        touched = False
        for amount, line in signed_parts(fact):
            if self._within(line):
                touched = True
                net += amount
                self._allot(amount, line)
        if touched:
            self._by[Quantity.NET_ADJUSTMENT] += net
            self._by[Quantity.GROSS_ADJUSTMENT] += fact.amount
            if fact.excluded is not Exclusion.NONE:
                self._by[Quantity.EXCLUDED_ADJUSTMENT] += fact.amount

    def _allot(self, amount: int, line: Line) -> None:
        by = self._by
        by[Quantity.ADJUSTED_BUDGET] += amount
        by[Quantity.THREE_PUBLIC_BUDGET] += amount * (not THREE_PUBLIC.isdisjoint(line.purposes))
        by[Quantity.OPERATING_BUDGET] += amount * (Purpose.OPERATING in line.purposes)
        by[Quantity.PROCUREMENT_BUDGET] += amount * (Purpose.PROCUREMENT in line.purposes)

    def spend(self, amount: int, line: Line) -> None:
        if not self._within(line):
            return
        by = self._by
        by[Quantity.OUTTURN] += amount
        by[Quantity.BASIC_OUTTURN] += amount * (line.kind is Kind.BASIC)
        by[Quantity.PROJECT_OUTTURN] += amount * (line.kind is Kind.PROJECT)
        by[Quantity.THREE_PUBLIC_OUTTURN] += amount * (not THREE_PUBLIC.isdisjoint(line.purposes))
        by[Quantity.OPERATING_OUTTURN] += amount * (Purpose.OPERATING in line.purposes)
        by[Quantity.PROCUREMENT_OUTTURN] += amount * (Purpose.PROCUREMENT in line.purposes)

    def result(self) -> dict[str, int]:
        return {**{str(name): amount for name, amount in self._by.items()}, **self._stated}


_SUMMED = (
    Quantity.INITIAL_BUDGET,
    Quantity.ADJUSTED_BUDGET,
    Quantity.OUTTURN,
    Quantity.CARRIED_IN,
    Quantity.NET_ADJUSTMENT,
    Quantity.GROSS_ADJUSTMENT,
    Quantity.EXCLUDED_ADJUSTMENT,
    Quantity.BASIC_INITIAL,
    Quantity.PROJECT_INITIAL,
    Quantity.BASIC_OUTTURN,
    Quantity.PROJECT_OUTTURN,
    Quantity.KEY_PROJECT_BUDGET,
    Quantity.THREE_PUBLIC_BUDGET,
    Quantity.THREE_PUBLIC_OUTTURN,
    Quantity.OPERATING_BUDGET,
    Quantity.OPERATING_OUTTURN,
    Quantity.PROCUREMENT_BUDGET,
    Quantity.PROCUREMENT_OUTTURN,
)


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
