"""Figures, parts, rates and balances: what is found, and what passes."""

import pytest

from domain.crosschecks.findings import FindingClass
from domain.facts.form import BreakdownBy
from domain.facts.ledger import (
    Basis,
    BudgetLine,
    InitialBudgetApproved,
)
from domain.scoring.indicators import Operator
from domain.values import Rounding, RoundingMode
from tests.domain.builders import (
    WAN,
    Told,
    actual,
    figures,
    number,
    parts_of,
    row,
    rows,
    rules_with,
    stated_rate,
    task,
    told,
)

CONTRADICTION, UNSUPPORTED, NOTICE = FindingClass


# ------------------------------------------------------------------------------ stated twice


def test_one_figure_stated_twice() -> None:
    found = told(figures(INITIAL_BUDGET="357.65", ADJUSTED_BUDGET=("378.1", "357.65"))).only(
        "figure-stated-twice"
    )
    assert found.class_ is CONTRADICTION
    assert found.claim.zh == "全年预算数填报不一致：378.1 万元（第1处）、357.65 万元（第2处）"
    assert found.recomputed.zh == "378.1 万元与 357.65 万元相差 20.45 万元，以前者计"
    assert [one.zh for one in found.details] == ["357.65 万元与年初预算数相同"]


@pytest.mark.parametrize("other", ["378.10", "378.1", "378", "3781000 元"])
def test_what_printing_hides_is_not_stated_twice(other: str) -> None:
    assert told(figures(ADJUSTED_BUDGET=("378.1", other))).found("figure-stated-twice") == []


def test_the_same_digits_in_two_units() -> None:
    given = told(figures(THREE_PUBLIC_BUDGET=("3.6", "3.6 元")))
    found = given.only("figure-unit-mismatch")
    assert (found.class_, found.recomputed.zh) == (
        CONTRADICTION,
        "数字相同而单位不同，以 3.6 万元计",
    )
    assert given.found("figure-stated-twice") == []


def test_a_zero_has_no_unit_to_slip() -> None:
    assert told(figures(OUTTURN=("0", "0 元"))).found("figure-unit-mismatch") == []


# ---------------------------------------------------------------------------------- in parts


def test_parts_that_do_not_sum_to_their_whole() -> None:
    found = told(figures(OUTTURN="703.34"), parts_of("OUTTURN", "369.30", "258.53", "24.48")).only(
        "breakdown-sum"
    )
    assert found.class_ is CONTRADICTION
    assert found.recomputed.zh == "3 项合计 652.31 万元，相差 −51.03 万元"
    assert found.recomputed.en == "the 3 parts sum to 652.31 万元, −51.03 万元 apart"


def test_parts_in_yuan_agree_with_their_whole_by_rounding_and_are_shown() -> None:
    given = told(figures(OUTTURN="244.68"), parts_of("OUTTURN", "2000000.40 元", "446752 元"))
    found = given.only("breakdown-rounds")
    assert (found.class_, given.found("breakdown-sum")) == (NOTICE, [])
    assert found.recomputed.zh == "2 项合计 2,446,752.40 元，四舍五入后相符，相差 −47.60 元"


def test_parts_that_sum_exactly_are_silent() -> None:
    given = told(figures(OUTTURN="230.25"), parts_of("OUTTURN", "178.28", "51.97"))
    assert {"breakdown-sum", "breakdown-rounds"}.isdisjoint(given.codes())


def test_basic_and_project_expenditure_against_their_sum() -> None:
    given = figures(INITIAL_BUDGET="864.64", BASIC_INITIAL="445.35", PROJECT_INITIAL="314.42")
    found = told(given).only("kinds-sum")
    assert found.recomputed.zh == (
        "基本支出 445.35 + 项目支出 314.42 = 759.77 万元，相差 −104.87 万元"
    )
    right = figures(INITIAL_BUDGET="864.64", BASIC_INITIAL="445.35", PROJECT_INITIAL="419.29")
    assert told(right).found("kinds-sum") == []


def test_a_breakdown_by_kind_is_not_compared_twice() -> None:
    given = told(
        figures(OUTTURN="10.0", BASIC_OUTTURN="4.0", PROJECT_OUTTURN="5.0"),
        parts_of("OUTTURN", "4.0", "5.0", by=BreakdownBy.EXPENDITURE_KIND),
    )
    assert len(given.found("breakdown-sum")) == 1
    assert given.found("kinds-sum") == []


