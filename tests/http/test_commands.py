"""The command path: what is stored, what comes back, and what is refused."""

from typing import Any

from fastapi.testclient import TestClient

from adapters.identifiers import new_event_id
from tests.support.site import ACTOR, BAYANNUR, SHANGJIE, Site

OVERRIDE = {
    "line": "7",
    "to_points": "2.5",
    "reason": "复算后更正",
    "document": "区信〔2023〕7号",
}
SUPPLEMENT = {
    "amount": "110.00",
    "line": {"fund_nature": "GENERAL_PUBLIC"},
    "source": "LOCAL_OWN_RESOURCES",
    "document": "巴财预〔2024〕88号",
    "reason": "专项维稳",
    "approved_by": "市财政局",
    "approved_on": "2024-09-03",
    "effective": {"last": "2024-09-03"},
}


def post(
    client: TestClient,
    evaluation: str,
    what: str,
    body: Any,  # noqa: ANN401 - also bodies that are wrong
    **headers: str,
) -> Any:  # noqa: ANN401 - the client's response
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(
        f"/api/evaluations/{evaluation}/{what}", json=body, headers={**ACTOR, **named}
    )


def test_an_override_changes_the_score_and_leaves_its_trace(writing: Site) -> None:
    client = writing.client
    before = client.get(f"/api/evaluations/{SHANGJIE}").json()

    answer = post(client, SHANGJIE, "overrides", OVERRIDE, Idempotency_Key="c-1")

    assert answer.status_code == 201
    receipt = answer.json()
    (fact,) = receipt["facts"]
    assert receipt == {
        "log_id": "410106",
        "command_id": "c-1",
        "facts": [
            {
                "stream_id": SHANGJIE,
                "version": before["version"] + 1,
                "position": fact["position"],
                "leaf_hash": fact["leaf_hash"],
            }
        ],
    }
    assert len(bytes.fromhex(fact["leaf_hash"])) == 32
    assert answer.headers["Location"] == f"/api/logs/410106/facts/{fact['position']}"
    assert answer.headers["ETag"] == f'"{fact["version"]}"'

    after = client.get(f"/api/evaluations/{SHANGJIE}?after={fact['position']}").json()
    assert (before["computed_total"], after["computed_total"]) == ("95.81", "96.14")
    (line,) = (one for one in after["lines"] if one["line"] == "7")
    assert (line["declared"], line["override"], line["final"]) == ("2.17", "2.5", "2.5")

    *_, change = client.get(f"/api/evaluations/{SHANGJIE}/history?line=7").json()
    assert {
        key: change[key]
        for key in ("kind", "from_points", "to_points", "actor", "role", "document")
    } == {
        "kind": "overridden",
        "from_points": "2.17",
        "to_points": "2.5",
        "actor": "u-17",
        "role": "UNIT_CLERK",
        "document": "区信〔2023〕7号",
    }
    assert change["reason"]["text"] == "复算后更正"

    stored = client.get(answer.headers["Location"]).json()
    assert stored["leaf_hash"] == fact["leaf_hash"]
    assert stored["texts"][stored["content"]["reason"]]["text"] == "复算后更正"


def test_a_past_view_does_not_know_what_came_later(writing: Site) -> None:
    client = writing.client
    post(client, SHANGJIE, "overrides", OVERRIDE)
    events = client.get(f"/api/evaluations/{SHANGJIE}/events").json()
    moment = events[-2]["recorded_at"].replace("+", "%2B")

    then = client.get(f"/api/evaluations/{SHANGJIE}?as_of={moment}").json()

    assert then["computed_total"] == "95.81"
    assert then["version"] == events[-1]["version"] - 1


def test_a_retry_gets_the_same_receipt_and_stores_nothing(writing: Site) -> None:
    first = post(writing.client, SHANGJIE, "overrides", OVERRIDE, Idempotency_Key="c-1")
    again = post(writing.client, SHANGJIE, "overrides", OVERRIDE, Idempotency_Key="c-1")
    assert (again.status_code, again.json()) == (201, first.json())

    other = {**OVERRIDE, "to_points": "3"}
    refused = post(writing.client, SHANGJIE, "overrides", other, Idempotency_Key="c-1")
    assert (refused.status_code, refused.json()["code"]) == (409, "store.command-reused")


