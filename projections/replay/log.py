"""One log of a year, fact by fact, with no more kept than the next fact needs.

Of a ledger three sums stay, and what each entry that can still be corrected gave to them; of a
form its state and its scores. Facts themselves are not kept.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from uuid import UUID

from msgspec import Struct

from domain.evaluation import form as forms
from domain.evaluation.form import FormState
from domain.evaluation.scores import score_sheet
from domain.facts.form import ScoreCalculated
from domain.facts.ledger import LedgerEntry
from domain.facts.others import EntryCorrected
from domain.ids import UnitYear, is_jurisdiction_year, is_ledger
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
"""What an entry gives to 年初, 全年 and 执行, in fen."""
_NO_ENTRY = LedgerState()
"""The sums of a whole unit do not hang on the payment that a refund belongs to."""


class _Form(Struct):
    state: FormState
    scores: Scores
    shown: Standing | None


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
        self._forms: dict[str, _Form] = {}

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
        if is_ledger(stream):
            self._book_entry(recorded, delta)
        else:
            self._advance(recorded, unit_year, delta)

    def _book_entry(self, recorded: Recorded, delta: Delta) -> None:
        fact, stated = recorded.fact, stated_by(recorded.fact)
        before = after = (0, 0, 0)
        if isinstance(fact, EntryCorrected):
            before = self._entries.pop(fact.target, before)
        if isinstance(stated, LedgerEntry):
            after = self._entries[recorded.envelope.event_id] = _sums(stated)
        delta.initial_fen += after[0] - before[0]
        delta.adjusted_fen += after[1] - before[1]
        delta.spent_fen += after[2] - before[2]

    def _advance(self, recorded: Recorded, unit_year: UnitYear, delta: Delta) -> None:
        stream, fact = recorded.stream_id, recorded.fact
        form = self._forms.get(stream)
        if form is None:
            form = self._forms[stream] = _Form(FormState(), Scores(), None)
        state = form.state
        earlier = None
        if isinstance(fact, ScoreCalculated) and fact.line in state.calculated:
            earlier = state.calculated[fact.line].fact
        forms.evolve(state, recorded)
        if type(fact) in MOVES_SCORES:
            scores = form.scores.after(state, recorded, earlier)
            form.scores = scores or Scores.of(score_sheet(state, self._rules(unit_year, state)))
        if state.opened is None:
            return
        total = form.scores.total
        now = Standing(state.status, None if total is None else plain(total), form.scores.grade)
        if now != form.shown:
            moved = delta.moved.get(stream)
            before = moved.before if moved else form.shown
            delta.moved[stream] = FormMoved(stream, before, now)
            form.shown = now

    def _rules(self, unit_year: UnitYear, state: FormState) -> RuleSet | None:
        return self._book.pinned(unit_year.division, state.rules)


def _sums(entry: LedgerEntry) -> _Sums:
    moved = moved_by(entry, _NO_ENTRY)
    return (
        moved.get(Quantity.INITIAL_BUDGET, 0),
        moved.get(Quantity.ADJUSTED_BUDGET, 0),
        moved.get(Quantity.OUTTURN, 0),
    )


def _key(log_id: str, position: int, known_at: datetime, stride: Stride) -> str:
    if stride is Stride.FACT:
        return f"{log_id}#{position}"
    day = known_at.astimezone(_SHANGHAI)
    return f"{day:%Y-%m-%d}" if stride is Stride.DAY else f"{day:%Y-%m}"
