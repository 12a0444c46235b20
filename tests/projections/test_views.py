"""What the other views answer: kinds of change, explained deductions, lists, findings."""

from datetime import UTC, datetime
from decimal import Decimal

from domain import facts
from domain.commands import (
    CorrectEntry,
    GiveReviewScore,
    Note,
    OverrideScore,
    PassDepartmentReview,
    Return,
    WithdrawIndicator,
    WithdrawOverride,
)
from domain.evaluation.scores import Origin
from domain.evaluation.state import Status
from domain.facts.form import (
    ActualEntered,
    DeductionJustified,
    EvidenceAttached,
    FindingAcknowledged,
    IndicatorsSet,
    MeasureCompleted,
    MeasurePlanned,
    ProblemNoted,
    ScoreDeclared,
    Subject,
)
from domain.facts.ledger import Basis
from domain.scoring.indicators import Indicator, NumberActual, NumberTarget, Operator, TextActual
from projections import current, deductions, findings, score_history
from projections.score_history import ChangeFilter, ChangeKind
from projections.tables.paging import walk
from projections.unit_year import MOVES_SCORES, load, unit_year_of_stream
from tests.projections.stage import BODY, TABLE, Stage, event_of
from tests.support.scenario import CLERK, DEPARTMENT, EXECUTION, FORM, LEDGER, LOG

VISITS = Indicator(
    line="2",
    path=("产出", "数量", "走访"),
    max_points=Decimal(20),
    operator=Operator.GE,
    target=NumberTarget(Decimal(10), "次"),
    rule="按比例",
)


def filled(stage: Stage) -> Stage:
    stage.with_ledger(Basis.LEDGER).with_initial(100)
    stage.paid("98", "v1")
    stage.with_form(EXECUTION, VISITS)
    stage.enter(ActualEntered(line="2", actual=NumberActual(Decimal(8), "次")))
    stage.recalculated()
    return stage


def moves(stage: Stage, line: str | None = None) -> list[tuple[object, ...]]:
    return [
        (
            one.subject,
            one.path if one.line is None else one.line,
            one.kind,
            one.from_points,
            one.to_points,
        )
        for one in stage.changes(line)
    ]


def test_each_kind_of_change_is_named(stage: Stage) -> None:
    filled(stage)
    stage.given(
        OverrideScore(form=FORM, line="2", to_points=Decimal(20), reason="补录", document="文1")
    )
    stage.given(WithdrawOverride(form=FORM, line="2", reason="撤"))
    wrong = stage.enter(
        ScoreDeclared(subject=Subject.LINE, line="2", points=Decimal(17), place=BODY)
    )
    stage.given(
        CorrectEntry(
            stream=FORM,
            target=event_of(wrong, stage),
            replacement=ScoreDeclared(
                subject=Subject.LINE, line="2", points=Decimal(18), place=TABLE
            ),
            reason="录错",
            document="文2",
        )
    )
    stage.enter(DeductionJustified(line="2", reason="含补登"))
    stage.submitted()
    stage.given(GiveReviewScore(form=FORM, line="2", points=Decimal(15), reason="核减"), DEPARTMENT)
    stage.given(Return(form=FORM, opinion="重填"), DEPARTMENT)
    stage.given(WithdrawIndicator(form=FORM, line="2", document="文3", reason="取消"))
    assert [(kind, before, after) for _, _, kind, before, after in moves(stage, "2")] == [
        (ChangeKind.CALCULATED, None, "16"),
        (ChangeKind.OVERRIDDEN, "16", "20"),
        (ChangeKind.OVERRIDE_WITHDRAWN, "20", "16"),
        (ChangeKind.DECLARED, "16", "17"),
        (ChangeKind.CORRECTED, "17", "18"),
        (ChangeKind.REVIEWED, "18", "15"),
        (ChangeKind.RETURNED, "15", "18"),
        (ChangeKind.ROWS_CHANGED, "18", None),
    ]
    changes = stage.changes("2")
    assert [(one.document, one.place) for one in changes[4:5]] == [("文2", TABLE)]
    assert [one.reason.body for one in changes if one.reason] == [
        "补录",
        "撤",
        "录错",
        "核减",
        "重填",
        "取消",
    ]
    reviewed = changes[5]
    assert (reviewed.self_from, reviewed.self_to, reviewed.origin_to) == ("18", "18", Origin.REVIEW)
    assert (reviewed.actor, reviewed.role, reviewed.status) == (
        *DEPARTMENT,
        Status.SUBMITTED,
    )


