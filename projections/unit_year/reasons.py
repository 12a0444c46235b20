"""The facts that a score and its reason come from."""

from collections.abc import Sequence
from uuid import UUID

from domain.decisions import Chain
from domain.evaluation.estimation import NO_FACT
from domain.evaluation.scores import LineScore, Origin
from domain.evaluation.state import FormState
from domain.facts.form import DeductionJustified, ScoreDeclared


def reason_for(
    form: FormState,
    score: LineScore,
    justified: tuple[Chain, DeductionJustified] | None,
    declared: Sequence[tuple[Chain, ScoreDeclared]],
) -> UUID | None:
    """The fact that gives the reason of a line's deduction, or None.

    An override and a review score bring theirs; a score of the unit's own has its justification,
    else what was printed beside a declared score. As ``domain.crosschecks.explained`` sees it.
    """
    if score.origin is Origin.REVIEW or score.origin is Origin.OVERRIDE:
        noted = (form.reviews if score.origin is Origin.REVIEW else form.overrides)[score.line]
        return noted.event_id if noted.fact.reason else None
    if justified is not None and justified[1].reason:
        return justified[0].head
    return next((chain.head for chain, fact in declared if fact.reason), None)


def scored_by(
    form: FormState, score: LineScore, declared: Sequence[tuple[Chain, ScoreDeclared]]
) -> UUID | None:
    """The fact that the score that counts comes from; None for one that is none."""
    match score.origin:
        case Origin.REVIEW:
            return form.reviews[score.line].event_id
        case Origin.OVERRIDE:
            return form.overrides[score.line].event_id
        case Origin.DECLARED:
            return declared[0][0].head
        case Origin.CALCULATED:
            calculated = form.calculated[score.line].event_id
            return None if calculated == NO_FACT else calculated
        case Origin.NONE:
            return None
