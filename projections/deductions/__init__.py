"""扣分说明: for each line what it could have had, what it got, why, and on what that rests."""

from projections.deductions.deriving import derive
from projections.deductions.queries import (
    apply,
    deductions_as_of,
    ledger_facts,
    list_for,
    list_unexplained,
)
from projections.deductions.rows import (
    Declared,
    Deduction,
    Evidence,
    FigureUsed,
    Part,
    PointsRead,
    Provenance,
    table,
)

__all__ = [
    "Declared",
    "Deduction",
    "Evidence",
    "FigureUsed",
    "Part",
    "PointsRead",
    "Provenance",
    "apply",
    "deductions_as_of",
    "derive",
    "ledger_facts",
    "list_for",
    "list_unexplained",
    "table",
]
