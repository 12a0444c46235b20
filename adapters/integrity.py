"""Whether the stored bytes are still what was stored: leaves of facts, digests of texts."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row, Select, select

from adapters.database import Database
from adapters.schema import events, texts
from domain.merkle import leaf_hash
from domain.store import Altered
from domain.texts import digest_of

_FACTS_AT_ONCE = 2000


def altered(database: Database, log_id: str, upto: int) -> Iterator[Altered]:
    """Facts up to a position whose bytes do not give the leaf beside them, positions that hold no
    fact, and texts whose bytes do not give the digest by which facts name them.
    """
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


def _all(database: Database, query: Select[Any]) -> Sequence[Row[Any]]:
    return database.query(lambda at: at.execute(query).all())
