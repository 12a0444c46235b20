"""Every stored row of a unit and year against the rows that a fold of its facts gives."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, create_engine, delete, select
from sqlalchemy.pool import StaticPool

from domain.facts.others import TextRedacted
from domain.ids import UnitYear, is_jurisdiction_year, unit_year_of
from domain.store import EventStore, Recorded
from projections import adjustments, search, standing
from projections.runner.batch import derive, whole, write
from projections.runner.job import Job
from projections.runner.views import view_tables
from projections.standing.rows import accounts
from projections.tables import METADATA, values_of
from projections.tables.comparing import Differing, Row, compare
from projections.tables.tallies import Counted
from projections.tracking import stopped_table
from projections.unit_year import history, unit_year_of_stream
from projections.verification.rows import Check, Discrepancy
from projections.verification.scores import shown

_PARENTS: Mapping[str, Table] = {"origin": adjustments.table, "account": accounts}
"""A column by which rows belong to those of another table, which says whose ledger they are."""
_OWNERS = ("unit_year", "stream_id", "evaluation", "ledger", "id", *_PARENTS)
"""The column that names the unit, the stream, the form or the ledger of a row, or the row that it
belongs to: the first of these that a table has."""


def _owner(table: Table) -> str:
    return next(name for name in _OWNERS if name in table.c)


class Scratch:
    """Tables in memory, into which one unit and year after the other is folded from nothing."""

    def __init__(self) -> None:
        """Empty tables."""
        self._engine = create_engine("sqlite://", poolclass=StaticPool)
        self._tables = [table for table in _of_units() if table not in _AS_SAID]
        METADATA.create_all(self._engine, tables=view_tables())

    def fill(self, log_id: str, job: Job) -> dict[Table, list[Row]]:
        """The rows of every view that follow from the facts of a unit and year."""
        derived = derive(job)
        with self._engine.begin() as connection:
            if derived is not None:
                write(connection, log_id, [derived])
            found = {
                table: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in self._tables
            }
            for table in self._tables:
                connection.execute(delete(table))
        if job.stopped is not None:
            found[stopped_table] = [values_of(job.stopped)]
        return found

    def close(self) -> None:
        """Give the memory back."""
        self._engine.dispose()


TALLIES: Sequence[Counted] = (*adjustments.TALLIES, *standing.TALLIES)


def _of_units() -> list[Table]:
    """The views whose rows belong to units: all but those that count them by log and year."""
    counting = {tally.table for tally in TALLIES}
    return [table for table in view_tables() if table not in counting]


_AS_SAID = search.ENTRIES
"""Entries follow from single facts and their texts, without a fold."""


class Views:
    """The views of one log at the position that they have reached."""

    def __init__(
        self,
        store: EventStore,
        connection: Connection,
        scratch: Scratch,
        log_id: str,
        position: int,
    ) -> None:
        """Nothing checked yet; ``connection`` reads one state of the views throughout."""
        self.log_id = log_id
        self.position = position
        self.rows = 0
        self.figures = 0
        self._store = store
        self._connection = connection
        self._scratch = scratch
        self._gone: dict[str, str] = {}
        """Texts that facts name and that are not there, with a stream that names each."""

    def check(self, unit_year: UnitYear) -> Iterator[Discrepancy]:
        """The differences in the rows of a unit and year."""
        job = whole(self._store, self.log_id, unit_year, self.position)
        expected = self._scratch.fill(self.log_id, job)
        learnt = self._learnt(history(self._store, self.log_id, unit_year, self.position))
        indexed = search.prepare(self.log_id, learnt, self._store.text_bodies)
        yield from self._index(indexed)
        self._note_gone(learnt)
        expected |= _entries(indexed)
        streams = [*job.fold.forms, unit_year.ledger]
        owners: dict[str, list[Any]] = {"unit_year": [unit_year.prefix]}
        for column, parent in _PARENTS.items():
            rows = expected[parent] + self._stored(parent, "ledger", [unit_year.ledger])
            owners[column] = list({row[column] for row in rows})
        for table, rows in expected.items():
            owner = _owner(table)
            stored = self._stored(table, owner, owners.get(owner, streams))
            self.rows += len(rows)
            self.figures += len(rows) * len(table.columns)
            for one in compare(table, stored, rows):
                yield self._found(one)

    def check_unitless(self, year: int) -> Iterator[Discrepancy]:
        """The differences in the texts of what belongs to no unit: rule sets, accounts, the year
        of the jurisdiction.
        """
        streams = [one for one in self._store.streams(self.log_id) if _is_unitless(one, year)]
        upto = self.position
        learnt = self._learnt(
            one
            for stream in streams
            for one in self._store.read(self.log_id, stream, upto_position=upto)
        )
        indexed = search.prepare(self.log_id, learnt, self._store.text_bodies)
        yield from self._index(indexed)
        self._note_gone(learnt)
        for table, rows in _entries(indexed).items():
            held = select(table.c.stream_id).where(table.c.log_id == self.log_id).distinct()
            named = {one for one in self._connection.scalars(held) if _is_unitless(one, year)}
            self.figures += len(rows) * len(table.columns)
            for one in compare(table, self._stored(table, "stream_id", sorted(named)), rows):
                yield self._found(one)

    def _learnt(self, facts: Iterable[Recorded]) -> search.Learnt:
        learnt = search.Learnt.nothing()
        for recorded in facts:
            learnt.take(self.log_id, recorded)
        return learnt

    def _index(self, indexed: search.Indexed) -> Iterator[Discrepancy]:
        """Entries that the index does not hold by the grams of their texts."""
        entries = [entry for entry, _ in indexed.found]
        held = search.grams_in(self._connection, self.log_id, entries)
        self.rows += len(entries)
        for entry, grams in indexed.found:
            stored = held.get(search.Place(entry.log_id, entry.position, entry.ordinal))
            wanted = frozenset(grams)
            if stored == wanted:
                continue
            # Only how many: grams are the text, and a redaction does not reach a filed report.
            yield Discrepancy(
                check=Check.VIEW,
                log_id=self.log_id,
                where=entry.stream_id,
                what=f"search_grams {entry.position}/{entry.ordinal}",
                stored=None if stored is None else str(len(stored)),
                recomputed=f"{len(wanted)}, {len(wanted - (stored or frozenset()))} missing",
                fact=str(entry.event_id),
                position=entry.position,
            )

    def _note_gone(self, learnt: search.Learnt) -> None:
        named = {one.prose.digest: one.stream_id for one in learnt.entries if one.prose}
        there = self._store.text_bodies(self.log_id, sorted(named))
        self._gone |= {one: where for one, where in named.items() if one not in there}

    def tallies(self, year: int) -> Iterator[Discrepancy]:
        """Where the rows of a year come to something else than the tallies say."""
        for tally in TALLIES:
            table = tally.table
            here = table.c.log_id == self.log_id, table.c.fiscal_year == year
            stored = self._connection.execute(select(table).where(*here)).mappings()
            counted = tally.counted(self._connection, self.log_id, year)
            self.rows += len(counted)
            self.figures += len(counted) * len(table.columns)
            for one in compare(table, [dict(row) for row in stored], counted):
                yield self._found(one)

    def lost_texts(self) -> Iterator[Discrepancy]:
        """Texts that facts of the units checked name and that are gone, though no fact redacted
        them.
        """
        position = 0
        while self._gone:
            facts = self._store.read_log(self.log_id, after=position, limit=_AT_ONCE)
            if not facts:
                break
            for recorded in facts:
                if isinstance(recorded.fact, TextRedacted):
                    self._gone.pop(recorded.fact.digest, None)
            position = facts[-1].position
        for digest, where in self._gone.items():
            yield Discrepancy(
                check=Check.ALTERED,
                log_id=self.log_id,
                where=where,
                what="text",
                stored=None,
                recomputed=digest,
            )

    def strays(self, year: int, known: Iterable[UnitYear]) -> Iterator[Discrepancy]:
        """Rows of a year that belong to no unit of whose facts the log has any."""
        there = set(known)
        for table in _of_units():
            owner = _owner(table)
            column = table.c[owner]
            query = select(column).where(table.c.log_id == self.log_id).distinct()
            if owner in _PARENTS:
                yield from self._orphans(table, owner)
                continue
            for name in self._connection.scalars(query.order_by(column)):
                unit_year = unit_year_of(f"{name}ledger" if owner == "unit_year" else name)
                if unit_year is None and owner == "stream_id":
                    continue  # checked by itself
                if unit_year is not None and (unit_year.year != year or unit_year in there):
                    continue
                for row in self._stored(table, owner, [name]):
                    yield self._found(next(iter(compare(table, [row], []))))

    def _orphans(self, table: Table, owner: str) -> Iterator[Discrepancy]:
        """Rows that belong to a row that is not there."""
        parent = _PARENTS[owner]
        there = select(parent.c[owner]).where(parent.c.log_id == self.log_id)
        query = select(table).where(table.c.log_id == self.log_id, table.c[owner].not_in(there))
        for row in self._connection.execute(query).mappings():
            yield self._found(next(iter(compare(table, [dict(row)], []))))

    def _stored(self, table: Table, owner: str, owners: Sequence[Any]) -> list[Row]:
        query = select(table).where(table.c.log_id == self.log_id, table.c[owner].in_(owners))
        return [dict(row) for row in self._connection.execute(query).mappings()]

    def _found(self, one: Differing) -> Discrepancy:
        row = one.row
        names = [str(part) for part in one.key[1:]]  # the log stands beside
        fact = next((row[name] for name in _FACTS if isinstance(row.get(name), UUID)), None)
        at = next((row[name] for name in _POSITIONS if isinstance(row.get(name), int)), None)
        owner = next((row[name] for name in _NAMES if isinstance(row.get(name), str)), names[0])
        return Discrepancy(
            check=Check.VIEW,
            log_id=self.log_id,
            where=owner,
            what=" ".join(part for part in (one.table, "/".join(names), one.column) if part),
            stored=_shown(one.stored),
            recomputed=_shown(one.expected),
            fact=str(fact) if fact else None,
            position=at,
        )


def _is_unitless(stream: str, year: int) -> bool:
    """Whether a stream belongs to no unit, and to no other year."""
    if unit_year_of_stream(stream) is not None:
        return False
    return not is_jurisdiction_year(stream) or stream.endswith(f"/{year}")


def _entries(indexed: search.Indexed) -> dict[Table, list[Row]]:
    """What can be found of a unit and year, and how its streams are called. A text that was
    redacted has no entry.
    """
    entries = [values_of(entry) for entry, _ in indexed.found]
    names = {one.stream_id: values_of(one) for one in indexed.names}
    return dict(zip(search.ENTRIES, (entries, list(names.values())), strict=True))


_AT_ONCE = 5_000
_FACTS = ("event_id", "head", "actual_fact", "reason_fact")
_POSITIONS = ("head_position", "position", "ledger_position")
_NAMES = ("stream_id", "evaluation", "ledger", "id", "unit_year")


def _shown(value: Any) -> str | None:  # noqa: ANN401 - any column
    if isinstance(value, dict):
        return shown({name: part for name, part in value.items() if part is not None})
    return shown(value)
