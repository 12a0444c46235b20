"""The command line speaks two languages: help, and the option that chooses.

A text of the command line holds both languages (``both``); help is rendered in the one that was
asked for. ``--lang`` may stand anywhere on the line.
"""

import os
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.output import Wrapped, put

LANG_VARIABLE = "LIUHEN_LANG"
_SEPARATOR = "\x1f"

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
Context = typer.Context


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
