"""Facts of a form: one self-evaluation with its rows, figures, scores, reasons and workflow."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.facts.envelope import Place
from domain.facts.ledger import Fact
from domain.scoring.indicators import Actual, Indicator, Target
from domain.scoring.steps import Step
from domain.texts import FreeText
from domain.values import Printed, Words


class Level(StrEnum):
    """Evaluation level."""

    DEPARTMENT = "DEPARTMENT"
    PROJECT = "PROJECT"


class EvaluationOpened(Fact, frozen=True, kw_only=True, tag="evaluation-opened.v1"):
    """A self-evaluation is opened. ``reviewed_by_department`` is False where the unit is its own
    supervising department.
    """

    unit: str
    unit_name: str
    fiscal_year: int
    level: Level
    project: str | None = None
    project_name: str | None = None
    reviewed_by_department: bool = True


class RuleSetAdopted(Fact, frozen=True, kw_only=True, tag="rule-set-adopted.v1"):
    """Pins the rules; a change in mid-year is a second adoption. ``digest`` is SHA-256 in hex."""

    name: str
    version: str
    digest: str
    document: str | None = None
    reason: FreeText | None = None


class IndicatorsSet(Fact, frozen=True, kw_only=True, tag="indicators-set.v1"):
    """The rows of the form, whole; a later one replaces them. Lines are unique."""

    rows: tuple[Indicator, ...]


class IndicatorRetargeted(Fact, frozen=True, kw_only=True, tag="indicator-retargeted.v1"):
    """A target changed with approval: from, to, document and reason."""

    line: str
    from_target: Target | None
    to_target: Target | None
    document: str | None = None
    reason: FreeText | None = None


class IndicatorWithdrawn(Fact, frozen=True, kw_only=True, tag="indicator-withdrawn.v1"):
    """A row is taken out of the form."""

    line: str
    document: str | None = None
    reason: FreeText | None = None


class DeclaredFigure(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A figure that the form prints. ``quantity`` is a name of domain/metrics.py. The same
    quantity may be declared several times and differ; ``counts`` marks the one that rules.
    """

    quantity: str
    printed: Printed
    place: Place
    counts: bool = False


