"""What may be booked, vired, reconciled and corrected."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import structs

from domain.commands import Book, CorrectEntry, OpenLedger, Reconcile, VireBetweenUnits
from domain.decisions import (
    DOCUMENT_REQUIRED,
    NOTHING_TO_DO,
    REASON_REQUIRED,
    Chain,
    Decided,
    require,
)
from domain.facts import Fact
from domain.facts.envelope import Context
from domain.facts.form import FormEntry
from domain.facts.ledger import (
    Adjustment,
    ExpenditureReversed,
    FundsCarriedIn,
    FundsVired,
    InitialBudgetApproved,
    LedgerEntry,
    LedgerOpened,
    LedgerReconciled,
    PriorYearFiguresStated,
    ScopeTotal,
)
from domain.facts.others import EntryCorrected
from domain.ids import unit_year_of
from domain.ledger.problems import (
    ALREADY_OPEN,
    HAS_REVERSAL,
    NOT_OPEN,
    NOT_POSITIVE,
    ONE_SIDED,
    OTHER_SIDES,
    OTHER_YEARS,
    REVERSAL_EXCEEDS,
    SAME_LEDGER,
    SUMS_DIFFER,
    TRANSFER_USED,
    VOUCHER_UNKNOWN,
    VOUCHER_USED,
    YEAR_CLOSED,
)
from domain.ledger.state import LedgerState, Payment
from domain.ledger.sums import sums
from domain.problems import Problem
from domain.scoring.metrics import Quantity
from domain.values import wan


def decide(
    command: OpenLedger | Book | VireBetweenUnits | Reconcile | CorrectEntry,
    ledgers: dict[str, LedgerState],
    *,
    closed_years: Sequence[str],
    context: Context,
) -> tuple[Decided, ...]:
    """The facts that a ledger command gives. Raises ``Rejected`` with every problem.

    ``ledgers`` holds the state of each ledger named; ``closed_years`` are the jurisdiction-years
    of theirs that are closed.
    """
    require([YEAR_CLOSED.at(year=stream) for stream in closed_years])
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
            return _correct(command, ledgers, context)


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
        if isinstance(fact, FundsVired) and (
            _sides(fact) != (True, True)
            or fact.transfer is not None
            or fact.counterpart is not None
        ):
            problems.append(ONE_SIDED.at(place))
        if isinstance(fact, Payment):
            if fact.voucher in state.payments or fact.voucher in vouchers:
                problems.append(VOUCHER_USED.at(f"{place}.voucher", voucher=fact.voucher))
            vouchers[fact.voucher] = fact
        elif isinstance(fact, ExpenditureReversed):
            paid = state.payment(fact.voucher) or vouchers.get(fact.voucher)
            problems += _reversal_problems(
                fact,
                paid if isinstance(paid, Payment) else None,
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
    fact: ExpenditureReversed, paid: Payment | None, refunded: int, place: str
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
    years = {unit_year.year for unit_year in map(unit_year_of, ledgers) if unit_year}
    if len(years) > 1:
        problems.append(OTHER_YEARS.at("to_ledger"))
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


def _correct(
    command: CorrectEntry, ledgers: dict[str, LedgerState], context: Context
) -> tuple[Decided, ...]:
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
        if context.live and isinstance(old, Adjustment) and isinstance(new, Adjustment):
            problems += _stripped(old, new)
        if (
            isinstance(old, FundsVired)
            and isinstance(new, FundsVired)
            and _sides(old) != _sides(new)
        ):
            problems.append(OTHER_SIDES.at("replacement"))
        if isinstance(old, Payment):
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


def _stripped(old: Adjustment, new: Adjustment) -> list[Problem]:
    """A correction keeps the papers of what it corrects; other ones may take their place."""
    had = {problem.place for problem in _paper_problems(old, "replacement")}
    return [p for p in _paper_problems(new, "replacement") if p.place not in had]


def _sides(fact: FundsVired) -> tuple[bool, bool]:
    return fact.from_line is not None, fact.to_line is not None


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
    state: LedgerState, chain: Chain, old: Payment, new: Fact | None
) -> list[Problem]:
    refunded = state.reversed_of(old.voucher)
    if refunded and (
        not isinstance(new, Payment) or new.voucher != old.voucher or new.amount < refunded
    ):
        return [HAS_REVERSAL.at("target", voucher=old.voucher)]
    if isinstance(new, Payment) and state.payments.get(new.voucher, chain) is not chain:
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
    chain = other.transfers[old.transfer]
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
