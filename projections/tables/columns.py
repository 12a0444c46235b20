"""A table whose rows are one Struct: a column for each field."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    Index,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from projections.tables.shapes import Prose, prose

METADATA = MetaData()
"""Every table of the views; the runner makes them, no migration does."""


_ENCODER = msgspec.json.Encoder(order="deterministic")


@lru_cache(maxsize=4096)
def _moment(value: datetime) -> str:
    """A moment in UTC: the facts of a command, and the rows of a fact, were recorded at one."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


class Moment(TypeDecorator[datetime]):
    """A moment as UTC text of fixed width, so that the order of texts is the order of time."""

    impl = Text
    cache_ok = True
    stored = staticmethod(_moment)

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> str | None:
        """An aware moment as text."""
        return None if value is None else self.stored(value)

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

    @staticmethod
    def stored(value: Any) -> str:  # noqa: ANN401
        """The value as JSON. Of many columns most values are empty."""
        return "[]" if value == () else _ENCODER.encode(value).decode()

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:  # noqa: ANN401
        """The value as JSON."""
        return None if value is None else self.stored(value)

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
        self._members: dict[str | None, StrEnum | None] = {str(one): one for one in of}
        self._members[None] = None

    stored = staticmethod(str.__str__)  # the text that a member is, without asking its class

    def process_bind_param(self, value: StrEnum | None, _dialect: Dialect) -> str | None:
        """The value."""
        return None if value is None else self.stored(value)

    def result_processor(
        self, _dialect: Dialect, _coltype: object
    ) -> Callable[[Any], StrEnum | None]:
        """The member: one look-up for each value, and no function of Python around it."""
        return self._members.__getitem__


class Digest(TypeDecorator[Prose]):
    """A text, stored as its digest."""

    impl = Text
    cache_ok = True
    stored = staticmethod(attrgetter("digest"))

    def process_bind_param(self, value: Prose | None, _dialect: Dialect) -> str | None:
        """The digest."""
        return None if value is None else value.digest

    def process_result_value(self, value: Any, _dialect: Dialect) -> Prose | None:  # noqa: ANN401
        """A text without its body."""
        return prose(value)


class _EventId(Uuid[UUID]):
    """The id of a fact. A database without ids of its own keeps its digits, of which msgspec makes
    an id in a third of the time.
    """

    def result_processor(
        self, dialect: Dialect, _coltype: object
    ) -> Callable[[Any], UUID | None] | None:
        """How a value that was read becomes an id."""
        if dialect.supports_native_uuid:
            return None  # the driver gives ids
        return lambda digits: None if digits is None else msgspec.convert(digits, UUID)


# Ids are searched by prefix as ranges, which needs the order of code points everywhere.
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
_PLAIN: Mapping[object, Callable[[], TypeEngine[Any]]] = {
    str: lambda: _TEXT,
    bool: Boolean,
    int: BigInteger,
    date: Date,
    datetime: Moment,
    UUID: _EventId,
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
            _column_type(hints[field]),
            primary_key=field in key,
            nullable=_nullable(hints[field]),
            autoincrement=False,
        )
        for field in kind.__struct_fields__
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
