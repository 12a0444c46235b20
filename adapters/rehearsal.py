"""A store that reads through to another one and keeps what is appended to itself.

Commands are rehearsed on it: whatever would be rejected is known before anything is stored.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
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


class _Kept(Struct, frozen=True):
    """A command that was carried out here; its request is forgotten with an erased text."""

    request: bytes | None
    receipt: Receipt
    texts: frozenset[str]


class Rehearsal(EventStore):
    """``store`` as it was when each log was first looked at, and what was appended since here.

    ``upto`` maps logs to the position at which they are seen instead; of such a log no earlier
    command is known either. Leaf hashes are over a plain encoding, and never stored.
    """

    def __init__(self, store: EventStore, upto: Mapping[str, int] | None = None) -> None:
        self._store = store
        self._past = frozenset(upto or ())
        self._heads = dict(upto or {})
        self._own: dict[str, list[Recorded]] = {}
        self._done: dict[tuple[str, str], _Kept] = {}
        self._texts: dict[tuple[str, str], str | None] = {}
        self._lock = threading.RLock()

    def appended(self, log_id: str) -> Sequence[Recorded]:
        """What was appended to a log here, in order."""
        return tuple(self._own.get(log_id, ()))

    def _base_head(self, log_id: str) -> int:
        if log_id not in self._heads:
            self._heads[log_id] = self._store.head(log_id)
        return self._heads[log_id]

    def receipt_of(self, log_id: str, command_id: str, request: bytes) -> Receipt | None:
        """As the port says; own appends first."""
        done = self._done.get((log_id, command_id))
        if done is None:
            if log_id in self._past:
                return None
            return self._store.receipt_of(log_id, command_id, request)
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
        """As the port says, kept here."""
        with self._lock:
            known = self.receipt_of(log_id, command_id, request)
            if known is not None:
                return known
            self._expect(log_id, changes)
            receipts = [
                self._keep(log_id, change, index)
                for change in changes
                for index in range(len(change.facts))
            ]
            self._texts.update({(log_id, text.digest): text.body for text in texts})
            self._texts.update({(log_id, digest): None for digest in erase})
            receipt = Receipt(log_id, tuple(receipts))
            self._forget(log_id, frozenset(erase))
            brought = frozenset(text.digest for text in texts)
            digest = hashlib.sha256(request).digest()
            self._done[log_id, command_id] = _Kept(digest, receipt, brought)
            return receipt

    def _forget(self, log_id: str, digests: frozenset[str]) -> None:
        for key, kept in self._done.items():
            if key[0] == log_id and kept.texts & digests:
                self._done[key] = msgspec.structs.replace(kept, request=None)

    def _expect(self, log_id: str, changes: Sequence[StreamChange]) -> None:
        moved = []
        for change in changes:
            history = self.read(log_id, change.stream_id)
            stream, expected = change.stream_id, change.expected_version
            actual = history[-1].version if history else 0
            if actual != expected:
                moved.append(
                    VERSION_MOVED.at(stream, stream=stream, expected=expected, actual=actual)
                )
        if moved:
            raise Rejected(moved)

    def _keep(self, log_id: str, change: StreamChange, index: int) -> FactReceipt:
        own = self._own.setdefault(log_id, [])
        new = change.facts[index]
        version = change.expected_version + index + 1
        recorded = Recorded(
            stream_id=change.stream_id,
            version=version,
            position=self._base_head(log_id) + len(own) + 1,
            envelope=new.envelope,
            fact=new.fact,
            leaf_hash=leaf_hash(
                stream_id=change.stream_id,
                version=version,
                type_=tag_of(type(new.fact)),
                payload=msgspec.json.encode((new.envelope, new.fact)),
            ),
        )
        own.append(recorded)
        return FactReceipt(
            recorded.stream_id, recorded.version, recorded.position, recorded.leaf_hash
        )

    def read(
        self, log_id: str, stream_id: str, *, after: int = 0, upto_position: int | None = None
    ) -> Sequence[Recorded]:
        """As the port says."""
        head = self._base_head(log_id)
        limit = head if upto_position is None else min(head, upto_position)
        base = self._store.read(log_id, stream_id, after=after, upto_position=limit)
        own = [
            recorded
            for recorded in self._own.get(log_id, ())
            if recorded.stream_id == stream_id
            and recorded.version > after
            and (upto_position is None or recorded.position <= upto_position)
        ]
        return [*base, *own]

    def read_log(self, log_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """As the port says."""
        head = self._base_head(log_id)
        base = [
            recorded
            for recorded in (
                self._store.read_log(log_id, after=after, limit=limit) if after < head else ()
            )
            if recorded.position <= head
        ]
        own = [one for one in self._own.get(log_id, ()) if one.position > after]
        return [*base, *own][:limit]

    def streams(self, log_id: str, prefix: str = "") -> Iterator[str]:
        """As the port says. A log that is seen as it was shows streams that began later, empty."""
        own = {
            one.stream_id for one in self._own.get(log_id, ()) if one.stream_id.startswith(prefix)
        }
        return iter(sorted(own | set(self._store.streams(log_id, prefix))))

    def logs(self) -> Sequence[str]:
        """As the port says."""
        return sorted({*self._own, *self._store.logs()})

    def head(self, log_id: str) -> int:
        """As the port says."""
        return self._base_head(log_id) + len(self._own.get(log_id, ()))

    def position_at(self, log_id: str, as_of: datetime) -> int:
        """As the port says."""
        head = self._base_head(log_id)
        position = min(head, self._store.position_at(log_id, as_of))
        if position < head:
            return position
        for recorded in self._own.get(log_id, ()):
            if recorded.envelope.recorded_at > as_of:
                break
            position = recorded.position
        return position

    def positions_at(self, as_of: datetime) -> dict[str, int]:
        """As the port says."""
        return {log_id: self.position_at(log_id, as_of) for log_id in self.logs()}

    def text_bodies(self, log_id: str, digests: Sequence[str]) -> dict[str, str]:
        """As the port says."""
        own = {digest: self._texts.get((log_id, digest), "") for digest in digests}
        base = self._store.text_bodies(
            log_id, [digest for digest in digests if (log_id, digest) not in self._texts]
        )
        kept = {
            digest: body
            for digest, body in own.items()
            if body is not None and (log_id, digest) in self._texts
        }
        return {**base, **kept}
