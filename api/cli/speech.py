"""The command line speaks two languages: help, usage errors, and the option that chooses.

A text of the command line holds both languages (``both``); help is rendered in the one that was
asked for. ``--lang`` may stand anywhere on the line.
"""

import difflib
import os
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from typer.core import TyperCommand, TyperGroup

from api.output import Wrapped, put
from api.ranges import allowed
from domain.problems import Problem
from domain.values import Words

LANG_VARIABLE = "LIUHEN_LANG"
_SEPARATOR = "\x1f"
_ALIKE = 0.7
"""How alike the names of two options are when one is a slip of the other, 1 being the same."""

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
Context = typer.Context
UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""The root of usage errors; Typer has no public name for it."""


def both(zh: str, en: str) -> str:
    """A text of the command line in both languages."""
    return f"{zh}{_SEPARATOR}{en}"


def in_lang(text: str | None, lang: Lang) -> str:
    """The half of a text that is in ``lang``; a text without halves is whole in both."""
    zh, separator, en = (text or "").partition(_SEPARATOR)
    return en if separator and lang == "en" else zh


def take_lang(args: Sequence[str]) -> tuple[str | None, list[str]]:
    """The value of ``--lang`` (the last one counts) and the line without it.

    A missing value is left on the line, where it becomes a usage error.
    """
    found: str | None = None
    rest: list[str] = []
    waiting = iter(args)
    for arg in waiting:
        if arg == "--":
            rest += [arg, *waiting]
        elif arg.startswith("--lang="):
            found = arg.removeprefix("--lang=")
        elif arg == "--lang":
            value = next(waiting, None)
            if value is None:
                rest.append(arg)
            found = value or found
        else:
            rest.append(arg)
    return found, rest


def lang_of(wanted: str | None) -> Lang:
    """The language wanted on the line, else by the environment, else Chinese."""
    for one in (wanted, os.environ.get(LANG_VARIABLE)):
        if one and one.strip():
            return "en" if one.strip().lower().replace("_", "-").startswith("en") else "zh"
    return "zh"


class UsageErrors(Exception):
    """Several things that are wrong with the usage of a command."""

    def __init__(self, errors: Sequence[Exception]) -> None:
        """``errors`` in the order of the options; the first one names them."""
        super().__init__(str(errors[0]))
        self.errors = tuple(errors)


class Command(TyperCommand):
    """A command whose help comes in two languages, and whose wrong usage is told at once."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - the library's
        """Read the line; the library alone would stop at the first value that it cannot read."""
        unreadable = self._unreadable(ctx, list(args))
        if len(unreadable) > 1:
            raise UsageErrors(unreadable)
        return super().parse_args(ctx, args)

    def _unreadable(self, ctx: Any, args: list[str]) -> list[Exception]:  # noqa: ANN401
        try:
            given, rest, _ = self.make_parser(ctx).parse_args(args)
        except UsageError:
            return []  # an option that there is not: nothing beyond it can be told apart
        found: list[Exception] = []
        params = [one for one in self.get_params(ctx) if not one.is_eager]
        if any(given.get(one.name) for one in self.get_params(ctx) if one.is_eager):
            return []  # help is asked for
        for one in params:
            try:
                one.handle_parse_result(ctx, given, rest)
            except UsageError as error:
                found.append(error)
        return found

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - the library's
        """Print the help; the library's formatter has nothing to do."""
        show_help(ctx)


class Group(TyperGroup):
    """The commands together."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - the library's
        """Print the help; the library's formatter has nothing to do."""
        show_help(ctx)


def context_lang(ctx: Context) -> Lang:
    """The language of a command that is being parsed."""
    root = ctx.find_root()
    return "en" if getattr(root.obj, "lang", "zh") == "en" else "zh"


# ------------------------------------------------------------------------------------------ help


