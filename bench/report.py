"""All rows of a run with what they ran on: kept as JSON, shown as tables, written into the README."""

import os
import platform
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import psutil
from msgspec import Struct

from bench.rows import Figure, Row, Size
from bench.table import amount
from domain.values import Words

ROOT = Path(__file__).resolve().parent.parent
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}
PLACES = ("bench", "province")
"""The places of tables in a README: each stands between two marks with its name."""


class Report(Struct, frozen=True, kw_only=True):
    """One run: the command that made it, what it ran on, and its rows."""

    command: str
    size: Size
    ran_on: tuple[str, ...]
    rows: tuple[Row, ...]


def ran_on(servers: Sequence[str]) -> tuple[str, ...]:
    """Cores, memory, and the version of everything that was measured; nothing names the machine."""
    memory = psutil.virtual_memory().total / 2**30
    found = [
        f"{os.cpu_count()} × {platform.machine()}, {memory:.0f} GiB, {platform.system()}",
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version} (WAL, synchronous=FULL)",
        *servers,
        *(f"{name} {version(name)}" for name in ("SQLAlchemy", "psycopg", "msgspec", "orjson")),
    ]
    node = shutil.which("node")
    if node is not None:
        told = subprocess.run([node, "--version"], check=False, capture_output=True, text=True)
        found.append(f"Node {told.stdout.strip()}")
    return tuple(found)


def markdown(report: Report, lang: str) -> str:
    """The table of a README: one line for each row, and under it who did the same work."""
    command, against = _SAYS["command"].in_(lang), _SAYS["against"].in_(lang)
    lines = [
        f"`{report.command}`{command}{' · '.join(report.ran_on)}{_SAYS['stop'].in_(lang)}{against}",
        "",
        "| " + " | ".join(_SAYS[name].in_(lang) for name in _COLUMNS) + " |",
        "|---|---|---|---|---|---|",
    ]
    for row in report.rows:
        lines.append(_line(row, row.ours, lang, first=True))
        lines += [_line(row, one, lang, first=False) for one in row.beside]
    return "\n".join(lines)


def write_readmes(report: Report, place: str = PLACES[0]) -> None:
    """Put the table at a place of both READMEs. Raises ``ValueError`` where there is none."""
    begin, end = (f"<!-- {place}: {mark} -->" for mark in ("begin", "end"))
    between = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    for lang, path in READMES.items():
        text = path.read_text("utf-8")
        if len(between.findall(text)) != 1:
            msg = f"{path.name} has no place for the table: {begin} … {end}"
            raise ValueError(msg)
        table = f"{begin}\n{markdown(report, lang)}\n{end}"
        before, after = between.split(text)
        path.write_text(before + table + after, "utf-8")


def _line(row: Row, figure: Figure, lang: str, *, first: bool) -> str:
    work = limit = aims = ""
    if first:
        work = f"{_DATABASES[row.database]}: {row.work.in_(lang)}"
        limit = f"{amount(row.limit.middle, row.unit)}<br>{row.limit.name.in_(lang)}"
        if row.note is not None:
            work += f"<br>{row.note.in_(lang)}"
        if row.reach is not None:
            stretch = "" if row.stretch is None else f" ({row.stretch:g})"
            aims = f"{row.reach:g}{stretch}"
    name = figure.name.in_(lang)
    if figure.why is not None:
        return f"| {work} | {limit} | {name} | {figure.why.in_(lang)} | – | {aims} |"
    ratio = row.ratio(figure)
    middle = f"**{ratio.middle:.2f}**" if first else f"{ratio.middle:.2f}"
    found = f"{middle} ({ratio.low:.2f}–{ratio.high:.2f})"
    return f"| {work} | {limit} | {name} | {amount(figure.middle, row.unit)} | {found} | {aims} |"


_COLUMNS = ("work", "limit", "who", "figure", "ratio", "aims")
_SAYS = {
    # One command or several, parted by a semicolon.
    "command": Words("，每条命令一次运行，机器是：", ", each command in one run, on: "),
    "stop": Words("。", ". "),
    "against": Words(
        "比值为 1 表示与裸数据库操作一样快，大于 1 更快；各方逐轮交替，取各轮比值的中位数，括号内为最小与最大。"
        "µs 按每条事实计。",
        "A ratio of 1 is as fast as the raw limit, more is faster; all take turns, the middle one of "
        "the rounds' ratios counts, least and greatest are in brackets. µs are for one fact.",
    ),
    "work": Words("工作", "work"),
    "limit": Words("裸上限", "raw limit"),
    "who": Words("谁", "who"),
    "figure": Words("数值", "figure"),
    "ratio": Words("比值", "ratio"),
    "aims": Words("须达到（力争）", "to reach (stretch)"),
}
_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
