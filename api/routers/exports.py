"""Answers as files: the same questions, whole, in CSV, NDJSON or xlsx."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from sqlalchemy import Connection
from starlette.responses import StreamingResponse

from api.exporting import MEDIA_TYPES, Export
from api.questions import Questions
from api.routers.across import adjustments_asked, findings_asked
from api.routers.documentation import READING, Responses, problems
from api.routers.parameters import StrictRoute
from api.routers.questions import ACROSS, Asked, AskedChanges, AskedHits
from api.routers.reading import Lang, Reading, recorded_only
from projections.adjustments import AdjustmentFilter
from projections.findings import FindingFilter

router = APIRouter(prefix="/api", tags=["查询"], route_class=StrictRoute)


class FileFormat(StrEnum):
    """The format of a file."""

    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"


Format = Annotated[FileFormat, Path(title="格式", description="csv、ndjson 或 xlsx。")]
_REFUSALS = problems(
    *READING,
    "unit.unknown",
    "filter.no-month",
    "filter.empty-range",
    "filter.contradiction",
)
_REFUSALS_OF_CHANGES = problems(*READING, *ACROSS, "filter.no-moment", "filter.empty-range")
_REFUSALS_OF_SEARCH = problems(*READING, *ACROSS, "search.no-words")
_FILES: Responses = {
    200: {
        "description": "文件：开头是说明（所问、时点、各日志的位置），其后逐行，每行注明其事实。",
        "content": {
            one: {"schema": {"type": "string", "format": "binary"}} for one in MEDIA_TYPES.values()
        },
    }
}


@router.get(
    "/score-changes.{format}",
    summary="导出得分变动",
    response_class=StreamingResponse,
    dependencies=[recorded_only("得分变动", "changes of scores")],
    responses=_FILES | _REFUSALS_OF_CHANGES,
)
def export_score_changes(
    *,
    format: Format,  # noqa: A002 - its name in the address
    view: Reading,
    lang: Lang,
    where: AskedChanges,
) -> StreamingResponse:
    """符合条件的全部得分变动，逐行输出，不限多少。"""
    questions = Questions(view.liuhen, view.moment)
    return _file(
        questions, lambda connection: questions.file_of_changes(connection, where), format, lang
    )


@router.get(
    "/adjustments.{format}",
    summary="导出预算调整",
    response_class=StreamingResponse,
    responses=_FILES | _REFUSALS,
)
def export_adjustments(
    *,
    format: Format,  # noqa: A002
    view: Reading,
    lang: Lang,
    where: Annotated[AdjustmentFilter, Depends(adjustments_asked)],
) -> StreamingResponse:
    """符合条件的全部追加、追减、调剂和收回，金额以元计。"""
    questions = Questions(view.liuhen, view.moment, view.effective_on)
    return _file(
        questions,
        lambda connection: questions.file_of_adjustments(connection, where),
        format,
        lang,
    )


@router.get(
    "/findings.{format}",
    summary="导出疑点",
    response_class=StreamingResponse,
    responses=_FILES | _REFUSALS,
)
def export_findings(
    *,
    format: Format,  # noqa: A002
    view: Reading,
    lang: Lang,
    where: Annotated[FindingFilter, Depends(findings_asked)],
) -> StreamingResponse:
    """符合条件的全部疑点。"""
    questions = Questions(view.liuhen, view.moment, view.effective_on)
    return _file(
        questions, lambda connection: questions.file_of_findings(connection, where), format, lang
    )


@router.get(
    "/search.{format}",
    summary="导出检索结果",
    response_class=StreamingResponse,
    dependencies=[recorded_only("检索", "search")],
    responses=_FILES | _REFUSALS_OF_SEARCH,
)
def export_search(
    *,
    format: Format,  # noqa: A002
    view: Reading,
    lang: Lang,
    q: Asked,
    where: AskedHits,
) -> StreamingResponse:
    """查到的每一处及其上下文；删除的文字查不到，也不在文件中。"""
    questions = Questions(view.liuhen, view.moment)
    return _file(
        questions, lambda connection: questions.file_of_hits(connection, q, where), format, lang
    )


def _file(
    questions: Questions, make: Callable[[Connection], Export], format_: FileFormat, lang: str
) -> StreamingResponse:
    name, parts = questions.file(make, format_.value, lang)
    return StreamingResponse(
        parts,
        media_type=MEDIA_TYPES[format_.value],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )
