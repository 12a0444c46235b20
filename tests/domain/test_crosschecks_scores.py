"""Scores, totals, grades, reasons and the workflow: what is found, and what passes."""

from datetime import date
from decimal import Decimal

import pytest

from domain.crosschecks.findings import FindingClass
from domain.evaluation.calculation import calculate
from domain.facts.form import (
    OverrideWithdrawn,
    ReviewScoreGiven,
    ScoreOverridden,
    Signed,
    Submitted,
)
from domain.facts.ledger import (
    Basis,
    BudgetLine,
    BudgetSupplemented,
    InitialBudgetApproved,
)
from domain.scoring.indicators import LabelActual
from domain.scoring.rule_set import RuleSet
from domain.scoring.rules import Knot, PiecewiseLinear, QualitativeBand, QualityStep
from domain.values import Rounding, RoundingMode
from tests.domain.builders import (
    RULES,
    WAN,
    Told,
    actual,
    figures,
    grade,
    group,
    justified,
    number,
    paid,
    row,
    rows,
    rules_with,
    score,
    stated_rate,
    told,
    total,
)

CONTRADICTION, UNSUPPORTED, NOTICE = FindingClass
HALVES = rows(
    row("1", name=("甲", "一"), points="50", rule=None),
    row("2", name=("乙", "二"), points="50", rule=None),
)


# ------------------------------------------------------------------------------------ totals


def test_a_total_that_is_not_the_sum_of_the_lines() -> None:
    given = told(
        HALVES,
        score("48", "1"),
        score("50", "2"),
        total("97", "三首段"),
        total("97", "四"),
        total("98", "总分行", table=True),
    )
    found = given.only("total-sum")
    assert found.class_ is CONTRADICTION
    assert found.claim.zh == "总分 97（三首段、四）"
    assert found.recomputed.zh == "2 行得分合计 98，相差 −1 分"
    assert [one.zh for one in found.details] == ["甲 48", "乙 50"]
    twice = given.only("score-stated-twice")
    assert twice.claim.zh == "总分不一致：98（总分行）、97（三首段、四）"


@pytest.mark.parametrize("stated", ["95.81", "95.8", "96"])
def test_a_total_that_is_rounded_in_print_is_the_sum(stated: str) -> None:
    given = told(HALVES, score("45.81", "1"), score("50", "2"), total(stated))
    assert given.found("total-sum") == []


def test_scores_and_grades_that_differ_between_two_places() -> None:
    given = told(HALVES, score("48", "1", "表"), score("47", "1", "文"), grade("优"), grade("良"))
    line, graded = given.found("score-stated-twice")
    assert (line.line, line.claim.zh) == ("1", "“一”得分不一致：48（表）、47（文）")
    assert graded.claim.en == "grade differs: 优 (结论), 良 (结论)"


def test_groups_against_their_lines() -> None:
    given = told(HALVES, score("48", "1"), score("50", "2"), group("甲", "47", "60"))
    points, weights = given.found("group-sum")
    assert points.recomputed.zh == "1 行合计 48，相差 −1 分"
    assert weights.recomputed.zh == "1 行合计 50，相差 +10 分"
    right = told(HALVES, score("48", "1"), score("50", "2"), group("甲", "48", "50"))
    assert right.found("group-sum") == []


def test_a_group_that_no_line_belongs_to() -> None:
    given = told(HALVES, group("丙", "20"))
    assert given.only("group-without-lines").claim.zh == "“丙”（小结）"


def test_a_total_that_rounding_decides() -> None:
    cutting = rules_with(rounding=Rounding(mode=RoundingMode.DOWN))
    execution = row("1", points="10", metric=("EXECUTION_RATE", "ADJUSTED"), printed=False)
    other = row("2", points="90", rule=None)
    given = told(
        figures(ADJUSTED_BUDGET="245", OUTTURN="244.68"),
        rows(execution, other),
        score("86", "2"),
        rules=cutting,
    )
    given.form(calculate(given.form_state(), given.money(), cutting, execution), total("95.98"))
    found = given.only("rounding-decides")
    assert (found.class_, found.values) == (NOTICE, ("95.98", "95.99"))
    assert given.found("total-sum") == []


# ------------------------------------------------------------------------------- weights, grade


