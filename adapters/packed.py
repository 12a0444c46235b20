"""Arrays as PostgreSQL takes them, in binary.

The driver's own lists look at each element for its type and choose the smallest kind of number,
which costs more than the statement and makes it another statement each time.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from struct import Struct
from uuid import UUID

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format


class Packed(bytes):
    """An array, ready to be sent."""

    __slots__ = ()
    element = 0


class _PackedDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Packed) -> Buffer:
        """The array as it is."""
        return obj


def _packed(element: int, array: int) -> type[Packed]:
    """The class of arrays with the given type numbers (``pg_type.oid``)."""
    made = type("_Packed", (Packed,), {"element": element, "__slots__": ()})
    psycopg.adapters.register_dumper(made, type("_Dumper", (_PackedDumper,), {"oid": array}))
    return made


_TEXT, _BYTEA, _INT8 = _packed(25, 1009), _packed(17, 1001), _packed(20, 1016)
_UUID, _DATE = _packed(2950, 2951), _packed(1082, 1182)
_ARRAY, _EMPTY = Struct("!iiIii"), Struct("!iiI")
_LENGTH, _NUMBER = Struct("!i"), Struct("!iq")
_DAY = Struct("!ii")
_NULL = _LENGTH.pack(-1)
_DAY_ZERO = date(2000, 1, 1).toordinal()


def _array(kind: type[Packed], elements: Sequence[bytes]) -> Packed:
    """An array of ``elements``, each with its length before it."""
    if not elements:
        return kind(_EMPTY.pack(0, 0, kind.element))
    header = _ARRAY.pack(1, _NULL in elements, kind.element, len(elements), 1)
    return kind(header + b"".join(elements))


def texts(values: Iterable[str | None]) -> Packed:
    """``text[]``."""
    return _array(_TEXT, [_with_length(None if v is None else v.encode()) for v in values])


def blobs(values: Iterable[bytes | None]) -> Packed:
    """``bytea[]``."""
    return _array(_BYTEA, [_with_length(value) for value in values])


def uuids(values: Iterable[UUID | None]) -> Packed:
    """``uuid[]``."""
    return _array(_UUID, [_with_length(None if v is None else v.bytes) for v in values])


def numbers(values: Iterable[int | None]) -> Packed:
    """``bigint[]``."""
    return _array(_INT8, [_NULL if v is None else _NUMBER.pack(8, v) for v in values])


def dates(values: Iterable[date | None]) -> Packed:
    """``date[]``."""
    return _array(
        _DATE,
        [_NULL if v is None else _DAY.pack(4, v.toordinal() - _DAY_ZERO) for v in values],
    )


def _with_length(value: bytes | None) -> bytes:
    return _NULL if value is None else _LENGTH.pack(len(value)) + value
