"""What is measured: quantities of money, and the metrics that put them in relation.

A metric is named together with its base, because the worst conflicts of real reports are about
the base: 执行数 ÷ 年初预算数 and 执行数 ÷ 全年预算数 are two readings of one name. The table is data.
Sums are whole fen; a metric's result is in per cent, exact.

Source: the framework of 财预〔2013〕53号, as practised; not yet compared with the gazette.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from domain.scoring.indicators import NotApplicable
from domain.scoring.steps import Op, Operand, Worksheet
from domain.values import Words


class Quantity(StrEnum):
    """A sum of money that facts state and metrics use; the value is what facts store."""

    INITIAL_BUDGET = "INITIAL_BUDGET"
    ADJUSTED_BUDGET = "ADJUSTED_BUDGET"
    OUTTURN = "OUTTURN"
    PLANNED_OUTTURN = "PLANNED_OUTTURN"
    CARRIED_IN = "CARRIED_IN"
    CARRY_OVER = "CARRY_OVER"
    GROSS_ADJUSTMENT = "GROSS_ADJUSTMENT"
    NET_ADJUSTMENT = "NET_ADJUSTMENT"
    EXCLUDED_ADJUSTMENT = "EXCLUDED_ADJUSTMENT"
    BASIC_INITIAL = "BASIC_INITIAL"
    BASIC_ADJUSTED = "BASIC_ADJUSTED"
    BASIC_OUTTURN = "BASIC_OUTTURN"
    PROJECT_INITIAL = "PROJECT_INITIAL"
    PROJECT_ADJUSTED = "PROJECT_ADJUSTED"
    PROJECT_OUTTURN = "PROJECT_OUTTURN"
    KEY_PROJECT_BUDGET = "KEY_PROJECT_BUDGET"
    KEY_PROJECT_OUTTURN = "KEY_PROJECT_OUTTURN"
    OPERATING_BUDGET = "OPERATING_BUDGET"
    OPERATING_OUTTURN = "OPERATING_OUTTURN"
    THREE_PUBLIC_BUDGET = "THREE_PUBLIC_BUDGET"
    THREE_PUBLIC_OUTTURN = "THREE_PUBLIC_OUTTURN"
    PRIOR_THREE_PUBLIC_BUDGET = "PRIOR_THREE_PUBLIC_BUDGET"
    PRIOR_THREE_PUBLIC_OUTTURN = "PRIOR_THREE_PUBLIC_OUTTURN"
    PROCUREMENT_BUDGET = "PROCUREMENT_BUDGET"
    PROCUREMENT_OUTTURN = "PROCUREMENT_OUTTURN"
    REVENUE_INITIAL = "REVENUE_INITIAL"
    REVENUE_ADJUSTED = "REVENUE_ADJUSTED"
    REVENUE_OUTTURN = "REVENUE_OUTTURN"

    # As its text, in C: an enumeration would ask its member's name in Python.
    __hash__ = str.__hash__

    @property
    def words(self) -> Words:
        """The name in both languages."""
        return _NAMES[self]


_Q = Quantity
_NAMES: Mapping[Quantity, Words] = {
    _Q.INITIAL_BUDGET: Words("年初预算数", "initial budget"),
    _Q.ADJUSTED_BUDGET: Words("全年预算数", "adjusted budget"),
    _Q.OUTTURN: Words("全年执行数", "outturn"),
    _Q.PLANNED_OUTTURN: Words("既定进度支出数", "planned outturn"),
    _Q.CARRIED_IN: Words("上年结转", "carried-in funds"),
    _Q.CARRY_OVER: Words("结转结余", "carry-over and balance"),
    _Q.GROSS_ADJUSTMENT: Words("预算调整数（总额口径）", "gross adjustment"),
    _Q.NET_ADJUSTMENT: Words("预算调整数（净额口径）", "net adjustment"),
    _Q.EXCLUDED_ADJUSTMENT: Words("不计入调整率的调整数", "adjustment excluded from the rate"),
    _Q.BASIC_INITIAL: Words("基本支出年初预算数", "initial budget, basic expenditure"),
    _Q.BASIC_ADJUSTED: Words("基本支出全年预算数", "adjusted budget, basic expenditure"),
    _Q.BASIC_OUTTURN: Words("基本支出执行数", "outturn, basic expenditure"),
    _Q.PROJECT_INITIAL: Words("项目支出年初预算数", "initial budget, project expenditure"),
    _Q.PROJECT_ADJUSTED: Words("项目支出全年预算数", "adjusted budget, project expenditure"),
    _Q.PROJECT_OUTTURN: Words("项目支出执行数", "outturn, project expenditure"),
    _Q.KEY_PROJECT_BUDGET: Words("重点项目支出预算数", "budget of key projects"),
    _Q.KEY_PROJECT_OUTTURN: Words("重点项目支出执行数", "outturn of key projects"),
    _Q.OPERATING_BUDGET: Words("公用经费预算数", "budget of operating expenditure"),
    _Q.OPERATING_OUTTURN: Words("公用经费执行数", "outturn of operating expenditure"),
    _Q.THREE_PUBLIC_BUDGET: Words("三公经费预算数", "budget of the three public expenses"),
    _Q.THREE_PUBLIC_OUTTURN: Words("三公经费执行数", "outturn of the three public expenses"),
    _Q.PRIOR_THREE_PUBLIC_BUDGET: Words(
        "上年三公经费预算数", "budget of the three public expenses, prior year"
    ),
    _Q.PRIOR_THREE_PUBLIC_OUTTURN: Words(
        "上年三公经费执行数", "outturn of the three public expenses, prior year"
    ),
    _Q.PROCUREMENT_BUDGET: Words("政府采购预算数", "budget of government procurement"),
    _Q.PROCUREMENT_OUTTURN: Words("政府采购执行数", "outturn of government procurement"),
    _Q.REVENUE_INITIAL: Words("收入年初预算数", "initial budget of revenue"),
    _Q.REVENUE_ADJUSTED: Words("收入全年预算数", "adjusted budget of revenue"),
    _Q.REVENUE_OUTTURN: Words("收入决算数", "revenue"),
}


class Base(StrEnum):
    """口径: what a metric is measured on."""

    INITIAL = "INITIAL"
    ADJUSTED = "ADJUSTED"
    GROSS = "GROSS"
    NET = "NET"
    PLANNED = "PLANNED"
    BUDGET = "BUDGET"
    OUTTURN = "OUTTURN"

    # As its text, in C: an enumeration would ask its member's name in Python.
    __hash__ = str.__hash__

    @property
    def words(self) -> Words:
        """The name in both languages."""
        return _BASE_NAMES[self]


_BASE_NAMES: Mapping[Base, Words] = {
    Base.INITIAL: Words("年初预算口径", "on the initial budget"),
    Base.ADJUSTED: Words("全年预算口径", "on the adjusted budget"),
    Base.GROSS: Words("总额口径", "gross"),
    Base.NET: Words("净额口径", "net"),
    Base.PLANNED: Words("既定进度口径", "on the planned progress"),
    Base.BUDGET: Words("预算数口径", "on budget figures"),
    Base.OUTTURN: Words("执行数口径", "on outturn figures"),
}


class MetricName(StrEnum):
    """The name that an indicator's ``metric`` stores."""

    EXECUTION_RATE = "EXECUTION_RATE"
    COMPLETION_RATE = "COMPLETION_RATE"
    ADJUSTMENT_RATE = "ADJUSTMENT_RATE"
    PAYMENT_PROGRESS_RATE = "PAYMENT_PROGRESS_RATE"
    CARRY_OVER_RATE = "CARRY_OVER_RATE"
    OPERATING_CONTROL_RATE = "OPERATING_CONTROL_RATE"
    THREE_PUBLIC_CONTROL_RATE = "THREE_PUBLIC_CONTROL_RATE"
    THREE_PUBLIC_CHANGE_RATE = "THREE_PUBLIC_CHANGE_RATE"
    KEY_EXPENDITURE_RATE = "KEY_EXPENDITURE_RATE"
    PROCUREMENT_RATE = "PROCUREMENT_RATE"


class Formula(Struct, frozen=True, kw_only=True):
    """(numerator − each of ``less``) ÷ denominator, on one base."""

    base: Base
    numerator: Quantity
    less: tuple[Quantity, ...] = ()
    denominator: Quantity


class Metric(Struct, frozen=True, kw_only=True):
    """A metric with its formulas by base; the first base is the usual one."""

    name: MetricName
    words: Words
    formulas: tuple[Formula, ...]
    source: str = "财预〔2013〕53号"


def _on(base: Base, numerator: Quantity, denominator: Quantity, *less: Quantity) -> Formula:
    return Formula(base=base, numerator=numerator, denominator=denominator, less=less)


def _change(base: Base, this: Quantity, last: Quantity) -> Formula:
    return _on(base, this, last, last)


_TABLE = (
    Metric(
        name=MetricName.EXECUTION_RATE,
        words=Words("预算执行率", "budget execution rate"),
        formulas=(
            _on(Base.ADJUSTED, _Q.OUTTURN, _Q.ADJUSTED_BUDGET),
            _on(Base.INITIAL, _Q.OUTTURN, _Q.INITIAL_BUDGET),
        ),
        source="财预〔2020〕10号",
    ),
    Metric(
        name=MetricName.COMPLETION_RATE,
        words=Words("预算完成率", "budget completion rate"),
        formulas=(
            _on(Base.INITIAL, _Q.OUTTURN, _Q.INITIAL_BUDGET),
            _on(Base.ADJUSTED, _Q.OUTTURN, _Q.ADJUSTED_BUDGET),
        ),
    ),
    Metric(
        name=MetricName.ADJUSTMENT_RATE,
        words=Words("预算调整率", "budget adjustment rate"),
        formulas=(
            _on(Base.GROSS, _Q.GROSS_ADJUSTMENT, _Q.INITIAL_BUDGET, _Q.EXCLUDED_ADJUSTMENT),
            _on(Base.NET, _Q.NET_ADJUSTMENT, _Q.INITIAL_BUDGET),
        ),
    ),
    Metric(
        name=MetricName.PAYMENT_PROGRESS_RATE,
        words=Words("支付进度率", "payment progress rate"),
        formulas=(_on(Base.PLANNED, _Q.OUTTURN, _Q.PLANNED_OUTTURN),),
    ),
    Metric(
        name=MetricName.CARRY_OVER_RATE,
        words=Words("结转结余率", "carry-over rate"),
        formulas=(
            _on(Base.ADJUSTED, _Q.CARRY_OVER, _Q.ADJUSTED_BUDGET),
            _on(Base.INITIAL, _Q.CARRY_OVER, _Q.INITIAL_BUDGET),
        ),
    ),
    Metric(
        name=MetricName.OPERATING_CONTROL_RATE,
        words=Words("公用经费控制率", "operating cost control rate"),
        formulas=(_on(Base.BUDGET, _Q.OPERATING_OUTTURN, _Q.OPERATING_BUDGET),),
    ),
    Metric(
        name=MetricName.THREE_PUBLIC_CONTROL_RATE,
        words=Words("三公经费控制率", "three public expenses control rate"),
        formulas=(_on(Base.BUDGET, _Q.THREE_PUBLIC_OUTTURN, _Q.THREE_PUBLIC_BUDGET),),
    ),
    Metric(
        name=MetricName.THREE_PUBLIC_CHANGE_RATE,
        words=Words("三公经费变动率", "three public expenses change rate"),
        formulas=(
            _change(Base.BUDGET, _Q.THREE_PUBLIC_BUDGET, _Q.PRIOR_THREE_PUBLIC_BUDGET),
            _change(Base.OUTTURN, _Q.THREE_PUBLIC_OUTTURN, _Q.PRIOR_THREE_PUBLIC_OUTTURN),
        ),
    ),
    Metric(
        name=MetricName.KEY_EXPENDITURE_RATE,
        words=Words("重点支出安排率", "key expenditure rate"),
        formulas=(
            _on(Base.INITIAL, _Q.KEY_PROJECT_BUDGET, _Q.PROJECT_INITIAL),
            _on(Base.ADJUSTED, _Q.KEY_PROJECT_BUDGET, _Q.PROJECT_ADJUSTED),
            _on(Base.OUTTURN, _Q.KEY_PROJECT_OUTTURN, _Q.PROJECT_OUTTURN),
        ),
    ),
    Metric(
        name=MetricName.PROCUREMENT_RATE,
        words=Words("政府采购执行率", "procurement execution rate"),
        formulas=(_on(Base.BUDGET, _Q.PROCUREMENT_OUTTURN, _Q.PROCUREMENT_BUDGET),),
    ),
)
METRICS: Mapping[str, Metric] = {metric.name.value: metric for metric in _TABLE}
"""Every metric by its name."""

