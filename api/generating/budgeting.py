"""What a unit may spend: its initial budget, and what is added, moved and taken away in the year."""

from datetime import date, timedelta

from msgspec import Struct

from api.generating import words
from api.generating.chance import Chance
from api.generating.purse import Purse, paper, rounded, some_day
from domain.facts.envelope import Place
from domain.facts.ledger import (
    BudgetLine,
    BudgetReduced,
    BudgetSupplemented,
    Exclusion,
    FundsCarriedIn,
    FundsClawedBack,
    FundSource,
    FundsVired,
    InitialBudgetApproved,
    LedgerEntry,
    PriorFigure,
    PriorYearFiguresStated,
)

_SUPPLEMENTS_BY_MONTH = (0, 1, 1, 2, 3, 3, 4, 4, 6, 8, 12, 22)
_LATE_IN_YEAR = (0, 0, 0, 1, 1, 2, 2, 3, 4, 6, 8, 8)


class Dated(Struct, frozen=True):
    """An entry with its business date and the day on which it is booked."""

    booked: date
    effective: date
    fact: LedgerEntry


def opening_entries(
    purse: Purse, chance: Chance, begin: date, carried: tuple[BudgetLine, ...]
) -> list[Dated]:
    """What a ledger begins with: the initial budget, ``carried``, and figures of the year before."""
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


def carried_in(purse: Purse, chance: Chance) -> tuple[BudgetLine, ...]:
    """上年结转, which not every unit has."""
    if not chance.percent(45):
        return ()
    line = chance.pick(purse.project_lines)
    return (BudgetLine(rounded(chance.part_of(purse.initial, 5, 90)), line),)


def adjustments_of(purse: Purse, chance: Chance) -> list[Dated]:
    """What is added, taken away, moved and taken back; supplements crowd towards December."""
    year, found = purse.unit.year, []
    for _ in range(chance.between(2, 7) if not purse.unit.large else 60):
        approved = some_day(chance, year, _SUPPLEMENTS_BY_MONTH)
        found.append(_dated(chance, approved, _supplement(purse, chance, approved)))
    for _ in range(chance.weighted((5, 4, 2))):
        approved = some_day(chance, year, _LATE_IN_YEAR)
        found.append(_dated(chance, approved, _virement(purse, chance, approved)))
    if chance.percent(25):
        approved = some_day(chance, year, _LATE_IN_YEAR)
        found.append(_dated(chance, approved, _reduction(purse, chance, approved)))
    if chance.percent(18):
        approved = some_day(chance, year, (0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 4))
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
    # Whatever their number, together they come to a part of the initial budget.
    usual = purse.initial // (300 if purse.unit.large else 50)
    return BudgetSupplemented(
        amount=rounded(chance.lopsided(usual, 4)),
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
        amount=rounded(chance.part_of(giving.amount, 10, 60)),
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
        amount=rounded(chance.part_of(losing.amount, 10, 80)),
        line=losing.line,
        document=paper(chance, approved.year),
        approved_by="县财政局",
        approved_on=approved,
        reason=chance.pick(words.REDUCTION_REASONS),
    )


def _clawback(purse: Purse, chance: Chance, approved: date) -> FundsClawedBack:
    losing = purse.lines[-1] if purse.lines[-1].line.project else purse.lines[3]
    return FundsClawedBack(
        amount=rounded(chance.part_of(losing.amount, 10, 70)),
        line=losing.line,
        document=paper(chance, approved.year),
        approved_by="县财政局",
        approved_on=approved,
        reason=chance.pick(words.CLAWBACK_REASONS),
    )
