"""Help in two languages, complete; usage errors; labels."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command

from api import labels
from api.cli import app
from api.cli.speech import in_lang, take_lang
from api.cli.usage import USAGE, noted
from domain.facts import BY_TAG
from domain.scoring.steps import Op, Worksheet
from tests.cli.support import ROOT, Cli

COMMANDS: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]
READING = {
    "list", "show", "explain", "history", "deductions", "adjustments", "year",
    "findings", "changes", "search", "events", "rules",
}  # fmt: skip
OTHERS = {
    "demo", "import", "rebuild", "health", "retry", "release", "migrate", "generate", "serve",
    "diff", "diff-rules", "replay",
}  # fmt: skip
WANTED = READING | OTHERS
ENTRIES = [
    (name, param)
    for name, command in COMMANDS.items()
    for param in command.params
    if param.name != "help"
]


def options(name: str) -> set[str]:
    params = COMMANDS[name].params
    return {one for param in params for one in (*param.opts, *param.secondary_opts)}


def test_these_are_the_commands() -> None:
    assert set(COMMANDS) == WANTED


@pytest.mark.parametrize("name", sorted(READING))
def test_a_reading_command_looks_back_and_answers_with_json(name: str) -> None:
    assert {"--as-of", "--effective-on", "--json"} <= options(name)


@pytest.mark.parametrize("name", sorted(WANTED))
def test_a_command_has_help_in_both_languages(empty: Cli, name: str) -> None:
    zh, en = (empty(name, "--help", "--lang", lang) for lang in ("zh", "en"))
    assert (zh.code, en.code, zh.err, en.err) == (0, 0, "", "")
    assert zh.out.startswith(f"用法：liuhen {name}")
    assert en.out.startswith(f"Usage: liuhen {name}")
    assert "\x1f" not in zh.out + en.out
    for option in options(name):
        if option.startswith("--"):
            assert option in zh.out
            assert option in en.out


@pytest.mark.parametrize(
    ("name", "param"), ENTRIES, ids=[f"{name} {param.name}" for name, param in ENTRIES]
)
def test_an_option_has_help_in_both_languages(name: str, param: Any) -> None:  # noqa: ANN401
    zh, en = in_lang(param.help, "zh"), in_lang(param.help, "en")
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert re.search(r"[A-Za-z]", en)
    assert zh != en
    assert "\x1f" not in zh + en


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_names_every_command(readme: str) -> None:
    path = Path(ROOT, readme)
    if not path.exists():
        pytest.skip(f"there is no {readme} yet")
    text = path.read_text("utf-8")
    assert [name for name in sorted(WANTED) if f"liuhen {name}" not in text] == []
    shared = ("--as-of", "--effective-on", "--estimate", "--json", "--lang", "--yuan", "--no-serve")
    settings = ("LIUHEN_DATA_DIR", "LIUHEN_DATABASE_URL", "LIUHEN_LANG", "LIUHEN_LOG_LEVEL")
    assert [one for one in (*shared, *settings) if one not in text] == []


def test_without_a_command_there_is_help(empty: Cli) -> None:
    outcome = empty()
    assert outcome.code == 0
    assert all(name in outcome.out for name in WANTED)


def test_the_version_is_said(empty: Cli) -> None:
    assert re.fullmatch(r"liuhen \d+\.\d+\.\d+\n", empty("--version").out)


@pytest.mark.parametrize(
    "line", [["--lang", "en", "list"], ["list", "--lang", "en"], ["list", "--lang=en"]]
)
def test_the_language_may_be_chosen_anywhere_on_the_line(empty: Cli, line: list[str]) -> None:
    assert "There is no self-evaluation yet" in empty(*line).out


def test_the_language_may_come_from_the_environment(empty: Cli) -> None:
    assert "There is no" in empty("list", LIUHEN_LANG="en_GB.UTF-8").out
    assert "还没有任何自评" in empty("list", "--lang", "zh", LIUHEN_LANG="en").out


def test_what_follows_two_dashes_is_no_option() -> None:
    assert take_lang(["show", "--", "--lang", "en"]) == (None, ["show", "--", "--lang", "en"])


@pytest.mark.parametrize(
    ("line", "zh", "en"),
    [
        (["shw"], "没有这个命令", "Nosuchcommand"),
        (["show"], "缺少编号", "IDismissing"),
        (["changes", "--person", "x"], "没有选项--person→", "nooption--person→"),
        (
            ["list", "--asof", "x"],
            "没有选项--asof；相近的有--as-of",
            "nooption--asof;nearit:--as-of",
        ),
        (["list", "b"], "多余的参数", "unexpectedextraargument"),
        (["list", "--year", "x"], "--year：须是整数", "--year:mustbeawholenumber"),
        (["list", "--as-of"], "--as-of", "--as-of"),
        (
            ["serve", "--port", "70000"],
            "--port：超出范围，须为0至65535",
            "--port:outofrange:mustbefrom0to65535",
        ),
        (["--lang", "fr", "list"], "“fr”不是", "“fr”不是"),
        (["list", "--lang"], "--lang", "--lang"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_where_help_is(
    empty: Cli, line: list[str], zh: str, en: str
) -> None:
    chinese, english = empty(*line), empty(*line, LIUHEN_LANG="en")
    assert (chinese.code, chinese.out, english.code, english.out) == (2, "", 2, "")
    assert zh in chinese.flat
    assert en in english.flat or "neither" in english.flat
    assert "--help" in chinese.err
    assert not empty.data.exists()


LIMITED = [
    (name, param)
    for name, param in ENTRIES
    if getattr(param, "min", None) is not None or getattr(param, "max", None) is not None
]


@pytest.mark.parametrize(
    ("name", "param"), LIMITED, ids=[f"{name} {param.name}" for name, param in LIMITED]
)
def test_a_number_outside_its_range_is_told_the_whole_range(
    empty: Cli,
    name: str,
    param: Any,  # noqa: ANN401 - a parameter of the library
) -> None:
    required = [one for one in COMMANDS[name].params if one.required]
    given = {
        one.name: "x" for one in required if one.param_type_name == "argument" and one != param
    }
    for beyond in (param.min - 1, param.max + 1):
        line = [name]
        if param.param_type_name == "option":
            line.append(f"{param.opts[0]}={beyond}")
            line += given.values()
        else:
            # A number below nought is no option.
            line += ["--", *(str({**given, param.name: beyond}[one.name]) for one in required)]
        chinese, english = empty(*line), empty(*line, LIUHEN_LANG="en")
        assert (chinese.code, english.code) == (2, 2)
        assert f"超出范围，须为{param.min}至{param.max}" in chinese.flat
        assert f"outofrange:mustbefrom{param.min}to{param.max}" in english.flat


PARTS = st.sampled_from([
    "--", "-", "--=", "-5", "-x5", "--log", "--log=", "--log=x", "--year", "--year=x", "--json",
    "--json=x", "--jsn", "--asof", "--foo", "--foo=x", "--as-of", "x", "2024", "", "--lang",
])  # fmt: skip


@given(name=st.sampled_from(["show", "list", "year", "search", "diff", "generate"]),
       parts=st.lists(PARTS, max_size=6))  # fmt: skip
def test_a_line_is_always_read_to_its_end(name: str, parts: list[str]) -> None:
    command = COMMANDS[name]
    context = command.make_context(name, [*parts, "--no-such-option"])
    told = noted(context)
    # The last part is an option, unless -- or an option before it takes it for something else.
    assert told or {"--", "--log", "--year", "--as-of"} & set(parts)
    assert all(one.code == USAGE and one.status == 400 for one in told)
    # Whatever can be read, and nothing else, reaches the command.
    assert {one.name for one in command.params if one.name != "help"} <= set(context.params)


def test_two_numbers_outside_their_ranges_are_told_at_once(empty: Cli) -> None:
    told = empty("findings", "--year", "1066", "--limit", "0").flat
    assert "--year：超出范围，须为1900至2099" in told
    assert "--limit：超出范围，须为1至1000" in told


# ---------------------------------------------------------------------------------------- labels


@pytest.mark.parametrize("kind", labels.labelled_kinds(), ids=lambda kind: kind.__name__)
def test_every_value_has_words_in_both_languages(kind: type[StrEnum]) -> None:
    assert list(labels.labelled_values(kind)) == list(kind)
    for member in kind:
        words = labels.words_of(member)
        assert words.zh
        assert words.en


@pytest.mark.parametrize("tag", sorted(BY_TAG))
def test_every_fact_has_words(tag: str) -> None:
    words = labels.fact_words(tag)
    assert re.search(r"[\u4e00-\u9fff]", words.zh)
    assert words.en


def test_an_unknown_value_is_shown_as_it_is() -> None:
    assert labels.words_for(labels.labelled_kinds()[0], "NEW").zh == "NEW"
    assert labels.words_for(labels.labelled_kinds()[0], None).en == ""
    assert labels.fact_words("something-new.v3").en == "something-new"


def test_steps_are_written_with_their_numbers() -> None:
    sheet = Worksheet()
    two, three = sheet.number(2, "甲", "a"), sheet.number(3, "乙", "b")
    rate = sheet.step(Op.DIVIDE, two, three, zh="比率", en="rate")
    sheet.step(Op.MIN, rate, sheet.number(1, "上限", "cap"), zh="封顶", en="capped")
    sheet.step(Op.AT_MOST, two, three, three, zh="达标", en="met")
    places = sheet.number(2, "位", "places")
    sheet.step(Op.ROUND_HALF_UP, rate, places, zh="取整", en="rounded")
    said = [labels.step_words(sheet.steps, index) for index in range(4)]
    assert [one.zh for one in said] == [
        "比率：2（甲） ÷ 3（乙） = 0.666666…",
        "封顶：较小者(0.666666…, 1（上限）) = 0.666666…",
        "达标：2（甲） ≤ 3（乙） → 3",
        "取整：0.666666… → 0.67",
    ]
    assert said[0].en == "rate: 2 (a) ÷ 3 (b) = 0.666666…"


def test_every_operation_of_a_step_can_be_written() -> None:
    assert isinstance(app, typer.Typer)
    for op in Op:
        sheet = Worksheet()
        one = [sheet.number(number, "数", "n") for number in (1, 0, 2, 1)]
        many = {
            Op.TAKE: one[:1], Op.FLOOR: one[:1], Op.CEIL: one[:1], Op.WITHIN: one,
            Op.AT_LEAST: one[:3], Op.AT_MOST: [one[0], one[2], one[0]],
            Op.ABOVE: one[:3], Op.BELOW: [one[0], one[2], one[0]],
            Op.EQUAL: [one[0], one[3], one[0]], Op.UNEQUAL: one[:3], Op.CHOSEN: one[:3],
            Op.DIVIDE: [one[0], one[2]],
        }  # fmt: skip
        sheet.step(op, *many.get(op, one[:2]), zh="步骤", en="step")
        words = labels.step_words(sheet.steps, 0)
        assert words.zh.startswith("步骤：")
        assert op.value not in words.zh
