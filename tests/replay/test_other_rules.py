"""A year under other rules: who would gain and lose, and what those rules do not cover."""

from decimal import Decimal

import pytest
from msgspec import structs

from domain.commands import CalculateScores, Enter, Entry, OverrideScore
from domain.facts.form import ActualEntered
from domain.scoring.indicators import Indicator, NumberActual, NumberTarget, Operator
from domain.scoring.rule_set import GradeBand, RuleSet
from domain.scoring.rules import Binary, Proportional
from domain.values import Rounding
from projections.replay import YearUnder, heads, under
from tests.projections.stage import Stage
from tests.support.scenario import FORM, LOG, RULES

ROWS = tuple(
    Indicator(
        line=str(number),
        path=("产出", name),
        max_points=Decimal(points),
        operator=Operator.GE,
        target=NumberTarget(Decimal(100), "次"),
        rule="按比例",
    )
    for number, (name, points) in enumerate([("接访", 60), ("下访", 20), ("培训", 20)], start=1)
)
STRICT = RuleSet(
    name="从严",
    version="2",
    title="不足不得分",
    rounding=Rounding(places=0),
    rules={"全或无": Binary()},
    bands=(GradeBand("甲", Decimal(85)), GradeBand("乙", Decimal(0))),
    templates=(structs.replace(ROWS[0], rule="全或无"),),
)


@pytest.fixture
def year(stage: Stage) -> Stage:
    stage.with_ledger().with_form(*ROWS)
    entries = [
        ActualEntered(line=line, actual=NumberActual(Decimal(value), "次"))
        for line, value in (("1", 90), ("2", 50), ("3", 100))
    ]
    stage.given(Enter(form=FORM, entries=tuple(Entry(fact=fact) for fact in entries)))
    stage.given(CalculateScores(form=FORM))
    return stage


GENEROUS = RuleSet(
    name="从宽",
    version="1",
    title="九成即满分",
    rules={"按比例": Proportional(benchmark=Decimal("0.9"))},
    bands=RULES.bands,
)


def scored_by(stage: Stage, rules: RuleSet) -> YearUnder:
    head = stage.store.head(LOG)
    found = under(stage.store, 2024, rules, heads(stage.store))
    assert stage.store.head(LOG) == head  # nothing is written
    return found


def test_the_same_rules_change_nothing(year: Stage) -> None:
    found = scored_by(year, RULES)
    [form] = found.forms
    assert (form.then, form.would, form.difference) == ("84", "84", "0")
    assert (form.moved, form.uncovered) == ((), ())
    assert (found.gain, found.lose, found.same) == (0, 0, 1)


def test_rules_of_the_same_name_score_every_line(year: Stage) -> None:
    found = scored_by(year, GENEROUS)
    [form] = found.forms
    assert (form.then, form.would, form.difference) == ("84", "91.11", "7.11")
    assert (form.grade_then, form.grade_would) == ("差", "优")
    assert [(one.line, one.rule, one.then, one.would) for one in form.moved] == [
        ("1", "按比例", "54", "60"),
        ("2", "按比例", "10", "11.11"),
    ]
    assert (found.gain, found.lose, found.mean_then, found.mean_would) == (1, 0, "84", "91.11")
    assert (found.grades_then, found.grades_would) == ({"差": 1}, {"优": 1})


def test_a_template_covers_its_indicator_and_the_rest_is_listed(year: Stage) -> None:
    found = scored_by(year, STRICT)
    [form] = found.forms
    assert [(one.line, one.rule, one.then, one.would) for one in form.moved] == [
        ("1", "全或无", "54", "0")
    ]
    assert [(one.line, one.path, one.rule, one.why.zh) for one in form.uncovered] == [
        ("2", ("产出", "下访"), "按比例", "没有对应的规则"),
        ("3", ("产出", "培训"), "按比例", "没有对应的规则"),
    ]
    assert (form.would, form.difference, form.grade_would) == ("30", "-54", "乙")
    assert (found.name, found.version, found.digest) == ("从严", "2", STRICT.digest)


def test_what_a_person_scored_stands(year: Stage) -> None:
    year.given(
        OverrideScore(form=FORM, line="1", to_points=Decimal(50), reason="据实", document="文1号")
    )
    [form] = scored_by(year, GENEROUS).forms
    assert (form.by_hand, form.then, form.would) == (1, "80", "81.11")
    assert [one.line for one in form.moved] == ["2"]


def test_winners_come_first_and_forms_without_a_total_last(year: Stage) -> None:
    for project, value in (("P1", 99), ("P2", 10)):
        form = f"130104/xfj/2024/project/{project}"
        year.with_form(ROWS[0], form_id=form)
        year.enter(ActualEntered(line="1", actual=NumberActual(Decimal(value), "次")), form_id=form)
        year.given(CalculateScores(form=form))
    year.with_form(ROWS[0], form_id="130104/xfj/2024/project/P3")
    found = scored_by(year, GENEROUS)
    assert [(one.form.rpartition("/")[2], one.difference) for one in found.forms] == [
        ("department", "7.11"),
        ("P2", "0.67"),
        ("P1", "0.6"),
        ("P3", None),
    ]
    assert (found.compared, found.gain, found.same) == (3, 3, 0)
