"""A stage with views: commands go into a store, a runner keeps the views up, queries answer."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from sqlalchemy import URL, create_engine
from sqlalchemy.pool import StaticPool

from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.migration import migrate
from adapters.views import ViewDatabase
from domain.commands import CalculateScores, Sign, Submit
from domain.facts.envelope import Place, on
from domain.facts.ledger import ExpenditureRecorded
from domain.store import EventStore, Receipt
from domain.values import Printed
from projections import adjustments as a
from projections import current as c
from projections import deductions as d
from projections import findings as f
from projections import score_history as h
from projections import tracking
from projections.runner import Runner, contents
from tests.support.scenario import APPROVER, CLERK, FORM, LOG, WAN, Scenario

BODY = Place("自评报告", "正文")
TABLE = Place("附件1", "总分行", table=True)


class Stage(Scenario):
    """A scenario whose views can be asked. Everything that was stored is in them."""

    def __init__(
        self,
        store: EventStore,
        database: tracking.Database,
        *,
        batch: int = 2000,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(store)
        self.close = close
        self.database = database
        self.runner = Runner(store, database, batch=batch)
        self.runner.prepare()

    # ------------------------------------------------------------------------------- questions

    def current(self, form: str = FORM) -> c.Current:
        self.runner.catch_up()
        with self.database.read() as connection:
            found = c.find(connection, self.store.text_bodies, LOG, form)
        assert found is not None
        return found

    def changes(self, line: str | None = None, form: str = FORM) -> list[h.ScoreChange]:
        self.runner.catch_up()
        with self.database.read() as connection:
            return h.list_for(connection, self.store.text_bodies, LOG, form, line=line)

    def deductions(self, form: str = FORM) -> list[d.Deduction]:
        self.runner.catch_up()
        with self.database.read() as connection:
            return d.list_for(connection, self.store.text_bodies, LOG, form)

    def adjustments(self, where: a.AdjustmentFilter | None = None) -> list[a.AdjustmentEntry]:
        self.runner.catch_up()
        with self.database.read() as connection:
            return a.list_for(connection, self.store.text_bodies, where)

    def groups(
        self, *by: a.GroupBy, where: a.AdjustmentFilter | None = None
    ) -> list[a.AdjustmentGroup]:
        self.runner.catch_up()
        with self.database.read() as connection:
            return a.group(connection, by, where)

    def findings(self, form: str = FORM) -> list[f.FindingRow]:
        self.runner.catch_up()
        with self.database.read() as connection:
            return f.list_for(connection, self.store.text_bodies, LOG, form)

    def contents(self) -> dict[str, list[tuple[object, ...]]]:
        with self.database.read() as connection:
            return dict(contents(connection))

    # ------------------------------------------------------------------------------ usual steps

    def paid(self, wan: str, voucher: str, month: int = 6, day: int = 28) -> Receipt:
        """A payment of 2024 in 万元."""
        payment = ExpenditureRecorded(amount=int(Decimal(wan) * WAN), voucher=voucher)
        return self.book(payment, effective=on(date(2024, month, day)))

    def recalculated(self) -> Receipt:
        return self.given(CalculateScores(form=FORM))

    def submitted(self) -> "Stage":
        self.given(Sign(form=FORM), APPROVER)
        self.given(Submit(form=FORM), CLERK)
        return self


def sql_stage(url: URL, *, batch: int = 2000) -> Stage:
    """A stage over the real store at ``url``, which has its tables."""
    database = Database(url)
    views = ViewDatabase(database, tracking.PROJECTION_VERSION)
    return Stage(SqlEventStore(database), views, batch=batch, close=database.close)


def file_stage(folder: Path) -> Stage:
    """A stage over the embedded file of a program whose data lie in ``folder``."""
    url = URL.create("sqlite", database=str(folder / "liuhen.sqlite3"))
    database = Database(url)
    migrate(database)
    database.close()
    return sql_stage(url)


def scratch() -> tracking.EngineDatabase:
    """An empty database in memory, for views only."""
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    return tracking.EngineDatabase(engine)


def event_of(receipt: Receipt, scenario: Scenario, nth: int = 0) -> UUID:
    """The event id of the nth fact of a receipt."""
    return scenario.recorded(receipt)[nth].envelope.event_id


def wan(text: str) -> Printed:
    """A figure printed in 万元."""
    return Printed(text, "万元")
