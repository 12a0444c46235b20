"""What a form is folded from: its facts, of which calculations are read in brief.

A form is calculated again and again, and only the last calculation of each line counts. So a fold
reads of each what it compares, keeps the rest as it is stored, and completes those that remain.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from domain.facts import form as facts
from domain.facts.envelope import UNKNOWN, Effective, Place, Role
from domain.facts.form import FormEntry, LedgerInput, ScoreCalculated
from domain.facts.ledger import Fact
from domain.facts.others import EntryCorrected, TextRedacted
from domain.scoring.steps import Step
from domain.values import Words

_NOTHING = Raw(b"[]")


class CalculatedBriefly(Fact, frozen=True, kw_only=True, tag="score-calculated.v1"):
    """A ``ScoreCalculated`` as stored, whose lists are not decoded yet."""

    line: str
    points: Decimal | None
    steps: Raw = _NOTHING
    obstacle: Words | None = None
    obstacle_code: str | None = None
    excluded: bool = False
    reason_required: bool = False
    notes: Raw = _NOTHING
    inputs: Raw = _NOTHING
    ledger: LedgerInput | None = None
    rule_digest: str | None = None

    def whole(self) -> ScoreCalculated:
        """The calculation with everything in it."""
        return ScoreCalculated(
            line=self.line,
            points=self.points,
            steps=_steps(self.steps),
            obstacle=self.obstacle,
            obstacle_code=self.obstacle_code,
            excluded=self.excluded,
            reason_required=self.reason_required,
            notes=_notes(self.notes) if self.notes is not _NOTHING else (),
            inputs=_inputs(self.inputs),
            ledger=self.ledger,
            rule_digest=self.rule_digest,
        )


_steps = msgspec.json.Decoder(tuple[Step, ...]).decode
_notes = msgspec.json.Decoder(tuple[Words, ...]).decode
_inputs = msgspec.json.Decoder(tuple[UUID, ...]).decode


class FormEnvelope(Struct, frozen=True, kw_only=True, gc=False):
    """What the state of a form keeps of an envelope."""

    event_id: str
    recorded_at: datetime
    effective: Effective = UNKNOWN
    actor: str
    role: Role
    on_behalf_of: str | None = None
    source: Place | None = None


class _Who(Struct, frozen=True, gc=False):
    actor: str
    on_behalf_of: str | None = None


class _About(Struct, frozen=True, gc=False):
    line: str


class EnteredAlike(Struct, frozen=True, gc=False):
    """What two actual values share of which the later takes the place of the other: who entered
    them stays known.
    """

    envelope: _Who
    fact: _About


class FormDocument(Struct, frozen=True, gc=False):
    """What a form is folded from, as ``EventStore.history`` takes it."""

    envelope: FormEnvelope
    fact: (
        CalculatedBriefly
        | FormEntry
        | facts.EvaluationOpened
        | facts.RuleSetAdopted
        | facts.IndicatorRetargeted
        | facts.IndicatorWithdrawn
        | facts.EvidenceWithdrawn
        | facts.ScoreOverridden
        | facts.OverrideWithdrawn
        | facts.ReviewScoreGiven
        | facts.Signed
        | facts.SignatureWithdrawn
        | facts.Returned
        | facts.Reopened
        | facts.Submitted
        | facts.DepartmentReviewed
        | facts.FinanceReviewed
        | facts.Finalised
        | facts.Published
        | facts.ContentWithheld
        | facts.ProblemNoted
        | facts.MeasurePlanned
        | facts.MeasureCompleted
        | facts.ProgressMonitored
        | facts.FindingAcknowledged
        | EntryCorrected
        | TextRedacted
    )
