"""A self-evaluation: its head, its lines, its figures."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from api.schemas.base import EstimatedOut, Out
from api.schemas.facts import PlaceOut, TextOut
from api.schemas.remarks import (
    AttachmentOut,
    NotedProblemOut,
    ProgressOut,
    ReturnOut,
    WithheldOut,
)
from domain.evaluation.state import Status
from domain.facts.form import Level


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


class FormOut(Out):
    """一份自评是谁的、哪一年的，状态和等级。"""

    id: str = Field(title="编号", description="区划/单位/年度/department 或 …/project/项目编码。")
    log_id: str = Field(title="日志")
    unit: str = Field(title="单位编码")
    unit_name: str = Field(title="单位名称")
    fiscal_year: int = Field(title="财政年度")
    level: Level = Field(title="层级")
    project: str | None = Field(title="项目编码")
    project_name: str | None = Field(title="项目名称")
    status: Status = Field(title="状态")
    rule_set: str | None = Field(title="规则集")
    rule_set_version: str | None = Field(title="规则集版本")
    grade_declared: str | None = Field(title="印出的等级")
    grade_computed: str | None = Field(title="按规则集得出的等级")


class EvaluationOut(FormOut, EstimatedOut):
    """一份自评。"""

    division: str = Field(title="区划")
    rule_set_digest: str | None = Field(title="规则集摘要")
    basis: str = Field(title="口径", description="DECLARED 填报，LEDGER 台账。")
    subtotal: str | None = Field(title="可算各行得分之和")
    not_computed: list[str] = Field(title="算不出的行")
    computed_total: str | None = Field(title="各行最终得分之和")
    declared_totals: list[DeclaredScoreOut] = Field(title="印出的总分")
    stale: bool = Field(title="有过期得分")
    version: int = Field(title="版本", description="即 ETag。")
    position: int = Field(title="日志位置")
    changed_at: datetime = Field(title="最近变动")
    findings: FindingCountOut = Field(default=FindingCountOut(), title="疑点")


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


class LineScoresOut(Out):
    """一行的分值和各种得分。"""

    line: str = Field(title="行号")
    path: list[str] = Field(title="各级指标")
    max_points: str | None = Field(title="分值")
    calculated: str | None = Field(title="计算得分")
    obstacle: str | None = Field(title="为何算不出")
    declared: str | None = Field(title="填报得分")
    override: str | None = Field(title="改分")
    self_points: str | None = Field(title="自评得分")
    review: str | None = Field(title="复核得分")
    final: str | None = Field(title="最终得分")
    origin: str = Field(title="最终得分的来历")
    deduction: str | None = Field(title="扣分")
    rule: str | None = Field(title="规则")


class LineOut(LineScoresOut):
    """一行指标。"""

    printed: bool = Field(title="文件中列有此行")
    operator: str | None = Field(title="指标性质")
    target: ValueOut | None = Field(title="年度指标值")
    metric: str | None = Field(title="量度")
    base: str | None = Field(title="口径")
    actual: ValueOut | None = Field(title="实际完成值")
    actual_text: TextOut | None = Field(title="完成值的文字")
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
    """一份自评及其各行、小计、数额，和所记的问题、佐证、涉密未录入、退回、监控。"""

    lines: list[LineOut] = Field(default=[], title="各行")
    groups: list[GroupOut] = Field(title="小计")
    figures: list[FigureOut] = Field(default=[], title="数额")
    problems: list[NotedProblemOut] = Field(default=[], title="存在问题")
    evidence: list[AttachmentOut] = Field(default=[], title="佐证材料")
    withheld: list[WithheldOut] = Field(default=[], title="涉密未录入")
    returns: list[ReturnOut] = Field(default=[], title="退回")
    progress: list[ProgressOut] = Field(default=[], title="绩效监控")
    undated: dict[str, int] = Field(
        default={},
        title="日期不明的数额（分）",
        description="给出 effective_on 时：台账中日期不明、没有计入的，按数额名称。",
    )
