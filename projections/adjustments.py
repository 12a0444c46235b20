"""年中预算调整: every adjustment with its chain of corrections, running balances, and sums across
units.

One row is one chain: the amount that holds now, whoever corrected it. Amounts are whole fen in
the table and decimal strings in 万元 in the answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    RowMapping,
    Subquery,
    Text,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
)

from domain.decisions import Chain
from domain.facts.envelope import Effective, Place, Role
from domain.facts.ledger import (
    Adjustment,
    AdvanceRecognised,
    Basis,
    BudgetReduced,
    BudgetSupplemented,
    Exclusion,
    ExpenditureRecorded,
    ExpenditureReversed,
    FundsCarriedIn,
    FundsClawedBack,
    FundSource,
    FundsVired,
    InitialBudgetApproved,
    Line,
)
from domain.facts.others import EntryCorrected
from domain.ids import unit_year_of
from domain.ledger import signed_parts
from domain.store import EventStore, Recorded
from domain.values import Words, wan
from projections.tables import (
    Prose,
    TextBodies,
    joined,
    per_cent,
    prose,
    put,
    replace,
    table_of,
)
from projections.unit_year import UnitYearFold, load, name_of, stated_by


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
_KINDS: Mapping[type, AdjustmentKind] = {
    BudgetSupplemented: AdjustmentKind.SUPPLEMENTED,
    BudgetReduced: AdjustmentKind.REDUCED,
    FundsVired: AdjustmentKind.VIRED,
    FundsClawedBack: AdjustmentKind.CLAWED_BACK,
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


class Link(Struct, frozen=True, kw_only=True):
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


class AdjustmentRow(Struct, frozen=True, kw_only=True):
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


class Opening(Struct, frozen=True, kw_only=True):
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
        ("document",),
    ),
)
openings = table_of(
    Opening,
    "adjustment_openings",
    key=("log_id", "ledger", "project"),
    indexes=(("fiscal_year", "log_id"),),
)


# --------------------------------------------------------------------------------------- derive


def touched(fold: UnitYearFold, recorded: Recorded) -> UUID | None:
    """The origin of the chain that a fact, already applied, belongs to; None for no adjustment."""
    event_id = recorded.envelope.event_id
    if event_id in fold.adjustments:
        return event_id
    chain = fold.ledger.chains.find(event_id)
    return chain.origin if chain is not None and chain.origin in fold.adjustments else None


def derive(fold: UnitYearFold, origins: Iterable[UUID] | None = None) -> list[AdjustmentRow]:
    """One row for each chain of adjustments, or for those of ``origins``."""
    return [
        _row(fold, fold.ledger.chains.live[origin], fold.adjustments[origin])
        for origin in (fold.adjustments if origins is None else origins)
    ]


def _row(fold: UnitYearFold, chain: Chain, recorded: Sequence[Recorded]) -> AdjustmentRow:
    first, last = recorded[0], recorded[-1]
    stated = [said for one in recorded if (said := stated_by(one.fact)) is not None]
    fact: Adjustment = stated[-1]
    live = chain.fact is not None
    parts = signed_parts(fact) if live else ()
    into = sum(amount for amount, _ in parts if amount > 0)
    out = -sum(amount for amount, _ in parts if amount < 0)
    gross = fact.amount if live else 0
    excluded = fact.excluded is not Exclusion.NONE
    from_line, to_line = _lines(fact)
    opened = fold.ledger.opened
    known = chain.effective.last
    return AdjustmentRow(
        log_id=fold.log_id,
        origin=chain.origin,
        head=chain.head,
        ledger=first.stream_id,
        division=fold.id.division,
        unit=fold.id.unit,
        unit_name=opened.unit_name if opened else "",
        fiscal_year=fold.id.year,
        kind=_KINDS[type(fact)],
        direction=_direction(from_line, to_line),
        gross_fen=gross,
        in_fen=into,
        out_fen=out,
        excluded_fen=gross if excluded else 0,
        from_line=from_line,
        to_line=to_line,
        from_project=from_line.project if from_line else None,
        to_project=to_line.project if to_line else None,
        document=fact.document,
        approved_by=fact.approved_by,
        approved_on=fact.approved_on,
        effective_from=chain.effective.first,
        effective_to=known,
        month=f"{known:%Y-%m}" if known else None,
        recorded_at=first.envelope.recorded_at,
        source=fact.source,
        excluded=fact.excluded,
        reason=prose(fact.reason),
        transfer=fact.transfer if isinstance(fact, FundsVired) else None,
        counterpart=fact.counterpart if isinstance(fact, FundsVired) else None,
        place=chain.source,
        voided=not live,
        corrected=len(recorded) > 1,
        actor=first.envelope.actor,
        role=first.envelope.role,
        organisation=first.envelope.organisation,
        links=tuple(_link(one) for one in recorded),
        position=first.position,
        head_position=last.position,
    )


def _lines(fact: Adjustment) -> tuple[Line | None, Line | None]:
    match fact:
        case BudgetSupplemented():
            return None, fact.line
        case BudgetReduced() | FundsClawedBack():
            return fact.line, None
        case FundsVired():
            return fact.from_line, fact.to_line


def _direction(from_line: Line | None, to_line: Line | None) -> Direction:
    if from_line is None:
        return Direction.IN
    return Direction.OUT if to_line is None else Direction.WITHIN


def _link(recorded: Recorded) -> Link:
    fact, envelope = recorded.fact, recorded.envelope
    stated = stated_by(fact)
    # A correction brings a reason and a paper of its own, beside those of what it books.
    speaks: Any = fact if isinstance(fact, EntryCorrected) else stated
    return Link(
        event_id=envelope.event_id,
        type=name_of(fact),
        fen=stated.amount if stated is not None else None,
        document=speaks.document,
        reason=prose(speaks.reason),
        effective=envelope.effective,
        recorded_at=envelope.recorded_at,
        actor=envelope.actor,
        role=envelope.role,
        organisation=envelope.organisation,
        version=recorded.version,
        position=recorded.position,
    )


def derive_openings(fold: UnitYearFold) -> list[Opening]:
    """What the books say of the beginning of the year and of payments, project by project."""
    opened = fold.ledger.opened
    if opened is None:
        return []
    sums: dict[str, list[int]] = {"": [0, 0, 0]}

    def add(line: Line, column: int, fen: int) -> None:
        sums.setdefault(line.project or "", [0, 0, 0])[column] += fen

    for chain in fold.ledger.entries():
        match chain.fact:
            case InitialBudgetApproved(lines=lines):
                for part in lines:
                    add(part.line, 0, part.amount)
            case FundsCarriedIn(lines=lines):
                for part in lines:
                    add(part.line, 1, part.amount)
            case ExpenditureRecorded() | AdvanceRecognised() as paid:
                add(paid.line, 2, paid.amount)
            case ExpenditureReversed(voucher=voucher, amount=amount):
                of = fold.ledger.payment(voucher)
                add(of.line if of else Line(), 2, -amount)
            case _:
                pass  # adjustments have rows of their own
    return [
        Opening(
            log_id=fold.log_id,
            ledger=fold.id.ledger,
            project=project,
            division=fold.id.division,
            unit=fold.id.unit,
            unit_name=opened.unit_name,
            fiscal_year=fold.id.year,
            basis=fold.ledger.basis(project or None),
            initial_fen=initial,
            carried_in_fen=carried,
            outturn_fen=spent,
        )
        for project, (initial, carried, spent) in sorted(sums.items())
    ]


# ---------------------------------------------------------------------------------------- apply


def apply(
    connection: Connection,
    rows: Sequence[AdjustmentRow],
    opening: Mapping[tuple[str, str], Sequence[Opening]],
) -> None:
    """Replace chains by their origins, and the openings of whole ledgers by log and ledger."""
    keys = [{"log_id": row.log_id, "origin": row.origin} for row in rows]
    replace(connection, table, rows, where=keys)
    replace(
        connection,
        openings,
        [one for ledger in opening.values() for one in ledger],
        where=[{"log_id": log_id, "ledger": ledger} for log_id, ledger in opening],
    )


def rewrite(
    connection: Connection, log_id: str, ledger: str, rows: Sequence[AdjustmentRow]
) -> None:
    """Put every chain of one ledger anew."""
    replace(connection, table, (), where=[{"log_id": log_id, "ledger": ledger}])
    put(connection, table, rows)


# -------------------------------------------------------------------------------------- queries


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


class AdjustmentEntry(Struct, frozen=True, kw_only=True):
    """An adjustment in the course of its unit's year (or of the project that was asked for).

    ``amount`` is signed, ``gross`` is not. ``initial`` 年初 (with ``carried_in``), ``increased``
    调增 and ``decreased`` 调减 so far, ``balance`` 余额 after it; in 万元 as decimal strings, in the
    order of the log. A virement within the unit moves no balance of the unit.
    """

    row: AdjustmentRow
    amount: str
    gross: str
    initial: str
    carried_in: str
    increased: str
    decreased: str
    balance: str
    chain: tuple[str | None, ...]


class GroupBy(StrEnum):
    """What sums are taken by."""

    LOG = "log"
    UNIT = "unit"
    MONTH = "month"
    SOURCE = "source"
    KIND = "kind"
    DIRECTION = "direction"
    EXCLUDED = "excluded"


class AdjustmentGroup(Struct, frozen=True, kw_only=True):
    """Sums of a group in 万元 as decimal strings; ``key`` has one value for each ``GroupBy``.

    ``rate`` is (gross − excluded) ÷ initial in per cent at two digits; ``initial`` is that of
    the group's unit, or of all units asked for where the group is no unit. A transfer between two
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


