"""Counting the forms of a year as they stood: by state, by grade, and their mean."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal_column, select

from domain.evaluation.state import Status
from domain.scoring.grades import best_first
from domain.values import Rounding, plain
from projections.standing.answers import Forms, Positions
from projections.standing.positions import YEAR, Place, Question
from projections.standing.rows import forms

# Written out: PostgreSQL would not group by what comes as a parameter.
_NOTHING: ColumnElement[str] = literal_column("''")
GRADE: ColumnElement[str] = func.coalesce(
    func.nullif(forms.c.finalised_grade, _NOTHING),
    func.nullif(forms.c.grade_declared, _NOTHING),
    forms.c.grade_computed,
    _NOTHING,
)
"""The grade that counts, as ``FormStanding.grade`` says it, "" for none."""


_EXACT = Context(prec=60, traps=[Inexact])
"""The totals of more forms than there are, added up without a rounding."""


class Stood(NamedTuple):
    """What the forms of a year are counted by."""

    status: Status
    grade: str
    total: str | None


def holding(at: Place) -> ColumnElement[bool]:
    """The forms of the logs in ``at``, as they stood at the positions there."""
    return and_(
        forms.c.log_id == at.log_id,
        forms.c.known_from <= at.position,
        forms.c.known_to > at.position,
    )


def _forms_by_log(then: Place, _is_dated: bool) -> Select[*tuple[Any, ...]]:  # noqa: FBT001
    return (
        select(forms.c.log_id, forms.c.status, GRADE, forms.c.total, func.count())
        .where(holding(then), forms.c.fiscal_year == YEAR)
        .group_by(forms.c.log_id, forms.c.status, GRADE, forms.c.total)
    )


_FORMS_BY_LOG = Question(_forms_by_log)


def forms_by_log(
    connection: Connection, at: Positions, fiscal_year: int
) -> dict[str, dict[Stood, int]]:
    """How many forms stood in which way, by log."""
    found: dict[str, dict[Stood, int]] = defaultdict(dict)
    for log_id, status, grade, total, count in _FORMS_BY_LOG.ask(connection, at, fiscal_year):
        found[log_id][Stood(status, grade, total)] = count
    return dict(found)


def counted(stood: Mapping[Stood, int]) -> Forms:
    """Forms counted by state and grade, with the mean of their totals."""
    by_status: Counter[Status] = Counter()
    by_grade: Counter[str] = Counter()
    scored, points = 0, Decimal(0)
    for (status, grade, total), count in stood.items():
        by_status[status] += count
        by_grade[grade] += count
        if total is not None:
            scored += count
            points = _EXACT.add(points, _EXACT.multiply(count, Decimal(total)))
    mean = plain(Rounding(places=2).apply(Fraction(points) / scored)) if scored else None
    return Forms(
        count=sum(stood.values()),
        by_status={status: by_status[status] for status in Status if by_status[status]},
        by_grade=best_first(by_grade),
        scored=scored,
        mean_total=mean,
    )
