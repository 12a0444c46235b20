"""A line that a form has no more: what it was, and which fact took it out.

The views hold the lines that there are; what there was is in the form's own stream.
"""

from msgspec import Struct

from api.view import View
from domain.evaluation.form import evolve
from domain.evaluation.state import FormState
from domain.facts.form import IndicatorWithdrawn
from domain.facts.others import EntryCorrected
from domain.scoring.indicators import Indicator
from domain.store import Recorded
from projections.current import Evaluation, EvaluationLine, current_as_of
from projections.deductions import Deduction, deductions_as_of
from projections.tables import FactRef, Prose, joined, points, prose
from projections.unit_year import ref_of


class WithdrawnLine(Struct, frozen=True, kw_only=True):
    """A line as it last was, with the fact after which the form had it no more, and its reason.

    ``max_points`` is a decimal string; ``reason`` is None where the fact gives none.
    """

    log_id: str
    line: str
    path: tuple[str, ...]
    max_points: str | None
    fact: FactRef
    reason: Prose | None


class LineBefore(Struct, frozen=True, kw_only=True):
    """A withdrawn line as it stood when it was last there: its figures, and their justification."""

    row: EvaluationLine
    deduction: Deduction


def withdrawn_lines(view: View, evaluation: Evaluation) -> list[WithdrawnLine]:
    """The lines that ``evaluation`` had once and has no more, as ``view`` has it; in the order in
    which they came.
    """
    state = FormState()
    last: dict[str, Indicator] = {}
    taken: dict[str, Recorded] = {}
    for recorded in view.events(evaluation.id):
        if recorded.position > evaluation.position:
            break  # the views have not read so far
        evolve(state, recorded)
        last.update(state.rows)
        for line in last:
            if line in state.rows:
                taken.pop(line, None)
            else:
                taken.setdefault(line, recorded)
    found = [
        WithdrawnLine(
            log_id=evaluation.log_id,
            line=line,
            path=row.path,
            max_points=points(row.max_points),
            fact=ref_of(taken[line]),
            reason=prose(_reason_of(taken[line])),
        )
        for line, row in last.items()
        if line in taken
    ]
    return list(joined(found, view.store.text_bodies))


def withdrawn_line(view: View, evaluation: Evaluation, line: str) -> WithdrawnLine | None:
    """How ``evaluation`` came to be without a line, as ``view`` has it; None for a line that it
    has, or never had.
    """
    return next((one for one in withdrawn_lines(view, evaluation) if one.line == line), None)


def before_withdrawal(view: View, gone: WithdrawnLine) -> LineBefore:
    """What was said of a line until the fact that took it out; on a business date it is estimated,
    as for a line that is there.
    """
    log_id, form, until = gone.log_id, gone.fact.stream_id, gone.fact.position - 1
    found = current_as_of(view.store, log_id, form, until, view.effective_on)
    reasons = deductions_as_of(view.store, log_id, form, until, view.effective_on)
    return LineBefore(
        row=next(one for one in (found.lines if found else ()) if one.line == gone.line),
        deduction=next(one for one in reasons if one.line == gone.line),
    )


def _reason_of(recorded: Recorded) -> str | None:
    fact = recorded.fact
    # A form whose rows are set anew gives no reason.
    return fact.reason if isinstance(fact, IndicatorWithdrawn | EntryCorrected) else None
