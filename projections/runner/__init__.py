"""The runner: keeps every view up with every log, says how well, and fills them anew."""

from projections.runner.comparing import Difference
from projections.runner.filling import being_filled, fill
from projections.runner.following import Progress
from projections.runner.health import Filling, Health, Lag
from projections.runner.rebuilding import (
    Filled,
    Phase,
    Rebuild,
    Rebuilt,
)
from projections.runner.running import Runner
from projections.runner.views import contents, view_tables

__all__ = [
    "Difference",
    "Filled",
    "Filling",
    "Health",
    "Lag",
    "Phase",
    "Progress",
    "Rebuild",
    "Rebuilt",
    "Runner",
    "being_filled",
    "contents",
    "fill",
    "view_tables",
]
