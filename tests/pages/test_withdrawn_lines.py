"""The page of a line that a form has no more says when, by whom and by which fact it went."""

import html
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL

from domain.commands import CorrectEntry, Redact, WithdrawIndicator
from domain.facts.envelope import Role
from domain.facts.form import IndicatorsSet, IndicatorWithdrawn, ScoreDeclared, Subject
from domain.scoring.indicators import Indicator
from domain.store import Receipt
from tests.projections.stage import TABLE, Stage, event_of, sql_stage
from tests.support.scenario import EXECUTION, FORM, LOG
from tests.support.site import site

VISITS = Indicator(line="2", path=("产出", "数量", "接访批次"), max_points=Decimal(20))
REASON, DOCUMENT = "并入第1行", "信发〔2025〕3号"
GUARD = ("guard", Role.SECURITY_ADMINISTRATOR)
GONE = "这一行已经撤销"
Visit = Callable[..., Any]


@pytest.fixture
def stage(url: URL) -> Iterator[Stage]:
    """A form with two lines, the second of which has a declared score."""
    found = sql_stage(url)
    found.with_ledger().with_initial(100)
    found.paid("98", "v1")
    found.with_form(EXECUTION, VISITS).calculated()
    found.enter(ScoreDeclared(subject=Subject.LINE, line="2", points=Decimal(18), place=TABLE))
    found.at(2025, 3, 10)
    yield found
    found.close()


@pytest.fixture
def visit(stage: Stage, url: URL, tmp_path: Path) -> Iterator[Visit]:
    """A page of the form, once everything on the stage is in the views."""
    opened = ExitStack()
    clients: list[TestClient] = []

    def ask(path: str = "lines/2", **query: str) -> Any:  # noqa: ANN401 - the response of the client
        stage.runner.catch_up()
        if not clients:
            clients.append(opened.enter_context(site(tmp_path, url=url)).client)
        after = {"after": f"{LOG}:{stage.store.head(LOG)}"}
        address = path if path.startswith("/") else f"/evaluations/{FORM}/{path}"
        return clients[0].get(address, params={**after, **query})

    with opened:
        yield ask


def withdrawn(stage: Stage) -> Receipt:
    command = WithdrawIndicator(form=FORM, line="2", document=DOCUMENT, reason=REASON)
    return stage.given(command)


def position(receipt: Receipt) -> int:
    return receipt.facts[0].position


def told(answer: Any) -> str:  # noqa: ANN401 - a response
    """The part of a page that tells how the line went."""
    assert answer.status_code == 200
    assert GONE in answer.text
    found = re.search(r'<section id="withdrawn">(.*?)</section>', answer.text, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_a_withdrawn_line_says_when_by_whom_and_by_which_fact(stage: Stage, visit: Visit) -> None:
    receipt = withdrawn(stage)

    part = told(visit())

    assert f'href="/facts/{LOG}/{position(receipt)}"' in part
    for said in ("撤销指标", "<code>clerk</code>", "2025-03-10 16:00", DOCUMENT, REASON):
        assert said in part, said
    english = visit(lang="en").text
    for said in ("This line was withdrawn", "When, by whom, by which fact", "indicator withdrawn"):
        assert said in english
    assert GONE not in english


def test_the_history_of_its_score_is_shown_and_linked(stage: Stage, visit: Visit) -> None:
    withdrawn(stage)

    text = visit().text

    changes = text[text.index('id="changes"') :]
    assert "填报" in changes
    assert "指标行变动" in changes
    links = [html.unescape(one) for one in re.findall(r'href="(/score-changes\?[^"]+)"', changes)]
    [address] = links
    answer = visit(address.partition("?")[0], evaluation=FORM, line="2")
    assert address.startswith("/score-changes?evaluation=130104%2Fxfj%2F2024%2Fdepartment&line=2")
    assert answer.status_code == 200
    assert "指标行变动" in answer.text
    assert f'href="/evaluations/{FORM}/history' in changes


def test_every_line_that_the_history_names_has_a_page(stage: Stage, visit: Visit) -> None:
    withdrawn(stage)
    history = visit("history").text
    lines = set(re.findall(rf'href="/evaluations/{FORM}/(lines/[^"?]+)', history))
    assert lines == {"lines/1", "lines/2"}
    assert {visit(line).status_code for line in lines} == {200}


def test_rows_that_are_set_anew_without_a_line_take_it_out(stage: Stage, visit: Visit) -> None:
    receipt = stage.enter(IndicatorsSet(rows=(EXECUTION,)))
    part = told(visit())
    assert f'href="/facts/{LOG}/{position(receipt)}"' in part
    assert "未说明" in part


def test_a_correction_of_the_rows_can_take_a_line_out(stage: Stage, visit: Visit) -> None:
    rows = next(
        one for one in stage.store.read(LOG, FORM) if isinstance(one.fact, IndicatorsSet)
    ).envelope.event_id
    receipt = stage.given(
        CorrectEntry(
            stream=FORM,
            target=rows,
            replacement=IndicatorsSet(rows=(EXECUTION,)),
            reason="误录一行",
            document="更正单",
        )
    )
    part = told(visit())
    assert f'href="/facts/{LOG}/{position(receipt)}"' in part
    assert "误录一行" in part


def test_a_line_that_came_back_is_explained_again(stage: Stage, visit: Visit) -> None:
    withdrawn(stage)
    anew = stage.enter(IndicatorsSet(rows=(EXECUTION, VISITS)))
    there = visit()
    assert there.status_code == 200
    assert GONE not in there.text
    # What had set it anew is voided: so that is what took it out, the last time.
    stage.given(
        CorrectEntry(
            stream=FORM,
            target=event_of(anew, stage),
            replacement=None,
            reason="误设",
            document="文",
        )
    )
    assert "误设" in told(visit())


def test_a_past_view_has_the_line_until_it_was_withdrawn(stage: Stage, visit: Visit) -> None:
    withdrawn(stage)
    before, since = visit(as_of="2025-03-09"), visit(as_of="2025-03-10")
    assert before.status_code == 200
    assert GONE not in before.text
    assert REASON in told(since)
    assert "as_of=2025-03-10" in since.text
    assert REASON in told(visit(effective_on="2024-12-31"))


def test_a_redacted_reason_is_gone_from_the_page(stage: Stage, visit: Visit) -> None:
    receipt = withdrawn(stage)
    [recorded] = stage.recorded(receipt)
    assert isinstance(recorded.fact, IndicatorWithdrawn)
    digest = recorded.fact.reason or ""
    stage.given(Redact(stream=FORM, digest=digest, ground="个人信息"), GUARD)
    for clock in ({}, {"as_of": "2025-03-10"}):
        part = told(visit(**clock))
        assert REASON not in part
        assert "已删除" in part


def test_a_line_that_there_never_was_stays_unknown(stage: Stage, visit: Visit) -> None:
    withdrawn(stage)
    for line, query in (("lines/3", {}), ("lines/2", {"as_of": "2025-01-01"})):
        assert visit(line, **query).status_code == 404
