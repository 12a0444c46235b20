"""A ledger as it counts on a business date: entries dated later, or not at all, left out."""

from collections.abc import Callable
from datetime import date

from domain.decisions import Chain
from domain.facts.ledger import PriorYearFiguresStated
from domain.ledger.state import LedgerState, Payment


class _Counted(LedgerState):
    """Refunds still find their payments, which may be dated later than they are."""

    __slots__ = ("_whole",)

    def __init__(self, whole: LedgerState) -> None:
        super().__init__()
        self._whole = whole

    def payment(self, voucher: str) -> Payment | None:
        """The live payment with this voucher, whether it counts or not."""
        return self._whole.payment(voucher)


def counted(ledger: LedgerState, effective_on: date) -> LedgerState:
    """``ledger`` with the entries that count until ``effective_on``: those whose last effective day
    is known and not later. The others are there as void ones are.

    Its basis and version are those of ``ledger``: they are known, not counted. So are figures of
    the year before, which are no bookings of this one.
    """
    return _only(ledger, lambda chain: counts(chain, effective_on))


def without_date(ledger: LedgerState) -> LedgerState:
    """``ledger`` with those entries only that no business date counts, to be listed apart."""
    return _only(ledger, is_undated)


def _only(ledger: LedgerState, kept: Callable[[Chain], bool]) -> LedgerState:
    found = _Counted(ledger)
    found.version, found.opened = ledger.version, ledger.opened
    found.payments, found.transfers = ledger.payments, ledger.transfers
    found.reconciled = ledger.reconciled
    found.chains = ledger.chains.only(kept)
    return found


def counts(chain: Chain, effective_on: date) -> bool:
    """Whether an entry counts until ``effective_on``."""
    if isinstance(chain.fact, PriorYearFiguresStated):
        return True
    last = chain.effective.last
    return last is not None and last <= effective_on


def is_undated(chain: Chain) -> bool:
    """Whether no business date counts an entry."""
    return not chain.effective.known and not isinstance(chain.fact, PriorYearFiguresStated)
