"""What a filter asks for, in the words of the pages: the heads of files and the forms share them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct

from api.clocks import SHANGHAI
from api.finding_names import finding_name
from api.labels import words_of
from domain.values import Words, wan

NAMES: Mapping[str, Words] = {
    "log_id": Words("区划（日志）", "Division (log)"),
    "division": Words("区划", "Division"),
    "ledger": Words("台账", "Ledger"),
    "evaluation": Words("自评编号", "Evaluation"),
    "unit": Words("单位编码", "Unit code"),
    "fiscal_year": Words("财政年度", "Fiscal year"),
    "project": Words("项目编码", "Project code"),
    "subject": Words("对象", "Subject"),
    "line": Words("行号", "Line"),
    "kind": Words("种类", "Kind"),
    "direction": Words("方向", "Direction"),
    "source": Words("资金来源", "Source of funds"),
    "month": Words("月份", "Month"),
    "document": Words("文号", "Document number"),
    "least_fen": Words("至少（万元）", "At least (万元)"),
    "most_fen": Words("至多（万元）", "At most (万元)"),
    "excluded": Words("计入调整率", "In the rate"),
    "corrected": Words("更正过", "Corrected"),
    "with_voided": Words("已作废的", "Void ones"),
    "actor": Words("人员编号", "Person"),
    "role": Words("身份", "Role"),
    "since": Words("记录时间起（含）", "Recorded from"),
    "before": Words("记录早于（不含）", "Recorded before"),
    "part": Words("何处", "Where"),
    "class": Words("类别", "Class"),
    "code": Words("疑点", "Finding"),
    "acknowledged": Words("已阅", "Acknowledged"),
    "q": Words("字词", "Words"),
    "effective_on": Words("计到业务日期", "Counted until"),
}
"""The name of each filter; a test holds them complete."""
YES, NO = Words("是", "yes"), Words("否", "no")
TRUTHS: Mapping[str, tuple[Words, Words]] = {
    "excluded": (Words("不计入", "does not count"), Words("计入", "counts")),
    "acknowledged": (Words("已阅的", "seen"), Words("未阅的", "not seen")),
    "with_voided": (Words("一并列出", "listed too"), Words("不列", "left out")),
}
"""What true and false are called of a filter, where it is not yes and no."""


@dataclass(frozen=True)
class Asked:
    """One thing that is asked: its name and value for programs, and both as people say them."""

    name: str
    value: str
    title: Words
    shown: Words


def asked_of(where: Struct) -> Sequence[Asked]:
    """What a filter asks for; what it leaves open is left out."""
    given = msgspec.to_builtins(where)
    unsaid = {one.name: one.default for one in msgspec.structs.fields(where)}
    return [
        asked(name.rstrip("_"), str(value), _shown(name.rstrip("_"), getattr(where, name)))
        for name, value in given.items()
        if value is not None and value != unsaid[name]
    ]


def asked(name: str, value: str, shown: Words | None = None) -> Asked:
    """One thing that is asked, under the name that pages give it."""
    return Asked(name, value, NAMES[name], shown or _same(value))


def _shown(name: str, value: object) -> Words:
    match value:
        case bool():
            true, false = TRUTHS.get(name, (YES, NO))
            return true if value else false
        case StrEnum():
            return words_of(value)
        case datetime():
            return _same(value.astimezone(SHANGHAI).replace(tzinfo=None).isoformat(sep=" "))
        case int() if name in {"least_fen", "most_fen"}:
            return _same(wan(value))
        case "unknown" if name == "month":
            return Words("日期不明", "without a date")
        case str() if name == "code":
            called = finding_name(value)
            if called is None:
                return _same(value)
            return Words(f"{called.zh}（{value}）", f"{called.en} ({value})")
        case _:
            return _same(str(value))


def _same(text: str) -> Words:
    return Words(text, text)
