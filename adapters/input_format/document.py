"""The input format: what a file may hold. Keys are the identifiers of the field's own words.

Figures are kept as printed, digit by digit; what they mean is the translation's business.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from msgspec import Struct

from adapters.input_format.nodes import Node, Scalar
from adapters.input_format.shapes import (
    About,
    Choice,
    Converted,
    Day,
    DictOf,
    ListOf,
    Number,
    Reading,
    Record,
    Schema,
    Shape,
    Text,
)
from domain.facts.form import BreakdownBy, Level
from domain.facts.ledger import Basis, Exclusion, FundNature, FundSource, Kind, Purpose
from domain.indicators import Operator
from domain.metrics import Quantity
from domain.rule_set import RuleSet
from domain.values import FEN_PER_UNIT, Words

FORMAT = "liuhen/1"

Segment = Annotated[
    str,
    Text(
        Words("编号", "a code"),
        r"(?!\.{1,2}$)[^/\s\x00-\x1f\x7f?#%\\]{1,64}",
        Words(
            "编号里不能有空格和 / ? # % \\，最长 64 字",
            "a code has no blanks nor / ? # % \\, and at most 64 characters",
        ),
    ),
]
Year = Annotated[
    int,
    Converted(
        Text(
            Words("年度", "a year"),
            r"(19|20)[0-9]{2}",
            Words("写四位年份，如 2024", "write four digits: 2024"),
        ),
        int,
    ),
]
Figured = Annotated[str, Number()]
Share = Annotated[str, Number(percent=True)]
ShareOrWords = Annotated[str, Number(percent=True, words=True)]
DayOrMonth = Annotated[date, Day(month=True)]
MoneyUnit = Annotated[
    str, Choice(Words("金额单位", "unit of money"), {unit: unit for unit in FEN_PER_UNIT})
]
Sha256 = Annotated[
    str,
    Converted(
        Text(
            Words("SHA-256", "a SHA-256"),
            r"[0-9a-fA-F]{64}",
            Words("写 64 位十六进制", "write 64 hexadecimal digits"),
        ),
        str.lower,
    ),
]
Levels = Annotated[tuple[str, ...], ListOf(Text(), one=True, least=1)]
_OPERATORS = {
    "≥": "GE",
    ">=": "GE",
    "≤": "LE",
    "<=": "LE",
    "=": "EQ",
    "＝": "EQ",
    "定性": "QUALITATIVE",
}
Sign = Annotated[
    Operator,
    Choice(Words("指标性质", "operator"), {item.value: item for item in Operator}, _OPERATORS),
]


class _Input(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of everything in a file."""


class _Placed(_Input, frozen=True, kw_only=True):
    place: Annotated[str | None, About("印在何处，如“一(二)1”“附件1 总分行”")] = None
    table: Annotated[bool | None, About("印在表格里写 true，正文里写 false")] = None


class Figure(_Placed, frozen=True, kw_only=True):
    """A printed amount."""

    _short: ClassVar[str] = "value"
    value: Annotated[Figured, About("数，照印的数字写")]
    unit: Annotated[str | None, About("单位；不写则用 amount_unit")] = None
    counts: Annotated[bool, About("同一数额填报不止一处时，起作用的一处写 true")] = False


class Rate(_Placed, frozen=True, kw_only=True):
    """A printed rate."""

    metric: Annotated[str, About("指标名称，如 EXECUTION_RATE")]
    base: Annotated[str | None, About("口径，文件写明时才填")] = None
    value: Annotated[Share, About("率，照印的数字写")]
    unit: Annotated[str, About("单位，默认 %")] = "%"


class BreakdownPart(_Input, frozen=True, kw_only=True):
    """One part of a breakdown."""

    name: Annotated[str, About("名称")]
    value: Annotated[Figured, About("金额")]
    code: Annotated[str | None, About("分类编码")] = None


class BreakdownOf(_Placed, frozen=True, kw_only=True):
    """A whole in its parts."""

    quantity: Annotated[
        Quantity,
        Choice(Words("数额", "quantity"), {item.value: item for item in Quantity}),
        About("被分解的数额"),
    ]
    by: Annotated[BreakdownBy, About("按什么分解")]
    unit: Annotated[str | None, About("单位；不写则用 amount_unit")] = None
    parts: Annotated[tuple[BreakdownPart, ...], About("各部分")]


