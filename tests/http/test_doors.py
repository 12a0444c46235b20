"""What is refused for the same reason has the same code on the command line and over HTTP."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.cli.support import Cli
from tests.support.site import QIAOXI


@pytest.fixture
def cli(loaded: Path) -> Cli:
    """The command line on the same eight evaluations."""
    return Cli(loaded)


@pytest.mark.parametrize(
    ("line", "address", "code"),
    [
        (
            "show 130104/none/2024/department",
            "evaluations/130104/none/2024/department",
            "evaluation.unknown",
        ),
        (f"explain {QIAOXI} 无", f"evaluations/{QIAOXI}/lines/无", "line.unknown"),
        (
            "diff-rules 国家-2020 国家-1900",
            "rule-set-differences?from=国家-2020&to=国家-1900",
            "rule-set.unknown",
        ),
        ("replay 2024 --rule-set 无", "years/2024/what-if?rules=无", "rule-set.unknown"),
        ("adjustments --kind x", "adjustments?kind=x", "request.not-in-list"),
        ("changes --kind x", "score-changes?kind=x", "request.not-in-list"),
        (
            "adjustments --kind supplemented --direction out",
            "adjustments?kind=supplemented&direction=out",
            "filter.contradiction",
        ),
        (
            "changes --line 7 --subject TOTAL",
            "score-changes?line=7&subject=TOTAL",
            "filter.contradiction",
        ),
    ],
)
def test_one_reason_has_one_code(
    cli: Cli, client: TestClient, line: str, address: str, code: str
) -> None:
    told = cli(*line.split())
    answer = client.get(f"/api/{address}")
    assert told.code == 1
    assert told.err.split()[0] == code
    assert answer.json()["code"] == code


def test_the_rule_sets_themselves_are_asked_for_with_the_same_code(cli: Cli) -> None:
    assert cli("rules", "无").err.split()[0] == "rule-set.unknown"


def test_a_value_that_is_in_no_list_is_told_with_the_list(cli: Cli, client: TestClient) -> None:
    answer: Any = client.get("/api/adjustments", params={"kind": "增加"}).json()
    (problem,) = answer["problems"]
    assert problem["place"] == "kind"
    assert "“增加”" in problem["message"]
    for choice in ("supplemented", "reduced", "vired", "clawed-back"):
        assert choice in problem["todo"], json.dumps(problem, ensure_ascii=False)
    assert "supplemented（追加）" in cli("adjustments", "--kind", "增加").flat