def test_groups_and_the_total_move_with_their_lines(stage: Stage) -> None:
    filled(stage)
    assert moves(stage) == [
        (Subject.LINE, "1", ChangeKind.CALCULATED, None, "9.8"),
        (Subject.GROUP, ("预算执行率",), ChangeKind.CALCULATED, None, "9.8"),
        (Subject.LINE, "2", ChangeKind.CALCULATED, None, "16"),
        (Subject.GROUP, ("产出",), ChangeKind.CALCULATED, None, "16"),
        (Subject.GROUP, ("产出", "数量"), ChangeKind.CALCULATED, None, "16"),
        (Subject.TOTAL, (), ChangeKind.CALCULATED, None, "25.8"),
    ]
    total = stage.changes()[-1]
    assert (total.grade_from, total.grade_to) == (None, "差")


def test_a_calculation_that_gives_the_same_again_is_no_change(stage: Stage) -> None:
    filled(stage)
    before = stage.changes()
    stage.recalculated()
    stage.paid("0.0001", "v2")
    assert stage.changes() == before


def test_a_changed_actual_value_is_the_cause_of_the_recalculation(stage: Stage) -> None:
    filled(stage)
    entered = stage.enter(ActualEntered(line="2", actual=NumberActual(Decimal(9), "次")))
    stage.recalculated()
    change = stage.changes("2")[-1]
    assert (change.kind, change.to_points) == (ChangeKind.RECALCULATED, "18")
    assert [cause.event_id for cause in change.causes] == [event_of(entered, stage)]


def test_a_voided_actual_value_is_the_cause_of_what_comes_after(stage: Stage) -> None:
    filled(stage)
    entered = stage.enter(ActualEntered(line="2", actual=NumberActual(Decimal(9), "次")))
    stage.recalculated()
    void = CorrectEntry(
        stream=FORM,
        target=event_of(entered, stage),
        replacement=None,
        reason="录错",
        document="文1",
    )
    voided = stage.given(void)
    stage.recalculated()
    change = stage.changes("2")[-1]
    assert (change.kind, change.to_points) == (ChangeKind.RECALCULATED, "16")
    assert event_of(voided, stage) in [cause.event_id for cause in change.causes]


def test_no_other_fact_moves_a_score(stage: Stage) -> None:
    # MOVES_SCORES spares comparing sheets; after each fact left out of it they must be equal.
    filled(stage)
    stage.enter(DeductionJustified(line="2", reason="没有"))
    stage.enter(EvidenceAttached(sha256="ab" * 32, size=1, media_type="text/plain"))
    stage.given(Note(form=FORM, entries=(ProblemNoted(number=1, text="问题"),)))
    stage.submitted().given(PassDepartmentReview(form=FORM), DEPARTMENT)
    unit_year = unit_year_of_stream(FORM)
    assert unit_year is not None
    seen: set[type[facts.Fact]] = set()
    for recorded in stage.store.read_log(LOG, limit=1000):
        if recorded.stream_id != FORM or type(recorded.fact) in MOVES_SCORES:
            continue
        before = load(stage.store, LOG, unit_year, recorded.position - 1)
        after = load(stage.store, LOG, unit_year, recorded.position)
        if FORM in before.forms:
            assert before.sheet(FORM) == after.sheet(FORM)
            seen.add(type(recorded.fact))
    assert len(seen) >= 6


def test_changes_are_found_across_evaluations_page_by_page(stage: Stage) -> None:
    filled(stage)
    stage.at(2025, 4, 1).given(
        OverrideScore(form=FORM, line="2", to_points=Decimal(20), reason="补录", document="文1")
    )
    stage.runner.catch_up()
    with stage.database.read() as connection:
        texts = stage.store.text_bodies

        def found(where: ChangeFilter) -> list[score_history.ScoreChange]:
            return list(score_history.search(connection, texts, where).rows)

        assert len(found(ChangeFilter(unit="xfj", fiscal_year=2024))) == 10
        assert len(found(ChangeFilter(kind=ChangeKind.OVERRIDDEN, actor=CLERK[0]))) == 4
        assert len(found(ChangeFilter(document="文1", subject=Subject.LINE))) == 1
        assert len(found(ChangeFilter(since=datetime(2025, 4, 1, tzinfo=UTC)))) == 4
        assert len(found(ChangeFilter(before=datetime(2025, 4, 1, tzinfo=UTC)))) == 6
        assert found(ChangeFilter(role=DEPARTMENT[1])) == []
        everything = found(ChangeFilter())
        paged = list(
            walk(
                lambda after: score_history.search(
                    connection, texts, ChangeFilter(), after=after, limit=3
                )
            )
        )
        assert paged == everything


