"""A form seen otherwise than it stands: 推算, with its lines calculated on the spot, or before any
review. What comes of it is shown and never stored.
"""

from copy import copy
from datetime import UTC, datetime
from uuid import UUID

from msgspec import structs

from domain.evaluation.calculation import calculate
from domain.evaluation.figures import Money
from domain.evaluation.noted import Noted
from domain.evaluation.state import FormState
from domain.facts.envelope import Role
from domain.facts.form import ScoreCalculated
from domain.scoring.rule_set import RuleSet

NO_FACT = UUID(int=0)
"""Stands where the id of a fact would: an estimate is none."""


def estimated(form: FormState, money: Money, rules: RuleSet | None) -> FormState:
    """``form`` with every line calculated now, on ``money``, under the rules that it pins. Declared
    scores, overrides and review scores stay; without rules nothing is calculated.
    """
    found = copy(form)
    if rules is not None:
        found.calculated = {
            line: _noted(form, calculate(form, money, rules, row))
            for line, row in form.rows.items()
        }
    return found


def _noted(form: FormState, fact: ScoreCalculated) -> Noted:
    stored = form.calculated.get(fact.line)
    if stored is None:
        return Noted(NO_FACT, fact, "", Role.IMPORTER, datetime.min.replace(tzinfo=UTC), 0)
    return structs.replace(stored, event_id=NO_FACT, fact=fact)


def without_reviews(form: FormState) -> FormState:
    """``form`` as the unit scored it itself."""
    found = copy(form)
    found.reviews = {}
    return found
