"""``liuhen rebuild``: the views filled anew beside those that serve, compared, and exchanged."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Annotated, Any

import typer

from api.bootstrap import Liuhen
from api.cli.health import stand_still
from api.cli.options import AsJson
from api.cli.progress import told
from api.cli.session import session_of
from api.cli.speech import both
from api.logging import logger
from api.output import Output, as_builtins, text, word, write_json
from api.settling import settled
from domain.problems import Rejected, kind
from projections.runner import Difference, Rebuilt
from projections.tracking import Stopped

DRIFTED = kind(
    "views.drifted",
    409,
    zh="同一版本的视图与事实有 {count} 处不一致，未切换",
    en="views of one version differ from the facts in {count} places; they were not exchanged",
    do_zh="先查明原因；再运行 liuhen rebuild --accept-differences 以新视图为准，或 --cancel 放弃",
    do_en="find out why; then liuhen rebuild --accept-differences takes the new views, "
    "--cancel drops them",
)


def _flag(name: str, zh: str, en: str) -> Any:  # noqa: ANN401 - as the library has it
    return typer.Option(name, help=both(zh, en))


def rebuild(
    ctx: typer.Context,
    *,
    alongside: Annotated[
        bool,
        _flag(
            "--alongside",
            "在现用视图旁边重建，期间照常服务（本来如此，写明亦可）。",
            "Fill beside the views that serve (always so; may be said).",
        ),
    ] = True,
    no_switch: Annotated[
        bool,
        _flag("--no-switch", "只比较，不切换。", "Only compare; do not exchange the views."),
    ] = False,
    accept: Annotated[
        bool,
        _flag(
            "--accept-differences",
            "同一版本之间有差异时也切换。",
            "Exchange the views although those of one version differ.",
        ),
    ] = False,
    cancel: Annotated[
        bool,
        _flag("--cancel", "放弃未完成的重建，不留痕迹。", "Drop an unfinished rebuild."),
    ] = False,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            min=1,
            max=64,
            metavar=both("个数", "N"),
            help=both("同时填充的进程数。", "How many processes fill at once."),
        ),
    ] = 1,
    as_json: AsJson = False,
) -> None:
    """Fill the views anew beside those that serve, compare, and exchange them."""
    del alongside
    session = session_of(ctx)
    out = session.output()
    with session.mender() as liuhen:
        liuhen.make_ready(views=False)
        if cancel:
            _cancel(out, liuhen, as_json=as_json)
            return
        with _spooled() as (differences, found), told(out, quiet=as_json) as report:
            try:
                with settled():
                    outcome = liuhen.rebuild(
                        jobs=jobs, switch=not no_switch, accept=accept, report=report, found=found
                    )
            except KeyboardInterrupt:
                _interrupted(out)
                raise
            stopped = liuhen.runner.stopped()
            logger().info(
                "rebuilt",
                generation=outcome.generation,
                differences=outcome.differences,
                switched=outcome.switched,
            )
            if as_json:
                _write(outcome, stopped, differences)
        if not as_json:
            _say(out, outcome)
            stand_still(out, stopped)
        if outcome.drift and not no_switch and not accept:
            raise Rejected([DRIFTED.at(count=outcome.differences)])
        if outcome.drift and no_switch:
            raise typer.Exit(1)


def _cancel(out: Output, liuhen: Liuhen, *, as_json: bool) -> None:
    cancelled = liuhen.views.cancel()
    if as_json:
        write_json({"cancelled": None if cancelled is None else cancelled.number})
    elif cancelled is None:
        out.line(out.words("没有未完成的重建。", "There is no unfinished rebuild."))
    else:
        out.line(
            out.words(
                f"已放弃第 {cancelled.number} 代视图，现用视图不受影响。",
                f"Generation {cancelled.number} of the views was dropped; those that serve go on.",
            )
        )


def _interrupted(out: Output) -> None:
    out.line(
        out.words(
            "已中断，现用视图照常服务。再次运行 liuhen rebuild 从中断处继续，--cancel 放弃。",
            "Interrupted; the views go on serving. liuhen rebuild goes on from here, --cancel drops "
            "what was filled.",
        )
    )


@contextmanager
def _spooled() -> Iterator[tuple[IO[str], Any]]:
    """Differences as lines of JSON: in memory while they are few, in a file when they are not."""
    with tempfile.SpooledTemporaryFile(max_size=1 << 20, mode="w+", encoding="utf-8") as spool:

        def found(one: Difference) -> None:
            spool.write(json.dumps(as_builtins(one), ensure_ascii=False) + "\n")

        yield spool, found


def _write(outcome: Rebuilt, stopped: list[Stopped], differences: IO[str]) -> None:
    """One JSON object; the differences are copied one by one."""
    fields = as_builtins(outcome)
    count = fields.pop("differences")
    del fields["shown"]
    head = json.dumps(
        {**fields, "difference_count": count, "stopped": as_builtins(stopped)},
        ensure_ascii=False,
        indent=2,
    )
    sys.stdout.write(head[: head.rindex("\n")] + ',\n  "differences": [')
    differences.seek(0)
    for nth, line in enumerate(differences):
        sys.stdout.write(("," if nth else "") + "\n    " + line.rstrip("\n"))
    sys.stdout.write(("\n  " if count else "") + "]\n}\n")


def _say(out: Output, outcome: Rebuilt) -> None:
    logs = len(outcome.positions)
    facts = sum(outcome.positions.values())
    rate = round(outcome.facts / outcome.seconds) if outcome.seconds else 0
    out.line(
        out.words(
            f"已从 {logs} 个日志重建第 {outcome.generation} 代视图：本次 {outcome.facts} 条事实，"
            f"每秒 {rate} 条。",
            f"Generation {outcome.generation} of the views was rebuilt from {logs} logs: "
            f"{outcome.facts} facts this time, {rate} per second.",
        )
    )
    if outcome.differences == 0:
        out.line(
            out.words(
                f"与现用的第 {outcome.former} 代逐行比较，截至 {facts} 条事实：没有差异。",
                f"Compared row by row with generation {outcome.former} at {facts} facts: "
                "no difference.",
            )
        )
    else:
        out.line(
            out.words(
                f"与现用的第 {outcome.former} 代相比有 {outcome.differences} 处差异：",
                f"{outcome.differences} differences from generation {outcome.former}:",
            )
        )
        out.table(
            [
                word("表", "table"),
                text("行", "row", ratio=3),
                word("列", "column"),
                text("原", "old", ratio=3),
                text("新", "new", ratio=3),
            ],
            [_row(out, one) for one in outcome.shown],
        )
        more = outcome.differences - len(outcome.shown)
        if more > 0:
            out.line(
                out.words(f"另有 {more} 处，--json 全部列出。", f"{more} more; --json lists all."),
                style="dim",
            )
    if outcome.switched:
        out.line(
            out.words(
                f"已切换到第 {outcome.generation} 代。",
                f"Generation {outcome.generation} serves now.",
            )
        )
    else:
        out.line(
            out.words(
                "未切换。再次运行 liuhen rebuild 可切换，--cancel 放弃。",
                "Nothing was exchanged. liuhen rebuild exchanges them, --cancel drops the new ones.",
            )
        )


def _row(out: Output, one: Difference) -> list[str]:
    absent = out.words("（无）", "(none)")
    key = "/".join(str(value) for value in one.key.values()) or (one.log_id or "")
    return [
        one.table,
        key,
        one.column or out.words("整行", "row") if one.key else (one.column or ""),
        *(absent if value is None else _short(value) for value in (one.old, one.new)),
    ]


def _short(value: object) -> str:
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


_LONGEST = 160
