"""How a year stood at any moment: in one jurisdiction, or in all of them."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from api import schemas as s
from api.clocks import ESTIMATED_INSTEAD
from api.estimates import estimate_of
from api.output import as_builtins
from api.questions import MOST
from api.routers.documentation import READING, problems
from api.routers.filters import FiscalYear, Limit, Log, LogId, cursor_of, link_to_next
from api.routers.parameters import StrictRoute
from api.routers.reading import Lang, Reading, recorded_only
from api.view import View
from projections import standing

router = APIRouter(prefix="/api", tags=["年度"], route_class=StrictRoute)

_READ = problems(*READING)
NDJSON = "application/x-ndjson"


def _year(view: View, fiscal_year: int, log_id: str | None = None) -> standing.Years:
    with view.liuhen.connection() as connection:
        at = view.liuhen.logs.positions(connection, view.moment, log_id)
        return standing.year(connection, at, fiscal_year, view.effective_on)


@router.get("/years/{year}", summary="年度情况", responses=_READ)
def read_year(*, view: Reading, lang: Lang, year: FiscalYear) -> s.YearOut:
    """全部区划在同一时点的年度情况：各日志各自的位置，金额、各状态份数、平均分和等级。"""
    return s.shown(s.YearOut, _year(view, year), lang)


@router.get("/logs/{log_id}/years/{year}", summary="一个区划的年度情况", responses=_READ)
def read_year_of_log(
    *, view: Reading, lang: Lang, log_id: LogId, year: FiscalYear
) -> s.YearOfLogOut:
    """一个区划在任何时点的年度情况；按索引查询，不逐条折算。"""
    return s.shown(s.YearOfLogOut, _year(view, year, log_id).logs[0], lang)


@router.get(
    "/years/{year}/grades",
    summary="等级分布",
    dependencies=[recorded_only("等级分布", "distributions of grades", ESTIMATED_INSTEAD)],
    responses=problems(*READING, "effective-on.no-meaning"),
)
def read_grades(*, view: Reading, lang: Lang, year: FiscalYear, log: Log) -> s.DistributionOut:
    """各日志和合计的份数，按应计等级和状态；得分是入库的，不按业务日期计。"""
    with view.liuhen.connection() as connection:
        at = view.liuhen.logs.positions(connection, view.moment, log)
        found = standing.distribution(connection, at, year, now=view.moment is None)
    return s.shown(s.DistributionOut, found, lang)


@router.get(
    "/years/{year}/evaluations",
    summary="年度的各份自评",
    responses=problems(*READING, "request.cursor"),
)
def read_evaluations_of_year(
    *,
    view: Reading,
    lang: Lang,
    request: Request,
    response: Response,
    year: FiscalYear,
    log: Log,
    cursor: Annotated[str | None, cursor_of(standing.Key)],
    limit: Limit = MOST,
) -> list[s.StandingOut]:
    """各份自评在任何时点的状态、入库得分、等级和金额。下一页在响应头 Link 里。"""
    with view.liuhen.connection() as connection:
        at = view.liuhen.logs.positions(connection, view.moment, log)
        page = standing.list_page(
            connection, at, year, view.effective_on, after=cursor, limit=limit
        )
    link_to_next(request, response, page.after)
    return [
        s.shown(
            s.StandingOut,
            one.form,
            lang,
            position=one.form.known_from,
            grade=one.form.grade,
            money=one.money,
            undated=one.undated,
        )
        for one in page.rows
    ]


@router.get(
    "/years/{year}/estimates",
    summary="年度推算",
    responses=_READ
    | {
        200: {
            "description": "每行一个 JSON：一份自评的推算总分和等级，旁列入库总分。",
            "content": {NDJSON: {"schema": {"type": "string"}}},
        }
    },
    response_class=StreamingResponse,
)
def read_estimates(*, view: Reading, year: FiscalYear, log: Log) -> StreamingResponse:
    """按当时的规则和计入的台账逐份推算得分，算出一份送出一份；什么也不存。"""
    with view.liuhen.connection() as connection:
        at = view.liuhen.logs.positions(connection, view.moment, log)
        listed = standing.listed(connection, at, year, view.effective_on)
    stored = {one.form.id: one.form.total for one in listed}
    found = view.liuhen.estimates(listed, at, view.effective_on)
    return StreamingResponse(
        (_line(estimate_of(one, stored[one.id])) for one in found), media_type=NDJSON
    )


def _line(content: dict[str, Any]) -> bytes:
    return msgspec.json.encode(as_builtins(content)) + b"\n"
