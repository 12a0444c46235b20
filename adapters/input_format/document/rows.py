"""The rows of a form: target, actual value, score, reason, evidence."""

from typing import Annotated, ClassVar

from adapters.input_format.document.vocabulary import (
    DayOrMonth,
    Input,
    Levels,
    Placed,
    Points,
    Segment,
    Sha256,
    ShareOrWords,
)
from adapters.input_format.nodes import Node, Scalar
from adapters.input_format.shapes import (
    About,
    Choice,
    Converted,
    ListOf,
    Number,
    Reading,
    Record,
    Schema,
    Shape,
    Text,
)
from domain.scoring.indicators import Operator
from domain.scoring.metrics import MetricName
from domain.values import Words


class Evidence(Input, frozen=True, kw_only=True):
    """佐证材料: the digest of a file that lies elsewhere."""

    sha256: Annotated[Sha256, About("文件的 SHA-256")]
    size: Annotated[int, Converted(Number(whole=True, signed=False), int), About("字节数")]
    media_type: Annotated[str, About("类型，如 application/pdf")] = "application/octet-stream"
    title: Annotated[str | None, About("标题")] = None
    document_number: Annotated[str | None, About("文号")] = None


class TargetValue(Input, frozen=True, kw_only=True):
    """年度指标值: one of value, date, text."""

    _short: ClassVar[str] = "value"
    value: Annotated[ShareOrWords | None, About("数")] = None
    unit: Annotated[str | None, About("单位；不写则用该行的 unit")] = None
    date: Annotated[DayOrMonth | None, About("截止日；只有年月时为月末")] = None
    text: Annotated[str | None, About("文字")] = None


_NOT_APPLICABLE = {"not_applicable", "不适用"}


class ItemsMet(Shape):
    """Ids of met items, or all of them."""

    _all = Choice(Words("条目", "items"), {"all": ("*",)}, {"全部": "all"})
    _some = ListOf(Text())

    def read(self, node: Node, path: str, reading: Reading) -> tuple[str, ...]:
        """As every shape."""
        shape = self._all if isinstance(node, Scalar) else self._some
        items: tuple[str, ...] = shape.read(node, path, reading)
        return items

    def schema(self, defs: Schema) -> Schema:
        """As every shape."""
        return {"anyOf": [self._all.schema(defs), self._some.schema(defs)]}


class ActualGiven(Placed, frozen=True, kw_only=True):
    """实际完成值: one of value, date, label, items, text, not_applicable."""

    _short: ClassVar[str] = "value"
    value: Annotated[ShareOrWords | None, About("数")] = None
    unit: Annotated[str | None, About("单位；不写则用该行的 unit")] = None
    date: Annotated[DayOrMonth | None, About("完成日；只有年月时为月末")] = None
    label: Annotated[str | None, About("档次")] = None
    chosen: Annotated[Points | None, About("在该档内选定的分数；未印出就不写")] = None
    items: Annotated[
        tuple[str, ...] | None, ItemsMet(), About("已达到的条目编号；全部达到写 all")
    ] = None
    text: Annotated[str | None, About("文字")] = None
    not_applicable: Annotated[bool, About("不适用写 true")] = False


class ActualShape(Shape):
    """An actual value, or the words that say that there is none to measure."""

    _record = Record(ActualGiven)

    def read(self, node: Node, path: str, reading: Reading) -> ActualGiven:
        """As every shape."""
        if isinstance(node, Scalar) and node.text.strip() in _NOT_APPLICABLE:
            return ActualGiven(not_applicable=True)
        value: ActualGiven = self._record.read(node, path, reading)
        return value

    def schema(self, defs: Schema) -> Schema:
        """As every shape."""
        return {"anyOf": [{"enum": sorted(_NOT_APPLICABLE)}, self._record.schema(defs)]}


class ReasonGiven(Placed, frozen=True, kw_only=True):
    """扣分（偏差）原因, in short words."""

    _short: ClassVar[str] = "text"
    text: Annotated[str, About("原因，简短转述")]


class Row(Placed, frozen=True, kw_only=True):
    """A row of the form, or with ``lines`` a level above rows."""

    path: Annotated[Levels, About("指标名称：从一级到三级的列表，或接在上一级之下的一个名称")]
    lines: Annotated[tuple["Row", ...], About("下一级的各行")] = ()
    line: Annotated[Segment | None, About("行号；不写则按次序为 1、2、3…")] = None
    max_points: Annotated[Points | None, About("分值")] = None
    operator: Annotated[Operator | None, About("指标性质：≥ ≤ = 定性")] = None
    unit: Annotated[str | None, About("度量单位")] = None
    target: Annotated[TargetValue | None, About("年度指标值：数，或 {date:} {text:}")] = None
    actual: Annotated[
        ActualGiven | None,
        ActualShape(),
        About("实际完成值：数，或 {date:} {label:} {items:} {text:}，或 not_applicable"),
    ] = None
    metric: Annotated[MetricName | None, About("计量的指标，如 EXECUTION_RATE")] = None
    base: Annotated[str | None, About("指标的口径")] = None
    rule: Annotated[str | None, About("评分规则：规则集里的名称")] = None
    printed: Annotated[bool, About("规则要求而文件未列出的行写 false")] = True
    score: Annotated[Points | None, About("得分，照印的写")] = None
    reason: Annotated[
        ReasonGiven | None, About("扣分（偏差）原因，简短转述；印在别处时写 {text:, place:}")
    ] = None
    measure: Annotated[str | None, About("改进措施，简短转述")] = None
    evidence: Annotated[tuple[Evidence, ...], About("佐证材料")] = ()
