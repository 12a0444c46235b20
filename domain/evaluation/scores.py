"""Which score counts: self, review, final; groups and totals; what is still not computed.

*self* is the live override, else the declared score, else the calculated one. *final* is the
review score where one was given, else self. A declared total is compared, never used.
"""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from msgspec import Struct

from domain.evaluation.form import FormState
from domain.facts.form import ScoreCalculated, Subject
from domain.scoring import LinePoints, NotScorable, total
from domain.scoring.indicators import Indicator
from domain.scoring.outcome import as_decimal
from domain.scoring.rule_set import RuleSet
from domain.scoring.steps import exact_of, sum_of
from domain.values import Rounding, RoundingScope


class Origin(StrEnum):
    """Where the score that counts comes from."""

    REVIEW = "REVIEW"
    OVERRIDE = "OVERRIDE"
    DECLARED = "DECLARED"
    CALCULATED = "CALCULATED"
    NONE = "NONE"


class LineScore(Struct, frozen=True, kw_only=True):
    """Every score of one line. ``excluded`` marks a line that had nothing to measure."""

    line: str
    path: tuple[str, ...]
    max_points: Decimal | None
    calculated: Decimal | None
    declared: Decimal | None
    override: Decimal | None
    review: Decimal | None
    excluded: bool

    @property
    def self_points(self) -> Decimal | None:
        """自评得分."""
        for points in (self.override, self.declared, self.calculated):
            if points is not None:
                return points
        return None

    @property
    def final(self) -> Decimal | None:
        """The points that count."""
        return self.review if self.review is not None else self.self_points

    @property
    def origin(self) -> Origin:
        """Where ``final`` comes from."""
        for points, origin in (
            (self.review, Origin.REVIEW),
            (self.override, Origin.OVERRIDE),
            (self.declared, Origin.DECLARED),
            (self.calculated, Origin.CALCULATED),
        ):
            if points is not None:
                return origin
        return Origin.NONE

    @property
    def deduction(self) -> Decimal | None:
        """扣分: maximum less final; None where either is missing."""
        if self.max_points is None or self.final is None or self.excluded:
            return None
        return self.max_points - self.final


class ScoreSheet(Struct, frozen=True, kw_only=True):
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


def score_sheet(form: FormState, rules: RuleSet | None) -> ScoreSheet:
    """The scores of a form as they stand, summed and graded as its rule set says."""
    lines = tuple(line_score(form, row) for row in form.rows.values())
    summed = _summed(form, lines, rules)
    whole = summed.points if summed else None
    groups = {prefix: _group(form, lines, prefix, summed, rules) for prefix in _prefixes(lines)}
    computed = [one for one in lines if one.calculated is not None]
    subtotal = sum((one.calculated for one in computed if one.calculated is not None), Decimal(0))
    return ScoreSheet(
        lines=lines,
        groups=groups,
        total=whole,
        subtotal=subtotal if lines else None,
        not_computed=tuple(one.line for one in lines if one.calculated is None),
        grade=rules.grade_of(whole) if rules and whole is not None else None,
    )


def line_score(form: FormState, row: Indicator) -> LineScore:
    """Every score of one row."""
    noted = form.calculated.get(row.line)
    fact = noted.fact if noted else None
    calculated = fact if isinstance(fact, ScoreCalculated) else None
    declared = [
        fact.points for _, fact in form.declared(Subject.LINE, row.line) if fact.points is not None
    ]
    override = form.overrides.get(row.line)
    review = form.reviews.get(row.line)
    return LineScore(
        line=row.line,
        path=row.path,
        max_points=row.max_points,
        calculated=calculated.points if calculated else None,
        declared=declared[0] if declared else None,
        override=override.fact.to_points if override else None,
        review=review.fact.points if review else None,
        excluded=bool(
            # What somebody scored counts, whatever was measured.
            calculated and calculated.excluded and not (declared or override or review)
        ),
    )


def _prefixes(lines: Sequence[LineScore]) -> list[tuple[str, ...]]:
    found: dict[tuple[str, ...], None] = {}
    for one in lines:
        for length in range(1, max(2, len(one.path))):
            found.setdefault(one.path[:length])
    return list(found)


class _Summed(NamedTuple):
    """A total, and what each line that is applicable gives to it."""

    points: Decimal
    lines: Sequence[Fraction | Decimal]


def _summed(form: FormState, lines: Sequence[LineScore], rules: RuleSet | None) -> _Summed | None:
    """The total of some lines; None when one that counts has no points, or there is none."""
    rounding = _rounding(rules)
    # A total that is rounded once, or rescaled, starts from exact points.
    if rounding.scope is RoundingScope.TOTAL or any(one.excluded for one in lines):
        return _summed_exactly(form, lines, rules)
    settled = [points for one in lines if (points := one.final) is not None]
    if not lines or len(settled) < len(lines):
        return None
    # As ``total`` sums settled points; a test holds the two together.
    return _Summed(as_decimal(sum_of(settled)), settled)


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


def _group(
    form: FormState,
    lines: Sequence[LineScore],
    prefix: tuple[str, ...],
    summed: _Summed | None,
    rules: RuleSet | None,
) -> Decimal | None:
    """What the lines of a group give to the total; their own sum where there is no total."""
    mine = [one for one in lines if one.path[: len(prefix)] == prefix]
    if summed is None:
        alone = _summed(form, mine, rules)
        return alone.points if alone else None
    applicable = [one for one in lines if not one.excluded]
    shares = [
        share
        for one, share in zip(applicable, summed.lines, strict=True)
        if one.path[: len(prefix)] == prefix
    ]
    return _rounding(rules).apply(sum_of(shares)) if shares else None


def _rounding(rules: RuleSet | None) -> Rounding:
    return rules.rounding if rules else Rounding()
