"""得分变动: every change of every score, across evaluations."""

from typing import Annotated

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.asked import NAMES
from api.pages import fields as f
from api.pages.asking import Field, Form, FormRoute
from api.pages.kept import kept_of
from api.pages.listing import LIMIT, files
from api.pages.rendering import recorded_view
from api.questions import USUAL, Questions
from api.routers.filters import Limit, cursor_of
from api.routers.questions import AskedChanges
from domain.values import Words
from projections.score_history import Key

router = APIRouter(include_in_schema=False, route_class=FormRoute)

FORM = Form(
    "score_changes.html",
    (
        f.YEAR,
        f.LOG,
        f.UNIT,
        f.LINE,
        f.EVALUATION,
        Field("subject", NAMES["subject"]),
        Field("kind", Words("变动种类", "Kind of change")),
        f.ACTOR,
        f.ROLE,
        Field("since", NAMES["since"], f.WHEN, "2025-03-01"),
        Field("before", NAMES["before"], f.WHEN, "2025-04-01"),
        f.DOCUMENT,
        LIMIT,
    ),
)


@router.get("/score-changes", name="score_changes_page")
@FORM
def score_changes_page(
    request: Request,
    where: AskedChanges,
    cursor: Annotated[str | None, cursor_of(Key)],
    limit: Limit = USUAL,
) -> Response:
    """Changes of scores by person, role, date, unit, kind and document."""
    view = recorded_view(request)
    questions = Questions(view.liuhen, view.moment)
    with view.liuhen.connection() as connection:
        answer = questions.changes(connection, where, cursor, limit)
        positions = questions.positions(connection)
        total = questions.count_changes(connection, where)
    asked = FORM.fill(request).address
    return FORM.answered(
        request,
        view,
        answer=answer,
        total=total,
        positions=positions,
        files=files(kept_of(request), "/api/score-changes", asked, recorded=True),
    )
