"""The evaluation aggregate in memory: the ledger of a unit and year with its forms, fact by fact.

Everything that a view derives is derived from one ``UnitYearFold``, whether it was advanced by
the runner or loaded from the store up to a past position.
"""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from heapq import merge
from typing import Any
from uuid import UUID

from domain import form as forms
from domain import ledger as ledgers
from domain.facts import Fact, tag_of
from domain.facts.envelope import UNKNOWN, Place
from domain.facts.form import (
    IndicatorsSet,
    IndicatorWithdrawn,
    LedgerInput,
    OverrideWithdrawn,
    Reopened,
    Returned,
    ReviewScoreGiven,
    RuleSetAdopted,
    ScoreCalculated,
    ScoreDeclared,
    ScoreOverridden,
    SignatureWithdrawn,
    Subject,
)
from domain.facts.ledger import Adjustment, ExpenditureReversed, LedgerEntry
from domain.facts.others import EntryCorrected
from domain.figures import Money, money_of
from domain.form import FormState
from domain.ids import UnitYear, rule_set_stream, unit_year_of
from domain.jurisdiction import RuleSetState, fold_rule_set
from domain.ledger import LedgerState
from domain.rule_set import RuleSet
from domain.scores import LineScore, Origin, ScoreSheet, score_sheet
from domain.store import EventStore, Recorded
from projections.tables import FactRef

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

unit_year_of_stream = lru_cache(maxsize=65_536)(unit_year_of)
"""``unit_year_of``, remembered: a log names the same streams again and again."""


class RuleBook:
    """The rule sets of one log, read when they are asked for. Published versions never change,
    so what was read once serves every past position.
    """

    def __init__(self, store: EventStore, log_id: str) -> None:
        """The rule sets that ``log_id`` holds."""
        self._store = store
        self._log_id = log_id
        self._known: dict[str, RuleSetState] = {}

    def pinned(self, division: str, adopted: RuleSetAdopted | None) -> RuleSet | None:
        """The adopted version, whole; None when nothing was adopted or the log does not have it."""
        if adopted is None:
            return None
        stream = rule_set_stream(division, adopted.name)
        state = self._known.get(stream)
        if state is None or adopted.version not in state.versions:
            state = self._known[stream] = fold_rule_set(self._store.read(self._log_id, stream))
        return state.named(adopted.version)


