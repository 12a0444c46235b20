"""How facts change the state of a form: only ``evolve`` does, and it never rejects. And reading it."""

from collections.abc import Callable, Iterable
from typing import Any

from domain.evaluation.calculations import Calculations, whole
from domain.evaluation.documents import CalculatedBriefly, EnteredAlike, FormDocument
from domain.evaluation.noted import Noted, ScoreMoved
from domain.evaluation.state import FormState, Status
from domain.facts import Fact
from domain.facts.envelope import event_id_of
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
    Submitted,
)
from domain.facts.others import EntryCorrected, TextRedacted
from domain.store import Document, EventStore, Past, Repeated, Wanted


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
