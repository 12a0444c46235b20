"""The ledger of a unit and year with its forms, fact by fact."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import get_args
from uuid import UUID

from domain import ledger as ledgers
from domain.crosschecks import Case, View, views_of
from domain.decisions import Chain
from domain.evaluation import form as forms
from domain.evaluation.figures import Money
from domain.evaluation.scores import LineScore, ScoreSheet, score_sheet
from domain.evaluation.state import FormState
from domain.facts import Fact
from domain.facts.form import (
    IndicatorsSet,
    IndicatorWithdrawn,
    OverrideWithdrawn,
    Reopened,
    Returned,
    ReviewScoreGiven,
    RuleSetAdopted,
    ScoreCalculated,
    ScoreDeclared,
    ScoreOverridden,
    SignatureWithdrawn,
)
from domain.facts.ledger import Adjustment
from domain.facts.others import EntryCorrected
from domain.ids import UnitYear
from domain.ledger import LedgerState
from domain.scoring.rule_set import RuleSet
from domain.store import Recorded
from projections.tables import FactRef
from projections.unit_year.lines import FormLine, lines_of
from projections.unit_year.naming import ref_of
from projections.unit_year.rule_book import RuleBook
from projections.unit_year.standing import Standing

MOVES_SCORES: frozenset[type[Fact]] = frozenset(
    {
        RuleSetAdopted,
        IndicatorsSet,
        IndicatorWithdrawn,
        ScoreCalculated,
        ScoreDeclared,
        ScoreOverridden,
        OverrideWithdrawn,
        ReviewScoreGiven,
        Returned,
        SignatureWithdrawn,
        Reopened,
        EntryCorrected,
    }
)
"""Facts of a form after which its score sheet can be another; a test tries all the others."""


_ADJUSTMENTS = frozenset(get_args(Adjustment))


class UnitYearFold:
    """A unit and year as its facts have left it: ledger, forms, and every fact by its id.

    Mutable, owned by whoever advances it. After an exception in ``advance`` it is worthless.
    """

    __slots__ = (
        "_changed",
        "_counting",
        "_facts",
        "_ledger_facts",
        "_lines",
        "_refs",
        "_sheets",
        "_standings",
        "_views",
        "book",
        "forms",
        "id",
        "ledger",
        "ledger_id",
        "ledger_position",
        "log_id",
        "positions",
    )

    def __init__(self, log_id: str, unit_year: UnitYear, book: RuleBook) -> None:
        """A unit and year of which nothing is known."""
        self.log_id = log_id
        self.id = unit_year
        self.book = book
        self.ledger = LedgerState()
        self.ledger_id = unit_year.ledger
        self.ledger_position = 0
        self.forms: dict[str, FormState] = {}
        self.positions: dict[str, int] = {}
        self._facts: dict[UUID, Recorded] = {}
        self._ledger_facts: list[Recorded] = []
        self._counting: Callable[[Chain], bool] | None = None
        self._changed: dict[str, datetime] = {}
        self._sheets: dict[str, ScoreSheet] = {}
        self._standings: dict[str, Standing] = {}
        self._lines: dict[str, tuple[FormLine, ...]] = {}
        self._refs: dict[UUID, FactRef] = {}
        self._views: Mapping[str, View] | None = None

    def advance(self, recorded: Recorded) -> None:
        """Take one more fact of the ledger or of a form."""
        stream = recorded.stream_id
        self._views = None
        self._facts[recorded.envelope.event_id] = recorded
        if stream == self.ledger_id:
            ledgers.evolve(self.ledger, recorded)
            self._ledger_facts.append(recorded)
            self.ledger_position = recorded.position
            return
        state = self.forms.get(stream)
        if state is None:
            state = self.forms[stream] = FormState()
        forms.evolve(state, recorded)
        self._lines.pop(stream, None)
        self.positions[stream] = recorded.position
        self._changed[stream] = recorded.envelope.recorded_at
        if type(recorded.fact) in MOVES_SCORES:
            self._sheets.pop(stream, None)
            self._standings.pop(stream, None)

    @property
    def facts(self) -> Mapping[UUID, Recorded]:
        """Every fact by its id."""
        return self._facts

    @property
    def ledger_facts(self) -> Sequence[Recorded]:
        """The facts of the ledger, in order."""
        return self._ledger_facts

    def adjustments(self) -> Iterator[Chain]:
        """The chains of adjustments that count, void ones too, in the order of their origins."""
        for chain in self.ledger.chains:
            fact = chain.fact
            # What a business date leaves out is void in the ledger, but was never voided.
            if fact is None and (self._counting is None or self._counting(chain)):
                fact = self.facts[chain.origin].fact
            if type(fact) in _ADJUSTMENTS:
                yield chain

    def rules(self, form_id: str) -> RuleSet | None:
        """The rule set that a form pins, whole."""
        return self.book.pinned(self.id.division, self.forms[form_id].rules)

    def sheet(self, form_id: str, known: Iterable[LineScore] | None = None) -> ScoreSheet:
        """The scores of a form as they stand; kept until a fact can change them. ``known`` are its
        lines, for who has them already.
        """
        sheet = self._sheets.get(form_id)
        if sheet is None:
            sheet = score_sheet(self.forms[form_id], self.rules(form_id), known)
            self._sheets[form_id] = sheet
        return sheet

    def lines(self, form_id: str) -> tuple[FormLine, ...]:
        """The lines of a form as they stand; kept until its next fact."""
        lines = self._lines.get(form_id)
        if lines is None:
            lines = lines_of(self.forms[form_id], self.sheet(form_id).lines)
            self._lines[form_id] = lines
        return lines

    def standing(self, form_id: str) -> Standing:
        """The scores of a form as they stand, for who asks after every fact."""
        standing = self._standings.get(form_id)
        if standing is None:
            standing = Standing.of(self.sheet(form_id)) if form_id in self.forms else Standing()
        return standing

    def remember(self, form_id: str, standing: Standing) -> None:
        """Take ``standing`` for that of a form until a fact can change it."""
        self._standings[form_id] = standing

    def money(self, form_id: str) -> Money:
        """The money that counts for a form."""
        return self.views()[form_id].money

    def views(self) -> Mapping[str, View]:
        """Every form as the cross-checks see it: readings and findings of one state share it."""
        if self._views is None:
            rules = {form_id: self.rules(form_id) for form_id in self.forms}
            sheets = {form_id: self.sheet(form_id) for form_id in self.forms}
            case = Case(ledger=self.ledger, forms=self.forms, rule_sets=rules, sheets=sheets)
            self._views = {view.id: view for view in views_of(case)}
        return self._views

    def rest(self) -> None:
        """Give up what only deriving needs, until it is needed again."""
        # The views of a unit know each other, and would wait for the garbage collector together.
        for view in (self._views or {}).values():
            view.siblings = ()
        self._views = None
        self._lines.clear()
        self._refs.clear()

    def changed_at(self, form_id: str) -> datetime:
        """When the last fact of a form was recorded."""
        return self._changed[form_id]

    def ref(self, event_id: UUID) -> FactRef:
        """A fact by its id: where it lies, who said it, when, and where it is printed. The lines of
        a form name the same few.
        """
        found = self._refs.get(event_id)
        if found is None:
            found = self._refs[event_id] = ref_of(self.facts[event_id])
        return found

    def find(self, event_id: UUID) -> FactRef | None:
        """As ``ref``; None for a fact of another stream."""
        return self.ref(event_id) if event_id in self.facts else None

    def with_ledger(
        self, ledger: LedgerState, counting: Callable[[Chain], bool] | None
    ) -> "UnitYearFold":
        """The same facts beside another state of the ledger, in which chains are left out that are
        not ``counting``; its forms are the caller's to fill.
        """
        found: UnitYearFold = copy(self)
        found.ledger, found._counting = ledger, counting
        found.forms, found._sheets, found._standings = {}, {}, {}
        found._lines, found._views = {}, None
        return found

    @property
    def size(self) -> int:
        """How many facts it holds."""
        return len(self.facts)
