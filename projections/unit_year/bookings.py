"""The bookings behind a sum of money."""

from typing import Any

from domain.facts.form import (
    LedgerInput,
)
from domain.facts.ledger import LedgerEntry
from domain.facts.others import EntryCorrected
from domain.ledger.sums import moved_by
from domain.store import Recorded
from projections.tables import FactRef
from projections.unit_year.fold import UnitYearFold
from projections.unit_year.naming import ref_of, stated_by


def _sums_of(fold: UnitYearFold, entry: Any, project: str | None) -> dict[str, int]:  # noqa: ANN401
    """What one entry alone adds to each sum of a scope, in fen; zeros left out."""
    return moved_by(entry, fold.ledger, project) if isinstance(entry, LedgerEntry) else {}


def contribution(fold: UnitYearFold, recorded: Recorded, project: str | None) -> dict[str, int]:
    """By how much one fact of the ledger moved each sum of a scope, in fen; zeros left out."""
    after = _sums_of(fold, stated_by(recorded.fact), project)
    if isinstance(recorded.fact, EntryCorrected):
        target = fold.facts.get(recorded.fact.target)
        before = _sums_of(fold, stated_by(target.fact) if target else None, project)
        moved = {name: after.get(name, 0) - before.get(name, 0) for name in before | after}
        return {name: amount for name, amount in moved.items() if amount}
    return after


def booked_behind(fold: UnitYearFold, used: LedgerInput) -> tuple[FactRef, ...]:
    """The ledger's facts that moved the sums which a score used, up to the version it used."""
    return tuple(
        ref_of(recorded)
        for recorded in fold.ledger_facts
        if recorded.version <= used.version
        and not used.sums.keys().isdisjoint(contribution(fold, recorded, used.project))
    )
