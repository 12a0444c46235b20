"""The state of a form: what its facts add up to. Only ``evolve`` changes it, and never rejects."""

from collections.abc import Callable, Hashable, Iterable, Iterator, MutableMapping, Sequence
from enum import StrEnum
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from domain.decisions import Chain, Chains
from domain.evaluation.calculations import Calculations, whole
from domain.evaluation.documents import CalculatedBriefly, EnteredAlike, FormDocument
from domain.evaluation.noted import Noted, ScoreMoved
from domain.facts import Fact
from domain.facts.envelope import Envelope, event_id_of
from domain.facts.form import (
    ActualEntered,
    ContentWithheld,
    DeductionJustified,
    DepartmentReviewed,
    EvaluationOpened,
    EvidenceAttached,
    EvidenceWithdrawn,
    FiguresDeclared,
    Finalised,
    FinanceReviewed,
    FindingAcknowledged,
    IndicatorRetargeted,
    IndicatorsSet,
    IndicatorWithdrawn,
    MeasureCompleted,
    MeasurePlanned,
    OverrideWithdrawn,
    ProblemNoted,
    ProgressMonitored,
    Published,
    Reopened,
    Returned,
    ReviewScoreGiven,
    RuleSetAdopted,
    ScoreCalculated,
    ScoreDeclared,
    ScoreOverridden,
    SignatureWithdrawn,
    Signed,
    Subject,
    Submitted,
)
from domain.facts.others import EntryCorrected, TextRedacted
from domain.scoring.indicators import Indicator
from domain.store import Document, EventStore, Past, Repeated, Wanted

_F = TypeVar("_F", bound=Fact)


class Status(StrEnum):
    """Where a form is in the workflow."""

    ABSENT = "ABSENT"
    DRAFT = "DRAFT"
    SIGNED = "SIGNED"
    SUBMITTED = "SUBMITTED"
    DEPARTMENT_REVIEWED = "DEPARTMENT_REVIEWED"
    FINANCE_REVIEWED = "FINANCE_REVIEWED"
    FINALISED = "FINALISED"
    PUBLISHED = "PUBLISHED"


IN_REVIEW = frozenset({Status.SUBMITTED, Status.DEPARTMENT_REVIEWED, Status.FINANCE_REVIEWED})


_RowChange = tuple[UUID, IndicatorRetargeted | IndicatorWithdrawn]


