"""A finding is another once its values change: an acknowledgement of the old one lapses."""

from dataclasses import dataclass

import pytest

from domain.facts import Fact
from domain.facts.form import ScoreDeclared, Subject
from domain.scoring.indicators import LabelActual, Operator, TextTarget
from domain.scoring.rule_set import RuleSet
from tests.domain.builders import (
    RULES,
    Told,
    actual,
    banded,
    figures,
    grade,
    number,
    parts_of,
    place,
    project,
    row,
    rows,
    rules_with,
    score,
    stated_rate,
    task,
    told,
    total,
)


@dataclass
class _Form:
    """A form's facts under its rules."""

    facts: tuple[Fact, ...]
    rules: RuleSet = RULES

    def told(self) -> Told:
        return told(*self.facts, rules=self.rules)


def form(*facts: Fact, rules: RuleSet = RULES) -> _Form:
    return _Form(facts, rules)


IN_WORDS = rows(*(row(n, target=TextTarget("达标", unit="%")) for n in "12"))
EXECUTION = row(name="执行率", points="10", metric=("EXECUTION_RATE", "ADJUSTED"))
CHANGE = row(name="变动率", rule="变动率", metric=("THREE_PUBLIC_CHANGE_RATE", "BUDGET"))
OTHER_CHANGE = row(name="变动率", rule="变动率", metric=("THREE_PUBLIC_CHANGE_RATE", "OUTTURN"))
TWICE = rows(
    row("1", points="10", rule="九成满分", metric=("EXECUTION_RATE", "ADJUSTED")),
    row("2", points="3", metric=("EXECUTION_RATE", "ADJUSTED")),
)
LOOSE = rules_with(bands=banded(优=90, 良=80))
STRICT = rules_with(bands=banded(优=95, 良=80))


def no_lines(points: str) -> ScoreDeclared:
    return ScoreDeclared(
        subject=Subject.GROUP,
        path=("丙",),
        points=None if not points else total(points).points,
        place=place(),
    )


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [
        (
            "words-scored-by-percentage",
            form(IN_WORDS, actual("99", "1"), actual("98", "2")),
            form(IN_WORDS, actual("99", "1"), actual("97", "2")),
        ),
        (
            "operator-missing",
            form(rows(row(operator=None, target=number("90")))),
            form(rows(row(operator=None, target=number("95")))),
        ),
        (
            "text-for-number",
            form(rows(row(target=number("90"))), actual(LabelActual("较高"))),
            form(rows(row(target=number("90"))), actual(LabelActual("很高"))),
        ),
        (
            "unit-beside-words",
            form(rows(row(target=TextTarget("不发生", unit="5%"), operator=None))),
            form(rows(row(target=TextTarget("少发生", unit="5%"), operator=None))),
        ),
        (
            "breakdown-sum",
            form(figures(OUTTURN="10"), parts_of("OUTTURN", "5", "3")),
            form(figures(OUTTURN="10"), parts_of("OUTTURN", "4", "4")),
        ),
        (
            "tasks-sum",
            form(figures(OUTTURN="10"), task("8", "8"), task("5", "5")),
            form(figures(OUTTURN="10"), task("9", "9"), task("4", "4")),
        ),
        (
            "carry-over",
            form(figures(ADJUSTED_BUDGET="100", OUTTURN="80", CARRY_OVER="5")),
            form(figures(ADJUSTED_BUDGET="120", OUTTURN="100", CARRY_OVER="5")),
        ),
        (
            "adjustment-without-paper",
            form(figures(INITIAL_BUDGET="10000.0", ADJUSTED_BUDGET="10001.0")),
            form(figures(INITIAL_BUDGET="10001.0", ADJUSTED_BUDGET="10002.0")),
        ),
        (
            "score-rule",
            form(figures(ADJUSTED_BUDGET="100", OUTTURN="90"), rows(EXECUTION), score("8")),
            form(figures(ADJUSTED_BUDGET="100", OUTTURN="90.04"), rows(EXECUTION), score("8")),
        ),
        (
            "same-fact-two-rules",
            form(figures(ADJUSTED_BUDGET="10", OUTTURN="7"), TWICE, score("8"), score("2", "2")),
            form(figures(ADJUSTED_BUDGET="10", OUTTURN="8"), TWICE, score("8"), score("2", "2")),
        ),
        (
            "grade-outside-bands",
            form(total("85"), grade("优"), rules=LOOSE),
            form(total("85"), grade("优"), rules=STRICT),
        ),
        (
            "prior-year-missing",
            form(figures(THREE_PUBLIC_BUDGET="3.6", THREE_PUBLIC_OUTTURN="3"), rows(CHANGE)),
            form(figures(THREE_PUBLIC_BUDGET="3.6", THREE_PUBLIC_OUTTURN="3"), rows(OTHER_CHANGE)),
        ),
        (
            "group-without-lines",
            form(rows(row()), no_lines("20")),
            form(rows(row()), no_lines("19")),
        ),
        (
            "rate-numbers",
            form(
                figures(ADJUSTED_BUDGET="100", OUTTURN="90"),
                stated_rate("EXECUTION_RATE", "80"),
            ),
            form(
                figures(ADJUSTED_BUDGET="100", OUTTURN="91"),
                stated_rate("EXECUTION_RATE", "80"),
            ),
        ),
    ],
)
def test_other_values_are_another_finding(code: str, one: _Form, other: _Form) -> None:
    assert one.told().only(code).id == one.told().only(code).id
    assert one.told().only(code).id != other.told().only(code).id


def test_other_targets_of_the_same_indicators_are_another_finding() -> None:
    def two_projects(target: str) -> Told:
        lines = rows(
            row("1", name="接访", points="50", target=number(target, "次")),
            row("2", name="化解", points="50", operator=Operator.EQ, target=number("100")),
        )
        given = Told().form(lines, form_id=project("a"))
        return given.form(lines, form_id=project("b"))

    first, second = (two_projects(target).only("same-indicators", project("a")) for target in "78")
    assert first.id != second.id


def test_what_does_not_concern_a_finding_leaves_it_as_it_is() -> None:
    facts = (IN_WORDS, actual("99", "1"), actual("98", "2"))
    code = "words-scored-by-percentage"
    assert told(*facts).only(code).id == told(*facts, figures(OUTTURN="5")).only(code).id
