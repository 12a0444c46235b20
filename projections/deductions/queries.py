"""Writing and asking for justifications."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, select

from domain.facts.form import LedgerInput
from domain.store import EventStore
from projections.deductions.deriving import derive
from projections.deductions.rows import Deduction, table
from projections.tables import (
    FactRef,
    TextBodies,
    joined,
    read,
    replace,
)
from projections.unit_year import (
    booked_behind,
    recall_form,
)


def apply(
    connection: Connection,
    log_id: str,
    derived: Mapping[str, Sequence[Deduction]],
    *,
    first: bool = False,
) -> None:
    """Replace the rows of each evaluation; ``first`` where none is stored yet."""
    rows = [row for form in derived.values() for row in form]
    stored = () if first else derived
    where = [{"log_id": log_id, "evaluation": evaluation} for evaluation in stored]
    replace(connection, table, rows, where=where)


# -------------------------------------------------------------------------------------- queries


def list_for(
    connection: Connection,
    texts: TextBodies,
    log_id: str,
    evaluation: str,
    *,
    line: str | None = None,
    deducted: bool = False,
    unexplained: bool = False,
) -> list[Deduction]:
    """The lines of an evaluation; with ``deducted`` those that lost points, with ``unexplained``
    those that lost them without a reason.
    """
    query = select(table).where(table.c.log_id == log_id, table.c.evaluation == evaluation)
    if line is not None:
        query = query.where(table.c.line == line)
    if deducted:
        query = query.where(table.c.deduction.is_not(None), table.c.deduction != "0")
        query = query.where(~table.c.deduction.startswith("-"))
    if unexplained:
        query = query.where(table.c.unexplained)
    found = read(Deduction, connection.execute(query.order_by(table.c.ordinal)))
    return joined(found, texts)


def list_unexplained(
    connection: Connection,
    texts: TextBodies,
    *,
    log_id: str | None = None,
    fiscal_year: int | None = None,
    unit: str | None = None,
) -> list[Deduction]:
    """Deductions without a reason, across evaluations."""
    query = select(table).where(table.c.unexplained)
    for column, wanted in (("log_id", log_id), ("fiscal_year", fiscal_year), ("unit", unit)):
        if wanted is not None:
            query = query.where(table.c[column] == wanted)
    query = query.order_by(table.c.log_id, table.c.evaluation, table.c.ordinal)
    return joined(read(Deduction, connection.execute(query)), texts)


def deductions_as_of(
    store: EventStore,
    log_id: str,
    evaluation: str,
    position: int | None = None,
    effective_on: date | None = None,
) -> list[Deduction]:
    """The same rows derived from the facts known at ``position``; empty for no such form. With
    ``effective_on`` they justify what the scores would be on that business date.
    """
    fold = recall_form(store, log_id, evaluation, position, effective_on)
    if fold is None:
        return []
    found = derive(fold, evaluation)
    fold.rest()
    return joined(found, store.text_bodies)


def ledger_facts(
    store: EventStore,
    log_id: str,
    evaluation: str,
    line: str,
    *,
    position: int | None = None,
    effective_on: date | None = None,
) -> tuple[FactRef, ...]:
    """The bookings behind the sums that the calculated score of a line used.

    They are folded when asked for: a department's 执行数 can rest on twenty thousand payments.
    Empty where the score took nothing from the ledger.
    """
    fold = recall_form(store, log_id, evaluation, position, effective_on)
    noted = fold.forms[evaluation].calculated.get(line) if fold else None
    used = noted.fact.ledger if noted else None
    if fold is None or not isinstance(used, LedgerInput) or used.version == 0:
        return ()
    # What a business date leaves out is as void as what was voided, but bore nothing either.
    left_out = (
        set()
        if effective_on is None
        else {chain.origin for chain in fold.ledger.chains.live.values() if chain.fact is None}
    )
    return tuple(
        ref
        for ref in booked_behind(fold, used)
        if (chain := fold.ledger.chains.find(ref.event_id)) is None or chain.origin not in left_out
    )