def test_tasks_may_be_fewer_than_the_whole_but_not_more() -> None:
    found = told(figures(OUTTURN="10.00"), task("8.00", "8.00"), task("3.00", "3.00")).only(
        "tasks-sum"
    )
    assert found.recomputed.zh == "超过全年执行数 10.00 万元，相差 +1.00 万元"
    assert told(figures(OUTTURN="10.00"), task("8.00", "8.00")).found("tasks-sum") == []


def test_declared_figures_against_the_books() -> None:
    given = Told(Basis.LEDGER).booked(InitialBudgetApproved(lines=(BudgetLine(100 * WAN),)))
    given.form(figures(INITIAL_BUDGET="110"))
    found = given.only("declared-booked")
    assert found.recomputed.zh == "台账为 100 万元，相差 +10 万元"
    same = Told(Basis.LEDGER).booked(InitialBudgetApproved(lines=(BudgetLine(100 * WAN),)))
    assert same.form(figures(INITIAL_BUDGET="100.0")).found("declared-booked") == []


# ------------------------------------------------------------------------------------- rates


def test_a_printed_rate_that_its_numbers_do_not_give() -> None:
    found = told(
        figures(ADJUSTED_BUDGET="20.00", OUTTURN="21.97"), stated_rate("EXECUTION_RATE", "100.00")
    ).only("rate-numbers")
    assert found.class_ is CONTRADICTION
    assert found.recomputed.zh == "全年预算口径：21.97 ÷ 20.00 = 109.85%"


def test_a_rate_with_the_other_sign() -> None:
    found = told(
        figures(THREE_PUBLIC_OUTTURN=("3.59", "3.5"), PRIOR_THREE_PUBLIC_OUTTURN="3.6"),
        stated_rate("THREE_PUBLIC_CHANGE_RATE", "2.7"),
    ).only("rate-numbers")
    assert "(3.5 − 3.6) ÷ 3.6 = −2.78%" in found.recomputed.zh
    assert found.recomputed.zh.endswith("正负号相反")
    assert found.recomputed.en.endswith("the sign is the other one")


@pytest.mark.parametrize("text", ["72.41", "72.4", "72"])
def test_a_rate_that_rounds_to_what_is_printed_holds(text: str) -> None:
    given = told(
        figures(ADJUSTED_BUDGET="378.1", OUTTURN="273.8"), stated_rate("EXECUTION_RATE", text)
    )
    assert not [code for code in given.codes() if code.startswith("rate-")]


def test_a_rate_that_is_cut_off_is_worth_a_look() -> None:
    found = told(
        figures(ADJUSTED_BUDGET="245", OUTTURN="244.68"), stated_rate("EXECUTION_RATE", "99.86")
    ).only("rate-rounding")
    assert found.class_ is NOTICE
    assert found.recomputed.zh == (
        "全年预算口径：244.68 ÷ 245 = 99.8694%，四舍五入为 99.87%；99.86% 是截位"
    )


def test_a_rate_that_only_another_base_gives() -> None:
    found = told(
        figures(INITIAL_BUDGET="864.64", ADJUSTED_BUDGET="703.34", OUTTURN="703.34"),
        stated_rate("COMPLETION_RATE", "100"),
    ).only("rate-other-reading")
    assert found.class_ is NOTICE
    assert found.recomputed.zh == (
        "应为年初预算口径：703.34 ÷ 864.64 = 81.34%；印出的是全年预算口径：703.34 ÷ 703.34 = 100%"
    )


def test_a_line_whose_own_base_has_no_figures_is_unsupported() -> None:
    line = row(
        name="预算调整率",
        points="1",
        rule="超标递减",
        operator=Operator.LE,
        target=number("30"),
        metric=("ADJUSTMENT_RATE", "GROSS"),
    )
    found = told(
        figures(INITIAL_BUDGET="357.65", ADJUSTED_BUDGET="378.1"), rows(line), actual("10")
    ).only("rate-unsupported")
    assert (found.class_, found.line) == (UNSUPPORTED, "1")
    assert "缺少：预算调整数（总额口径）" in found.recomputed.zh
    assert "(378.1 − 357.65) ÷ 357.65 = 5.72%" in found.recomputed.zh
    assert "35.765 万元" in found.recomputed.zh


def test_a_rate_of_the_text_contradicts_nothing_where_its_base_is_not_stated() -> None:
    given = told(figures(INITIAL_BUDGET="100", OUTTURN="150"), stated_rate("EXECUTION_RATE", "98"))
    assert given.only("rate-unsupported").class_ is UNSUPPORTED
    assert given.found("rate-numbers") == []


