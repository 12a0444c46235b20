"""Catching up a log into all views against the raw limit: SELECT the payloads and decode each.

    python bench/catch_up.py [--units 40] [--payments 200] [--large 20000] [--rounds 3]
                             [--url postgresql://…]

The log is a county's: units with a ledger and a form each (scores, overrides, reviews, returns),
their facts between each other, and one ledger with many payments. All five views are emptied and
filled anew by one process. Of the rounds' ratios the middle one counts. ``--profile`` prints where
the time goes instead.
"""

import argparse
import cProfile
import pstats
import resource
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import structlog

from adapters.database import Database
from adapters.event_store import SqlEventStore
from api.settling import settled
from bench import county
from bench.measuring import DECODER, database, kind_of, of_log, raw, timed
from bench.places import Place, views_of
from bench.rows import LIUHEN, Row, Size, per_fact, take_turns
from bench.table import text
from domain.values import Words
from projections.runner import Runner

LIMIT = Words(f"SELECT + {DECODER}", f"SELECT + {DECODER}")


def measure(place: Place, size: Size) -> Iterator[Row]:
    """Once, of a county's log."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with place.store() as found:
        yield _row(
            found,
            units=size.of(smoke=2, normal=40, full=100),
            payments=size.of(smoke=10, normal=200, full=400),
            large=size.of(smoke=30, normal=20_000, full=20_000),
            count=size.of(smoke=1, normal=7, full=9),
        )


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    filling = {name: getattr(arguments, name) for name in ("units", "payments", "large")}
    with database(arguments.url) as found:
        if arguments.profile:
            runner, _ = _filled(found, **filling)
            profile = cProfile.Profile()
            profile.runcall(runner.rebuild)
            pstats.Stats(profile).sort_stats("cumtime").print_stats(60)
            return
        print(text([_row(found, **filling, count=arguments.rounds)]))


def _filled(found: Database, *, units: int, payments: int, large: int) -> tuple[Runner, int]:
    """A runner that has done nothing yet, and how many facts lie before it."""
    store = SqlEventStore(found)
    facts = county.fill(store, units=units, payments=payments, large=large)
    runner = Runner(store, views_of(found))
    runner.prepare()
    return runner, facts


def _row(found: Database, *, units: int, payments: int, large: int, count: int) -> Row:
    runner, facts = _filled(found, units=units, payments=payments, large=large)

    def caught_up() -> float:
        # Tables are made once, however long the log is.
        runner.empty()
        return timed(runner.catch_up)

    # Statements are compiled once, and a process that follows a log has done it.
    caught_up()
    with settled(), raw(found, of_log(county.LOG), keep=False) as at_once:
        taken = take_turns(count, {LIMIT: partial(timed, at_once), LIUHEN: caught_up})
    assert runner.position(county.LOG) == facts
    assert runner.stopped() == []
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return per_fact(
        Words(
            f"补齐全部视图，{facts:,} 条事实、{units + 1} 份自评表",
            f"catch up {facts:,} facts with {units + 1} forms into all views",
        ),
        kind_of(found),
        facts=facts,
        limit=(LIMIT, taken[LIMIT]),
        ours=taken[LIUHEN],
        reach=0.1,
        stretch=0.4,
        note=Words(f"本进程内存峰值 {peak:,} MB", f"this process's peak was {peak:,} MB"),
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--units", type=int, default=40)
    parser.add_argument("--payments", type=int, default=200, help="of each unit")
    parser.add_argument("--large", type=int, default=20_000, help="of one further unit")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--url", help="an empty database; default: a file of SQLite")
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
