"""The start page: every evaluation, and what was found."""

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api.pages.kept import kept_of
from api.pages.rendering import page, view_of
from api.routers.reading import View
from domain.crosschecks.findings import FindingClass
from domain.evaluation.form import Status
from domain.facts.form import Level
from projections import standing
from projections.current import Evaluation, EvaluationFilter
from projections.findings import FindingFilter, FindingRow

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Row:
    """An evaluation on the list. ``total`` is the sum of its lines, None where there is none;
    ``declared`` are the totals that it prints, each once.
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
    stale: bool = False


@router.get("/", name="start_page")
def start_page(request: Request) -> Response:
    """Every evaluation, and everything that was found."""
    view = view_of(request)
    if view.moment is not None and not view.estimated:
        rows, by_form = _then(view), None
    else:
        rows, by_form = _now(view), _findings(view)
    return page(request, "start.html", view=view, rows=rows, by_form=by_form)


def _now(view: View) -> list[Row]:
    """The evaluations as they stand, or with scores estimated for a business date."""
    return [_row(one) for one in view.evaluations(EvaluationFilter())]


def _row(one: Evaluation) -> Row:
    declared = (score.value for score in one.declared_totals if score.value is not None)
    return Row(
        one.log_id,
        one.id,
        one.unit_name,
        one.fiscal_year,
        one.level,
        one.project_name,
        one.status,
        one.computed_total,
        tuple(dict.fromkeys(declared)),
        one.grade_declared,
        one.grade_computed,
        one.stale,
    )


def _then(view: View) -> list[Row]:
    """The evaluations as they stood at a moment, from an index: however many there are, none is
    folded. What was found in them then is asked of each.
    """
    with view.liuhen.connection() as connection:
        at = view.liuhen.positions(connection, view.moment)
        forms = [
            one.form
            for year in standing.years_with_facts(connection, at)
            for one in standing.listed(connection, at, year)
        ]
    return [
        Row(
            one.log_id,
            one.id,
            one.unit_name,
            one.fiscal_year,
            one.level,
            one.project_name,
            one.status,
            one.total,
            one.declared_totals,
            one.grade_declared,
            one.grade_computed,
        )
        for one in sorted(forms, key=_order)
    ]


def _order(one: standing.FormStanding) -> tuple[str, int, str, str]:
    return one.log_id, one.fiscal_year, one.unit, one.id


def _findings(view: View) -> dict[str, list[FindingRow]]:
    """What was found in each evaluation, the gravest first."""
    gravity = list(FindingClass)
    by_form: dict[str, list[FindingRow]] = {}
    for one in sorted(view.findings(FindingFilter()), key=lambda row: gravity.index(row.class_)):
        by_form.setdefault(one.evaluation, []).append(one)
    return by_form


@router.get("/evaluations", name="evaluations_page")
def evaluations_page(request: Request) -> Response:
    """The list lies on the start page."""
    return RedirectResponse(kept_of(request).url("/"))
