"""The one command path over HTTP: a body becomes a command, ``handle`` decides, a receipt returns.

Until there are accounts, the headers that say who acts are trusted only from this machine, or
from a proxy that the operator has declared trusted. Browsers of other sites cannot get here: the
mandatory headers and application/json need a preflight that is never granted.
"""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import Annotated, TypeVar
from urllib.parse import unquote, urlsplit

from fastapi import APIRouter, Depends, Header, Request, Response
from uuid_utils.compat import uuid7

from api import problems as p
from api import schemas as s
from api.ranges import OUT_OF_RANGE
from api.routers import addresses
from api.routers.documentation import Responses, problems
from api.routers.filters import FormPath
from api.routers.parameters import StrictRoute, note
from api.routers.reading import liuhen_of
from api.unknown import evaluation_unknown
from domain import commands as c
from domain.facts.envelope import UNKNOWN, Context, Effective, Role, on
from domain.facts.form import DeductionJustified
from domain.facts.ledger import (
    BudgetReduced,
    BudgetSupplemented,
    ExpenditureRecorded,
    FundsClawedBack,
    LedgerEntry,
    Line,
)
from domain.ids import is_form, project_of, unit_year_of
from domain.problems import Problem, Rejected
from domain.values import Words

router = APIRouter(prefix="/api/evaluations/{id:form}", tags=["命令"], route_class=StrictRoute)

_TOKEN = re.compile(r"[\x21-\x7e]{1,200}")
_ETAG = re.compile(r'"([0-9]{1,15})"')
_RESERVED = "import/"


@dataclass(frozen=True)
class Edge:
    """What the edge knows of a command: on which form, who, under which key, on which version."""

    request: Request
    response: Response
    form: str
    context: Context
    command_id: str
    version: int | None

    @property
    def ledger(self) -> str:
        """The books of the form's unit and year."""
        unit_year = unit_year_of(self.form)
        assert unit_year is not None  # noqa: S101 - an id that is none was refused
        return unit_year.ledger

    def handle(self, command: c.Command) -> s.ReceiptOut:
        """Carry ``command`` out and answer with its receipt. Raises ``Rejected``."""
        expected = {} if self.version is None else {self.form: self.version}
        receipt = liuhen_of(self.request).handle(
            command, self.context, command_id=self.command_id, if_match=expected
        )
        headers = self.response.headers
        first = receipt.facts[0].position if receipt.facts else 0
        headers["Location"] = (
            f"/api/logs/{receipt.log_id}/facts/{first}" if first else addresses.api(self.form)
        )
        mine = [one.version for one in receipt.facts if one.stream_id == self.form]
        if mine:
            headers["ETag"] = f'"{mine[-1]}"'
        if receipt.facts:
            headers["Liuhen-Position"] = str(receipt.facts[-1].position)
        return s.shown(s.ReceiptOut, receipt, "zh", command_id=self.command_id)

    def book(self, fact: LedgerEntry, effective: Effective) -> s.ReceiptOut:
        """Put one entry into the books."""
        booking = c.Booking(fact=fact, effective=effective)
        return self.handle(c.Book(ledger=self.ledger, entries=(booking,)))


def _edge(
    *,
    request: Request,
    response: Response,
    id: FormPath,  # noqa: A002 - the name in the address
    liuhen_actor: Annotated[
        str | None, Header(title="人员编号", description="必填；不透明的编号，不写姓名。")
    ] = None,
    liuhen_role: Annotated[str | None, Header(title="身份", description="必填。")] = None,
    liuhen_organisation: Annotated[
        str | None, Header(title="机关", description="必填；汉字按 UTF-8 写作 %E6…。")
    ] = None,
    idempotency_key: Annotated[
        str | None,
        Header(title="命令号", description="重试时不变；不填则由服务生成并在回执中给出。"),
    ] = None,
    if_match: Annotated[
        str | None, Header(title="所读版本", description='自评表的 ETag，如 "12"。')
    ] = None,
) -> Edge:
    _require_trusted(request)
    found: list[Problem] = []
    actor = _token(liuhen_actor, "Liuhen-Actor", found)
    organisation = unquote(_token(liuhen_organisation, "Liuhen-Organisation", found))
    role = Role.OVERSIGHT
    try:
        role = Role(liuhen_role or "")
    except ValueError:
        names = "、".join(Role)
        found.append(p.HEADER.at("Liuhen-Role", header="Liuhen-Role", rule=names))
    # The id of its first fact, in the order of time: keys then grow at their end.
    key = str(uuid7())
    if idempotency_key is not None:
        key = _token(idempotency_key, "Idempotency-Key", found)
        if key.startswith(_RESERVED):
            rule = f"≠ {_RESERVED}…"
            found.append(p.HEADER.at("Idempotency-Key", header="Idempotency-Key", rule=rule))
    version = None
    if if_match is not None and if_match.strip() != "*":
        match = _ETAG.fullmatch(if_match.strip())
        if match is None:
            found.append(p.HEADER.at("If-Match", header="If-Match", rule='"12"'))
        else:
            version = int(match[1])
    note(*found)
    if not is_form(id):
        note(evaluation_unknown("id", id))
    now = liuhen_of(request).clock()
    context = Context(now=now, actor=actor, role=role, organisation=organisation)
    return Edge(request, response, id, context, key, version)


