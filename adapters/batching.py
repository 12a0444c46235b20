"""A log for one writer of long histories: its streams in memory, many commands in a transaction.

Made for histories that are written from beginning to end, such as generated ones. Decisions read
the streams from memory, and see facts that are not committed yet; the database still checks every
expected version, command id and position when a batch is committed.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from adapters.event_store import SqlEventStore
from adapters.log import Append, Known, Moved, Outcome, Stored, to_append
from domain.problems import Rejected, kind
from domain.store import (
    VERSION_MOVED,
    EventStore,
    FactReceipt,
    Receipt,
    Recorded,
    StreamChange,
)
from domain.texts import DetachedText

NOT_ALONE = kind(
    "store.not-alone",
    409,
    zh="日志 {log_id} 正被其他写入者写入",
    en="somebody else writes to the log {log_id} as well",
    do_zh="等其他写入结束后再运行一次：已存入的不会重复",
    do_en="run it again when the other is done: what is stored is not stored twice",
)
FACTS_AT_ONCE = 2000
"""How many facts wait for a commit before it is made."""
_PAGE = 5000


class BatchingStore(EventStore):
    """The event store of one log, for its only writer; not for several threads.

    An append is answered before it is committed: only ``flush`` says that it is stored. Whoever is
    cut off gives the same commands again. Facts of commands whose id begins with ``own`` that were
    stored by an earlier run are seen only once their command is given again, so that decisions see
    what they saw then.
    """

    def __init__(self, store: SqlEventStore, log_id: str, *, own: str) -> None:
        """The log ``log_id`` of ``store``; what it holds already is read now."""
        self._store = store
        self._log_id = log_id
        self._streams: dict[str, list[Recorded]] = {}
        self._earlier: dict[str, list[Recorded]] = {}
        self._given: dict[str, Receipt] = {}
        self._waiting: list[tuple[Append, bytes, int]] = []
        self._facts_waiting = 0
        self._head = 0
        self.stored_before = 0
        """How many facts of own commands an earlier run had stored."""
        self._read_all(own)

    @property
    def streams_known(self) -> int:
        """How many streams the log has, those that wait included."""
        return len(self._streams)

    def _read_all(self, own: str) -> None:
        while page := self._store.read_log(self._log_id, after=self._head, limit=_PAGE):
            for recorded in page:
                command_id = recorded.envelope.command_id
                if command_id.startswith(own):
                    self._earlier.setdefault(command_id, []).append(recorded)
                    self.stored_before += 1
                else:
                    self._show(recorded)
            self._head = page[-1].position

    def _show(self, recorded: Recorded) -> None:
        self._streams.setdefault(recorded.stream_id, []).append(recorded)

    def receipt_of(self, log_id: str, command_id: str, request: bytes) -> Receipt | None:
        """See the port. A command of an earlier run is compared with what was stored."""
        given = self._given.get(command_id)
        if given is not None or command_id not in self._earlier:
            return given
        receipt = self._store.receipt_of(log_id, command_id, request)
        for recorded in self._earlier.pop(command_id):
            self._show(recorded)
        return receipt

    def append(
        self,
        log_id: str,
        changes: Sequence[StreamChange],
        *,
        command_id: str,
        request: bytes,
        texts: Sequence[DetachedText] = (),
        erase: Sequence[str] = (),
    ) -> Receipt:
        """See the port; committed with the next ``flush``, which comes by itself now and then."""
        moved = [
            VERSION_MOVED.at(
                change.stream_id,
                stream=change.stream_id,
                expected=change.expected_version,
                actual=self._version(change.stream_id),
            )
            for change in changes
            if self._version(change.stream_id) != change.expected_version
        ]
        if moved:
            raise Rejected(moved)
        append = to_append(
            log_id, changes, command_id=command_id, request=request, texts=texts, erase=erase
        )
        first = self._head + 1
        facts = [fact for change in changes for fact in change.facts]
        for position, (event, new) in enumerate(zip(append.events, facts, strict=True), first):
            self._show(
                Recorded(
                    event.stream_id,
                    event.version,
                    position,
                    new.envelope,
                    new.fact,
                    event.leaf_hash,
                )
            )
        self._head += len(facts)
        self._facts_waiting += len(facts)
        self._waiting.append((append, request, first))
        receipt = _receipt(append, first)
        self._given[command_id] = receipt
        if self._facts_waiting >= FACTS_AT_ONCE:
            self.flush()
        return receipt

    def _version(self, stream_id: str) -> int:
        history = self._streams.get(stream_id)
        return history[-1].version if history else 0

    def flush(self) -> None:
        """Commit what waits, in one transaction. Raises ``Rejected`` (``store.not-alone``)."""
        waiting, self._waiting, self._facts_waiting = self._waiting, [], 0
        if not waiting:
            return
        outcomes = self._store.database.append_all([append for append, _, _ in waiting])
        if any(append.erase for append, _, _ in waiting):
            self._store.database.scrub()
        for (append, request, first), outcome in zip(waiting, outcomes, strict=True):
            if not self._as_given(append, request, first, outcome):
                raise Rejected([NOT_ALONE.at(log_id=self._log_id)])
        self._given.clear()

    def _as_given(self, append: Append, request: bytes, first: int, outcome: Outcome) -> bool:
        """Whether the database did what the writer was told."""
        match outcome:
            case Stored():
                return outcome.first == first
            case Moved():
                return False
            case Known():
                # A batch that was sent again after a lost connection is known as it was given.
                assert append.command is not None  # noqa: S101 - only a command can be known
                stored = self._store.receipt_of(append.log_id, append.command.command_id, request)
                return stored == _receipt(append, first)

    def read(
        self, log_id: str, stream_id: str, *, after: int = 0, upto_position: int | None = None
    ) -> Sequence[Recorded]:
        """See the port; from memory. The whole stream is no copy: it is not to be changed."""
        if log_id != self._log_id:
            return self._store.read(log_id, stream_id, after=after, upto_position=upto_position)
        history = self._streams.get(stream_id, [])
        if not after and upto_position is None:
            return history
        return [
            one for one in history[after:] if upto_position is None or one.position <= upto_position
        ]

    def read_log(self, log_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """See the port; what is committed."""
        return self._store.read_log(log_id, after=after, limit=limit)

    def streams(self, log_id: str, prefix: str = "") -> Iterator[str]:
        """See the port; what is committed."""
        return self._store.streams(log_id, prefix)

    def logs(self) -> Sequence[str]:
        """See the port; what is committed."""
        return self._store.logs()

    def head(self, log_id: str) -> int:
        """See the port; with what waits."""
        return self._head if log_id == self._log_id else self._store.head(log_id)

    def position_at(self, log_id: str, as_of: datetime) -> int:
        """See the port; what is committed."""
        return self._store.position_at(log_id, as_of)

    def positions_at(self, as_of: datetime) -> dict[str, int]:
        """See the port; what is committed."""
        return self._store.positions_at(as_of)

    def text_bodies(self, log_id: str, digests: Sequence[str]) -> dict[str, str]:
        """See the port; what waits is committed first."""
        self.flush()
        return self._store.text_bodies(log_id, digests)


def _receipt(append: Append, first: int) -> Receipt:
    return Receipt(
        append.log_id,
        tuple(
            FactReceipt(event.stream_id, event.version, position, event.leaf_hash)
            for position, event in enumerate(append.events, first)
        ),
    )
