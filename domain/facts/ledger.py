"""Facts of the ledger (台账): the money of a unit and year. Amounts are whole fen, positive
unless said otherwise.
"""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from domain.facts.envelope import Place
from domain.texts import FreeText


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="type"):
    """Base of every fact: frozen, tagged with an explicit versioned type."""


class FundNature(StrEnum):
    """资金性质."""

    GENERAL_PUBLIC = "GENERAL_PUBLIC"
    GOVERNMENT_FUND = "GOVERNMENT_FUND"
    STATE_CAPITAL = "STATE_CAPITAL"
    FISCAL_ACCOUNT = "FISCAL_ACCOUNT"
    UNIT_OWN = "UNIT_OWN"

    # As its text, in C: an enumeration would ask its member's name in Python.
    __hash__ = str.__hash__


class FundSource(StrEnum):
    """Where the money of an adjustment comes from."""

    EARMARKED_TRANSFER = "EARMARKED_TRANSFER"
    LOCAL_OWN_RESOURCES = "LOCAL_OWN_RESOURCES"
    RESERVE_FUND = "RESERVE_FUND"
    CARRIED_IN = "CARRIED_IN"
    OTHER = "OTHER"


class Exclusion(StrEnum):
    """Why an adjustment does not count in the adjustment rate (财预〔2013〕53号)."""

    NONE = "NONE"
    POLICY = "POLICY"
    FORCE_MAJEURE = "FORCE_MAJEURE"
    SUPERIOR_ASSIGNMENT = "SUPERIOR_ASSIGNMENT"


class Kind(StrEnum):
    """基本支出 or 项目支出."""

    BASIC = "BASIC"
    PROJECT = "PROJECT"

    # As its text, in C: an enumeration would ask its member's name in Python.
    __hash__ = str.__hash__


class Purpose(StrEnum):
    """Purposes that metrics ask for; an amount may serve several."""

    OVERSEAS = "OVERSEAS"
    VEHICLE_PURCHASE = "VEHICLE_PURCHASE"
    VEHICLE_OPERATION = "VEHICLE_OPERATION"
    RECEPTION = "RECEPTION"
    OPERATING = "OPERATING"
    PROCUREMENT = "PROCUREMENT"
    KEY_PROJECT = "KEY_PROJECT"

    # As its text, in C: an enumeration would ask its member's name in Python.
    __hash__ = str.__hash__


THREE_PUBLIC = frozenset(
    {
        Purpose.OVERSEAS,
        Purpose.VEHICLE_PURCHASE,
        Purpose.VEHICLE_OPERATION,
        Purpose.RECEPTION,
    }
)


class Basis(StrEnum):
    """LEDGER: every entry is kept here from the start. DECLARED: only a form's figures are known."""

    LEDGER = "LEDGER"
    DECLARED = "DECLARED"


