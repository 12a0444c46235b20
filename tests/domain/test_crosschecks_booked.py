"""Declared figures beside booked adjustments: what the ledger holds is named, never denied."""

import pytest

from domain.crosschecks.findings import FindingClass
from domain.facts.ledger import Basis, BudgetLine, BudgetReduced, InitialBudgetApproved, Kind, Line
from domain.scoring.indicators import Operator
from tests.domain.builders import (
    WAN,
    Told,
    actual,
    clawback,
    figures,
    number,
    paid,
    project,
    row,
    rows,
    stated_rate,
    supplement,
    told,
)

CONTRADICTION, UNSUPPORTED, NOTICE = FindingClass


# ---------------------------------------------------------------------------- over-execution


def overspent(*booked: object, **more: str) -> Told:
    given = Told().booked(*booked)  # type: ignore[arg-type]
    return given.form(figures(ADJUSTED_BUDGET="20.00", OUTTURN="21.97", **more))


def test_a_booked_supplement_of_what_was_overspent_is_named() -> None:
    given = overspent(supplement("1.97", "某财〔2023〕9号"), INITIAL_BUDGET="20.00")
    found = given.only("over-execution")
    assert found.class_ is CONTRADICTION
    assert found.recomputed.zh == (
        "超支 1.97 万元，执行率 109.85%，已登记追加 1.97 万元（某财〔2023〕9号），"
        "填报的全年预算数没有包含，加上后与执行数相符"
    )
    assert "which the declared full-year figure leaves out" in found.recomputed.en
    assert next(given.ledger_state().entries()).head in found.facts
    # The same adjustment is not told a second time.
    assert given.found("adjustment-sum") == []


def test_it_is_named_where_no_initial_budget_is_declared() -> None:
    found = overspent(supplement("1.97", "9号")).only("over-execution")
    assert found.class_ is CONTRADICTION


def test_several_supplements_bear_it_together() -> None:
    given = overspent(supplement("5", "1号"), supplement("1", "2号"), supplement("0.97", "3号"))
    found = given.only("over-execution")
    assert "追加 1 万元（2号）、追加 0.97 万元（3号）" in found.recomputed.zh
    assert "1号" not in found.recomputed.zh


def test_a_supplement_larger_than_what_was_overspent_covers_it() -> None:
    found = overspent(supplement("5", "1号"), INITIAL_BUDGET="20.00").only("over-execution")
    assert found.class_ is CONTRADICTION
    assert found.recomputed.zh.endswith("没有包含，加上后为 25.00 万元")


def test_without_a_document_it_stays_unsupported() -> None:
    found = overspent(supplement("1.97"), INITIAL_BUDGET="20.00").only("over-execution")
    assert found.class_ is UNSUPPORTED
    assert "追加 1.97 万元（无文号）" in found.recomputed.zh


def test_a_supplement_that_the_declared_figure_contains_bears_nothing_more() -> None:
    given = overspent(supplement("1.97", "9号"), INITIAL_BUDGET="18.03")
    found = given.only("over-execution")
    assert found.class_ is UNSUPPORTED
    assert found.recomputed.zh == (
        "超支 1.97 万元，执行率 109.85%，没有对应的追加（登记的 1 笔调整净额 +1.97 万元，"
        "已在全年预算数内）"
    )
    assert not [code for code in given.codes() if code.startswith("adjustment")]


def test_another_amount_bears_nothing_and_is_told() -> None:
    found = overspent(supplement("0.50", "9号")).only("over-execution")
    assert found.class_ is UNSUPPORTED
    assert found.recomputed.zh.endswith("没有对应的追加（登记的 1 笔调整净额 +0.5 万元）")


def test_a_booked_budget_contains_every_supplement() -> None:
    given = Told(Basis.LEDGER).booked(
        InitialBudgetApproved(lines=(BudgetLine(18 * WAN),)),
        supplement("2", "9号"),
        paid("22", "1"),
    )
    found = given.form().only("over-execution")
    assert (found.class_, found.recomputed.zh) == (
        UNSUPPORTED,
        "超支 2 万元，执行率 110%，没有对应的追加",
    )


def test_a_supplement_for_basic_expenditure_bears_no_project_expenditure() -> None:
    def given(kind: Kind | None) -> Told:
        held = Told().booked(supplement("3", "9号", Line(kind=kind)))
        return held.form(figures(PROJECT_ADJUSTED="10", PROJECT_OUTTURN="13"))

    assert given(Kind.BASIC).only("over-execution").class_ is UNSUPPORTED
    assert given(Kind.PROJECT).only("over-execution").class_ is CONTRADICTION
    assert given(None).only("over-execution").class_ is CONTRADICTION


def test_a_supplement_of_another_project_bears_nothing() -> None:
    given = Told().booked(supplement("1.97", "9号", Line(project="b")))
    given.form(figures(ADJUSTED_BUDGET="20.00", OUTTURN="21.97"), form_id=project("a"))
    assert given.only("over-execution", project("a")).class_ is UNSUPPORTED


def test_the_finding_is_another_once_the_supplement_is_booked() -> None:
    assert (
        overspent().only("over-execution").id
        != overspent(supplement("1.97", "9号")).only("over-execution").id
    )


# ------------------------------------------------------------------------------- adjustments


