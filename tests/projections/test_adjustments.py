"""Adjustments across units: filters, groups, running balances, transfers counted once."""

from datetime import date

import pytest

from domain.commands import CorrectEntry, VireBetweenUnits
from domain.facts.envelope import UNKNOWN, on
from domain.facts.ledger import (
    Basis,
    BudgetLine,
    BudgetReduced,
    BudgetSupplemented,
    Exclusion,
    FundsCarriedIn,
    FundsClawedBack,
    FundSource,
    FundsVired,
    InitialBudgetApproved,
    Line,
)
from projections.adjustments import (
    AdjustmentFilter,
    AdjustmentKind,
    Direction,
    GroupBy,
    adjustments_as_of,
    money_of_units,
)
from tests.projections.stage import Stage, event_of
from tests.support.scenario import BOOKKEEPER, LEDGER, LOG, WAN

OTHER = f"{LOG}/jyj/2024/ledger"
P1, P2 = Line(project="P1"), Line(project="P2")
SPRING, AUTUMN = on(date(2024, 4, 1)), on(date(2024, 10, 31))


def year(stage: Stage) -> Stage:
    for ledger, initial in ((LEDGER, 100), (OTHER, 50)):
        stage.with_ledger(Basis.LEDGER, ledger)
        stage.book(
            InitialBudgetApproved(lines=(BudgetLine(initial * WAN, P1), BudgetLine(0, P2))),
            ledger_id=ledger,
        )
    stage.book(FundsCarriedIn(lines=(BudgetLine(10 * WAN, P1),)))
    stage.book(
        BudgetSupplemented(
            amount=20 * WAN,
            line=P1,
            source=FundSource.EARMARKED_TRANSFER,
            document="冀财〔2024〕1号",
            excluded=Exclusion.SUPERIOR_ASSIGNMENT,
        ),
        effective=SPRING,
    )
    stage.book(BudgetReduced(amount=5 * WAN, line=P1, document="减_1%"), effective=AUTUMN)
    stage.book(
        FundsVired(amount=7 * WAN, from_line=P1, to_line=P2, document="调"), effective=AUTUMN
    )
    stage.book(FundsClawedBack(amount=3 * WAN, line=P2), effective=UNKNOWN)
    stage.given(
        VireBetweenUnits(
            transfer="T1",
            from_ledger=LEDGER,
            to_ledger=OTHER,
            amount=4 * WAN,
            from_line=P1,
            to_line=P1,
            reason="调剂",
            document="调2",
            effective=AUTUMN,
        ),
        BOOKKEEPER,
    )
    gone = stage.book(BudgetSupplemented(amount=1 * WAN, line=P1, document="错"), effective=AUTUMN)
    stage.given(
        CorrectEntry(
            stream=LEDGER,
            target=event_of(gone, stage),
            replacement=None,
            reason="重复",
            document="更正1",
        ),
        BOOKKEEPER,
    )
    stage.paid("60", "v1")
    return stage


def test_balances_run_through_the_year(stage: Stage) -> None:
    entries = year(stage).adjustments(AdjustmentFilter(ledger=LEDGER))
    assert [
        (one.row.kind, one.row.direction, one.amount, one.increased, one.decreased, one.balance)
        for one in entries
    ] == [
        (AdjustmentKind.SUPPLEMENTED, Direction.IN, "20", "20", "0", "130"),
        (AdjustmentKind.REDUCED, Direction.OUT, "-5", "20", "5", "125"),
        (AdjustmentKind.VIRED, Direction.WITHIN, "0", "20", "5", "125"),
        (AdjustmentKind.CLAWED_BACK, Direction.OUT, "-3", "20", "8", "122"),
        (AdjustmentKind.VIRED, Direction.OUT, "-4", "20", "12", "118"),
    ]
    assert {(one.initial, one.carried_in) for one in entries} == {("100", "10")}
    assert entries == adjustments_as_of(stage.store, LOG, LEDGER)


def test_balances_of_a_project_count_what_moves_inside_the_unit(stage: Stage) -> None:
    entries = year(stage).adjustments(AdjustmentFilter(ledger=LEDGER, project="P2"))
    assert [(one.amount, one.balance) for one in entries] == [("7", "7"), ("-3", "4")]


