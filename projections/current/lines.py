"""The lines of a form and the money that it rests on, as they stand."""

from domain.crosschecks import explained
from domain.evaluation.figures import statements
from domain.evaluation.scores import LineScore
from domain.facts.ledger import Basis
from domain.ledger import sums
from domain.scoring.indicators import Indicator, TextActual
from domain.scoring.metrics import Quantity
from domain.values import wan
from projections.current.rows import EvaluationLine, Figure, FigureSource
from projections.tables import (
    points,
    prose,
)
from projections.unit_year import UnitYearFold, reason_for


def line_of(
    fold: UnitYearFold,
    form_id: str,
    row: Indicator,
    ordinal: int,
    score: LineScore,
    *,
    stale: bool,
) -> EvaluationLine:
    """A line with every score it has; ``stale`` is told by the caller, who asks for all lines."""
    form = fold.forms[form_id]
    entered = form.actual(row.line)
    actual = entered[1].actual if entered else None
    noted = form.calculated.get(row.line)
    calculation = noted.fact if noted else None
    return EvaluationLine(
        log_id=fold.log_id,
        evaluation=form_id,
        ordinal=ordinal,
        line=row.line,
        path=row.path,
        printed=row.printed,
        max_points=points(row.max_points),
        operator=row.operator,
        target=row.target,
        metric=row.metric.metric if row.metric else None,
        base=row.metric.base if row.metric else None,
        rule=row.rule,
        actual=actual,
        actual_text=prose(actual.text) if isinstance(actual, TextActual) else None,
        actual_fact=entered[0].head if entered else None,
        calculated=points(score.calculated),
        obstacle=calculation.obstacle if calculation else None,
        obstacle_code=calculation.obstacle_code if calculation else None,
        notes=calculation.notes if calculation else (),
        declared=points(score.declared),
        override=points(score.override),
        self_points=points(score.self_points),
        review=points(score.review),
        final=points(score.final),
        origin=score.origin,
        deduction=points(score.deduction),
        explained=explained(form, score),
        reason_fact=reason_for(form, score),
        reason_required=bool(calculation and calculation.reason_required),
        stale=stale,
        excluded=score.excluded,
    )


def figures_of(fold: UnitYearFold, form_id: str) -> list[Figure]:
    """Every statement of money that the form prints, then what the books give."""
    form, money = fold.forms[form_id], fold.money(form_id)
    found: list[Figure] = []
    for quantity, same in statements(form).items():
        for nth, one in enumerate(same):
            found.append(
                Figure(
                    log_id=fold.log_id,
                    evaluation=form_id,
                    ordinal=len(found),
                    quantity=Quantity(quantity),
                    source=FigureSource.DECLARED,
                    fen=one.fen,
                    amount=wan(one.fen),
                    printed=one.printed.text,
                    unit=one.printed.unit,
                    place=one.place,
                    counts=nth == 0 and money.basis is Basis.DECLARED,
                    event_id=one.fact,
                )
            )
    if fold.ledger.opened is not None:
        rules = money.basis is Basis.LEDGER
        booked = money.sums if rules else sums(fold.ledger, money.project)
        for quantity, fen in booked.items():
            # A sum that nothing was booked for says nothing, but for the three that all ask for
            # where the books rule.
            if fen == 0 and not (quantity in _ALWAYS and rules):
                continue
            found.append(
                Figure(
                    log_id=fold.log_id,
                    evaluation=form_id,
                    ordinal=len(found),
                    quantity=Quantity(quantity),
                    source=FigureSource.BOOKED,
                    fen=fen,
                    amount=wan(fen),
                    printed=None,
                    unit=None,
                    place=None,
                    counts=rules or (quantity in money.sums and quantity not in money.facts),
                    event_id=None,
                )
            )
    return found


_ALWAYS = frozenset({Quantity.INITIAL_BUDGET, Quantity.ADJUSTED_BUDGET, Quantity.OUTTURN})
