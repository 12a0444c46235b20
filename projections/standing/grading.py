"""等级分布: how many forms are in each state and of each grade, over as many logs as are asked for."""

from collections.abc import Mapping

from msgspec import Struct
from sqlalchemy import (
    Connection,
    Index,
    Select,
    Text,
    bindparam,
    func,
    literal_column,
    select,
)

from domain.evaluation.state import Status
from domain.scoring.grades import best_first
from projections.standing.answers import Positions
from projections.standing.counting import GRADE, forms_by_log
from projections.standing.positions import YEAR
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


_IN_LOGS = select(
    form_tally.c.log_id, form_tally.c.status, form_tally.c.grade, form_tally.c.forms
).where(form_tally.c.fiscal_year == YEAR)
_IN_ONE_LOG = _IN_LOGS.where(form_tally.c.log_id == bindparam("of_log", type_=Text))

_Counted = dict[tuple[Status, str], int]


def distribution(
    connection: Connection, at: Positions, fiscal_year: int, *, now: bool
) -> Distribution:
    """How the forms of a year are graded in each log of ``at``; ``now`` where these are the
    positions that the views have reached.
    """
    counted = _now(connection, at, fiscal_year) if now else _then(connection, at, fiscal_year)
    together: _Counted = {}
    for counts in counted.values():
        for key, count in counts.items():
            together[key] = together.get(key, 0) + count
    return Distribution(
        fiscal_year=fiscal_year,
        together=_grades(None, None, together),
        logs=tuple(
            _grades(log_id, position, counted.get(log_id, {}))
            for log_id, position in sorted(at.items())
        ),
    )


def _now(connection: Connection, at: Positions, fiscal_year: int) -> Mapping[str, _Counted]:
    found: dict[str, _Counted] = {log_id: {} for log_id in at}
    values: dict[str, object] = {"of_year": fiscal_year}
    if len(at) == 1:
        [values["of_log"]] = at
    query = _IN_LOGS if len(at) != 1 else _IN_ONE_LOG
    for log_id, status, grade, forms_of_it in connection.execute(query, values):
        if log_id in found:
            found[log_id][status, grade] = forms_of_it
    return found


def _then(connection: Connection, at: Positions, fiscal_year: int) -> Mapping[str, _Counted]:
    found: dict[str, _Counted] = {}
    if at:
        for log_id, stood in forms_by_log(connection, at, fiscal_year).items():
            counts = found.setdefault(log_id, {})
            for one, forms_of_it in stood.items():
                key = one.status, one.grade
                counts[key] = counts.get(key, 0) + forms_of_it
    return found


def _grades(log_id: str | None, position: int | None, counted: _Counted) -> Grades:
    by_grade: dict[str, int] = {}
    by_status: dict[Status, int] = {}
    for (status, grade), count in counted.items():
        by_grade[grade] = by_grade.get(grade, 0) + count
        by_status[status] = by_status.get(status, 0) + count
    return Grades(
        log_id=log_id,
        position=position,
        count=sum(counted.values()),
        by_grade=best_first(by_grade),
        by_status=dict(sorted(by_status.items(), key=_in_order)),
    )


_ORDER = {status: nth for nth, status in enumerate(Status)}


def _in_order(counted: tuple[Status, int]) -> int:
    return _ORDER[counted[0]]
