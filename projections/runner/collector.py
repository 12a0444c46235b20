"""The collector of cycles rests while a large batch is in memory.

A batch holds the facts and rows of thousands of forms until it is written. They hold no cycles and
all go together, but the collector, which counts what is made, would look through all of them again
and again: an eighth of the work. What is kept of a batch it would look through once more afterwards;
it is put with what was looked through already.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_guard = threading.Lock()
_resting = 0
_was_enabled = False


@contextmanager
def resting_collector() -> Iterator[None]:
    """Meanwhile no cycles are collected, in no thread of the process. May be nested, and entered by
    several threads at once: the last to leave lets the collector work again, if it did before.
    """
    global _resting, _was_enabled  # noqa: PLW0603 - there is one collector
    with _guard:
        if not _resting:
            _was_enabled = gc.isenabled()
            gc.disable()
        _resting += 1
    try:
        yield
    finally:
        with _guard:
            _resting -= 1
            if not _resting and _was_enabled:
                _count_as_old()
                gc.enable()


def _count_as_old() -> None:
    """Put everything among what has outlived many collections, without a look at it."""
    is_frozen = gc.get_freeze_count() > 0
    gc.freeze()
    if not is_frozen:  # whoever has frozen what is loaded lets go of both
        gc.unfreeze()
