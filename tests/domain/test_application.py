"""The command path: once, by the right people, with texts detached, and never half."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

import pytest

from domain import duties
from domain.commands import (
    Book,
    Booking,
    Command,
    Note,
    OverrideScore,
    Redact,
)
from domain.evaluation import STATUS_NAMES
from domain.evaluation.state import Status
from domain.facts.envelope import Role
from domain.facts.form import ProblemNoted, ScoreOverridden
from domain.facts.ledger import ExpenditureRecorded
from domain.facts.others import TextRedacted
from domain.problems import CATALOGUE, Rejected
from domain.store import NewFact, Receipt, StreamChange
from domain.texts import digest_of
from tests.support.memory_store import MemoryStore
from tests.support.scenario import (
    BOOKKEEPER,
    EXECUTION,
    FORM,
    LEDGER,
    LOG,
    WAN,
    Scenario,
)

ADMIN = ("security", Role.SECURITY_ADMINISTRATOR)
OVERSIGHT = ("auditor", Role.OVERSIGHT)


def booking(amount: int = WAN, voucher: str = "v1") -> Book:
    payment = ExpenditureRecorded(amount=amount, voucher=voucher)
    return Book(ledger=LEDGER, entries=(Booking(fact=payment),))


def override(points: str = "5") -> OverrideScore:
    return OverrideScore(
        form=FORM, line="1", to_points=Decimal(points), reason="因故调整", document="纪要"
    )


def test_the_same_command_again_gives_the_same_receipt_and_stores_nothing() -> None:
    scenario = Scenario().with_ledger()
    first = scenario.given(booking(), command_id="c1")
    head = scenario.store.head(LOG)

    assert scenario.given(booking(), command_id="c1") == first
    assert scenario.store.head(LOG) == head


def test_a_command_gives_its_id_to_its_first_fact() -> None:
    scenario = Scenario().with_ledger()
    command = UUID("01939b1e-7b1a-7c3e-9f2b-8b1d2c3e4f50")
    entries = (*booking().entries, *booking(voucher="v2").entries)
    receipt = scenario.given(Book(ledger=LEDGER, entries=entries), command_id=str(command))
    stored = [scenario.store.read_log(LOG)[one.position - 1] for one in receipt.facts]
    assert [one.envelope.event_id == command for one in stored] == [True, False]
    assert {one.envelope.command_id for one in stored} == {str(command)}


@pytest.mark.parametrize(
    "command_id",
    [
        "c1",
        "01939B1E-7B1A-7C3E-9F2B-8B1D2C3E4F50",
        "01939b1e7b1a7c3e9f2b8b1d2c3e4f50",
        "0193-9b1e7b1a-7c3e-9f2b-8b1d2c3e4f50",
        "01939b1e-7b1a-4c3e-9f2b-8b1d2c3e4f50",
    ],
)
def test_an_id_that_is_no_uuid_of_version_7_is_given_to_none(command_id: str) -> None:
    scenario = Scenario().with_ledger()
    receipt = scenario.given(booking(), command_id=command_id)
    [stored] = scenario.store.read_log(LOG)[receipt.position - 1 :]
    assert stored.envelope.command_id == command_id
    assert str(stored.envelope.event_id) != command_id.lower()


def test_a_command_id_is_not_taken_for_other_content() -> None:
    scenario = Scenario().with_ledger()
    scenario.given(booking(), command_id="c1")
    with pytest.raises(Rejected) as rejection:
        scenario.given(booking(2 * WAN), command_id="c1")
    assert rejection.value.codes == ("store.command-reused",)


def test_a_retry_gets_its_receipt_even_where_the_command_would_now_be_refused() -> None:
    scenario = Scenario().with_form(EXECUTION)
    first = scenario.given(override(), command_id="c1")
    assert scenario.codes(override()) == ["evaluation.score-unchanged"]
    assert scenario.given(override(), command_id="c1") == first


def test_if_match_refuses_a_form_that_moved() -> None:
    scenario = Scenario().with_form(EXECUTION)
    version = scenario.form().version
    scenario.given(override(), if_match={FORM: version})
    with pytest.raises(Rejected) as rejection:
        scenario.given(override("6"), if_match={FORM: version})
    assert rejection.value.codes == ("evaluation.moved",)


def test_free_text_never_reaches_a_fact() -> None:
    scenario = Scenario().with_form(EXECUTION)
    (fact,) = scenario.facts(override())
    assert isinstance(fact, ScoreOverridden)
    assert len(fact.reason) == 64
    assert scenario.store.text_bodies(LOG, [fact.reason]) == {fact.reason: "因故调整"}
    assert digest_of(b"", "因故调整") != fact.reason


def test_blank_text_counts_as_absent() -> None:
    scenario = Scenario().with_form(EXECUTION)
    (fact,) = scenario.facts(Note(form=FORM, entries=(ProblemNoted(number=1, text=" \n"),)))
    assert isinstance(fact, ProblemNoted)
    assert fact.text is None


@pytest.mark.parametrize("text", ["因故\x00调整", "因故\ud800调整"])
def test_a_text_that_no_database_can_hold_is_refused(text: str) -> None:
    command = OverrideScore(form=FORM, line="1", to_points=Decimal(5), reason=text, document="x")
    assert Scenario().with_form(EXECUTION).codes(command) == ["command.malformed-text"]


def test_a_redaction_removes_the_text_and_leaves_the_fact() -> None:
    scenario = Scenario().with_form(EXECUTION)
    (overridden,) = scenario.facts(override())
    assert isinstance(overridden, ScoreOverridden)
    command = Redact(stream=FORM, digest=overridden.reason, ground="含个人信息")

    assert scenario.facts(command, ADMIN) == [
        TextRedacted(digest=overridden.reason, ground="含个人信息")
    ]
    assert scenario.store.text_bodies(LOG, [overridden.reason]) == {}
    assert scenario.form().overrides["1"].fact == overridden
    assert scenario.codes(command, ADMIN) == ["redaction.unknown-text"]


def test_oversight_reads_everything_and_changes_nothing() -> None:
    scenario = Scenario().with_ledger().with_form(EXECUTION)
    assert scenario.codes(override(), OVERSIGHT) == ["duty.not-yours"]
    assert scenario.codes(booking(), OVERSIGHT) == ["duty.not-yours"]
    assert scenario.codes(booking(), ADMIN) == ["duty.not-yours"]


def test_every_command_has_its_duties() -> None:
    assert set(duties.ALLOWED) == set(get_args(Command))


def test_every_state_has_a_name() -> None:
    assert set(STATUS_NAMES) == set(Status)


def test_every_kind_of_problem_says_what_to_do_in_both_languages() -> None:
    for code, kind in CATALOGUE.items():
        assert kind.code == code
        for words in (kind.message, kind.todo):
            assert words.zh.strip(), code
            assert words.en.strip(), code


class RacingStore(MemoryStore):
    """Slips another writer's fact in before the first append that it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.intruder: StreamChange | None = None

    def append(self, log_id: str, changes: Sequence[StreamChange], **rest: Any) -> Receipt:
        if self.intruder is not None:
            intruder, self.intruder = self.intruder, None
            super().append(log_id, [intruder], command_id="intruder", request=b"")
        return super().append(log_id, changes, **rest)


