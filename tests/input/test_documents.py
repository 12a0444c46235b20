"""The five published documents: exact, complete, and as commands."""

import json
from decimal import Decimal
from typing import TypeVar

import pytest

from adapters.input_files import plan, read
from adapters.input_format.document import One
from adapters.input_format.rendering import plain
from domain.commands import (
    AdoptRuleSet,
    Book,
    CalculateScores,
    Enter,
    Note,
    OpenEvaluation,
    OpenLedger,
    PublishRuleSet,
)
from domain.facts.form import (
    ActualEntered,
    BreakdownBy,
    DeductionJustified,
    FiguresDeclared,
    FormEntry,
    IndicatorsSet,
    ScoreCalculated,
    ScoreDeclared,
    Subject,
)
from domain.facts.ledger import Basis
from domain.importing import Step
from domain.scoring.indicators import (
    DateActual,
    ItemsActual,
    LabelActual,
    NumberActual,
    TextActual,
    TextTarget,
)
from tests.input.support import RULE_SETS, example, examples, load, text
from tests.support.memory_store import MemoryStore

QIAOXI = "130104/xfj/2024/department"
SHENZE = "130128/542/2023/department"
ZHANYI = "530303/xfj/2023/department"
PROJECTS = [
    f"530303/xfj/2023/project/{code}" for code in ("lianhe-gongzuozu", "jiuzhujin", "weiwen")
]
BAYANNUR = "150800/xfj/2024/project/xinfang-shiwu"
SHANGJIE = "410106/xfj/2022/department"
FORMS = [QIAOXI, SHENZE, ZHANYI, *PROJECTS, BAYANNUR, SHANGJIE]
F = TypeVar("F", bound=FormEntry)

STEPS = plan(examples(), rule_sets=RULE_SETS)


def facts(form: str, kind: type[F]) -> list[F]:
    """The facts of a kind that the import enters in a form."""
    return [
        entry.fact
        for step in STEPS
        if isinstance(step.command, Enter) and step.stream == form
        for entry in step.command.entries
        if isinstance(entry.fact, kind)
    ]


def figures(form: str) -> FiguresDeclared:
    (fact,) = facts(form, FiguresDeclared)
    return fact


def scores(form: str, subject: Subject) -> list[ScoreDeclared]:
    return [fact for fact in facts(form, ScoreDeclared) if fact.subject is subject]


def printed(form: str, quantity: str) -> list[tuple[str, bool]]:
    return [
        (str(one.printed), one.place.table)
        for one in figures(form).figures
        if one.quantity == quantity
    ]


def line_of(form: str, name: str) -> str:
    (rows,) = facts(form, IndicatorsSet)
    (line,) = [row.line for row in rows.rows if row.path[-1] == name]
    return line


def names(form: str) -> list[str]:
    return [step.name for step in STEPS if step.stream == form]


def test_they_have_no_problems() -> None:
    assert [read(source).problems for source in examples()] == [()] * 5


def test_they_hold_eight_evaluations() -> None:
    opened = [step.command.form for step in STEPS if isinstance(step.command, OpenEvaluation)]
    assert sorted(opened) == sorted(FORMS)


def test_the_steps_of_a_form_come_in_order_with_ids_that_do_not_depend_on_content() -> None:
    steps = [step for step in STEPS if step.log_id == "410106"]
    assert [(step.command_id, type(step.command)) for step in steps] == [
        ("import/410106/xfj/2022/ledger/opened", OpenLedger),
        ("import/410106/rule-sets/上街-2022/1", PublishRuleSet),
        ("import/410106/xfj/2022/department/opened", OpenEvaluation),
        ("import/410106/xfj/2022/department/rule-set", AdoptRuleSet),
        ("import/410106/xfj/2022/department/rows", Enter),
        ("import/410106/xfj/2022/department/figures", Enter),
        ("import/410106/xfj/2022/department/actuals", Enter),
        ("import/410106/xfj/2022/department/scores", Enter),
        ("import/410106/xfj/2022/department/reasons", Enter),
        ("import/410106/xfj/2022/department/problems", Note),
        ("import/410106/xfj/2022/department/calculation", CalculateScores),
    ]


def test_no_document_books_anything_and_each_ledger_is_declared() -> None:
    ledgers = [step.command for step in STEPS if isinstance(step.command, OpenLedger)]
    assert {ledger.basis for ledger in ledgers} == {Basis.DECLARED}
    assert len(ledgers) == 5
    assert not any(isinstance(step.command, Book) for step in STEPS)


def test_every_entry_names_its_document_and_place() -> None:
    entries = [
        entry for step in STEPS if isinstance(step.command, Enter) for entry in step.command.entries
    ]
    # 深泽's figures stand in several places, each named with its figure.
    assert all(
        entry.source.document and entry.source.place
        for entry in entries
        if entry.source is not None
    )
    assert {type(entry.fact) for entry in entries if entry.source is None} == {FiguresDeclared}


