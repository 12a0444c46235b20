"""The reading side: what it answers, to the letter."""

from fastapi.testclient import TestClient

from tests.support.site import BAYANNUR, QIAOXI, SHANGJIE


def test_the_list_has_the_eight_evaluations_with_declared_and_computed_totals(
    client: TestClient,
) -> None:
    found = client.get("/api/evaluations").json()

    assert [
        (
            one["id"],
            one["computed_total"] if one["subtotal"] is not None else None,
            [total["value"] for total in one["declared_totals"]],
            one["grade_declared"],
        )
        for one in found
    ] == [
        (QIAOXI, "98", ["98", "97", "97"], "优秀"),
        ("130128/542/2023/department", None, ["87"], "优"),
        (BAYANNUR, "95.98", ["95.98"], "优"),
        (SHANGJIE, "95.81", ["95.81", "95.81"], "优"),
        ("530303/xfj/2023/department", None, [], None),
        ("530303/xfj/2023/project/jiuzhujin", "100", ["100"], "优"),
        ("530303/xfj/2023/project/lianhe-gongzuozu", "100", ["100"], "优"),
        ("530303/xfj/2023/project/weiwen", "100", ["100"], "优"),
    ]
    assert all(sum(one["findings"].values()) > 0 for one in found)


def test_the_list_filters_by_year_division_unit_and_level(client: TestClient) -> None:
    def ids(query: str) -> list[str]:
        return [one["id"] for one in client.get(f"/api/evaluations?{query}").json()]

    assert ids("year=2022") == [SHANGJIE]
    assert ids("division=150800&level=PROJECT") == [BAYANNUR]
    assert ids("unit=542&year=2023") == ["130128/542/2023/department"]
    assert ids("year=1999") == []


def test_an_evaluation_comes_with_its_version_as_etag(client: TestClient) -> None:
    answer = client.get(f"/api/evaluations/{SHANGJIE}")
    body = answer.json()

    assert answer.status_code == 200
    assert answer.headers["ETag"] == f'"{body["version"]}"'
    assert (len(body["lines"]), body["subtotal"], body["computed_total"]) == (32, "95.81", "95.81")
    assert {
        key: body["lines"][0][key]
        for key in ("line", "path", "max_points", "calculated", "declared", "final", "deduction")
    } == {
        "line": "1",
        "path": ["预算执行率"],
        "max_points": "10",
        "calculated": "8.05",
        "declared": "8.05",
        "final": "8.05",
        "deduction": "1.95",
    }


def test_an_amount_is_whole_fen_and_a_string_in_wan(client: TestClient) -> None:
    figures = client.get(f"/api/evaluations/{SHANGJIE}").json()["figures"]

    assert [
        (one["fen"], one["amount"], one["place"]["place"], one["counts"])
        for one in figures
        if one["quantity"] == "ADJUSTED_BUDGET" and one["source"] == "DECLARED"
    ] == [
        (378_100_000, "378.1", "自评表 首部", True),
        (357_650_000, "357.65", "四(一)", False),
    ]


def test_a_projects_id_does_not_collide_with_what_follows_it(client: TestClient) -> None:
    for what in ("history", "deductions", "findings", "events"):
        assert client.get(f"/api/evaluations/{BAYANNUR}/{what}").status_code == 200
    encoded = BAYANNUR.replace("/", "%2F")
    assert client.get(f"/api/evaluations/{encoded}").json()["id"] == BAYANNUR
    assert client.get(f"/api/evaluations/{encoded}/lines/1").json()["line"] == "1"


def test_a_line_tells_its_steps_its_rule_and_its_facts(client: TestClient) -> None:
    body = client.get(f"/api/evaluations/{SHANGJIE}/lines/1").json()

    assert body["steps"][0] == {
        "op": "DIVIDE",
        "operands": [
            {"number": "273.8", "ref": None, "name": "全年执行数（万元）"},
            {"number": "378.1", "ref": None, "name": "全年预算数（万元）"},
        ],
        "result": "2738/3781",
        "what": "预算执行率（全年预算口径）",
    }
    assert body["steps"][-1]["result"] == "8.05"
    assert (body["rule"], body["rule_kind"], len(body["rule_digest"])) == (
        "执行率",
        "PROPORTIONAL",
        64,
    )
    assert {one["part"] for one in body["provenance"]} >= {"row", "calculated", "declared"}


