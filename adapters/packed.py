"""Arrays as PostgreSQL takes and gives them, in binary.

The driver's own lists look at each element for its type and choose the smallest kind of number,
which costs more than the statement and makes it another statement each time.
"""

from collections.abc import Sequence
from datetime import date
from struct import Struct, unpack_from

# The numbers of the types (pg_type.oid).
_TEXT, _BYTEA, _INT8, _UUID, _DATE = 25, 17, 20, 2950, 1082
_ARRAY, _ONE, _EMPTY = Struct("!iiIii"), Struct("!iiIiii"), Struct("!iiI")
_LENGTH, _NUMBER = Struct("!i"), Struct("!iq")
_ONE_NUMBER = Struct("!iiIiiiq")
_NULL = _LENGTH.pack(-1)
NO_TEXTS, NO_BLOBS, NO_NUMBERS = (_EMPTY.pack(0, 0, kind) for kind in (_TEXT, _BYTEA, _INT8))
_DAY_ZERO = date(2000, 1, 1).toordinal()


def texts(values: Sequence[str | None]) -> bytes:
    """``text[]``."""
    return _array(_TEXT, [None if value is None else value.encode() for value in values])


def blobs(values: Sequence[bytes | None]) -> bytes:
    """``bytea[]``."""
    return _array(_BYTEA, values)


def uuids(values: Sequence[str | None]) -> bytes:
    """``uuid[]``, of hexadecimal digits."""
    return _array(_UUID, [None if value is None else bytes.fromhex(value) for value in values])


def numbers(values: Sequence[int | None]) -> bytes:
    """``bigint[]``."""
    if None not in values:
        count = len(values)
        if count == 1:
            return _ONE_NUMBER.pack(1, 0, _INT8, 1, 1, 8, values[0])
        if count == 0:
            return NO_NUMBERS
    packed = [_NULL if value is None else _NUMBER.pack(8, value) for value in values]
    return _ARRAY.pack(1, 1, _INT8, len(packed), 1) + b"".join(packed)


def dates(values: Sequence[date | None]) -> bytes:
    """``date[]``."""
    return _array(
        _DATE,
        [None if value is None else day(value) for value in values],
    )


def day(value: date) -> bytes:
    """``date``."""
    return _LENGTH.pack(value.toordinal() - _DAY_ZERO)


def _array(element: int, values: Sequence[bytes | None]) -> bytes:
    """An array of ``values`` of the type number ``element``; one value takes the short way."""
    if len(values) == 1 and (only := values[0]) is not None:
        return _ONE.pack(1, 0, element, 1, 1, len(only)) + only
    if not values:
        return _EMPTY.pack(0, 0, element)
    packed = [_NULL if value is None else _LENGTH.pack(len(value)) + value for value in values]
    # It may hold a null; whether it does costs as much to find out.
    return _ARRAY.pack(1, 1, element, len(packed), 1) + b"".join(packed)


def numbers_of(array: bytes) -> list[int]:
    """The elements of a ``bigint[]`` without nulls."""
    count = (len(array) - _ARRAY.size) // _NUMBER.size
    return [*unpack_from("!" + "iq" * max(count, 0), array, _ARRAY.size)[1::2]] if count > 0 else []
