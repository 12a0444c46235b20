"""The event store in memory: a fake that keeps every promise of the port, for tests."""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from domain.facts import tag_of
from domain.merkle import leaf_hash
from domain.problems import Rejected
from domain.store import (
    COMMAND_REUSED,
    VERSION_MOVED,
    EventStore,
    FactReceipt,
    Receipt,
    Recorded,
    StreamChange,
)
from domain.texts import DetachedText


class _Done(Struct, frozen=True):
    """A command that was stored: the digest of its request (None once erased), its receipt and
    the digests of the texts it brought."""

    request: bytes | None
    receipt: Receipt
    texts: tuple[str, ...]


class MemoryStore(EventStore):
    """Everything in dictionaries, under one lock."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._logs: dict[str, list[Recorded]] = {}
        self._streams: dict[tuple[str, str], list[Recorded]] = {}
        self._commands: dict[tuple[str, str], _Done] = {}
        self._texts: dict[tuple[str, str], str] = {}
        self.fail_after: int | None = None
        """How many appends still succeed before the next one raises ``ConnectionError``; None
        for no such crash."""

    def receipt_of(self, log_id: str, command_id: str, request: bytes) -> Receipt | None:
        with self._lock:
            done = self._commands.get((log_id, command_id))
            if done is None:
                return None
            if done.request is not None and done.request != hashlib.sha256(request).digest():
                raise Rejected([COMMAND_REUSED.at(command_id=command_id)])
            return done.receipt

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
        with self._lock:
            known = self.receipt_of(log_id, command_id, request)
            if known is not None:
                return known
            self._expect(log_id, changes)
            self._crash_when_told_to()
            receipts = [
                self._store(log_id, change, index)
                for change in changes
                for index in range(len(change.facts))
            ]
            receipt = Receipt(log_id, tuple(receipts))
            for text in texts:
                self._texts[log_id, text.digest] = text.body
            self._commands[log_id, command_id] = _Done(
                hashlib.sha256(request).digest(), receipt, tuple(text.digest for text in texts)
            )
            self._erase(log_id, frozenset(erase))
            return receipt

    def _expect(self, log_id: str, changes: Sequence[StreamChange]) -> None:
        moved = [
            VERSION_MOVED.at(
                change.stream_id,
                stream=change.stream_id,
                expected=change.expected_version,
                actual=actual,
            )
            for change in changes
            if (actual := len(self._streams.get((log_id, change.stream_id), ())))
            != change.expected_version
        ]
        if moved:
            raise Rejected(moved)

    def _crash_when_told_to(self) -> None:
        if self.fail_after is None:
            return
        if self.fail_after == 0:
            msg = "the connection is gone"
            raise ConnectionError(msg)
        self.fail_after -= 1

    def _store(self, log_id: str, change: StreamChange, index: int) -> FactReceipt:
        new = change.facts[index]
        log = self._logs.setdefault(log_id, [])
        stream = self._streams.setdefault((log_id, change.stream_id), [])
        version = len(stream) + 1
        digest = leaf_hash(
            stream_id=change.stream_id,
            version=version,
            type_=tag_of(type(new.fact)),
            payload=msgspec.json.encode((new.envelope, new.fact)),
        )
        recorded = Recorded(
            stream_id=change.stream_id,
            version=version,
            position=len(log) + 1,
            envelope=new.envelope,
            fact=new.fact,
            leaf_hash=digest,
        )
        log.append(recorded)
        stream.append(recorded)
        return FactReceipt(change.stream_id, version, recorded.position, digest)

    def _erase(self, log_id: str, digests: frozenset[str]) -> None:
        if not digests:
            return
        for digest in digests:
            self._texts.pop((log_id, digest), None)
        for key, done in self._commands.items():
            if key[0] == log_id and digests & set(done.texts):
                self._commands[key] = msgspec.structs.replace(done, request=None)

    def read(
        self, log_id: str, stream_id: str, *, after: int = 0, upto_position: int | None = None
    ) -> Sequence[Recorded]:
        with self._lock:
            return [
                recorded
                for recorded in self._streams.get((log_id, stream_id), ())[after:]
                if upto_position is None or recorded.position <= upto_position
            ]

    def read_log(self, log_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        with self._lock:
            return self._logs.get(log_id, [])[after : after + limit]

    def streams(self, log_id: str, prefix: str = "") -> Iterator[str]:
        with self._lock:
            return iter(
                sorted(
                    stream_id
                    for log, stream_id in self._streams
                    if log == log_id and stream_id.startswith(prefix)
                )
            )

    def logs(self) -> Sequence[str]:
        with self._lock:
            return sorted(self._logs)

    def head(self, log_id: str) -> int:
        with self._lock:
            return len(self._logs.get(log_id, ()))

    def position_at(self, log_id: str, as_of: datetime) -> int:
        with self._lock:
            position = 0
            for recorded in self._logs.get(log_id, ()):
                if recorded.envelope.recorded_at > as_of:
                    break
                position = recorded.position
            return position

    def positions_at(self, as_of: datetime) -> dict[str, int]:
        return {log_id: self.position_at(log_id, as_of) for log_id in self.logs()}

    def text_bodies(self, log_id: str, digests: Sequence[str]) -> dict[str, str]:
        with self._lock:
            return {
                digest: self._texts[log_id, digest]
                for digest in digests
                if (log_id, digest) in self._texts
            }
