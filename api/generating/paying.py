"""What a unit pays: from the lines of its budget, month by month, and now and then late."""

from datetime import date, timedelta
from typing import NamedTuple

from api.generating.budgeting import Dated
from api.generating.chance import Chance
from api.generating.purse import YUAN, Purse, some_day
from domain.facts.ledger import (
    BudgetLine,
    BudgetReduced,
    BudgetSupplemented,
    ExpenditureRecorded,
    FundsClawedBack,
    FundsVired,
    Kind,
    Line,
)

_PAYMENTS_BY_MONTH = (5, 5, 7, 8, 7, 8, 7, 7, 9, 8, 11, 18)


class Pot(NamedTuple):
    """An amount that can be paid from a day on, and the line it lies on."""

    amount: int
    line: Line
    since: date


def _pots(purse: Purse, adjustments: list[Dated], carried: tuple[BudgetLine, ...]) -> list[Pot]:
    """What can be paid: the initial lines less what was taken from them, and each addition."""
    taken: dict[Line, int] = {}
    added: list[Pot] = []
    for one in adjustments:
        match one.fact:
            case BudgetSupplemented(amount=amount, line=line):
                added.append(Pot(amount, line, one.booked))
            case FundsVired(amount=amount, from_line=Line() as giving, to_line=Line() as line):
                taken[giving] = taken.get(giving, 0) + amount
                added.append(Pot(amount, line, one.booked))
            case (
                BudgetReduced(amount=amount, line=line) | FundsClawedBack(amount=amount, line=line)
            ):
                taken[line] = taken.get(line, 0) + amount
            case _:
                pass  # nothing else is an adjustment
    first = date(purse.unit.year, 1, 1)
    initial = [
        Pot(max(one.amount - taken.get(one.line, 0), YUAN), one.line, first)
        for one in (*purse.lines, *carried)
    ]
    return initial + added


def payments_of(
    purse: Purse, chance: Chance, adjustments: list[Dated], carried: tuple[BudgetLine, ...]
) -> list[Dated]:
    """Payments from each pot, most of them in the last months, imported month by month."""
    pots = _pots(purse, adjustments, carried)
    year, wanted = purse.unit.year, purse.unit.payments
    # Each pot has a payment; the others are shared out by size, but not by size alone.
    weights = [max(1, pot.amount * 1000 // purse.initial) + 30 for pot in pots]
    counts = [1] * len(pots)
    for _ in range(wanted - len(pots)):
        counts[chance.weighted(weights)] += 1
    # How diligent a unit is shows in all its pots.
    diligence = chance.pick((850, 920, 950, 960, 970, 980, 985, 990))
    found: list[Dated] = []
    number = 0
    for pot, count in list(zip(pots, counts, strict=True))[:wanted]:
        basic = pot.line.kind is Kind.BASIC
        spent = chance.part_of(pot.amount, 985 if basic else diligence - 40, 1000)
        for amount in chance.shares(spent, count):
            paid = some_day(chance, year, _PAYMENTS_BY_MONTH)
            if paid < pot.since:
                left = (date(year, 12, 31) - pot.since).days
                paid = pot.since + timedelta(days=chance.between(0, left))
            number += 1
            fact = ExpenditureRecorded(
                amount=amount, paid_on=paid, voucher=f"{year}-{number:05}", line=pot.line
            )
            found.append(Dated(_imported(paid), paid, fact))
    return found


def _imported(paid: date) -> date:
    """Payments are imported on the third day of the next month, those of December on its last."""
    if paid.month == 12:  # noqa: PLR2004
        return date(paid.year, 12, 31)
    return date(paid.year, paid.month + 1, 3)


def late_payments(purse: Purse, chance: Chance, booked: date, series: str) -> list[Dated]:
    """Payments of December that are found and ``booked`` later; vouchers of a ``series``."""
    year = purse.unit.year
    found = []
    for number in range(chance.between(1, 3)):
        paid = date(year, 12, chance.between(20, 31))
        fact = ExpenditureRecorded(
            amount=max(YUAN, chance.part_of(purse.initial, 1, 8)),
            paid_on=paid,
            voucher=f"{year}-{series}{number + 1:02}",
            line=chance.pick(purse.lines).line,
        )
        found.append(Dated(booked, paid, fact))
    return found