def test_a_lost_race_is_decided_anew_on_the_newer_state() -> None:
    store = RacingStore()
    scenario = Scenario(store).with_ledger()
    receipt = scenario.given(booking(), BOOKKEEPER)
    (envelope,) = (r.envelope for r in scenario.recorded(receipt))
    ledger = scenario.ledger()
    other = ExpenditureRecorded(amount=7 * WAN, voucher="v2")
    store.intruder = StreamChange(LEDGER, ledger.version, (NewFact(envelope, other),))

    late = Book(
        ledger=LEDGER,
        entries=(Booking(fact=ExpenditureRecorded(amount=WAN, voucher="v2")),),
    )

    with pytest.raises(Rejected) as rejection:
        scenario.given(late)
    assert rejection.value.codes == ("ledger.voucher-used",)
    assert len(scenario.store.read(LOG, LEDGER)) == ledger.version + 1


class TwiceAtOnce(MemoryStore):
    """A store in which something happens just after a command id was looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] | None = None

    def receipt_of(self, log_id: str, command_id: str, request: bytes) -> Receipt | None:
        found = super().receipt_of(log_id, command_id, request)
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()
        return found


@pytest.mark.parametrize("with_if_match", [False, True], ids=["", "with If-Match"])
def test_a_command_sent_twice_at_once_gives_the_same_receipt(*, with_if_match: bool) -> None:
    store = TwiceAtOnce()
    scenario = Scenario(store).with_form(EXECUTION)
    seen = {FORM: scenario.form().version} if with_if_match else None
    firsts: list[Receipt] = []

    def first() -> None:
        firsts.append(scenario.given(override(), command_id="c1", if_match=seen))

    store.meanwhile = first
    # Decided alone it would be refused: the score has those points already, the form has moved.
    assert scenario.given(override(), command_id="c1", if_match=seen) == firsts[0]
    store.meanwhile = lambda: scenario.given(override("6"), command_id="c2")
    with pytest.raises(Rejected) as rejection:
        scenario.given(override("7"), command_id="c2", if_match=seen)
    assert rejection.value.codes == ("store.command-reused",)
