"""The commands that mend the views and say how they are: rebuild, health, retry, release."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Annotated, Any

import msgspec
import typer

from api.bootstrap import Liuhen
from api.cli.options import AsJson
from api.cli.progress import told
from api.cli.session import session_of
from api.cli.speech import both
from api.logging import logger
from api.output import Output, as_builtins, number, text, word, write_json
from domain.ids import UnitYear, unit_year_of
from domain.problems import Rejected, kind
from projections.runner import Difference, Health, Rebuilt
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
NOT_SWITCHED = kind(
    "views.not-switched",
    409,
    zh="新视图已被另一个进程放弃，未切换",
    en="another process has dropped the new views; nothing was exchanged",
    do_zh="再运行 liuhen rebuild",
    do_en="run liuhen rebuild again",
)
UNWELL = kind(
    "views.unwell",
    503,
    zh="视图未能跟上：{what}",
    en="the views do not keep up: {what}",
    do_zh="启动 liuhen serve，或对停下的单位运行 liuhen retry",
    do_en="start liuhen serve, or run liuhen retry for units that stand still",
)
NOT_STOPPED = kind(
    "views.not-stopped",
    404,
    zh="{log_id} 中的 {unit_year} 没有停下",
    en="{unit_year} does not stand still in the log {log_id}",
    do_zh="`liuhen health` 列出停下的单位年度，写作 区划/单位/年度",
    do_en="`liuhen health` lists those that do, as division/unit/year",
)
STILL_STOPPED = kind(
    "views.still-stopped",
    409,
    zh="{unit_year} 仍停在日志 {log_id} 的位置 {position}：{error}",
    en="{unit_year} still stops at position {position} of the log {log_id}: {error}",
    do_zh="升级或修复程序后再试；视图不会跳过事实，少了一条事实的数不可信",
    do_en="upgrade or mend the program and try again; views never skip a fact, since figures "
    "without it would be false",
)

_SHOWN = 20


def _flag(name: str, zh: str, en: str) -> Any:  # noqa: ANN401 - as the library has it
    return typer.Option(name, help=both(zh, en))


# --------------------------------------------------------------------------------------- rebuild


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
            _stand_still(out, stopped)
        if outcome.drift and not no_switch and not accept:
            raise Rejected([DRIFTED.at(count=outcome.differences)])
        if not no_switch and not outcome.switched:
            raise Rejected([NOT_SWITCHED.at()])
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


def _stand_still(out: Output, stopped: list[Stopped]) -> None:
    if not stopped:
        return
    out.heading(out.words("以下单位的视图停在出错之处", "These units stand still at an error"))
    out.table(
        [
            word("日志", "log"),
            word("单位年度", "unit and year"),
            word("事实", "fact"),
            text("错误", "error", ratio=4),
        ],
        [
            (one.log_id, one.unit_year.rstrip("/"), f"#{one.position} {one.type}", one.error)
            for one in stopped
        ],
    )


# ---------------------------------------------------------------------------------------- health


def health(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Say how well the views follow; exit code 1 when they do not."""
    session = session_of(ctx)
    with session.opener() as liuhen:
        found = liuhen.health()
        if as_json:
            write_json({"well": found.well, **msgspec.structs.asdict(found)})
        else:
            _tell_health(session.output(), found)
        if not found.well:
            raise Rejected([UNWELL.at(what=_what(session.output(), found))])


def _what(out: Output, found: Health) -> str:
    parts = []
    if found.unfollowed:
        logs = out.join(found.unfollowed[:_SHOWN])
        parts.append(out.words(f"无人跟进日志 {logs}", f"nobody follows the logs {logs}"))
    if found.stopped:
        count = len(found.stopped)
        parts.append(out.words(f"{count} 个单位年度停下", f"{count} units and years stand still"))
    return "；".join(parts) if out.lang == "zh" else "; ".join(parts)


