"""What counts of a log's money, by day, in blocks of its positions.

How a county stood at a position is what flowed in all whole blocks before it, and the few movements
since. A question then adds up a few rows of each block instead of asking thousands of accounts, on
either clock. A flow is a movement where it begins to count: what is booked counts from the position
at which its ledger rules, and takes the place of what was declared until then.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    false,
    func,
    insert,
    literal_column,
    select,
    true,
    union_all,
)

from projections.standing.answers import Positions
from projections.standing.money import Amount
from projections.standing.positions import DAY, YEAR, Place, Question
from projections.standing.rows import DECLARED, OPEN_END, Sum, accounts, movements, units
from projections.tables import table_of

BLOCK = 512
"""Positions of a block: as many facts as a question may look at one by one."""
NEVER = date.max
"""The day of what has no date: no business date comes to it."""


class Flow(Struct, frozen=True, kw_only=True):
    """What flowed in a block of positions on one day, in fen; ``effective`` is ``NEVER`` for what has
    no date.
    """

    log_id: str
    fiscal_year: int
    block: int
    sum: Sum
    excluded: bool
    effective: date
    fen: int


flows = table_of(
    Flow,
    "standing_flows",
    key=("log_id", "fiscal_year", "block", "sum", "excluded", "effective"),
)
flows.dialect_options["sqlite"]["with_rowid"] = False


_RULES_FROM: ColumnElement[int] = func.coalesce(units.c.rules_from, OPEN_END)
_IS_DECLARED = accounts.c.sum.in_(DECLARED)
_EFFECTIVE: ColumnElement[date] = func.coalesce(
    movements.c.effective, literal_column(f"'{NEVER}'", Date)
)


class _Spans(NamedTuple):
    """The positions after ``begin`` up to ``end`` of logs."""

    log_id: ColumnElement[str]
    begin: ColumnElement[int]
    end: ColumnElement[int]


def _flowing(spans: _Spans, fiscal_year: ColumnElement[int]) -> Subquery:
    """Each flow of ``spans``, at the position from which it counts."""
    of_account = and_(
        movements.c.log_id == accounts.c.log_id, movements.c.account == accounts.c.account
    )
    of_unit = and_(
        *(units.c[name] == accounts.c[name] for name in ("log_id", "fiscal_year", "ledger"))
    )
    known = (accounts.c.log_id, accounts.c.sum, accounts.c.excluded, _EFFECTIVE.label("effective"))
    came = (
        select(*known, movements.c.position.label("position"), movements.c.fen.label("fen"))
        .select_from(movements)
        .join(accounts, of_account)
        .outerjoin(units, of_unit)
        .where(
            movements.c.log_id == spans.log_id,
            movements.c.position > spans.begin,
            movements.c.position <= spans.end,
            accounts.c.log_id == spans.log_id,
            accounts.c.fiscal_year == fiscal_year,
            (movements.c.position < _RULES_FROM) == _IS_DECLARED,
        )
    )
    ruled = (
        select(
            *known,
            units.c.rules_from.label("position"),
            case((_IS_DECLARED, -movements.c.fen), else_=movements.c.fen).label("fen"),
        )
        .select_from(units)
        .join(accounts, of_unit)
        # From outside, so that SQLite, which knows no sizes, begins with the ledgers: it would look
        # through the whole log for each. An account without movements adds nothing to any sum.
        .outerjoin(
            movements,
            and_(of_account, movements.c.position < units.c.rules_from),
        )
        .where(
            units.c.log_id == spans.log_id,
            units.c.fiscal_year == fiscal_year,
            units.c.rules_from > spans.begin,
            units.c.rules_from <= spans.end,
            accounts.c.log_id == spans.log_id,
            accounts.c.fiscal_year == fiscal_year,
        )
    )
    return union_all(came, ruled).subquery("flowing")


def _counted(spans: _Spans) -> Select[*tuple[Any, ...]]:
    """The rows of ``flows`` that ``spans`` come to."""
    flowing = _flowing(spans, YEAR)
    # Written out: PostgreSQL would not group by what comes as a parameter.
    one, size = literal_column("1", BigInteger), literal_column(str(BLOCK), BigInteger)
    block = (flowing.c.position - one) // size
    keys = (flowing.c.log_id, block, flowing.c.sum, flowing.c.excluded, flowing.c.effective)
    fen = func.sum(flowing.c.fen)
    return (
        select(
            flowing.c.log_id,
            YEAR.label("fiscal_year"),
            block.label("block"),
            *keys[2:],
            cast(fen, BigInteger).label("fen"),
        )
        .group_by(*keys)
        .having(fen != 0)
    )


_COUNTED = _counted(
    _Spans(
        bindparam("of_log", type_=Text),
        bindparam("begin", type_=BigInteger),
        literal_column(str(OPEN_END), BigInteger),
    )
)


@contextmanager
def _joining_whole_tables(connection: Connection) -> Iterator[None]:
    """Tell PostgreSQL to join by hash. Of rows that this transaction has just written it has no
    statistics, takes them for a few, and would look through the movements once for each account.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
    yield
    connection.exec_driver_sql("SET LOCAL enable_nestloop TO DEFAULT")


