"""The start page: evaluations, and what was found in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api import listing
from api.pages import fields as f
from api.pages.asking import Field, Form, FormRoute
from api.pages.kept import kept_of
from api.pages.listing import LIMIT
from api.pages.rendering import view_of
from api.questions import USUAL
from api.routers.evaluations import evaluations_asked
from api.routers.filters import Limit, cursor_of
from api.view import View
from domain.crosschecks.findings import FindingClass
from domain.evaluation.state import Status
from domain.facts.form import Level
from domain.values import Words
from projections import findings as finding
from projections.current import EvaluationFilter, Key
from projections.findings import FindingRow
from projections.standing import FormStanding
from projections.tables.paging import Page

router = APIRouter(include_in_schema=False, route_class=FormRoute)

_GRAVITY = {class_: nth for nth, class_ in enumerate(FindingClass)}
FORM = Form(
    "start.html",
    (
        f.YEAR,
        f.LOG,
        Field("division", Words("区划", "Division")),
        f.UNIT,
        Field("level", Words("层级", "Level")),
        Field("status", Words("状态", "State")),
        LIMIT,
    ),
)


@dataclass(frozen=True)
class Row:
    """An evaluation on the list. ``total`` is the sum of its lines, None where there is none;
    ``declared`` are the totals that it prints, each once; ``counts`` how many findings of each
    class it has, None where that was not looked at.
    """

    log_id: str
    id: str
    unit_name: str
    fiscal_year: int
    level: Level
    project_name: str | None
    status: Status
    total: str | None
    declared: tuple[str, ...]
    grade_declared: str | None
    grade_computed: str | None
    stale: bool
    counts: Mapping[str, int] | None


@router.get("/", name="start_page")
@FORM
def start_page(
    request: Request,
    where: Annotated[EvaluationFilter, Depends(evaluations_asked)],
    cursor: Annotated[str | None, cursor_of(Key)],
    limit: Limit = USUAL,
) -> Response:
    """Evaluations page by page, and what was found in them."""
    view = view_of(request)
    if view.moment is not None and not view.estimated:
        answer = _then(view, where, cursor, limit)
    else:
        answer = _worked_out(view, where, cursor, limit)
    now = view.moment is None and not view.estimated
    by_form = _findings(view, answer.rows) if now else None
    return FORM.answered(request, view, answer=answer, by_form=by_form)


def _worked_out(view: View, where: EvaluationFilter, cursor: str | None, limit: int) -> Page[Row]:
    """The evaluations as they stand, or with scores estimated for a business date."""
    page = listing.evaluations(
        view.liuhen, where, view.moment, view.effective_on, after=cursor, limit=limit
    )
    return Page(rows=tuple(_listed(one) for one in page.rows), after=page.after)


def _listed(one: listing.Listed) -> Row:
    evaluation = one.evaluation
    declared = (score.value for score in evaluation.declared_totals if score.value is not None)
    return Row(
        log_id=evaluation.log_id,
        id=evaluation.id,
        unit_name=evaluation.unit_name,
        fiscal_year=evaluation.fiscal_year,
        level=evaluation.level,
        project_name=evaluation.project_name,
        status=evaluation.status,
        total=evaluation.computed_total,
        declared=tuple(dict.fromkeys(declared)),
        grade_declared=evaluation.grade_declared,
        grade_computed=evaluation.grade_computed,
        stale=evaluation.stale,
        counts=one.findings,
    )


def _then(view: View, where: EvaluationFilter, cursor: str | None, limit: int) -> Page[Row]:
    """The evaluations as they stood at a moment, from an index: none is folded. What was found in
    them then is asked of each.
    """
    with view.liuhen.connection() as connection:
        _, page = listing.page_at(
            view.liuhen, connection, where, view.moment, after=cursor, limit=limit
        )
    return Page(rows=tuple(_stood(one) for one in page.rows), after=page.after)


def _stood(one: FormStanding) -> Row:
    return Row(
        log_id=one.log_id,
        id=one.id,
        unit_name=one.unit_name,
        fiscal_year=one.fiscal_year,
        level=one.level,
        project_name=one.project_name,
        status=one.status,
        total=one.total,
        declared=one.declared_totals,
        grade_declared=one.grade_declared,
        grade_computed=one.grade_computed,
        stale=False,
        counts=None,
    )


def _findings(view: View, rows: Sequence[Row]) -> dict[str, list[FindingRow]]:
    """What was found in each evaluation of the page, the gravest first."""
    texts = view.liuhen.store.text_bodies
    with view.liuhen.connection() as connection:
        return {
            row.id: sorted(
                finding.list_for(connection, texts, row.log_id, row.id),
                key=lambda one: _GRAVITY[one.class_],
            )
            for row in rows
            if row.counts
        }


@router.get("/evaluations", name="evaluations_page")
def evaluations_page(request: Request) -> Response:
    """The list lies on the start page."""
    return RedirectResponse(kept_of(request).url("/"))
