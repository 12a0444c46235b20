"""What all views share: a row is one frozen Struct, which is its table and the answer to a query.

Money is whole fen in BIGINT, points and rates are decimal strings, moments are UTC text of fixed
width, and everything that has parts is JSON as text. Reasons are kept as digests; a query joins
the texts, so that a redaction reaches every view.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Dialect,
    Index,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    bindparam,
    delete,
    insert,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from domain.facts.envelope import Place, Role
from domain.values import Words, plain

METADATA = MetaData()
"""Every table of the views; the runner makes them, no migration does."""

REDACTED = Words("已删除", "deleted")
"""What stands where a text was that has been redacted."""

_R = TypeVar("_R", bound=Struct)
_Some = TypeVar("_Some")


# ------------------------------------------------------------------------------- shared shapes


class Prose(Struct, frozen=True, omit_defaults=True):
    """A text that a person typed. A view keeps its digest; a query joins its ``body``.

    A redacted text has ``redacted`` True and says so in its body.
    """

    digest: str
    body: str | None = None
    redacted: bool = False

    def in_(self, lang: str) -> str:
        """The text, or in ``lang`` that it is deleted; empty before it was joined."""
        return REDACTED.in_(lang) if self.redacted else self.body or ""


class FactRef(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact behind a number: where it lies, who said it in what role, and when.

    ``place`` is where it is printed, ``document`` the 文号 that it names.
    """

    event_id: UUID
    stream_id: str
    version: int
    position: int
    type: str
    recorded_at: datetime
    actor: str
    role: Role
    organisation: str
    place: Place | None = None
    document: str | None = None


class TextBodies(Protocol):
    """The texts of a log that are (still) there, by digest; ``EventStore.text_bodies`` fits."""

    def __call__(self, log_id: str, digests: Sequence[str], /) -> dict[str, str]:
        """The bodies of those of ``digests`` that are there."""
        ...


def prose(digest: str | None) -> Prose | None:
    """A text by its digest; None where nothing was written."""
    return Prose(digest) if digest else None


def points(value: Decimal | Fraction | None) -> str | None:
    """Points as a decimal string; None where there are none."""
    return None if value is None else plain(value)


def per_cent(part: int, whole: int) -> str | None:
    """``part`` of ``whole`` in per cent at two digits, half up; None when there is no whole."""
    if whole <= 0:
        return None
    hundredths, rest = divmod(abs(part) * 10_000, whole)
    hundredths += 2 * rest >= whole
    return plain(Fraction(hundredths if part >= 0 else -hundredths, 100))


# ------------------------------------------------------------------------------- joining texts


def joined(rows: Iterable[_R], texts: TextBodies, log_id: str | None = None) -> list[_R]:
    """``rows`` with the body of every text in them, or the word for one that is deleted.

    Texts lie in the log that a row names as ``log_id``, or in ``log_id``.
    """
    found = list(rows)
    wanted: dict[str, dict[str, None]] = {}
    for row in found:
        log = getattr(row, "log_id", log_id) or ""
        for digest in _digests(row):
            wanted.setdefault(log, {})[digest] = None
    if not wanted:
        return found
    bodies = {log: texts(log, list(digests)) for log, digests in wanted.items()}
    return [_filled(row, bodies.get(getattr(row, "log_id", log_id) or "", {})) for row in found]


def _digests(value: object) -> Iterable[str]:
    if isinstance(value, Prose):
        yield value.digest
    elif isinstance(value, tuple):
        for part in value:
            yield from _digests(part)
    elif isinstance(value, Struct):
        for name in _with_prose(type(value)):
            yield from _digests(getattr(value, name))


def _filled(value: Any, bodies: Mapping[str, str]) -> Any:  # noqa: ANN401 - any field may come
    if isinstance(value, Prose):
        body = bodies.get(value.digest)
        if body is None:
            return Prose(value.digest, REDACTED.zh, redacted=True)
        return Prose(value.digest, body)
    if isinstance(value, tuple):
        return tuple(_filled(part, bodies) for part in value)
    if isinstance(value, Struct) and (names := _with_prose(type(value))):
        return msgspec.structs.replace(
            value, **{name: _filled(getattr(value, name), bodies) for name in names}
        )
    return value


