"""Every reading command on the eight evaluations: Chinese, English and JSON."""

import pytest
from rich.cells import cell_len

from tests.cli.support import BAYANNUR, ESCAPE, QIAOXI, SHANGJIE, SHENZE, Cli

READING = [
    ("list",),
    ("show", QIAOXI),
    ("show", SHENZE),
    ("show", BAYANNUR, "--yuan"),
    ("explain", QIAOXI, "3"),
    ("explain", SHANGJIE, "1"),
    ("history", QIAOXI),
    ("history", QIAOXI, "--line", "3"),
    ("deductions", QIAOXI),
    ("deductions", SHANGJIE, "--all"),
    ("adjustments",),
    ("adjustments", "--group-by", "unit", "--group-by", "月份"),
    ("findings",),
    ("findings", QIAOXI),
    ("events", QIAOXI),
    ("events", "130104/rule-sets/桥西-2024"),
    ("rules",),
    ("rules", "桥西-2024"),
]
NAMES = [" ".join(line) for line in READING]


@pytest.mark.parametrize("line", READING, ids=NAMES)
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("columns", [80, 120])
def test_a_reading_command_fits_the_screen_and_says_nothing_else(
    cli: Cli, line: tuple[str, ...], lang: str, columns: int
) -> None:
    outcome = Cli(cli.data, columns)(*line, "--lang", lang)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.strip()
    assert [one for one in outcome.out.splitlines() if cell_len(one) > columns] == []
    assert [one for one in outcome.out.splitlines() if one != one.rstrip()] == []
    assert ESCAPE not in outcome.out


@pytest.mark.parametrize("line", READING, ids=NAMES)
def test_a_reading_command_answers_with_json_now_as_then(cli: Cli, line: tuple[str, ...]) -> None:
    now = cli(*line, "--json")
    then = cli(*line, "--json", "--as-of", "2100-01-01")
    assert (now.code, now.err, then.code, then.err) == (0, "", 0, "")
    assert now.json.pop("as_of") is None
    assert then.json["as_of"] == "2100-01-01T15:59:59.999999Z"
    assert then.json | {"as_of": None} == now.json | {"as_of": None}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_list_names_the_eight_evaluations(cli: Cli, lang: str) -> None:
    out = cli("list", "--lang", lang).out
    assert len([line for line in out.splitlines() if "/xfj/" in line or "/542/" in line]) == 8
    assert QIAOXI in out
    assert BAYANNUR in out
    assert "98 97" in out


def test_the_list_can_be_of_one_year(cli: Cli) -> None:
    found = cli("list", "--year", "2024", "--json").json["evaluations"]
    assert {one["id"] for one in found} == {QIAOXI, BAYANNUR}


def test_explain_lists_what_each_reading_gives(cli: Cli) -> None:
    out = cli("explain", QIAOXI, "“三公经费”变动率").out
    assert "三公经费变动率无法计算，缺少：上年三公经费预算数" in out
    assert "(3.59 − 3.6) ÷ 3.6 = −0.28%" in out
    assert "(3.5 − 3.6) ÷ 3.6 = −2.78%" in out
    assert "4.87" in out
    assert "未说明原因" in out


def test_explain_shows_the_steps_with_the_numbers_put_in(cli: Cli) -> None:
    out = cli("explain", QIAOXI, "决策/预算配置/重点支出安排率").out
    assert "314.42（重点项目支出预算数（万元）） ÷ 419.29（项目支出年初预算数（万元））" in out
    assert "3.749433… → 3.75" in out


def test_a_line_is_found_by_row_by_name_and_by_path(cli: Cli) -> None:
    rows = [
        cli("explain", QIAOXI, line, "--json").json["line"]["line"]
        for line in ("5", "预算完成率", "过程/预算执行/预算完成率", "预算执行/预算完成率", "完成率")
    ]
    assert rows == ["5"] * 5


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", "可以是几行：3 决策/预算配置/“三公经费”变动率；7"), ("en", "can be several lines: 3 ")],
)
def test_an_ambiguous_line_names_every_candidate(cli: Cli, lang: str, words: str) -> None:
    outcome = cli("explain", QIAOXI, "三公", "--lang", lang)
    assert (outcome.code, outcome.out) == (1, "")
    assert "line.ambiguous" in outcome.err
    assert words.replace(" ", "") in outcome.flat


