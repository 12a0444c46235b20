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
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import structlog

from adapters.event_store import SqlEventStore
from bench import county
from bench.measuring import DECODER, database, micro, processor_ratio, ratio, raw, report, rounds
from projections.runner import Runner


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with database(arguments.url) as found:
        store = SqlEventStore(found)
        facts = county.fill(
            store, units=arguments.units, payments=arguments.payments, large=arguments.large
        )
        runner = Runner(store, found)
        runner.prepare()
        if arguments.profile:
            profile = cProfile.Profile()
            profile.runcall(runner.rebuild)
            pstats.Stats(profile).sort_stats("cumtime").print_stats(60)
            return
        where = f"log_id = '{county.LOG}' ORDER BY position"
        with raw(found, where, keep=False) as at_once:
            limit, taken = rounds(arguments.rounds, at_once, runner.rebuild)
        assert runner.position(county.LOG) == facts
        assert runner.stopped() == []
    result = {
        "work": "catch up a log into all views",
        "facts": facts,
        "forms": arguments.units + 1,
        f"SELECT + {DECODER} µs": micro(limit, facts),
        "catch up µs": micro(taken, facts),
        "ratio": round(ratio(limit, taken), 3),
        "ratio of processor time": round(processor_ratio(limit, taken), 3),
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    report([result], as_json=arguments.json)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--units", type=int, default=40)
    parser.add_argument("--payments", type=int, default=200, help="of each unit")
    parser.add_argument("--large", type=int, default=20_000, help="of one further unit")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--url", help="an empty database; default: a file of SQLite")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
