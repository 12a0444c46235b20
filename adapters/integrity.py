"""Whether the stored bytes are still what was stored: leaves of facts, digests of texts."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row, Select, func, select

from adapters.database import Database
from adapters.schema import commands, events, texts
from domain.merkle import leaf_hash
from domain.store import Altered
from domain.texts import digest_of

_FACTS_AT_ONCE = 2000


def altered(database: Database, log_id: str, upto: int) -> Iterator[Altered]:
    """Facts up to a position whose bytes do not give the leaf beside them, positions that hold no
    fact, and texts whose bytes do not give the digest by which facts name them.

    Facts that were cut off at the end are missed by the commands that stored them, also when others
    have taken their positions since.
    """
    for missing in _cut_off(database, log_id):
        yield Altered(where=log_id, what="fact", stored=None, found=None, position=missing)
    yield from _facts(database, log_id, upto)
    yield from _texts(database, log_id)


def _facts(database: Database, log_id: str, upto: int) -> Iterator[Altered]:
    position = 0
    while position < upto:
        query = (
            select(
                events.c.position,
                events.c.stream_id,
                events.c.version,
                events.c.type,
                events.c.payload,
                events.c.leaf_hash,
            )
            .where(
                events.c.log_id == log_id,
                events.c.position > position,
                events.c.position <= min(position + _FACTS_AT_ONCE, upto),
            )
            .order_by(events.c.position)
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
        for missing in range(position + 1, last + 1):
            yield Altered(where=log_id, what="fact", stored=None, found=None, position=missing)
        position = last


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
    head = select(func.coalesce(func.max(events.c.position), 0)).where(events.c.log_id == log_id)
    end = _all(database, head)[0][0]
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
