"""A unit's money: the initial budget, what is added and moved in the year, and what is paid."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct, structs

from api.generating import words
from api.generating.chance import Chance
from api.generating.plan import Unit
from api.generating.scripts import Act, Hand, Script, Stage
from domain.commands import Book, Booking, CorrectEntry, OpenLedger, Reconcile
from domain.facts.envelope import Place, on
from domain.facts.ledger import (
    AdvanceRecognised,
    Basis,
    BudgetLine,
    BudgetReduced,
    BudgetSupplemented,
    Exclusion,
    ExpenditureRecorded,
    ExpenditureReversed,
    FundNature,
    FundsCarriedIn,
    FundsClawedBack,
    FundSource,
    FundsVired,
    InitialBudgetApproved,
    Kind,
    LedgerEntry,
    Line,
    PriorFigure,
    PriorYearFiguresStated,
    Purpose,
)
from domain.ids import UnitYear
from domain.ledger import LedgerState, booked_total

YUAN = 100
WAN = 1_000_000
_SUPPLEMENTS_BY_MONTH = (0, 1, 1, 2, 3, 3, 4, 4, 6, 8, 12, 22)
_PAYMENTS_BY_MONTH = (5, 5, 7, 8, 7, 8, 7, 7, 9, 8, 11, 18)
_LATE_IN_YEAR = (0, 0, 0, 1, 1, 2, 2, 3, 4, 6, 8, 8)
_BATCH = 500
"""Payments in one import at most."""


class Project(NamedTuple):
    """A project of a unit."""

    code: str
    name: str


class Pot(NamedTuple):
    """An amount that can be paid from a day on, and the line it lies on."""

    amount: int
    line: Line
    since: date


class Dated(Struct, frozen=True):
    """An entry with its business date and the day on which it is booked."""

    booked: date
    effective: date
    fact: LedgerEntry


class Purse:
    """A unit with its name, projects and size; what its ledger and its forms share."""

    def __init__(self, unit: Unit, chance: Chance) -> None:
        """Made up from ``chance`` for ``unit``."""
        self.unit = unit
        self.unit_year = UnitYear(unit.division, unit.code, unit.year)
        kind = words.KINDS[unit.index % len(words.KINDS)]
        place = chance.pick(words.PLACES) + chance.pick(words.PLACES)
        self.name = place + kind.name
        count = 2 if unit.large or chance.percent(30) else 1
        self.projects = tuple(
            Project(f"P{number:02}", name)
            for number, name in enumerate(chance.some(kind.projects, count), 1)
        )
        self.functional = kind.functional
        # 3 million yuan is usual; a hospital has hundreds of millions.
        self.size = chance.lopsided((40_000 if unit.large else 300) * WAN) // YUAN * YUAN + WAN
        self.lines = self._budget(chance)
        self.supervised = chance.percent(90)
        """Whether a department above it reviews its form."""

    def _line(self, economic: str, *purposes: Purpose, project: str | None = None) -> Line:
        return Line(
            fund_nature=FundNature.GENERAL_PUBLIC,
            kind=Kind.PROJECT if project else Kind.BASIC,
            project=project,
            functional=self.functional,
            economic=economic,
            purposes=purposes,
        )

    def _budget(self, chance: Chance) -> tuple[BudgetLine, ...]:
        """The initial lines, together about the size of the unit."""
        size = self.size
        lines = [
            BudgetLine(chance.part_of(size, 320, 420), self._line("30101")),
            BudgetLine(chance.part_of(size, 80, 140), self._line("30103")),
            BudgetLine(chance.part_of(size, 60, 90), self._line("30108")),
            BudgetLine(chance.part_of(size, 40, 90), self._line("30201", Purpose.OPERATING)),
            BudgetLine(chance.part_of(size, 10, 30), self._line("30211", Purpose.OPERATING)),
        ]
        vehicle = (Purpose.VEHICLE_OPERATION, Purpose.OPERATING)
        # One unit in eight has no such expenditure: its line has nothing to measure.
        if not chance.percent(12):
            lines.append(BudgetLine(chance.part_of(size, 4, 12), self._line("30231", *vehicle)))
            reception = self._line("30217", Purpose.RECEPTION, Purpose.OPERATING)
            lines.append(BudgetLine(chance.part_of(size, 1, 5), reception))
            if chance.percent(5):
                overseas = self._line("30212", Purpose.OVERSEAS)
                lines.append(BudgetLine(chance.part_of(size, 3, 8), overseas))
            if chance.percent(4):
                bought = self._line("31013", Purpose.VEHICLE_PURCHASE, Purpose.PROCUREMENT)
                lines.append(BudgetLine(18 * WAN, bought))
        for number, project in enumerate(self.projects):
            key = (Purpose.KEY_PROJECT,) if number == 0 and chance.percent(90) else ()
            part = chance.part_of(size, 100, 320)
            bought = self._line("31003", *key, Purpose.PROCUREMENT, project=project.code)
            works = self._line("30227", *key, project=project.code)
            if chance.percent(10):
                works = structs.replace(works, fund_nature=FundNature.GOVERNMENT_FUND)
            lines += [BudgetLine(part // 3, bought), BudgetLine(part - part // 3, works)]
        if chance.percent(8):
            own = structs.replace(self._line("30299"), fund_nature=FundNature.UNIT_OWN)
            lines.append(BudgetLine(chance.part_of(size, 20, 120), own))
        return tuple(BudgetLine(_round(one.amount), one.line) for one in lines)

    @property
    def initial(self) -> int:
        """The initial budget in fen."""
        return sum(line.amount for line in self.lines)

    @property
    def project_lines(self) -> tuple[Line, ...]:
        """The lines that lie on projects."""
        return tuple(one.line for one in self.lines if one.line.project)


def _round(amount: int) -> int:
    """Budgets are made in hundreds of yuan."""
    return max(amount // (100 * YUAN), 1) * 100 * YUAN


def paper(chance: Chance, year: int) -> str:
    """A 文号 of the finance bureau."""
    return f"{chance.pick(words.PAPERS)}〔{year}〕{chance.between(1, 480)}号"


def _day(chance: Chance, year: int, weights: tuple[int, ...]) -> date:
    month = chance.weighted(weights) + 1
    last = 31 if month == 12 else (date(year, month + 1, 1) - timedelta(days=1)).day  # noqa: PLR2004
    return date(year, month, chance.between(1, last))


# ------------------------------------------------------------------------------- the script


def ledger_script(purse: Purse, chance: Chance, stage: Stage) -> Script:
    """What is booked in a unit's ledger, from the opening to the last late payment."""
    unit, ledger = purse.unit, purse.unit_year.ledger
    year = unit.year
    hand = Hand(chance, unit=unit.code, division=unit.division)
    begin = date(year, 1, chance.between(2, 12))
    basis = Basis.DECLARED if chance.percent(8) and not unit.large else Basis.LEDGER
    opening = OpenLedger(ledger=ledger, unit_name=purse.name, basis=basis)
    yield hand.bureau(hand.moment(begin), opening)
    carried = _carried_in(purse, chance)
    yield _booked(hand, hand.soon(), ledger, _opening_entries(purse, chance, begin, carried))
    adjustments = _adjustments(purse, chance)
    payments = _payments(purse, chance, adjustments, carried)
    mistaken = chance.percent(14)
    for booked, entries in _in_order(adjustments + payments):
        when = hand.moment(booked)
        if not isinstance(entries[0].fact, ExpenditureRecorded):
            ids = yield _booked(hand, when, ledger, entries)
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


