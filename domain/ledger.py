"""台账: the money of a unit and year. What may be booked, and what the bookings add up to.

``decide`` may reject; ``evolve`` never does. The state is mutable inside a fold and belongs to
whoever folds.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import structs

from domain.commands import Book, CorrectEntry, OpenLedger, Reconcile, VireBetweenUnits
from domain.decisions import (
    DOCUMENT_REQUIRED,
    NOTHING_TO_DO,
    REASON_REQUIRED,
    Chain,
    Chains,
    Decided,
    require,
)
from domain.facts import Fact
from domain.facts.envelope import Context
from domain.facts.form import FormEntry
from domain.facts.ledger import (
    THREE_PUBLIC,
    Adjustment,
    AdvanceRecognised,
    Basis,
    BudgetReduced,
    BudgetSupplemented,
    Exclusion,
    ExpenditureRecorded,
    ExpenditureReversed,
    FundsCarriedIn,
    FundsClawedBack,
    FundsVired,
    InitialBudgetApproved,
    Kind,
    LedgerEntry,
    LedgerOpened,
    LedgerReconciled,
    Line,
    PriorYearFiguresStated,
    Purpose,
    ScopeTotal,
)
from domain.facts.others import EntryCorrected
from domain.ids import unit_year_of
from domain.metrics import Quantity
from domain.problems import Problem, kind
from domain.store import Recorded
from domain.values import wan

ALREADY_OPEN = kind(
    "ledger.already-open",
    409,
    zh="台账 {ledger} 已开设",
    en="the ledger {ledger} is open already",
    do_zh="直接登记即可",
    do_en="book entries in it",
)
NOT_OPEN = kind(
    "ledger.not-open",
    404,
    zh="台账 {ledger} 尚未开设",
    en="the ledger {ledger} is not open",
    do_zh="先开设台账",
    do_en="open the ledger first",
)
YEAR_CLOSED = kind(
    "ledger.year-closed",
    409,
    zh="{year} 年度已年终结转，不再接受台账分录",
    en="the year {year} is closed: the ledger takes no more entries",
    do_zh="由财政局凭文件重新开账后再登记",
    do_en="have the finance bureau reopen the year on a document",
)
NOT_POSITIVE = kind(
    "ledger.amount-not-positive",
    422,
    zh="金额须大于零，现为 {amount} 万元",
    en="the amount must be above zero, it is {amount} 万元",
    do_zh="方向由事实的种类表示（追加、追减、冲销），金额写正数",
    do_en="the kind of entry gives the direction; write a positive amount",
)
VOUCHER_USED = kind(
    "ledger.voucher-used",
    409,
    zh="凭证号 {voucher} 已登记",
    en="the voucher {voucher} is booked already",
    do_zh="同一笔支付只登记一次；登记有误的用更正",
    do_en="a payment is booked once; use a correction for a mistake",
)
VOUCHER_UNKNOWN = kind(
    "ledger.voucher-unknown",
    404,
    zh="没有凭证号为 {voucher} 的有效支付",
    en="no live payment has the voucher {voucher}",
    do_zh="核对被冲销的凭证号",
    do_en="check the voucher that is reversed",
)
REVERSAL_EXCEEDS = kind(
    "ledger.reversal-exceeds",
    422,
    zh="冲销 {amount} 万元超过凭证 {voucher} 的余额 {left} 万元",
    en="the reversal of {amount} 万元 exceeds what is left of voucher {voucher}: {left} 万元",
    do_zh="冲销金额不得超过该笔支付未冲销的部分",
    do_en="reverse no more than what is left of the payment",
)
HAS_REVERSAL = kind(
    "ledger.entry-has-reversal",
    409,
    zh="凭证 {voucher} 有有效的冲销，不能作废，也不能改小到冲销额以下或改换凭证号",
    en="voucher {voucher} has a live reversal: it cannot be voided, renamed or made smaller than it",
    do_zh="先更正或作废该冲销",
    do_en="correct or void the reversal first",
)
SUMS_DIFFER = kind(
    "ledger.sums-differ",
    422,
    zh="对账数与登记数不符：{what} 对账 {stated} 万元，登记 {booked} 万元",
    en="the reconciled total differs from the books: {what} stated {stated} 万元, booked {booked} 万元",
    do_zh="补登或更正分录后再对账",
    do_en="complete or correct the entries, then reconcile",
)
SAME_LEDGER = kind(
    "ledger.same-ledger",
    422,
    zh="两单位间调剂的调出、调入台账相同：{ledger}",
    en="a virement between units names the same ledger twice: {ledger}",
    do_zh="单位内部调剂请登记一笔调剂分录",
    do_en="book a virement entry inside the one ledger",
)
TRANSFER_USED = kind(
    "ledger.transfer-used",
    409,
    zh="调剂号 {transfer} 已使用",
    en="the transfer id {transfer} is used already",
    do_zh="每笔调剂用一个新的调剂号",
    do_en="use a new transfer id for each virement",
)
ONE_SIDED = kind(
    "ledger.one-sided-virement",
    422,
    zh="调剂须写明调出行和调入行",
    en="a virement inside a ledger needs the line it leaves and the line it enters",
    do_zh="补齐 from_line 与 to_line；两单位之间的调剂用专门的命令",
    do_en="give from_line and to_line; use the command for virements between units otherwise",
)

_Payment = ExpenditureRecorded | AdvanceRecognised


class LedgerState:
    """What is booked: live entries by chain, payments by voucher, transfers, reconciled scopes."""

    __slots__ = ("chains", "opened", "payments", "reconciled", "transfers", "version")

    def __init__(self) -> None:
        """A ledger that is not open."""
        self.version = 0
        self.opened: LedgerOpened | None = None
        self.chains = Chains()
        self.payments: dict[str, UUID] = {}
        self.transfers: dict[str, UUID] = {}
        self.reconciled: dict[str | None, date] = {}

    def basis(self, project: str | None = None) -> Basis:
        """Whether booked entries rule for a scope (the unit, or a project), or declared figures."""
        if self.opened is None:
            return Basis.DECLARED
        if project in self.reconciled or None in self.reconciled:
            return Basis.LEDGER
        return self.opened.basis

    def entries(self) -> Iterator[Chain]:
        """The live chains, in the order of their origins."""
        return (chain for chain in self.chains.live.values() if chain.fact is not None)

    def payment(self, voucher: str) -> _Payment | None:
        """The live payment with this voucher."""
        origin = self.payments.get(voucher)
        fact = self.chains.live[origin].fact if origin else None
        return fact if isinstance(fact, _Payment) else None

    def reversed_of(self, voucher: str, *, without: UUID | None = None) -> int:
        """What was refunded of a voucher, in fen, leaving out the chain ``without``."""
        return sum(
            chain.fact.amount
            for chain in self.entries()
            if isinstance(chain.fact, ExpenditureReversed)
            and chain.fact.voucher == voucher
            and chain.origin != without
        )


# ---------------------------------------------------------------------------------------- evolve


def _opened(state: LedgerState, recorded: Recorded, fact: LedgerOpened) -> None:
    state.opened = fact


def _booked(state: LedgerState, recorded: Recorded, fact: Any) -> None:  # noqa: ANN401
    envelope = recorded.envelope
    state.chains.add(envelope.event_id, fact, envelope.effective, envelope.source)


def _paid(state: LedgerState, recorded: Recorded, fact: Any) -> None:  # noqa: ANN401
    _booked(state, recorded, fact)
    state.payments[fact.voucher] = recorded.envelope.event_id


def _vired(state: LedgerState, recorded: Recorded, fact: FundsVired) -> None:
    _booked(state, recorded, fact)
    if fact.transfer is not None:
        state.transfers[fact.transfer] = recorded.envelope.event_id


def _reconciled(state: LedgerState, recorded: Recorded, fact: LedgerReconciled) -> None:
    for total in fact.totals:
        state.reconciled[total.project] = fact.through


def _corrected(state: LedgerState, recorded: Recorded, fact: EntryCorrected) -> None:
    before = state.chains.find(fact.target)
    old = before.fact if before else None
    if isinstance(old, _Payment):
        state.payments.pop(old.voucher, None)
    chain = state.chains.correct(
        recorded.envelope.event_id, fact.target, fact.replacement, recorded.envelope.effective
    )
    if isinstance(fact.replacement, _Payment):
        state.payments[fact.replacement.voucher] = chain.origin


_EVOLVE: dict[type[Fact], Callable[[LedgerState, Recorded, Any], None]] = {
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


def evolve(state: LedgerState, recorded: Recorded) -> LedgerState:
    """``state`` after one more fact; the same object, changed."""
    apply = _EVOLVE.get(type(recorded.fact))
    if apply is not None:
        apply(state, recorded, recorded.fact)
    state.version = recorded.version
    return state


def fold(history: Iterable[Recorded], state: LedgerState | None = None) -> LedgerState:
    """The state after a history, from nothing or from ``state``."""
    state = state or LedgerState()
    for recorded in history:
        evolve(state, recorded)
    return state


# ------------------------------------------------------------------------------------------ sums


def sums(
    state: LedgerState, project: str | None = None, effective_on: date | None = None
) -> dict[str, int]:
    """Every quantity that the bookings give for a scope, in fen, by name of ``Quantity``.

    ``project`` None is the whole unit. With ``effective_on`` only entries count whose last
    effective day is known and not later; the others are the caller's to list.
    """
    book = _Sums(project)
    for chain in state.entries():
        fact = chain.fact
        if effective_on is not None:
            last = chain.effective.last
            if last is None or last > effective_on:
                continue
        if isinstance(fact, ExpenditureReversed):
            paid = state.payment(fact.voucher)
            book.spend(-fact.amount, paid.line if paid else Line())
        elif fact is not None:
            book.take(fact)
    return book.result()


class _Sums:
    """Adds entries of one scope up."""

    def __init__(self, project: str | None) -> None:
        self._project = project
        self._by: dict[Quantity, int] = dict.fromkeys(_SUMMED, 0)
        self._stated: dict[str, int] = {}

    def _within(self, line: Line | None) -> bool:
        return line is not None and (self._project is None or line.project == self._project)

    def take(self, fact: Fact) -> None:
        by = self._by
        if isinstance(fact, InitialBudgetApproved):
            for part in fact.lines:
                if self._within(part.line):
                    by[Quantity.INITIAL_BUDGET] += part.amount
                    by[Quantity.BASIC_INITIAL] += part.amount * (part.line.kind is Kind.BASIC)
                    by[Quantity.PROJECT_INITIAL] += part.amount * (part.line.kind is Kind.PROJECT)
                    by[Quantity.KEY_PROJECT_BUDGET] += part.amount * (
                        Purpose.KEY_PROJECT in part.line.purposes
                    )
                    self._allot(part.amount, part.line)
        elif isinstance(fact, FundsCarriedIn):
            for part in fact.lines:
                if self._within(part.line):
                    by[Quantity.CARRIED_IN] += part.amount
                    self._allot(part.amount, part.line)
        elif isinstance(fact, Adjustment):
            self._adjust(fact)
        elif isinstance(fact, _Payment):
            self.spend(fact.amount, fact.line)
        elif isinstance(fact, PriorYearFiguresStated):
            self._stated.update({figure.quantity: figure.amount for figure in fact.figures})

    def _adjust(self, fact: Adjustment) -> None:
        net = 0
        touched = False
        for amount, line in signed_parts(fact):
            if self._within(line):
                touched = True
                net += amount
                self._allot(amount, line)
        if touched:
            self._by[Quantity.NET_ADJUSTMENT] += net
            self._by[Quantity.GROSS_ADJUSTMENT] += fact.amount
            if fact.excluded is not Exclusion.NONE:
                self._by[Quantity.EXCLUDED_ADJUSTMENT] += fact.amount

    def _allot(self, amount: int, line: Line) -> None:
        by = self._by
        by[Quantity.ADJUSTED_BUDGET] += amount
        by[Quantity.THREE_PUBLIC_BUDGET] += amount * (not THREE_PUBLIC.isdisjoint(line.purposes))
        by[Quantity.OPERATING_BUDGET] += amount * (Purpose.OPERATING in line.purposes)
        by[Quantity.PROCUREMENT_BUDGET] += amount * (Purpose.PROCUREMENT in line.purposes)

    def spend(self, amount: int, line: Line) -> None:
        if not self._within(line):
            return
        by = self._by
        by[Quantity.OUTTURN] += amount
        by[Quantity.BASIC_OUTTURN] += amount * (line.kind is Kind.BASIC)
        by[Quantity.PROJECT_OUTTURN] += amount * (line.kind is Kind.PROJECT)
        by[Quantity.THREE_PUBLIC_OUTTURN] += amount * (not THREE_PUBLIC.isdisjoint(line.purposes))
        by[Quantity.OPERATING_OUTTURN] += amount * (Purpose.OPERATING in line.purposes)
        by[Quantity.PROCUREMENT_OUTTURN] += amount * (Purpose.PROCUREMENT in line.purposes)

    def result(self) -> dict[str, int]:
        return {**{str(name): amount for name, amount in self._by.items()}, **self._stated}


_SUMMED = (
    Quantity.INITIAL_BUDGET,
    Quantity.ADJUSTED_BUDGET,
    Quantity.OUTTURN,
    Quantity.CARRIED_IN,
    Quantity.NET_ADJUSTMENT,
    Quantity.GROSS_ADJUSTMENT,
    Quantity.EXCLUDED_ADJUSTMENT,
    Quantity.BASIC_INITIAL,
    Quantity.PROJECT_INITIAL,
    Quantity.BASIC_OUTTURN,
    Quantity.PROJECT_OUTTURN,
    Quantity.KEY_PROJECT_BUDGET,
    Quantity.THREE_PUBLIC_BUDGET,
    Quantity.THREE_PUBLIC_OUTTURN,
    Quantity.OPERATING_BUDGET,
    Quantity.OPERATING_OUTTURN,
    Quantity.PROCUREMENT_BUDGET,
    Quantity.PROCUREMENT_OUTTURN,
)


def signed_parts(fact: Adjustment) -> tuple[tuple[int, Line], ...]:
    """What an adjustment adds (+) and takes away (−), in fen, line by line."""
    match fact:
        case BudgetSupplemented():
            return ((fact.amount, fact.line),)
        case BudgetReduced() | FundsClawedBack():
            return ((-fact.amount, fact.line),)
        case FundsVired():
            sides = ((-fact.amount, fact.from_line), (fact.amount, fact.to_line))
            return tuple((amount, line) for amount, line in sides if line is not None)


# ---------------------------------------------------------------------------------------- decide


def decide(
    command: OpenLedger | Book | VireBetweenUnits | Reconcile | CorrectEntry,
    ledgers: dict[str, LedgerState],
    *,
    year_closed: bool,
    context: Context,
) -> tuple[Decided, ...]:
    """The facts that a ledger command gives. Raises ``Rejected`` with every problem.

    ``ledgers`` holds the state of each ledger named; ``year_closed`` is the jurisdiction's.
    """
    if year_closed and not isinstance(command, OpenLedger):
        first = next(iter(ledgers))
        unit_year = unit_year_of(first)
        require([YEAR_CLOSED.at(year=unit_year.year if unit_year else first)])
    match command:
        case OpenLedger():
            return _open(command, ledgers[command.ledger])
        case Book():
            return _book(command, ledgers[command.ledger], context)
        case VireBetweenUnits():
            return _vire(command, ledgers, context)
        case Reconcile():
            return _reconcile(command, ledgers[command.ledger])
        case CorrectEntry():
            return _correct(command, ledgers)


def _open(command: OpenLedger, state: LedgerState) -> tuple[Decided, ...]:
    if state.opened is not None:
        require([ALREADY_OPEN.at(ledger=command.ledger)])
    unit_year = unit_year_of(command.ledger)
    if unit_year is None:  # the application checks ids before it loads streams
        msg = f"{command.ledger} is no ledger id"
        raise ValueError(msg)
    fact = LedgerOpened(
        unit=unit_year.unit,
        unit_name=command.unit_name,
        fiscal_year=unit_year.year,
        basis=command.basis,
    )
    return (Decided(command.ledger, fact),)


def _book(command: Book, state: LedgerState, context: Context) -> tuple[Decided, ...]:
    if state.opened is None:
        require([NOT_OPEN.at(ledger=command.ledger)])
    if not command.entries:
        require([NOTHING_TO_DO.at("entries")])
    problems: list[Problem] = []
    vouchers: dict[str, LedgerEntry] = {}
    refunds: dict[str, int] = {}
    for index, entry in enumerate(command.entries):
        place, fact = f"entries[{index}]", entry.fact
        problems += _entry_problems(fact, place)
        if context.live and isinstance(fact, Adjustment):
            problems += _paper_problems(fact, place)
        if isinstance(fact, FundsVired) and (fact.from_line is None or fact.to_line is None):
            problems.append(ONE_SIDED.at(place))
        if isinstance(fact, _Payment):
            if fact.voucher in state.payments or fact.voucher in vouchers:
                problems.append(VOUCHER_USED.at(f"{place}.voucher", voucher=fact.voucher))
            vouchers[fact.voucher] = fact
        elif isinstance(fact, ExpenditureReversed):
            paid = state.payment(fact.voucher) or vouchers.get(fact.voucher)
            problems += _reversal_problems(
                fact,
                paid if isinstance(paid, _Payment) else None,
                state.reversed_of(fact.voucher) + refunds.get(fact.voucher, 0),
                place,
            )
            refunds[fact.voucher] = refunds.get(fact.voucher, 0) + fact.amount
    require(problems)
    return tuple(
        Decided(command.ledger, entry.fact, entry.effective, entry.source)
        for entry in command.entries
    )


def _amounts(fact: LedgerEntry) -> Iterator[tuple[str, int]]:
    if isinstance(fact, InitialBudgetApproved | FundsCarriedIn):
        yield from ((f".lines[{n}].amount", part.amount) for n, part in enumerate(fact.lines))
    elif not isinstance(fact, PriorYearFiguresStated):
        yield ".amount", fact.amount


def _entry_problems(fact: LedgerEntry, place: str) -> list[Problem]:
    # An initial line of zero is printed often ("政府性基金 0"); a payment of zero is a mistake.
    least = 0 if isinstance(fact, InitialBudgetApproved | FundsCarriedIn) else 1
    return [
        NOT_POSITIVE.at(place + where, amount=wan(amount))
        for where, amount in _amounts(fact)
        if amount < least
    ]


def _paper_problems(fact: Adjustment | VireBetweenUnits, place: str) -> list[Problem]:
    problems = []
    if not fact.reason:
        problems.append(REASON_REQUIRED.at(f"{place}.reason".lstrip(".")))
    if not fact.document:
        problems.append(DOCUMENT_REQUIRED.at(f"{place}.document".lstrip(".")))
    return problems


def _reversal_problems(
    fact: ExpenditureReversed, paid: _Payment | None, refunded: int, place: str
) -> list[Problem]:
    if paid is None:
        return [VOUCHER_UNKNOWN.at(f"{place}.voucher", voucher=fact.voucher)]
    left = paid.amount - refunded
    if fact.amount > left:
        return [
            REVERSAL_EXCEEDS.at(
                f"{place}.amount", amount=wan(fact.amount), voucher=fact.voucher, left=wan(left)
            )
        ]
    return []


def _vire(
    command: VireBetweenUnits, ledgers: dict[str, LedgerState], context: Context
) -> tuple[Decided, ...]:
    problems: list[Problem] = []
    if command.from_ledger == command.to_ledger:
        problems.append(SAME_LEDGER.at("to_ledger", ledger=command.to_ledger))
    if command.amount < 1:
        problems.append(NOT_POSITIVE.at("amount", amount=wan(command.amount)))
    for place in ("from_ledger", "to_ledger"):
        ledger = getattr(command, place)
        if ledgers[ledger].opened is None:
            problems.append(NOT_OPEN.at(place, ledger=ledger))
        if command.transfer in ledgers[ledger].transfers:
            problems.append(TRANSFER_USED.at("transfer", transfer=command.transfer))
    if context.live:
        problems += _paper_problems(command, "")
    require(problems)

    def side(**lines: Any) -> FundsVired:
        return FundsVired(
            amount=command.amount,
            transfer=command.transfer,
            source=command.source,
            document=command.document,
            approved_by=command.approved_by,
            approved_on=command.approved_on,
            reason=command.reason,
            excluded=command.excluded,
            **lines,
        )

    leaving = side(from_line=command.from_line, counterpart=command.to_ledger)
    entering = side(to_line=command.to_line, counterpart=command.from_ledger)
    return (
        Decided(command.from_ledger, leaving, command.effective),
        Decided(command.to_ledger, entering, command.effective),
    )


def booked_total(state: LedgerState, project: str | None) -> ScopeTotal:
    """The booked sums of a scope, as a reconciliation must state them."""
    booked = sums(state, project)
    return ScopeTotal(
        project,
        initial=booked[Quantity.INITIAL_BUDGET],
        adjusted=booked[Quantity.ADJUSTED_BUDGET],
        outturn=booked[Quantity.OUTTURN],
    )


def _reconcile(command: Reconcile, state: LedgerState) -> tuple[Decided, ...]:
    if state.opened is None:
        require([NOT_OPEN.at(ledger=command.ledger)])
    if not command.totals:
        require([NOTHING_TO_DO.at("totals")])
    problems = []
    for index, stated in enumerate(command.totals):
        booked = booked_total(state, stated.project)
        problems += [
            SUMS_DIFFER.at(
                f"totals[{index}].{what}",
                what=what,
                stated=wan(getattr(stated, what)),
                booked=wan(getattr(booked, what)),
            )
            for what in ("initial", "adjusted", "outturn")
            if getattr(stated, what) != getattr(booked, what)
        ]
    require(problems)
    return (
        Decided(command.ledger, LedgerReconciled(through=command.through, totals=command.totals)),
    )


def _correct(command: CorrectEntry, ledgers: dict[str, LedgerState]) -> tuple[Decided, ...]:
    state = ledgers[command.stream]
    problems = correction_papers(command)
    problems += state.chains.problems(command.target, command.replacement)
    require(problems)
    chain = state.chains.find(command.target)
    old = chain.fact if chain else None
    new = _kept_transfer(old, command.replacement)
    if chain is not None and old is not None:
        if new is not None and isinstance(new, LedgerEntry):
            problems += _entry_problems(new, "replacement")
        if isinstance(old, _Payment):
            problems += _payment_correction_problems(state, chain, old, new)
        if isinstance(new, ExpenditureReversed):
            problems += _reversal_problems(
                new,
                state.payment(new.voucher),
                state.reversed_of(new.voucher, without=chain.origin),
                "replacement",
            )
    require(problems)
    fact = EntryCorrected(
        target=command.target, replacement=new, reason=command.reason, document=command.document
    )
    mine = Decided(command.stream, fact, command.effective)
    return (mine, *_other_side(command, ledgers, old, new))


def _kept_transfer(
    old: Fact | None, new: LedgerEntry | FormEntry | None
) -> LedgerEntry | FormEntry | None:
    """A replaced virement stays the same transfer between the same ledgers."""
    if isinstance(old, FundsVired) and isinstance(new, FundsVired):
        return structs.replace(new, transfer=old.transfer, counterpart=old.counterpart)
    return new


def correction_papers(command: CorrectEntry) -> list[Problem]:
    """A correction always needs a reason and a document."""
    problems = []
    if not command.reason:
        problems.append(REASON_REQUIRED.at("reason"))
    if not command.document.strip():
        problems.append(DOCUMENT_REQUIRED.at("document"))
    return problems


def _payment_correction_problems(
    state: LedgerState, chain: Chain, old: _Payment, new: Fact | None
) -> list[Problem]:
    refunded = state.reversed_of(old.voucher)
    if refunded and (
        not isinstance(new, _Payment) or new.voucher != old.voucher or new.amount < refunded
    ):
        return [HAS_REVERSAL.at("target", voucher=old.voucher)]
    if isinstance(new, _Payment) and state.payments.get(new.voucher, chain.origin) != chain.origin:
        return [VOUCHER_USED.at("replacement.voucher", voucher=new.voucher)]
    return []


def _other_side(
    command: CorrectEntry,
    ledgers: dict[str, LedgerState],
    old: Fact | None,
    new: Fact | None,
) -> tuple[Decided, ...]:
    """The same correction in the other unit's ledger: a virement is corrected on both sides."""
    if not isinstance(old, FundsVired) or old.counterpart is None or old.transfer is None:
        return ()
    other = ledgers[old.counterpart]
    chain = other.chains.live[other.transfers[old.transfer]]
    replacement = None
    if isinstance(new, FundsVired) and isinstance(chain.fact, FundsVired):
        replacement = structs.replace(
            new,
            from_line=chain.fact.from_line,
            to_line=chain.fact.to_line,
            counterpart=chain.fact.counterpart,
        )
    fact = EntryCorrected(
        target=chain.head,
        replacement=replacement,
        reason=command.reason,
        document=command.document,
    )
    return (Decided(old.counterpart, fact, command.effective),)
