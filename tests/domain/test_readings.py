"""Every reading of a line, with what it gives."""

from decimal import Decimal
from fractions import Fraction

from domain.evaluation.readings import MOST, Measures, Reading, readings
from domain.facts.ledger import Basis, BudgetLine, InitialBudgetApproved
from domain.scoring.indicators import Indicator, NotApplicable
from domain.scoring.metrics import Base
from domain.scoring.steps import replay
from tests.domain.builders import (
    RULES,
    Told,
    actual,
    figures,
    paid,
    row,
    rows,
    stated_rate,
)

COMPLETION = row(name="预算完成率", points="5", metric=("COMPLETION_RATE", "INITIAL"))
CHANGE = row(
    name="三公变动率",
    points="5",
    rule="变动率",
    operator=None,
    metric=("THREE_PUBLIC_CHANGE_RATE", "BUDGET"),
)


def _read(told: Told, line: Indicator) -> tuple[Reading, ...]:
    return readings(Measures(told.form_state(), told.money()), RULES, line)


def test_the_own_base_comes_first_and_the_others_follow() -> None:
    told = Told().form(
        figures(INITIAL_BUDGET="864.64", ADJUSTED_BUDGET="703.34", OUTTURN="703.34"),
        rows(COMPLETION),
    )
    first, second = _read(told, COMPLETION)
    assert first.words.zh == "年初预算口径：703.34 ÷ 864.64 = 81.34% → 4.07 分"
    assert first.words.en == "on the initial budget: 703.34 ÷ 864.64 = 81.34 % → 4.07 points"
    assert (first.own, first.base, first.counting) == (True, Base.INITIAL, True)
    assert (second.own, second.base, second.points) == (False, Base.ADJUSTED, Decimal(5))
    assert first.value == Fraction(70334 * 100, 86464)


def test_story_one_has_three_readings_and_an_obstacle() -> None:
    told = Told().form(
        figures(
            THREE_PUBLIC_BUDGET="3.6",
            THREE_PUBLIC_OUTTURN=("3.59", "3.5"),
            PRIOR_THREE_PUBLIC_OUTTURN="3.6",
        ),
        stated_rate("THREE_PUBLIC_CHANGE_RATE", "2.7"),
        rows(CHANGE),
    )
    assert [one.words.zh for one in _read(told, CHANGE)] == [
        "预算数口径：三公经费变动率无法计算，缺少：上年三公经费预算数",
        "执行数口径：(3.59 − 3.6) ÷ 3.6 = −0.28% → 5 分",
        "执行数口径，3.5 见第2处：(3.5 − 3.6) ÷ 3.6 = −2.78% → 5 分",
        "印出的比率 2.7%（正文） → 4.87 分",
    ]


def test_an_entered_value_is_the_own_reading_and_the_metric_another() -> None:
    told = Told().form(
        figures(INITIAL_BUDGET="200", OUTTURN="100"), rows(COMPLETION), actual("100")
    )
    own, measured, _ = _read(told, COMPLETION)
    assert (own.own, own.base, own.points) == (True, None, Decimal(5))
    assert own.words.zh == "填报的实际完成值 100% → 5 分"
    assert (measured.own, measured.points) == (False, Decimal("2.5"))


def test_the_same_digits_in_another_unit_are_no_reading() -> None:
    control = row(
        points="5", rule="超标递减", operator=None, metric=("THREE_PUBLIC_CONTROL_RATE", "BUDGET")
    )
    told = Told().form(
        figures(THREE_PUBLIC_BUDGET=("3.6", "3.6 元"), THREE_PUBLIC_OUTTURN="3.6"), rows(control)
    )
    (only,) = _read(told, control)
    assert only.value == 100


def test_equal_statements_are_read_once_and_the_combinations_are_bounded() -> None:
    many = tuple(str(amount) for amount in range(1, 13))
    told = Told().form(figures(INITIAL_BUDGET=many, OUTTURN=(*many, "1")), rows(COMPLETION))
    initial = [one for one in _read(told, COMPLETION) if one.base is Base.INITIAL]
    assert len(initial) == MOST
    assert len({one.label for one in initial}) == MOST


def test_booked_sums_are_read_where_the_books_rule() -> None:
    told = (
        Told(Basis.LEDGER)
        .booked(InitialBudgetApproved(lines=(BudgetLine(100_000_000),)), paid("98", "1"))
        .form(figures(INITIAL_BUDGET="50"), rows(COMPLETION))
    )
    assert _read(told, COMPLETION)[0].words.zh == "年初预算口径：98 ÷ 100 = 98% → 4.9 分"


def test_what_nobody_books_is_read_from_the_form_in_every_statement() -> None:
    control = row(
        points="5", rule="超标递减", operator=None, metric=("THREE_PUBLIC_CONTROL_RATE", "BUDGET")
    )
    told = (
        Told(Basis.LEDGER)
        .booked(InitialBudgetApproved(lines=(BudgetLine(100_000_000),)), paid("98", "1"))
        .form(figures(THREE_PUBLIC_BUDGET="4", THREE_PUBLIC_OUTTURN=("3", "2")), rows(control))
    )
    assert [one.value for one in _read(told, control)] == [75, 50]


def test_nothing_to_measure_shows_its_figures() -> None:
    told = Told().form(figures(INITIAL_BUDGET="0", OUTTURN="0"), rows(COMPLETION))
    own = _read(told, COMPLETION)[0]
    assert (own.own, own.nothing, own.points, own.value) == (True, True, None, None)
    assert own.words.zh == "年初预算口径：0 ÷ 0，不适用：该行不计分，其余各行按比例放大"
    assert own.words.en.startswith("on the initial budget: 0 ÷ 0, not applicable: ")
    entered = Told().form(rows(COMPLETION), actual(NotApplicable()))
    first = _read(entered, COMPLETION)[0]
    assert (first.own, first.nothing) == (True, True)
    assert first.words.zh == "填报的实际完成值，不适用：该行不计分，其余各行按比例放大"


def test_another_statement_is_read_where_the_one_that_counts_gives_no_rate() -> None:
    told = Told().form(figures(INITIAL_BUDGET=("0", "50"), OUTTURN="40"), rows(COMPLETION))
    assert 80 in [one.value for one in _read(told, COMPLETION)]


def test_the_steps_of_a_reading_give_its_points() -> None:
    told = Told().form(
        figures(INITIAL_BUDGET="864.64", ADJUSTED_BUDGET="703.34", OUTTURN="703.34"),
        rows(COMPLETION),
    )
    assert [replay(one.steps) for one in _read(told, COMPLETION)] == [Decimal("4.07"), Decimal(5)]


def test_without_a_rule_set_a_line_still_has_values() -> None:
    told = Told().form(figures(INITIAL_BUDGET="100", OUTTURN="90"), rows(COMPLETION), rules=None)
    first = readings(Measures(told.form_state(), told.money()), None, COMPLETION)[0]
    assert first.value == Fraction(90)
    assert first.points is None
    assert first.obstacle is not None


def test_a_line_without_value_and_metric_has_no_reading() -> None:
    assert _read(Told().form(rows(row())), row()) == ()