def _reconciliation(purse: Purse, stage: Stage) -> Reconcile:
    ledger = purse.unit_year.ledger
    state = stage.ledger(ledger)
    scopes = (None, *(project.code for project in purse.projects))
    totals = tuple(booked_total(state, scope) for scope in scopes)
    return Reconcile(ledger=ledger, through=date(purse.unit.year, 12, 31), totals=totals)


def _opening_entries(
    purse: Purse, chance: Chance, begin: date, carried: tuple[BudgetLine, ...]
) -> list[Dated]:
    year = purse.unit.year
    entries: list[LedgerEntry] = [
        InitialBudgetApproved(lines=purse.lines, document=f"财预〔{year}〕1号")
    ]
    if carried:
        entries.append(FundsCarriedIn(lines=carried, document=f"财预〔{year}〕2号"))
    public = sum(
        one.amount
        for one in purse.lines
        if one.line.economic in {"30231", "30217", "30212", "31013"}
    )
    before = chance.part_of(public, 880, 1250)
    place = Place(f"{year - 1}年部门决算", "三公经费支出表", table=True)
    entries.append(
        PriorYearFiguresStated(
            figures=(
                PriorFigure("PRIOR_THREE_PUBLIC_BUDGET", before, place),
                PriorFigure("PRIOR_THREE_PUBLIC_OUTTURN", chance.part_of(before, 820, 1000), place),
            )
        )
    )
    return [Dated(begin, begin, entry) for entry in entries]


def _carried_in(purse: Purse, chance: Chance) -> tuple[BudgetLine, ...]:
    if not chance.percent(45):
        return ()
    line = chance.pick(purse.project_lines)
    return (BudgetLine(_round(chance.part_of(purse.initial, 5, 90)), line),)


