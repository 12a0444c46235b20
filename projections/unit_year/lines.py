"""The lines of a form as several views show them: looked at once, told by each in its own shape."""

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct

from domain.decisions import Chain
from domain.evaluation.scores import LineScore
from domain.evaluation.state import FormState
from domain.facts.form import (
    ActualEntered,
    DeductionJustified,
    ScoreCalculated,
    ScoreDeclared,
    Subject,
)
from domain.scoring.indicators import Indicator
from projections.tables import points
from projections.unit_year.reasons import reason_for


class Shown(Struct, frozen=True, gc=False):
    """The scores of a line as a view writes them; None where there are none."""

    max_points: str | None
    calculated: str | None
    declared: str | None
    override: str | None
    self_points: str | None
    review: str | None
    final: str | None
    deduction: str | None


class FormLine(Struct, frozen=True, gc=False):
    """A line of a form: its row, its scores, and what is said about them.

    ``reasoned`` is the fact that gives the reason of its deduction; ``explained`` means that there
    is one, or no deduction.
    """

    row: Indicator
    score: LineScore
    shown: Shown
    calculation: ScoreCalculated | None
    calculated_by: UUID | None
    actual: tuple[Chain, ActualEntered] | None
    justified: tuple[Chain, DeductionJustified] | None
    declared: list[tuple[Chain, ScoreDeclared]]
    reasoned: UUID | None
    explained: bool


def lines_of(form: FormState, scores: Iterable[LineScore]) -> tuple[FormLine, ...]:
    """The lines of a form whose ``scores`` these are, in order."""
    return tuple(_line(form, score) for score in scores)


def _line(form: FormState, score: LineScore) -> FormLine:
    line = score.line
    noted, lost = form.calculated.get(line), score.deduction
    justified, declared = form.justification(line), form.declared(Subject.LINE, line)
    reasoned = reason_for(form, score, justified, declared)
    return FormLine(
        row=form.rows[line],
        score=score,
        shown=Shown(
            points(score.max_points),
            points(score.calculated),
            points(score.declared),
            points(score.override),
            points(score.self_points),
            points(score.review),
            points(score.final),
            points(lost),
        ),
        calculation=noted.fact if noted else None,
        calculated_by=noted.event_id if noted else None,
        actual=form.actual(line),
        justified=justified,
        declared=declared,
        reasoned=reasoned,
        explained=not lost or lost < 0 or reasoned is not None,
    )
