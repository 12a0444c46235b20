"""``liuhen generate``: a made-up year of many counties, to measure with and to try things on."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from api.cli.options import AsJson
from api.cli.session import session_of
from api.cli.speech import both
from api.generating import running
from api.generating.plan import DIVISIONS, LARGE, PAYMENTS, Plan
from api.logging import logger
from api.output import Output, console_on, write_json

_WHOLE = 1000
_MOST_UNITS, _MOST_PAYMENTS, _MOST_JOBS = 999, 200_000, 64

Counties = Annotated[
    int,
    typer.Option(
        "--counties",
        metavar=both("个数", "N"),
        min=1,
        max=len(DIVISIONS),
        help=both("县区数，每个县区一个日志。", "How many counties; each has a log of its own."),
    ),
]
Units = Annotated[
    int,
    typer.Option(
        "--units",
        metavar=both("个数", "N"),
        min=1,
        max=_MOST_UNITS,
        help=both(
            "每个县区的单位数。每个单位约 135 条事实：100 个县区、每县区 300 个单位约 400 万条，即一省一年。",
            "Units of each county. A unit has about 135 facts: 100 counties of 300 units give about "
            "4 million, a province and year.",
        ),
    ),
]
Year = Annotated[
    int,
    typer.Option(
        "--year",
        metavar=both("年度", "YEAR"),
        min=1990,
        max=2090,
        help=both("财政年度。", "Fiscal year."),
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed",
        metavar=both("数", "S"),
        help=both(
            "随机种子：参数相同，生成的事实逐字节相同。",
            "Seed: the same arguments give the same facts, byte for byte.",
        ),
    ),
]
Payments = Annotated[
    int,
    typer.Option(
        "--payments",
        metavar=both("笔数", "N"),
        min=12,
        max=_MOST_PAYMENTS,
        help=both("每个单位的支付笔数。", "Payments of each unit."),
    ),
]
Large = Annotated[
    int,
    typer.Option(
        "--large",
        metavar=both("笔数", "N"),
        min=0,
        max=_MOST_PAYMENTS,
        help=both(
            "第一个县区第一个单位的支付笔数；0 则与其他单位相同。",
            "Payments of the first unit of the first county; 0: as many as the others.",
        ),
    ),
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs",
        metavar=both("个数", "N"),
        min=1,
        max=_MOST_JOBS,
        help=both(
            "同时生成几个县区，各用一个进程；结果与进程数无关。SQLite 一次只有一个写入者。",
            "Counties made at the same time, each by a process; the facts do not depend on it. "
            "SQLite has one writer at a time.",
        ),
    ),
]
IntoUsed = Annotated[
    bool,
    typer.Option(
        "--into-used",
        help=both(
            "库中已有其他日志时也写入。生成的事实从不写入有真实事实的日志。",
            "Write although the store holds other logs. Generated facts never go into a log of "
            "real ones.",
        ),
    ),
]


def generate(
    ctx: typer.Context,
    *,
    counties: Counties = 1,
    units: Units = 30,
    year: Year = 2024,
    seed: Seed = 1,
    payments: Payments = PAYMENTS,
    large: Large = LARGE,
    jobs: Jobs = 1,
    into_used: IntoUsed = False,
    as_json: AsJson = False,
) -> None:
    """Fill the store with a made-up year."""
    session = session_of(ctx)
    out = session.output()
    plan = Plan(
        counties=counties, units=units, year=year, seed=seed, payments=payments, large=large
    )
    with session.program() as liuhen, _progress(out, plan, as_json=as_json) as progress:
        done = running.generate(liuhen, plan, progress=progress, jobs=jobs, into_used=into_used)
    logger().info("generated", logs=done.logs, facts=done.facts, before=done.before)
    if as_json:
        write_json(done)
        return
    before = out.words(f"（此前已有 {done.before} 条）", f" ({done.before} were there before)")
    out.line(
        out.words(
            f"{done.logs} 个日志、{done.streams} 个流、{done.facts} 条事实"
            f"{before if done.before else ''}；{done.seconds} 秒，每秒 {done.facts_per_second} 条。",
            f"{done.logs} logs, {done.streams} streams, {done.facts} facts"
            f"{before if done.before else ''}; {done.seconds} s, {done.facts_per_second} per second.",
        )
    )


@contextmanager
def _progress(out: Output, plan: Plan, *, as_json: bool) -> Iterator[running.Progress]:
    """A bar on a terminal, else a line for each county; to standard error, beside the answer."""
    parts: dict[str, int] = {}
    facts: dict[str, int] = {}
    console = console_on(sys.stderr)
    if not console.is_terminal:

        def line(log_id: str, part: int, count: int) -> None:
            # A county is told of once, when it is complete.
            if part == _WHOLE and parts.get(log_id) != _WHOLE and not as_json:
                parts[log_id] = part
                said = out.words(f"{log_id}：{count} 条事实", f"{log_id}: {count} facts")
                console.print(f"[{len(parts)}/{plan.counties}] {said}")

        yield line
        return
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[facts]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as bar:
        task = bar.add_task(out.words("生成", "generating"), total=plan.counties * _WHOLE, facts="")

        def show(log_id: str, part: int, count: int) -> None:
            parts[log_id], facts[log_id] = part, count
            said = out.words(f"{sum(facts.values())} 条事实", f"{sum(facts.values())} facts")
            bar.update(task, completed=sum(parts.values()), facts=said)

        yield show
