"""台账: what may be booked, and what the bookings add up to."""

from datetime import date
from uuid import UUID

import pytest

from domain.commands import (
    Book,
    Booking,
    CloseYear,
    CorrectEntry,
    OpenLedger,
    Reconcile,
    ReopenYear,
    VireBetweenUnits,
)
from domain.facts.envelope import on
from domain.facts.ledger import (
    AdvanceRecognised,
    Basis,
    BudgetLine,
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
    PriorFigure,
    PriorYearFiguresStated,
    Purpose,
    ScopeTotal,
)
from domain.facts.others import EntryCorrected
from domain.ledger import sums
from domain.scoring.metrics import Quantity
from tests.support.scenario import (
    BOOKKEEPER,
    BUREAU,
    LEDGER,
    LOG,
    WAN,
    YEAR,
    Scenario,
)

OTHER = f"{LOG}/wjj/2024/ledger"


def booking(*facts: LedgerEntry) -> Book:
    return Book(ledger=LEDGER, entries=tuple(Booking(fact=fact) for fact in facts))


def payment(voucher: str, amount: int, line: Line | None = None) -> ExpenditureRecorded:
    return ExpenditureRecorded(amount=amount, voucher=voucher, line=line or Line())


def last_event(scenario: Scenario) -> UUID:
    return scenario.store.read(LOG, LEDGER)[-1].envelope.event_id


def test_a_ledger_is_opened_once() -> None:
    scenario = Scenario()
    command = OpenLedger(ledger=LEDGER, unit_name="某局", basis=Basis.LEDGER)

    assert scenario.facts(command) == [
        LedgerOpened(unit="xfj", unit_name="某局", fiscal_year=2024, basis=Basis.LEDGER)
    ]
    assert scenario.codes(command) == ["ledger.already-open"]


def test_a_ledger_that_is_not_open_takes_nothing() -> None:
    assert Scenario().codes(booking(payment("v1", 100))) == ["ledger.not-open"]


def test_a_malformed_id_is_refused_before_anything_is_read() -> None:
    command = OpenLedger(ledger="130104/xfj/24/ledger", unit_name="某局", basis=Basis.LEDGER)
    assert Scenario().codes(command) == ["id.malformed"]


def test_every_problem_of_a_batch_is_told_at_once_and_nothing_is_stored() -> None:
    scenario = Scenario().with_ledger()
    scenario.given(booking(payment("v1", 100)))

    problems = scenario.rejected(
        booking(
            payment("v1", 100),
            payment("v2", 0),
            BudgetSupplemented(amount=-5),
            ExpenditureReversed(amount=200, voucher="v1"),
            ExpenditureReversed(amount=1, voucher="v9"),
            FundsVired(amount=1, from_line=Line()),
        )
    )

    assert [(problem.code, problem.place) for problem in problems] == [
        ("ledger.voucher-used", "entries[0].voucher"),
        ("ledger.amount-not-positive", "entries[1].amount"),
        ("ledger.amount-not-positive", "entries[2].amount"),
        ("command.reason-required", "entries[2].reason"),
        ("command.document-required", "entries[2].document"),
        ("ledger.reversal-exceeds", "entries[3].amount"),
        ("ledger.voucher-unknown", "entries[4].voucher"),
        ("command.reason-required", "entries[5].reason"),
        ("command.document-required", "entries[5].document"),
        ("ledger.one-sided-virement", "entries[5]"),
    ]


def test_an_empty_batch_is_refused() -> None:
    assert Scenario().with_ledger().codes(booking()) == ["command.empty"]