def test_an_adjustment_rate_is_stated_without_its_sign() -> None:
    given = told(
        figures(INITIAL_BUDGET="864.64", ADJUSTED_BUDGET="703.34"),
        stated_rate("ADJUSTMENT_RATE", "18.66"),
    )
    assert given.only("rate-other-reading").class_ is NOTICE


def test_what_a_line_and_the_text_state_alike_is_judged_once() -> None:
    line = row(name="执行率", metric=("EXECUTION_RATE", "ADJUSTED"), target=number("100"))
    found = told(
        figures(ADJUSTED_BUDGET="20.00", OUTTURN="21.97"),
        stated_rate("EXECUTION_RATE", "100"),
        rows(line),
        actual("100"),
    ).only("rate-numbers")
    assert found.line == "1"


def test_a_rate_in_a_row_of_tasks() -> None:
    found = told(task("178.28", "178.28", "20")).only("task-rate")
    assert found.recomputed.zh == "178.28 万元 ÷ 178.28 万元 = 100%"
    assert told(task("178.28", "178.28", "100")).found("task-rate") == []


def test_a_task_that_cost_more_than_was_approved() -> None:
    given = told(task("100", "130", "130"))
    found = given.only("task-over-execution")
    assert found.class_ is NOTICE
    assert found.recomputed.zh == "超出批复 30 万元，执行率 130%"
    assert given.found("task-rate") == []
    assert told(task("100.0", "100.04")).found("task-over-execution") == []


# ------------------------------------------------------------------- balance and year before


CARRY_OVER = row(
    name="结转结余率",
    points="1",
    rule="超标递减",
    operator=Operator.LE,
    target=number("20"),
    metric=("CARRY_OVER_RATE", "ADJUSTED"),
)


def test_unspent_budget_against_a_carry_over_rate_of_zero() -> None:
    found = told(
        figures(ADJUSTED_BUDGET="378.1", OUTTURN="273.8"), rows(CARRY_OVER), actual("0")
    ).only("carry-over")
    assert (found.class_, found.line) == (CONTRADICTION, "1")
    assert found.claim.zh == "“结转结余率”实际完成值 0%"
    assert found.recomputed.zh == (
        "全年预算数 378.1 − 全年执行数 273.8 = 104.3 万元未支出，占 27.59%；没有收回记录"
    )
    assert found.details[1].zh == "全年预算口径：(378.1 − 273.8) ÷ 378.1 = 27.59% → 0.62 分"


@pytest.mark.parametrize(("outturn", "rate"), [("273.8", "27.59"), ("378.1", "0")])
def test_a_carry_over_rate_that_agrees(outturn: str, rate: str) -> None:
    given = told(figures(ADJUSTED_BUDGET="378.1", OUTTURN=outturn), rows(CARRY_OVER), actual(rate))
    assert given.found("carry-over") == []


def test_a_stated_balance_against_what_is_left() -> None:
    given = figures(ADJUSTED_BUDGET="378.1", OUTTURN="273.8", CARRY_OVER="0")
    assert told(given).only("carry-over").claim.zh == "结转结余 0 万元（第1处）"
    right = figures(ADJUSTED_BUDGET="378.1", OUTTURN="273.8", CARRY_OVER="104.3")
    assert told(right).found("carry-over") == []


def test_a_missing_figure_of_the_year_before() -> None:
    line = row(name="变动率", rule="变动率", metric=("THREE_PUBLIC_CHANGE_RATE", "BUDGET"))
    found = told(figures(THREE_PUBLIC_BUDGET="3.6"), rows(line)).only("prior-year-missing")
    assert found.recomputed.zh == "未列上年三公经费预算数，无法计算"
    stated = figures(THREE_PUBLIC_BUDGET="3.6", PRIOR_THREE_PUBLIC_BUDGET="3.7")
    assert told(stated, rows(line)).found("prior-year-missing") == []


def test_a_rule_set_that_cuts_lets_a_cut_rate_of_another_base_pass_as_that_base() -> None:
    given = Told().form(
        figures(INITIAL_BUDGET="245", ADJUSTED_BUDGET="300", OUTTURN="244.68"),
        stated_rate("EXECUTION_RATE", "99.86"),
        rules=rules_with(rounding=Rounding(mode=RoundingMode.DOWN)),
    )
    assert "年初预算口径" in given.only("rate-other-reading").recomputed.zh
