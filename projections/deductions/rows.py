"""The justification of one line, as the view keeps it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.evaluation.scores import Origin
from domain.facts.envelope import Place
from domain.facts.form import LedgerInput
from domain.facts.ledger import Basis
from domain.scoring.metrics import Quantity
from domain.scoring.steps import Step
from domain.values import Words
from projections.tables import (
    FactRef,
    Prose,
    table_of,
)


class Part(StrEnum):
    """A number or statement of a line that facts stand behind."""

    ROW = "row"
    ACTUAL = "actual"
    FIGURES = "figures"
    CALCULATED = "calculated"
    DECLARED = "declared"
    OVERRIDE = "override"
    REVIEW = "review"
    REASON = "reason"


class PointsRead(Struct, frozen=True, gc=False, kw_only=True):
    """What one reading of a line gives. ``value`` is exact: per cent for a rate, a fraction where
    no decimal can hold it. ``own`` marks the reading that the rule means.
    """

    label: Words
    words: Words
    base: str | None
    value: str | None
    points: str | None
    obstacle: Words | None
    own: bool
    counting: bool
    steps: tuple[Step, ...]
    facts: tuple[UUID, ...]


class FigureUsed(Struct, frozen=True, gc=False, kw_only=True):
    """A statement of money that the line's metric asks for; ``amount`` is in 万元."""

    quantity: Quantity
    name: Words
    amount: str
    printed: str
    place: Place
    counts: bool
    event_id: UUID


class Declared(Struct, frozen=True, gc=False, kw_only=True):
    """A printed score of the line."""

    points: str | None
    place: Place
    event_id: UUID


class Evidence(Struct, frozen=True, gc=False, kw_only=True):
    """佐证材料 of the line."""

    sha256: str
    title: Prose | None
    document: str | None
    withdrawn: bool


class Provenance(Struct, frozen=True, gc=False, kw_only=True):
    """The facts behind one number of the line."""

    part: Part
    facts: tuple[FactRef, ...]


class Deduction(Struct, frozen=True, gc=False, kw_only=True):
    """The justification of one line. Points are decimal strings, None where there are none.

    ``scored`` is the fact that the points that count come from: who, when, in what role.
    ``reasoned`` is the same for the reason; None with a deduction means *unexplained*.
    ``unit_reason`` is what the unit said, also where a reviewer's ``reason`` counts.
    ``ledger`` is what the calculation took from the money; ``ledger_facts`` lists its bookings.
    """

    log_id: str
    evaluation: str
    ordinal: int
    unit: str
    unit_name: str
    fiscal_year: int
    project: str | None
    line: str
    path: tuple[str, ...]
    max_points: str | None
    calculated: str | None
    readings: tuple[PointsRead, ...]
    declared: str | None
    declarations: tuple[Declared, ...]
    override: str | None
    self_points: str | None
    review: str | None
    final: str | None
    origin: Origin
    deduction: str | None
    unexplained: bool
    steps: tuple[Step, ...]
    obstacle: Words | None
    notes: tuple[Words, ...]
    reason_required: bool
    excluded: bool
    basis: Basis
    ledger: LedgerInput | None
    figures: tuple[FigureUsed, ...]
    rule: str | None
    rule_kind: str | None
    rule_digest: str | None
    reason: Prose | None
    unit_reason: Prose | None
    measure: Prose | None
    document: str | None
    evidence: tuple[Evidence, ...]
    scored: FactRef | None
    reasoned: FactRef | None
    scored_at: datetime | None
    provenance: tuple[Provenance, ...]


table = table_of(
    Deduction,
    "deductions",
    key=("log_id", "evaluation", "ordinal"),
    indexes=(("log_id", "fiscal_year", "unit"),),
)
# Most rows are longer than the 2 KB from which PostgreSQL compresses values and puts them elsewhere,
# which takes longer than all else about a row; as they are they fit a page, on SQLite too.
table.dialect_options["postgresql"]["with"] = {"toast_tuple_target": 8160}
