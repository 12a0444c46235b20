"""What is kept so that a year can be seen as it stood at any moment.

Money is kept as movements, which are only added. How a sum stood at a position is the ``total`` of
the last movement of its account up to there. What of it counts until a day is the total up to the
last movement before a later date came in, and the few movements after that which were late:
recorded after a later one, dated until the day. So a question looks at a few rows of each account,
however many there are. Forms are kept as rows with the positions between which they held.
"""

from datetime import date
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import Index

from domain.evaluation.state import Status
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

    The declared ones are what a unit's forms state; they count for as long as its ledger does not
    rule, and booked ones from then on.
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
    DECLARED_INITIAL = "declared-initial"
    DECLARED_ADJUSTED = "declared-adjusted"
    DECLARED_SPENT = "declared-spent"

    # As its text, in C: an enumeration would ask its member's name in Python.
    __hash__ = str.__hash__

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
    Sum.DECLARED_INITIAL: Words("填报的年初预算", "initial budget as declared"),
    Sum.DECLARED_ADJUSTED: Words("填报的全年预算", "adjusted budget as declared"),
    Sum.DECLARED_SPENT: Words("填报的执行数", "spent as declared"),
}
DECLARED = (Sum.DECLARED_INITIAL, Sum.DECLARED_ADJUSTED, Sum.DECLARED_SPENT)
"""What forms state, in the order 年初, 全年, 执行."""


class Account(Struct, frozen=True, gc=False, kw_only=True):
    """What movements are added up in: a ledger, a project ("" for money without one), a sum,
    whether it is excluded from the adjustment rate, and whether its facts have a date.

    ``account`` is a number made from all that, so that it is the same whenever it is filled.
    """

    log_id: str
    fiscal_year: int
    account: int
    ledger: str
    project: str
    sum: Sum
    excluded: bool
    dated: bool


class Movement(Struct, frozen=True, gc=False, kw_only=True):
    """What facts known together moved an account by on one date, in fen; ``total`` is the account
    after it.

    ``position`` is that of the last of these facts; those of several dates are told apart by
    ``ordinal``. ``effective`` is the last day of their business date, None where it is unknown,
    ``latest`` the latest one of the account so far, and ``late`` says that there had been a later
    one. A correction takes away at the old date and adds at the new one.
    """

    log_id: str
    account: int
    position: int
    ordinal: int
    effective: date | None
    fen: int
    total: int
    latest: date | None
    late: bool


class Unit(Struct, frozen=True, gc=False, kw_only=True):
    """A unit and year whose ledger is open, known from a position on. From ``rules_from`` on, if
    that ever comes, what is booked counts and no longer what is declared.
    """

    log_id: str
    fiscal_year: int
    ledger: str
    unit: str
    unit_name: str
    basis: Basis
    known_from: int
    rules_from: int


class FormStanding(Struct, frozen=True, gc=False, kw_only=True):
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


accounts = table_of(
    Account,
    "standing_accounts",
    key=("log_id", "fiscal_year", "account"),
    indexes=(("log_id", "fiscal_year", "ledger"),),
)
movements = table_of(
    Movement,
    "standing_movements",
    key=("log_id", "account", "position", "ordinal"),
    # Until a day: the last movement before a later date came in. The table brings the rest.
    indexes=(("log_id", "account", "latest", "position", "ordinal"), ("log_id", "position")),
)
Index(
    "standing_movements_late",
    *(movements.c[name] for name in ("log_id", "account", "effective")),
    sqlite_where=movements.c.late,
    postgresql_where=movements.c.late,
)
units = table_of(
    Unit,
    "standing_units",
    key=("log_id", "fiscal_year", "ledger"),
    indexes=(("log_id", "fiscal_year", "rules_from"),),
)
forms = table_of(FormStanding, "standing_forms", key=("log_id", "fiscal_year", "id", "known_from"))
for _table in (accounts, movements, forms):
    # The movements of an account, or the rows of a form, lie beside each other; SQLite then needs
    # no second tree to find them.
    _table.dialect_options["sqlite"]["with_rowid"] = False
