"""Watching a unit and year go by, fact by fact: what moves its sums, and how its forms stand.

Bookings of a ledger that follow each other in the log with one time of recording are known
together: no moment lies between them. What they move is added up, so that an import of a month's
payments gives a row a day and not one a payment.
"""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from domain.decisions import Chain
from domain.evaluation.figures import statements
from domain.evaluation.scores import own_total
from domain.evaluation.state import FormState
from domain.facts import Fact
from domain.facts.form import (
    DepartmentReviewed,
    EvaluationOpened,
    FiguresDeclared,
    Finalised,
    FinanceReviewed,
    IndicatorsSet,
    IndicatorWithdrawn,
    OverrideWithdrawn,
    Published,
    Reopened,
    Returned,
    ReviewScoreGiven,
    RuleSetAdopted,
    ScoreCalculated,
    ScoreDeclared,
    ScoreOverridden,
    SignatureWithdrawn,
    Signed,
    Subject,
    Submitted,
)
from domain.facts.ledger import Basis, LedgerOpened
from domain.facts.others import EntryCorrected
from domain.scoring.metrics import Quantity
from domain.store import Recorded
from projections.standing.booking import PAYMENTS, Moved, Where, add, together
from projections.standing.rows import DECLARED, OPEN_END, FormStanding, Sum, Unit
from projections.tables import points
from projections.unit_year import UnitYearFold

SHOWS: frozenset[type[Fact]] = frozenset(
    {
        DepartmentReviewed,
        EntryCorrected,
        EvaluationOpened,
        Finalised,
        FinanceReviewed,
        IndicatorWithdrawn,
        IndicatorsSet,
        OverrideWithdrawn,
        Published,
        Reopened,
        Returned,
        ReviewScoreGiven,
        RuleSetAdopted,
        ScoreCalculated,
        ScoreDeclared,
        ScoreOverridden,
        SignatureWithdrawn,
        Signed,
        Submitted,
    }
)
"""Facts of a form after which it can stand otherwise; a test tries all the others."""


_STATES = frozenset({FiguresDeclared, EntryCorrected, EvaluationOpened})
_QUANTITIES = (Quantity.INITIAL_BUDGET, Quantity.ADJUSTED_BUDGET, Quantity.OUTTURN)
_NOTHING = (0,) * len(_QUANTITIES)


class Run(Struct, gc=False):
    """What bookings known together moved: ``position`` is that of the last of them. What a form
    declares is a run of its own, ``closed`` for whatever follows.

    Payments, which are most, are added up by project and day in ``paid`` until ``close``.
    """

    position: int
    recorded_at: datetime
    moved: Moved
    closed: bool = False
    paid: dict[tuple[str | None, date | None], int] = {}

    def close(self) -> None:
        """Put what was paid with what was moved otherwise: nothing follows any more."""
        for (project, day), fen in self.paid.items():
            self.moved[Where(project or "", Sum.SPENT, day)] += fen
        self.paid = {}
        self.closed = True


class Watched(Struct):
    """What a unit and year brought since it is watched.

    ``continued`` is the position of the last booking before, if that was known together with the
    first one since: what is stored of it belongs to the first of ``runs``. ``rules_from`` is where
    the ledger began to rule, if it was opened before. ``forms`` hold from their positions on until
    the next of the same form.
    """

    log_id: str
    fiscal_year: int
    ledger: str
    continued: int | None
    runs: list[Run]
    unit: Unit | None
    rules_from: int | None
    forms: list[FormStanding]


