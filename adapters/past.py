"""Reading what was known of some streams at a position: one round trip for all of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, bindparam, not_, or_, select

from adapters.codec import REFUSED
from adapters.database import Database
from adapters.reading import Question, asked_together, documents, values_in
from adapters.schema import events
from domain.facts import BY_TAG, Fact, tag_of
from domain.facts.upcasts import UPCASTS
from domain.store import Document, Past, Repeated, Wanted

_Row = tuple[Any, ...]
"""The version and the payload of a fact, and whatever else was asked for."""

# An expression, so that a stream is found by its own index: the key of the log, which a bare position
# would invite, leads through every fact that is known.
KNOWN = events.c.position + 0 <= bindparam("last", type_=BigInteger)
"""Which facts of a stream are known at the position ``last``."""
_OF_STREAM = (
    events.c.log_id == bindparam("log_id"),
    events.c.stream_id == bindparam("stream_id"),
)
_begun = events.alias("begun")
END = (
    select(
        events.c.version,
        events.c.position,
        events.c.payload,
        select(_begun.c.position)
        .where(
            _begun.c.log_id == bindparam("log_id"),
            _begun.c.stream_id == bindparam("stream_id"),
            _begun.c.version == 1,
        )
        .scalar_subquery(),
    )
    .where(*_OF_STREAM, KNOWN)
    .order_by(events.c.version.desc())
    .limit(1)
)
"""The last fact of a stream, and the position of its first."""
_END = Question(END)
_AT_FIRST, _ALL = 64, 2**63 - 1
"""How many facts of those put aside are read at first: a form has fewer lines, and they are
calculated together.
"""


_ALL_OF_IT = Question(select(events.c.payload).where(*_OF_STREAM, KNOWN).order_by(events.c.version))


def without(aside: type[Fact]) -> Select[int, bytes, str]:
    """The payloads of a stream with their versions and tags, but for those of one kind of fact."""
    return (
        select(events.c.version, events.c.payload, events.c.type)
        .where(*_OF_STREAM, KNOWN, not_(_is(aside)))
        .order_by(events.c.version)
    )


def newest(aside: type[Fact]) -> Select[int, bytes]:
    """The payloads of one kind of fact with their versions, the newest first."""
    return (
        select(events.c.version, events.c.payload)
        .where(
            *_OF_STREAM,
            KNOWN,
            events.c.version < bindparam("before", type_=BigInteger),
            _is(aside),
        )
        .order_by(events.c.version.desc())
        .limit(bindparam("limit", type_=BigInteger))
    )


def _is(kind: type[Fact]) -> ColumnElement[bool]:
    """Whether a fact is of a kind."""
    return or_(*(events.c.type == tag for tag in sorted(_tags(kind))))


@cache
def _tags(kind: type[Fact]) -> frozenset[str]:
    """What a kind of fact is called in the store, in whichever version."""
    name = tag_of(kind).partition(".")[0]
    return frozenset(tag for tag in {*BY_TAG, *UPCASTS} if tag.partition(".")[0] == name)


_without = cache(lambda aside: Question(without(aside)))
_newest = cache(lambda aside: Question(newest(aside)))


def past(
    database: Database, log_id: str, streams: Mapping[str, Wanted], position: int
) -> Mapping[str, Past]:
    """See ``domain.store.EventStore``. Raises ``UnreadableFact`` for a fact of a newer program."""
    asked = {
        stream_id: _Stream(database, log_id, stream_id, wanted, position)
        for stream_id, wanted in streams.items()
    }

    def ask(connection: Connection) -> Mapping[str, Past]:
        questions = [question for one in asked.values() for question in one.questions()]
        with asked_together(connection, questions) as cursors:
            answers = iter(cursors)
            return {stream_id: one.take(answers) for stream_id, one in asked.items()}

    return database.query(ask)


class _Dated(Struct, frozen=True, gc=False):
    recorded_at: datetime


class _Dating(Struct, frozen=True, gc=False):
    """A stored fact of which only its time is read."""

    envelope: _Dated


_dating = msgspec.json.Decoder(_Dating).decode


class _Stream:
    """What is asked of one stream, and what its answers say."""

    def __init__(
        self, database: Database, log_id: str, stream_id: str, wanted: Wanted, position: int
    ) -> None:
        self._database = database
        self._wanted = wanted
        self._values = {"log_id": log_id, "stream_id": stream_id, "last": position}

    def questions(self) -> Iterator[tuple[Question, Mapping[str, object]]]:
        aside = self._wanted.aside
        yield _END, self._values
        if aside is None:
            yield _ALL_OF_IT, self._values
        else:
            yield _without(aside), self._values
            yield _newest(aside), self._values | {"before": _ALL, "limit": _AT_FIRST}

    def take(self, answers: Iterator[Any]) -> Past:
        """Read the answers to the questions, in their order."""
        end = next(answers).fetchone()
        if self._wanted.aside is None:
            versions, payloads, aside = None, values_in(next(answers)), None
        else:
            rows = next(answers).fetchall()
            if self._wanted.repeated is not None:
                rows = _without_former(self._wanted.repeated, rows)
            versions, payloads = _apart(rows)
            aside = self._newest_first(next(answers).fetchall())
        if end is None:
            return Past(())
        version, last, payload, first = end
        return Past(
            documents(payloads, self._wanted.of),
            versions=versions,
            aside=aside,
            version=version,
            first=first,
            last=last,
            recorded_at=_dating(payload).envelope.recorded_at,
        )

    def _newest_first(self, rows: Sequence[_Row]) -> Iterator[tuple[int, Document]]:
        yield from self._opened(rows)
        if len(rows) == _AT_FIRST:
            before = {"before": rows[-1][0], "limit": _ALL}
            question = _newest(self._wanted.aside)
            yield from self._opened(
                self._database.query(lambda at: question.rows(at, self._values | before))
            )

    def _opened(self, rows: Sequence[_Row]) -> Iterator[tuple[int, Document]]:
        versions, payloads = _apart(rows)
        return zip(versions, documents(payloads, self._wanted.of), strict=True)


def _apart(rows: Sequence[_Row]) -> tuple[list[int], list[bytes]]:
    return [row[0] for row in rows], [row[1] for row in rows]


def _without_former(repeated: Repeated, rows: Sequence[_Row]) -> Sequence[_Row]:
    """``rows`` with their tags but for those that were ``repeated`` later, in order."""
    tags, lasting = _tags(repeated.kind), _tags(repeated.unless)
    others = [row for row in rows if row[2] not in tags]
    if any(tag in lasting for _, _, tag in others):
        return rows
    alike = _decoder(repeated.alike)
    try:
        newest = {alike(row[1]): row for row in rows if row[2] in tags}
    except REFUSED:
        return rows  # an old shape may say otherwise what it is about
    return sorted([*others, *newest.values()])


_decoder = cache(lambda of: msgspec.json.Decoder(of).decode)
