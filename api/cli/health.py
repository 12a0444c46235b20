"""How the views are, and what lets them go on: health, retry, release."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002

from typing import Annotated, Any

import msgspec
import typer

from api.bootstrap import Liuhen
from api.cli.options import AsJson
from api.cli.session import session_of
from api.cli.speech import both
from api.logging import logger
from api.output import Output, number, text, word, write_json
from domain.ids import UnitYear, unit_year_of
from domain.problems import Rejected, kind
from projections.runner import Health
from projections.tracking import Stopped

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


def stand_still(out: Output, stopped: list[Stopped]) -> None:
    """A table of the units and years that wait at an error; nothing when there are none."""
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


def health(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Say how well the views follow; exit code 1 when they do not."""
    session = session_of(ctx)
    with session.program() as liuhen:
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
    stand_still(out, list(found.stopped))
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

    def chosen(liuhen: Liuhen) -> list[Stopped]:
        found = [one for one in liuhen.runner.stopped() if log_id in {None, one.log_id}]
        if log_id is not None and unit_year is not None:
            return [_stopped(found, log_id, unit_year)]
        return found

    look = chosen if log_id is not None and unit_year is not None else None
    with session.program(look) as liuhen:
        before = chosen(liuhen)
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
