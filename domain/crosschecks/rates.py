"""Rates that a line or the text states, against their numbers."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import Enum, auto
from fractions import Fraction

from domain.crosschecks.claims import RateClaim, claims
from domain.crosschecks.findings import Finding, FindingClass
from domain.crosschecks.view import Check, View
from domain.crosschecks.wording import (
    joined,
    money,
    places_of,
    plain_rate,
    prints_as,
    rate,
)
from domain.evaluation.readings import Measurement
from domain.scoring.metrics import MetricName, formula_of
from domain.values import Rounding, RoundingMode, Words

_UP, _DOWN = RoundingMode.HALF_UP, RoundingMode.DOWN


class _Verdict(Enum):
    """How a rate stands to its numbers."""

    HOLDS = auto()
    CUT = auto()
    OTHER = auto()
    WRONG = auto()
    UNKNOWN = auto()


def rates(view: View) -> Iterator[Finding]:
    """Every rate that a line or the text states for a metric, held against its numbers."""
    for claim in claims(view):
        if claim.metric == MetricName.CARRY_OVER_RATE:
            continue  # judged with the balance it speaks of
        first = claim.bases[0] if claim.bases else None
        found = view.measures.of(claim.metric, first=first)
        verdict, by = _judge(view, claim, found)
        if verdict is not _Verdict.HOLDS:
            yield _finding(view, claim, verdict, by=by, found=found)


def _judge(
    view: View, claim: RateClaim, found: Sequence[Measurement]
) -> tuple[_Verdict, list[Measurement]]:
    """The verdict, and the measurements that it rests on."""
    known = [one for one in found if one.value is not None]
    own = [one for one in known if one.base in claim.bases and one.counting]
    others = [one for one in known if one not in own]
    if any(_prints(claim, one, claim.value, _UP) for one in own):
        return _Verdict.HOLDS, own
    cut = [one for one in own if _prints(claim, one, claim.value, _DOWN)]
    if cut:
        return _Verdict.CUT, cut
    modes = (_UP, view.rules.rounding.mode) if view.rules else (_UP,)
    same = [one for one in others if _prints(claim, one, claim.value, *modes)]
    if same:
        return _Verdict.OTHER, same
    if not own and not _opposite(claim, known):
        # The base that is meant lacks a figure: another base contradicts nothing.
        return _Verdict.UNKNOWN, known
    named = [one for one in known if one.base in claim.bases]
    return _Verdict.WRONG, named or known


def _prints(claim: RateClaim, one: Measurement, printed: Decimal, *modes: RoundingMode) -> bool:
    if one.value is None:
        return False
    # 调整率 is stated without its sign, whether the budget went up or down.
    unsigned = claim.metric == MetricName.ADJUSTMENT_RATE
    return prints_as(abs(one.value) if unsigned else one.value, printed, *modes)


def _opposite(claim: RateClaim, found: Iterable[Measurement]) -> bool:
    """Whether a measurement is the rate with the other sign."""
    return claim.value != 0 and any(_prints(claim, one, -claim.value, _UP, _DOWN) for one in found)


def _finding(
    view: View,
    claim: RateClaim,
    verdict: _Verdict,
    *,
    by: Sequence[Measurement],
    found: Sequence[Measurement],
) -> Finding:
    match verdict:
        case _Verdict.CUT:
            code, class_ = "rate-rounding", FindingClass.NOTICE
            recomputed = _rounding(claim, by[0])
        case _Verdict.OTHER:
            code, class_ = "rate-other-reading", FindingClass.NOTICE
            recomputed = _other(claim, by, found)
        case _Verdict.UNKNOWN:
            code, class_ = "rate-unsupported", FindingClass.UNSUPPORTED
            recomputed = _unknown(view, claim, found)
        case _:
            code, class_ = "rate-numbers", FindingClass.CONTRADICTION
            recomputed = joined([*(_shown(one) for one in by), *_sign(claim, by)])
    facts = [*claim.facts, *(fact for one in by for fact in one.facts)]
    return view.finding(
        code,
        class_,
        line=claim.line,
        claim=claim.words,
        recomputed=recomputed,
        details=_points(view, claim) or [_shown(one) for one in found],
        facts=facts,
        values=[claim.metric, f"{claim.value:f}", *(_value(one) for one in by)],
    )


def _value(one: Measurement) -> str:
    return "" if one.value is None else str(Rounding().apply(one.value))


def _shown(one: Measurement) -> Words:
    if one.nothing:
        return Words(f"{one.label.zh}，没有可计量的数", f"{one.label.en}, nothing to measure")
    if one.value is None:
        words = one.obstacle or Words("", "")
        return Words(f"{one.base.words.zh}：{words.zh}", f"{one.base.words.en}: {words.en}")
    value = rate(one.value)
    return Words(f"{one.label.zh} = {value.zh}", f"{one.label.en} = {value.en}")


def _rounding(claim: RateClaim, one: Measurement) -> Words:
    places = places_of(claim.value)
    up, exact = rate(one.value or Fraction(0), places), rate(one.value or Fraction(0), places + 2)
    return Words(
        f"{one.label.zh} = {exact.zh}，四舍五入为 {up.zh}；{plain_rate(claim.value)}% 是截位",
        f"{one.label.en} = {exact.en}, half up {up.en}; {plain_rate(claim.value)} % is cut off",
    )


def _other(claim: RateClaim, by: Sequence[Measurement], found: Sequence[Measurement]) -> Words:
    own = [one for one in found if one.base in claim.bases and one.counting]
    right = joined(_shown(one) for one in own)
    other = joined(_shown(one) for one in by)
    return Words(
        f"应为{right.zh}；印出的是{other.zh}", f"{right.en}; what is printed is {other.en}"
    )


def _sign(claim: RateClaim, by: Iterable[Measurement]) -> list[Words]:
    if _opposite(claim, by):
        return [Words("正负号相反", "the sign is the other one")]
    return []


def _unknown(view: View, claim: RateClaim, found: Sequence[Measurement]) -> Words:
    parts = [_shown(one) for one in found if one.counting]
    base = claim.bases[0] if claim.bases else ""
    formula = formula_of(claim.metric, base)
    under = view.amount(formula.denominator) if formula else None
    if formula is not None and under is not None and claim.value:
        # What the rate would take: the amount that is asked for when the papers are looked at.
        fen = round(Fraction(claim.value) * under.fen / 100)
        needed, named = money(fen), formula.numerator.words
        text = plain_rate(claim.value)
        parts.append(
            Words(
                f"{text}% 相当于{named.zh} {needed} 万元",
                f"{text} % is a {named.en} of {needed} 万元",
            )
        )
    return joined(parts)


def _points(view: View, claim: RateClaim) -> list[Words]:
    rows = [row for row in view.rows if row.metric and row.metric.metric == claim.metric]
    mine = [row for row in rows if claim.line in {None, row.line}]
    return [one.words for row in mine for one in view.readings(row)]


CHECKS: tuple[Check, ...] = (rates,)
