"""Writing adjustments: chains by their origins, openings by whole ledgers."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, select

from projections.adjustments.rows import AdjustmentRow, Opening, Paper, openings, papers, table
from projections.tables import (
    put,
    replace,
)


def apply(
    connection: Connection,
    rows: Sequence[AdjustmentRow],
    opening: Mapping[tuple[str, str], Sequence[Opening]],
) -> None:
    """Replace chains by their origins, and the openings of whole ledgers by log and ledger."""
    keys = [{"log_id": row.log_id, "origin": row.origin} for row in rows]
    replace(connection, table, rows, where=keys)
    replace(connection, papers, [one for row in rows for one in _papers(row)], where=keys)
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
    of_ledger = select(table.c.origin).where(table.c.log_id == log_id, table.c.ledger == ledger)
    connection.execute(
        delete(papers).where(papers.c.log_id == log_id, papers.c.origin.in_(of_ledger))
    )
    replace(connection, table, (), where=[{"log_id": log_id, "ledger": ledger}])
    put(connection, table, rows)
    put(connection, papers, [one for row in rows for one in _papers(row)])


def _papers(row: AdjustmentRow) -> list[Paper]:
    named = dict.fromkeys((row.document, *(link.document for link in row.links)))
    return [
        Paper(log_id=row.log_id, origin=row.origin, document=document)
        for document in named
        if document
    ]
