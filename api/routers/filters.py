"""The parameters that several questions take. Each looks at its own value, and notes what is wrong
with it, whatever becomes of the others. What looks at two takes no third: the framework asks nobody
who takes a parameter that cannot be read.
"""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Path, Query, Request, Response

from api import asking
from api.questions import MOST
from api.routers.parameters import note, noted
from api.routers.reading import liuhen_of
from api.schemas.values import MOST_FEN, Between, Whole
from api.unknown import evaluation_unknown
from domain.facts.envelope import Role
from domain.ids import division_of, unit_year_of
from projections import standing
from projections.tables.paging import key_of

_Year = Annotated[Whole, Between(1900, 2099)]
_Fen = Annotated[Whole, Between(0, MOST_FEN)]
Year = Annotated[_Year | None, Query(title="财政年度")]
FiscalYear = Annotated[_Year, Path(title="财政年度", examples=[2024])]
Limit = Annotated[Whole, Between(1, MOST), Query(title="一页行数")]
Line = Annotated[str | None, Query(title="行号", max_length=200)]
Actor = Annotated[str | None, Query(title="人员编号", max_length=200)]
InRole = Annotated[Role | None, Query(title="身份")]
Document = Annotated[str | None, Query(title="文号", max_length=200)]


# -------------------------------------------------------------------------- what there must be


def _log(
    request: Request,
    log: Annotated[
        str | None, Query(title="日志", description="不填为全部。", examples=["130104"])
    ] = None,
) -> str | None:
    if log is not None:
        noted(lambda: liuhen_of(request).logs.require(log))
    return log


Log = Annotated[str | None, Depends(_log)]
"""One log; all of them when it is left out. Notes ``log.unknown``."""


def _division(
    request: Request,
    division: Annotated[str | None, Query(title="区划", examples=["130104"])] = None,
) -> str | None:
    if division is not None:
        noted(lambda: liuhen_of(request).logs.require(division, "division"))
    return division


Division = Annotated[str | None, Depends(_division)]
"""A division, which names its log. Notes ``log.unknown``."""


def _agreeing(log: Log, division: Division) -> str | None:
    noted(lambda: asking.require_agreement(None, {"log": log, "division": division}))
    return division


DivisionOfLog = Annotated[str | None, Depends(_agreeing)]
"""A division, that of the log where one is given. Notes ``filter.contradiction``."""


def _log_of_path(
    request: Request, log_id: Annotated[str, Path(title="日志", examples=["130104"])]
) -> str:
    noted(lambda: liuhen_of(request).logs.require(log_id, "log_id"))
    return log_id


LogId = Annotated[str, Depends(_log_of_path)]
"""The log in an address. Notes ``log.unknown``."""


def _unit(
    request: Request, log: Log, unit: Annotated[str | None, Query(title="单位编码")] = None
) -> str | None:
    if unit is not None:
        liuhen = liuhen_of(request)
        with liuhen.connection() as connection:
            noted(lambda: asking.require_unit(liuhen, connection, unit, "unit", log))
    return unit


Unit = Annotated[str | None, Depends(_unit)]
"""A unit by its code. Notes ``unit.unknown``: there is none in the log, or in any."""


def _evaluation(
    request: Request, evaluation: Annotated[str | None, Query(title="自评")] = None
) -> str | None:
    if evaluation is not None:
        note_unless_open(request, evaluation, "evaluation")
    return evaluation


Evaluation = Annotated[str | None, Depends(_evaluation)]
"""An evaluation by its id. Notes ``evaluation.unknown``."""


FormPath = Annotated[
    str,
    Path(
        title="自评编号",
        description="区划/单位/年度/department 或 区划/单位/年度/project/项目编码；斜杠可直接写。",
        examples=["410106/xfj/2022/department"],
    ),
]
"""The id of an evaluation in an address, whether there is one or not."""


def _form(request: Request, id: FormPath) -> str:  # noqa: A002 - the name in the address
    note_unless_open(request, id, "id")
    return id


