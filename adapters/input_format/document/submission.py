"""A file: what one unit hands in for one year, or several units."""

from typing import Annotated, ClassVar

from adapters.input_format.document.form import Evaluation, Rules
from adapters.input_format.document.ledger import LedgerOf
from adapters.input_format.document.vocabulary import FORMAT, Input, MoneyUnit, Segment, Year
from adapters.input_format.shapes import About, Choice, StandIn
from domain.values import Words

UNREAD = "?"
"""A code that nobody can write: it stands for one that could not be read."""


class Named(Input, frozen=True, kw_only=True):
    """A code with its name."""

    code: Annotated[Segment, About("编码"), StandIn(UNREAD)]
    name: Annotated[str, About("名称"), StandIn(UNREAD)]


class Division(Input, frozen=True, kw_only=True):
    """行政区划."""

    _short: ClassVar[str] = "code"
    code: Annotated[Segment, About("区划代码"), StandIn(UNREAD)]
    name: Annotated[str | None, About("名称")] = None


class Submission(Input, frozen=True, kw_only=True):
    """What one unit hands in for one year."""

    division: Annotated[
        Division, About("区划：代码，或 {code:, name:}"), StandIn(Division(code=UNREAD))
    ]
    unit: Annotated[Named, About("单位：{code:, name:}"), StandIn(Named(code=UNREAD, name=UNREAD))]
    fiscal_year: Annotated[Year, About("财政年度"), StandIn(0)]
    document: Annotated[str, About("文件名称，自拟几个字"), StandIn(UNREAD)]
    amount_unit: Annotated[MoneyUnit, About("金额单位")] = "万元"
    rule_set: Rules = None
    ledger: Annotated[LedgerOf, About("台账")] = LedgerOf()
    evaluations: Annotated[tuple[Evaluation, ...], About("自评表，一份或几份")] = ()


class One(Submission, frozen=True, kw_only=True):
    """A file with one unit."""

    format: Annotated[str, Choice(Words("格式", "format"), {FORMAT: FORMAT}), About("格式")] = (
        FORMAT
    )


class Several(Input, frozen=True, kw_only=True):
    """A file with several units."""

    format: Annotated[str, Choice(Words("格式", "format"), {FORMAT: FORMAT}), About("格式")] = (
        FORMAT
    )
    units: Annotated[tuple[Submission, ...], About("各单位，每个都写全")]
