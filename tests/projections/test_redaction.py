"""A redaction reaches every view, past ones included."""

from decimal import Decimal

from domain.commands import (
    Command,
    CorrectEntry,
    GiveReviewScore,
    Note,
    OverrideScore,
    Redact,
    Return,
)
from domain.crosschecks import explained
from domain.facts.envelope import Role
from domain.facts.form import DeductionJustified, FindingAcknowledged, ProblemNoted
from domain.facts.ledger import Basis, BudgetSupplemented
from projections.adjustments import adjustments_as_of
from projections.current import current_as_of
from projections.deductions import deductions_as_of
from projections.findings import findings_as_of
from projections.score_history import history_as_of
from projections.tables import Prose
from tests.projections.stage import Stage, event_of
from tests.support.scenario import (
    BOOKKEEPER,
    CLERK,
    DEPARTMENT,
    EXECUTION,
    FORM,
    LEDGER,
    LOG,
    WAN,
)

SECRET = "因信访人张某某"
GUARD = ("guard", Role.SECURITY_ADMINISTRATOR)


def texts_in(value: object) -> list[Prose]:
    """Every text in an answer, at any depth."""
    if isinstance(value, Prose):
        return [value]
    if isinstance(value, list | tuple):
        return [text for part in value for text in texts_in(part)]
    fields = getattr(value, "__struct_fields__", ())
    return [text for name in fields for text in texts_in(getattr(value, name))]


def full_of_texts(stage: Stage) -> Stage:
    stage.with_ledger(Basis.LEDGER).with_initial(100)
    booked = stage.book(BudgetSupplemented(amount=2 * WAN, document="A", reason=SECRET))
    correction = CorrectEntry(
        stream=LEDGER,
        target=event_of(booked, stage),
        replacement=BudgetSupplemented(amount=3 * WAN, document="A", reason=SECRET),
        reason=SECRET,
        document="B",
    )
    stage.given(correction, BOOKKEEPER)
    stage.paid("98", "v1")
    stage.with_form(EXECUTION).calculated()
    stage.enter(DeductionJustified(line="1", reason=SECRET, measure=SECRET))
    commands: list[tuple[Command, tuple[str, Role]]] = [
        (Note(form=FORM, entries=(ProblemNoted(number=1, text=SECRET),)), CLERK),
        (
            OverrideScore(form=FORM, line="1", to_points=Decimal(5), reason=SECRET, document="文"),
            CLERK,
        ),
    ]
    for command, by in commands:
        stage.given(command, by)
    stage.submitted()
    stage.given(GiveReviewScore(form=FORM, line="1", points=Decimal(4), reason=SECRET), DEPARTMENT)
    stage.given(Return(form=FORM, opinion=SECRET), DEPARTMENT)
    finding = stage.findings()[0]
    stage.given(
        Note(form=FORM, entries=(FindingAcknowledged(finding=finding.id, remark=SECRET),)), CLERK
    )
    return stage


def answers(stage: Stage) -> dict[str, list[Prose]]:
    store, position = stage.store, stage.store.head(LOG)
    found: dict[str, object] = {
        "current": stage.current(),
        "changes": stage.changes(),
        "deductions": stage.deductions(),
        "adjustments": stage.adjustments(),
        "findings": stage.findings(),
        "current as of": current_as_of(store, LOG, FORM, position),
        "changes as of": history_as_of(store, LOG, FORM, position),
        "deductions as of": deductions_as_of(store, LOG, FORM, position),
        "adjustments as of": adjustments_as_of(store, LOG, LEDGER, position),
        "findings as of": findings_as_of(store, LOG, FORM, position),
    }
    return {name: texts_in(answer) for name, answer in found.items()}


def test_every_view_shows_the_texts_and_after_a_redaction_none_does(stage: Stage) -> None:
    full_of_texts(stage)
    before = answers(stage)
    for name, texts in before.items():
        assert texts, name
        assert {text.body for text in texts} == {SECRET}, name
    stored = stage.contents()
    assert SECRET not in repr(stored)
    streams = {LEDGER: set[str](), FORM: set[str]()}
    for name, texts in before.items():
        stream = LEDGER if name.startswith("adjustments") else FORM
        streams[stream] |= {text.digest for text in texts}
    for stream, digests in streams.items():
        for digest in sorted(digests):
            stage.given(Redact(stream=stream, digest=digest, ground="个人信息"), GUARD)
    for name, texts in answers(stage).items():
        assert len(texts) == len(before[name]), name
        assert {text.body for text in texts} == {"已删除"}, name
        assert {text.redacted for text in texts} == {True}, name
        assert {text.in_("en") for text in texts} == {"deleted"}, name


def test_a_deduction_with_a_redacted_reason_stays_explained(stage: Stage) -> None:
    full_of_texts(stage)
    [row] = stage.deductions()
    assert row.reason is not None
    stage.given(Redact(stream=FORM, digest=row.reason.digest, ground="个人信息"), GUARD)
    [row] = stage.deductions()
    assert row.unexplained is False
    assert explained(stage.form(), stage.sheet().lines[0])
    assert row.reason is not None
    assert row.reason.body == "已删除"
