"""A thread that follows the logs and hangs: alive, and yet nothing moves."""

import threading
from collections.abc import Sequence

from domain.facts.ledger import Basis
from domain.store import Recorded
from projections.runner import Runner
from projections.runner.leases import Leases
from tests.projections.stage import Stage
from tests.projections.test_runner import until
from tests.support.memory_store import MemoryStore
from tests.support.scenario import LOG


class Stuck(MemoryStore):
    """A store whose facts are long in coming to the thread that follows, until somebody lets them."""

    def __init__(self) -> None:
        super().__init__()
        self.comes = threading.Event()

    def read_log(self, log_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        if threading.current_thread().name == "views":
            assert self.comes.wait(60)
        return super().read_log(log_id, after=after, limit=limit)


def test_a_thread_that_hangs_is_not_well_and_another_takes_its_logs(stage: Stage) -> None:
    store = Stuck()
    stage = Stage(store, stage.database)
    stage.with_ledger(Basis.LEDGER)
    leases = Leases(stage.database, beat=0.05, stale=0.5)
    runner = Runner(store, stage.database, leases=leases, hang=0.3)
    others = Leases(stage.database, beat=0.05, stale=0.5)
    runner.start()
    try:
        # 1. It is alive, and owns the log; and yet nothing moves.
        until(lambda: runner.failure is not None)
        health = runner.health()
        assert (health.following, health.well) == (True, False)
        assert f"a batch of the log {LOG}" in str(health.logs[0].failure)
        # 2. Its beat stands still, so that others see a log that nobody follows, and take it.
        seen = Runner(store, stage.database, leases=others)
        assert seen.health_of_others(watched=0.3).unfollowed == (LOG,)
        until(lambda: others.take(LOG))
        # 3. It goes on when it can, and is well.
        others.give_back()
        store.comes.set()
        until(lambda: runner.health().well and runner.position(LOG) == 1)
    finally:
        store.comes.set()
        runner.stop()
        others.give_back()
