"""Facts by their places in a log, as each database finds them.

PostgreSQL has an index by log and position, its table's key. On SQLite the row of a fact is numbered
by its place, the log's number × 2⁴⁰ + its position; a condition on ``position``, which is calculated
from that, would look at every row.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    and_,
    literal,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from adapters.schema import events

LAST_POSITION = 2**40 - 1
"""No log is longer."""

_Position = int | ColumnElement[Any]


def between(
    log_id: str | ColumnElement[str], after: _Position = 0, upto: _Position = LAST_POSITION
) -> ColumnElement[bool]:
    """The facts of a log after one position and up to another."""
    return _Between(*(_clause(one) for one in (log_id, after, upto)))


def _clause(value: str | int | ColumnElement[Any]) -> ColumnElement[Any]:
    if isinstance(value, ColumnElement):
        return value
    return literal(value, BigInteger if isinstance(value, int) else None)


class _Between(FunctionElement[bool]):
    inherit_cache = True
    type = Boolean()
    # It is a comparison, and not compared with a truth value again.
    _is_implicitly_boolean = True


class _InOrder(ColumnElement[int]):
    inherit_cache = True
    type = BigInteger()


IN_ORDER: ColumnElement[int] = _InOrder()
"""The facts of one log in the order of the log."""


@compiles(_Between)
def _by_key(element: _Between, compiler: SQLCompiler, **options: Any) -> str:
    log_id, after, upto = element.clauses
    position = events.c.position
    return str(
        compiler.process(
            and_(events.c.log_id == log_id, position > after, position <= upto), **options
        )
    )


@compiles(_Between, "sqlite")
def _by_place(element: _Between, compiler: SQLCompiler, **options: Any) -> str:
    log_id, after, upto = (compiler.process(one, **options) for one in element.clauses)
    begin = f"(SELECT number << 40 FROM opened_logs WHERE opened_logs.log_id = {log_id})"  # noqa: S608 - rendered
    return f"events.place > {begin} + {after} AND events.place <= {begin} + {upto}"


@compiles(_InOrder)
def _position(_element: _InOrder, compiler: SQLCompiler, **options: Any) -> str:
    return str(compiler.process(events.c.position, **options))


@compiles(_InOrder, "sqlite")
def _place(_element: _InOrder, _compiler: SQLCompiler, **_options: Any) -> str:
    return "events.place"
