"""The database as the rest of the program meets it: read, write, wait for news, close."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Condition
from typing import TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError

from adapters.dialects import BUSY_TIMEOUT_SECONDS, Backend, backend_of
from adapters.group_commit import GroupCommit
from domain.problems import Rejected, kind

BUSY = kind(
    "store.busy",
    503,
    zh="数据库被其他写入占用，等待 {seconds} 秒未果",
    en="another writer has held the database for {seconds} seconds",
    do_zh="稍后用同一命令号重试",
    do_en="try again later with the same command id",
)
_T = TypeVar("_T")


class News:
    """Wakes threads of this process that wait for commits. A hint only: other processes commit
    too, so whoever waits looks again at intervals.
    """

    def __init__(self) -> None:
        """No news yet."""
        self._changed = Condition()
        self._count = 0

    @property
    def count(self) -> int:
        """Commits announced so far; take it before you look at the database."""
        return self._count

    def announce(self) -> None:
        """Something was committed."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def wait(self, seen: int, timeout: float) -> None:
        """Return when more than ``seen`` commits were announced, or after ``timeout`` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._count != seen, timeout)


class Database:
    """One database: connections that read, and one line of writers. Safe for many threads."""

    def __init__(self, url: URL) -> None:
        """The database at ``url``; connects when first used. Raises ``ValueError`` for a kind of
        database that is not supported.
        """
        self.backend: Backend = backend_of(url)
        self.news = News()
        self._engines = self.backend.engines(url)
        self._writers = GroupCommit(self._engines.writing)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that cannot write, on one state of the database until it is given back."""
        with self._engines.reading.connect() as connection, connection.begin():
            yield connection

    def write(self, job: Callable[[Connection], _T]) -> _T:
        """Run ``job`` in a writing transaction, which it may share with jobs of other threads,
        and return its result when it is committed.

        ``job`` may run a second time if its transaction was undone. Raises what ``job`` raises,
        after undoing what it did; ``Rejected`` (``store.busy``).
        """
        with self._busy_is_rejected():
            result = self._writers.run(job)
        self.news.announce()
        return result

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A writing transaction of its own, for long work such as a batch of a projection.

        Appends wait meanwhile. Raises ``Rejected`` (``store.busy``).
        """
        with self._busy_is_rejected(), self._writers.transaction() as connection:
            yield connection
        self.news.announce()

    def scrub(self) -> None:
        """Drop the remains of erased rows in files beside the tables, as far as readers allow."""
        with self._writers.outside() as connection:
            self.backend.scrub(connection)

    def wait_for_news(self, *, seen: int, until: float, interval: float) -> None:
        """Sleep until ``news.count`` passes ``seen``, at most ``interval`` seconds and not beyond
        ``until`` (a ``time.monotonic`` value).
        """
        self.news.wait(seen, min(interval, max(0.0, until - time.monotonic())))

    def close(self) -> None:
        """Close all connections. The database opens anew when it is used again."""
        self._writers.close()
        self._engines.writing.dispose()
        self._engines.reading.dispose()

    def _busy_is_rejected(self) -> AbstractContextManager[None]:
        return _busy_is_rejected(self.backend)


@contextmanager
def _busy_is_rejected(backend: Backend) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, backend.driver_error) as error:
        if backend.is_busy(error):
            raise Rejected([BUSY.at(seconds=BUSY_TIMEOUT_SECONDS)]) from error
        raise