def test_weights_that_do_not_sum_to_the_whole() -> None:
    assert told(rows(row(points="95"))).only("weights-sum").recomputed.zh == "1 行分值合计 95"
    assert told(rows(row(points="100"))).found("weights-sum") == []
    assert told(rows(row(points="95"), row("2", points=None))).found("weights-sum") == []


def test_a_row_that_the_document_leaves_out() -> None:
    hidden = row("2", name="预算执行率", points="10", printed=False)
    found = told(rows(row(points="90"), hidden)).only("printed-weights-sum")
    assert found.class_ is CONTRADICTION
    assert found.claim.zh == "印出的 1 行分值合计 90"
    assert found.recomputed.zh == "满分 100；未印出“预算执行率”（10 分）"


def test_a_total_without_lines() -> None:
    given = told(total("87"))
    assert given.only("total-without-lines").class_ is UNSUPPORTED
    reason = given.only("deduction-without-reason")
    assert reason.recomputed.zh == "13 分没有扣分原因，也没有指标行"
    assert told(total("100")).found("deduction-without-reason") == []


def test_a_total_over_lines_without_points() -> None:
    found = told(HALVES, score("48", "1"), total("98")).only("total-incomplete")
    assert found.recomputed.zh == "没有得分的行：“二”"


def test_lines_without_weights_and_points() -> None:
    assert told(rows(row(points=None))).only("lines-without-points").class_ is UNSUPPORTED
    assert told(rows(row())).found("lines-without-points") == []


def test_a_grade_outside_the_bands() -> None:
    found = told(total("87"), grade("优")).only("grade-outside-bands")
    assert found.class_ is CONTRADICTION
    assert found.recomputed.zh == "按等级带应为“良”（优≥90、良≥80、中≥60、差≥0）"
    assert told(total("92"), grade("优")).found("grade-outside-bands") == []


def test_a_grade_without_bands_is_compared_with_the_national_ones() -> None:
    without = rules_with(bands=())
    found = told(total("87"), grade("优"), rules=without).only("grade-unsupported")
    assert found.class_ is UNSUPPORTED
    assert "应为“良”" in found.recomputed.zh
    same = told(total("95"), grade("优秀"), rules=None)
    assert same.only("grade-without-bands").class_ is NOTICE


# ------------------------------------------------------------------------------- score and rule


COMPLETION = rows(row(name="预算完成率", points="5", metric=("COMPLETION_RATE", "INITIAL")))
MONEY = figures(INITIAL_BUDGET="864.64", ADJUSTED_BUDGET="703.34", OUTTURN="703.34")


def test_a_score_that_its_rule_does_not_give() -> None:
    found = told(MONEY, COMPLETION, score("5")).only("score-rule")
    assert (found.class_, found.line) == (CONTRADICTION, "1")
    assert found.claim.zh == "“预算完成率”得 5 分（表）"
    assert found.recomputed.zh == (
        "按规则得 4.07 分（年初预算口径：703.34 ÷ 864.64 = 81.34%）；"
        "得 5 分的是全年预算口径：703.34 ÷ 703.34 = 100%"
    )
    assert "its rule gives 4.07" in found.recomputed.en
    assert told(MONEY, COMPLETION, score("4.07")).found("score-rule") == []


def test_story_one_a_score_that_no_reading_gives() -> None:
    change = row(
        name="三公变动率", points="5", rule="变动率", metric=("THREE_PUBLIC_CHANGE_RATE", "BUDGET")
    )
    found = told(
        figures(
            THREE_PUBLIC_BUDGET="3.6",
            THREE_PUBLIC_OUTTURN=("3.59", "3.5"),
            PRIOR_THREE_PUBLIC_OUTTURN="3.6",
        ),
        stated_rate("THREE_PUBLIC_CHANGE_RATE", "2.7"),
        rows(change),
        score("3"),
    ).only("score-rule")
    assert found.class_ is CONTRADICTION
    assert "缺少：上年三公经费预算数" in found.recomputed.zh
    assert found.recomputed.zh.endswith("其他口径得 5、4.87 分，都不是 3 分")
    assert found.values == ("3", "", "−0.28→5", "−2.78→5", "2.7→4.87")


