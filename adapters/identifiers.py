"""Identifiers, salts and pauses, made at the edge and handed to the domain."""

import os
import random
import sys
import time
from threading import Lock
from uuid import UUID

import msgspec
from uuid_utils import uuid7

SALT_BYTES = 16
_SALTS_AT_ONCE = 256

_lock = Lock()
_last = UUID(int=0)
_spare: list[bytes] = []


def _begin_anew() -> None:
    """In a child, which would give out the same salts as its parent; the same ids too, while the
    clock is behind the last one; and never an id where another thread was just making one.
    """
    global _last, _lock  # noqa: PLW0603 - see new_event_id
    _spare.clear()
    _last = UUID(int=0)
    _lock = Lock()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_begin_anew)


def new_event_id() -> UUID:
    """A UUIDv7, later than every other that this process has made, whatever its clock does."""
    global _last  # noqa: PLW0603 - the one thing that all callers in the process share
    with _lock:
        fresh = msgspec.convert(uuid7().bytes, UUID)
        # Within a millisecond the rest is chance, and a clock may be set back.
        _last = fresh if fresh > _last else UUID(int=_last.int + 1)
        return _last


def new_salt() -> bytes:
    """16 random bytes from the operating system, each given out once."""
    while True:
        try:
            return _spare.pop()
        except IndexError:
            # Many at once: whoever asks the system lets every other thread in between.
            chance = os.urandom(SALT_BYTES * _SALTS_AT_ONCE)
            _spare.extend(
                chance[start : start + SALT_BYTES] for start in range(0, len(chance), SALT_BYTES)
            )


def pause(lost: int) -> None:
    """Wait before a race lost to another writer is run again: a random time, longer the more were
    lost, so that writers on one stream do not keep meeting.
    """
    time.sleep(random.uniform(0, min(0.05, 0.001 * 2**lost)))  # noqa: S311 - spreading, no secret
