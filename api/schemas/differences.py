"""What differs between two states."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from pydantic import Field

from api.schemas.base import Out
from api.schemas.facts import FactRefOut, TextOut
from projections.differences import Part


class CauseOut(Out):
    """带来变化的一条事实。"""

    fact: FactRefOut = Field(title="事实")
    on_behalf_of: str | None = Field(title="代何人")
    reason: TextOut | None = Field(title="理由")


class ChangeOut(Out):
    """一处变化。"""

    part: Part = Field(title="部分")
    subject: str = Field(title="对象")
    name: str = Field(title="对象的名称")
    field: str = Field(title="哪个值")
    label: str = Field(title="值的名称")
    before: str | TextOut | None = Field(title="前", description="空为没有。")
    after: str | TextOut | None = Field(title="后", description="空为没有。")
    facts: list[CauseOut] = Field(
        title="由何事实", description="按日志次序；两份自评相比时为各自最后的。"
    )
    more: int = Field(title="未列出的事实数")


class SideOut(Out):
    """一方。"""

    log_id: str = Field(title="日志")
    evaluation: str = Field(title="自评编号")
    unit_name: str = Field(title="单位名称")
    fiscal_year: int = Field(title="财政年度")
    project_name: str | None = Field(title="项目名称")
    position: int = Field(title="日志位置")
    fact: FactRefOut | None = Field(title="时点的事实", description="如报送、公开。")


class DifferenceOut(Out):
    """两方之间的全部变化。"""

    before: SideOut = Field(title="前")
    after: SideOut = Field(title="后")
    changes: list[ChangeOut] = Field(title="变化")
