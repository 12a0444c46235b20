"""Every way in which a line could have been meant, each with the points that it would give.

The rule means one reading: the line's own actual value, or its metric on its own base with the
figures that count. The others put in another base, another statement of the same figure, or a
rate as it is printed. A finding about a score lists them, so that a reader sees which one the
form took, or that none gives what it declares.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import islice, product
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from domain.evaluation.calculation import outcome_of, outcome_of_measured
from domain.evaluation.figures import Money, Stated, statements
from domain.evaluation.state import FormState
from domain.facts.envelope import Place
from domain.facts.form import FiguresDeclared, ScoreCalculated
from domain.scoring import NotScorable, Outcome, Scored
from domain.scoring.indicators import (
    Actual,
    DateActual,
    Indicator,
    ItemsActual,
    LabelActual,
    NotApplicable,
    NumberActual,
    TextActual,
)
from domain.scoring.metrics import (
    DERIVED,
    Base,
    Formula,
    Measured,
    Quantity,
    Unmeasurable,
    bases_of,
    formula_of,
    measure,
    sums_used,
)
from domain.scoring.rule_set import RuleSet
from domain.scoring.steps import Operand, Step, Worksheet
from domain.values import Rounding, Words, plain, wan

MOST = 64
"""How many combinations of statements are tried for one metric on one base."""

MINUS = "−"
"""The sign of a negative figure in a text, as wide as its digits."""


class Measurement(Struct, frozen=True, gc=False, kw_only=True):
    """A metric on one base with one statement of each figure.

    ``value`` is in per cent, exact; None with the ``obstacle``, and ``nothing`` where that is
    0 ÷ 0. ``counting`` is False where a figure other than the one that counts is put in. ``sums``
    are in fen by quantity. ``found`` is the result on ``sheet``, where a scoring may go on from a
    copy.
    """

    base: Base
    label: Words
    value: Fraction | None
    obstacle: Words | None
    counting: bool
    sums: Mapping[str, int]
    facts: tuple[UUID, ...]
    found: Measured
    sheet: Worksheet
    nothing: bool = False


class Reading(Struct, frozen=True, gc=False, kw_only=True):
    """One way to read a line: what is put in, its value, and the points or the obstacle.

    ``value`` is in per cent for a rate, else in the unit of the actual value, exact. ``own`` marks
    the reading that the rule means; ``base`` is None where a value is put in as it is printed.
    ``nothing`` marks what is there and measures nothing: 0 ÷ 0, or 不适用 as it was entered.
    """

    label: Words
    value: Fraction | None
    points: Decimal | None
    obstacle: Words | None
    base: Base | None
    own: bool
    counting: bool = True
    steps: tuple[Step, ...] = ()
    facts: tuple[UUID, ...] = ()
    nothing: bool = False

    @property
    def words(self) -> Words:
        """The reading with what it gives: "年初预算口径：703.34 ÷ 864.64 = 81.34% → 4.07 分"."""
        zh, en = self.label.zh, self.label.en
        if self.base is not None and self.value is not None:
            rate = rate_text(self.value)
            zh, en = f"{zh} = {rate}%", f"{en} = {rate} %"
        if self.points is not None:
            return Words(f"{zh} → {plain(self.points)} 分", f"{en} → {plain(self.points)} points")
        if self.obstacle is not None:
            stop, colon = ("，", ", ") if self.nothing else ("：", ": ")
            return Words(f"{zh}{stop}{self.obstacle.zh}", f"{en}{colon}{self.obstacle.en}")
        return Words(zh, en)


class Measures:
    """What the figures of a form measure as they stand, each metric worked out once.

    Lines, the rates that a form prints and its balance ask for the same few metrics.
    """

    def __init__(
        self, form: FormState, money: Money, stated: Mapping[str, list[Stated]] | None = None
    ) -> None:
        """Nothing is worked out yet. ``stated`` are the statements of ``form``, for who has them
        already. Neither it nor ``money`` may change meanwhile.
        """
        self.form = form
        self._money = money
        every = statements(form) if stated is None else stated
        # Of a quantity that is booked no statement is put in: the books rule.
        self._stated = {name: same for name, same in every.items() if name in money.facts}
        self._known: dict[tuple[str, Base], tuple[Measurement, ...]] = {}

    def of(self, metric: str, *, first: str | None = None) -> tuple[Measurement, ...]:
        """``metric`` on each of its bases with each statement of the figures; ``first`` goes first.

        A base that lacks a figure gives one measurement that names it. Empty for an unknown metric.
        """
        bases = sorted(bases_of(metric), key=lambda base: base != first)
        return tuple(one for base in bases for one in self._on(metric, base))

    def _on(self, metric: str, base: Base) -> tuple[Measurement, ...]:
        found = self._known.get((metric, base))
        if found is None:
            found = tuple(_on_base(self._money, self._stated, metric, base))
            self._known[metric, base] = found
        return found


def readings(
    measures: Measures,
    rules: RuleSet | None,
    row: Indicator,
    calculation: ScoreCalculated | None = None,
) -> tuple[Reading, ...]:
    """Every reading of ``row``, the own one first; equal ones once.

    ``calculation`` is the stored one if everything it rests on is as it was: facts hold results, so
    the own reading gives what it gave. Empty for a row that has neither an actual value nor a
    metric.
    """
    # Without a rule set a line still has values; what it lacks is the rule, and it says so.
    rules = rules or RuleSet(name="", version="", title="")
    found: dict[tuple[str, Fraction | None], Reading] = {}
    for reading in _all(measures, rules, row, calculation):
        found.setdefault((reading.label.zh, reading.value), reading)
    return tuple(sorted(found.values(), key=lambda reading: not reading.own))


def _all(
    measures: Measures, rules: RuleSet, row: Indicator, calculation: ScoreCalculated | None
) -> Iterator[Reading]:
    form = measures.form
    settled: _Result | None = None
    if calculation is not None:
        settled = _Result(calculation.points, calculation.obstacle, calculation.steps)
    entered = form.actual(row.line)
    if entered is not None:
        chain, fact = entered
        found = settled or _result(outcome_of(rules, row, actual=fact.actual))
        yield _as_printed(fact.actual, found, _of_actual(fact.actual), chain.head, own=True)
    if row.metric is None:
        return
    for one in measures.of(row.metric.metric, first=row.metric.base):
        own = entered is None and one.counting and one.base == row.metric.base
        if own and settled is not None:
            found = settled
        else:
            found = _result(outcome_of_measured(rules, row, one.found, one.sheet.copy()))
        yield _measured(one, found, own=own)
    for place, value, base, head in _rates(form, row.metric.metric):
        label, actual = _of_rate(value, base, place), NumberActual(value, "%")
        found = _result(outcome_of(rules, row, actual=actual))
        yield _as_printed(actual, found, label, head, own=False)


class _Result(NamedTuple):
    """What a scoring gave."""

    points: Decimal | None
    obstacle: Words | None
    steps: tuple[Step, ...]


def _result(outcome: Outcome) -> _Result:
    match outcome:
        case Scored():
            return _Result(outcome.points, None, outcome.steps)
        case NotScorable():
            return _Result(None, outcome.obstacle, ())


def _as_printed(actual: Actual, found: _Result, label: Words, head: UUID, *, own: bool) -> Reading:
    return Reading(
        label=label,
        value=Fraction(actual.value) if isinstance(actual, NumberActual) else None,
        points=found.points,
        obstacle=found.obstacle,
        base=None,
        own=own,
        steps=found.steps,
        facts=(head,),
        nothing=isinstance(actual, NotApplicable),
    )


def _measured(one: Measurement, found: _Result, *, own: bool) -> Reading:
    return Reading(
        label=one.label,
        value=one.value,
        points=found.points,
        obstacle=found.obstacle,
        base=one.base,
        own=own,
        counting=one.counting,
        steps=found.steps,
        facts=one.facts,
        nothing=one.nothing,
    )


# ---------------------------------------------------------------------------------- measurements


class _Choice(Struct, frozen=True, gc=False):
    """One statement of a quantity that could be put in; ``place`` None for the one that counts."""

    fen: int
    text: str
    place: Place | None
    fact: UUID | None


def _on_base(
    money: Money, stated: Mapping[str, list[Stated]], metric: str, base: Base
) -> Iterator[Measurement]:
    formula = formula_of(metric, base)
    if formula is None:
        return
    names = list(sums_used(metric, base, money.sums))
    choices = [_choices(money, stated, name) for name in names]
    for chosen in islice(product(*choices), MOST):
        put_in = dict(zip(names, chosen, strict=True))
        amounts = {name: choice.fen for name, choice in put_in.items()}
        sheet = Worksheet()
        found = measure(metric, base, amounts, sheet)
        measured, nothing = isinstance(found, Operand), isinstance(found, NotApplicable)
        yield Measurement(
            base=base,
            label=_of_formula(formula, put_in) if measured or nothing else base.words,
            value=sheet.value(found) if isinstance(found, Operand) else None,
            obstacle=found.obstacle if isinstance(found, Unmeasurable) else None,
            counting=all(choice.place is None for choice in chosen),
            sums=amounts,
            facts=tuple(dict.fromkeys(choice.fact for choice in chosen if choice.fact)),
            found=found,
            sheet=sheet,
            nothing=nothing,
        )
        if isinstance(found, Unmeasurable) and found.missing:
            return


def _choices(money: Money, stated: Mapping[str, list[Stated]], name: str) -> list[_Choice]:
    same = stated.get(name, [])
    fact = money.facts.get(name)
    first = same[0].printed if same else None
    counts = _Choice(money.sums[name], _text(money.sums[name], same[:1]), None, fact)
    found = {counts.fen: counts}
    for other in same[1:]:
        # The same digits in another unit are a slip of the unit, not another amount.
        if first is not None and first.value == other.printed.value:
            continue
        choice = _Choice(other.fen, _text(other.fen, [other]), other.place, other.fact)
        found.setdefault(other.fen, choice)
    return list(found.values())


def _text(fen: int, stated: list[Stated]) -> str:
    printed = stated[0].printed if stated else None
    return printed.text if printed is not None and printed.unit == "万元" else wan(fen)


# ---------------------------------------------------------------------------------------- labels


def rate_text(value: Fraction, places: int = 2) -> str:
    """A percentage for a text, half up, without the sign %: 81.34, −2.78, 100."""
    return plain(Rounding(places=places).apply(value)).replace("-", MINUS)


def _of_formula(formula: Formula, put_in: Mapping[str, _Choice]) -> Words:
    def terms(quantity: Quantity) -> list[str]:
        if quantity in put_in:
            return [put_in[quantity].text]
        return [put_in[part].text for part in DERIVED.get(quantity, ()) if part in put_in]

    top = terms(formula.numerator)
    for quantity in formula.less:
        top += terms(quantity)
    below = " − ".join(terms(formula.denominator))
    above = " − ".join(top) if len(top) == 1 else f"({' − '.join(top)})"
    other = [(choice.text, choice.place.place) for choice in put_in.values() if choice.place]
    zh = "".join(f"，{text} 见{place}" for text, place in other)
    en = "".join(f", {text} as in {place}" for text, place in other)
    on = formula.base.words
    return Words(f"{on.zh}{zh}：{above} ÷ {below}", f"{on.en}{en}: {above} ÷ {below}")


def _of_rate(value: Decimal, base: str | None, place: Place) -> Words:
    on = Base(base).words if base in set(Base) else Words("", "")
    rate = f"{value:f}".replace("-", MINUS)
    zh = f"{on.zh}，" if on.zh else ""
    return Words(
        f"印出的比率 {rate}%（{zh}{place.place}）",
        f"the rate as printed, {rate} % ({on.en + ', ' if on.en else ''}{place.place})",
    )


def _rates(form: FormState, metric: str) -> Iterator[tuple[Place, Decimal, str | None, UUID]]:
    for chain, fact in form.live(FiguresDeclared):
        for rate in fact.rates:
            if rate.metric == metric and rate.printed.unit == "%":
                yield rate.place, rate.printed.value, rate.base, chain.head


def _of_actual(actual: Actual) -> Words:
    if isinstance(actual, NotApplicable):
        return Words("填报的实际完成值", "the actual value as entered")
    given = value_words(actual)
    return Words(f"填报的实际完成值 {given.zh}", f"the actual value as entered, {given.en}")


def value_words(actual: Actual) -> Words:
    """An actual value as a phrase. Words that a person typed are not repeated: they are detached."""
    match actual:
        case NumberActual(value=value, unit=unit):
            digits = f"{value:f}"
            glue = "" if unit == "%" else " "
            return Words(f"{digits}{glue}{unit}", f"{digits} {unit}")
        case DateActual(on=on):
            return Words(f"{on}", f"{on}")
        case LabelActual(label=label, chosen=None):
            return Words(f"“{label}”", f'"{label}"')
        case LabelActual(label=label, chosen=chosen):
            points = plain(chosen) if chosen is not None else ""
            return Words(f"“{label}”，选定 {points} 分", f'"{label}", {points} points chosen')
        case ItemsActual(met=met):
            return Words(f"达到 {len(met)} 项", f"{len(met)} items met")
        case TextActual():
            return Words("文字", "in words")
        case NotApplicable():
            return Words("不适用", "not applicable")
