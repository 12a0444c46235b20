"""The work of one step of a province's year, each in a process of its own.

    python -m bench.steps fill URL COUNTIES UNITS
    python -m bench.steps catch-up URL
    python -m bench.steps ask URL ROUNDS TIMES

Each writes one line of JSON, with the peak of its own memory.
"""

import os
import resource
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from time import perf_counter

import msgspec
import structlog
from msgspec import Struct
from sqlalchemy import BigInteger, bindparam, make_url, select

from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.places import IN_ORDER, LAST_POSITION, between
from adapters.reading import Question
from adapters.schema import events
from bench import moments, questions
from bench.measuring import cpu_seconds, loads
from bench.places import views_of
from bench.questions import settle
from bench.rows import Row
from projections.runner import Runner

YEAR = 2024
_AT_ONCE = 20_000
_SOME = Question(
    select(events.c.payload)
    .where(
        between(
            bindparam("log_id"),
            bindparam("after", type_=BigInteger),
            bindparam("upto", type_=BigInteger),
        )
    )
    .order_by(IN_ORDER)
)


class Step(Struct, frozen=True, kw_only=True):
    """What a process did: ``facts`` in ``seconds``, with ``work`` seconds of CPU (the server's
    with it), the raw limit of the same in CPU, its peak in MB.
    """

    facts: int = 0
    seconds: float = 0.0
    work: float = 0.0
    limit: float = 0.0
    peak: int = 0
    rows: tuple[Row, ...] = ()


def fill(url: str, counties: str, units: str) -> Step:
    """Fill an empty store with ``liuhen generate``; every unit is of the same kind."""
    from api.cli import main  # noqa: PLC0415 - the other steps need no command line

    os.environ["LIUHEN_DATABASE_URL"] = url
    sys.argv = ["liuhen", "generate", "--counties", counties, "--units", units]
    sys.argv += ["--year", str(YEAR), "--large", "0", "--json"]
    answer = StringIO()
    try:
        with redirect_stdout(answer):
            main()
    except SystemExit as ended:
        if ended.code:
            raise
    done = msgspec.json.decode(answer.getvalue(), type=Step)
    found = Database(make_url(url))
    assert _facts(SqlEventStore(found)) == done.facts
    found.close()
    return done


def catch_up(url: str) -> Step:
    """Fill all views, after the raw limit read the same payloads and decoded each."""
    found = Database(make_url(url))
    store = SqlEventStore(found)
    worked = cpu_seconds(found)
    for log in store.logs():
        _read_raw(found, log)
    limit = cpu_seconds(found) - worked
    runner = Runner(store, views_of(found))
    runner.prepare()
    began, worked = perf_counter(), cpu_seconds(found)
    runner.catch_up()
    seconds, work = perf_counter() - began, cpu_seconds(found) - worked
    assert runner.stopped() == []
    facts = _facts(store)
    found.close()
    return Step(facts=facts, seconds=seconds, work=work, limit=limit)


def _read_raw(found: Database, log: str) -> None:
    """In batches, so that a driver which holds a whole answer keeps its memory flat too."""
    with found.read() as connection:
        for after in range(0, LAST_POSITION, _AT_ONCE):
            rows = _SOME.rows(connection, {"log_id": log, "after": after, "upto": after + _AT_ONCE})
            for (payload,) in rows:
                loads(payload)
            if len(rows) < _AT_ONCE:
                return


def ask(url: str, rounds: str, times: str) -> Step:
    """Ask the questions of a province, of a unit, and of a county's year at any moment."""
    found = Database(make_url(url))
    settle(found)
    county = SqlEventStore(found).logs()[0]
    rows = [
        *questions.asked(found, year=YEAR, rounds=int(rounds), times=int(times)),
        *moments.asked(found, county, year=YEAR, rounds=int(rounds), times=int(times)),
    ]
    found.close()
    return Step(rows=tuple(rows))


def _facts(store: SqlEventStore) -> int:
    return sum(store.head(log) for log in store.logs())


def peak_megabytes() -> int:
    """The most memory that this process has held at once."""
    status = Path("/proc/self/status")
    if status.exists():
        # ru_maxrss would begin with what the parent held when it started this process.
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


STEPS: Mapping[str, Callable[..., Step]] = {"fill": fill, "catch-up": catch_up, "ask": ask}

if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    name, *arguments = sys.argv[1:]
    done = STEPS[name](*arguments)
    done = msgspec.structs.replace(done, peak=peak_megabytes())
    sys.stdout.write(msgspec.json.encode(done).decode() + "\n")
