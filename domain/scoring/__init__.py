"""Scoring: a measured value, or what a person entered, becomes points by one rule.

``score`` gives the points of a line, ``total`` sums lines up; see ``domain.scoring.points``.
"""

from domain.scoring.outcome import (
    Code,
    Interval,
    NotScorable,
    Outcome,
    Scored,
    interval,
)
from domain.scoring.points import deviation, score
from domain.scoring.totals import LinePoints, Total, total

__all__ = [
    "Code",
    "Interval",
    "LinePoints",
    "NotScorable",
    "Outcome",
    "Scored",
    "Total",
    "deviation",
    "interval",
    "score",
    "total",
]
