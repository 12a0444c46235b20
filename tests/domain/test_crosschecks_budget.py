"""Budget, projects and indicators: what is found, and what passes."""

from datetime import date

import pytest

from domain.crosschecks.findings import FindingClass
from domain.facts.form import IndicatorsSet
from domain.facts.ledger import (
    Basis,
    BudgetReduced,
    BudgetSupplemented,
    Line,
)
from domain.scoring.indicators import LabelActual, TextActual, TextTarget
from tests.domain.builders import (
    WAN,
    Told,
    actual,
    figures,
    number,
    project,
    row,
    rows,
    task,
    told,
)

CONTRADICTION, UNSUPPORTED, NOTICE = FindingClass


# ------------------------------------------------------------------------------------ budget


def test_more_spent_than_budgeted() -> None:
    found = told(figures(ADJUSTED_BUDGET="20.00", OUTTURN="21.97")).only("over-execution")
    assert found.class_ is UNSUPPORTED
    assert found.recomputed.zh == "超支 1.97 万元，执行率 109.85%，没有对应的追加"
    assert told(figures(ADJUSTED_BUDGET="20.0", OUTTURN="20.04")).found("over-execution") == []


@pytest.mark.parametrize(
    ("initial", "adjusted", "amount", "share"),
    [
        ("864.64", "703.34", "−161.30", "−18.66"),
        ("135", "245", "+110", "+81.48"),
        ("357.65", "378.1", "+20.45", "+5.72"),
    ],
)
def test_a_budget_changed_without_a_paper(
    initial: str, adjusted: str, amount: str, share: str
) -> None:
    found = told(figures(INITIAL_BUDGET=initial, ADJUSTED_BUDGET=adjusted)).only(
        "adjustment-without-paper"
    )
    assert found.class_ is UNSUPPORTED
    assert found.recomputed.zh == f"净调整 {amount} 万元（{share}%），没有任何带文号的调整"
    assert f"{amount} 万元 ({share} %)" in found.recomputed.en
    assert found.values[:2] == (amount.replace("−", "-"), share.replace("−", "-") + "%")


def test_an_outturn_above_the_initial_budget_implies_an_adjustment() -> None:
    found = told(figures(INITIAL_BUDGET="187.35", OUTTURN="292.04")).only(
        "adjustment-without-paper"
    )
    assert "+104.69 万元（+55.88%）" in found.recomputed.zh
    below = told(figures(INITIAL_BUDGET="187.35", OUTTURN="150.00"))
    assert below.found("adjustment-without-paper") == []


def test_booked_adjustments_bear_the_change() -> None:
    given = Told().booked(BudgetSupplemented(amount=110 * WAN, document="某财预〔2024〕3号"))
    given.form(figures(INITIAL_BUDGET="135", ADJUSTED_BUDGET="245"))
    assert not [code for code in given.codes() if code.startswith("adjustment")]


def test_booked_adjustments_that_sum_otherwise() -> None:
    given = Told().booked(
        BudgetSupplemented(amount=120 * WAN, document="甲"), BudgetReduced(amount=9 * WAN)
    )
    given.form(figures(INITIAL_BUDGET="135.0", ADJUSTED_BUDGET="245.0"))
    found = given.only("adjustment-sum")
    assert found.class_ is CONTRADICTION
    assert found.recomputed.zh == (
        "净调整 +110.0 万元（+81.48%），登记的 2 笔合计 +111.0 万元，相差 −1.0 万元"
    )
    assert given.only("adjustment-without-document").claim.zh == "追减 9 万元，日期不明"


def test_a_booked_adjustment_without_a_document_is_found_once_on_its_projects_form() -> None:
    given = Told(Basis.LEDGER).booked(
        BudgetSupplemented(amount=WAN, line=Line(project="a"), document=" "),
        on_day=date(2024, 6, 1),
    )
    given.form().form(form_id=project("a"))
    assert given.found("adjustment-without-document") == []
    found = given.only("adjustment-without-document", project("a"))
    assert found.claim.zh == "追加 1 万元，2024-06-01"


def test_funds_carried_in_are_no_adjustment() -> None:
    given = figures(INITIAL_BUDGET="100", ADJUSTED_BUDGET="130", CARRIED_IN="30")
    assert told(given).found("adjustment-without-paper") == []


def test_an_outturn_without_any_budget() -> None:
    assert told(figures(OUTTURN="230.25")).only("outturn-without-budget").class_ is UNSUPPORTED
    given = told(figures(OUTTURN="230.25", ADJUSTED_BUDGET="230.25"))
    assert given.found("outturn-without-budget") == []


# ---------------------------------------------------------------------------------- projects


def two_projects(second_outturn: str = "21.97") -> Told:
    given = Told().form(
        figures(PROJECT_OUTTURN="31.97"),
        task("21.97", "21.97", name="甲"),
        task("10.00", "10.00", name="乙"),
    )
    given.form(figures(ADJUSTED_BUDGET="10.00", OUTTURN="10.00"), form_id=project("a"))
    budget = figures(ADJUSTED_BUDGET="20.00", OUTTURN=second_outturn)
    return given.form(budget, form_id=project("b"))


