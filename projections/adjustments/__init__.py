"""年中预算调整: every adjustment with its chain of corrections, running balances, and sums across
units.

One row is one chain: the amount that holds now, whoever corrected it. Amounts are whole fen in
the table and decimal strings in 万元 in the answers.
"""

from projections.adjustments.deriving import derive, derive_openings, touched
from projections.adjustments.entries import (
    AdjustmentEntry,
    Key,
    adjustments_as_of,
    key,
    list_for,
    page_query,
    pages,
)
from projections.adjustments.filters import AdjustmentFilter, GroupBy
from projections.adjustments.groups import (
    AdjustmentGroup,
    UnitMoney,
    group,
    money_of_units,
)
from projections.adjustments.past import folded
from projections.adjustments.rows import (
    AdjustmentKind,
    AdjustmentRow,
    Direction,
    Link,
    Opening,
    openings,
    papers,
    table,
)
from projections.adjustments.tallies import ADJUSTMENTS, OPENINGS
from projections.adjustments.writing import apply, rewrite

TALLIES = (ADJUSTMENTS, OPENINGS)

__all__ = [
    "TALLIES",
    "AdjustmentEntry",
    "AdjustmentFilter",
    "AdjustmentGroup",
    "AdjustmentKind",
    "AdjustmentRow",
    "Direction",
    "GroupBy",
    "Key",
    "Link",
    "Opening",
    "UnitMoney",
    "adjustments_as_of",
    "apply",
    "derive",
    "derive_openings",
    "folded",
    "group",
    "key",
    "list_for",
    "money_of_units",
    "openings",
    "page_query",
    "pages",
    "papers",
    "rewrite",
    "table",
    "touched",
]
