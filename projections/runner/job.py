"""One unit and year in a batch: its fold, what was touched, and the rows that follow."""

from uuid import UUID

from msgspec import Struct

from domain.store import Recorded
from projections import adjustments, current, deductions, findings, score_history, standing
from projections.tracking import Stopped
from projections.unit_year import UnitYearFold


class Derived(Struct):
    """The rows of a unit and year that a batch touched."""

    changes: list[score_history.ScoreChange]
    current: list[current.Current]
    deductions: dict[str, list[deductions.Deduction]]
    findings: dict[str, list[findings.FindingRow]]
    chains: list[adjustments.AdjustmentRow]
    openings: dict[tuple[str, str], list[adjustments.Opening]]
    standing: standing.Watched


class Job:
    """A unit and year in a batch."""

    def __init__(self, fold: UnitYearFold) -> None:
        self.fold = fold
        self.changes: list[score_history.ScoreChange] = []
        self.forms: dict[str, None] = {}
        self.chains: dict[UUID, None] = {}
        self.money = False
        self.watch = standing.Watch()
        self.stopped: Stopped | None = None
        self.last: Recorded | None = None

    def take(self, recorded: Recorded) -> None:
        """Advance by one fact, and note what it touches."""
        fold, watch = self.fold, self.watch
        if recorded.stream_id == fold.ledger_id:
            watch.expect_booking(fold, recorded)
            fold.advance(recorded)
            self.money = True
            origin = adjustments.touched(fold, recorded)
            if origin is not None:
                self.chains[origin] = None
            watch.note_booking(fold, recorded)
        else:
            watch.expect_entry(fold, recorded)
            self.changes += score_history.advance(fold, recorded)
            self.forms[recorded.stream_id] = None
            watch.note_entry(fold, recorded)
        self.last = recorded

    def derive(self) -> Derived:
        """The rows of everything that was touched."""
        fold = self.fold
        # A form rests on the ledger, so a booking touches every form of the unit.
        forms = [form for form in fold.forms if self.money or form in self.forms]
        return Derived(
            changes=self.changes,
            current=[one for form in forms if (one := current.derive(fold, form)) is not None],
            deductions={form: deductions.derive(fold, form) for form in forms},
            # Cross-checks look from one form at another.
            findings=findings.derive(fold),
            chains=adjustments.derive(fold, self.chains),
            openings=(
                {(fold.log_id, fold.ledger_id): adjustments.derive_openings(fold)}
                if self.money
                else {}
            ),
            standing=self.watch.seen(fold),
        )
