"""What is kept so that a year can be seen as it stood at any moment.

Money is kept as movements, which are only added: how a sum stood at a position is the ``total`` of
the last movement of its account up to there, and what of it counts on a business date are the
movements dated until then. Forms are kept as rows with the positions between which they held.
"""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from domain.evaluation.form import Status
from domain.facts.form import Level
from domain.facts.ledger import Basis
from domain.values import Words
from projections.tables import table_of

OPEN_END = 2**62
"""``known_to`` of what still holds; later than every position."""


class Sum(StrEnum):
    """Which sum of money a movement moves.

    Between two units a virement is out of one and into the other. Within a unit it is out of one
    project and into another, or stays within one.
    """

    INITIAL = "initial"
    CARRIED_IN = "carried-in"
    SUPPLEMENTED = "supplemented"
    REDUCED = "reduced"
    CLAWED_BACK = "clawed-back"
    VIRED_IN = "vired-in"
    VIRED_OUT = "vired-out"
    MOVED_IN = "moved-in"
    MOVED_OUT = "moved-out"
    MOVED_WITHIN = "moved-within"
    SPENT = "spent"

    @property
    def words(self) -> Words:
        """The name in both languages."""
        return _NAMES[self]


_NAMES = {
    Sum.INITIAL: Words("年初预算", "initial budget"),
    Sum.CARRIED_IN: Words("上年结转", "carried in"),
    Sum.SUPPLEMENTED: Words("追加", "supplemented"),
    Sum.REDUCED: Words("追减", "reduced"),
    Sum.CLAWED_BACK: Words("收回", "clawed back"),
    Sum.VIRED_IN: Words("调入", "vired in"),
    Sum.VIRED_OUT: Words("调出", "vired out"),
    Sum.MOVED_IN: Words("项目间调入", "moved in from another project"),
    Sum.MOVED_OUT: Words("项目间调出", "moved out to another project"),
    Sum.MOVED_WITHIN: Words("项目内调剂", "moved within a project"),
    Sum.SPENT: Words("执行数", "spent"),
}


class Movement(Struct, frozen=True, kw_only=True):
    """What facts known together moved one sum of one account by, in fen; ``total`` is the sum
    after it.

    An account is a ledger, a project ("" for money without one), a sum, and whether it is excluded
    from the adjustment rate. ``effective`` is the last day of the facts' business date, None while
    it is unknown. ``position`` is that of the last of these facts; those of several dates are told
    apart by ``ordinal``. A correction takes away at the old date and adds at the new one.
    """

    log_id: str
    fiscal_year: int
    ledger: str
    project: str
    sum: Sum
    excluded: bool
    position: int
    ordinal: int
    effective: date | None
    fen: int
    total: int


class Account(Struct, frozen=True, kw_only=True):
    """An account that has movements: where a question begins to look for them."""

    log_id: str
    fiscal_year: int
    ledger: str
    project: str
    sum: Sum
    excluded: bool


class Unit(Struct, frozen=True, kw_only=True):
    """A unit and year whose ledger is open, known from a position on."""

    log_id: str
    fiscal_year: int
    ledger: str
    unit: str
    unit_name: str
    basis: Basis
    known_from: int


class FormStanding(Struct, frozen=True, kw_only=True):
    """How a form stood from the position ``known_from`` until before ``known_to``.

    Points are decimal strings, None where a line has none: ``self_total`` without what reviewers
    gave, ``total`` with it, ``declared_totals`` as printed, each once, the one that counts first. Grades are what is printed, what the
    total gives, and what was finalised.
    """

    log_id: str
    fiscal_year: int
    id: str
    known_from: int
    known_to: int
    unit: str
    unit_name: str
    level: Level
    project: str | None
    project_name: str | None
    status: Status
    rule_set: str | None
    rule_set_version: str | None
    self_total: str | None
    total: str | None
    declared_totals: tuple[str, ...]
    finalised_total: str | None
    grade_declared: str | None
    grade_computed: str | None
    finalised_grade: str | None

    @property
    def grade(self) -> str | None:
        """The grade that counts: finalised, else as printed, else what the total gives."""
        return self.finalised_grade or self.grade_declared or self.grade_computed


_ACCOUNT = ("log_id", "fiscal_year", "ledger", "project", "sum", "excluded")
movements = table_of(Movement, "standing_movements", key=(*_ACCOUNT, "position", "ordinal"))
accounts = table_of(Account, "standing_accounts", key=_ACCOUNT)
units = table_of(Unit, "standing_units", key=("log_id", "fiscal_year", "ledger"))
forms = table_of(FormStanding, "standing_forms", key=("log_id", "fiscal_year", "id", "known_from"))
for _table in (movements, accounts, forms):
    # The rows of an account, or of a form, lie beside each other; SQLite then needs no second
    # tree to find them.
    _table.dialect_options["sqlite"]["with_rowid"] = False
