"""自评: what may happen to a self-evaluation, decided against form, ledger and rules."""

from domain.evaluation.calculating import stale_lines
from domain.evaluation.deciding import DECIDE, decide
from domain.evaluation.world import STATUS_NAMES, World

__all__ = ["DECIDE", "STATUS_NAMES", "World", "decide", "stale_lines"]
