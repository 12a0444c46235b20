"""Adjustments of budgets, one by one and summed."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from uuid import UUID

from pydantic import Field

from api.schemas.base import Out, PagedOut
from api.schemas.facts import PlaceOut, RecordedOut, TextOut
from domain.facts.ledger import FundSource


class LinkOut(RecordedOut):
    """更正链上的一环。"""

    event_id: UUID = Field(title="事实编号")
    type: str = Field(title="种类")
    fen: int | None = Field(title="分", description="作废为空。")
    document: str | None = Field(title="文号")
    reason: TextOut | None = Field(title="理由")
    version: int = Field(title="流中第几版")
    position: int = Field(title="日志位置")


class AdjustmentOut(RecordedOut):
    """一笔年中调整，连同更正链和滚动余额。"""

    log_id: str = Field(title="日志")
    origin: UUID = Field(title="首条事实")
    head: UUID = Field(title="最新事实")
    ledger: str = Field(title="台账")
    unit: str = Field(title="单位编码")
    unit_name: str = Field(title="单位名称")
    fiscal_year: int = Field(title="财政年度")
    kind: str = Field(title="种类")
    direction: str = Field(title="方向")
    gross_fen: int = Field(title="总额（分）")
    amount: str = Field(title="金额（万元）", description="调增为正，调减为负。")
    initial: str = Field(title="年初（万元）")
    carried_in: str = Field(title="上年结转（万元）")
    increased: str = Field(title="累计调增（万元）")
    decreased: str = Field(title="累计调减（万元）")
    balance: str = Field(title="余额（万元）")
    from_project: str | None = Field(title="调出项目")
    to_project: str | None = Field(title="调入项目")
    document: str | None = Field(title="文号")
    approved_by: str | None = Field(title="批准机关")
    approved_on: str | None = Field(title="批准日期")
    effective_from: str | None = Field(title="业务日期起")
    effective_to: str | None = Field(title="业务日期止", description="空为日期不明。")
    source: FundSource | None = Field(title="资金来源")
    excluded: str = Field(title="不计入调整率的原因")
    reason: TextOut | None = Field(title="理由")
    place: PlaceOut | None = Field(title="读自何处")
    voided: bool = Field(title="已作废")
    corrected: bool = Field(title="更正过")
    links: list[LinkOut] = Field(title="更正链")
    position: int = Field(title="日志位置")


class AdjustmentGroupOut(Out):
    """一组调整的合计，万元。"""

    key: list[str | None] = Field(title="分组的值", description="与 group_by 一一对应。")
    unit_names: list[str] = Field(title="单位名称")
    count: int = Field(title="笔数")
    gross: str = Field(title="总额")
    net: str = Field(title="净额")
    increased: str = Field(title="调增")
    decreased: str = Field(title="调减")
    excluded: str = Field(title="不计入的")
    initial: str = Field(title="年初")
    rate: str | None = Field(title="调整率（%）", description="（总额－不计入的）÷年初。")
    net_rate: str | None = Field(title="净调整率（%）", description="净额÷年初。")


class AdjustmentsOut(PagedOut):
    """各笔调整；给出 group_by 时为各组合计。"""

    adjustments: list[AdjustmentOut] = Field(default=[], title="各笔")
    groups: list[AdjustmentGroupOut] = Field(default=[], title="各组")
    undated: list[AdjustmentOut] = Field(
        default=[], title="日期不明的", description="给出 effective_on 时：没有计入，另列于此。"
    )
