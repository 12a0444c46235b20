"""得分变动: every change of every score, across evaluations."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.pages import fields as f
from api.pages.asking import Asked, Field, Form
from api.pages.listing import LIMIT, PAGING, cursor_and_limit, listing
from api.questions import Questions
from api.routers.questions import changes_asked
from api.routers.reading import View
from domain.values import Words
from projections.score_history import ChangeFilter

router = APIRouter(include_in_schema=False)

FORM: Form[ChangeFilter] = Form(
    changes_asked,
    (
        f.YEAR,
        f.LOG,
        f.UNIT,
        f.LINE,
        f.EVALUATION,
        Field("subject", Words("对象", "Subject")),
        Field("kind", Words("变动种类", "Kind of change")),
        f.ACTOR,
        f.ROLE,
        Field("since", Words("记录时间起（含）", "Recorded from"), f.WHEN, "2025-03-01"),
        Field("before", Words("记录早于（不含）", "Recorded before"), f.WHEN, "2025-04-01"),
        f.DOCUMENT,
        LIMIT,
    ),
    PAGING,
    recorded=True,
)


@router.get("/score-changes", name="score_changes_page")
def score_changes_page(request: Request) -> Response:
    """Changes of scores by person, role, date, unit, kind and document."""

    def find(view: View, where: ChangeFilter, asked: Asked[ChangeFilter]) -> Mapping[str, Any]:
        questions = Questions(view.liuhen, view.moment)
        with view.liuhen.connection() as connection:
            answer = questions.changes(connection, where, *cursor_and_limit(asked))
            return {"answer": answer, "positions": questions.positions(connection)}

    return listing(request, FORM, "score_changes.html", find, files_at="/api/score-changes")
