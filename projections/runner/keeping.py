"""The folds that a runner keeps: of each log, one thread at a time; of all logs, so many facts."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from domain.store import EventStore
from projections.unit_year import Folds


class Keeping:
    """Folds by log. The logs that were used least recently are given up first, so that memory
    stays the same however many logs there are.
    """

    def __init__(self, store: EventStore, capacity: int) -> None:
        """Nothing kept; ``capacity`` facts at most, but for the log in use."""
        self._store = store
        self._capacity = capacity
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._folds: OrderedDict[str, Folds] = OrderedDict()

    @contextmanager
    def of(self, log_id: str) -> Iterator[Folds]:
        """The folds of a log, for one thread until it gives them back."""
        with self._guard:
            lock = self._locks.setdefault(log_id, threading.Lock())
        with lock:
            with self._guard:
                folds = self._folds.pop(log_id, None)
            if folds is None:
                folds = Folds(self._store, log_id, self._capacity)
            try:
                yield folds
            finally:
                with self._guard:
                    self._folds[log_id] = folds
                    self._trim()

    def make_room(self, facts: int) -> None:
        """Give up logs before ``facts`` more are folded, so that theirs and those that come are not
        held at once.
        """
        with self._guard:
            self._trim(facts)

    def _trim(self, wanted: int = 0) -> None:
        # A log in use is not among them.
        size = wanted + sum(folds.size for folds in self._folds.values())
        while size > self._capacity and len(self._folds) > (0 if wanted else 1):
            _, given_up = self._folds.popitem(last=False)
            size -= given_up.size