class Task(_Placed, frozen=True, kw_only=True):
    """A row of 年度重点工作任务."""

    name: Annotated[str, About("任务名称")]
    approved: Annotated[Figured | None, About("批复金额")] = None
    actual: Annotated[Figured | None, About("实际支出")] = None
    rate: Annotated[Share | None, About("印出的预算执行率")] = None
    unit: Annotated[str | None, About("金额单位；不写则用 amount_unit")] = None


class Evidence(_Input, frozen=True, kw_only=True):
    """佐证材料: the digest of a file that lies elsewhere."""

    sha256: Annotated[Sha256, About("文件的 SHA-256")]
    size: Annotated[int, About("字节数")]
    media_type: Annotated[str, About("类型，如 application/pdf")] = "application/octet-stream"
    title: Annotated[str | None, About("标题")] = None
    document_number: Annotated[str | None, About("文号")] = None


class TargetValue(_Input, frozen=True, kw_only=True):
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


class ActualGiven(_Placed, frozen=True, kw_only=True):
    """实际完成值: one of value, date, label, items, text, not_applicable."""

    _short: ClassVar[str] = "value"
    value: Annotated[ShareOrWords | None, About("数")] = None
    unit: Annotated[str | None, About("单位；不写则用该行的 unit")] = None
    date: Annotated[DayOrMonth | None, About("完成日；只有年月时为月末")] = None
    label: Annotated[str | None, About("档次")] = None
    chosen: Annotated[Decimal | None, About("在该档内选定的分数；未印出就不写")] = None
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


class ReasonGiven(_Placed, frozen=True, kw_only=True):
    """扣分（偏差）原因, in short words."""

    _short: ClassVar[str] = "text"
    text: Annotated[str, About("原因，简短转述")]


class Row(_Placed, frozen=True, kw_only=True):
    """A row of the form, or with ``lines`` a level above rows."""

    path: Annotated[Levels, About("指标名称：从一级到三级的列表，或接在上一级之下的一个名称")]
    lines: Annotated[tuple["Row", ...], About("下一级的各行")] = ()
    line: Annotated[Segment | None, About("行号；不写则按次序为 1、2、3…")] = None
    max_points: Annotated[Decimal | None, About("分值")] = None
    operator: Annotated[Sign | None, About("指标性质：≥ ≤ = 定性")] = None
    unit: Annotated[str | None, About("度量单位")] = None
    target: Annotated[TargetValue | None, About("年度指标值：数，或 {date:} {text:}")] = None
    actual: Annotated[
        ActualGiven | None,
        ActualShape(),
        About("实际完成值：数，或 {date:} {label:} {items:} {text:}，或 not_applicable"),
    ] = None
    metric: Annotated[str | None, About("计量的指标，如 EXECUTION_RATE")] = None
    base: Annotated[str | None, About("指标的口径")] = None
    rule: Annotated[str | None, About("评分规则：规则集里的名称")] = None
    printed: Annotated[bool, About("规则要求而文件未列出的行写 false")] = True
    score: Annotated[Decimal | None, About("得分，照印的写")] = None
    reason: Annotated[
        ReasonGiven | None, About("扣分（偏差）原因，简短转述；印在别处时写 {text:, place:}")
    ] = None
    measure: Annotated[str | None, About("改进措施，简短转述")] = None
    evidence: Annotated[tuple[Evidence, ...], About("佐证材料")] = ()


class GroupScore(_Placed, frozen=True, kw_only=True):
    """A printed score of a group of rows."""

    path: Annotated[Levels, About("一级（或一级、二级）名称")]
    max_points: Annotated[Decimal | None, About("分值")] = None
    score: Annotated[Decimal, About("得分")]
    reason: Annotated[str | None, About("原因，简短转述")] = None


class Total(_Placed, frozen=True, kw_only=True):
    """A printed total."""

    score: Annotated[Decimal, About("总分")]
    max_points: Annotated[Decimal | None, About("满分")] = None
    reason: Annotated[str | None, About("原因，简短转述")] = None


class Grade(_Placed, frozen=True, kw_only=True):
    """A printed grade."""

    _short: ClassVar[str] = "grade"
    grade: Annotated[str, About("等级")]


class MeasureOf(_Input, frozen=True, kw_only=True):
    """整改措施 of a problem."""

    _short: ClassVar[str] = "text"
    text: Annotated[str, About("措施，简短转述")]
    due: Annotated[DayOrMonth | None, About("完成期限")] = None


