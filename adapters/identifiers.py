"""Identifiers, salts and pauses, made at the edge and handed to the domain."""

import os
import random
import time
from threading import Lock
from uuid import UUID

from uuid_utils.compat import uuid7

SALT_BYTES = 16

_lock = Lock()
_last = UUID(int=0)


def new_event_id() -> UUID:
    """A UUIDv7, later than every other that this process has made, whatever its clock does."""
    global _last  # noqa: PLW0603 - the one thing that all callers in the process share
    with _lock:
        fresh = uuid7()
        # Within a millisecond the rest is chance, and a clock may be set back.
        _last = fresh if fresh > _last else UUID(int=_last.int + 1)
        return _last


def new_salt() -> bytes:
    """16 random bytes from the operating system."""
    return os.urandom(SALT_BYTES)


def pause(lost: int) -> None:
    """Wait before a race lost to another writer is run again: a random time, longer the more were
    lost, so that writers on one stream do not keep meeting.
    """
    time.sleep(random.uniform(0, min(0.05, 0.001 * 2**lost)))  # noqa: S311 - spreading, no secret
