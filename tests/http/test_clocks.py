"""Two clocks over HTTP and on the pages: story 2, a late payment."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.projections.stage import file_stage
from tests.projections.test_clocks import story
from tests.support.scenario import FORM, LEDGER, LOG, WAN
from tests.support.site import site

BEFORE, YEAR_END = "as_of=2025-03-12", "effective_on=2024-12-31"


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("late")
    stage = file_stage(folder)
    story(stage)
    stage.runner.catch_up()
    stage.close()
    with site(folder) as found:
        yield found.client


def asked(client: TestClient, address: str, *clocks: str) -> Any:  # noqa: ANN401 - any JSON
    answer = client.get(f"/api/{address}?{'&'.join(clocks)}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_evaluation_on_either_clock_or_both(late: TestClient) -> None:
    def seen(*clocks: str) -> tuple[list[str], str, bool]:
        found = asked(late, f"evaluations/{FORM}", *clocks)
        spent = [one["amount"] for one in found["figures"] if one["quantity"] == "OUTTURN"]
        return spent, found["lines"][0]["final"], found["estimated"]

    assert seen() == (["99.5"], "9.8", False)
    assert seen(BEFORE) == (["98"], "9.8", False)
    assert seen(YEAR_END) == (["99.5"], "9.95", True)
    assert seen(BEFORE, YEAR_END) == (["98"], "9.8", True)


@pytest.mark.parametrize("what", ["deductions", "findings"])
def test_what_rests_on_an_estimate_says_so(late: TestClient, what: str) -> None:
    rows = asked(late, f"evaluations/{FORM}/{what}", YEAR_END)
    assert rows
    assert all(one["estimated"] for one in rows)
    assert not any(one["estimated"] for one in asked(late, f"evaluations/{FORM}/{what}"))


def test_a_line_is_explained_on_a_business_date(late: TestClient) -> None:
    line = asked(late, f"evaluations/{FORM}/lines/1", YEAR_END)
    assert (line["final"], line["estimated"], line["scored"]) == ("9.95", True, None)


def test_adjustments_and_their_sums_on_either_clock(late: TestClient) -> None:
    assert len(asked(late, "adjustments", YEAR_END)["adjustments"]) == 1
    assert asked(late, "adjustments", "effective_on=2024-01-04")["adjustments"] == []
    [group] = asked(late, "adjustments", "group_by=month", BEFORE)["groups"]
    assert (group["key"], group["gross"]) == (["2024-01"], "100")


def test_a_year_of_all_logs_and_of_one(late: TestClient) -> None:
    now, then = asked(late, "years/2024"), asked(late, "years/2024", BEFORE)
    assert (now["money"]["spent"], then["money"]["spent"]) == (9950 * WAN // 100, 98 * WAN)
    assert then["logs"] == [asked(late, f"logs/{LOG}/years/2024", BEFORE)]
    assert then["logs"][0]["position"] < now["logs"][0]["position"]
    assert (now["undated"], now["forms"]["by_status"]) == (None, {"SUBMITTED": 1})
    counted = asked(late, "years/2024", "effective_on=2024-12-27")
    assert (counted["money"]["spent"], counted["undated"]["spent"]) == (98 * WAN, 0)


def test_the_evaluations_of_a_year(late: TestClient) -> None:
    for moment in ("", BEFORE):
        grades, year = (asked(late, f"years/2024{path}", moment) for path in ("/grades", ""))
        assert grades["together"]["by_grade"] == year["forms"]["by_grade"]
        assert grades["together"]["by_status"] == year["forms"]["by_status"]
        assert [(one["log_id"], one["position"]) for one in grades["logs"]] == [
            (one["log_id"], one["position"]) for one in year["logs"]
        ]
    [one] = asked(late, "years/2024/evaluations", BEFORE, f"log={LOG}")
    assert (one["id"], one["total"], one["self_total"]) == (FORM, "9.8", "9.8")
    assert one["money"]["execution_rate"] == "98"
    assert asked(late, "years/2024/evaluations", "as_of=2001-01-01") == []
    refused = late.get("/api/years/2024/evaluations?cursor=x")
    assert (refused.status_code, refused.json()["code"]) == (422, "request.cursor")


def test_a_year_is_estimated_line_by_line(late: TestClient) -> None:
    answer = late.get(f"/api/years/2024/estimates?{YEAR_END}")
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    [one] = [json.loads(line) for line in answer.text.splitlines()]
    assert (one["estimated"], one["estimated_total"], one["stored_total"]) == (True, "9.95", "9.8")


def test_every_page_of_an_estimate_is_marked(late: TestClient) -> None:
    for page in ("", f"evaluations/{FORM}", f"evaluations/{FORM}/lines/1", "adjustments"):
        text = late.get(f"/{page}?{YEAR_END}").text
        assert "<strong>推算</strong>" in text, page
        assert "effective_on=2024-12-31" in text
    assert "<strong>Estimated</strong>" in late.get(f"/?{YEAR_END}&lang=en").text
    assert "推算" not in late.get(f"/evaluations/{FORM}").text


def test_pages_of_what_was_recorded_say_that_no_date_counts_there(late: TestClient) -> None:
    for page in (f"evaluations/{FORM}/history", f"streams/{LEDGER}"):
        text = late.get(f"/{page}?{YEAR_END}").text
        assert "不按业务日期计" in text, page
        assert "<strong>推算</strong>" not in text
    assert late.get("/?effective_on=never").status_code == 422


def test_two_clocks_that_are_none_are_refused_at_once(late: TestClient) -> None:
    answer = late.get("/api/years/2024?as_of=31.12.2024&effective_on=2024-02-30")
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json()["problems"]] == [
        "as-of.malformed",
        "effective-on.malformed",
    ]
    page = late.get("/?as_of=31.12.2024&effective_on=2024-02-30")
    assert page.status_code == 422
    assert "31.12.2024" in page.text
    assert "2024-02-30" in page.text


@pytest.mark.parametrize(
    "day", ["20250312", "2025-W11-3", "2025-071", "2025-03", "2025-03-12T24:00", "now", ""]
)
def test_what_could_be_taken_for_the_beginning_of_a_day_is_no_moment(
    late: TestClient, day: str
) -> None:
    answer = late.get("/api/years/2024", params={"as_of": day})
    assert answer.json()["code"] == "as-of.malformed"


@pytest.mark.parametrize("clock", ["2024-02-29", "9999-12-31", "2025-03-15T16:00:00.000000+08:00"])
def test_every_day_and_every_instant_is_a_moment(late: TestClient, clock: str) -> None:
    answer = late.get("/api/years/2024", params={"as_of": clock})
    assert answer.status_code == 200, answer.text


def test_what_is_recorded_at_an_instant_is_known_at_it_and_not_before(late: TestClient) -> None:
    """The late payment was recorded on 15 March at 08:00 UTC."""

    def spent(moment: str) -> int:
        answer = late.get("/api/years/2024", params={"as_of": moment})
        return int(answer.json()["money"]["spent"])

    before, at = 98 * WAN, 9950 * WAN // 100
    assert spent("2025-03-15T15:59:59.999999") == before
    assert spent("2025-03-15T16:00") == at
    assert spent("2025-03-15T08:00Z") == at
    assert spent("2025-03-14") == before
    assert spent("2025-03-15") == at


def test_a_year_is_replayed_as_far_as_it_was_known(late: TestClient) -> None:
    *_, step, end = late.get(f"/api/years/2024/replay?{BEFORE}").text.splitlines()
    year = asked(late, "years/2024", BEFORE)
    assert json.loads(step)["spent_fen"] == year["money"]["spent"] == 98 * WAN
    assert json.loads(end)["end"]["positions"] == {LOG: year["logs"][0]["position"]}
    refused = late.get(f"/api/years/2024/replay?{YEAR_END}")
    assert (refused.status_code, refused.json()["code"]) == (422, "effective-on.no-meaning")


def test_other_rules_are_tried_on_what_was_known(late: TestClient) -> None:
    then = asked(late, "years/2024/what-if", "rules=规则", BEFORE)
    now = asked(late, "years/2024/what-if", "rules=规则")
    assert then["positions"][LOG] < now["positions"][LOG]
    [form], [later] = then["forms"], now["forms"]
    # What was known then gives what was submitted; the late payment would give more.
    assert (form["would"], later["would"]) == ("9.8", "9.95")
    refused = late.get(f"/api/years/2024/what-if?rules=规则&{YEAR_END}")
    assert refused.json()["code"] == "effective-on.no-meaning"


def test_a_difference_knows_no_fact_after_the_moment(late: TestClient) -> None:
    now = asked(late, f"evaluations/{FORM}/diff")
    then = asked(late, f"evaluations/{FORM}/diff", BEFORE)
    assert now["changes"]
    assert then["changes"] == []
    # On 5 March nobody had submitted: it began with the opening.
    early = asked(late, f"evaluations/{FORM}/diff", "as_of=2025-03-05")
    assert early["before"]["fact"]["type"] == "evaluation-opened"
    for moment, code in (
        ("submitted", "diff.moment-unknown"),
        (f"%23{now['after']['position']}", "position.beyond-log"),
    ):
        refused = late.get(f"/api/evaluations/{FORM}/diff?as_of=2025-03-05&from={moment}")
        assert (refused.status_code, refused.json()["code"]) == (422, code)
