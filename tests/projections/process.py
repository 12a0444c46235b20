"""A process that follows logs or rebuilds views, to be killed by the tests.

Usage: python -m tests.projections.process URL follow BATCH
       python -m tests.projections.process URL rebuild BATCH PHASE

One that follows prints who it is and goes on until it is killed. One that rebuilds stops at the
given phase, prints it, and waits for its end; at "MADE" it has begun a generation and no more, at
"HALF" it has filled some of it, at "NEVER" it comes to its end and prints "NEVER".
"""

import sys
import time
from collections.abc import Callable

from sqlalchemy import make_url

from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.views import ViewDatabase
from projections.runner import Filled, Phase, Rebuild, Runner
from projections.runner.leases import Leases
from projections.runner.views import make
from projections.tracking import PROJECTION_VERSION

BEAT, STALE = 0.2, 3.0


def say(word: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def wait_for_the_end(word: str) -> None:
    """Say where it is, and never go on."""
    say(word)
    while True:
        time.sleep(60)


def stopping_at(wanted: str) -> Callable[[Filled], None]:
    """Stops a rebuild where the test wants to kill it."""

    def report(filled: Filled) -> None:
        half = filled.phase is Phase.FILLING and 0 < filled.facts < filled.total
        if (wanted == "HALF" and half) or (wanted != "FILLING" and filled.phase.value == wanted):
            wait_for_the_end(wanted)

    return report


def main() -> None:
    """Do what the line says."""
    url, work, batch, *rest = sys.argv[1:]
    database = Database(make_url(url))
    store = SqlEventStore(database)
    views = ViewDatabase(database, PROJECTION_VERSION)
    if work == "follow":
        leases = Leases(views, beat=BEAT, stale=STALE)
        runner = Runner(store, views, batch=int(batch), leases=leases)
        runner.prepare()
        runner.start()
        wait_for_the_end(leases.owner)
    if rest == ["MADE"]:
        views.begin(make)
        wait_for_the_end("MADE")
    Rebuild(store, views, batch=int(batch), stale=STALE, report=stopping_at(rest[0])).run()
    say(rest[0])


if __name__ == "__main__":
    main()
