"""A line that a form has no more is answered with how it went, and with what it said before."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL

from domain.commands import CorrectEntry, Redact, WithdrawIndicator
from domain.facts.envelope import Role, on
from domain.facts.form import IndicatorsSet, IndicatorWithdrawn, ScoreDeclared, Subject
from domain.facts.ledger import BudgetLine, InitialBudgetApproved, Line
from domain.scoring.indicators import Indicator
from domain.store import Receipt
from tests.projections.stage import TABLE, Stage, event_of, sql_stage
from tests.support.scenario import EXECUTION, FORM, LOG, WAN
from tests.support.site import site

VISITS = Indicator(line="2", path=("产出", "数量", "接访批次"), max_points=Decimal(20))
REASON, DOCUMENT = "并入第1行", "信发〔2025〕3号"
GUARD = ("guard", Role.SECURITY_ADMINISTRATOR)
Ask = Callable[..., Any]


@pytest.fixture
def stage(url: URL) -> Iterator[Stage]:
    """A form with two lines, the second of which has a declared score."""
    found = sql_stage(url)
    found.with_ledger()
    budget = InitialBudgetApproved(lines=(BudgetLine(100 * WAN, Line()),))
    found.book(budget, effective=on(date(2024, 1, 1)))
    found.paid("98", "v1")
    found.with_form(EXECUTION, VISITS).calculated()
    found.enter(ScoreDeclared(subject=Subject.LINE, line="2", points=Decimal(18), place=TABLE))
    found.at(2025, 3, 10)
    yield found
    found.close()


@pytest.fixture
def ask(stage: Stage, url: URL, tmp_path: Path) -> Iterator[Ask]:
    """The answer of the API about a line, once everything on the stage is in the views."""
    opened = ExitStack()
    clients: list[TestClient] = []

    def answer(line: str = "2", **query: str) -> Any:  # noqa: ANN401 - the response of the client
        stage.runner.catch_up()
        if not clients:
            clients.append(opened.enter_context(site(tmp_path, url=url)).client)
        after = {"after": str(stage.store.head(LOG))}
        address = f"/api/evaluations/{FORM}/lines/{line}"
        return clients[0].get(address, params={**after, **query})

    with opened:
        yield answer


def withdrawn(stage: Stage, line: str = "2") -> Receipt:
    command = WithdrawIndicator(form=FORM, line=line, document=DOCUMENT, reason=REASON)
    return stage.given(command)


def gone(answer: Any) -> dict[str, Any]:  # noqa: ANN401 - a response
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    assert set(found) == {
        "withdrawn", "line", "path", "max_points", "reason", "before", "changes",
    }  # fmt: skip
    return found


def test_it_is_told_when_by_whom_and_on_what_a_line_was_withdrawn(stage: Stage, ask: Ask) -> None:
    [fact] = withdrawn(stage).facts

    answer = ask()

    found = gone(answer)
    told = found["withdrawn"]
    assert (told["type"], told["position"], told["stream_id"]) == (
        "indicator-withdrawn", fact.position, FORM,
    )  # fmt: skip
    assert (told["actor"], told["role"], told["document"]) == ("clerk", "UNIT_CLERK", DOCUMENT)
    assert told["recorded_at"].startswith("2025-03-10T08:00")
    assert (found["line"], found["path"], found["max_points"]) == ("2", list(VISITS.path), "20")
    assert (found["reason"]["text"], found["reason"]["redacted"]) == (REASON, False)
    assert answer.headers["ETag"]
    assert answer.headers["Liuhen-Position"] == str(fact.position)


def test_what_the_line_said_before_is_told_with_its_facts(stage: Stage, ask: Ask) -> None:
    before = ask().json()
    [fact] = withdrawn(stage).facts

    found = gone(ask())

    assert found["before"] == before
    assert (before["declared"], before["final"], before["deduction"]) == ("18", "18", "2")
    assert [ref["position"] for part in before["provenance"] for ref in part["facts"]]
    changes = found["changes"]
    assert [one["line"] for one in changes] == ["2"] * len(changes)
    last = changes[-1]
    assert (last["from_points"], last["to_points"], last["position"]) == ("18", None, fact.position)


def test_before_its_withdrawal_it_is_a_line_like_any_other(stage: Stage, ask: Ask) -> None:
    there = ask().json()
    withdrawn(stage)

    past = ask(as_of="2025-03-09")

    assert past.status_code == 200
    assert past.json() == there
    assert gone(ask(as_of="2025-03-10")) == gone(ask())


def test_on_a_business_date_what_it_said_before_is_estimated(stage: Stage, ask: Ask) -> None:
    stage.paid("1", "v2", 12)
    withdrawn(stage, "1")

    stored, estimated = gone(ask("1")), gone(ask("1", effective_on="2024-12-31"))

    assert (stored["before"]["estimated"], estimated["before"]["estimated"]) == (False, True)
    assert (stored["before"]["final"], estimated["before"]["final"]) == ("9.8", "9.9")
    assert {**stored, "before": None} == {**estimated, "before": None}
    both = ask("1", as_of="2025-03-09", effective_on="2024-12-31").json()
    # The payment of December was booked the day after.
    assert (both["line"], both["estimated"], both["final"]) == ("1", True, "9.8")


def test_rows_set_anew_or_corrected_take_a_line_out_too(stage: Stage, ask: Ask) -> None:
    rows = next(
        one for one in stage.store.read(LOG, FORM) if isinstance(one.fact, IndicatorsSet)
    ).envelope.event_id
    stage.given(
        CorrectEntry(
            stream=FORM,
            target=rows,
            replacement=IndicatorsSet(rows=(EXECUTION,)),
            reason="误录一行",
            document="更正单",
        )
    )
    found = gone(ask())
    assert (found["withdrawn"]["type"], found["reason"]["text"]) == ("entry-corrected", "误录一行")
    assert found["withdrawn"]["document"] == "更正单"
    anew = stage.enter(IndicatorsSet(rows=(EXECUTION, VISITS)))
    assert ask().json()["line"] == "2"
    assert "withdrawn" not in ask().json()
    voided = stage.given(
        CorrectEntry(
            stream=FORM,
            target=event_of(anew, stage),
            replacement=None,
            reason="误设",
            document="文",
        )
    )
    assert gone(ask())["withdrawn"]["position"] == voided.facts[0].position
    stage.enter(IndicatorsSet(rows=(EXECUTION, VISITS)))
    stage.enter(IndicatorsSet(rows=(EXECUTION,)))
    assert gone(ask())["reason"] is None


def test_a_redacted_reason_is_gone(stage: Stage, ask: Ask) -> None:
    [recorded] = stage.recorded(withdrawn(stage))
    assert isinstance(recorded.fact, IndicatorWithdrawn)
    digest = recorded.fact.reason or ""
    stage.given(Redact(stream=FORM, digest=digest, ground="个人信息"), GUARD)
    for clock in ({}, {"as_of": "2025-03-10"}):
        reason = gone(ask(**clock))["reason"]
        assert reason == {"text": "已删除", "digest": digest, "redacted": True}
    assert gone(ask(lang="en"))["reason"]["text"] != "已删除"


def test_a_line_that_there_never_was_stays_unknown(stage: Stage, ask: Ask) -> None:
    withdrawn(stage)
    for line, clock in (("3", {}), ("2", {"as_of": "2025-01-01"})):
        answer = ask(line, **clock)
        assert answer.status_code == 404
        codes = [one["code"] for one in answer.json()["problems"]]
        assert codes in (["line.unknown"], ["evaluation.unknown"])
