"""Which adjustments are asked for, as conditions of a query."""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    case,
    func,
    or_,
    select,
    tuple_,
)

from domain.facts.ledger import (
    Exclusion,
    FundSource,
)
from projections.adjustments.rows import AdjustmentKind, Direction, openings, papers, table


class AdjustmentFilter(Struct, frozen=True, kw_only=True):
    """Which adjustments: every field that is given must fit.

    ``month`` "unknown" finds those without a date; ``document`` fits the 文号 of any fact of the
    chain; amounts are gross, in whole fen, ends included; voided ones are left out unless asked
    for. With ``project`` amounts are what the project gains and loses.
    """

    log_id: str | None = None
    division: str | None = None
    ledger: str | None = None
    unit: str | None = None
    fiscal_year: int | None = None
    project: str | None = None
    kind: AdjustmentKind | None = None
    source: FundSource | None = None
    month: str | None = None
    document: str | None = None
    least_fen: int | None = None
    most_fen: int | None = None
    direction: Direction | None = None
    excluded: bool | None = None
    corrected: bool | None = None
    with_voided: bool = False


class GroupBy(StrEnum):
    """What sums are taken by."""

    LOG = "log"
    UNIT = "unit"
    MONTH = "month"
    SOURCE = "source"
    KIND = "kind"
    DIRECTION = "direction"
    EXCLUDED = "excluded"


def signed(where: AdjustmentFilter) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """What a row adds and takes away, in the unit or in the project that is asked for."""
    if where.project is not None:
        return (
            case((table.c.to_project == where.project, table.c.in_fen), else_=0),
            case((table.c.from_project == where.project, table.c.out_fen), else_=0),
        )
    within = table.c.direction == Direction.WITHIN
    return (
        case((within, 0), else_=table.c.in_fen),
        case((within, 0), else_=table.c.out_fen),
    )


def scope(where: AdjustmentFilter) -> list[ColumnElement[bool]]:
    """The conditions that keep or drop whole units or projects."""
    found: list[ColumnElement[bool]] = [
        table.c[name] == wanted
        for name in ("log_id", "division", "ledger", "unit", "fiscal_year")
        if (wanted := getattr(where, name)) is not None
    ]
    if where.project is not None:
        found.append(
            or_(table.c.from_project == where.project, table.c.to_project == where.project)
        )
    return found


def particulars(where: AdjustmentFilter) -> list[ColumnElement[bool]]:
    """The conditions that choose among a unit's adjustments."""
    found: list[ColumnElement[bool]] = [
        table.c[name] == wanted
        for name in ("kind", "source", "direction", "corrected")
        if (wanted := getattr(where, name)) is not None
    ]
    if where.month is not None:
        month = table.c.month
        found.append(month.is_(None) if where.month == "unknown" else month == where.month)
    if where.document is not None:
        named = select(papers.c.log_id, papers.c.origin).where(papers.c.document == where.document)
        found.append(tuple_(table.c.log_id, table.c.origin).in_(named))
    if where.least_fen is not None:
        found.append(table.c.gross_fen >= where.least_fen)
    if where.most_fen is not None:
        found.append(table.c.gross_fen <= where.most_fen)
    if where.excluded is not None:
        none = table.c.excluded == Exclusion.NONE
        found.append(~none if where.excluded else none)
    if not where.with_voided:
        found.append(~table.c.voided)
    return found


def initial_by_ledger(
    connection: Connection,
    where: AdjustmentFilter,
    ledgers: Sequence[tuple[str, str]] | None = None,
) -> dict[tuple[str, str], tuple[int, int]]:
    """年初预算 and 上年结转 in fen by log and ledger, of the units or the project asked for;
    with ``ledgers`` of those only.
    """
    query = select(
        openings.c.log_id,
        openings.c.ledger,
        func.sum(openings.c.initial_fen),
        func.sum(openings.c.carried_in_fen),
    ).group_by(openings.c.log_id, openings.c.ledger)
    if ledgers is not None:
        query = query.where(tuple_(openings.c.log_id, openings.c.ledger).in_(ledgers))
    found = connection.execute(query.where(*opening_scope(where)))
    return {(log_id, ledger): (int(a), int(b)) for log_id, ledger, a, b in found}


def opening_scope(where: AdjustmentFilter) -> list[ColumnElement[bool]]:
    """The same for openings."""
    return [
        openings.c[name] == wanted
        for name in ("log_id", "division", "ledger", "unit", "fiscal_year", "project")
        if (wanted := getattr(where, name)) is not None
    ]