def test_the_form_as_it_stands(stage: Stage) -> None:
    filled(stage)
    stage.enter(
        ScoreDeclared(subject=Subject.TOTAL, points=Decimal(97), place=BODY),
        ScoreDeclared(subject=Subject.TOTAL, points=Decimal(98), place=TABLE),
        ScoreDeclared(subject=Subject.GRADE, grade="优秀", place=BODY),
        ScoreDeclared(subject=Subject.GROUP, path=("产出",), points=Decimal(20), place=TABLE),
    )
    found = stage.current().evaluation
    assert [(one.value, one.place) for one in found.declared_totals] == [
        ("98", TABLE),
        ("97", BODY),
    ]
    assert (found.grade_declared, found.grade_computed) == ("优秀", "差")
    assert (found.subtotal, found.not_computed, found.computed_total) == ("25.8", (), "25.8")
    assert [(one.path, one.points, len(one.declared)) for one in found.groups] == [
        (("预算执行率",), "9.8", 0),
        (("产出",), "16", 1),
        (("产出", "数量"), "16", 0),
    ]
    assert (found.rule_set, found.rule_set_version, found.basis) == ("规则", "1", Basis.LEDGER)
    assert (found.version, found.ledger_version) == (
        stage.store.read(LOG, FORM)[-1].version,
        stage.store.read(LOG, LEDGER)[-1].version,
    )


def test_problems_measures_and_evidence_stand_in_the_form(stage: Stage) -> None:
    filled(stage)
    stage.enter(
        EvidenceAttached(
            sha256="ab" * 32, size=7, media_type="text/plain", title="台账", lines=("2",)
        )
    )
    stage.given(
        Note(
            form=FORM,
            entries=(
                ProblemNoted(number=1, text="问题", place=BODY),
                MeasurePlanned(problem=1, number=1, text="整改"),
                MeasureCompleted(number=1, document="文9"),
            ),
        )
    )
    found = stage.current().evaluation
    [problem] = found.problems
    assert problem.text is not None
    assert (problem.text.body, problem.place) == ("问题", BODY)
    [measure] = problem.measures
    assert (measure.completed_at, measure.document) == (stage.now, "文9")
    [attached] = found.evidence
    assert attached.title is not None
    assert (attached.title.body, attached.lines) == ("台账", ("2",))
    [evidence] = stage.deductions()[1].evidence
    assert (evidence.sha256, evidence.withdrawn) == ("ab" * 32, False)


def test_an_actual_value_in_words_is_joined(stage: Stage) -> None:
    filled(stage)
    stage.enter(ActualEntered(line="2", actual=TextActual("基本完成")))
    line = stage.current().lines[1]
    assert line.actual_text is not None
    assert line.actual_text.body == "基本完成"
    assert line.stale is True


def test_a_reviewers_reason_stands_before_the_units(stage: Stage) -> None:
    filled(stage)
    stage.enter(DeductionJustified(line="2", reason="天气", measure="明年早走"))
    own = stage.deductions()[1]
    assert (own.deduction, own.unexplained) == ("4", False)
    assert own.reason is not None
    assert own.measure is not None
    assert (own.reason.body, own.measure.body) == ("天气", "明年早走")
    stage.submitted()
    stage.given(GiveReviewScore(form=FORM, line="2", points=Decimal(15), reason="核减"), DEPARTMENT)
    reviewed = stage.deductions()[1]
    assert (reviewed.self_points, reviewed.review, reviewed.final, reviewed.deduction) == (
        "16",
        "15",
        "15",
        "5",
    )
    assert reviewed.reason is not None
    assert reviewed.unit_reason is not None
    assert (reviewed.reason.body, reviewed.unit_reason.body) == ("核减", "天气")
    assert reviewed.scored is not None
    assert (reviewed.scored.actor, reviewed.scored.type) == (
        DEPARTMENT[0],
        "review-score-given",
    )


