"""The database as the rest of the program meets it: read, append, write, wait for news, close."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Condition
from typing import TypeVar, TypeVarTuple

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError

from adapters import dialects
from adapters.dialects import Backend
from adapters.group_commit import GroupCommit
from adapters.log import Append, Outcome
from domain.problems import Problem, Rejected, kind

BUSY = kind(
    "store.busy",
    503,
    zh="数据库被其他写入占用，等待 {seconds} 秒未果",
    en="another writer has held the database for {seconds} seconds",
    do_zh="稍后用同一命令号重试",
    do_en="try again later with the same command id",
)
UNREACHABLE = kind(
    "store.unreachable",
    503,
    zh="无法连接数据库：{what}",
    en="the database cannot be reached: {what}",
    do_zh="核对 LIUHEN_DATABASE_URL 以及数据库是否在运行；写入请用同一命令号重试",
    do_en="check LIUHEN_DATABASE_URL and that the database is running; retry a command with the "
    "same command id",
)
LOST_SECONDS = 30
"""How long a lost connection is sought again, for questions and for commands."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0
_T = TypeVar("_T")
_Args = TypeVarTuple("_Args")


class News:
    """Wakes threads of this process that wait for commits. A hint only: other processes commit
    too, so whoever waits looks again at intervals.
    """

    def __init__(self) -> None:
        """No news yet."""
        self._changed = Condition()
        self._count = 0
        self._waiting = 0
        self._told: list[Callable[[], None]] = []

    def tell(self, told: Callable[[], None]) -> None:
        """Call ``told``, which must be quick, with every announcement from now on."""
        self._told.append(told)

    @property
    def count(self) -> int:
        """Commits announced so far; take it before you look at the database."""
        return self._count

    def announce(self) -> None:
        """Something was committed."""
        # Two that count at once may count one; whoever waits sees a change all the same. Who begins
        # to wait says so before looking at the count, and here it is the other way round.
        self._count += 1
        if self._waiting:
            with self._changed:
                self._changed.notify_all()
        for told in self._told:
            told()

    def wait(self, seen: int, timeout: float) -> None:
        """Return when more than ``seen`` commits were announced, or after ``timeout`` seconds."""
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: self._count != seen, timeout)
            finally:
                self._waiting -= 1


