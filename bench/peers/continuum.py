"""SQLAlchemy-Continuum: a table, and beside it a history table that its sessions write.

A change is an update of one record and a commit; the history of a record is the list of its
versions. It does not do: reasons or sources of a change other than columns, corrections that name
what they correct, rules over a history, a log that somebody could read in order, hashes, or any
protection of the history table; and changes that by-pass the session leave no version.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from typing import Any

from sqlalchemy import URL, BigInteger, Engine, create_engine, event, func, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, configure_mappers, mapped_column
from sqlalchemy_continuum import make_versioned, version_class, versioning_manager  # type: ignore[import-untyped]

from domain.values import Words

NAME = Words(
    f"SQLAlchemy-Continuum {version('sqlalchemy-continuum')}",
    f"SQLAlchemy-Continuum {version('sqlalchemy-continuum')}",
)
make_versioned(user_cls=None)


class Base(DeclarativeBase):
    """The tables that Continuum is measured with."""


class Ledger(Base):
    """The money of a unit and year, and what changed it last; amounts are whole fen."""

    __tablename__ = "continuum_ledger"
    __versioned__: dict[str, Any] = {}  # noqa: RUF012 - Continuum wants it so

    id: Mapped[str] = mapped_column(primary_key=True)
    budget: Mapped[int] = mapped_column(BigInteger)
    spent: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    happened_on: Mapped[date]
    voucher: Mapped[str | None]
    project: Mapped[str | None]
    source: Mapped[str | None]
    document: Mapped[str | None]
    reason: Mapped[str | None]
    actor: Mapped[str]
    role: Mapped[str]
    organisation: Mapped[str]


configure_mappers()
LedgerVersion: Any = version_class(Ledger)
_AT_ONCE = 1_000


def engine(url: URL) -> Engine:
    """A database with its tables, as durable as ours."""
    found = create_engine(url)
    if url.get_backend_name() == "sqlite":
        event.listen(found, "connect", _durable)
    Base.metadata.create_all(found)
    return found


def _durable(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


@contextmanager
def updating(url: URL) -> Iterator[Callable[[str, str, int], object]]:
    """Updates one record and commits, in a session for each record."""
    found = engine(url)
    kept: dict[str, tuple[Session, Ledger]] = {}

    def write(log: str, stream: str, number: int) -> None:
        if stream not in kept:
            session = Session(found, expire_on_commit=False)
            ledger = opened(stream, organisation=log)
            session.add(ledger)
            session.commit()
            kept[stream] = session, ledger
        session, ledger = kept[stream]
        ledger.kind, ledger.amount = "payment", 1_500_000
        ledger.spent += 1_500_000
        ledger.happened_on, ledger.voucher, ledger.project = date(2024, 12, 28), f"v-{number}", "p"
        session.commit()

    yield write
    for session, _ in kept.values():
        session.close()
    found.dispose()


def opened(name: str, *, organisation: str) -> Ledger:
    """A ledger that nothing has happened to."""
    return Ledger(
        id=name,
        budget=0,
        spent=0,
        kind="opened",
        amount=0,
        happened_on=date(2024, 1, 1),
        actor="account-7",
        role="unit-clerk",
        organisation=organisation,
    )


def supplement(session: Session, ledger: Ledger, number: int) -> None:
    """Add a supplement to a ledger, and commit."""
    ledger.kind, ledger.amount, ledger.source = "supplement", (number % 50 + 1) * 1_000_000, "6"
    ledger.budget += ledger.amount
    ledger.happened_on, ledger.project = date(2024, 12, number % 28 + 1), "P1"
    ledger.document, ledger.reason = f"财预〔2024〕{number % 500}号", "追"
    session.commit()


def lengthen(session: Session, name: str, count: int) -> None:
    """Repeat the newest version of a ledger until it has ``count``: the rows that as many further
    updates would leave, stored at once so that filling takes no minutes.
    """
    versions = LedgerVersion.__table__
    transactions = versioning_manager.transaction_cls.__table__
    newest = session.execute(
        select(versions).where(versions.c.id == name).order_by(versions.c.transaction_id.desc())
    ).first()
    assert newest is not None
    there = session.scalar(select(func.count()).select_from(versions).where(versions.c.id == name))
    last = session.scalar(select(func.max(transactions.c.id)))
    assert there is not None
    assert last is not None
    session.execute(
        versions.update()
        .where(versions.c.id == name, versions.c.end_transaction_id.is_(None))
        .values(end_transaction_id=last + 1)
    )
    numbers = range(last + 1, last + 1 + count - there)
    issued = session.execute(
        select(transactions.c.issued_at).where(transactions.c.id == last)
    ).scalar_one()
    for some in _batches(numbers):
        session.execute(insert(transactions), [{"id": one, "issued_at": issued} for one in some])
        session.execute(
            insert(versions),
            [
                {
                    **newest._mapping,  # noqa: SLF001 - its public name
                    "transaction_id": one,
                    "end_transaction_id": one + 1 if one != numbers[-1] else None,
                    "operation_type": 1,
                }
                for one in some
            ],
        )
    session.commit()


def _batches(numbers: range) -> Iterator[range]:
    for start in range(0, len(numbers), _AT_ONCE):
        yield numbers[start : start + _AT_ONCE]
