"""How long a question about a past moment takes, beside the same fold of its facts.

    python bench/moments.py [--units 60] [--payments 400] [--large 10000] [--facts 1000]
                            [--asked 200] [--url postgresql://…]

A county's log is filled and its views caught up. Then moments and business dates are drawn from
a seed over the whole time in which it was recorded, and asked for one after another: the position of a
moment, how the county's year stood (money, forms, grades), the list of its forms, and one
evaluation with its lines and figures, folded from its facts, alone and with a business date, which scores
it anew. Printed are p50, p99 and the longest of each in ms.
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import structlog

from adapters.event_store import SqlEventStore
from bench import county
from bench.measuring import database, report
from projections import standing
from projections.current import current_as_of
from projections.runner import Runner

_FIRST_DAY = date(county.YEAR, 1, 1)


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    chance = random.Random(1)
    results: list[dict[str, object]] = []

    def measured(work: str, ask: Callable[[], object], **sizes: object) -> None:
        ask()  # what is prepared once is not the question's
        taken = []
        for _ in range(arguments.asked):
            began = time.perf_counter()
            ask()
            taken.append((time.perf_counter() - began) * 1000)
        cuts = statistics.quantiles(taken, n=100)
        p50, p99 = (round(one, 2) for one in (cuts[49], cuts[98]))
        results.append(
            {"work": work, **sizes, "p50 ms": p50, "p99 ms": p99, "most ms": round(max(taken), 2)}
        )

    with database(arguments.url) as found:
        store = SqlEventStore(found)
        form = county.form_of_facts(store, arguments.facts)
        county.fill(
            store,
            units=arguments.units,
            payments=arguments.payments,
            large=arguments.large,
        )
        facts, own = store.head(county.LOG), len(store.read(county.LOG, form))
        runner = Runner(store, found)
        runner.prepare()
        runner.catch_up()
        assert runner.stopped() == []
        began = datetime(county.YEAR, 1, 2, tzinfo=UTC)
        last = store.read_log(county.LOG, after=facts - 1)[0].envelope.recorded_at
        end = max(began + timedelta(days=1), last)

        def moment() -> datetime:
            return began + (end - began) * chance.random()

        def day() -> date:
            return _FIRST_DAY + timedelta(chance.randrange(366))

        def at() -> dict[str, int]:
            return {county.LOG: chance.randrange(1, facts + 1)}

        def year(effective_on: date | None = None) -> None:
            with found.read() as connection:
                standing.year(connection, at(), county.YEAR, effective_on)

        def listed(effective_on: date | None = None) -> None:
            with found.read() as connection:
                standing.listed(connection, at(), county.YEAR, effective_on)

        measured("the position of a moment", lambda: store.positions_at(moment()), facts=facts)
        measured("a year as of any moment", year, facts=facts)
        measured("the same, on a business date", lambda: year(day()), facts=facts)
        measured("the list of a year as of any moment", listed, facts=facts)
        measured("the same, on a business date", lambda: listed(day()), facts=facts)
        measured(
            "one evaluation as of any moment",
            lambda: current_as_of(store, county.LOG, form, chance.randrange(1, facts + 1)),
            facts=own,
        )
    report(results, as_json=arguments.json)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--units", type=int, default=60)
    parser.add_argument("--payments", type=int, default=400, help="of each unit")
    parser.add_argument("--large", type=int, default=10_000, help="of one further unit")
    parser.add_argument("--facts", type=int, default=1_000, help="of the one evaluation")
    parser.add_argument("--asked", type=int, default=200, help="how often each is asked")
    parser.add_argument("--url", help="an empty database; default: a file of SQLite")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
