"""差异: two moments of an evaluation, two evaluations, or two versions of a rule set, changes only.

A layer above the questions: it takes their rows, folded at two positions, and folds the facts
between to name those that brought each change.
"""

from projections.differences.comparing import between, milestones, of_two
from projections.differences.rows import (
    Cause,
    Change,
    Difference,
    Milestone,
    Part,
    RuleChange,
    RuleSetDifference,
    RuleSetSide,
    Side,
    Value,
)
from projections.differences.rule_sets import Version, of_rule_sets, versions

__all__ = [
    "Cause",
    "Change",
    "Difference",
    "Milestone",
    "Part",
    "RuleChange",
    "RuleSetDifference",
    "RuleSetSide",
    "Side",
    "Value",
    "Version",
    "between",
    "milestones",
    "of_rule_sets",
    "of_two",
    "versions",
]