class Flows:
    """``flows``, which follow from movements; see ``Counted``."""

    table = flows

    @staticmethod
    def refresh(connection: Connection, log_id: str, since: Mapping[int, int]) -> None:
        """Count the blocks of a log anew from that of a position on, by fiscal year."""
        with _joining_whole_tables(connection):
            for year, position in sorted(since.items()):
                block = (position - 1) // BLOCK
                connection.execute(
                    delete(flows).where(
                        flows.c.log_id == log_id,
                        flows.c.fiscal_year == year,
                        flows.c.block >= block,
                    )
                )
                connection.execute(
                    insert(flows).from_select([one.name for one in flows.columns], _COUNTED),
                    {"of_log": log_id, "of_year": year, "begin": block * BLOCK},
                )

    @staticmethod
    def counted(connection: Connection, log_id: str, year: int) -> list[dict[str, Any]]:
        """See ``Counted``."""
        values = {"of_log": log_id, "of_year": year, "begin": 0}
        found = connection.execute(_COUNTED, values)
        return [dict(row) for row in found.mappings()]


FLOWS = Flows()


def _by_log(then: Place, is_dated: bool) -> Select[*tuple[Any, ...]]:  # noqa: FBT001 - see Question
    size = literal_column(str(BLOCK), BigInteger)
    spans = _Spans(then.log_id, then.position // size * size, then.position)
    flowing = _flowing(spans, YEAR)
    names = ("log_id", "sum", "excluded", "effective", "fen")
    whole = select(*(flows.c[name] for name in names)).where(
        flows.c.log_id == spans.log_id,
        flows.c.fiscal_year == YEAR,
        flows.c.block < then.position // size,
    )
    every = union_all(whole, select(*(flowing.c[name] for name in names))).subquery("every")
    counts = every.c.effective <= DAY if is_dated else true()
    apart = every.c.effective == NEVER if is_dated else false()
    return select(
        every.c.log_id,
        every.c.sum,
        every.c.excluded,
        func.sum(case((counts, every.c.fen))).label("counted"),
        func.sum(case((apart, every.c.fen))).label("undated"),
    ).group_by(every.c.log_id, every.c.sum, every.c.excluded)


_BY_LOG = Question(_by_log)


def by_log(
    connection: Connection, at: Positions, fiscal_year: int, effective_on: date | None
) -> tuple[dict[str, list[Amount]], dict[str, list[Amount]]]:
    """What counts, and apart from it what has no date, by log. Without a business date everything
    counts, and nothing is apart.
    """
    counted: dict[str, list[Amount]] = defaultdict(list)
    undated: dict[str, list[Amount]] = defaultdict(list)
    for log_id, kind, excluded, fen, apart in _BY_LOG.ask(
        connection, at, fiscal_year, effective_on
    ):
        # A sum of numbers is a decimal on PostgreSQL.
        if fen is not None:
            counted[log_id].append((kind, excluded, int(fen)))
        if apart is not None:
            undated[log_id].append((kind, excluded, int(apart)))
    return dict(counted), dict(undated)
