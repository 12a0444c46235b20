"""Rule sets: the files in examples/ load, hold together and score the documents' rows."""

import random
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.scoring import LinePoints, Scored, Total, score, total
from domain.scoring.indicators import (
    Actual,
    DateActual,
    Indicator,
    ItemsActual,
    LabelActual,
    MetricRef,
    NumberActual,
    NumberTarget,
)
from domain.scoring.metrics import Base, measure
from domain.scoring.rule_set import GradeBand, RuleSet, check_rule_set
from domain.scoring.rules import Checklist, Item, Proportional
from domain.scoring.steps import Operand, Worksheet, replay
from domain.values import Printed, Rounding, RoundingMode, plain

FOLDER = Path(__file__).parents[2] / "examples" / "rule-sets"
FILES = sorted(FOLDER.glob("*.yaml"))
D = Decimal


def content(name: str) -> object:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))


def load(name: str) -> RuleSet:
    return msgspec.convert(content(name), RuleSet, strict=False)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_a_rule_set_without_faults_named_like_the_file(path: Path) -> None:
    rule_set = load(path.stem)
    assert check_rule_set(rule_set) == []
    assert rule_set.name == path.stem
    again = msgspec.json.decode(msgspec.json.encode(rule_set), type=RuleSet)
    assert again == rule_set
    assert again.digest == rule_set.digest


def test_there_are_the_national_one_and_the_five_documents() -> None:
    names = {path.stem for path in FILES}
    assert names == {
        "国家-2020",
        "桥西-2024",
        "深泽-2023",
        "沾益-2023",
        "上街-2022",
        "巴彦淖尔-2024",
    }


@pytest.mark.parametrize(
    ("name", "rows", "rounding"),
    [
        ("国家-2020", 4, RoundingMode.HALF_UP),
        ("桥西-2024", 19, RoundingMode.HALF_UP),
        ("深泽-2023", 0, RoundingMode.HALF_UP),
        ("沾益-2023", 5, RoundingMode.HALF_UP),
        ("上街-2022", 32, RoundingMode.HALF_UP),
        ("巴彦淖尔-2024", 13, RoundingMode.DOWN),
    ],
)
def test_rows_and_rounding(name: str, rows: int, rounding: RoundingMode) -> None:
    rule_set = load(name)
    assert len(rule_set.templates) == rows
    assert rule_set.rounding.mode is rounding


@pytest.mark.parametrize(
    ("name", "total_", "grade"),
    [
        ("国家-2020", "95.98", "优"),
        ("国家-2020", "90", "优"),
        ("国家-2020", "89.99", "良"),
        ("国家-2020", "87", "良"),  # 深泽 printed 优
        ("国家-2020", "60", "中"),
        ("国家-2020", "0", "差"),
        ("桥西-2024", "97", "优秀"),
        ("桥西-2024", "85", "优秀"),
        ("桥西-2024", "84.99", "良好"),
        ("桥西-2024", "75", "良好"),
        ("桥西-2024", "59.99", "较差"),
        ("上街-2022", "95.81", None),
        ("巴彦淖尔-2024", "95.98", None),
        ("沾益-2023", "100", None),
        ("深泽-2023", "87", None),
    ],
)
def test_grades_follow_the_bands_and_no_bands_give_none(
    name: str, total_: str, grade: str | None
) -> None:
    assert load(name).grade_of(D(total_)) == grade


# -------------------------------------------------------------- the documents, row by row


def outcome_of(rule_set: RuleSet, row: Indicator, actual: Actual | None, **wan: str) -> Scored:
    sheet, measured = Worksheet(), None
    if actual is None:
        assert row.metric is not None
        sums = {quantity: Printed(amount, "万元").fen for quantity, amount in wan.items()}
        result = measure(row.metric.metric, row.metric.base, sums, sheet)
        assert isinstance(result, Operand)
        measured = result
    outcome = score(
        rule_set.rules[row.rule or ""],
        max_points=row.max_points,
        operator=row.operator,
        target=row.target,
        actual=actual,
        rounding=rule_set.rounding,
        sheet=sheet,
        measured=measured,
    )
    assert isinstance(outcome, Scored), outcome
    assert replay(outcome.steps) == outcome.points
    return outcome


def sum_of(rule_set: RuleSet, outcomes: list[Scored], *, exact: bool = False) -> str:
    lines = [
        LinePoints(outcome.exact if exact else outcome.points, row.max_points)
        for row, outcome in zip(rule_set.templates, outcomes, strict=True)
    ]
    whole = total(lines, rule_set.rounding)
    assert isinstance(whole, Total)
    return plain(whole.points)


SHANGJIE = [
    "100",
    "100",
    "100",
    "100",
    "100",
    "72.41",
    "10",
    "0",
    "0",
    "0",
    "100",
    "100",
    "100",
    "100",
    "100",
    "100",
    "100",
    "100",
    "100",
    "100",
    "99",
    "99",
    "99",
    "99",
    "99",
    "98",
    "99",
    "98",
    "99",
    "99",
    "100",
]
SHANGJIE_POINTS = [
    "2",
    "2",
    "2",
    "2",
    "2",
    "2.17",
    "1",
    "1",
    "1",
    "0",
    "1",
    "2",
    "1",
    "2",
    "2",
    "1",
    "1",
    "1",
    "1",
    "1",
    "3.96",
    "3.96",
    "4.95",
    "4",
    "3.96",
    "3.96",
    "10",
    "9.8",
    "5",
    "5",
    "5",
]


