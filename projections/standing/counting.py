"""Counting the forms of a year as they stood: by state, by grade, and their mean."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct
from sqlalchemy import CTE, ColumnElement, Connection, and_, func, literal_column, select

from domain.evaluation.form import Status
from domain.values import Rounding, plain
from projections.standing.answers import Forms, Positions
from projections.standing.positions import here
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


class Stood(Struct, frozen=True):
    """What the forms of a year are counted by."""

    status: Status
    grade: str
    total: str | None


def holding(at: CTE) -> ColumnElement[bool]:
    """The forms of the logs in ``at``, as they stood at the positions there."""
    return and_(
        forms.c.log_id == at.c.log_id,
        forms.c.known_from <= at.c.position,
        forms.c.known_to > at.c.position,
    )


def forms_by_log(
    connection: Connection, at: Positions, fiscal_year: int
) -> dict[str, dict[Stood, int]]:
    """How many forms stood in which way, by log."""
    then = here(at)
    grade = GRADE.label("grade")
    query = (
        select(forms.c.log_id, forms.c.status, grade, forms.c.total, func.count().label("forms"))
        .join(then, holding(then))
        .where(forms.c.fiscal_year == fiscal_year)
        .group_by(forms.c.log_id, forms.c.status, grade, forms.c.total)
    )
    found: dict[str, dict[Stood, int]] = defaultdict(dict)
    for one in connection.execute(query):
        found[one.log_id][Stood(one.status, one.grade, one.total)] = one.forms
    return dict(found)


def counted(stood: Mapping[Stood, int]) -> Forms:
    """Forms counted by state and grade, with the mean of their totals."""
    by_status: Counter[Status] = Counter()
    by_grade: Counter[str] = Counter()
    scored, points = 0, Fraction(0)
    for one, count in stood.items():
        by_status[one.status] += count
        by_grade[one.grade] += count
        if one.total is not None:
            scored += count
            points += count * Fraction(Decimal(one.total))
    mean = plain(Rounding(places=2).apply(points / scored)) if scored else None
    return Forms(
        count=sum(stood.values()),
        by_status={status: by_status[status] for status in Status if by_status[status]},
        by_grade=dict(sorted(by_grade.items())),
        scored=scored,
        mean_total=mean,
    )
