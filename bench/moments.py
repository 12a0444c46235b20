"""Questions about a past moment, beside what people will wait for them.

A county's log is filled and its views caught up. Then moments and business dates are drawn from a
seed over the whole time in which it was recorded, and asked for one after another: the position of
a moment, how the county's year stood (money, forms, grades), the list of its forms, and one
evaluation with its lines and figures, folded from its facts.
"""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from adapters.database import Database
from adapters.event_store import SqlEventStore
from bench import county
from bench.latency import latency
from bench.places import Place, kind_of, views_of
from bench.questions import settle
from bench.rows import Row, Size
from domain.values import Words
from projections import standing
from projections.current import current_as_of
from projections.runner import Runner

_FIRST_DAY = date(county.YEAR, 1, 1)
_ONE_MS, _YEAR_MS = 10.0, 20.0


def measure(place: Place, size: Size) -> Iterator[Row]:
    """In one county's log."""
    with place.store() as found:
        store = SqlEventStore(found)
        form = county.form_of_facts(store, size.of(smoke=60, normal=1_000, full=1_000))
        facts = county.fill(
            store,
            units=size.of(smoke=1, normal=20, full=60),
            payments=size.of(smoke=10, normal=200, full=400),
            large=size.of(smoke=20, normal=2_000, full=20_000),
        )
        runner = Runner(store, views_of(found))
        runner.prepare()
        runner.catch_up()
        assert runner.stopped() == []
        settle(found)
        for work, limit, ask in _questions(found, store, form, facts):
            yield latency(
                work,
                kind_of(found),
                ask,
                limit=limit,
                rounds=size.of(smoke=1, normal=3, full=9),
                times=size.of(smoke=3, normal=100, full=300),
            )


def _questions(
    found: Database, store: SqlEventStore, form: str, facts: int
) -> Iterator[tuple[Words, float, Callable[[], object]]]:
    """Each with the milliseconds it may take."""
    chance = random.Random(1)
    own = len(store.read(county.LOG, form))
    began = datetime(county.YEAR, 1, 2, tzinfo=UTC)
    last = store.read_log(county.LOG, after=facts - 1)[0].envelope.recorded_at
    end = max(began + timedelta(days=1), last)

    def at() -> dict[str, int]:
        return {county.LOG: chance.randrange(1, facts + 1)}

    def day() -> date:
        return _FIRST_DAY + timedelta(chance.randrange(366))

    def year(effective_on: date | None = None) -> None:
        with views_of(found).read() as connection:
            standing.year(connection, at(), county.YEAR, effective_on)

    def listed(effective_on: date | None = None) -> None:
        with views_of(found).read() as connection:
            standing.listed(connection, at(), county.YEAR, effective_on)

    def work(zh: str, en: str, count: int) -> Words:
        return Words(f"{zh}（{count:,} 条事实）", f"{en} ({count:,} facts)")

    yield (
        work("某一时刻的位置", "the position of a moment", facts),
        _YEAR_MS,
        lambda: store.positions_at(began + (end - began) * chance.random()),
    )
    yield work("任一时刻的全年", "a year as of any moment", facts), _YEAR_MS, year
    yield (
        work("任一时刻、某一业务日的全年", "a year as of any moment, on a business date", facts),
        _YEAR_MS,
        lambda: year(day()),
    )
    yield (
        work("任一时刻的自评清单", "the list of a year's forms as of any moment", facts),
        _YEAR_MS,
        listed,
    )
    yield (
        work("任一时刻的一份自评", "one evaluation as of any moment", own),
        _ONE_MS,
        lambda: current_as_of(store, county.LOG, form, chance.randrange(1, facts + 1)),
    )