def test_sums_follow_every_kind_of_entry() -> None:
    project = Line(kind=Kind.PROJECT, project="P1", purposes=(Purpose.KEY_PROJECT,))
    car = Line(kind=Kind.BASIC, purposes=(Purpose.VEHICLE_OPERATION, Purpose.OPERATING))
    scenario = Scenario().with_ledger()
    scenario.book(
        InitialBudgetApproved(lines=(BudgetLine(100 * WAN, project), BudgetLine(20 * WAN, car))),
        FundsCarriedIn(lines=(BudgetLine(5 * WAN, project),)),
        BudgetSupplemented(amount=10 * WAN, line=project),
        BudgetReduced(amount=3 * WAN, line=car, excluded=Exclusion.POLICY),
        FundsClawedBack(amount=2 * WAN, line=project),
        FundsVired(amount=4 * WAN, from_line=car, to_line=project),
        payment("v1", 50 * WAN, project),
        payment("v2", 6 * WAN, car),
        ExpenditureReversed(amount=1 * WAN, voucher="v2"),
        AdvanceRecognised(amount=7 * WAN, voucher="a1", line=project),
        PriorYearFiguresStated(figures=(PriorFigure("PRIOR_THREE_PUBLIC_BUDGET", 3 * WAN),)),
    )

    whole = sums(scenario.ledger())
    one = sums(scenario.ledger(), "P1")

    assert {name: amount // WAN for name, amount in whole.items() if amount} == {
        Quantity.INITIAL_BUDGET: 120,
        Quantity.CARRIED_IN: 5,
        Quantity.ADJUSTED_BUDGET: 130,
        Quantity.NET_ADJUSTMENT: 5,
        Quantity.GROSS_ADJUSTMENT: 19,
        Quantity.EXCLUDED_ADJUSTMENT: 3,
        Quantity.OUTTURN: 62,
        Quantity.BASIC_INITIAL: 20,
        Quantity.PROJECT_INITIAL: 100,
        Quantity.BASIC_OUTTURN: 5,
        Quantity.PROJECT_OUTTURN: 57,
        Quantity.PROJECT_ADJUSTED: 117,
        Quantity.KEY_PROJECT_OUTTURN: 57,
        Quantity.KEY_PROJECT_BUDGET: 100,
        Quantity.THREE_PUBLIC_BUDGET: 13,
        Quantity.THREE_PUBLIC_OUTTURN: 5,
        Quantity.OPERATING_BUDGET: 13,
        Quantity.OPERATING_OUTTURN: 5,
        Quantity.PRIOR_THREE_PUBLIC_BUDGET: 3,
    }
    assert {
        name: one[name] // WAN
        for name in (Quantity.INITIAL_BUDGET, Quantity.ADJUSTED_BUDGET, Quantity.OUTTURN)
    } == {
        Quantity.INITIAL_BUDGET: 100,
        Quantity.ADJUSTED_BUDGET: 117,
        Quantity.OUTTURN: 57,
    }


def test_only_entries_with_a_known_day_up_to_then_are_effective_then() -> None:
    scenario = Scenario().with_ledger()
    scenario.book(payment("v1", 1 * WAN), effective=on(date(2024, 6, 1)))
    scenario.book(payment("v2", 2 * WAN), effective=on(date(2024, 12, 28)))
    scenario.book(payment("v3", 4 * WAN))

    assert sums(scenario.ledger(), None, date(2024, 6, 30))[Quantity.OUTTURN] == 1 * WAN
    assert sums(scenario.ledger(), None, date(2024, 12, 31))[Quantity.OUTTURN] == 3 * WAN
    assert sums(scenario.ledger())[Quantity.OUTTURN] == 7 * WAN


# ------------------------------------------------------------------------------- corrections


def test_story_3_a_correction_replaces_the_amount_and_keeps_the_chain() -> None:
    scenario = Scenario().with_ledger().with_initial(100)
    scenario.book(BudgetSupplemented(amount=110 * WAN, document="财预〔2024〕1号"))
    first = last_event(scenario)
    correction = CorrectEntry(
        stream=LEDGER,
        target=first,
        replacement=BudgetSupplemented(amount=101 * WAN, document="财预〔2024〕1号"),
        reason="录入有误",
        document="财函〔2024〕7号",
    )

    facts = scenario.facts(correction)

    assert isinstance(facts[0], EntryCorrected)
    assert facts[0].target == first
    assert sums(scenario.ledger())[Quantity.ADJUSTED_BUDGET] == 201 * WAN
    chain = scenario.ledger().chains.find(first)
    assert chain is not None
    assert chain.links == [first, last_event(scenario)]
    assert scenario.codes(correction) == ["correction.chain-moved"]


def test_a_correction_needs_reason_and_document() -> None:
    scenario = Scenario().with_ledger()
    scenario.book(payment("v1", 100))
    command = CorrectEntry(
        stream=LEDGER, target=last_event(scenario), replacement=None, reason=" ", document=""
    )
    assert scenario.codes(command) == ["command.reason-required", "command.document-required"]


