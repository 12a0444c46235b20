"""Writing and reading rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import (
    Connection,
    Date,
    Dialect,
    Result,
    Row,
    Table,
    bindparam,
    delete,
    insert,
)
from sqlalchemy.types import TypeEngine

from projections.tables.columns import Digest, Json, Moment, Named

_Some = TypeVar("_Some")

_AT_ONCE = 1000
"""Rows handed to the driver together: a batch holds its rows once, not once more as parameters."""


def values_of(row: Struct) -> dict[str, Any]:
    """A row as the parameters of an INSERT."""
    return {name: getattr(row, name) for name in row.__struct_fields__}


def read(kind: Callable[..., _Some], rows: Iterable[Row[Any]]) -> list[_Some]:
    """Result rows, whose columns are the fields of ``kind``, as ``kind``."""
    found = rows.all() if isinstance(rows, Result) else list(rows)
    # The names once: a row that gives itself as a mapping looks up each of its columns.
    names = found[0]._fields if found else ()
    return [kind(**dict(zip(names, row, strict=True))) for row in found]


def put(connection: Connection, table: Table, rows: Sequence[Struct]) -> None:
    """Insert ``rows``, if there are any."""
    if rows:
        options = connection.get_execution_options()
        names = options.get("schema_translate_map")
        inserting = _inserting(table, connection.dialect, tuple((names or {}).items()))
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            as_they_are = options.get("takes_plain_rows") and len(some) >= _MANY
            if inserting.by_name and not as_they_are:
                connection.exec_driver_sql(inserting.statement, inserting.named(some))
            else:
                connection.exec_driver_sql(
                    inserting.statement, inserting.stored(some), execution_options=_PLAIN_ROWS
                )


_MANY = 30
"""From so many rows on PostgreSQL's COPY takes less time than an INSERT of each, on either side."""
_PLAIN_ROWS = {"plain_rows": True}
"""Says to the database that such an INSERT gives every column of each row in turn and asks for
nothing back, so that it may take the rows by whatever way it has for many: one that can says so by
the option ``takes_plain_rows`` of its connections."""


class _Inserting(Struct):
    """An INSERT as the driver takes it, and how it takes the values of each column in turn."""

    statement: str
    names: Sequence[str]
    stores: Sequence[tuple[int, Callable[[Any], Any]]]
    by_name: bool

    def stored(self, rows: Sequence[Struct]) -> list[tuple[Any, ...]]:
        """The values of rows as they are, but for those columns that keep theirs in another shape.
        Column by column, which spares a look at each value.
        """
        columns: list[Sequence[Any]] = list(zip(*map(msgspec.structs.astuple, rows), strict=True))
        for index, store in self.stores:
            columns[index] = [None if one is None else store(one) for one in columns[index]]
        return list(zip(*columns, strict=True))

    def named(self, rows: Sequence[Struct]) -> list[dict[str, Any]]:
        """The same by the names of the columns."""
        return [dict(zip(self.names, values, strict=True)) for values in self.stored(rows)]


@cache
def _inserting(table: Table, dialect: Dialect, schemas: tuple[tuple[Any, Any], ...]) -> _Inserting:
    """Rendered once: a batch has thousands of rows, and each would be looked at column by column.

    ``schemas`` are those that the connection puts in the place of others.
    """
    compiled = insert(table).compile(
        dialect=dialect, schema_translate_map=dict(schemas), render_schema_translate=True
    )
    stores = [
        (index, store)
        for index, column in enumerate(table.columns)
        if (store := _store(column.type, dialect)) is not None
    ]
    names = [column.name for column in table.columns]
    return _Inserting(str(compiled), names, stores, by_name=not compiled.positional)


def _store(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """How a column keeps a value that is there; None for a value that the driver takes as it is.

    Our own types say it themselves: SQLAlchemy would ask three functions for each value.
    """
    if isinstance(kind, Moment | Json | Named | Digest):
        return kind.stored
    if isinstance(kind, Date) and dialect.name == "sqlite":
        return date.isoformat  # as SQLAlchemy writes it, without taking the day apart
    return kind.dialect_impl(dialect).bind_processor(dialect)


def replace(
    connection: Connection,
    table: Table,
    rows: Sequence[Struct],
    *,
    where: Sequence[Mapping[str, object]],
) -> None:
    """Delete what ``where`` names, one mapping of column to value each, and insert ``rows``."""
    if where:
        matches = [table.c[name] == bindparam(f"of_{name}") for name in where[0]]
        connection.execute(
            delete(table).where(*matches),
            [{f"of_{name}": value for name, value in one.items()} for one in where],
        )
    put(connection, table, rows)
