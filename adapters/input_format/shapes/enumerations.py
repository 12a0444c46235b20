"""The closed sets of values by name: the identifier, or the Chinese words of the field for it."""

from collections.abc import Mapping
from enum import Enum
from functools import cache

from adapters.input_format.shapes.values import Choice
from domain.facts.form import BreakdownBy, Level
from domain.facts.ledger import Basis, Exclusion, FundNature, FundSource, Kind, Purpose
from domain.scoring.indicators import Operator
from domain.scoring.metrics import METRICS, MetricName, Quantity
from domain.scoring.rules import (
    Counting,
    OverAchievement,
    Penalty,
    Side,
    WhenMissing,
    WhenNotApplicable,
)
from domain.values import RoundingMode, RoundingScope, Words

_WHAT: Mapping[type[Enum], Words] = {
    Level: Words("级别", "level"),
    Quantity: Words("数额", "quantity"),
    MetricName: Words("指标（metric）", "metric"),
    Operator: Words("指标性质", "operator"),
    BreakdownBy: Words("分解方式", "kind of breakdown"),
    Basis: Words("台账口径", "ledger basis"),
    Exclusion: Words("不计入调整率的原因", "cause of exclusion"),
    FundNature: Words("资金性质", "fund nature"),
    FundSource: Words("资金来源", "fund source"),
    Kind: Words("支出类别", "kind of expenditure"),
    Purpose: Words("用途", "purpose"),
    RoundingMode: Words("舍入方式", "rounding mode"),
    RoundingScope: Words("舍入范围", "rounding scope"),
    Side: Words("扣分一侧", "side of the threshold"),
    Counting: Words("不足一步的算法", "counting of an unfinished step"),
    Penalty: Words("逾期扣分方式", "penalty"),
    OverAchievement: Words("超额完成的处理", "treatment of over-achievement"),
    WhenNotApplicable: Words("不适用的处理", "treatment of what is not applicable"),
    WhenMissing: Words("缺完成值的处理", "treatment of a missing value"),
}

CHINESE: Mapping[type[Enum], Mapping[str, Enum]] = {
    Level: {"部门整体": Level.DEPARTMENT, "项目": Level.PROJECT},
    Quantity: {one.words.zh: one for one in Quantity},
    MetricName: {METRICS[one].words.zh: one for one in MetricName},
    Operator: {
        "≥": Operator.GE,
        ">=": Operator.GE,
        "≤": Operator.LE,
        "<=": Operator.LE,
        "=": Operator.EQ,
        "＝": Operator.EQ,
        "定性": Operator.QUALITATIVE,
    },
    Kind: {"基本支出": Kind.BASIC, "项目支出": Kind.PROJECT},
    FundNature: {
        "一般公共预算": FundNature.GENERAL_PUBLIC,
        "政府性基金": FundNature.GOVERNMENT_FUND,
        "国有资本经营预算": FundNature.STATE_CAPITAL,
        "财政专户": FundNature.FISCAL_ACCOUNT,
        "单位资金": FundNature.UNIT_OWN,
    },
    FundSource: {
        "上级专项": FundSource.EARMARKED_TRANSFER,
        "本级财力": FundSource.LOCAL_OWN_RESOURCES,
        "预备费": FundSource.RESERVE_FUND,
        "结转": FundSource.CARRIED_IN,
        "其他": FundSource.OTHER,
    },
    Exclusion: {
        "计入": Exclusion.NONE,
        "国家政策": Exclusion.POLICY,
        "不可抗力": Exclusion.FORCE_MAJEURE,
        "上级或本级临时交办": Exclusion.SUPERIOR_ASSIGNMENT,
    },
    Purpose: {
        "因公出国(境)": Purpose.OVERSEAS,
        "公务用车购置": Purpose.VEHICLE_PURCHASE,
        "公务用车运行": Purpose.VEHICLE_OPERATION,
        "公务接待": Purpose.RECEPTION,
        "公用经费": Purpose.OPERATING,
        "政府采购": Purpose.PROCUREMENT,
        "重点项目": Purpose.KEY_PROJECT,
    },
    BreakdownBy: {
        "按资金来源": BreakdownBy.FUND_SOURCE,
        "按支出经济分类": BreakdownBy.ECONOMIC_CLASS,
        "按支出类别": BreakdownBy.EXPENDITURE_KIND,
        "按用途": BreakdownBy.PURPOSE,
    },
    RoundingMode: {"四舍五入": RoundingMode.HALF_UP, "舍去": RoundingMode.DOWN},
    RoundingScope: {"逐行取整": RoundingScope.LINE, "合计取整": RoundingScope.TOTAL},
}
"""What may be written instead of an identifier. A test holds it to the words of the pages."""


@cache
def enum_shape(kind: type[Enum]) -> Choice:
    """One value of an enumeration."""
    aliases = {zh: str(member.value) for zh, member in CHINESE.get(kind, {}).items()}
    names = {str(member.value): member for member in kind}
    return Choice(_WHAT.get(kind, Words("名称", "name")), names, aliases)
