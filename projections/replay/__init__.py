"""回放: a year step by step from its facts; checked against what is stored; under other rules."""

from projections.replay.rows import End, FormMoved, Standing, Step, Stride
from projections.replay.year import heads, replay

__all__ = [
    "End",
    "FormMoved",
    "Standing",
    "Step",
    "Stride",
    "heads",
    "replay",
]
