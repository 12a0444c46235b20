"""Writing adjustments: chains by their origins, openings by whole ledgers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, select, tuple_

from projections.adjustments.rows import AdjustmentRow, Opening, Paper, openings, papers, table
from projections.adjustments.tallies import ADJUSTMENTS, OPENINGS
from projections.tables import (
    put,
    replace,
)
from projections.tables.tallies import Tally

_LEDGERS_AT_ONCE = 500
"""Ledgers that one question asks for."""


def apply(
    connection: Connection,
    rows: Sequence[AdjustmentRow],
    opening: Mapping[tuple[str, str], Sequence[Opening]],
    *,
    first: bool = False,
) -> None:
    """Replace chains by their origins, and the openings of whole ledgers by log and ledger;
    ``first`` where none is stored yet.
    """
    keys = [{"log_id": row.log_id, "origin": row.origin} for row in (() if first else rows)]
    replace(connection, table, rows, where=keys)
    replace(connection, papers, [one for row in rows for one in _papers(row)], where=keys)
    _tally(connection, ADJUSTMENTS, {(row.log_id, row.fiscal_year) for row in rows})
    begun = [one for ledger in opening.values() for one in ledger]
    stored = [] if first else list(opening)
    moved = _moved(connection, stored, begun)
    where = [{"log_id": log_id, "ledger": ledger} for log_id, ledger in stored]
    replace(connection, openings, begun, where=where)
    _tally(connection, OPENINGS, moved)


def rewrite(
    connection: Connection, log_id: str, ledger: str, rows: Sequence[AdjustmentRow]
) -> None:
    """Put every chain of one ledger anew."""
    mine = table.c.log_id == log_id, table.c.ledger == ledger
    years = set(connection.scalars(select(table.c.fiscal_year).where(*mine).distinct()))
    connection.execute(
        delete(papers).where(
            papers.c.log_id == log_id, papers.c.origin.in_(select(table.c.origin).where(*mine))
        )
    )
    replace(connection, table, (), where=[{"log_id": log_id, "ledger": ledger}])
    put(connection, table, rows)
    put(connection, papers, [one for row in rows for one in _papers(row)])
    years |= {row.fiscal_year for row in rows}
    _tally(connection, ADJUSTMENTS, {(log_id, year) for year in years})


def _moved(
    connection: Connection, ledgers: Sequence[tuple[str, str]], begun: Sequence[Opening]
) -> set[tuple[str, int]]:
    """The logs and years in which ``begun`` changes what ledgers began with: a payment does not."""
    moved: Counter[tuple[str, int, str]] = Counter()
    for one in begun:
        moved[one.log_id, one.fiscal_year, one.ledger] += one.initial_fen
    for start in range(0, len(ledgers), _LEDGERS_AT_ONCE):
        some = ledgers[start : start + _LEDGERS_AT_ONCE]
        query = select(
            openings.c.log_id, openings.c.fiscal_year, openings.c.ledger, openings.c.initial_fen
        ).where(tuple_(openings.c.log_id, openings.c.ledger).in_(some))
        for log_id, year, ledger, fen in connection.execute(query):
            moved[log_id, year, ledger] -= fen
    return {(log_id, year) for (log_id, year, _), fen in moved.items() if fen}


def _tally(connection: Connection, tally: Tally, changed: Iterable[tuple[str, int]]) -> None:
    by_log: dict[str, set[int]] = {}
    for log_id, year in changed:
        by_log.setdefault(log_id, set()).add(year)
    for log_id, years in by_log.items():
        tally.refresh(connection, log_id, years)


def _papers(row: AdjustmentRow) -> list[Paper]:
    named = dict.fromkeys((row.document, *(link.document for link in row.links)))
    return [
        Paper(log_id=row.log_id, origin=row.origin, document=document)
        for document in named
        if document
    ]
