"""The two rule sets of a generated year, and the rows that are scored by them."""

from datetime import date
from decimal import Decimal
from functools import cache

from api.generating import words
from api.generating.chance import Chance
from domain.scoring.indicators import (
    DateTarget,
    Indicator,
    MetricRef,
    NumberTarget,
    Operator,
    Target,
    TextTarget,
)
from domain.scoring.rule_set import GradeBand, RuleSet
from domain.scoring.rules import (
    Band,
    Binary,
    Checklist,
    Deadline,
    InverseRatio,
    Item,
    Knot,
    LinearOverrun,
    Manual,
    Modifiers,
    OverAchievement,
    Penalty,
    PiecewiseLinear,
    Proportional,
    QualitativeBand,
    QualityStep,
    Rule,
    StepDeduction,
    Tier,
)

_D = Decimal
_BANDS = (
    GradeBand("优", _D(90)),
    GradeBand("良", _D(80)),
    GradeBand("中", _D(60)),
    GradeBand("差", _D(0)),
)
ACHIEVED, PARTLY, MISSED = "达成", "部分达成", "未达成"
OPEN, SHUT = "已公开", "未公开"
YES, NO = "是", "否"
PROVINCE = "130000"
"""The log from which the rule set of projects is said to come."""


def _qualitative() -> QualitativeBand:
    return QualitativeBand(
        steps=(
            QualityStep((ACHIEVED,), _D("0.8"), _D(1)),
            QualityStep((PARTLY,), _D("0.6"), _D("0.8"), high_inclusive=False),
            QualityStep((MISSED,), _D(0), _D("0.6"), high_inclusive=False),
        )
    )


def _execution() -> Proportional:
    return Proportional(modifiers=Modifiers(reason_below=_D("0.9")))


def _noted() -> Proportional:
    return Proportional(modifiers=Modifiers(over=OverAchievement.NOTE))


@cache
def department_rules(year: int) -> RuleSet:
    """How departments are scored; published by each county itself."""
    rules: dict[str, Rule] = {
        "执行率": _execution(),
        "调整率": StepDeduction(threshold=_D(10), step=_D(1), points=_D("0.1")),
        "三公控制率": InverseRatio(),
        "公用控制率": LinearOverrun(zero_at=_D("1.5")),
        "采购执行率": PiecewiseLinear(
            knots=(Knot(_D(60), _D(0)), Knot(_D(80), _D("0.6")), Knot(_D(100), _D(1)))
        ),
        "重点安排率": Tier(
            bands=(
                Band(high=_D(20), points=_D(2)),
                Band(low=_D(20), high=_D(40), points=_D(4)),
                Band(low=_D(40), points=_D(5)),
            )
        ),
        "制度健全性": Checklist(
            items=(
                Item("制度", _D(3), "制度齐备"),
                Item("执行", _D(3), "有效执行"),
                Item("档案", _D(2), "档案完整"),
            )
        ),
        "信息公开": Binary(met=(OPEN,), unmet=(SHUT,)),
        "按比例": _noted(),
        "按期": Deadline(penalty=Penalty.PER_DAY, points=_D("0.1")),
        "定性三档": _qualitative(),
        "满意度": PiecewiseLinear(knots=(Knot(_D(60), _D(0)), Knot(_D(90), _D(1)))),
        "加分": Manual(),
    }
    return RuleSet(
        name=f"部门整体-{year}",
        version="1",
        title=f"部门整体支出绩效自评评分规则（{year}年）",
        document=f"财绩〔{year}〕3号",
        bands=_BANDS,
        rules=rules,
        templates=tuple(
            _row(number, level, name, points, rule=rule, metric=metric, target=_full(metric, name))
            for number, (level, name, points, rule, metric) in enumerate(_DEPARTMENT, 1)
        ),
    )


_DEPARTMENT = (
    ("投入", "预算执行率", 10, "执行率", ("EXECUTION_RATE", "ADJUSTED")),
    ("投入", "预算调整率", 6, "调整率", ("ADJUSTMENT_RATE", "GROSS")),
    ("过程", "三公经费控制率", 6, "三公控制率", ("THREE_PUBLIC_CONTROL_RATE", "BUDGET")),
    ("过程", "公用经费控制率", 6, "公用控制率", ("OPERATING_CONTROL_RATE", "BUDGET")),
    ("过程", "政府采购执行率", 5, "采购执行率", ("PROCUREMENT_RATE", "BUDGET")),
    ("过程", "重点支出安排率", 5, "重点安排率", ("KEY_EXPENDITURE_RATE", "INITIAL")),
    ("过程", "管理制度健全性", 8, "制度健全性", None),
    ("过程", "预决算信息公开", 6, "信息公开", None),
    ("产出", "重点工作完成数", 12, "按比例", None),
    ("产出", "工作质量达标率", 10, "按比例", None),
    ("产出", "年度工作按期完成", 8, "按期", None),
    ("效果", "社会效益", 8, "定性三档", None),
    ("效果", "服务对象满意度", 8, "满意度", None),
    ("效果", "创新与评比", 2, "加分", None),
)