def test_shangjie_reproduces_line_by_line_and_sums_to_95_81() -> None:
    rule_set = load("上街-2022")
    first, *rows = rule_set.templates
    outcomes = [outcome_of(rule_set, first, None, ADJUSTED_BUDGET="378.1", OUTTURN="273.8")]
    assert outcomes[0].points == D("8.05")
    outcomes += [
        outcome_of(rule_set, row, NumberActual(D(actual), "%"))
        for row, actual in zip(rows, SHANGJIE, strict=True)
    ]
    assert [plain(outcome.points) for outcome in outcomes[1:]] == SHANGJIE_POINTS
    assert sum_of(rule_set, outcomes) == "95.81"
    groups = {"投入管理指标": "28.17", "产出指标": "24.79", "效益指标": "34.8"}
    for group, points in groups.items():
        own = [
            o.points
            for r, o in zip(rule_set.templates, outcomes, strict=True)
            if r.path[0] == group
        ]
        assert sum(own) == D(points)


def bayannur(rule_set: RuleSet) -> list[Scored]:
    first, *rows = rule_set.templates
    assert not first.printed
    count = ["35", "32", "95", "100", "100", None, "450", "800"]
    actuals: list[Actual] = []
    for row, value in zip(rows, count, strict=False):
        if value is None:
            actuals.append(DateActual(date(2024, 12, 31)))
        else:
            assert isinstance(row.target, NumberTarget)
            actuals.append(NumberActual(D(value), row.target.unit))
    actuals += [
        LabelActual("效果显著", D(9)),
        LabelActual("效果明显", D(8)),
        LabelActual("效果显著", D(9)),
        NumberActual(D("94.74"), "%"),
    ]
    execution = outcome_of(rule_set, first, None, ADJUSTED_BUDGET="245", OUTTURN="244.68")
    return [
        execution,
        *(outcome_of(rule_set, row, actual) for row, actual in zip(rows, actuals, strict=True)),
    ]


def test_bayannur_sums_to_95_98_by_cutting_and_to_95_99_half_up() -> None:
    rule_set = load("巴彦淖尔-2024")
    outcomes = bayannur(rule_set)
    assert plain(outcomes[0].points) == "9.98"
    assert [plain(outcome.points) for outcome in outcomes[1:]] == (
        ["10", "5", "5", "10", "5", "5", "5", "5", "9", "8", "9", "10"]
    )
    assert [outcome.reason_required for outcome in outcomes].count(True) == 3
    assert sum_of(rule_set, outcomes) == "95.98"
    assert sum_of(rule_set, outcomes, exact=True) == "95.98"
    half_up = msgspec.structs.replace(rule_set, rounding=Rounding())
    assert sum_of(half_up, bayannur(half_up)) == "95.99"


def test_qiaoxi_scores_its_rates_on_their_own_bases() -> None:
    rule_set = load("桥西-2024")
    by_name = {row.path[-1]: row for row in rule_set.templates}
    completion = outcome_of(
        rule_set, by_name["预算完成率"], None, INITIAL_BUDGET="864.64", OUTTURN="703.34"
    )
    assert completion.points == D("4.07")
    key = outcome_of(
        rule_set,
        by_name["重点支出安排率"],
        None,
        KEY_PROJECT_BUDGET="314.42",
        PROJECT_INITIAL="419.29",
    )
    assert key.points == D("3.75")
    change = by_name["“三公经费”变动率"]
    assert change.metric == MetricRef("THREE_PUBLIC_CHANGE_RATE", Base.BUDGET)
    assert outcome_of(rule_set, change, NumberActual(D("2.7"), "%")).points == D("4.87")
    assert outcome_of(rule_set, change, NumberActual(D("-2.78"), "%")).points == 5
    control = by_name["“三公经费”控制率"]
    for outturn in ("3.5", "3.59"):
        sums = {"THREE_PUBLIC_BUDGET": "3.6", "THREE_PUBLIC_OUTTURN": outturn}
        assert outcome_of(rule_set, control, None, **sums).points == 5
    assert outcome_of(rule_set, control, NumberActual(D(102), "%")).points == 4
    operating = by_name["公用经费控制率"]
    assert outcome_of(rule_set, operating, NumberActual(D(102), "%")).points == D("4.8")
    satisfied = by_name["上访群众或服务对象满意度"]
    assert outcome_of(rule_set, satisfied, NumberActual(D("97.69"), "%")).points == 5
    clear = outcome_of(rule_set, by_name["绩效指标明确性"], ItemsActual(("1", "3", "4")))
    assert clear.points == 4
    efficient = by_name["行政效能"]
    assert outcome_of(rule_set, efficient, LabelActual("一般")).points == 3
    by_degree = outcome_of(rule_set, by_name["社会效益"], LabelActual("按实现程度", D("4.5")))
    assert by_degree.points == D("4.5")
    assert by_degree.reason_required