@pytest.mark.parametrize(
    ("replacement", "code"),
    [
        (BudgetSupplemented(amount=1), "correction.other-kind"),
        (ExpenditureRecorded(amount=0, voucher="v1"), "ledger.amount-not-positive"),
        (ExpenditureRecorded(amount=1, voucher="v2"), "ledger.voucher-used"),
    ],
)
def test_a_replacement_is_held_to_the_rules_of_its_kind(
    replacement: LedgerEntry, code: str
) -> None:
    scenario = Scenario().with_ledger()
    scenario.book(payment("v2", 200))
    scenario.book(payment("v1", 100))
    command = CorrectEntry(
        stream=LEDGER,
        target=last_event(scenario),
        replacement=replacement,
        reason="录入有误",
        document="x",
    )
    assert scenario.codes(command) == [code]


def test_a_voided_payment_frees_its_voucher_and_cannot_be_corrected_again() -> None:
    scenario = Scenario().with_ledger()
    scenario.book(payment("v1", 100))
    command = CorrectEntry(
        stream=LEDGER,
        target=last_event(scenario),
        replacement=None,
        reason="重复录入",
        document="x",
    )
    scenario.given(command)

    assert sums(scenario.ledger())[Quantity.OUTTURN] == 0
    assert scenario.codes(command) == ["correction.void"]
    scenario.book(payment("v1", 70))
    assert sums(scenario.ledger())[Quantity.OUTTURN] == 70


def test_a_payment_with_a_live_reversal_is_neither_voided_nor_made_smaller_than_it() -> None:
    scenario = Scenario().with_ledger()
    scenario.book(payment("v1", 100))
    paid = last_event(scenario)
    scenario.book(ExpenditureReversed(amount=60, voucher="v1"))

    def correct(replacement: LedgerEntry | None) -> CorrectEntry:
        return CorrectEntry(
            stream=LEDGER, target=paid, replacement=replacement, reason="改", document="x"
        )

    assert scenario.codes(correct(None)) == ["ledger.entry-has-reversal"]
    assert scenario.codes(correct(payment("v1", 59))) == ["ledger.entry-has-reversal"]
    assert scenario.codes(correct(payment("v7", 100))) == ["ledger.entry-has-reversal"]
    scenario.given(correct(payment("v1", 60)))
    assert sums(scenario.ledger())[Quantity.OUTTURN] == 0


# ------------------------------------------------------------------- virements between units


def virement(amount: int = 5 * WAN) -> VireBetweenUnits:
    return VireBetweenUnits(
        transfer="T1",
        from_ledger=LEDGER,
        to_ledger=OTHER,
        amount=amount,
        reason="职能划转",
        document="财预〔2024〕9号",
    )


def test_a_virement_between_units_touches_both_ledgers_or_none() -> None:
    scenario = Scenario().with_ledger()
    assert scenario.codes(virement(), BOOKKEEPER) == ["ledger.not-open"]
    scenario.with_ledger(ledger_id=OTHER)

    receipt = scenario.given(virement(), BOOKKEEPER)

    assert [fact.stream_id for fact in receipt.facts] == [LEDGER, OTHER]
    assert sums(scenario.ledger())[Quantity.NET_ADJUSTMENT] == -5 * WAN
    assert sums(scenario.ledger(OTHER))[Quantity.NET_ADJUSTMENT] == 5 * WAN
    assert scenario.codes(virement(), BOOKKEEPER) == [
        "ledger.transfer-used",
        "ledger.transfer-used",
    ]


def test_a_virement_between_units_is_corrected_on_both_sides() -> None:
    scenario = Scenario().with_ledger().with_ledger(ledger_id=OTHER)
    scenario.given(virement(), BOOKKEEPER)

    scenario.given(
        CorrectEntry(
            stream=LEDGER,
            target=last_event(scenario),
            replacement=FundsVired(
                amount=4 * WAN, from_line=Line(), reason="职能划转", document="财预〔2024〕9号"
            ),
            reason="录入有误",
            document="x",
        ),
        BOOKKEEPER,
    )

    assert sums(scenario.ledger())[Quantity.NET_ADJUSTMENT] == -4 * WAN
    assert sums(scenario.ledger(OTHER))[Quantity.NET_ADJUSTMENT] == 4 * WAN


@pytest.mark.parametrize(
    ("replacement", "codes"),
    [
        (
            FundsVired(amount=7 * WAN, to_line=Line(), reason="r", document="d"),
            ["ledger.other-sides"],
        ),
        (
            FundsVired(amount=7 * WAN, from_line=Line()),
            ["command.reason-required", "command.document-required"],
        ),
    ],
)
def test_a_corrected_virement_keeps_its_direction_and_its_papers(
    replacement: FundsVired, codes: list[str]
) -> None:
    scenario = Scenario().with_ledger().with_ledger(ledger_id=OTHER)
    scenario.given(virement(), BOOKKEEPER)
    command = CorrectEntry(
        stream=LEDGER,
        target=last_event(scenario),
        replacement=replacement,
        reason="录入有误",
        document="x",
    )
    assert scenario.codes(command, BOOKKEEPER) == codes