class FormState:
    """Everything a form holds now. Mutable inside a fold; owned by whoever folds."""

    __slots__ = (
        "_aside",
        "_entered_by",
        "_row_changes",
        "_score_changes",
        "_subjects",
        "acknowledged",
        "calculated",
        "chains",
        "finalised",
        "measures",
        "monitored",
        "opened",
        "overrides",
        "problems",
        "published",
        "retargeted_by",
        "returns",
        "reviews",
        "rows",
        "rows_fact",
        "rules",
        "rules_fact",
        "signed_on_ledger",
        "status",
        "submitted_on_ledger",
        "version",
        "withdrawn_evidence",
        "withheld",
    )

    def __init__(self) -> None:
        """A form that is not open."""
        self.version = 0
        self.status = Status.ABSENT
        self.opened: EvaluationOpened | None = None
        self.rules: RuleSetAdopted | None = None
        self.rules_fact: UUID | None = None
        self.rows: dict[str, Indicator] = {}
        self.rows_fact: UUID | None = None
        self.retargeted_by: dict[str, UUID] = {}
        self._row_changes: dict[UUID, list[_RowChange]] = {}
        self.chains = Chains()
        self._subjects: dict[type[Fact], dict[Hashable, list[Chain]]] | None = None
        self.calculated: MutableMapping[str, Noted] = {}
        self._aside: Calculations | None = None
        self.overrides: dict[str, Noted] = {}
        self.reviews: dict[str, Noted] = {}
        self.withdrawn_evidence: set[str] = set()
        self.withheld: list[Noted] = []
        self.problems: dict[int, Noted] = {}
        self.measures: dict[int, tuple[Noted, Noted | None]] = {}
        self.monitored: list[Noted] = []
        self.acknowledged: dict[str, Noted] = {}
        self._entered_by: set[str] = set()
        self._score_changes: list[ScoreMoved] = []
        self.returns: list[Noted] = []
        self.signed_on_ledger: int | None = None
        self.submitted_on_ledger: int | None = None
        self.finalised: Finalised | None = None
        self.published: Published | None = None

    @property
    def entered_by(self) -> set[str]:
        """Whoever has entered something, or had it entered."""
        aside = self._aside.entered_by() if self._aside is not None else set()
        return self._entered_by | aside

    @property
    def score_changes(self) -> Sequence[ScoreMoved]:
        """The facts that changed scores, in order."""
        if self._aside is None:
            return self._score_changes
        found = [*self._score_changes, *self._aside.moves()]
        return sorted(found, key=lambda moved: moved.version)

    def put_aside(self, calculations: Calculations) -> None:
        """Take all calculations of the form, which are looked at when they are asked for."""
        self.calculated = self._aside = calculations

    def live(self, kind: type[_F]) -> Iterator[tuple[Chain, _F]]:
        """The live chains whose fact is of ``kind``, in the order of their origins."""
        for chain in self.chains.of(kind):
            fact = chain.fact
            if isinstance(fact, kind):
                yield chain, fact

    def actual(self, line: str) -> tuple[Chain, ActualEntered] | None:
        """The actual value that counts for a line: the newest live one."""
        return self._last(ActualEntered, line)

    def justification(self, line: str) -> tuple[Chain, DeductionJustified] | None:
        """The newest live justification of a line's deduction."""
        return self._last(DeductionJustified, line)

    def declared(
        self, subject: Subject, line: str | None = None, path: tuple[str, ...] = ()
    ) -> list[tuple[Chain, ScoreDeclared]]:
        """What is declared about a subject; what counts comes first: tables before text."""
        about = self._about(ScoreDeclared, _declared_about(subject, line, path))
        if not about:
            return []  # most lines declare nothing, and are asked again and again
        found = [(chain, fact) for chain in about if isinstance(fact := chain.fact, ScoreDeclared)]
        return sorted(found, key=lambda pair: not pair[1].place.table)

    def _last(self, kind: type[_F], line: str) -> tuple[Chain, _F] | None:
        same = self._about(kind, line)
        fact = same[-1].fact if same else None
        return (same[-1], fact) if isinstance(fact, kind) else None

    def _about(self, kind: type[Fact], what: Hashable) -> Sequence[Chain]:
        """The live chains of ``kind`` about a line or another subject, in the order of origins."""
        if self._subjects is None:
            self._subjects = {one: {} for one in _SUBJECTS}
            for one, subject in _SUBJECTS.items():
                about = self._subjects[one]
                for chain in self.chains.of(one):
                    about.setdefault(subject(chain.fact), []).append(chain)
        return self._subjects[kind].get(what, ())

    def enter(self, document: Document, fact: Fact) -> None:
        """Take one more fact that can be corrected."""
        chain = self.chains.add(document.envelope, fact)
        if self._subjects is not None:
            subject = _SUBJECTS.get(type(fact))
            if subject is not None:
                self._subjects[type(fact)].setdefault(subject(fact), []).append(chain)

    def correct(self, envelope: Envelope, fact: EntryCorrected) -> None:
        """Replace or void an entry."""
        self.chains.correct(envelope.event_id, fact.target, fact.replacement, envelope.effective)
        # A replacement may speak of another line than what it replaces.
        self._subjects = None

    def evidence(self) -> dict[str, EvidenceAttached]:
        """The attachments that bear something, by SHA-256."""
        return {
            fact.sha256: fact
            for _, fact in self.live(EvidenceAttached)
            if fact.sha256 not in self.withdrawn_evidence
        }

    def rebuild_rows(self) -> None:
        """Rows as last set (or corrected), then retargeted and withdrawn since they were set."""
        self.rows, self.rows_fact, self.retargeted_by = {}, None, {}
        changes: list[_RowChange] = []
        for chain, fact in self.live(IndicatorsSet):
            self.rows = {row.line: row for row in fact.rows}
            self.rows_fact = chain.head
            changes = self._row_changes.get(chain.origin, [])
        for event_id, change in changes:
            if isinstance(change, IndicatorWithdrawn):
                self.rows.pop(change.line, None)
            elif change.line in self.rows:
                row = self.rows[change.line]
                self.rows[change.line] = msgspec.structs.replace(row, target=change.to_target)
                self.retargeted_by[change.line] = event_id

    def change_row(self, event_id: UUID, change: IndicatorRetargeted | IndicatorWithdrawn) -> None:
        """Retarget or withdraw one row of the set that counts."""
        newest = [chain.origin for chain, _ in self.live(IndicatorsSet)]
        if newest:
            self._row_changes.setdefault(newest[-1], []).append((event_id, change))
            self.rebuild_rows()


def _declared_about(subject: Subject, line: str | None, path: tuple[str, ...]) -> Hashable:
    if subject is Subject.LINE:
        return subject, line
    return (subject, path) if subject is Subject.GROUP else (subject,)


