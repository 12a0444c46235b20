"""A self-evaluation as the view keeps it: the form, its lines and its figures."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.evaluation.scores import Origin
from domain.evaluation.state import Status
from domain.facts.envelope import Place, Role
from domain.facts.form import (
    Breakdown,
    DeclaredRate,
    Level,
    Light,
    TaskLine,
)
from domain.facts.ledger import Basis
from domain.scoring.indicators import Actual, Operator, Target
from domain.scoring.metrics import Quantity
from domain.values import Words
from projections.tables import (
    Prose,
    table_of,
)


class DeclaredScore(Struct, frozen=True, gc=False, kw_only=True):
    """A score, or a grade, that the form prints: its value as a decimal string, and where."""

    value: str | None
    grade: str | None
    place: Place
    event_id: UUID


class GroupScore(Struct, frozen=True, gc=False, kw_only=True):
    """A group of lines: points that count, None while a line has none, and what is declared."""

    path: tuple[str, ...]
    points: str | None
    declared: tuple[DeclaredScore, ...]


class Opinion(Struct, frozen=True, gc=False, kw_only=True):
    """退回: one return with its opinion."""

    opinion: Prose | None
    actor: str
    role: Role
    recorded_at: datetime
    event_id: UUID


class Measure(Struct, frozen=True, gc=False, kw_only=True):
    """整改措施; ``completed_at`` is None until it is done."""

    number: int
    text: Prose | None
    due: date | None
    completed_at: datetime | None
    document: str | None


class NotedProblem(Struct, frozen=True, gc=False, kw_only=True):
    """存在问题 with the measures that are planned against it."""

    number: int
    text: Prose | None
    place: Place | None
    measures: tuple[Measure, ...]


class Attachment(Struct, frozen=True, gc=False, kw_only=True):
    """佐证材料 that bears something: SHA-256, size in bytes, title and 文号."""

    sha256: str
    size: int
    media_type: str
    title: Prose | None
    document: str | None
    lines: tuple[str, ...]
    event_id: UUID


class Progress(Struct, frozen=True, gc=False, kw_only=True):
    """双监控: planned and actual progress in per cent as decimal strings."""

    line: str | None
    planned: str
    actual: str
    forecast: str | None
    light: Light
    recorded_at: datetime


class Withheld(Struct, frozen=True, gc=False, kw_only=True):
    """涉密: that something exists which must not be here."""

    about: str
    authority: str | None


class Evaluation(Struct, frozen=True, gc=False, kw_only=True):
    """One self-evaluation. Points and totals are decimal strings, None where not computable.

    ``subtotal`` sums the calculated points of the lines that can be computed, ``not_computed``
    lists the others; ``computed_total`` sums the points that count. ``stale`` is True while a
    calculated score rests on inputs that are others now. ``version`` and ``position`` are those
    of the form's last fact, ``ledger_*`` those of the ledger's.
    """

    log_id: str
    id: str
    division: str
    unit: str
    unit_name: str
    fiscal_year: int
    level: Level
    project: str | None
    project_name: str | None
    reviewed_by_department: bool
    status: Status
    rule_set: str | None
    rule_set_version: str | None
    rule_set_digest: str | None
    rule_set_document: str | None
    basis: Basis
    subtotal: str | None
    not_computed: tuple[str, ...]
    computed_total: str | None
    declared_totals: tuple[DeclaredScore, ...]
    grade_declared: str | None
    grades_declared: tuple[DeclaredScore, ...]
    grade_computed: str | None
    finalised_total: str | None
    finalised_grade: str | None
    published_digest: str | None
    groups: tuple[GroupScore, ...]
    stale: bool
    returns: tuple[Opinion, ...]
    rates: tuple[DeclaredRate, ...]
    breakdowns: tuple[Breakdown, ...]
    tasks: tuple[TaskLine, ...]
    problems: tuple[NotedProblem, ...]
    evidence: tuple[Attachment, ...]
    progress: tuple[Progress, ...]
    withheld: tuple[Withheld, ...]
    version: int
    position: int
    ledger_version: int
    ledger_position: int
    changed_at: datetime


class EvaluationLine(Struct, frozen=True, gc=False, kw_only=True):
    """One line of a self-evaluation, with every score it has and the one that counts.

    ``actual_text`` is the text of an actual value that is words. ``obstacle`` says why there are
    no calculated points. ``explained`` means no deduction, or one with a reason.
    """

    log_id: str
    evaluation: str
    ordinal: int
    line: str
    path: tuple[str, ...]
    printed: bool
    max_points: str | None
    operator: Operator | None
    target: Target | None
    metric: str | None
    base: str | None
    rule: str | None
    actual: Actual | None
    actual_text: Prose | None
    actual_fact: UUID | None
    calculated: str | None
    obstacle: Words | None
    obstacle_code: str | None
    notes: tuple[Words, ...]
    declared: str | None
    override: str | None
    self_points: str | None
    review: str | None
    final: str | None
    origin: Origin
    deduction: str | None
    explained: bool
    reason_fact: UUID | None
    reason_required: bool
    stale: bool
    excluded: bool


class FigureSource(StrEnum):
    """Where a figure comes from."""

    DECLARED = "DECLARED"
    BOOKED = "BOOKED"


class Figure(Struct, frozen=True, gc=False, kw_only=True):
    """One statement of a quantity of money: printed by the form, or booked in the ledger.

    ``fen`` is the amount in whole fen, ``amount`` the same in 万元 as a decimal string, ``printed``
    the digits and ``unit`` as printed. ``counts`` marks the statement that metrics take.
    """

    log_id: str
    evaluation: str
    ordinal: int
    quantity: Quantity
    source: FigureSource
    fen: int
    amount: str
    printed: str | None
    unit: str | None
    place: Place | None
    counts: bool
    event_id: UUID | None


class Current(Struct, frozen=True, gc=False, kw_only=True):
    """A self-evaluation with its lines in the order of the form, and its figures."""

    evaluation: Evaluation
    lines: tuple[EvaluationLine, ...]
    figures: tuple[Figure, ...]


evaluations = table_of(
    Evaluation,
    "evaluations",
    key=("log_id", "id"),
    indexes=(("log_id", "fiscal_year", "unit"), ("fiscal_year", "status")),
)
lines_table = table_of(EvaluationLine, "evaluation_lines", key=("log_id", "evaluation", "ordinal"))
figures_table = table_of(Figure, "evaluation_figures", key=("log_id", "evaluation", "ordinal"))
