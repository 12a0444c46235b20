"""等级分布: how many forms are in each state and of each grade, over as many logs as are asked for."""

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct
from sqlalchemy import Connection, Index, Select, func, literal_column, select

from domain.evaluation.form import Status
from domain.scoring.grades import best_first
from projections.standing.answers import Positions
from projections.standing.counting import GRADE, forms_by_log
from projections.standing.rows import OPEN_END, forms
from projections.tables import table_of
from projections.tables.tallies import Tally


class FormTally(Struct, frozen=True, kw_only=True):
    """How many forms of a log and year are now in a state and of a grade, "" for none."""

    log_id: str
    fiscal_year: int
    status: Status
    grade: str
    forms: int


class Grades(Struct, frozen=True, kw_only=True):
    """The forms of a year by grade ("" for none) and by state; ``log_id`` and ``position`` are None
    where several logs are counted together.
    """

    log_id: str | None
    position: int | None
    count: int
    by_grade: dict[str, int]
    by_status: dict[Status, int]


class Distribution(Struct, frozen=True, kw_only=True):
    """等级分布 of a year in each log, and in all together."""

    fiscal_year: int
    together: Grades
    logs: tuple[Grades, ...]


form_tally = table_of(
    FormTally,
    "standing_form_tally",
    key=("log_id", "fiscal_year", "status", "grade"),
    indexes=(("fiscal_year",),),
)
# What stands now, with all that is counted: the rows of the past are not looked at.
_NOW = forms.c.known_to == literal_column(str(OPEN_END))
Index(
    "standing_forms_now",
    *(
        forms.c[name]
        for name in (
            "log_id",
            "fiscal_year",
            "status",
            "finalised_grade",
            "grade_declared",
            "grade_computed",
        )
    ),
    sqlite_where=_NOW,
    postgresql_where=_NOW,
)


def _forms() -> Select[str, int, Status, str, int]:
    keys = (forms.c.log_id, forms.c.fiscal_year, forms.c.status, GRADE)
    return select(*keys, func.count()).where(_NOW).group_by(*keys)


FORMS = Tally(form_tally, _forms(), forms)


def distribution(
    connection: Connection, at: Positions, fiscal_year: int, *, now: bool
) -> Distribution:
    """How the forms of a year are graded in each log of ``at``; ``now`` where these are the
    positions that the views have reached.
    """
    counted = _now(connection, at, fiscal_year) if now else _then(connection, at, fiscal_year)
    return Distribution(
        fiscal_year=fiscal_year,
        together=_grades(None, None, sum(counted.values(), Counter())),
        logs=tuple(
            _grades(log_id, position, counted.get(log_id, Counter()))
            for log_id, position in sorted(at.items())
        ),
    )


_Counted = Mapping[str, Counter[tuple[Status, str]]]


def _now(connection: Connection, at: Positions, fiscal_year: int) -> _Counted:
    found: dict[str, Counter[tuple[Status, str]]] = {}
    query = select(form_tally).where(form_tally.c.fiscal_year == fiscal_year)
    if len(at) == 1:
        query = query.where(form_tally.c.log_id.in_(at))
    for one in connection.execute(query):
        if one.log_id in at:
            found.setdefault(one.log_id, Counter())[one.status, one.grade] = one.forms
    return found


def _then(connection: Connection, at: Positions, fiscal_year: int) -> _Counted:
    found: dict[str, Counter[tuple[Status, str]]] = {}
    if at:
        for log_id, stood in forms_by_log(connection, at, fiscal_year).items():
            counts = found.setdefault(log_id, Counter())
            for one, forms_of_it in stood.items():
                counts[one.status, one.grade] += forms_of_it
    return found


def _grades(
    log_id: str | None, position: int | None, counted: Mapping[tuple[Status, str], int]
) -> Grades:
    by_grade: Counter[str] = Counter()
    by_status: Counter[Status] = Counter()
    for (status, grade), count in counted.items():
        by_grade[grade] += count
        by_status[status] += count
    return Grades(
        log_id=log_id,
        position=position,
        count=sum(counted.values()),
        by_grade=best_first(by_grade),
        by_status={status: by_status[status] for status in Status if by_status[status]},
    )
