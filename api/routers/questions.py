"""Questions over all logs, by page: changes of scores, and words in texts."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api import schemas as s
from api.bootstrap import moment_of
from api.labels import fact_words
from api.questions import MOST, USUAL, Questions
from api.routers.documentation import problems
from api.routers.reading import Lang, Reading
from domain.facts.envelope import Role
from domain.facts.form import Subject
from domain.ids import division_of
from projections.score_history import ChangeFilter, ChangeKind
from projections.search import Hit, SearchFilter, TextPart

router = APIRouter(prefix="/api", tags=["查询"])

Cursor = Annotated[
    str | None,
    Query(title="翻页标记", description="上一页的 next；不填从头看。", max_length=500),
]
Limit = Annotated[int, Query(title="一页行数", ge=1, le=MOST)]
Log = Annotated[str | None, Query(title="日志", max_length=64)]
Unit = Annotated[str | None, Query(title="单位编码", max_length=64)]
Year = Annotated[int | None, Query(title="财政年度", ge=1900, le=2099)]
Evaluation = Annotated[str | None, Query(title="自评", max_length=300)]
Line = Annotated[str | None, Query(title="行号", max_length=200)]
Actor = Annotated[str | None, Query(title="人员编号", max_length=200)]
InRole = Annotated[Role | None, Query(title="身份")]


class Paged(s.Out):
    """一页，连同每个日志的位置。"""

    next: str | None = Field(title="下一页的标记", description="空为末页；填入 cursor。")
    positions: dict[str, int] = Field(title="各日志的位置", description="本回答所依据的。")


class FoundChangeOut(s.ScoreChangeOut):
    """跨自评查到的一次得分变动。"""

    log_id: str = Field(title="日志")
    unit: str = Field(title="单位编码")
    unit_name: str = Field(title="单位名称")
    fiscal_year: int = Field(title="财政年度")


class ScoreChangesOut(Paged):
    """得分变动，按时间先后。"""

    changes: list[FoundChangeOut] = Field(title="变动")


class PieceOut(s.Out):
    """上下文的一段。"""

    text: str = Field(title="文字")
    found: bool = Field(title="即所查")


class HitOut(s.Out):
    """查到的一处：是什么事实，在何处，何人何时所记。"""

    log_id: str = Field(title="日志")
    position: int = Field(title="日志位置")
    event_id: UUID = Field(title="事实编号")
    event_type: str = Field(title="事实种类")
    event_words: str = Field(title="事实种类的名称")
    part: TextPart = Field(title="在事实的何处")
    excerpt: list[PieceOut] = Field(title="上下文")
    stream_id: str = Field(title="流")
    evaluation: str | None = Field(title="自评", description="不属于自评表的为空。")
    unit: str | None = Field(title="单位编码")
    unit_name: str | None = Field(title="单位名称")
    project_name: str | None = Field(title="项目名称")
    fiscal_year: int | None = Field(title="财政年度")
    line: str | None = Field(title="行号")
    actor: str = Field(title="人员编号")
    role: Role = Field(title="身份")
    organisation: str = Field(title="机关")
    recorded_at: datetime = Field(title="记录时间")
    document: str | None = Field(title="文号")


class HitsOut(Paged):
    """查到的各处，按日志和位置。"""

    hits: list[HitOut] = Field(title="各处")


def link_to_next(request: Request, response: Response, after: str | None) -> str | None:
    """Tell where the next page is, in the header Link as well; returns ``after``."""
    if after is not None:
        kept = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
        query = urlencode([*kept, ("cursor", after)])
        response.headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    return after


def changes_asked(
    *,
    log: Log = None,
    unit: Unit = None,
    year: Year = None,
    evaluation: Evaluation = None,
    line: Line = None,
    subject: Annotated[Subject | None, Query(title="对象")] = None,
    kind: Annotated[ChangeKind | None, Query(title="变动种类")] = None,
    actor: Actor = None,
    role: InRole = None,
    document: Annotated[str | None, Query(title="文号", max_length=200)] = None,
    since: Annotated[
        datetime | None,
        Query(title="记录时间起", description="含；须带时区，如 2025-03-01T00:00:00+08:00。"),
    ] = None,
    before: Annotated[
        datetime | None, Query(title="记录时间止", description="不含；须带时区。")
    ] = None,
) -> ChangeFilter:
    """The filter in an address."""
    return ChangeFilter(
        log_id=log or (division_of(evaluation) if evaluation else None),
        evaluation=evaluation,
        unit=unit,
        fiscal_year=year,
        subject=subject,
        line=line,
        kind=kind,
        actor=actor,
        role=role,
        document=document,
        since=_aware(since),
        before=_aware(before),
    )


def _aware(moment: datetime | None) -> datetime | None:
    """A moment without an offset is one of Shanghai, as everywhere."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment_of(moment.isoformat())