class Database:
    """One database. Safe for many threads; other processes may use it too."""

    def __init__(self, url: URL) -> None:
        """The database at ``url``; connects when first used. Raises ``ValueError`` for a kind of
        database that is not supported.
        """
        self.news = News()
        self.backend: Backend = _backend_of(url, self.news.announce)
        self._lines: dict[str, GroupCommit[Append, Outcome]] = {}
        self._line_of_all = self._new_line() if self.backend.one_line else None
        # Who has never reached it has a wrong address rather than an outage.
        self._reached = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that cannot write, on one state of the database until it is given back.

        Raises ``Rejected`` (``store.unreachable``) when there is none within ``LOST_SECONDS``.
        """
        with ExitStack() as given_back:
            connection = self.insist(
                lambda: given_back.enter_context(self.backend.reading()), again=True
            )
            with self.named_errors():
                yield connection

    def query(self, question: Callable[[Connection], _T]) -> _T:
        """The answer to ``question``, which reads with one statement, or may see a later state
        with each. It is asked again when the connection is lost. Raises as ``read`` does.
        """

        def ask() -> _T:
            with self.backend.asking() as connection:
                return question(connection)

        return self.insist(ask, again=True)

    def append(self, append: Append) -> Outcome:
        """Store ``append``, or say why not; returned when it is committed.

        May share a transaction with appends of other threads. After a lost connection an append
        with a command is sent again, since its id says whether it was stored. Raises ``Rejected``
        (``store.busy``, ``store.unreachable``) and the driver's errors.
        """
        line = self._lines.get(append.log_id) or self._begun_line(append.log_id)
        outcome = self.insist(line.run, append, again=append.command is not None)
        self.announce()
        return outcome

    def append_all(self, appends: Sequence[Append]) -> Sequence[Outcome]:
        """Store ``appends``, all with a command, of one log in one transaction; an answer for each.

        Raises as ``append`` does, and the driver's ``integrity_error`` for all of them.
        """
        outcomes = self.insist(self.backend.commit, appends)
        self.announce()
        return outcomes

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A writing transaction of its own, for long work such as a batch of a projection.

        On SQLite appends wait meanwhile. Raises ``Rejected`` (``store.busy``).
        """
        with self.named_errors(), self.backend.writing() as connection:
            yield connection
        self._reached = True
        self.announce()

    @contextmanager
    def migration(self) -> Iterator[Connection]:
        """A transaction that may change the tables; those of other processes wait for it."""
        with self.named_errors(), self.backend.migrating() as connection:
            yield connection
        self.backend.close()

    def scrub(self) -> None:
        """Drop the remains of erased rows in files beside the tables, as far as readers allow."""
        self.backend.scrub()

    def announce(self) -> None:
        """Something was committed: wake who waits, in this process and by a hint in others."""
        self.news.announce()
        self.backend.hint()

    def wait_for_news(self, *, seen: int, until: float, interval: float) -> None:
        """Sleep until ``news.count`` passes ``seen``, at most ``interval`` seconds and not beyond
        ``until`` (a ``time.monotonic`` value).
        """
        self.backend.listen()
        self.news.wait(seen, min(interval, max(0.0, until - time.monotonic())))

    def on_news(self, told: Callable[[], None]) -> None:
        """Call ``told``, which must be quick, whenever something was committed, here or by another
        process that gives hints. It may be called for nothing.
        """
        self.news.tell(told)
        self.backend.listen()

    def close(self) -> None:
        """Close all connections. The database opens anew when it is used again."""
        self.backend.close()

    def _begun_line(self, log_id: str) -> GroupCommit[Append, Outcome]:
        """The line of a log; it may have been begun by another thread meanwhile."""
        return self._lines.setdefault(log_id, self._line_of_all or self._new_line())

    def _new_line(self) -> GroupCommit[Append, Outcome]:
        return GroupCommit(self.backend.commit, self._is_of_all)

    def _is_of_all(self, error: Exception) -> bool:
        """Whether an error is that of everybody who writes now."""
        return self.backend.is_busy(error) or self.backend.is_lost(error)

    def insist(self, attempt: Callable[[*_Args], _T], *args: *_Args, again: bool = True) -> _T:
        """What ``attempt`` gives for ``args``; with ``again`` it is tried anew when the connection is
        lost.

        Raises ``Rejected`` (``store.busy``, ``store.unreachable``) and the driver's errors.
        """
        deadline = 0.0
        pause = _FIRST_PAUSE
        while True:
            try:
                found = attempt(*args)
            except (DBAPIError, self.backend.driver_error) as error:
                if self.backend.is_busy(error):
                    raise Rejected([_busy()]) from error
                if not self.backend.is_lost(error):
                    raise
                deadline = deadline or time.monotonic() + LOST_SECONDS
                if not (again and self._reached) or time.monotonic() > deadline:
                    raise Rejected([_unreachable(error)]) from error
            else:
                self._reached = True
                return found
            # Not all at once: who was cut off together would come back together.
            time.sleep(pause * (0.5 + secrets.randbelow(1000) / 1000))
            pause = min(2 * pause, _LONGEST_PAUSE)

    @contextmanager
    def named_errors(self) -> Iterator[None]:
        """Turn what the driver says of busy and unreachable databases into ``Rejected``."""
        try:
            yield
        except (DBAPIError, self.backend.driver_error) as error:
            if self.backend.is_busy(error):
                raise Rejected([_busy()]) from error
            if self.backend.is_lost(error):
                raise Rejected([_unreachable(error)]) from error
            raise


def _busy() -> Problem:
    return BUSY.at(seconds=dialects.BUSY_TIMEOUT_SECONDS)


def _unreachable(error: Exception) -> Problem:
    """With what the driver says of it, which names no password."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    said = str(cause).strip().partition("\n")[0]
    return UNREACHABLE.at(what=said.removeprefix("connection failed: ") or type(cause).__name__)


def _backend_of(url: URL, announce: Callable[[], None]) -> Backend:
    # Imported here, so that a program on SQLite does not load the driver of PostgreSQL.
    if url.get_backend_name() == "sqlite":
        from adapters.sqlite import SqliteBackend  # noqa: PLC0415

        return SqliteBackend(url)
    if url.get_backend_name() == "postgresql":
        from adapters.postgresql import PostgresBackend  # noqa: PLC0415

        return PostgresBackend(url, announce)
    msg = f"there is no store for {url.get_backend_name()}; use sqlite or postgresql"
    raise ValueError(msg)
