"""Questions over many logs and over one unit: how long they take at the worst, against 20 ms.

Each is asked again and again in a round, through the queries that the commands, pages and
endpoints use. ``asked`` measures any filled store.
"""

import gc
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from sqlalchemy import Connection, func, select

from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.views import ViewDatabase
from bench import county
from bench.latency import latency
from bench.measuring import kind_of
from bench.places import Place, views_of
from bench.rows import Row, Size
from domain.values import Words
from projections import adjustments, standing
from projections.adjustments import AdjustmentFilter, AdjustmentKind, GroupBy
from projections.runner import Runner

LIMIT_MS = 20.0
Question = Callable[[Connection], object]


def measure(place: Place, size: Size) -> Iterator[Row]:
    """Over as many logs as there is time to fill."""
    with place.store() as found:
        store = SqlEventStore(found)
        for nth in range(size.of(smoke=2, normal=20, full=100)):
            county.fill(store, units=1, payments=10, large=50, seed=nth, log=f"1301{nth:02}")
        runner = Runner(store, views_of(found))
        runner.prepare()
        runner.catch_up()
        assert runner.stopped() == []
        settle(found)
        yield from asked(
            found,
            year=county.YEAR,
            rounds=size.of(smoke=1, normal=5, full=9),
            times=size.of(smoke=3, normal=100, full=300),
        )


def settle(found: Database) -> None:
    """Let the database know its tables, as its own housekeeping would after a while, and the
    collector leave alone what is loaded, as a process that serves does.
    """
    gc.collect()
    gc.freeze()
    with views_of(found).transaction() as connection:
        connection.exec_driver_sql("ANALYZE")


def asked(found: Database, *, year: int, rounds: int, times: int) -> Iterator[Row]:
    """A row for each question, asked ``times`` times in each round, of a store's year."""
    store = SqlEventStore(found)
    logs = len(store.logs())
    facts = sum(store.head(log) for log in store.logs())
    over = Words(f"（{logs} 个日志，{facts:,} 条事实）", f" ({logs} logs, {facts:,} facts)")
    for name, question in _questions(found, store, year).items():
        yield latency(
            Words(name.zh + over.zh, name.en + over.en),
            kind_of(found),
            partial(_ask, views_of(found), question),
            limit=LIMIT_MS,
            rounds=rounds,
            times=times,
        )


def _ask(views: ViewDatabase, question: Question) -> None:
    with views.read() as connection:
        found = question(connection)
    assert found


def _questions(found: Database, store: SqlEventStore, year: int) -> Mapping[Words, Question]:
    log_id, ledger = _longest_ledger(found, year)
    supplements = AdjustmentFilter(fiscal_year=year, kind=AdjustmentKind.SUPPLEMENTED)
    unit = AdjustmentFilter(log_id=log_id, ledger=ledger, fiscal_year=year)
    return {
        Words("全省追加，按月份和来源合计", "all supplements by month and source"): (
            lambda connection: adjustments.group(
                connection, (GroupBy.MONTH, GroupBy.SOURCE), supplements
            )
        ),
        Words("全省等级分布", "distribution of grades"): (
            lambda connection: standing.distribution(
                connection, standing.reached(connection), year, now=True
            )
        ),
        Words("一个单位一年的调整", "the adjustments of one unit and year"): (
            lambda connection: adjustments.list_for(connection, store.text_bodies, unit)
        ),
    }


def _longest_ledger(found: Database, year: int) -> tuple[str, str]:
    """The unit and year with the most adjustments: its question takes longest."""
    table = adjustments.table
    query = (
        select(table.c.log_id, table.c.ledger)
        .where(table.c.fiscal_year == year)
        .group_by(table.c.log_id, table.c.ledger)
        .order_by(func.count().desc(), table.c.log_id, table.c.ledger)
        .limit(1)
    )
    with views_of(found).read() as connection:
        log_id, ledger = connection.execute(query).one()
    return log_id, ledger
