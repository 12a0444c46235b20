"""Reading facts: queries on the driver's own cursor, and rows that become facts when looked at.

A fold reads thousands of rows. It looks at each once and keeps a part of it; so a row is decoded
when its turn comes, and what was decoded for it can be given up before the next.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from functools import cache
from operator import eq
from typing import Any, NamedTuple, overload

import msgspec
from sqlalchemy import CompoundSelect, Connection, Dialect, Select
from sqlalchemy.sql.compiler import SQLCompiler

from adapters.codec import DECODERS, REFUSED, decode, decode_alone
from domain.store import Document, Recorded

Row = tuple[str, int, int, str, bytes, bytes]
"""A row of ``events``: stream_id, version, position, type, payload, leaf_hash."""

Query = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]

_CURSOR: Mapping[str, Mapping[str, Any]] = {"postgresql": {"binary": True}}
"""How to ask a driver for a cursor. PostgreSQL would else write each payload as hexadecimal text."""
_AT_ONCE = 500


class Question:
    """A query that is rendered once for a dialect. Its values are texts and numbers only."""

    def __init__(self, query: Query) -> None:
        """The question that ``query`` asks, whose parameters have names."""
        self._query = query

    def rows(self, connection: Connection, values: Mapping[str, object]) -> list[Any]:
        """The rows as the driver gives them."""
        with self.asked(connection, values) as cursor:
            return cursor.fetchall()  # type: ignore[no-any-return] # a list, as DB-API has it

    def values(self, connection: Connection, values: Mapping[str, object]) -> list[Any]:
        """The one value of each row."""
        with self.asked(connection, values) as cursor:
            return values_in(cursor)

    @contextmanager
    def asked(self, connection: Connection, values: Mapping[str, object]) -> Iterator[Any]:
        """The driver's cursor on the rows."""
        rendered = _rendered(self._query, connection.dialect)
        given = {**rendered.fixed, **values}
        cursor = connection.connection.cursor(**_CURSOR.get(connection.dialect.name, {}))
        try:
            cursor.execute(
                rendered.text,
                given if rendered.order is None else [given[one] for one in rendered.order],
            )
            yield cursor
        finally:
            cursor.close()


def values_in(cursor: Any) -> list[Any]:  # noqa: ANN401 - of the driver
    """The one value of each row. A thousand rows would be as many tuples for the garbage collector
    to look through.
    """
    found: list[Any] = []
    while rows := cursor.fetchmany(_AT_ONCE):
        found += [value for (value,) in rows]
    return found


@contextmanager
def asked_together(
    connection: Connection, asked: Iterable[tuple[Question, Mapping[str, object]]]
) -> Iterator[list[Any]]:
    """The driver's cursors on the rows of several questions, which a server is sent in one round
    trip.
    """
    driver = connection.connection.driver_connection
    # SQLite has no server to wait for.
    together = getattr(driver, "pipeline", nullcontext)()
    with ExitStack() as cursors:
        with together:
            found = [
                cursors.enter_context(question.asked(connection, values))
                for question, values in asked
            ]
        yield found


class _Rendered(NamedTuple):
    """A query as a driver takes it: its text, the values that it brings itself, and the order of
    all values where they have no names.
    """

    text: str
    fixed: Mapping[str, object]
    order: Sequence[str] | None


@cache
def _rendered(query: Query, dialect: Dialect) -> _Rendered:
    compiled = query.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler):  # never: a SELECT is SQL
        raise TypeError
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    return _Rendered(str(compiled), fixed, compiled.positiontup)


def documents(payloads: Sequence[bytes], of: type[Document]) -> Iterator[Document]:
    """Payloads as documents of the shape ``of``, each decoded when its turn comes.

    What that shape does not fit, an old one or one of a newer program, is decoded whole. Raises
    ``UnreadableFact`` for a fact of a newer program.
    """
    decoder = _decoder(of)
    for payload in payloads:
        try:
            document = decoder(payload)
        except REFUSED:
            document = decode_alone(payload)
        yield document


@cache
def _decoder(of: type[Document]) -> Callable[[bytes], Document]:
    return msgspec.json.Decoder(of).decode


class Recordings(Sequence[Recorded]):
    """Rows as recorded facts, each decoded whenever it is looked at.

    Looking raises ``UnreadableFact`` for a fact of a newer program.
    """

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[Row]) -> None:
        """The facts in ``rows``."""
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Recorded]:
        decoders = DECODERS
        for stream_id, version, position, tag, payload, leaf in self._rows:
            try:
                document = decoders[tag](payload)
            except REFUSED:
                document = decode(tag, payload)
            yield Recorded(stream_id, version, position, document.envelope, document.fact, leaf)

    @overload
    def __getitem__(self, index: int) -> Recorded: ...

    @overload
    def __getitem__(self, index: slice) -> "Recordings": ...

    def __getitem__(self, index: int | slice) -> "Recorded | Recordings":
        if isinstance(index, slice):
            return Recordings(self._rows[index])
        return next(iter(Recordings([self._rows[index]])))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(map(eq, self, other))

    def __hash__(self) -> int:
        return hash(tuple(self._rows))
