"""Writing the index, and looking for words in it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Literal, NamedTuple

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, or_, select

from domain.facts.envelope import Role
from domain.facts.others import TextRedacted
from domain.store import Recorded
from projections.search.deriving import TELLING, entries_of, name_given
from projections.search.index import Asked, Place, look_up, put_in, take_out
from projections.search.rows import Hit, SearchEntry, StreamName, TextPart, names, table
from projections.search.words import Wanted, excerpt, grams, wanted_by
from projections.tables import TextBodies, joined, put, read, replace
from projections.tables.paging import Page, key_of, page_of

_LOOKED_AT = 100
"""Entries looked at together. The grams of a long word can stand apart in a text; whether they
stand side by side is seen in the text itself."""


class Learnt(Struct):
    """What a batch of facts of a log says for the index."""

    entries: list[SearchEntry]
    names: list[StreamName]
    redacted: list[str]

    @classmethod
    def nothing(cls) -> "Learnt":
        """Before the first fact."""
        return cls([], [], [])

    def take(self, log_id: str, recorded: Recorded) -> None:
        """Note the texts of one fact."""
        if type(recorded.fact) not in TELLING:
            return  # a payment, like most
        self.entries += entries_of(log_id, recorded)
        if isinstance(recorded.fact, TextRedacted):
            self.redacted.append(recorded.fact.digest)
        elif (name := name_given(log_id, recorded)) is not None:
            self.names.append(name)


class Indexed(Struct):
    """What goes into the index: entries with their grams, names, and what goes out of it."""

    found: Sequence[tuple[SearchEntry, Sequence[str]]]
    names: list[StreamName]
    redacted: list[str]


def prepare(log_id: str, learnt: Learnt, texts: TextBodies) -> Indexed:
    """Read the texts and take them apart; one that is gone already leaves nothing."""
    taken_apart = cache(grams)  # the forms of a county print the same indicators
    digests = dict.fromkeys(one.prose.digest for one in learnt.entries if one.prose is not None)
    bodies = texts(log_id, list(digests)) if digests else {}
    found: list[tuple[SearchEntry, Sequence[str]]] = []
    for entry in learnt.entries:
        text = entry.plain if entry.prose is None else bodies.get(entry.prose.digest)
        if text is not None and (some := taken_apart(text)):
            found.append((entry, some))
    return Indexed(found, learnt.names, learnt.redacted)


def apply(connection: Connection, log_id: str, indexed: Indexed, *, first: bool = False) -> None:
    """Put in what was learnt, and take out what was redacted, for good; ``first`` where nothing is
    indexed yet.
    """
    put(connection, table, [entry for entry, _ in indexed.found])
    put_in(connection, indexed.found)
    stored = () if first else indexed.names
    given = [{"log_id": one.log_id, "stream_id": one.stream_id} for one in stored]
    replace(connection, names, indexed.names, where=given)
    if indexed.redacted:
        take_out(connection, log_id, indexed.redacted)


# -------------------------------------------------------------------------------------- queries


class SearchFilter(Struct, frozen=True, kw_only=True):
    """Where to look: every field that is given must fit."""

    log_id: str | None = None
    evaluation: str | None = None
    unit: str | None = None
    fiscal_year: int | None = None
    part: TextPart | None = None
    line: str | None = None
    actor: str | None = None
    role: Role | None = None


class Key(NamedTuple):
    """Where a row stands among those of all logs."""

    question: Literal["search"]
    place: Place


def search(
    connection: Connection,
    texts: TextBodies,
    query: str,
    where: SearchFilter | None = None,
    *,
    after: str | None = None,
    limit: int | None = 50,
    upto: Mapping[str, int] | None = None,
) -> Page[Hit]:
    """The texts in which everything that ``query`` names occurs, by log and position.

    Words are separated by blanks; what stands in quotes, or without blanks, stands side by side.
    Width, case and brackets do not matter. ``upto`` is the position up to which each log counts;
    a text that was redacted is found nowhere. Raises ``Rejected``: ``search.no-words``,
    ``request.cursor``.
    """
    where = where or SearchFilter()
    wanted = wanted_by(query)
    asked = Asked(wanted.grams, _conditions(where), where.log_id, upto)
    place = key_of(after, Key).place if after is not None else None
    hits: list[Hit] = []
    while limit is None or len(hits) <= limit:
        rows = [
            SearchEntry(**row) for row in look_up(connection, asked, after=place, limit=_LOOKED_AT)
        ]
        hits += [hit for one in joined(rows, texts) if (hit := _hit(one, wanted)) is not None]
        if len(rows) < _LOOKED_AT:
            break
        place = _place(rows[-1])
    page = page_of(
        hits if limit is None else hits[: limit + 1],
        limit,
        lambda hit: Key("search", _place(hit.entry)),
    )
    return Page(rows=tuple(_named(connection, page.rows)), after=page.after)


def _conditions(where: SearchFilter) -> list[ColumnElement[bool]]:
    return [
        table.c[name] == wanted
        for name in where.__struct_fields__
        if name != "log_id" and (wanted := getattr(where, name)) is not None
    ]


def _place(entry: SearchEntry) -> Place:
    return Place(entry.log_id, entry.position, entry.ordinal)


def _hit(entry: SearchEntry, wanted: Wanted) -> Hit | None:
    around = excerpt(entry.text, wanted) if entry.text is not None else None
    if around is None:
        return None
    return Hit(entry=entry, unit_name=None, project_name=None, excerpt=around)


def _named(connection: Connection, hits: Sequence[Hit]) -> Iterable[Hit]:
    """``hits`` with the names of their units."""
    wanted = sorted({(hit.entry.log_id, hit.entry.stream_id) for hit in hits})
    known: dict[tuple[str, str], StreamName] = {}
    for some in (wanted[at : at + _LOOKED_AT] for at in range(0, len(wanted), _LOOKED_AT)):
        query = select(names).where(
            or_(
                *(
                    (names.c.log_id == log_id) & (names.c.stream_id == stream_id)
                    for log_id, stream_id in some
                )
            )
        )
        for name in read(StreamName, connection.execute(query)):
            known[name.log_id, name.stream_id] = name
    for hit in hits:
        name_of = known.get((hit.entry.log_id, hit.entry.stream_id))
        yield Hit(
            entry=hit.entry,
            unit_name=name_of.unit_name if name_of else None,
            project_name=name_of.project_name if name_of else None,
            excerpt=hit.excerpt,
        )
