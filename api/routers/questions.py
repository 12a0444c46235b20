"""Questions over all logs, by page: changes of scores, and words in texts."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api import schemas as s
from api.asking import require_subject
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
    OneYear,
    Period,
    Unit,
    cursor_of,
    link_to_next,
)
from api.routers.parameters import StrictRoute, noted
from api.routers.reading import Lang, Reading, recorded_only
from domain.facts.form import Subject
from projections.score_history import ChangeFilter, ChangeKind
from projections.score_history import Key as ChangeKey
from projections.search import Hit, SearchFilter, TextPart, wanted_by
from projections.search import Key as HitKey

router = APIRouter(prefix="/api", tags=["查询"], route_class=StrictRoute)

ACROSS = (
    "effective-on.no-meaning",
    "unit.unknown",
    "evaluation.unknown",
    "filter.contradiction",
    "request.cursor",
)
"""The codes of questions over all logs about what was recorded."""


def _about(
    line: Line = None, subject: Annotated[Subject | None, Query(title="对象")] = None
) -> tuple[str | None, Subject | None]:
    noted(lambda: require_subject(line, subject, ("line", "subject")))
    return line, subject


def changes_asked(
    *,
    log: OneLog,
    unit: Unit,
    year: OneYear,
    evaluation: Evaluation,
    about: Annotated[tuple[str | None, Subject | None], Depends(_about)],
    kind: Annotated[ChangeKind | None, Query(title="变动种类")] = None,
    actor: Actor = None,
    role: InRole = None,
    document: Document = None,
    period: Period,
) -> ChangeFilter:
    """The filter in an address."""
    since, before = period
    line, subject = about
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
) -> s.ScoreChangesOut:
    """每次得分变动：按人员、身份、日期、单位、种类、文号、自评、行筛选，按时间先后分页。"""
    questions = Questions(view.liuhen, view.moment)
    with view.liuhen.connection() as connection:
        page = questions.changes(connection, where, cursor, limit)
        positions = questions.positions(connection)
    return s.ScoreChangesOut(
        changes=[s.shown(s.FoundChangeOut, one, lang) for one in page.rows],
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
    year: OneYear,
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
) -> s.HitsOut:
    """在理由、意见、文号和指标名称中查找；删除的文字查不到。"""
    questions = Questions(view.liuhen, view.moment)
    with view.liuhen.connection() as connection:
        page = questions.hits(connection, q, where, cursor, limit)
        positions = questions.positions(connection)
    return s.HitsOut(
        hits=[_hit_out(one, lang) for one in page.rows],
        next=link_to_next(request, response, page.after),
        positions=positions,
    )


def _hit_out(hit: Hit, lang: str) -> s.HitOut:
    return s.shown(
        s.HitOut,
        hit.entry,
        lang,
        event_words=fact_words(hit.entry.event_type),
        excerpt=hit.excerpt,
        unit_name=hit.unit_name,
        project_name=hit.project_name,
    )