PRIOR = frozenset(quantity for quantity in Quantity if quantity.startswith("PRIOR_"))
"""Figures of the year before: stated, never booked."""

DERIVED: Mapping[Quantity, tuple[Quantity, ...]] = {
    _Q.NET_ADJUSTMENT: (_Q.ADJUSTED_BUDGET, _Q.INITIAL_BUDGET, _Q.CARRIED_IN),
    _Q.CARRY_OVER: (_Q.ADJUSTED_BUDGET, _Q.OUTTURN),
}
"""Quantities that follow from others when they are not given: the first minus all the rest."""

ZERO_WHEN_ABSENT = frozenset({_Q.CARRIED_IN, _Q.EXCLUDED_ADJUSTMENT})
"""Quantities that a form leaves out when there are none; the steps say so."""


class Unmeasurable(Struct, frozen=True, gc=False, kw_only=True):
    """No result, and why.

    Quantities are missing, the denominator is 0 while the numerator is not (or is below 0), or
    nobody knows such a metric or base.
    """

    obstacle: Words
    missing: tuple[Quantity, ...] = ()
    zero_denominator: bool = False


Measured = Operand | NotApplicable | Unmeasurable


def bases_of(metric: str) -> tuple[Base, ...]:
    """The bases of ``metric``, the usual one first; none for a metric that is not known."""
    found = METRICS.get(metric)
    return tuple(formula.base for formula in found.formulas) if found else ()