def test_a_score_that_only_another_base_gives_is_unsupported() -> None:
    found = told(figures(ADJUSTED_BUDGET="703.34", OUTTURN="703.34"), COMPLETION, score("5"))
    assert found.only("score-unsupported").class_ is UNSUPPORTED
    assert found.found("score-rule") == []


BANDED = RuleSet(
    name="规则",
    version="1",
    title="测试规则",
    rules={
        "定性": QualitativeBand(steps=(QualityStep(("效果显著",), Decimal("0.8"), Decimal(1)),))
    },
)


@pytest.mark.parametrize(("points", "codes"), [("7", ["score-outside-step"]), ("9", [])])
def test_a_score_outside_the_interval_of_its_step(points: str, codes: list[str]) -> None:
    line = rows(row(points="10", rule="定性"))
    given = told(line, actual(LabelActual("效果显著")), score(points), rules=BANDED)
    assert [code for code in given.codes() if code.startswith("score")] == codes


def test_a_score_above_its_maximum() -> None:
    found = told(rows(row(points="5", rule=None)), score("6")).only("score-outside-maximum")
    assert found.values == ("6", "5")


def test_one_fact_under_two_rules() -> None:
    lines = rows(
        row("1", points="10", rule="九成满分", metric=("EXECUTION_RATE", "ADJUSTED")),
        row("2", points="3", metric=("EXECUTION_RATE", "ADJUSTED")),
    )
    money = figures(ADJUSTED_BUDGET="378.1", OUTTURN="273.8")
    found = told(money, lines, score("8.05", "1"), score("2.17", "2")).only("same-fact-two-rules")
    assert found.claim.zh == "预算执行率 72.41% 在 2 行计分"
    assert found.recomputed.zh == (
        "同一事实两种规则：10 分得 8.05（80.5%，达到目标的90%即满分）；"
        "3 分得 2.17（72.3%，按比例，达到目标才满分）"
    )
    full = told(money, lines, score("10", "1"), score("3", "2"))
    assert full.found("same-fact-two-rules") == []


# ----------------------------------------------------------------------------- reasons and data


def test_a_deduction_without_a_reason() -> None:
    lines = rows(row("1", name="甲", points="10", rule=None), row("2", points="90", rule=None))
    given = told(lines, score("9", "1"), score("90", "2"))
    found = given.only("deduction-without-reason")
    assert (found.class_, found.line) == (UNSUPPORTED, "1")
    assert found.claim.zh == "“甲”分值 10，得 9，扣 1 分"
    assert found.recomputed.zh == "没有扣分原因；全表无原因的扣分共 1 分（1 行）"
    assert given.form(justified()).found("deduction-without-reason") == []


def test_a_printed_reason_explains_a_deduction() -> None:
    given = told(rows(row(rule=None)), score("9", reason="拨款不及时"))
    assert given.found("deduction-without-reason") == []


def test_a_row_that_is_not_printed_cannot_carry_a_reason() -> None:
    given = told(rows(row(rule=None, printed=False)), score("9"))
    assert given.found("deduction-without-reason") == []


def test_full_marks_without_data() -> None:
    given = told(rows(row(name="及时率")), score("100"))
    found = given.only("full-marks-without-data")
    assert found.recomputed.zh == "没有实际完成值，也没有可以测算的数"
    assert given.form(actual("100")).found("full-marks-without-data") == []
    override = ScoreOverridden(
        line="1", from_points=None, to_points=Decimal(100), reason="核定", document="甲号"
    )
    assert told(rows(row()), override).found("full-marks-without-data") == []


# ------------------------------------------------------------------------------------ workflow


def test_a_review_score_above_the_self_score() -> None:
    def reviewed(points: str) -> Told:
        review = ReviewScoreGiven(line="1", points=Decimal(points), reason="复核")
        return told(rows(row(name="甲", rule=None)), score("90"), review)

    found = reviewed("95").only("review-above-self")
    assert (found.class_, found.recomputed.zh) == (NOTICE, "复核 95 分，高出 5 分")
    assert reviewed("85").found("review-above-self") == []


