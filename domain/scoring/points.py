"""Scoring: a measured value, or what a person entered, becomes points by one rule.

A score carries its steps, and the steps alone reproduce it (``domain.scoring.steps.replay``). Everything
is exact until the one rounding at the end. What cannot be scored says why and is never guessed:
another unit, words where a number is needed, a label that the rule does not know.

Source: 财预〔2020〕10号 (as practised; not yet compared with the gazette) and the forms of the five
places in examples/rule-sets. Where rules and forms are silent:

* a target below 0 gives full points when it is met, and no proportion when it is not;
* the points of a line never pass its maximum, even where rounding to whole points would;
* a value far above a target of 0 or less is not judged, for there is no share of it.
"""

from decimal import Decimal
from fractions import Fraction

from domain.scoring.formulas import points_of
from domain.scoring.indicators import (
    Actual,
    NumberTarget,
    Operator,
    Target,
)
from domain.scoring.line import Line, scorable
from domain.scoring.modifiers import finished, over_achieved, settled
from domain.scoring.outcome import Obstacle, Outcome
from domain.scoring.rules import (
    Rule,
)
from domain.scoring.steps import Operand, Worksheet
from domain.values import Rounding


def score(
    rule: Rule | None,
    *,
    max_points: Decimal | None,
    operator: Operator | None,
    target: Target | None,
    actual: Actual | None,
    rounding: Rounding,
    sheet: Worksheet | None = None,
    measured: Operand | None = None,
    adjusted: bool = False,
) -> Outcome:
    """The points of one line, or the obstacle.

    ``rule`` and ``max_points`` None are obstacles, for a form may print neither. ``actual`` is
    what was entered; ``measured`` instead is a percentage that a metric left on ``sheet``, whose
    steps then precede those of the rule. ``rounding`` is the rule set's; the rule's own goes
    before it. ``adjusted`` tells whether the budget was adjusted, for a rule that then requires a
    reason. The steps of the outcome are all steps of ``sheet``; on an obstacle the sheet keeps
    what was worked out so far.

    Raises ``ValueError`` when both ``actual`` and ``measured`` are given, or ``measured`` without
    its sheet.
    """
    if measured is not None and (actual is not None or sheet is None):
        msg = "a measured value comes with its sheet and without an entered one"
        raise ValueError(msg)
    try:
        rule, max_points = scorable(rule, max_points)
        line = Line(
            max_points=max_points,
            operator=operator,
            target=target,
            actual=actual,
            sheet=sheet or Worksheet(),
            measured=measured,
        )
        exact = settled(line, rule)
        if exact is None:
            exact = over_achieved(line, rule, points_of(line, rule))
        return finished(line, rule, exact, rounding, adjusted=adjusted)
    except Obstacle as obstacle:
        return obstacle.outcome


def deviation(
    target: Target | None, actual: Actual | None, operator: Operator | None
) -> Fraction | None:
    """偏差度: 0 when the target is met, else (a − t) ÷ |t|, as a ratio (−0.01 is −1 %).

    None where nothing can be said: no numbers, different units, a target of 0 that is missed, or
    no operator. A target in words or a missing one counts as 100 % for a percentage, and is then
    met from 100 % on.
    """
    try:
        line = Line(
            max_points=Decimal(0),
            operator=operator,
            target=target,
            actual=actual,
            sheet=Worksheet(),
        )
        a, t = (line.sheet.value(operand) for operand in line.pair())
    except Obstacle:
        return None
    if operator is None and isinstance(target, NumberTarget):
        return None
    met = {
        Operator.LE: a <= t,
        Operator.EQ: a == t,
    }.get(operator or Operator.GE, a >= t)
    if met:
        return Fraction(0)
    return (a - t) / abs(t) if t else None