_SUBJECTS: dict[type[Fact], Callable[[Any], Hashable]] = {
    ActualEntered: attrgetter("line"),
    DeductionJustified: attrgetter("line"),
    ScoreDeclared: lambda fact: _declared_about(fact.subject, fact.line, fact.path),
}
"""What the entries speak of that are asked for line by line."""


def _noted(state: FormState, document: Document) -> Noted:
    return Noted.of(document, state.version)


def _moved(state: FormState, document: Document, line: str, *, by_hand: bool = False) -> None:
    envelope = document.envelope
    state._score_changes.append(  # noqa: SLF001 - only ``evolve`` adds to them
        ScoreMoved(envelope.event_id, line, envelope.recorded_at, by_hand, state.version)
    )


def _opened(state: FormState, document: Document, fact: EvaluationOpened) -> None:
    state.opened = fact
    state.status = Status.DRAFT


def _adopted(state: FormState, document: Document, fact: RuleSetAdopted) -> None:
    state.rules = fact
    state.rules_fact = event_id_of(document.envelope.event_id)


def _rows_set(state: FormState, document: Document, fact: IndicatorsSet) -> None:
    state.enter(document, fact)
    state.rebuild_rows()


def _row_changed(state: FormState, document: Document, fact: Any) -> None:  # noqa: ANN401
    state.change_row(event_id_of(document.envelope.event_id), fact)


def _attached(state: FormState, document: Document, fact: EvidenceAttached) -> None:
    state.enter(document, fact)
    state.withdrawn_evidence.discard(fact.sha256)


def _evidence_withdrawn(state: FormState, document: Document, fact: EvidenceWithdrawn) -> None:
    state.withdrawn_evidence.add(fact.sha256)


def _calculated(state: FormState, document: Document, fact: Any) -> None:  # noqa: ANN401
    before = state.calculated.get(fact.line)
    state.calculated[fact.line] = Noted.briefly(document, state.version)
    if before is not None and before.fact.points != fact.points:
        _moved(state, document, fact.line)


def _overridden(state: FormState, document: Document, fact: ScoreOverridden) -> None:
    state.overrides[fact.line] = _noted(state, document)
    _moved(state, document, fact.line, by_hand=True)


def _override_withdrawn(state: FormState, document: Document, fact: OverrideWithdrawn) -> None:
    state.overrides.pop(fact.line, None)
    _moved(state, document, fact.line, by_hand=True)


def _review_score(state: FormState, document: Document, fact: ReviewScoreGiven) -> None:
    state.reviews[fact.line] = _noted(state, document)
    _moved(state, document, fact.line)


def _signed(state: FormState, document: Document, fact: Signed) -> None:
    state.status = Status.SIGNED
    state.signed_on_ledger = fact.ledger_version


def _back_to_draft(state: FormState, document: Document, fact: Fact) -> None:
    # Review scores speak of the form that was submitted; what comes back is scored anew.
    state.status = Status.DRAFT
    state.signed_on_ledger = state.submitted_on_ledger = None
    state.reviews.clear()
    state.finalised = state.published = None
    if isinstance(fact, Returned):
        state.returns.append(_noted(state, document))


def _submitted(state: FormState, document: Document, fact: Submitted) -> None:
    state.status = Status.SUBMITTED
    state.submitted_on_ledger = fact.ledger_version


def _department_reviewed(state: FormState, document: Document, fact: DepartmentReviewed) -> None:
    state.status = Status.DEPARTMENT_REVIEWED


def _finance_reviewed(state: FormState, document: Document, fact: FinanceReviewed) -> None:
    state.status = Status.FINANCE_REVIEWED


def _finalised(state: FormState, document: Document, fact: Finalised) -> None:
    state.status = Status.FINALISED
    state.finalised = fact


def _published(state: FormState, document: Document, fact: Published) -> None:
    state.status = Status.PUBLISHED
    state.published = fact


def _withheld(state: FormState, document: Document, fact: ContentWithheld) -> None:
    state.withheld.append(_noted(state, document))


def _problem(state: FormState, document: Document, fact: ProblemNoted) -> None:
    state.problems[fact.number] = _noted(state, document)


def _measure(state: FormState, document: Document, fact: MeasurePlanned) -> None:
    state.measures[fact.number] = (_noted(state, document), None)


def _measured(state: FormState, document: Document, fact: MeasureCompleted) -> None:
    planned = state.measures.get(fact.number)
    if planned is not None:
        state.measures[fact.number] = (planned[0], _noted(state, document))


