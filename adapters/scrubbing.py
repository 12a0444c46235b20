"""What SQLite leaves of deleted rows in a write-ahead log, and how that goes away.

Pages from before a deletion lie in the log until it is emptied, and a reader of an older state holds
that up. Nobody is made to wait for such a reader: it is tried again after later commits.
"""

import sqlite3
import time

_AGAIN_SECONDS = 1.0


class Scrubbing:
    """Empties the write-ahead log of one file. Not safe for many threads at once."""

    def __init__(self, busy_timeout: str) -> None:
        """``busy_timeout`` is the connection's own, as a pragma has it."""
        self._busy_timeout = busy_timeout
        # A process that died between a deletion and this has left it to whoever comes next.
        self.is_due = True
        """Whether something deleted may still lie in the log."""
        self._next = 0.0

    def demand(self, cursor: sqlite3.Cursor) -> None:
        """Something was deleted for good: empty the log now, or as soon as its readers allow."""
        self.is_due, self._next = True, 0.0
        self.attend(cursor)

    def attend(self, cursor: sqlite3.Cursor) -> None:
        """Empty the log if that is due. To be called after commits, outside any transaction."""
        if not self.is_due or time.monotonic() < self._next:
            return
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            held_up, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self.is_due = bool(held_up)
        except sqlite3.OperationalError:
            pass  # another process writes; still due
        finally:
            cursor.execute(f"PRAGMA {self._busy_timeout}")
        self._next = time.monotonic() + _AGAIN_SECONDS
