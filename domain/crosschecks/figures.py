"""Figures against each other: stated twice, in two units, and against the books."""

from collections.abc import Iterator, Sequence

from domain.crosschecks.findings import Finding, FindingClass
from domain.crosschecks.view import Amount, Check, View, amount_of
from domain.crosschecks.wording import (
    at,
    change,
    joined,
    money,
    quantity_words,
)
from domain.evaluation.figures import Stated
from domain.facts.ledger import Basis
from domain.scoring.metrics import Quantity
from domain.values import Words

_Q = Quantity


def stated_twice(view: View) -> Iterator[Finding]:
    """One quantity with amounts that printing cannot bring together, or with one number in two
    units.
    """
    for quantity, same in view.stated.items():
        if len(same) == 1:
            continue
        named = quantity_words(quantity)
        first = same[0]
        slips = [one for one in same[1:] if _same_digits(one, first) and one.fen != first.fen]
        if slips:
            yield view.finding(
                "figure-unit-mismatch",
                FindingClass.CONTRADICTION,
                claim=_listed(named, [first, *slips]),
                recomputed=Words(
                    f"数字相同而单位不同，以 {first.printed}计",
                    f"the same digits in different units; {first.printed} counts",
                ),
                facts=[one.fact for one in (first, *slips)],
                values=[quantity, *(one.printed for one in (first, *slips))],
            )
        others = [
            one for one in same[1:] if one not in slips and amount_of(one).differs(amount_of(first))
        ]
        if others:
            distinct = list({one.fen: one for one in others}.values())
            yield view.finding(
                "figure-stated-twice",
                FindingClass.CONTRADICTION,
                claim=_listed(named, [first, *others]),
                recomputed=joined(_apart(first, one) for one in distinct),
                details=[words for one in distinct for words in _namesakes(view, one)],
                facts=[one.fact for one in (first, *others)],
                values=[quantity, *(one.printed for one in (first, *distinct))],
            )


def _same_digits(one: Stated, other: Stated) -> bool:
    return one.printed.value == other.printed.value and one.printed.unit != other.printed.unit


def _listed(named: Words, stated: Sequence[Stated]) -> Words:
    by_amount: dict[str, list[Stated]] = {}
    for one in stated:
        by_amount.setdefault(str(one.printed), []).append(one)
    each = []
    for printed, same in by_amount.items():
        where = at(one.place for one in same)
        each.append(Words(f"{printed}{where.zh}", f"{printed}{where.en}"))
    listed = joined(each, zh="、", en=", ")
    return Words(
        f"{named.zh}填报不一致：{listed.zh}", f"{named.en} is stated differently: {listed.en}"
    )


def _apart(first: Stated, other: Stated) -> Words:
    a, b = amount_of(first), amount_of(other)
    apart = money(abs(b.fen - a.fen), max(a.places, b.places))
    return Words(
        f"{first.printed}与 {other.printed}相差 {apart} 万元，以前者计",
        f"{first.printed} and {other.printed} are {apart} 万元 apart; the former counts",
    )


def _namesakes(view: View, one: Stated) -> Iterator[Words]:
    # Most such conflicts come from putting one figure under the name of another.
    for quantity, same in view.stated.items():
        if quantity != one.quantity and same[0].fen == one.fen:
            other = quantity_words(quantity)
            yield Words(
                f"{one.printed}与{other.zh}相同", f"{one.printed} is the same as the {other.en}"
            )


# ------------------------------------------------------------------------------ and the books


def declared_and_booked(view: View) -> Iterator[Finding]:
    """A declared figure that the books contradict, where the books rule."""
    if view.money.basis is not Basis.LEDGER:
        return
    for quantity in (_Q.INITIAL_BUDGET, _Q.ADJUSTED_BUDGET, _Q.OUTTURN):
        for one in view.stated.get(quantity, []):
            booked = Amount(fen=view.money.sums.get(quantity, 0))
            if not amount_of(one).differs(booked):
                continue
            named, places = quantity.words, amount_of(one).places
            apart = change(one.fen - booked.fen, places)
            yield view.finding(
                "declared-booked",
                FindingClass.CONTRADICTION,
                claim=Words(
                    f"{named.zh}填报 {one.printed}{at([one.place]).zh}",
                    f"{named.en} declared as {one.printed}{at([one.place]).en}",
                ),
                recomputed=Words(
                    f"台账为 {money(booked.fen, places)} 万元，相差 {apart} 万元",
                    f"{money(booked.fen, places)} 万元 in the books, {apart} 万元 apart",
                ),
                facts=[one.fact],
                values=[quantity, one.printed, booked.fen],
            )


CHECKS: tuple[Check, ...] = (stated_twice, declared_and_booked)
