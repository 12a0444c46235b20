"""Which sums a booking moves, and what a correction takes away and puts in place."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any, get_args

from msgspec import Struct

from domain.decisions import Chain
from domain.facts import Fact
from domain.facts.ledger import (
    Adjustment,
    BudgetReduced,
    BudgetSupplemented,
    Exclusion,
    ExpenditureReversed,
    FundsCarriedIn,
    FundsClawedBack,
    FundsVired,
    InitialBudgetApproved,
    Line,
)
from domain.ledger import LedgerState
from domain.ledger.state import Payment
from projections.standing.rows import Sum


class Where(Struct, frozen=True, gc=False):
    """The account that an amount belongs to within its ledger, and its date."""

    project: str
    sum: Sum
    effective: date | None
    excluded: bool = False


Moved = Counter[Where]
"""Amounts in fen by where they belong."""


def add(to: Moved, chain: Chain, ledger: LedgerState, sign: int = 1) -> None:
    """Add to ``to`` what a live chain adds to the sums, or with ``sign`` −1 take it away; a void
    chain adds nothing.
    """
    fact: Any = chain.fact  # most are payments: no time is spent on finding out
    day = chain.effective.last
    if type(fact) in PAYMENTS:
        where = Where(fact.line.project or "", Sum.SPENT, day)
        to[where] = to.get(where, 0) + sign * fact.amount
        return
    for project, kind, excluded, fen in _parts(fact, ledger):
        to[Where(project or "", kind, day, excluded)] += sign * fen


PAYMENTS = frozenset(get_args(Payment))
"""The kinds of facts that pay: each begins a chain and moves what is spent."""


_Part = tuple[str | None, Sum, bool, int]


def _parts(fact: Fact | None, ledger: LedgerState) -> Iterable[_Part]:
    if isinstance(fact, ExpenditureReversed):
        # A refund goes where its payment went.
        paid = ledger.payment(fact.voucher)
        return [(paid.line.project if paid else None, Sum.SPENT, False, -fact.amount)]
    if isinstance(fact, InitialBudgetApproved):
        return [(part.line.project, Sum.INITIAL, False, part.amount) for part in fact.lines]
    if isinstance(fact, FundsCarriedIn):
        return [(part.line.project, Sum.CARRIED_IN, False, part.amount) for part in fact.lines]
    if isinstance(fact, Adjustment):
        excluded = fact.excluded is not Exclusion.NONE
        return [(project, kind, excluded, fact.amount) for project, kind in _moved(fact)]
    return ()


def _moved(fact: Adjustment) -> list[tuple[str | None, Sum]]:
    match fact:
        case BudgetSupplemented(line=line):
            return [(line.project, Sum.SUPPLEMENTED)]
        case BudgetReduced(line=line):
            return [(line.project, Sum.REDUCED)]
        case FundsClawedBack(line=line):
            return [(line.project, Sum.CLAWED_BACK)]
        case FundsVired(from_line=from_line, to_line=to_line):
            return _vired(from_line, to_line)


def _vired(from_line: Line | None, to_line: Line | None) -> list[tuple[str | None, Sum]]:
    if from_line is None or to_line is None:
        out = [(from_line.project, Sum.VIRED_OUT)] if from_line else []
        into = [(to_line.project, Sum.VIRED_IN)] if to_line else []
        return out + into
    if from_line.project == to_line.project:
        return [(from_line.project, Sum.MOVED_WITHIN)]
    return [(from_line.project, Sum.MOVED_OUT), (to_line.project, Sum.MOVED_IN)]


def together(chain: Chain, ledger: LedgerState) -> list[Chain]:
    """A chain with those whose sums hang on it: the refunds of a payment."""
    fact = chain.fact
    if not isinstance(fact, Payment):
        return [chain]
    refunds = ledger.live(ExpenditureReversed)
    return [chain, *(one for one, refund in refunds if refund.voucher == fact.voucher)]