def test_a_booked_virement_cannot_pretend_to_be_a_transfer() -> None:
    forged = FundsVired(
        amount=1,
        from_line=Line(),
        to_line=Line(),
        transfer="T9",
        counterpart=OTHER,
        reason="r",
        document="d",
    )
    assert Scenario().with_ledger().codes(booking(forged)) == ["ledger.one-sided-virement"]


def test_a_virement_stays_inside_one_year() -> None:
    earlier = f"{LOG}/xfj/2023/ledger"
    scenario = Scenario().with_ledger().with_ledger(ledger_id=earlier)
    command = VireBetweenUnits(
        transfer="T1",
        from_ledger=LEDGER,
        to_ledger=earlier,
        amount=1,
        reason="r",
        document="d",
    )
    assert scenario.codes(command, BOOKKEEPER) == ["ledger.other-years"]


def test_nothing_classified_is_not_nothing_to_measure() -> None:
    scenario = Scenario().with_ledger().with_initial(100)
    assert Quantity.PROCUREMENT_BUDGET not in sums(scenario.ledger())


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (payment("v1", 10**19), ("figure.out-of-range", "entries[0].amount")),
        (payment("  ", 100), ("figure.blank", "entries[0].voucher")),
        (
            PriorYearFiguresStated(figures=(PriorFigure("OUTTURN", 99),)),
            ("figure.not-prior-year", "entries[0].figures[0].quantity"),
        ),
    ],
)
def test_what_cannot_be_kept_is_refused(entry: LedgerEntry, problem: tuple[str, str]) -> None:
    problems = Scenario().with_ledger().rejected(booking(entry))
    assert [(one.code, one.place) for one in problems] == [problem]


def test_reconciling_the_unit_leaves_its_projects_as_they_were() -> None:
    scenario = Scenario().with_ledger(Basis.DECLARED).with_initial(100)
    total = ScopeTotal(None, initial=100 * WAN, adjusted=100 * WAN, outturn=0)
    scenario.given(Reconcile(ledger=LEDGER, through=date(2024, 12, 31), totals=(total,)))
    assert scenario.ledger().basis() is Basis.LEDGER
    assert scenario.ledger().basis("P1") is Basis.DECLARED


@pytest.mark.parametrize("year", ["nonsense", f"{LOG}/xfj/2024/department", f"{LOG}/24"])
def test_a_year_is_closed_only_in_its_own_stream(year: str) -> None:
    assert Scenario().with_form().codes(CloseYear(year=year), BUREAU) == ["id.malformed"]


# ---------------------------------------------------------------- reconciled, closed, reopened


def test_a_reconciliation_is_refused_unless_the_books_say_the_same() -> None:
    scenario = Scenario().with_ledger(Basis.DECLARED).with_initial(100)
    scenario.book(payment("v1", 40 * WAN))

    def reconcile(outturn: int) -> Reconcile:
        total = ScopeTotal(None, initial=100 * WAN, adjusted=100 * WAN, outturn=outturn)
        return Reconcile(ledger=LEDGER, through=date(2024, 12, 31), totals=(total,))

    problems = scenario.rejected(reconcile(41 * WAN))
    assert [(problem.code, problem.place) for problem in problems] == [
        ("ledger.sums-differ", "totals[0].outturn")
    ]
    assert scenario.ledger().basis() is Basis.DECLARED

    (fact,) = scenario.facts(reconcile(40 * WAN))
    assert isinstance(fact, LedgerReconciled)
    assert scenario.ledger().basis() is Basis.LEDGER


def test_a_closed_year_takes_entries_only_after_it_was_reopened() -> None:
    scenario = Scenario().with_ledger()
    scenario.given(CloseYear(year=YEAR), BUREAU)

    assert scenario.codes(booking(payment("v1", 100))) == ["ledger.year-closed"]
    assert scenario.codes(ReopenYear(year=YEAR, reason="", document=""), BUREAU) == [
        "command.reason-required",
        "command.document-required",
    ]
    scenario.given(ReopenYear(year=YEAR, reason="补记", document="财函〔2025〕1号"), BUREAU)
    scenario.given(booking(payment("v1", 100)))
    assert sums(scenario.ledger())[Quantity.OUTTURN] == 100
