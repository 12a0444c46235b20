"""What goes over HTTP: bodies of commands, and answers. Titles in Chinese, figures as strings.

Points and 万元 are decimal strings, fen whole numbers; a floating-point number is refused.
"""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

import re
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from api import problems as p
from domain.crosschecks.findings import FindingClass
from domain.evaluation.form import Status
from domain.facts.envelope import Role
from domain.facts.form import Level
from domain.facts.ledger import Exclusion, FundNature, FundSource, Kind, Purpose
from domain.problems import Kind as Refusal
from domain.values import FEN_PER_UNIT, Words, plain
from projections.tables import Prose

MOST_FEN = 10**15
"""10 万亿元: above every budget, and far below what a column holds."""
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,12})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

# ---------------------------------------------------------------------------------- what comes in


def _wrong(kind: Refusal) -> PydanticCustomError:
    # The code travels as the type of the error, and api.problems finds the words by it.
    return PydanticCustomError(kind.code, "refused")


def _decimal(value: object) -> Decimal:
    if isinstance(value, float):
        raise _wrong(p.FLOAT_REFUSED)
    if not isinstance(value, str):
        raise _wrong(p.NOT_A_NUMBER)
    if not _DECIMAL.fullmatch(value):
        raise _wrong(p.NOT_A_NUMBER)
    return Decimal(value)


