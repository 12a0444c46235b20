"""年中预算调整: of one unit and year, and across units."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api import labels
from api.pages import fields as f
from api.pages.asking import Asked, Field, Form
from api.pages.kept import Kept, kept_of
from api.pages.listing import LIMIT, PAGING, cursor_and_limit, files, listing
from api.pages.rendering import page, view_of
from api.questions import Questions
from api.routers.across import adjustments_asked
from api.routers.reading import View
from domain.facts.ledger import Exclusion, FundSource
from domain.ids import project_of, unit_year_of
from domain.values import Words
from projections.adjustments import AdjustmentFilter, AdjustmentKind, Direction, GroupBy

router = APIRouter(include_in_schema=False)

MOST_UNITS = 200
"""Units whose money stands on a page; of more it is asked by unit or division."""
_AMOUNT = Words("万元，至多六位小数", "万元, six decimals at most")
_GROUP_BY = "group_by"
FORM: Form[AdjustmentFilter] = Form(
    adjustments_asked,
    (
        f.YEAR,
        f.LOG,
        Field("division", Words("区划", "Division")),
        f.UNIT,
        Field("project", Words("项目编码", "Project code")),
        Field("kind", Words("种类", "Kind")),
        Field("direction", Words("方向", "Direction")),
        Field("source", Words("资金来源", "Source of funds")),
        Field(
            "month",
            Words("月份", "Month"),
            Words("写作 2024-10；日期不明的写 unknown", "2024-10, or unknown for no date"),
            "2024-10",
        ),
        f.DOCUMENT,
        Field(
            "least_wan",
            Words("至少（万元）", "At least (万元)"),
            _AMOUNT,
            "12.5",
            parameter="least",
            wan=True,
        ),
        Field(
            "most_wan",
            Words("至多（万元）", "At most (万元)"),
            _AMOUNT,
            "100",
            parameter="most",
            wan=True,
        ),
        Field(
            "excluded",
            Words("计入调整率", "In the rate"),
            yes_no=(Words("不计入", "does not count"), Words("计入", "counts")),
        ),
        Field("corrected", Words("更正过", "Corrected")),
        Field(
            "with_voided",
            Words("已作废的", "Void ones"),
            yes_no=(Words("一并列出", "listed too"), None),
            either=Words("不列", "left out"),
        ),
        Field(_GROUP_BY, Words("分组", "Sums by"), either=Words("不分组", "none")),
        LIMIT,
    ),
    {**PAGING, _GROUP_BY: Annotated[GroupBy | None, Query()]},
)


@router.get("/adjustments", name="adjustments_page")
def adjustments_page(request: Request) -> Response:
    """Adjustments across units: one by one, or summed by group."""
    return listing(
        request,
        FORM,
        "adjustments.html",
        _find,
        files_at="/api/adjustments",
        group_key=_group_key,
        most_units=MOST_UNITS,
    )


def _find(view: View, where: AdjustmentFilter, asked: Asked[AdjustmentFilter]) -> Mapping[str, Any]:
    by: GroupBy | None = asked.further.get(_GROUP_BY)
    questions = Questions(view.liuhen, view.moment, view.effective_on)
    answer = None
    with view.liuhen.connection() as connection:
        if by is None:
            answer = questions.adjustments(connection, where, *cursor_and_limit(asked))
        positions = questions.positions(connection)
    return {
        "answer": answer,
        "positions": positions,
        "group_by": by,
        "groups": [] if by is None else view.adjustment_groups([by], where),
        "undated": view.undated_adjustments(where),
        "money": view.money_of_units(where),
    }


def _group_key(by: GroupBy, value: str | None, kept: Kept) -> str:
    if value is None:
        return kept.t("不明", "unknown")
    kind = _KINDS.get(by)
    return value if kind is None else kept.words(labels.words_for(kind, value))


_KINDS = {
    GroupBy.KIND: AdjustmentKind,
    GroupBy.DIRECTION: Direction,
    GroupBy.SOURCE: FundSource,
    GroupBy.EXCLUDED: Exclusion,
}


@router.get("/evaluations/{id:form}/adjustments", name="evaluation_adjustments_page")
def evaluation_adjustments_page(request: Request, id: str) -> Response:  # noqa: A002
    """The adjustments of one unit and year, or of one project of it."""
    view = view_of(request)
    found = view.evaluation(id)
    evaluation = found.evaluation
    unit_year = unit_year_of(id)
    where = AdjustmentFilter(
        log_id=evaluation.log_id,
        ledger=unit_year.ledger if unit_year else None,
        project=project_of(id),
        with_voided=True,
    )
    same = {
        "log": evaluation.log_id,
        "unit": evaluation.unit,
        "year": str(evaluation.fiscal_year),
        "with_voided": "true",
        **({"project": where.project} if where.project else {}),
    }
    return page(
        request,
        "ledger.html",
        view=view,
        found=found,
        entries=view.adjustments(where),
        undated=view.undated_adjustments(where),
        money=view.money_of_units(where),
        files=files(kept_of(request), "/api/adjustments", same),
    )
