"""The scores of a form between two facts, kept by who compares them after every fact.

Most facts of a form speak of one line, and a total waits for the last line. So a sheet is summed
up only when a sum can be another: ``Standing.after`` says when.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from domain.evaluation.scores import LineScore, Origin, ScoreSheet, groups_of, line_score, own_sum
from domain.evaluation.state import FormState
from domain.facts.form import (
    OverrideWithdrawn,
    ReviewScoreGiven,
    ScoreCalculated,
    ScoreDeclared,
    ScoreOverridden,
    Subject,
)
from domain.scoring.rule_set import RuleSet
from domain.store import Recorded

_OF_ONE_LINE = (ScoreCalculated, ScoreOverridden, OverrideWithdrawn, ReviewScoreGiven)


class Standing(NamedTuple):
    """Scores by line, sums by group, the total and the grade. ``open`` are the lines without
    points, for which every sum that they belong to waits.
    """

    lines: Mapping[str, LineScore] = {}
    groups: Mapping[tuple[str, ...], Decimal | None] = {}
    total: Decimal | None = None
    grade: str | None = None
    open: frozenset[str] = frozenset()

    @classmethod
    def of(cls, sheet: ScoreSheet) -> "Standing":
        """The standing that a whole sheet gives."""
        lines = {score.line: score for score in sheet.lines}
        waiting = frozenset(line for line, score in lines.items() if _waits(score))
        return cls(lines, sheet.groups, sheet.total, sheet.grade, waiting)

    def after(
        self,
        form: FormState,
        recorded: Recorded,
        before: ScoreCalculated | None,
        rules: RuleSet | None,
        sheet: Callable[[Iterable[LineScore] | None], ScoreSheet],
    ) -> "Standing":
        """The standing after one more fact, which ``form`` has taken and which pins ``rules``.

        ``before`` is the calculation that a calculation follows; ``sheet`` sums the form up, from
        its lines or from nothing.
        """
        fact = recorded.fact
        if isinstance(fact, ScoreDeclared) and fact.subject is not Subject.LINE:
            return self  # what is printed of a sum is compared, never used
        line = _line_of(recorded)
        if line is None:
            return Standing.of(sheet(None))
        row, old = form.rows.get(line), self.lines.get(line)
        if row is None:
            return self  # what no row bears counts nowhere
        if old is None:
            return Standing.of(sheet(None))
        new = line_score(form, row)
        lines = {**self.lines, line: new}
        waiting = self.open | {line} if _waits(new) else self.open - {line}
        if _same(old, new) and _as_exact(new, recorded, before):
            return Standing(lines, self.groups, self.total, self.grade, waiting)
        if self.total is not None or not waiting:
            return Standing.of(sheet(lines.values()))
        # There is no total yet: a group adds up by itself, once none of its lines waits.
        groups = self.groups
        for group in groups_of(new.path):
            size = len(group)
            if groups.get(group) is None and any(
                lines[one].path[:size] == group for one in waiting
            ):
                continue
            mine = [one for one in lines.values() if one.path[:size] == group]
            groups = {**groups, group: own_sum(form, mine, rules)}
        return Standing(lines, groups, None, None, waiting)


def _line_of(recorded: Recorded) -> str | None:
    """The one line whose score a fact can change."""
    fact = recorded.fact
    if isinstance(fact, _OF_ONE_LINE):
        return fact.line
    if isinstance(fact, ScoreDeclared) and fact.subject is Subject.LINE:
        return fact.line
    return None


def _waits(score: LineScore) -> bool:
    return score.final is None and not score.excluded


def _same(old: LineScore, new: LineScore) -> bool:
    return (old.final, old.excluded, old.origin) == (new.final, new.excluded, new.origin)


def _as_exact(new: LineScore, recorded: Recorded, before: ScoreCalculated | None) -> bool:
    """Whether a sum of exact lines is the same: it takes the steps of the calculation."""
    fact = recorded.fact
    if new.origin is not Origin.CALCULATED or not isinstance(fact, ScoreCalculated):
        return True
    return before is not None and before.steps == fact.steps
