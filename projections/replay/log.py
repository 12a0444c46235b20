"""One log of a year, fact by fact, with no more kept than the next fact needs.

Of a ledger three sums stay, and what each entry that can still be corrected gave to them; of a
form its state and its scores. Facts of the ledger themselves are not kept.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from functools import partial, reduce
from uuid import UUID

from msgspec import Struct

from domain.evaluation import form as forms
from domain.evaluation.figures import statements
from domain.evaluation.scores import grade_that_counts, score_sheet
from domain.evaluation.state import FormState
from domain.facts.form import FiguresDeclared, ScoreCalculated
from domain.facts.ledger import Basis, LedgerEntry, LedgerOpened, LedgerReconciled
from domain.facts.others import EntryCorrected
from domain.ids import UnitYear, is_jurisdiction_year
from domain.ledger import LedgerState
from domain.ledger.sums import moved_by
from domain.scoring.metrics import Quantity
from domain.scoring.rule_set import RuleSet
from domain.store import EventStore, Recorded
from domain.values import plain
from projections.replay.rows import Delta, FormMoved, Standing, Stride
from projections.unit_year import MOVES_SCORES, RuleBook, name_of, stated_by, unit_year_of_stream
from projections.unit_year import Standing as Scores

_SHANGHAI = timezone(timedelta(hours=8))
_AT_ONCE = 5_000
_Sums = tuple[int, int, int]
"""年初, 全年 and 执行, in fen."""
_QUANTITIES = (Quantity.INITIAL_BUDGET, Quantity.ADJUSTED_BUDGET, Quantity.OUTTURN)
_NOTHING: _Sums = (0, 0, 0)
_NO_ENTRY = LedgerState()
"""The sums of a whole unit do not hang on the payment that a refund belongs to."""


class _Form(Struct):
    state: FormState
    scores: Scores
    shown: Standing | None = None
    declared: _Sums = _NOTHING


class _Unit(Struct):
    """The money of a unit: what is booked, what its forms declare, and what of it counts."""

    ledger_rules: bool = False
    booked: _Sums = _NOTHING
    forms: dict[str, _Form] = {}
    shown: _Sums = _NOTHING

    def counts(self, whole: str) -> _Sums:
        """The books where they rule, else what the form of the ``whole`` unit declares; where
        there is none, what those of its projects declare together.
        """
        if self.ledger_rules:
            return self.booked
        department = self.forms.get(whole)
        if department is not None:
            return department.declared
        return reduce(_plus, (form.declared for form in self.forms.values()), _NOTHING)


class LogReplay:
    """A year of one log, up to a position."""

    def __init__(self, store: EventStore, log_id: str, year: int, upto: int) -> None:
        """Nothing taken yet."""
        self.log_id = log_id
        self.year = year
        self.upto = upto
        self.position = 0
        self._store = store
        self._book = RuleBook(store, log_id)
        self._entries: dict[UUID, _Sums] = {}
        self._units: dict[UnitYear, _Unit] = {}

    def deltas(self, stride: Stride) -> Iterator[Delta]:
        """What each step moved, in the order of the log; steps without facts of the year are
        left out.
        """
        delta: Delta | None = None
        known_at: datetime | None = None
        for recorded in self._read():
            said = recorded.envelope.recorded_at
            # Edge clocks may disagree: what is known at a position never lies before the last.
            known_at = said if known_at is None else max(known_at, said)
            if not self._is_mine(recorded.stream_id):
                continue
            key = _key(self.log_id, recorded.position, known_at, stride)
            if delta is None or delta.key != key:
                if delta is not None:
                    yield delta
                delta = Delta(key, self.log_id, known_at, recorded.position)
            delta.known_at, delta.position = known_at, recorded.position
            kind = name_of(recorded.fact)
            delta.facts[kind] = delta.facts.get(kind, 0) + 1
            self._take(recorded, delta)
        if delta is not None:
            yield delta

    def _read(self) -> Iterator[Recorded]:
        while self.position < self.upto:
            limit = min(_AT_ONCE, self.upto - self.position)
            facts = self._store.read_log(self.log_id, after=self.position, limit=limit)
            if not facts:
                return
            for recorded in facts:
                self.position = recorded.position
                yield recorded

    def _is_mine(self, stream: str) -> bool:
        unit_year = unit_year_of_stream(stream)
        if unit_year is None:
            return is_jurisdiction_year(stream) and stream.endswith(f"/{self.year}")
        return unit_year.year == self.year

    def _take(self, recorded: Recorded, delta: Delta) -> None:
        stream = recorded.stream_id
        unit_year = unit_year_of_stream(stream)
        if unit_year is None:
            return
        unit = self._units.get(unit_year)
        if unit is None:
            unit = self._units[unit_year] = _Unit()
        if stream == unit_year.ledger:
            self._book_entry(recorded, unit)
        else:
            self._advance(recorded, unit_year, unit, delta)
        now, shown = unit.counts(unit_year.form()), unit.shown
        if now != shown:
            delta.initial_fen += now[0] - shown[0]
            delta.adjusted_fen += now[1] - shown[1]
            delta.spent_fen += now[2] - shown[2]
            unit.shown = now

    def _book_entry(self, recorded: Recorded, unit: _Unit) -> None:
        fact, stated = recorded.fact, stated_by(recorded.fact)
        before = after = _NOTHING
        if isinstance(fact, LedgerOpened):
            unit.ledger_rules |= fact.basis is Basis.LEDGER
        elif isinstance(fact, LedgerReconciled):
            unit.ledger_rules |= any(total.project is None for total in fact.totals)
        elif isinstance(fact, EntryCorrected):
            before = self._entries.pop(fact.target, before)
        if isinstance(stated, LedgerEntry):
            moved = moved_by(stated, _NO_ENTRY)
            after = self._entries[recorded.envelope.event_id] = _of(moved)
        unit.booked = _plus(unit.booked, after, less=before)

    def _advance(self, recorded: Recorded, unit_year: UnitYear, unit: _Unit, delta: Delta) -> None:
        stream, fact = recorded.stream_id, recorded.fact
        form = unit.forms.get(stream)
        if form is None:
            form = unit.forms[stream] = _Form(FormState(), Scores())
        state = form.state
        earlier = None
        if isinstance(fact, ScoreCalculated) and fact.line in state.calculated:
            earlier = state.calculated[fact.line].fact
        forms.evolve(state, recorded)
        if isinstance(fact, FiguresDeclared | EntryCorrected):
            same = statements(state)
            form.declared = _of({name: one[0].fen for name, one in same.items()})
        if type(fact) in MOVES_SCORES:
            rules = self._rules(unit_year, state)
            sheet = partial(score_sheet, state, rules)
            form.scores = form.scores.after(state, recorded, earlier, rules, sheet)
        if state.opened is None:
            return
        total = form.scores.total
        grade = grade_that_counts(state, form.scores.grade)
        now = Standing(state.status, None if total is None else plain(total), grade)
        if now != form.shown:
            moved = delta.moved.get(stream)
            before = moved.before if moved else form.shown
            delta.moved[stream] = FormMoved(stream, before, now)
            form.shown = now

    def _rules(self, unit_year: UnitYear, state: FormState) -> RuleSet | None:
        return self._book.pinned(unit_year.division, state.rules)


def _of(sums: Mapping[str, int]) -> _Sums:
    initial, adjusted, spent = (sums.get(name, 0) for name in _QUANTITIES)
    return initial, adjusted, spent


def _plus(one: _Sums, other: _Sums, *, less: _Sums = _NOTHING) -> _Sums:
    return (
        one[0] + other[0] - less[0],
        one[1] + other[1] - less[1],
        one[2] + other[2] - less[2],
    )


def _key(log_id: str, position: int, known_at: datetime, stride: Stride) -> str:
    if stride is Stride.FACT:
        return f"{log_id}#{position}"
    day = known_at.astimezone(_SHANGHAI)
    return f"{day:%Y-%m-%d}" if stride is Stride.DAY else f"{day:%Y-%m}"
