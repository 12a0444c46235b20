"""Group commit: threads that write at the same time share one transaction and one sync.

The first thread that finds nobody writing leads: it runs the jobs of all who wait, each behind
a savepoint of its own, commits once, and hands the lead to the first of those who came
meanwhile. A thread that is alone does its own work without a change of threads.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Generic, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.engine import Engine

LARGEST_GROUP = 256
"""Jobs in one transaction at most, so that the first of them is not kept waiting."""

_T = TypeVar("_T")
Job = Callable[[Connection], _T]


class _Ticket(Generic[_T]):
    """A job in the queue, and what became of it."""

    __slots__ = ("committed", "error", "job", "leads", "result", "wake")

    def __init__(self, job: Job[_T]) -> None:
        self.job = job
        self.result: _T | None = None
        self.error: Exception | None = None
        self.committed = False
        self.leads = False
        self.wake = Lock()
        self.wake.acquire()


class GroupCommit:
    """Runs jobs in writing transactions; safe to call from many threads."""

    def __init__(self, engine: Engine) -> None:
        """A group commit over one connection of ``engine``, opened when first needed."""
        self._engine = engine
        self._connection: Connection | None = None
        self._writing = Lock()
        self._state = Lock()
        self._led = False
        self._queue: deque[_Ticket[object]] = deque()

    def run(self, job: Job[_T]) -> _T:
        """The result of ``job``, returned only when what it wrote is committed.

        An exception that ``job`` raises undoes this job alone and is raised here. An error of the
        commit is raised for every job of the group: nothing of it is stored.
        """
        while True:
            ticket = _Ticket(job)
            self._enter(cast("_Ticket[object]", ticket))
            if ticket.error is not None:
                # The traceback would hold the ticket, and the ticket the traceback.
                error, ticket.error = ticket.error, None
                raise error
            if ticket.committed:
                return cast("_T", ticket.result)
            # The thread that led was interrupted, and its transaction undone: once more.

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A writing transaction outside any group, for work that lasts longer than an append."""
        with self._writing, self._connected().begin():
            yield self._connected()

    @contextmanager
    def outside(self) -> Iterator[Connection]:
        """The writing connection between transactions, for upkeep."""
        with self._writing:
            yield self._connected()

    def close(self) -> None:
        """Close the connection once the running transaction is over."""
        with self._writing:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _enter(self, ticket: _Ticket[object]) -> None:
        with self._state:
            self._queue.append(ticket)
            leads = not self._led
            self._led = True
        if not leads:
            try:
                ticket.wake.acquire()
            except BaseException:
                self._leave(ticket)
                raise
            leads = ticket.leads
        if leads:
            self._lead(ticket)

    def _leave(self, ticket: _Ticket[object]) -> None:
        """An interrupted thread takes back its job, and passes on a lead it was just given."""
        with self._state:
            if ticket in self._queue:
                self._queue.remove(ticket)
            if ticket.leads:
                self._pass_on()

    def _pass_on(self) -> None:
        if self._queue:
            self._queue[0].leads = True
            self._queue[0].wake.release()
        else:
            self._led = False

    def _lead(self, own: _Ticket[object]) -> None:
        group: list[_Ticket[object]] = []
        try:
            with self._writing:
                with self._state:
                    while self._queue and len(group) < LARGEST_GROUP:
                        group.append(self._queue.popleft())
                self._commit(group)
        finally:
            with self._state:
                # Still there only when an interrupt came before the group was taken.
                if not group and own in self._queue:
                    self._queue.remove(own)
                self._pass_on()
            for ticket in group:
                if ticket is not own:
                    ticket.wake.release()

    def _commit(self, group: list[_Ticket[object]]) -> None:
        try:
            connection = self._connected()
            with connection.begin():
                if len(group) == 1:
                    group[0].result = group[0].job(connection)
                else:
                    _run_each(group, connection)
        except Exception as error:  # noqa: BLE001 - each thread raises it as its own
            for ticket in group:
                ticket.error = ticket.error or error
        else:
            for ticket in group:
                ticket.committed = ticket.error is None

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection


def _run_each(group: list[_Ticket[object]], connection: Connection) -> None:
    cursor = connection.connection.cursor()
    for ticket in group:
        cursor.execute("SAVEPOINT job")
        try:
            ticket.result = ticket.job(connection)
        except Exception as error:  # noqa: BLE001 - it is this job's answer
            ticket.error = error
            # Fails where the database gave up the whole transaction, and with it the group.
            cursor.execute("ROLLBACK TO SAVEPOINT job")
        cursor.execute("RELEASE SAVEPOINT job")
    cursor.close()
