"""Years that are verified, and tampered with before."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Executable, update

from adapters.codec import encode
from adapters.event_store import SqlEventStore
from adapters.schema import events
from domain.store import Recorded
from projections.replay import heads
from projections.verification import Check, Discrepancy, Verification, verify
from tests.projections.stage import Stage
from tests.support import tampering
from tests.support.scenario import LOG

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def verified(stage: Stage, year: int = 2024) -> Verification:
    """The year, verified when its views have read everything."""
    stage.runner.catch_up()
    return verify(stage.store, stage.database, year, heads(stage.store), now=lambda: NOW)


def found_in(stage: Stage, check: Check) -> list[Discrepancy]:
    """The differences of one kind."""
    return [one for one in verified(stage).discrepancies if one.check is check]


def tamper(stage: Stage, kind: type, change: Callable[[Recorded], Recorded]) -> Recorded:
    """Change the payload of the last fact of a kind past every barrier; the fact as it was."""
    told = [one for one in stage.store.read_log(LOG) if isinstance(one.fact, kind)][-1]
    false = change(told)
    past_every_barrier(
        stage,
        update(events)
        .where(events.c.log_id == LOG, events.c.position == told.position)
        .values(payload=encode(false.envelope, false.fact)),
    )
    return told


def past_every_barrier(stage: Stage, *statements: str | Executable) -> None:
    """Change what is stored, as the owner of the database could."""
    assert isinstance(stage.store, SqlEventStore)
    tampering.past_every_barrier(stage.store.database, *statements)
