"""The lines of a form and the money that it rests on, as they stand."""

from domain.evaluation.figures import statements
from domain.facts.ledger import Basis
from domain.ledger import sums
from domain.scoring.indicators import TextActual
from domain.scoring.metrics import Quantity
from domain.values import wan
from projections.current.rows import EvaluationLine, Figure, FigureSource
from projections.tables import prose
from projections.unit_year import FormLine, UnitYearFold


def line_of(
    fold: UnitYearFold, form_id: str, line: FormLine, ordinal: int, *, stale: bool
) -> EvaluationLine:
    """A line with every score it has; ``stale`` is told by the caller, who asks for all lines."""
    row, score, shown, calculation = line.row, line.score, line.shown, line.calculation
    entered, metric = line.actual, row.metric
    actual = entered[1].actual if entered else None
    return EvaluationLine(
        log_id=fold.log_id,
        evaluation=form_id,
        ordinal=ordinal,
        line=row.line,
        path=row.path,
        printed=row.printed,
        max_points=shown.max_points,
        operator=row.operator,
        target=row.target,
        metric=metric.metric if metric else None,
        base=metric.base if metric else None,
        rule=row.rule,
        actual=actual,
        actual_text=prose(actual.text) if isinstance(actual, TextActual) else None,
        actual_fact=entered[0].head if entered else None,
        calculated=shown.calculated,
        obstacle=calculation.obstacle if calculation else None,
        obstacle_code=calculation.obstacle_code if calculation else None,
        notes=calculation.notes if calculation else (),
        declared=shown.declared,
        override=shown.override,
        self_points=shown.self_points,
        review=shown.review,
        final=shown.final,
        origin=score.origin,
        deduction=shown.deduction,
        explained=line.explained,
        reason_fact=line.reasoned,
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
