"""Rows of a table from two sources, held against each other column by column."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Table

Row = dict[str, Any]


class Differing(Struct, frozen=True, kw_only=True):
    """A column of a row that is another in the two sources, or a row that only one has.

    ``key`` is the row's primary key in the order of its columns. ``column`` is None for a whole
    row; None on a side means that it has no such row, or nothing in the column.
    """

    table: str
    key: tuple[Any, ...]
    column: str | None
    stored: Any
    expected: Any
    row: Row


def compare(table: Table, stored: Iterable[Row], expected: Iterable[Row]) -> Iterator[Differing]:
    """What differs between rows of ``table``; each source has a row of a key once."""
    names = [column.name for column in table.primary_key]

    def by_key(rows: Iterable[Row]) -> dict[tuple[Any, ...], Row]:
        return {tuple(row[name] for name in names): row for row in rows}

    there, wanted = by_key(stored), by_key(expected)
    for key in dict.fromkeys([*wanted, *there]):
        yield from _of_a_row(table.name, key, there.get(key), wanted.get(key), _columns(table))


def _columns(table: Table) -> Sequence[str]:
    return [column.name for column in table.columns if not column.primary_key]


def _of_a_row(
    table: str,
    key: tuple[Any, ...],
    stored: Row | None,
    expected: Row | None,
    columns: Sequence[str],
) -> Iterator[Differing]:
    row = expected or stored or {}
    if stored is None or expected is None:
        yield Differing(
            table=table, key=key, column=None, stored=stored, expected=expected, row=row
        )
        return
    for column in columns:
        if stored[column] != expected[column]:
            yield Differing(
                table=table,
                key=key,
                column=column,
                stored=stored[column],
                expected=expected[column],
                row=row,
            )
