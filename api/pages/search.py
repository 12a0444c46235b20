"""全文检索: words in reasons and opinions, in the numbers of documents, in names of indicators."""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.pages import fields as f
from api.pages.asking import Asked, Field, Form
from api.pages.listing import LIMIT, PAGING, cursor_and_limit, listing
from api.problems import MISSING
from api.questions import Questions
from api.routers.questions import AskedWords, hits_asked
from api.routers.reading import View
from domain.problems import Problem, Rejected
from domain.values import Words
from projections.search import SearchFilter

router = APIRouter(include_in_schema=False)

WORDS = Field(
    "q",
    Words("字、词、数字或文号", "Words, digits or a document number"),
    Words(
        "几个词空一格，须同时出现；要连在一起的加引号",
        "words apart must all occur; those that belong together go in quotes",
    ),
    wide=True,
)
FORM: Form[SearchFilter] = Form(
    hits_asked,
    (
        WORDS,
        Field("part", Words("何处", "Where")),
        f.YEAR,
        f.LOG,
        f.UNIT,
        f.LINE,
        f.ACTOR,
        f.ROLE,
        f.EVALUATION,
        LIMIT,
    ),
    {**PAGING, WORDS.name: AskedWords},
    recorded=True,
)


@router.get("/search", name="search_page")
def search_page(request: Request) -> Response:
    """Words, found with what stands around them; each with the fact that bears it."""
    return listing(request, FORM, "search.html", _find, files_at="/api/search")


def _find(view: View, where: SearchFilter, asked: Asked[SearchFilter]) -> Mapping[str, Any]:
    words = asked.further.get(WORDS.name)
    if words is None:
        if asked.address:
            raise Rejected([MISSING.at(WORDS.name)])
        return {"answer": None}
    questions = Questions(view.liuhen, view.moment)
    with view.liuhen.connection() as connection:
        try:
            answer = questions.hits(connection, words, where, *cursor_and_limit(asked))
        except Rejected as refused:
            raise Rejected([_at_field(one) for one in refused.problems]) from None
        return {"answer": answer, "positions": questions.positions(connection)}


def _at_field(problem: Problem) -> Problem:
    """What is wrong with the words is wrong with their field."""
    if problem.place != "query":
        return problem
    return msgspec.structs.replace(problem, place=WORDS.name)
