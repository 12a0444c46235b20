"""Nothing that is sent ends in a 500; commands come from this machine only."""

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from api import logs
from api.app import MOST_BODY, HttpSettings
from projections.tracking import tracking_table
from tests.http.test_commands import OVERRIDE
from tests.support.site import ACTOR, QIAOXI, SHANGJIE, Site, copied, site

OVERRIDES = f"/api/evaluations/{SHANGJIE}/overrides"
JSON = {**ACTOR, "Content-Type": "application/json"}


def refusal(client: TestClient, content: bytes, **headers: str) -> tuple[int, str]:
    answer = client.post(OVERRIDES, content=content, headers={**JSON, **headers})
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"line": ' + b"9" * 5_000 + b"}",
        b'{"to_points": NaN}',
        b'{"to_points": 1e999}',
        b'{"line": "\\u0000"}',
        b'{"line": "\\ud800"}',
        b'{"to_points": "1e9999999"}',
        b'{"to_points": "\xef\xbc\x91"}',
        b'{"to_points": true}',
        b"null",
        b"[]",
        b'"x"',
    ],
)
def test_a_broken_body_is_refused_with_a_code(client: TestClient, content: bytes) -> None:
    status, code = refusal(client, content)
    assert status in {400, 422}
    assert code.startswith(("request.", "http."))


def test_a_large_body_is_refused(client: TestClient) -> None:
    assert refusal(client, b" " * (MOST_BODY + 1)) == (413, "http.body-too-large")

    def in_pieces() -> object:
        yield from (b" " * 1024 for _ in range(MOST_BODY // 1024 + 1))

    answer = client.post(OVERRIDES, content=in_pieces(), headers=JSON)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (413, "http.body-too-large")


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/nothing", 404, "http.not-found"),
        ("/api/evaluations/410106/xfj/2022", 404, "http.not-found"),
        ("/api/evaluations/1/2/2022/department", 404, "evaluation.unknown"),
        ("/api/evaluations/%00/2/2022/department", 422, "request.characters"),
        ("/api/adjustments?document=%00", 422, "request.characters"),
        ("/api/score-changes?actor=a%C2%9Bb", 422, "request.characters"),
        ("/api/adjustments.csv?project=%EF%BF%BE", 422, "request.characters"),
        ("/api/evaluations/%ff/2/2022/department", 404, "evaluation.unknown"),
        (f"/api/evaluations/{SHANGJIE}/lines/none", 404, "line.unknown"),
        ("/api/evaluations?year=twenty", 422, "request.not-whole"),
        ("/api/evaluations?level=x", 422, "request.not-in-list"),
        ("/api/evaluations?as_of=yesterday", 422, "as-of.malformed"),
        ("/api/evaluations?after=5", 422, "request.after"),
        ("/api/evaluations?after=410106:99999999999999999999", 422, "request.after"),
        ("/api/adjustments?effective_on=2025-13-01", 422, "effective-on.malformed"),
        (
            f"/api/evaluations/{SHANGJIE}/history?effective_on=2025-01-01",
            422,
            "effective-on.no-meaning",
        ),
        (
            f"/api/evaluations/{SHANGJIE}/events?effective_on=2025-01-01",
            422,
            "effective-on.no-meaning",
        ),
        ("/api/rule-sets?effective_on=2025-01-01", 422, "effective-on.no-meaning"),
        ("/api/logs/nowhere/years/2024", 404, "log.unknown"),
        ("/api/logs/410106/facts/99999", 404, "http.fact-unknown"),
        ("/api/logs/none/facts/1", 404, "log.unknown"),
        ("/api/logs/410106/facts/99999999999999999999", 422, "request.out-of-range"),
    ],
)
def test_an_address_that_leads_nowhere_says_so(
    client: TestClient, address: str, status: int, code: str
) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_problem_document_is_exact(client: TestClient) -> None:
    assert client.get("/api/nothing?lang=en").json() == {
        "type": "/problems#http.not-found",
        "title": "there is nothing at this address",
        "status": 404,
        "detail": "check the address; /docs lists them all",
        "instance": "/api/nothing",
        "code": "http.not-found",
        "problems": [
            {
                "code": "http.not-found",
                "place": "/api/nothing",
                "message": "there is nothing at this address",
                "todo": "check the address; /docs lists them all",
            }
        ],
    }


