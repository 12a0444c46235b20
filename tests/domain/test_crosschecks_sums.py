"""Groups, rounding, grades, what is not applicable, and what was submitted."""

from datetime import date
from decimal import Decimal

import pytest

from domain.crosschecks import explained
from domain.crosschecks.findings import FindingClass
from domain.evaluation.scores import line_score
from domain.facts.form import ScoreDeclared, ScoreOverridden, Signed, Subject, Submitted
from domain.facts.ledger import Basis, BudgetLine, InitialBudgetApproved
from domain.scoring.indicators import NotApplicable
from domain.scoring.rules import Modifiers, Proportional, WhenNotApplicable
from domain.values import Rounding, RoundingMode, RoundingScope
from tests.domain.builders import (
    WAN,
    Told,
    actual,
    banded,
    figures,
    grade,
    group,
    justified,
    number,
    override,
    paid,
    place,
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


# ------------------------------------------------------------------- groups, rounding, grades


def in_exact_thirds(rounding: Rounding, *declared: ScoreDeclared) -> Told:
    """Three lines of 3.335 points each, exactly."""
    lines = rows(
        *(row(n, name=("甲", n), points="10", target=number("100")) for n in "123"),
        row("4", name=("乙", "四"), points="70", rule=None),
    )
    rules = rules_with(rounding=rounding)
    given = told(lines, *(actual("33.35", n) for n in "123"), score("70", "4"), rules=rules)
    return given.calculated().form(*declared)


TOTAL_SCOPE = Rounding(scope=RoundingScope.TOTAL)


def test_a_group_is_summed_as_the_rule_set_rounds() -> None:
    assert in_exact_thirds(TOTAL_SCOPE, group("甲", "10.01")).found("group-sum") == []
    found = in_exact_thirds(TOTAL_SCOPE, group("甲", "10.02")).only("group-sum")
    assert found.recomputed.zh == "3 行合计 10.01，相差 +0.01 分"
    assert in_exact_thirds(Rounding(), group("甲", "10.02")).found("group-sum") == []


def test_a_group_named_by_the_path_of_its_line() -> None:
    path = ("甲", "一")
    stated = ScoreDeclared(subject=Subject.GROUP, path=path, points=Decimal(40), place=place())
    given = told(HALVES, score("48", "1"), score("50", "2"), stated)
    assert given.only("group-sum").recomputed.zh == "1 行合计 48，相差 −8 分"


def without_one(*declared: ScoreDeclared) -> Told:
    """Two lines of 10, one of them not applicable, and 80 points elsewhere."""
    lines = rows(
        row("1", name=("甲", "一"), points="10", target=number("100")),
        row("2", name=("甲", "二"), points="10", target=number("100")),
        row("3", name=("乙", "三"), points="80", rule=None),
    )
    given = told(lines, actual("100", "1"), actual(NotApplicable(), "2"), score("80", "3"))
    return given.calculated().form(*declared)


@pytest.mark.parametrize(("stated", "count"), [("3", 1), ("11.11", 0), ("10", 0)])
def test_a_group_with_a_line_that_is_not_applicable(stated: str, count: int) -> None:
    found = without_one(group("甲", stated)).found("group-sum")
    assert len(found) == count
    assert all("2 行合计 11.11（有不适用的行，已放大），" in one.recomputed.zh for one in found)


@pytest.mark.parametrize(("stated", "count"), [("88.89", 0), ("80", 0), ("81", 1)])
def test_the_other_groups_of_a_rescaled_form(stated: str, count: int) -> None:
    assert len(without_one(group("乙", stated)).found("group-sum")) == count


def test_a_total_that_was_not_rescaled() -> None:
    found = without_one(total("90")).only("total-sum")
    assert found.recomputed.zh == "3 行得分合计 100（有不适用的行，已放大），相差 −10 分"
    assert without_one(total("100")).found("total-sum") == []


def test_a_group_of_which_nothing_is_applicable_has_no_points() -> None:
    lines = rows(
        row("1", name=("甲", "一"), points="20", target=number("100")),
        row("2", name=("乙", "二"), points="80", rule=None),
    )
    given = told(lines, actual(NotApplicable()), score("80", "2")).calculated()
    assert given.form(group("甲", "20")).only("group-sum").values[-1] == "0"
    nothing = told(lines, actual(NotApplicable()), score("80", "2")).calculated()
    assert nothing.form(group("甲", "0")).found("group-sum") == []


def cut(scope: RoundingScope, rate: str) -> Told:
    """Three lines of 10 points each at one rate, and 70 points elsewhere."""
    lines = rows(
        *(row(n, points="10", target=number("100")) for n in "123"),
        row("4", points="70", rule=None),
    )
    rules = rules_with(rounding=Rounding(mode=RoundingMode.DOWN, scope=scope))
    given = told(lines, *(actual(rate, n) for n in "123"), score("70", "4"), rules=rules)
    return given.calculated()


def test_rounding_once_decides_from_exact_points() -> None:
    # 3 × 3.3319 = 9.9957: cut off 9.99, half up 10.00; line by line it would be 3 × 3.33.
    found = cut(RoundingScope.TOTAL, "33.319").only("rounding-decides")
    assert (found.claim.zh, found.recomputed.zh) == (
        "总分 79.99，按截位计算",
        "四舍五入为 80",
    )
    assert [one.zh for one in found.details] == ["3 行计算得分未取舍之和 9.9957"]
    # 3 × 3.336 = 10.008: cut off 10.00, half up 10.01; line by line it would be 3 × 3.34.
    assert cut(RoundingScope.TOTAL, "33.36").only("rounding-decides").values == ("80", "80.01")
    assert cut(RoundingScope.TOTAL, "33.35").found("rounding-decides")[0].values[1] == "80.01"
    assert cut(RoundingScope.TOTAL, "33.30").found("rounding-decides") == []


def test_rounding_line_by_line_names_the_lines() -> None:
    found = cut(RoundingScope.LINE, "33.36").only("rounding-decides")
    assert found.values == ("79.99", "80.02")
    assert found.details[0].zh == "“指标” 3.33，四舍五入 3.34"
    assert cut(RoundingScope.LINE, "33.32").found("rounding-decides") == []


def test_the_rounding_of_a_rule_of_its_own_stays() -> None:
    own = Proportional(modifiers=Modifiers(rounding=Rounding(mode=RoundingMode.DOWN)))
    rules = rules_with(rounding=Rounding(mode=RoundingMode.DOWN), 自有=own)
    line = row(points="100", rule="自有", target=number("100"))
    given = told(rows(line), actual("33.339"), rules=rules).calculated()
    assert given.found("rounding-decides") == []


@pytest.mark.parametrize(
    ("total_", "printed", "labels", "count"),
    [
        ("92", "优秀", {"优": 90, "良": 80, "中": 60, "差": 0}, 0),
        ("85", "良好", {"优": 90, "良": 80, "中": 60, "差": 0}, 0),
        ("70", "合格", {"优": 90, "良": 80, "中": 60, "差": 0}, 0),
        ("70", "中等", {"优": 90, "良": 80, "中": 60, "差": 0}, 0),
        ("50", "较差", {"优": 90, "良": 80, "中": 60, "差": 0}, 0),
        ("70", "中", {"优秀": 85, "良好": 75, "一般": 60, "较差": 0}, 0),
        ("50", "差", {"优秀": 85, "良好": 75, "一般": 60, "较差": 0}, 0),
        ("87", "优秀", {"优": 90, "良": 80, "中": 60, "差": 0}, 1),
        ("75", "合格", {"优秀": 90, "良好": 80, "一般": 70, "合格": 60, "不合格": 0}, 1),
        ("75", "中", {"优秀": 90, "良好": 80, "一般": 70, "合格": 60, "不合格": 0}, 0),
    ],
)
def test_a_usual_variant_of_a_bands_label_is_that_grade(
    total_: str, printed: str, labels: dict[str, int], count: int
) -> None:
    given = told(total(total_), grade(printed), rules=rules_with(bands=banded(**labels)))
    assert len(given.found("grade-outside-bands")) == count


def test_a_total_below_every_band() -> None:
    given = told(total("50"), grade("良"), rules=rules_with(bands=banded(优=90, 良=80)))
    assert given.only("grade-outside-bands").recomputed.zh == "不在任何等级带内（优≥90、良≥80）"


# -------------------------------------------------------------------------- nothing to measure


EXECUTION = row(name="执行率", points="10", metric=("EXECUTION_RATE", "ADJUSTED"))
NOTHING = figures(ADJUSTED_BUDGET="0", OUTTURN="0")


def test_points_where_nothing_could_be_measured() -> None:
    given = told(NOTHING, rows(EXECUTION), score("10"))
    found = given.only("score-unsupported")
    assert (found.class_, found.line) == (UNSUPPORTED, "1")
    assert found.recomputed.zh == (
        "全年预算口径：0 ÷ 0，没有可计量的数；按规则该行不计分，其余各行按比例放大"
    )
    assert found.details[0].zh == ("全年预算口径：0 ÷ 0，不适用：该行不计分，其余各行按比例放大")
    assert given.found("full-marks-without-data") == []


def test_points_for_what_the_form_itself_calls_not_applicable() -> None:
    given = told(rows(row(points="10")), actual(NotApplicable()), score("10"))
    found = given.only("score-rule")
    assert found.class_ is CONTRADICTION
    assert found.recomputed.zh.startswith("实际完成值填“不适用”；按规则该行不计分")


def test_points_that_the_rule_gives_to_what_is_not_applicable() -> None:
    full = Proportional(modifiers=Modifiers(not_applicable=WhenNotApplicable.FULL))
    line = row(name="执行率", points="10", rule="全给", metric=("EXECUTION_RATE", "ADJUSTED"))
    given = told(NOTHING, rows(line), score("10"), rules=rules_with(全给=full))
    assert not [code for code in given.codes() if code.startswith(("score", "full-marks"))]
    assert told(NOTHING, rows(EXECUTION)).calculated().found("score-unsupported") == []


def test_full_marks_without_a_rule_name_the_figures_that_measure_nothing() -> None:
    line = row(name="执行率", points="10", rule=None, metric=("EXECUTION_RATE", "ADJUSTED"))
    found = told(NOTHING, rows(line), score("10")).only("full-marks-without-data")
    assert found.recomputed.zh == "没有实际完成值；全年预算口径：0 ÷ 0，没有可计量的数"
    figured = told(figures(ADJUSTED_BUDGET="10", OUTTURN="10"), rows(line), score("10"))
    assert figured.found("full-marks-without-data") == []


def test_a_rate_of_nothing_is_unsupported() -> None:
    found = told(NOTHING, stated_rate("EXECUTION_RATE", "100")).only("rate-unsupported")
    assert "全年预算口径：0 ÷ 0，没有可计量的数" in found.recomputed.zh


@pytest.mark.parametrize("by_hand", [score("3"), override("3")])
def test_a_deduction_that_a_person_made_on_what_is_not_applicable(
    by_hand: ScoreDeclared | ScoreOverridden,
) -> None:
    given = told(rows(row(points="10")), actual(NotApplicable())).calculated().form(by_hand)
    state = given.form_state()
    line = line_score(state, state.rows["1"])
    assert line.deduction == 7
    if isinstance(by_hand, ScoreOverridden):
        assert explained(state, line)
        return
    assert not explained(state, line)
    assert given.only("deduction-without-reason").claim.zh == "“指标”分值 10，得 3，扣 7 分"
    given.form(justified())
    state = given.form_state()
    assert explained(state, line_score(state, state.rows["1"]))


def test_what_is_not_applicable_and_nobody_scored_needs_no_reason() -> None:
    given = told(rows(row(points="10")), actual(NotApplicable())).calculated()
    assert given.found("deduction-without-reason") == []


# ------------------------------------------------------------------------- as it was submitted


def submitted_with(*by_hand: ScoreDeclared | ScoreOverridden) -> Told:
    given = Told(Basis.LEDGER).booked(
        InitialBudgetApproved(lines=(BudgetLine(100 * WAN),)), paid("90", "1")
    )
    given.form(rows(EXECUTION)).calculated().form(*by_hand)
    given.form(Signed(ledger_version=3), Submitted(ledger_version=3))
    return given.booked(paid("5", "2"), on_day=date(2024, 12, 28))


def test_the_score_that_was_submitted_is_the_self_score() -> None:
    found = submitted_with(override("5")).only("changed-after-submission")
    assert found.claim.zh == "“执行率”报送时得 5 分（人工调整，当时计算 9 分）"
    assert found.claim.en == '"执行率" as submitted: 5 (overridden, 9 calculated then)'
    assert found.recomputed.zh == "现在应为 9.5 分"
    assert found.values == ("5", "9", "9.5")
    declared = submitted_with(score("10")).only("changed-after-submission")
    assert declared.claim.zh == "“执行率”报送时得 10 分（填报，当时计算 9 分）"
    plain = submitted_with().only("changed-after-submission")
    assert plain.claim.zh == "“执行率”报送时得 9 分"