def test_the_history_of_a_line_has_its_place(client: TestClient) -> None:
    (change,) = client.get(f"/api/evaluations/{QIAOXI}/history?line=3").json()

    assert {key: change[key] for key in ("kind", "from_points", "to_points", "actor", "role")} == {
        "kind": "declared",
        "from_points": None,
        "to_points": "3",
        "actor": "import",
        "role": "IMPORTER",
    }
    assert change["place"]["place"].startswith("附件1")


def test_unexplained_deductions_stand_out(client: TestClient) -> None:
    found = client.get(f"/api/evaluations/{QIAOXI}/deductions?only=unexplained").json()

    assert [(one["path"][-1], one["deduction"]) for one in found] == [("“三公经费”变动率", "2")]
    assert [
        (one["points"], one["own"]) for one in found[0]["readings"] if one["points"] is not None
    ] == [("5", False), ("5", False), ("4.87", False)]


def test_texts_come_in_the_language_that_is_asked_for(client: TestClient) -> None:
    def claim(address: str, accept: str = "") -> str:
        answer = client.get(address, headers={"Accept-Language": accept})
        return str(answer.json()[0]["recomputed"])

    address = f"/api/evaluations/{SHANGJIE}/findings"
    chinese, english = claim(address), claim(f"{address}?lang=en")
    assert chinese != english
    assert claim(address, "en-GB,en;q=0.9") == english
    assert claim(f"{address}?lang=zh", "en") == chinese
    assert claim(address, "fr, zh;q=0.4, en;q=0.3") == chinese


def test_findings_adjustments_and_rule_sets_are_searched_across_units(client: TestClient) -> None:
    found = client.get("/api/findings?class=CONTRADICTION&year=2022").json()
    assert {one["evaluation"] for one in found} == {SHANGJIE}
    assert {one["class"] for one in found} == {"CONTRADICTION"}

    adjustments = client.get("/api/adjustments?year=2024").json()
    assert (adjustments["adjustments"], adjustments["groups"]) == ([], [])
    assert (adjustments["next"], adjustments["positions"]["130104"]) == (None, 65)

    rule_sets = client.get("/api/rule-sets").json()
    assert "上街-2022" in {one["name"] for one in rule_sets}
    (qiaoxi,) = (one for one in rule_sets if one["log_id"] == "130104")
    assert qiaoxi["bands"][0] == {"grade": "优秀", "low": "85"}


def test_facts_are_read_as_they_lie_in_the_log(client: TestClient) -> None:
    events = client.get(f"/api/evaluations/{SHANGJIE}/events").json()

    assert [one["version"] for one in events] == list(range(1, len(events) + 1))
    fact = client.get(f"/api/logs/410106/facts/{events[3]['position']}").json()
    assert fact == events[3]
    both = client.get(f"/api/evaluations/{SHANGJIE}/events?stream=both").json()
    assert {one["stream_id"] for one in both} == {SHANGJIE, "410106/xfj/2022/ledger"}


def test_before_the_first_fact_there_is_nothing(client: TestClient) -> None:
    assert client.get("/api/evaluations?as_of=2001-01-01").json() == []
    answer = client.get(f"/api/evaluations/{SHANGJIE}?as_of=2001-01-01")
    assert (answer.status_code, answer.json()["code"]) == (404, "evaluation.unknown")


def test_a_past_view_gives_the_same_rows_as_the_views(client: TestClient) -> None:
    for what in ("", "/deductions", "/history", "/findings", "/events", "/lines/1"):
        address = f"/api/evaluations/{QIAOXI}{what}"
        assert client.get(f"{address}?as_of=2999-12-31").json() == client.get(address).json()


def test_health_tells_the_lag_of_every_log(client: TestClient) -> None:
    body = client.get("/health").json()

    assert (body["status"], body["runner_alive"], body["error"]) == ("ok", True, None)
    assert [
        (one["log_id"], one["head"] == one["position"], one["lag_facts"], one["lag_seconds"])
        for one in body["logs"]
    ] == [(log, True, 0, 0.0) for log in ("130104", "130128", "150800", "410106", "530303")]


def test_the_list_of_evaluations_keeps_to_the_log_that_is_asked_for(client: TestClient) -> None:
    for moment in ({}, {"as_of": "2999-12-31"}):
        found = client.get("/api/evaluations", params={"log": "530303", **moment}).json()
        assert {one["log_id"] for one in found} == {"530303"}
    refused = client.get("/api/evaluations?log=530303&division=130104")
    assert refused.json()["code"] == "filter.contradiction"
