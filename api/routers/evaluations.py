"""The reading side of one evaluation, and the list of all."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from collections import Counter
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import listing
from api import schemas as s
from api.questions import MOST
from api.remarks import remarks_of
from api.routers.documentation import READING, problems
from api.routers.filters import (
    DivisionOfLog,
    FormId,
    Limit,
    Log,
    Unit,
    Year,
    cursor_of,
    link_to_next,
)
from api.routers.parameters import StrictRoute
from api.routers.reading import Lang, Reading, recorded_only
from api.view import View
from api.withdrawn import before_withdrawal, withdrawn_line
from domain.evaluation.problems import line_unknown
from domain.evaluation.state import Status
from domain.facts import Fact, tag_of
from domain.facts.form import Level, Subject
from domain.ids import unit_year_of
from domain.problems import Rejected
from domain.store import Recorded
from projections import current
from projections.tables import REDACTED

router = APIRouter(prefix="/api/evaluations", tags=["自评"], route_class=StrictRoute)

Line = Annotated[str, Path(title="行号", examples=["3"])]
_READ = problems(*READING, "evaluation.unknown")
_LINE = problems(*READING, "evaluation.unknown", "line.unknown")
_RECORDED = problems(*READING, "evaluation.unknown", "line.unknown", "effective-on.no-meaning")
_SCORES = recorded_only("得分变动", "changes of scores")
_FACTS = recorded_only("事实", "facts")


def evaluations_asked(
    *,
    log: Log,
    year: Year = None,
    division: DivisionOfLog,
    unit: Unit,
    level: Annotated[Level | None, Query(title="层级")] = None,
    status: Annotated[Status | None, Query(title="状态")] = None,
) -> current.EvaluationFilter:
    """The filter in an address."""
    return current.EvaluationFilter(
        log_id=log, fiscal_year=year, division=division, unit=unit, level=level, status=status
    )


@router.get(
    "",
    summary="自评列表",
    responses=problems(*READING, "unit.unknown", "filter.contradiction", "request.cursor"),
)
def list_evaluations(
    *,
    view: Reading,
    lang: Lang,
    request: Request,
    response: Response,
    where: Annotated[current.EvaluationFilter, Depends(evaluations_asked)],
    cursor: Annotated[str | None, cursor_of(current.Key)],
    limit: Limit = MOST,
) -> list[s.EvaluationOut]:
    """按区划、年度、单位列出；每份附填报与计算的总分、等级和各类疑点的数目。下一页在响应头 Link 里。"""
    page = listing.evaluations(
        view.liuhen, where, view.moment, view.effective_on, after=cursor, limit=limit
    )
    link_to_next(request, response, page.after)
    return [
        s.shown(
            s.EvaluationOut,
            one.evaluation,
            lang,
            findings=one.findings,
            estimated=view.estimated,
        )
        for one in page.rows
    ]


@router.get("/{id:form}", summary="自评表", responses=_READ)
def read_evaluation(
    *,
    view: Reading,
    lang: Lang,
    id: FormId,  # noqa: A002 - the name in the address
    response: Response,
) -> s.EvaluationDetail:
    """各行的填报、计算、复核和最终得分，小计，每个数额的各处说法；存在问题与整改、佐证材料、
    涉密未录入、退回和监控，各附所据事实。ETag 是自评表的版本。
    """
    found = view.evaluation(id)
    _tag(response, found.evaluation)
    counts = Counter(row.class_.value for row in view.findings_of(id))
    return s.shown(
        s.EvaluationDetail,
        found.evaluation,
        lang,
        lines=found.lines,
        figures=found.figures,
        **remarks_of(view, found.evaluation),
        findings=dict(counts),
        undated=view.undated(id),
        estimated=view.estimated,
    )


def _tag(response: Response, evaluation: current.Evaluation) -> None:
    response.headers["ETag"] = f'"{evaluation.version}"'
    response.headers["Liuhen-Position"] = str(evaluation.position)


@router.get("/{id:form}/lines/{line:path}", summary="一行的说明", responses=_LINE)
def read_line(
    *,
    view: Reading,
    lang: Lang,
    id: FormId,  # noqa: A002
    line: Line,
    response: Response,
) -> s.DeductionOut | s.WithdrawnLineOut:
    """得分从何而来：代入了数的各步、规则及其摘要、各种理解、事实及其所印之处。已经撤销的行有
    withdrawn：何时、何人、以何身份、依据何文号和理由撤销，以及撤销之前的说明和得分变动。
    """
    found = view.evaluation(id)
    _tag(response, found.evaluation)
    there = any(one.line == line for one in found.lines)
    gone = None if there else withdrawn_line(view, found.evaluation, line)
    if gone is not None:
        before = before_withdrawal(view, gone).deduction
        return s.shown(
            s.WithdrawnLineOut,
            gone,
            lang,
            withdrawn=gone.fact,
            before=s.shown(s.DeductionOut, before, lang, estimated=view.estimated),
            changes=view.history(id, line),
        )
    return s.shown(s.DeductionOut, view.line(id, line), lang, estimated=view.estimated)


@router.get("/{id:form}/history", summary="得分变动", dependencies=[_SCORES], responses=_RECORDED)
def read_history(
    *,
    view: Reading,
    lang: Lang,
    id: FormId,  # noqa: A002
    response: Response,
    line: Annotated[str | None, Query(title="行号", max_length=200)] = None,
    subject: Annotated[Subject | None, Query(title="对象")] = None,
) -> list[s.ScoreChangeOut]:
    """每行、每个小计和总分的每次变动：前、后、种类、起因、人员、身份、理由、文号、所印之处。"""
    found = view.evaluation(id)
    changes = view.history(id, line)
    # A line that was withdrawn has a history still.
    if line is not None and not changes and line not in {one.line for one in found.lines}:
        raise Rejected([line_unknown("line", id, line)])
    _tag(response, found.evaluation)
    return [
        s.shown(s.ScoreChangeOut, one, lang)
        for one in changes
        if subject is None or one.subject is subject
    ]


@router.get("/{id:form}/deductions", summary="扣分说明", responses=_READ)
def read_deductions(
    *,
    view: Reading,
    lang: Lang,
    id: FormId,  # noqa: A002
    response: Response,
    only: Annotated[
        str | None,
        Query(
            title="只看",
            description="deducted 有扣分的，unexplained 未说明原因的。",
            pattern="^(deducted|unexplained)$",
        ),
    ] = None,
) -> list[s.DeductionOut]:
    """各行的满分、各种得分、原因、改进措施、佐证和来历。"""
    _tag(response, view.evaluation(id).evaluation)
    return [
        s.shown(s.DeductionOut, one, lang, estimated=view.estimated)
        for one in view.deductions(id)
        if only is None
        or (only == "unexplained" and one.unexplained)
        or (only == "deducted" and one.deduction not in {None, "0"})
    ]


@router.get("/{id:form}/findings", summary="疑点", responses=_READ)
def read_findings(
    *,
    view: Reading,
    lang: Lang,
    id: FormId,  # noqa: A002
    response: Response,
) -> list[s.FindingOut]:
    """矛盾、无依据和值得关注之处：所称、重算、所据事实。"""
    _tag(response, view.evaluation(id).evaluation)
    return [
        s.shown(s.FindingOut, one, lang, estimated=view.estimated) for one in view.findings_of(id)
    ]


@router.get("/{id:form}/events", summary="事实", dependencies=[_FACTS], responses=_RECORDED)
def read_events(
    *,
    view: Reading,
    lang: Lang,
    id: FormId,  # noqa: A002
    response: Response,
    stream: Annotated[
        str,
        Query(
            title="哪些流",
            description="form 自评表，ledger 台账，both 两者按日志位置合并。",
            pattern="^(form|ledger|both)$",
        ),
    ] = "form",
) -> list[s.EventOut]:
    """自评表（和台账）的每条事实，原样。"""
    _tag(response, view.evaluation(id).evaluation)
    unit_year = unit_year_of(id)
    wanted = {"form": [id], "ledger": [], "both": [id]}[stream]
    if stream != "form" and unit_year is not None:
        wanted.append(unit_year.ledger)
    recorded = sorted(
        (one for name in wanted for one in view.events(name)), key=lambda one: one.position
    )
    return events_out(view, view.log_of(id), recorded, lang)


# --------------------------------------------------------------------------------------- facts

PROSE_FIELDS = frozenset({"reason", "opinion", "measure", "text", "title", "remark"})
"""The fields of facts that hold the digest of a text; a test compares them with the facts."""
_HEX_DIGITS = 64


def content_of(fact: Fact) -> dict[str, Any]:
    """What a fact holds, as JSON holds it."""
    content: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(fact))
    return content


def digests_in(value: object, name: str = "") -> list[str]:
    """The digests of detached texts in the content of a fact."""
    match value:
        case dict():
            return [one for key, part in value.items() for one in digests_in(part, key)]
        case list():
            return [one for part in value for one in digests_in(part, name)]
        case str() if name in PROSE_FIELDS and len(value) == _HEX_DIGITS:
            return [value]
        case _:
            return []


def events_out(view: View, log_id: str, recorded: list[Recorded], lang: str) -> list[s.EventOut]:
    """Facts with their texts joined; a text that is gone says so."""
    contents = [content_of(one.fact) for one in recorded]
    wanted = [digests_in(content) for content in contents]
    bodies = view.liuhen.store.text_bodies(log_id, [one for some in wanted for one in some])
    return [
        _event(one, content, {digest: bodies.get(digest) for digest in digests}, lang)
        for one, content, digests in zip(recorded, contents, wanted, strict=True)
    ]


def _event(
    recorded: Recorded, content: dict[str, Any], texts: dict[str, str | None], lang: str
) -> s.EventOut:
    envelope = recorded.envelope
    content.pop("type", None)
    return s.shown(
        s.EventOut,
        envelope,
        lang,
        stream_id=recorded.stream_id,
        version=recorded.version,
        position=recorded.position,
        type=tag_of(type(recorded.fact)),
        effective_from=envelope.effective.first,
        effective_to=envelope.effective.last,
        leaf_hash=recorded.leaf_hash,
        content=content,
        texts={
            digest: {
                "text": REDACTED.in_(lang) if body is None else body,
                "digest": digest,
                "redacted": body is None,
            }
            for digest, body in texts.items()
        },
    )
