"""The replay of a year as command line and HTTP ask for it: which logs, and how a step is told."""

from typing import Any

from api.bootstrap import Liuhen
from domain.problems import Rejected, kind
from domain.values import Words, wan
from projections import replay as r

LOG_UNKNOWN = kind(
    "replay.log-unknown",
    404,
    zh="没有日志 {log}{known}",
    en="there is no log {log}{known}",
    do_zh="日志以区划代码为名，如 130104；不写则为全部",
    do_en="a log is named by its division, as 130104; all of them when left out",
)


def logs_of(liuhen: Liuhen, log_id: str | None) -> dict[str, int]:
    """The logs of a replay with their last positions. Raises ``Rejected``
    (``replay.log-unknown``).
    """
    known = liuhen.store.logs()
    if log_id is not None and log_id not in known:
        some = ", ".join(known[:8])
        raise Rejected(
            [
                LOG_UNKNOWN.at(
                    "log",
                    log=log_id,
                    known=Words(f"；有 {some}", f"; there are {some}") if some else Words("", ""),
                )
            ]
        )
    return r.heads(liuhen.store, log_id)


def told(one: r.Step | r.End) -> dict[str, Any]:
    """A step, or the end, as JSON holds it; amounts in fen, and in 万元 as decimal strings."""
    found: dict[str, Any] = {name: getattr(one, name) for name in one.__struct_fields__}
    if isinstance(one, r.Step):
        found |= {
            "initial": wan(one.initial_fen),
            "adjusted": wan(one.adjusted_fen),
            "spent": wan(one.spent_fen),
        }
    return found