_FORMULAS: Mapping[tuple[str, str], Formula] = {
    (metric.name.value, formula.base.value): formula
    for metric in _TABLE
    for formula in metric.formulas
}


def formula_of(metric: str, base: str) -> Formula | None:
    """The formula of ``metric`` on ``base``, or None for one that is not known."""
    return _FORMULAS.get((metric, base))


@lru_cache(maxsize=1024)
def quantities_of(metric: str, base: str) -> tuple[Quantity, ...]:
    """Every quantity that ``measure`` may look at, derivations included, each once."""
    formula = formula_of(metric, base)
    if formula is None:
        return ()
    asked: dict[Quantity, None] = {}
    for quantity in (formula.numerator, *formula.less, formula.denominator):
        asked[quantity] = None
        asked.update(dict.fromkeys(DERIVED.get(quantity, ())))
    return tuple(asked)


def sums_used(metric: str, base: str, sums: Mapping[str, int]) -> dict[str, int]:
    """The part of ``sums`` that ``measure`` takes into account, for a score to remember.

    A quantity that is given hides those from which it could be derived.
    """
    formula = formula_of(metric, base)
    if formula is None:
        return {}
    used: dict[str, int] = {}
    for quantity in (formula.numerator, *formula.less, formula.denominator):
        parts = (quantity,) if quantity in sums else DERIVED.get(quantity, ())
        used |= {part.value: sums[part] for part in parts if part in sums}
    return used


