"""Every stored score worked out again, on the facts that were known when it was stored.

Replay never scores anew, so that a later program cannot change the past; this is the separate
check that says whether today's program, with the rules that were pinned then, agrees with it.
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from domain.evaluation import form as forms
from domain.evaluation.calculation import calculate
from domain.evaluation.figures import money_of
from domain.evaluation.scores import score_sheet
from domain.evaluation.state import FormState
from domain.facts.form import Finalised, RuleSetAdopted, ScoreCalculated
from domain.ids import UnitYear
from domain.ledger import LedgerState, evolve
from domain.scoring.rule_set import RuleSet
from domain.scoring.steps import StepsDoNotReproduce
from domain.scoring.steps import replay as worked_out
from domain.store import EventStore, Recorded
from domain.values import plain
from projections.unit_year import RuleBook, history
from projections.verification.rows import Check, Discrepancy, RulesUsed


class Scores:
    """The scores of one log: how many were worked out again, and by which rules."""

    def __init__(self, store: EventStore, log_id: str) -> None:
        """Nothing checked yet."""
        self.log_id = log_id
        self.book = RuleBook(store, log_id)
        self.facts = 0
        self.scores = 0
        self.forms = 0
        self.rules: dict[str, RulesUsed] = {}
        self._store = store

    def check(self, unit_year: UnitYear, position: int) -> Iterator[Discrepancy]:
        """The differences in the scores of a unit and year, as known at a position."""
        ledger = LedgerState()
        known: dict[str, FormState] = {}
        for recorded in history(self._store, self.log_id, unit_year, position):
            self.facts += 1
            if recorded.stream_id == unit_year.ledger:
                evolve(ledger, recorded)
                continue
            state = known.setdefault(recorded.stream_id, FormState())
            yield from self._look(recorded, state, ledger, unit_year)
            forms.evolve(state, recorded)
        self.forms += len(known)

    def _look(
        self, recorded: Recorded, state: FormState, ledger: LedgerState, unit_year: UnitYear
    ) -> Iterator[Discrepancy]:
        fact = recorded.fact
        if isinstance(fact, RuleSetAdopted):
            yield from self._adopted(recorded, fact, unit_year)
        elif isinstance(fact, ScoreCalculated):
            self.scores += 1
            rules = self.book.pinned(unit_year.division, state.rules)
            yield from self._calculated(recorded, fact, state, ledger, rules)
        elif isinstance(fact, Finalised):
            sheet = score_sheet(state, self.book.pinned(unit_year.division, state.rules))
            for what, stored, found in (
                ("total", fact.total, sheet.total),
                ("grade", fact.grade, sheet.grade),
            ):
                if stored != found:
                    yield self._found(recorded, Check.TOTAL, f"finalised {what}", stored, found)

    def _adopted(
        self, recorded: Recorded, fact: RuleSetAdopted, unit_year: UnitYear
    ) -> Iterator[Discrepancy]:
        rules = self.book.pinned(unit_year.division, fact)
        digest = rules.digest if rules else None
        if digest != fact.digest:
            name = f"{fact.name}@{fact.version} digest"
            yield self._found(recorded, Check.RULES, name, fact.digest, digest)
        self.rules[fact.digest] = RulesUsed(
            log_id=self.log_id, name=fact.name, version=fact.version, digest=fact.digest
        )

    def _calculated(
        self,
        recorded: Recorded,
        fact: ScoreCalculated,
        state: FormState,
        ledger: LedgerState,
        rules: RuleSet | None,
    ) -> Iterator[Discrepancy]:
        row = state.rows.get(fact.line)
        if row is None or rules is None:
            missing = "row" if row is None else "rule set"
            yield self._found(recorded, Check.SCORE, f"{fact.line} {missing}", "✓", None)
            return
        again = calculate(state, money_of(state, ledger), rules, row)
        for field in ScoreCalculated.__struct_fields__:
            stored, found = getattr(fact, field), getattr(again, field)
            if stored != found:
                yield self._found(recorded, Check.SCORE, f"{fact.line} {field}", stored, found)
        if fact.points is not None and _by_steps(fact) != fact.points:
            what = f"{fact.line} points by its steps"
            yield self._found(recorded, Check.SCORE, what, fact.points, _by_steps(fact))

    def _found(
        self, recorded: Recorded, check: Check, what: str, stored: object, found: object
    ) -> Discrepancy:
        return Discrepancy(
            check=check,
            log_id=self.log_id,
            where=recorded.stream_id,
            what=what,
            stored=shown(stored),
            recomputed=shown(found),
            fact=str(recorded.envelope.event_id),
            position=recorded.position,
        )


def _by_steps(fact: ScoreCalculated) -> Decimal | None:
    try:
        return worked_out(fact.steps)
    except StepsDoNotReproduce:
        return None


def shown(value: Any) -> str | None:  # noqa: ANN401 - whatever a figure may be
    """A figure as a report prints it; what has parts as JSON."""
    match value:
        case None:
            return None
        case str():
            return str(value)
        case Decimal() | Fraction():
            return plain(value)
        case _:
            return msgspec.json.encode(value, enc_hook=str, order="sorted").decode()