@cache
def _with_prose(kind: type[Struct]) -> tuple[str, ...]:
    """The fields of a Struct in which texts can lie, at any depth."""
    return tuple(name for name, hint in get_type_hints(kind).items() if _can_hold_prose(hint))


def _can_hold_prose(hint: object) -> bool:
    if hint is Prose:
        return True
    if isinstance(hint, type) and issubclass(hint, Struct):
        return bool(_with_prose(hint))
    return any(_can_hold_prose(part) for part in get_args(hint))


# ------------------------------------------------------------------------------------- columns


class Moment(TypeDecorator[datetime]):
    """A moment as UTC text of fixed width, so that the order of texts is the order of time."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> str | None:
        """An aware moment as text."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:  # noqa: ANN401
        """The moment, aware, in UTC."""
        return None if value is None else datetime.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """A value of type ``of`` as JSON text; decimals are strings in it."""

    impl = Text
    cache_ok = True

    def __init__(self, of: Any) -> None:  # noqa: ANN401 - any type that msgspec knows
        """A column of values of the type ``of``."""
        super().__init__()
        self.of = of
        self._decode = msgspec.json.Decoder(of).decode

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:  # noqa: ANN401
        """The value as JSON."""
        return None if value is None else msgspec.json.encode(value, order="sorted").decode()

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:  # noqa: ANN401
        """The value again."""
        return None if value is None else self._decode(value)


class Named(TypeDecorator[StrEnum]):
    """A member of an enumeration, stored as its value."""

    impl = Text
    cache_ok = True

    def __init__(self, of: type[StrEnum]) -> None:
        """A column of members of ``of``."""
        super().__init__()
        self.of = of

    def process_bind_param(self, value: StrEnum | None, _dialect: Dialect) -> str | None:
        """The value."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> StrEnum | None:  # noqa: ANN401
        """The member."""
        return None if value is None else self.of(value)


class Digest(TypeDecorator[Prose]):
    """A text, stored as its digest."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Prose | None, _dialect: Dialect) -> str | None:
        """The digest."""
        return None if value is None else value.digest

    def process_result_value(self, value: Any, _dialect: Dialect) -> Prose | None:  # noqa: ANN401
        """A text without its body."""
        return prose(value)


# Ids are searched by prefix as ranges, which needs the order of code points everywhere.
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
_PLAIN: Mapping[object, Callable[[], TypeEngine[Any]]] = {
    str: lambda: _TEXT,
    bool: Boolean,
    int: BigInteger,
    date: Date,
    datetime: Moment,
    UUID: Uuid,
    Prose: Digest,
}


def table_of(
    kind: type[Struct], name: str, *, key: Sequence[str], indexes: Sequence[Sequence[str]] = ()
) -> Table:
    """The table whose rows are ``kind``: one column for each field, in the order of the fields."""
    hints = get_type_hints(kind)
    columns = [
        Column(
            field,
            _column_type(hint),
            primary_key=field in key,
            nullable=_nullable(hint),
            autoincrement=False,
        )
        for field, hint in hints.items()
    ]
    made = [Index(f"{name}_by_{'_'.join(index)}", *index) for index in indexes]
    return Table(name, METADATA, *columns, *made)


def _nullable(hint: object) -> bool:
    return get_origin(hint) in {Union, UnionType} and NoneType in get_args(hint)


def _column_type(hint: Any) -> TypeEngine[Any]:  # noqa: ANN401 - any annotation may come
    bare = hint
    if _nullable(hint):
        parts = [part for part in get_args(hint) if part is not NoneType]
        bare = parts[0] if len(parts) == 1 else Union[tuple(parts)]  # noqa: UP007 - made at run time
    if bare in _PLAIN:
        return _PLAIN[bare]()
    if isinstance(bare, type) and issubclass(bare, StrEnum):
        return Named(bare)
    return Json(bare)


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
