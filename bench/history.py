"""The history of one record, beside SQLAlchemy-Continuum: all budget supplements of a ledger.

We answer with each adjustment, its document, reason, source and running balances; Continuum with
the versions of a row that was updated as often. The raw limit reads our rows with the driver and
makes nothing of them.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from time import perf_counter

from sqlalchemy import URL
from sqlalchemy.orm import Session

from adapters.database import Database
from adapters.event_store import SqlEventStore
from bench import county
from bench.peers import continuum
from bench.places import Place, views_of
from bench.questions import settle
from bench.rows import LIUHEN, Row, Size, per_fact, take_turns
from domain.values import Words
from projections import adjustments
from projections.adjustments import AdjustmentFilter
from projections.runner import Runner

LIMIT = Words("SELECT 同样的行", "SELECT of the same rows")


def measure(place: Place, size: Size) -> Iterator[Row]:
    """A short history and a long one."""
    for count in size.of(smoke=(50,), normal=(1_000, 20_000), full=(1_000, 20_000)):
        with ExitStack() as stack:
            found = stack.enter_context(place.store())
            store = SqlEventStore(found)
            ledger = county.ledger_of_supplements(store, count)
            runner = Runner(store, views_of(found))
            runner.prepare()
            runner.catch_up()
            settle(found)
            taken = take_turns(
                size.of(smoke=1, normal=5, full=9),
                {
                    LIMIT: partial(_selected, found, ledger, count),
                    LIUHEN: partial(_listed, found, store, ledger, count),
                    continuum.NAME: _of_continuum(place.empty(), count, size, stack),
                },
            )
        yield per_fact(
            Words(
                f"一条记录的沿革，{count:,} 次变更",
                f"the history of one record with {count:,} changes",
            ),
            place.kind,
            facts=count,
            limit=(LIMIT, taken.pop(LIMIT)),
            ours=taken.pop(LIUHEN),
            beside=taken,
        )


def _selected(found: Database, ledger: str, count: int) -> float:
    query = f"SELECT * FROM {adjustments.table.fullname} WHERE ledger = '{ledger}'"  # noqa: S608
    with views_of(found).read() as connection:
        cursor = connection.connection.cursor()
        begun = perf_counter()
        cursor.execute(query)
        rows = cursor.fetchall()
        seconds = perf_counter() - begun
    assert len(rows) == count
    return seconds


def _listed(found: Database, store: SqlEventStore, ledger: str, count: int) -> float:
    where = AdjustmentFilter(log_id=county.LOG, ledger=ledger)
    begun = perf_counter()
    with views_of(found).read() as connection:
        entries = adjustments.list_for(connection, store.text_bodies, where)
    seconds = perf_counter() - begun
    assert len(entries) == count
    return seconds


def _of_continuum(url: URL, count: int, size: Size, stack: ExitStack) -> Callable[[], float]:
    engine = continuum.engine(url)
    stack.callback(engine.dispose)
    by_itself = size.of(smoke=10, normal=200, full=1_000)
    with Session(engine) as session:
        ledger = continuum.opened("ledger", organisation=county.LOG)
        session.add(ledger)
        session.commit()
        for number in range(by_itself):
            continuum.supplement(session, ledger, number)
        continuum.lengthen(session, "ledger", count)

    def turn() -> float:
        with Session(engine) as session:
            begun = perf_counter()
            found = session.get_one(continuum.Ledger, "ledger")
            versions = found.versions.all()  # type: ignore[attr-defined] # Continuum adds it
            seconds = perf_counter() - begun
        assert len(versions) == count
        return seconds

    return turn
