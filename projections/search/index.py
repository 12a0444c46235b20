"""The grams in the index of either database: put in, taken out for good, and asked for.

SQLite: FTS5, without the places of the grams. A row of it that is deleted leaves its grams behind
until parts of the index are merged; so after a redaction they are merged at once, which rewrites
the index, and secure_delete overwrites the old pages. PostgreSQL: a tsvector of the grams as they
are, under a GIN index; no text search configuration is involved.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from projections.search.rows import SearchEntry, fts, grams, numbers, table
from projections.tables import prose, put

# Log, position and ordinal in the 63 bits of a rowid: 262,144 logs of 8 milliards of facts.
_POSITIONS, _ORDINALS = 33, 12
_PAGE_OF_KEYS = 500
_QUOTED = "'{}'"
_Some = TypeVar("_Some")


class Place(NamedTuple):
    """Where an entry lies; the order of the answers."""

    log_id: str
    position: int
    ordinal: int


class Asked(NamedTuple):
    """What to look for: all ``grams``, in entries that fit ``conditions``, in ``log_id`` or in
    all; of each log in ``upto``, what it knew at that position. The rest of the logs know all.
    """

    grams: Sequence[str]
    conditions: Sequence[ColumnElement[bool]]
    log_id: str | None
    upto: Mapping[str, int] | None


def put_in(connection: Connection, found: Sequence[tuple[SearchEntry, Sequence[str]]]) -> None:
    """Index entries by their grams."""
    if not found:
        return
    if connection.dialect.name == "sqlite":
        known = _numbers_for(connection, {entry.log_id for entry, _ in found})
        for some in _parts(found):
            connection.exec_driver_sql(
                "INSERT INTO search_grams (rowid, grams) VALUES (?, ?)",
                [
                    (_rowid(known[one.log_id], one.position, one.ordinal), " ".join(its))
                    for one, its in some
                ],
            )
        return
    # A tsvector as its text: a gram holds letters and digits only, so that none must be escaped.
    put(
        connection,
        grams,
        [
            _Grams(one.log_id, one.position, one.ordinal, _QUOTED.format("' '".join(its)))
            for one, its in found
        ],
    )


class _Grams(Struct, frozen=True, gc=False):
    """A row of ``grams``."""

    log_id: str
    position: int
    ordinal: int
    grams: str


def take_out(connection: Connection, log_id: str, digests: Sequence[str]) -> None:
    """Take what is left of redacted texts out of index and entries, for good."""
    gone = [
        Place(*row)
        for some in _parts(digests)
        for row in connection.execute(
            select(table.c.log_id, table.c.position, table.c.ordinal).where(
                table.c.log_id == log_id, table.c.prose.in_([prose(one) for one in some])
            )
        )
    ]
    if not gone:
        return
    places = [{"p": one.position, "o": one.ordinal} for one in gone]
    position, ordinal = bindparam("p", type_=BigInteger), bindparam("o", type_=BigInteger)
    if connection.dialect.name == "sqlite":
        number = _numbers_for(connection, {log_id})[log_id]
        connection.execute(
            delete(fts).where(fts.c.rowid == bindparam("id")),
            [{"id": _rowid(number, one.position, one.ordinal)} for one in gone],
        )
        connection.execute(insert(fts).values(search_grams="optimize"))
    else:
        connection.execute(
            delete(grams).where(
                grams.c.log_id == log_id,
                grams.c.position == position,
                grams.c.ordinal == ordinal,
            ),
            places,
        )
    connection.execute(
        delete(table).where(
            table.c.log_id == log_id,
            table.c.position == position,
            table.c.ordinal == ordinal,
        ),
        places,
    )


def look_up(
    connection: Connection, asked: Asked, *, after: Place | None, limit: int
) -> list[RowMapping]:
    """The next ``limit`` entries, as mappings, that have every gram, by log and position."""
    if connection.dialect.name == "sqlite":
        return _in_fts(connection, asked, after, limit)
    rows = connection.execute(postgresql_query(asked, after=after, limit=limit))
    return list(rows.mappings())


def grams_in(
    connection: Connection, log_id: str, entries: Sequence[SearchEntry]
) -> dict[Place, frozenset[str]]:
    """The grams by which entries of a log are found; none for one that the index does not hold."""
    found: dict[Place, frozenset[str]] = {}
    on_sqlite = connection.dialect.name == "sqlite"
    number = _numbers(connection).get(log_id) if on_sqlite else None
    for some in _parts([Place(one.log_id, one.position, one.ordinal) for one in entries]):
        if not on_sqlite:
            key = tuple_(grams.c.log_id, grams.c.position, grams.c.ordinal)
            query = select(
                grams.c.log_id,
                grams.c.position,
                grams.c.ordinal,
                func.tsvector_to_array(grams.c.grams),
            ).where(key.in_([tuple(one) for one in some]))
            for *place, held in connection.execute(query):
                found[Place(*place)] = frozenset(held)
        elif number is not None:
            ids = {_rowid(number, one.position, one.ordinal): one for one in some}
            held_by = select(fts.c.rowid, fts.c.grams).where(fts.c.rowid.in_(ids))
            for rowid, held in connection.execute(held_by):
                found[ids[rowid]] = frozenset(held.split())
    return found


# ---------------------------------------------------------------------------------- PostgreSQL


def postgresql_query(asked: Asked, *, after: Place | None, limit: int) -> Select[Any]:
    """What PostgreSQL is asked: the index by grams, or by place, whichever it thinks shorter."""
    key = (grams.c.log_id, grams.c.position, grams.c.ordinal)
    own = (table.c.log_id, table.c.position, table.c.ordinal)
    terms = (f"'{gram[:-1]}':*" if gram.endswith("*") else f"'{gram}'" for gram in asked.grams)
    query = (
        select(table)
        .join(grams, and_(*(one == other for one, other in zip(key, own, strict=True))))
        .where(grams.c.grams.op("@@")(cast(literal(" & ".join(terms), Text), TSQUERY)))
        .where(*asked.conditions)
        .order_by(*key)
        .limit(limit)
    )
    if asked.log_id is not None:
        query = query.where(grams.c.log_id == asked.log_id)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    if asked.upto is not None:
        known = [
            and_(grams.c.log_id == log_id, grams.c.position <= position)
            for log_id, position in asked.upto.items()
        ]
        query = query.where(or_(grams.c.log_id.not_in(list(asked.upto)), *known))
    return query


# -------------------------------------------------------------------------------------- SQLite


def _in_fts(
    connection: Connection, asked: Asked, after: Place | None, limit: int
) -> list[RowMapping]:
    """Log by log: the rowids of a log lie together, and FTS5 goes to their beginning at once."""
    found: list[RowMapping] = []
    for log_id, number in sorted(_numbers(connection).items()):
        if asked.log_id not in {None, log_id} or (after is not None and log_id < after.log_id):
            continue
        begin = _rowid(number, 0, 0)
        if after is not None and log_id == after.log_id:
            begin = _rowid(number, after.position, after.ordinal) + 1
        last = _rowid(number + 1, 0, 0) - 1
        if asked.upto is not None and log_id in asked.upto:
            last = _rowid(number, asked.upto[log_id] + 1, 0) - 1
        query = sqlite_query(asked, log_id, begin, last, limit - len(found))
        found += connection.execute(query).mappings()
        if len(found) >= limit:
            break
    return found


def sqlite_query(asked: Asked, log_id: str, begin: int, last: int, limit: int) -> Select[Any]:
    """What FTS5 is asked about one log, between two rowids, both included."""
    terms = (f'"{gram[:-1]}" *' if gram.endswith("*") else f'"{gram}"' for gram in asked.grams)
    here = fts.c.rowid
    return (
        select(table)
        .select_from(fts.join(table, true()))
        .where(
            fts.c.search_grams.op("MATCH")(" AND ".join(terms)),
            here >= begin,
            here <= last,
            table.c.log_id == log_id,
            table.c.position == here.op(">>")(_ORDINALS).op("&")((1 << _POSITIONS) - 1),
            table.c.ordinal == here.op("&")((1 << _ORDINALS) - 1),
            *asked.conditions,
        )
        .order_by(here)
        .limit(limit)
    )


def _rowid(number: int, position: int, ordinal: int) -> int:
    return (number << _POSITIONS | position) << _ORDINALS | ordinal


def _numbers(connection: Connection) -> dict[str, int]:
    return dict(iter(connection.execute(select(numbers.c.log_id, numbers.c.number))))


def _numbers_for(connection: Connection, logs: set[str]) -> dict[str, int]:
    """The numbers of ``logs``; a log that has none gets the next one."""
    known = _numbers(connection)
    for log_id in sorted(logs - known.keys()):
        known[log_id] = max(known.values(), default=0) + 1
        connection.execute(insert(numbers), {"log_id": log_id, "number": known[log_id]})
    return known


def _parts(keys: Sequence[_Some]) -> list[Sequence[_Some]]:
    return [keys[at : at + _PAGE_OF_KEYS] for at in range(0, len(keys), _PAGE_OF_KEYS)]
