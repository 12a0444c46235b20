"""The amounts of accounts, as known at positions and counted until a day."""

from datetime import date
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Label,
    Row,
    ScalarSelect,
    and_,
    case,
    cast,
    func,
    null,
    select,
)

from projections.standing.answers import Positions
from projections.standing.positions import here
from projections.standing.rows import DECLARED, OPEN_END, Sum, accounts, movements, units

ByProject = dict[str, dict[tuple[Sum, bool], int]]


def _amounts(at: Positions, fiscal_year: int, effective_on: date | None) -> CTE:
    """Every account with its counted and its undated amount, and the log's position."""
    where = here(at)

    def newest(column: Column[Any], name: str) -> Label[Any]:
        known = (_of(accounts), movements.c.position <= where.c.position)
        order = (movements.c.position.desc(), movements.c.ordinal.desc())
        query = select(column).where(*known).correlate(accounts, where)
        return query.order_by(*order).limit(1).scalar_subquery().label(name)

    found: list[Any] = [accounts, where.c.position, newest(movements.c.total, "total")]
    if effective_on is not None:
        found.append(newest(movements.c.latest, "latest"))
    ruled = and_(
        *(units.c[name] == accounts.c[name] for name in ("log_id", "fiscal_year", "ledger"))
    )
    rules = func.coalesce(units.c.rules_from, OPEN_END) <= where.c.position
    known = (
        select(*found)
        .join(where, accounts.c.log_id == where.c.log_id)
        .outerjoin(units, ruled)
        .where(accounts.c.fiscal_year == fiscal_year, rules != accounts.c.sum.in_(DECLARED))
        .cte("known")
        # Else each mention of a column looks for it again.
        .prefix_with("MATERIALIZED")
    )
    if effective_on is None:
        return select(
            known, known.c.total.label("counted"), cast(null(), BigInteger).label("undated")
        ).cte("amounts")
    counted = case(
        (known.c.total.is_(None) | ~known.c.dated, None),
        (known.c.latest <= effective_on, known.c.total),
        else_=func.coalesce(_in_order(known, effective_on), 0)
        + func.coalesce(_late(known, effective_on), 0),
    )
    undated = case((~known.c.dated, known.c.total))
    return select(known, counted.label("counted"), undated.label("undated")).cte("amounts")


def _of(account: FromClause) -> ColumnElement[bool]:
    return and_(movements.c.log_id == account.c.log_id, movements.c.account == account.c.account)


def _in_order(known: CTE, effective_on: date) -> ScalarSelect[int]:
    """The account before anything dated after the day came in."""
    order = (
        movements.c.latest.desc(),
        movements.c.position.desc(),
        movements.c.ordinal.desc(),
    )
    return (
        select(movements.c.total)
        .where(_of(known), movements.c.latest <= effective_on)
        .correlate(known)
        .order_by(*order)
        .limit(1)
        .scalar_subquery()
    )


def _late(known: CTE, effective_on: date) -> ScalarSelect[int]:
    """What came in afterwards and is dated until the day nevertheless."""
    return (
        select(func.sum(movements.c.fen))
        .where(
            _of(known),
            movements.c.late,
            movements.c.effective <= effective_on,
            movements.c.latest > effective_on,
            # Not a bare column, or SQLite looks through all movements up to the position: there
            # are few late ones, and an index of their own.
            movements.c.position + 0 <= known.c.position,
        )
        .correlate(known)
        .scalar_subquery()
    )


def by_ledger(
    connection: Connection, at: Positions, fiscal_year: int, effective_on: date | None
) -> tuple[dict[str, ByProject], dict[str, ByProject]]:
    """What counts, and apart from it what has no date, by ledger and project."""
    counted: dict[str, ByProject] = {}
    undated: dict[str, ByProject] = {}
    for one in connection.execute(select(_amounts(at, fiscal_year, effective_on))):
        _note(
            one,
            counted.setdefault(one.ledger, {}).setdefault(one.project, {}),
            undated.setdefault(one.ledger, {}).setdefault(one.project, {}),
        )
    return counted, undated


def _note(
    one: Row[*tuple[object, ...]],
    counted: dict[tuple[Sum, bool], int],
    undated: dict[tuple[Sum, bool], int],
) -> None:
    # What has a date and what has none are accounts of their own. A sum of numbers is a decimal on
    # PostgreSQL.
    key = (one.sum, one.excluded)
    for amounts, fen in ((counted, one.counted), (undated, one.undated)):
        if fen is not None:
            amounts[key] = amounts.get(key, 0) + int(fen)
