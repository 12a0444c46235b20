"""Every stored row of a unit and year against the rows that a fold of its facts gives."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Connection, Table, select

from domain.ids import UnitYear, unit_year_of
from domain.store import EventStore
from projections import adjustments, current, deductions, findings, score_history, tracking
from projections.runner.batch import derive, whole
from projections.tables import values_of
from projections.tables.comparing import Differing, Row, compare
from projections.verification.rows import Check, Discrepancy
from projections.verification.scores import shown

_OWNERS: Mapping[Table, str] = {
    current.evaluations: "id",
    current.lines_table: "evaluation",
    current.figures_table: "evaluation",
    score_history.table: "evaluation",
    deductions.table: "evaluation",
    findings.table: "evaluation",
    adjustments.table: "ledger",
    adjustments.openings: "ledger",
}
"""The views, each with the column that names the form or the ledger of a row."""
_PER_UNIT = tracking.stopped_table


class Views:
    """The views of one log at the position that they have reached."""

    def __init__(
        self, store: EventStore, connection: Connection, log_id: str, position: int
    ) -> None:
        """Nothing checked yet; ``connection`` reads one state of the views throughout."""
        self.log_id = log_id
        self.position = position
        self.rows = 0
        self.figures = 0
        self._store = store
        self._connection = connection

    def check(self, unit_year: UnitYear) -> Iterator[Discrepancy]:
        """The differences in the rows of a unit and year."""
        job = whole(self._store, self.log_id, unit_year, self.position)
        derived = derive(job)
        expected: dict[Table, list[Struct]] = {table: [] for table in _OWNERS}
        if derived is not None:
            chains = adjustments.derive(job.fold)
            openings = adjustments.derive_openings(job.fold)
            expected = {
                current.evaluations: [one.evaluation for one in derived.current],
                current.lines_table: [row for one in derived.current for row in one.lines],
                current.figures_table: [row for one in derived.current for row in one.figures],
                score_history.table: list(derived.changes),
                deductions.table: [row for rows in derived.deductions.values() for row in rows],
                findings.table: [row for rows in derived.findings.values() for row in rows],
                adjustments.table: list(chains),
                adjustments.openings: list(openings),
            }
        owners = [*job.fold.forms, unit_year.ledger]
        for table, owner in _OWNERS.items():
            stored = self._stored(table, owner, owners)
            yield from self._compare(table, stored, expected[table])
        halted = [] if job.stopped is None else [job.stopped]
        stopped = self._stored(_PER_UNIT, "unit_year", [unit_year.prefix])
        yield from self._compare(_PER_UNIT, stored=stopped, expected=halted)

    def strays(self, year: int, known: Iterable[UnitYear]) -> Iterator[Discrepancy]:
        """Rows of a year that belong to no unit of whose facts the log has any."""
        there = set(known)
        for table, owner in _OWNERS.items():
            column = table.c[owner]
            query = select(column).where(table.c.log_id == self.log_id).distinct()
            for name in self._connection.scalars(query.order_by(column)):
                unit_year = unit_year_of(name)
                if unit_year is not None and (unit_year.year != year or unit_year in there):
                    continue
                rows = self._stored(table, owner, [name])
                for row in rows:
                    yield self._found(next(iter(compare(table, [row], []))))

    def _stored(self, table: Table, owner: str, owners: Sequence[str]) -> list[Row]:
        query = select(table).where(table.c.log_id == self.log_id, table.c[owner].in_(owners))
        return [dict(row) for row in self._connection.execute(query).mappings()]

    def _compare(
        self, table: Table, stored: Sequence[Row], expected: Sequence[Struct]
    ) -> Iterator[Discrepancy]:
        self.rows += len(expected)
        self.figures += len(expected) * len(table.columns)
        for one in compare(table, stored, [values_of(row) for row in expected]):
            yield self._found(one)

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


_FACTS = ("event_id", "head", "actual_fact", "reason_fact")
_POSITIONS = ("head_position", "position", "ledger_position")
_NAMES = ("evaluation", "ledger", "id", "unit_year")


def _shown(value: Any) -> str | None:  # noqa: ANN401 - any column
    if isinstance(value, dict):
        return shown({name: part for name, part in value.items() if part is not None})
    return shown(value)
