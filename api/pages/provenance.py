"""Where the numbers of an evaluation come from: a line, a figure, a rate, a sum."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import labels
from api import problems as p
from api.pages import sheet
from api.pages.rendering import as_json, page, view_of
from api.withdrawn import withdrawn_line
from domain.facts.form import BreakdownBy
from domain.facts.others import RuleSetCopied, RuleSetPublished
from domain.ids import unit_year_of
from domain.problems import Rejected
from domain.scoring.metrics import (
    METRICS,
    Base,
    MetricName,
    Quantity,
    bases_of,
    measure,
    quantities_of,
)
from domain.scoring.steps import Worksheet
from projections.current import FigureSource
from projections.unit_year import ref_of

router = APIRouter(include_in_schema=False)


@router.get("/evaluations/{id:form}/lines/{line:path}", name="line_page")
def line_page(request: Request, id: str, line: str) -> Response:  # noqa: A002
    """Where every number of a line comes from; of a line that was withdrawn, how it went."""
    view = view_of(request)
    found = view.evaluation(id)
    there = [one.line for one in found.lines]
    if line not in there and (gone := withdrawn_line(view, found.evaluation, line)) is not None:
        changes = view.history(id, line)
        return page(
            request, "line_withdrawn.html", view=view, found=found, it=gone, changes=changes
        )
    deduction = view.line(id, line)
    row = next(one for one in found.lines if one.line == line)
    evaluation = found.evaluation
    rules = (
        view.rule_set(evaluation.log_id, evaluation.rule_set, evaluation.rule_set_version)
        if evaluation.rule_set
        else None
    )
    rule: dict[str, Any] | None = None
    if rules is not None and deduction.rule is not None:
        fact = rules[1].fact
        if (
            isinstance(fact, RuleSetPublished | RuleSetCopied)
            and deduction.rule in fact.rule_set.rules
        ):
            rule = as_json(fact.rule_set.rules[deduction.rule])
    return page(
        request,
        "line.html",
        view=view,
        found=found,
        it=deduction,
        row=row,
        deviation=sheet.deviation_of(row),
        rule=rule,
        parts={one.part.value: one.facts for one in deduction.provenance},
        changes=view.history(id, line),
        findings=[one for one in view.findings_of(id) if one.line == line],
        bookings=view.ledger_facts(id, line),
        refs=view.facts_of(id),
        neighbours=_neighbours(there, line),
    )


def _neighbours(lines: Sequence[str], line: str) -> tuple[str | None, str | None]:
    at = lines.index(line)
    before = lines[at - 1] if at else None
    after = lines[at + 1] if at + 1 < len(lines) else None
    return before, after


@router.get("/evaluations/{id:form}/figures/{quantity}", name="figure_page")
def figure_page(request: Request, id: str, quantity: str) -> Response:  # noqa: A002
    """Every statement of one sum of money."""
    view = view_of(request)
    found = view.evaluation(id)
    if quantity not in Quantity.__members__:
        raise Rejected([p.NOT_FOUND.at("quantity")])
    name = Quantity(quantity)
    booked = any(one.source is FigureSource.BOOKED and one.counts for one in found.figures)
    unit_year = unit_year_of(id)
    ledger = unit_year.ledger if unit_year else ""
    return page(
        request,
        "figure.html",
        view=view,
        found=found,
        quantity=name,
        figures=[one for one in found.figures if one.quantity is name],
        breakdowns=[one for one in found.evaluation.breakdowns if one.quantity == quantity],
        users=[
            line
            for line in found.lines
            if line.metric and line.base and name in quantities_of(line.metric, line.base)
        ],
        entries=[ref_of(one) for one in view.events(ledger)] if booked else [],
        ledger=ledger,
        findings=[
            one
            for one in view.findings_of(id)
            if name.words.zh in one.claim.zh or name.words.zh in one.recomputed.zh
        ],
        refs=view.facts_of(id),
        by_words=lambda by: labels.words_of(BreakdownBy(by)),
    )


@router.get("/evaluations/{id:form}/rates/{metric}", name="rate_page")
def rate_page(request: Request, id: str, metric: str) -> Response:  # noqa: A002
    """What a rate is printed as, and what follows from the figures on each base."""
    view = view_of(request)
    found = view.evaluation(id)
    if metric not in METRICS:
        raise Rejected([p.NOT_FOUND.at("metric")])
    sums = {one.quantity.value: one.fen for one in found.figures if one.counts}
    worked = []
    for base in bases_of(metric):
        paper = Worksheet()
        measured = measure(metric, base, sums, paper)
        worked.append((base, measured, paper.steps))
    return page(
        request,
        "rate.html",
        view=view,
        found=found,
        metric=MetricName(metric),
        printed=[one for one in found.evaluation.rates if one.metric == metric],
        worked=worked,
        base_words=lambda base: labels.words_for(Base, base),
        users=[line for line in found.lines if line.metric == metric],
        findings=[
            one
            for one in view.findings_of(id)
            if METRICS[MetricName(metric)].words.zh in one.claim.zh
        ],
        refs=view.facts_of(id),
    )


@router.get("/evaluations/{id:form}/sums", name="sums_page")
def sums_page(request: Request, id: str) -> Response:  # noqa: A002
    """What a group or the total is the sum of, and what is printed."""
    view = view_of(request)
    found = view.evaluation(id)
    path = tuple(request.query_params.getlist("path"))
    group = next((one for one in found.evaluation.groups if one.path == path), None)
    if path and group is None:
        raise Rejected([p.NOT_FOUND.at("path")])
    lines = [one for one in found.lines if one.path[: len(path)] == path]
    return page(
        request,
        "sums.html",
        view=view,
        found=found,
        path=path,
        group=group,
        lines=lines,
        max_points=sheet.sum_of_max(lines),
        changes=[
            one
            for one in view.history(id)
            if one.line is None and one.path == path and one.subject.value in {"GROUP", "TOTAL"}
        ],
        findings=[one for one in view.findings_of(id) if one.line is None] if not path else [],
        refs=view.facts_of(id),
    )
