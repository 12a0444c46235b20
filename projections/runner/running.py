"""Keeps the views up with the logs: reads in batches, folds in memory, writes in one transaction.

1. Read the position of the views and what has stopped.
2. Read the next facts of the log, and with them a small rest.
3. Advance the unit-years they belong to; collect score changes on the way.
4. Derive the rows of every evaluation that was touched, once.
5. In one transaction: move the position from the one read in step 1, see that nothing was
   released meanwhile, write. A runner that finds the position moved loses and rolls back.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection

from domain.ids import UnitYear, unit_year_of
from domain.store import EventStore, Recorded
from projections import search, tracking
from projections.runner.batch import Batch, derive, fold_batch, forget, whole, write
from projections.runner.collector import resting_collector
from projections.runner.following import HANG_SECONDS, POLL_SECONDS, Follower, Progress
from projections.runner.health import Health, Lag, lags, look
from projections.runner.keeping import Keeping
from projections.runner.leases import BEAT_SECONDS, Leases
from projections.runner.reached import Reached
from projections.runner.views import make, make_anew
from projections.tracking import (
    PROJECTION,
    Database,
    Stopped,
    TableTracking,
    Tracking,
    stopped_in,
)

log = structlog.get_logger(__name__)

_BATCH = 40_000
"""Facts read at once. An evaluation is derived once in a batch, however many facts touch it, so
that a large batch costs less per fact; a runner that keeps up has a few facts in each."""
_FEW = 2_000
"""As many missing facts are applied by whoever needs them; of more, one process takes care, and the
collector of cycles rests meanwhile."""
_LOOK_SECONDS = 10.0
"""How often the views of a log are looked at though neither it nor this process has moved them:
another may have emptied them."""
_CAPACITY = 50_000
"""Facts kept folded, of all logs together: some 100 MB."""


class _LostRaceError(Exception):
    """Another runner moved the position, or somebody released what had stopped."""


class Runner:
    """Keeps the views of every log of a store; safe for many threads and processes at once.

    ``database`` holds the views; it may be that of the store. ``batch`` facts are read at once;
    ``capacity`` facts are kept folded, of all logs together.
    """

    def __init__(
        self,
        store: EventStore,
        database: Database,
        *,
        tracking: Tracking | None = None,
        batch: int = _BATCH,
        capacity: int = _CAPACITY,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        leases: Leases | None = None,
        hang: float = HANG_SECONDS,
    ) -> None:
        """A runner that has done nothing yet; ``prepare`` comes first. A batch of the following
        thread that takes longer than ``hang`` seconds is said to hang.
        """
        self._store = store
        self._database = database
        self._tracking = tracking or TableTracking()
        self._batch = batch
        self._now = now
        self._reached = Reached()
        self._kept = Keeping(store, capacity)
        self.leases = leases or Leases(database)
        self._wanted: set[str] = set()
        self._quiet: dict[str, tuple[int, float]] = {}
        self._follower = Follower(
            store.logs, self._follow, now, ended=self.leases.give_back, hang=hang
        )
        self.leases.lives = lambda: self._follower.hanging is None

    # ------------------------------------------------------------------------------- set-up

    def prepare(self) -> None:
        """Make the tables where there are none. Raises as the database does, for other ones."""
        self._database.prepare(make)

    # ---------------------------------------------------------------------------- keeping up

    def catch_up(self, log_id: str | None = None) -> dict[str, int]:
        """Apply everything that lies in one log, or in all; returns the position of each."""
        logs = self._store.logs() if log_id is None else [log_id]
        try:
            return {one: self._catch_up(one) for one in logs}
        finally:
            if not self.following:
                self.leases.give_back()

    def _catch_up(self, log_id: str) -> int:
        while True:
            # A few facts are faster applied than another is waited for, who may be dead.
            if self._behind(log_id) > _FEW and not self.leases.take(log_id):
                time.sleep(POLL_SECONDS)
                continue
            progress = self.step(log_id)
            if not progress.facts and not progress.lost:
                return progress.position

    def _behind(self, log_id: str) -> int:
        position = self.position(log_id)
        return self._store.head(log_id) - position

    def step(self, log_id: str, *, up_to: int | None = None) -> Progress:
        """Apply the next batch of a log, or nothing when there is none or the race is lost.

        Nothing beyond the position ``up_to``. Whoever else moves the log, each fact counts once.
        """
        with self._kept.of(log_id) as folds, ExitStack() as meanwhile:
            with self._database.read() as connection:
                position = self._tracking.position(connection, PROJECTION, log_id)
                stopped = {one.unit_year for one in stopped_in(connection, log_id)}
            facts = self._next(log_id, position, up_to)
            if not facts:
                self._reached.note(log_id, position)
                return Progress(log_id=log_id, position=position, facts=0)
            folds.at(position)
            self._kept.make_room(folds.size + len(facts))
            if len(facts) > _FEW:
                meanwhile.enter_context(resting_collector())
            try:
                batch = fold_batch(self._store, folds, facts, stopped)
                del facts  # what was read of the store need not wait for the writing
                self._commit(log_id, batch, stopped, expected=position)
            except _LostRaceError:
                folds.forget()
                return Progress(log_id=log_id, position=position, facts=0, lost=True)
            except BaseException:
                # Folds that were advanced beyond what is written must not serve again.
                folds.forget()
                raise
            if batch.texts.redacted:
                self._database.scrub()
            folds.keep(batch.folds, batch.position)
            self._reached.note(log_id, batch.position)
            log.debug("views_moved", log_id=log_id, position=batch.position, facts=batch.facts)
            return Progress(log_id=log_id, position=batch.position, facts=batch.facts)

    def _next(self, log_id: str, position: int, up_to: int | None) -> Sequence[Recorded]:
        """The facts of the next batch. What is left after it, when that is little, is taken with
        it: a few facts everywhere would have nearly every evaluation derived once more.
        """
        limit = self._batch if up_to is None else min(self._batch, up_to - position)
        if limit <= 0:
            return ()
        facts = self._store.read_log(log_id, after=position, limit=limit)
        if len(facts) < self._batch:
            return facts
        last = facts[-1].position
        head = self._store.head(log_id)
        left = (head if up_to is None else min(head, up_to)) - last
        if not 0 < left <= self._batch // 2:
            return facts
        return [*facts, *self._store.read_log(log_id, after=last, limit=left)]

    def _commit(self, log_id: str, batch: Batch, stopped: set[str], *, expected: int) -> None:
        with self._database.transaction() as connection:
            moved = self._tracking.advance(connection, PROJECTION, log_id, expected, batch.position)
            if not moved:
                raise _LostRaceError
            # What was released since has facts in this batch that were left out.
            now_stopped = stopped_in(connection, log_id, lock=True)
            if {one.unit_year for one in now_stopped} != stopped:
                raise _LostRaceError
            # Nothing is deleted where there is nothing: most of a fresh generation is written so.
            first = expected == 0
            write(connection, log_id, batch.derived, first=first)
            search.apply(connection, log_id, batch.texts, first=first)
            tracking.stop(connection, batch.stopped)
            tracking.note_progress(connection, log_id, self._now())

    def rebuild(self) -> dict[str, int]:
        """Fill the tables at hand from zero; returns the position of each log.

        Questions find them half filled meanwhile: to fill them beside, see ``rebuilding``. Nothing
        is lost when it is cut short: what is missing is caught up from where it ended.
        """
        self.empty()
        return self.catch_up()

    def empty(self) -> None:
        """Make the tables at hand anew, with nothing in them."""
        logs = self._store.logs()
        with self._database.transaction() as connection:
            make_anew(connection)
            # The positions go with the tables, so that no runner writes on top of the old ones.
            for log_id in logs:
                self._tracking.reset(connection, PROJECTION, log_id)
        for log_id in logs:
            with self._kept.of(log_id) as folds:
                folds.at(-1)

    def wait(self, log_id: str, position: int, timeout: float) -> bool:
        """Whether the views have reached ``position`` of a log within ``timeout`` seconds.

        A process that follows does not leave it to the owner of the log: who waits is not made to
        wait for another process to look.
        """
        self._wanted.add(log_id)
        self.hint()
        return self._reached.wait(log_id, position, timeout, look=self.position)

    def position(self, log_id: str) -> int:
        """The position of a log that the views have reached."""
        with self._database.read() as connection:
            return self._tracking.position(connection, PROJECTION, log_id)

    @staticmethod
    def position_in(connection: Connection, log_id: str) -> int:
        """The position of a log in the views that ``connection`` reads."""
        return TableTracking().position(connection, PROJECTION, log_id)

    # ---------------------------------------------------------------------------- following

    def hint(self) -> None:
        """Say that something was appended: the following thread looks at once."""
        self._follower.hint()

    def start(self) -> None:
        """Follow the logs that nobody else follows in a thread of this process until ``stop``."""
        self._follower.start()

    def stop(self) -> None:
        """End the following thread, after the batch it is at, and leave its logs to others."""
        self._follower.stop()
        self.leases.give_back()

    def _follow(self, log_id: str) -> Progress:
        """A step of a log that is this process's own, or that somebody here waits for."""
        wanted = log_id in self._wanted
        self._wanted.discard(log_id)
        if not wanted and not self.leases.take(log_id):
            return Progress(log_id=log_id, position=0, facts=0)
        try:
            if not wanted and self._is_quiet(log_id):
                return Progress(log_id=log_id, position=0, facts=0)
            progress = self.step(log_id)
            if progress.facts or progress.lost:
                self._quiet.pop(log_id, None)
            else:
                self._quiet[log_id] = progress.position, time.monotonic()
        except Exception:
            # Another process, perhaps of a newer program, may be able to; and no beat shall say
            # that somebody follows.
            with suppress(Exception):
                self.leases.leave(log_id)
            raise
        else:
            return progress

    def _is_quiet(self, log_id: str) -> bool:
        """Whether a log ends where its views were found a moment ago: one question, not four."""
        position, looked_at = self._quiet.get(log_id, (-1, 0.0))
        if position < 0 or time.monotonic() - looked_at > _LOOK_SECONDS:
            return False
        return self._store.head(log_id) == position

    # ------------------------------------------------------------------------------- health

    @property
    def following(self) -> bool:
        """Whether a thread of this process follows the logs: it was started and has not died."""
        return self._follower.alive

    @property
    def failure(self) -> str | None:
        """What keeps the following thread from keeping up, or what it died of."""
        return next(iter(self._follower.failures), None)

    def health(self) -> Health:
        """How well the views follow: the thread, every log, and what stands still."""
        return Health(
            following=self.following,
            looked_at=self._follower.looked_at,
            failure=self._follower.failure,
            logs=tuple(self.lag()),
            stopped=tuple(self.stopped()),
        )

    def health_of_others(self, *, watched: float = 2.5 * BEAT_SECONDS) -> Health:
        """How well the views follow, asked by a process that does not follow them.

        Where they lag, they are watched for so many seconds: a log is followed if it moves, or if
        the beat of its owner does. What an owner noted before it died proves nothing.
        """
        lagging = [one.log_id for one in self.lag() if one.facts]
        before = look(self._database, lagging, self._tracking)
        until = time.monotonic() + watched
        still = set(lagging)
        while still and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
            now = look(self._database, lagging, self._tracking)
            still -= {one for one in still if now[one].lives_since(before[one])}
        logs = tuple(self.lag())
        return Health(
            following=None,
            looked_at=None,
            failure=None,
            logs=logs,
            stopped=tuple(self.stopped()),
            unfollowed=tuple(one.log_id for one in logs if one.log_id in still and one.facts),
        )

    def lag(self) -> list[Lag]:
        """How far the views are behind each log."""
        return lags(self._store, self._database, self._tracking, self._follower, self._now())

    # ----------------------------------------------------------------------- what has stopped

    def stopped(self) -> list[Stopped]:
        """The unit-years that stand still, each with the fact and the error."""
        with self._database.read() as connection:
            return stopped_in(connection)

    def release(self, log_id: str, unit_year: UnitYear) -> bool:
        """Try a stopped unit and year again, from its first fact; True when it moves again.

        False when it had not stopped, or stops again.
        """
        with self._kept.of(log_id) as folds, self._database.transaction() as connection:
            # First the row, then the position: a runner that commits in between waits for us or
            # we for it.
            if not tracking.release(connection, log_id, unit_year):
                return False
            position = self._tracking.position(connection, PROJECTION, log_id)
            job = whole(self._store, log_id, unit_year, position)
            derived = derive(job)
            if derived is not None:
                forget(connection, log_id, job.fold)
                write(connection, log_id, [derived])
            if job.stopped is not None:
                tracking.stop(connection, [job.stopped])
            folds.forget()
            return job.stopped is None

    def retry(self) -> list[Stopped]:
        """Try everything that has stopped again; returns what stands still nevertheless."""
        for one in self.stopped():
            unit_year = unit_year_of(f"{one.unit_year}ledger")
            if unit_year is not None:
                self.release(one.log_id, unit_year)
        return self.stopped()
