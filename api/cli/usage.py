"""A line is read as far as it can be read: what is wrong with its usage is noted, and told together
with what the command finds wrong with the rest.

A command runs on a line that is wrong, so that it can look at it; what was missing or could not be
read it has as None. It never answers: ``Session`` refuses whatever opens the program.
"""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from api.cli.speech import LANGS, Lang, in_lang, show_help
from api.ranges import allowed
from domain.problems import Problem
from domain.values import Words

USAGE = "usage"
"""The code of whatever is wrong with the usage of a command."""
UsageError: Any = typer.BadParameter.__mro__[1]
"""The root of usage errors; Typer has no public name for it."""
_NOTED = "liuhen.usage"
_ALIKE = 0.7
"""How alike the names of two options are when one is a slip of the other, 1 being the same."""


def noted(ctx: Any) -> list[Problem]:  # noqa: ANN401 - a context of the library
    """What was found wrong with the usage so far, in the order of the options."""
    found: list[Problem] = ctx.meta.setdefault(_NOTED, [])
    return found


class Command(TyperCommand):
    """A command whose help comes in two languages, and whose line is read whole."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - the library's
        """Read the line; the library would stop at the first thing that is wrong with it."""
        rest = read(self, ctx, args)
        ctx.args = rest
        return rest

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - the library's
        """Print the help; the library's formatter has nothing to do."""
        show_help(ctx)


class Group(TyperGroup):
    """The commands together."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - the library's
        """Read the line up to the command; what was read is not left for the library."""
        return super().parse_args(ctx, read(self, ctx, args))

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - the library's
        """Print the help; the library's formatter has nothing to do."""
        show_help(ctx)


class _Parsed(NamedTuple):
    """A line taken apart: values by parameter, and what is left over.

    ``unsure`` is whether an option that there is not, and that is like no other, may hold one of
    the arguments: then nothing is missing, and nothing too many, for all one can tell.
    """

    given: dict[str, Any]
    rest: list[str]
    unsure: bool


def read(command: Any, ctx: Any, args: Sequence[str]) -> list[str]:  # noqa: ANN401 - the library's
    """Read a line into ``ctx`` and note everything that is wrong with it; the library would stop at
    the first thing. Gives what is left over, which is what a group of commands goes on with.
    """
    wrong = noted(ctx)
    parsed = _taken_apart(command, ctx, list(args), wrong)
    # --help and --version answer and leave, whatever else stands on the line.
    for one in sorted(command.get_params(ctx), key=lambda param: not param.is_eager):
        try:
            one.handle_parse_result(ctx, parsed.given, parsed.rest)
        except UsageError as error:
            ctx.params[one.name] = None
            if not (parsed.unsure and _is_missing_argument(one, error)):
                wrong.append(usage_problem(error))
    if parsed.rest and not ctx.allow_extra_args and not parsed.unsure:
        extra = " ".join(parsed.rest)
        wrong.append(
            usage_problem(UsageError(f"Got unexpected extra argument(s) ({extra})", ctx=ctx))
        )
    return parsed.rest


def _is_missing_argument(param: Any, error: Exception) -> bool:  # noqa: ANN401 - the library's
    return param.param_type_name == "argument" and type(error).__name__ == "MissingParameter"


def _taken_apart(command: Any, ctx: Any, args: list[str], wrong: list[Problem]) -> _Parsed:  # noqa: ANN401
    """Take a line apart without the options that cannot be taken, which are noted."""
    unsure = False
    while True:
        try:
            given, rest, _ = command.make_parser(ctx).parse_args(list(args))
        except UsageError as error:
            wrong.append(usage_problem(error))
            at = _where(args, error)
            value = args[at + 1 : at + 2]
            if type(error).__name__ != "NoSuchOption" or "=" in args[at] or not _is_plain(value):
                del args[at]
                continue
            meant = _meant(command, ctx, error)
            if meant is not None:
                holds = not meant.is_flag
            else:
                holds = not ctx.allow_extra_args  # what follows may be a command
                unsure = unsure or holds
            del args[at : at + 2 if holds else at + 1]
        else:
            return _Parsed(given, rest, unsure)


def _where(args: Sequence[str], error: Any) -> int:  # noqa: ANN401 - an error of the library
    """Which part of a line is the option that cannot be taken."""
    name = error.option_name
    found = [
        at
        for at, one in enumerate(args)
        if one.partition("=")[0] == name or (not name.startswith("--") and one.startswith(name))
    ]
    # One that lacks its value is the last on the line; the same before it may have its own.
    return found[0] if type(error).__name__ == "NoSuchOption" else found[-1]


def _is_plain(value: Sequence[str]) -> bool:
    return bool(value) and not value[0].startswith("-")


def _meant(command: Any, ctx: Any, error: Any) -> Any | None:  # noqa: ANN401 - as above
    """The option that one is a slip of; None when it is like no other."""
    near = _near(error.option_name, error.possibilities or ())
    params = command.get_params(ctx)
    return next((one for one in params if near and near[0] in one.opts), None)


def usage_problem(error: Any) -> Problem:  # noqa: ANN401 - an error of the library
    """What is wrong with the usage of a command, in both languages."""
    en = error.format_message()
    name = type(error).__name__
    param = getattr(error, "param", None)
    what, called = (_param_name(param, one) if param is not None else "" for one in LANGS)
    zh = en
    if name == "NoSuchOption":
        zh, en = f"没有选项 {error.option_name}", f"there is no option {error.option_name}"
        if near := _near(error.option_name, error.possibilities or ()):
            zh, en = f"{zh}；相近的有 {'、'.join(near)}", f"{en}; near it: {', '.join(near)}"
    elif name == "MissingParameter":
        zh, en = f"缺少 {what}", f"{called} is missing"
    elif name == "BadParameter":
        if "valid integer" in error.message:
            zh, en = f"{what}：须是整数", f"{called}: must be a whole number"
        elif "equal to" in error.message:
            must = allowed(error.param.min, error.param.max)
            zh, en = f"{what}：超出范围，{must.zh}", f"{called}: out of range: {must.en}"
        else:
            zh = f"{what}：{in_lang(error.message, 'zh')}"
            en = f"{called}: {in_lang(error.message, 'en')}"
    elif name == "BadOptionUsage":
        zh = f"选项 {error.option_name} 的写法不对（{en}）"
    elif "command" in en:
        zh = f"没有这个命令（{en}）"
    elif "extra argument" in en:
        zh = f"多余的参数（{en}）"
    ctx = getattr(error, "ctx", None)
    path = f"{ctx.command_path} --help" if ctx is not None else "liuhen --help"
    return Problem(USAGE, 400, called, Words(zh, en), Words(f"见 `{path}`", f"see `{path}`"))


def _near(wanted: str, known: Iterable[str]) -> list[str]:
    """The options that ``wanted`` may be a slip of; the dashes, which all share, say nothing."""
    names = {one.lstrip("-"): one for one in known}
    found = difflib.get_close_matches(wanted.lstrip("-"), names, cutoff=_ALIKE)
    return [names[one] for one in found]


def _param_name(param: Any, lang: Lang) -> str:  # noqa: ANN401 - a parameter of the library
    if param.param_type_name == "option":
        return str(param.opts[0])
    return (in_lang(param.metavar, lang) or str(param.name).upper()).rstrip("…")
