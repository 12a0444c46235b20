"""What no fact may hold, whichever edge it came through: figures that cannot be kept exactly,
texts that say nothing where something must be said.

One walk over a command finds them all, each with its place.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any, get_type_hints

from msgspec import Struct

from domain.facts.form import Breakdown, DeclaredFigure, DeclaredRate, TaskLine
from domain.facts.ledger import AdvanceRecognised, ExpenditureRecorded, PriorFigure
from domain.problems import Problem, kind
from domain.scoring.metrics import PRIOR
from domain.scoring.rule_set import RuleSet
from domain.texts import free_text_fields
from domain.values import FEN_PER_UNIT, Printed, is_number

NUMBER_OUT_OF_RANGE = kind(
    "figure.out-of-range",
    422,
    zh="{value} 不是可以精确保存的数",
    en="{value} is not a number that can be kept exactly",
    do_zh="数值须有限，不超过 {digits} 位数字；金额不超过 {most} 元",
    do_en="give a finite number of at most {digits} digits; an amount of at most {most} yuan",
)
NOT_A_NUMBER = kind(
    "figure.not-a-number",
    422,
    zh="“{text}”不是数",
    en='"{text}" is not a number',
    do_zh="只写数字和小数点，单位另写",
    do_en="write digits and a point, the unit apart",
)
NOT_MONEY = kind(
    "figure.not-money",
    422,
    zh="“{printed}”不是金额，或小于一分",
    en='"{printed}" is not an amount of money, or finer than a fen',
    do_zh="单位写元、千元、万元或亿元，精确到分为止",
    do_en="use 元, 千元, 万元 or 亿元, down to the fen",
)
TEXT_REQUIRED = kind(
    "figure.blank",
    422,
    zh="此处不能为空",
    en="this must not be blank",
    do_zh="填写内容，或不提交这一项",
    do_en="fill it in, or leave the entry out",
)
NOT_PRIOR = kind(
    "figure.not-prior-year",
    422,
    zh="{quantity} 不是上年数",
    en="{quantity} is not a figure of the year before",
    do_zh="可填的上年数：{known}",
    do_en="figures of the year before are {known}",
)

MOST_FEN = 10**15
"""Ten trillion yuan: more than any unit holds, and sums of many still fit a 64-bit integer."""
MOST_DIGITS = 30


def problems_with(command: Struct) -> list[Problem]:
    """Everything in a command (texts detached) that no fact may hold, each with its place."""
    return list(_walk(command, ""))


def _walk(value: Any, place: str) -> Iterator[Problem]:  # noqa: ANN401 - any field may come
    if isinstance(value, tuple):
        for index, part in enumerate(value):
            yield from _walk(part, f"{place}[{index}]")
    elif isinstance(value, Decimal | int):
        if not _kept(value):
            yield _out_of_range(value, place)
    elif isinstance(value, Struct) and not isinstance(value, RuleSet):  # which has its own check
        yield from _walk_fields(value, place)


def _walk_fields(value: Struct, place: str) -> Iterator[Problem]:
    check = _CHECKS.get(type(value))
    if check is not None:
        yield from check(value, f"{place}." if place else "")
    demanded = _demanded_texts(type(value))
    for name in value.__struct_fields__:
        part = getattr(value, name)
        # "entries[3].fact" is the entry itself to whoever wrote it.
        where = place if name == "fact" else f"{place}.{name}".lstrip(".")
        if part is None and name in demanded:
            yield TEXT_REQUIRED.at(where)
        yield from _walk(part, where)


def _kept(value: Decimal | int) -> bool:
    if isinstance(value, int):
        return abs(value) <= MOST_FEN
    if not value.is_finite():
        return False
    _, digits, exponent = value.as_tuple()
    return isinstance(exponent, int) and len(digits) + abs(exponent) <= MOST_DIGITS


def _out_of_range(value: object, place: str) -> Problem:
    return NUMBER_OUT_OF_RANGE.at(
        place, value=str(value)[:MOST_DIGITS], digits=MOST_DIGITS, most=MOST_FEN // 100
    )


@cache
def _demanded_texts(shape: type[Struct]) -> frozenset[str]:
    """The free texts of a fact that have no meaning blank; commands ask for theirs themselves."""
    if not shape.__module__.startswith(("domain.facts", "domain.scoring.indicators")):
        return frozenset()
    hints = get_type_hints(shape)
    return frozenset(name for name in free_text_fields(shape) if hints[name] is str)


def _money(printed: Printed, place: str) -> Iterator[Problem]:
    if not is_number(printed.text):
        yield NOT_A_NUMBER.at(place, text=printed.text[:MOST_DIGITS])
    elif not _kept(Decimal(printed.text)):
        yield _out_of_range(printed.text, place)
    elif printed.unit not in FEN_PER_UNIT or (printed.value * FEN_PER_UNIT[printed.unit]) % 1:
        yield NOT_MONEY.at(place, printed=printed)
    elif abs(printed.fen) > MOST_FEN:
        yield _out_of_range(printed, place)


def _number(printed: Printed, place: str) -> Iterator[Problem]:
    if not is_number(printed.text):
        yield NOT_A_NUMBER.at(place, text=printed.text[:MOST_DIGITS])
    elif not _kept(Decimal(printed.text)):
        yield _out_of_range(printed.text, place)


def _figure(figure: DeclaredFigure, at: str) -> Iterator[Problem]:
    return _money(figure.printed, f"{at}printed")


def _rate(rate: DeclaredRate, at: str) -> Iterator[Problem]:
    return _number(rate.printed, f"{at}printed")


def _breakdown(breakdown: Breakdown, at: str) -> Iterator[Problem]:
    for index, part in enumerate(breakdown.parts):
        yield from _money(part.printed, f"{at}parts[{index}].printed")


def _task(task: TaskLine, at: str) -> Iterator[Problem]:
    for name, check in (("approved", _money), ("actual", _money), ("rate", _number)):
        printed = getattr(task, name)
        if printed is not None:
            yield from check(printed, at + name)


def _prior(figure: PriorFigure, at: str) -> Iterator[Problem]:
    if figure.quantity not in PRIOR:
        known = "、".join(sorted(PRIOR))
        yield NOT_PRIOR.at(f"{at}quantity", quantity=figure.quantity, known=known)
    if figure.amount < 0:
        yield _out_of_range(figure.amount, f"{at}amount")


def _payment(payment: ExpenditureRecorded | AdvanceRecognised, at: str) -> Iterator[Problem]:
    if not payment.voucher.strip():
        yield TEXT_REQUIRED.at(f"{at}voucher")


_CHECKS: dict[type[Struct], Callable[[Any, str], Iterator[Problem]]] = {
    DeclaredFigure: _figure,
    DeclaredRate: _rate,
    Breakdown: _breakdown,
    TaskLine: _task,
    PriorFigure: _prior,
    ExpenditureRecorded: _payment,
    AdvanceRecognised: _payment,
}
