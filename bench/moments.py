"""Questions about a past moment, beside what people will wait for them.

A county's log is filled and its views caught up. Then moments and business dates are drawn from a
seed over the whole time in which it was recorded, and asked for one after another: the position of
a moment, how the county's year stood (money, forms, grades), the list of its forms, and one
evaluation with its lines and figures, folded from its facts.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial

from adapters.database import Database
from adapters.event_store import SqlEventStore
from bench import county
from bench.latency import latency
from bench.measuring import kind_of
from bench.places import Place, views_of
from bench.questions import settle
from bench.rows import Row, Size
from domain.values import Words
from projections import standing
from projections.current import current_as_of
from projections.runner import Runner

_ONE_MS, _YEAR_MS = 10.0, 20.0
_PAGE = 50


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
        rounds = size.of(smoke=1, normal=3, full=9)
        times = size.of(smoke=3, normal=100, full=300)
        yield from asked(found, county.LOG, year=county.YEAR, rounds=rounds, times=times)
        yield latency(
            _counted(
                "任一时刻的一份自评",
                "one evaluation as of any moment",
                len(store.read(county.LOG, form)),
            ),
            kind_of(found),
            partial(_one, store, form, random.Random(1), facts),
            limit=_ONE_MS,
            rounds=rounds,
            times=times,
        )


def _one(store: SqlEventStore, form: str, chance: random.Random, facts: int) -> None:
    assert current_as_of(store, county.LOG, form, facts - chance.randrange(facts // 2))


def asked(found: Database, log: str, *, year: int, rounds: int, times: int) -> Iterator[Row]:
    """A row for each question about a log's year, of any filled store."""
    facts = SqlEventStore(found).head(log)
    for name, question in _questions(found, log, year, facts).items():
        yield latency(
            _counted(name.zh, name.en, facts),
            kind_of(found),
            question,
            limit=_YEAR_MS,
            rounds=rounds,
            times=times,
        )


def _counted(zh: str, en: str, facts: int) -> Words:
    return Words(f"{zh}（{facts:,} 条事实）", f"{en} ({facts:,} facts)")


def _questions(
    found: Database, log: str, year: int, facts: int
) -> Mapping[Words, Callable[[], object]]:
    store = SqlEventStore(found)
    chance = random.Random(1)
    first_day = date(year, 1, 1)
    began = datetime(year, 1, 2, tzinfo=UTC)
    last = store.read_log(log, after=facts - 1)[0].envelope.recorded_at
    end = max(began + timedelta(days=1), last)

    def at() -> dict[str, int]:
        return {log: chance.randrange(1, facts + 1)}

    def day() -> date:
        return first_day + timedelta(chance.randrange(366))

    def whole(effective_on: date | None = None) -> None:
        with views_of(found).read() as connection:
            standing.year(connection, at(), year, effective_on)

    def listed() -> None:
        with views_of(found).read() as connection:
            standing.listed(connection, at(), year, None)

    def page() -> None:
        with views_of(found).read() as connection:
            standing.list_page(connection, at(), year, None, limit=_PAGE)

    return {
        Words("某一时刻的位置", "the position of a moment"): (
            lambda: store.position_at(log, began + (end - began) * chance.random())
        ),
        Words("任一时刻的全年", "a year as of any moment"): whole,
        Words("任一时刻、某一业务日的全年", "a year as of any moment, on a business date"): (
            lambda: whole(day())
        ),
        Words("任一时刻的自评清单", "the list of a year's forms as of any moment"): listed,
        Words(f"其中一页 {_PAGE} 份", f"a page of {_PAGE} of that list"): page,
    }