def _token(value: str | None, header: str, found: list[Problem]) -> str:
    if value is None or not _TOKEN.fullmatch(value):
        found.append(p.HEADER.at(header, header=header, rule="ASCII, 1–200"))
        return ""
    return value


def _require_trusted(request: Request) -> None:
    if not request.app.state.settings.trust_proxy and not _is_loopback(request):
        raise Rejected([p.NOT_LOOPBACK.at("")])
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Rejected([p.CROSS_SITE.at("Sec-Fetch-Site")])
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Rejected([p.CROSS_SITE.at("Origin")])
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise Rejected([p.MEDIA.at("Content-Type")])


def _is_loopback(request: Request) -> bool:
    if request.client is None:
        return False
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


# The peer, the headers and the media type are looked at before the body is.
At = Annotated[Edge, Depends(_edge)]


_COMMON = (
    "http.header-invalid",
    "http.commands-are-local",
    "http.cross-site",
    "http.unsupported-media-type",
    "http.malformed-json",
    "http.body-too-large",
    "duty.not-yours",
    "store.command-reused",
    "store.version-moved",
    "store.busy",
    "store.unreachable",
    "store.unavailable",
)
_FORM: Responses = problems(
    *_COMMON,
    "evaluation.moved",
    "evaluation.not-open",
    "evaluation.wrong-state",
    "line.unknown",
    "evaluation.points-out-of-range",
    "command.reason-required",
)
_BOOKS: Responses = problems(
    *_COMMON,
    "ledger.not-open",
    "ledger.year-closed",
    "ledger.amount-not-positive",
    "ledger.voucher-used",
)


_Endpoint = TypeVar("_Endpoint", bound=Callable[..., s.ReceiptOut])


def _route(path: str, summary: str, responses: Responses) -> Callable[[_Endpoint], _Endpoint]:
    return router.post(path, status_code=201, summary=summary, responses=responses)


_command = partial(_route, responses=_FORM)
_booking = partial(_route, responses=_BOOKS)

# ------------------------------------------------------------------------------------ the form


@_command("/overrides", "改分")
def override(at: At, body: s.OverrideIn) -> s.ReceiptOut:
    """改一行的自评得分；理由和依据文号必填，原分、改后分、何人何时都留下。"""
    command = c.OverrideScore(
        form=at.form,
        line=body.line,
        to_points=body.to_points,
        reason=body.reason,
        document=body.document,
    )
    return at.handle(command)


@_command("/override-withdrawals", "撤销改分")
def withdraw_override(at: At, body: s.LineReasonIn) -> s.ReceiptOut:
    """改分不再计；改分和撤销都留在历史里。"""
    command = c.WithdrawOverride(form=at.form, line=body.line, reason=body.reason)
    return at.handle(command)


@_command("/calculations", "计算得分")
def calculate(at: At, body: s.CalculationIn) -> s.ReceiptOut:
    """按已采用的规则集计算各行。"""
    return at.handle(c.CalculateScores(form=at.form, lines=body.lines))


@_command("/justifications", "说明扣分原因")
def justify(at: At, body: s.JustificationIn) -> s.ReceiptOut:
    """填写一行的扣分原因和改进措施。"""
    fact = DeductionJustified(line=body.line, reason=body.reason, measure=body.measure)
    return at.handle(c.Enter(form=at.form, entries=(c.Entry(fact=fact),)))


@_command("/signatures", "签章")
def sign(at: At, body: s.NothingIn) -> s.ReceiptOut:  # noqa: ARG001 - asked for, so that a stray field is refused
    """单位负责人签章；未计算的行先计算，过期得分不予签章。"""
    return at.handle(c.Sign(form=at.form))