def test_a_line_that_is_not_there_suggests_near_ones(cli: Cli) -> None:
    outcome = cli("explain", QIAOXI, "预算完成律")
    assert outcome.code == 1
    assert "line.unknown" in outcome.err
    assert "是否指预算完成率" in outcome.flat


@pytest.mark.parametrize("command", ["show", "history", "deductions", "findings"])
def test_an_unknown_id_suggests_near_ones(cli: Cli, command: str) -> None:
    outcome = cli(command, "130104/xfj/2024/departmen")
    assert (outcome.code, outcome.out) == (1, "")
    assert "evaluation.unknown" in outcome.err
    assert f"是否指{QIAOXI}" in outcome.flat


def test_a_name_in_place_of_an_id_suggests_the_id(cli: Cli) -> None:
    assert f"是否指{QIAOXI}" in cli("show", "桥西").flat


@pytest.mark.parametrize("wanted", ["..", "a b", "130104/xfj/2024/department/x", "𠀀", ""])
def test_an_id_that_cannot_be_is_no_traceback(cli: Cli, wanted: str) -> None:
    for command in (["show", wanted], ["events", wanted], ["explain", wanted, "1"]):
        outcome = cli(*command)
        assert outcome.code == 1
        assert "→" in outcome.err


def test_on_an_empty_store_the_list_says_how_to_begin(empty: Cli) -> None:
    outcome = empty("list")
    assert outcome.code == 0
    assert "liuhen import" in outcome.out
    assert "there is none at all yet" in empty("show", QIAOXI, "--lang", "en").err


def test_before_the_import_nothing_was_known(cli: Cli) -> None:
    assert "截至 2020-01-01 23:59:59 没有任何自评" in cli("list", "--as-of", "2020-01-01").out
    assert cli("list", "--as-of", "2020-01-01", "--json").json["evaluations"] == []
    for command in (["show"], ["history"], ["deductions"], ["findings"], ["events"]):
        outcome = cli(*command, QIAOXI, "--as-of", "2020-01-01T09:30", "--lang", "en")
        assert (outcome.code, outcome.out) == (1, "")
        assert "as-of.nothing-known" in outcome.err
        assert "2020-01-01 09:30:00" in outcome.err


@pytest.mark.parametrize("when", ["yesterday", "2024-13-01", "", "20240101T", "20250312"])
def test_a_moment_that_is_none_is_refused(cli: Cli, when: str) -> None:
    outcome = cli("list", "--as-of", when)
    assert outcome.code == 1
    assert "as-of.malformed" in outcome.err


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (["--kind", "增加"], "request.not-in-list"),
        (["--source", "X"], "request.not-in-list"),
        (["--group-by", "x"], "request.not-in-list"),
        (["--month", "2024-1"], "filter.no-month"),
        (["--unit", "x"], "unit.unknown"),
    ],
)
def test_a_filter_that_is_none_names_what_there_is(cli: Cli, line: list[str], code: str) -> None:
    outcome = cli("adjustments", *line)
    assert (outcome.code, outcome.out) == (1, "")
    assert code in outcome.err
    assert "→" in outcome.err


def test_money_is_in_wan_by_default_and_in_yuan_when_asked(cli: Cli) -> None:
    assert "864.64" in cli("show", QIAOXI).out
    assert "8,646,400.00" in cli("show", QIAOXI, "--yuan").out


def test_an_event_is_shown_with_its_envelope_and_texts(cli: Cli) -> None:
    found = cli("events", SHANGJIE, "--json").json
    assert found["log_id"] == "410106"
    justified = [one for one in found["events"] if one["type"] == "deduction-justified.v1"]
    assert justified
    assert all(one["texts"][one["fact"]["reason"]] for one in justified)
    assert all(one["envelope"]["role"] == "IMPORTER" for one in found["events"])
    assert [one["version"] for one in found["events"]] == list(range(1, len(found["events"]) + 1))


def test_a_rule_set_is_printed_whole(cli: Cli) -> None:
    found = cli("rules", "桥西-2024", "--json").json["rule_sets"]
    assert [one["log_id"] for one in found] == ["130104"]
    assert [band["low"] for band in found[0]["rule_set"]["bands"]] == ["85", "75", "60", "0"]
    assert cli("rules", "桥西").code == 1
