"""疑点: of one evaluation, and across evaluations."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.pages import fields as f
from api.pages.asking import Asked, Field, Form
from api.pages.listing import LIMIT, PAGING, cursor_and_limit, listing
from api.pages.rendering import page, view_of
from api.questions import Questions
from api.routers.across import findings_asked
from api.routers.reading import View
from domain.crosschecks.findings import FindingClass
from domain.values import Words
from projections.findings import FindingFilter, FindingRow

router = APIRouter(include_in_schema=False)

_GRAVITY = {class_: nth for nth, class_ in enumerate(FindingClass)}
FORM: Form[FindingFilter] = Form(
    findings_asked,
    (
        f.YEAR,
        f.LOG,
        f.UNIT,
        Field("class", Words("类别", "Class")),
        Field("code", Words("代码", "Code"), example="figure-stated-twice", wide=True),
        Field(
            "acknowledged",
            Words("已阅", "Acknowledged"),
            yes_no=(Words("已阅的", "seen"), Words("未阅的", "not seen")),
        ),
        LIMIT,
    ),
    PAGING,
)


@router.get("/findings", name="findings_page")
def findings_page(request: Request) -> Response:
    """Findings across evaluations."""
    return listing(request, FORM, "findings.html", _find, files_at="/api/findings", found=None)


def _find(view: View, where: FindingFilter, asked: Asked[FindingFilter]) -> Mapping[str, Any]:
    questions = Questions(view.liuhen, view.moment, view.effective_on)
    with view.liuhen.connection() as connection:
        answer = questions.findings(connection, where, *cursor_and_limit(asked))
        positions = questions.positions(connection)
    groups = []
    refs: dict[str, Any] = {}
    for evaluation, rows in groupby(answer.rows, key=lambda row: row.evaluation):
        groups.append((view.evaluation(evaluation).evaluation, sorted(rows, key=_gravity)))
        refs |= view.facts_of(evaluation)
    return {"answer": answer, "positions": positions, "groups": groups, "refs": refs}


def _gravity(row: FindingRow) -> int:
    return _GRAVITY[row.class_]


@router.get("/evaluations/{id:form}/findings", name="evaluation_findings_page")
def evaluation_findings_page(request: Request, id: str) -> Response:  # noqa: A002
    """The findings of one evaluation."""
    view = view_of(request)
    found = view.evaluation(id)
    return page(
        request,
        "evaluation_findings.html",
        view=view,
        found=found,
        rows=view.findings_of(id),
        refs=view.facts_of(id),
    )
