"""Two clocks on the command line: story 2, a late payment, in a store of one's own."""

import json

import pytest

from domain.facts.envelope import UNKNOWN
from domain.facts.ledger import BudgetSupplemented, ExpenditureRecorded
from tests.cli.support import Cli
from tests.projections.stage import file_stage
from tests.projections.test_clocks import story
from tests.support.scenario import FORM, LEDGER, WAN

BEFORE, YEAR_END = "2025-03-12", "2024-12-31"


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A payment of December that is booked in March, after the form was submitted."""
    folder = tmp_path_factory.mktemp("late")
    stage = file_stage(folder)
    story(stage)
    stage.book(
        ExpenditureRecorded(amount=WAN // 2, voucher="v3"),
        BudgetSupplemented(amount=2 * WAN, document="B", reason="追"),
        effective=UNKNOWN,
    )
    stage.close()
    return Cli(folder)


def figures(answer: dict[str, list[dict[str, object]]]) -> list[object]:
    return [one["amount"] for one in answer["figures"] if one["quantity"] == "OUTTURN"]


def test_what_was_known_before_the_payment(late: Cli) -> None:
    found = late("show", FORM, "--as-of", BEFORE, "--json").json
    assert (figures(found), found["lines"][0]["final"]) == (["98"], "9.8")
    assert "estimated" not in found
    told = late("findings", FORM, "--as-of", BEFORE, "--json").json["findings"]
    assert "changed-after-submission" not in {one["code"] for one in told}


def test_what_counts_at_the_end_of_the_year_is_estimated(late: Cli) -> None:
    found = late("show", FORM, "--effective-on", YEAR_END, "--json").json
    assert (figures(found), found["lines"][0]["final"]) == (["99.5"], "9.95")
    assert (found["estimated"], found["effective_on"]) == (True, YEAR_END)
    assert found["undated"]["OUTTURN"] == WAN // 2
    out = late("show", FORM, "--effective-on", YEAR_END).out
    assert "9.95" in out
    assert "推算" in out
    assert "日期不明，未计入" in out
    assert "estimated" in late("show", FORM, "--effective-on", YEAR_END, "--lang", "en").out


def test_both_clocks_together(late: Cli) -> None:
    line = ("show", FORM, "--as-of", BEFORE, "--effective-on", YEAR_END, "--json")
    assert figures(late(*line).json) == ["98"]


@pytest.mark.parametrize("command", ["explain", "deductions", "findings"])
def test_every_answer_about_scores_says_that_they_are_estimated(late: Cli, command: str) -> None:
    line = [command, FORM, *(["1"] if command == "explain" else []), "--effective-on", YEAR_END]
    assert "推算" in late(*line).out
    assert late(*line, "--json").json["estimated"] is True


@pytest.mark.parametrize(
    "line", [("history", FORM), ("events", FORM), ("events", LEDGER), ("rules",)]
)
def test_what_counts_by_no_business_date_says_so(late: Cli, line: tuple[str, ...]) -> None:
    outcome = late(*line, "--effective-on", YEAR_END)
    assert (outcome.code, outcome.out) == (1, "")
    assert "effective-on.no-meaning" in outcome.err


@pytest.mark.parametrize("day", ["2024-02-30", "yesterday", "", "2024-12-31T09:00"])
def test_a_business_date_is_a_date(late: Cli, day: str) -> None:
    outcome = late("show", FORM, "--effective-on", day)
    assert (outcome.code, outcome.out) == (1, "")
    assert "effective-on.malformed" in outcome.err


def test_adjustments_without_a_date_are_listed_apart(late: Cli) -> None:
    found = late("adjustments", "--effective-on", YEAR_END, "--json").json
    assert [one["row"]["document"] for one in found["adjustments"]] == ["A"]
    assert [one["row"]["document"] for one in found["undated"]] == ["B"]
    assert "日期不明，未计入" in late("adjustments", "--effective-on", YEAR_END).out
    groups = late("adjustments", "--effective-on", "2024-01-01", "--group-by", "unit", "--json")
    assert groups.json["groups"] == []


def test_the_list_shows_each_form_as_it_stood(late: Cli) -> None:
    [now] = late("list", "--json").json["evaluations"]
    [then] = late("list", "--as-of", BEFORE, "--json").json["evaluations"]
    [counted] = late("list", "--effective-on", YEAR_END, "--json").json["evaluations"]
    assert (now["money"]["spent"], then["money"]["spent"]) == (100 * WAN, 98 * WAN)
    assert (counted["money"]["spent"], counted["undated"]["spent"]) == (9950 * WAN // 100, WAN // 2)
    assert {one["total"] for one in (now, then, counted)} == {"9.8"}
    assert late("list", "--as-of", "2025-03-01", "--json").json["evaluations"] != []
    assert "liuhen year --estimate" in late("list", "--effective-on", YEAR_END).out


def test_a_year_as_it_stood(late: Cli) -> None:
    now = late("year", "2024", "--json").json
    then = late("year", "2024", "--as-of", BEFORE, "--json").json
    assert (now["money"]["spent"], then["money"]["spent"]) == (100 * WAN, 98 * WAN)
    assert (then["forms"]["by_status"], then["forms"]["mean_total"]) == ({"SUBMITTED": 1}, "9.8")
    [log] = now["logs"]
    assert (log["log_id"], log["units"], log["money"]["execution_rate"]) == ("130104", 1, "98.04")
    assert late("year", "2024", "--log", "130104", "--json").json["logs"] == [log]
    out = late("year", "2024", "--effective-on", YEAR_END).out
    assert "99.50" in out
    assert "日期不明，未计入" in out
    grades = late("year", "2024", "--grades", "--as-of", BEFORE, "--json").json
    assert grades["together"]["by_grade"] == then["forms"]["by_grade"]
    assert "合计" in late("year", "2024", "--grades").out
    assert late("year", "2024", "--log", "nowhere").err.startswith("log.unknown")
    assert late("year", "1999", "--json").json["forms"]["count"] == 0


def test_a_year_is_estimated_one_by_one(late: Cli) -> None:
    out = late("year", "2024", "--estimate", "--effective-on", YEAR_END, "--json").out
    [one] = [json.loads(line) for line in out.splitlines()]
    assert (one["estimated"], one["evaluation"], one["effective_on"]) == (True, FORM, YEAR_END)
    assert (one["estimated_total"], one["stored_total"]) == ("9.95", "9.8")
    said = late("year", "2024", "--estimate", "--effective-on", YEAR_END).out
    assert "推算 9.95" in said
    assert "入库 9.8" in said


def test_two_clocks_that_are_none_are_refused_at_once(late: Cli) -> None:
    refused = late("year", "2024", "--as-of", "31.12.2024", "--effective-on", "2024-02-30")
    assert refused.code == 1
    assert "as-of.malformed" in refused.err
    assert "effective-on.malformed" in refused.err


def test_a_difference_and_a_replay_know_no_fact_after_the_moment(late: Cli) -> None:
    assert late("diff", FORM, "--as-of", BEFORE, "--json").json["changes"] == []
    assert late("diff", FORM, "--json").json["changes"] != []
    last = late("replay", "2024", "--as-of", BEFORE, "--json").json["steps"][-1]
    year = late("year", "2024", "--as-of", BEFORE, "--json").json
    assert last["spent_fen"] == year["money"]["spent"] == 98 * WAN
    other = late("replay", "2024", "--rule-set", "规则", "--as-of", BEFORE, "--json").json
    assert other["forms"][0]["would"] == "9.8"


@pytest.mark.parametrize("line", [("diff", FORM), ("replay", "2024")])
def test_what_differs_and_what_is_replayed_count_by_no_business_date(
    late: Cli, line: tuple[str, ...]
) -> None:
    outcome = late(*line, "--effective-on", YEAR_END)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("effective-on.no-meaning")


def test_a_verification_is_of_what_is_stored_now(late: Cli) -> None:
    outcome = late("replay", "2024", "--verify", "--as-of", BEFORE)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("replay.verified-now")
