"""The event store as the domain needs it: a port, and the shapes that cross it.

One append-only log per jurisdiction. A log has dense positions 1, 2, 3 …; a stream in it has
dense versions 1, 2, 3 …. One append carries facts for several streams, all or nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from domain.facts import Fact
from domain.facts.envelope import Envelope
from domain.problems import kind
from domain.texts import DetachedText

VERSION_MOVED = kind(
    "store.version-moved",
    409,
    zh="{stream} 已有新的事实：预期第 {expected} 版，现为第 {actual} 版",
    en="{stream} has newer facts: expected version {expected}, it is at {actual}",
    do_zh="重新读取后再提交",
    do_en="read it again and submit anew",
)
COMMAND_REUSED = kind(
    "store.command-reused",
    409,
    zh="命令号 {command_id} 已用于另一内容",
    en="the command id {command_id} was used for other content",
    do_zh="换一个命令号；同一命令重试时内容必须相同",
    do_en="use a new command id; a retry must carry the same content",
)


class Recorded(Struct, frozen=True, gc=False):
    """A fact as it lies in the log: where, in what envelope, and the fact itself (upcast)."""

    stream_id: str
    version: int
    position: int
    envelope: Envelope
    fact: Fact
    leaf_hash: bytes = b""


class Document(Protocol):
    """What a fold looks at: a fact in its envelope. ``Recorded`` is one; ``EventStore.history``
    gives others, which hold only what the fold of one kind of stream asks for.
    """

    @property
    def envelope(self) -> Any:  # noqa: ANN401 - an Envelope, or those fields of one that a fold needs
        """Who said it, when, and of which day: as much of it as was asked for."""
        ...

    @property
    def fact(self) -> Fact:
        """What was said."""
        ...


class Repeated(Struct, frozen=True):
    """Facts of a ``kind`` that say the same thing anew: of those whose documents in the shape
    ``alike`` are equal only the newest counts. Where a fact is of the kind ``unless`` all count, for
    it may take the newest back.
    """

    kind: type[Fact]
    alike: type[Struct]
    unless: type[Fact]


class Wanted(Struct, frozen=True):
    """What a fold takes of a stream: documents of the shape ``of``. Facts of the kind ``aside`` come
    apart from the others where the store can, and these without what was ``repeated`` later.
    """

    of: type[Any]
    aside: type[Fact] | None = None
    repeated: Repeated | None = None


class Past(Struct, frozen=True):
    """What is known of a stream at a position: the facts from ``version`` 1 on, between the
    positions ``first`` and ``last``; all 0, and ``recorded_at`` None, for a stream without facts.

    ``documents`` are in order and can be gone through once, and ``versions`` are theirs, or None
    where all facts are among them. ``aside`` are those that were put aside, with their versions, the
    newest first, read as far as somebody goes through them; None where nothing was.
    """

    documents: Iterable[Document]
    versions: Sequence[int] | None = None
    aside: Iterable[tuple[int, Document]] | None = None
    version: int = 0
    first: int = 0
    last: int = 0
    recorded_at: datetime | None = None


class NewFact(Struct, frozen=True):
    """A fact to be appended, in its envelope."""

    envelope: Envelope
    fact: Fact


class StreamChange(Struct, frozen=True):
    """What one append does to one stream. Without facts it only expects the version."""

    stream_id: str
    expected_version: int
    facts: tuple[NewFact, ...] = ()


class FactReceipt(Struct, frozen=True):
    """Where a fact was stored. ``leaf_hash`` is its RFC 6962 leaf, which its holder may keep."""

    stream_id: str
    version: int
    position: int
    leaf_hash: bytes


class Receipt(Struct, frozen=True):
    """What an append gives back, and what the same command gets again when it is retried."""

    log_id: str
    facts: tuple[FactReceipt, ...]

    @property
    def position(self) -> int:
        """The last position of this append; 0 when it stored nothing."""
        return self.facts[-1].position if self.facts else 0


class Altered(Struct, frozen=True, kw_only=True):
    """Stored bytes that are not what was stored, in a stream, in the log, of a command, or of a text
    by its digest (``where``).

    ``what`` is one of:

    - "leaf" (of a fact) or "text" (beside facts): ``stored`` and ``found`` are digests in hex, and
      ``found`` is None where no digest can be made;
    - "fact": there is none at a position;
    - "command": ``stored`` is the command that is remembered for a fact, None where none is, and
      ``found`` the one that the fact says;
    - the name of a column: ``stored`` is what it holds, ``found`` what the fact says. ``found`` is
      None where the column should be empty, or holds what nothing can have stored there; a value
      that is not to be told is named by its kind ("text", "blob", "integer", "real", "null").
    """

    where: str
    what: str
    stored: str | None
    found: str | None
    position: int | None = None


class EventStore(Protocol):
    """The port. Implementations are safe to call from many threads and processes."""

    def receipt_of(self, log_id: str, command_id: str, request: bytes) -> Receipt | None:
        """The receipt of an earlier append of this command, or None.

        ``request`` is the canonical command with its texts in clear. Raises ``Rejected``
        (``store.command-reused``) when the stored request differs; a request whose salt was
        erased by a redaction is not compared.
        """
        ...

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
        """Store all facts of ``changes`` in one transaction, or nothing.

        ``erase`` are digests of texts whose body and salt are deleted, with the request salts of
        the commands that brought them. A command id seen before returns its old receipt. Raises
        ``Rejected``: ``store.version-moved``, ``store.command-reused``.
        """
        ...

    def read(
        self, log_id: str, stream_id: str, *, after: int = 0, upto_position: int | None = None
    ) -> Sequence[Recorded]:
        """The facts of a stream with version > ``after`` in order, as known at a position."""
        ...

    def history(
        self,
        log_id: str,
        stream_id: str,
        of: type[Document],
        *,
        upto_position: int | None = None,
    ) -> Iterable[Document]:
        """The facts of a stream in order, as known at a position, for a fold that looks at each
        once.

        ``of`` is a Struct shaped like a stored document, {"envelope": …, "fact": …}, with only
        the fields that the fold needs; a store that need not decode gives what it has.
        """
        del of
        return self.read(log_id, stream_id, upto_position=upto_position)

    def past(self, log_id: str, streams: Mapping[str, Wanted], position: int) -> Mapping[str, Past]:
        """What is known of some streams at a position, asked for together."""
        return {one: _past(self.read(log_id, one, upto_position=position)) for one in streams}

    def read_log(self, log_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """The next facts of a log with position > ``after``, in order."""
        ...

    def streams(self, log_id: str, prefix: str = "") -> Iterator[str]:
        """The ids of all streams of a log that begin with ``prefix``, sorted."""
        ...

    def logs(self) -> Sequence[str]:
        """The ids of all logs, sorted."""
        ...

    def head(self, log_id: str) -> int:
        """The last position of a log; 0 for an empty or unknown one."""
        ...

    def position_at(self, log_id: str, as_of: datetime) -> int:
        """The last position whose running maximum of recorded_at is not later than ``as_of``."""
        ...

    def positions_at(self, as_of: datetime) -> dict[str, int]:
        """``position_at`` of every log, asked for at once."""
        ...

    def altered(self, log_id: str, upto: int) -> Iterator[Altered]:
        """What of a log, up to a position, was changed where it lies; a store that holds no bytes
        has nothing to say.
        """
        del log_id, upto
        return iter(())

    def text_bodies(self, log_id: str, digests: Sequence[str]) -> dict[str, str]:
        """The bodies of those texts that are (still) there, by digest."""
        ...


def _past(facts: Sequence[Recorded]) -> Past:
    if not facts:
        return Past(())
    last = facts[-1]
    return Past(
        facts,
        version=last.version,
        first=facts[0].position,
        last=last.position,
        recorded_at=last.envelope.recorded_at,
    )
