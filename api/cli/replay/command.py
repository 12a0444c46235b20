"""``liuhen replay``: a year step by step, verified, or under other rules."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.

from pathlib import Path
from typing import Annotated

import typer

from api import differing, filing, replaying
from api.cli.naming import choose
from api.cli.options import AsJson, AsOf, EffectiveOn, Log
from api.cli.reader import Reader
from api.cli.replay import verifying
from api.cli.replay.other_rules import show_under
from api.cli.replay.steps import show_steps
from api.cli.session import if_given, session_of
from api.cli.speech import both
from domain.problems import kind
from domain.values import Words
from projections import replay as r

TWO_REPLAYS = kind(
    "replay.two-at-once",
    422,
    zh="--verify、--rule-set 只能写一个，--output 只随 --verify",
    en="give --verify or --rule-set, not both; --output goes with --verify only",
    do_zh="分两次运行",
    do_en="run them one after the other",
)
VERIFIED_NOW = kind(
    "replay.verified-now",
    422,
    zh="--verify 核验现在存储的一切，不问过去的时点",
    en="--verify checks everything that is stored now, and no moment of the past",
    do_zh="去掉 --as-of；要看当时的情况，去掉 --verify",
    do_en="leave out --as-of; for how it stood then leave out --verify",
)


def replay(
    ctx: typer.Context,
    year: Annotated[
        int,
        typer.Argument(
            metavar=both("年度", "YEAR"),
            help=both("财政年度。", "Fiscal year."),
            min=1900,
            max=2099,
        ),
    ],
    *,
    log: Log = None,
    step: Annotated[
        str,
        typer.Option(
            "--step",
            metavar="fact|day|month",
            help=both("每步多远：逐条、逐日、逐月。", "How far each step goes."),
        ),
    ] = "day",
    check: Annotated[
        bool,
        typer.Option(
            "--verify",
            help=both(
                "核验：重算每个存储的得分，逐行逐列比较每个视图；有差异时退出码为 1。",
                "Work out every stored score again and compare every view with a rebuild; the exit "
                "status is 1 where anything differs.",
            ),
        ),
    ] = False,
    rule_set: Annotated[
        str | None,
        typer.Option(
            "--rule-set",
            metavar=both("规则集", "RULES"),
            help=both(
                "若按另一规则集（名称或 名称@版本）计分会如何：谁多谁少，哪些行没有规则；什么也不写。",
                "What it would be under other rules (name or name@version): who gains and loses, "
                "which lines they do not cover. Nothing is written.",
            ),
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar=both("文件", "FILE"),
            help=both(
                "把核验写成可归档的文档：.json、.md 或 .html。",
                "File the verification as a document: .json, .md or .html.",
            ),
        ),
    ] = None,
    as_of: AsOf = None,
    effective_on: EffectiveOn = None,
    as_json: AsJson = False,
) -> int:
    """Replay a year."""
    session = session_of(ctx)
    asked = session.gathered()
    if check and as_of is not None:
        asked.problems.append(VERIFIED_NOW.at("--as-of"))
    if (check and rule_set is not None) or (output is not None and not check):
        asked.problems.append(TWO_REPLAYS.at("--verify"))
    if output is not None:
        asked.take(lambda: filing.require_ending(output))
    stride = asked.take(lambda: choose(r.Stride, step, "--step")) or r.Stride.DAY

    def named(reader: Reader) -> None:
        if rule_set is not None:
            differing.rule_set_named(reader.liuhen, rule_set, "--rule-set")

    looks = (if_given(lambda one: one.scope(log=log), log), if_given(named, rule_set))
    with session.open(as_of, effective_on, asked, *looks, recorded=_RECORDED) as reader:
        upto = replaying.logs_of(reader.liuhen, log, reader.moment)
        if check:
            return verifying.check(reader, year, upto, output, as_json=as_json)
        if rule_set is not None:
            show_under(reader, year, upto, rule_set, as_json=as_json)
        else:
            show_steps(reader, year, upto, stride, as_json=as_json)
        return 0


_RECORDED = Words("回放", "replays")