class DeclaredRate(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A rate that the form prints for a metric, usually in running text; ``base`` where named."""

    metric: str
    base: str | None = None
    printed: Printed
    place: Place


class Part(Struct, frozen=True, omit_defaults=True):
    """One part of a breakdown; ``code`` where the classification has one."""

    name: str
    printed: Printed
    code: str | None = None


class BreakdownBy(StrEnum):
    """What a whole is broken down by."""

    FUND_SOURCE = "FUND_SOURCE"
    ECONOMIC_CLASS = "ECONOMIC_CLASS"
    EXPENDITURE_KIND = "EXPENDITURE_KIND"
    PURPOSE = "PURPOSE"


class Breakdown(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A whole in its parts: 执行数 by economic class, 年初预算 by fund source."""

    quantity: str
    by: BreakdownBy
    parts: tuple[Part, ...]
    place: Place


class TaskLine(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """年度重点工作任务: approved and actual amount, and the rate printed beside them."""

    name: str
    approved: Printed | None = None
    actual: Printed | None = None
    rate: Printed | None = None
    place: Place


class FiguresDeclared(Fact, frozen=True, kw_only=True, tag="figures-declared.v1"):
    """What a printed form states about money, each figure with its place."""

    figures: tuple[DeclaredFigure, ...] = ()
    rates: tuple[DeclaredRate, ...] = ()
    breakdowns: tuple[Breakdown, ...] = ()
    tasks: tuple[TaskLine, ...] = ()


class ActualEntered(Fact, frozen=True, kw_only=True, tag="actual-entered.v1"):
    """实际完成值 of a line, with its evidence (SHA-256 digests of attached files)."""

    line: str
    actual: Actual
    evidence: tuple[str, ...] = ()


class LedgerInput(Struct, frozen=True, omit_defaults=True):
    """What a score took from the money: the ledger's version, the scope, and the sums used
    in fen by quantity. ``version`` is 0 where the figures were declared by the form.
    """

    version: int
    project: str | None
    sums: dict[str, int]


class ScoreCalculated(Fact, frozen=True, kw_only=True, tag="score-calculated.v1"):
    """A calculation of one line: points and the steps that give them, or why there are none.

    ``points`` is None when the line is not computable; ``obstacle`` then says why, and
    ``excluded`` marks a line that had nothing to measure. ``inputs`` are the event ids of the
    form's facts that were used, ``rule_digest`` is the digest of the rule set.
    """

    line: str
    points: Decimal | None
    steps: tuple[Step, ...] = ()
    obstacle: Words | None = None
    obstacle_code: str | None = None
    excluded: bool = False
    reason_required: bool = False
    notes: tuple[Words, ...] = ()
    inputs: tuple[UUID, ...] = ()
    ledger: LedgerInput | None = None
    rule_digest: str | None = None


class Subject(StrEnum):
    """What a declared score speaks of."""

    LINE = "LINE"
    GROUP = "GROUP"
    TOTAL = "TOTAL"
    GRADE = "GRADE"

    # As its text, in C: an enumeration would ask its member's name in Python.
    __hash__ = str.__hash__


class ScoreDeclared(Fact, frozen=True, kw_only=True, tag="score-declared.v1"):
    """A printed score of a line, a group (``path``) or the total, or a printed grade."""

    subject: Subject
    line: str | None = None
    path: tuple[str, ...] = ()
    points: Decimal | None = None
    grade: str | None = None
    max_points: Decimal | None = None
    place: Place
    reason: FreeText | None = None


class ScoreOverridden(Fact, frozen=True, kw_only=True, tag="score-overridden.v1"):
    """改分 of a self score: from, to, reason and basis document (both mandatory)."""

    line: str
    from_points: Decimal | None
    to_points: Decimal
    reason: FreeText
    document: str


class OverrideWithdrawn(Fact, frozen=True, kw_only=True, tag="override-withdrawn.v1"):
    """A live override no longer counts."""

    line: str
    reason: FreeText


class DeductionJustified(Fact, frozen=True, kw_only=True, tag="deduction-justified.v1"):
    """扣分原因, 改进措施 and evidence of a line."""

    line: str
    reason: FreeText | None = None
    measure: FreeText | None = None
    evidence: tuple[str, ...] = ()


class EvidenceAttached(Fact, frozen=True, kw_only=True, tag="evidence-attached.v1"):
    """佐证材料: SHA-256 in hex, size in bytes, media type, title and 文号."""

    sha256: str
    size: int
    media_type: str
    title: FreeText | None = None
    document: str | None = None
    lines: tuple[str, ...] = ()


class EvidenceWithdrawn(Fact, frozen=True, kw_only=True, tag="evidence-withdrawn.v1"):
    """An attachment no longer bears anything."""

    sha256: str
    reason: FreeText


class ContentWithheld(Fact, frozen=True, kw_only=True, tag="content-withheld.v1"):
    """涉密: something exists that must not be here; only the fact that it exists is kept."""

    about: str
    authority: str | None = None


class ProblemNoted(Fact, frozen=True, kw_only=True, tag="problem-noted.v1"):
    """存在问题; ``number`` is unique in the form."""

    number: int
    text: FreeText | None
    place: Place | None = None


class MeasurePlanned(Fact, frozen=True, kw_only=True, tag="measure-planned.v1"):
    """整改措施 for a noted problem, with the day by which it is due."""

    problem: int
    number: int
    text: FreeText | None
    due: date | None = None


class MeasureCompleted(Fact, frozen=True, kw_only=True, tag="measure-completed.v1"):
    """A planned measure is done."""

    number: int
    document: str | None = None


class Light(StrEnum):
    """绩效监控 light."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"


class ProgressMonitored(Fact, frozen=True, kw_only=True, tag="progress-monitored.v1"):
    """双监控: planned and actual progress in per cent, forecast and light."""

    line: str | None
    planned: Decimal
    actual: Decimal
    forecast: Decimal | None = None
    light: Light


class Signed(Fact, frozen=True, kw_only=True, tag="signed.v1"):
    """The unit's approver signs; ``ledger_version`` is the ledger that was signed upon."""

    ledger_version: int


class SignatureWithdrawn(Fact, frozen=True, kw_only=True, tag="signature-withdrawn.v1"):
    """The unit takes a signed form back to draft."""

    reason: FreeText | None = None


class Submitted(Fact, frozen=True, kw_only=True, tag="submitted.v1"):
    """The form goes to review; ``ledger_version`` is the ledger at that moment."""

    ledger_version: int


class Returned(Fact, frozen=True, kw_only=True, tag="returned.v1"):
    """退回 to draft, with an opinion."""

    opinion: FreeText


class DepartmentReviewed(Fact, frozen=True, kw_only=True, tag="department-reviewed.v1"):
    """主管部门初审: passed."""

    opinion: FreeText | None = None


class FinanceReviewed(Fact, frozen=True, kw_only=True, tag="finance-reviewed.v1"):
    """财政抽查复核: done."""

    opinion: FreeText | None = None


class ReviewScoreGiven(Fact, frozen=True, kw_only=True, tag="review-score-given.v1"):
    """复核得分 of a line; never overwrites the self score. ``finding`` names the review finding."""

    line: str
    points: Decimal
    finding: str | None = None
    reason: FreeText


class Finalised(Fact, frozen=True, kw_only=True, tag="finalised.v1"):
    """The finance bureau fixes total and grade."""

    total: Decimal | None
    grade: str | None


class Reopened(Fact, frozen=True, kw_only=True, tag="reopened.v1"):
    """Back to draft from finalised or published, on a document."""

    reason: FreeText
    document: str


class Published(Fact, frozen=True, kw_only=True, tag="published.v1"):
    """公开: SHA-256 of what was published, and what was redacted in it."""

    digest: str
    redactions: tuple[str, ...] = ()


class FindingAcknowledged(Fact, frozen=True, kw_only=True, tag="finding-acknowledged.v1"):
    """Somebody has seen a finding; lapses when the finding's values change."""

    finding: str
    remark: FreeText | None = None


FormEntry = (
    IndicatorsSet
    | FiguresDeclared
    | ActualEntered
    | ScoreDeclared
    | DeductionJustified
    | EvidenceAttached
)
"""What a draft takes and a correction can replace."""
