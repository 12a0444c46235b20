"""Changes, words and files on the command line."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.cli.support import QIAOXI, Cli


def walked(cli: Cli, *line: str, part: str, limit: int) -> list[Any]:
    rows: list[Any] = []
    after: list[str] = []
    while True:
        answer = cli(*line, "--json", "--limit", str(limit), *after).json
        assert len(answer[part]) <= limit
        rows += answer[part]
        if answer["after"] is None:
            return rows
        after = ["--after", answer["after"]]


def test_changes_come_by_page_with_the_positions_of_the_logs(cli: Cli) -> None:
    line = ("changes", "--evaluation", QIAOXI)
    whole = cli(*line, "--json", "--limit", "1000").json
    assert whole["after"] is None
    assert whole["positions"]["130104"] == 65
    assert walked(cli, *line, part="changes", limit=20) == whole["changes"]
    history = cli("history", QIAOXI, "--json").json["history"]
    assert sorted(one["position"] for one in whole["changes"]) == sorted(
        one["position"] for one in history
    )
    said = cli(*line, "--limit", "2").out
    assert "--after " in said
    assert "130104:65" in said


@pytest.mark.parametrize(
    ("option", "field", "value"),
    [
        (("--kind", "填报"), "kind", "declared"),
        (("--role", "导入"), "role", "IMPORTER"),
        (("--subject", "总分"), "subject", "TOTAL"),
        (("--line", "3"), "line", "3"),
        (("--log", "410106"), "log_id", "410106"),
        (("--year", "2022"), "fiscal_year", 2022),
    ],
)
def test_changes_are_chosen(cli: Cli, option: tuple[str, str], field: str, value: object) -> None:
    rows = cli("changes", *option, "--json", "--limit", "1000").json["changes"]
    assert {row[field] for row in rows} == {value}


def test_changes_of_a_day_include_its_whole(cli: Cli) -> None:
    row = cli("changes", "--json", "--limit", "1").json["changes"][0]
    assert cli("changes", "--json", "--until", "2020-01-01").json["changes"] == []
    assert cli("changes", "--json", "--from", "2099-01-01").json["changes"] == []
    moment = row["recorded_at"]
    found = cli("changes", "--json", "--limit", "1", "--from", moment, "--until", moment).json
    assert found["changes"][0] == row


def test_words_are_found_and_marked(cli: Cli) -> None:
    found = cli("search", "三公", "--in", "指标名称")
    assert "【三公】" in found.out
    assert QIAOXI in found.out
    assert cli("search", "没有这样的词").out.startswith("没有找到")
    hits = cli("search", "执行率", "--json", "--limit", "100").json["hits"]
    assert walked(cli, "search", "执行率", part="hits", limit=1) == hits
    assert cli("search", "执行率", "--as-of", "2000-01-01", "--json").json["hits"] == []
    refused = cli("search", "，")
    assert (refused.code, "search.no-words" in refused.err) == (1, True)


def test_findings_are_chosen_and_paged(cli: Cli) -> None:
    rows = cli("findings", "--class", "矛盾", "--json").json["findings"]
    assert {row["class_"] for row in rows} == {"CONTRADICTION"}
    code = rows[0]["code"]
    some = cli("findings", "--code", code, "--open", "--json").json["findings"]
    assert {row["code"] for row in some} == {code}
    assert cli("findings", "--acknowledged", "--json").json["findings"] == []
    whole = cli("findings", "--json").json["findings"]
    assert walked(cli, "findings", part="findings", limit=25) == whole


def test_a_file_holds_the_rows_of_the_question(cli: Cli, tmp_path: Path) -> None:
    rows = cli("changes", "--year", "2024", "--json", "--limit", "1000").json["changes"]
    lines = cli("changes", "--year", "2024", "--format", "ndjson").out.splitlines()
    told = [json.loads(line) for line in lines]
    assert told[0]["about"]["asked"] == {"fiscal_year": "2024"}
    assert [one["event_id"] for one in told[1:]] == [row["event_id"] for row in rows]
    target = tmp_path / "变动.csv"
    done = cli("changes", "--year", "2024", "--output", str(target))
    assert (done.code, done.err) == (0, "")
    table = list(csv.reader(io.StringIO(target.read_text("utf-8-sig"))))
    assert len(table) - table.index([]) - 2 == len(rows)
    assert [path.name for path in tmp_path.iterdir()] == ["变动.csv"]


@pytest.mark.parametrize("command", ["changes", "adjustments", "findings", "search 执行率"])
def test_a_workbook_is_written(cli: Cli, tmp_path: Path, command: str) -> None:
    target = tmp_path / "a.xlsx"
    assert cli(*command.split(), "--output", str(target), "--lang", "en").code == 0
    book = openpyxl.load_workbook(target)
    assert book.sheetnames[0] == "About"
    assert book.worksheets[1]["A1"].value == "log"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (("changes", "--format", "xlsx"), "option.output-missing"),
        (("changes", "--format", "pdf"), "option.unknown-format"),
        (("findings", "--output", "a.pdf"), "option.format-missing"),
        (("search", "，", "--format", "ndjson"), "search.no-words"),
        (("adjustments", "--least", "many"), "option.malformed-amount"),
        (("adjustments", "--most", "0.0000001"), "option.malformed-amount"),
        (("changes", "--after", "x"), "request.cursor"),
        (("changes", "--from", "gestern"), "filter.no-moment"),
        (("changes", "--until", "9999-12-31T23:59:59.999999+00:00"), "filter.no-moment"),
        (("changes", "--kind", "x"), "request.not-in-list"),
    ],
)
def test_what_cannot_be_done_is_refused(cli: Cli, line: tuple[str, ...], code: str) -> None:
    refused = cli(*line)
    assert (refused.code, refused.out) == (1, "")
    assert code in refused.err