@_command("/signature-withdrawals", "撤回签章")
def withdraw_signature(at: At, body: s.OptionalReasonIn) -> s.ReceiptOut:
    """单位把已签章的表收回填报。"""
    return at.handle(c.WithdrawSignature(form=at.form, reason=body.reason))


@_command("/submissions", "报送")
def submit(at: At, body: s.NothingIn) -> s.ReceiptOut:  # noqa: ARG001 - asked for, so that a stray field is refused
    """把已签章的表送审。"""
    return at.handle(c.Submit(form=at.form))


@_command("/returns", "退回")
def send_back(at: At, body: s.OpinionIn) -> s.ReceiptOut:
    """附意见退回单位修改。"""
    return at.handle(c.Return(form=at.form, opinion=body.opinion))


@_command("/department-reviews", "主管部门初审")
def pass_department_review(at: At, body: s.OptionalOpinionIn) -> s.ReceiptOut:
    """主管部门初审通过。"""
    return at.handle(c.PassDepartmentReview(form=at.form, opinion=body.opinion))


@_command("/finance-reviews", "财政复核")
def pass_finance_review(at: At, body: s.OptionalOpinionIn) -> s.ReceiptOut:
    """财政抽查复核完成。"""
    return at.handle(c.PassFinanceReview(form=at.form, opinion=body.opinion))


@_command("/review-scores", "复核得分")
def give_review_score(at: At, body: s.ReviewScoreIn) -> s.ReceiptOut:
    """给出一行的复核得分；不改自评得分。"""
    command = c.GiveReviewScore(
        form=at.form,
        line=body.line,
        points=body.points,
        finding=body.finding,
        reason=body.reason,
    )
    return at.handle(command)


@_command("/finalisations", "定稿")
def finalise(at: At, body: s.NothingIn) -> s.ReceiptOut:  # noqa: ARG001 - asked for, so that a stray field is refused
    """财政部门确定总分和等级。"""
    return at.handle(c.Finalise(form=at.form))


@_command("/reopenings", "重新打开")
def reopen(at: At, body: s.ReopeningIn) -> s.ReceiptOut:
    """凭文件把已定稿或已公开的表退回填报。"""
    command = c.Reopen(form=at.form, reason=body.reason, document=body.document)
    return at.handle(command)


# ------------------------------------------------------------------------------------ the books

_Adjusted = type[BudgetSupplemented] | type[BudgetReduced] | type[FundsClawedBack]


def _adjust(fact: _Adjusted, at: Edge, body: s.AdjustmentIn) -> s.ReceiptOut:
    entry = fact(
        amount=body.amount,
        line=_line(body.line, at.form),
        source=body.source,
        document=body.document,
        approved_by=body.approved_by,
        approved_on=body.approved_on,
        reason=body.reason,
        excluded=body.excluded,
    )
    return at.book(entry, _effective(body.effective))


def _line(given: s.LineIn, form: str) -> Line:
    return Line(
        fund_nature=given.fund_nature,
        kind=given.kind,
        project=given.project or project_of(form),
        functional=given.functional,
        economic=given.economic,
        purposes=given.purposes,
    )


def _effective(given: s.EffectiveIn | None) -> Effective:
    if given is None:
        return UNKNOWN
    first = given.first or given.last
    if first > given.last:
        order = Words(f"不得晚于 {given.last}", f"must not be after {given.last}")
        raise Rejected([OUT_OF_RANGE.at("#/effective/first", allowed=order)])
    return Effective(first, given.last)


@_booking("/budget-supplements", "年中追加")
def supplement(at: At, body: s.AdjustmentIn) -> s.ReceiptOut:
    """在该单位该年度的台账登记一笔追加；项目自评表的追加默认记在该项目。"""
    return _adjust(BudgetSupplemented, at, body)


@_booking("/budget-reductions", "追减")
def reduce(at: At, body: s.AdjustmentIn) -> s.ReceiptOut:
    """在台账登记一笔追减；金额写正数。"""
    return _adjust(BudgetReduced, at, body)


@_booking("/clawbacks", "财政收回")
def claw_back(at: At, body: s.AdjustmentIn) -> s.ReceiptOut:
    """在台账登记一笔收回；金额写正数。"""
    return _adjust(FundsClawedBack, at, body)


@_booking("/expenditures", "支出")
def record_expenditure(at: At, body: s.ExpenditureIn) -> s.ReceiptOut:
    """在台账登记一笔支付；凭证号唯一。"""
    fact = ExpenditureRecorded(
        amount=body.amount,
        voucher=body.voucher,
        paid_on=body.paid_on,
        line=_line(body.line, at.form),
    )
    return at.book(fact, on(body.paid_on))