class ProblemOf(_Placed, frozen=True, kw_only=True):
    """存在问题."""

    _short: ClassVar[str] = "text"
    text: Annotated[str, About("问题，简短转述")]
    measures: Annotated[tuple[MeasureOf, ...], About("整改措施")] = ()


class RuleSetName(_Input, frozen=True, kw_only=True):
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


class Evaluation(_Placed, frozen=True, kw_only=True):
    """One self-evaluation. Its ``place`` is where its form is printed."""

    level: Annotated[Level, About("department（部门整体）或 project（项目）")]
    code: Annotated[Segment | None, About("项目编码；level 为 project 时必填")] = None
    name: Annotated[str | None, About("项目名称")] = None
    reviewed_by_department: Annotated[bool, About("单位自己就是主管部门时写 false")] = True
    rule_set: Rules = None
    amount_unit: Annotated[MoneyUnit | None, About("金额单位")] = None
    figures: Annotated[
        dict[Quantity, tuple[Figure, ...]],
        DictOf(
            ListOf(Record(Figure), one=True),
            Choice(Words("数额", "quantity"), {item.value: item for item in Quantity}),
        ),
        About("填报的数额；一处一条，几处写成列表"),
    ] = {}
    rates: Annotated[tuple[Rate, ...], About("填报的率")] = ()
    breakdowns: Annotated[tuple[BreakdownOf, ...], About("数额的分解")] = ()
    tasks: Annotated[tuple[Task, ...], About("年度重点工作任务")] = ()
    lines: Annotated[tuple[Row, ...], About("绩效指标各行")] = ()
    groups: Annotated[tuple[GroupScore, ...], About("印出的一级、二级指标得分")] = ()
    totals: Annotated[tuple[Total, ...], ListOf(Record(Total), one=True), About("印出的总分")] = ()
    grade: Annotated[tuple[Grade, ...], ListOf(Record(Grade), one=True), About("印出的等级")] = ()
    problems: Annotated[tuple[ProblemOf, ...], About("存在问题及整改措施")] = ()


class LineOf(_Input, frozen=True, kw_only=True):
    """How an amount is classified."""

    fund_nature: Annotated[FundNature | None, About("资金性质")] = None
    kind: Annotated[Kind | None, About("basic（基本支出）或 project（项目支出）")] = None
    project: Annotated[Segment | None, About("项目编码")] = None
    functional: Annotated[str | None, About("功能分类编码")] = None
    economic: Annotated[str | None, About("经济分类编码")] = None
    purposes: Annotated[tuple[Purpose, ...], About("用途（三公、公用、采购、重点项目）")] = ()


class Amount(LineOf, frozen=True, kw_only=True):
    """An amount on a line."""

    _short: ClassVar[str] = "amount"
    amount: Annotated[Figured, About("金额")]


class Period(_Input, frozen=True, kw_only=True):
    """业务日期: a day, or a period."""

    _short: ClassVar[str] = "last"
    first: Annotated[date | None, About("起")] = None
    last: Annotated[date, About("止；只写一天时即当天")]


class _Booked(_Placed, frozen=True, kw_only=True, tag_field="entry", tag=True):
    unit: Annotated[str | None, About("金额单位；不写则用 amount_unit")] = None
    effective: Annotated[Period | None, About("业务日期；不明就不写")] = None
    document_number: Annotated[str | None, About("文号")] = None


class InitialBudget(_Booked, frozen=True, kw_only=True, tag="initial_budget"):
    """年初预算."""

    lines: Annotated[tuple[Amount, ...], ListOf(Record(Amount), one=True), About("各行金额")]


class CarriedIn(_Booked, frozen=True, kw_only=True, tag="carried_in"):
    """上年结转."""

    lines: Annotated[tuple[Amount, ...], ListOf(Record(Amount), one=True), About("各行金额")]


class _Adjusted(_Booked, frozen=True, kw_only=True):
    amount: Annotated[Figured, About("金额，写正数")]
    source: Annotated[FundSource | None, About("资金来源")] = None
    approved_by: Annotated[str | None, About("批准机关")] = None
    approved_on: Annotated[date | None, About("批准日期")] = None
    reason: Annotated[str | None, About("事由")] = None
    exclusion: Annotated[Exclusion, About("不计入预算调整率的原因")] = Exclusion.NONE


