"""What the checks find, and what a search finds."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from datetime import datetime
from uuid import UUID

from pydantic import Field

from api.schemas.base import EstimatedOut, Out, PagedOut
from api.schemas.facts import RecordedOut, TextOut
from domain.crosschecks.findings import FindingClass
from projections.search import TextPart


class FindingOut(EstimatedOut):
    """一个疑点。"""

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


class PieceOut(Out):
    """上下文的一段。"""

    text: str = Field(title="文字")
    found: bool = Field(title="即所查")


class HitOut(RecordedOut):
    """查到的一处：是什么事实，在何处，何人何时所记。"""

    log_id: str = Field(title="日志")
    position: int = Field(title="日志位置")
    event_id: UUID = Field(title="事实编号")
    event_type: str = Field(title="事实种类")
    event_words: str = Field(title="事实种类的名称")
    part: TextPart = Field(title="在事实的何处")
    excerpt: list[PieceOut] = Field(title="上下文")
    stream_id: str = Field(title="流")
    evaluation: str | None = Field(title="自评", description="不属于自评表的为空。")
    unit: str | None = Field(title="单位编码")
    unit_name: str | None = Field(title="单位名称")
    project_name: str | None = Field(title="项目名称")
    fiscal_year: int | None = Field(title="财政年度")
    line: str | None = Field(title="行号")
    organisation: str = Field(title="机关")
    document: str | None = Field(title="文号")


class HitsOut(PagedOut):
    """查到的各处，按日志和位置。"""

    hits: list[HitOut] = Field(title="各处")
