"""The two clocks as people write them: what was known at a moment, and what counts on a day."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from domain.problems import Problem, Rejected, both, kind
from domain.values import Words

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one time, without summer time since 1991; no database of zones is needed."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].+")

AS_OF_MALFORMED = kind(
    "as-of.malformed",
    422,
    zh="“{text}”不是日期或时间",
    en="{text!r} is neither a date nor a moment",
    do_zh="写作 2025-03-12（当日结束，北京时间）或 2025-03-12T09:30",
    do_en="write 2025-03-12 (the end of that day in Shanghai) or 2025-03-12T09:30",
)
EFFECTIVE_ON_MALFORMED = kind(
    "effective-on.malformed",
    422,
    zh="“{text}”不是日期",
    en="{text!r} is no date",
    do_zh="写作 2024-12-31：只计入业务日期不晚于这一天的台账分录",
    do_en="write 2024-12-31: only entries of the ledger dated until that day then count",
)
EFFECTIVE_ON_MEANINGLESS = kind(
    "effective-on.no-meaning",
    422,
    zh="{what}不按业务日期计：它们是何时录入的，只有 as_of（当时已知）可问",
    en="{what} do not count by business date: they were recorded when they were; ask with as_of",
    do_zh="去掉 effective_on，或改用 as_of{instead}",
    do_en="leave out effective_on, or give as_of{instead}",
)
ESTIMATED_INSTEAD = Words(
    "；要看某一业务日期的得分和等级，逐份推算：liuhen year 年度 --estimate --effective-on 日期，"
    "或 /api/years/年度/estimates",
    "; for points and grades of a business date, have each evaluation estimated: liuhen year YEAR "
    "--estimate --effective-on DATE, or /api/years/YEAR/estimates",
)
"""What to ask instead of a distribution of grades on a business date."""


def no_business_date(place: str, what: Words, instead: Words | None = None) -> Problem:
    """What is asked has no business date; ``instead`` says what can be asked of one."""
    nothing = Words("", "")
    return EFFECTIVE_ON_MEANINGLESS.at(place, what=what, instead=instead or nothing)


def moment_of(text: str, place: str = "as_of") -> datetime:
    """``as_of``: a date is the end of that day, a date-time without offset is Asia/Shanghai.

    A moment to come is allowed: until then, as far as anything is known. Raises ``Rejected``
    (``as-of.malformed``) at ``place``, as whoever asks spells it.
    """
    text = text.strip()
    try:
        if is_day(text):
            moment = datetime.combine(date.fromisoformat(text), time.max, SHANGHAI)
        # Other ways to write a day (20250312, 2025-W11-3) would be read as its beginning.
        elif _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text)
        else:
            raise Rejected([AS_OF_MALFORMED.at(place, text=text)])
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=SHANGHAI)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Rejected([AS_OF_MALFORMED.at(place, text=text)]) from None


def is_day(text: str) -> bool:
    """Whether ``text`` is written like a date, without a time of day."""
    return _DAY.fullmatch(text.strip()) is not None


def business_day(text: str, place: str = "effective_on") -> date:
    """``effective_on``: the last day that counts. Raises ``Rejected`` (``effective-on.malformed``)."""
    try:
        if is_day(text):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise Rejected([EFFECTIVE_ON_MALFORMED.at(place, text=text)])


def clocks(as_of: str | None, effective_on: str | None) -> tuple[datetime | None, date | None]:
    """What was known, and what counts; None for now and for any day. Raises ``Rejected`` with the
    problems of both: ``as-of.malformed``, ``effective-on.malformed``.
    """
    return both(
        lambda: None if as_of is None else moment_of(as_of),
        lambda: None if effective_on is None else business_day(effective_on),
    )
