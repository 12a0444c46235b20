"""The state of a ledger: what its facts add up to. Only ``evolve`` changes it, and never rejects."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Struct

from domain.decisions import Chain, Chains
from domain.facts import Fact
from domain.facts.envelope import UNKNOWN, Effective, Envelope, Place
from domain.facts.ledger import (
    AdvanceRecognised,
    Basis,
    BudgetReduced,
    BudgetSupplemented,
    ExpenditureRecorded,
    ExpenditureReversed,
    FundsCarriedIn,
    FundsClawedBack,
    FundsVired,
    InitialBudgetApproved,
    LedgerEntry,
    LedgerOpened,
    LedgerReconciled,
    PriorYearFiguresStated,
)
from domain.facts.others import EntryCorrected, TextRedacted
from domain.store import Document, EventStore, Wanted

Payment = ExpenditureRecorded | AdvanceRecognised
_F = TypeVar("_F", bound=Fact)


class LedgerState:
    """What is booked: live entries by chain, payments by voucher, transfers, reconciled scopes."""

    __slots__ = ("chains", "opened", "payments", "reconciled", "transfers", "version")

    def __init__(self) -> None:
        """A ledger that is not open."""
        self.version = 0
        self.opened: LedgerOpened | None = None
        self.chains = Chains()
        self.payments: dict[str, Chain] = {}
        self.transfers: dict[str, Chain] = {}
        self.reconciled: dict[str | None, date] = {}

    def basis(self, project: str | None = None) -> Basis:
        """Whether booked entries rule for a scope (the unit, or a project), or declared figures."""
        if self.opened is None:
            return Basis.DECLARED
        if project in self.reconciled:
            return Basis.LEDGER
        return self.opened.basis

    def entries(self) -> Iterator[Chain]:
        """The live chains, in the order of their origins."""
        return (chain for chain in self.chains if chain.fact is not None)

    def live(self, kind: type[_F]) -> Iterator[tuple[Chain, _F]]:
        """The live chains whose fact is of ``kind``, in the order of their origins."""
        for chain in self.chains.of(kind):
            fact = chain.fact
            if isinstance(fact, kind):
                yield chain, fact

    def payment(self, voucher: str) -> Payment | None:
        """The live payment with this voucher."""
        chain = self.payments.get(voucher)
        fact = chain.fact if chain else None
        return fact if isinstance(fact, Payment) else None

    def reversed_of(self, voucher: str, *, without: UUID | None = None) -> int:
        """What was refunded of a voucher, in fen, leaving out the chain ``without``."""
        return sum(
            fact.amount
            for chain, fact in self.live(ExpenditureReversed)
            if fact.voucher == voucher and chain.origin != without
        )


def _opened(state: LedgerState, envelope: Envelope, fact: LedgerOpened) -> None:
    state.opened = fact


def _booked(state: LedgerState, envelope: Envelope, fact: Any) -> Chain:  # noqa: ANN401
    return state.chains.add(envelope, fact)


def _paid(state: LedgerState, envelope: Envelope, fact: Any) -> None:  # noqa: ANN401
    state.payments[fact.voucher] = state.chains.add(envelope, fact)


def _vired(state: LedgerState, envelope: Envelope, fact: FundsVired) -> None:
    chain = _booked(state, envelope, fact)
    if fact.transfer is not None:
        state.transfers[fact.transfer] = chain


def _reconciled(state: LedgerState, envelope: Envelope, fact: LedgerReconciled) -> None:
    for total in fact.totals:
        state.reconciled[total.project] = fact.through


def _corrected(state: LedgerState, envelope: Envelope, fact: EntryCorrected) -> None:
    before = state.chains.find(fact.target)
    old = before.fact if before else None
    if isinstance(old, Payment):
        state.payments.pop(old.voucher, None)
    chain = state.chains.correct(
        envelope.event_id, fact.target, fact.replacement, envelope.effective
    )
    if isinstance(fact.replacement, Payment):
        state.payments[fact.replacement.voucher] = chain


_EVOLVE: dict[type[Fact], Callable[[LedgerState, Envelope, Any], object]] = {
    LedgerOpened: _opened,
    InitialBudgetApproved: _booked,
    FundsCarriedIn: _booked,
    BudgetSupplemented: _booked,
    BudgetReduced: _booked,
    FundsClawedBack: _booked,
    FundsVired: _vired,
    ExpenditureRecorded: _paid,
    AdvanceRecognised: _paid,
    ExpenditureReversed: _booked,
    PriorYearFiguresStated: _booked,
    LedgerReconciled: _reconciled,
    EntryCorrected: _corrected,
}
"""Which facts change a ledger. A text redaction changes nothing here: digests stay."""


class BookedEnvelope(Struct, frozen=True, gc=False):
    """What the state of a ledger keeps of an envelope."""

    event_id: str
    effective: Effective = UNKNOWN
    source: Place | None = None


class LedgerDocument(Struct, frozen=True, gc=False):
    """What a ledger is folded from, as ``EventStore.history`` takes it."""

    envelope: BookedEnvelope
    fact: LedgerEntry | LedgerOpened | LedgerReconciled | EntryCorrected | TextRedacted


def evolve(state: LedgerState, document: Document) -> LedgerState:
    """``state`` after one more fact; the same object, changed."""
    fact = document.fact
    apply = _EVOLVE.get(type(fact))
    if apply is not None:
        apply(state, document.envelope, fact)
    # Versions are dense: the next fact has the next one.
    state.version += 1
    return state


def fold(history: Iterable[Document], state: LedgerState | None = None) -> LedgerState:
    """The state after a history, from nothing or from ``state``."""
    state = state or LedgerState()
    count = 0
    for document in history:
        fact = document.fact
        count += 1
        apply = _EVOLVE.get(type(fact))
        if apply is not None:
            apply(state, document.envelope, fact)
    state.version += count
    return state


def load(
    store: EventStore, log_id: str, stream_id: str, position: int | None = None
) -> LedgerState:
    """The state of a ledger as known at ``position``, None for now; of one that is not open when
    the log has no such stream.
    """
    return fold(store.history(log_id, stream_id, LedgerDocument, upto_position=position))


WANTED = Wanted(LedgerDocument)
"""What ``fold`` takes, as ``EventStore.past`` is asked for it."""