def measure(metric: str, base: str, sums: Mapping[str, int], sheet: Worksheet) -> Measured:
    """``metric`` on ``base`` in per cent, worked out on ``sheet`` from ``sums`` in fen.

    The steps show 万元 and names. 0 ÷ 0 is ``NotApplicable``: there was nothing to measure.
    Nothing is raised: what cannot be measured says why.
    """
    formula = formula_of(metric, base)
    if formula is None:
        return Unmeasurable(
            obstacle=Words(
                f"没有口径为“{base}”的指标“{metric}”", f'there is no metric "{metric}" on "{base}"'
            )
        )
    lacking = _missing(formula, sums)
    if lacking:
        return _lacking(METRICS[metric].words, lacking)
    divisor = _amount(formula.denominator, sums, sheet)
    dividend = _amount(formula.numerator, sums, sheet)
    for quantity in formula.less:
        less = _amount(quantity, sums, sheet)
        dividend = sheet.step(
            Op.SUBTRACT,
            dividend,
            less,
            zh=f"{formula.numerator.words.zh} − {quantity.words.zh}",
            en=f"{formula.numerator.words.en} − {quantity.words.en}",
        )
    if sheet.value(divisor) <= 0:
        if sheet.value(divisor) == sheet.value(dividend) == 0:
            return NotApplicable()
        return _no_divisor(formula.denominator)
    named, on = METRICS[metric].words, formula.base.words
    ratio = sheet.step(
        Op.DIVIDE,
        dividend,
        divisor,
        zh=f"{named.zh}（{on.zh}）",
        en=f"{named.en} ({on.en})",
    )
    hundred = sheet.number(100, "100%", "100 %")
    return sheet.step(
        Op.MULTIPLY, ratio, hundred, zh=f"{named.zh}（%）", en=f"{named.en} (per cent)"
    )


def missing(metric: str, base: str, sums: Mapping[str, int]) -> tuple[Quantity, ...]:
    """The quantities for want of which ``measure`` gives nothing; none for one that is not known."""
    formula = formula_of(metric, base)
    return _missing(formula, sums) if formula is not None else ()


def _missing(formula: Formula, sums: Mapping[str, int]) -> tuple[Quantity, ...]:
    found: dict[Quantity, None] = {}
    for quantity in (formula.numerator, *formula.less, formula.denominator):
        if quantity in sums or quantity in ZERO_WHEN_ABSENT:
            continue
        parts = [part for part in DERIVED.get(quantity, ()) if part not in ZERO_WHEN_ABSENT]
        lacking = [part for part in parts if part not in sums]
        # One figure short of a derivation: either it or the quantity itself would do.
        if lacking or not parts:
            found.update(dict.fromkeys([quantity, *lacking]))
    return tuple(found)


def _lacking(metric: Words, lacking: Sequence[Quantity]) -> Unmeasurable:
    zh = "、".join(quantity.words.zh for quantity in lacking)
    en = ", ".join(quantity.words.en for quantity in lacking)
    return Unmeasurable(
        obstacle=Words(f"{metric.zh}无法计算，缺少：{zh}", f"no {metric.en}: {en} missing"),
        missing=tuple(lacking),
    )


def _no_divisor(denominator: Quantity) -> Unmeasurable:
    words = denominator.words
    return Unmeasurable(
        obstacle=Words(
            f"分母“{words.zh}”不大于0，无法计算比率",
            f'the denominator "{words.en}" is not above 0; there is no rate',
        ),
        zero_denominator=True,
    )


def _amount(quantity: Quantity, sums: Mapping[str, int], sheet: Worksheet) -> Operand:
    if quantity in sums or quantity not in DERIVED:
        return _given(quantity, sums, sheet)
    first, *rest = (_given(part, sums, sheet) for part in DERIVED[quantity])
    for part, less in zip(DERIVED[quantity][1:], rest, strict=True):
        first = sheet.step(
            Op.SUBTRACT,
            first,
            less,
            zh=f"推算{quantity.words.zh}：减{part.words.zh}",
            en=f"{quantity.words.en}, derived: less {part.words.en}",
        )
    return first


def _given(quantity: Quantity, sums: Mapping[str, int], sheet: Worksheet) -> Operand:
    words = quantity.words
    if quantity not in sums:
        return sheet.number(
            0, f"{words.zh}（未列，按0计）", f"{words.en} (none given, counted as 0)"
        )
    return sheet.amount(sums[quantity], f"{words.zh}（万元）", f"{words.en} (10,000 yuan)")