@cache
def project_rules(year: int) -> RuleSet:
    """How projects are scored; copied into each county from the province."""
    rules: dict[str, Rule] = {
        "执行率": _execution(),
        "按比例": _noted(),
        "超额调减": Proportional(modifiers=Modifiers(over=OverAchievement.REDUCE)),
        "分档": Tier(
            bands=(
                Band(high=_D(80), points=_D(5)),
                Band(low=_D(80), high=_D(95), points=_D(12)),
                Band(low=_D(95), points=_D(15)),
            )
        ),
        "按期": Deadline(penalty=Penalty.PER_DAY, points=_D("0.2")),
        "成本": LinearOverrun(),
        "定性三档": _qualitative(),
        "是否": Binary(met=(YES,), unmet=(NO,)),
    }
    return RuleSet(
        name=f"项目支出-{year}",
        version="1",
        title=f"项目支出绩效自评评分规则（{year}年）",
        document=f"冀财绩〔{year}〕12号",
        bands=_BANDS,
        rules=rules,
    )


def department_rows(chance: Chance, year: int) -> tuple[Indicator, ...]:
    """The rows of a department form: those of the rule set, with targets of its own."""
    targets: dict[str, Target] = {
        "9": NumberTarget(_D(chance.between(5, 24)), "项"),
        "10": NumberTarget(_D(chance.between(90, 98)), "%"),
        "11": DateTarget(date(year, 12, chance.pick((10, 20, 25, 31)))),
        "13": NumberTarget(_D(chance.between(85, 95)), "%"),
    }
    return tuple(
        _retargeted(row, targets[row.line]) if row.line in targets else row
        for row in department_rules(year).templates
    )


def project_rows(chance: Chance, year: int) -> tuple[Indicator, ...]:
    """The rows of a project form, made up for it."""
    (many, unit, usual), (few, few_unit, few_usual) = chance.some(words.QUANTITIES, 2)

    def aimed(middle: int) -> Decimal:
        return _D(max(1, chance.part_of(middle, 400, 1900)))

    due = date(year, chance.between(9, 12), chance.between(10, 30))
    cost = NumberTarget(_D(chance.between(20, 980)), "万元")
    table: tuple[tuple[str, str, int, str, Operator, Target], ...] = (
        ("产出指标", many, 15, "按比例", Operator.GE, NumberTarget(aimed(usual), unit)),
        ("产出指标", few, 10, "超额调减", Operator.GE, NumberTarget(aimed(few_usual), few_unit)),
        ("产出指标", chance.pick(words.QUALITIES), 15, "分档", Operator.GE, _percent(95)),
        ("产出指标", "按期完成", 10, "按期", Operator.LE, DateTarget(due)),
        ("成本指标", chance.pick(words.COSTS), 10, "成本", Operator.LE, cost),
        ("效益指标", chance.pick(words.BENEFITS), 15, "定性三档", Operator.QUALITATIVE, _WELL),
        ("效益指标", "建立长效管护机制", 5, "是否", Operator.QUALITATIVE, TextTarget(YES)),
        ("满意度指标", chance.pick(words.SATISFACTIONS), 10, "按比例", Operator.GE, _percent(90)),
    )
    first = _row(
        1,
        "预算执行",
        "预算执行率",
        10,
        rule="执行率",
        metric=("EXECUTION_RATE", "ADJUSTED"),
        target=_percent(100),
    )
    return (
        first,
        *(
            Indicator(
                line=str(number),
                path=(level, name),
                max_points=_D(points),
                operator=operator,
                target=target,
                rule=rule,
            )
            for number, (level, name, points, rule, operator, target) in enumerate(table, 2)
        ),
    )


_WELL = TextTarget("明显")


def _percent(value: int) -> NumberTarget:
    return NumberTarget(_D(value), "%")


def _full(metric: tuple[str, str] | None, name: str) -> Target | None:
    if metric is not None and name != "预算调整率":
        return _percent(100)
    targets: dict[str, Target] = {
        "预算调整率": NumberTarget(_D(10), "%"),
        "预决算信息公开": TextTarget(OPEN),
        "社会效益": _WELL,
    }
    return targets.get(name)


def _row(
    number: int,
    level: str,
    name: str,
    points: int,
    *,
    rule: str,
    metric: tuple[str, str] | None,
    target: Target | None,
) -> Indicator:
    return Indicator(
        line=str(number),
        path=(level, name),
        max_points=_D(points),
        operator=_OPERATORS.get(rule),
        target=target,
        metric=MetricRef(*metric) if metric else None,
        rule=rule,
    )


def _retargeted(row: Indicator, target: Target) -> Indicator:
    return Indicator(
        line=row.line,
        path=row.path,
        max_points=row.max_points,
        operator=row.operator,
        target=target,
        metric=row.metric,
        rule=row.rule,
    )


_OPERATORS = {
    "执行率": Operator.GE,
    "调整率": Operator.LE,
    "三公控制率": Operator.LE,
    "公用控制率": Operator.LE,
    "采购执行率": Operator.GE,
    "重点安排率": Operator.GE,
    "信息公开": Operator.QUALITATIVE,
    "按比例": Operator.GE,
    "按期": Operator.LE,
    "定性三档": Operator.QUALITATIVE,
    "满意度": Operator.GE,
}