def calculated(form: str) -> dict[str, Decimal | None]:
    store = MemoryStore()
    load(store, *examples())
    log = form.partition("/")[0]
    return {
        one.fact.line: one.fact.points
        for one in store.read(log, form)
        if isinstance(one.fact, ScoreCalculated)
    }


# ------------------------------------------------------------------------------------------ 桥西


def test_qiaoxi_lines_sum_to_98_and_97_and_98_are_declared() -> None:
    lines = scores(QIAOXI, Subject.LINE)
    assert len(lines) == 19
    assert sum(one.points or 0 for one in lines) == 98
    totals = scores(QIAOXI, Subject.TOTAL)
    assert [(one.points, one.place.table) for one in totals] == [
        (Decimal(97), False),
        (Decimal(97), False),
        (Decimal(98), True),
    ]
    assert [one.points for one in scores(QIAOXI, Subject.GROUP)] == [18, 30, 30, 20]
    assert [one.grade for one in scores(QIAOXI, Subject.GRADE)] == ["优秀"]


def test_qiaoxi_figures_that_differ_are_all_there() -> None:
    fact = figures(QIAOXI)
    ruling = {one.quantity: str(one.printed) for one in fact.figures if one.counts}
    assert ruling == {
        "PROJECT_INITIAL": "419.29 万元",
        "THREE_PUBLIC_BUDGET": "3.6 万元",
        "THREE_PUBLIC_OUTTURN": "3.59 万元",
    }
    assert printed(QIAOXI, "THREE_PUBLIC_OUTTURN") == [
        ("3.59 万元", False),
        ("3.5 万元", False),
        ("3.5 万元", False),
    ]
    assert printed(QIAOXI, "THREE_PUBLIC_BUDGET")[1] == ("3.6 元", False)
    assert printed(QIAOXI, "PROJECT_INITIAL")[1] == ("314.42 万元", False)
    assert printed(QIAOXI, "PRIOR_THREE_PUBLIC_BUDGET") == []
    assert [(one.metric, str(one.printed)) for one in fact.rates] == [
        ("THREE_PUBLIC_CHANGE_RATE", "2.7%"),
        ("KEY_EXPENDITURE_RATE", "100%"),
        ("COMPLETION_RATE", "100%"),
        ("OPERATING_CONTROL_RATE", "100%"),
        ("THREE_PUBLIC_CONTROL_RATE", "97.22%"),
    ]
    (classes,) = [one for one in fact.breakdowns if one.by is BreakdownBy.ECONOMIC_CLASS]
    assert sum(part.printed.value for part in classes.parts) == Decimal("652.31")


def test_qiaoxi_lines_bound_to_a_metric_have_no_actual_value() -> None:
    (rows,) = facts(QIAOXI, IndicatorsSet)
    measured = {row.line for row in rows.rows if row.metric is not None}
    assert len(measured) == 5
    actuals = {fact.line: fact.actual for fact in facts(QIAOXI, ActualEntered)}
    assert not measured & set(actuals)
    assert actuals[line_of(QIAOXI, "资金使用合规性")] == ItemsActual(("1", "2", "3", "4"))
    assert actuals[line_of(QIAOXI, "质量达标率")] == NumberActual(Decimal(100), "%")
    assert actuals[line_of(QIAOXI, "上访群众或服务对象满意度")] == NumberActual(
        Decimal("97.69"), "%"
    )
    assert line_of(QIAOXI, "绩效指标明确性") not in actuals


def test_qiaoxi_calculates_on_the_bases_of_its_rules() -> None:
    points = calculated(QIAOXI)
    assert points[line_of(QIAOXI, "重点支出安排率")] == Decimal("3.75")
    assert points[line_of(QIAOXI, "预算完成率")] == Decimal("4.07")
    assert points[line_of(QIAOXI, "“三公经费”变动率")] is None


# ------------------------------------------------------------------------------------------ 深泽


def test_shenze_has_a_total_and_a_grade_and_no_line() -> None:
    assert names(SHENZE) == ["opened", "rule-set", "figures", "scores", "problems"]
    assert [one.points for one in scores(SHENZE, Subject.TOTAL)] == [87]
    assert [one.grade for one in scores(SHENZE, Subject.GRADE)] == ["优"]
    assert printed(SHENZE, "INITIAL_BUDGET") == [("187.35 万元", False)]
    assert printed(SHENZE, "OUTTURN") == [("292.04 万元", False)]


# ------------------------------------------------------------------------------------------ 沾益


@pytest.mark.parametrize("form", PROJECTS)
def test_each_zhanyi_project_has_five_lines_and_100_points(form: str) -> None:
    lines = scores(form, Subject.LINE)
    assert len(lines) == 5
    assert sum(one.points or 0 for one in lines) == 100
    (total,) = scores(form, Subject.TOTAL)
    assert (total.points, total.max_points) == (Decimal(100), Decimal(100))
    assert [one.grade for one in scores(form, Subject.GRADE)] == ["优"]


