"""Which facts changed a value: the course of a unit and year, folded again and again.

A fold goes forward only, and a value can hang on any fact of the unit. So a stretch of facts is
cut into pieces, folded once with a look at the end of each piece, and only pieces at whose ends a
value differs are cut again. Thousands of payments between two moments cost a few folds.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from domain.ids import unit_year_of
from domain.store import EventStore, Recorded
from projections.differences.rows import Cause, Part
from projections.differences.statements import Key, Snapshot, snapshot
from projections.tables import prose
from projections.unit_year import (
    RuleBook,
    UnitYearFold,
    contribution,
    history,
    ref_of,
)

_PIECES, _AT_ONCE = 16, 64
"""A stretch is cut into so many pieces; one that is not longer is looked at after each fact."""
_PIECES_OF_FINDINGS = 4
"""Findings take far longer to derive than all else: their stretches are looked at less often."""
MOST_CAUSES = 12
"""How many facts are named for one change; the largest, where they are payments."""


class Brought(Struct, frozen=True):
    """The facts that changed a value, in the order of the log, and how many are not named."""

    facts: tuple[Cause, ...] = ()
    more: int = 0


class Course:
    """The facts of a form's unit and year up to a position, and the form after each of them."""

    def __init__(
        self, store: EventStore, log_id: str, form_id: str, position: int, *, by_path: bool = False
    ) -> None:
        """Read them. ``by_path`` names the lines of the form by their indicators."""
        unit_year = unit_year_of(form_id)
        if unit_year is None:
            msg = f"{form_id} is no form"
            raise ValueError(msg)
        self.log_id = log_id
        self.form_id = form_id
        self.facts: Sequence[Recorded] = list(history(store, log_id, unit_year, position))
        self._unit_year = unit_year
        self._book = RuleBook(store, log_id)
        self._by_path = by_path

    def count_at(self, position: int) -> int:
        """How many of the facts were there at a position of the log."""
        return sum(one.position <= position for one in self.facts)

    def snapshots(
        self, counts: Collection[int], *, with_findings: bool = True
    ) -> dict[int, Snapshot]:
        """The form after so many facts, for each of ``counts``, in one fold."""
        wanted = set(counts)
        fold = self._fold()
        found = {0: Snapshot()} if 0 in wanted else {}
        for number, recorded in enumerate(self.facts[: max(wanted, default=0)], start=1):
            fold.advance(recorded)
            if number in wanted:
                found[number] = snapshot(
                    fold, self.form_id, by_path=self._by_path, with_findings=with_findings
                )
        return found

    def _fold(self) -> UnitYearFold:
        return UnitYearFold(self.log_id, self._unit_year, self._book)

    def brought(self, keys: Collection[Key], begin: int, end: int) -> dict[Key, Brought]:
        """For each value, the facts between two counts after which it was another."""
        booked = self._booked([key for key in keys if key.part is Part.MONEY], begin, end)
        others = [key for key in keys if not booked.get(key)]
        found = [key for key in others if key.part is Part.FINDING]
        others = [key for key in others if key.part is not Part.FINDING]
        changed = self._changed(others, begin, end) | self._changed(found, begin, end)
        return {key: self._named(booked.get(key) or changed[key]) for key in keys}

    def _changed(self, keys: Sequence[Key], begin: int, end: int) -> dict[Key, dict[int, int]]:
        """The numbers of the facts after which a value was another; all of them are findings, or
        none is.
        """
        findings = any(key.part is Part.FINDING for key in keys)
        found: dict[Key, dict[int, int]] = {key: {} for key in keys}
        stretches = [(begin, end)] if keys and end > begin else []
        while stretches:
            pieces = [piece for one in stretches for piece in pairwise(_cuts(*one, findings))]
            ends = {number for piece in pieces for number in piece}
            at = self.snapshots(ends, with_findings=findings)
            stretches = []
            for start, stop in pieces:
                before, after = at[start].values, at[stop].values
                moved = [key for key in keys if before.get(key) != after.get(key)]
                if stop - start > 1:
                    stretches += [(start, stop)] if moved else []
                else:
                    for key in moved:
                        found[key][start] = 0
        return found

    def _booked(self, keys: Sequence[Key], begin: int, end: int) -> dict[Key, dict[int, int]]:
        """By which number of fen each booking moved a sum of the ledger: exact, without a look."""
        if not keys:
            return {}
        fold = self._fold()
        for recorded in self.facts[:end]:
            fold.advance(recorded)
        form = fold.forms[self.form_id]
        project = form.opened.project if form.opened else None
        found: dict[Key, dict[int, int]] = {key: {} for key in keys}
        for number in range(begin, end):
            recorded = self.facts[number]
            if recorded.stream_id == fold.ledger_id:
                moved = contribution(fold, recorded, project)
                for key in keys:
                    if key.subject in moved:
                        found[key][number] = moved[key.subject]
        return found

    def _named(self, numbers: Mapping[int, int]) -> Brought:
        largest = sorted(numbers, key=lambda number: (-abs(numbers[number]), number))
        shown = sorted(largest[:MOST_CAUSES])
        return Brought(
            tuple(cause_of(self.facts[number]) for number in shown), len(numbers) - len(shown)
        )


def _cuts(start: int, stop: int, findings: bool) -> list[int]:  # noqa: FBT001 - of one caller
    pieces = _PIECES_OF_FINDINGS if findings else _PIECES
    if stop - start <= (_PIECES_OF_FINDINGS if findings else _AT_ONCE):
        return list(range(start, stop + 1))
    return [start + (stop - start) * piece // pieces for piece in range(pieces + 1)]


def cause_of(recorded: Recorded) -> Cause:
    """A fact as what brought a change, with the reason that it gives."""
    fact = recorded.fact
    given = getattr(fact, "reason", None) or getattr(fact, "opinion", None)
    return Cause(
        fact=ref_of(recorded),
        on_behalf_of=recorded.envelope.on_behalf_of,
        reason=prose(given),
    )
