"""What is noted about a form is answered over HTTP with the facts that say it, on both clocks."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL

from domain.commands import CorrectEntry, Note, Redact, Return, WithdrawEvidence
from domain.facts.envelope import Place, Role
from domain.facts.form import (
    ContentWithheld,
    EvidenceAttached,
    Light,
    MeasureCompleted,
    MeasurePlanned,
    ProblemNoted,
    ProgressMonitored,
)
from projections.tracking import Stopped, stop
from tests.projections.stage import Stage, event_of, sql_stage
from tests.support.scenario import CLERK, DEPARTMENT, EXECUTION, FORM, LOG
from tests.support.site import QIAOXI, site

SECRET = "因信访人张某某"
GUARD = ("guard", Role.SECURITY_ADMINISTRATOR)
KEPT, CORRECTED, GONE = ("a" * 64, "b" * 64, "c" * 64)
Asked = Callable[..., Any]


@pytest.fixture
def stage(url: URL) -> Iterator[Stage]:
    found = sql_stage(url)
    yield found
    found.close()


@pytest.fixture
def asked(stage: Stage, url: URL, tmp_path: Path) -> Iterator[Asked]:
    """What the API answers about the form, once everything on the stage is in the views."""
    opened = ExitStack()
    clients: list[TestClient] = []

    def ask(**clocks: str) -> Any:  # noqa: ANN401 - any JSON
        stage.runner.catch_up()
        if not clients:
            clients.append(opened.enter_context(site(tmp_path, url=url)).client)
        query = {"after": str(stage.store.head(LOG)), **clocks}
        answer = clients[0].get(f"/api/evaluations/{FORM}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    with opened:
        yield ask


def attached(sha256: str, title: str | None = None, *lines: str) -> EvidenceAttached:
    return EvidenceAttached(
        sha256=sha256,
        size=1024,
        media_type="application/pdf",
        title=title,
        document="财〔2025〕1号",
        lines=lines,
    )


def noted(stage: Stage) -> Stage:
    """A form with everything that can be noted, some of it taken back again."""
    stage.with_ledger().with_initial(100)
    stage.paid("98", "v1")
    stage.at(2025, 3, 2)
    stage.with_form(EXECUTION).calculated()
    stage.at(2025, 3, 3)
    stage.enter(attached(KEPT, SECRET, "1"))
    keyed = stage.enter(attached(CORRECTED))
    stage.enter(attached(GONE))
    stage.given(
        CorrectEntry(
            stream=FORM,
            target=event_of(keyed, stage),
            replacement=attached(CORRECTED, "更正后的题名"),
            reason="错录",
            document="更正单",
        )
    )
    stage.given(WithdrawEvidence(form=FORM, sha256=GONE, reason="重复"))
    stage.at(2025, 3, 4)
    stage.given(
        Note(
            form=FORM,
            entries=(
                ProblemNoted(number=1, text=SECRET, place=Place("自评报告", "四")),
                ProblemNoted(number=2, text=None),
                MeasurePlanned(problem=1, number=1, text="补报手续", due=date(2025, 6, 30)),
                MeasurePlanned(problem=1, number=2, text=None),
                ContentWithheld(about="专项一", authority="保密办"),
                ContentWithheld(about="专项二"),
                ProgressMonitored(
                    line="1", planned=Decimal(50), actual=Decimal("41.5"), light=Light.YELLOW
                ),
            ),
        )
    )
    stage.submitted()
    stage.at(2025, 3, 5)
    stage.given(Return(form=FORM, opinion=SECRET), DEPARTMENT)
    stage.at(2025, 3, 6)
    stage.given(Note(form=FORM, entries=(MeasureCompleted(number=1, document="销号单"),)), CLERK)
    return stage


def told(found: dict[str, Any]) -> dict[str, list[Any]]:
    """What is noted, in brief: texts as they are shown, facts by their kind."""
    return {
        "problems": [
            (
                one["number"],
                text_of(one["text"]),
                one["place"] and one["place"]["place"],
                one["fact"]["type"],
                [
                    (
                        measure["number"],
                        text_of(measure["text"]),
                        measure["due"],
                        measure["document"],
                        measure["fact"]["type"],
                        measure["completed"] and measure["completed"]["type"],
                    )
                    for measure in one["measures"]
                ],
            )
            for one in found["problems"]
        ],
        "evidence": [
            (one["sha256"], text_of(one["title"]), one["lines"], one["fact"]["type"])
            for one in found["evidence"]
        ],
        "withheld": [
            (one["about"], one["authority"], one["fact"]["type"]) for one in found["withheld"]
        ],
        "returns": [(text_of(one["opinion"]), one["fact"]["actor"]) for one in found["returns"]],
        "progress": [
            (one["line"], one["planned"], one["actual"], one["forecast"], one["light"])
            for one in found["progress"]
        ],
    }


def text_of(text: dict[str, Any] | None) -> str | None:
    return None if text is None else str(text["text"])


def facts_in(value: object) -> Iterator[dict[str, Any]]:
    """Every fact that an answer names, at any depth."""
    if isinstance(value, dict):
        if "stream_id" in value:
            yield value
        for part in value.values():
            yield from facts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from facts_in(part)


def test_everything_noted_comes_with_its_fact(stage: Stage, asked: Asked) -> None:
    noted(stage)

    found = asked()

    assert told(found) == {
        "problems": [
            (
                1,
                SECRET,
                "四",
                "problem-noted",
                [
                    (
                        1,
                        "补报手续",
                        "2025-06-30",
                        "销号单",
                        "measure-planned",
                        "measure-completed",
                    ),
                    (2, None, None, None, "measure-planned", None),
                ],
            ),
            (2, None, None, "problem-noted", []),
        ],
        "evidence": [
            (KEPT, SECRET, ["1"], "evidence-attached"),
            (CORRECTED, "更正后的题名", [], "entry-corrected"),
        ],
        "withheld": [
            ("专项一", "保密办", "content-withheld"),
            ("专项二", None, "content-withheld"),
        ],
        "returns": [(SECRET, "department")],
        "progress": [("1", "50", "41.5", None, "YELLOW")],
    }
    by_position = {one.position: one for one in stage.store.read(LOG, FORM)}
    facts = list(facts_in({name: found[name] for name in told(found)}))
    assert len({one["position"] for one in facts}) == len(facts) == 11
    for one in facts:
        recorded = by_position[one["position"]]
        assert (one["event_id"], one["version"], one["actor"]) == (
            str(recorded.envelope.event_id),
            recorded.version,
            recorded.envelope.actor,
        )
    # Two of a kind are told apart.
    assert [
        getattr(by_position[one["fact"]["position"]].fact, "about", None)
        for one in found["withheld"]
    ] == ["专项一", "专项二"]
    assert found["problems"][0]["measures"][0]["completed_at"].startswith("2025-03-06")


@pytest.mark.parametrize(
    "clocks", [{}, {"as_of": "2100-01-01"}, {"effective_on": "2024-12-31"}], ids=str
)
def test_either_clock_gives_the_same_remarks(
    stage: Stage, asked: Asked, clocks: dict[str, str]
) -> None:
    noted(stage)
    now, then = asked(), asked(**clocks)
    assert told(then) == told(now)
    assert list(facts_in(then["problems"])) == list(facts_in(now["problems"]))


def test_a_past_view_knows_only_what_was_noted_by_then(stage: Stage, asked: Asked) -> None:
    noted(stage)

    before, between = told(asked(as_of="2025-03-02")), told(asked(as_of="2025-03-04"))

    assert not any(before.values())
    assert between["returns"] == []
    _, _, _, _, [first, _] = between["problems"][0]
    assert first == (1, "补报手续", "2025-06-30", None, "measure-planned", None)


@pytest.mark.parametrize("clocks", [{}, {"as_of": "2025-03-05"}, {"effective_on": "2024-12-31"}])
def test_a_redaction_reaches_every_remark(
    stage: Stage, asked: Asked, clocks: dict[str, str]
) -> None:
    noted(stage)
    found = asked(**clocks)
    texts = [
        found["problems"][0]["text"],
        found["evidence"][0]["title"],
        found["returns"][0]["opinion"],
    ]
    assert [one["text"] for one in texts] == [SECRET] * 3
    for one in texts:
        stage.given(Redact(stream=FORM, digest=one["digest"], ground="个人信息"), GUARD)

    after = asked(**clocks)

    assert SECRET not in str(after)
    assert [
        (one["text"], one["digest"], one["redacted"])
        for one in (
            after["problems"][0]["text"],
            after["evidence"][0]["title"],
            after["returns"][0]["opinion"],
        )
    ] == [("已删除", one["digest"], True) for one in texts]
    # The fact stays.
    assert after["problems"][0]["fact"] == found["problems"][0]["fact"]


def test_a_published_form_tells_the_problems_that_it_prints(client: TestClient) -> None:
    found = client.get(f"/api/evaluations/{QIAOXI}").json()
    assert found["problems"]
    for one in found["problems"]:
        address = f"/api/logs/130104/facts/{one['fact']['position']}"
        fact = client.get(address).json()
        assert fact["type"].startswith("problem-noted")
        assert fact["content"]["number"] == one["number"]
        assert one["place"]["document"]


def test_a_form_that_stands_still_tells_what_its_rows_know(stage: Stage, asked: Asked) -> None:
    noted(stage).runner.catch_up()
    last = stage.store.read(LOG, FORM)[-1]
    stood = Stopped(
        log_id=LOG,
        unit_year=FORM.rpartition("/")[0] + "/",
        position=last.position + 1,
        event_id=last.envelope.event_id,
        stream_id=FORM,
        version=last.version + 1,
        type="progress-monitored.v1",
        recorded_at=last.envelope.recorded_at,
        error="a fact that cannot be applied",
    )
    with stage.database.transaction() as connection:
        stop(connection, [stood])
    seen = ProgressMonitored(line="1", planned=Decimal(50), actual=Decimal(50), light=Light.GREEN)
    later = (seen, ContentWithheld(about="专项三"))
    stage.given(Note(form=FORM, entries=later), CLERK)

    found = told(asked())

    assert [one[0] for one in found["withheld"]] == ["专项一", "专项二"]
    assert [one[-1] for one in found["progress"]] == ["YELLOW"]
