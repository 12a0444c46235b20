"""Filling a generation of views: what it is, how many fill it together, and how far it is."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from domain.store import EventStore
from projections.runner.following import POLL_SECONDS
from projections.runner.health import Filling
from projections.runner.running import Runner
from projections.tracking import Database


class Generation(Protocol):
    """A set of view tables."""

    @property
    def number(self) -> int:
        """Its number; none is given twice."""
        ...

    @property
    def version(self) -> int:
        """The version of the projections that fills it."""
        ...

    @property
    def began_at(self) -> datetime:
        """When it was begun."""
        ...


class Generations(Database, Protocol):
    """The views that serve, and the generations beside them."""

    @property
    def version(self) -> int:
        """The version of the projections that this program fills."""
        ...

    def serving(self) -> Generation | None:
        """The generation that serves; None before the first."""
        ...

    def filling(self) -> Generation | None:
        """The generation that is being filled, or was left unfinished."""
        ...

    def at(self, number: int) -> Database:
        """One generation, whether it serves or not."""
        ...

    def exist(self, number: int) -> bool:
        """Whether a generation has its tables."""
        ...

    def stand_in(self, make: Callable[[Connection], None]) -> Generation:
        """The generation that serves; made empty where there is none, or where it is lost."""
        ...

    def begin(self, make: Callable[[Connection], None]) -> Generation | None:
        """Begin the next generation, empty; None when somebody else just did."""
        ...

    def switch(self, number: int, *, last: Callable[[], bool]) -> bool:
        """Let a generation serve, after ``last``, during which nobody moves the one that does."""
        ...

    def cancel(self) -> Generation | None:
        """Drop the generation that is being filled."""
        ...


def fill(
    store: EventStore,
    views: Generations,
    runner: Runner,
    *,
    to_heads: bool = False,
    told: Callable[[], None] = lambda: None,
    wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Fill every log of the generation of ``runner`` up to where the views that serve are, or
    ``to_heads`` to its end.

    Many processes may do so at once: each takes a log that nobody has, and fills it to its end.
    ``told`` is called after each batch; the work ends early when nobody has ``wanted`` it.
    """

    def target(log_id: str) -> int:
        if to_heads:
            return store.head(log_id)
        with views.read() as connection:
            return Runner.position_in(connection, log_id)

    def is_filled(log_id: str) -> bool:
        return runner.position(log_id) >= target(log_id)

    missing = True
    while missing and wanted():
        missing = False
        idle = True
        for log_id in store.logs():
            if is_filled(log_id):
                continue
            missing = True
            if runner.leases.take(log_id):
                idle = False
                while wanted() and not is_filled(log_id):
                    runner.step(log_id, up_to=target(log_id))
                    told()
        if missing and idle:
            time.sleep(POLL_SECONDS)


def fill_up(runner: Runner, log_id: str, position: int) -> None:
    """Fill a log up to a position, whoever has its lease."""
    while runner.position(log_id) < position:
        runner.step(log_id, up_to=position)


def being_filled(store: EventStore, views: Generations) -> Filling | None:
    """How far an unfinished generation is; None when there is none."""
    generation = views.filling()
    if generation is None:
        return None
    try:
        facts = (
            _facts_in(store, views.at(generation.number)) if views.exist(generation.number) else 0
        )
    except Exception:
        if is_gone(views, generation.number):
            return None  # Dropped, between two questions.
        raise
    return Filling(
        generation=generation.number,
        version=generation.version,
        began_at=generation.began_at,
        facts=facts,
        total=_facts_in(store, views),
    )


def _facts_in(store: EventStore, views: Database) -> int:
    with views.read() as connection:
        return sum(Runner.position_in(connection, log_id) for log_id in store.logs())


def is_gone(views: Generations, number: int) -> bool:
    """Whether somebody has dropped a generation that was being filled."""
    kept = (views.filling(), views.serving())
    return all(one is None or one.number != number for one in kept)
