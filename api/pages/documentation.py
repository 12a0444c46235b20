"""The reference of the API, and of every problem."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.pages import reference
from api.pages.rendering import page
from domain.problems import CATALOGUE

router = APIRouter(include_in_schema=False)


@router.get("/docs", name="docs_page")
def docs_page(request: Request) -> Response:
    """The reference of the API, from its own description."""
    operations = reference.operations(request.app.openapi())
    description = reference.paragraphs(request.app.description)
    return page(request, "docs.html", operations=operations, description=description)


@router.get("/problems", name="problems_page")
def problems_page(request: Request) -> Response:
    """Every code that a refusal can carry."""
    kinds = sorted(CATALOGUE.values(), key=lambda kind: kind.code)
    return page(request, "problems.html", kinds=kinds)
