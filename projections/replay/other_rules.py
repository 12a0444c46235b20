"""A year under other rules: what would it have been? Nothing is written.

A line is scored by the other set's rule of the same name, else by the rule of its template for the
same indicator. What a person scored by hand (an override, a review score) stands: it was given on
grounds of its own. A line that the other rules do not cover, or cannot score, keeps the points it
has and is listed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from domain.evaluation.calculation import calculate
from domain.evaluation.noted import Noted
from domain.evaluation.scores import LineScore, score_sheet
from domain.evaluation.state import FormState
from domain.facts.envelope import Role
from domain.facts.form import ScoreCalculated, ScoreOverridden
from domain.scoring.grades import best_first
from domain.scoring.indicators import Indicator
from domain.scoring.rule_set import RuleSet
from domain.store import EventStore
from domain.values import Rounding, Words, plain
from projections.tables import points
from projections.unit_year import UnitYearFold, load, unit_year_of_stream


class LineMoved(Struct, frozen=True, kw_only=True):
    """A line that would have other points; ``rule`` is the other set's."""

    line: str
    path: tuple[str, ...]
    rule: str
    then: str | None
    would: str | None


class Uncovered(Struct, frozen=True, kw_only=True):
    """A line that keeps its points, and why the other rules give none."""

    line: str
    path: tuple[str, ...]
    rule: str | None
    why: Words


class FormUnder(Struct, frozen=True, kw_only=True):
    """A form as it stands and as it would under the other rules. Points are decimal strings,
    ``difference`` is None where a total is missing. ``by_hand`` counts the lines that a person
    scored, which stand.
    """

    log_id: str
    form: str
    unit_name: str
    project_name: str | None
    rule_set: str | None
    then: str | None
    would: str | None
    difference: str | None
    grade_then: str | None
    grade_would: str | None
    by_hand: int
    moved: tuple[LineMoved, ...]
    uncovered: tuple[Uncovered, ...]


class YearUnder(Struct, frozen=True, kw_only=True):
    """A year under other rules: every form, those that would gain most first.

    ``compared`` forms have a total on both sides; the means are theirs, at two places.
    """

    year: int
    name: str
    version: str
    digest: str
    positions: dict[str, int]
    forms: tuple[FormUnder, ...]
    compared: int
    gain: int
    lose: int
    same: int
    mean_then: str | None
    mean_would: str | None
    grades_then: dict[str, int]
    grades_would: dict[str, int]


Told = Callable[[str, int, int], None]


def under(
    store: EventStore,
    year: int,
    rules: RuleSet,
    upto: Mapping[str, int],
    told: Told = lambda _log, _done, _of: None,
) -> YearUnder:
    """Every form of a year as it would have been scored by ``rules``; ``upto`` names the logs
    and their last positions. One unit is in memory at a time.
    """
    forms: list[FormUnder] = []
    for log_id, position in upto.items():
        streams = {unit_year_of_stream(stream) for stream in store.streams(log_id)}
        units = sorted(
            (one for one in streams if one is not None and one.year == year),
            key=lambda one: one.prefix,
        )
        for nth, unit_year in enumerate(units, start=1):
            forms += _forms(load(store, log_id, unit_year, position), rules)
            told(log_id, nth, len(units))
    return _summed(year, rules, upto, forms)


def _forms(fold: UnitYearFold, rules: RuleSet) -> Iterator[FormUnder]:
    for form_id, form in fold.forms.items():
        if form.opened is None:
            continue
        then = fold.sheet(form_id)
        other = _Other(form, rules)
        for score in then.lines:
            other.take(fold, form_id, score)
        would = score_sheet(other.form, rules)
        difference = (
            plain(would.total - then.total)
            if would.total is not None and then.total is not None
            else None
        )
        now = {one.line: one.final for one in would.lines}
        yield FormUnder(
            log_id=fold.log_id,
            form=form_id,
            unit_name=form.opened.unit_name,
            project_name=form.opened.project_name,
            rule_set=f"{form.rules.name}@{form.rules.version}" if form.rules else None,
            then=points(then.total),
            would=points(would.total),
            difference=difference,
            grade_then=then.grade,
            grade_would=would.grade,
            by_hand=other.by_hand,
            moved=tuple(
                LineMoved(
                    line=score.line,
                    path=score.path,
                    rule=other.form.rows[score.line].rule or "",
                    then=points(score.final),
                    would=points(now[score.line]),
                )
                for score in then.lines
                if score.final != now[score.line]
            ),
            uncovered=tuple(other.uncovered),
        )


