"""The replay of a year over HTTP: streamed step by step, verified, under other rules."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from api import differing, filing, replaying
from api import schemas as s
from api.routers.documentation import problems
from api.routers.filters import FiscalYear, Log
from api.routers.parameters import StrictRoute, note, noted
from api.routers.reading import Lang, liuhen_of
from domain.evaluation.form import Status
from domain.problems import kind
from projections import replay as r
from projections.differences import Version
from projections.verification import Check, verify

router = APIRouter(prefix="/api/years", tags=["回放"], route_class=StrictRoute)

LAST_ID_MALFORMED = kind(
    "replay.last-event-id",
    422,
    zh="Last-Event-ID “{given}”不是某一步的编号",
    en="the Last-Event-ID {given!r} is no id of a step",
    do_zh="原样送回最后收到的 id，或不送而从头开始",
    do_en="send the last id received as it was, or none to begin anew",
)
EVENTS, LINES = "text/event-stream", "application/x-ndjson"
_STEP_ID = re.compile(r"[0-9]{1,18}")
_RETRY_MILLISECONDS = 2000


class StandingOut(s.Out):
    """一份自评的状况。"""

    status: Status = Field(title="状态")
    total: str | None = Field(default=None, title="合计得分")
    grade: str | None = Field(default=None, title="应得等级")


class FormMovedOut(s.Out):
    """本步有变的一份自评。"""

    form: str = Field(title="自评编号")
    before: StandingOut | None = Field(title="前", description="本步建立的为空。")
    after: StandingOut = Field(title="后")


class StepOut(s.Out):
    """一步之后的年度。"""

    label: str = Field(title="哪一步", description="日期、月份，或 日志#位置。")
    count: int = Field(title="至此的事实数", description="即 SSE 的 id。")
    known_at: datetime = Field(title="已知时间")
    positions: dict[str, int] = Field(title="本步推进的日志及其位置")
    initial_fen: int = Field(
        title="年初（分）", description="以台账为准的按台账，否则按自评表所填。"
    )
    adjusted_fen: int = Field(title="全年（分）")
    spent_fen: int = Field(title="执行（分）")
    initial: str = Field(title="年初（万元）")
    adjusted: str = Field(title="全年（万元）")
    spent: str = Field(title="执行（万元）")
    forms: dict[Status, int] = Field(title="各状态的自评数")
    scored: int = Field(title="有合计得分的自评数")
    mean: str | None = Field(title="平均得分")
    grades: dict[str, int] = Field(title="等级分布")
    facts: dict[str, int] = Field(title="本步的事实", description="按种类计数。")
    moved: list[FormMovedOut] = Field(title="本步有变的自评")


class LogCheckedOut(s.Out):
    """一个日志的核验。"""

    log_id: str = Field(title="日志")
    head: int = Field(title="末条位置")
    position: int = Field(title="核验至", description="视图已到的位置。")
    head_leaf: str = Field(title="该条的叶子哈希")
    unit_years: int = Field(title="单位数")
    forms: int = Field(title="自评数")
    facts: int = Field(title="事实数")
    scores: int = Field(title="重算的得分数")
    rows: int = Field(title="比较的行数")
    figures: int = Field(title="比较的数值数")


class RulesUsedOut(s.Out):
    """重算所用的规则集。"""

    log_id: str = Field(title="日志")
    name: str = Field(title="名称")
    version: str = Field(title="版本")
    digest: str = Field(title="摘要")


class DiscrepancyOut(s.Out):
    """一处差异。"""

    check: Check = Field(title="种类")
    log_id: str = Field(title="日志")
    where: str = Field(title="何处")
    what: str = Field(title="哪个数")
    stored: str | None = Field(title="存储的")
    recomputed: str | None = Field(title="重算的")
    fact: str | None = Field(title="事实编号")
    position: int | None = Field(title="日志位置")


class VerificationOut(s.Out):
    """一个年度的核验。"""

    result: str = Field(title="结果", description="一致，或差异。")
    consistent: bool = Field(title="一致")
    program: str = Field(title="程序")
    views_version: int = Field(title="视图的版本")
    year: int = Field(title="财政年度")
    began_at: datetime = Field(title="开始时间")
    ended_at: datetime = Field(title="结束时间")
    logs: list[LogCheckedOut] = Field(title="各日志")
    rules: list[RulesUsedOut] = Field(title="规则集")
    discrepancies: list[DiscrepancyOut] = Field(title="差异")


class LineMovedOut(s.Out):
    """得分会不同的一行。"""

    line: str = Field(title="行号")
    path: list[str] = Field(title="指标")
    rule: str = Field(title="所用的规则")
    then: str | None = Field(title="现得分")
    would: str | None = Field(title="若得分")


class UncoveredOut(s.Out):
    """这些规则没有覆盖的一行，得分不变。"""

    line: str = Field(title="行号")
    path: list[str] = Field(title="指标")
    rule: str | None = Field(title="现规则")
    why: str = Field(title="原因")


class FormUnderOut(s.Out):
    """一份自评若按另一规则集计分。"""

    log_id: str = Field(title="日志")
    form: str = Field(title="自评编号")
    unit_name: str = Field(title="单位名称")
    project_name: str | None = Field(title="项目名称")
    rule_set: str | None = Field(title="现规则集")
    then: str | None = Field(title="现总分")
    would: str | None = Field(title="若总分")
    difference: str | None = Field(title="差")
    grade_then: str | None = Field(title="现等级")
    grade_would: str | None = Field(title="若等级")
    by_hand: int = Field(title="人工给分的行数", description="改分和复核得分不变。")
    moved: list[LineMovedOut] = Field(title="得分会不同的行")
    uncovered: list[UncoveredOut] = Field(title="未覆盖的行")


class YearUnderOut(s.Out):
    """一个年度若按另一规则集计分。"""

    year: int = Field(title="财政年度")
    name: str = Field(title="规则集")
    version: str = Field(title="版本")
    digest: str = Field(title="摘要")
    positions: dict[str, int] = Field(title="各日志的位置")
    forms: list[FormUnderOut] = Field(title="各自评", description="增加最多的在前。")
    compared: int = Field(title="可比的份数")
    gain: int = Field(title="增加的份数")
    lose: int = Field(title="减少的份数")
    same: int = Field(title="不变的份数")
    mean_then: str | None = Field(title="现平均")
    mean_would: str | None = Field(title="若平均")
    grades_then: dict[str, int] = Field(title="现等级分布")
    grades_would: dict[str, int] = Field(title="若等级分布")


def _after(
    last_event_id: Annotated[
        str | None,
        Header(title="最后收到的 id", description="断线后原样送回，从下一步继续。"),
    ] = None,
) -> int:
    text = (last_event_id or "").strip()
    if text and not _STEP_ID.fullmatch(text):
        note(LAST_ID_MALFORMED.at("Last-Event-ID", given=text))
        return 0
    return int(text or 0)


@router.get(
    "/{year}/replay",
    summary="回放一个年度",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "每步一个事件（text/event-stream）或一行（application/x-ndjson），"
            "最后是 end：至此的事实数、步数和各日志的位置。",
            "content": {
                EVENTS: {"schema": {"type": "string", "title": "事件流"}},
                LINES: {"schema": StepOut.model_json_schema()},
            },
        },
        **problems("log.unknown", "replay.last-event-id"),
    },
)
def read_replay(
    *,
    request: Request,
    year: FiscalYear,
    log: Log,
    step: Annotated[r.Stride, Query(title="每步多远")] = r.Stride.DAY,
    after: Annotated[int, Depends(_after)],
) -> StreamingResponse:
    """每步之后的年初、全年和执行合计，各状态的份数，平均分，等级分布，以及这一步变了什么；多个日志按已知时间合并。

    Accept 选择 text/event-stream（可用 Last-Event-ID 续传）或 application/x-ndjson（默认）。
    """
    liuhen = liuhen_of(request)
    upto = replaying.logs_of(liuhen, log)
    told = (
        one
        for one in r.replay(liuhen.store, year, step, upto)
        # The steps before are replayed for their sums, and not told again.
        if isinstance(one, r.End) or one.count > after
    )
    if EVENTS in request.headers.get("accept", ""):
        return StreamingResponse(
            _events(told), media_type=EVENTS, headers={"Cache-Control": "no-store"}
        )
    return StreamingResponse(_lines(told), media_type=LINES, headers={"Cache-Control": "no-store"})


def _events(steps: Iterable[r.Step | r.End]) -> Iterator[bytes]:
    yield f"retry: {_RETRY_MILLISECONDS}\n\n".encode()
    for one in steps:
        name = "end" if isinstance(one, r.End) else "step"
        data = msgspec.json.encode(replaying.told(one))
        yield b"id: %d\nevent: %s\ndata: %s\n\n" % (one.count, name.encode(), data)


def _lines(steps: Iterable[r.Step | r.End]) -> Iterator[bytes]:
    for one in steps:
        found = replaying.told(one)
        document: dict[str, Any] = {"end": found} if isinstance(one, r.End) else found
        yield msgspec.json.encode(document) + b"\n"


@router.get("/{year}/verification", summary="核验一个年度", responses=problems("log.unknown"))
def read_verification(
    *, request: Request, year: FiscalYear, lang: Lang, log: Log
) -> VerificationOut:
    """每个存储的得分按其采用的规则重算，每个视图的每个数与由事实重新得出的比较：一致，或列出差异。"""
    liuhen = liuhen_of(request)
    upto = replaying.logs_of(liuhen, log)
    found = verify(liuhen.store, liuhen.views, year, upto, now=liuhen.clock)
    one = filing.filed(found)
    return s.shown(
        VerificationOut,
        found,
        lang,
        result=one.result,
        program=one.program,
        consistent=found.consistent,
    )


def _rules(
    request: Request,
    rules: Annotated[str, Query(title="规则集", description="名称或 名称@版本。", max_length=200)],
) -> Version | None:
    return noted(lambda: differing.rule_set_named(liuhen_of(request), rules, "rules"))


@router.get(
    "/{year}/what-if",
    summary="若按另一规则集",
    responses=problems("log.unknown", "diff.rule-set-unknown"),
)
def read_year_under(
    *,
    request: Request,
    year: FiscalYear,
    lang: Lang,
    rules: Annotated[Version, Depends(_rules)],
    log: Log,
) -> YearUnderOut:
    """若按另一规则集计分会如何：谁多谁少、等级分布、哪些行没有规则；什么也不写。"""
    liuhen = liuhen_of(request)
    upto = replaying.logs_of(liuhen, log)
    found = r.under(liuhen.store, year, rules.rule_set, upto)
    return s.shown(YearUnderOut, found, lang)
