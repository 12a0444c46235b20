"""核验: whether everything stored of a year is what its facts and pinned rules give."""

from projections.verification.rows import (
    Check,
    Discrepancy,
    LogChecked,
    RulesUsed,
    Verification,
)
from projections.verification.verifying import verify

__all__ = [
    "Check",
    "Discrepancy",
    "LogChecked",
    "RulesUsed",
    "Verification",
    "verify",
]
