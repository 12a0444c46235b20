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
from projections.current import Evaluation
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


def withdrawn_line(view: View, evaluation: Evaluation, line: str) -> WithdrawnLine | None:
    """How ``evaluation`` came to be without a line, as ``view`` has it; None for a line that it
    has, or never had.
    """
    state = FormState()
    last: Indicator | None = None
    taken: Recorded | None = None
    for recorded in view.events(evaluation.id):
        if recorded.position > evaluation.position:
            break  # the views have not read so far
        evolve(state, recorded)
        row = state.rows.get(line)
        if row is not None:
            last, taken = row, None
        elif last is not None and taken is None:
            taken = recorded
    if last is None or taken is None:
        return None
    found = WithdrawnLine(
        log_id=evaluation.log_id,
        line=line,
        path=last.path,
        max_points=points(last.max_points),
        fact=ref_of(taken),
        reason=prose(_reason_of(taken)),
    )
    return joined([found], view.store.text_bodies)[0]


def _reason_of(recorded: Recorded) -> str | None:
    fact = recorded.fact
    # A form whose rows are set anew gives no reason.
    return fact.reason if isinstance(fact, IndicatorWithdrawn | EntryCorrected) else None