class Supplement(_Adjusted, frozen=True, kw_only=True, tag="supplement"):
    """年中追加."""

    line: Annotated[LineOf, About("分类")] = LineOf()


class Reduction(_Adjusted, frozen=True, kw_only=True, tag="reduction"):
    """追减."""

    line: Annotated[LineOf, About("分类")] = LineOf()


class Clawback(_Adjusted, frozen=True, kw_only=True, tag="clawback"):
    """财政收回."""

    line: Annotated[LineOf, About("分类")] = LineOf()


class Virement(_Adjusted, frozen=True, kw_only=True, tag="virement"):
    """调剂 between two lines of this unit."""

    from_line: Annotated[LineOf, About("调出")]
    to_line: Annotated[LineOf, About("调入")]


class Payment(_Booked, frozen=True, kw_only=True, tag="payment"):
    """A payment; its business date is the day it was paid on."""

    amount: Annotated[Figured, About("金额")]
    voucher: Annotated[str, About("凭证号，不可重复")]
    paid_on: Annotated[date | None, About("支付日期；不明就不写")] = None
    line: Annotated[LineOf, About("分类")] = LineOf()


class Reversal(_Booked, frozen=True, kw_only=True, tag="reversal"):
    """冲销 of a payment."""

    amount: Annotated[Figured, About("金额，写正数")]
    voucher: Annotated[str, About("被冲销的凭证号")]
    reason: Annotated[str | None, About("事由")] = None


class Advance(_Booked, frozen=True, kw_only=True, tag="advance"):
    """暂付款转列."""

    amount: Annotated[Figured, About("金额")]
    voucher: Annotated[str, About("凭证号，不可重复")]
    line: Annotated[LineOf, About("分类")] = LineOf()
    reason: Annotated[str | None, About("事由")] = None


class PriorYear(_Booked, frozen=True, kw_only=True, tag="prior_year"):
    """Figures of the year before."""

    figures: Annotated[
        dict[Quantity, Figured],
        DictOf(Number(), Choice(Words("数额", "quantity"), {q.value: q for q in Quantity})),
        About("上年数额"),
    ]


Booked = (
    InitialBudget
    | CarriedIn
    | Supplement
    | Reduction
    | Virement
    | Clawback
    | Payment
    | Reversal
    | Advance
    | PriorYear
)


class LedgerOf(_Input, frozen=True, kw_only=True):
    """台账 of the unit and year."""

    basis: Annotated[Basis, About("declared：只有填报数；ledger：分录齐全，指标取自分录")] = (
        Basis.DECLARED
    )
    entries: Annotated[tuple[Booked, ...], About("分录")] = ()


class Named(_Input, frozen=True, kw_only=True):
    """A code with its name."""

    code: Annotated[Segment, About("编码")]
    name: Annotated[str, About("名称")]


class Division(_Input, frozen=True, kw_only=True):
    """行政区划."""

    _short: ClassVar[str] = "code"
    code: Annotated[Segment, About("区划代码")]
    name: Annotated[str | None, About("名称")] = None


class Submission(_Input, frozen=True, kw_only=True):
    """What one unit hands in for one year."""

    division: Annotated[Division, About("区划：代码，或 {code:, name:}")]
    unit: Annotated[Named, About("单位：{code:, name:}")]
    fiscal_year: Annotated[Year, About("财政年度")]
    document: Annotated[str, About("文件名称，自拟几个字")]
    amount_unit: Annotated[MoneyUnit, About("金额单位")] = "万元"
    rule_set: Rules = None
    ledger: Annotated[LedgerOf, About("台账")] = LedgerOf()
    evaluations: Annotated[tuple[Evaluation, ...], About("自评表，一份或几份")] = ()


class One(Submission, frozen=True, kw_only=True):
    """A file with one unit."""

    format: Annotated[str, Choice(Words("格式", "format"), {FORMAT: FORMAT}), About("格式")] = (
        FORMAT
    )


class Several(_Input, frozen=True, kw_only=True):
    """A file with several units."""

    format: Annotated[str, Choice(Words("格式", "format"), {FORMAT: FORMAT}), About("格式")] = (
        FORMAT
    )
    units: Annotated[tuple[Submission, ...], About("各单位，每个都写全")]
