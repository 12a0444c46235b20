"""Folding without a cache against the raw limit: SELECT the payloads and decode each.

    python bench/fold.py [--payments 20000] [--facts 1000] [--rounds 7] [--url postgresql://…]

Two histories: a ledger with many payments, and a form with many facts beside a ledger. Each is
read from the store and folded whole. There are two raw limits: documents that are given up at
once, and documents that are kept until all are there, as a fold keeps its facts. Of the rounds'
ratios the middle one counts. ``--url`` names an empty database; without it a file of SQLite is
made and removed.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from adapters.database import Database
from adapters.event_store import SqlEventStore
from bench import county
from bench.measuring import DECODER, database, kind_of, of_streams, raw, rounds
from bench.places import Place
from bench.rows import Row, Size, per_fact
from bench.table import text
from domain import ledger
from domain.evaluation import form
from domain.ids import unit_year_of
from domain.values import Words


def measure(place: Place, size: Size) -> Iterator[Row]:
    """Both histories, in one database."""
    payments = size.of(smoke=200, normal=20_000, full=20_000)
    with place.store() as found:
        yield from _rows(
            found,
            payments=payments,
            facts=size.of(smoke=60, normal=1_000, full=1_000),
            count=size.of(smoke=1, normal=7, full=15),
        )


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    with database(arguments.url) as found:
        for row in _rows(
            found, payments=arguments.payments, facts=arguments.facts, count=arguments.rounds
        ):
            print(text([row]))


def _rows(found: Database, *, payments: int, facts: int, count: int) -> Iterator[Row]:
    store = SqlEventStore(found)
    big = county.ledger_of_payments(store, payments)
    yield _measure(
        Words(f"折叠台账，{payments:,} 笔支付", f"fold a ledger with {payments:,} payments"),
        lambda: ledger.load(store, county.LOG, big),
        (big,),
        store=store,
        found=found,
        count=count,
    )
    long = county.form_of_facts(store, facts)
    unit_year = unit_year_of(long)
    assert unit_year is not None
    beside = unit_year.ledger
    yield _measure(
        Words(
            f"折叠自评表及其台账，{facts:,} 条事实",
            f"fold a form of {facts:,} facts with its ledger",
        ),
        lambda: (
            ledger.load(store, county.LOG, beside),
            form.load(store, county.LOG, long),
        ),
        (beside, long),
        store=store,
        found=found,
        count=count,
    )


def _measure(
    work: Words,
    fold: Callable[[], object],
    streams: tuple[str, ...],
    *,
    store: SqlEventStore,
    found: Database,
    count: int,
) -> Row:
    facts = sum(len(store.read(county.LOG, stream)) for stream in streams)
    payloads = of_streams(county.LOG, *streams)
    with raw(found, payloads, keep=False) as at_once, raw(found, payloads, keep=True) as kept:
        limit, limit_kept, taken = rounds(count, at_once, kept, fold)
    return per_fact(
        work,
        kind_of(found),
        facts=facts,
        limit=(Words(f"SELECT + {DECODER}", f"SELECT + {DECODER}"), limit),
        ours=taken,
        beside={Words("同上限，文档全部留住", "the limit, documents kept"): limit_kept},
        reach=0.8,
        stretch=1.5,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--payments", type=int, default=20_000)
    parser.add_argument("--facts", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--url", help="an empty database; default: a file of SQLite")
    return parser.parse_args()


if __name__ == "__main__":
    main()
