"""The amounts of accounts, as known at positions and counted until a day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    ScalarSelect,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    null,
    select,
)

from projections.standing.answers import Positions
from projections.standing.money import Amount, Money, Scope, money
from projections.standing.positions import DAY, YEAR, Place, Question
from projections.standing.rows import DECLARED, accounts, movements, units

ByProject = Mapping[str, Sequence[Amount]]
"""The amounts of a ledger's accounts by project, "" for what has none."""


def _amounts(then: Place, is_dated: bool, *, of_all: bool) -> Select[*tuple[Any, ...]]:  # noqa: FBT001 - see Question
    """Every account that counts with its amount; with a business date also what of it has none."""
    of_account = [accounts.c[name] for name in ("ledger", "project", "sum", "excluded")]
    rules = accounts.c.ledger.in_(_ruling(then))
    query = select(*of_account, _newest(movements.c.total, then).label("total")).where(
        accounts.c.log_id == then.log_id,
        accounts.c.fiscal_year == YEAR,
        rules != accounts.c.sum.in_(DECLARED),
    )
    if of_all:
        # In the order of their key, in which their movements lie too: SQLite would otherwise take
        # another index of them, and look for each account and its movements all over the tables.
        query = query.order_by(accounts.c.log_id, accounts.c.fiscal_year, accounts.c.account)
    else:
        query = query.where(accounts.c.ledger.between(_FIRST, _LAST))
    if not is_dated:
        return query.add_columns(null().label("undated"))
    known = (
        query.add_columns(
            accounts.c.log_id,
            accounts.c.account,
            accounts.c.dated,
            then.position.label("position"),
            _newest(movements.c.latest, then).label("latest"),
        )
        .cte("known")
        # Else each mention of a column looks for it again.
        .prefix_with("MATERIALIZED")
    )
    counted = case(
        (known.c.total.is_(None) | ~known.c.dated, None),
        (known.c.latest <= DAY, known.c.total),
        else_=func.coalesce(_in_order(known), 0) + func.coalesce(_late(known), 0),
    )
    return select(
        *(known.c[column.name] for column in of_account),
        # A sum of numbers is a decimal on PostgreSQL.
        cast(counted, BigInteger).label("total"),
        case((~known.c.dated, known.c.total)).label("undated"),
    )


_FIRST, _LAST = (bindparam(name, type_=Text) for name in ("of_first", "of_last"))
_AMOUNTS = Question(partial(_amounts, of_all=True))
_OF_SOME = Question(partial(_amounts, of_all=False))


def _ruling(then: Place) -> Select[str]:
    """The ledgers that ruled at the position, found once for all accounts."""
    return (
        select(units.c.ledger)
        .where(
            units.c.log_id == then.log_id,
            units.c.fiscal_year == YEAR,
            units.c.rules_from <= then.position,
        )
        .correlate(None)
    )


def _newest(column: Column[Any], then: Place) -> ScalarSelect[Any]:
    """What the last movement of an account that was known says."""
    query = select(column).where(_of(accounts), movements.c.position <= then.position)
    order = (movements.c.position.desc(), movements.c.ordinal.desc())
    return query.correlate_except(movements).order_by(*order).limit(1).scalar_subquery()


def _of(account: FromClause) -> ColumnElement[bool]:
    return and_(movements.c.log_id == account.c.log_id, movements.c.account == account.c.account)


def _in_order(known: CTE) -> ScalarSelect[int]:
    """The account before anything dated after the day came in."""
    order = (
        movements.c.latest.desc(),
        movements.c.position.desc(),
        movements.c.ordinal.desc(),
    )
    return (
        select(movements.c.total)
        .where(_of(known), movements.c.latest <= DAY)
        .correlate(known)
        .order_by(*order)
        .limit(1)
        .scalar_subquery()
    )


def _late(known: CTE) -> ScalarSelect[int]:
    """What came in afterwards and is dated until the day nevertheless."""
    return (
        select(func.sum(movements.c.fen))
        .where(
            _of(known),
            movements.c.late,
            movements.c.effective <= DAY,
            movements.c.latest > DAY,
            # Not a bare column, or SQLite looks through all movements up to the position: there
            # are few late ones, and an index of their own.
            movements.c.position + 0 <= known.c.position,
        )
        .correlate(known)
        .scalar_subquery()
    )


def by_ledger(
    connection: Connection,
    at: Positions,
    fiscal_year: int,
    effective_on: date | None,
    ledgers: Iterable[str] | None = None,
) -> tuple[Mapping[str, ByProject], Mapping[str, ByProject]]:
    """What counts, and apart from it what has no date, by ledger and project: of each ledger of
    which anything was booked or declared, or of those between the first and the last of ``ledgers``.
    """
    counted: dict[str, dict[str, list[Amount]]] = {}
    undated: dict[str, dict[str, list[Amount]]] = {}
    if ledgers is None:
        rows = _AMOUNTS.ask(connection, at, fiscal_year, effective_on)
    else:
        some = sorted(ledgers)
        rows = _OF_SOME.ask(
            connection, at, fiscal_year, effective_on, of_first=some[0], of_last=some[-1]
        )
    for ledger, project, kind, excluded, fen, apart in rows:
        if fen is None and apart is None:
            continue  # the account came later
        if ledger not in counted:
            counted[ledger], undated[ledger] = defaultdict(list), defaultdict(list)
        if fen is not None:
            counted[ledger][project].append((kind, excluded, fen))
        else:
            undated[ledger][project].append((kind, excluded, apart))
    return counted, undated


def of_unit(projects: ByProject) -> Money:
    """The sums of a unit, from those of its projects."""
    return money(chain.from_iterable(projects.values()), Scope.UNIT)
