"""A line is looked at whole: each bad value is named at the option that holds it, all at once."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import QIAOXI, ROOT, Cli, Outcome
from tests.cli.test_usage import COMMANDS, READING

ASKING = sorted({*READING, "diff", "diff-rules", "replay"})
NO_FORM = "130104/none/2024/department"
BAD = {
    "--after": "x",
    "--as-of": "#999999",
    "--class": "x",
    "--direction": "x",
    "--division": "999999",
    "--effective-on": "2024-02-30",
    "--evaluation": NO_FORM,
    "--format": "pdf",
    "--from": "#999999",
    "--group-by": "x",
    "--in": "x",
    "--kind": "x",
    "--limit": "0",
    "--least": "12,5",
    "--log": "999999",
    "--month": "2024-13",
    "--most": "-1",
    "--output": "answer.pdf",
    "--role": "x",
    "--rule-set": "none",
    "--source": "x",
    "--step": "week",
    "--subject": "x",
    "--to": "never",
    "--unit": "nobody",
    "--until": "31.12.2024",
    "--year": "1066",
}
LOOKED_FOR = {"--actor", "--code", "--document", "--line", "--project"}
"""What a row holds is looked for; it may be found nowhere."""
ARGUMENTS = {
    "ID": NO_FORM,
    "NAME": "none",
    "OTHER": NO_FORM,
    "RULES": "none",
    "WORDS…": "，",
    "YEAR": "twenty",
    "LINE": "none",
}
HANGS_ON = {("explain", "LINE")}
"""What cannot be judged while something else is wrong."""


def name_of(param: Any) -> str:  # noqa: ANN401 - a parameter of the library
    if param.param_type_name == "option":
        return str(param.opts[0])
    return str(param.metavar).split("\x1f")[-1]


def is_number(param: Any) -> bool:  # noqa: ANN401
    return getattr(param, "min", None) is not None


def numbers_of(name: str) -> list[Any]:
    return [one for one in COMMANDS[name].params if is_number(one)]


def heads(outcome: Outcome) -> list[list[str]]:
    """The code and the place of each problem; a place may be missing."""
    return [one.split() for one in outcome.err.splitlines() if not one.startswith(" ")]


def line_of(name: str) -> tuple[list[str], set[str]]:
    """A line of a command with a bad value wherever one can stand, and what must be named."""
    line, wanted = [name], set()
    for param in COMMANDS[name].params:
        said = name_of(param)
        if said in LOOKED_FOR or getattr(param, "is_flag", False) or said == "--help":
            continue
        if param.param_type_name == "argument":
            line.insert(1 if said == "ID" else len(line), ARGUMENTS[said])
        else:
            line += [said, BAD[said]]
        if (name, said) not in HANGS_ON:
            wanted.add(said.rstrip("…"))
    return line, wanted


@pytest.mark.parametrize("name", ASKING)
def test_every_bad_value_of_a_command_is_named_at_once(cli: Cli, name: str) -> None:
    line, wanted = line_of(name)
    if name in {"findings", "changes", "adjustments", "search"}:
        wanted.remove("--output")  # its name gives the format only where --format does not
    if name == "replay":
        wanted.add("--verify")  # --output goes with it only
    outcome = cli(*line, LIUHEN_LANG="en")
    assert (outcome.code, outcome.out) == (2 if numbers_of(name) else 1, "")
    assert {place for _, place in heads(outcome)} == wanted
    # What is wrong with the usage is said first, in the words that it has alone.
    codes = [code for code, _ in heads(outcome)]
    assert codes == sorted(codes, key=lambda code: code != "usage")
    assert codes.count("usage") == len(numbers_of(name))


@pytest.mark.parametrize("name", [name for name in ASKING if numbers_of(name)])
def test_every_number_that_is_none_is_named_at_once(cli: Cli, name: str) -> None:
    numbers = numbers_of(name)
    line = [name]
    for param in COMMANDS[name].params:
        if param in numbers:
            option = [name_of(param)] if param.param_type_name == "option" else []
            line += [*option, "twenty"]
        elif param.param_type_name == "argument" and param.required:
            line.append("x")
    outcome = cli(*line)
    assert (outcome.code, outcome.out) == (2, "")
    for param in numbers:
        assert f"usage  {name_of(param)}\n" in outcome.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["adjustments", "--least", "2", "--most", "1"], {"filter.empty-range --least"}),
        (
            ["adjustments", "--log", "410106", "--division", "130104", "--month", "2024-00"],
            {"filter.contradiction --division", "filter.no-month --month"},
        ),
        (
            ["adjustments", "--group-by", "unit", "--format", "csv"],
            {"filter.groups-alone --format"},
        ),
        (
            ["changes", "--from", "2024-03-02", "--until", "2024-03-01"],
            {"filter.empty-range --from"},
        ),
        (
            ["changes", "--evaluation", QIAOXI, "--log", "410106", "--year", "2023"],
            {"filter.contradiction --log", "filter.contradiction --year"},
        ),
        (
            ["year", "2024", "--grades", "--estimate", "--effective-on", "2024-12-31"],
            {"year.two-at-once --grades", "effective-on.no-meaning --effective-on"},
        ),
        (["findings", QIAOXI, "--log", "410106"], {"filter.contradiction --log"}),
        (["diff", QIAOXI, "--to", "#999999"], {"position.beyond-log --to"}),
        (["history", QIAOXI, "--line", "无此指标"], {"line.unknown --line"}),
        (["show", QIAOXI, "--as-of", "2001-01-01"], {"as-of.nothing-known --as-of"}),
        (["search", "预算", "--log", "1", "--in", "x"], {"log.unknown --log", "request.not-in-list --in"}),
    ],
)  # fmt: skip
def test_what_nothing_can_fit_is_refused_at_its_option(
    cli: Cli, line: list[str], said: set[str]
) -> None:
    outcome = cli(*line)
    assert (outcome.code, outcome.out) == (1, "")
    assert {" ".join(one) for one in heads(outcome)} == said


def test_a_unit_is_known_by_its_code_or_its_name_everywhere(cli: Cli) -> None:
    for command in ("adjustments", "changes", "findings"):
        key = "history" if command == "history" else command
        by_code, by_name = (
            cli(command, "--log", "130104", "--unit", unit, "--json").json[key]
            for unit in ("xfj", "信访")
        )
        assert by_code == by_name


# --------------------------------------------------- usage, told with all the rest of the line


@pytest.mark.parametrize(
    "name", [name for name in ASKING if any(one.required for one in COMMANDS[name].params)]
)
def test_what_is_missing_is_named_with_every_bad_value(cli: Cli, name: str) -> None:
    required = {name_of(one).rstrip("…") for one in COMMANDS[name].params if one.required}
    offered = {one for param in COMMANDS[name].params for one in param.opts}
    bad = {"--log": "log.unknown", "--as-of": "as-of.malformed", "--role": "request.not-in-list"}
    given = [one for one in bad if one in offered]
    outcome = cli(name, *(part for one in given for part in (one, BAD[one])))
    assert (outcome.code, outcome.out) == (2, "")
    wanted = {f"usage {one}" for one in required} | {f"{bad[one]} {one}" for one in given}
    assert {" ".join(one) for one in heads(outcome)} == wanted


@pytest.mark.parametrize(
    ("line", "said"),
    [
        # An option that there is not; what follows it is its value.
        (["changes", "--person", "x", "--role", "x"], ["usage", "request.not-in-list --role"]),
        (
            ["changes", "--person=x", "--rol", "FINANCE_REVIEWER", "--year", "1066"],
            ["usage", "usage", "usage --year"],
        ),
        (["list", "--jsn", "--year", "x", "--as-of"], ["usage", "usage", "usage --year"]),
        (["list", "--json=yes", "--as-of", "never"], ["usage", "as-of.malformed --as-of"]),
        (["list", "x", "--as-of", "never"], ["usage", "as-of.malformed --as-of"]),
        # A slip of a flag holds no value; of an option it does.
        (["show", "--jsn", NO_FORM], ["usage", "evaluation.unknown ID"]),
        (["show", "--asof", "2025-01-01", NO_FORM], ["usage", "evaluation.unknown ID"]),
        (["show", "--asof", "2025-01-01"], ["usage", "usage ID"]),
        # One like no other may hold an argument: nothing is said to be missing or too many.
        (["show", "--person", NO_FORM], ["usage"]),
        (["show", "--person", "x", NO_FORM], ["usage", "evaluation.unknown ID"]),
        (["year", "-5", "--log", "1"], ["usage", "usage YEAR", "log.unknown --log"]),
        # What hangs on the evaluation and the clocks, as soon as these can be told.
        (["explain", QIAOXI, "none", "--jsn"], ["usage", "line.unknown LINE"]),
        (["explain", QIAOXI, "none", "--jsn", "--as-of", "x"], ["usage", "as-of.malformed --as-of"]),
        (["explain", NO_FORM], ["usage LINE", "evaluation.unknown ID"]),
        (["show", QIAOXI, "x", "--as-of", "2001-01-01"], ["usage", "as-of.nothing-known --as-of"]),
        (["findings", QIAOXI, "--limit", "0", "--as-of", "2001-01-01"],
            ["usage --limit", "as-of.nothing-known --as-of"]),
        (["diff", "--to", "#999999"], ["usage ID"]),
        (["diff", QIAOXI, "--to", "#999999", "--jsn"], ["usage", "position.beyond-log --to"]),
        (["diff-rules", "none"], ["usage OTHER", "rule-set.unknown RULES"]),
        (["year", "1066", "--grades", "--estimate", "--log", "1"],
            ["usage YEAR", "year.two-at-once --grades", "log.unknown --log"]),
        (["replay", "--verify", "--rule-set", "none"],
            ["usage YEAR", "replay.two-at-once --verify", "rule-set.unknown --rule-set"]),
        # The language, and options that stand before the command.
        (["--lang", "fr", "list", "--year", "x"], ["usage --lang", "usage --year"]),
        (["--lagn", "en", "list", "--year", "x"], ["usage", "usage --year"]),
        (["--colour", "shw"], ["usage", "usage"]),
        (["--lang", "fr"], ["usage --lang"]),
        # The commands that do more than read.
        (["release", "130104", "130104/xfj/2024", "--jsn"], ["usage", "views.not-stopped UNIT-YEAR"]),
        (["retry", "130104", "--jsn", "x"], ["usage", "views.not-stopped UNIT-YEAR"]),
        (["generate", "--units", "0", "--seed", "x", "--jobs", "99"],
            ["usage --units", "usage --seed", "usage --jobs"]),
    ],
)  # fmt: skip
def test_wrong_usage_is_told_with_the_rest(cli: Cli, line: list[str], said: list[str]) -> None:
    outcome = cli(*line)
    assert (outcome.code, outcome.out) == (2, "")
    assert [" ".join(one) for one in heads(outcome)] == said


def test_an_import_with_wrong_usage_tells_what_is_wrong_with_its_files(
    cli: Cli, tmp_path: Path
) -> None:
    before = cli("list", "--json").out
    file = tmp_path / "form.yaml"
    file.write_text("division: {code: x}\n", "utf-8")
    alone, both = cli("import", str(file)), cli("import", str(file), "--jsn")
    assert (alone.code, both.code, both.out) == (1, 2, "")
    assert heads(both)[0] == ["usage"]
    assert heads(both)[1:] == heads(alone)
    sound = ROOT / "examples" / "documents" / "qiaoxi-2024.yaml"
    other = tmp_path / "qiaoxi.yaml"
    other.write_text(sound.read_text("utf-8").replace("130104", "130105"), "utf-8")
    assert heads(cli("import", str(other), "--jsn")) == [["usage"]]
    assert cli("list", "--json").out == before


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_whose_line_is_wrong_does_nothing(empty: Cli, name: str) -> None:
    outcome = empty(name, "--no-such-thing")
    assert (outcome.code, outcome.out) == (2, "")
    assert heads(outcome)[0] == ["usage"]
    assert not empty.data.exists()


def test_what_is_wrong_is_told_though_the_database_cannot_be_used(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("no folder", "utf-8")
    outcome = Cli(nowhere)("changes", "--role", "x", "--limit", "0", "--log", "130104")
    assert outcome.code == 2
    assert {" ".join(one) for one in heads(outcome)} == {
        "usage --limit", "request.not-in-list --role", "store.unavailable",
    }  # fmt: skip
    asked = Cli(nowhere)("changes", "--role", "x", "--log", "130104")
    assert (asked.code, {one[0] for one in heads(asked)}) == (
        1, {"request.not-in-list", "store.unavailable"},
    )  # fmt: skip
