"""回放: a year step by step from its facts; checked against what is stored; under other rules."""

from projections.replay.other_rules import FormUnder, LineMoved, Uncovered, YearUnder, under
from projections.replay.rows import End, FormMoved, Standing, Step, Stride
from projections.replay.year import heads, replay

__all__ = [
    "End",
    "FormMoved",
    "FormUnder",
    "LineMoved",
    "Standing",
    "Step",
    "Stride",
    "Uncovered",
    "YearUnder",
    "heads",
    "replay",
    "under",
]