def test_zhanyi_spends_21_97_of_20_and_prints_100_per_cent() -> None:
    form = PROJECTS[1]
    assert printed(form, "ADJUSTED_BUDGET") == [("20.00 万元", True)]
    assert printed(form, "OUTTURN") == [("21.97 万元", True)]
    assert [str(one.printed) for one in figures(form).rates] == ["100.00%"]


def test_zhanyi_uses_the_same_indicators_in_three_projects() -> None:
    paths = []
    for form in PROJECTS:
        (rows,) = facts(form, IndicatorsSet)
        paths.append([row.path for row in rows.rows])
    assert paths[0] == paths[1] == paths[2]


def test_zhanyi_text_values_and_the_unit_beside_a_text_stay_as_printed() -> None:
    (rows,) = facts(PROJECTS[0], IndicatorsSet)
    targets = [row.target for row in rows.rows if isinstance(row.target, TextTarget)]
    assert [target.unit for target in targets] == ["5%"]
    kinds = [type(fact.actual) for fact in facts(PROJECTS[0], ActualEntered)]
    assert kinds == [NumberActual, TextActual, LabelActual, TextActual]


def test_the_zhanyi_department_form_has_tasks_and_rows_without_points() -> None:
    tasks = figures(ZHANYI).tasks
    assert [task.rate and task.rate.text for task in tasks] == ["100", "20", "20"]
    approved = sum(task.approved.value for task in tasks if task.approved)
    assert approved == Decimal("230.25")
    (rows,) = facts(ZHANYI, IndicatorsSet)
    assert [row.max_points for row in rows.rows] == [None] * 3
    assert facts(ZHANYI, ScoreDeclared) == []


# -------------------------------------------------------------------------------------- 巴彦淖尔


def test_bayannur_amounts_sum_to_the_fen() -> None:
    fact = figures(BAYANNUR)
    (classes,) = [one for one in fact.breakdowns if one.by is BreakdownBy.ECONOMIC_CLASS]
    assert len(classes.parts) == 16
    assert sum(part.printed.fen for part in classes.parts) == 244_675_240
    assert {part.printed.unit for part in classes.parts} == {"元"}


def test_bayannur_weights_sum_to_90_and_the_execution_line_is_not_printed() -> None:
    (rows,) = facts(BAYANNUR, IndicatorsSet)
    assert sum(row.max_points or 0 for row in rows.rows if row.printed) == 90
    (hidden,) = [row for row in rows.rows if not row.printed]
    assert hidden.path == ("预算执行率",)
    assert hidden.max_points == 10
    assert calculated(BAYANNUR)[hidden.line] == Decimal("9.98")


def test_bayannur_deducts_4_points_without_a_reason() -> None:
    assert facts(BAYANNUR, DeductionJustified) == []
    labels = [
        fact.actual
        for fact in facts(BAYANNUR, ActualEntered)
        if isinstance(fact.actual, LabelActual)
    ]
    assert [label.chosen for label in labels] == [None] * 3
    dates = [
        fact.actual
        for fact in facts(BAYANNUR, ActualEntered)
        if isinstance(fact.actual, DateActual)
    ]
    assert [str(one.on) for one in dates] == ["2024-12-31"]


# ------------------------------------------------------------------------------------------ 上街


def test_every_shangjie_line_calculates_to_what_is_declared() -> None:
    declared = {one.line: one.points for one in scores(SHANGJIE, Subject.LINE)}
    assert len(declared) == 32
    points = calculated(SHANGJIE)
    assert points == declared
    assert sum(one or 0 for one in points.values()) == Decimal("95.81")


def test_shangjie_the_execution_line_has_no_actual_value_of_its_own() -> None:
    actuals = {fact.line for fact in facts(SHANGJIE, ActualEntered)}
    assert len(actuals) == 31
    assert "1" not in actuals
    assert [str(rate.printed) for rate in figures(SHANGJIE).rates] == ["72.41%"] * 3


def test_shangjie_calls_two_amounts_the_budget_of_the_year() -> None:
    assert printed(SHANGJIE, "ADJUSTED_BUDGET") == [("378.1 万元", True), ("357.65 万元", False)]


def test_shangjie_gives_a_reason_for_each_deduction() -> None:
    deducted = {
        one.line
        for one in scores(SHANGJIE, Subject.LINE)
        if calculated_maximum(one.line or "") != one.points
    }
    assert {fact.line for fact in facts(SHANGJIE, DeductionJustified)} == deducted


def calculated_maximum(line: str) -> Decimal | None:
    (rows,) = facts(SHANGJIE, IndicatorsSet)
    (row,) = [row for row in rows.rows if row.line == line]
    return row.max_points


def test_one_example_as_json_gives_the_same_commands() -> None:

    (content,) = read(example("shangjie-2022")).submissions
    assert isinstance(content, One)
    as_json = text(json.dumps(plain(content), ensure_ascii=False), "a.json")

    def commands(steps: tuple[Step, ...]) -> list[object]:
        return [step.command for step in steps]

    assert commands(plan([as_json], rule_sets=RULE_SETS)) == commands(
        plan([example("shangjie-2022")], rule_sets=RULE_SETS)
    )
