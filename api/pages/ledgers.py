"""年中预算调整: of one unit and year, and across units."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import labels
from api.pages.kept import Kept
from api.pages.rendering import member, page, view_of
from api.routers.reading import View
from domain.facts.ledger import FundSource
from domain.ids import project_of, unit_year_of
from projections import adjustments as adjusting
from projections.current import Current

router = APIRouter(include_in_schema=False)


@router.get("/evaluations/{id:form}/adjustments", name="evaluation_adjustments_page")
def evaluation_adjustments_page(request: Request, id: str) -> Response:  # noqa: A002
    """The adjustments of one unit and year, or of one project of it."""
    view = view_of(request)
    found = view.evaluation(id)
    unit_year = unit_year_of(id)
    where = adjusting.AdjustmentFilter(
        log_id=found.evaluation.log_id,
        ledger=unit_year.ledger if unit_year else None,
        project=project_of(id),
        with_voided=True,
    )
    return _adjustments(request, view, where, found)


_FILTERS = ("year", "unit", "kind", "direction", "source", "month", "document")


@router.get("/adjustments", name="adjustments_page")
def adjustments_page(request: Request) -> Response:
    """Adjustments across units."""
    view = view_of(request)
    query = request.query_params
    year = query.get("year", "")
    where = adjusting.AdjustmentFilter(
        fiscal_year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,  # noqa: PLR2004 - digits of a year
        unit=query.get("unit") or None,
        kind=member(adjusting.AdjustmentKind, query.get("kind")),
        direction=member(adjusting.Direction, query.get("direction")),
        source=member(FundSource, query.get("source")),
        month=query.get("month") or None,
        document=query.get("document") or None,
        with_voided=True,
    )
    return _adjustments(request, view, where, None)


def _adjustments(
    request: Request, view: View, where: adjusting.AdjustmentFilter, found: Current | None
) -> Response:
    by = member(adjusting.GroupBy, request.query_params.get("group_by"))
    return page(
        request,
        "adjustments.html",
        view=view,
        found=found,
        entries=view.adjustments(where),
        undated=view.undated_adjustments(where),
        groups=view.adjustment_groups([by], where) if by else None,
        group_by=by,
        money=view.money_of_units(where),
        chosen={name: request.query_params.get(name, "") for name in _FILTERS},
        kinds=list(adjusting.AdjustmentKind),
        directions=list(adjusting.Direction),
        sources=list(FundSource),
        group_words=_GROUP_WORDS,
        group_key=_group_key,
    )


_GROUP_WORDS = {
    adjusting.GroupBy.UNIT: ("单位", "unit"),
    adjusting.GroupBy.MONTH: ("月份", "month"),
    adjusting.GroupBy.KIND: ("种类", "kind"),
    adjusting.GroupBy.SOURCE: ("来源", "source"),
    adjusting.GroupBy.DIRECTION: ("方向", "direction"),
    adjusting.GroupBy.LOG: ("财政区划", "jurisdiction"),
    adjusting.GroupBy.EXCLUDED: ("不计入的原因", "exclusion"),
}


def _group_key(by: adjusting.GroupBy, value: str | None, kept: Kept) -> str:
    if value is None:
        return kept.t("不明", "unknown")
    if by is adjusting.GroupBy.KIND:
        return kept.words(adjusting.AdjustmentKind(value).words)
    if by is adjusting.GroupBy.DIRECTION:
        return kept.words(adjusting.Direction(value).words)
    if by is adjusting.GroupBy.SOURCE:
        return kept.words(labels.words_for(FundSource, value))
    return value