def _adjustments(purse: Purse, chance: Chance) -> list[Dated]:
    """What is added, taken away, moved and taken back; supplements crowd towards December."""
    year, found = purse.unit.year, []
    for _ in range(chance.between(2, 7) if not purse.unit.large else 60):
        approved = _day(chance, year, _SUPPLEMENTS_BY_MONTH)
        found.append(_dated(chance, approved, _supplement(purse, chance, approved)))
    for _ in range(chance.weighted((5, 4, 2))):
        approved = _day(chance, year, _LATE_IN_YEAR)
        found.append(_dated(chance, approved, _virement(purse, chance, approved)))
    if chance.percent(25):
        approved = _day(chance, year, _LATE_IN_YEAR)
        found.append(_dated(chance, approved, _reduction(purse, chance, approved)))
    if chance.percent(18):
        approved = _day(chance, year, (0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 4))
        found.append(_dated(chance, approved, _clawback(purse, chance, approved)))
    return found


def _dated(chance: Chance, approved: date, fact: LedgerEntry) -> Dated:
    booked = min(approved + timedelta(days=chance.between(0, 5)), date(approved.year, 12, 31))
    return Dated(booked, approved, fact)


def _supplement(purse: Purse, chance: Chance, approved: date) -> BudgetSupplemented:
    source, excluded = (
        (FundSource.EARMARKED_TRANSFER, Exclusion.SUPERIOR_ASSIGNMENT),
        (FundSource.EARMARKED_TRANSFER, Exclusion.NONE),
        (FundSource.LOCAL_OWN_RESOURCES, Exclusion.NONE),
        (FundSource.LOCAL_OWN_RESOURCES, Exclusion.POLICY),
        (FundSource.RESERVE_FUND, Exclusion.FORCE_MAJEURE),
        (FundSource.RESERVE_FUND, Exclusion.NONE),
        (FundSource.CARRIED_IN, Exclusion.NONE),
        (FundSource.OTHER, Exclusion.NONE),
    )[chance.weighted((22, 14, 24, 8, 4, 6, 4, 2))]
    line = chance.pick(purse.project_lines) if chance.percent(72) else purse.lines[1].line
    usual = purse.initial // (20 if purse.unit.large else 50)
    return BudgetSupplemented(
        amount=_round(chance.lopsided(usual, 4)),
        line=line,
        source=source,
        document=paper(chance, approved.year),
        approved_by=chance.pick(words.APPROVERS),
        approved_on=approved,
        reason=chance.pick(words.SUPPLEMENT_REASONS),
        excluded=excluded,
    )


def _virement(purse: Purse, chance: Chance, approved: date) -> FundsVired:
    giving = chance.pick(purse.lines[:3])
    return FundsVired(
        amount=_round(chance.part_of(giving.amount, 10, 60)),
        from_line=giving.line,
        to_line=chance.pick(purse.project_lines),
        document=paper(chance, approved.year),
        approved_by="县财政局",
        approved_on=approved,
        reason=chance.pick(words.VIREMENT_REASONS),
    )


def _reduction(purse: Purse, chance: Chance, approved: date) -> BudgetReduced:
    losing = chance.pick(purse.lines)
    return BudgetReduced(
        amount=_round(chance.part_of(losing.amount, 10, 80)),
        line=losing.line,
        document=paper(chance, approved.year),
        approved_by="县财政局",
        approved_on=approved,
        reason=chance.pick(words.REDUCTION_REASONS),
    )


def _clawback(purse: Purse, chance: Chance, approved: date) -> FundsClawedBack:
    losing = purse.lines[-1] if purse.lines[-1].line.project else purse.lines[3]
    return FundsClawedBack(
        amount=_round(chance.part_of(losing.amount, 10, 70)),
        line=losing.line,
        document=paper(chance, approved.year),
        approved_by="县财政局",
        approved_on=approved,
        reason=chance.pick(words.CLAWBACK_REASONS),
    )


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


def _payments(
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
            paid = _day(chance, year, _PAYMENTS_BY_MONTH)
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


def _booked(hand: Hand, when: datetime, ledger: str, entries: list[Dated]) -> Act:
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
            amount=_round(chance.part_of(purse.initial, 1, 12)),
            voucher=f"{year}-Z{chance.between(1, 99):02}",
            line=chance.pick(purse.lines).line,
            document=paper(chance, year),
            reason=chance.pick(words.ADVANCE_REASONS),
        )
        entries.append(Dated(booked, date(year, 12, 31), advance))
    if chance.percent(18):
        entries += _late_payments(purse, chance, booked, "L")
    if entries:
        yield _booked(hand, hand.moment(booked), ledger, entries)


def _late(purse: Purse, chance: Chance, hand: Hand) -> Iterator[Act]:
    """Payments of December that turn up in April, when the forms have been submitted."""
    if chance.percent(6):
        booked = date(purse.unit.year + 1, 4, chance.between(3, 17))
        entries = _late_payments(purse, chance, booked, "M")
        yield _booked(hand, hand.moment(booked), purse.unit_year.ledger, entries)


def _late_payments(purse: Purse, chance: Chance, booked: date, series: str) -> list[Dated]:
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
