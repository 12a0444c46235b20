"""How figures, steps and moments are written on a page; pure, in one language at a time."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from api.clocks import SHANGHAI
from api.labels import words_for, words_of
from domain.crosschecks.findings import FindingClass
from domain.scoring import indicators as i
from domain.scoring.metrics import Base, MetricName, Quantity
from domain.scoring.rules import Rule
from domain.scoring.steps import Op, Operand, Step
from domain.values import FEN_PER_UNIT, Words, plain
from projections.differences import Value
from projections.tables import Prose

MINUS = "−"
_ROUGHLY = 6
MOST_FACTS = 12
"""Facts that a finding shows; it can rest on thousands, which its file names."""

RULE_KINDS = {
    "PROPORTIONAL": Words("按比例", "proportional"),
    "INVERSE_RATIO": Words("反比", "inverse ratio"),
    "LINEAR_OVERRUN": Words("超出线性扣减", "linear overrun"),
    "STEP_DEDUCTION": Words("逐步扣分", "step deduction"),
    "TIER": Words("分档", "tiers"),
    "PIECEWISE_LINEAR": Words("分段线性", "piecewise linear"),
    "CHECKLIST": Words("清单", "check list"),
    "QUALITATIVE_BAND": Words("定性分档", "qualitative steps"),
    "BINARY": Words("达标得满分", "met or not"),
    "DEADLINE": Words("按期完成", "deadline"),
    "MANUAL": Words("人工给分", "typed"),
}
"""The kinds of rules by their tags; a test holds them complete."""

_FORMULAS: dict[Op, tuple[str, str]] = {
    Op.TAKE: ("{0}", "{0}"),
    Op.SUBTRACT: ("{0} − {1}", "{0} − {1}"),
    Op.DIVIDE: ("{0} ÷ {1}", "{0} ÷ {1}"),
    Op.FLOOR: ("取整数部分（{0}）", "whole part of {0}"),
    Op.CEIL: ("进到整数（{0}）", "{0} up to a whole number"),
    Op.WITHIN: ("{1} ≤ {0} < {2}，得 {3}", "{1} ≤ {0} < {2} gives {3}"),
    Op.AT_LEAST: ("{0} ≥ {1}，得 {2}", "{0} ≥ {1} gives {2}"),
    Op.AT_MOST: ("{0} ≤ {1}，得 {2}", "{0} ≤ {1} gives {2}"),
    Op.ABOVE: ("{0} > {1}，得 {2}", "{0} > {1} gives {2}"),
    Op.BELOW: ("{0} < {1}，得 {2}", "{0} < {1} gives {2}"),
    Op.EQUAL: ("{0} = {1}，得 {2}", "{0} = {1} gives {2}"),
    Op.UNEQUAL: ("{0} ≠ {1}，得 {2}", "{0} ≠ {1} gives {2}"),
    Op.CHOSEN: ("{1} ≤ {0} ≤ {2}，取 {0}", "{1} ≤ {0} ≤ {2}, taken as {0}"),
    Op.ROUND_HALF_UP: ("{0} 四舍五入到 {1} 位小数", "{0} rounded half up to {1} places"),
    Op.ROUND_DOWN: ("{0} 舍去 {1} 位小数以后", "{0} cut after {1} places"),
}
_JOINED: dict[Op, tuple[str, str, str]] = {
    Op.ADD: (" + ", "", ""),
    Op.MULTIPLY: (" × ", "", ""),
    Op.MIN: ("，", "取小（{}）", "least of ({})"),
    Op.MAX: ("，", "取大（{}）", "greatest of ({})"),
}


def compared(value: Value | None, lang: str) -> str:
    """A value of one side of a difference; a dash where there is none."""
    match value:
        case None:
            return "—"
        case StrEnum():
            return words_of(value).in_(lang)
        case Prose() | Words():
            return value.in_(lang)
        case _:
            return value


def number(text: str | None) -> str:
    """A stored figure as people read it: a true minus, and a fraction as a rounded decimal."""
    if text is None:
        return "—"
    if "/" in text:
        exact = Fraction(text)
        rounded = round(abs(exact), _ROUGHLY)
        return f"≈ {MINUS if exact < 0 else ''}{plain(rounded)}"
    return text.replace("-", MINUS)


def money(fen: int | None, *, yuan: bool) -> str:
    """Fen in 万元 or 元, exact, whole digits in groups of three for 元."""
    if fen is None:
        return "—"
    exact = Fraction(fen, FEN_PER_UNIT["元" if yuan else "万元"])
    whole, _, places = plain(abs(exact)).partition(".")
    if yuan:
        whole = f"{int(whole):,}"
    places = places.ljust(2, "0")
    return f"{MINUS if fen < 0 else ''}{whole}.{places}"


def wan_to(amount: str | None, *, yuan: bool) -> str:
    """An amount that is given as a decimal string in 万元."""
    if amount is None:
        return "—"
    return money(int(Fraction(amount) * FEN_PER_UNIT["万元"]), yuan=yuan)


def moment(value: datetime | None) -> str:
    """A moment in Shanghai, to the second."""
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if value else "—"


def effective(first: date | None, last: date | None, lang: str) -> str:
    """A business date or period; unknown ones say so."""
    if last is None:
        return Words("日期不明", "date unknown").in_(lang)
    if first is None or first == last:
        return last.isoformat()
    return f"{first.isoformat()} — {last.isoformat()}"


def target(value: i.Target | None) -> str:
    """年度指标值 without its operator."""
    match value:
        case i.NumberTarget():
            return _with_unit(value.value, value.unit)
        case i.DateTarget():
            return value.due.isoformat()
        case i.TextTarget():
            return f"{value.text}（{value.unit}）" if value.unit else value.text
        case None:
            return "—"


def actual(value: i.Actual | None, text: str | None, lang: str) -> str:
    """实际完成值; words that are detached come as ``text``."""
    match value:
        case i.NumberActual():
            return _with_unit(value.value, value.unit)
        case i.DateActual():
            return value.on.isoformat()
        case i.LabelActual():
            chosen = f"（{number(plain(value.chosen))}）" if value.chosen is not None else ""
            return value.label + chosen
        case i.ItemsActual():
            words = Words(f"达到 {len(value.met)} 项：", f"{len(value.met)} met: ")
            return words.in_(lang) + "、".join(value.met)
        case i.TextActual():
            return text or ""
        case i.NotApplicable():
            return Words("不适用", "not applicable").in_(lang)
        case None:
            return "—"


def _with_unit(value: Decimal, unit: str) -> str:
    return f"{number(plain(value))}{'' if unit == '%' else ' '}{unit}".rstrip()


def formula(step: Step, lang: str) -> str:
    """A step with its numbers put in; a reference to an earlier step is its number in brackets."""
    given = [_put_in(operand) for operand in step.operands]
    joined = _JOINED.get(step.op)
    if joined is not None:
        sign, zh, en = joined
        text = sign.join(given) or "0"
        around = Words(zh, en).in_(lang)
        return around.format(text) if around else text
    return Words(*_FORMULAS[step.op]).in_(lang).format(*given)


def _put_in(operand: Operand) -> str:
    if operand.ref is not None:
        return f"〔{operand.ref + 1}〕"
    return number(operand.number)


def names(step: Step, lang: str) -> list[tuple[str, str]]:
    """The named numbers of a step: name and number."""
    return [
        (operand.name.in_(lang), number(operand.number))
        for operand in step.operands
        if operand.name is not None and operand.number is not None
    ]


def metric(name: str | None, base: str | None, lang: str) -> str:
    """A metric with its base."""
    if name is None:
        return ""
    label = words_for(MetricName, name).in_(lang)
    if not base:
        return label
    around = "{} ({})" if lang == "en" else "{}（{}）"
    return around.format(label, words_for(Base, base).in_(lang))


def quantity(name: str, lang: str) -> str:
    """A sum of money by name."""
    return words_for(Quantity, name).in_(lang)


def class_label(class_: FindingClass, lang: str) -> str:
    """The class of a finding."""
    return words_of(class_).in_(lang)


def rule_kind(rule: Rule | str | None, lang: str) -> str:
    """The kind of a rule."""
    tag = rule if isinstance(rule, str) or rule is None else str(rule.__struct_config__.tag)
    return RULE_KINDS[tag].in_(lang) if tag in RULE_KINDS else ""


def parameters(rule: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - any rule, as built-ins
    """The parameters of a rule, name and value, as they are stored."""
    return [(name, _plain(value)) for name, value in rule.items() if name != "rule" and value != {}]


def _plain(value: Any) -> str:  # noqa: ANN401 - whatever a rule holds
    match value:
        case dict():
            return "、".join(f"{name} {_plain(part)}" for name, part in value.items())
        case list():
            return "；".join(_plain(part) for part in value)
        case _:
            return str(value)
