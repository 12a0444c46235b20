"""台账: the money of a unit and year. What may be booked, and what the bookings add up to.

``decide`` may reject; ``evolve`` never does. A state is mutable inside a fold and belongs to
whoever folds.
"""

from domain.ledger.deciding import booked_total, correction_papers, decide
from domain.ledger.state import WANTED, LedgerState, evolve, fold, load
from domain.ledger.sums import signed_parts, sums

__all__ = [
    "WANTED",
    "LedgerState",
    "booked_total",
    "correction_papers",
    "decide",
    "evolve",
    "fold",
    "load",
    "signed_parts",
    "sums",
]
