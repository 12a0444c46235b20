"""Rows as the database holds them: SQLite keeps a value of any type in any column.

Whatever somebody put there is read, compared and told; nothing of it is converted.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Text, Uuid
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from adapters.database import Database
from adapters.reading import Question
from domain.texts import UNSTORABLE

_SHOWN = 200
_KINDS = {bytes: "blob", str: "text", int: "integer", float: "real", type(None): "null"}


class Held(ColumnElement[str]):
    """An id or a day as text: 32 hexadecimal digits, or ISO 8601. On SQLite it is what it is."""

    inherit_cache = False
    type = Text()

    def __init__(self, column: Column[Any]) -> None:
        """What ``column`` holds."""
        self.column = column


@compiles(Held)
def _written(element: Held, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.column, **options)
    if isinstance(element.column.type, Uuid):
        return f"replace(CAST({column} AS TEXT), '-', '')"
    # In JSON a day is always written one way, also one that no calendar has, such as infinity.
    return f"(to_json({column}) #>> '{{}}')"


@compiles(Held, "sqlite")
def _as_it_is(element: Held, compiler: SQLCompiler, **options: Any) -> str:
    return str(compiler.process(element.column, **options))


def rows_of(database: Database, question: Question, values: Mapping[str, object]) -> list[Any]:
    """The rows of an answer, with the driver's values."""

    def ask(connection: Connection) -> list[Any]:
        try:
            return question.rows(connection, values)
        except sqlite3.OperationalError:
            # Perhaps a text that is none; or the database is busy, and is so again.
            with any_text(connection):
                return question.rows(connection, values)

    return database.query(ask)


@contextmanager
def any_text(connection: Connection) -> Iterator[None]:
    """On SQLite, also texts that are no UTF-8 are read: their other bytes stand as escapes."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    before = driver.text_factory
    driver.text_factory = _escaped
    try:
        yield
    finally:
        driver.text_factory = before


def _escaped(stored: bytes) -> str:
    return stored.decode(errors="backslashreplace")


def kind(value: object) -> str:
    """The kind of a value, as SQLite calls it; of values that themselves are not to be told."""
    return _KINDS.get(type(value), "?")


def shown(value: object) -> str | None:
    """What a column holds, for a report: about 200 characters of it, none that a terminal obeys."""
    if value is None:
        return None
    text = f"x'{value[:_SHOWN].hex()}'" if isinstance(value, bytes) else str(value)
    if len(text) > _SHOWN:
        text = f"{text[:_SHOWN]}…"
    return UNSTORABLE.sub(lambda one: ascii(one[0])[1:-1], text)


def digest(value: object) -> str | None:
    """A digest in hex; whatever else stands in its place as it is ``shown``."""
    return value.hex() if isinstance(value, bytes) and len(value) <= _SHOWN else shown(value)