def test_zhanyi_counts_over_execution_as_full_and_met_as_full() -> None:
    rule_set = load("沾益-2023")
    first, *_, effect, _satisfied = rule_set.templates
    sums = {"ADJUSTED_BUDGET": "20.00", "OUTTURN": "21.97"}
    assert outcome_of(rule_set, first, None, **sums).points == 10
    assert outcome_of(rule_set, effect, LabelActual("没有发生")).points == 20
    assert outcome_of(rule_set, effect, LabelActual("发生")).points == 0


# -------------------------------------------------------------------------------- the digest


def shuffled(value: object, chance: random.Random) -> object:
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    if isinstance(value, list):
        return [shuffled(part, chance) for part in value]
    return value


@given(st.sampled_from([path.stem for path in FILES]), st.randoms(use_true_random=False))
def test_the_digest_does_not_depend_on_the_order_of_keys(name: str, chance: random.Random) -> None:
    other = yaml.safe_load(yaml.safe_dump(shuffled(content(name), chance), sort_keys=False))
    assert msgspec.convert(other, RuleSet, strict=False).digest == load(name).digest


def test_equal_rule_sets_have_equal_digests_however_they_were_written() -> None:
    short = RuleSet(name="n", version="1", title="t", rules={"a": Proportional()})
    long = RuleSet(
        name="n",
        version="1",
        title="t",
        rounding=Rounding(places=2),
        rules={"a": Proportional(benchmark=D("1.00"), cap=D("1"))},
        total_points=D("100.0"),
    )
    assert short == long
    assert short.digest == long.digest


def test_every_change_of_content_changes_the_digest() -> None:
    rule_set = load("桥西-2024")
    changes: list[dict[str, Any]] = [
        {"name": "x"},
        {"version": "2"},
        {"title": "x"},
        {"document": None},
        {"rounding": Rounding(mode=RoundingMode.DOWN)},
        {"bands": rule_set.bands[1:]},
        {"rules": {**rule_set.rules, "x": Proportional()}},
        {"templates": rule_set.templates[::-1]},
        {"total_points": D(98)},
    ]
    digests = {rule_set.digest}
    digests |= {msgspec.structs.replace(rule_set, **change).digest for change in changes}
    assert len(digests) == len(changes) + 1


# -------------------------------------------------------------------------------- check


def test_every_fault_of_a_rule_set_is_told_at_once() -> None:
    rule_set = RuleSet(
        name=" ",
        version="1",
        title="t",
        rounding=Rounding(places=9),
        bands=(
            GradeBand("优", D(90)),
            GradeBand("优", D(95)),
            GradeBand("", D(-1)),
        ),
        rules={
            "坏": Proportional(benchmark=D(0)),
            "清单": Checklist(items=(Item("1", D(3)),)),
        },
        templates=(
            Indicator(line="1", path=(), max_points=D(5), rule="清单"),
            Indicator(line="1", path=("a",), max_points=D(5), rule="没有"),
            Indicator(
                line="",
                path=("a", ""),
                max_points=D(5),
                rule="坏",
                metric=MetricRef("EXECUTION_RATE", "GROSS"),
            ),
        ),
    )
    problems = check_rule_set(rule_set, "rules.yaml")
    assert [f"{problem.code} {problem.place}" for problem in problems] == [
        "rule-set.blank rules.yaml.name",
        "rule.places rules.yaml.rounding.places",
        "rule-set.band-order rules.yaml.bands[1].low",
        "rule-set.grade-twice rules.yaml.bands[1].grade",
        "rule-set.band-range rules.yaml.bands[2].low",
        "rule-set.blank rules.yaml.bands[2].grade",
        "rule.not-positive rules.yaml.rules.坏.benchmark",
        "rule-set.path rules.yaml.templates[0].path",
        "rule.items-sum rules.yaml.templates[0].rule.items",
        "rule-set.line-twice rules.yaml.templates[1].line",
        "rule-set.rule-unknown rules.yaml.templates[1].rule",
        "rule-set.blank rules.yaml.templates[2].line",
        "rule-set.path rules.yaml.templates[2].path",
        "rule-set.metric-unknown rules.yaml.templates[2].metric",
        "rule-set.weights-sum rules.yaml.templates",
    ]


def test_full_points_must_survive_the_rounding() -> None:
    row = Indicator(line="1", path=("a",), max_points=D("2.5"))
    rule_set = RuleSet(
        name="n",
        version="1",
        title="t",
        rounding=Rounding(places=0),
        templates=(row,),
        total_points=D("2.5"),
    )
    assert [problem.code for problem in check_rule_set(rule_set)] == ["rule-set.too-fine"]


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_a_total_is_a_positive_number(value: str) -> None:
    rule_set = RuleSet(name="n", version="1", title="t", total_points=D(value))
    assert [problem.code for problem in check_rule_set(rule_set)] == ["rule-set.total-points"]
