"""Which score counts: self, review, final; groups and totals; what is still not computed.

*self* is the live override, else the declared score, else the calculated one. *final* is the
review score where one was given, else self. A declared total is compared, never used.
"""

from collections.abc import Iterable, Sequence
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Any, NamedTuple

from msgspec import Struct

from domain.evaluation.estimation import without_reviews
from domain.evaluation.state import FormState
from domain.facts.form import ScoreCalculated, Subject
from domain.scoring import LinePoints, NotScorable, total
from domain.scoring.indicators import Indicator
from domain.scoring.rule_set import RuleSet
from domain.scoring.steps import exact_of, sum_of
from domain.values import Rounding, RoundingScope, plain

_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Adds without rounding: a sum has as many digits as it needs."""


class Origin(StrEnum):
    """Where the score that counts comes from."""

    REVIEW = "REVIEW"
    OVERRIDE = "OVERRIDE"
    DECLARED = "DECLARED"
    CALCULATED = "CALCULATED"
    NONE = "NONE"


class LineScore(Struct, frozen=True, gc=False, kw_only=True):
    """Every score of one line. ``excluded`` marks a line that had nothing to measure.

    ``self_points`` is 自评得分, ``final`` the points that count, ``origin`` where these come from.
    They follow from the others and are asked for over and over.
    """

    line: str
    path: tuple[str, ...]
    max_points: Decimal | None
    calculated: Decimal | None
    declared: Decimal | None
    override: Decimal | None
    review: Decimal | None
    excluded: bool
    self_points: Decimal | None
    final: Decimal | None
    origin: Origin

    @property
    def deduction(self) -> Decimal | None:
        """扣分: maximum less final; None where either is missing."""
        if self.max_points is None or self.final is None or self.excluded:
            return None
        return self.max_points - self.final


class ScoreSheet(Struct, frozen=True, gc=False, kw_only=True):
    """All scores of a form. ``groups`` maps level 1, and level 2 where there are three, to what its
    lines give to the total.

    ``total`` and a group are None when one of their lines has no points, or there is no line.
    ``subtotal`` sums the calculated points of the lines that can be computed; ``not_computed``
    lists the others.
    """

    lines: tuple[LineScore, ...]
    groups: dict[tuple[str, ...], Decimal | None]
    total: Decimal | None
    subtotal: Decimal | None
    not_computed: tuple[str, ...]
    grade: str | None

    def line(self, line: str) -> LineScore | None:
        """The scores of one line."""
        return next((one for one in self.lines if one.line == line), None)


def score_sheet(
    form: FormState, rules: RuleSet | None, known: Iterable[LineScore] | None = None
) -> ScoreSheet:
    """The scores of a form as they stand, summed and graded as its rule set says.

    ``known`` are its lines in order, for who has them already.
    """
    lines = (
        tuple(line_score(form, row) for row in form.rows.values())
        if known is None
        else tuple(known)
    )
    summed = _summed(form, lines, rules)
    whole = summed.points if summed else None
    computed = [one.calculated for one in lines if one.calculated is not None]
    return ScoreSheet(
        lines=lines,
        groups=_groups(form, lines, summed, rules),
        total=whole,
        subtotal=sum(computed, Decimal(0)) if lines else None,
        not_computed=(
            ()
            if len(computed) == len(lines)
            else tuple(one.line for one in lines if one.calculated is None)
        ),
        grade=rules.grade_of(whole) if rules and whole is not None else None,
    )


def own_total(form: FormState, rules: RuleSet | None) -> Decimal | None:
    """The total of a form as the unit scored it itself, before any review."""
    own = without_reviews(form)
    lines = tuple(line_score(own, row) for row in form.rows.values())
    summed = _summed(own, lines, rules)
    return summed.points if summed else None


def line_score(form: FormState, row: Indicator) -> LineScore:
    """Every score of one row."""
    line = row.line
    noted = form.calculated.get(line)
    calculated: ScoreCalculated | None = noted.fact if noted else None
    declared = next(
        (fact.points for _, fact in form.declared(Subject.LINE, line) if fact.points is not None),
        None,
    )
    override, review = form.overrides.get(line), form.reviews.get(line)
    computed = calculated.points if calculated else None
    overridden: Decimal | None = override.fact.to_points if override else None
    reviewed: Decimal | None = review.fact.points if review else None
    own, origin = computed, Origin.NONE if computed is None else Origin.CALCULATED
    if declared is not None:
        own, origin = declared, Origin.DECLARED
    if overridden is not None:
        own, origin = overridden, Origin.OVERRIDE
    return LineScore(
        line=line,
        path=row.path,
        max_points=row.max_points,
        calculated=computed,
        declared=declared,
        override=overridden,
        review=reviewed,
        excluded=bool(
            # What somebody scored counts, whatever was measured.
            calculated and calculated.excluded and not (declared is not None or override or review)
        ),
        self_points=own,
        final=own if reviewed is None else reviewed,
        origin=origin if reviewed is None else Origin.REVIEW,
    )


class _Summed(NamedTuple):
    """A total, and what each line that is applicable gives to it."""

    points: Decimal
    lines: Sequence[Fraction] | Sequence[Decimal]


def _summed(form: FormState, lines: Sequence[LineScore], rules: RuleSet | None) -> _Summed | None:
    """The total of some lines; None when one that counts has no points, or there is none."""
    exactly = _rounding(rules).scope is RoundingScope.TOTAL
    settled: list[Decimal] = []
    for one in lines:
        if one.excluded:
            exactly = True
        elif one.final is None:
            return None
        else:
            settled.append(one.final)
    # A total that is rounded once, or rescaled, starts from exact points.
    if exactly:
        return _summed_exactly(form, lines, rules)
    if not settled:
        return None
    # As ``total`` sums settled points; a test holds the two together.
    return _Summed(Decimal(plain(_sum(settled))), settled)


def _sum(parts: Sequence[Any]) -> Fraction | Decimal:
    """The exact sum of settled points, or of exact ones; of one kind, and at least one."""
    if not isinstance(parts[0], Decimal):
        return sum_of(parts)
    whole: Decimal = reduce(_EXACT.add, parts)
    return whole


def _summed_exactly(
    form: FormState, lines: Sequence[LineScore], rules: RuleSet | None
) -> _Summed | None:
    parts = []
    for one in lines:
        points: Decimal | Fraction | None = one.final
        if points is None and not one.excluded:
            return None
        if one.origin is Origin.CALCULATED and points is not None:
            points = exact_of(form.calculated[one.line].fact.steps)
        rule = rules.rules.get(form.rows[one.line].rule or "") if rules else None
        own = rule.modifiers.rounding if rule else None
        parts.append(LinePoints(points or Decimal(0), one.max_points, one.excluded, own))
    found = total(parts, _rounding(rules))
    return None if isinstance(found, NotScorable) else _Summed(found.points, found.lines)


def _groups(
    form: FormState, lines: Sequence[LineScore], summed: _Summed | None, rules: RuleSet | None
) -> dict[tuple[str, ...], Decimal | None]:
    """What the lines of each group give to the total; their own sum where there is no total."""
    if summed is None:
        own: dict[tuple[str, ...], list[LineScore]] = {}
        for one in lines:
            for prefix in groups_of(one.path):
                own.setdefault(prefix, []).append(one)
        return {prefix: own_sum(form, mine, rules) for prefix, mine in own.items()}
    rounding = _rounding(rules)
    shares: dict[tuple[str, ...], list[Any]] = {
        prefix: [] for one in lines for prefix in groups_of(one.path)
    }
    applicable = (one for one in lines if not one.excluded)
    for one, share in zip(applicable, summed.lines, strict=True):
        for prefix in groups_of(one.path):
            shares[prefix].append(share)
    return {prefix: rounding.apply(_sum(mine)) if mine else None for prefix, mine in shares.items()}


def own_sum(form: FormState, lines: Sequence[LineScore], rules: RuleSet | None) -> Decimal | None:
    """What some lines of a form add up to by themselves, as a group does while there is no total."""
    found = _summed(form, lines, rules)
    return found.points if found else None


@lru_cache(maxsize=8192)
def groups_of(path: tuple[str, ...]) -> Sequence[tuple[str, ...]]:
    """The groups that a line belongs to: level 1, and level 2 where there are three."""
    return [path[:length] for length in range(1, max(2, len(path)))]


def grade_that_counts(form: FormState, computed: str | None) -> str | None:
    """The grade of a form: finalised, else as printed, else what its total gives, which is
    ``computed``; None where there is none.
    """
    if form.finalised is not None and form.finalised.grade:
        return form.finalised.grade
    printed = (fact.grade for _, fact in form.declared(Subject.GRADE) if fact.grade)
    return next(printed, computed)


def _rounding(rules: RuleSet | None) -> Rounding:
    return rules.rounding if rules else Rounding()
