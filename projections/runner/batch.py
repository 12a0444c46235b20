"""A batch of facts in memory: folded unit by unit, derived once, and written.

A fact that cannot be applied stops its unit and year, whose rows stay as they were before it, and
no other.
"""

from collections.abc import Iterable

import structlog
from msgspec import Struct
from sqlalchemy import Connection

from domain.ids import UnitYear
from domain.store import EventStore, Recorded
from projections import (
    adjustments,
    current,
    deductions,
    findings,
    score_history,
    search,
    standing,
)
from projections.runner.job import Derived, Job
from projections.tracking import Stopped
from projections.unit_year import (
    Folds,
    RuleBook,
    UnitYearFold,
    history,
    name_of,
    unit_year_of_stream,
)

log = structlog.get_logger(__name__)


class Batch(Struct):
    """What a batch will write, and the folds that it advanced up to ``position``."""

    facts: int
    position: int
    derived: list[Derived]
    stopped: list[Stopped]
    folds: list[UnitYearFold]
    texts: search.Indexed


def fold_batch(
    store: EventStore, folds: Folds, facts: Iterable[Recorded], stopped: set[str]
) -> Batch:
    """Advance the unit-years that ``facts`` belong to, but for those that have ``stopped``, and
    derive the rows of each once.
    """
    learnt = search.Learnt.nothing()
    parts: dict[UnitYear, list[Recorded]] = {}
    by_stream: dict[str, list[Recorded] | None] = {}
    count, position = 0, folds.position
    for recorded in facts:
        count, position = count + 1, recorded.position
        learnt.take(folds.log_id, recorded)  # every stream has texts, and stopped ones too
        stream = recorded.stream_id
        if stream in by_stream:
            part = by_stream[stream]
        else:
            part = by_stream[stream] = _part_of(stream, parts, stopped)
        if part is not None:
            part.append(recorded)
    jobs: list[Job] = []
    derived: list[Derived] = []
    # Unit by unit: in a large county the facts of one lie far apart, and what one is folded to
    # would be out of the processor's caches whenever its next fact comes.
    for unit_year, part in parts.items():
        job = Job(folds.take(unit_year))
        jobs.append(job)
        for recorded in part:
            _take(store, job, recorded)
            if job.stopped is not None:
                break
        rows = derive(job)
        if rows is not None:
            derived.append(rows)
    halted = [job.stopped for job in jobs if job.stopped is not None]
    kept = [job.fold for job in jobs if job.stopped is None]
    texts = search.prepare(folds.log_id, learnt, store.text_bodies)
    return Batch(count, position, derived, halted, kept, texts)


def _part_of(
    stream: str, parts: dict[UnitYear, list[Recorded]], stopped: set[str]
) -> list[Recorded] | None:
    """Where the facts of a stream are put, with those of its unit and year; None for one that has
    stopped, and for rule sets, years and accounts, which answer none of these questions.
    """
    unit_year = unit_year_of_stream(stream)
    if unit_year is None or (stopped and unit_year.prefix in stopped):
        return None
    return parts.setdefault(unit_year, [])


def _take(store: EventStore, job: Job, recorded: Recorded) -> None:
    try:
        job.take(recorded)
    except Exception as error:  # noqa: BLE001 - whatever it is, only this unit stops
        job.stopped = _stop(job.fold, recorded, error)
        # The failed fact may have been applied by half: fold again, up to the one before.
        again = UnitYearFold(job.fold.log_id, job.fold.id, job.fold.book)
        for one in history(store, again.log_id, again.id, recorded.position - 1):
            again.advance(one)
        job.fold = again


def derive(job: Job) -> Derived | None:
    """The rows of a unit and year as its facts have left it; None when there is nothing to say."""
    if job.last is None:
        return None
    try:
        return job.derive()
    except Exception as error:  # noqa: BLE001 - as above
        job.stopped = job.stopped or _stop(job.fold, job.last, error)
        return None


def _stop(fold: UnitYearFold, recorded: Recorded, error: Exception) -> Stopped:
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


def whole(store: EventStore, log_id: str, unit_year: UnitYear, position: int) -> Job:
    """A unit and year from its first fact up to ``position``, or up to what stops it."""
    job = Job(UnitYearFold(log_id, unit_year, RuleBook(store, log_id)))
    for recorded in history(store, log_id, unit_year, position):
        _take(store, job, recorded)
        if job.stopped is not None:
            break
    return job


def write(
    connection: Connection, log_id: str, derived: Iterable[Derived], *, first: bool = False
) -> None:
    """Write the rows of a batch, table by table; the ``first`` of its log takes the place of none."""
    together = list(derived)
    score_history.apply(connection, [row for one in together for row in one.changes])
    current.apply(connection, [row for one in together for row in one.current], first=first)
    deductions.apply(
        connection,
        log_id,
        {form: rows for one in together for form, rows in one.deductions.items()},
        first=first,
    )
    findings.apply(
        connection, log_id, {form: rows for one in together for form, rows in one.findings.items()}
    )
    adjustments.apply(
        connection,
        [row for one in together for row in one.chains],
        {ledger: rows for one in together for ledger, rows in one.openings.items()},
        first=first,
    )
    standing.apply(connection, [one.standing for one in together])


def forget(connection: Connection, log_id: str, fold: UnitYearFold) -> None:
    """Take the rows away that no later fact replaces: changes of scores, adjustments, and how the
    year stood.
    """
    score_history.rewrite(connection, log_id, fold.forms, ())
    adjustments.rewrite(connection, log_id, fold.ledger_id, ())
    standing.forget(connection, log_id, fold.id.year, fold.ledger_id, fold.forms)
