"""疑点: of one evaluation, and across evaluations."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.pages.rendering import member, page, view_of
from domain.crosschecks.findings import FindingClass
from projections.current import EvaluationFilter
from projections.findings import FindingFilter

router = APIRouter(include_in_schema=False)


@router.get("/evaluations/{id:form}/findings", name="evaluation_findings_page")
def evaluation_findings_page(request: Request, id: str) -> Response:  # noqa: A002
    """The findings of one evaluation."""
    view = view_of(request)
    found = view.evaluation(id)
    return page(
        request,
        "findings.html",
        view=view,
        found=found,
        groups=[(found.evaluation, view.findings_of(id))],
        refs=view.facts_of(id),
        chosen={},
    )


@router.get("/findings", name="findings_page")
def findings_page(request: Request) -> Response:
    """Findings across evaluations."""
    view = view_of(request)
    class_ = member(FindingClass, request.query_params.get("class"))
    code = request.query_params.get("code") or None
    rows = view.findings(FindingFilter(class_=class_, code=code))
    groups = []
    for evaluation in view.evaluations(EvaluationFilter()):
        mine = [row for row in rows if row.evaluation == evaluation.id]
        if mine:
            mine.sort(key=lambda row: list(FindingClass).index(row.class_))
            groups.append((evaluation, mine))
    refs: dict[str, Any] = {}
    for evaluation, _ in groups:
        refs |= view.facts_of(evaluation.id)
    return page(
        request,
        "findings.html",
        view=view,
        found=None,
        groups=groups,
        refs=refs,
        chosen={"class": class_ or "", "code": code or ""},
    )
