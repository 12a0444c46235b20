"""Writing and reading rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from sqlalchemy import (
    Connection,
    Row,
    Table,
    bindparam,
    delete,
    insert,
)

_Some = TypeVar("_Some")


def values_of(row: Struct) -> dict[str, Any]:
    """A row as the parameters of an INSERT."""
    return {name: getattr(row, name) for name in row.__struct_fields__}


def read(kind: Callable[..., _Some], rows: Iterable[Row[Any]]) -> list[_Some]:
    """Result rows, whose columns are the fields of ``kind``, as ``kind``."""
    return [kind(**row._mapping) for row in rows]  # noqa: SLF001 - its public name


def put(connection: Connection, table: Table, rows: Sequence[Struct]) -> None:
    """Insert ``rows``, if there are any, in one call."""
    if rows:
        connection.execute(insert(table), [values_of(row) for row in rows])


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