def paid(voucher: str) -> dict[str, str]:
    """An expenditure: one fact, and no text."""
    return {"amount": "1.00", "voucher": voucher, "paid_on": "2024-11-01"}


def test_a_key_may_be_the_id_that_its_fact_gets(writing: Site) -> None:
    client, key = writing.client, str(new_event_id())
    first = post(client, BAYANNUR, "expenditures", paid("v-1"), Idempotency_Key=key)
    [stored] = first.json()["facts"]
    fact = client.get(f"/api/logs/150800/facts/{stored['position']}").json()
    assert (fact["event_id"], fact["command_id"]) == (key, key)

    again = post(client, BAYANNUR, "expenditures", paid("v-1"), Idempotency_Key=key)
    assert (again.status_code, again.json()) == (201, first.json())
    for what, body in (("expenditures", paid("v-2")), ("budget-supplements", SUPPLEMENT)):
        refused = post(client, BAYANNUR, what, body, Idempotency_Key=key)
        assert (refused.status_code, refused.json()["code"]) == (409, "store.command-reused")
    # Written otherwise, or for another log, it is another key.
    others = (
        post(client, BAYANNUR, "expenditures", paid("v-3"), Idempotency_Key=key.upper()),
        post(client, BAYANNUR, "expenditures", paid("v-4"), Idempotency_Key=key.replace("-", "")),
        post(client, SHANGJIE, "overrides", OVERRIDE, Idempotency_Key=key),
    )
    assert [answer.status_code for answer in others] == [201] * 3


def test_the_id_of_a_fact_of_another_command_is_no_key(writing: Site) -> None:
    client, store = writing.client, writing.liuhen.store
    taken = str(store.read_log("150800", limit=1)[0].envelope.event_id)
    head = store.head("150800")
    for what, body in (("expenditures", paid("v-1")), ("budget-supplements", SUPPLEMENT)):
        refused = post(client, BAYANNUR, what, body, Idempotency_Key=taken)
        assert (refused.status_code, refused.json()["code"]) == (409, "store.command-reused")
    assert store.head("150800") == head


def test_without_a_key_the_service_makes_one(writing: Site) -> None:
    receipt = post(writing.client, SHANGJIE, "overrides", OVERRIDE).json()
    assert len(receipt["command_id"]) == 36


def test_if_match_refuses_a_form_that_has_moved(writing: Site) -> None:
    client = writing.client
    read = client.get(f"/api/evaluations/{SHANGJIE}").headers["ETag"]
    assert post(client, SHANGJIE, "overrides", OVERRIDE, If_Match=read).status_code == 201

    other = {**OVERRIDE, "to_points": "3"}
    refused = post(client, SHANGJIE, "overrides", other, If_Match=read)

    assert (refused.status_code, refused.json()["code"]) == (412, "evaluation.moved")


def test_a_supplement_is_booked_with_its_balance(writing: Site) -> None:
    client = writing.client
    answer = post(client, BAYANNUR, "budget-supplements", SUPPLEMENT)
    assert answer.status_code == 201
    (fact,) = answer.json()["facts"]
    assert fact["stream_id"] == "150800/xfj/2024/ledger"

    (entry,) = client.get(f"/api/adjustments?after=150800:{fact['position']}").json()["adjustments"]
    assert {
        key: entry[key]
        for key in (
            "kind",
            "direction",
            "gross_fen",
            "amount",
            "increased",
            "balance",
            "to_project",
            "document",
            "approved_on",
            "effective_to",
            "source",
            "actor",
        )
    } == {
        "kind": "supplemented",
        "direction": "in",
        "gross_fen": 110_000_000,
        "amount": "110",
        "increased": "110",
        "balance": "110",
        "to_project": "xinfang-shiwu",
        "document": "巴财预〔2024〕88号",
        "approved_on": "2024-09-03",
        "effective_to": "2024-09-03",
        "source": "LOCAL_OWN_RESOURCES",
        "actor": "u-17",
    }
    groups = client.get("/api/adjustments?group_by=month&group_by=kind").json()["groups"]
    assert [(one["key"], one["net"]) for one in groups] == [(["2024-09", "supplemented"], "110")]


