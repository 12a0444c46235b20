"""What is booked in a ledger, entry by entry, and how it is reconciled."""

from datetime import date
from typing import Annotated, ClassVar

from adapters.input_format.document.vocabulary import (
    Figured,
    Input,
    MoneyUnit,
    Placed,
    Segment,
)
from adapters.input_format.shapes import About, DictOf, ListOf, Number, Record
from adapters.input_format.shapes.enumerations import enum_shape
from domain.facts.ledger import Basis, Exclusion, FundNature, FundSource, Kind, Purpose
from domain.scoring.metrics import Quantity


class LineOf(Input, frozen=True, kw_only=True):
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


class Period(Input, frozen=True, kw_only=True):
    """业务日期: a day, or a period."""

    _short: ClassVar[str] = "last"
    first: Annotated[date | None, About("起")] = None
    last: Annotated[date, About("止；只写一天时即当天")]


class _Booked(Placed, frozen=True, kw_only=True, tag_field="entry", tag=True):
    unit: Annotated[MoneyUnit | None, About("金额单位；不写则用 amount_unit")] = None
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
    """调剂: between two lines of this unit."""

    from_line: Annotated[LineOf, About("调出")]
    to_line: Annotated[LineOf, About("调入")]


class Payment(_Booked, frozen=True, kw_only=True, tag="payment"):
    """支付: its business date is the day it was paid on."""

    amount: Annotated[Figured, About("金额")]
    voucher: Annotated[str, About("凭证号，不可重复")]
    paid_on: Annotated[date | None, About("支付日期；不明就不写")] = None
    line: Annotated[LineOf, About("分类")] = LineOf()


class Reversal(_Booked, frozen=True, kw_only=True, tag="reversal"):
    """冲销: a real refund of a payment."""

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
    """上年数额: what a metric needs from the year before."""

    figures: Annotated[
        dict[Quantity, Figured],
        DictOf(Number(unit=True), enum_shape(Quantity)),
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


class ScopeOf(Input, frozen=True, kw_only=True):
    """What the entries of one scope add up to."""

    project: Annotated[Segment | None, About("项目编码；不写即全单位")] = None
    initial: Annotated[Figured, About("年初预算数")]
    adjusted: Annotated[Figured, About("全年预算数")]
    outturn: Annotated[Figured, About("执行数")]


class Reconciliation(Input, frozen=True, kw_only=True):
    """对账: the entries are complete through a day; from here they rule, not declared figures."""

    through: Annotated[date, About("分录齐全到哪一天")]
    unit: Annotated[MoneyUnit | None, About("金额单位；不写则用 amount_unit")] = None
    totals: Annotated[
        tuple[ScopeOf, ...],
        ListOf(Record(ScopeOf), one=True, least=1),
        About("各范围的合计，必须等于分录之和：全单位一条，或各项目一条"),
    ]


class LedgerOf(Input, frozen=True, kw_only=True):
    """台账 of the unit and year."""

    basis: Annotated[
        Basis | None,
        About("ledger：分录从年初起齐全，指标取自分录；declared：指标取自填报数（默认）"),
    ] = None
    entries: Annotated[tuple[Booked, ...], About("分录")] = ()
    reconciliation: Annotated[
        Reconciliation | None, About("对账：分录之和与所写合计一致后，指标改取分录")
    ] = None
