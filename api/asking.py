"""What may be asked at all: the checks that every door makes before a question is answered.

A filter that nothing can fit, or that names what is not there, would be answered with nothing, and
whoever audits would take that for a finding. So logs, divisions, units and evaluations must exist;
what a row merely holds (a 文号, a person, a project, a row number, the code of a check) is looked
for, and may be found nowhere. ``place`` is what is asked, as the door spells it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from api.bootstrap import Liuhen
from api.clocks import SHANGHAI, is_day, moment_of
from domain.facts.form import Subject
from domain.ids import unit_year_of
from domain.problems import Problem, Rejected, kind
from domain.values import Words, wan
from projections import standing
from projections.adjustments import AdjustmentKind, Direction

MONTH_MALFORMED = kind(
    "filter.no-month",
    422,
    zh="“{text}”不是月份",
    en="{text!r} is no month",
    do_zh="写作 2024-10；日期不明的写 unknown",
    do_en="write 2024-10, or unknown for entries without a date",
)
MOMENT_MALFORMED = kind(
    "filter.no-moment",
    422,
    zh="“{text}”不是日期或时间",
    en="{text!r} is neither a date nor a moment",
    do_zh="写作 2025-03-12 或 2025-03-12T09:30；不带时区的为北京时间",
    do_en="write 2025-03-12 or 2025-03-12T09:30; in Shanghai unless it has an offset",
)
RANGE_EMPTY = kind(
    "filter.empty-range",
    422,
    zh="{low} 大于 {end}（{high}），没有什么能同时符合",
    en="{low} is above {end} ({high}); nothing can fit both",
    do_zh="把两个界限对调，或去掉一个",
    do_en="exchange the two bounds, or leave one out",
)
CONTRADICTION = kind(
    "filter.contradiction",
    422,
    zh="{given} 与 {other} 不符，没有什么能同时符合",
    en="{given} contradicts {other}; nothing can fit both",
    do_zh="去掉其中一个",
    do_en="leave one of them out",
)
GROUPS_ALONE = kind(
    "filter.groups-alone",
    422,
    zh="{given} 不能与 {groups} 同用：分组的合计一次全部列出，不分页，也不写成文件",
    en="{given} does not go with {groups}: sums by group come all at once, neither by page nor as "
    "a file",
    do_zh="去掉其中一个",
    do_en="leave one of them out",
)
UNIT_UNKNOWN = kind(
    "unit.unknown",
    404,
    zh="没有单位“{unit}”{near}",
    en="no unit, or not one alone, is {unit!r}{near}",
    do_zh="写单位编码；命令行也可写名称中能与其他单位区别的字",
    do_en="give the unit's code; on the command line also a part of its name that no other has",
)

_MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")
_SOME = 5


def month_of(text: str, place: str) -> str:
    """A month of business, or ``unknown``. Raises ``Rejected`` (``filter.no-month``)."""
    if text != "unknown" and not _MONTH.fullmatch(text):
        raise Rejected([MONTH_MALFORMED.at(place, text=text)])
    return text


def beginning_of(text: str, place: str) -> datetime:
    """The first moment of a day in Shanghai, or the moment that is given. Raises ``Rejected``
    (``filter.no-moment``).
    """
    return _moved(text, place, _TICK - timedelta(days=1) if is_day(text) else timedelta())


def end_of(text: str, place: str) -> datetime:
    """The first moment after a day in Shanghai, or after the moment that is given. Raises as
    ``beginning_of``.
    """
    return _moved(text, place, _TICK)


def _moved(text: str, place: str, by: timedelta) -> datetime:
    try:
        return moment_of(text) + by
    except (Rejected, OverflowError):
        raise Rejected([MOMENT_MALFORMED.at(place, text=text)]) from None


_TICK = timedelta(microseconds=1)  # what lies between two moments at least


def require_amounts(least: int | None, most: int | None, places: tuple[str, str]) -> None:
    """Raises ``Rejected`` (``filter.empty-range``) when no amount can lie between."""
    if least is not None and most is not None and least > most:
        raise Rejected([_empty(places, _fen(least), _fen(most))])


def require_wan(least: int | None, most: int | None, places: tuple[str, str]) -> None:
    """As ``require_amounts``, told in the 万元 that were typed."""
    if least is not None and most is not None and least > most:
        raise Rejected([_empty(places, f"{wan(least)} 万元", f"{wan(most)} 万元")])


def require_moments(
    since: datetime | None, before: datetime | None, places: tuple[str, str]
) -> None:
    """Raises ``Rejected`` (``filter.empty-range``) when no moment can lie between; the end counts
    out.
    """
    if since is not None and before is not None and since >= before:
        raise Rejected([_empty(places, _local(since), _local(before))])


def _local(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat()


def _fen(amount: int) -> Words:
    return Words(f"{amount} 分（{wan(amount)} 万元）", f"{amount} fen ({wan(amount)} 万元)")


def _empty(places: tuple[str, str], low: str | Words, high: str | Words) -> Problem:
    return RANGE_EMPTY.at(places[0], low=low, end=places[1], high=high)


def require_direction(
    kind: AdjustmentKind | None, direction: Direction | None, places: tuple[str, str]
) -> None:
    """Raises ``Rejected`` (``filter.contradiction``) for a direction that a kind never has: only a
    virement goes either way, or stays within.
    """
    only = _ONLY_DIRECTION.get(kind) if kind else None
    if only is not None and direction not in {None, only}:
        raise Rejected([_contradiction(places, kind, direction)])


def require_subject(line: str | None, subject: Subject | None, places: tuple[str, str]) -> None:
    """Raises ``Rejected`` (``filter.contradiction``) for a line where groups or totals are asked."""
    if line is not None and subject not in {None, Subject.LINE}:
        raise Rejected([_contradiction(places, line, subject)])


def _contradiction(places: tuple[str, str], one: object, other: object) -> Problem:
    return CONTRADICTION.at(places[1], given=f"{places[1]} {other}", other=f"{places[0]} {one}")


_ONLY_DIRECTION = {
    AdjustmentKind.SUPPLEMENTED: Direction.IN,
    AdjustmentKind.REDUCED: Direction.OUT,
    AdjustmentKind.CLAWED_BACK: Direction.OUT,
}


def require_unit(
    liuhen: Liuhen, connection: Connection, unit: str, place: str, log_id: str | None = None
) -> None:
    """Raises ``Rejected`` (``unit.unknown``) for a unit of which nothing is known in ``log_id``;
    in any log where that is none.
    """
    within = log_id if log_id in liuhen.store.logs() else None
    if not standing.has_unit(connection, unit, within):
        names = standing.unit_names(connection, within)
        close = [one for one in names if unit and (unit in one.unit or unit in one.name)]
        raise Rejected([_unknown(unit, place, names, close)])


def unit_named(
    liuhen: Liuhen, connection: Connection, wanted: str, place: str, log_id: str | None = None
) -> str:
    """The code of a unit by its code, or by a part of its name that no other has; in several logs a
    code may be several units. Raises as ``require_unit`` for none, and for several.
    """
    within = log_id if log_id in liuhen.store.logs() else None
    if standing.has_unit(connection, wanted, within):
        return wanted
    names = standing.unit_names(connection, within)
    found = [one for one in names if wanted.strip() and wanted in one.name]
    codes = {one.unit for one in found}
    if len(codes) == 1 and {one.name for one in names if one.unit in codes} == {
        one.name for one in found
    }:
        return codes.pop()
    raise Rejected([_unknown(wanted, place, names, found)])


def _unknown(
    wanted: str, place: str, names: list[standing.UnitName], close: list[standing.UnitName]
) -> Problem:
    some = [f"{one.log_id}/{one.unit} {one.name}" for one in (close or names)[:_SOME]]
    near = (
        Words(f"；是否指 {'、'.join(some)}", f"; did you mean {', '.join(some)}")
        if some
        else Words("", "")
    )
    return UNIT_UNKNOWN.at(place, unit=wanted, near=near)


def require_agreement(
    evaluation: str | None, given: Mapping[str, str | int | None], spelt: Callable[[str], str] = str
) -> None:
    """Raises ``Rejected`` (``filter.contradiction``) for what is ``given`` under "log", "unit",
    "year" or "division" and is not that of the evaluation, nor of the log; ``spelt`` says how the
    door spells a name.
    """
    unit_year = unit_year_of(evaluation) if evaluation else None
    own: dict[str, str | int | None] = {"division": given.get("log")}
    other = f"{spelt('log')} {given.get('log')}"
    if unit_year is not None:
        log, unit, year = unit_year.division, unit_year.unit, unit_year.year
        own = {"log": log, "unit": unit, "year": year, "division": log}
        other = f"{spelt('evaluation')} {evaluation}"
    problems = [
        CONTRADICTION.at(spelt(name), given=f"{spelt(name)} {value}", other=other)
        for name, value in given.items()
        if value is not None and own.get(name) is not None and value != own[name]
    ]
    if problems:
        raise Rejected(problems)