def test_the_steps_carry_the_numbers_put_in_and_the_bookings_are_behind_them(stage: Stage) -> None:
    filled(stage)
    row = stage.deductions()[0]
    put_in = [operand.number for step in row.steps for operand in step.operands if operand.number]
    assert {"98", "100", "10"} <= set(put_in)
    assert (row.rule, row.rule_kind, row.deduction) == ("按比例", "PROPORTIONAL", "0.2")
    behind = deductions.ledger_facts(stage.store, LOG, FORM, "1")
    assert [fact.type for fact in behind] == [
        "initial-budget-approved",
        "expenditure-recorded",
    ]
    assert deductions.ledger_facts(stage.store, LOG, FORM, "2") == ()


def test_an_acknowledged_finding_says_by_whom(stage: Stage) -> None:
    filled(stage)
    finding = stage.findings()[0]
    assert finding.acknowledged_by is None
    stage.at(2025, 3, 5).given(
        Note(form=FORM, entries=(FindingAcknowledged(finding=finding.id, remark="已核"),)), CLERK
    )
    seen = next(one for one in stage.findings() if one.id == finding.id)
    assert (seen.acknowledged_by, seen.acknowledged_as, seen.acknowledged_at) == (*CLERK, stage.now)
    assert seen.remark is not None
    assert seen.remark.body == "已核"
    with stage.database.read() as connection:
        texts = stage.store.text_bodies
        where = findings.FindingFilter(fiscal_year=2024, acknowledged=True)
        assert findings.search(connection, texts, where).rows == (seen,)
        open_ = findings.FindingFilter(code=finding.code, acknowledged=False)
        assert seen not in findings.search(connection, texts, open_).rows
        counts = {one.code: one for one in findings.count_by_code(connection)}
        assert counts[finding.code].count == counts[finding.code].open + 1


def test_evaluations_are_listed_and_found(stage: Stage) -> None:
    filled(stage)
    stage.with_form(VISITS, form_id=f"{LOG}/xfj/2024/project/P1")
    stage.runner.catch_up()
    with stage.database.read() as connection:
        texts = stage.store.text_bodies
        listed = current.list_all(connection, texts)
        assert [one.id for one in listed] == [FORM, f"{LOG}/xfj/2024/project/P1"]
        draft = current.EvaluationFilter(status=Status.DRAFT, level=listed[1].level)
        assert [one.project for one in current.list_all(connection, texts, draft)] == ["P1"]
        assert current.log_of(connection, FORM) == LOG
        assert current.log_of(connection, "nothing") is None
        assert current.find(connection, texts, LOG, "nothing") is None
    assert current.current_as_of(stage.store, LOG, "nothing") is None
    assert current.current_as_of(stage.store, LOG, FORM, 1) is None


def test_a_deduction_is_found_without_its_reason_across_evaluations(stage: Stage) -> None:
    filled(stage)
    stage.enter(DeductionJustified(line="1", reason="结余"))
    stage.runner.catch_up()
    with stage.database.read() as connection:
        texts = stage.store.text_bodies
        open_ = deductions.list_unexplained(connection, texts, fiscal_year=2024, unit="xfj")
        assert [one.line for one in open_] == ["2"]
        both = deductions.list_for(connection, texts, LOG, FORM, deducted=True)
        assert [one.line for one in both] == ["1", "2"]
        one = deductions.list_for(connection, texts, LOG, FORM, unexplained=True)
        assert [row.line for row in one] == ["2"]


def test_new_rows_drop_the_scores_of_the_lines_that_are_gone(stage: Stage) -> None:
    filled(stage)
    stage.enter(IndicatorsSet(rows=(EXECUTION,)))
    assert moves(stage)[6:] == [
        (Subject.LINE, "2", ChangeKind.ROWS_CHANGED, "16", None),
        (Subject.GROUP, ("产出",), ChangeKind.ROWS_CHANGED, "16", None),
        (Subject.GROUP, ("产出", "数量"), ChangeKind.ROWS_CHANGED, "16", None),
        (Subject.TOTAL, (), ChangeKind.ROWS_CHANGED, "25.8", "9.8"),
    ]
    assert [one.line for one in stage.deductions()] == ["1"]
