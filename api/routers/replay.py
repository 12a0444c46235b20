"""The replay of a year over HTTP: streamed step by step, verified, under other rules."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from api import differing, filing, replaying
from api import schemas as s
from api.routers.documentation import problems, reference_to
from api.routers.filters import FiscalYear, Log
from api.routers.parameters import StrictRoute, note, noted
from api.routers.reading import Lang, Moment, liuhen_of, recorded_only
from domain.problems import kind
from projections import replay as r
from projections.differences import Version
from projections.verification import verify

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
_MOMENT = ("as-of.malformed", "effective-on.malformed", "effective-on.no-meaning")


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
                LINES: {"schema": reference_to(s.YearStepOut)},
            },
        },
        **problems(*_MOMENT, "log.unknown", "replay.last-event-id"),
    },
    dependencies=[recorded_only("回放", "replays")],
)
def read_replay(
    *,
    request: Request,
    year: FiscalYear,
    log: Log,
    moment: Moment,
    step: Annotated[r.Stride, Query(title="每步多远")] = r.Stride.DAY,
    after: Annotated[int, Depends(_after)],
) -> StreamingResponse:
    """每步之后的年初、全年和执行合计，各状态的份数，平均分，等级分布，以及这一步变了什么；多个日志按已知时间合并。

    Accept 选择 text/event-stream（可用 Last-Event-ID 续传）或 application/x-ndjson（默认）。
    """
    liuhen = liuhen_of(request)
    upto = replaying.logs_of(liuhen, log, moment)
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
) -> s.VerificationOut:
    """每个存储的得分按其采用的规则重算，每个视图的每个数与由事实重新得出的比较：一致，或列出差异。"""
    liuhen = liuhen_of(request)
    upto = replaying.logs_of(liuhen, log)
    found = verify(liuhen.store, liuhen.views, year, upto, now=liuhen.clock)
    one = filing.filed(found)
    return s.shown(
        s.VerificationOut,
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
    responses=problems(*_MOMENT, "log.unknown", "rule-set.unknown"),
    dependencies=[recorded_only("试算", "years under other rules")],
)
def read_year_under(
    *,
    request: Request,
    year: FiscalYear,
    lang: Lang,
    rules: Annotated[Version, Depends(_rules)],
    log: Log,
    moment: Moment,
) -> s.YearUnderOut:
    """若按另一规则集计分会如何：谁多谁少、等级分布、哪些行没有规则；什么也不写。"""
    liuhen = liuhen_of(request)
    upto = replaying.logs_of(liuhen, log, moment)
    found = r.under(liuhen.store, year, rules.rule_set, upto)
    return s.shown(s.YearUnderOut, found, lang)
