"""Adding to logs on PostgreSQL: one call of a function, which is its own transaction.

By way of libpq: the driver's cursor, which adapts values and can be interrupted, would take as
long again as the server does. The functions stand in migrations/versions/, 0005 and 0006.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Any

import psycopg
import psycopg.errors
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGresult

from adapters import packed
from adapters.log import Append, Known, Moved, Outcome, Stored

STORE = "liuhen"
"""The schema of the tables."""

_Driver = psycopg.Connection[tuple[Any, ...]]


def _call(function: str, arguments: int) -> bytes:
    marks = ", ".join(f"${n + 1}" for n in range(arguments))
    return f"SELECT {STORE}.{function}({marks})".encode()


_ALL, _ONE = b"append", b"append_one"
_ALL_ARGUMENTS, _ONE_ARGUMENTS = 24, 15
_APPEND_ALL, _APPEND_ONE = _call("append", _ALL_ARGUMENTS), _call("append_one", _ONE_ARGUMENTS)
_BINARY = [Format.BINARY] * _ALL_ARGUMENTS
_BINARY_ONE = [Format.BINARY] * _ONE_ARGUMENTS
_NUMBER = Struct("!q")


def prepare(connection: _Driver) -> None:
    """Make a connection ready for ``append_all``."""
    # The statements of the functions look rows up by their keys: no plan is better than the one
    # that is kept.
    connection.execute("SET plan_cache_mode = force_generic_plan")
    for name, statement in ((_ALL, _APPEND_ALL), (_ONE, _APPEND_ONE)):
        result = connection.pgconn.prepare(name, statement)
        if result.status != ExecStatus.COMMAND_OK:
            raise _error(connection, result)


def append_all(connection: _Driver, appends: Sequence[Append]) -> list[Outcome]:
    """Store appends to one log on a connection made ready; an answer for each."""
    if len(appends) == 1 and _is_plain(appends[0]):
        first = _append_one(connection, appends[0])
        if first is not None:
            return [Stored(first)]
    result = connection.pgconn.exec_prepared(_ALL, _arguments(appends), _BINARY, Format.BINARY)
    return _answers(connection, result, appends)


def append_within(connection: _Driver, append: Append) -> Outcome:
    """Store ``append`` in the running transaction of a connection."""
    result = connection.pgconn.exec_params(
        _APPEND_ALL, _arguments([append]), None, _BINARY, Format.BINARY
    )
    return _answers(connection, result, [append])[0]


def _is_plain(append: Append) -> bool:
    """Whether it is a command that its one fact remembers."""
    return append.command is not None and append.command.salt is None


def _append_one(connection: _Driver, append: Append) -> int | None:
    """The position of its fact; None when nothing was stored, and ``append`` will say why."""
    result = connection.pgconn.exec_prepared(
        _ONE, _one_argument_each(append), _BINARY_ONE, Format.BINARY
    )
    if result.status == ExecStatus.TUPLES_OK:
        found = result.get_value(0, 0)
        return None if found is None else int.from_bytes(found, signed=True)
    error = _error(connection, result)
    if isinstance(error, psycopg.errors.UniqueViolation):
        return None
    raise error


def _one_argument_each(append: Append) -> list[Any]:
    """Of bytes and None; the driver's own types know no null."""
    command, expected, new = append.command, append.expected, append.events[0]
    assert command is not None  # noqa: S101 - see _is_plain
    event_id, recorded_at, actor = new.event_id, new.recorded_at, new.actor
    since, until = new.effective_from, new.effective_to
    return [
        append.log_id.encode(),
        command.command_id.encode(),
        command.request_hash,
        packed.texts([stream for stream, _ in expected]),
        packed.numbers([seen for _, seen in expected]),
        new.stream_id.encode(),
        _NUMBER.pack(new.version),
        new.type.encode(),
        new.payload,
        None if event_id is None else bytes.fromhex(event_id),
        None if recorded_at is None else _NUMBER.pack(recorded_at),
        None if since is None else packed.day(since),
        None if until is None else packed.day(until),
        None if actor is None else actor.encode(),
        new.leaf_hash,
    ]


def _answers(connection: _Driver, result: PGresult, appends: Sequence[Append]) -> list[Outcome]:
    if result.status != ExecStatus.TUPLES_OK:
        raise _error(connection, result)
    answers = iter(packed.numbers_of(result.get_value(0, 0) or b""))
    firsts = [next(answers) for _ in appends]
    outcomes: list[Outcome] = []
    for first, append in zip(firsts, appends, strict=True):
        found = [next(answers) for _ in append.expected]
        if first > 0:
            outcomes.append(Stored(first))
        else:
            outcomes.append(Known() if first == 0 else Moved(found))
    return outcomes


def _error(connection: _Driver, result: PGresult) -> psycopg.Error:
    if connection.pgconn.status != ConnStatus.OK:
        return psycopg.OperationalError(connection.pgconn.get_error_message())
    return psycopg.errors.error_from_result(result)


def _arguments(appends: Sequence[Append]) -> list[bytes]:
    """What the function ``append`` takes: a column of each kind of row, all appends in one.

    Raises ``ValueError`` for appends of several logs.
    """
    if any(append.log_id != appends[0].log_id for append in appends):
        msg = "one transaction adds to one log"
        raise ValueError(msg)
    commands = [append.command for append in appends]
    expected = [one for append in appends for one in append.expected]
    events = [new for append in appends for new in append.events]
    return [
        appends[0].log_id.encode(),
        packed.texts([one.command_id if one else None for one in commands]),
        packed.blobs([one.salt if one else None for one in commands]),
        packed.blobs([one.request_hash if one else None for one in commands]),
        packed.numbers([len(append.expected) for append in appends]),
        packed.numbers([len(append.events) for append in appends]),
        packed.texts([stream_id for stream_id, _ in expected]),
        packed.numbers([version for _, version in expected]),
        packed.texts([new.stream_id for new in events]),
        packed.numbers([new.version for new in events]),
        packed.texts([new.type for new in events]),
        packed.blobs([new.payload for new in events]),
        packed.uuids([new.event_id for new in events]),
        packed.numbers([new.recorded_at for new in events]),
        packed.dates([new.effective_from for new in events]),
        packed.dates([new.effective_to for new in events]),
        packed.texts([new.actor for new in events]),
        packed.blobs([new.leaf_hash for new in events]),
        *_texts(appends),
        *_erased(appends),
    ]


def _texts(appends: Sequence[Append]) -> Sequence[bytes]:
    found = [(nth, text) for nth, append in enumerate(appends, 1) for text in append.texts]
    if not found:
        return _NO_TEXTS
    return (
        packed.numbers([nth for nth, _ in found]),
        packed.texts([text.digest for _, text in found]),
        packed.blobs([text.salt for _, text in found]),
        packed.texts([text.body for _, text in found]),
    )


def _erased(appends: Sequence[Append]) -> Sequence[bytes]:
    found = [(nth, digest) for nth, append in enumerate(appends, 1) for digest in append.erase]
    if not found:
        return _NOTHING_ERASED
    return (
        packed.numbers([nth for nth, _ in found]),
        packed.texts([digest for _, digest in found]),
    )


_NO_TEXTS = (packed.NO_NUMBERS, packed.NO_TEXTS, packed.NO_BLOBS, packed.NO_TEXTS)
_NOTHING_ERASED = (packed.NO_NUMBERS, packed.NO_TEXTS)