class _Other:
    """A form in which the other rules have scored what they can, line by line."""

    def __init__(self, form: FormState, rules: RuleSet) -> None:
        self.form = FormState()
        self.form.rows = dict(form.rows)
        self.form.opened = form.opened
        self.uncovered: list[Uncovered] = []
        self.by_hand = 0
        self._rules = rules
        self._templates = {row.path: row for row in rules.templates}

    def take(self, fold: UnitYearFold, form_id: str, score: LineScore) -> None:
        """Score one line by the other rules, or keep its points and say why."""
        form = fold.forms[form_id]
        row = form.rows[score.line]
        if score.review is not None or score.override is not None:
            self.by_hand += 1
            self._keep(row, score)
            return
        given = self._row(row)
        if given is None:
            self._leave(row, score, Words("没有对应的规则", "no rule for it"))
            return
        found = calculate(form, fold.money(form_id), self._rules, given)
        if found.points is None and not found.excluded:
            self._leave(given, score, found.obstacle or Words("算不出", "cannot be scored"))
            return
        self.form.rows[row.line] = given
        self.form.calculated[row.line] = _noted(found)

    def _row(self, row: Indicator) -> Indicator | None:
        """The row with the rule that it would have; None where the other set has none for it."""
        if row.rule in self._rules.rules:
            return row
        template = self._templates.get(row.path)
        if template is None or template.rule is None:
            return None
        return structs.replace(row, rule=template.rule, metric=row.metric or template.metric)

    def _leave(self, row: Indicator, score: LineScore, why: Words) -> None:
        self.uncovered.append(Uncovered(line=row.line, path=row.path, rule=row.rule, why=why))
        self._keep(row, score)

    def _keep(self, row: Indicator, score: LineScore) -> None:
        if score.excluded:
            fact: Any = ScoreCalculated(line=row.line, points=None, excluded=True)
            self.form.calculated[row.line] = _noted(fact)
        elif score.final is not None:
            # As points that somebody gave: they are summed up as they are.
            fact = ScoreOverridden(
                line=row.line, from_points=None, to_points=score.final, reason="", document=""
            )
            self.form.overrides[row.line] = _noted(fact)


def _noted(fact: Any) -> Noted:  # noqa: ANN401 - a score
    # Nobody said it, and it is nowhere stored: only the score counts.
    return Noted(UUID(int=0), fact, "", Role.OVERSIGHT, datetime.min.replace(tzinfo=UTC), 0)


def _summed(
    year: int, rules: RuleSet, upto: Mapping[str, int], forms: Sequence[FormUnder]
) -> YearUnder:
    compared = [one for one in forms if one.difference is not None]
    differences = [Decimal(one.difference or 0) for one in compared]
    ordered = sorted(
        forms,
        key=lambda one: (
            one.difference is None,
            -Decimal(one.difference or 0),
            one.log_id,
            one.form,
        ),
    )
    return YearUnder(
        year=year,
        name=rules.name,
        version=rules.version,
        digest=rules.digest,
        positions=dict(upto),
        forms=tuple(ordered),
        compared=len(compared),
        gain=sum(one > 0 for one in differences),
        lose=sum(one < 0 for one in differences),
        same=sum(one == 0 for one in differences),
        mean_then=_mean([one.then for one in compared]),
        mean_would=_mean([one.would for one in compared]),
        grades_then=_grades(one.grade_then for one in forms),
        grades_would=_grades(one.grade_would for one in forms),
    )


def _mean(totals: Sequence[str | None]) -> str | None:
    if not totals:
        return None
    total = sum((Fraction(one) for one in totals if one is not None), Fraction(0))
    return plain(Rounding().apply(total / len(totals)))


def _grades(grades: Iterator[str | None]) -> dict[str, int]:
    return best_first(Counter(one or "" for one in grades))
