"""Sums of adjustments across units, and the money of each unit."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    select,
)

from domain.facts.ledger import (
    Basis,
)
from domain.values import wan
from projections.adjustments.filters import (
    AdjustmentFilter,
    GroupBy,
    initial_by_ledger,
    opening_scope,
    particulars,
    scope,
    signed,
)
from projections.adjustments.rows import Direction, openings, table
from projections.adjustments.tallies import (
    adjustment_tally,
    is_of_whole_logs,
    opening_tally,
    tallied,
)
from projections.tables import (
    per_cent,
)


class AdjustmentGroup(Struct, frozen=True, kw_only=True):
    """Sums of a group in 万元 as decimal strings; ``key`` has one value for each ``GroupBy``.

    ``rate`` is (gross − excluded) ÷ initial in per cent at two digits, ``net_rate`` net ÷ initial;
    ``initial`` is that of the group's unit, or of all units asked for where the group is no unit. A transfer between two
    of the units counts once in ``gross``, unless the groups are units.
    """

    key: tuple[str | None, ...]
    unit_names: tuple[str, ...]
    count: int
    gross: str
    net: str
    increased: str
    decreased: str
    excluded: str
    initial: str
    rate: str | None
    net_rate: str | None


class UnitMoney(Struct, frozen=True, kw_only=True):
    """年初 / 调增 / 调减 / 全年 / 执行 of a unit and year by its books, in 万元 as decimal strings."""

    log_id: str
    ledger: str
    unit: str
    unit_name: str
    fiscal_year: int
    basis: Basis
    initial: str
    carried_in: str
    increased: str
    decreased: str
    adjusted: str
    outturn: str


_GROUP_COLUMNS = {
    GroupBy.LOG: table.c.log_id,
    GroupBy.UNIT: table.c.ledger,
    GroupBy.MONTH: table.c.month,
    GroupBy.SOURCE: table.c.source,
    GroupBy.KIND: table.c.kind,
    GroupBy.DIRECTION: table.c.direction,
    GroupBy.EXCLUDED: table.c.excluded,
}


def group(
    connection: Connection, by: Sequence[GroupBy], where: AdjustmentFilter | None = None
) -> list[AdjustmentGroup]:
    """Sums of adjustments across units, by one or several of ``GroupBy``; by none, one sum.

    Of whole logs they come from the tally; a province is then a few thousand rows.

    The key of a unit is its ledger's id. Groups without a value (an unknown month) have None.
    """
    where = where or AdjustmentFilter()
    asked = tallied(by, where)
    query = _from_rows(by, where) if asked is None else _from_tally(by, asked)
    keys = list(query.selected_columns)[: len(by)]
    query = query.order_by(*(key.asc().nulls_last() for key in keys))
    at_first = _initial_by_group(by, _initial(connection, by, where))
    found = (_Sums(row[: len(by)], *row[len(by) :]) for row in connection.execute(query).all())
    return [_group_of(one, by, at_first) for one in found if one.adjustments]


def _from_rows(by: Sequence[GroupBy], where: AdjustmentFilter) -> Select[*tuple[Any, ...]]:
    asked = (
        select(
            table,
            *(
                label.label(name)
                for label, name in zip(signed(where), ("plus", "minus"), strict=True)
            ),
        )
        .where(*scope(where), *particulars(where))
        .cte("asked")
    )
    counted = literal(value=True) if GroupBy.UNIT in by else ~_other_side(asked)
    keys = [asked.c[_GROUP_COLUMNS[one].name].label(f"key_{nth}") for nth, one in enumerate(by)]
    return select(
        *keys,
        func.count(),
        func.sum(case((counted, asked.c.gross_fen), else_=0)),
        func.sum(case((counted, asked.c.excluded_fen), else_=0)),
        func.sum(asked.c.plus),
        func.sum(asked.c.minus),
        func.min(asked.c.unit_name),
    ).group_by(*keys)


def _from_tally(
    by: Sequence[GroupBy], asked: Sequence[ColumnElement[bool]]
) -> Select[*tuple[Any, ...]]:
    columns = adjustment_tally.c
    # Grouped as they are stored, they come out of the index in order; what is unknown is named
    # in the few groups.
    keys = [columns[_GROUP_COLUMNS[one].name] for one in by]
    sums = {
        "adjustments": columns.count,
        "gross": columns.gross_once_fen,
        "excluded": columns.excluded_once_fen,
        "plus": columns.plus_fen,
        "minus": columns.minus_fen,
    }
    grouped = (
        select(
            *(key.label(f"key_{nth}") for nth, key in enumerate(keys)),
            *(func.sum(column).label(name) for name, column in sums.items()),
        )
        .where(*asked)
        .group_by(*keys)
        .subquery("grouped")
    )
    known = [
        func.nullif(grouped.c[f"key_{nth}"], literal_column("''")).label(f"key_{nth}")
        for nth in range(len(keys))
    ]
    return select(*known, *(grouped.c[name] for name in sums))


def _initial(
    connection: Connection, by: Sequence[GroupBy], where: AdjustmentFilter
) -> Mapping[tuple[str, str], int]:
    """年初 by log and ledger; of whole logs in one sum, where no unit is asked for."""
    if GroupBy.UNIT in by or not is_of_whole_logs(where):
        found = initial_by_ledger(connection, where)
        return {ledger: begun for ledger, (begun, _) in found.items()}
    columns = opening_tally.c
    query = select(columns.log_id, func.sum(columns.initial_fen)).group_by(columns.log_id)
    for name in ("log_id", "fiscal_year"):
        if (wanted := getattr(where, name)) is not None:
            query = query.where(columns[name] == wanted)
    return {(log_id, ""): int(begun) for log_id, begun in connection.execute(query)}


def _initial_by_group(
    by: Sequence[GroupBy], at_first: Mapping[tuple[str, str], int]
) -> dict[tuple[str | None, ...], int]:
    """年初 of the units of each group, by those parts of its key that tell units apart."""
    sums: dict[tuple[str | None, ...], int] = {}
    for (log_id, ledger), begun in at_first.items():
        own = {GroupBy.LOG: log_id, GroupBy.UNIT: ledger}
        key = tuple(own[part] for part in by if part in own)
        sums[key] = sums.get(key, 0) + begun
    return sums


def _other_side(asked: CTE) -> ColumnElement[bool]:
    """Whether a row is the receiving side of a transfer whose giving side was asked for too."""
    giving = asked.alias("giving")
    return and_(
        asked.c.transfer.is_not(None),
        asked.c.direction == Direction.IN,
        exists()
        .where(
            giving.c.log_id == asked.c.log_id,
            giving.c.transfer == asked.c.transfer,
            giving.c.direction == Direction.OUT,
        )
        .correlate(asked),
    )


class _Sums(NamedTuple):
    """A group as the database gives it, in fen; numbers that PostgreSQL adds up are decimals."""

    key: Sequence[object]
    adjustments: int
    gross: int
    excluded: int
    plus: int
    minus: int
    unit_name: str | None = None


def _group_of(
    one: _Sums,
    by: Sequence[GroupBy],
    at_first: Mapping[tuple[str | None, ...], int],
) -> AdjustmentGroup:
    key = tuple(None if value is None else str(value) for value in one.key)
    initial = at_first.get(
        tuple(value for part, value in zip(by, key, strict=True) if part in _OF_A_UNIT), 0
    )
    gross, excluded = int(one.gross), int(one.excluded)
    plus, minus = int(one.plus), int(one.minus)
    return AdjustmentGroup(
        key=key,
        unit_names=(one.unit_name or "",) if GroupBy.UNIT in by else (),
        count=int(one.adjustments),
        gross=wan(gross),
        net=wan(plus - minus),
        increased=wan(plus),
        decreased=wan(minus),
        excluded=wan(excluded),
        initial=wan(initial),
        rate=per_cent(gross - excluded, initial),
        net_rate=per_cent(plus - minus, initial),
    )


_OF_A_UNIT = frozenset({GroupBy.LOG, GroupBy.UNIT})


def money_of_units(
    connection: Connection, where: AdjustmentFilter | None = None
) -> list[UnitMoney]:
    """年初, 调增, 调减, 全年 and 执行 of each unit and year, by log and unit."""
    where = where or AdjustmentFilter()
    plus, minus = signed(where)
    moved = (
        select(
            table.c.log_id,
            table.c.ledger,
            func.sum(plus).label("plus"),
            func.sum(minus).label("minus"),
        )
        .where(*scope(where))
        .group_by(table.c.log_id, table.c.ledger)
        .subquery()
    )
    begun = (
        select(
            openings.c.log_id,
            openings.c.ledger,
            func.min(openings.c.unit).label("unit"),
            func.min(openings.c.unit_name).label("unit_name"),
            func.min(openings.c.fiscal_year).label("fiscal_year"),
            func.max(case((openings.c.basis == Basis.LEDGER, 1), else_=0)).label("kept"),
            func.sum(openings.c.initial_fen).label("initial"),
            func.sum(openings.c.carried_in_fen).label("carried_in"),
            func.sum(openings.c.outturn_fen).label("outturn"),
        )
        .where(*opening_scope(where))
        .group_by(openings.c.log_id, openings.c.ledger)
        .subquery()
    )
    query = (
        select(begun, moved.c.plus, moved.c.minus)
        .outerjoin(moved, and_(begun.c.log_id == moved.c.log_id, begun.c.ledger == moved.c.ledger))
        .order_by(begun.c.log_id, begun.c.fiscal_year, begun.c.unit)
    )
    return [
        UnitMoney(
            log_id=one.log_id,
            ledger=one.ledger,
            unit=one.unit,
            unit_name=one.unit_name,
            fiscal_year=one.fiscal_year,
            basis=Basis.LEDGER if one.kept else Basis.DECLARED,
            initial=wan(int(one.initial)),
            carried_in=wan(int(one.carried_in)),
            increased=wan(int(one.plus or 0)),
            decreased=wan(int(one.minus or 0)),
            adjusted=wan(
                int(one.initial) + int(one.carried_in) + int(one.plus or 0) - int(one.minus or 0)
            ),
            outturn=wan(int(one.outturn)),
        )
        for one in connection.execute(query)
    ]
