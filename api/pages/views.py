"""The routes of the pages. They ask the same questions as the JSON side, through the same view."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from api import differing, labels
from api import problems as p
from api.bootstrap import clocks
from api.pages import present, reference, sheet
from api.pages.kept import Kept, kept_of
from api.routers import addresses
from api.routers.evaluations import content_of, digests_in
from api.routers.reading import View, liuhen_of, wait_for
from domain.crosschecks.findings import FindingClass
from domain.evaluation.scores import Origin
from domain.facts import tag_of
from domain.facts.form import BreakdownBy
from domain.facts.ledger import FundSource
from domain.facts.others import EntryCorrected, RuleSetCopied, RuleSetPublished
from domain.ids import is_form, is_ledger, project_of, unit_year_of
from domain.problems import CATALOGUE, Problem, Rejected
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
from domain.store import Recorded
from domain.values import plain
from projections import adjustments as adjusting
from projections.current import Current, EvaluationFilter, FigureSource
from projections.differences import milestones
from projections.findings import FindingFilter, FindingRow
from projections.score_history import ScoreChange
from projections.unit_year import ref_of

router = APIRouter(include_in_schema=False)

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


def _page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    kept: Kept | None = None,
    **context: Any,
) -> HTMLResponse:
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


def _view(request: Request) -> View:
    kept = kept_of(request)
    wait_for(request, request.query_params.get("after"))
    return View(liuhen_of(request), *clocks(kept.as_of or None, kept.effective_on or None))


def _recorded(request: Request) -> View:
    """The view of a page about facts and changes, which count by no business date."""
    return replace(_view(request), effective_on=None)


def problem_page(request: Request, problems: Sequence[Problem]) -> Response:
    """What was refused, for people."""
    kept = kept_of(request)
    # Or every link would lead back here.
    codes = {one.code for one in problems}
    if "as-of.malformed" in codes:
        kept = replace(kept, as_of=None)
    if any(code.startswith("effective-on.") for code in codes):
        kept = replace(kept, effective_on=None)
    return _page(request, "problem.html", status=problems[0].status, kept=kept, problems=problems)


# ----------------------------------------------------------------------------------- the start


@router.get("/", name="start_page")
def start_page(request: Request) -> Response:
    """Every evaluation, and everything that was found."""
    view = _view(request)
    evaluations = view.evaluations(EvaluationFilter())
    findings = view.findings(FindingFilter())
    by_form: dict[str, list[FindingRow]] = {}
    for one in findings:
        by_form.setdefault(one.evaluation, []).append(one)
    for some in by_form.values():
        some.sort(key=lambda row: list(FindingClass).index(row.class_))
    return _page(request, "start.html", view=view, evaluations=evaluations, by_form=by_form)


@router.get("/evaluations", name="evaluations_page")
def evaluations_page(request: Request) -> Response:
    """The list lies on the start page."""
    return RedirectResponse(kept_of(request).url("/"))


# ------------------------------------------------------------------------------- one evaluation


@router.get("/evaluations/{id:form}", name="sheet_page")
def sheet_page(request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
    """The 自评表."""
    view = _view(request)
    found = view.evaluation(id)
    findings = view.findings_of(id)
    reasons = {one.line: one.reason for one in view.deductions(id)}
    return _page(
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


@router.get("/evaluations/{id:form}/lines/{line:path}", name="line_page")
def line_page(request: Request, id: str, line: str) -> Response:  # noqa: A002
    """Where every number of a line comes from."""
    view = _view(request)
    found = view.evaluation(id)
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
            rule = _as_json(fact.rule_set.rules[deduction.rule])
    return _page(
        request,
        "line.html",
        view=view,
        found=found,
        it=deduction,
        row=row,
        rule=rule,
        parts={one.part.value: one.facts for one in deduction.provenance},
        changes=view.history(id, line),
        findings=[one for one in view.findings_of(id) if one.line == line],
        bookings=view.ledger_facts(id, line),
        refs=view.facts_of(id),
        neighbours=_neighbours([one.line for one in found.lines], line),
    )


def _as_json(value: object) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value))
    return found


def _neighbours(lines: Sequence[str], line: str) -> tuple[str | None, str | None]:
    at = lines.index(line)
    before = lines[at - 1] if at else None
    after = lines[at + 1] if at + 1 < len(lines) else None
    return before, after


@router.get("/evaluations/{id:form}/figures/{quantity}", name="figure_page")
def figure_page(request: Request, id: str, quantity: str) -> Response:  # noqa: A002
    """Every statement of one sum of money."""
    view = _view(request)
    found = view.evaluation(id)
    if quantity not in Quantity.__members__:
        raise Rejected([p.NOT_FOUND.at("quantity")])
    name = Quantity(quantity)
    booked = any(one.source is FigureSource.BOOKED and one.counts for one in found.figures)
    unit_year = unit_year_of(id)
    ledger = unit_year.ledger if unit_year else ""
    return _page(
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
    view = _view(request)
    found = view.evaluation(id)
    if metric not in METRICS:
        raise Rejected([p.NOT_FOUND.at("metric")])
    sums = {one.quantity.value: one.fen for one in found.figures if one.counts}
    worked = []
    for base in bases_of(metric):
        paper = Worksheet()
        measured = measure(metric, base, sums, paper)
        worked.append((base, measured, paper.steps))
    return _page(
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
    view = _view(request)
    found = view.evaluation(id)
    path = tuple(request.query_params.getlist("path"))
    group = next((one for one in found.evaluation.groups if one.path == path), None)
    if path and group is None:
        raise Rejected([p.NOT_FOUND.at("path")])
    lines = [one for one in found.lines if one.path[: len(path)] == path]
    return _page(
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


@router.get("/evaluations/{id:form}/history", name="history_page")
def history_page(request: Request, id: str) -> Response:  # noqa: A002
    """Every change of every score."""
    view = _recorded(request)
    found = view.evaluation(id)
    changes = view.history(id)
    only = request.query_params.get("only", "")
    shown = [one for one in changes if _wanted(one, only)]
    return _page(
        request, "history.html", view=view, found=found, changes=shown, all=len(changes), only=only
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
    view = _recorded(request)
    found = view.evaluation(id)
    begin = request.query_params.get("from", "").strip()
    end = request.query_params.get("to", "").strip()
    until = end or (view.moment.isoformat() if view.moment else "now")
    difference = differing.difference(view.liuhen, id, None, begin or None, until)
    return _page(
        request,
        "diff.html",
        view=view,
        found=found,
        it=difference,
        parts=[
            (part, list(changes))
            for part, changes in groupby(difference.changes, key=lambda one: one.part)
        ],
        begin=begin or differing.usual_beginning(view.liuhen, id),
        end=end,
        moments=milestones(view.liuhen.store, found.evaluation.log_id, id),
    )


@router.get("/evaluations/{id:form}/deductions", name="deductions_page")
def deductions_page(request: Request, id: str) -> Response:  # noqa: A002
    """Every deduction with its reason, or without one."""
    view = _view(request)
    found = view.evaluation(id)
    deductions = [one for one in view.deductions(id) if one.deduction not in {None, "0"}]
    return _page(request, "deductions.html", view=view, found=found, deductions=deductions)


@router.get("/evaluations/{id:form}/findings", name="evaluation_findings_page")
def evaluation_findings_page(request: Request, id: str) -> Response:  # noqa: A002
    """The findings of one evaluation."""
    view = _view(request)
    found = view.evaluation(id)
    return _page(
        request,
        "findings.html",
        view=view,
        found=found,
        groups=[(found.evaluation, view.findings_of(id))],
        refs=view.facts_of(id),
        chosen={},
    )


@router.get("/evaluations/{id:form}/adjustments", name="evaluation_adjustments_page")
def evaluation_adjustments_page(request: Request, id: str) -> Response:  # noqa: A002
    """The adjustments of one unit and year, or of one project of it."""
    view = _view(request)
    found = view.evaluation(id)
    unit_year = unit_year_of(id)
    where = adjusting.AdjustmentFilter(
        log_id=found.evaluation.log_id,
        ledger=unit_year.ledger if unit_year else None,
        project=project_of(id),
        with_voided=True,
    )
    return _adjustments(request, view, where, found)


# --------------------------------------------------------------------------------------- across

_FILTERS = ("year", "unit", "kind", "direction", "source", "month", "document")


@router.get("/adjustments", name="adjustments_page")
def adjustments_page(request: Request) -> Response:
    """Adjustments across units."""
    view = _view(request)
    query = request.query_params
    year = query.get("year", "")
    where = adjusting.AdjustmentFilter(
        fiscal_year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,  # noqa: PLR2004 - digits of a year
        unit=query.get("unit") or None,
        kind=_member(adjusting.AdjustmentKind, query.get("kind")),
        direction=_member(adjusting.Direction, query.get("direction")),
        source=_member(FundSource, query.get("source")),
        month=query.get("month") or None,
        document=query.get("document") or None,
        with_voided=True,
    )
    return _adjustments(request, view, where, None)


def _member(kind: Any, raw: str | None) -> Any:  # noqa: ANN401 - any enumeration
    return kind(raw) if raw in set(kind) else None


def _adjustments(
    request: Request, view: View, where: adjusting.AdjustmentFilter, found: Current | None
) -> Response:
    by = _member(adjusting.GroupBy, request.query_params.get("group_by"))
    return _page(
        request,
        "adjustments.html",
        view=view,
        found=found,
        entries=view.adjustments(where),
        undated=view.undated_adjustments(where),
        groups=view.adjustment_groups([by], where) if by else None,
        group_by=by,
        money=view.money_of_units(where),
        chosen={name: request.query_params.get(name, "") for name in _FILTERS},
        kinds=list(adjusting.AdjustmentKind),
        directions=list(adjusting.Direction),
        sources=list(FundSource),
        group_words=_GROUP_WORDS,
        group_key=_group_key,
    )


_GROUP_WORDS = {
    adjusting.GroupBy.UNIT: ("单位", "unit"),
    adjusting.GroupBy.MONTH: ("月份", "month"),
    adjusting.GroupBy.KIND: ("种类", "kind"),
    adjusting.GroupBy.SOURCE: ("来源", "source"),
    adjusting.GroupBy.DIRECTION: ("方向", "direction"),
    adjusting.GroupBy.LOG: ("财政区划", "jurisdiction"),
    adjusting.GroupBy.EXCLUDED: ("不计入的原因", "exclusion"),
}


def _group_key(by: adjusting.GroupBy, value: str | None, kept: Kept) -> str:
    if value is None:
        return kept.t("不明", "unknown")
    if by is adjusting.GroupBy.KIND:
        return kept.words(adjusting.AdjustmentKind(value).words)
    if by is adjusting.GroupBy.DIRECTION:
        return kept.words(adjusting.Direction(value).words)
    if by is adjusting.GroupBy.SOURCE:
        return kept.words(labels.words_for(FundSource, value))
    return value


@router.get("/findings", name="findings_page")
def findings_page(request: Request) -> Response:
    """Findings across evaluations."""
    view = _view(request)
    class_ = _member(FindingClass, request.query_params.get("class"))
    code = request.query_params.get("code") or None
    rows = view.findings(FindingFilter(class_=class_, code=code))
    groups = []
    for evaluation in view.evaluations(EvaluationFilter()):
        mine = [row for row in rows if row.evaluation == evaluation.id]
        if mine:
            mine.sort(key=lambda row: list(FindingClass).index(row.class_))
            groups.append((evaluation, mine))
    refs: dict[str, Any] = {}
    for evaluation, _ in groups:
        refs |= view.facts_of(evaluation.id)
    return _page(
        request,
        "findings.html",
        view=view,
        found=None,
        groups=groups,
        refs=refs,
        chosen={"class": class_ or "", "code": code or ""},
    )


@router.get("/rule-sets", name="rule_sets_page")
def rule_sets_page(request: Request) -> Response:
    """Every rule set, in every version."""
    view = _recorded(request)
    return _page(request, "rule_sets.html", view=view, rule_sets=view.rule_sets())


@router.get("/rule-sets/{log_id}/{name}", name="rule_set_page")
def rule_set_page(request: Request, log_id: str, name: str) -> Response:
    """One rule set, the newest version or the one asked for."""
    view = _recorded(request)
    found = view.rule_set(log_id, name, request.query_params.get("version") or None)
    if found is None:
        raise Rejected([p.NOT_FOUND.at("rule-set")])
    _, recorded = found
    fact = recorded.fact
    if not isinstance(fact, RuleSetPublished | RuleSetCopied):
        raise Rejected([p.NOT_FOUND.at("rule-set")])
    return _page(
        request,
        "rule_set.html",
        view=view,
        log_id=log_id,
        recorded=recorded,
        fact=fact,
        rules=_as_json(fact.rule_set.rules),
        ref=ref_of(recorded),
    )


# ---------------------------------------------------------------------------------------- facts


@router.get("/streams/{stream:path}", name="stream_page")
def stream_page(request: Request, stream: str) -> Response:
    """The facts of a stream, in order."""
    view = _recorded(request)
    events = view.events(stream)
    if not events:
        raise Rejected([p.NOT_FOUND.at("stream")])
    return _page(
        request,
        "stream.html",
        view=view,
        stream=stream,
        log_id=stream.partition("/")[0],
        events=[(one, ref_of(one), _glance(one)) for one in events],
        evaluation=_home(view, stream),
        ledger=_ledger_of(stream),
    )


def _home(view: View, stream: str) -> Current | None:
    if not is_form(stream):
        return None
    try:
        return view.evaluation(stream)
    except Rejected:
        return None


def _ledger_of(stream: str) -> str | None:
    unit_year = unit_year_of(stream)
    return unit_year.ledger if unit_year and not is_ledger(stream) else None


def _glance(recorded: Recorded) -> str:
    """A few words about what a fact says."""
    fact: Any = recorded.fact
    if isinstance(fact, EntryCorrected):
        fact = fact.replacement
    parts = []
    for name in ("line", "path", "quantity", "voucher", "document", "name", "version"):
        value = getattr(fact, name, None)
        if isinstance(value, str) and value:
            parts.append(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], str):
            parts.append(" / ".join(value))
    for name in ("points", "to_points", "total"):
        value = getattr(fact, name, None)
        if value is not None:
            parts.append(f"→ {present.number(plain(value))}")
    amount = getattr(fact, "amount", None)
    if isinstance(amount, int):
        parts.append(present.money(amount, yuan=False) + " 万元")
    return " · ".join(parts)


@router.get("/facts/{log_id}/{position:int}", name="fact_page")
def fact_page(request: Request, log_id: str, position: int) -> Response:
    """One fact, whole: who, when, in what role, from which place, and what it says."""
    view = _recorded(request)
    recorded = view.fact(log_id, position)
    content = content_of(recorded.fact)
    digests = digests_in(content)
    bodies = view.liuhen.store.text_bodies(log_id, digests)
    neighbours = view.events(recorded.stream_id, log_id)
    before = next((one for one in neighbours if one.version == recorded.version - 1), None)
    after = next((one for one in neighbours if one.version == recorded.version + 1), None)
    upto = view.position(log_id)
    consequences = [
        one
        for one in (view.history(recorded.stream_id) if is_form(recorded.stream_id) else ())
        if one.position == position
    ]
    target = None
    if isinstance(recorded.fact, EntryCorrected):
        wanted = recorded.fact.target
        target = next((one for one in neighbours if one.envelope.event_id == wanted), None)
    return _page(
        request,
        "fact.html",
        view=view,
        log_id=log_id,
        recorded=recorded,
        ref=ref_of(recorded),
        tag=tag_of(type(recorded.fact)),
        content={key: value for key, value in content.items() if key != "type"},
        texts={digest: bodies.get(digest) for digest in digests},
        before=before,
        after=after,
        upto=upto,
        consequences=consequences,
        target=target,
        is_form=is_form(recorded.stream_id),
        raw=json.dumps(content, ensure_ascii=False, indent=2),
    )


# --------------------------------------------------------------------------------- the reference


@router.get("/docs", name="docs_page")
def docs_page(request: Request) -> Response:
    """The reference of the API, from its own description."""
    operations = reference.operations(request.app.openapi())
    description = reference.paragraphs(request.app.description)
    return _page(request, "docs.html", operations=operations, description=description)


@router.get("/problems", name="problems_page")
def problems_page(request: Request) -> Response:
    """Every code that a refusal can carry."""
    kinds = sorted(CATALOGUE.values(), key=lambda kind: kind.code)
    return _page(request, "problems.html", kinds=kinds)


def install(app: FastAPI) -> None:
    """Add the pages, and the page that people see where a program sees a problem document."""
    app.include_router(router)
    app.state.problem_page = problem_page
