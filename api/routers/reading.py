"""What every question over HTTP needs: the program at a moment, waited for, in a language."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request

from api import problems as p
from api.bootstrap import Liuhen
from api.clocks import business_day, moment_of, no_business_date
from api.language import language_of
from api.routers.parameters import note, noted
from api.view import View
from domain.ids import division_of
from domain.problems import Rejected, kind
from domain.values import Words

AFTER_SECONDS = 5.0
"""How long a reader that asked for ``after`` is kept waiting at most."""

AFTER_MALFORMED = kind(
    "request.after",
    422,
    zh="after 须为日志位置（如 52），跨日志的查询写作 日志:位置（如 130104:52）",
    en="after is a position of a log (52); where several logs are read, log:position (130104:52)",
    do_zh="照命令回执里的位置写",
    do_en="take it from the receipt of the command",
)
_POSITION = re.compile(r"[0-9]{1,18}")  # what a column holds


# ---------------------------------------------------------------------------------- dependencies


def liuhen_of(request: Request) -> Liuhen:
    """The program behind the application."""
    liuhen: Liuhen = request.app.state.liuhen
    return liuhen


def wait_for(request: Request, after: str | None) -> None:
    """Wait until the views have reached ``after``. Raises ``Rejected``: ``request.after``,
    ``log.unknown``, ``position.beyond-log``, ``http.projection-behind``.
    """
    if after is None:
        return
    log_id, _, position = after.rpartition(":")
    evaluation = request.path_params.get("id")
    log_id = log_id or (division_of(evaluation) if evaluation else "")
    if not log_id or not _POSITION.fullmatch(position):
        raise Rejected([AFTER_MALFORMED.at("after")])
    liuhen = liuhen_of(request)
    liuhen.logs.require(log_id, "after")
    # No receipt names what was never stored: nobody waits for it.
    liuhen.logs.require_position(log_id, int(position), "after")
    runner = liuhen.runner
    if not runner.wait(log_id, int(position), AFTER_SECONDS):
        raise Rejected(
            [
                p.AFTER_TIMEOUT.at(
                    "after",
                    log=log_id,
                    position=position,
                    reached=runner.position(log_id),
                    seconds=f"{AFTER_SECONDS:g}",
                )
            ]
        )


def _moment(
    as_of: Annotated[
        str | None,
        Query(
            title="当时已知",
            description="日期为当日结束（北京时间）；也可写到时分。不填为现在，今后的时间也是现在。",
            examples=["2025-03-12"],
        ),
    ] = None,
) -> datetime | None:
    return None if as_of is None else noted(lambda: moment_of(as_of))


def _day(
    effective_on: Annotated[
        str | None,
        Query(
            title="计到业务日期",
            description="台账只计入业务日期不晚于这一天的分录，日期不明的另列；得分为推算，不存。",
            examples=["2024-12-31"],
        ),
    ] = None,
) -> tuple[str | None, date | None]:
    if effective_on is None:
        return None, None
    return effective_on, noted(lambda: business_day(effective_on))


Moment = Annotated[datetime | None, Depends(_moment)]
"""The moment that is asked for, None for now. Notes ``as-of.malformed``."""


def _view(
    request: Request,
    moment: Moment,
    day: Annotated[tuple[str | None, date | None], Depends(_day)],
    after: Annotated[
        str | None,
        Query(
            title="等到此位置",
            description="等视图到达日志的这一位置再答，最多 5 秒；跨日志的查询写作 日志:位置。",
            examples=["52"],
        ),
    ] = None,
) -> View:
    noted(liuhen_of(request).logs.require_filled)
    noted(lambda: wait_for(request, after))
    return View(liuhen_of(request), moment, day[1])


def recorded_only(zh: str, en: str, instead: Words | None = None) -> Any:  # noqa: ANN401 - a dependency
    """The dependency of a question about what was recorded when it was. Notes
    ``effective-on.no-meaning`` for any business date; ``instead`` says what can be asked of one.
    """

    def refuse(day: Annotated[tuple[str | None, date | None], Depends(_day)]) -> None:
        if day[0] is not None:
            note(no_business_date("effective_on", Words(zh, en), instead))

    return Depends(refuse)


def _lang(
    request: Request,
    lang: Annotated[
        Literal["zh", "en"] | None,
        Query(title="语言", description="zh 或 en；不填按 Accept-Language。"),
    ] = None,
) -> str:
    return lang or language_of(request)


Reading = Annotated[View, Depends(_view)]
Lang = Annotated[str, Depends(_lang)]
