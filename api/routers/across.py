"""The reading side across evaluations: adjustments, findings, rule sets, single facts."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import schemas as s
from api.asking import GROUPS_ALONE, require_direction
from api.questions import MOST, Questions
from api.routers.documentation import READING, problems
from api.routers.evaluations import events_out
from api.routers.filters import (
    Amounts,
    DivisionOfLog,
    Document,
    Limit,
    Log,
    LogId,
    Month,
    Unit,
    Year,
    cursor_of,
    link_to_next,
)
from api.routers.parameters import StrictRoute, note, noted
from api.routers.reading import Lang, Reading, recorded_only
from api.schemas.values import Between, Whole
from domain.crosschecks.findings import FindingClass
from domain.facts.ledger import FundSource
from domain.facts.others import RuleSetCopied, RuleSetPublished
from domain.values import plain
from projections import adjustments as a
from projections.findings import FindingFilter
from projections.findings import Key as FindingKey

router = APIRouter(prefix="/api", tags=["查询"], route_class=StrictRoute)


def adjustment_out(entry: a.AdjustmentEntry, lang: str) -> s.AdjustmentOut:
    """An adjustment with its balances in one flat object."""
    sums = {name: getattr(entry, name) for name in _SUMS}
    row = msgspec.to_builtins(entry.row)
    return s.shown(
        s.AdjustmentOut,
        entry.row,
        lang,
        **sums,
        **{name: row[name] for name in ("approved_on", "effective_from", "effective_to")},
    )


_SUMS = ("amount", "initial", "carried_in", "increased", "decreased", "balance")


def _directed(
    kind: Annotated[a.AdjustmentKind | None, Query(title="种类")] = None,
    direction: Annotated[a.Direction | None, Query(title="方向")] = None,
) -> tuple[a.AdjustmentKind | None, a.Direction | None]:
    noted(lambda: require_direction(kind, direction, ("kind", "direction")))
    return kind, direction


def adjustments_asked(
    *,
    log: Log,
    year: Year = None,
    division: DivisionOfLog,
    unit: Unit,
    project: Annotated[str | None, Query(title="项目编码", max_length=64)] = None,
    directed: Annotated[tuple[a.AdjustmentKind | None, a.Direction | None], Depends(_directed)],
    source: Annotated[FundSource | None, Query(title="资金来源")] = None,
    month: Month,
    document: Document = None,
    amounts: Amounts,
    excluded: Annotated[bool | None, Query(title="不计入调整率")] = None,
    corrected: Annotated[bool | None, Query(title="更正过")] = None,
    with_voided: Annotated[bool, Query(title="连同已作废的")] = False,
) -> a.AdjustmentFilter:
    """The filter in an address."""
    least, most = amounts
    kind, direction = directed
    return a.AdjustmentFilter(
        log_id=log,
        fiscal_year=year,
        division=division,
        unit=unit,
        project=project,
        kind=kind,
        direction=direction,
        source=source,
        month=month,
        document=document,
        least_fen=least,
        most_fen=most,
        excluded=excluded,
        corrected=corrected,
        with_voided=with_voided,
    )


def _groups(
    request: Request,
    group_by: Annotated[
        list[a.GroupBy] | None, Query(title="分组", description="可以重复。", max_length=4)
    ] = None,
) -> list[a.GroupBy] | None:
    if group_by and "cursor" in request.query_params:
        note(GROUPS_ALONE.at("cursor", given="cursor", groups="group_by"))
    return group_by


@router.get(
    "/adjustments",
    summary="预算调整",
    responses=problems(
        *READING,
        "unit.unknown",
        "filter.no-month",
        "filter.empty-range",
        "filter.contradiction",
        "filter.groups-alone",
        "request.cursor",
    ),
)
def read_adjustments(
    *,
    view: Reading,
    lang: Lang,
    request: Request,
    response: Response,
    where: Annotated[a.AdjustmentFilter, Depends(adjustments_asked)],
    group_by: Annotated[list[a.GroupBy] | None, Depends(_groups)],
    cursor: Annotated[str | None, cursor_of(a.Key)],
    limit: Limit = MOST,
) -> s.AdjustmentsOut:
    """跨单位查询追加、追减、调剂和收回：筛选，或按月、单位、来源、种类等分组合计。"""
    questions = Questions(view.liuhen, view.moment, view.effective_on)
    if group_by:
        groups, positions = questions.adjustment_groups(list(dict.fromkeys(group_by)), where)
        return s.AdjustmentsOut(
            groups=[s.shown(s.AdjustmentGroupOut, one, lang) for one in groups],
            next=None,
            positions=positions,
        )
    with view.liuhen.connection() as connection:
        page = questions.adjustments(connection, where, cursor, limit)
        positions = questions.positions(connection)
    return s.AdjustmentsOut(
        adjustments=[adjustment_out(entry, lang) for entry in page.rows],
        next=link_to_next(request, response, page.after),
        positions=positions,
        undated=[adjustment_out(entry, lang) for entry in view.undated_adjustments(where)],
    )


def findings_asked(
    *,
    log: Log,
    year: Year = None,
    unit: Unit,
    code: Annotated[str | None, Query(title="代码", max_length=100)] = None,
    class_: Annotated[FindingClass | None, Query(alias="class", title="类别")] = None,
    acknowledged: Annotated[bool | None, Query(title="已阅")] = None,
) -> FindingFilter:
    """The filter in an address."""
    return FindingFilter(
        log_id=log,
        fiscal_year=year,
        unit=unit,
        code=code,
        class_=class_,
        acknowledged=acknowledged,
    )


@router.get(
    "/findings",
    summary="疑点",
    responses=problems(*READING, "unit.unknown", "request.cursor"),
)
def search_findings(
    *,
    view: Reading,
    lang: Lang,
    request: Request,
    response: Response,
    where: Annotated[FindingFilter, Depends(findings_asked)],
    cursor: Annotated[str | None, cursor_of(FindingKey)],
    limit: Limit = MOST,
) -> list[s.FindingOut]:
    """跨自评查询疑点；下一页在响应头 Link 里。"""
    questions = Questions(view.liuhen, view.moment, view.effective_on)
    with view.liuhen.connection() as connection:
        page = questions.findings(connection, where, cursor, limit)
    link_to_next(request, response, page.after)
    return [s.shown(s.FindingOut, one, lang, estimated=view.estimated) for one in page.rows]


@router.get(
    "/rule-sets",
    summary="规则集",
    dependencies=[recorded_only("规则集", "rule sets")],
    responses=problems(*READING, "effective-on.no-meaning"),
)
def read_rule_sets(view: Reading, lang: Lang) -> list[s.RuleSetOut]:
    """各日志中公布或引入的规则集的每个版本：规则、等级、取整和摘要。"""
    found = []
    for log_id, recorded in view.rule_sets():
        fact = recorded.fact
        if isinstance(fact, RuleSetPublished | RuleSetCopied):
            content: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(fact.rule_set.rules))
            found.append(
                s.shown(
                    s.RuleSetOut,
                    fact.rule_set,
                    lang,
                    log_id=log_id,
                    stream_id=recorded.stream_id,
                    position=recorded.position,
                    digest=fact.digest,
                    bands=[
                        {"grade": band.grade, "low": plain(band.low)}
                        for band in fact.rule_set.bands
                    ],
                    rules=content,
                )
            )
    return found


@router.get(
    "/logs/{log_id}/facts/{position}",
    summary="一条事实",
    dependencies=[recorded_only("事实", "facts")],
    responses=problems(*READING, "http.fact-unknown", "effective-on.no-meaning"),
)
def read_fact(
    *,
    view: Reading,
    lang: Lang,
    log_id: LogId,
    position: Annotated[Whole, Between(1, 10**15), Path(title="日志位置")],
) -> s.EventOut:
    """日志某一位置的事实，原样。"""
    return events_out(view, log_id, [view.fact(log_id, position)], lang)[0]
