"""The runner: keeps every view up with every log, says how well, and fills them anew."""

from projections.runner.following import Progress
from projections.runner.health import Health, Lag
from projections.runner.running import Runner
from projections.runner.views import contents, view_tables

__all__ = ["Health", "Lag", "Progress", "Runner", "contents", "view_tables"]
