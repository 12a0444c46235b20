"""Whether the stored bytes are still what was stored: leaves of facts, the columns beside them
that are copies, digests of texts.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, Select, select

from adapters.codec import REFUSED
from adapters.database import Database
from adapters.log import microseconds
from adapters.places import IN_ORDER, between
from adapters.schema import commands, events, logs, texts
from domain.facts.envelope import Envelope
from domain.merkle import leaf_hash
from domain.store import Altered
from domain.texts import digest_of

_FACTS_AT_ONCE = 2000
_COPIES = (
    events.c.event_id,
    events.c.recorded_at,
    events.c.known_at,
    events.c.effective_from,
    events.c.effective_to,
    events.c.actor,
)
"""The columns of a fact that say again what its envelope says, so that it can be looked for."""


class _Enveloped(msgspec.Struct, frozen=True):
    """A stored document of which only the envelope is read."""

    envelope: Envelope


_enveloped = msgspec.json.Decoder(_Enveloped).decode


def altered(database: Database, log_id: str, upto: int) -> Iterator[Altered]:
    """Facts up to a position whose bytes do not give the leaf beside them, or whose columns do not
    say what the bytes say; positions that hold no fact; and texts whose bytes do not give the digest
    by which facts name them.

    Facts that were cut off at the end are missed by whoever had read them and asks up to there, and
    by commands that have a row of their own, also when others have taken their positions since.
    """
    for missing in _cut_off(database, log_id):
        yield Altered(where=log_id, what="fact", stored=None, found=None, position=missing)
    yield from _facts(database, log_id, upto)
    yield from _texts(database, log_id)


def _facts(database: Database, log_id: str, upto: int) -> Iterator[Altered]:
    position, known_at = 0, 0
    while position < upto:
        query = (
            select(
                events.c.position,
                events.c.stream_id,
                events.c.version,
                events.c.type,
                events.c.payload,
                events.c.leaf_hash,
                *_COPIES,
            )
            .where(between(log_id, position, min(position + _FACTS_AT_ONCE, upto)))
            .order_by(IN_ORDER)
        )
        last = min(position + _FACTS_AT_ONCE, upto)
        for row in _all(database, query):
            for missing in range(position + 1, row.position):
                yield Altered(where=log_id, what="fact", stored=None, found=None, position=missing)
            position = row.position
            found = leaf_hash(
                stream_id=row.stream_id, version=row.version, type_=row.type, payload=row.payload
            )
            if found != row.leaf_hash:
                yield Altered(
                    where=row.stream_id,
                    what="leaf",
                    stored=bytes(row.leaf_hash).hex(),
                    found=found.hex(),
                    position=row.position,
                )
            for column, said in _said(row, known_at).items():
                if (held := row._mapping[column]) != said:  # noqa: SLF001 - the name SQLAlchemy gives it
                    yield Altered(
                        where=row.stream_id,
                        what=column,
                        stored=None if held is None else str(held),
                        found=None if said is None else str(said),
                        position=row.position,
                    )
            known_at = row.known_at
        for missing in range(position + 1, last + 1):
            yield Altered(where=log_id, what="fact", stored=None, found=None, position=missing)
        position = last


def _said(row: Row[Any], known_at: int) -> Mapping[str, object]:
    """What the copies of a fact should hold, after one that became known at ``known_at``. Nothing is
    said by bytes without an envelope: the leaf tells those that were altered, and events of another
    application have none.
    """
    try:
        envelope = _enveloped(row.payload).envelope
    except REFUSED:
        return {}
    recorded_at = microseconds(envelope.recorded_at)
    return {
        "event_id": envelope.event_id,
        "recorded_at": recorded_at,
        "known_at": max(known_at, recorded_at),
        "effective_from": envelope.effective.first,
        "effective_to": envelope.effective.last,
        "actor": envelope.actor,
    }


def _texts(database: Database, log_id: str) -> Iterator[Altered]:
    after = ""
    while True:
        some = (
            select(texts.c.digest, texts.c.salt, texts.c.body)
            .where(texts.c.log_id == log_id, texts.c.digest > after)
            .order_by(texts.c.digest)
            .limit(_FACTS_AT_ONCE)
        )
        rows = _all(database, some)
        for row in rows:
            after = row.digest
            # The text itself is not told: a report is filed, and a redaction does not reach it.
            if (said := digest_of(row.salt, row.body)) != row.digest:
                yield Altered(where=log_id, what="text", stored=row.digest, found=said)
        if len(rows) < _FACTS_AT_ONCE:
            return


def _cut_off(database: Database, log_id: str) -> Iterator[int]:
    """The first position that each command names and does not have."""
    columns = commands.c
    ranges = (
        select(columns.first_position, columns.last_position)
        .where(columns.log_id == log_id, columns.last_position >= columns.first_position)
        .order_by(columns.first_position, columns.last_position)
    )
    found = _all(database, ranges)
    # Asked afterwards: what is appended meanwhile is not missing.
    head = _all(database, select(logs.c.head).where(logs.c.log_id == log_id))
    end = head[0].head if head else 0
    taken = 0
    for row in found:
        first, last = row.first_position, row.last_position
        if first <= taken:
            yield first
        elif last > end:
            yield max(first, end + 1)
        taken = max(taken, last)


def _all(database: Database, query: Select[Any]) -> Sequence[Row[Any]]:
    return database.query(lambda at: at.execute(query).all())
