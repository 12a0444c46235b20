"""疑点: of one evaluation, and across evaluations."""

from collections.abc import Iterable
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.asked import NAMES, TRUTHS
from api.finding_names import FINDING_NAMES
from api.pages import fields as f
from api.pages import present
from api.pages.asking import Field, Form, FormRoute
from api.pages.kept import kept_of
from api.pages.listing import LIMIT, files
from api.pages.rendering import page, view_of
from api.questions import USUAL, Questions
from api.routers.across import findings_asked
from api.routers.filters import Limit, cursor_of
from api.view import View
from domain.crosschecks.findings import FindingClass
from projections.findings import FindingFilter, FindingRow, Key
from projections.tables import FactRef
from projections.unit_year import ref_of

router = APIRouter(include_in_schema=False, route_class=FormRoute)

_GRAVITY = {class_: nth for nth, class_ in enumerate(FindingClass)}
FORM = Form(
    "findings.html",
    (
        f.YEAR,
        f.LOG,
        f.UNIT,
        Field("class", NAMES["class"]),
        Field("code", NAMES["code"], wide=True, choices=tuple(FINDING_NAMES.items())),
        Field(
            "acknowledged",
            NAMES["acknowledged"],
            yes_no=TRUTHS["acknowledged"],
        ),
        LIMIT,
    ),
)


@router.get("/findings", name="findings_page")
@FORM
def findings_page(
    request: Request,
    where: Annotated[FindingFilter, Depends(findings_asked)],
    cursor: Annotated[str | None, cursor_of(Key)],
    limit: Limit = USUAL,
) -> Response:
    """Findings across evaluations."""
    view = view_of(request)
    questions = Questions(view.liuhen, view.moment, view.effective_on)
    with view.liuhen.connection() as connection:
        answer = questions.findings(connection, where, cursor, limit)
        positions = questions.positions(connection)
        total = questions.count_findings(connection, where)
    groups = [
        (view.evaluation(evaluation).evaluation, sorted(rows, key=_gravity))
        for evaluation, rows in groupby(answer.rows, key=lambda row: row.evaluation)
    ]
    asked = FORM.fill(request).address
    return FORM.answered(
        request,
        view,
        answer=answer,
        total=total,
        positions=positions,
        groups=groups,
        refs=_facts_of(view, answer.rows),
        files=files(kept_of(request), "/api/findings", asked),
    )


def _facts_of(view: View, rows: Iterable[FindingRow]) -> dict[str, FactRef]:
    """The facts that these findings show, by event id; read one by one, for a ledger can hold
    thousands that nothing rests on.
    """
    shown = {
        (row.log_id, position) for row in rows for position in row.positions[: present.MOST_FACTS]
    }
    refs = [ref_of(view.fact(log_id, position)) for log_id, position in sorted(shown)]
    return {str(one.event_id): one for one in refs}


def _gravity(row: FindingRow) -> int:
    return _GRAVITY[row.class_]


@router.get("/evaluations/{id:form}/findings", name="evaluation_findings_page")
def evaluation_findings_page(request: Request, id: str) -> Response:  # noqa: A002
    """The findings of one evaluation."""
    view = view_of(request)
    found = view.evaluation(id)
    rows = view.findings_of(id)
    return page(
        request,
        "evaluation_findings.html",
        view=view,
        found=found,
        rows=rows,
        refs=_facts_of(view, rows),
    )
