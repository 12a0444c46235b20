"""Whatever can be asked is looked at whole: each bad value is named at its place, all at once."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.problems import problem_of
from projections.tables.paging import cursor_of
from tests.support.site import BAYANNUR, QIAOXI, SHANGJIE, Site

LONG = "字" * 1000
BAD = {
    "acknowledged": "maybe",
    "actor": LONG,
    "after": "999999:1",
    "as_of": "#999999",
    "before": "31.12.2024",
    "class": "x",
    "code": LONG,
    "corrected": "maybe",
    "cursor": "x",
    "direction": "x",
    "division": "999999",
    "document": LONG,
    "effective_on": "2024-02-30",
    "evaluation": "130104/none/2024/department",
    "excluded": "maybe",
    "format": "pdf",
    "from": "#999999",
    "group_by": "x",
    "id": "130104/none/2024/department",
    "kind": "x",
    "lang": "fr",
    "last-event-id": "-1",
    "least": "-1",
    "level": "x",
    "limit": "0",
    "line": LONG,
    "log": "999999",
    "log_id": "999999",
    "month": "2024-13",
    "most": "12.5",
    "only": "x",
    "other": "130104/none/2024/department",
    "part": "x",
    "position": "x",
    "project": LONG,
    "q": "，",
    "role": "x",
    "rules": "none",
    "since": "yesterday",
    "source": "x",
    "status": "x",
    "step": "week",
    "stream": "x",
    "subject": "x",
    "to": "never",
    "unit": "nobody",
    "with_voided": "maybe",
    "year": "2024.5",
}
OF_THE_FRAMEWORK = {
    "request.invalid",
    "request.length",
    "request.not-in-list",
    "request.not-whole",
    "request.out-of-range",
    "request.unknown-field",
    "request.wrong-type",
}
"""What any parameter can be refused with; a route documents it with ``request.invalid``."""
HANGS_ON = {("/api/evaluations/{id}/lines/{line}", "line"): "id"}
"""What cannot be judged while something else is wrong: there are no lines of what there is not."""


def operations(client: TestClient) -> dict[str, list[dict[str, Any]]]:
    """The parameters of every reading route."""
    paths = client.get("/openapi.json").json()["paths"]
    return {
        path: ways["get"].get("parameters", []) for path, ways in paths.items() if "get" in ways
    }


def documented(client: TestClient, path: str) -> set[str]:
    """The codes that a reading route says it can refuse with."""
    answers = client.get("/openapi.json").json()["paths"][path]["get"]["responses"].values()
    return {
        code
        for one in answers
        for code in re.findall(r"[a-z-]+\.[a-z-]+", one.get("description", ""))
    }


def test_every_bad_value_of_every_route_is_named_at_once(client: TestClient) -> None:
    asked = 0
    for path, parameters in operations(client).items():
        address = path
        query = {"misspelt": "1"}
        headers: dict[str, str] = {}
        for one in parameters:
            name, bad = one["name"], BAD[one["name"]]
            address = address.replace(f"{{{name}}}", quote(bad))
            if one["in"] != "path":
                {"query": query, "header": headers}[one["in"]][name] = bad
        wanted = {one["name"] for one in parameters if (path, one["name"]) not in HANGS_ON}
        answer = client.get(address, params=query, headers=headers)
        assert answer.status_code == 422, (path, answer.text)
        problems = answer.json()["problems"]
        places = {one["place"].replace("Last-Event-ID", "last-event-id") for one in problems}
        assert places == {"misspelt", *wanted}, path
        assert all(one["message"] and one["todo"] for one in problems)
        codes = {one["code"] for one in problems if one["code"] not in OF_THE_FRAMEWORK}
        assert codes <= documented(client, path), path
        asked += len(wanted)
    assert asked > 100


def bounds_of(parameter: dict[str, Any]) -> tuple[int, int] | None:
    """The least and the most that a number may be; None where it is no number."""
    schema = parameter["schema"]
    for one in schema.get("anyOf", [schema]):
        if one.get("type") == "integer":
            return one["minimum"], one["maximum"]
    return None


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", "超出范围，须为 {} 至 {}"),
        ("en", "it is out of range: it must be from {} to {}"),
    ],
)
def test_a_number_outside_its_range_is_told_the_whole_range(
    client: TestClient, lang: str, words: str, side: int
) -> None:
    asked = set()
    for path, parameters in operations(client).items():
        bounds = {one["name"]: found for one in parameters if (found := bounds_of(one))}
        if not bounds:
            continue
        beyond = {name: found[side] + (-1, 1)[side] for name, found in bounds.items()}
        address = path
        for one in parameters:
            if one["in"] == "path":
                name = one["name"]
                address = address.replace(f"{{{name}}}", quote(str(beyond.get(name, BAD[name]))))
        query = {
            name: number
            for name, number in beyond.items()
            if any((one["in"], one["name"]) == ("query", name) for one in parameters)
        }
        problems = client.get(address, params={**query, "lang": lang}).json()["problems"]
        told = {
            one["place"]: one["message"]
            for one in problems
            if one["code"] == "request.out-of-range"
        }
        assert told == {name: words.format(*found) for name, found in bounds.items()}, path
        asked |= set(bounds)
    assert asked == {"least", "limit", "most", "position", "year"}


@pytest.mark.parametrize(
    ("kind", "bounds", "zh", "en"),
    [
        ("greater_than_equal", {"ge": 0}, "须不小于 0", "must be at least 0"),
        ("less_than_equal", {"le": 12}, "须不大于 12", "must be at most 12"),
    ],
)
def test_a_bound_that_the_library_looks_at_is_told_too(
    kind: str, bounds: dict[str, int], zh: str, en: str
) -> None:
    told = problem_of({"type": kind, "loc": ("query", "n"), "ctx": bounds, "input": "99"})
    assert (told.code, told.place) == ("request.out-of-range", "n")
    assert (told.message.zh, told.message.en) == (
        f"超出范围，{zh}",
        f"it is out of range: it {en}",
    )


def test_each_parameter_may_be_given_once(client: TestClient) -> None:
    for path, parameters in operations(client).items():
        lists = [one["name"] for one in parameters if "array" in str(one["schema"])]
        once = [
            one["name"] for one in parameters if one["in"] == "query" and one["name"] not in lists
        ]
        if not once:
            continue
        address = path
        for one in parameters:
            address = address.replace(f"{{{one['name']}}}", quote(BAD[one["name"]]))
        twice = "&".join(f"{name}=1&{name}=2" for name in (*once, *lists))
        problems = client.get(f"{address}?{twice}").json()["problems"]
        told = [one["place"] for one in problems if one["code"] == "request.given-twice"]
        assert told == once, path


@pytest.mark.parametrize(
    ("path", "query", "codes"),
    [
        ("adjustments", {"least": 2, "most": 1}, {"least": "filter.empty-range"}),
        ("adjustments.csv", {"least": 2, "most": 1}, {"least": "filter.empty-range"}),
        (
            "adjustments",
            {"group_by": "unit", "cursor": cursor_of(("adjustments", "130104", "x", 1))},
            {"cursor": "filter.groups-alone"},
        ),
        ("adjustments", {"month": "2024-00"}, {"month": "filter.no-month"}),
        (
            "adjustments",
            {"log": "410106", "division": "130104"},
            {"division": "filter.contradiction"},
        ),
        (
            "score-changes",
            {"since": "2024-03-02", "before": "2024-03-02"},
            {"since": "filter.empty-range"},
        ),
        (
            "score-changes",
            {"evaluation": QIAOXI, "log": "410106", "unit": "542", "year": 2023},
            dict.fromkeys(["log", "year"], "filter.contradiction") | {"unit": "unit.unknown"},
        ),
        (
            "search",
            {"q": "预算", "evaluation": QIAOXI, "unit": "542", "limit": 0},
            {"unit": "filter.contradiction", "limit": "request.out-of-range"},
        ),
        (
            "adjustments",
            {"kind": "supplemented", "direction": "out"},
            {"direction": "filter.contradiction"},
        ),
        (
            "adjustments.xlsx",
            {"kind": "reduced", "direction": "within"},
            {"direction": "filter.contradiction"},
        ),
        (
            "score-changes",
            {"line": "7", "subject": "TOTAL"},
            {"subject": "filter.contradiction"},
        ),
        ("adjustments", {"year": "2024.0"}, {"year": "request.not-whole"}),
        ("findings", {"limit": " 5"}, {"limit": "request.not-whole"}),
        ("years/2024.0", {}, {"year": "request.not-whole"}),
        ("adjustments", {"least": "1_000"}, {"least": "request.not-whole"}),
        ("findings", {"lang": "xx"}, {"lang": "request.not-in-list"}),
        ("findings", {"log": "130104", "unit": "542"}, {"unit": "unit.unknown"}),
        ("findings.ndjson", {"unit": ""}, {"unit": "unit.unknown"}),
        ("evaluations", {"unit": "xfj "}, {"unit": "unit.unknown"}),
        ("evaluations", {"as_of": ""}, {"as_of": "as-of.malformed"}),
        (f"evaluations/{QIAOXI}/history", {"line": "none"}, {"line": "line.unknown"}),
        (f"evaluations/{QIAOXI}/lines/none", {}, {"line": "line.unknown"}),
        (
            f"evaluations/{QIAOXI}/diff",
            {"from": "submitted:9", "to": "#99999", "other": "1"},
            {
                "from": "diff.moment-unknown",
                "to": "position.beyond-log",
                "other": "evaluation.unknown",
            },
        ),
        (
            "years/2024/what-if",
            {"log": "1", "rules": "none"},
            {"log": "log.unknown", "rules": "rule-set.unknown"},
        ),
        (
            "rule-set-differences",
            {"from": "none", "to": "none"},
            dict.fromkeys(["from", "to"], "rule-set.unknown"),
        ),
        ("logs/410106/facts/99999", {}, {"position": "http.fact-unknown"}),
    ],
)
def test_what_nothing_can_fit_is_refused_at_its_place(
    client: TestClient, path: str, query: dict[str, Any], codes: dict[str, str]
) -> None:
    problems = client.get(f"/api/{path}", params=query).json()["problems"]
    assert {one["place"]: one["code"] for one in problems} == codes


def test_what_may_be_found_nowhere_is_answered_with_nothing(client: TestClient) -> None:
    nothing = {"document": "无此文号", "project": "none"}
    assert client.get("/api/adjustments", params=nothing).json()["adjustments"] == []
    assert client.get("/api/findings?unit=xfj&year=1999").json() == []
    assert client.get("/api/findings?code=none").json() == []
    assert client.get("/api/score-changes?actor=nobody").json()["changes"] == []


def test_a_position_beyond_the_log_is_told_the_last_one(reading: Site) -> None:
    head = reading.liuhen.store.head("130104")
    diff = f"/api/evaluations/{QIAOXI}/diff?lang=en&to=%23"
    [problem] = reading.client.get(f"{diff}{head + 1}").json()["problems"]
    assert f"the last position of the log 130104 is {head}" in problem["message"]
    assert reading.client.get(f"{diff}{head}").status_code == 200
    fact = f"/api/logs/130104/facts/{head + 1}?lang=en"
    assert f"its last is {head}" in reading.client.get(fact).json()["title"]


def test_a_log_that_is_asked_for_is_the_only_one(client: TestClient) -> None:
    def logs(path: str) -> set[str]:
        found = client.get(f"/api/{path}log=130104").json()
        lists = [found] if isinstance(found, list) else found.values()
        rows = next(some for some in lists if isinstance(some, list))
        return {one["log_id"] for one in rows}

    for path in (
        "evaluations?",
        "evaluations?as_of=2999-12-31&",
        "adjustments?",
        "score-changes?",
        "search?q=预算&",
        "years/2024/evaluations?",
    ):
        assert logs(path) <= {"130104"}, path
    assert logs("evaluations?") == {"130104"}
    assert {one["evaluation"] for one in client.get("/api/findings?log=130104").json()} == {QIAOXI}


@pytest.mark.parametrize("path", ["evaluations", "adjustments", "findings", "years/2022"])
def test_a_moment_to_come_is_now(client: TestClient, path: str) -> None:
    now, later = (client.get(f"/api/{path}{query}").json() for query in ("", "?as_of=2999-12-31"))
    assert later == now


def test_unknown_before_its_time_is_said_of_the_moment(client: TestClient) -> None:
    for form in (SHANGJIE, BAYANNUR):
        answer = client.get(f"/api/evaluations/{form}?as_of=2001-01-01")
        assert (answer.status_code, answer.json()["code"]) == (404, "evaluation.unknown")
        assert answer.json()["problems"][0]["place"] == "id"


@pytest.mark.parametrize(
    "path", ["/api/adjustments", "/api/findings.csv", "/adjustments", "/search", "/"]
)
def test_what_is_no_utf_8_is_refused_and_not_looked_for(client: TestClient, path: str) -> None:
    answer = client.get(f"{path}?document=%ff%fe&lang=zh")
    assert answer.status_code == 422
    assert "含有不能保存的字符" in answer.text


@pytest.mark.parametrize(
    ("path", "wrong"),
    [("/", "lang=xx"), ("/findings", "lang=xx"), (f"/evaluations/{QIAOXI}", "money=dollar")],
)
def test_a_page_refuses_a_language_or_a_unit_that_it_does_not_have(
    client: TestClient, path: str, wrong: str
) -> None:
    answer = client.get(f"{path}?{wrong}")
    assert answer.status_code == 422
    assert "不是可用的值" in answer.text
    assert client.get(f"{path}?lang=en&money=yuan").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/", "/api/findings", "/api/findings.csv", f"/api/evaluations/{QIAOXI}", "/health", "/none"],
)
def test_head_is_answered_as_get_without_the_body(client: TestClient, path: str) -> None:
    told, whole = client.head(path), client.get(path)
    assert told.status_code == whole.status_code
    assert told.content == b""
    assert whole.content
    assert told.headers.get("content-type") == whole.headers.get("content-type")
    assert told.headers.get("content-length") == whole.headers.get("content-length")


def test_head_is_refused_where_get_is(client: TestClient) -> None:
    assert client.head(f"/api/evaluations/{QIAOXI}/overrides").status_code == 405


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        ("adjustments?year=x&kind=supplemented&direction=out", ["filter.contradiction"]),
        ("adjustments?year=x&log=130104&division=410106", ["filter.contradiction"]),
        ("adjustments?excluded=x&least=9&most=3", ["filter.empty-range"]),
        ("score-changes?year=x&line=7&subject=TOTAL", ["filter.contradiction"]),
        (f"score-changes?year=x&evaluation={QIAOXI}&log=410106", ["filter.contradiction"]),
        (f"score-changes?limit=0&evaluation={QIAOXI}&year=2001", ["filter.contradiction"]),
        (f"search?q=年&year=x&evaluation={QIAOXI}&log=410106", ["filter.contradiction"]),
        ("evaluations?year=x&log=130104&division=410106", ["filter.contradiction"]),
    ],
)
def test_what_contradicts_itself_is_told_beside_what_cannot_be_read(
    client: TestClient, path: str, codes: list[str]
) -> None:
    answer = client.get(f"/api/{path}")
    assert answer.status_code == 422
    told = [one["code"] for one in answer.json()["problems"]]
    malformed = {"request.not-whole", "request.wrong-type", "request.out-of-range"}
    assert [code for code in told if code not in malformed] == codes
    assert malformed & set(told)
