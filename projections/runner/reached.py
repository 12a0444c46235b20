"""How far the views have come, for whoever waits to see what was just stored."""

import threading
import time
from collections.abc import Callable

from projections.runner.following import POLL_SECONDS


class Reached:
    """The positions that this process knows to be reached. They only wake and spare questions:
    other processes move the views too.
    """

    def __init__(self) -> None:
        """Nothing reached yet."""
        self._moved = threading.Condition()
        self._positions: dict[str, int] = {}

    def note(self, log_id: str, position: int) -> None:
        """The views of a log are at ``position``."""
        with self._moved:
            self._positions[log_id] = position
            self._moved.notify_all()

    def wait(
        self, log_id: str, position: int, timeout: float, *, look: Callable[[str], int]
    ) -> bool:
        """Whether ``position`` is reached within ``timeout`` seconds; ``look`` asks the database."""
        deadline = time.monotonic() + timeout
        while True:
            remaining = deadline - time.monotonic()
            with self._moved:
                if self._positions.get(log_id, 0) < position and remaining > 0:
                    self._moved.wait(min(remaining, POLL_SECONDS))
                if self._positions.get(log_id, 0) >= position:
                    return True
            self.note(log_id, look(log_id))
            if remaining <= 0:
                return self._positions.get(log_id, 0) >= position