def test_an_adjustment_that_the_declared_budget_does_not_show() -> None:
    given = Told().booked(supplement("10", "9号"))
    given.form(figures(INITIAL_BUDGET="100", ADJUSTED_BUDGET="100", OUTTURN="90"))
    found = given.only("adjustment-sum")
    assert found.class_ is CONTRADICTION
    assert found.recomputed.zh == ("净调整 0 万元（0%），登记的 1 笔合计 +10 万元，相差 −10 万元")


def test_an_outturn_below_the_booked_budget_implies_nothing() -> None:
    def spent(outturn: str) -> Told:
        given = Told().booked(supplement("10", "9号"))
        return given.form(figures(INITIAL_BUDGET="100", OUTTURN=outturn))

    assert spent("105").found("adjustment-sum") == []
    assert spent("90").found("adjustment-sum") == []
    assert spent("115").only("adjustment-sum").class_ is UNSUPPORTED


def test_a_full_year_figure_before_the_clawback_is_worth_a_look() -> None:
    given = Told().booked(clawback("20", "9号"))
    given.form(figures(INITIAL_BUDGET="100", ADJUSTED_BUDGET="100", OUTTURN="80"))
    found = given.only("adjustment-sum")
    assert found.class_ is NOTICE
    assert found.recomputed.zh.endswith("相差 +20 万元，即登记的收回")
    reduced = Told().booked(BudgetReduced(amount=20 * WAN, document="9号"))
    reduced.form(figures(INITIAL_BUDGET="100", ADJUSTED_BUDGET="100"))
    assert reduced.only("adjustment-sum").class_ is CONTRADICTION


def test_what_is_booked_is_told_beside_projects_over_their_budgets() -> None:
    given = Told().booked(supplement("2", "9号", Line(project="a")))
    given.form(figures(PROJECT_OUTTURN="12"))
    given.form(figures(ADJUSTED_BUDGET="10", OUTTURN="12"), form_id=project("a"))
    assert given.only("projects-over-budget").recomputed.zh.endswith("登记的有追加 2 万元（9号）")


# -------------------------------------------------------------------------------- carry-over


CARRY_OVER = row(
    name="结转结余率",
    points="1",
    rule="超标递减",
    operator=Operator.LE,
    target=number("20"),
    metric=("CARRY_OVER_RATE", "ADJUSTED"),
)


def test_a_carry_over_of_a_budget_that_was_spent_to_the_end() -> None:
    money = figures(ADJUSTED_BUDGET="200", OUTTURN="200", CARRY_OVER="10")
    balance, rate = told(money, stated_rate("CARRY_OVER_RATE", "5")).found("carry-over")[::-1]
    assert {balance.class_, rate.class_} == {CONTRADICTION}
    assert balance.claim.zh == "结转结余 10 万元（第1处）"
    assert rate.claim.zh == "结转结余率 5%（正文）"
    assert rate.recomputed.zh == "全年预算数 200 − 全年执行数 200 = 0 万元，没有结转结余"


def test_a_line_with_a_carry_over_rate_of_an_overspent_budget() -> None:
    money = figures(ADJUSTED_BUDGET="200", OUTTURN="210")
    found = told(money, rows(CARRY_OVER), actual("5")).only("carry-over")
    assert (found.line, found.recomputed.zh) == (
        "1",
        "全年预算数 200 − 全年执行数 210 = −10 万元，没有结转结余",
    )


@pytest.mark.parametrize("outturn", ["200", "210", "200.4"])
def test_nothing_carried_over_where_nothing_is_left(outturn: str) -> None:
    money = figures(ADJUSTED_BUDGET="200", OUTTURN=outturn, CARRY_OVER="0")
    given = told(money, stated_rate("CARRY_OVER_RATE", "0"))
    assert given.found("carry-over") == []


def with_clawback(carry_over: str, **more: str) -> Told:
    given = Told().booked(clawback("15", "某财〔2024〕30号"))
    return given.form(
        figures(ADJUSTED_BUDGET="100", OUTTURN="80", **more),
        stated_rate("CARRY_OVER_RATE", carry_over),
    )


def test_a_booked_clawback_is_named() -> None:
    found = with_clawback("0").only("carry-over")
    assert found.recomputed.zh == (
        "全年预算数 100 − 全年执行数 80 = 20 万元未支出，占 20%；"
        "另登记收回 15 万元（某财〔2024〕30号），减去后余 5 万元"
    )
    assert "no clawback" not in found.recomputed.en
    assert found.values[-1] == "-15000000 某财〔2024〕30号"


@pytest.mark.parametrize("stated", ["20", "5", "5.88"])
def test_before_or_after_a_clawback_that_may_be_contained(stated: str) -> None:
    assert with_clawback(stated).found("carry-over") == []


def test_a_clawback_that_the_full_year_figure_contains_is_not_taken_off_twice() -> None:
    found = with_clawback("5", INITIAL_BUDGET="115").only("carry-over")
    assert found.recomputed.zh.endswith("登记的收回 15 万元（某财〔2024〕30号）已在全年预算数内")
    assert with_clawback("20", INITIAL_BUDGET="115").found("carry-over") == []


def test_a_carry_over_rate_against_the_stated_balance_where_no_outturn_is_stated() -> None:
    def stated(rate: str) -> Told:
        return told(
            figures(ADJUSTED_BUDGET="100", CARRY_OVER="20"), stated_rate("CARRY_OVER_RATE", rate)
        )

    assert stated("5").only("carry-over").recomputed.zh == "结转结余 20 ÷ 全年预算数 100 = 20%"
    assert stated("20").found("carry-over") == []
