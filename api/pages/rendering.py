"""How a page is made: the templates, what an address keeps, and the view that it asks for."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from api import labels
from api.clocks import clocks
from api.pages import present, sheet
from api.pages.kept import Kept, kept_of, readable
from api.routers import addresses
from api.routers.reading import liuhen_of, wait_for
from api.view import View
from domain.crosschecks.findings import FindingClass
from domain.evaluation.scores import Origin
from domain.problems import Problem
from domain.scoring.metrics import Quantity

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(
    a=addresses,
    present=present,
    labels=labels,
    FindingClass=FindingClass,
    Quantity=Quantity,
    Origin=Origin,
    COLUMNS=sheet.COLUMNS,
)
_TEMPLATES.filters["number"] = present.number
_TEMPLATES.filters["moment"] = present.moment


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    kept: Kept | None = None,
    **context: Any,
) -> HTMLResponse:
    """A template filled in, in the language of the address; ``context`` is what it names."""
    kept = kept or kept_of(request)
    view = context.get("view")
    known = view.moment if isinstance(view, View) else None
    counted = view.effective_on if isinstance(view, View) else None
    body = _TEMPLATES.get_template(template).render(
        request=request,
        kept=kept,
        t=kept.t,
        w=kept.words,
        url=kept.url,
        lang=kept.lang,
        known=known,
        counted=counted,
        **context,
    )
    headers = {
        "Content-Language": "en" if kept.lang == "en" else "zh-CN",
        # A page of the past never changes, but a redaction reaches it too.
        "Cache-Control": "no-store",
    }
    return HTMLResponse(body, status_code=status, headers=headers)


def view_of(request: Request) -> View:
    """The view that an address asks for. Raises ``Rejected`` for a clock that cannot be read,
    and while there are no views (``views.not-filled``).
    """
    kept = kept_of(request)
    liuhen_of(request).logs.require_filled()
    wait_for(request, request.query_params.get("after"))
    return View(liuhen_of(request), *clocks(kept.as_of or None, kept.effective_on or None))


def recorded_view(request: Request) -> View:
    """The view of a page about facts and changes, which count by no business date."""
    return replace(view_of(request), effective_on=None)


def problem_page(request: Request, problems: Sequence[Problem]) -> Response:
    """What was refused, for people."""
    kept = readable(kept_of(request), problems)
    return page(request, "problem.html", status=problems[0].status, kept=kept, problems=problems)


def as_json(value: object) -> dict[str, Any]:
    """A part of a fact as built-in values, as templates walk it."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value))
    return found