class UnitYearFold:
    """A unit and year as its facts have left it: ledger, forms, and every fact by its id.

    Mutable, owned by whoever advances it. After an exception in ``advance`` it is worthless.
    """

    __slots__ = (
        "_changed",
        "_money",
        "_sheets",
        "adjustments",
        "book",
        "facts",
        "forms",
        "id",
        "ledger",
        "ledger_facts",
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
        self.ledger_facts: list[Recorded] = []
        self.ledger_position = 0
        self.forms: dict[str, FormState] = {}
        self.positions: dict[str, int] = {}
        self.facts: dict[UUID, Recorded] = {}
        self.adjustments: dict[UUID, list[Recorded]] = {}
        self._changed: dict[str, datetime] = {}
        self._sheets: dict[str, ScoreSheet] = {}
        self._money: dict[str, Money] = {}

    def advance(self, recorded: Recorded) -> None:
        """Take one more fact of the ledger or of a form."""
        stream = recorded.stream_id
        self.facts[recorded.envelope.event_id] = recorded
        if stream == self.id.ledger:
            ledgers.evolve(self.ledger, recorded)
            self.ledger_facts.append(recorded)
            self.ledger_position = recorded.position
            self._money.clear()
            self._chain_adjustment(recorded)
            return
        state = self.forms.get(stream)
        if state is None:
            state = self.forms[stream] = FormState()
        forms.evolve(state, recorded)
        self.positions[stream] = recorded.position
        self._changed[stream] = recorded.envelope.recorded_at
        self._money.pop(stream, None)
        if type(recorded.fact) in MOVES_SCORES:
            self._sheets.pop(stream, None)

    def _chain_adjustment(self, recorded: Recorded) -> None:
        fact = recorded.fact
        if isinstance(fact, Adjustment):
            self.adjustments[recorded.envelope.event_id] = [recorded]
        elif isinstance(fact, EntryCorrected):
            chain = self.ledger.chains.find(fact.target)
            if chain is not None and chain.origin in self.adjustments:
                self.adjustments[chain.origin].append(recorded)

    def rules(self, form_id: str) -> RuleSet | None:
        """The rule set that a form pins, whole."""
        return self.book.pinned(self.id.division, self.forms[form_id].rules)

    def sheet(self, form_id: str) -> ScoreSheet:
        """The scores of a form as they stand; kept until a fact can change them."""
        sheet = self._sheets.get(form_id)
        if sheet is None:
            sheet = score_sheet(self.forms[form_id], self.rules(form_id))
            self._sheets[form_id] = sheet
        return sheet

    def money(self, form_id: str) -> Money:
        """The money that counts for a form."""
        money = self._money.get(form_id)
        if money is None:
            money = self._money[form_id] = money_of(self.forms[form_id], self.ledger)
        return money

    def changed_at(self, form_id: str) -> datetime:
        """When the last fact of a form was recorded."""
        return self._changed[form_id]

    def ref(self, event_id: UUID) -> FactRef:
        """A fact by its id: where it lies, who said it, when, and where it is printed."""
        return ref_of(self.facts[event_id])

    @property
    def size(self) -> int:
        """How many facts it holds."""
        return len(self.facts)


def ref_of(recorded: Recorded) -> FactRef:
    """A recorded fact as views name it."""
    envelope = recorded.envelope
    return FactRef(
        event_id=envelope.event_id,
        stream_id=recorded.stream_id,
        version=recorded.version,
        position=recorded.position,
        type=name_of(recorded.fact),
        recorded_at=envelope.recorded_at,
        actor=envelope.actor,
        role=envelope.role,
        organisation=envelope.organisation,
        place=place_of(recorded),
        document=document_of(recorded.fact),
    )


def name_of(fact: Fact) -> str:
    """The kind of a fact, "budget-supplemented": its tag without the version.

    A fact is upcast when it is read, so the version that it was stored under is not known here.
    """
    return tag_of(type(fact)).partition(".")[0]


def place_of(recorded: Recorded) -> Place | None:
    """Where a fact is printed: as it says itself, else as its envelope does."""
    stated = stated_by(recorded.fact)
    place = getattr(stated, "place", None)
    return place if isinstance(place, Place) else recorded.envelope.source


def document_of(fact: Fact) -> str | None:
    """The 文号 that a fact names."""
    document = getattr(fact, "document", None)
    return document if isinstance(document, str) and document else None


def stated_by(fact: Any) -> Any:  # noqa: ANN401 - any fact, or none
    """What a fact states: a correction states its replacement, which is None for a void."""
    return fact.replacement if isinstance(fact, EntryCorrected) else fact


def reason_for(form: FormState, score: LineScore) -> UUID | None:
    """The fact that gives the reason of a line's deduction, or None.

    An override and a review score bring theirs; a score of the unit's own has its justification,
    else what was printed beside a declared score. As ``domain.crosschecks.explained`` sees it.
    """
    if score.origin in {Origin.REVIEW, Origin.OVERRIDE}:
        noted = (form.reviews if score.origin is Origin.REVIEW else form.overrides)[score.line]
        return noted.event_id if noted.fact.reason else None
    justified = form.justification(score.line)
    if justified is not None and justified[1].reason:
        return justified[0].head
    declared = form.declared(Subject.LINE, score.line)
    return next((chain.head for chain, fact in declared if fact.reason), None)


def scored_by(form: FormState, score: LineScore) -> UUID | None:
    """The fact that the score that counts comes from."""
    match score.origin:
        case Origin.REVIEW:
            return form.reviews[score.line].event_id
        case Origin.OVERRIDE:
            return form.overrides[score.line].event_id
        case Origin.DECLARED:
            return form.declared(Subject.LINE, score.line)[0][0].head
        case Origin.CALCULATED:
            return form.calculated[score.line].event_id
        case Origin.NONE:
            return None


# ------------------------------------------------------------------- the bookings behind a sum


def _sums_of(fold: UnitYearFold, entry: Any, project: str | None) -> dict[str, int]:  # noqa: ANN401
    """What one entry alone adds to each sum of a scope, in fen; zeros left out."""
    if not isinstance(entry, LedgerEntry):
        return {}
    alone = LedgerState()
    anchor = UUID(int=0)
    before: dict[str, int] = {}
    if isinstance(entry, ExpenditureReversed):
        # A refund goes where its payment went.
        paid = fold.ledger.payment(entry.voucher)
        if paid is not None:
            alone.chains.add(UUID(int=1), paid, UNKNOWN, None)
            alone.payments[entry.voucher] = UUID(int=1)
            before = ledgers.sums(alone, project)
    alone.chains.add(anchor, entry, UNKNOWN, None)
    after = ledgers.sums(alone, project)
    return {
        name: amount - before.get(name, 0)
        for name, amount in after.items()
        if amount != before.get(name, 0)
    }


def contribution(fold: UnitYearFold, recorded: Recorded, project: str | None) -> dict[str, int]:
    """By how much one fact of the ledger moved each sum of a scope, in fen; zeros left out."""
    after = _sums_of(fold, stated_by(recorded.fact), project)
    if isinstance(recorded.fact, EntryCorrected):
        target = fold.facts.get(recorded.fact.target)
        before = _sums_of(fold, stated_by(target.fact) if target else None, project)
        moved = {name: after.get(name, 0) - before.get(name, 0) for name in before | after}
        return {name: amount for name, amount in moved.items() if amount}
    return after


def booked_behind(fold: UnitYearFold, used: LedgerInput) -> tuple[FactRef, ...]:
    """The ledger's facts that moved the sums which a score used, up to the version it used."""
    return tuple(
        ref_of(recorded)
        for recorded in fold.ledger_facts
        if recorded.version <= used.version
        and not used.sums.keys().isdisjoint(contribution(fold, recorded, used.project))
    )


# ---------------------------------------------------------------------------- loading, keeping


def history(
    store: EventStore, log_id: str, unit_year: UnitYear, position: int | None = None
) -> Iterable[Recorded]:
    """Every fact of a unit and year up to ``position`` (None: all), in the order of the log."""
    streams = [
        stream
        for stream in store.streams(log_id, unit_year.prefix)
        if unit_year_of_stream(stream) == unit_year
    ]
    read = [store.read(log_id, stream, upto_position=position) for stream in streams]
    return merge(*read, key=lambda recorded: recorded.position)


def load(
    store: EventStore,
    log_id: str,
    unit_year: UnitYear,
    position: int | None = None,
    book: RuleBook | None = None,
) -> UnitYearFold:
    """A unit and year as known at ``position``; None means now."""
    fold = UnitYearFold(log_id, unit_year, book or RuleBook(store, log_id))
    for recorded in history(store, log_id, unit_year, position):
        fold.advance(recorded)
    return fold


def load_form(
    store: EventStore, log_id: str, form_id: str, position: int | None = None
) -> UnitYearFold | None:
    """The unit and year of a form as known at ``position``; None when there was no such form."""
    unit_year = unit_year_of(form_id)
    if unit_year is None:
        return None
    fold = load(store, log_id, unit_year, position)
    return fold if form_id in fold.forms else None


class Folds:
    """The folds that a runner keeps of one log, the least recently used given up first.

    ``capacity`` bounds the facts held in memory together; one fold is always kept.
    """

    def __init__(self, store: EventStore, log_id: str, capacity: int) -> None:
        """Nothing kept, at position 0."""
        self.book = RuleBook(store, log_id)
        self._store = store
        self._log_id = log_id
        self._capacity = capacity
        self._kept: OrderedDict[UnitYear, UnitYearFold] = OrderedDict()
        self.position = 0

    def at(self, position: int) -> None:
        """Be at ``position``: whatever was folded up to another one is forgotten."""
        if position != self.position:
            self._kept.clear()
            self.position = position

    def take(self, unit_year: UnitYear) -> UnitYearFold:
        """The fold of a unit and year at the position, kept or loaded; the taker advances it."""
        fold = self._kept.pop(unit_year, None)
        if fold is not None:
            return fold
        if self.position == 0:
            return UnitYearFold(self._log_id, unit_year, self.book)
        return load(self._store, self._log_id, unit_year, self.position, self.book)

    def keep(self, folds: Iterable[UnitYearFold], position: int) -> None:
        """Keep what was taken and advanced to ``position``."""
        self.position = position
        for fold in folds:
            self._kept[fold.id] = fold
        size = sum(fold.size for fold in self._kept.values())
        while size > self._capacity and len(self._kept) > 1:
            _, given_up = self._kept.popitem(last=False)
            size -= given_up.size

    def forget(self) -> None:
        """Keep nothing."""
        self._kept.clear()
