"""The state of a form, what is asked of it, and the few changes that touch more than one place."""

from collections.abc import Callable, Hashable, Iterator, MutableMapping, Sequence
from enum import StrEnum
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from domain.decisions import Chain, Chains
from domain.evaluation.calculations import Calculations
from domain.evaluation.noted import Noted, ScoreMoved
from domain.facts import Fact
from domain.facts.envelope import Envelope
from domain.facts.form import (
    ActualEntered,
    DeductionJustified,
    EvaluationOpened,
    EvidenceAttached,
    Finalised,
    IndicatorRetargeted,
    IndicatorsSet,
    IndicatorWithdrawn,
    Published,
    RuleSetAdopted,
    ScoreDeclared,
    Subject,
)
from domain.facts.others import EntryCorrected
from domain.scoring.indicators import Indicator
from domain.store import Document

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
