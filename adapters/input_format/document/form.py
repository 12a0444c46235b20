"""One self-evaluation: its rule set, printed scores, problems, and all the other parts."""

from typing import Annotated, ClassVar

from msgspec import field

from adapters.input_format.document.figures import BreakdownOf, Figure, Rate, Task
from adapters.input_format.document.rows import Row
from adapters.input_format.document.vocabulary import (
    DayOrMonth,
    Input,
    Levels,
    MoneyUnit,
    Placed,
    Points,
    Segment,
)
from adapters.input_format.nodes import Node
from adapters.input_format.shapes import (
    About,
    DictOf,
    ListOf,
    Reading,
    Record,
    Schema,
    Shape,
    StandIn,
)
from adapters.input_format.shapes.enumerations import enum_shape
from domain.facts.form import Level
from domain.scoring.metrics import Quantity
from domain.scoring.rule_set import RuleSet


class GroupScore(Placed, frozen=True, kw_only=True):
    """A printed score of a group of rows."""

    path: Annotated[Levels, About("一级（或一级、二级）名称")]
    max_points: Annotated[Points | None, About("分值")] = None
    score: Annotated[Points, About("得分")]
    reason: Annotated[str | None, About("原因，简短转述")] = None


class Total(Placed, frozen=True, kw_only=True):
    """A printed total."""

    _short: ClassVar[str] = "score"
    score: Annotated[Points, About("总分")]
    max_points: Annotated[Points | None, About("满分")] = None
    reason: Annotated[str | None, About("原因，简短转述")] = None


class Grade(Placed, frozen=True, kw_only=True):
    """A printed grade."""

    _short: ClassVar[str] = "grade"
    grade: Annotated[str, About("等级")]


class MeasureOf(Input, frozen=True, kw_only=True):
    """整改措施 of a problem."""

    _short: ClassVar[str] = "text"
    text: Annotated[str, About("措施，简短转述")]
    due: Annotated[DayOrMonth | None, About("完成期限")] = None


class ProblemOf(Placed, frozen=True, kw_only=True):
    """存在问题."""

    _short: ClassVar[str] = "text"
    text: Annotated[str, About("问题，简短转述")]
    measures: Annotated[tuple[MeasureOf, ...], About("整改措施")] = ()


class RuleSetName(Input, frozen=True, kw_only=True):
    """A rule set by name: one that came with the product or was published before."""

    _short: ClassVar[str] = "name"
    name: Annotated[Segment, About("规则集名称")]
    version: Annotated[str | None, About("版本；不写则取最新")] = None
    document_number: Annotated[str | None, About("采用规则的文号")] = None


class RuleSetShape(Shape):
    """A name, or a whole rule set written out."""

    _name = Record(RuleSetName)
    _whole = Record(RuleSet)

    def read(self, node: Node, path: str, reading: Reading) -> RuleSetName | RuleSet:
        """As every shape."""
        keys = {field.key for field in getattr(node, "fields", ())}
        whole = keys & {"rules", "bands", "title", "templates", "rounding"}
        shape = self._whole if whole else self._name
        value: RuleSetName | RuleSet = shape.read(node, path, reading)
        return value

    def schema(self, defs: Schema) -> Schema:
        """As every shape."""
        return {"anyOf": [self._name.schema(defs), self._whole.schema(defs)]}


Rules = Annotated[RuleSetName | RuleSet | None, RuleSetShape(), About("规则集：名称，或写全内容")]


class Evaluation(Placed, frozen=True, kw_only=True):
    """One self-evaluation. Its ``place`` is where its form is printed."""

    level: Annotated[
        Level, About("department（部门整体）或 project（项目）"), StandIn(Level.DEPARTMENT)
    ]
    code: Annotated[Segment | None, About("项目编码；level 为 project 时必填")] = None
    name: Annotated[str | None, About("项目名称")] = None
    reviewed_by_department: Annotated[bool, About("单位自己就是主管部门时写 false")] = True
    rule_set: Rules = None
    amount_unit: Annotated[MoneyUnit | None, About("金额单位")] = None
    figures: Annotated[
        dict[Quantity, tuple[Figure, ...]],
        DictOf(ListOf(Record(Figure), one=True), enum_shape(Quantity)),
        About("填报的数额；一处一条，几处写成列表"),
    ] = field(default_factory=dict)
    rates: Annotated[tuple[Rate, ...], About("填报的率")] = ()
    breakdowns: Annotated[tuple[BreakdownOf, ...], About("数额的分解")] = ()
    tasks: Annotated[tuple[Task, ...], About("年度重点工作任务")] = ()
    lines: Annotated[tuple[Row, ...], About("绩效指标各行")] = ()
    groups: Annotated[tuple[GroupScore, ...], About("印出的一级、二级指标得分")] = ()
    totals: Annotated[tuple[Total, ...], ListOf(Record(Total), one=True), About("印出的总分")] = ()
    grade: Annotated[tuple[Grade, ...], ListOf(Record(Grade), one=True), About("印出的等级")] = ()
    problems: Annotated[tuple[ProblemOf, ...], About("存在问题及整改措施")] = ()
