"""勾稽: what does not hold in the forms and the ledger of a unit and year, or holds on nothing.

The checks are general kinds: no name of a unit, line or figure is known to them. A finding is
computed anew each time and stored nowhere; an acknowledgement names its id.
"""

from domain.crosschecks import (
    balance,
    budget,
    deductions,
    figures,
    indicators,
    lines,
    parts,
    projects,
    rates,
    totals,
    whole,
    workflow,
)
from domain.crosschecks.deductions import explained
from domain.crosschecks.findings import Finding
from domain.crosschecks.view import Case, Check, View, views_of

CHECKS: tuple[Check, ...] = (
    *totals.CHECKS,
    *whole.CHECKS,
    *lines.CHECKS,
    *deductions.CHECKS,
    *figures.CHECKS,
    *parts.CHECKS,
    *rates.CHECKS,
    *balance.CHECKS,
    *budget.CHECKS,
    *projects.CHECKS,
    *indicators.CHECKS,
    *workflow.CHECKS,
)
"""Every check, in the order in which its findings are listed."""


def findings(case: Case) -> dict[str, tuple[Finding, ...]]:
    """The findings of each form of a unit and year, in a fixed order, each id once."""
    return {view.id: findings_of(view) for view in views_of(case)}


def findings_of(view: View) -> tuple[Finding, ...]:
    """The findings of one form, in a fixed order, each id once."""
    found: dict[str, Finding] = {}
    for check in CHECKS:
        for finding in check(view):
            found.setdefault(finding.id, finding)
    return tuple(found.values())


__all__ = [
    "CHECKS",
    "Case",
    "Check",
    "View",
    "explained",
    "findings",
    "findings_of",
    "views_of",
]
