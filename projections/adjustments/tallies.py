"""Adjustments and initial budgets of a log and year in sums, for questions over many logs."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Index,
    Select,
    Text,
    and_,
    case,
    exists,
    func,
    literal_column,
    select,
    type_coerce,
)

from domain.facts.ledger import Exclusion
from projections.adjustments.filters import AdjustmentFilter, GroupBy, signed
from projections.adjustments.rows import AdjustmentKind, Direction, openings, table
from projections.tables import table_of
from projections.tables.tallies import Tally


class AdjustmentTally(Struct, frozen=True, kw_only=True):
    """What the adjustments of a log and year come to, by all that they are told apart by; voided
    ones left out. ``month`` and ``source`` are empty where they are unknown.

    ``gross_once_fen`` and ``excluded_once_fen`` leave out the receiving side of a transfer.
    """

    log_id: str
    fiscal_year: int
    kind: AdjustmentKind
    direction: Direction
    month: str
    source: str
    excluded: Exclusion
    count: int
    gross_fen: int
    gross_once_fen: int
    excluded_fen: int
    excluded_once_fen: int
    plus_fen: int
    minus_fen: int


class OpeningTally(Struct, frozen=True, kw_only=True):
    """年初预算 of all units of a log and year, in fen."""

    log_id: str
    fiscal_year: int
    initial_fen: int


adjustment_tally = table_of(
    AdjustmentTally,
    "adjustment_tally",
    key=("log_id", "fiscal_year", "kind", "direction", "month", "source", "excluded"),
)
# A province's question is answered from the index alone, in the order in which it is mostly grouped.
Index(
    "adjustment_tally_by_month_and_source",
    *(
        adjustment_tally.c[name]
        for name in (
            "fiscal_year",
            "kind",
            "month",
            "source",
            "count",
            "gross_once_fen",
            "excluded_once_fen",
            "plus_fen",
            "minus_fen",
        )
    ),
)
opening_tally = table_of(
    OpeningTally,
    "adjustment_opening_tally",
    key=("log_id", "fiscal_year"),
    indexes=(("fiscal_year",),),
)


def _adjustments() -> Select[str, int]:
    # Written out: PostgreSQL takes two parameters for two expressions, and would not group by one.
    nothing = literal_column("''", Text)
    month = func.coalesce(table.c.month, nothing)
    source = func.coalesce(type_coerce(table.c.source, Text), nothing)
    keys = (table.c.kind, table.c.direction, month, source, table.c.excluded)
    plus, minus = signed(AdjustmentFilter())
    giving = table.alias("giving")
    received = and_(
        table.c.transfer.is_not(None),
        table.c.direction == Direction.IN,
        exists()
        .where(
            giving.c.log_id == table.c.log_id,
            giving.c.fiscal_year == table.c.fiscal_year,
            giving.c.transfer == table.c.transfer,
            giving.c.direction == Direction.OUT,
            ~giving.c.voided,
        )
        .correlate(table),
    )
    return (
        select(
            table.c.log_id,
            table.c.fiscal_year,
            *keys,
            func.count(),
            func.sum(table.c.gross_fen),
            func.sum(case((received, 0), else_=table.c.gross_fen)),
            func.sum(table.c.excluded_fen),
            func.sum(case((received, 0), else_=table.c.excluded_fen)),
            func.sum(plus),
            func.sum(minus),
        )
        .where(~table.c.voided)
        .group_by(table.c.log_id, table.c.fiscal_year, *keys)
    )


def _openings() -> Select[str, int, int]:
    begun = func.sum(openings.c.initial_fen)
    # Nothing has no row, whether or not there once was something.
    return (
        select(openings.c.log_id, openings.c.fiscal_year, begun)
        .group_by(openings.c.log_id, openings.c.fiscal_year)
        .having(begun != 0)
    )


def is_of_whole_logs(where: AdjustmentFilter) -> bool:
    """Whether no unit or project is asked for."""
    return all(getattr(where, name) is None for name in ("division", "ledger", "unit", "project"))


def tallied(by: Sequence[GroupBy], where: AdjustmentFilter) -> list[ColumnElement[bool]] | None:
    """The conditions on ``adjustment_tally`` that ask the same; None where it cannot answer."""
    if GroupBy.UNIT in by or not is_of_whole_logs(where) or not _is_counted(where):
        return None
    columns = adjustment_tally.c
    found = [
        columns[name] == (str(wanted) if name in _PARTS else wanted)
        for name in ("log_id", "fiscal_year", *_PARTS)
        if (wanted := getattr(where, name)) is not None
    ]
    if where.month is not None:
        found.append(columns.month == ("" if where.month == "unknown" else where.month))
    if where.excluded is not None:
        none = columns.excluded == Exclusion.NONE
        found.append(~none if where.excluded else none)
    return found


def _is_counted(where: AdjustmentFilter) -> bool:
    """Whether a tally tells those that are asked for from the others."""
    particular = ("document", "least_fen", "most_fen", "corrected")
    if where.with_voided or any(getattr(where, name) is not None for name in particular):
        return False
    # What counts once of a transfer depends on whether its other side is asked for too.
    parted = ("month", "excluded", *_PARTS)
    return where.kind not in {None, AdjustmentKind.VIRED} or all(
        getattr(where, name) is None for name in parted
    )


_PARTS = ("kind", "source", "direction")
ADJUSTMENTS = Tally(adjustment_tally, _adjustments(), table)
OPENINGS = Tally(opening_tally, _openings(), openings)
