"""全文检索: words in reasons and opinions, in the numbers of documents, in names of indicators."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.asked import NAMES
from api.pages import fields as f
from api.pages.asking import Field, Form, FormRoute
from api.pages.kept import kept_of
from api.pages.listing import LIMIT, files
from api.pages.rendering import recorded_view
from api.problems import MISSING
from api.questions import USUAL, Questions
from api.routers.filters import Limit, cursor_of
from api.routers.parameters import noted
from api.routers.questions import AskedHits
from domain.problems import Rejected
from domain.values import Words
from projections.search import Key, wanted_by

router = APIRouter(include_in_schema=False, route_class=FormRoute)

WORDS = Field(
    "q",
    Words("字、词、数字或文号", "Words, digits or a document number"),
    Words(
        "几个词空一格，须同时出现；要连在一起的加引号",
        "words apart must all occur; those that belong together go in quotes",
    ),
    wide=True,
)
FORM = Form(
    "search.html",
    (
        WORDS,
        Field("part", NAMES["part"]),
        f.YEAR,
        f.LOG,
        f.UNIT,
        f.LINE,
        f.ACTOR,
        f.ROLE,
        f.EVALUATION,
        LIMIT,
    ),
)


def _words(q: Annotated[str | None, Query(max_length=200)] = None) -> str | None:
    """What is looked for; None while nobody has asked yet. Notes ``search.no-words``."""
    if q is not None:
        noted(lambda: wanted_by(q))
    return q


@router.get("/search", name="search_page")
@FORM
def search_page(
    *,
    request: Request,
    where: AskedHits,
    q: Annotated[str | None, Depends(_words)],
    cursor: Annotated[str | None, cursor_of(Key)],
    limit: Limit = USUAL,
) -> Response:
    """Words, found with what stands around them; each with the fact that bears it."""
    view = recorded_view(request)
    asked = FORM.fill(request).address
    if q is None:
        if asked:
            raise Rejected([MISSING.at(WORDS.name)])
        return FORM.answered(request, view)
    questions = Questions(view.liuhen, view.moment)
    with view.liuhen.connection() as connection:
        answer = questions.hits(connection, q, where, cursor, limit)
        positions = questions.positions(connection)
        total = questions.count_hits(connection, q, where)
    return FORM.answered(
        request,
        view,
        answer=answer,
        total=total,
        positions=positions,
        files=files(kept_of(request), "/api/search", asked, recorded=True),
    )
