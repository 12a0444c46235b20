"""The three stories of the model, as the views tell them; and each as of a day before."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.commands import CorrectEntry, Return
from domain.crosschecks.findings import FindingClass
from domain.evaluation.scores import Origin
from domain.facts.envelope import Place, on
from domain.facts.form import (
    DeclaredFigure,
    DeclaredRate,
    FiguresDeclared,
    IndicatorsSet,
    ScoreDeclared,
    Subject,
)
from domain.facts.ledger import Basis, BudgetSupplemented
from domain.ids import unit_year_of
from domain.scoring.indicators import Indicator, MetricRef
from domain.scoring.rule_set import RuleSet
from domain.scoring.rules import Knot, PiecewiseLinear
from domain.values import Printed
from projections import adjustments, current
from projections.adjustments import adjustments_as_of
from projections.current import current_as_of
from projections.deductions import Part, deductions_as_of
from projections.findings import findings_as_of
from projections.score_history import ChangeKind, history_as_of
from projections.unit_year import counted, load, recall
from tests.projections.stage import TABLE, Stage, event_of, wan
from tests.support.scenario import (
    BOOKKEEPER,
    DEPARTMENT,
    EXECUTION,
    FORM,
    LEDGER,
    LOG,
    WAN,
)

CHANGE_RATE = Indicator(
    line="12",
    path=("决策", "预算配置", "“三公经费”变动率"),
    max_points=Decimal(5),
    metric=MetricRef("THREE_PUBLIC_CHANGE_RATE", "BUDGET"),
    rule="三公变动率",
)
QIAOXI = RuleSet(
    name="桥西",
    version="2024",
    title="桥西 2024",
    rules={
        "三公变动率": PiecewiseLinear(
            knots=(Knot(Decimal(0), Decimal(1)), Knot(Decimal(100), Decimal(0)))
        )
    },
)


def day(month: int, number: int) -> datetime:
    return datetime(2025, month, number, 23, 59, tzinfo=UTC)


# ------------------------------------------------------------------- 1. a printed score, no reason


def declared_only(stage: Stage) -> Stage:
    stage.with_form(rules=QIAOXI)
    table = Place("自评报告", "附件1", table=True)
    figures = (
        DeclaredFigure(quantity="THREE_PUBLIC_BUDGET", printed=wan("3.6"), place=table),
        DeclaredFigure(
            quantity="THREE_PUBLIC_OUTTURN", printed=wan("3.5"), place=table, counts=True
        ),
        DeclaredFigure(
            quantity="THREE_PUBLIC_OUTTURN",
            printed=wan("3.59"),
            place=Place("自评报告", "正文"),
        ),
        DeclaredFigure(quantity="PRIOR_THREE_PUBLIC_OUTTURN", printed=wan("3.6"), place=table),
    )
    rate = DeclaredRate(
        metric="THREE_PUBLIC_CHANGE_RATE",
        printed=Printed("2.7", "%"),
        place=Place("自评报告", "正文"),
    )
    stage.enter(IndicatorsSet(rows=(CHANGE_RATE,)))
    stage.enter(FiguresDeclared(figures=figures, rates=(rate,)))
    stage.enter(ScoreDeclared(subject=Subject.LINE, line="12", points=Decimal(3), place=TABLE))
    stage.recalculated()
    return stage


def test_a_printed_score_is_one_change_with_its_place(stage: Stage) -> None:
    declared_only(stage)
    [change] = stage.changes(line="12")
    assert (change.kind, change.from_points, change.to_points) == (ChangeKind.DECLARED, None, "3")
    assert (change.place, change.document, change.reason) == (TABLE, None, None)
    assert (change.event_type, change.origin_to, change.causes) == (
        "score-declared",
        Origin.DECLARED,
        (),
    )


def test_a_printed_score_without_reason_is_an_unexplained_deduction(stage: Stage) -> None:
    declared_only(stage)
    [row] = stage.deductions()
    assert (row.max_points, row.calculated, row.declared, row.self_points, row.final) == (
        "5",
        None,
        "3",
        "3",
        "3",
    )
    assert (row.deduction, row.unexplained, row.reason, row.reasoned) == ("2", True, None, None)
    assert row.obstacle is not None
    assert "上年三公经费预算数" in row.obstacle.zh
    assert {(one.own, one.points) for one in row.readings} == {
        (True, None),
        (False, "5"),
        (False, "4.87"),
    }
    assert row.scored is not None
    assert row.scored.place == TABLE
    assert [(one.part, len(one.facts)) for one in row.provenance] == [
        (Part.ROW, 1),
        (Part.FIGURES, 1),
        (Part.CALCULATED, 3),
        (Part.DECLARED, 1),
    ]
    assert [(one.quantity, one.printed, one.counts) for one in row.figures] == [
        ("THREE_PUBLIC_BUDGET", "3.6 万元", True)
    ]


def test_a_score_that_no_reading_gives_is_a_contradiction(stage: Stage) -> None:
    declared_only(stage)
    found = {one.code: one for one in stage.findings() if one.line == "12"}
    score = next(one for code, one in found.items() if code.startswith("score"))
    assert score.class_ is FindingClass.CONTRADICTION
    assert "deduction-without-reason" in found


def test_a_printed_form_stands_as_it_was_printed(stage: Stage) -> None:
    declared_only(stage)
    found = stage.current()
    [line] = found.lines
    assert (line.calculated, line.declared, line.final, line.explained) == (None, "3", "3", False)
    assert (found.evaluation.subtotal, found.evaluation.not_computed) == ("0", ("12",))
    assert found.evaluation.computed_total == "3"
    assert [(one.quantity, one.amount, one.counts) for one in found.figures] == [
        ("THREE_PUBLIC_BUDGET", "3.6", True),
        ("THREE_PUBLIC_OUTTURN", "3.5", True),
        ("THREE_PUBLIC_OUTTURN", "3.59", False),
        ("PRIOR_THREE_PUBLIC_OUTTURN", "3.6", True),
    ]


# ------------------------------------------------------------------------------- 2. a late payment


def late_payment(stage: Stage) -> Stage:
    stage.with_ledger(Basis.LEDGER).with_initial(100)
    stage.paid("98", "v1")
    stage.with_form(EXECUTION)
    stage.at(2025, 3, 10)
    stage.submitted()
    stage.at(2025, 3, 15)
    stage.paid("1.5", "v2", 12, 28)
    return stage


def test_a_late_payment_leaves_the_score_and_marks_it_stale(stage: Stage) -> None:
    late_payment(stage)
    found = stage.current()
    assert (found.lines[0].final, found.lines[0].stale, found.evaluation.stale) == (
        "9.8",
        True,
        True,
    )
    late = [one for one in stage.findings() if "9.95" in one.recomputed.zh]
    assert late


def test_as_of_the_day_before_the_late_payment_nothing_is_known_of_it(stage: Stage) -> None:
    late_payment(stage)
    position = stage.store.position_at(LOG, day(3, 12))
    found = current_as_of(stage.store, LOG, FORM, position)
    assert found is not None
    assert (found.lines[0].final, found.evaluation.stale) == ("9.8", False)
    assert [one.amount for one in found.figures if one.quantity == "OUTTURN"] == ["98"]
    late = findings_as_of(stage.store, LOG, FORM, position)
    assert [one for one in late if "9.95" in one.recomputed.zh] == []


def test_a_recalculation_names_the_payment_as_its_cause(stage: Stage) -> None:
    late_payment(stage)
    stage.at(2025, 3, 20).given(Return(form=FORM, opinion="补记支出"), DEPARTMENT)
    stage.at(2025, 3, 21)
    stage.recalculated()
    stage.submitted()
    first, again = stage.changes(line="1")
    assert (first.kind, first.from_points, first.to_points) == (ChangeKind.CALCULATED, None, "9.8")
    assert (again.kind, again.from_points, again.to_points) == (
        ChangeKind.RECALCULATED,
        "9.8",
        "9.95",
    )
    [cause] = again.causes
    payment = stage.store.read(LOG, LEDGER)[-1]
    assert (cause.event_id, cause.stream_id, cause.position, cause.type) == (
        payment.envelope.event_id,
        LEDGER,
        payment.position,
        "expenditure-recorded",
    )
    assert [(one.subject, one.from_points, one.to_points) for one in stage.changes()] == [
        (Subject.LINE, None, "9.8"),
        (Subject.GROUP, None, "9.8"),
        (Subject.TOTAL, None, "9.8"),
        (Subject.LINE, "9.8", "9.95"),
        (Subject.GROUP, "9.8", "9.95"),
        (Subject.TOTAL, "9.8", "9.95"),
    ]
    [returned] = stage.current().evaluation.returns
    assert returned.opinion is not None
    assert returned.opinion.body == "补记支出"


# --------------------------------------------------------------------------------- 3. a correction


def corrected(stage: Stage) -> Stage:
    stage.at(2024, 1, 10).with_ledger(Basis.LEDGER).with_initial(500)
    stage.at(2024, 6, 1)
    booked = stage.book(
        BudgetSupplemented(amount=110 * WAN, document="A", reason="追加"),
        effective=on(date(2024, 6, 1)),
    )
    stage.at(2024, 6, 8).given(
        CorrectEntry(
            stream=LEDGER,
            target=event_of(booked, stage),
            replacement=BudgetSupplemented(amount=101 * WAN, document="A", reason="追加"),
            effective=on(date(2024, 6, 1)),
            reason="录入错误",
            document="B",
        ),
        BOOKKEEPER,
    )
    stage.at(2024, 7, 1).book(BudgetSupplemented(amount=9 * WAN, document="C", reason="追加"))
    return stage


def test_a_corrected_adjustment_is_one_row_with_its_chain(stage: Stage) -> None:
    corrected(stage)
    first, second = stage.adjustments()
    assert (first.amount, first.balance, first.chain) == ("101", "601", ("110", "101"))
    assert (second.amount, second.balance, second.chain) == ("9", "610", ("9",))
    assert (first.initial, first.increased, first.decreased) == ("500", "101", "0")
    assert (second.increased, first.row.document, first.row.month) == ("110", "A", "2024-06")
    booked, correction = first.row.links
    assert (booked.document, correction.document, correction.type) == (
        "A",
        "B",
        "entry-corrected",
    )
    assert correction.reason is not None
    assert correction.reason.body == "录入错误"
    assert (first.row.corrected, second.row.corrected) == (True, False)


def test_as_of_the_day_between_the_uncorrected_amount_holds(stage: Stage) -> None:
    corrected(stage)
    between = stage.store.position_at(LOG, datetime(2024, 6, 4, tzinfo=UTC))
    [entry] = adjustments_as_of(stage.store, LOG, LEDGER, between)
    assert (entry.amount, entry.balance, entry.chain) == ("110", "610", ("110",))


def test_a_past_answers_as_a_fold_of_the_facts_known_then(stage: Stage) -> None:
    corrected(stage)
    late = late_payment_after_correction(stage)
    unit_year = unit_year_of(FORM)
    assert unit_year is not None
    for position in range(1, late.store.head(LOG) + 1):
        folded = load(late.store, LOG, unit_year, position)
        past = recall(late.store, LOG, unit_year, position)
        assert past.facts == folded.facts
        assert list(past.ledger_facts) == list(folded.ledger_facts)
        assert past.positions == folded.positions
        assert past.ledger_position == folded.ledger_position
        assert past.size == folded.size
        for day in (None, date(2024, 6, 30)):
            then, now = counted(past, day), counted(folded, day)
            assert adjustments.derive(then) == adjustments.derive(now)
            assert adjustments.derive_openings(then) == adjustments.derive_openings(now)
            for form_id in folded.forms:
                assert current.derive(then, form_id) == current.derive(now, form_id)


def test_a_past_is_not_advanced(stage: Stage) -> None:
    corrected(stage)
    late = late_payment_after_correction(stage)
    [*_, last] = late.store.read(LOG, FORM)
    unit_year = unit_year_of(FORM)
    assert unit_year is not None
    with pytest.raises(TypeError):
        recall(late.store, LOG, unit_year).advance(last)


def test_as_of_the_head_every_view_equals_its_table(stage: Stage) -> None:
    corrected(stage)
    late = late_payment_after_correction(stage)
    assert adjustments_as_of(stage.store, LOG, LEDGER) == late.adjustments()
    assert current_as_of(stage.store, LOG, FORM) == late.current()
    assert history_as_of(stage.store, LOG, FORM) == late.changes()
    assert deductions_as_of(stage.store, LOG, FORM) == late.deductions()
    assert findings_as_of(stage.store, LOG, FORM) == late.findings()


def late_payment_after_correction(stage: Stage) -> Stage:
    stage.paid("598", "v1")
    stage.with_form(EXECUTION)
    stage.at(2025, 3, 10)
    stage.submitted()
    stage.at(2025, 3, 15)
    stage.paid("1.5", "v2", 12, 28)
    stage.given(Return(form=FORM, opinion="补记支出"), DEPARTMENT)
    stage.recalculated()
    return stage
