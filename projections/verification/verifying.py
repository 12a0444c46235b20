"""核验 of a year, log by log and unit by unit, so that memory stays flat.

1. Read where the views stand, on one state of the database that is kept to the end of the log.
2. For each unit and year up to there: work every stored score out again with its pinned rules.
3. Fold all its facts from nothing, derive the rows of every view, compare column by column.
4. Compare what is found of the streams of no unit, and look for rows that belong to nothing at all.
5. Look for facts and texts whose bytes are not those that were stored, for texts that are gone
   though no fact redacted them, and for facts that the views have not reached.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from itertools import chain

from domain.ids import UnitYear
from domain.store import EventStore
from projections import tracking
from projections.tracking import PROJECTION, PROJECTION_VERSION, TableTracking
from projections.unit_year import unit_year_of_stream
from projections.verification.rows import (
    Check,
    Discrepancy,
    LogChecked,
    RulesUsed,
    Verification,
)
from projections.verification.scores import Scores
from projections.verification.views import Scratch, Views

Told = Callable[[str, int, int], None]
"""Told how many units of a log are done, of how many."""


def verify(
    store: EventStore,
    database: tracking.Database,
    year: int,
    upto: Mapping[str, int],
    *,
    now: Callable[[], datetime],
    told: Told = lambda _log, _done, _of: None,
) -> Verification:
    """Whether everything stored of a year is what its facts and rules give; ``upto`` names the
    logs, and how far each has to be checked: what the views have not reached of that is a difference.
    A log that the views have read and that holds no fact any more is checked as well.
    """
    began_at = now()
    logs: list[LogChecked] = []
    rules: list[RulesUsed] = []
    found: list[Discrepancy] = []
    for log_id in (*upto, *_emptied(store, database, upto)):
        with database.read() as connection, closing(Scratch()) as scratch:
            position = TableTracking().position(connection, PROJECTION, log_id)
            scores = Scores(store, log_id)
            views = Views(store, connection, scratch, log_id, position)
            units, unread = _unit_years(store, log_id, year)
            found += unread
            for nth, unit_year in enumerate(units, start=1):
                found += _checked(scores, views, unit_year, position)
                told(log_id, nth, len(units))
            found += _readable(views.check_unitless(year), log_id, log_id)
            if not unread:
                found += views.strays(year, units)
            found += views.tallies(year)
            found += _readable(_altered(store, log_id, position), log_id, log_id)
            found += _readable(views.lost_texts(), log_id, log_id)
            if position < (head := upto.get(log_id, 0)):
                found.append(_behind(log_id, position, head))
        logs.append(_log(store, scores, views, len(units)))
        rules += scores.rules.values()
    return Verification(
        year=year,
        began_at=began_at,
        ended_at=now(),
        views_version=PROJECTION_VERSION,
        logs=tuple(logs),
        rules=tuple(sorted(rules, key=lambda one: (one.log_id, one.name, one.version))),
        discrepancies=tuple(found),
    )


def _emptied(store: EventStore, database: tracking.Database, upto: Mapping[str, int]) -> list[str]:
    """The logs whose facts were all cut off, so that the store names them no longer."""
    with database.read() as connection:
        read = tracking.positions(connection)
    return sorted(
        one
        for one, position in read.items()
        if one not in upto and position and not store.head(one)
    )


def _altered(store: EventStore, log_id: str, position: int) -> Iterator[Discrepancy]:
    for one in store.altered(log_id, position):
        yield Discrepancy(
            check=Check.ALTERED,
            log_id=log_id,
            where=one.where,
            what=one.what,
            stored=one.stored,
            recomputed=one.found,
            position=one.position,
        )


def _behind(log_id: str, position: int, head: int) -> Discrepancy:
    return Discrepancy(
        check=Check.BEHIND,
        log_id=log_id,
        where=log_id,
        what="position of the views",
        stored=str(position),
        recomputed=str(head),
        position=position,
    )


def _checked(
    scores: Scores, views: Views, unit_year: UnitYear, position: int
) -> Iterator[Discrepancy]:
    both = chain(scores.check(unit_year, position), views.check(unit_year))
    yield from _readable(both, views.log_id, unit_year.prefix)


def _readable(checks: Iterator[Discrepancy], log_id: str, where: str) -> Iterator[Discrepancy]:
    try:
        yield from checks
    except Exception as error:  # noqa: BLE001 - whatever it is, the rest is checked
        yield _unreadable(error, log_id, where)


def _unreadable(error: Exception, log_id: str, where: str) -> Discrepancy:
    return Discrepancy(
        check=Check.UNREADABLE,
        log_id=log_id,
        where=where,
        what=type(error).__name__,
        stored=str(error) or None,
        recomputed=None,
    )


def _unit_years(
    store: EventStore, log_id: str, year: int
) -> tuple[list[UnitYear], list[Discrepancy]]:
    """The units of a log; none where streams have no names, which is a difference of its own."""
    try:
        named = map(unit_year_of_stream, store.streams(log_id))
        found = dict.fromkeys(one for one in named if one is not None and one.year == year)
    except Exception as error:  # noqa: BLE001 - whatever it is, the bytes are checked
        return [], [_unreadable(error, log_id, log_id)]
    return list(found), []


def _log(store: EventStore, scores: Scores, views: Views, units: int) -> LogChecked:
    return LogChecked(
        log_id=views.log_id,
        head=store.head(views.log_id),
        position=views.position,
        head_leaf=_leaf(store, views.log_id, views.position),
        unit_years=units,
        forms=scores.forms,
        facts=scores.facts,
        scores=scores.scores,
        rows=views.rows,
        figures=views.figures,
    )


def _leaf(store: EventStore, log_id: str, position: int) -> str:
    """The leaf of a fact in hex; blank where there is none, or one that cannot be read."""
    try:
        found = store.read_log(log_id, after=position - 1, limit=1) if position else ()
        return found[0].leaf_hash.hex() if found else ""
    except Exception:  # noqa: BLE001 - it is among the differences already
        return ""