def submitted() -> Told:
    execution = row(name="执行率", points="10", metric=("EXECUTION_RATE", "ADJUSTED"))
    given = Told(Basis.LEDGER).booked(
        InitialBudgetApproved(lines=(BudgetLine(100 * WAN),)), paid("98", "1")
    )
    given.form(rows(execution))
    given.form(calculate(given.form_state(), given.money(), RULES, execution))
    return given.form(Signed(ledger_version=3), Submitted(ledger_version=3))


def test_story_two_a_late_payment() -> None:
    given = submitted()
    assert given.found("changed-after-submission") == []
    given.booked(paid("1.50", "2"), on_day=date(2024, 12, 28))
    found = given.only("changed-after-submission")
    assert found.class_ is NOTICE
    assert found.claim.zh == "“执行率”报送时得 9.8 分"
    assert found.recomputed.zh == "现在应为 9.95 分"
    assert found.values == ("9.8", "9.95")
    late = list(given.ledger_state().entries())[-1]
    assert late.head in found.facts


def test_an_override_that_a_later_calculation_overtook() -> None:
    line = row(name="甲", points="10")
    override = ScoreOverridden(
        line="1", from_points=None, to_points=Decimal(8), reason="核定", document="甲号"
    )
    given = told(rows(line), override, actual("100"))
    given.form(calculate(given.form_state(), given.money(), RULES, line))
    assert given.only("override-outdated").recomputed.zh == "其后重新计算得 10 分"
    given.form(override)
    assert given.found("override-outdated") == []


def changes(count: int) -> list[ScoreOverridden | OverrideWithdrawn]:
    override = ScoreOverridden(
        line="1", from_points=None, to_points=Decimal(8), reason="核定", document="甲号"
    )
    return [
        override if n % 2 == 0 else OverrideWithdrawn(line="1", reason="撤") for n in range(count)
    ]


def test_many_changes_of_a_score_on_one_day_in_china() -> None:
    given = told(rows(row(name="甲"))).at(2025, 3, 10, 17).form(*changes(2))
    assert given.found("many-changes-in-a-day") == []
    # 17:00 UTC is the next day in China, as 08:00 UTC is.
    given.at(2025, 3, 11).form(*changes(1))
    assert given.only("many-changes-in-a-day").claim.zh == "2025-03-11 “甲”的得分"
    given.form(*changes(2))
    by_line, by_form = given.found("many-changes-in-a-day")
    assert (by_line.line, by_form.line) == ("1", None)


def test_a_rush_at_the_years_end() -> None:
    def payments(in_december: int) -> Told:
        given = Told(Basis.LEDGER).booked(paid("10", "0"), on_day=date(2024, 5, 1)).form()
        for number_ in range(in_december):
            given.booked(paid("5", f"{number_ + 1}"), on_day=date(2024, 12, 20))
        return given

    found = payments(3).only("year-end-rush")
    assert found.claim.zh == "全年支付 25 万元（4 笔）"
    assert found.recomputed.zh == "12 月 15 万元（3 笔），占 60%"
    assert payments(2).found("year-end-rush") == []


def test_supplements_rush_too_and_unknown_dates_are_left_out() -> None:
    given = Told(Basis.LEDGER).form()
    for number_ in range(3):
        given.booked(
            BudgetSupplemented(amount=WAN, document=f"{number_}号", approved_on=date(2024, 12, 30))
        )
    assert given.only("year-end-rush").claim.zh == "全年追加 3 万元（3 笔）"
    unknown = Told(Basis.LEDGER).booked(*(paid("5", f"{n}") for n in range(4))).form()
    assert unknown.found("year-end-rush") == []


def test_a_rule_along_a_line_reads_in_words() -> None:
    falling = PiecewiseLinear(knots=(Knot(Decimal(0), Decimal(1)), Knot(Decimal(100), Decimal(0))))
    rules = RuleSet(name="规则", version="1", title="测试", rules={**RULES.rules, "折线": falling})
    lines = rows(
        row("1", points="10", rule="折线", metric=("EXECUTION_RATE", "ADJUSTED")),
        row("2", points="10", metric=("EXECUTION_RATE", "ADJUSTED"), target=number("100")),
    )
    money = figures(ADJUSTED_BUDGET="100", OUTTURN="90")
    given = told(money, lines, score("1", "1"), score("9", "2"), rules=rules)
    assert "折线 0→100%、100→0%" in given.only("same-fact-two-rules").recomputed.zh
