"""Writing and reading rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from msgspec import Struct
from sqlalchemy import (
    Connection,
    Dialect,
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
        names = connection.get_execution_options().get("schema_translate_map")
        inserting = _inserting(table, connection.dialect, tuple((names or {}).items()))
        connection.exec_driver_sql(inserting.statement, [inserting.stored(row) for row in rows])


class _Inserting(Struct):
    """An INSERT as the driver takes it, and how it takes the values of each column in turn."""

    statement: str
    columns: Sequence[tuple[str, Callable[[Any], Any] | None]]
    by_name: bool

    def stored(self, row: Struct) -> Any:  # noqa: ANN401 - a tuple or a dict, as the driver has it
        """The parameters of one row."""
        values = [
            getattr(row, name) if store is None else store(getattr(row, name))
            for name, store in self.columns
        ]
        if not self.by_name:
            return tuple(values)
        return dict(zip((name for name, _ in self.columns), values, strict=True))


@cache
def _inserting(table: Table, dialect: Dialect, names: tuple[tuple[Any, Any], ...]) -> _Inserting:
    """Rendered once: a batch has thousands of rows, and each would be looked at column by column.

    ``names`` are the schemas that the connection puts in the place of others.
    """
    compiled = insert(table).compile(
        dialect=dialect, schema_translate_map=dict(names), render_schema_translate=True
    )
    columns = [
        (column.name, column.type.dialect_impl(dialect).bind_processor(dialect))
        for column in table.columns
    ]
    return _Inserting(str(compiled), columns, by_name=not compiled.positional)


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
