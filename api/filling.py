"""A rebuild's workers: processes that fill the next generation of views together."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.logging import configure
from api.settling import settled
from projections.runner import Runner, fill

if TYPE_CHECKING:
    from api.bootstrap import Liuhen


@contextmanager
def filling(
    start: Callable[[], "Liuhen"],
    jobs: int,
    number: int,
    to_heads: bool,  # noqa: FBT001 - as a rebuild calls it
) -> Iterator[Callable[[], bool]]:
    """``jobs`` processes that fill a generation of views, each in a program of its own that
    ``start`` begins there; gives what says whether any still works. See ``fill``.

    They end with their parent, even when that is killed.
    """
    spawning = multiprocessing.get_context("spawn")
    workers = [
        spawning.Process(target=_fill, args=(start, number, to_heads, os.getpid()), daemon=True)
        for _ in range(jobs)
    ]
    for worker in workers:
        worker.start()
    try:
        yield lambda: any(worker.is_alive() for worker in workers)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()


def _fill(
    start: Callable[[], "Liuhen"],
    number: int,
    to_heads: bool,  # noqa: FBT001 - as above
    parent: int,
) -> None:
    # Ctrl-C reaches the whole group; the parent ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    configure()
    with start() as liuhen, settled():
        runner = Runner(liuhen.store, liuhen.views.at(number))
        try:
            try:
                fill(
                    liuhen.store,
                    liuhen.views,
                    runner,
                    to_heads=to_heads,
                    wanted=lambda: os.getppid() == parent,
                )
            finally:
                runner.stop()
        except Exception:
            wanted = liuhen.views.filling()
            if wanted is not None and wanted.number == number:
                raise
            # Somebody has dropped the generation; the parent will say so.
