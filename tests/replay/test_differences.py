"""What differs between two moments or two forms, and who brought it, on both databases."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from domain.commands import (
    CorrectEntry,
    Enter,
    Entry,
    Finalise,
    GiveReviewScore,
    PassDepartmentReview,
    PassFinanceReview,
    Publish,
    PublishRuleSet,
    Redact,
    Return,
)
from domain.evaluation.state import Status
from domain.facts.envelope import Role
from domain.facts.form import ActualEntered, DeductionJustified, EvidenceAttached
from domain.facts.ledger import BudgetSupplemented
from domain.scoring.indicators import NumberActual
from domain.scoring.rule_set import GradeBand, RuleSet
from domain.scoring.rules import Proportional
from domain.values import Rounding, Words
from projections.differences import (
    Change,
    Difference,
    Part,
    Version,
    between,
    milestones,
    of_rule_sets,
    of_two,
    versions,
)
from projections.differences.comparing import _paired
from projections.differences.rows import Cause
from projections.tables import Prose
from projections.unit_year import ref_of
from tests.domain.test_evaluation import VISITS
from tests.domain.test_laws import Choice
from tests.projections.stage import Stage, event_of
from tests.projections.test_laws import histories, played
from tests.projections.test_stories import corrected, late_payment
from tests.support.scenario import (
    BOOKKEEPER,
    BUREAU,
    CLERK,
    DEPARTMENT,
    EXECUTION,
    FINANCE,
    FORM,
    LEDGER,
    LOG,
    RULES,
    WAN,
)


def differing(stage: Stage, before: int, after: int | None = None) -> Difference:
    found = between(stage.store, LOG, FORM, before, after or stage.store.head(LOG))
    assert found is not None
    return found


def the(found: Difference, part: Part, field: str, subject: str | None = None) -> Change:
    [one] = [
        one
        for one in found.changes
        if (one.part, one.field) == (part, field) and subject in {None, one.subject}
    ]
    return one


def brought_by(one: Change) -> list[tuple[str, str]]:
    return [(cause.fact.type, cause.fact.actor) for cause in one.facts]


# ------------------------------------------------------------------------------------ two moments


def test_a_late_payment_and_what_followed_from_it(stage: Stage) -> None:
    late_payment(stage)
    submitted = stage.store.position_at(LOG, stage.at(2025, 3, 12).now)
    found = differing(stage, submitted)
    sum_ = the(found, Part.MONEY, "amount", "OUTTURN")
    assert (sum_.before, sum_.after) == ("98", "99.5")
    assert brought_by(sum_) == [("expenditure-recorded", "import")]
    stale = the(found, Part.LINE, "stale")
    assert (stale.before, stale.after) == (None, Words("是", "yes"))
    assert brought_by(stale) == [("expenditure-recorded", "import")]
    assert {one.field for one in found.changes if one.part is Part.LINE} == {"stale"}
    assert any("9.95" in str(one.after) for one in found.changes if one.part is Part.FINDING)


def test_a_score_calculated_again_names_its_calculation(stage: Stage) -> None:
    late_payment(stage)
    submitted = stage.store.position_at(LOG, stage.at(2025, 3, 12).now)
    stage.at(2025, 3, 20).given(Return(form=FORM, opinion="补记支出"), DEPARTMENT)
    stage.at(2025, 3, 21)
    stage.recalculated()
    found = differing(stage, submitted)
    final = the(found, Part.LINE, "final")
    assert (final.subject, final.before, final.after) == ("1", "9.8", "9.95")
    assert brought_by(final) == [("score-calculated", "clerk")]
    total = the(found, Part.TOTAL, "computed_total")
    assert (total.before, total.after, brought_by(total)) == ("9.8", "9.95", brought_by(final))
    status = the(found, Part.STATE, "status")
    assert (status.before, status.after) == (Status.SUBMITTED, Status.DRAFT)
    [cause] = status.facts
    assert (cause.fact.type, cause.fact.role) == ("returned", Role.DEPARTMENT_REVIEWER)
    assert cause.reason is not None
    assert cause.reason.body == "补记支出"


def test_a_correction_is_named_with_its_document_and_reason(stage: Stage) -> None:
    corrected(stage)
    stage.with_form(EXECUTION)
    opened = stage.store.head(LOG)
    booked = stage.book(BudgetSupplemented(amount=7 * WAN, document="丁", reason="追加"))
    first = stage.store.head(LOG)
    stage.given(
        CorrectEntry(
            stream=LEDGER,
            target=event_of(booked, stage),
            replacement=BudgetSupplemented(amount=8 * WAN, document="丁", reason="追加"),
            reason="录入错误",
            document="戊",
        ),
        BOOKKEEPER,
    )
    change = the(differing(stage, first), Part.ADJUSTMENT, "amount")
    assert (change.name.zh, change.before, change.after) == ("追加 丁", "7", "8")
    [cause] = change.facts
    assert (cause.fact.type, cause.fact.document) == ("entry-corrected", "戊")
    assert cause.reason is not None
    assert cause.reason.body == "录入错误"
    # Seen from before the booking it is one new adjustment, which two facts made what it is.
    new = the(differing(stage, opened), Part.ADJUSTMENT, "amount")
    assert (new.before, new.after) == (None, "8")
    assert [kind for kind, _ in brought_by(new)] == ["budget-supplemented", "entry-corrected"]


def test_what_a_value_rests_on_is_a_difference(stage: Stage) -> None:
    stage.with_ledger().with_form(EXECUTION, VISITS)
    wrong, right = "a" * 64, "b" * 64
    papers = [
        EvidenceAttached(sha256=one, size=9, media_type="application/pdf") for one in (wrong, right)
    ]
    said = ActualEntered(line=VISITS.line, actual=NumberActual(Decimal(5), "次"), evidence=(wrong,))
    entries = (*(Entry(fact=one) for one in papers), Entry(fact=said))
    entered = stage.given(Enter(form=FORM, entries=entries), CLERK)
    before = stage.store.head(LOG)
    stage.given(
        CorrectEntry(
            stream=FORM,
            target=event_of(entered, stage, 2),
            replacement=structs.replace(said, evidence=(right,)),
            reason="佐证有误",
            document="更正单1号",
        ),
        CLERK,
    )
    [change] = differing(stage, before).changes
    assert (change.part, change.field, change.before, change.after) == (
        Part.LINE,
        "evidence",
        wrong[:12],
        right[:12],
    )
    assert brought_by(change) == [("entry-corrected", "clerk")]


def test_what_was_submitted_against_what_was_published(stage: Stage) -> None:
    late_payment(stage)
    stage.given(
        GiveReviewScore(form=FORM, line="1", points=Decimal(9), reason="无佐证"), DEPARTMENT
    )
    stage.given(PassDepartmentReview(form=FORM), DEPARTMENT)
    stage.given(PassFinanceReview(form=FORM), FINANCE)
    stage.given(Finalise(form=FORM), BUREAU)
    stage.given(Publish(form=FORM, digest="ab" * 32), BUREAU)
    known = {one.kind: one.position for one in milestones(stage.store, LOG, FORM)}
    found = differing(stage, known["submitted"], known["published"])
    assert found.before.fact is not None
    assert found.after.fact is not None
    assert (found.before.fact.type, found.after.fact.type) == ("submitted", "published")
    final = the(found, Part.LINE, "final")
    assert (final.before, final.after) == ("9.8", "9")
    assert brought_by(final) == [("review-score-given", "department")]
    assert [one.fact.type for one in the(found, Part.STATE, "status").facts] == [
        "department-reviewed",
        "finance-reviewed",
        "finalised",
        "published",
    ]
    assert the(found, Part.STATE, "published_digest").after == "ab" * 32
    # The unit's own score is the one that was submitted.
    assert [one for one in found.changes if one.field == "self_points"] == []


def test_a_redacted_reason_is_deleted_in_every_difference(stage: Stage) -> None:
    stage.with_form(VISITS)
    before = stage.store.head(LOG)
    stage.given(
        Enter(form=FORM, entries=(Entry(fact=DeductionJustified(line="2", reason="某人上访")),)),
        CLERK,
    )
    [fact] = stage.recorded(stage.enter(DeductionJustified(line="2", reason="张某上访")))
    assert isinstance(fact.fact, DeductionJustified)
    said = the(differing(stage, before), Part.LINE, "reason").after
    assert isinstance(said, Prose)
    assert said.body == "张某上访"
    stage.given(
        Redact(stream=FORM, digest=fact.fact.reason or "", ground="姓名"),
        ("guard", Role.SECURITY_ADMINISTRATOR),
    )
    change = the(differing(stage, before), Part.LINE, "reason")
    assert isinstance(change.after, Prose)
    assert (change.after.body, change.after.redacted) == ("已删除", True)
    causes = [cause.reason for cause in change.facts if cause.reason is not None]
    assert [one.redacted for one in causes] == [False, True]


def test_thousands_of_payments_are_counted_and_the_largest_are_named(stage: Stage) -> None:
    stage.with_ledger().with_initial(1000).with_form(EXECUTION)
    before = stage.store.head(LOG)
    for number in range(40):
        stage.paid(f"{number + 1}", f"v{number}")
    sum_ = the(differing(stage, before), Part.MONEY, "amount", "OUTTURN")
    assert (sum_.before, sum_.after, len(sum_.facts), sum_.more) == ("0", "820", 12, 28)
    positions = [cause.fact.position for cause in sum_.facts]
    assert positions == sorted(positions)
    assert positions[-1] == stage.store.head(LOG)


def test_before_a_form_was_open_it_has_no_differences(stage: Stage) -> None:
    stage.with_ledger()
    assert between(stage.store, LOG, FORM, 0, stage.store.head(LOG)) is None


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.integers(0, 40), st.integers(0, 40))
def test_differences_are_empty_with_itself_and_mirrored(
    history: list[Choice], back: int, further: int
) -> None:
    stage = played(history, batch=1000, keep_up=False)
    after = max(1, stage.store.head(LOG) - back)
    before = max(1, after - further)
    itself = between(stage.store, LOG, FORM, after, after)
    assert itself is None or itself.changes == ()
    there = between(stage.store, LOG, FORM, before, after)
    back_again = between(stage.store, LOG, FORM, after, before)
    if there is None or back_again is None:
        assert there is back_again
        return
    assert (back_again.before, back_again.after) == (there.after, there.before)
    assert {(one.part, one.subject, one.field) for one in there.changes if _stays(one)} == {
        (one.part, one.subject, one.field) for one in back_again.changes if _stays(one)
    }
    ways = {
        (one.part, one.subject, one.field): (one.before, one.after, one.facts, one.more)
        for one in back_again.changes
    }
    for one in there.changes:
        if _stays(one):
            assert ways[one.part, one.subject, one.field] == (
                one.after,
                one.before,
                one.facts,
                one.more,
            )
    assert len(there.changes) == len(back_again.changes)
    assert all(one.facts for one in there.changes)


def _stays(one: Change) -> bool:
    # A finding that became another one is named by the one it became.
    return one.part is not Part.FINDING or None in {one.before, one.after}


# ------------------------------------------------------------------------------- two evaluations


def test_two_evaluations_are_matched_by_their_indicators(stage: Stage) -> None:
    project = f"{LOG}/xfj/2024/project/P1"
    stage.with_ledger().with_initial(100)
    stage.paid("98", "v1")
    stage.with_form(EXECUTION).calculated()
    other = RuleSet(name="另", version="1", title="另", rules=RULES.rules)
    stage.with_form(VISITS, rules=other, form_id=project)
    head = stage.store.head(LOG)
    found = of_two(stage.store, (LOG, FORM, head), (LOG, project, head))
    assert found is not None
    names = {(one.before is None, one.name.zh) for one in found.changes if one.part is Part.LINE}
    assert names == {(False, "1 预算执行率"), (True, f"2 {VISITS.path[-1]}")}
    rules = the(found, Part.STATE, "rule_set")
    assert (rules.before, rules.after) == ("规则 1", "另 1")
    assert [cause.fact.stream_id for cause in rules.facts] == [FORM, project]
    same = of_two(stage.store, (LOG, FORM, head), (LOG, FORM, head))
    assert same is not None
    assert same.changes == ()


def test_facts_of_two_logs_may_have_one_id(stage: Stage) -> None:
    stage.with_ledger().with_initial(100)
    [opened, *_] = stage.store.read_log(LOG)
    elsewhere = structs.replace(opened, stream_id="130128/xfj/2024/ledger")
    went, came = (
        Change(
            part=Part.FINDING,
            subject=one.stream_id,
            name=Words("疑点", "finding"),
            field="claim",
            label=Words("说法", "claim"),
            before=before,
            after=after,
            facts=(Cause(fact=ref_of(one), on_behalf_of=None, reason=None),),
        )
        for one, before, after in ((opened, "1", None), (elsewhere, None, "2"))
    )
    [changed] = _paired([went, came])
    assert (changed.before, changed.after) == ("1", "2")
    assert {cause.fact.stream_id for cause in changed.facts} == {LEDGER, elsewhere.stream_id}


# ------------------------------------------------------------------------ versions of a rule set


def test_versions_of_a_rule_set_differ_line_by_line(stage: Stage) -> None:
    stream = f"{LOG}/rule-sets/{RULES.name}"
    second = RuleSet(
        name=RULES.name,
        version="2",
        title=RULES.title,
        rounding=Rounding(places=1),
        bands=(GradeBand("优", Decimal(95)), GradeBand("差", Decimal(0))),
        rules={"按比例": Proportional(), "新": Proportional()},
        templates=(structs.replace(VISITS, max_points=Decimal(100)),),
    )
    stage.given(PublishRuleSet(stream=stream, rule_set=RULES), BOOKKEEPER)
    stage.at(2025, 4, 1).given(PublishRuleSet(stream=stream, rule_set=second), BOOKKEEPER)
    first, newer = versions(stage.store, LOG)
    found = of_rule_sets(stage.store, first, newer)
    assert [
        (one.part.zh, one.subject, one.field, one.before, one.after) for one in found.changes
    ] == [
        ("取整", "", "places", "2", "1"),
        ("等级", "优", "low", "90", "95"),
        ("规则", "新", "", None, "✓"),
        ("模板行", "/".join(VISITS.path), "", None, "✓"),
    ]
    assert found.after.cause is not None
    assert found.after.cause.fact.recorded_at == stage.now
    mirrored = of_rule_sets(stage.store, newer, first)
    assert {(one.subject, one.before, one.after) for one in mirrored.changes} == {
        (one.subject, one.after, one.before) for one in found.changes
    }
    assert of_rule_sets(stage.store, first, Version(RULES)).changes == ()
