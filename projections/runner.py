"""Keeps the views up with the logs: reads in batches, folds in memory, writes in one transaction.

1. Read the position of the views and what has stopped.
2. Read the next facts of the log.
3. Advance the unit-years they belong to; collect score changes on the way.
4. Derive the rows of every evaluation that was touched, once.
5. In one transaction: move the position from the one read in step 1, see that nothing was
   released meanwhile, write. A runner that finds the position moved loses and rolls back.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from msgspec import Struct
from sqlalchemy import Connection, select

from domain.ids import UnitYear
from domain.store import EventStore, Recorded
from domain.values import Words
from projections import adjustments, current, deductions, findings, score_history, tracking
from projections.tables import METADATA
from projections.tracking import (
    PROJECTION,
    PROJECTION_VERSION,
    Database,
    Stopped,
    TableTracking,
    Tracking,
    stopped_in,
)
from projections.unit_year import (
    Folds,
    RuleBook,
    UnitYearFold,
    history,
    name_of,
    unit_year_of_stream,
)

log = structlog.get_logger(__name__)

VIEWS = (
    current.evaluations,
    current.lines_table,
    current.figures_table,
    score_history.table,
    deductions.table,
    adjustments.table,
    adjustments.openings,
    findings.table,
    tracking.stopped_table,
)
"""The tables that a rebuild fills from zero."""

_POLL = 0.05
_BACK_OFF = 1.0


class ViewsOutdated(RuntimeError):
    """The stored views are of another version than this program writes; rebuild them."""

    def __init__(self, stored: int) -> None:
        """``stored`` is the version found."""
        self.stored = stored
        self.message = Words(
            f"视图为第 {stored} 版，本程序为第 {PROJECTION_VERSION} 版：请运行 `liuhen rebuild`",
            f"the views are of version {stored}, this program writes {PROJECTION_VERSION}: "
            "run `liuhen rebuild`",
        )
        super().__init__(self.message.en)


class Progress(Struct, frozen=True, kw_only=True):
    """What one step did: ``facts`` applied up to ``position``. ``lost`` to another runner."""

    log_id: str
    position: int
    facts: int
    lost: bool = False


class Lag(Struct, frozen=True, kw_only=True):
    """How far the views are behind a log: in facts, and in seconds since the oldest of them was
    recorded. ``following`` says whether a thread of this process keeps up, ``failure`` what last
    kept it from doing so; ``stopped`` counts the unit-years that stand still.
    """

    projection: str
    log_id: str
    position: int
    head: int
    facts: int
    seconds: float
    stopped: int
    following: bool
    failure: str | None


class _LostRaceError(Exception):
    """Another runner moved the position, or somebody released what had stopped."""


class _Derived(Struct):
    """The rows of a unit and year that a batch touched."""

    changes: list[score_history.ScoreChange]
    current: list[current.Current]
    deductions: dict[str, list[deductions.Deduction]]
    findings: dict[str, list[findings.FindingRow]]
    chains: list[adjustments.AdjustmentRow]
    openings: dict[tuple[str, str], list[adjustments.Opening]]


class _Job:
    """A unit and year in a batch."""

    def __init__(self, fold: UnitYearFold) -> None:
        self.fold = fold
        self.changes: list[score_history.ScoreChange] = []
        self.forms: dict[str, None] = {}
        self.chains: dict[UUID, None] = {}
        self.money = False
        self.stopped: Stopped | None = None
        self.last: Recorded | None = None

    def take(self, recorded: Recorded) -> None:
        self.changes += score_history.advance(self.fold, recorded)
        if recorded.stream_id == self.fold.id.ledger:
            self.money = True
            origin = adjustments.touched(self.fold, recorded)
            if origin is not None:
                self.chains[origin] = None
        else:
            self.forms[recorded.stream_id] = None
        self.last = recorded

    def derive(self) -> _Derived:
        fold = self.fold
        # A form rests on the ledger, so a booking touches every form of the unit.
        forms = [form for form in fold.forms if self.money or form in self.forms]
        return _Derived(
            changes=self.changes,
            current=[one for form in forms if (one := current.derive(fold, form)) is not None],
            deductions={form: deductions.derive(fold, form) for form in forms},
            # Cross-checks look from one form at another.
            findings=findings.derive(fold),
            chains=adjustments.derive(fold, self.chains),
            openings=(
                {(fold.log_id, fold.id.ledger): adjustments.derive_openings(fold)}
                if self.money
                else {}
            ),
        )


class _Batch(Struct):
    """What a batch will write."""

    derived: list[_Derived]
    stopped: list[Stopped]
    folds: list[UnitYearFold]


class Runner:
    """Keeps the views of every log of a store; safe for many threads and processes at once.

    ``database`` holds the views; it may be that of the store. ``batch`` facts are read at once; ``capacity`` facts are kept folded per log.
    """

    def __init__(
        self,
        store: EventStore,
        database: Database,
        *,
        tracking: Tracking | None = None,
        batch: int = 2000,
        capacity: int = 50_000,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """A runner that has done nothing yet; ``prepare`` comes first."""
        self._store = store
        self._database = database
        self._tracking = tracking or TableTracking()
        self._batch = batch
        self._capacity = capacity
        self._now = now
        self._moved = threading.Condition()
        self._positions: dict[str, int] = {}
        self._folds: dict[str, Folds] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._hinted = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure: str | None = None

    # ------------------------------------------------------------------------------- set-up

    def prepare(self) -> None:
        """Make the tables where there are none. Raises ``ViewsOutdated`` for other ones."""
        with self._database.transaction() as connection:
            METADATA.create_all(connection)
            stored = tracking.stored_version(connection)
            if stored is None:
                tracking.store_version(connection)
        if stored not in {None, PROJECTION_VERSION}:
            raise ViewsOutdated(stored or 0)

    # ---------------------------------------------------------------------------- keeping up

    def catch_up(self, log_id: str | None = None) -> dict[str, int]:
        """Apply everything that lies in one log, or in all; returns the position of each."""
        logs = self._store.logs() if log_id is None else [log_id]
        reached = {}
        for one in logs:
            while True:
                progress = self.step(one)
                if not progress.facts and not progress.lost:
                    break
            reached[one] = progress.position
        return reached

    def step(self, log_id: str) -> Progress:
        """Apply the next batch of a log, or nothing when there is none or the race is lost."""
        with self._lock_of(log_id):
            with self._database.read() as connection:
                position = self._tracking.position(connection, PROJECTION, log_id)
                stopped = {one.unit_year for one in stopped_in(connection, log_id)}
            facts = self._store.read_log(log_id, after=position, limit=self._batch)
            if not facts:
                self._reached(log_id, position)
                return Progress(log_id=log_id, position=position, facts=0)
            folds = self._folds_of(log_id)
            folds.at(position)
            last = facts[-1].position
            try:
                batch = self._fold(folds, facts, stopped)
                self._commit(log_id, batch, stopped, expected=position, position=last)
            except _LostRaceError:
                folds.forget()
                return Progress(log_id=log_id, position=position, facts=0, lost=True)
            except BaseException:
                # Folds that were advanced beyond what is written must not serve again.
                folds.forget()
                raise
            folds.keep(batch.folds, last)
            self._reached(log_id, last)
            log.debug("views_moved", log_id=log_id, position=last, facts=len(facts))
            return Progress(log_id=log_id, position=last, facts=len(facts))

    def _fold(self, folds: Folds, facts: Sequence[Recorded], stopped: set[str]) -> _Batch:
        jobs: dict[UnitYear, _Job] = {}
        for recorded in facts:
            unit_year = unit_year_of_stream(recorded.stream_id)
            if unit_year is None or unit_year.prefix in stopped:
                continue  # rule sets, years and accounts answer none of these questions
            job = jobs.get(unit_year)
            if job is None:
                job = jobs[unit_year] = _Job(folds.take(unit_year))
            if job.stopped is None:
                self._take(job, recorded)
        derived = [one for job in jobs.values() if (one := self._derive(job)) is not None]
        halted = [job.stopped for job in jobs.values() if job.stopped is not None]
        kept = [job.fold for job in jobs.values() if job.stopped is None]
        return _Batch(derived, halted, kept)

    def _take(self, job: _Job, recorded: Recorded) -> None:
        try:
            job.take(recorded)
        except Exception as error:  # noqa: BLE001 - whatever it is, only this unit stops
            job.stopped = self._stop(job.fold, recorded, error)
            # The failed fact may have been applied by half: fold again, up to the one before.
            job.fold = self._refold(job.fold, recorded.position - 1)

    def _refold(self, fold: UnitYearFold, position: int) -> UnitYearFold:
        again = UnitYearFold(fold.log_id, fold.id, fold.book)
        for recorded in history(self._store, fold.log_id, fold.id, position):
            again.advance(recorded)
        return again

    def _derive(self, job: _Job) -> _Derived | None:
        if job.last is None:
            return None
        try:
            return job.derive()
        except Exception as error:  # noqa: BLE001 - as above
            job.stopped = job.stopped or self._stop(job.fold, job.last, error)
            return None

    def _stop(self, fold: UnitYearFold, recorded: Recorded, error: Exception) -> Stopped:
        log.error(
            "views_stopped",
            exc_info=error,
            log_id=fold.log_id,
            stream_id=recorded.stream_id,
            position=recorded.position,
        )
        return Stopped(
            log_id=fold.log_id,
            unit_year=fold.id.prefix,
            position=recorded.position,
            event_id=recorded.envelope.event_id,
            stream_id=recorded.stream_id,
            version=recorded.version,
            type=name_of(recorded.fact),
            recorded_at=recorded.envelope.recorded_at,
            error=f"{type(error).__name__}: {error}",
        )

    def _commit(
        self, log_id: str, batch: _Batch, stopped: set[str], *, expected: int, position: int
    ) -> None:
        with self._database.transaction() as connection:
            moved = self._tracking.advance(connection, PROJECTION, log_id, expected, position)
            if not moved:
                raise _LostRaceError
            stored = tracking.stored_version(connection)
            if stored not in {None, PROJECTION_VERSION}:
                raise ViewsOutdated(stored or 0)
            # What was released since has facts in this batch that were left out.
            now_stopped = stopped_in(connection, log_id, lock=True)
            if {one.unit_year for one in now_stopped} != stopped:
                raise _LostRaceError
            _write(connection, log_id, batch.derived)
            tracking.stop(connection, batch.stopped)

    # ------------------------------------------------------------------------------ waiting

    def wait(self, log_id: str, position: int, timeout: float) -> bool:
        """Whether the views have reached ``position`` of a log within ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        self.hint()
        while True:
            with self._moved:
                if self._positions.get(log_id, 0) >= position:
                    return True
                remaining = deadline - time.monotonic()
                if remaining > 0:
                    self._moved.wait(min(remaining, _POLL))
                if self._positions.get(log_id, 0) >= position:
                    return True
            # Another process may have moved them.
            with self._database.read() as connection:
                self._reached(log_id, self._tracking.position(connection, PROJECTION, log_id))
            if remaining <= 0:
                return self._positions.get(log_id, 0) >= position

    def hint(self) -> None:
        """Say that something was appended: the following thread looks at once."""
        with self._moved:
            self._hinted = True
            self._moved.notify_all()

    def start(self) -> None:
        """Follow all logs in a thread of this process until ``stop``."""
        if self._thread is None or not self._thread.is_alive():
            self._stopping.clear()
            self._thread = threading.Thread(target=self._follow, name="views", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the following thread, after the batch it is at."""
        with self._moved:
            self._stopping.set()
            self._moved.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _follow(self) -> None:
        while not self._stopping.is_set():
            pause = _POLL
            with self._moved:
                self._hinted = False
            try:
                # One batch of each log in turn, so that a long log does not hold up the others.
                moved = [self.step(log_id) for log_id in self._store.logs()]
                self._failure = None
                if any(one.facts or one.lost for one in moved):
                    continue
            except Exception as error:
                self._failure = f"{type(error).__name__}: {error}"
                log.exception("views_failed")
                pause = _BACK_OFF
            with self._moved:
                if not self._hinted and not self._stopping.is_set():
                    self._moved.wait(pause)

    # ------------------------------------------------------------------------------- health

    @property
    def failure(self) -> str | None:
        """What last kept the following thread from keeping up; None while it does."""
        return self._failure

    def lag(self) -> list[Lag]:
        """How far the views are behind each log."""
        following = self._thread is not None and self._thread.is_alive()
        return [self._lag_of(log_id, following=following) for log_id in self._store.logs()]

    def _lag_of(self, log_id: str, *, following: bool) -> Lag:
        with self._database.read() as connection:
            position = self._tracking.position(connection, PROJECTION, log_id)
            stopped = len(stopped_in(connection, log_id))
        head = self._store.head(log_id)
        seconds = 0.0
        if head > position:
            oldest = self._store.read_log(log_id, after=position, limit=1)[0]
            seconds = max(0.0, (self._now() - oldest.envelope.recorded_at).total_seconds())
        return Lag(
            projection=PROJECTION,
            log_id=log_id,
            position=position,
            head=head,
            facts=max(0, head - position),
            seconds=seconds,
            stopped=stopped,
            following=following,
            failure=self._failure,
        )

    def position(self, log_id: str) -> int:
        """The position of a log that the views have reached."""
        with self._database.read() as connection:
            return self._tracking.position(connection, PROJECTION, log_id)

    def stopped(self) -> list[Stopped]:
        """The unit-years that stand still, each with the fact and the error."""
        with self._database.read() as connection:
            return stopped_in(connection)

    def release(self, log_id: str, unit_year: UnitYear) -> bool:
        """Try a stopped unit and year again, from its first fact; True when it moves again.

        False when it had not stopped, or stops again.
        """
        with self._lock_of(log_id), self._database.transaction() as connection:
            # First the row, then the position: a runner that commits in between waits for us or
            # we for it.
            if not tracking.release(connection, log_id, unit_year):
                return False
            position = self._tracking.position(connection, PROJECTION, log_id)
            job = self._whole(log_id, unit_year, position)
            derived = self._derive(job)
            if derived is not None:
                _forget_unit_year(connection, log_id, job.fold)
                _write(connection, log_id, [derived])
            if job.stopped is not None:
                tracking.stop(connection, [job.stopped])
            self._folds_of(log_id).forget()
            return job.stopped is None

    def _whole(self, log_id: str, unit_year: UnitYear, position: int) -> _Job:
        job = _Job(UnitYearFold(log_id, unit_year, RuleBook(self._store, log_id)))
        for recorded in history(self._store, log_id, unit_year, position):
            self._take(job, recorded)
            if job.stopped is not None:
                break
        return job

    # ------------------------------------------------------------------------------ rebuild

    def rebuild(self) -> dict[str, int]:
        """Fill all views from zero; returns the position of each log.

        Mends views of another version. Nothing is lost when it is cut short: what is missing is
        caught up from where it ended.
        """
        with self._database.transaction() as connection:
            # Tables of another version may have other columns: they go, and come back as they are
            # today. The positions go with them, so that no runner writes on top of the old ones.
            METADATA.drop_all(connection, tables=VIEWS)
            METADATA.create_all(connection)
            for log_id in self._store.logs():
                self._tracking.reset(connection, PROJECTION, log_id)
            tracking.store_version(connection)
        for log_id in self._store.logs():
            self._folds_of(log_id).at(-1)
        return self.catch_up()

    # ------------------------------------------------------------------------------- inside

    def _lock_of(self, log_id: str) -> threading.Lock:
        with self._moved:
            return self._locks.setdefault(log_id, threading.Lock())

    def _folds_of(self, log_id: str) -> Folds:
        with self._moved:
            folds = self._folds.get(log_id)
            if folds is None:
                folds = self._folds[log_id] = Folds(self._store, log_id, self._capacity)
            return folds

    def _reached(self, log_id: str, position: int) -> None:
        with self._moved:
            self._positions[log_id] = position
            self._moved.notify_all()


def _write(connection: Connection, log_id: str, derived: Iterable[_Derived]) -> None:
    together = list(derived)
    score_history.apply(connection, [row for one in together for row in one.changes])
    current.apply(connection, [row for one in together for row in one.current])
    deductions.apply(
        connection,
        log_id,
        {form: rows for one in together for form, rows in one.deductions.items()},
    )
    findings.apply(
        connection, log_id, {form: rows for one in together for form, rows in one.findings.items()}
    )
    adjustments.apply(
        connection,
        [row for one in together for row in one.chains],
        {ledger: rows for one in together for ledger, rows in one.openings.items()},
    )


def _forget_unit_year(connection: Connection, log_id: str, fold: UnitYearFold) -> None:
    score_history.rewrite(connection, log_id, fold.forms, ())
    adjustments.rewrite(connection, log_id, fold.id.ledger, ())


def contents(connection: Connection) -> Mapping[str, list[tuple[Any, ...]]]:
    """Every row of every view, in the order of its key, for comparing two sets of views."""
    return {
        view.name: [
            tuple(row) for row in connection.execute(select(view).order_by(*view.primary_key))
        ]
        for view in VIEWS
    }
