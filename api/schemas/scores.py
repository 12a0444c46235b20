"""Where a score comes from, and how it changed."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from uuid import UUID

from pydantic import Field

from api.schemas.base import EstimatedOut, Out, PagedOut
from api.schemas.evaluations import LineScoresOut
from api.schemas.facts import FactRefOut, PlaceOut, RecordedOut, TextOut
from domain.evaluation.state import Status


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


class DeductionOut(LineScoresOut, EstimatedOut):
    """一行的扣分说明。"""

    unexplained: bool = Field(title="未说明原因")
    notes: list[str] = Field(title="附注")
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


class ScoreChangeOut(RecordedOut):
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
    organisation: str = Field(title="机关")
    reason: TextOut | None = Field(title="理由")
    document: str | None = Field(title="文号")
    place: PlaceOut | None = Field(title="印在何处")


class WithdrawnLineOut(Out):
    """已经撤销的一行：何时、何人、依据哪条事实撤销，撤销之前如何。"""

    withdrawn: FactRefOut = Field(
        title="撤销它的事实",
        description="撤销指标、重设各行或更正；何时、何人、何种身份、文号都在其中。",
    )
    line: str = Field(title="行号")
    path: list[str] = Field(title="各级指标")
    max_points: str | None = Field(title="分值")
    reason: TextOut | None = Field(title="撤销的理由", description="事实没有写明时为空。")
    before: DeductionOut = Field(title="撤销之前这一行的说明")
    changes: list[ScoreChangeOut] = Field(title="得分变动", description="撤销的那一次在内。")


class FoundChangeOut(ScoreChangeOut):
    """跨自评查到的一次得分变动。"""

    log_id: str = Field(title="日志")
    unit: str = Field(title="单位编码")
    unit_name: str = Field(title="单位名称")
    fiscal_year: int = Field(title="财政年度")


class ScoreChangesOut(PagedOut):
    """得分变动，按时间先后。"""

    changes: list[FoundChangeOut] = Field(title="变动")
