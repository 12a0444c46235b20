"""The adjustments of units one by one, with their running balances."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    func,
    select,
    tuple_,
)

from domain.ids import unit_year_of
from domain.store import EventStore
from domain.values import wan
from projections.adjustments.deriving import derive, derive_openings
from projections.adjustments.filters import (
    AdjustmentFilter,
    initial_by_ledger,
    particulars,
    scope,
    signed,
)
from projections.adjustments.rows import AdjustmentRow, Direction, table
from projections.tables import (
    TextBodies,
    joined,
    read,
)
from projections.tables.paging import Page, in_order, key_of, page_of
from projections.unit_year import counted, recall


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


def list_for(
    connection: Connection, texts: TextBodies, where: AdjustmentFilter | None = None
) -> list[AdjustmentEntry]:
    """Adjustments with their running balances, unit by unit in the order of the log.

    A balance counts every adjustment before it, those that the filter leaves out included.
    """
    return list(pages(connection, texts, where).rows)


class Key(NamedTuple):
    """Where an adjustment stands among those of all units."""

    question: Literal["adjustments"]
    log_id: str
    ledger: str
    position: int


_ORDER = (table.c.log_id, table.c.ledger, table.c.position)


def pages(
    connection: Connection,
    texts: TextBodies,
    where: AdjustmentFilter | None = None,
    *,
    after: str | None = None,
    limit: int | None = None,
) -> Page[AdjustmentEntry]:
    """As ``list_for``, a page at a time. Raises ``Rejected`` (``request.cursor``).

    An adjustment stays where its first fact lies, whatever corrects it.
    """
    where = where or AdjustmentFilter()
    place = key_of(after, Key)[1:] if after is not None else None
    query = in_order(page_query(where), _ORDER, after=place, limit=limit)
    page = page_of(read(AdjustmentRow, connection.execute(query)), limit, row_key)
    ledgers = list(dict.fromkeys((row.log_id, row.ledger) for row in page.rows))
    # Balances are of whole units: of those on the page, or of all where there is but one page.
    within = ledgers if limit is not None else None
    courses = {
        (log_id, position): _Course(*map(int, sums))
        for log_id, position, *sums in (
            connection.execute(_running(where, within)) if ledgers else ()
        )
    }
    at_first = initial_by_ledger(connection, where, within) if ledgers else {}
    return Page(
        rows=tuple(
            _entry(row, courses[row.log_id, row.position], at_first)
            for row in joined(page.rows, texts)
        ),
        after=page.after,
    )


def page_query(where: AdjustmentFilter) -> Select[Any]:
    """The adjustments that fit, in no order yet."""
    return select(table).where(*scope(where), *particulars(where))


def row_key(row: AdjustmentRow) -> Key:
    """Where an adjustment stands among those of all units."""
    return Key("adjustments", row.log_id, row.ledger, row.position)


def key(entry: AdjustmentEntry) -> Key:
    """Where an entry stands among those of all units."""
    return row_key(entry.row)


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


def _running(where: AdjustmentFilter, ledgers: Sequence[tuple[str, str]] | None) -> Select[Any]:
    plus, minus = signed(where)

    def so_far(column: ColumnElement[int]) -> ColumnElement[int]:
        return func.sum(column).over(
            partition_by=(table.c.log_id, table.c.ledger),
            order_by=table.c.position,
            rows=(None, 0),
        )

    # An adjustment is known by its position as by its id, and a number is read in less time.
    query = select(
        table.c.log_id,
        table.c.position,
        plus.label("plus"),
        minus.label("minus"),
        so_far(plus).label("increased"),
        so_far(minus).label("decreased"),
    )
    if ledgers is not None:
        query = query.where(tuple_(table.c.log_id, table.c.ledger).in_(ledgers))
    return query.where(*scope(where))


def adjustments_as_of(
    store: EventStore,
    log_id: str,
    ledger: str,
    position: int | None = None,
    effective_on: date | None = None,
) -> list[AdjustmentEntry]:
    """The adjustments of one unit and year as known at ``position``, with running balances; with
    ``effective_on`` those that count until then.

    ``ledger`` may be the id of the ledger or of any form of the unit and year. Voided ones are
    left out, as in ``list_for``.
    """
    unit_year = unit_year_of(ledger)
    if unit_year is None:
        return []
    fold = counted(recall(store, log_id, unit_year, position, forms=()), effective_on)
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
