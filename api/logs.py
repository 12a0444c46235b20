"""The logs that there are, how far each is, and how far the views have read it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from sqlalchemy import Connection

from domain.problems import Rejected, kind
from domain.store import EventStore
from projections import standing

_BRIEFLY = timedelta(seconds=5)
"""For so long the views may hold nothing of a new log."""
_SOME_LOGS = 8
"""Of all that there are, to say what a log is called."""

VIEWS_NOT_FILLED = kind(
    "views.not-filled",
    503,
    zh="日志 {logs} 有事实而视图中尚无，现在回答会缺漏",
    en="the views hold nothing yet of the facts of {logs}; an answer now would leave them out",
    do_zh="视图正从事实重建，稍后再问；/health 说明进度和障碍",
    do_en="they are being filled from the facts, ask again later; /health tells how far they are, "
    "and what keeps them",
)
LOG_UNKNOWN = kind(
    "log.unknown",
    404,
    zh="没有日志 {log}",
    en="there is no log {log}",
    do_zh="日志以区划代码为名，如 130104；已有：{logs}",
    do_en="a log is named by its division's code, such as 130104; there are: {logs}",
)
BEYOND_LOG = kind(
    "position.beyond-log",
    422,
    zh="日志 {log} 的末条位置是 {head}，还没有位置 {position}",
    en="the last position of the log {log} is {head}; there is no position {position} yet",
    do_zh="写不大于 {head} 的位置；要看现状，写 now 或不写",
    do_en="give a position up to {head}; for the present give now, or nothing",
)


class Logs:
    """What is asked about logs before anything is asked of the views. Safe for many threads."""

    def __init__(
        self,
        store: EventStore,
        reading: Callable[[], AbstractContextManager[Connection]],
        clock: Callable[[], datetime],
    ) -> None:
        """The logs of ``store``, with its views as ``reading`` gives them."""
        self._store = store
        self._reading = reading
        self._clock = clock
        self._filled: set[str] = set()

    def positions(
        self, connection: Connection, as_of: datetime | None, log_id: str | None = None
    ) -> dict[str, int]:
        """The position of each log, or of one, at a moment, as far as the views have come; None
        for now. Raises ``Rejected`` (``log.unknown``).
        """
        if log_id is not None:
            self.require(log_id)
        known = self._store.logs()
        reached = standing.reached(connection, known if log_id is None else [log_id])
        if as_of is None:
            return reached
        if log_id is not None:
            return {log_id: min(self._store.position_at(log_id, as_of), reached[log_id])}
        then = self._store.positions_at(as_of)
        return {log: min(then.get(log, 0), position) for log, position in reached.items()}

    def require(self, log_id: str, place: str = "log") -> None:
        """Raises ``Rejected`` (``log.unknown``) at ``place`` for a log that there is not."""
        known = self._store.logs()
        if log_id not in known:
            some = "、".join(known[:_SOME_LOGS]) + ("…" if len(known) > _SOME_LOGS else "")
            raise Rejected([LOG_UNKNOWN.at(place, log=log_id, logs=some or "—")])

    def require_position(self, log_id: str, position: int, place: str) -> None:
        """Raises ``Rejected`` (``position.beyond-log``) at ``place`` for a position that a log has
        not come to.
        """
        head = self._store.head(log_id)
        if position > head:
            raise Rejected([BEYOND_LOG.at(place, log=log_id, position=position, head=head)])

    def require_filled(self) -> None:
        """Raises ``Rejected`` (``views.not-filled``) while the views hold nothing of a log that has
        had facts for a while: what they do not hold is no finding.
        """
        new = [one for one in self._store.logs() if one not in self._filled]
        if not new:
            return
        with self._reading() as connection:
            reached = standing.reached(connection, new)
        self._filled.update(one for one in new if reached[one])
        since = self._clock() - _BRIEFLY
        waiting = [
            one
            for one in new
            if not reached[one]
            and self._store.read_log(one, limit=1)[0].envelope.recorded_at < since
        ]
        if waiting:
            raise Rejected([VIEWS_NOT_FILLED.at(logs="、".join(waiting))])

    def position_at(self, log_id: str, as_of: datetime | None) -> int | None:
        """The position of a log that was known at a moment; None for now."""
        return None if as_of is None else self._store.position_at(log_id, as_of)
