"""``liuhen demo``: one object with eight evaluations, the same every time."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from domain.values import plain
from tests.cli.support import BAYANNUR, QIAOXI, SHANGJIE, SHENZE, Cli

SCHEMA = Path(__file__).with_name("demo.schema.json")


@pytest.fixture(scope="session")
def demo(loaded: Path) -> dict[str, Any]:
    outcome = Cli(loaded)("demo", "--no-serve", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    found: dict[str, Any] = outcome.json
    return found


def one(demo: dict[str, Any], id_: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in demo["evaluations"] if each["id"] == id_)
    return found


def test_the_object_is_as_its_schema_says(demo: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(demo)] == []


def test_sums_follow_from_the_lines(demo: dict[str, Any]) -> None:
    for evaluation in demo["evaluations"]:
        lines = evaluation["lines"]
        computed = [line for line in lines if line["calculated"] is not None]
        subtotal = sum((Decimal(line["calculated"]) for line in computed), Decimal(0))
        assert evaluation["subtotal"] == (plain(subtotal) if lines else None)
        assert evaluation["not_computed"] == [
            line["line"] for line in lines if line["calculated"] is None
        ]
        finals = [line["final"] for line in lines]
        if not lines or None in finals:
            assert evaluation["computed_total"] is None
            assert evaluation["grade_computed"] is None
        else:
            assert Decimal(evaluation["computed_total"]) == sum(map(Decimal, finals))


def test_a_line_without_a_deduction_is_explained(demo: dict[str, Any]) -> None:
    for evaluation in demo["evaluations"]:
        for line in evaluation["lines"]:
            if line["max_points"] is not None and line["final"] == line["max_points"]:
                assert line["explained"]


def test_findings_rest_on_facts_that_are_there(demo: dict[str, Any], loaded: Path) -> None:
    cli = Cli(loaded)
    for evaluation in demo["evaluations"]:
        unit_year = evaluation["id"].split("/")[:3]
        streams = [each["id"] for each in demo["evaluations"]]
        known = {
            event["envelope"]["event_id"]
            for stream in [*streams, "/".join([*unit_year, "ledger"])]
            if stream.split("/")[:3] == unit_year
            for event in cli("events", stream, "--json").json["events"]
        }
        used = {fact for finding in evaluation["findings"] for fact in finding["facts"]}
        assert used <= known


def test_qiaoxi_adds_up_to_98_and_says_97(demo: dict[str, Any]) -> None:
    found = one(demo, QIAOXI)
    assert (found["unit"], found["level"]) == ("石家庄市桥西区信访局", "DEPARTMENT")
    assert (found["computed_total"], found["subtotal"]) == ("98", "49.82")
    assert [total["value"] for total in found["declared_totals"]] == ["98", "97", "97"]
    assert (found["grade_declared"], found["grade_computed"]) == ("优秀", "优秀")
    lines = {line["path"][-1]: line for line in found["lines"]}
    assert lines["预算完成率"]["calculated"] == "4.07"
    assert lines["重点支出安排率"]["calculated"] == "3.75"
    assert lines["“三公经费”变动率"] == {
        "line": "3",
        "path": ["决策", "预算配置", "“三公经费”变动率"],
        "max_points": "5",
        "calculated": None,
        "declared": "3",
        "final": "3",
        "explained": False,
    }


def test_the_others_give_their_own_totals(demo: dict[str, Any]) -> None:
    totals = {
        each["id"]: ([total["value"] for total in each["declared_totals"]], each["computed_total"])
        for each in demo["evaluations"]
    }
    assert totals[SHANGJIE] == (["95.81", "95.81"], "95.81")
    assert totals[BAYANNUR] == (["95.98"], "95.98")
    assert totals[SHENZE] == (["87"], None)
    assert one(demo, SHANGJIE)["subtotal"] == "95.81"


def test_twice_gives_the_same(demo: dict[str, Any], loaded: Path) -> None:
    assert Cli(loaded)("demo", "--no-serve", "--json").json == demo


def test_from_zero_gives_the_same_but_for_the_events(demo: dict[str, Any], empty: Cli) -> None:
    assert without_facts(empty("demo", "--no-serve", "--json").json) == without_facts(demo)


def without_facts(demo: dict[str, Any]) -> dict[str, Any]:
    """The object with the number of facts in place of their ids."""
    copy: dict[str, Any] = json.loads(json.dumps(demo))
    for evaluation in copy["evaluations"]:
        for finding in evaluation["findings"]:
            finding["facts"] = len(finding["facts"])
    return copy


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", ["8 份公开的自评", "合计得分", "疑点"]), ("en", ["8 published", "computed total"])],
)
def test_the_summary_names_each_evaluation_and_its_findings(
    cli: Cli, demo: dict[str, Any], lang: str, words: list[str]
) -> None:
    out = cli("demo", "--no-serve", "--lang", lang).out
    assert [word for word in words if word not in out] == []
    for evaluation in demo["evaluations"]:
        assert evaluation["id"] in out
        assert evaluation["unit"] in out


def test_findings_are_told_in_the_language_asked_for(cli: Cli) -> None:
    found = cli("demo", "--no-serve", "--json", "--lang", "en").json
    claims = [finding["claim"] for finding in one(found, QIAOXI)["findings"]]
    assert any(claim.startswith("total 97") for claim in claims)
