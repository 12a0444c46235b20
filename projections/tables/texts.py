"""Joining texts: a view keeps digests, so that a redaction reaches it."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Struct

from projections.tables.shapes import REDACTED, Prose, TextBodies

_R = TypeVar("_R", bound=Struct)


def joined(rows: Iterable[_R], texts: TextBodies, log_id: str | None = None) -> list[_R]:
    """``rows`` with the body of every text in them, or the word for one that is deleted.

    Texts lie in the log that a row names as ``log_id``, or in ``log_id``.
    """
    found = list(rows)
    wanted: dict[str, dict[str, None]] = {}
    for row in found:
        log = getattr(row, "log_id", log_id) or ""
        _collect(row, wanted.setdefault(log, {}))
    bodies = {log: texts(log, list(digests)) for log, digests in wanted.items() if digests}
    if not bodies:
        return found
    return [_filled(row, bodies.get(getattr(row, "log_id", log_id) or "", {})) for row in found]


def _collect(value: object, digests: dict[str, None]) -> None:
    """Note the digests of all texts in ``value``, in order."""
    if isinstance(value, Prose):
        digests[value.digest] = None
    elif isinstance(value, tuple):
        for part in value:
            _collect(part, digests)
    elif isinstance(value, Struct):
        for name in _with_prose(type(value)):
            part = getattr(value, name)
            if part is not None:
                _collect(part, digests)


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
            value,
            **{
                name: _filled(part, bodies)
                for name in names
                if (part := getattr(value, name)) is not None
            },
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
