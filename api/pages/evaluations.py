"""The pages of one evaluation: the 自评表, its deductions, its history, its differences."""

from itertools import groupby
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import differing
from api.pages import sheet
from api.pages.kept import kept_of
from api.pages.listing import files
from api.pages.rendering import page, recorded_view, view_of
from api.view import View
from projections.current import Current, EvaluationFilter
from projections.score_history import ScoreChange

router = APIRouter(include_in_schema=False)


@router.get("/evaluations/{id:form}", name="sheet_page")
def sheet_page(request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
    """The 自评表."""
    view = view_of(request)
    found = view.evaluation(id)
    findings = view.findings_of(id)
    reasons = {one.line: one.reason for one in view.deductions(id)}
    return page(
        request,
        "sheet.html",
        view=view,
        found=found,
        rows=sheet.rows_of(found, reasons, findings),
        money=sheet.money_of(found),
        totals=sheet.totals_of(found, findings),
        findings=findings,
        siblings=_siblings(view, found),
    )


def _siblings(view: View, found: Current) -> list[Any]:
    evaluation = found.evaluation
    where = EvaluationFilter(
        log_id=evaluation.log_id, unit=evaluation.unit, fiscal_year=evaluation.fiscal_year
    )
    return [one for one in view.evaluations(where) if one.id != evaluation.id]


@router.get("/evaluations/{id:form}/deductions", name="deductions_page")
def deductions_page(request: Request, id: str) -> Response:  # noqa: A002
    """Every deduction with its reason, or without one."""
    view = view_of(request)
    found = view.evaluation(id)
    deductions = [one for one in view.deductions(id) if one.deduction not in {None, "0"}]
    return page(request, "deductions.html", view=view, found=found, deductions=deductions)


@router.get("/evaluations/{id:form}/history", name="history_page")
def history_page(request: Request, id: str) -> Response:  # noqa: A002
    """Every change of every score."""
    view = recorded_view(request)
    found = view.evaluation(id)
    changes = view.history(id)
    only = request.query_params.get("only", "")
    shown = [one for one in changes if _wanted(one, only)]
    return page(
        request,
        "history.html",
        view=view,
        found=found,
        changes=shown,
        all=len(changes),
        only=only,
        files=files(kept_of(request), "/api/score-changes", {"evaluation": id}, recorded=True),
    )


def _wanted(change: ScoreChange, only: str) -> bool:
    match only:
        case "lines":
            return change.line is not None
        case "sums":
            return change.line is None
        case "changed":
            return change.from_points is not None
        case _:
            return True


@router.get("/evaluations/{id:form}/diff", name="diff_page")
def diff_page(request: Request, id: str) -> Response:  # noqa: A002
    """What differs between two moments of an evaluation, side by side, and what brought it."""
    view = recorded_view(request)
    found = view.evaluation(id)
    begin = request.query_params.get("from", "").strip()
    end = request.query_params.get("to", "").strip()
    difference = differing.difference(
        view.liuhen, id, None, begin or None, end or None, as_of=view.moment
    )
    return page(
        request,
        "diff.html",
        view=view,
        found=found,
        it=difference,
        parts=[
            (part, list(changes))
            for part, changes in groupby(difference.changes, key=lambda one: one.part)
        ],
        begin=begin or differing.usual_beginning(view.liuhen, id, view.moment),
        end=end,
        moments=differing.milestones(view.liuhen, id, view.moment),
    )
