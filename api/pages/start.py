"""The start page: every evaluation, and what was found."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api.pages.kept import kept_of
from api.pages.rendering import page, view_of
from domain.crosschecks.findings import FindingClass
from projections.current import EvaluationFilter
from projections.findings import FindingFilter, FindingRow

router = APIRouter(include_in_schema=False)


@router.get("/", name="start_page")
def start_page(request: Request) -> Response:
    """Every evaluation, and everything that was found."""
    view = view_of(request)
    evaluations = view.evaluations(EvaluationFilter())
    findings = view.findings(FindingFilter())
    by_form: dict[str, list[FindingRow]] = {}
    for one in findings:
        by_form.setdefault(one.evaluation, []).append(one)
    for some in by_form.values():
        some.sort(key=lambda row: list(FindingClass).index(row.class_))
    return page(request, "start.html", view=view, evaluations=evaluations, by_form=by_form)


@router.get("/evaluations", name="evaluations_page")
def evaluations_page(request: Request) -> Response:
    """The list lies on the start page."""
    return RedirectResponse(kept_of(request).url("/"))