class Line(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """How an amount is classified. ``project`` is a project code; economic and functional are
    codes of the 政府收支分类科目 of the year.
    """

    fund_nature: FundNature | None = None
    kind: Kind | None = None
    project: str | None = None
    functional: str | None = None
    economic: str | None = None
    purposes: tuple[Purpose, ...] = ()


class BudgetLine(Struct, frozen=True, omit_defaults=True, gc=False):
    """An amount in fen on a classified line."""

    amount: int
    line: Line = Line()


class LedgerOpened(Fact, frozen=True, kw_only=True, tag="ledger-opened.v1"):
    """The ledger of a unit and year is opened; ``unit_name`` is the name at that time."""

    unit: str
    unit_name: str
    fiscal_year: int
    basis: Basis


class InitialBudgetApproved(Fact, frozen=True, kw_only=True, tag="initial-budget-approved.v1"):
    """年初预算, approved line by line."""

    lines: tuple[BudgetLine, ...]
    document: str | None = None


class FundsCarriedIn(Fact, frozen=True, kw_only=True, tag="funds-carried-in.v1"):
    """上年结转, by line."""

    lines: tuple[BudgetLine, ...]
    document: str | None = None


class BudgetSupplemented(Fact, frozen=True, kw_only=True, tag="budget-supplemented.v1"):
    """年中追加. ``document`` is the 文号 of the notice."""

    amount: int
    line: Line = Line()
    source: FundSource | None = None
    document: str | None = None
    approved_by: str | None = None
    approved_on: date | None = None
    reason: FreeText | None = None
    excluded: Exclusion = Exclusion.NONE


class BudgetReduced(Fact, frozen=True, kw_only=True, tag="budget-reduced.v1"):
    """追减; ``amount`` is what is taken away, positive."""

    amount: int
    line: Line = Line()
    source: FundSource | None = None
    document: str | None = None
    approved_by: str | None = None
    approved_on: date | None = None
    reason: FreeText | None = None
    excluded: Exclusion = Exclusion.NONE


class FundsClawedBack(Fact, frozen=True, kw_only=True, tag="funds-clawed-back.v1"):
    """财政收回; ``amount`` is what is taken back, positive."""

    amount: int
    line: Line = Line()
    source: FundSource | None = None
    document: str | None = None
    approved_by: str | None = None
    approved_on: date | None = None
    reason: FreeText | None = None
    excluded: Exclusion = Exclusion.NONE


class FundsVired(Fact, frozen=True, kw_only=True, tag="funds-vired.v1"):
    """调剂 between two lines of this ledger, or one side of a virement between two units.

    A side that lies in another ledger is None; both ledgers then hold a fact with the same
    ``transfer`` id.
    """

    amount: int
    from_line: Line | None = None
    to_line: Line | None = None
    transfer: str | None = None
    counterpart: str | None = None
    source: FundSource | None = None
    document: str | None = None
    approved_by: str | None = None
    approved_on: date | None = None
    reason: FreeText | None = None
    excluded: Exclusion = Exclusion.NONE


class ExpenditureRecorded(Fact, frozen=True, kw_only=True, tag="expenditure-recorded.v2"):
    """A payment; ``voucher`` is unique among the live entries of the ledger."""

    amount: int
    paid_on: date | None = None
    voucher: str
    line: Line = Line()


class ExpenditureReversed(Fact, frozen=True, kw_only=True, tag="expenditure-reversed.v1"):
    """冲销: a real refund of ``amount`` against a recorded payment, named by its voucher."""

    amount: int
    voucher: str
    document: str | None = None
    reason: FreeText | None = None


class AdvanceRecognised(Fact, frozen=True, kw_only=True, tag="advance-recognised.v1"):
    """暂付款转列: an old advance booked as this year's expenditure. Counts in 执行数 only."""

    amount: int
    voucher: str
    line: Line = Line()
    document: str | None = None
    reason: FreeText | None = None


class PriorFigure(Struct, frozen=True, gc=False, omit_defaults=True):
    """One figure of the year before; ``quantity`` is a name of domain/metrics.py."""

    quantity: str
    amount: int
    place: Place | None = None


class PriorYearFiguresStated(Fact, frozen=True, kw_only=True, tag="prior-year-figures-stated.v1"):
    """Figures that a metric needs from the year before, with their source."""

    figures: tuple[PriorFigure, ...]


class ScopeTotal(Struct, frozen=True, gc=False, omit_defaults=True):
    """Booked sums of one scope in fen: the whole unit (``project`` None) or a project."""

    project: str | None
    initial: int
    adjusted: int
    outturn: int


class LedgerReconciled(Fact, frozen=True, kw_only=True, tag="ledger-reconciled.v1"):
    """From here the booked entries rule for these scopes; ``totals`` equal the booked sums."""

    through: date
    totals: tuple[ScopeTotal, ...]


LedgerEntry = (
    InitialBudgetApproved
    | FundsCarriedIn
    | BudgetSupplemented
    | BudgetReduced
    | FundsVired
    | FundsClawedBack
    | ExpenditureRecorded
    | ExpenditureReversed
    | AdvanceRecognised
    | PriorYearFiguresStated
)
"""What can be booked, and corrected."""

Adjustment = BudgetSupplemented | BudgetReduced | FundsVired | FundsClawedBack
