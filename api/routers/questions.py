"""Questions over all logs, by page: changes of scores, and words in texts."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api import schemas as s
from api.labels import fact_words
from api.questions import USUAL, Questions
from api.routers.documentation import READING, problems
from api.routers.filters import (
    Actor,
    Document,
    Evaluation,
    InRole,
    Limit,
    Line,
    OneLog,
    Period,
    Unit,
    Year,
    cursor_of,
    link_to_next,
)
from api.routers.parameters import StrictRoute, noted
from api.routers.reading import Lang, Reading, recorded_only
from domain.facts.envelope import Role
from domain.facts.form import Subject
from projections.score_history import ChangeFilter, ChangeKind
from projections.score_history import Key as ChangeKey
from projections.search import Hit, SearchFilter, TextPart, wanted_by
from projections.search import Key as HitKey

router = APIRouter(prefix="/api", tags=["查询"], route_class=StrictRoute)

ACROSS = (
    "effective-on.no-meaning",
    "log.unknown",
    "unit.unknown",
    "http.evaluation-unknown",
    "filter.contradiction",
    "request.cursor",
)
"""The codes of questions over all logs about what was recorded."""


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


def changes_asked(
    *,
    log: OneLog,
    unit: Unit,
    year: Year = None,
    evaluation: Evaluation,
    line: Line = None,
    subject: Annotated[Subject | None, Query(title="对象")] = None,
    kind: Annotated[ChangeKind | None, Query(title="变动种类")] = None,
    actor: Actor = None,
    role: InRole = None,
    document: Document = None,
    period: Period,
) -> ChangeFilter:
    """The filter in an address."""
    since, before = period
    return ChangeFilter(
        log_id=log,
        evaluation=evaluation,
        unit=unit,
        fiscal_year=year,
        subject=subject,
        line=line,
        kind=kind,
        actor=actor,
        role=role,
        document=document,
        since=since,
        before=before,
    )


AskedChanges = Annotated[ChangeFilter, Depends(changes_asked)]


@router.get(
    "/score-changes",
    summary="跨自评的得分变动",
    dependencies=[recorded_only("得分变动", "changes of scores")],
    responses=problems(*READING, *ACROSS, "filter.no-moment", "filter.empty-range"),
)
def read_score_changes(
    *,
    request: Request,
    response: Response,
    view: Reading,
    lang: Lang,
    where: AskedChanges,
    cursor: Annotated[str | None, cursor_of(ChangeKey)],
    limit: Limit = USUAL,
) -> ScoreChangesOut:
    """每次得分变动：按人员、身份、日期、单位、种类、文号、自评、行筛选，按时间先后分页。"""
    questions = Questions(view.liuhen, view.moment)
    with view.liuhen.connection() as connection:
        page = questions.changes(connection, where, cursor, limit)
        positions = questions.positions(connection)
    return ScoreChangesOut(
        changes=[s.shown(FoundChangeOut, one, lang) for one in page.rows],
        next=link_to_next(request, response, page.after),
        positions=positions,
    )


def _words(
    q: Annotated[
        str,
        Query(
            title="字词",
            description="字、词、数字或文号；几个词以空格分开，须同时出现；加引号的须连在一起。",
            max_length=200,
        ),
    ],
) -> str:
    noted(lambda: wanted_by(q))
    return q


Asked = Annotated[str, Depends(_words)]
"""What is looked for. Notes ``search.no-words``."""


def hits_asked(
    *,
    log: OneLog,
    unit: Unit,
    year: Year = None,
    evaluation: Evaluation,
    line: Line = None,
    part: Annotated[TextPart | None, Query(title="何处")] = None,
    actor: Actor = None,
    role: InRole = None,
) -> SearchFilter:
    """Where to look, as an address says it."""
    return SearchFilter(
        log_id=log,
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
    dependencies=[recorded_only("检索", "search")],
    responses=problems(*READING, *ACROSS, "search.no-words"),
)
def read_search(
    *,
    request: Request,
    response: Response,
    view: Reading,
    lang: Lang,
    q: Asked,
    where: AskedHits,
    cursor: Annotated[str | None, cursor_of(HitKey)],
    limit: Limit = USUAL,
) -> HitsOut:
    """在理由、意见、文号和指标名称中查找；删除的文字查不到。"""
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
