"""A line is looked at whole: each bad value is named at the option that holds it, all at once."""

from typing import Any

import pytest

from tests.cli.support import QIAOXI, Cli
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
}
LOOKED_FOR = {"--actor", "--code", "--document", "--line", "--project"}
"""What a row holds is looked for; it may be found nowhere."""
ARGUMENTS = {
    "ID": NO_FORM,
    "NAME": "none",
    "OTHER": NO_FORM,
    "RULES": "none",
    "WORDS…": "，",
    "YEAR": "2024",
    "LINE": "none",
}
HANGS_ON = {("explain", "LINE"), ("replay", "YEAR"), ("year", "YEAR")}
"""What is sound, or cannot be judged while something else is wrong."""


def name_of(param: Any) -> str:  # noqa: ANN401 - a parameter of the library
    if param.param_type_name == "option":
        return str(param.opts[0])
    return str(param.metavar).split("\x1f")[-1]


def is_number(param: Any) -> bool:  # noqa: ANN401
    return getattr(param, "min", None) is not None


def line_of(name: str) -> tuple[list[str], set[str]]:
    """A line of a command with a bad value wherever one can stand, and what must be named."""
    line, wanted = [name], set()
    for param in COMMANDS[name].params:
        said = name_of(param)
        if said in LOOKED_FOR or getattr(param, "is_flag", False) or said == "--help":
            continue
        if param.param_type_name == "argument":
            line.insert(1 if said == "ID" else len(line), ARGUMENTS[said])
        elif is_number(param):
            continue
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
    assert (outcome.code, outcome.out) == (1, "")
    heads = [one.split() for one in outcome.err.splitlines() if not one.startswith(" ")]
    assert {place for _, place in heads} == wanted


@pytest.mark.parametrize(
    "name", [name for name in ASKING if any(map(is_number, COMMANDS[name].params))]
)
def test_every_number_that_is_none_is_named_at_once(cli: Cli, name: str) -> None:
    numbers = [one for one in COMMANDS[name].params if is_number(one)]
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
    heads = [one.split() for one in outcome.err.splitlines() if not one.startswith(" ")]
    assert {" ".join(one) for one in heads} == said


def test_a_unit_is_known_by_its_code_or_its_name_everywhere(cli: Cli) -> None:
    for command in ("adjustments", "changes", "findings"):
        key = "history" if command == "history" else command
        by_code, by_name = (
            cli(command, "--log", "130104", "--unit", unit, "--json").json[key]
            for unit in ("xfj", "信访")
        )
        assert by_code == by_name