def test_projects_that_spend_more_than_their_budgets_together() -> None:
    found = two_projects().only("projects-over-budget")
    assert found.recomputed.zh == (
        "各项目自评表全年预算数合计 30.00 万元，相差 1.97 万元，没有调整记录"
    )


def test_approved_amounts_that_equal_what_was_spent() -> None:
    found = two_projects().only("approved-as-spent")
    assert found.class_ is NOTICE
    assert "2 项任务批复金额合计 31.97 万元" in found.claim.zh
    assert "“b”自评表全年预算数为 20.00 万元、执行数 21.97 万元" in found.recomputed.zh
    assert two_projects("20.00").found("approved-as-spent") == []


def test_projects_without_a_form_make_no_conflict_but_a_larger_sum_does() -> None:
    assert "projects-sum" not in two_projects("20.00").codes()
    given = Told().form(figures(PROJECT_OUTTURN="5.0"))
    given.form(figures(OUTTURN="6.0"), form_id=project("a"))
    assert given.only("projects-sum").class_ is CONTRADICTION


def indicators(text: str = "不发生重大事件") -> IndicatorsSet:
    return rows(
        row("1", name="接访次数", points="50", target=number("10", "次")),
        row("2", name="化解成效", points="50", target=TextTarget(text), operator=None),
    )


def test_the_same_indicators_in_two_projects() -> None:
    given = Told().form(indicators(), actual("10", unit="次"), form_id=project("a"))
    given.form(indicators("不发生重要事件"), actual("10", unit="次"), form_id=project("b"))
    found = given.only("same-indicators", project("a"))
    assert found.class_ is NOTICE
    assert "与项目“b”的指标、指标值相同，2 个项目没有区分" in found.recomputed.zh
    given.form(actual(TextActual("甲"), "2"), form_id=project("a"))
    given.form(actual(TextActual("乙"), "2"), form_id=project("b"))
    told_more = given.only("same-indicators", project("a"))
    assert "指标值和非文字的实际完成值相同" in told_more.recomputed.zh


def test_other_targets_tell_projects_apart() -> None:
    given = Told().form(indicators(), form_id=project("a"))
    other = rows(
        row("1", name="接访次数", points="50", target=number("12", "次")),
        row("2", name="化解成效", points="50", target=TextTarget("不发生重大事件"), operator=None),
    )
    assert given.form(other, form_id=project("b")).found("same-indicators", project("a")) == []


# -------------------------------------------------------------------------------- indicators


COMPOUND = "信访件录入率100%，积案结案率95%，领导大接访不低于10次"


def test_several_measures_in_one_indicator() -> None:
    found = told(rows(row(name=COMPOUND))).only("several-measures")
    assert found.values == ("信访件录入率100%", "积案结案率95%", "领导大接访不低于10次")


@pytest.mark.parametrize(
    "name", ["2024年度、2025年度规划", "12345热线办理", "第1季度，第2季度完成", "群众、团体满意度"]
)
def test_names_with_digits_are_one_measure(name: str) -> None:
    assert told(rows(row(name=name))).found("several-measures") == []


def test_words_where_the_target_is_a_number() -> None:
    line = rows(row(name="满意度", target=number("90.00")))
    found = told(line, actual(TextActual("大于"))).only("text-for-number")
    assert found.claim.zh == "“满意度”目标值 ≥90.00%，实际完成值是文字"
    assert told(line, actual("93")).found("text-for-number") == []


def test_units_that_differ() -> None:
    line = rows(row(target=number("10", "次")))
    assert told(line, actual("10", unit="件")).only("unit-mismatch").class_ is CONTRADICTION
    assert told(line, actual("10", unit="次")).found("unit-mismatch") == []


def test_a_percentage_beside_a_target_in_words() -> None:
    line = rows(row(target=TextTarget("不发生", unit="5%"), operator=None))
    found = told(line, actual(LabelActual("没有发生"))).only("unit-beside-words")
    assert (found.class_, found.values) == (NOTICE, ("5%", "不发生"))
    other = rows(row(target=TextTarget("不发生", unit="起"), operator=None))
    assert told(other, actual(LabelActual("没有发生"))).found("unit-beside-words") == []


def test_targets_in_words_scored_by_percentage_are_one_finding() -> None:
    lines = rows(*(row(n, target=TextTarget("达标", unit="%")) for n in "12"))
    given = told(lines, actual("99", "1"), actual("98", "2"))
    found = given.only("words-scored-by-percentage")
    assert found.claim.zh == "2 行定性目标用百分数填报和计分"
    assert found.values == ("1 达标 99%", "2 达标 98%")
    assert given.found("unit-beside-words") == []


def test_targets_without_an_operator_are_one_finding() -> None:
    cost = row("2", name="成本", rule="超标递减", operator=None, target=number("450", "元"))
    found = told(rows(row(target=number("90"), operator=None), cost)).only("operator-missing")
    assert found.claim.zh == "2 行有数值目标而未标指标性质（≥、≤、=）"
    assert found.recomputed.zh == "“成本”的方向只能由规则推断"
    assert told(rows(row(target=number("90")))).found("operator-missing") == []
