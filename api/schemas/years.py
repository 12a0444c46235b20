"""How a year stood."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from pydantic import Field

from api.schemas.base import Out
from api.schemas.evaluations import FormOut


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
    adjustment_rate: str | None = Field(
        title="调整率（%）",
        description="（总额−不计入的）÷年初；只按有台账的单位，即 units 减 declared_units 个。",
    )
    net_rate: str | None = Field(
        title="净调整率（%）",
        description="净额÷年初；只按有台账的单位，即 units 减 declared_units 个。",
    )


class FormsOut(Out):
    """一个年度的自评：份数、各状态、各等级和平均分。"""

    count: int = Field(title="份数")
    by_status: dict[str, int] = Field(title="各状态份数")
    by_grade: dict[str, int] = Field(title="各等级份数", description="空字符串为没有等级的。")
    scored: int = Field(title="有总分的份数")
    mean_total: str | None = Field(
        title="平均分", description="有总分的 scored 份的合计得分平均，两位小数。"
    )


class YearSumsOut(Out):
    """一个年度的单位、金额和自评。"""

    fiscal_year: int = Field(title="财政年度")
    units: int = Field(title="开设台账的单位数")
    declared_units: int = Field(title="其中只有填报数的单位数", description="其资金取填报数。")
    money: MoneyOut = Field(title="金额")
    undated: MoneyOut | None = Field(
        title="日期不明、未计入的金额", description="只在给出 effective_on 时有。"
    )
    forms: FormsOut = Field(title="自评", description="得分是当时入库的，不是推算。")


class YearOfLogOut(YearSumsOut):
    """一个区划一个年度在某一日志位置的情况。"""

    log_id: str = Field(title="日志")
    position: int = Field(title="日志位置")


class YearOut(YearSumsOut):
    """一个年度：各区划各自的日志位置和情况，以及合计。"""

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


class StandingOut(FormOut):
    """一份自评在某一时点的状态、入库得分和金额。"""

    position: int = Field(title="从哪一位置起如此")
    self_total: str | None = Field(title="自评总分", description="不含复核所给的得分。")
    total: str | None = Field(title="各行最终得分之和")
    declared_totals: list[str] = Field(title="印出的总分")
    finalised_total: str | None = Field(title="定稿总分")
    finalised_grade: str | None = Field(title="定稿等级")
    grade: str | None = Field(title="等级", description="依次取定稿、印出和得出的。")
    money: MoneyOut | None = Field(title="金额", description="单位的，项目自评为该项目的。")
    undated: MoneyOut | None = Field(title="日期不明、未计入的金额")
