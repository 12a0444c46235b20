"""What people and imports ask for, in the imperative. Free texts are in clear until detached.

Every command names its stream. Ledger bookings and draft entries come in batches whose items are
the facts they would become, each with its own date and source: what is stated needs no second
shape.
"""

from datetime import date
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from domain.facts.envelope import UNKNOWN, Effective, Place
from domain.facts.form import (
    ContentWithheld,
    FindingAcknowledged,
    FormEntry,
    MeasureCompleted,
    MeasurePlanned,
    ProblemNoted,
    ProgressMonitored,
)
from domain.facts.ledger import Basis, Exclusion, FundSource, LedgerEntry, Line, ScopeTotal
from domain.scoring.indicators import Target
from domain.scoring.rule_set import RuleSet
from domain.texts import FreeText


class _Command(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="command", tag=True
):
    """Base of every command."""


class OpenLedger(_Command, frozen=True, kw_only=True):
    """Open the ledger of a unit and year."""

    ledger: str
    unit_name: str
    basis: Basis


class Booking(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry to be booked, with its business date and where it was read."""

    fact: LedgerEntry
    effective: Effective = UNKNOWN
    source: Place | None = None


class Book(_Command, frozen=True, kw_only=True):
    """Book entries in a ledger, all or none."""

    ledger: str
    entries: tuple[Booking, ...]


class VireBetweenUnits(_Command, frozen=True, kw_only=True):
    """调剂 from one unit's ledger to another's: one fact in each under one transfer id."""

    transfer: str
    from_ledger: str
    to_ledger: str
    amount: int
    from_line: Line = Line()
    to_line: Line = Line()
    source: FundSource | None = None
    document: str | None = None
    approved_by: str | None = None
    approved_on: date | None = None
    reason: FreeText | None = None
    excluded: Exclusion = Exclusion.NONE
    effective: Effective = UNKNOWN


class Reconcile(_Command, frozen=True, kw_only=True):
    """State that the booked entries are complete through a day: from here they rule.

    ``totals`` must equal the booked sums of their scopes.
    """

    ledger: str
    through: date
    totals: tuple[ScopeTotal, ...]


class CorrectEntry(_Command, frozen=True, kw_only=True):
    """更正 a keying error in a ledger or a form. ``replacement`` None voids the entry."""

    stream: str
    target: UUID
    replacement: LedgerEntry | FormEntry | None
    effective: Effective = UNKNOWN
    reason: FreeText
    document: str


class OpenEvaluation(_Command, frozen=True, kw_only=True):
    """Open a self-evaluation; its id says unit, year, level and project."""

    form: str
    unit_name: str
    project_name: str | None = None
    reviewed_by_department: bool = True


class AdoptRuleSet(_Command, frozen=True, kw_only=True):
    """Pin a published version of a rule set of the same log; None takes the newest."""

    form: str
    name: str
    version: str | None = None
    document: str | None = None
    reason: FreeText | None = None


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One draft entry of a form, with where it was read."""

    fact: FormEntry
    source: Place | None = None


class Enter(_Command, frozen=True, kw_only=True):
    """Enter rows, figures, actual values, declared scores, justifications, evidence; in draft."""

    form: str
    entries: tuple[Entry, ...]


Remark = (
    ProblemNoted
    | MeasurePlanned
    | MeasureCompleted
    | ProgressMonitored
    | ContentWithheld
    | FindingAcknowledged
)


class Note(_Command, frozen=True, kw_only=True):
    """Note problems, measures, monitoring, withheld content or a seen finding; in any state."""

    form: str
    entries: tuple[Remark, ...]


class RetargetIndicator(_Command, frozen=True, kw_only=True):
    """Change a target with approval."""

    form: str
    line: str
    to_target: Target
    document: str | None = None
    reason: FreeText | None = None


class WithdrawIndicator(_Command, frozen=True, kw_only=True):
    """Take a row out of the form."""

    form: str
    line: str
    document: str | None = None
    reason: FreeText | None = None


class WithdrawEvidence(_Command, frozen=True, kw_only=True):
    """Withdraw an attachment."""

    form: str
    sha256: str
    reason: FreeText


class CalculateScores(_Command, frozen=True, kw_only=True):
    """Calculate lines with the pinned rules; None means all of them."""

    form: str
    lines: tuple[str, ...] | None = None


class OverrideScore(_Command, frozen=True, kw_only=True):
    """改分 a self score, with reason and basis document."""

    form: str
    line: str
    to_points: Decimal
    reason: FreeText
    document: str


class WithdrawOverride(_Command, frozen=True, kw_only=True):
    """Let a live override lapse."""

    form: str
    line: str
    reason: FreeText


class Sign(_Command, frozen=True, kw_only=True):
    """The unit's approver signs; lines never calculated are calculated, stale ones refused."""

    form: str


class WithdrawSignature(_Command, frozen=True, kw_only=True):
    """The unit takes its signed form back to draft."""

    form: str
    reason: FreeText | None = None


class Submit(_Command, frozen=True, kw_only=True):
    """Send a signed form to review."""

    form: str


class Return(_Command, frozen=True, kw_only=True):
    """退回 a form in review to draft, with an opinion."""

    form: str
    opinion: FreeText


class PassDepartmentReview(_Command, frozen=True, kw_only=True):
    """主管部门初审 passes."""

    form: str
    opinion: FreeText | None = None


class PassFinanceReview(_Command, frozen=True, kw_only=True):
    """财政抽查复核 is done."""

    form: str
    opinion: FreeText | None = None


class GiveReviewScore(_Command, frozen=True, kw_only=True):
    """复核得分 of a line, with its reason; only in review."""

    form: str
    line: str
    points: Decimal
    finding: str | None = None
    reason: FreeText


class Finalise(_Command, frozen=True, kw_only=True):
    """Fix total and grade; the finance bureau does it."""

    form: str


class Reopen(_Command, frozen=True, kw_only=True):
    """Take a finalised or published form back to draft, on a document."""

    form: str
    reason: FreeText
    document: str


class Publish(_Command, frozen=True, kw_only=True):
    """公开 what has the SHA-256 ``digest``, and say what was redacted."""

    form: str
    digest: str
    redactions: tuple[str, ...] = ()


class Redact(_Command, frozen=True, kw_only=True):
    """Remove a detached text for good; fits any stream and state."""

    stream: str
    digest: str
    ground: str
    document: str | None = None


class ApproveStatutoryAdjustment(_Command, frozen=True, kw_only=True):
    """Record a 法定预算调整 of the government; amount in fen, signed."""

    year: str
    amount: int
    document: str
    approved_by: str


class DrawSample(_Command, frozen=True, kw_only=True):
    """抽查: name the forms drawn for re-check, and how."""

    year: str
    forms: tuple[str, ...]
    method: str
    share: Decimal | None = None


class CloseYear(_Command, frozen=True, kw_only=True):
    """年终结转: no ledger fact of the division's year is accepted from here on."""

    year: str
    document: str | None = None


class ReopenYear(_Command, frozen=True, kw_only=True):
    """Open a closed year again, on a document."""

    year: str
    reason: FreeText
    document: str


class PublishRuleSet(_Command, frozen=True, kw_only=True):
    """Publish a version of a rule set in a division's log."""

    stream: str
    rule_set: RuleSet


class CopyRuleSet(_Command, frozen=True, kw_only=True):
    """Copy a rule set from above into a division's log, with its origin."""

    stream: str
    rule_set: RuleSet
    origin_log: str
    origin_stream: str


LedgerCommand = OpenLedger | Book | VireBetweenUnits | Reconcile
FormCommand = (
    OpenEvaluation
    | AdoptRuleSet
    | Enter
    | Note
    | RetargetIndicator
    | WithdrawIndicator
    | WithdrawEvidence
    | CalculateScores
    | OverrideScore
    | WithdrawOverride
    | Sign
    | WithdrawSignature
    | Submit
    | Return
    | PassDepartmentReview
    | PassFinanceReview
    | GiveReviewScore
    | Finalise
    | Reopen
    | Publish
)
YearCommand = ApproveStatutoryAdjustment | DrawSample | CloseYear | ReopenYear
RuleSetCommand = PublishRuleSet | CopyRuleSet
Command = LedgerCommand | FormCommand | YearCommand | RuleSetCommand | CorrectEntry | Redact
