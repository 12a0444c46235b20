"""The words of every closed set of values, in both languages: one table for CLI, API and pages.

``words_of`` takes a member of an enumeration, ``words_for`` the raw value that a read model holds,
``fact_words`` the stored tag of a fact. A test holds the tables complete.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction

from domain.crosschecks.findings import FindingClass
from domain.evaluation.scores import Origin
from domain.evaluation.state import Status
from domain.facts.envelope import Role
from domain.facts.form import BreakdownBy, Level, Light, Subject
from domain.facts.ledger import Basis, Exclusion, FundNature, FundSource, Kind, Purpose
from domain.scoring.indicators import Operator
from domain.scoring.metrics import METRICS, Base, MetricName, Quantity
from domain.scoring.steps import Op, Operand, Step
from domain.values import RoundingMode, RoundingScope, Words, plain
from projections.adjustments import AdjustmentKind, Direction, GroupBy
from projections.current import FigureSource
from projections.deductions import Part
from projections.replay import Stride
from projections.score_history import ChangeKind
from projections.search import TextPart
from projections.verification import Check

_LABELS: dict[type[StrEnum], Mapping[StrEnum, Words]] = {
    Level: {
        Level.DEPARTMENT: Words("部门整体", "department"),
        Level.PROJECT: Words("项目", "project"),
    },
    Status: {
        Status.ABSENT: Words("未建立", "not open"),
        Status.DRAFT: Words("填报中", "draft"),
        Status.SIGNED: Words("已签章", "signed"),
        Status.SUBMITTED: Words("已报送", "submitted"),
        Status.DEPARTMENT_REVIEWED: Words("主管部门已初审", "reviewed by the department"),
        Status.FINANCE_REVIEWED: Words("财政已复核", "reviewed by finance"),
        Status.FINALISED: Words("已定稿", "finalised"),
        Status.PUBLISHED: Words("已公开", "published"),
    },
    Role: {
        Role.UNIT_CLERK: Words("单位填报人", "unit clerk"),
        Role.UNIT_APPROVER: Words("单位负责人", "unit approver"),
        Role.DEPARTMENT_REVIEWER: Words("主管部门审核人", "department reviewer"),
        Role.FINANCE_CLERK: Words("财政经办人", "finance clerk"),
        Role.FINANCE_REVIEWER: Words("财政复核人", "finance reviewer"),
        Role.FINANCE_APPROVER: Words("财政负责人", "finance approver"),
        Role.OVERSIGHT: Words("监督机关", "oversight"),
        Role.SECURITY_ADMINISTRATOR: Words("安全管理员", "security administrator"),
        Role.IMPORTER: Words("导入", "import"),
    },
    FindingClass: {
        FindingClass.CONTRADICTION: Words("矛盾", "contradiction"),
        FindingClass.UNSUPPORTED: Words("无依据", "unsupported"),
        FindingClass.NOTICE: Words("关注", "notice"),
    },
    Origin: {
        Origin.REVIEW: Words("复核", "review"),
        Origin.OVERRIDE: Words("改分", "override"),
        Origin.DECLARED: Words("填报", "declared"),
        Origin.CALCULATED: Words("计算", "calculated"),
        Origin.NONE: Words("无得分", "no score"),
    },
    Subject: {
        Subject.LINE: Words("指标行", "line"),
        Subject.GROUP: Words("小计", "group"),
        Subject.TOTAL: Words("总分", "total"),
        Subject.GRADE: Words("等级", "grade"),
    },
    Operator: {
        Operator.GE: Words("≥", "≥"),
        Operator.LE: Words("≤", "≤"),
        Operator.EQ: Words("=", "="),
        Operator.QUALITATIVE: Words("定性", "qualitative"),
    },
    Basis: {
        Basis.LEDGER: Words("台账", "booked in the ledger"),
        Basis.DECLARED: Words("填报", "declared by the form"),
    },
    Kind: {
        Kind.BASIC: Words("基本支出", "basic expenditure"),
        Kind.PROJECT: Words("项目支出", "project expenditure"),
    },
    FundNature: {
        FundNature.GENERAL_PUBLIC: Words("一般公共预算", "general public budget"),
        FundNature.GOVERNMENT_FUND: Words("政府性基金", "government fund"),
        FundNature.STATE_CAPITAL: Words("国有资本经营预算", "state capital operations"),
        FundNature.FISCAL_ACCOUNT: Words("财政专户", "fiscal account"),
        FundNature.UNIT_OWN: Words("单位资金", "unit's own funds"),
    },
    FundSource: {
        FundSource.EARMARKED_TRANSFER: Words("上级专项", "earmarked transfer"),
        FundSource.LOCAL_OWN_RESOURCES: Words("本级财力", "own-source local resources"),
        FundSource.RESERVE_FUND: Words("预备费", "contingency reserve"),
        FundSource.CARRIED_IN: Words("结转", "carried in"),
        FundSource.OTHER: Words("其他", "other"),
    },
    Exclusion: {
        Exclusion.NONE: Words("计入", "counts"),
        Exclusion.POLICY: Words("国家政策", "national policy"),
        Exclusion.FORCE_MAJEURE: Words("不可抗力", "force majeure"),
        Exclusion.SUPERIOR_ASSIGNMENT: Words("上级或本级临时交办", "assigned from above"),
    },
    Purpose: {
        Purpose.OVERSEAS: Words("因公出国(境)", "overseas travel"),
        Purpose.VEHICLE_PURCHASE: Words("公务用车购置", "vehicle purchase"),
        Purpose.VEHICLE_OPERATION: Words("公务用车运行", "vehicle operation"),
        Purpose.RECEPTION: Words("公务接待", "official receptions"),
        Purpose.OPERATING: Words("公用经费", "operating costs"),
        Purpose.PROCUREMENT: Words("政府采购", "procurement"),
        Purpose.KEY_PROJECT: Words("重点项目", "key project"),
    },
    BreakdownBy: {
        BreakdownBy.FUND_SOURCE: Words("按资金来源", "by fund source"),
        BreakdownBy.ECONOMIC_CLASS: Words("按支出经济分类", "by economic class"),
        BreakdownBy.EXPENDITURE_KIND: Words("按支出类别", "by kind of expenditure"),
        BreakdownBy.PURPOSE: Words("按用途", "by purpose"),
    },
    Light: {
        Light.GREEN: Words("绿灯", "green"),
        Light.YELLOW: Words("黄灯", "yellow"),
        Light.RED: Words("红灯", "red"),
    },
    RoundingMode: {
        RoundingMode.HALF_UP: Words("四舍五入", "half up"),
        RoundingMode.DOWN: Words("舍去", "cut off"),
    },
    RoundingScope: {
        RoundingScope.LINE: Words("逐行取整", "each line"),
        RoundingScope.TOTAL: Words("合计取整", "the total"),
    },
    Quantity: {quantity: quantity.words for quantity in Quantity},
    Base: {base: base.words for base in Base},
    MetricName: {metric: METRICS[metric].words for metric in MetricName},
    ChangeKind: {change: change.words for change in ChangeKind},
    AdjustmentKind: {one: one.words for one in AdjustmentKind},
    TextPart: {one: one.words for one in TextPart},
    Direction: {one: one.words for one in Direction},
    Stride: {one: one.words for one in Stride},
    Check: {one: one.words for one in Check},
    GroupBy: {
        GroupBy.LOG: Words("日志", "log"),
        GroupBy.UNIT: Words("单位", "unit"),
        GroupBy.MONTH: Words("月份", "month"),
        GroupBy.SOURCE: Words("来源", "source"),
        GroupBy.KIND: Words("种类", "kind"),
        GroupBy.DIRECTION: Words("方向", "direction"),
        GroupBy.EXCLUDED: Words("是否计入", "excluded"),
    },
    FigureSource: {
        FigureSource.DECLARED: Words("填报", "declared"),
        FigureSource.BOOKED: Words("台账", "booked"),
    },
    Part: {
        Part.ROW: Words("指标行", "the row"),
        Part.ACTUAL: Words("实际完成值", "actual value"),
        Part.FIGURES: Words("填报数额", "declared figures"),
        Part.CALCULATED: Words("计算得分", "calculated score"),
        Part.DECLARED: Words("填报得分", "declared score"),
        Part.OVERRIDE: Words("改分", "override"),
        Part.REVIEW: Words("复核得分", "review score"),
        Part.REASON: Words("扣分原因", "reason"),
    },
}

_FACTS: Mapping[str, Words] = {
    # ledger
    "ledger-opened": Words("建立台账", "ledger opened"),
    "initial-budget-approved": Words("年初预算批复", "initial budget approved"),
    "funds-carried-in": Words("上年结转", "funds carried in"),
    "budget-supplemented": Words("追加", "supplement"),
    "budget-reduced": Words("追减", "reduction"),
    "funds-vired": Words("调剂", "virement"),
    "funds-clawed-back": Words("收回", "clawback"),
    "expenditure-recorded": Words("支出", "expenditure"),
    "expenditure-reversed": Words("冲销", "reversal"),
    "advance-recognised": Words("暂付款转列", "advance recognised"),
    "prior-year-figures-stated": Words("上年数", "prior-year figures stated"),
    "ledger-reconciled": Words("对账", "ledger reconciled"),
    # form
    "evaluation-opened": Words("建立自评", "evaluation opened"),
    "rule-set-adopted": Words("采用规则集", "rule set adopted"),
    "indicators-set": Words("设定指标", "indicators set"),
    "indicator-retargeted": Words("调整指标值", "indicator retargeted"),
    "indicator-withdrawn": Words("撤销指标", "indicator withdrawn"),
    "figures-declared": Words("填报数额", "figures declared"),
    "actual-entered": Words("填报实际完成值", "actual value entered"),
    "score-calculated": Words("计算得分", "score calculated"),
    "score-declared": Words("填报得分", "score declared"),
    "score-overridden": Words("改分", "score overridden"),
    "override-withdrawn": Words("撤销改分", "override withdrawn"),
    "deduction-justified": Words("说明扣分原因", "deduction justified"),
    "evidence-attached": Words("登记佐证材料", "evidence attached"),
    "evidence-withdrawn": Words("撤回佐证材料", "evidence withdrawn"),
    "content-withheld": Words("涉密未录入", "content withheld"),
    "problem-noted": Words("存在问题", "problem noted"),
    "measure-planned": Words("整改措施", "measure planned"),
    "measure-completed": Words("整改完成", "measure completed"),
    "progress-monitored": Words("绩效监控", "progress monitored"),
    "signed": Words("签章", "signed"),
    "signature-withdrawn": Words("撤回签章", "signature withdrawn"),
    "submitted": Words("报送", "submitted"),
    "returned": Words("退回", "returned"),
    "department-reviewed": Words("主管部门初审", "department review"),
    "finance-reviewed": Words("财政复核", "finance review"),
    "review-score-given": Words("复核得分", "review score given"),
    "finalised": Words("定稿", "finalised"),
    "reopened": Words("重新打开", "reopened"),
    "published": Words("公开", "published"),
    "finding-acknowledged": Words("疑点已阅", "finding acknowledged"),
    # any stream, and the other streams
    "entry-corrected": Words("更正", "correction"),
    "text-redacted": Words("删除文字", "text redacted"),
    "statutory-adjustment-approved": Words("法定预算调整", "statutory adjustment approved"),
    "sample-drawn": Words("抽查", "sample drawn"),
    "year-closed": Words("年终结转", "year closed"),
    "year-reopened": Words("重新开账", "year reopened"),
    "rule-set-published": Words("公布规则集", "rule set published"),
    "rule-set-copied": Words("引入规则集", "rule set copied"),
    "granted": Words("授权", "granted"),
    "revoked": Words("收回授权", "revoked"),
    "logged-in": Words("登录", "logged in"),
    "refused": Words("拒绝", "refused"),
    "exported": Words("导出", "exported"),
}


def in_rate(excluded: Exclusion) -> Words:
    """Whether an adjustment counts in the adjustment rate, and if not, why."""
    words = words_of(excluded)
    if excluded is Exclusion.NONE:
        return words
    return Words(f"不计入：{words.zh}", f"excluded: {words.en}")


def words_of(value: StrEnum) -> Words:
    """The words of a member of an enumeration. Raises ``KeyError`` for one without a table."""
    return _LABELS[type(value)][value]


def words_for(kind: type[StrEnum], raw: str | None) -> Words:
    """The words of a raw value of ``kind``; blank for None, the value itself when unknown."""
    if raw is None:
        return Words("", "")
    try:
        return words_of(kind(raw))
    except ValueError:
        return Words(raw, raw)


def fact_words(tag: str) -> Words:
    """The words of a fact by its stored tag, with or without version; the tag itself when unknown.

    ``budget-supplemented.v1`` and ``budget-supplemented`` are both 追加.
    """
    stem = tag.partition(".v")[0]
    return _FACTS.get(stem, Words(stem, stem))


def labelled_values(kind: type[StrEnum]) -> Mapping[StrEnum, Words]:
    """Every member of an enumeration with its words, in the order of the enumeration."""
    return _LABELS[kind]


def labelled_kinds() -> tuple[type[StrEnum], ...]:
    """The enumerations that have a table."""
    return tuple(_LABELS)


_SIGNS = {Op.ADD: " + ", Op.SUBTRACT: " − ", Op.MULTIPLY: " × ", Op.DIVIDE: " ÷ "}
_CONDITIONS = {
    Op.AT_LEAST: "≥",
    Op.AT_MOST: "≤",
    Op.ABOVE: ">",
    Op.BELOW: "<",
    Op.EQUAL: "=",
    Op.UNEQUAL: "≠",
}
_FUNCTIONS = {Op.MIN: Words("较小者", "min"), Op.MAX: Words("较大者", "max")}


def step_words(steps: Sequence[Step], index: int) -> Words:
    """One step of a calculation with the numbers put in, as in 314.42 ÷ 419.29 = 0.749887."""
    step = steps[index]
    result = figure(step.result)

    def in_(lang: str) -> str:
        shown = [_operand(one, steps, lang) for one in step.operands]
        colon = ": " if lang == "en" else "："
        return f"{step.what.in_(lang)}{colon}{_formula(step, shown, result, lang)}"

    return Words(in_("zh"), in_("en"))


def figure(exact: str) -> str:
    """An exact result; a fraction, or a long decimal, at six places and marked as cut."""
    value = Fraction(exact)
    millionths = value * 1_000_000
    if millionths.denominator == 1:
        return plain(value)
    return f"{plain(Fraction(int(millionths), 1_000_000))}…"


def _operand(operand: Operand, steps: Sequence[Step], lang: str) -> str:
    if operand.ref is not None:
        return figure(steps[operand.ref].result)
    number = figure(operand.number or "0")
    if operand.name is None:
        return number
    name = operand.name.in_(lang)
    return f"{number} ({name})" if lang == "en" else f"{number}（{name}）"


def _formula(step: Step, shown: Sequence[str], result: str, lang: str) -> str:
    if step.op in _SIGNS:
        return f"{_SIGNS[step.op].join(shown)} = {result}"
    if step.op in _CONDITIONS:
        return f"{shown[0]} {_CONDITIONS[step.op]} {shown[1]} → {result}"
    match step.op:
        case Op.TAKE:
            return shown[0]
        case Op.WITHIN:
            return f"{shown[1]} ≤ {shown[0]} < {shown[2]} → {result}"
        case Op.CHOSEN:
            return f"{shown[1]} ≤ {shown[0]} ≤ {shown[2]}"
        case Op.ROUND_HALF_UP | Op.ROUND_DOWN | Op.FLOOR | Op.CEIL:
            return f"{shown[0]} → {result}"
        case _:
            name = _FUNCTIONS.get(step.op, Words(step.op.value, step.op.value)).in_(lang)
            return f"{name}({', '.join(shown)}) = {result}"