FormId = Annotated[str, Depends(_form)]
"""The evaluation in an address. Notes ``evaluation.unknown``."""


def note_unless_open(request: Request, form: str, place: str) -> None:
    """Notes ``evaluation.unknown`` for a form that was never opened."""
    unit_year = unit_year_of(form)
    with liuhen_of(request).connection() as connection:
        if unit_year is None or not standing.has_form(
            connection, division_of(form), unit_year.year, form
        ):
            note(evaluation_unknown(place, form))


# --------------------------------------------------------------------------- what can be fitted


def _month(
    month: Annotated[
        str | None, Query(title="月份", description="2024-10；unknown 为日期不明的。")
    ] = None,
) -> str | None:
    return None if month is None else noted(lambda: asking.month_of(month, "month"))


Month = Annotated[str | None, Depends(_month)]
"""A month of business. Notes ``filter.no-month``."""


def _amounts(
    least: Annotated[_Fen | None, Query(title="至少（分）")] = None,
    most: Annotated[_Fen | None, Query(title="至多（分）")] = None,
) -> tuple[int | None, int | None]:
    noted(lambda: asking.require_amounts(least, most, ("least", "most")))
    return least, most


Amounts = Annotated[tuple[int | None, int | None], Depends(_amounts)]
"""The least and the most, in fen. Notes ``filter.empty-range``."""


def _since(
    since: Annotated[
        str | None,
        Query(
            title="记录时间起",
            description="含；如 2025-03-01T00:00:00+08:00，不带时区的为北京时间，日期为当日开始。",
        ),
    ] = None,
) -> datetime | None:
    return None if since is None else noted(lambda: asking.beginning_of(since, "since"))


def _before(
    before: Annotated[str | None, Query(title="记录时间止", description="不含；写法相同。")] = None,
) -> datetime | None:
    return None if before is None else noted(lambda: asking.beginning_of(before, "before"))


def _period(
    since: Annotated[datetime | None, Depends(_since)],
    before: Annotated[datetime | None, Depends(_before)],
) -> tuple[datetime | None, datetime | None]:
    noted(lambda: asking.require_moments(since, before, ("since", "before")))
    return since, before


Period = Annotated[tuple[datetime | None, datetime | None], Depends(_period)]
"""From when, and before when, something was recorded. Notes ``filter.no-moment`` and
``filter.empty-range``.
"""


def cursor_of(kind: type[tuple[object, ...]]) -> Any:  # noqa: ANN401 - a dependency
    """The dependency that takes the cursor of a question with keys of ``kind``. Notes
    ``request.cursor``.
    """

    def cursor(
        cursor: Annotated[
            str | None, Query(title="翻页标记", description="上一页的 next；不填从头看。")
        ] = None,
    ) -> str | None:
        if cursor is not None:
            noted(lambda: key_of(cursor, kind))
        return cursor

    return Depends(cursor)


def link_to_next(request: Request, response: Response, after: str | None) -> str | None:
    """Tell where the next page is, in the header Link as well; returns ``after``."""
    if after is not None:
        kept = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
        query = urlencode([*kept, ("cursor", after)])
        response.headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    return after


def _one_log(log: Log, unit: Unit, evaluation: Evaluation) -> str | None:
    """Notes ``filter.contradiction`` for what is not of the evaluation that is asked for; returns
    the log that is meant, None for all.
    """
    noted(lambda: asking.require_agreement(evaluation, {"log": log, "unit": unit}))
    return log or (division_of(evaluation) if evaluation else None)


OneLog = Annotated[str | None, Depends(_one_log)]
"""The log that is asked for, or that of the evaluation that is."""


def _year_of(evaluation: Evaluation, year: Year = None) -> int | None:
    noted(lambda: asking.require_agreement(evaluation, {"year": year}))
    return year


OneYear = Annotated[int | None, Depends(_year_of)]
"""A year, that of the evaluation where one is given. Notes ``filter.contradiction``."""
