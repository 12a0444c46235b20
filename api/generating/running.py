"""Carrying a plan out: county after county, in one process or in several."""

import gc
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context

from msgspec import Struct

from api.bootstrap import Liuhen, bootstrap
from api.generating.county import County
from api.generating.plan import MARK, Plan
from domain.problems import Problem, Rejected, kind

STORE_USED = kind(
    "generate.store-used",
    409,
    zh="库中已有其他日志：{logs}",
    en="the store holds other logs: {logs}",
    do_zh="换一个空的 LIUHEN_DATA_DIR；确要与之并存则加 --into-used",
    do_en="choose an empty LIUHEN_DATA_DIR; give --into-used to put generated facts beside them",
)
LOG_TAKEN = kind(
    "generate.log-taken",
    409,
    zh="日志 {log_id} 中有不是生成的事实",
    en="the log {log_id} holds facts that were not generated",
    do_zh="生成的事实不与真实的事实写入同一日志；换一个库",
    do_en="generated facts never go into a log of real ones; choose another store",
)
_NAMED = 5
"""How many logs a problem names."""


class Filled(Struct, frozen=True, kw_only=True):
    """A county that is complete. ``before`` of its ``facts`` were there from an earlier run."""

    log_id: str
    facts: int
    before: int
    streams: int


class Summary(Struct, frozen=True, kw_only=True):
    """What a run did; ``facts`` with those that were ``before``."""

    logs: int
    streams: int
    facts: int
    before: int
    seconds: float
    facts_per_second: int


Progress = Callable[[str, int, int], None]
"""Told the county, the thousandths of it that are done, and how many facts it has by then."""


def generate(
    liuhen: Liuhen, plan: Plan, *, progress: Progress, jobs: int = 1, into_used: bool = False
) -> Summary:
    """Fill the store of ``liuhen`` as planned.

    A run that was cut off goes on where it was when it is given again. With ``jobs`` processes the
    facts are the same. Raises ``Rejected``: ``generate.store-used`` for a store with other logs,
    unless ``into_used``; ``generate.log-taken`` where facts of another origin lie in a log of the
    plan; ``store.not-alone``.
    """
    _refuse(_taken(liuhen, plan, into_used=into_used))
    began = time.perf_counter()
    filled = list(_fill_all(liuhen, plan, progress, jobs))
    seconds = time.perf_counter() - began
    facts, before = sum(one.facts for one in filled), sum(one.before for one in filled)
    return Summary(
        logs=len(filled),
        streams=sum(one.streams for one in filled),
        facts=facts,
        before=before,
        seconds=round(seconds, 2),
        facts_per_second=round((facts - before) / seconds),
    )


def _taken(liuhen: Liuhen, plan: Plan, *, into_used: bool) -> Iterator[Problem]:
    """What forbids writing into the store, judged by the first fact of each log."""
    others = []
    for log_id in liuhen.store.logs():
        first = liuhen.store.read_log(log_id, limit=1)[0].envelope
        if not first.command_id.startswith(plan.own):
            others.append(log_id)
            if log_id in plan.divisions and not first.actor.startswith(MARK):
                yield LOG_TAKEN.at(log_id, log_id=log_id)
    if others and not into_used:
        more = " …" if len(others) > _NAMED else ""
        yield STORE_USED.at("--into-used", logs=", ".join(others[:_NAMED]) + more)


def _refuse(problems: Iterator[Problem]) -> None:
    found = list(problems)
    if found:
        raise Rejected(found)


def _fill_all(liuhen: Liuhen, plan: Plan, progress: Progress, jobs: int) -> Iterator[Filled]:
    if jobs == 1 or plan.counties == 1:
        for division in plan.divisions:
            yield _fill(liuhen, plan, division, progress)
        return
    with _workers(liuhen, jobs) as pool:
        futures = [pool.submit(_fill_in_worker, plan, division) for division in plan.divisions]
        try:
            for future in as_completed(futures):
                one = future.result()
                progress(one.log_id, 1000, one.facts)
                yield one
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _fill(liuhen: Liuhen, plan: Plan, division: str, progress: Progress) -> Filled:
    store = liuhen.batching(division, own=plan.own)

    def seen(part: int, facts: int) -> None:
        progress(division, part, facts)

    with _fewer_collections():
        facts = County(plan, division).perform(store, seen)
        store.flush()
    seen(1000, facts)
    return Filled(
        log_id=division, facts=facts, before=store.stored_before, streams=store.streams_known
    )


@contextmanager
def _fewer_collections() -> Iterator[None]:
    """A county's facts stay until it is complete: looking for garbage among them finds none."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


# --------------------------------------------------------------------------------- processes

_OPENED: list[Liuhen] = []
"""The program that a worker process has opened, once for all its counties."""


@contextmanager
def _workers(liuhen: Liuhen, jobs: int) -> Iterator[ProcessPoolExecutor]:
    opener = partial(bootstrap, liuhen.settings, ready=False)
    # Spawned, not forked: a copy of this process would share its open database.
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_open, initargs=(opener,)
    ) as pool:
        yield pool


def _open(opener: Callable[[], Liuhen]) -> None:
    _OPENED.append(opener())


def _fill_in_worker(plan: Plan, division: str) -> Filled:
    return _fill(_OPENED[0], plan, division, _unseen)


def _unseen(_log_id: str, _part: int, _facts: int) -> None:
    """Another process shows the progress."""