def test_an_amount_may_be_whole_fen(writing: Site) -> None:
    client = writing.client
    body = {**SUPPLEMENT, "amount": 12_345, "effective": None}
    assert post(client, BAYANNUR, "budget-supplements", body).status_code == 201

    catch_up = client.get("/api/adjustments?after=150800:46").json()["adjustments"]

    assert [(one["amount"], one["effective_to"]) for one in catch_up] == [("0.012345", None)]


def test_every_error_of_a_body_and_its_headers_comes_at_once(client: TestClient) -> None:
    answer = client.post(
        f"/api/evaluations/{BAYANNUR}/budget-supplements?lang=en",
        json={
            "amount": 1.5,
            "line": {"kind": "NONE", "projekt": "x"},
            "document": " ",
            "reason": "x\x00",
            "approved_on": "2024-02-30",
            "effective": {"first": "2024-01-01"},
        },
        headers={"Liuhen-Actor": "a b", "Liuhen-Role": "KING", "If-Match": "12"},
    )

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [(one["place"], one["code"]) for one in answer.json()["problems"]] == [
        ("Liuhen-Actor", "http.header-invalid"),
        ("Liuhen-Organisation", "http.header-invalid"),
        ("Liuhen-Role", "http.header-invalid"),
        ("If-Match", "http.header-invalid"),
        ("#/amount", "request.float"),
        ("#/line/kind", "request.not-in-list"),
        ("#/line/projekt", "request.unknown-field"),
        ("#/document", "request.length"),
        ("#/approved_on", "request.not-a-date"),
        ("#/reason", "request.characters"),
        ("#/effective/last", "request.missing"),
    ]


def test_an_amount_that_is_too_large_is_told_the_most(client: TestClient) -> None:
    for amount in (10**15 + 1, "-1000000000.000001"):
        body = {**SUPPLEMENT, "amount": amount}
        (problem,) = post(client, BAYANNUR, "budget-supplements", body).json()["problems"]
        assert problem == {
            "code": "request.out-of-range",
            "place": "#/amount",
            "message": "超出范围，须为 -1000000000 万元 至 1000000000 万元",
            "todo": "核对数位和单位",
        }


def test_days_in_the_wrong_order_are_told_the_last_one(client: TestClient) -> None:
    body = {**SUPPLEMENT, "effective": {"first": "2024-09-04", "last": "2024-09-03"}}
    answer = post(client, BAYANNUR, "budget-supplements", body)
    (problem,) = answer.json()["problems"]
    assert (problem["code"], problem["place"]) == ("request.out-of-range", "#/effective/first")
    assert problem["message"] == "超出范围，不得晚于 2024-09-03"


def test_a_refusal_of_the_domain_says_what_to_do(client: TestClient) -> None:
    answer = post(client, SHANGJIE, "overrides", {**OVERRIDE, "line": "99"})

    assert answer.status_code == 404
    assert answer.json()["code"] == "line.unknown"
    assert answer.json()["problems"][0]["todo"]

    forbidden = post(client, SHANGJIE, "overrides", OVERRIDE, Liuhen_Role="OVERSIGHT")
    assert (forbidden.status_code, forbidden.json()["code"]) == (403, "duty.not-yours")


def test_an_imports_command_ids_cannot_be_taken(client: TestClient) -> None:
    key = "import/410106/xfj/2022/department/rows"
    answer = post(client, SHANGJIE, "overrides", OVERRIDE, Idempotency_Key=key)
    assert (answer.status_code, answer.json()["problems"][0]["place"]) == (400, "Idempotency-Key")


def test_the_whole_workflow_goes_over_http(writing: Site) -> None:
    client = writing.client
    for what, body, role, actor in (
        ("justifications", {"line": "7", "reason": "资金未到位"}, "UNIT_CLERK", "clerk"),
        ("signatures", {}, "UNIT_APPROVER", "leader"),
        ("submissions", {}, "UNIT_APPROVER", "leader"),
        ("returns", {"opinion": "补充佐证"}, "DEPARTMENT_REVIEWER", "reviewer"),
    ):
        answer = post(client, SHANGJIE, what, body, Liuhen_Role=role, Liuhen_Actor=actor)
        assert answer.status_code == 201, (what, answer.json())
    position = answer.json()["facts"][-1]["position"]
    found = client.get(f"/api/evaluations/{SHANGJIE}?after={position}").json()
    assert found["status"] == "DRAFT"
