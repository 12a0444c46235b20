"""What a printed form states about money: figures, rates, breakdowns, task lines."""

from typing import Annotated, ClassVar

from adapters.input_format.document.vocabulary import Figured, Input, MoneyUnit, Placed, Share
from adapters.input_format.shapes import About
from domain.facts.form import BreakdownBy
from domain.scoring.metrics import MetricName, Quantity


class Figure(Placed, frozen=True, kw_only=True):
    """A printed amount."""

    _short: ClassVar[str] = "value"
    value: Annotated[Figured, About("数，照印的数字写")]
    unit: Annotated[MoneyUnit | None, About("金额单位；不写则用 amount_unit")] = None
    counts: Annotated[bool, About("同一数额填报不止一处时，起作用的一处写 true")] = False


class Rate(Placed, frozen=True, kw_only=True):
    """A printed rate."""

    metric: Annotated[MetricName, About("指标名称，如 EXECUTION_RATE")]
    base: Annotated[str | None, About("口径，文件写明时才填")] = None
    value: Annotated[Share, About("率，照印的数字写")]
    unit: Annotated[str, About("单位，默认 %")] = "%"


class BreakdownPart(Input, frozen=True, kw_only=True):
    """One part of a breakdown."""

    name: Annotated[str, About("名称")]
    value: Annotated[Figured, About("金额")]
    code: Annotated[str | None, About("分类编码")] = None


class BreakdownOf(Placed, frozen=True, kw_only=True):
    """A whole in its parts."""

    quantity: Annotated[Quantity, About("被分解的数额")]
    by: Annotated[BreakdownBy, About("按什么分解")]
    unit: Annotated[MoneyUnit | None, About("金额单位；不写则用 amount_unit")] = None
    parts: Annotated[tuple[BreakdownPart, ...], About("各部分")]


class Task(Placed, frozen=True, kw_only=True):
    """A row of 年度重点工作任务."""

    name: Annotated[str, About("任务名称")]
    approved: Annotated[Figured | None, About("批复金额")] = None
    actual: Annotated[Figured | None, About("实际支出")] = None
    rate: Annotated[Share | None, About("印出的预算执行率")] = None
    unit: Annotated[MoneyUnit | None, About("金额单位；不写则用 amount_unit")] = None