class Watch:
    """Watches one unit and year; it is told of each fact before and after the fold takes it."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._continued: int | None = None
        self._runs: list[Run] = []
        self._unit: Unit | None = None
        self._forms: list[FormStanding] = []
        self._last: dict[str, FormStanding] = {}
        self._totals: dict[str, tuple[Decimal | None, str | None]] = {}
        self._corrected: list[Chain] = []
        self._taken: Moved = Counter()
        self._stated = _NOTHING
        self._ruled = False
        self._rules_from: int | None = None

    def expect_entry(self, fold: UnitYearFold, recorded: Recorded) -> None:
        """A fact of a form that ``fold`` is about to take, or to fail at."""
        if type(recorded.fact) in _STATES:
            self._stated = _stated(fold)

    def note_entry(self, fold: UnitYearFold, recorded: Recorded) -> None:
        """The same fact, now that ``fold`` has taken it."""
        kind = type(recorded.fact)
        if kind in _STATES:
            self._declare(fold, recorded)
        if kind in SHOWS:
            self._form(fold, recorded)

    def expect_booking(self, fold: UnitYearFold, recorded: Recorded) -> None:
        """A fact of the ledger that ``fold`` is about to take, or to fail at."""
        # A ledger that rules rules for good.
        if not self._ruled:
            self._ruled = _rules(fold)
        if not self._runs:
            self._continued = _joined(fold, recorded)
        fact = recorded.fact
        if type(fact) is EntryCorrected:
            chain = fold.ledger.chains.find(fact.target)
            self._corrected = together(chain, fold.ledger) if chain is not None else []
            self._taken = Counter()
            for one in self._corrected:
                add(self._taken, one, fold.ledger, -1)

    def note_booking(self, fold: UnitYearFold, recorded: Recorded) -> None:
        """The same fact, now that ``fold`` has taken it."""
        fact = recorded.fact
        if not self._ruled and _rules(fold):
            self._rules_from = recorded.position
        run = self._run(recorded)
        if type(fact) in PAYMENTS:
            paid: Any = fact
            place = paid.line.project, recorded.envelope.effective.last
            run.paid[place] = run.paid.get(place, 0) + paid.amount
            return
        moved = run.moved
        if isinstance(fact, EntryCorrected):
            moved.update(self._taken)
            for one in self._corrected:
                add(moved, one, fold.ledger)
            return
        begun = fold.ledger.chains.newest
        if begun is not None and begun.origin is recorded.envelope.event_id:
            add(moved, begun, fold.ledger)
        elif isinstance(fact, LedgerOpened):
            self._unit = Unit(
                log_id=fold.log_id,
                fiscal_year=fold.id.year,
                ledger=fold.ledger_id,
                unit=fold.id.unit,
                unit_name=fact.unit_name,
                basis=fact.basis,
                known_from=recorded.position,
                rules_from=OPEN_END,
            )

    def _declare(self, fold: UnitYearFold, recorded: Recorded) -> None:
        """Note what the forms of the unit state otherwise now."""
        moved: Moved = Counter(
            {
                Where("", kind, None): after - before
                for kind, before, after in zip(DECLARED, self._stated, _stated(fold), strict=True)
                if after != before
            }
        )
        if moved:
            at = recorded.envelope.recorded_at
            self._runs.append(Run(recorded.position, at, moved, closed=True))

    def _run(self, recorded: Recorded) -> Run:
        """The run that a fact belongs to, which then ends with it."""
        at = recorded.envelope.recorded_at
        if self._runs:
            last = self._runs[-1]
            follows = last.position + 1 == recorded.position and not last.closed
            if follows and last.recorded_at == at:
                last.position = recorded.position
                return last
        self._runs.append(Run(recorded.position, at, Counter()))
        return self._runs[-1]

    def _form(self, fold: UnitYearFold, recorded: Recorded) -> None:
        form_id = recorded.stream_id
        form, before = fold.forms[form_id], self._last.get(form_id)
        if form.opened is None:
            return
        standing = fold.standing(form_id)
        if (
            # The lines of a form are calculated one after another; its total waits for the last.
            isinstance(recorded.fact, ScoreCalculated)
            and self._totals.get(form_id) == (standing.total, standing.grade)
        ):
            return
        self._totals[form_id] = (standing.total, standing.grade)
        now = _standing(fold, form_id, form, recorded, before)
        if before is None or now != replace(before, known_from=now.known_from):
            self._last[form_id] = now
            self._forms.append(now)

    def seen(self, fold: UnitYearFold) -> Watched:
        """Everything since the beginning."""
        for run in self._runs:
            run.close()
        return Watched(
            fold.log_id,
            fold.id.year,
            fold.ledger_id,
            self._continued,
            self._runs,
            self._unit,
            self._rules_from,
            self._forms,
        )


def _rules(fold: UnitYearFold) -> bool:
    """Whether what is booked for the whole unit counts."""
    return fold.ledger.basis(None) is Basis.LEDGER


def _stated(fold: UnitYearFold) -> tuple[int, ...]:
    """年初, 全年 and 执行 as the form of the whole unit states them; where there is none, as those
    of its projects do together.
    """
    forms = [form for form in fold.forms.values() if form.opened is not None]
    whole = [form for form in forms if form.opened and form.opened.project is None]
    counts = [statements(form) for form in whole or forms]
    return tuple(
        sum(same[quantity][0].fen for same in counts if quantity in same)
        for quantity in _QUANTITIES
    )


def _joined(fold: UnitYearFold, recorded: Recorded) -> int | None:
    """The position before that of ``recorded``, if its fact lies in the ledger too and was recorded
    at the same time.
    """
    position = recorded.position - 1
    if position != fold.ledger_position or not fold.ledger_facts:
        return None
    same = fold.ledger_facts[-1].envelope.recorded_at == recorded.envelope.recorded_at
    return position if same else None


def _standing(
    fold: UnitYearFold,
    form_id: str,
    form: FormState,
    recorded: Recorded,
    before: FormStanding | None,
) -> FormStanding:
    opened, adopted, standing = form.opened, form.rules, fold.standing(form_id)
    if opened is None:  # the caller asks for open forms only
        raise AssertionError
    totals = [fact for _, fact in form.declared(Subject.TOTAL)]
    grades = [fact for _, fact in form.declared(Subject.GRADE)]
    total = points(standing.total)
    if not form.reviews:
        own = total
    elif before is not None and isinstance(recorded.fact, ReviewScoreGiven):
        own = before.self_total  # what a reviewer gives leaves it as it was
    else:
        own = points(own_total(form, fold.rules(form_id)))
    return FormStanding(
        log_id=fold.log_id,
        fiscal_year=fold.id.year,
        id=form_id,
        known_from=recorded.position,
        known_to=OPEN_END,
        unit=opened.unit,
        unit_name=opened.unit_name,
        level=opened.level,
        project=opened.project,
        project_name=opened.project_name,
        status=form.status,
        rule_set=adopted.name if adopted else None,
        rule_set_version=adopted.version if adopted else None,
        self_total=own,
        total=total,
        declared_totals=tuple(
            dict.fromkeys(told for fact in totals if (told := points(fact.points)) is not None)
        ),
        finalised_total=points(form.finalised.total) if form.finalised else None,
        grade_declared=grades[0].grade if grades else None,
        grade_computed=standing.grade,
        finalised_grade=form.finalised.grade if form.finalised else None,
    )
