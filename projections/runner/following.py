"""A thread that moves the views of every log as soon as facts arrive."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

import structlog
from msgspec import Struct

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.05
"""How often somebody who waits looks for what other processes have done."""
IDLE_SECONDS = 0.5
"""How often the thread looks when nothing has come for a while. What this process appends, and the
hints of others, wake it at once."""
HANG_SECONDS = 180.0
"""A batch that takes longer hangs: longer than one may have to wait for views that are being written,
and for a database that is away."""
_BACK_OFF = 1.0
_REST = 9
"""How many times as long as it has looked for nothing the thread rests."""


def rest_after(before: float, looked: float) -> float:
    """The seconds that the thread rests when it found nothing, after it rested ``before`` seconds
    and then looked for so many: longer and longer, and never less than most of the time.
    """
    # Looking at many logs takes its time: most of it must be left to others.
    return min(max(2 * before, POLL_SECONDS, _REST * looked), max(IDLE_SECONDS, _REST * looked))


class Progress(Struct, frozen=True, kw_only=True):
    """What one step did: ``facts`` applied up to ``position``. ``lost`` to another runner."""

    log_id: str
    position: int
    facts: int
    lost: bool = False


class Follower:
    """Takes one batch of each log in turn, so that a long log does not hold up the others.

    A log that cannot be moved is tried again after a second, and holds up no other.
    """

    def __init__(
        self,
        logs: Callable[[], Sequence[str]],
        step: Callable[[str], Progress],
        now: Callable[[], datetime],
        *,
        ended: Callable[[], None] = lambda: None,
        hang: float = HANG_SECONDS,
    ) -> None:
        """A follower that is not started, of all ``logs``, each moved by ``step``.

        ``ended`` is called when the thread ends, of whatever cause. A step hangs after ``hang``
        seconds.
        """
        self._ended = ended
        self._hang = hang
        self._at: tuple[str, float] | None = None
        self._logs = logs
        self._step = step
        self._now = now
        self._news = threading.Condition()
        self._hinted = False
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._failure: str | None = None
        self._failures: dict[str, str] = {}
        self.looked_at: datetime | None = None

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def failure(self) -> str | None:
        """What keeps it from all logs, or what it died of; None while it looks at them."""
        return self._failure or self.hanging

    @property
    def hanging(self) -> str | None:
        """Where it has been for longer than a batch may take; None while it gets on."""
        at = self._at
        if at is None or (spent := time.monotonic() - at[1]) <= self._hang:
            return None
        return f"it hangs: a batch of the log {at[0]} has taken {spent:.0f} s and is not done"

    def failure_of(self, log_id: str) -> str | None:
        """What keeps it from moving one log; None while it does."""
        return self.failure or self._failures.get(log_id)

    @property
    def failures(self) -> Sequence[str]:
        """Everything that keeps it from keeping up."""
        return [one for one in (self.failure, *self._failures.values()) if one]

    def hint(self) -> None:
        """Something was appended: look at once."""
        with self._news:
            self._hinted = True
            self._news.notify_all()

    def start(self) -> None:
        """Follow in a thread until ``stop``; a thread that died is replaced."""
        if not self.alive:
            self._stopping = False
            self._thread = threading.Thread(target=self._run, name="views", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread, after the batch it is at."""
        with self._news:
            self._stopping = True
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        try:
            pause = 0.0
            while not self._stopping:
                with self._news:
                    if self._hinted:
                        pause = 0.0  # where something came from there may be more
                    self._hinted = False
                began = time.monotonic()
                busy = self._round()
                spent = time.monotonic() - began
                if busy:
                    # What comes meanwhile shares one batch, and whoever brings it the processor.
                    self._rest(min(spent, POLL_SECONDS))
                    pause = 0.0
                    continue
                pause = min(rest_after(pause, spent), _BACK_OFF)
                with self._news:
                    if not self._hinted and not self._stopping:
                        self._news.wait(_BACK_OFF if self.failures else pause)
        except BaseException as error:
            # Nobody else would ever tell: the thread is gone.
            self._failure = _told(error)
            log.exception("views_died")
        finally:
            self._at = None
            with suppress(Exception):
                self._ended()

    def _rest(self, seconds: float) -> None:
        """Wait, whatever is hinted at, unless the end has come."""
        with self._news:
            self._news.wait_for(lambda: self._stopping, seconds)

    def _round(self) -> bool:
        """Take a batch of every log; True while there is more to do."""
        busy = False
        try:
            logs = self._logs()
        except Exception as error:
            self._failure = _told(error)
            log.exception("views_failed")
            return False
        self._failure = None
        for log_id in logs:
            if self._stopping:
                break
            self._at = log_id, time.monotonic()
            try:
                progress = self._step(log_id)
            except Exception as error:
                self._failures[log_id] = _told(error)
                log.exception("views_failed", log_id=log_id)
            else:
                self._failures.pop(log_id, None)
                busy = busy or progress.lost or progress.facts > 0
        self._at = None
        self.looked_at = self._now()
        return busy


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
