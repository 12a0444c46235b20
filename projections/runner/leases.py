"""Who follows which log: one owner each, so that processes share the work instead of doubling it.

A lease spares work and guarantees nothing: that every fact counts once is the position's, which is
compared and set. So a lease needs no clocks that agree. An owner raises a number, its beat; whoever
has seen the same beat for long enough, by a clock of its own, takes the lease over.
"""

import threading
import time
from collections.abc import Callable
from uuid import uuid4

import structlog
from msgspec import Struct
from sqlalchemy import BigInteger, Column, Connection, Table, Text, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from projections.tables import METADATA
from projections.tracking import PROJECTION, Database

log = structlog.get_logger(__name__)

BEAT_SECONDS = 2.0
"""How often an owner shows that it lives."""
STALE_SECONDS = 10.0
"""For how long a beat must stand still before another takes the lease: longer than an owner may
have to wait for the views while another process writes them."""

lease_table = Table(
    "projection_leases",
    METADATA,
    Column("log_id", Text, primary_key=True),
    Column("projection", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("beat", BigInteger, nullable=False),
)
_c = lease_table.c
_ours = _c.projection == PROJECTION


class Lease(Struct, frozen=True):
    """Who follows a log, and a number that the owner raises while it lives."""

    owner: str
    beat: int


class _Seen(Struct):
    """A lease of somebody else, and since when it has stood like that."""

    lease: Lease
    since: float


class Leases:
    """The leases of one process; safe for many threads. ``close`` gives them back."""

    def __init__(
        self,
        database: Database,
        *,
        beat: float = BEAT_SECONDS,
        stale: float = STALE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """No lease yet. ``beat`` and ``stale`` are seconds of ``clock``, which is asked here only
        how long something took.
        """
        self.owner = uuid4().hex
        self.lives: Callable[[], bool] = lambda: True
        """Asked before each beat: who hangs must not be taken for somebody who follows."""
        self._database = database
        self._beat_seconds = beat
        self._stale_seconds = stale
        self._clock = clock
        self._guard = threading.RLock()
        self._mine: set[str] = set()
        self._seen: dict[str, _Seen] = {}
        self._looked_at = float("-inf")
        self._heart: threading.Thread | None = None
        self._ended = threading.Event()

    def take(self, log_id: str) -> bool:
        """Whether this process owns a log from now on: it did, nobody does, or the owner is dead."""
        with self._guard:
            if log_id in self._mine:
                return True
            self._look(log_id)
            if log_id in self._mine:
                self._live()
                return True
            seen = self._seen.get(log_id)
            stale = seen is not None and self._clock() - seen.since >= self._stale_seconds
            if seen is not None and not stale:
                return False
            with self._database.transaction() as connection:
                taken = _take(connection, log_id, self.owner, None if seen is None else seen.lease)
            if not taken:
                self._looked_at = float("-inf")
                return False
            if seen is not None:
                log.info("lease_taken_over", log_id=log_id, owner=seen.lease.owner)
            self._mine.add(log_id)
            self._seen.pop(log_id, None)
            self._live()
            return True

    def beat(self) -> None:
        """Show that this process lives; leases that others have taken are known to be lost then."""
        with self._guard:
            before = set(self._mine)
        with self._database.transaction() as connection:
            kept = connection.scalars(
                update(lease_table)
                .where(_ours, _c.owner == self.owner)
                .values(beat=_c.beat + 1)
                .returning(_c.log_id)
            ).all()
        with self._guard:
            # What was taken meanwhile is not among them, and yet not lost.
            self._mine -= before - set(kept)

    def give_back(self) -> None:
        """Own nothing any more, so that others need not wait."""
        self._ended.set()
        heart, self._heart = self._heart, None
        if heart is not None and heart is not threading.current_thread():
            heart.join()
        with self._guard:
            mine, self._mine = self._mine, set()
            if mine:
                with self._database.transaction() as connection:
                    connection.execute(delete(lease_table).where(_ours, _c.owner == self.owner))

    def leave(self, log_id: str) -> None:
        """Own a log no longer: this process cannot move it, and another may."""
        with self._guard:
            self._mine.discard(log_id)
            with self._database.transaction() as connection:
                connection.execute(
                    delete(lease_table).where(_ours, _c.owner == self.owner, _c.log_id == log_id)
                )

    def _look(self, log_id: str) -> None:
        """See who owns what, but not too often: who waits asks for each log again and again."""
        now = self._clock()
        if log_id in self._seen and now - self._looked_at < self._beat_seconds / 2:
            return
        with self._database.read() as connection:
            found = leases_in(connection)
        self._looked_at = self._clock()
        before, self._seen = self._seen, {}
        for one, lease in found.items():
            known = before.get(one)
            moved = known is None or known.lease != lease
            if lease.owner == self.owner:
                self._mine.add(one)
            else:
                self._seen[one] = _Seen(lease, now if moved or known is None else known.since)

    def _live(self) -> None:
        if self._heart is None or not self._heart.is_alive():
            self._ended = threading.Event()
            self._heart = threading.Thread(
                target=self._beat_on, args=(self._ended,), name="leases", daemon=True
            )
            self._heart.start()

    def _beat_on(self, ended: threading.Event) -> None:
        # A thread of its own: a batch may take longer than others wait.
        while not ended.wait(self._beat_seconds):
            if not self.lives():
                continue
            try:
                self.beat()
            except Exception:
                log.exception("lease_beat_failed")


def leases_in(connection: Connection) -> dict[str, Lease]:
    """Who follows each log, as the views say."""
    query = select(_c.log_id, _c.owner, _c.beat).where(_ours)
    return {log_id: Lease(owner, beat) for log_id, owner, beat in connection.execute(query)}


def _take(connection: Connection, log_id: str, owner: str, former: Lease | None) -> bool:
    if former is None:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        row = {"log_id": log_id, "projection": PROJECTION, "owner": owner, "beat": 0}
        opened = insert(lease_table).values(row).on_conflict_do_nothing().returning(_c.owner)
        return connection.execute(opened).first() is not None
    taken_over = connection.execute(
        update(lease_table)
        .where(_ours, _c.log_id == log_id, _c.owner == former.owner, _c.beat == former.beat)
        .values(owner=owner, beat=former.beat + 1)
    )
    return taken_over.rowcount == 1
