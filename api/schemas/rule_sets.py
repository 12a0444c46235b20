"""Rule sets, and what differs between two of them."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from typing import Any

from pydantic import Field

from api.schemas.base import Out
from api.schemas.differences import CauseOut


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


class RuleChangeOut(Out):
    """规则集的一处变化。"""

    part: str = Field(title="部分")
    subject: str = Field(title="对象")
    field: str = Field(title="哪个值", description="空为整条规则或整行。")
    before: str | None = Field(title="前")
    after: str | None = Field(title="后")


class RuleSetSideOut(Out):
    """规则集的一个版本。"""

    log_id: str | None = Field(title="日志", description="随附的为空。")
    name: str = Field(title="名称")
    version: str = Field(title="版本")
    title: str = Field(title="标题")
    digest: str = Field(title="摘要")
    cause: CauseOut | None = Field(title="公布它的事实")


class RuleSetDifferenceOut(Out):
    """两个版本之间的全部变化。"""

    before: RuleSetSideOut = Field(title="前")
    after: RuleSetSideOut = Field(title="后")
    changes: list[RuleChangeOut] = Field(title="变化")
