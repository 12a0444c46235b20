"""Facts: where they lie, who said them, what they say, and the receipt of new ones."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from api.schemas.base import Out
from domain.facts.envelope import Role


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


class RecordedOut(Out):
    """何人以何身份在何时所记。"""

    actor: str = Field(title="人员编号")
    role: Role = Field(title="身份")
    recorded_at: datetime = Field(title="记录时间")


class FactRefOut(RecordedOut):
    """数字背后的一条事实。"""

    event_id: UUID = Field(title="事实编号")
    stream_id: str = Field(title="流")
    version: int = Field(title="流中第几版")
    position: int = Field(title="日志位置")
    type: str = Field(title="种类")
    organisation: str = Field(title="机关")
    place: PlaceOut | None = Field(default=None, title="印在何处")
    document: str | None = Field(default=None, title="文号")


class EventOut(RecordedOut):
    """日志中的一条事实。"""

    stream_id: str = Field(title="流")
    version: int = Field(title="流中第几版")
    position: int = Field(title="日志位置")
    event_id: UUID = Field(title="事实编号")
    type: str = Field(title="种类")
    effective_from: date | None = Field(title="业务日期起")
    effective_to: date | None = Field(title="业务日期止", description="空为日期不明。")
    organisation: str = Field(title="机关")
    command_id: str = Field(title="命令号")
    source: PlaceOut | None = Field(title="读自何处")
    leaf_hash: str = Field(title="叶子哈希")
    content: dict[str, Any] = Field(title="内容")
    texts: dict[str, TextOut] = Field(
        title="文字", description="内容中每个摘要对应的文字；已删除的如实说明。"
    )
