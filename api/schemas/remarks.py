"""What is noted about a form beside its scores, each with its fact."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from datetime import date, datetime

from pydantic import Field

from api.schemas.base import Out
from api.schemas.facts import FactRefOut, PlaceOut, TextOut
from domain.facts.form import Light


class RemarkOut(Out):
    """由一条事实所记的。"""

    fact: FactRefOut = Field(title="所据事实")


class MeasureOut(RemarkOut):
    """整改措施。"""

    number: int = Field(title="编号")
    text: TextOut | None = Field(title="措施")
    due: date | None = Field(title="期限")
    completed_at: datetime | None = Field(title="完成时间", description="空为尚未完成。")
    document: str | None = Field(title="完成的文号")
    completed: FactRefOut | None = Field(title="完成所据事实")


class NotedProblemOut(RemarkOut):
    """存在问题及其整改措施。"""

    number: int = Field(title="编号")
    text: TextOut | None = Field(title="问题")
    place: PlaceOut | None = Field(title="印在何处")
    measures: list[MeasureOut] = Field(title="整改措施")


class AttachmentOut(RemarkOut):
    """佐证材料；已撤回的不列。"""

    sha256: str = Field(title="SHA-256")
    size: int = Field(title="字节数")
    media_type: str = Field(title="媒体类型")
    title: TextOut | None = Field(title="题名")
    document: str | None = Field(title="文号")
    lines: list[str] = Field(title="佐证哪些行", description="空为整份自评。")


class WithheldOut(RemarkOut):
    """涉密未录入：有此内容，但不得录入。"""

    about: str = Field(title="关于什么")
    authority: str | None = Field(title="依据")


class ReturnOut(RemarkOut):
    """一次退回。"""

    opinion: TextOut | None = Field(title="意见")


class ProgressOut(RemarkOut):
    """绩效监控的一次记录；进度为百分数。"""

    line: str | None = Field(title="行号", description="空为整份自评。")
    planned: str = Field(title="计划进度")
    actual: str = Field(title="实际进度")
    forecast: str | None = Field(title="预计全年")
    light: Light = Field(title="红黄绿灯")
