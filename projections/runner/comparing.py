"""Every difference between two generations of views, one log after the other.

Both sides are read in the order of their keys and walked side by side, so that memory stays the
same however many rows there are. Values are compared as they are stored, which also compares
generations that different versions of the program have filled.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    collate,
    column,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.engine import Row

from projections.runner.views import NOTES

_ROWS = 1000
"""How many rows of each side are held at once."""


class Difference(Struct, frozen=True, kw_only=True):
    """Where two generations do not agree.

    A value differs in ``column`` of the row with ``key``; without a column the whole row is on
    one side only, and None stands on the other. Without a ``log_id`` it is about the table: a
    column or the table itself is on one side only.
    """

    table: str
    log_id: str | None
    key: Mapping[str, Any]
    column: str | None
    old: Any
    new: Any


class _Shape(Struct, frozen=True):
    columns: Mapping[str, bool]
    """Whether each column holds text, whose order depends on the database."""
    key: Sequence[str]


class Shapes(Struct, frozen=True):
    """The tables of two generations, by name. Neither changes until it is dropped, so that a
    comparison reads them once and not once for each log, of which there may be thousands.
    """

    former: Mapping[str, _Shape]
    later: Mapping[str, _Shape]


def shapes_of(old: Connection, new: Connection) -> Shapes:
    """The tables of both sides."""
    return Shapes(_shapes(old), _shapes(new))


def structural(shapes: Shapes) -> Iterator[Difference]:
    """Tables and columns that are on one side only."""
    former, later = shapes.former, shapes.later
    for name in sorted(former.keys() | later.keys()):
        one, other = former.get(name), later.get(name)
        if one is None or other is None:
            yield _of_table(name, None, one and list(one.columns), other and list(other.columns))
            continue
        if one.key != other.key:
            yield _of_table(name, None, list(one.key), list(other.key))
        for each in sorted(one.columns.keys() ^ other.columns.keys()):
            there = each in one.columns
            yield _of_table(name, each, each if there else None, None if there else each)


def _of_table(name: str, column_: str | None, old: Any, new: Any) -> Difference:  # noqa: ANN401
    return Difference(table=name, log_id=None, key={}, column=column_, old=old, new=new)


def in_log(shapes: Shapes, old: Connection, new: Connection, log_id: str) -> Iterator[Difference]:
    """The differences between the rows of a log; both sides must be at the same position of it, and
    have the tables that ``shapes`` says.
    """
    former, later = shapes.former, shapes.later
    for name in sorted(former.keys() & later.keys()):
        one, other = former[name], later[name]
        if one.key == other.key and one.key:
            yield from _Compared(name, one, other, log_id).between(old, new)


class _Compared:
    """The rows of a table and a log, in those columns that both sides have."""

    def __init__(self, name: str, one: _Shape, other: _Shape, log_id: str) -> None:
        self._name = name
        self._log_id = log_id
        self._shape = one
        self._key = one.key
        self._rest = [each for each in one.columns if each in other.columns and each not in one.key]

    def between(self, old: Connection, new: Connection) -> Iterator[Difference]:
        size = len(self._key)
        former, later = self._rows(old), self._rows(new)
        left, right = next(former, None), next(later, None)
        while left is not None or right is not None:
            if right is None or (left is not None and left[:size] < right[:size]):
                yield self._whole(left, None)
                left = next(former, None)
            elif left is None or right[:size] < left[:size]:
                yield self._whole(None, right)
                right = next(later, None)
            else:
                if left != right:
                    yield from self._values(left, right)
                left, right = next(former, None), next(later, None)

    def _rows(self, connection: Connection) -> Iterator[Row[Any]]:
        # By code points on either side, as Python compares texts.
        in_c = connection.dialect.name == "postgresql"
        order: list[ColumnElement[Any]] = [
            collate(column(each), "C") if in_c and self._shape.columns[each] else column(each)
            for each in self._key
        ]
        columns: list[ColumnElement[Any]] = [column(each) for each in (*self._key, *self._rest)]
        query = select(*columns).select_from(table(self._name)).order_by(*order)
        if "log_id" in self._shape.columns:
            query = query.where(column("log_id") == self._log_id)
        return iter(connection.execute(query, execution_options={"yield_per": _ROWS}))

    def _whole(self, old: Row[Any] | None, new: Row[Any] | None) -> Difference:
        size = len(self._key)
        row = old if old is not None else new
        return Difference(
            table=self._name,
            log_id=self._log_id,
            key=_named(self._key, row or ()),
            column=None,
            old=None if old is None else _named(self._rest, old[size:]),
            new=None if new is None else _named(self._rest, new[size:]),
        )

    def _values(self, old: Row[Any], new: Row[Any]) -> Iterator[Difference]:
        size = len(self._key)
        key = _named(self._key, old)
        for name, was, is_ in zip(self._rest, old[size:], new[size:], strict=True):
            if was != is_:
                yield Difference(
                    table=self._name,
                    log_id=self._log_id,
                    key=key,
                    column=name,
                    old=_told(was),
                    new=_told(is_),
                )


def _named(names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    return {name: _told(value) for name, value in zip(names, values, strict=False)}


def _told(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """A value as it can be shown and written as JSON."""
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def _shapes(connection: Connection) -> dict[str, _Shape]:
    look = inspect(connection)
    passed = {one.name for one in NOTES} | _shadows(connection)
    names = [name for name in look.get_table_names() if name not in passed]
    if not names:
        return {}
    # All tables at once: one by one takes a server several statements for each.
    columns = look.get_multi_columns(filter_names=names)
    keys = look.get_multi_pk_constraint(filter_names=names)
    return {
        key[1]: _Shape(
            {one["name"]: isinstance(one["type"], String) for one in columns[key]},
            keys[key]["constrained_columns"],
        )
        for key in columns
    }


def _shadows(connection: Connection) -> set[str]:
    """What a virtual table of SQLite keeps its index in: it follows from other rows, and its parts
    differ with the order in which they were written.
    """
    if connection.dialect.name != "sqlite":
        return set()
    query = text("SELECT name FROM pragma_table_list WHERE type IN ('shadow', 'virtual')")
    return set(connection.scalars(query))