def list_for(
    connection: Connection, texts: TextBodies, where: AdjustmentFilter | None = None
) -> list[AdjustmentEntry]:
    """Adjustments with their running balances, unit by unit in the order of the log.

    A balance counts every adjustment before it, those that the filter leaves out included.
    """
    where = where or AdjustmentFilter()
    shown = _running(where)
    query = (
        select(table, shown.c.plus, shown.c.minus, shown.c.increased, shown.c.decreased)
        .join(shown, and_(table.c.log_id == shown.c.log_id, table.c.origin == shown.c.origin))
        .where(*_scope(where), *_particulars(where))
        .order_by(table.c.log_id, table.c.ledger, table.c.position)
    )
    found = connection.execute(query).all()
    at_first = _initial_by_ledger(connection, where)
    names = AdjustmentRow.__struct_fields__
    rows = joined(
        [AdjustmentRow(**{name: one._mapping[name] for name in names}) for one in found],  # noqa: SLF001
        texts,
    )
    return [
        _entry(
            row,
            _Course(int(one.plus), int(one.minus), int(one.increased), int(one.decreased)),
            at_first,
        )
        for row, one in zip(rows, found, strict=True)
    ]


class _Course(NamedTuple):
    """What an adjustment adds and takes away, and all of them so far; in fen."""

    plus: int
    minus: int
    increased: int
    decreased: int


