"""自评: entering, scoring, overriding, reviewing; what each state allows."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import get_args
from uuid import UUID

import msgspec
import pytest

from domain.commands import (
    AdoptRuleSet,
    Book,
    Booking,
    CalculateScores,
    Command,
    CorrectEntry,
    DrawSample,
    Enter,
    Entry,
    Finalise,
    FormCommand,
    GiveReviewScore,
    Note,
    OpenEvaluation,
    OverrideScore,
    PassDepartmentReview,
    PassFinanceReview,
    Publish,
    PublishRuleSet,
    Reopen,
    RetargetIndicator,
    Return,
    Sign,
    Submit,
    WithdrawEvidence,
    WithdrawIndicator,
    WithdrawOverride,
    WithdrawSignature,
)
from domain.evaluation import DECIDE
from domain.evaluation.scores import Origin
from domain.evaluation.state import Status
from domain.facts.envelope import Place, Role, on
from domain.facts.form import (
    ActualEntered,
    ContentWithheld,
    DeclaredFigure,
    DeductionJustified,
    EvaluationOpened,
    EvidenceAttached,
    FiguresDeclared,
    FormEntry,
    IndicatorRetargeted,
    IndicatorsSet,
    Level,
    MeasureCompleted,
    MeasurePlanned,
    OverrideWithdrawn,
    ProblemNoted,
    RuleSetAdopted,
    ScoreCalculated,
    ScoreDeclared,
    ScoreOverridden,
    Signed,
    Subject,
    Submitted,
)
from domain.facts.ledger import (
    BudgetLine,
    BudgetSupplemented,
    ExpenditureRecorded,
    InitialBudgetApproved,
)
from domain.scoring.indicators import (
    Indicator,
    MetricRef,
    NotApplicable,
    NumberActual,
    NumberTarget,
    Operator,
    TextActual,
)
from domain.scoring.rule_set import RuleSet
from domain.scoring.rules import Manual, Modifiers, Proportional
from domain.scoring.steps import replay
from domain.values import Printed
from tests.support.scenario import (
    APPROVER,
    BOOKKEEPER,
    BUREAU,
    CLERK,
    DEPARTMENT,
    EXECUTION,
    FINANCE,
    FORM,
    IMPORT,
    LEDGER,
    LOG,
    RULES,
    WAN,
    YEAR,
    Scenario,
)

PLACE = Place("自评报告", "附件1", table=True)
VISITS = Indicator(
    line="2",
    path=("产出指标", "数量指标", "接访次数"),
    max_points=Decimal(20),
    operator=Operator.GE,
    target=NumberTarget(Decimal(10), "次"),
    rule="按比例",
)
DIGEST = "ab" * 32


def draft() -> Scenario:
    """98.00 of 100.00 paid, two rows, nothing calculated."""
    scenario = Scenario().with_ledger().with_form(EXECUTION, VISITS)
    scenario.book(InitialBudgetApproved(lines=(BudgetLine(100 * WAN),)))
    scenario.book(ExpenditureRecorded(amount=98 * WAN, voucher="v1"))
    scenario.enter(ActualEntered(line="2", actual=NumberActual(Decimal(9), "次")))
    return scenario


def signed() -> Scenario:
    scenario = draft()
    scenario.given(Sign(form=FORM), APPROVER)
    return scenario


def submitted() -> Scenario:
    scenario = signed()
    scenario.given(Submit(form=FORM))
    return scenario


def reviewed() -> Scenario:
    scenario = submitted()
    scenario.given(PassDepartmentReview(form=FORM), DEPARTMENT)
    return scenario


def override(points: str = "20") -> OverrideScore:
    return OverrideScore(
        form=FORM, line="2", to_points=Decimal(points), reason="漏计一次", document="会议纪要3号"
    )


# ---------------------------------------------------------------------------------- opening


def test_an_evaluation_is_opened_once_and_knows_its_level() -> None:
    scenario = Scenario()
    command = OpenEvaluation(form=f"{LOG}/xfj/2024/project/P1", unit_name="某局", project_name="甲")

    assert scenario.facts(command) == [
        EvaluationOpened(
            unit="xfj",
            unit_name="某局",
            fiscal_year=2024,
            level=Level.PROJECT,
            project="P1",
            project_name="甲",
        )
    ]
    assert scenario.codes(command) == ["evaluation.already-open"]


def test_what_was_never_opened_takes_nothing() -> None:
    assert Scenario().codes(Submit(form=FORM)) == ["evaluation.not-open"]


def test_rules_are_pinned_by_version_and_digest() -> None:
    scenario = Scenario()
    scenario.given(OpenEvaluation(form=FORM, unit_name="某局"))
    adopt = AdoptRuleSet(form=FORM, name="规则")
    assert scenario.codes(adopt) == ["rule-set.unknown"]

    scenario.given(PublishRuleSet(stream=f"{LOG}/rule-sets/规则", rule_set=RULES), BOOKKEEPER)

    assert scenario.facts(adopt) == [RuleSetAdopted(name="规则", version="1", digest=RULES.digest)]
    assert scenario.codes(adopt) == ["command.reason-required", "command.document-required"]


def test_a_published_version_never_changes() -> None:
    scenario = Scenario()
    stream = f"{LOG}/rule-sets/规则"
    scenario.given(PublishRuleSet(stream=stream, rule_set=RULES), BOOKKEEPER)
    assert scenario.facts(PublishRuleSet(stream=stream, rule_set=RULES), BOOKKEEPER) == []

    other = RuleSet(name="规则", version="1", title="改过的", rules=RULES.rules)
    assert scenario.codes(PublishRuleSet(stream=stream, rule_set=other), BOOKKEEPER) == [
        "rule-set.version-taken"
    ]


# --------------------------------------------------------------------------------- entering


def test_every_problem_of_an_entry_is_told_at_once() -> None:
    scenario = draft()
    rows = (VISITS, VISITS, Indicator(line="3", path=(), rule="无此规则"))
    figures = (DeclaredFigure(quantity="X", printed=Printed("1", "万元"), place=PLACE),)

    problems = scenario.rejected(
        Enter(
            form=FORM,
            entries=(
                Entry(fact=IndicatorsSet(rows=rows)),
                Entry(fact=FiguresDeclared(figures=figures)),
                Entry(fact=ActualEntered(line="9", actual=NumberActual(Decimal(1), "次"))),
                Entry(fact=EvidenceAttached(sha256="zz", size=1, media_type="application/pdf")),
            ),
        )
    )

    assert [(problem.code, problem.place) for problem in problems] == [
        ("rule-set.line-twice", "entries[0].rows[1].line"),
        ("rule-set.path", "entries[0].rows[2].path"),
        ("rule-set.rule-unknown", "entries[0].rows[2].rule"),
        ("evaluation.unknown-quantity", "entries[1].figures[0].quantity"),
        ("line.unknown", "entries[2].line"),
        ("evaluation.malformed-digest", "entries[3].sha256"),
    ]


def test_evidence_is_named_only_when_it_is_attached() -> None:
    scenario = draft()
    entry = ActualEntered(line="2", actual=NumberActual(Decimal(9), "次"), evidence=(DIGEST,))
    command = Enter(form=FORM, entries=(Entry(fact=entry),))
    assert scenario.codes(command) == ["evaluation.unknown-evidence"]

    scenario.enter(EvidenceAttached(sha256=DIGEST, size=3, media_type="application/pdf"))
    scenario.given(command)
    scenario.given(WithdrawEvidence(form=FORM, sha256=DIGEST, reason="传错"))
    assert scenario.form().evidence() == {}


def test_a_target_changes_only_with_reason_and_document() -> None:
    scenario = draft()
    lower = NumberTarget(Decimal(9), "次")
    bare = RetargetIndicator(form=FORM, line="2", to_target=lower)
    assert scenario.codes(bare) == ["command.reason-required", "command.document-required"]

    (fact,) = scenario.facts(
        RetargetIndicator(form=FORM, line="2", to_target=lower, reason="疫情", document="批复1号")
    )
    assert isinstance(fact, IndicatorRetargeted)
    assert (fact.from_target, fact.to_target) == (VISITS.target, lower)
    assert scenario.form().rows["2"].target == lower


def test_a_new_target_makes_the_score_stale() -> None:
    scenario = draft().calculated()
    easier = NumberTarget(Decimal(9), "次")
    scenario.given(
        RetargetIndicator(form=FORM, line="2", to_target=easier, reason="疫情", document="批复1号")
    )
    assert scenario.codes(Sign(form=FORM), APPROVER) == ["evaluation.stale-score"]
    scenario.calculated()
    assert scenario.sheet().lines[1].calculated == Decimal(20)


def test_a_withdrawn_row_is_gone_until_rows_are_set_anew() -> None:
    scenario = draft()
    scenario.given(WithdrawIndicator(form=FORM, line="2", reason="并入"))
    assert list(scenario.form().rows) == ["1"]
    scenario.enter(IndicatorsSet(rows=(EXECUTION, VISITS)))
    assert list(scenario.form().rows) == ["1", "2"]


def test_problems_and_measures_are_followed_in_any_state() -> None:
    scenario = submitted()
    scenario.given(
        Note(
            form=FORM,
            entries=(
                ProblemNoted(number=1, text="执行偏慢"),
                MeasurePlanned(problem=1, number=1, text="按月调度", due=date(2025, 6, 30)),
            ),
        )
    )
    scenario.given(Note(form=FORM, entries=(MeasureCompleted(number=1, document="纪要5号"),)))
    scenario.given(Note(form=FORM, entries=(ContentWithheld(about="附件2"),)))

    planned, done = scenario.form().measures[1]
    assert planned.fact.due == date(2025, 6, 30)
    assert done is not None
    assert scenario.codes(
        Note(form=FORM, entries=(ProblemNoted(number=1, text="x"), MeasureCompleted(number=9)))
    ) == ["evaluation.number-taken", "evaluation.unknown-problem"]


# ---------------------------------------------------------------------------------- scoring


def test_a_calculation_keeps_its_points_steps_and_inputs() -> None:
    scenario = draft()

    first, second = scenario.facts(CalculateScores(form=FORM))

    assert isinstance(first, ScoreCalculated)
    assert isinstance(second, ScoreCalculated)
    assert (first.line, first.points, replay(first.steps)) == ("1", Decimal("9.80"), Decimal("9.8"))
    assert first.ledger is not None
    assert first.ledger.sums == {"OUTTURN": 98 * WAN, "ADJUSTED_BUDGET": 100 * WAN}
    assert first.rule_digest == RULES.digest
    form = scenario.form()
    actual = form.actual("2")
    assert actual is not None
    assert second.points == Decimal(18)
    assert second.inputs == (form.rows_fact, actual[0].head)


def test_a_line_that_cannot_be_computed_says_why() -> None:
    scenario = Scenario().with_form(VISITS)
    (fact,) = scenario.facts(CalculateScores(form=FORM))
    assert isinstance(fact, ScoreCalculated)
    assert fact.points is None
    assert fact.obstacle_code == "score.actual-missing"
    assert scenario.sheet().not_computed == ("2",)


def test_self_is_override_before_declared_before_calculated_and_review_is_final() -> None:
    scenario = draft().calculated()
    line = scenario.sheet().lines[1]
    assert (line.self_points, line.origin) == (Decimal(18), Origin.CALCULATED)

    scenario.enter(ScoreDeclared(subject=Subject.LINE, line="2", points=Decimal(19), place=PLACE))
    line = scenario.sheet().lines[1]
    assert (line.self_points, line.origin) == (Decimal(19), Origin.DECLARED)

    scenario.given(override())
    scenario.given(Sign(form=FORM), APPROVER)
    scenario.given(Submit(form=FORM))
    scenario.given(
        GiveReviewScore(form=FORM, line="2", points=Decimal(16), reason="无佐证"), DEPARTMENT
    )
    line = scenario.sheet().lines[1]
    assert (line.self_points, line.final, line.origin) == (Decimal(20), Decimal(16), Origin.REVIEW)
    assert scenario.sheet().total == Decimal("25.80")


def test_a_line_that_somebody_scored_counts_though_nothing_was_measured() -> None:
    scenario = draft()
    scenario.enter(ActualEntered(line="2", actual=NotApplicable()))
    scenario.calculated()
    assert scenario.sheet().total == Decimal("29.40")  # the ten points of line 1, scaled to thirty

    scenario.given(Sign(form=FORM), APPROVER)
    scenario.given(Submit(form=FORM))
    scenario.given(
        GiveReviewScore(form=FORM, line="2", points=Decimal(0), reason="无佐证"), DEPARTMENT
    )
    assert scenario.sheet().total == Decimal("9.80")


def test_points_are_rescaled_before_they_are_rounded() -> None:
    rows = tuple(
        msgspec.structs.replace(
            VISITS, line=line, max_points=Decimal(most), target=NumberTarget(Decimal(3), "次")
        )
        for line, most in (("2", 10), ("3", 30), ("4", 10))
    )
    scenario = Scenario().with_form(*rows)
    scenario.enter(
        ActualEntered(line="2", actual=NumberActual(Decimal(2), "次")),
        ActualEntered(line="3", actual=NumberActual(Decimal(3), "次")),
        ActualEntered(line="4", actual=NotApplicable()),
    )
    scenario.calculated()
    assert scenario.sheet().total == Decimal("45.83")


def test_a_printed_table_counts_before_running_text() -> None:
    scenario = draft()
    text = Place("自评报告", "三(二)")
    scenario.enter(
        ScoreDeclared(subject=Subject.LINE, line="2", points=Decimal(17), place=text),
        ScoreDeclared(subject=Subject.LINE, line="2", points=Decimal(19), place=PLACE),
    )
    assert scenario.sheet().lines[1].declared == Decimal(19)


def test_an_override_names_from_to_reason_and_document() -> None:
    scenario = draft().calculated()
    (fact,) = scenario.facts(override("19.5"))
    assert isinstance(fact, ScoreOverridden)
    assert (fact.from_points, fact.to_points, fact.document) == (
        Decimal(18),
        Decimal("19.5"),
        "会议纪要3号",
    )
    assert scenario.codes(override("19.5")) == ["evaluation.score-unchanged"]


def test_a_bare_override_is_refused_with_every_reason() -> None:
    command = OverrideScore(form=FORM, line="2", to_points=Decimal(21), reason=" ", document="")
    assert draft().calculated().codes(command) == [
        "command.reason-required",
        "command.document-required",
        "evaluation.points-out-of-range",
    ]


def test_an_override_survives_a_new_calculation_and_can_be_withdrawn() -> None:
    scenario = draft().calculated()
    scenario.given(override())
    scenario.calculated()
    assert scenario.sheet().lines[1].self_points == Decimal(20)

    (fact,) = scenario.facts(WithdrawOverride(form=FORM, line="2", reason="误改"))
    assert isinstance(fact, OverrideWithdrawn)
    assert scenario.sheet().lines[1].self_points == Decimal(18)
    assert scenario.codes(WithdrawOverride(form=FORM, line="2", reason="误改")) == [
        "evaluation.no-override"
    ]


def test_a_living_person_explains_a_declared_score_that_its_rule_does_not_give() -> None:
    scenario = draft().calculated()
    scenario.enter(ScoreDeclared(subject=Subject.LINE, line="2", points=Decimal(20), place=PLACE))
    assert scenario.codes(Sign(form=FORM), APPROVER) == ["evaluation.declared-differs"]
    scenario.enter(DeductionJustified(line="2", reason="含补登一次"))
    scenario.given(Sign(form=FORM), APPROVER)


def test_a_typed_score_needs_reason_and_document() -> None:
    rules = RuleSet(name="手", version="1", title="人工", rules={"按比例": Manual()})
    scenario = Scenario().with_form(VISITS, rules=rules)
    scenario.enter(ScoreDeclared(subject=Subject.LINE, line="2", points=Decimal(12), place=PLACE))
    assert scenario.codes(Sign(form=FORM), APPROVER) == ["evaluation.typed-score"]
    scenario.given(override("13"))
    scenario.given(Sign(form=FORM), APPROVER)


def test_a_reason_due_on_any_adjustment_is_asked_for_whenever_it_came() -> None:
    strict = Proportional(modifiers=Modifiers(reason_on_adjustment=True))
    rules = RuleSet(name="严", version="1", title="须说明", rules={"按比例": strict})
    row = msgspec.structs.replace(EXECUTION, metric=MetricRef("EXECUTION_RATE", "INITIAL"))
    scenario = Scenario().with_ledger().with_initial(100).with_form(row, rules=rules)
    scenario.calculated()
    scenario.book(BudgetSupplemented(amount=10 * WAN))
    assert scenario.codes(Sign(form=FORM), APPROVER) == ["evaluation.reason-missing"]


def test_a_scored_line_does_not_become_another_indicator() -> None:
    scenario = draft()
    scenario.given(override())
    other = msgspec.structs.replace(VISITS, path=("产出指标", "另一指标"), max_points=Decimal(5))
    command = Enter(form=FORM, entries=(Entry(fact=IndicatorsSet(rows=(EXECUTION, other))),))
    assert scenario.codes(command) == ["evaluation.line-reused"]


def test_voided_rows_give_way_to_the_earlier_ones_as_they_were_changed() -> None:
    scenario = draft()
    easier = NumberTarget(Decimal(5), "次")
    scenario.given(WithdrawIndicator(form=FORM, line="1", reason="并入"))
    scenario.given(
        RetargetIndicator(form=FORM, line="2", to_target=easier, reason="疫情", document="批复")
    )
    scenario.enter(IndicatorsSet(rows=(msgspec.structs.replace(VISITS, line="9"),)))
    target = scenario.store.read(LOG, FORM)[-1].envelope.event_id
    scenario.given(
        CorrectEntry(stream=FORM, target=target, replacement=None, reason="误", document="x")
    )
    assert {line: row.target for line, row in scenario.form().rows.items()} == {"2": easier}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            ActualEntered(line="2", actual=TextActual(text="  ")),
            ("figure.blank", "entries[0].actual.text"),
        ),
        (
            ActualEntered(line="2", actual=NumberActual(Decimal("NaN"), "次")),
            ("figure.out-of-range", "entries[0].actual.value"),
        ),
        (
            FiguresDeclared(
                figures=(
                    DeclaredFigure(quantity="OUTTURN", printed=Printed("5", "%"), place=PLACE),
                )
            ),
            ("figure.not-money", "entries[0].figures[0].printed"),
        ),
        (
            FiguresDeclared(
                figures=(
                    DeclaredFigure(quantity="OUTTURN", printed=Printed("五", "元"), place=PLACE),
                )
            ),
            ("figure.not-a-number", "entries[0].figures[0].printed"),
        ),
    ],
    ids=["blank text", "no number", "no money", "no digits"],
)
def test_what_could_not_be_read_again_is_refused(
    entry: FormEntry, problem: tuple[str, str]
) -> None:
    problems = draft().rejected(Enter(form=FORM, entries=(Entry(fact=entry),)))
    assert [(one.code, one.place) for one in problems] == [problem]


def test_a_score_that_is_no_number_is_refused() -> None:
    assert draft().codes(override("NaN")) == ["figure.out-of-range"]


def test_evidence_and_what_it_bears_may_come_together() -> None:
    scenario = draft()
    scenario.enter(
        EvidenceAttached(sha256=DIGEST, size=3, media_type="application/pdf"),
        ActualEntered(line="2", actual=NumberActual(Decimal(9), "次"), evidence=(DIGEST,)),
    )
    assert list(scenario.form().evidence()) == [DIGEST]


def test_a_mandatory_reason_is_asked_for_when_signing() -> None:
    strict = Proportional(modifiers=Modifiers(reason_below=Decimal("0.95")))
    rules = RuleSet(name="严", version="1", title="须说明", rules={"按比例": strict})
    scenario = Scenario().with_ledger().with_form(VISITS, rules=rules)
    scenario.enter(ActualEntered(line="2", actual=NumberActual(Decimal(9), "次")))
    assert scenario.codes(Sign(form=FORM), APPROVER) == ["evaluation.reason-missing"]

    scenario.enter(DeductionJustified(line="2", reason="场地维修"))
    scenario.given(Sign(form=FORM), APPROVER)


# --------------------------------------------------------------------------- stale, workflow


def test_signing_calculates_what_never_was_and_refuses_what_is_stale() -> None:
    scenario = draft()
    facts = scenario.facts(Sign(form=FORM), APPROVER)
    assert [type(fact) for fact in facts] == [ScoreCalculated, ScoreCalculated, Signed]

    scenario.given(WithdrawSignature(form=FORM), APPROVER)
    scenario.book(ExpenditureRecorded(amount=WAN, voucher="v2"))
    assert scenario.codes(Sign(form=FORM), APPROVER) == ["evaluation.stale-score"]
    scenario.calculated()
    scenario.given(Sign(form=FORM), APPROVER)


def test_submitting_refuses_a_score_that_became_stale_after_signing() -> None:
    scenario = signed()
    scenario.book(ExpenditureRecorded(amount=WAN, voucher="v2"))
    problems = scenario.rejected(Submit(form=FORM))
    assert [(problem.code, problem.place) for problem in problems] == [
        ("evaluation.stale-score", "lines[1]")
    ]


def test_a_payment_that_leaves_the_sums_as_they_were_makes_nothing_stale() -> None:
    scenario = signed()
    scenario.book(
        ExpenditureRecorded(amount=WAN, voucher="v2"),
    )
    target = scenario.store.read(LOG, LEDGER)[-1].envelope.event_id
    scenario.given(
        CorrectEntry(stream=LEDGER, target=target, replacement=None, reason="误", document="x")
    )
    assert isinstance(scenario.facts(Submit(form=FORM))[0], Submitted)


def test_the_whole_way_to_publication_and_back() -> None:
    scenario = reviewed()
    scenario.given(Finalise(form=FORM), BUREAU)
    finalised = scenario.form().finalised
    assert finalised is not None
    assert (finalised.total, finalised.grade) == (Decimal("27.80"), "差")
    scenario.given(Publish(form=FORM, digest=DIGEST), BUREAU)
    assert scenario.form().status is Status.PUBLISHED
    scenario.given(Reopen(form=FORM, reason="巡察发现", document="函1号"), BUREAU)
    assert scenario.form().status is Status.DRAFT


def test_a_unit_that_supervises_itself_skips_the_departments_review() -> None:
    scenario = Scenario().with_ledger().with_form()
    own = f"{LOG}/czj/2024/department"
    scenario.given(OpenEvaluation(form=own, unit_name="某局", reviewed_by_department=False))
    scenario.given(AdoptRuleSet(form=own, name="规则"))
    scenario.enter(IndicatorsSet(rows=(VISITS,)), form_id=own)
    scenario.given(Sign(form=own), APPROVER)
    scenario.given(Submit(form=own))
    scenario.given(Finalise(form=own), BUREAU)
    assert scenario.form(own).status is Status.FINALISED


def test_a_sampled_form_is_finalised_only_after_finance_reviewed_it() -> None:
    scenario = reviewed()
    scenario.given(DrawSample(year=YEAR, forms=(FORM,), method="随机"), BOOKKEEPER)
    assert scenario.codes(Finalise(form=FORM), BUREAU) == ["evaluation.wrong-state"]
    scenario.given(PassFinanceReview(form=FORM), FINANCE)
    scenario.given(Finalise(form=FORM), BUREAU)


def test_returned_goes_back_to_draft_with_its_opinion_and_without_review_scores() -> None:
    scenario = submitted()
    scenario.given(
        GiveReviewScore(form=FORM, line="2", points=Decimal(1), reason="无佐证"), DEPARTMENT
    )
    scenario.given(Return(form=FORM, opinion="请补佐证"), DEPARTMENT)
    form = scenario.form()
    assert (form.status, form.reviews, len(form.returns)) == (Status.DRAFT, {}, 1)


def test_a_department_scores_before_it_passed_the_form_and_never_after() -> None:
    scenario = reviewed()
    assert scenario.codes(REVIEW_SCORE, DEPARTMENT) == ["evaluation.wrong-state"]
    scenario.given(REVIEW_SCORE, FINANCE)
    assert scenario.sheet().lines[1].final == Decimal(1)


def test_a_sample_is_drawn_in_the_year_of_its_forms() -> None:
    command = DrawSample(year=f"{LOG}/2025", forms=(FORM,), method="随机")
    assert reviewed().codes(command, BOOKKEEPER) == ["year.other-year"]


def test_whoever_calculated_or_submitted_has_entered_too() -> None:
    scenario = draft()
    scenario.given(CalculateScores(form=FORM), ("helper", Role.UNIT_CLERK))
    scenario.given(Sign(form=FORM), APPROVER)
    scenario.given(Submit(form=FORM), ("sender", Role.UNIT_CLERK))
    for actor in ("helper", "sender", APPROVER[0]):
        assert scenario.codes(
            PassDepartmentReview(form=FORM), (actor, Role.DEPARTMENT_REVIEWER)
        ) == ["evaluation.own-entry"]


def test_who_enters_a_form_corrects_it() -> None:
    scenario = draft()
    target = scenario.store.read(LOG, FORM)[-1].envelope.event_id
    command = CorrectEntry(stream=FORM, target=target, replacement=None, reason="误", document="x")
    assert scenario.codes(command, BOOKKEEPER) == ["duty.not-yours"]


def test_nobody_reviews_what_they_entered() -> None:
    scenario = submitted()
    same_person = (CLERK[0], Role.DEPARTMENT_REVIEWER)
    for command in (
        PassDepartmentReview(form=FORM),
        Return(form=FORM, opinion="x"),
        GiveReviewScore(form=FORM, line="2", points=Decimal(1), reason="x"),
    ):
        assert scenario.codes(command, same_person) == ["evaluation.own-entry"]


@dataclass(frozen=True)
class Forbidden:
    """A command, who gives it, and the code with which a state refuses it."""

    command: Command
    by: tuple[str, Role]
    code: str


ENTRY = Enter(
    form=FORM,
    entries=(Entry(fact=ActualEntered(line="2", actual=NumberActual(Decimal(1), "次"))),),
)
REVIEW_SCORE = GiveReviewScore(form=FORM, line="2", points=Decimal(1), reason="x")


@pytest.mark.parametrize(
    "forbidden",
    [
        Forbidden(ENTRY, CLERK, "evaluation.signed"),
        Forbidden(override(), CLERK, "evaluation.signed"),
        Forbidden(CalculateScores(form=FORM), CLERK, "evaluation.signed"),
        Forbidden(REVIEW_SCORE, DEPARTMENT, "evaluation.wrong-state"),
        Forbidden(Return(form=FORM, opinion="x"), DEPARTMENT, "evaluation.wrong-state"),
        Forbidden(Sign(form=FORM), APPROVER, "evaluation.signed"),
    ],
    ids=lambda forbidden: type(forbidden.command).__name__,
)
def test_what_a_signed_form_refuses(forbidden: Forbidden) -> None:
    assert signed().codes(forbidden.command, forbidden.by) == [forbidden.code]


@pytest.mark.parametrize(
    "forbidden",
    [
        Forbidden(ENTRY, CLERK, "evaluation.already-submitted"),
        Forbidden(override(), CLERK, "evaluation.already-submitted"),
        Forbidden(WithdrawSignature(form=FORM), APPROVER, "evaluation.wrong-state"),
        Forbidden(Submit(form=FORM), CLERK, "evaluation.wrong-state"),
        Forbidden(Finalise(form=FORM), BUREAU, "evaluation.wrong-state"),
        Forbidden(Publish(form=FORM, digest=DIGEST), BUREAU, "evaluation.wrong-state"),
        Forbidden(Reopen(form=FORM, reason="x", document="y"), BUREAU, "evaluation.wrong-state"),
    ],
    ids=lambda forbidden: type(forbidden.command).__name__,
)
def test_what_a_submitted_form_refuses(forbidden: Forbidden) -> None:
    assert submitted().codes(forbidden.command, forbidden.by) == [forbidden.code]


def test_a_correction_keeps_its_subject_and_the_newest_counts() -> None:
    scenario = draft()
    target = scenario.store.read(LOG, FORM)[-1].envelope.event_id

    def correct(line: str, target: UUID = target) -> CorrectEntry:
        return CorrectEntry(
            stream=FORM,
            target=target,
            replacement=ActualEntered(line=line, actual=NumberActual(Decimal(10), "次")),
            reason="录入有误",
            document="登记簿",
        )

    assert scenario.codes(correct("1")) == ["correction.other-subject"]
    scenario.given(correct("2"))
    assert scenario.codes(correct("2")) == ["correction.chain-moved"]
    scenario.calculated()
    assert scenario.sheet().lines[1].calculated == Decimal(20)


def test_story_2_a_late_payment_makes_the_score_stale_and_a_return_brings_it_up() -> None:
    scenario = Scenario().with_ledger().with_initial(100).with_form(EXECUTION)
    scenario.book(ExpenditureRecorded(amount=98 * WAN, voucher="v1"))
    scenario.given(Sign(form=FORM), APPROVER)
    scenario.at(2025, 3, 10).given(Submit(form=FORM))
    assert scenario.sheet().total == Decimal("9.80")

    scenario.at(2025, 3, 15).given(
        Book(
            ledger=LEDGER,
            entries=(
                Booking(
                    fact=ExpenditureRecorded(amount=3 * WAN // 2, voucher="v2"),
                    effective=on(date(2024, 12, 28)),
                ),
            ),
        )
    )
    assert scenario.sheet().total == Decimal("9.80")

    scenario.at(2025, 3, 20).given(Return(form=FORM, opinion="补计12月支付"), DEPARTMENT)
    assert scenario.codes(Sign(form=FORM), APPROVER) == ["evaluation.stale-score"]
    scenario.calculated()
    scenario.given(Sign(form=FORM), APPROVER)
    scenario.given(Submit(form=FORM))
    assert scenario.sheet().total == Decimal("9.95")


# ---------------------------------------------------------------------- what is only recorded


def test_an_import_records_what_is_printed_without_reasons() -> None:
    scenario = draft().calculated()
    first = scenario.store.read(LOG, FORM)
    scenario.given(AdoptRuleSet(form=FORM, name="规则"), IMPORT, live=False)
    assert len(scenario.store.read(LOG, FORM)) == len(first) + 1


def test_every_command_on_a_form_is_decided_by_somebody() -> None:
    assert set(DECIDE) == {*get_args(FormCommand), CorrectEntry}
