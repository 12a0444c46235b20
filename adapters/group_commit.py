"""Group commit: threads that write at the same time share one transaction and one sync.

The first thread that finds nobody writing leads: it commits the items of those who wait, and hands
the lead to the first of those who came meanwhile. A thread that is alone does its own work
without a change of threads.

A group is half of those who write: while it is being committed, the other half prepares what comes
next. If all went together, all would prepare together afterwards, and nobody commit. For the same
reason who has an answer is woken only by the next leader, when that is about to commit: threads
take turns at the interpreter, and the commit would wait for all of them.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar, cast

LARGEST_GROUP = 256
"""Items in one transaction at most, so that the first of them is not kept waiting."""

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")


class _Ticket(Generic[_Item, _Answer]):
    """An item in the queue, and what became of it."""

    __slots__ = ("answer", "answered", "error", "item", "leads", "wake")

    def __init__(self, item: _Item) -> None:
        self.item = item
        self.answer: _Answer | None = None
        self.answered = False
        self.error: Exception | None = None
        self.leads = False
        self.wake = Lock()
        self.wake.acquire()


class GroupCommit(Generic[_Item, _Answer]):
    """Hands items of many threads to one ``commit`` at a time; safe to call from all of them."""

    def __init__(
        self,
        commit: Callable[[Sequence[_Item]], Sequence[_Answer]],
        is_shared: Callable[[Exception], bool],
    ) -> None:
        """``commit`` stores its items in one transaction, and answers for each of them.

        An exception that ``is_shared`` is that of every item: the database is not to be had. With any
        other, one item has spoilt the transaction for the others, and each is committed alone.
        """
        self._commit = commit
        self._is_shared = is_shared
        self._state = Lock()
        self._led = False
        self._queue: deque[_Ticket[_Item, _Answer]] = deque()
        # The last group: how many they were, and who of them is still to be woken. Nobody is when
        # nobody leads.
        self._before = 0
        self._answered: deque[_Ticket[_Item, _Answer]] = deque()

    def run(self, item: _Item) -> _Answer:
        """The answer to ``item``, given only when what it stored is committed. Raises what its
        commit raised: nothing of it is stored then, as far as the database could tell.
        """
        while True:
            with self._state:
                alone = not self._led
                self._led = True
            if alone:
                # The common case, and the short way: no ticket, no queue.
                try:
                    return self._commit([item])[0]
                finally:
                    with self._state:
                        if self._queue or self._answered:
                            self._pass_on()
                        else:
                            self._led = False
            ticket: _Ticket[_Item, _Answer] = _Ticket(item)
            self._enter(ticket)
            if ticket.error is not None:
                # The traceback would hold the ticket, and the ticket the traceback.
                error, ticket.error = ticket.error, None
                raise error
            if ticket.answered:
                return cast("_Answer", ticket.answer)
            # The thread that led was interrupted: once more. What it had committed after all is told
            # by the command's id.

    def _enter(self, ticket: _Ticket[_Item, _Answer]) -> None:
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

    def _leave(self, ticket: _Ticket[_Item, _Answer]) -> None:
        """An interrupted thread takes back its item, and passes on a lead it was just given."""
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
            if self._answered:
                self._wake()

    def _wake(self) -> None:
        while self._answered:
            self._answered.popleft().wake.release()

    def _lead(self, own: _Ticket[_Item, _Answer]) -> None:
        group: list[_Ticket[_Item, _Answer]] = []
        try:
            with self._state:
                queue = self._queue
                half = (len(queue) + self._before + 1) // 2
                while queue and len(group) < min(half, LARGEST_GROUP):
                    group.append(queue.popleft())
                self._before = len(group)
                self._wake()
            self._settle(group)
        finally:
            with self._state:
                # Still there only when an interrupt came before the group was taken.
                if not group and own in self._queue:
                    self._queue.remove(own)
                self._answered += [ticket for ticket in group if ticket is not own]
                self._pass_on()

    def _settle(self, group: Sequence[_Ticket[_Item, _Answer]]) -> None:
        try:
            answers = self._commit([ticket.item for ticket in group])
        except Exception as error:  # noqa: BLE001 - each thread raises it as its own
            if len(group) > 1 and not self._is_shared(error):
                for ticket in group:
                    self._settle([ticket])
                return
            for ticket in group:
                ticket.error = error
        else:
            for ticket, answer in zip(group, answers, strict=True):
                ticket.answer, ticket.answered = answer, True
