"""Folding without a cache against the raw limit: SELECT the payloads and decode each.

    python bench/fold.py [--payments 20000] [--facts 1000] [--rounds 7] [--url postgresql://…]

Two histories: a ledger with many payments, and a form with many facts beside a ledger. Each is
read from the store and folded whole, as the command path does it, which decodes only what a state
needs. There are two raw limits: documents that are given up at once, and documents that are kept
until all are there. Of the rounds' ratios the middle one counts. ``--url`` names an empty
database; without it a file of SQLite is made and removed.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from adapters.database import Database
from adapters.event_store import SqlEventStore
from bench import county
from bench.measuring import DECODER, database, micro, processor_ratio, ratio, raw, report, rounds
from domain import ledger
from domain.evaluation import form
from domain.ids import unit_year_of


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    results = []
    with database(arguments.url) as found:
        store = SqlEventStore(found)
        big = county.ledger_of_payments(store, arguments.payments)
        results.append(
            _measure(
                f"ledger with {arguments.payments} payments",
                lambda: ledger.load(store, county.LOG, big),
                (big,),
                store=store,
                found=found,
                count=arguments.rounds,
            )
        )
        long = county.form_of_facts(store, arguments.facts)
        unit_year = unit_year_of(long)
        assert unit_year is not None
        beside = unit_year.ledger
        results.append(
            _measure(
                f"form of {arguments.facts} facts with its ledger",
                lambda: (
                    ledger.load(store, county.LOG, beside),
                    form.load(store, county.LOG, long),
                ),
                (beside, long),
                store=store,
                found=found,
                count=arguments.rounds,
            )
        )
    report(results, as_json=arguments.json)


def _measure(
    name: str,
    fold: Callable[[], object],
    streams: tuple[str, ...],
    *,
    store: SqlEventStore,
    found: Database,
    count: int,
) -> dict[str, object]:
    facts = sum(len(store.read(county.LOG, stream)) for stream in streams)
    named = ", ".join(f"'{stream}'" for stream in streams)
    where = f"log_id = '{county.LOG}' AND stream_id IN ({named}) ORDER BY stream_id, version"
    with raw(found, where, keep=False) as at_once, raw(found, where, keep=True) as kept:
        limit, limit_kept, taken = rounds(count, at_once, kept, fold)
    return {
        "work": name,
        "facts": facts,
        f"SELECT + {DECODER} µs": micro(limit, facts),
        "the same, documents kept µs": micro(limit_kept, facts),
        "fold µs": micro(taken, facts),
        "ratio": round(ratio(limit, taken), 2),
        "ratio, documents kept": round(ratio(limit_kept, taken), 2),
        "ratio of processor time": round(processor_ratio(limit, taken), 2),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--payments", type=int, default=20_000)
    parser.add_argument("--facts", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--url", help="an empty database; default: a file of SQLite")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