@pytest.mark.parametrize("address", ["/streams/a%00", "/adjustments?document=%00", "/?unit=%00"])
def test_a_page_takes_no_character_that_no_text_holds(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 422


def test_a_name_that_stands_twice_in_a_body_is_refused(client: TestClient) -> None:
    body = b'{"amount": "1", "document": "d", "reason": {"a": 1, "a": 2}, "amount": "2"}'
    answer = client.post(OVERRIDES, content=body, headers=JSON)
    assert answer.status_code == 422
    twice = {
        one["place"] for one in answer.json()["problems"] if one["code"] == "request.given-twice"
    }
    assert twice == {"a", "amount"}


def test_what_the_views_do_not_hold_yet_is_no_finding(
    writing: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_BRIEFLY", timedelta(0))
    liuhen = writing.liuhen
    liuhen.runner.stop()
    liuhen.logs._filled.clear()
    with liuhen.views.transaction() as connection:
        connection.execute(update(tracking_table).values(position=0))
    for address in ("/api/adjustments", "/api/years/2024/grades", "/api/findings.csv", "/search"):
        answer = writing.client.get(address, params={"q": "x"} if address == "/search" else {})
        assert answer.status_code == 503
        assert address == "/search" or answer.json()["code"] == "views.not-filled"
    with liuhen.views.transaction() as connection:
        connection.execute(update(tracking_table).values(position=1))
    assert writing.client.get("/api/years/2024/grades").status_code == 200


def test_another_method_is_refused(client: TestClient) -> None:
    answer = client.delete("/api/evaluations")
    assert (answer.status_code, answer.json()["code"]) == (405, "http.method-not-allowed")
    assert answer.headers["Allow"] == "GET"


def test_waiting_for_a_position_ends(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.runner.Runner.wait", lambda *_: False)
    answer = client.get(f"/api/evaluations/{SHANGJIE}?after=1")
    assert (answer.status_code, answer.json()["code"]) == (504, "http.projection-behind")


def test_nobody_waits_for_what_was_never_stored(client: TestClient) -> None:
    answer = client.get(f"/api/evaluations/{SHANGJIE}?after=9999&lang=en")
    assert answer.status_code == 422
    [problem] = answer.json()["problems"]
    assert (problem["code"], problem["place"]) == ("position.beyond-log", "after")
    assert "the last position of the log 410106 is" in problem["message"]


def test_commands_of_other_machines_are_refused(reading: Site) -> None:
    for peer in ("192.0.2.7", "testclient", "::ffff:192.0.2.7"):
        client = TestClient(reading.app, base_url="http://127.0.0.1", client=(peer, 1))
        answer = client.post(OVERRIDES, json=OVERRIDE, headers=ACTOR)
        assert (answer.status_code, answer.json()["code"]) == (403, "http.commands-are-local")
        assert client.get("/api/evaluations").status_code == 200


def test_behind_a_trusted_proxy_they_are_taken(loaded: Path, tmp_path: Path) -> None:
    with site(copied(loaded, tmp_path / "data"), HttpSettings(trust_proxy=True)) as found:
        client = TestClient(found.app, base_url="http://127.0.0.1", client=("192.0.2.7", 1))
        assert client.post(OVERRIDES, json=OVERRIDE, headers=ACTOR).status_code == 201


def test_loopback_may_be_ipv6(writing: Site) -> None:
    for peer in ("::1", "::ffff:127.0.0.1"):
        client = TestClient(writing.app, base_url="http://[::1]:8000", client=(peer, 1))
        body = {**OVERRIDE, "to_points": "2.6" if peer == "::1" else "2.7"}
        assert client.post(OVERRIDES, json=body, headers=ACTOR).status_code == 201


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Origin": "http://evil.example"}, "http.cross-site"),
        ({"Origin": "null"}, "http.cross-site"),
        ({"Sec-Fetch-Site": "cross-site"}, "http.cross-site"),
        ({"Content-Type": "text/plain"}, "http.unsupported-media-type"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "http.unsupported-media-type"),
    ],
)
def test_other_sites_cannot_reach_commands(
    client: TestClient, headers: dict[str, str], code: str
) -> None:
    answer = client.post(OVERRIDES, content=b"{}", headers={**JSON, **headers})
    assert answer.json()["code"] == code


def test_an_unknown_host_is_refused(client: TestClient) -> None:
    answer = client.get("/", headers={"Host": "evil.example:8000"})
    assert (answer.status_code, answer.json()["code"]) == (400, "http.unknown-host")
    assert client.get("/health", headers={"Host": "LOCALHOST:8000"}).status_code == 200


def test_a_dead_runner_is_unhealthy(writing: Site) -> None:
    writing.liuhen.runner.stop()
    answer = writing.client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "dead")


def test_an_error_of_the_program_is_a_document_too(
    reading: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("api.view.View.rule_sets", fail)
    answer = reading.client.get("/api/rule-sets")
    assert (answer.status_code, answer.json()["code"]) == (500, "http.internal")


@pytest.mark.parametrize(
    ("address", "misspelt"),
    [
        ("/api/score-changes?from=2024-13-01", "from"),
        ("/api/adjustments?jear=2024&year=2024", "jear"),
        ("/api/years/2024/replay?until=2025-01-01", "until"),
        ("/api/years/2024/verification?as_of=2025-01-01", "as_of"),
        (f"/api/evaluations/{QIAOXI}?as_off=2025-01-01", "as_off"),
        ("/health?verbose=1", "verbose"),
    ],
)
def test_a_parameter_that_is_not_known_is_refused(
    client: TestClient, address: str, misspelt: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 422
    problems = answer.json()["problems"]
    assert [(one["code"], one["place"]) for one in problems] == [
        ("request.unknown-field", misspelt)
    ]
