"""The amounts of accounts, as known at positions and counted until a day."""

from collections import defaultdict
from datetime import date

from sqlalchemy import (
    CTE,
    BigInteger,
    Connection,
    Row,
    Select,
    and_,
    case,
    cast,
    func,
    or_,
    select,
)

from projections.standing.answers import Positions
from projections.standing.money import Amounts
from projections.standing.positions import here
from projections.standing.rows import Sum, accounts, movements

ByProject = dict[str, dict[tuple[Sum, bool], int]]


def _amounts(at: Positions, fiscal_year: int, effective_on: date | None) -> CTE:
    """Every account with its counted and its undated amount."""
    where = here(at)
    if effective_on is None:
        return _as_of(where, fiscal_year).cte("amounts")
    return _dated(where, fiscal_year, effective_on).cte("amounts")


def _as_of(here: CTE, fiscal_year: int) -> Select[*tuple[object, ...]]:
    """The last total of each account: a look at one row each, however many movements there are."""
    last = (
        select(movements.c.total)
        .where(
            *(movements.c[one.name] == one for one in accounts.c),
            movements.c.position <= here.c.position,
        )
        .order_by(movements.c.position.desc(), movements.c.ordinal.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(accounts, last.label("counted"), cast(None, BigInteger).label("undated"))
        .join(here, accounts.c.log_id == here.c.log_id)
        .where(accounts.c.fiscal_year == fiscal_year)
    )


def _dated(here: CTE, fiscal_year: int, effective_on: date) -> Select[*tuple[object, ...]]:
    """What is dated until a day, and apart from it what has no date."""
    day, account = movements.c.effective, [movements.c[one.name] for one in accounts.c]
    return (
        select(
            *account,
            func.sum(case((day.is_not(None), movements.c.fen))).label("counted"),
            func.sum(case((day.is_(None), movements.c.fen))).label("undated"),
        )
        .join(
            here,
            and_(movements.c.log_id == here.c.log_id, movements.c.position <= here.c.position),
        )
        .where(movements.c.fiscal_year == fiscal_year, or_(day <= effective_on, day.is_(None)))
        .group_by(*account)
    )


def by_log(
    connection: Connection, at: Positions, fiscal_year: int, effective_on: date | None
) -> tuple[dict[str, Amounts], dict[str, Amounts]]:
    """What counts, and apart from it what has no date, by log."""
    amounts = _amounts(at, fiscal_year, effective_on)
    account = (amounts.c.log_id, amounts.c.sum, amounts.c.excluded)
    query = select(
        *account,
        func.sum(amounts.c.counted).label("counted"),
        func.sum(amounts.c.undated).label("undated"),
    ).group_by(*account)
    counted: dict[str, dict[tuple[Sum, bool], int]] = defaultdict(dict)
    undated: dict[str, dict[tuple[Sum, bool], int]] = defaultdict(dict)
    for one in connection.execute(query):
        _note(one, counted[one.log_id], undated[one.log_id])
    return dict(counted), dict(undated)


def by_ledger(
    connection: Connection, at: Positions, fiscal_year: int, effective_on: date | None
) -> tuple[dict[str, ByProject], dict[str, ByProject]]:
    """The same by ledger and project."""
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
    # A sum of numbers is a decimal on PostgreSQL.
    if one.counted is not None:
        counted[one.sum, one.excluded] = int(one.counted)
    if one.undated is not None:
        undated[one.sum, one.excluded] = int(one.undated)
