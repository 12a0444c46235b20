"""How well the views follow, said honestly: views that nobody moves are not at lag 0."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from domain.store import EventStore
from projections import tracking
from projections.runner.following import Follower
from projections.runner.leases import Lease, leases_in
from projections.tracking import PROJECTION, Database, Stopped, Tracking


class Lag(Struct, frozen=True, kw_only=True):
    """How far the views are behind a log: in facts, and in seconds since the oldest of them was
    recorded.

    ``moved_at`` is when they last moved, by whichever process; ``owner`` is the process that
    follows the log, dead or alive; ``stopped`` counts the unit-years that stand still.
    ``following`` says whether a thread of this process keeps up, ``failure`` what last kept it
    from doing so.
    """

    projection: str
    log_id: str
    position: int
    head: int
    facts: int
    seconds: float
    moved_at: datetime | None
    owner: str | None
    stopped: int
    following: bool
    failure: str | None


class Filling(Struct, frozen=True, kw_only=True):
    """Views that are being filled beside those that serve, or wait to be filled further."""

    generation: int
    version: int
    began_at: datetime
    facts: int
    total: int


class Health(Struct, frozen=True, kw_only=True):
    """The whole runner: its thread, every log, and every unit-year that stands still.

    ``following`` is False when the thread was never started, was stopped, or died; ``failure`` then
    says what it died of. It is None where another process was asked to follow. ``looked_at`` is
    when the thread last had looked at every log: an old moment means that it hangs.
    ``unfollowed`` are the logs that lag while nobody was seen to do anything about it.
    """

    following: bool | None
    looked_at: datetime | None
    failure: str | None
    logs: tuple[Lag, ...]
    stopped: tuple[Stopped, ...]
    unfollowed: tuple[str, ...] = ()
    filling: Filling | None = None

    @property
    def well(self) -> bool:
        """Whether the views follow, all of them, and nothing stands still."""
        failed = self.failure or any(one.failure for one in self.logs)
        follows = self.following is not False and not self.unfollowed
        return follows and not failed and not self.stopped


class Look(Struct, frozen=True):
    """What the views said of a log at a moment, to be compared with a later look."""

    position: int
    lease: Lease | None

    def lives_since(self, earlier: "Look") -> bool:
        """Whether the log has moved, or one owner has shown all the while that it lives."""
        now, then = self.lease, earlier.lease
        if self.position > earlier.position:
            return True
        return (
            now is not None
            and then is not None
            and now.owner == then.owner
            and now.beat > then.beat
        )


def look(database: Database, logs: Sequence[str], kept: Tracking) -> dict[str, Look]:
    """How far each log is, and the beat of who follows it."""
    with database.read() as connection:
        leases = leases_in(connection)
        return {
            one: Look(kept.position(connection, PROJECTION, one), leases.get(one)) for one in logs
        }


def lags(
    store: EventStore, database: Database, kept: Tracking, follower: Follower, now: datetime
) -> list[Lag]:
    """How far the views are behind each log at the moment ``now``."""
    logs = store.logs()
    with database.read() as connection:
        positions = {log_id: kept.position(connection, PROJECTION, log_id) for log_id in logs}
        moved = tracking.progress_of(connection)
        owners = {log_id: lease.owner for log_id, lease in leases_in(connection).items()}
        stopped = Counter(one.log_id for one in tracking.stopped_in(connection))
    found = []
    for log_id, position in positions.items():
        # The head is read after the position: what is appended in between counts as behind.
        head = store.head(log_id)
        since = (
            _waiting_since(store, log_id, position, moved.get(log_id)) if head > position else None
        )
        lag = Lag(
            projection=PROJECTION,
            log_id=log_id,
            position=position,
            head=head,
            facts=max(0, head - position),
            seconds=max(0.0, (now - since).total_seconds()) if since else 0.0,
            moved_at=moved.get(log_id),
            owner=owners.get(log_id),
            stopped=stopped[log_id],
            following=follower.alive,
            failure=follower.failure_of(log_id),
        )
        found.append(lag)
    return found


def _waiting_since(
    store: EventStore, log_id: str, position: int, moved: datetime | None
) -> datetime | None:
    """When the first fact after ``position`` was recorded; where it cannot be read, which is then
    what holds the views up, when they last moved.
    """
    try:
        return store.read_log(log_id, after=position, limit=1)[0].envelope.recorded_at
    except Exception:  # noqa: BLE001 - health must be told, above all when something is broken
        return moved