def _monitored(state: FormState, document: Document, fact: ProgressMonitored) -> None:
    state.monitored.append(_noted(state, document))


def _acknowledged(state: FormState, document: Document, fact: FindingAcknowledged) -> None:
    state.acknowledged[fact.finding] = _noted(state, document)


def _corrected(state: FormState, document: Document, fact: EntryCorrected) -> None:
    before = state.chains.find(fact.target)
    was_rows = before is not None and type(before.fact) is IndicatorsSet
    state.correct(document.envelope, fact)
    if was_rows:
        state.rebuild_rows()


_EVOLVE: dict[type[Fact], Callable[[FormState, Document, Any], None]] = {
    EvaluationOpened: _opened,
    RuleSetAdopted: _adopted,
    IndicatorsSet: _rows_set,
    IndicatorRetargeted: _row_changed,
    IndicatorWithdrawn: _row_changed,
    FiguresDeclared: FormState.enter,
    ActualEntered: FormState.enter,
    ScoreDeclared: FormState.enter,
    DeductionJustified: FormState.enter,
    EvidenceAttached: _attached,
    EvidenceWithdrawn: _evidence_withdrawn,
    ScoreCalculated: _calculated,
    CalculatedBriefly: _calculated,
    ScoreOverridden: _overridden,
    OverrideWithdrawn: _override_withdrawn,
    ReviewScoreGiven: _review_score,
    Signed: _signed,
    SignatureWithdrawn: _back_to_draft,
    Returned: _back_to_draft,
    Reopened: _back_to_draft,
    Submitted: _submitted,
    DepartmentReviewed: _department_reviewed,
    FinanceReviewed: _finance_reviewed,
    Finalised: _finalised,
    Published: _published,
    ContentWithheld: _withheld,
    ProblemNoted: _problem,
    MeasurePlanned: _measure,
    MeasureCompleted: _measured,
    ProgressMonitored: _monitored,
    FindingAcknowledged: _acknowledged,
    EntryCorrected: _corrected,
}
"""Which facts change a form. A text redaction changes nothing here: digests stay."""

_NOT_ENTERING = frozenset(
    {
        DepartmentReviewed,
        FinanceReviewed,
        ReviewScoreGiven,
        Returned,
        Finalised,
        Reopened,
        Published,
        FindingAcknowledged,
        ProblemNoted,
        MeasurePlanned,
        MeasureCompleted,
        ProgressMonitored,
        ContentWithheld,
        TextRedacted,
    }
)
"""What reviewers, finance and oversight do; whoever did anything else has entered this form."""


def evolve(state: FormState, document: Document) -> FormState:
    """``state`` after one more fact; the same object, changed."""
    return fold((document,), state)


def fold(history: Iterable[Document], state: FormState | None = None) -> FormState:
    """The state after a history, from nothing or from ``state``."""
    state = state or FormState()
    # Versions are dense: the next fact has the next one.
    _fold(enumerate(history, state.version + 1), state)
    return state


def _fold(history: Iterable[tuple[int, Document]], state: FormState) -> None:
    """Take the facts of a history, each with its version."""
    entered_by = state._entered_by  # noqa: SLF001 - as above
    for version, document in history:
        state.version = version
        fact = document.fact
        kind = type(fact)
        apply = _EVOLVE.get(kind)
        if apply is not None:
            apply(state, document, fact)
        if kind not in _NOT_ENTERING:
            envelope = document.envelope
            entered_by.add(envelope.actor)
            if envelope.on_behalf_of is not None:
                entered_by.add(envelope.on_behalf_of)


def load(store: EventStore, log_id: str, stream_id: str, position: int | None = None) -> FormState:
    """The state of a form as known at ``position``, None for now; of one that is not open when the
    log has no such stream.
    """
    state = fold(store.history(log_id, stream_id, FormDocument, upto_position=position))
    for line, noted in state.calculated.items():
        state.calculated[line] = whole(noted)
    return state


WANTED = Wanted(
    FormDocument, ScoreCalculated, Repeated(ActualEntered, EnteredAlike, unless=EntryCorrected)
)
"""What ``recall`` takes, as ``EventStore.past`` is asked for it."""


def recall(past: Past) -> FormState:
    """The state of a form as it was; of one that is not open when there was none. It holds only
    those actual values that count.
    """
    if past.versions is None or past.aside is None:
        return fold(past.documents)
    state = FormState()
    _fold(zip(past.versions, past.documents, strict=True), state)
    state.put_aside(Calculations(past.aside))
    state.version = past.version
    return state