def _tell_health(out: Output, found: Health) -> None:
    if not found.logs:
        out.line(out.words("还没有任何日志。", "There is no log yet."))
    else:
        out.table(
            [
                word("日志", "log"),
                number("末位置", "head"),
                number("落后事实", "facts behind"),
                number("落后秒数", "seconds behind"),
                text("最近推进", "last moved"),
                word("跟进者", "followed by", above=90),
                number("停下", "stopped"),
            ],
            [
                (
                    one.log_id,
                    str(one.head),
                    str(one.facts),
                    f"{one.seconds:.1f}" if one.facts else "0",
                    out.moment(one.moved_at, seconds=True),
                    (one.owner or "")[:8],
                    str(one.stopped),
                )
                for one in found.logs
            ],
        )
    _stand_still(out, list(found.stopped))
    if found.filling is not None:
        filled = found.filling
        out.line(
            out.words(
                f"第 {filled.generation} 代视图正在重建或未完成：{filled.total} 条事实中的 "
                f"{filled.facts} 条，始于 {out.moment(filled.began_at)}。",
                f"Generation {filled.generation} is being rebuilt or unfinished: {filled.facts} of "
                f"{filled.total} facts, begun {out.moment(filled.began_at)}.",
            )
        )
    if found.well:
        out.line(out.words("视图正常。", "The views are well."))


# -------------------------------------------------------------------------------- retry, release

LogId = Annotated[
    str,
    typer.Argument(
        metavar=both("日志", "LOG"),
        help=both("日志，即区划代码。", "The log: the code of the division."),
    ),
]
UnitYearId = Annotated[
    str,
    typer.Argument(
        metavar=both("单位年度", "UNIT-YEAR"),
        help=both("如 130104/xfj/2024。", "As 130104/xfj/2024."),
    ),
]


def retry(
    ctx: typer.Context,
    log_id: Annotated[
        str | None,
        typer.Argument(
            metavar=both("日志", "LOG"),
            help=both("日志；不写则全部再试。", "The log; without it everything is tried."),
        ),
    ] = None,
    unit_year: Annotated[
        str | None,
        typer.Argument(
            metavar=both("单位年度", "UNIT-YEAR"),
            help=both("如 130104/xfj/2024；不写则整个日志。", "As 130104/xfj/2024."),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try what stands still again: everything, a log, or one unit and year."""
    session = session_of(ctx)
    with session.opener() as liuhen:
        before = [one for one in liuhen.runner.stopped() if log_id in {None, one.log_id}]
        if log_id is not None and unit_year is not None:
            wanted = _stopped(before, log_id, unit_year)
            before = [wanted]
        for one in before:
            liuhen.runner.release(one.log_id, _unit_year_of(one))
        tried = {(one.log_id, one.unit_year) for one in before}
        after = [one for one in liuhen.runner.stopped() if (one.log_id, one.unit_year) in tried]
        _tell_tried(session.output(), before, after, as_json=as_json)
        if after:
            raise Rejected([_still(one) for one in after])


def release(
    ctx: typer.Context, log_id: LogId, unit_year: UnitYearId, as_json: AsJson = False
) -> None:
    """Let one unit and year go on, from its first fact; it must be one that stands still."""
    retry(ctx, log_id, unit_year, as_json)


def _tell_tried(out: Output, before: list[Stopped], after: list[Stopped], *, as_json: bool) -> None:
    logger().info("views_retried", tried=len(before), stopped=len(after))
    if as_json:
        write_json({"tried": [one.unit_year for one in before], "stopped": after})
    elif not before:
        out.line(out.words("没有停下的单位年度。", "Nothing stands still."))
    else:
        moved = len(before) - len(after)
        out.line(
            out.words(
                f"再试 {len(before)} 个单位年度：{moved} 个恢复，{len(after)} 个仍停下。",
                f"{len(before)} units and years tried: {moved} go on, {len(after)} still stop.",
            )
        )


def _stopped(found: list[Stopped], log_id: str, unit_year: str) -> Stopped:
    wanted = f"{unit_year.strip().strip('/')}/"
    for one in found:
        if one.unit_year == wanted:
            return one
    raise Rejected([NOT_STOPPED.at("UNIT-YEAR", log_id=log_id, unit_year=wanted.rstrip("/"))])


def _unit_year_of(one: Stopped) -> UnitYear:
    found = unit_year_of(f"{one.unit_year}ledger")
    assert found is not None  # noqa: S101 - the runner wrote it
    return found


def _still(one: Stopped) -> Any:  # noqa: ANN401 - a problem
    return STILL_STOPPED.at(
        one.unit_year.rstrip("/"),
        unit_year=one.unit_year.rstrip("/"),
        log_id=one.log_id,
        position=one.position,
        error=one.error,
    )
