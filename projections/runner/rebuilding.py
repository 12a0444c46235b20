"""Filling the views anew beside those that serve, comparing both, and switching.

1. Begin the next generation, or go on with the one that is there.
2. Fill it, each log up to where the views that serve are; they are followed meanwhile.
3. Log by log: hold a state of the views that serve, fill up to its position, compare row by row.
4. Fill the rest of each log: what has come since, and all of it where nothing served or nobody
   followed.
5. While nobody moves the views that serve, fill the last facts, and exchange the two.

Until the exchange, which is one transaction of the store, whatever happens leaves the former views
serving, and what was filled can be filled further or dropped.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum

import structlog
from msgspec import Struct

from domain.problems import Rejected, kind
from domain.store import EventStore
from projections.runner.comparing import Difference, in_log, shapes_of, structural
from projections.runner.filling import Generation, Generations, fill, fill_up, is_gone
from projections.runner.following import POLL_SECONDS
from projections.runner.leases import STALE_SECONDS, Leases
from projections.runner.running import Runner
from projections.runner.views import make
from projections.tracking import Database

log = structlog.get_logger(__name__)

REBUILDING = kind(
    "views.being-rebuilt",
    409,
    zh="另一个进程正在重建视图",
    en="another process is rebuilding the views",
    do_zh="等它完成（liuhen health 可看进度），或运行 liuhen rebuild --cancel",
    do_en="wait for it (liuhen health shows how far it is), or run liuhen rebuild --cancel",
)
NOT_SWITCHED = kind(
    "views.not-switched",
    409,
    zh="新视图已被另一个进程放弃，未切换",
    en="another process has dropped the new views; nothing was exchanged",
    do_zh="再运行 liuhen rebuild",
    do_en="run liuhen rebuild again",
)
_WHOLE = "*"
"""What who compares and switches holds the lease of; no log is called so."""
_SHOWN = 20
"""How many differences an outcome holds; all of them go to ``found``."""


class Phase(StrEnum):
    """What a rebuild is at."""

    FILLING = "FILLING"
    COMPARING = "COMPARING"
    SWITCHING = "SWITCHING"
    DONE = "DONE"


class Filled(Struct, frozen=True, kw_only=True):
    """How far a rebuild is: ``facts`` of ``total`` are in the next generation, ``fresh`` of them
    since it went on; ``logs`` were compared of ``of_logs``.
    """

    phase: Phase
    facts: int
    total: int
    fresh: int = 0
    logs: int = 0
    of_logs: int = 0


class Rebuilt(Struct, frozen=True, kw_only=True):
    """What came of a rebuild.

    ``positions`` are those that were compared, by log. ``differences`` counts all; ``shown`` are
    the first of them. ``drift`` says that views of one version differ, which no rebuild explains.
    ``resumed`` says that an unfinished generation was gone on with.
    """

    generation: int
    former: int
    version: int
    former_version: int
    resumed: bool
    switched: bool
    drift: bool
    facts: int
    seconds: float
    differences: int
    shown: tuple[Difference, ...]
    positions: dict[str, int]


class Rebuild:
    """A rebuild of the views of a store, beside those that serve.

    ``workers`` opens what fills a generation, perhaps to the ends of the logs, in processes of its own
    while it is open; without it this process fills. ``report`` is told how far it is, ``found`` every
    difference.
    """

    def __init__(
        self,
        store: EventStore,
        views: Generations,
        *,
        batch: int = 20_000,
        stale: float = STALE_SECONDS,
        workers: Callable[[int, bool], AbstractContextManager[Callable[[], bool]]] | None = None,
        report: Callable[[Filled], None] = lambda _: None,
        found: Callable[[Difference], None] = lambda _: None,
    ) -> None:
        """A rebuild that has not begun. ``workers`` gives what says whether any still works."""
        self._store = store
        self._views = views
        self._batch = batch
        self._stale = stale
        self._workers = workers
        self._report = report
        self._found = found
        self._differences = 0
        self._shown: list[Difference] = []

    def run(self, *, switch: bool = True, accept: bool = False) -> Rebuilt:
        """Fill, compare and, with ``switch``, let the new views serve.

        Views of the version that serves which differ nevertheless have drifted: then they are
        exchanged only when ``accept`` says so. Ending it early leaves what can be gone on with.

        Raises ``Rejected``: ``views.being-rebuilt``; ``views.not-switched`` when somebody drops the
        new views meanwhile.
        """
        views = self._views
        # Where nothing was derived yet, or that is lost, empty views serve until these do.
        former = views.stand_in(make)
        resumed, generation = self._generation()
        try:
            return self._carry_out(
                former, generation, resumed=resumed, switch=switch, accept=accept
            )
        except Exception as error:
            if isinstance(error, Rejected) or not is_gone(views, generation.number):
                raise
            # Whatever it was that failed: its tables were dropped while it worked.
            raise Rejected([NOT_SWITCHED.at()]) from error

    def _carry_out(
        self,
        former: Generation,
        generation: Generation,
        *,
        resumed: bool,
        switch: bool,
        accept: bool,
    ) -> Rebuilt:
        began = time.monotonic()
        database = self._views.at(generation.number)
        runner = Runner(
            self._store, database, batch=self._batch, leases=Leases(database, stale=self._stale)
        )
        try:
            self._keep_others_out(runner)
            before = sum(self._positions(runner).values())
            self._fill(generation.number, runner)
            compared = self._compare(former, runner, database)
            drift = former.version == generation.version and self._differences > 0
            switched = switch and (accept or not drift)
            if switched:
                self._fill(generation.number, runner, to_heads=True)
                self._switch(generation, runner)
            facts = sum(self._positions(runner).values()) - before
        finally:
            runner.leases.give_back()
        log.info("views_rebuilt", generation=generation.number, facts=facts, switched=switched)
        return Rebuilt(
            generation=generation.number,
            former=former.number,
            version=generation.version,
            former_version=former.version,
            resumed=resumed,
            switched=switched,
            drift=drift,
            facts=facts,
            seconds=time.monotonic() - began,
            differences=self._differences,
            shown=tuple(self._shown),
            positions=compared,
        )

    # ------------------------------------------------------------------------------- steps

    def _generation(self) -> tuple[bool, Generation]:
        views = self._views
        there = views.filling()
        if there is not None and there.version == views.version and views.exist(there.number):
            return True, there
        if there is not None:
            views.cancel()  # What another version began, or what is lost, cannot be finished.
        begun = views.begin(make)
        if begun is None:
            raise Rejected([REBUILDING.at()])
        return False, begun

    def _keep_others_out(self, runner: Runner) -> None:
        """Be the one who compares and switches; who was killed while doing so is waited for."""
        until = time.monotonic() + self._stale + 2 * POLL_SECONDS
        while not runner.leases.take(_WHOLE):
            if time.monotonic() > until:
                raise Rejected([REBUILDING.at()])
            time.sleep(POLL_SECONDS)

    def _fill(self, number: int, runner: Runner, *, to_heads: bool = False) -> None:
        """Step 2: every log as far as the views that serve, which move on meanwhile. Step 4: to its
        end.
        """
        first = sum(self._positions(runner).values())

        def tell() -> None:
            self._tell(runner, first, to_heads=to_heads)

        # To begin other programs takes longer than to fill the last few facts.
        if self._workers is not None and self._total(to_heads=to_heads) - first > self._batch:
            with self._workers(number, to_heads) as busy:
                while busy():
                    tell()
                    time.sleep(4 * POLL_SECONDS)
        # What came meanwhile, and what a worker that failed has left.
        fill(self._store, self._views, runner, to_heads=to_heads, told=tell)
        tell()

    def _compare(self, former: Generation, runner: Runner, database: Database) -> dict[str, int]:
        """Step 3."""
        serving = self._views.at(former.number)
        logs = self._store.logs()
        compared = {}
        with serving.read() as old, database.read() as new:
            shapes = shapes_of(old, new)
            for one in structural(shapes):
                self._note(one)
        for nth, log_id in enumerate(logs):
            with serving.read() as old:
                # Whatever comes now, this connection goes on seeing the views as they are.
                position = Runner.position_in(old, log_id)
                fill_up(runner, log_id, position)
                with database.read() as new:
                    for one in in_log(shapes, old, new, log_id):
                        self._note(one)
            compared[log_id] = position
            total = sum(compared.values())
            self._report(
                Filled(
                    phase=Phase.COMPARING,
                    facts=total,
                    total=total,
                    logs=nth + 1,
                    of_logs=len(logs),
                )
            )
        return compared

    def _note(self, one: Difference) -> None:
        self._differences += 1
        if len(self._shown) < _SHOWN:
            self._shown.append(one)
        self._found(one)

    def _switch(self, generation: Generation, runner: Runner) -> None:
        """Step 5."""
        done = sum(self._positions(runner).values())

        def last() -> bool:
            self._report(Filled(phase=Phase.SWITCHING, facts=done, total=done))
            with self._views.read() as connection:
                for log_id in self._store.logs():
                    fill_up(runner, log_id, Runner.position_in(connection, log_id))
            return True

        if not self._views.switch(generation.number, last=last):
            raise Rejected([NOT_SWITCHED.at()])
        self._report(Filled(phase=Phase.DONE, facts=done, total=done))

    # ------------------------------------------------------------------------------ how far

    def _tell(self, runner: Runner, first: int, *, to_heads: bool) -> None:
        done = sum(self._positions(runner).values())
        total = max(self._total(to_heads=to_heads), done)
        self._report(Filled(phase=Phase.FILLING, facts=done, total=total, fresh=done - first))

    def _total(self, *, to_heads: bool) -> int:
        logs = self._store.logs()
        if to_heads:
            return sum(map(self._store.head, logs))
        with self._views.read() as connection:
            return sum(Runner.position_in(connection, log_id) for log_id in logs)

    def _positions(self, runner: Runner) -> dict[str, int]:
        return {log_id: runner.position(log_id) for log_id in self._store.logs()}