@pytest.mark.parametrize(
    ("where", "grosses"),
    [
        (AdjustmentFilter(unit="jyj"), ["4"]),
        (AdjustmentFilter(log_id="nowhere"), []),
        (AdjustmentFilter(fiscal_year=2024, kind=AdjustmentKind.VIRED), ["4", "7", "4"]),
        (AdjustmentFilter(source=FundSource.EARMARKED_TRANSFER), ["20"]),
        (AdjustmentFilter(month="2024-04"), ["20"]),
        (AdjustmentFilter(month="unknown"), ["3"]),
        (AdjustmentFilter(document="减_1%"), ["5"]),
        (AdjustmentFilter(document="减x1x"), []),
        (AdjustmentFilter(document="更正1", with_voided=True), ["0"]),
        (AdjustmentFilter(least_fen=5 * WAN, most_fen=7 * WAN), ["5", "7"]),
        (AdjustmentFilter(direction=Direction.WITHIN), ["7"]),
        (AdjustmentFilter(excluded=True), ["20"]),
        (AdjustmentFilter(excluded=False, unit="xfj"), ["5", "7", "3", "4"]),
    ],
)
def test_filters_choose_rows_and_leave_balances_alone(
    stage: Stage, where: AdjustmentFilter, grosses: list[str]
) -> None:
    everything = {one.row.origin: one for one in year(stage).adjustments()}
    chosen = stage.adjustments(where)
    assert [one.gross for one in chosen] == grosses
    for one in chosen:
        assert one.row.voided or one == everything[one.row.origin]


def test_a_voided_adjustment_keeps_its_chain_and_counts_nothing(stage: Stage) -> None:
    [one] = year(stage).adjustments(AdjustmentFilter(document="错", with_voided=True))
    assert (one.row.voided, one.amount, one.gross, one.chain) == (True, "0", "0", ("1", None))
    assert [(link.document, link.fen) for link in one.row.links] == [
        ("错", WAN),
        ("更正1", None),
    ]


def test_a_transfer_between_units_counts_once_in_the_whole_and_once_in_each(stage: Stage) -> None:
    year(stage)
    [whole] = stage.groups()
    assert (whole.count, whole.gross, whole.net, whole.excluded, whole.initial, whole.rate) == (
        6,
        "39",
        "12",
        "20",
        "150",
        "12.67",
    )
    assert [
        (one.key, one.gross, one.net, one.initial, one.rate) for one in stage.groups(GroupBy.UNIT)
    ] == [
        ((OTHER,), "4", "4", "50", "8"),
        ((LEDGER,), "39", "8", "100", "19"),
    ]


def test_groups_by_month_source_and_kind(stage: Stage) -> None:
    year(stage)
    assert [(one.key, one.count, one.gross) for one in stage.groups(GroupBy.MONTH)] == [
        (("2024-04",), 1, "20"),
        (("2024-10",), 4, "16"),
        ((None,), 1, "3"),
    ]
    assert [
        (one.key, one.gross, one.rate)
        for one in stage.groups(
            GroupBy.SOURCE, GroupBy.KIND, where=AdjustmentFilter(unit="xfj", excluded=False)
        )
    ] == [
        ((None, "clawed-back"), "3", "3"),
        ((None, "reduced"), "5", "5"),
        ((None, "vired"), "11", "11"),
    ]


def test_a_question_about_nothing_has_no_groups(stage: Stage) -> None:
    assert stage.groups() == []
    assert stage.groups(GroupBy.MONTH) == []


def test_the_money_of_each_unit(stage: Stage) -> None:
    year(stage)
    stage.runner.catch_up()
    with stage.database.read() as connection:
        other, own = money_of_units(connection, AdjustmentFilter(fiscal_year=2024))
    assert (own.unit, own.initial, own.carried_in, own.increased, own.decreased) == (
        "xfj",
        "100",
        "10",
        "20",
        "12",
    )
    assert (own.adjusted, own.outturn, own.basis) == ("118", "60", Basis.LEDGER)
    assert (other.unit, other.adjusted) == ("jyj", "54")
