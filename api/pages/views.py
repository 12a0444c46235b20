"""The routes of the pages. They ask the same questions as the JSON side, through the same view."""

from fastapi import Depends, FastAPI

from api.pages import (
    changes,
    documentation,
    evaluations,
    facts,
    findings,
    ledgers,
    provenance,
    search,
    start,
)
from api.pages.rendering import problem_page
from api.routers.parameters import refuse_settings, refuse_unstorable


def install(app: FastAPI) -> None:
    """Add the pages, and the page that people see where a program sees a problem document."""
    for part in (
        start,
        evaluations,
        provenance,
        changes,
        ledgers,
        findings,
        search,
        facts,
        documentation,
    ):
        app.include_router(
            part.router, dependencies=[Depends(refuse_unstorable), Depends(refuse_settings)]
        )
    app.state.problem_page = problem_page