def show_help(ctx: Context) -> None:
    """The help of a command: usage, what it does, arguments, options, commands."""
    lang = context_lang(ctx)
    command: Any = ctx.command

    def say(zh: str, en: str) -> str:
        return en if lang == "en" else zh

    params = [one for one in command.get_params(ctx) if not getattr(one, "hidden", False)]
    arguments = [one for one in params if one.param_type_name == "argument"]
    options = [one for one in params if one.param_type_name == "option"]
    usage = [ctx.command_path, say("[选项]", "[OPTIONS]")]
    usage += [_argument_name(one, lang) for one in arguments]
    commands = getattr(command, "commands", None)
    if commands:
        usage += [say("命令 [参数]…", "COMMAND [ARGS]…")]
    put(Wrapped(Text.assemble((say("用法：", "Usage: "), "bold"), " ".join(usage))))
    put(Text())
    for paragraph in in_lang(command.help, lang).split("\n\n"):
        put(Padding(Wrapped(Text(paragraph)), (0, 0, 1, 2)))
    _section(say("参数", "Arguments"), (_argument_row(one, lang) for one in arguments))
    _section(say("选项", "Options"), (_option_row(one, lang) for one in options))
    if ctx.parent is not None:
        root = ctx.find_root()
        shared: Any = root.command
        row = next(one for one in shared.get_params(root) if one.name == "lang")
        _section(say("通用选项", "Everywhere"), [_option_row(row, lang)])
    if commands:
        rows = [
            (name, in_lang(one.help, lang).split("\n\n")[0])
            for name, one in commands.items()
            if not one.hidden
        ]
        _section(say("命令", "Commands"), rows)


def _section(title: str, rows: Iterable[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="cyan", no_wrap=True, max_width=34)
    grid.add_column(ratio=1)
    for name, text in rows:
        grid.add_row(Text(name), Wrapped(Text(text)))
    if grid.row_count:
        put(Text(title, style="bold"))
        put(Padding(grid, (0, 0, 1, 2)))


def _argument_name(param: Any, lang: Lang) -> str:  # noqa: ANN401 - a parameter of the library
    name = in_lang(param.metavar, lang) or str(param.name).upper()
    return name if param.required else f"[{name}]"


def _argument_row(param: Any, lang: Lang) -> tuple[str, str]:  # noqa: ANN401
    return _argument_name(param, lang), in_lang(param.help, lang)


def _option_row(param: Any, lang: Lang) -> tuple[str, str]:  # noqa: ANN401
    names = ", ".join([*param.opts, *param.secondary_opts])
    if param.name == "help":
        return names, "Show this help." if lang == "en" else "显示本说明。"
    metavar = in_lang(param.metavar, lang)
    shown = f"{names} {metavar}" if metavar else names
    remarks = []
    default = param.default
    if default is not None and not isinstance(default, bool | list | tuple) and param.show_default:
        remarks.append(f"default: {default}" if lang == "en" else f"默认：{default}")
    if param.envvar:
        remarks.append(
            f"environment: {param.envvar}" if lang == "en" else f"环境变量：{param.envvar}"
        )
    text = in_lang(param.help, lang)
    if remarks:
        text += f" [{'; '.join(remarks)}]" if lang == "en" else f"（{'；'.join(remarks)}）"
    return shown, text


# ---------------------------------------------------------------------------------- usage errors


def usage_problems(error: Exception) -> list[Problem]:
    """Everything that is wrong with the usage of a command, in both languages."""
    several = error.errors if isinstance(error, UsageErrors) else (error,)
    return [_usage_problem(one) for one in several]


def _usage_problem(error: Any) -> Problem:  # noqa: ANN401 - an error of the library
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
    return Problem("usage", 400, called, Words(zh, en), Words(f"见 `{path}`", f"see `{path}`"))


def _near(wanted: str, known: Iterable[str]) -> list[str]:
    """The options that ``wanted`` may be a slip of; the dashes, which all share, say nothing."""
    names = {one.lstrip("-"): one for one in known}
    found = difflib.get_close_matches(wanted.lstrip("-"), names, cutoff=_ALIKE)
    return [names[one] for one in found]


def _param_name(param: Any, lang: Lang) -> str:  # noqa: ANN401 - a parameter of the library
    if param.param_type_name == "option":
        return str(param.opts[0])
    return (in_lang(param.metavar, lang) or str(param.name).upper()).rstrip("…")
