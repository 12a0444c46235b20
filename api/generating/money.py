"""A unit's ledger: its script, from the opening to the last late payment."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from uuid import UUID

from msgspec import structs

from api.generating import secrecy, words
from api.generating.budgeting import Dated, adjustments_of, carried_in, opening_entries
from api.generating.chance import Chance
from api.generating.paying import late_payments, payments_of
from api.generating.purse import Purse, paper, rounded
from api.generating.scripts import Act, Hand, Script, Stage
from domain.commands import Book, Booking, CorrectEntry, OpenLedger, Reconcile
from domain.facts.envelope import on
from domain.facts.ledger import (
    AdvanceRecognised,
    Basis,
    BudgetSupplemented,
    ExpenditureRecorded,
    ExpenditureReversed,
    LedgerEntry,
)
from domain.ledger import LedgerState, booked_total

_BATCH = 500
"""Payments in one import at most."""


def ledger_script(purse: Purse, chance: Chance, rare: Chance, stage: Stage) -> Script:
    """What is booked in a unit's ledger, from the opening to the last late payment; ``rare`` decides
    about what happens to few ledgers, so that it moves nothing in the others.
    """
    unit, ledger = purse.unit, purse.unit_year.ledger
    year = unit.year
    hand = Hand(chance, unit=unit.code, division=unit.division)
    begin = date(year, 1, chance.between(2, 12))
    basis = Basis.DECLARED if chance.percent(8) and not unit.large else Basis.LEDGER
    opening = OpenLedger(ledger=ledger, unit_name=purse.name, basis=basis)
    yield hand.bureau(hand.moment(begin), opening)
    carried = carried_in(purse, chance)
    yield booked_by(hand, hand.soon(), ledger, opening_entries(purse, chance, begin, carried))
    adjustments = adjustments_of(purse, chance)
    payments = payments_of(purse, chance, adjustments, carried)
    mistaken = chance.percent(14)
    for booked, entries in _in_order(adjustments + payments):
        when = hand.moment(booked)
        if not isinstance(entries[0].fact, ExpenditureRecorded):
            ids = yield booked_by(hand, when, ledger, entries)
            if mistaken and isinstance(entries[0].fact, BudgetSupplemented):
                mistaken = False
                yield _put_right(hand, chance, ledger, ids[0], entries[0])
            continue
        for start in range(0, len(entries), _BATCH):
            some = entries[start : start + _BATCH]
            ids = yield hand.treasury(when, _book(ledger, some))
            when = hand.soon()
            if start == 0 and chance.percent(1):
                yield _put_right(hand, chance, ledger, ids[-1], some[-1])
    yield from _afterwards(purse, chance, hand, stage.ledger(ledger))
    reconciled = hand.moment(date(year + 1, 2, chance.between(1, 8)))
    yield hand.bureau(reconciled, partial(_reconciliation, purse, stage))
    yield from _late(purse, chance, hand)
    if rare.percent(3):
        day = date(year + 1, 4, rare.between(18, 29))
        yield from secrecy.redacted(ledger, day, rare, hand, stage)


def _reconciliation(purse: Purse, stage: Stage) -> Reconcile:
    ledger = purse.unit_year.ledger
    state = stage.ledger(ledger)
    scopes = (None, *(project.code for project in purse.projects))
    totals = tuple(booked_total(state, scope) for scope in scopes)
    return Reconcile(ledger=ledger, through=date(purse.unit.year, 12, 31), totals=totals)


def _in_order(entries: list[Dated]) -> Iterator[tuple[date, list[Dated]]]:
    """Entries in the order of booking: the payments of a day together, anything else alone."""

    def key(one: Dated) -> tuple[date, bool]:
        return one.booked, isinstance(one.fact, ExpenditureRecorded)

    def by_day(one: Dated) -> tuple[date, bool, date]:
        return (*key(one), one.effective)

    for (booked, payments), group in groupby(sorted(entries, key=by_day), key=key):
        if payments:
            yield booked, list(group)
        else:
            yield from ((booked, [one]) for one in group)


def _book(ledger: str, entries: list[Dated]) -> Book:
    return Book(
        ledger=ledger,
        entries=tuple(Booking(fact=one.fact, effective=on(one.effective)) for one in entries),
    )


def booked_by(hand: Hand, when: datetime, ledger: str, entries: list[Dated]) -> Act:
    """Entries booked by the finance bureau, all at once."""
    return hand.bureau(when, _book(ledger, entries))


def _put_right(hand: Hand, chance: Chance, ledger: str, target: UUID, entry: Dated) -> Act:
    """A keying error found within the week: another amount, or the entry void."""
    fact = entry.fact
    void = isinstance(fact, ExpenditureRecorded) and chance.percent(30)
    replacement: LedgerEntry | None = None
    if not void and isinstance(fact, BudgetSupplemented | ExpenditureRecorded):
        replacement = structs.replace(fact, amount=chance.part_of(fact.amount, 900, 1000) + 1)
    command = CorrectEntry(
        stream=ledger,
        target=target,
        replacement=replacement,
        effective=on(entry.effective),
        reason=chance.pick(words.KEYING_REASONS),
        document=f"更正单{chance.between(1, 300)}号",
    )
    return hand.bureau(hand.moment(entry.booked + timedelta(days=chance.between(1, 6))), command)


def _afterwards(purse: Purse, chance: Chance, hand: Hand, state: LedgerState) -> Iterator[Act]:
    """Refunds, advances and late payments, booked in January and February of the next year."""
    ledger, year = purse.unit_year.ledger, purse.unit.year
    entries: list[Dated] = []
    booked = date(year + 1, 1, chance.between(6, 28))
    if chance.percent(20):
        # One that was voided meanwhile cannot be refunded.
        paid = state.payment(chance.pick(tuple(state.payments)))
        if paid is not None:
            refund = ExpenditureReversed(
                amount=max(1, chance.part_of(paid.amount, 100, 1000)),
                voucher=paid.voucher,
                document=f"退款单{chance.between(1, 200)}号",
                reason=chance.pick(words.REVERSAL_REASONS),
            )
            entries.append(Dated(booked, date(year, 12, chance.between(20, 31)), refund))
    if chance.percent(10):
        advance = AdvanceRecognised(
            amount=rounded(chance.part_of(purse.initial, 1, 12)),
            voucher=f"{year}-Z{chance.between(1, 99):02}",
            line=chance.pick(purse.lines).line,
            document=paper(chance, year),
            reason=chance.pick(words.ADVANCE_REASONS),
        )
        entries.append(Dated(booked, date(year, 12, 31), advance))
    if chance.percent(18):
        entries += late_payments(purse, chance, booked, "L")
    if entries:
        yield booked_by(hand, hand.moment(booked), ledger, entries)


def _late(purse: Purse, chance: Chance, hand: Hand) -> Iterator[Act]:
    """Payments of December that turn up in April, when the forms have been submitted."""
    if chance.percent(6):
        booked = date(purse.unit.year + 1, 4, chance.between(3, 17))
        entries = late_payments(purse, chance, booked, "M")
        yield booked_by(hand, hand.moment(booked), purse.unit_year.ledger, entries)
