"""The bodies of commands."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.values import Day, Fen, Name, Points, Text
from domain.facts.ledger import Exclusion, FundNature, FundSource, Kind, Purpose


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
