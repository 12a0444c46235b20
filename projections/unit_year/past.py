"""A unit and year as it was known at a position.

A past is looked at and not advanced. So each stream is read as its state needs it, and whole facts
only when one is asked for by its id: a form of a thousand facts answers with a few dozen of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import NoReturn, cast
from uuid import UUID

from msgspec import Raw, Struct

from domain import ledger as ledgers
from domain.decisions import Chain
from domain.evaluation import form as form_states
from domain.evaluation.figures import Money, money_of
from domain.ids import UnitYear, is_form, is_ledger, unit_year_of
from domain.ledger import LedgerState
from domain.store import Document, EventStore, Recorded
from projections.unit_year.counting import counted
from projections.unit_year.fold import UnitYearFold
from projections.unit_year.rule_book import RuleBook


class PastFold(UnitYearFold):
    """A unit and year as known at a position. It answers what a ``UnitYearFold`` answers; of the
    forms it holds those that it was made with.
    """

    __slots__ = ("_known", "_money")

    def __init__(
        self,
        store: EventStore,
        log_id: str,
        unit_year: UnitYear,
        position: int,
        forms: Sequence[str],
    ) -> None:
        """Its ledger, and those of ``forms`` that there were."""
        super().__init__(log_id, unit_year, RuleBook(store, log_id))
        wanted = {self.ledger_id: ledgers.WANTED} | dict.fromkeys(forms, form_states.WANTED)
        past = {
            stream: one
            for stream, one in store.past(log_id, wanted, position).items()
            if one.version
        }
        # Forms are short and ask for their own facts most; a ledger may have thousands.
        self._known = _Known(
            store,
            log_id,
            position,
            {one: past[one].version for one in sorted(past, key=is_ledger)},
        )
        self._money: dict[str, Money] = {}
        booked = past.pop(self.ledger_id, None)
        if booked is not None:
            self.ledger = ledgers.fold(booked.documents)
            self.ledger_position = booked.last
        # In the order in which they were opened, as a fold of the log holds them: findings name
        # them in it.
        for form_id in sorted(past, key=lambda one: past[one].first):
            known = past[form_id]
            self.forms[form_id] = form_states.recall(known)
            self.positions[form_id] = known.last
            if known.recorded_at is not None:
                self._changed[form_id] = known.recorded_at

    @property
    def facts(self) -> Mapping[UUID, Recorded]:
        """Every fact of the ledger and of the forms it holds by its id, read when asked for."""
        return self._known

    @property
    def ledger_facts(self) -> Sequence[Recorded]:
        """The facts of the ledger, in order, read when asked for."""
        return self._known.stream(self.ledger_id)

    def money(self, form_id: str) -> Money:
        """The money that counts for a form; no other form has a part in it."""
        money = self._money.get(form_id)
        if money is None:
            money = self._money[form_id] = money_of(self.forms[form_id], self.ledger)
        return money

    def with_ledger(
        self, ledger: LedgerState, counting: Callable[[Chain], bool] | None
    ) -> "PastFold":
        """See ``UnitYearFold``."""
        found = cast("PastFold", super().with_ledger(ledger, counting))
        found._money = {}  # noqa: SLF001 - one of its own
        return found

    @property
    def size(self) -> int:
        """How many facts it speaks of."""
        return len(self._known)

    def advance(self, recorded: Recorded) -> NoReturn:
        """Raises ``TypeError``: a past is over."""
        msg = f"a past cannot take the fact at position {recorded.position}"
        raise TypeError(msg)


class _Id(Struct, frozen=True, gc=False):
    event_id: UUID


class _Identified(Struct, frozen=True, gc=False):
    """A stored fact of which only its id is read."""

    envelope: _Id
    fact: Raw


class _Known(Mapping[UUID, Recorded]):
    """The facts of some streams up to a position, by their ids. A stream is looked through when a
    fact is asked for that is in none before it, read when one of its facts is, and a fact is decoded
    when it is asked for itself.
    """

    def __init__(
        self, store: EventStore, log_id: str, position: int, sizes: Mapping[str, int]
    ) -> None:
        """The facts of the streams that had them, by how many they were. Streams are looked through
        in this order.
        """
        self._store = store
        self._log_id = log_id
        self._position = position
        self._sizes = sizes
        self._streams: dict[str, Sequence[Recorded]] = {}
        self._ids: dict[str, Mapping[UUID, int]] = {}
        self._decoded: dict[UUID, Recorded] = {}

    def stream(self, stream_id: str) -> Sequence[Recorded]:
        """The facts of a stream, in order."""
        if stream_id not in self._sizes:
            return ()
        if stream_id not in self._streams:
            self._streams[stream_id] = self._store.read(
                self._log_id, stream_id, upto_position=self._position
            )
        return self._streams[stream_id]

    def _in(self, stream_id: str) -> Mapping[UUID, int]:
        """The ids of the facts of a stream, in order, each with how many come before it."""
        if stream_id not in self._ids:
            # Nobody looks at what is said here, and it is not decoded.
            brief = cast("type[Document]", _Identified)
            facts = self._store.history(
                self._log_id, stream_id, brief, upto_position=self._position
            )
            self._ids[stream_id] = {
                document.envelope.event_id: nth for nth, document in enumerate(facts)
            }
        return self._ids[stream_id]

    def __getitem__(self, event_id: UUID) -> Recorded:
        found = self._decoded.get(event_id)
        if found is None:
            stream_id = next((one for one in self._sizes if event_id in self._in(one)), None)
            if stream_id is None:
                raise KeyError(event_id)
            found = self.stream(stream_id)[self._in(stream_id)[event_id]]
            self._decoded[event_id] = found
        return found

    def __contains__(self, event_id: object) -> bool:
        return any(event_id in self._in(one) for one in self._sizes)

    def __iter__(self) -> Iterator[UUID]:
        return chain.from_iterable(self._in(one) for one in self._sizes)

    def __len__(self) -> int:
        return sum(self._sizes.values())


def recall(
    store: EventStore,
    log_id: str,
    unit_year: UnitYear,
    position: int | None = None,
    *,
    forms: Sequence[str] | None = None,
) -> PastFold:
    """A unit and year as known at ``position``, None for now, with all its forms or with some."""
    # One position for all streams: whatever is appended meanwhile is seen in none of them.
    known = store.head(log_id) if position is None else position
    if forms is None:
        streams = store.streams(log_id, unit_year.prefix)
        forms = [one for one in streams if is_form(one) and unit_year_of(one) == unit_year]
    return PastFold(store, log_id, unit_year, known, forms)


def recall_form(
    store: EventStore,
    log_id: str,
    form_id: str,
    position: int | None = None,
    effective_on: date | None = None,
    *,
    with_others: bool = False,
) -> UnitYearFold | None:
    """A form with the ledger of its unit and year as known at ``position``, and as it counts on a
    business date; None when there was no such form. With ``with_others`` beside all other forms
    of the unit and year.
    """
    unit_year = unit_year_of(form_id)
    if unit_year is None or not is_form(form_id):
        return None
    fold = recall(store, log_id, unit_year, position, forms=None if with_others else (form_id,))
    if form_id not in fold.forms:
        return None
    return fold if effective_on is None else counted(fold, effective_on)
