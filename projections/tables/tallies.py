"""Tallies: rows of a view counted and summed by log and year, kept beside it.

A province's question would otherwise read every row of a hundred logs. A tally is counted anew for a
log and year whenever rows of it change, by the same SELECT that says what it means; so it cannot
drift, and whoever checks it counts once more.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from sqlalchemy import Connection, Select, Table, bindparam, delete, insert


class Counted(Protocol):
    """A table whose rows follow from those of other views, by log and year."""

    @property
    def table(self) -> Table:
        """Where they are kept."""
        ...

    def counted(self, connection: Connection, log_id: str, year: int) -> list[dict[str, Any]]:
        """The rows that the table should hold for a log and year."""
        ...


class Tally:
    """A table that holds what a query counts. Both begin with ``log_id`` and ``fiscal_year``."""

    def __init__(self, table: Table, query: Select[*tuple[Any, ...]], counts: Table) -> None:
        """``query`` counts rows of ``counts``; its columns are those of ``table``, in order."""
        self.table = table
        self._counted = query.where(
            counts.c.log_id == bindparam("of_log"), counts.c.fiscal_year == bindparam("of_year")
        )

    def refresh(self, connection: Connection, log_id: str, years: Iterable[int]) -> None:
        """Count some years of a log anew."""
        table = self.table
        for year in sorted(set(years)):
            connection.execute(
                delete(table).where(table.c.log_id == log_id, table.c.fiscal_year == year)
            )
            connection.execute(
                insert(table).from_select([one.name for one in table.columns], self._counted),
                {"of_log": log_id, "of_year": year},
            )

    def counted(self, connection: Connection, log_id: str, year: int) -> list[dict[str, Any]]:
        """See ``Counted``."""
        names = [one.name for one in self.table.columns]
        found = connection.execute(self._counted, {"of_log": log_id, "of_year": year})
        return [dict(zip(names, row, strict=True)) for row in found]