def _entry(
    row: AdjustmentRow, course: _Course, at_first: Mapping[tuple[str, str], tuple[int, int]]
) -> AdjustmentEntry:
    initial, carried = at_first.get((row.log_id, row.ledger), (0, 0))
    return AdjustmentEntry(
        row=row,
        amount=wan(course.plus - course.minus),
        gross=wan(row.gross_fen),
        initial=wan(initial),
        carried_in=wan(carried),
        increased=wan(course.increased),
        decreased=wan(course.decreased),
        balance=wan(initial + carried + course.increased - course.decreased),
        chain=tuple(None if link.fen is None else wan(link.fen) for link in row.links),
    )


def _signed(where: AdjustmentFilter) -> tuple[ColumnElement[int], ColumnElement[int]]:
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


def _running(where: AdjustmentFilter) -> Subquery:
    plus, minus = _signed(where)

    def so_far(column: ColumnElement[int]) -> ColumnElement[int]:
        return func.sum(column).over(
            partition_by=(table.c.log_id, table.c.ledger),
            order_by=table.c.position,
            rows=(None, 0),
        )

    query = select(
        table.c.log_id,
        table.c.origin,
        plus.label("plus"),
        minus.label("minus"),
        so_far(plus).label("increased"),
        so_far(minus).label("decreased"),
    )
    return query.where(*_scope(where)).subquery("running")


def _scope(where: AdjustmentFilter) -> list[ColumnElement[bool]]:
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


def _particulars(where: AdjustmentFilter) -> list[ColumnElement[bool]]:
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
        # Any link of the chain: the links are JSON, in which a 文号 stands between quotes.
        quoted = f'"document":{msgspec.json.encode(where.document).decode()}'
        found.append(
            or_(table.c.document == where.document, _links_text().contains(quoted, autoescape=True))
        )
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


def _links_text() -> ColumnElement[str]:
    return type_coerce(table.c.links, Text)


def _initial_by_ledger(
    connection: Connection, where: AdjustmentFilter
) -> dict[tuple[str, str], tuple[int, int]]:
    query = select(
        openings.c.log_id,
        openings.c.ledger,
        func.sum(openings.c.initial_fen),
        func.sum(openings.c.carried_in_fen),
    ).group_by(openings.c.log_id, openings.c.ledger)
    found = connection.execute(query.where(*_opening_scope(where)))
    return {(log_id, ledger): (int(a), int(b)) for log_id, ledger, a, b in found}