def _fen(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        fen = Fraction(value)
    else:
        fen = Fraction(_decimal(value)) * FEN_PER_UNIT["万元"]
    if fen.denominator != 1:
        raise _wrong(p.FINER_THAN_FEN)
    if abs(fen) > MOST_FEN:
        raise _wrong(p.OUT_OF_RANGE)
    return int(fen)


def _day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _wrong(p.NOT_A_DATE)


def _clean(value: object) -> object:
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise _wrong(p.CHARACTERS)
        if not value.strip():
            raise _wrong(p.LENGTH)
    return value


_DECIMAL_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": r"^[+-]?[0-9]{1,15}(\.[0-9]{1,12})?$",
    "examples": ["4.5"],
}
Points = Annotated[Decimal, BeforeValidator(_decimal), WithJsonSchema(_DECIMAL_SCHEMA)]
"""Points, as a decimal string."""
Fen = Annotated[
    int,
    BeforeValidator(_fen),
    WithJsonSchema(
        {
            "oneOf": [
                {"type": "string", "pattern": _DECIMAL_SCHEMA["pattern"], "title": "万元"},
                {"type": "integer", "title": "分"},
            ],
            "examples": ["110.00", 110000000],
        }
    ),
]
"""An amount: 万元 as a decimal string, or whole fen."""
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Text = Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=4000)]
"""Prose that a person typed; it is detached from the fact and can be redacted."""
Name = Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=200)]
"""A 文号, a line, a code: kept in the fact as it is."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OverrideIn(_Body):
    """改分。"""

    line: Name = Field(title="行号")
    to_points: Points = Field(title="改为得分", description='十进制字符串，如 "4.5"。')
    reason: Text = Field(title="理由", description="必填；与事实分开保存，可依法删除。")
    document: Name = Field(title="依据文号", description="必填。")


class ReasonIn(_Body):
    """理由。"""

    reason: Text = Field(title="理由")


class LineReasonIn(ReasonIn):
    """某一行的理由。"""

    line: Name = Field(title="行号")


class OptionalReasonIn(_Body):
    """可不填的理由。"""

    reason: Text | None = Field(default=None, title="理由")


class OpinionIn(_Body):
    """意见。"""

    opinion: Text = Field(title="意见")


class OptionalOpinionIn(_Body):
    """可不填的意见。"""

    opinion: Text | None = Field(default=None, title="意见")


class CalculationIn(_Body):
    """计算得分。"""

    lines: tuple[Name, ...] | None = Field(
        default=None, title="行号", description="不填为全部各行。", max_length=1000
    )


class JustificationIn(_Body):
    """扣分原因和改进措施。"""

    line: Name = Field(title="行号")
    reason: Text = Field(title="扣分原因")
    measure: Text | None = Field(default=None, title="改进措施")


class ReviewScoreIn(_Body):
    """复核得分。"""

    line: Name = Field(title="行号")
    points: Points = Field(title="复核得分")
    finding: Name | None = Field(default=None, title="复核发现")
    reason: Text = Field(title="理由")


class ReopeningIn(_Body):
    """重新打开。"""

    reason: Text = Field(title="理由")
    document: Name = Field(title="依据文号")


class NothingIn(_Body):
    """没有内容，写 {}。"""


class LineIn(_Body):
    """资金的分类。"""

    fund_nature: FundNature | None = Field(default=None, title="资金性质")
    kind: Kind | None = Field(default=None, title="基本支出或项目支出")
    project: Name | None = Field(
        default=None, title="项目编码", description="项目自评表的调整不填时即为该项目。"
    )
    functional: Name | None = Field(default=None, title="支出功能分类")
    economic: Name | None = Field(default=None, title="支出经济分类")
    purposes: tuple[Purpose, ...] = Field(default=(), title="用途", max_length=20)


class EffectiveIn(_Body):
    """业务日期：某一天，或一段时间的起止。"""

    first: Day | None = Field(default=None, title="起")
    last: Day = Field(title="止")


class AdjustmentIn(_Body):
    """年中追加、追减或收回。"""

    amount: Fen = Field(
        title="金额", description='万元的十进制字符串（"110.00"），或整数的分（110000000）；正数。'
    )
    line: LineIn = Field(default=LineIn(), title="分类")
    source: FundSource | None = Field(default=None, title="资金来源")
    document: Name = Field(title="文号", description="追加指标通知的文号，必填。")
    approved_by: Name | None = Field(default=None, title="批准机关")
    approved_on: Day | None = Field(default=None, title="批准日期")
    reason: Text = Field(title="理由", description="必填；与事实分开保存，可依法删除。")
    excluded: Exclusion = Field(default=Exclusion.NONE, title="不计入调整率的原因")
    effective: EffectiveIn | None = Field(
        default=None, title="业务日期", description="不填为日期不明，不以批准日期代替。"
    )


class ExpenditureIn(_Body):
    """支出。"""

    amount: Fen = Field(title="金额", description="万元的十进制字符串，或整数的分；正数。")
    voucher: Name = Field(title="凭证号", description="在有效的支付中唯一。")
    paid_on: Day = Field(title="支付日期", description="即业务日期。")
    line: LineIn = Field(default=LineIn(), title="分类")


# --------------------------------------------------------------------------------- what goes out


class Out(BaseModel):
    """The base of every answer."""

    # Answers take from a row what they show and leave the rest.
    model_config = ConfigDict(extra="ignore", populate_by_name=True, serialize_by_alias=True)


class FactReceiptOut(Out):
    """一条事实的回执。"""

    stream_id: str = Field(title="流")
    version: int = Field(title="流中第几版")
    position: int = Field(title="日志位置")
    leaf_hash: str = Field(title="叶子哈希", description="SHA-256，十六进制；请自行留存。")


class ReceiptOut(Out):
    """命令的回执；以同一命令号重试得到同一回执。"""

    log_id: str = Field(title="日志")
    command_id: str = Field(title="命令号")
    facts: list[FactReceiptOut] = Field(title="事实")


class PlaceOut(Out):
    """印在何处。"""

    document: str = Field(title="文件")
    place: str = Field(title="位置")
    table: bool = Field(default=False, title="是否在表中")


class TextOut(Out):
    """人写的文字；删除后 redacted 为真，text 为“已删除”。"""

    text: str = Field(title="文字")
    digest: str = Field(title="摘要", description="SHA-256(盐 ‖ 文字)，事实里只有它。")
    redacted: bool = Field(default=False, title="已删除")


class FactRefOut(Out):
    """数字背后的一条事实。"""

    event_id: UUID = Field(title="事实编号")
    stream_id: str = Field(title="流")
    version: int = Field(title="流中第几版")
    position: int = Field(title="日志位置")
    type: str = Field(title="种类")
    recorded_at: datetime = Field(title="记录时间")
    actor: str = Field(title="人员编号")
    role: Role = Field(title="身份")
    organisation: str = Field(title="机关")
    place: PlaceOut | None = Field(default=None, title="印在何处")
    document: str | None = Field(default=None, title="文号")


class DeclaredScoreOut(Out):
    """印出的总分或等级。"""

    value: str | None = Field(title="分值")
    grade: str | None = Field(default=None, title="等级")
    place: PlaceOut = Field(title="印在何处")
    event_id: UUID = Field(title="事实编号")


class FindingCountOut(Out):
    """各类疑点的数目。"""

    CONTRADICTION: int = Field(default=0, title="矛盾")
    UNSUPPORTED: int = Field(default=0, title="无依据")
    NOTICE: int = Field(default=0, title="关注")


class EvaluationOut(Out):
    """一份自评。"""

    id: str = Field(title="编号", description="区划/单位/年度/department 或 …/project/项目编码。")
    log_id: str = Field(title="日志")
    division: str = Field(title="区划")
    unit: str = Field(title="单位编码")
    unit_name: str = Field(title="单位名称")
    fiscal_year: int = Field(title="财政年度")
    level: Level = Field(title="层级")
    project: str | None = Field(title="项目编码")
    project_name: str | None = Field(title="项目名称")
    status: Status = Field(title="状态")
    rule_set: str | None = Field(title="规则集")
    rule_set_version: str | None = Field(title="规则集版本")
    rule_set_digest: str | None = Field(title="规则集摘要")
    basis: str = Field(title="口径", description="DECLARED 填报，LEDGER 台账。")
    subtotal: str | None = Field(title="可算各行得分之和")
    not_computed: list[str] = Field(title="算不出的行")
    computed_total: str | None = Field(title="各行最终得分之和")
    declared_totals: list[DeclaredScoreOut] = Field(title="印出的总分")
    grade_declared: str | None = Field(title="印出的等级")
    grade_computed: str | None = Field(title="按规则集得出的等级")
    stale: bool = Field(title="有过期得分")
    version: int = Field(title="版本", description="即 ETag。")
    position: int = Field(title="日志位置")
    changed_at: datetime = Field(title="最近变动")
    findings: FindingCountOut = Field(default=FindingCountOut(), title="疑点")
    estimated: bool = Field(
        default=False,
        title="推算",
        description="给出 effective_on 时为真：得分当场计算，没有入库。",
    )


class ValueOut(Out):
    """指标值或完成值；kind 说明是哪一种。"""

    kind: str = Field(
        title="种类", description="number、date、text、label、items、not-applicable。"
    )
    value: str | None = Field(default=None, title="数值")
    unit: str | None = Field(default=None, title="单位")
    due: date | None = Field(default=None, title="期限")
    on: date | None = Field(default=None, title="完成日期")
    label: str | None = Field(default=None, title="档次")
    chosen: str | None = Field(default=None, title="档内所给得分")
    met: list[str] | None = Field(default=None, title="达到的各项")
    text: str | None = Field(default=None, title="文字", description="完成值的文字以摘要代替。")


class LineOut(Out):
    """一行指标。"""

    line: str = Field(title="行号")
    path: list[str] = Field(title="各级指标")
    printed: bool = Field(title="文件中列有此行")
    max_points: str | None = Field(title="分值")
    operator: str | None = Field(title="指标性质")
    target: ValueOut | None = Field(title="年度指标值")
    metric: str | None = Field(title="量度")
    base: str | None = Field(title="口径")
    rule: str | None = Field(title="规则")
    actual: ValueOut | None = Field(title="实际完成值")
    actual_text: TextOut | None = Field(title="完成值的文字")
    calculated: str | None = Field(title="计算得分")
    obstacle: str | None = Field(title="为何算不出")
    declared: str | None = Field(title="填报得分")
    override: str | None = Field(title="改分")
    self_points: str | None = Field(title="自评得分")
    review: str | None = Field(title="复核得分")
    final: str | None = Field(title="最终得分")
    origin: str = Field(title="最终得分的来历")
    deduction: str | None = Field(title="扣分")
    explained: bool = Field(title="没有扣分或扣分有原因")
    stale: bool = Field(title="已过期")
    excluded: bool = Field(title="不适用")


class GroupOut(Out):
    """一级或二级指标的小计。"""

    path: list[str] = Field(title="各级指标")
    points: str | None = Field(title="得分")
    declared: list[DeclaredScoreOut] = Field(title="印出的小计")


class FigureOut(Out):
    """一个数额的一处说法。"""

    quantity: str = Field(title="数额")
    source: str = Field(title="来历", description="DECLARED 填报，BOOKED 台账。")
    fen: int = Field(title="分")
    amount: str = Field(title="万元")
    printed: str | None = Field(title="印作")
    unit: str | None = Field(title="单位")
    place: PlaceOut | None = Field(title="印在何处")
    counts: bool = Field(title="以此为准")
    event_id: UUID | None = Field(title="事实编号")


class EvaluationDetail(EvaluationOut):
    """一份自评及其各行、小计和数额。"""

    lines: list[LineOut] = Field(default=[], title="各行")
    groups: list[GroupOut] = Field(title="小计")
    figures: list[FigureOut] = Field(default=[], title="数额")
    undated: dict[str, int] = Field(
        default={},
        title="日期不明的数额（分）",
        description="给出 effective_on 时：台账中日期不明、没有计入的，按数额名称。",
    )


class OperandOut(Out):
    """代入的数：直接写出的，或前面某一步的结果。"""

    number: str | None = Field(default=None, title="数")
    ref: int | None = Field(default=None, title="第几步的结果", description="从 0 数起。")
    name: str | None = Field(default=None, title="名称")


class StepOut(Out):
    """计算的一步；照各步可以重算。"""

    op: str = Field(title="运算")
    operands: list[OperandOut] = Field(title="代入的数")
    result: str = Field(title="结果")
    what: str = Field(title="说明")


class ReadingOut(Out):
    """一种理解及其得分。"""

    label: str = Field(title="名称")
    words: str = Field(title="说明")
    base: str | None = Field(title="口径")
    value: str | None = Field(title="量出的值")
    points: str | None = Field(title="得分")
    obstacle: str | None = Field(title="为何算不出")
    own: bool = Field(title="规则所指的理解")
    steps: list[StepOut] = Field(title="各步")


class ProvenanceOut(Out):
    """某个数字背后的事实。"""

    part: str = Field(title="哪个数字")
    facts: list[FactRefOut] = Field(title="事实")


class EvidenceOut(Out):
    """佐证材料。"""

    sha256: str = Field(title="SHA-256")
    title: TextOut | None = Field(title="题名")
    document: str | None = Field(title="文号")
    withdrawn: bool = Field(title="已撤回")


class DeductionOut(Out):
    """一行的扣分说明。"""

    estimated: bool = Field(
        default=False,
        title="推算",
        description="给出 effective_on 时为真：得分当场计算，没有入库。",
    )
    line: str = Field(title="行号")
    path: list[str] = Field(title="各级指标")
    max_points: str | None = Field(title="分值")
    calculated: str | None = Field(title="计算得分")
    declared: str | None = Field(title="填报得分")
    override: str | None = Field(title="改分")
    self_points: str | None = Field(title="自评得分")
    review: str | None = Field(title="复核得分")
    final: str | None = Field(title="最终得分")
    origin: str = Field(title="最终得分的来历")
    deduction: str | None = Field(title="扣分")
    unexplained: bool = Field(title="未说明原因")
    obstacle: str | None = Field(title="为何算不出")
    notes: list[str] = Field(title="附注")
    rule: str | None = Field(title="规则")
    rule_kind: str | None = Field(title="规则种类")
    rule_digest: str | None = Field(title="规则集摘要")
    reason: TextOut | None = Field(title="扣分原因")
    measure: TextOut | None = Field(title="改进措施")
    document: str | None = Field(title="文号")
    evidence: list[EvidenceOut] = Field(title="佐证")
    steps: list[StepOut] = Field(title="各步")
    readings: list[ReadingOut] = Field(title="各种理解")
    provenance: list[ProvenanceOut] = Field(title="来历")
    scored: FactRefOut | None = Field(title="得分出自")
    reasoned: FactRefOut | None = Field(title="原因出自")


class ScoreChangeOut(Out):
    """得分的一次变动。"""

    evaluation: str = Field(title="自评")
    position: int = Field(title="日志位置")
    subject: str = Field(title="对象", description="LINE、GROUP 或 TOTAL。")
    line: str | None = Field(title="行号")
    path: list[str] = Field(title="各级指标")
    kind: str = Field(title="种类")
    from_points: str | None = Field(title="变动前")
    to_points: str | None = Field(title="变动后")
    self_from: str | None = Field(title="自评变动前")
    self_to: str | None = Field(title="自评变动后")
    grade_from: str | None = Field(title="等级变动前")
    grade_to: str | None = Field(title="等级变动后")
    status: Status = Field(title="状态")
    event_id: UUID = Field(title="事实编号")
    event_type: str = Field(title="事实种类")
    causes: list[FactRefOut] = Field(title="起因")
    actor: str = Field(title="人员编号")
    role: Role = Field(title="身份")
    organisation: str = Field(title="机关")
    reason: TextOut | None = Field(title="理由")
    document: str | None = Field(title="文号")
    place: PlaceOut | None = Field(title="印在何处")
    recorded_at: datetime = Field(title="记录时间")


class FindingOut(Out):
    """一个疑点。"""

    estimated: bool = Field(
        default=False,
        title="推算",
        description="给出 effective_on 时为真：得分当场计算，没有入库。",
    )
    id: str = Field(title="疑点编号")
    evaluation: str = Field(title="自评")
    code: str = Field(title="代码")
    class_: FindingClass = Field(title="类别", alias="class")
    line: str | None = Field(title="行号")
    path: list[str] = Field(title="各级指标")
    claim: str = Field(title="所称")
    recomputed: str = Field(title="重算")
    details: list[str] = Field(title="逐项")
    facts: list[UUID] = Field(title="所据事实")
    acknowledged_by: str | None = Field(title="已阅人员")
    acknowledged_at: datetime | None = Field(title="已阅时间")
    remark: TextOut | None = Field(title="批注")


class EventOut(Out):
    """日志中的一条事实。"""

    stream_id: str = Field(title="流")
    version: int = Field(title="流中第几版")
    position: int = Field(title="日志位置")
    event_id: UUID = Field(title="事实编号")
    type: str = Field(title="种类")
    recorded_at: datetime = Field(title="记录时间")
    effective_from: date | None = Field(title="业务日期起")
    effective_to: date | None = Field(title="业务日期止", description="空为日期不明。")
    actor: str = Field(title="人员编号")
    role: Role = Field(title="身份")
    organisation: str = Field(title="机关")
    command_id: str = Field(title="命令号")
    source: PlaceOut | None = Field(title="读自何处")
    leaf_hash: str = Field(title="叶子哈希")
    content: dict[str, Any] = Field(title="内容")
    texts: dict[str, TextOut] = Field(
        title="文字", description="内容中每个摘要对应的文字；已删除的如实说明。"
    )


class BandOut(Out):
    """等级及其下限。"""

    grade: str = Field(title="等级")
    low: str = Field(title="下限", description="含。")


class RuleSetOut(Out):
    """规则集的一个版本。"""

    log_id: str = Field(title="日志")
    stream_id: str = Field(title="流")
    name: str = Field(title="名称")
    version: str = Field(title="版本")
    title: str = Field(title="题名")
    document: str | None = Field(title="文号")
    digest: str = Field(title="摘要", description="内容的 SHA-256。")
    bands: list[BandOut] = Field(title="等级")
    rules: dict[str, Any] = Field(title="规则")
    position: int = Field(title="日志位置")


class LogHealthOut(Out):
    """一个日志的视图落后多少。"""

    projection: str = Field(title="投影")
    log_id: str = Field(title="日志")
    head: int = Field(title="末位置")
    position: int = Field(title="视图位置")
    lag_facts: int = Field(title="落后事实数")
    lag_seconds: float = Field(title="落后秒数")
    moved_at: datetime | None = Field(title="最近推进", description="由任一进程推进。")
    owner: str | None = Field(title="跟进者", description="跟进此日志的进程，死活不论。")
    stopped: list[str] = Field(title="停下的单位年度", description="其中有事实无法应用。")


class StoppedOut(Out):
    """因一条事实无法应用而停下的单位年度；liuhen retry 再试。"""

    log_id: str = Field(title="日志")
    unit_year: str = Field(title="单位年度")
    position: int = Field(title="事实的位置")
    stream_id: str = Field(title="事实所在的编号")
    version: int = Field(title="事实的版本")
    type: str = Field(title="事实的种类")
    event_id: UUID = Field(title="事实的标识")
    error: str = Field(title="错误")


class FillingOut(Out):
    """正在重建、或未完成的一代视图。"""

    generation: int = Field(title="第几代")
    facts: int = Field(title="已填事实数")
    total: int = Field(title="应填事实数")
    began_at: datetime = Field(title="开始于")


class HealthOut(Out):
    """服务是否健康。"""

    status: Literal["ok", "behind", "stopped", "dead"] = Field(title="状况")
    runner_alive: bool = Field(title="投影在运行")
    error: str | None = Field(default=None, title="投影停止的原因")
    looked_at: datetime | None = Field(default=None, title="最近查看各日志")
    logs: list[LogHealthOut] = Field(title="各日志")
    poisoned: list[StoppedOut] = Field(default=[], title="停下之处")
    rebuilding: FillingOut | None = Field(default=None, title="重建中的视图")


class ProblemOut(Out):
    """一处问题。"""

    code: str = Field(title="代码")
    place: str = Field(title="何处", description="正文为 JSON 指针，其余为参数或请求头的名称。")
    message: str = Field(title="何事")
    todo: str = Field(title="怎么办")


class ProblemDocument(Out):
    """RFC 9457 问题文档；problems 列出全部问题。"""

    type: str = Field(title="类型", description="代码目录中的地址。")
    title: str = Field(title="标题")
    status: int = Field(title="HTTP 状态")
    detail: str = Field(title="怎么办")
    instance: str = Field(title="请求的地址")
    code: str = Field(title="代码")
    problems: list[ProblemOut] = Field(title="全部问题")


# ---------------------------------------------------------------------------------------- years


class MoneyOut(Out):
    """年初、结转、调增、调减、全年和执行，单位分；比率为百分数，两位小数。"""

    initial: int = Field(title="年初（分）")
    carried_in: int = Field(title="上年结转（分）")
    increased: int = Field(title="调增（分）")
    decreased: int = Field(title="调减（分）")
    adjusted: int = Field(title="全年（分）")
    gross: int = Field(title="调整总额（分）", description="单位之间的调剂只计一次。")
    net: int = Field(title="调整净额（分）")
    excluded: int = Field(title="不计入调整率的（分）")
    spent: int = Field(title="执行数（分）")
    execution_rate: str | None = Field(title="执行率（%）")
    adjustment_rate: str | None = Field(title="调整率（%）", description="（总额−不计入的）÷年初。")
    net_rate: str | None = Field(title="净额口径调整率（%）")


class FormsOut(Out):
    """一个年度的自评：份数、各状态、各等级和平均分。"""

    count: int = Field(title="份数")
    by_status: dict[str, int] = Field(title="各状态份数")
    by_grade: dict[str, int] = Field(title="各等级份数", description="空字符串为没有等级的。")
    scored: int = Field(title="有总分的份数")
    mean_total: str | None = Field(title="平均分", description="各份合计得分的平均，两位小数。")


class YearOfLogOut(Out):
    """一个区划一个年度在某一日志位置的情况。"""

    log_id: str = Field(title="日志")
    position: int = Field(title="日志位置")
    fiscal_year: int = Field(title="财政年度")
    units: int = Field(title="开设台账的单位数")
    declared_units: int = Field(title="其中只有填报数的单位数", description="其资金取填报数。")
    money: MoneyOut = Field(title="金额")
    undated: MoneyOut | None = Field(
        title="日期不明、未计入的金额", description="只在给出 effective_on 时有。"
    )
    forms: FormsOut = Field(title="自评", description="得分是当时入库的，不是推算。")


class YearOut(Out):
    """一个年度：各区划各自的日志位置和情况，以及合计。"""

    fiscal_year: int = Field(title="财政年度")
    units: int = Field(title="开设台账的单位数")
    declared_units: int = Field(title="其中只有填报数的单位数", description="其资金取填报数。")
    money: MoneyOut = Field(title="金额")
    undated: MoneyOut | None = Field(title="日期不明、未计入的金额")
    forms: FormsOut = Field(title="自评")
    logs: list[YearOfLogOut] = Field(title="各日志")


class GradesOut(Out):
    """自评份数，按等级和状态；合计没有日志和位置。"""

    log_id: str | None = Field(title="日志")
    position: int | None = Field(title="日志位置")
    count: int = Field(title="份数")
    by_grade: dict[str, int] = Field(title="各等级份数", description="空字符串为没有等级的。")
    by_status: dict[str, int] = Field(title="各状态份数")


class DistributionOut(Out):
    """一个年度的等级分布：各日志各自的位置，以及合计。"""

    fiscal_year: int = Field(title="财政年度")
    together: GradesOut = Field(title="合计")
    logs: list[GradesOut] = Field(title="各日志")


class StandingOut(Out):
    """一份自评在某一时点的状态、入库得分和金额。"""

    id: str = Field(title="编号")
    log_id: str = Field(title="日志")
    fiscal_year: int = Field(title="财政年度")
    position: int = Field(title="从哪一位置起如此")
    unit: str = Field(title="单位编码")
    unit_name: str = Field(title="单位名称")
    level: Level = Field(title="层级")
    project: str | None = Field(title="项目编码")
    project_name: str | None = Field(title="项目名称")
    status: Status = Field(title="状态")
    rule_set: str | None = Field(title="规则集")
    rule_set_version: str | None = Field(title="规则集版本")
    self_total: str | None = Field(title="自评总分", description="不含复核所给的得分。")
    total: str | None = Field(title="各行最终得分之和")
    declared_totals: list[str] = Field(title="印出的总分")
    finalised_total: str | None = Field(title="定稿总分")
    grade_declared: str | None = Field(title="印出的等级")
    grade_computed: str | None = Field(title="按规则集得出的等级")
    finalised_grade: str | None = Field(title="定稿等级")
    grade: str | None = Field(title="等级", description="依次取定稿、印出和得出的。")
    money: MoneyOut | None = Field(title="金额", description="单位的，项目自评为该项目的。")
    undated: MoneyOut | None = Field(title="日期不明、未计入的金额")


# ------------------------------------------------------------------------------------ from rows

_Model = TypeVar("_Model", bound=BaseModel)


def shown(model: type[_Model], row: object, lang: str, **more: object) -> _Model:
    """``row`` as ``model``, its words in ``lang``; ``more`` stands for what no row holds."""
    content = plainly(row, lang)
    return model.model_validate({**content, **{name: plainly(v, lang) for name, v in more.items()}})


def plainly(value: Any, lang: str) -> Any:  # noqa: ANN401 - whatever a row can hold
    """``value`` as JSON holds it: one language, decimals as strings, texts with their digest."""
    match value:
        case Words():
            return value.in_(lang)
        case Prose():
            return {
                "text": value.in_(lang),
                "digest": value.digest,
                "redacted": value.redacted,
            }
        case BaseModel():
            return value.model_dump(by_alias=False)
        case Struct():
            return _of_struct(value, lang)
        case StrEnum():
            return value.value
        case Decimal() | Fraction():
            return plain(value)
        case bytes():
            return value.hex()
        case dict():
            return {str(key): plainly(part, lang) for key, part in value.items()}
        case tuple() | list():
            return [plainly(part, lang) for part in value]
        case _:
            return value


def _of_struct(value: Struct, lang: str) -> dict[str, Any]:
    config = value.__struct_config__
    content = {
        field.name: plainly(getattr(value, field.name), lang)
        for field in msgspec.structs.fields(value)
    }
    if config.tag_field is not None:
        content[config.tag_field] = config.tag
    return content
