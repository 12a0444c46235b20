"""The adjustments as they stood at a past moment, or as they count on a business date."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine

from domain.ids import is_ledger, unit_year_of
from domain.store import EventStore
from projections.adjustments.deriving import derive, derive_openings
from projections.adjustments.filters import AdjustmentFilter
from projections.adjustments.rows import AdjustmentRow, Opening, openings, papers, table
from projections.adjustments.tallies import ADJUSTMENTS, OPENINGS
from projections.adjustments.writing import apply
from projections.unit_year import UnitYearFold, recall

_TABLES = (table, papers, openings, ADJUSTMENTS.table, OPENINGS.table)


@contextmanager
def folded(
    store: EventStore,
    positions: Mapping[str, int | None],
    where: AdjustmentFilter,
    seen: Callable[[UnitYearFold], UnitYearFold],
) -> Iterator[Connection]:
    """A connection to tables of its own, filled from the facts of each log up to its position
    (None: all) and as ``seen`` sees each unit's year, so that the questions are the same.

    Costs a reading of every ledger of the units and years in ``where``.
    """
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            for one in _TABLES:
                one.create(connection)
            rows: list[AdjustmentRow] = []
            begun: dict[tuple[str, str], list[Opening]] = {}
            for fold in map(seen, _ledgers(store, positions, where)):
                rows += derive(fold)
                begun[fold.log_id, fold.ledger_id] = derive_openings(fold)
            apply(connection, rows, begun)
            yield connection
    finally:
        engine.dispose()


def _ledgers(
    store: EventStore, positions: Mapping[str, int | None], where: AdjustmentFilter
) -> Iterator[UnitYearFold]:
    for log_id, position in positions.items():
        for stream in store.streams(log_id) if position != 0 else ():
            unit_year = unit_year_of(stream) if is_ledger(stream) else None
            if unit_year is None:
                continue
            wanted = (
                (where.ledger, stream),
                (where.division, unit_year.division),
                (where.unit, unit_year.unit),
                (where.fiscal_year, unit_year.year),
            )
            if all(asked in {None, given} for asked, given in wanted):
                yield recall(store, log_id, unit_year, position, forms=())
