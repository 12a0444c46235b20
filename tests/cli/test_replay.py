"""``liuhen replay`` on the published documents: steps, verification, other rules."""

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from api.cli.replay import steps
from tests.cli.support import BAYANNUR, QIAOXI, Cli
from tests.support.site import copied

LOGS = {"130104", "130128", "150800", "410106", "530303"}


def test_a_year_of_all_logs_ends_where_the_list_stands(cli: Cli) -> None:
    found = cli("replay", "2024", "--step", "fact", "--json").json
    assert set(found["end"]["positions"]) == LOGS
    assert [one["count"] for one in found["steps"]] == list(range(1, found["end"]["count"] + 1))
    last = found["steps"][-1]
    listed = cli("list", "--year", "2024", "--json").json["evaluations"]
    assert last["forms"] == {"DRAFT": len(listed)}
    assert last["scored"] == len([one for one in listed if one["total"] is not None])
    # Nothing is booked, so what the two forms declare counts.
    declared = [
        {
            one["quantity"]: one["fen"]
            for one in cli("show", form, "--json").json["figures"]
            if one["counts"]
        }
        for form in (QIAOXI, BAYANNUR)
    ]
    for field, quantity in (
        ("initial_fen", "INITIAL_BUDGET"),
        ("adjusted_fen", "ADJUSTED_BUDGET"),
        ("spent_fen", "OUTTURN"),
    ):
        assert last[field] == sum(one.get(quantity, 0) for one in declared) > 0
    # (98 + 95.98) ÷ 2
    assert (last["mean"], last["grades"]) == ("96.99", {"优": 1, "优秀": 1})


def test_one_log_is_told_in_both_languages(cli: Cli) -> None:
    zh = cli("replay", "2024", "--log", "130104", "--step", "逐月")
    en = cli("replay", "2024", "--log", "130104", "--step", "month", "--lang", "en")
    assert (zh.code, en.code, zh.err, en.err) == (0, 0, "", "")
    assert "2024 年度回放" in zh.out
    assert QIAOXI in "".join(zh.out.split())
    assert "Replay of 2024" in en.out
    assert "150800" not in zh.out


def test_many_steps_are_shown_some_at_a_time(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    line = ("replay", "2024", "--log", "130104", "--step", "fact")
    whole, told = cli(*line, "--json").json, cli(*line).out
    monkeypatch.setattr(steps, "_AT_ONCE", 7)
    assert len(whole["steps"]) > 2 * 7
    assert cli(*line, "--json").json == whole
    in_parts = cli(*line).out
    assert all(one["label"] in in_parts for one in whole["steps"])
    heads = in_parts.count("年初")
    assert heads == -(-len(whole["steps"]) // 7)
    assert in_parts.splitlines()[-1] == told.splitlines()[-1]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (["--log", "999999"], "log.unknown"),
        (["--step", "week"], "request.not-in-list"),
        (["--verify", "--rule-set", "国家-2020"], "replay.two-at-once"),
        (["--output", "a.md"], "replay.two-at-once"),
        (["--verify", "--output", "a.pdf"], "replay.output-ending"),
        (["--rule-set", "无此规则"], "rule-set.unknown"),
    ],
)
def test_what_cannot_be_replayed_is_refused(cli: Cli, line: list[str], code: str) -> None:
    outcome = cli("replay", "2024", *line)
    assert (outcome.code, outcome.out) == (1, "")
    assert code in outcome.err


@pytest.mark.parametrize("year", ["2022", "2023", "2024"])
def test_the_published_documents_are_consistent(cli: Cli, year: str) -> None:
    outcome = cli("replay", year, "--verify")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("一致")


@pytest.mark.parametrize("ending", ["json", "md", "html"])
def test_a_verification_is_filed_as_a_document(cli: Cli, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"核验.{ending}"
    assert cli("replay", "2024", "--verify", "--output", str(path)).code == 0
    filed = path.read_text("utf-8")
    for said in ("一致", "liuhen 0.", "130104", "桥西-2024", "90239a7321474b16"):
        assert said in filed
    if ending == "json":
        found = json.loads(filed)["verification"]
        assert found["discrepancies"] == []
        assert [one["position"] for one in found["logs"]] == [one["head"] for one in found["logs"]]


def test_a_file_that_cannot_be_written_is_named_and_leaves_nothing(
    cli: Cli, tmp_path: Path
) -> None:
    for command, name in ((("replay", "2024", "--verify"), "x.md"), (("changes",), "x.csv")):
        told = cli(*command, "--output", str(tmp_path / "none" / name))
        assert told.code != 0
        assert "option.output-unwritable" in told.err
    assert list(tmp_path.iterdir()) == []


def test_a_tampered_view_is_reported_with_exit_status_1(loaded: Path, tmp_path: Path) -> None:
    cli = Cli(copied(loaded, tmp_path / "data"))
    [file] = cli.data.glob("liuhen-views-*.sqlite3")
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE evaluations SET computed_total = '100' WHERE id = :id"), {"id": QIAOXI}
        )
    engine.dispose()
    path = tmp_path / "核验.md"
    outcome = cli("replay", "2024", "--verify", "--output", str(path))
    assert outcome.code == 1
    assert outcome.out.startswith("差异 1 处")
    assert f"| {QIAOXI} | evaluations {QIAOXI} computed_total | 100 | 98 |" in path.read_text(
        "utf-8"
    )
    assert cli("replay", "2024", "--verify", "--log", "150800").code == 0
    [one] = cli("replay", "2024", "--verify", "--json").json["verification"]["discrepancies"]
    assert (one["check"], one["stored"], one["recomputed"]) == ("view", "100", "98")


def test_under_other_rules_it_says_who_gains_and_loses(cli: Cli) -> None:
    found = cli("replay", "2024", "--rule-set", "国家-2020", "--json").json
    assert [(one["form"], one["then"], one["would"]) for one in found["forms"]] == [
        (BAYANNUR, "95.98", "95.99"),  # rounded half up instead of cut off
        (QIAOXI, "98", "95.82"),
    ]
    assert (found["gain"], found["lose"], found["compared"]) == (1, 1, 2)
    uncovered = [line["line"] for line in found["forms"][1]["uncovered"]]
    assert len(uncovered) == 16
    shown = cli("replay", "2024", "--rule-set", "国家-2020@1").out
    assert "得分减少" in shown
    assert "没有对应的规则" in shown
    assert "没有任何" not in cli("replay", "2019", "--rule-set", "国家-2020").out