AskedChanges = Annotated[ChangeFilter, Depends(changes_asked)]


@router.get(
    "/score-changes",
    summary="跨自评的得分变动",
    responses=problems(
        "as-of.malformed",
        "effective-on.malformed",
        "effective-on.no-meaning",
        "request.after",
        "request.cursor",
        "http.projection-behind",
    ),
)
def read_score_changes(
    *,
    request: Request,
    response: Response,
    view: Reading,
    lang: Lang,
    where: AskedChanges,
    cursor: Cursor = None,
    limit: Limit = USUAL,
) -> ScoreChangesOut:
    """每次得分变动：按人员、身份、日期、单位、种类、文号、自评、行筛选，按时间先后分页。"""
    view.recorded_only("得分变动", "changes of scores")
    questions = Questions(view.liuhen, view.moment)
    with view.liuhen.connection() as connection:
        page = questions.changes(connection, where, cursor, limit)
        positions = questions.positions(connection)
    return ScoreChangesOut(
        changes=[s.shown(FoundChangeOut, one, lang) for one in page.rows],
        next=link_to_next(request, response, page.after),
        positions=positions,
    )


AskedWords = Annotated[
    str,
    Query(
        title="字词",
        description="字、词、数字或文号；几个词以空格分开，须同时出现；加引号的须连在一起。",
        max_length=200,
    ),
]


def hits_asked(
    *,
    log: Log = None,
    unit: Unit = None,
    year: Year = None,
    evaluation: Evaluation = None,
    line: Line = None,
    part: Annotated[TextPart | None, Query(title="何处")] = None,
    actor: Actor = None,
    role: InRole = None,
) -> SearchFilter:
    """Where to look, as an address says it."""
    return SearchFilter(
        log_id=log or (division_of(evaluation) if evaluation else None),
        evaluation=evaluation,
        unit=unit,
        fiscal_year=year,
        part=part,
        line=line,
        actor=actor,
        role=role,
    )


AskedHits = Annotated[SearchFilter, Depends(hits_asked)]


@router.get(
    "/search",
    summary="查找字词",
    responses=problems(
        "as-of.malformed",
        "effective-on.malformed",
        "effective-on.no-meaning",
        "request.after",
        "request.cursor",
        "search.no-words",
        "http.projection-behind",
    ),
)
def read_search(
    *,
    request: Request,
    response: Response,
    view: Reading,
    lang: Lang,
    q: AskedWords,
    where: AskedHits,
    cursor: Cursor = None,
    limit: Limit = USUAL,
) -> HitsOut:
    """在理由、意见、文号和指标名称中查找；删除的文字查不到。"""
    view.recorded_only("检索", "search")
    questions = Questions(view.liuhen, view.moment)
    with view.liuhen.connection() as connection:
        page = questions.hits(connection, q, where, cursor, limit)
        positions = questions.positions(connection)
    return HitsOut(
        hits=[_hit_out(one, lang) for one in page.rows],
        next=link_to_next(request, response, page.after),
        positions=positions,
    )


def _hit_out(hit: Hit, lang: str) -> HitOut:
    return s.shown(
        HitOut,
        hit.entry,
        lang,
        event_words=fact_words(hit.entry.event_type),
        excerpt=hit.excerpt,
        unit_name=hit.unit_name,
        project_name=hit.project_name,
    )
