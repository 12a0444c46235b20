"""Differences and the replay of a year over HTTP."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.support.site import QIAOXI, SHANGJIE

REPLAY = "/api/years/2024/replay"
EVENTS = {"Accept": "text/event-stream"}


def events_of(text: str) -> list[tuple[str, str, Any]]:
    """The id, name and data of every event of a stream."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        if "data" in fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


def test_steps_are_streamed_as_lines(client: TestClient) -> None:
    answer = client.get(REPLAY, params={"step": "fact", "log": "130104"})
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    *steps, last = [json.loads(line) for line in answer.text.splitlines()]
    assert last["end"]["steps"] == len(steps) == last["end"]["count"]
    assert (steps[-1]["forms"], steps[-1]["mean"]) == ({"DRAFT": 1}, "98")
    assert steps[0]["label"] == f"130104#{steps[0]['positions']['130104']}"


@pytest.mark.parametrize("year", [2022, 2023, 2024])
def test_the_last_step_is_how_the_year_stands(client: TestClient, year: int) -> None:
    *_, step, _ = client.get(f"/api/years/{year}/replay").text.splitlines()
    last, now = json.loads(step), client.get(f"/api/years/{year}").json()
    assert last["initial"] != "0"
    for name in ("initial", "adjusted", "spent"):
        assert last[f"{name}_fen"] == now["money"][name]
    assert last["forms"] == now["forms"]["by_status"]
    assert last["mean"] == now["forms"]["mean_total"]
    assert last["grades"] == now["forms"]["by_grade"]
    assert last["scored"] == now["forms"]["scored"]


def test_steps_are_streamed_as_events_with_ids(client: TestClient) -> None:
    answer = client.get(REPLAY, params={"step": "fact"}, headers=EVENTS)
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.text.startswith("retry: 2000\n\n")
    found = events_of(answer.text)
    assert [(one[0], one[1]) for one in found[:-1]] == [
        (str(number), "step") for number in range(1, len(found))
    ]
    assert found[-1][1] == "end"
    assert all(one[0] == str(one[2]["count"]) for one in found)


@pytest.mark.parametrize("cut", [1, 40, 107])
def test_after_a_broken_connection_the_stream_goes_on(client: TestClient, cut: int) -> None:
    whole = events_of(client.get(REPLAY, params={"step": "fact"}, headers=EVENTS).text)
    last = whole[cut - 1][0]
    rest = client.get(REPLAY, params={"step": "fact"}, headers={**EVENTS, "Last-Event-ID": last})
    assert events_of(rest.text) == whole[cut:]


def test_a_false_id_and_an_unknown_log_are_refused(client: TestClient) -> None:
    answer = client.get(REPLAY, headers={**EVENTS, "Last-Event-ID": "-1; drop"})
    assert (answer.status_code, answer.json()["code"]) == (422, "replay.last-event-id")
    answer = client.get(REPLAY, params={"log": "1"})
    assert (answer.status_code, answer.json()["code"]) == (404, "log.unknown")


def test_a_year_is_verified(client: TestClient) -> None:
    found = client.get("/api/years/2024/verification").json()
    assert (found["result"], found["consistent"], found["discrepancies"]) == ("一致", True, [])
    assert {one["log_id"] for one in found["logs"]} >= {"130104", "150800"}
    assert client.get("/api/years/2024/verification?lang=en").json()["result"] == "consistent"


def test_a_year_under_other_rules(client: TestClient) -> None:
    found = client.get("/api/years/2024/what-if", params={"rules": "国家-2020"}).json()
    assert (found["gain"], found["lose"]) == (1, 1)
    assert found["forms"][1]["uncovered"][0]["why"] == "没有对应的规则"
    refused = client.get("/api/years/2024/what-if", params={"rules": "无"})
    assert refused.json()["code"] == "rule-set.unknown"


def test_a_difference_is_answered_with_its_facts(client: TestClient) -> None:
    address = f"/api/evaluations/{SHANGJIE}/diff"
    found = client.get(address, params={"from": "#60"}).json()
    total = next(one for one in found["changes"] if one["field"] == "computed_total")
    assert (total["before"], total["after"], total["label"]) == (None, "95.81", "合计得分")
    assert total["facts"][0]["fact"]["type"] == "score-declared"
    reason = next(one for one in found["changes"] if one["field"] == "reason")
    assert reason["after"]["text"]
    assert client.get(address, params={"from": "now"}).json()["changes"] == []
    other = client.get(address, params={"other": QIAOXI}).json()
    assert other["after"]["evaluation"] == QIAOXI


def test_what_cannot_be_compared_is_refused(client: TestClient) -> None:
    address = f"/api/evaluations/{SHANGJIE}/diff"
    for params, code in (
        ({"from": "published"}, "diff.moment-unknown"),
        ({"from": "x"}, "as-of.malformed"),
        ({"other": "130104/none/2024/department"}, "evaluation.unknown"),
        ({"other": "nonsense"}, "evaluation.unknown"),
        ({"other": QIAOXI, "from": "1999-01-01"}, "diff.not-open"),
        ({"effective_on": "2024-12-31"}, "effective-on.no-meaning"),
    ):
        answer = client.get(address, params=params)
        assert answer.json()["code"] == code
    answer = client.get("/api/rule-set-differences", params={"from": "无", "to": "无"})
    assert answer.json()["code"] == "rule-set.unknown"


def test_rule_sets_are_compared(client: TestClient) -> None:
    found = client.get(
        "/api/rule-set-differences", params={"from": "上街-2022", "to": "桥西-2024"}
    ).json()
    assert found["before"]["log_id"] == "410106"
    assert {"规则", "等级"} <= {one["part"] for one in found["changes"]}


def test_both_moments_that_are_none_are_named_at_once(client: TestClient) -> None:
    answer = client.get(f"/api/evaluations/{QIAOXI}/diff?from=foo&to=published")
    problems = answer.json()["problems"]
    assert [(one["code"], one["place"]) for one in problems] == [
        ("as-of.malformed", "from"),
        ("diff.moment-unknown", "to"),
    ]
    answer = client.get("/api/rule-set-differences?from=a&to=b")
    assert [one["place"] for one in answer.json()["problems"]] == ["from", "to"]