def _opening_scope(where: AdjustmentFilter) -> list[ColumnElement[bool]]:
    return [
        openings.c[name] == wanted
        for name in ("log_id", "division", "ledger", "unit", "fiscal_year", "project")
        if (wanted := getattr(where, name)) is not None
    ]


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

    The key of a unit is its ledger's id. Groups without a value (an unknown month) have None.
    """
    where = where or AdjustmentFilter()
    asked = (
        select(
            table,
            *(
                label.label(name)
                for label, name in zip(_signed(where), ("plus", "minus"), strict=True)
            ),
        )
        .where(*_scope(where), *_particulars(where))
        .cte("asked")
    )
    keys = [asked.c[_GROUP_COLUMNS[one].name] for one in by]
    counted = literal(value=True) if GroupBy.UNIT in by else ~_other_side(asked)
    query = select(
        *(key.label(f"key_{nth}") for nth, key in enumerate(keys)),
        func.count().label("count"),
        func.sum(case((counted, asked.c.gross_fen), else_=0)).label("gross"),
        func.sum(case((counted, asked.c.excluded_fen), else_=0)).label("excluded"),
        func.sum(asked.c.plus).label("plus"),
        func.sum(asked.c.minus).label("minus"),
        func.min(asked.c.unit_name).label("unit_name"),
    )
    query = query.group_by(*keys).order_by(*(key.asc().nulls_last() for key in keys))
    at_first = _initial_by_ledger(connection, where)
    return [
        _group_of(one._mapping, by, at_first)  # noqa: SLF001 - its public name
        for one in connection.execute(query)
        if one._mapping["count"]  # noqa: SLF001 - its public name
    ]


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


def _group_of(
    one: RowMapping,
    by: Sequence[GroupBy],
    at_first: Mapping[tuple[str, str], tuple[int, int]],
) -> AdjustmentGroup:
    key = tuple(
        None if (value := one[f"key_{nth}"]) is None else str(value) for nth in range(len(by))
    )
    wanted = {part: value for part, value in zip(by, key, strict=True) if part in _OF_A_UNIT}
    initial = sum(
        begun
        for (log_id, ledger), (begun, _) in at_first.items()
        if wanted.get(GroupBy.LOG, log_id) == log_id and wanted.get(GroupBy.UNIT, ledger) == ledger
    )
    gross, excluded = int(one["gross"]), int(one["excluded"])
    return AdjustmentGroup(
        key=key,
        unit_names=(one["unit_name"],) if GroupBy.UNIT in by else (),
        count=one["count"],
        gross=wan(gross),
        net=wan(int(one["plus"]) - int(one["minus"])),
        increased=wan(int(one["plus"])),
        decreased=wan(int(one["minus"])),
        excluded=wan(excluded),
        initial=wan(initial),
        rate=per_cent(gross - excluded, initial),
    )


_OF_A_UNIT = frozenset({GroupBy.LOG, GroupBy.UNIT})


def money_of_units(
    connection: Connection, where: AdjustmentFilter | None = None
) -> list[UnitMoney]:
    """年初, 调增, 调减, 全年 and 执行 of each unit and year, by log and unit."""
    where = where or AdjustmentFilter()
    plus, minus = _signed(where)
    moved = (
        select(
            table.c.log_id,
            table.c.ledger,
            func.sum(plus).label("plus"),
            func.sum(minus).label("minus"),
        )
        .where(*_scope(where))
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
        .where(*_opening_scope(where))
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


def adjustments_as_of(
    store: EventStore, log_id: str, ledger: str, position: int | None = None
) -> list[AdjustmentEntry]:
    """The adjustments of one unit and year as known at ``position``, with running balances.

    ``ledger`` may be the id of the ledger or of any form of the unit and year. Voided ones are
    left out, as in ``list_for``.
    """
    unit_year = unit_year_of(ledger)
    if unit_year is None:
        return []
    fold = load(store, log_id, unit_year, position)
    begun = derive_openings(fold)
    at_first = {
        (log_id, unit_year.ledger): (
            sum(one.initial_fen for one in begun),
            sum(one.carried_in_fen for one in begun),
        )
    }
    entries: list[AdjustmentEntry] = []
    increased = decreased = 0
    for row in joined(derive(fold), store.text_bodies):
        within = row.direction is Direction.WITHIN
        plus, minus = (0, 0) if within else (row.in_fen, row.out_fen)
        increased, decreased = increased + plus, decreased + minus
        if not row.voided:
            entries.append(_entry(row, _Course(plus, minus, increased, decreased), at_first))
    return entries
