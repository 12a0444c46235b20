"""What a row of the adjustments is: one chain of facts, the amount that holds now.

Amounts are whole fen.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Index

from domain.facts.envelope import Effective, Place, Role
from domain.facts.ledger import (
    Basis,
    Exclusion,
    FundSource,
    Line,
)
from domain.values import Words
from projections.tables import (
    Prose,
    table_of,
)


class AdjustmentKind(StrEnum):
    """种类: what kind of adjustment."""

    SUPPLEMENTED = "supplemented"
    REDUCED = "reduced"
    VIRED = "vired"
    CLAWED_BACK = "clawed-back"

    @property
    def words(self) -> Words:
        """The name in both languages."""
        return _KIND_NAMES[self]


_KIND_NAMES = {
    AdjustmentKind.SUPPLEMENTED: Words("追加", "supplement"),
    AdjustmentKind.REDUCED: Words("追减", "reduction"),
    AdjustmentKind.VIRED: Words("调剂", "virement"),
    AdjustmentKind.CLAWED_BACK: Words("收回", "clawback"),
}


class Direction(StrEnum):
    """方向: into the unit, out of it, or between two of its own lines."""

    IN = "in"
    OUT = "out"
    WITHIN = "within"

    @property
    def words(self) -> Words:
        """The name in both languages."""
        return _DIRECTION_NAMES[self]


_DIRECTION_NAMES = {
    Direction.IN: Words("调增", "increase"),
    Direction.OUT: Words("调减", "decrease"),
    Direction.WITHIN: Words("内部调剂", "within the unit"),
}


class Link(Struct, frozen=True, gc=False, kw_only=True):
    """One fact of a chain: the booking, or a correction. ``fen`` is None for a void."""

    event_id: UUID
    type: str
    fen: int | None
    document: str | None
    reason: Prose | None
    effective: Effective
    recorded_at: datetime
    actor: str
    role: Role
    organisation: str
    version: int
    position: int


class AdjustmentRow(Struct, frozen=True, gc=False, kw_only=True):
    """One adjustment as it holds now, amounts in whole fen.

    ``in_fen`` enters ``to_line``, ``out_fen`` leaves ``from_line``; the signed amount is their
    difference, 0 for a virement within the unit. All amounts of a void one are 0. ``document``,
    ``reason`` and dates are those of the newest booking; ``links`` is the chain, oldest first.
    ``month`` is that of the last effective day ("2024-10"), None while the date is unknown.
    """

    log_id: str
    origin: UUID
    head: UUID
    ledger: str
    division: str
    unit: str
    unit_name: str
    fiscal_year: int
    kind: AdjustmentKind
    direction: Direction
    gross_fen: int
    in_fen: int
    out_fen: int
    excluded_fen: int
    from_line: Line | None
    to_line: Line | None
    from_project: str | None
    to_project: str | None
    document: str | None
    approved_by: str | None
    approved_on: date | None
    effective_from: date | None
    effective_to: date | None
    month: str | None
    recorded_at: datetime
    source: FundSource | None
    excluded: Exclusion
    reason: Prose | None
    transfer: str | None
    counterpart: str | None
    place: Place | None
    voided: bool
    corrected: bool
    actor: str
    role: Role
    organisation: str
    links: tuple[Link, ...]
    position: int
    head_position: int


class Paper(Struct, frozen=True, gc=False, kw_only=True):
    """A 文号 that some fact of a chain names."""

    log_id: str
    origin: UUID
    document: str


class Opening(Struct, frozen=True, gc=False, kw_only=True):
    """What a unit or one of its projects began the year with, and what it has spent, in fen.

    ``project`` is empty for money without a project.
    """

    log_id: str
    ledger: str
    project: str
    division: str
    unit: str
    unit_name: str
    fiscal_year: int
    basis: Basis
    initial_fen: int
    carried_in_fen: int
    outturn_fen: int


table = table_of(
    AdjustmentRow,
    "adjustments",
    key=("log_id", "origin"),
    indexes=(
        ("log_id", "ledger", "position"),
        ("log_id", "fiscal_year", "month"),
        ("fiscal_year", "month", "source"),
        # Pages go unit by unit, whatever is asked for.
        ("fiscal_year", "log_id", "ledger", "position"),
        ("month", "log_id", "ledger", "position"),
        ("unit", "log_id", "ledger", "position"),
        ("kind", "log_id", "ledger", "position"),
        ("source", "log_id", "ledger", "position"),
        ("gross_fen",),
    ),
)
Index(
    "adjustments_transferred",
    *(table.c[name] for name in ("log_id", "transfer", "direction")),
    sqlite_where=table.c.transfer.is_not(None),
    postgresql_where=table.c.transfer.is_not(None),
)
papers = table_of(
    Paper,
    "adjustment_papers",
    key=("log_id", "origin", "document"),
    indexes=(("document", "log_id", "origin"),),
)
openings = table_of(
    Opening,
    "adjustment_openings",
    key=("log_id", "ledger", "project"),
    indexes=(("fiscal_year", "log_id"),),
)
