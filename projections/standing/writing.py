"""Writing movements and standings.

What is written does not depend on how a log was cut into batches: what a batch begins with is
joined with what was known together with it, and a form that stands as before has no row.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, delete, func, select, update

from projections.standing.booking import Where
from projections.standing.rows import (
    OPEN_END,
    Account,
    FormStanding,
    Movement,
    accounts,
    forms,
    movements,
    units,
)
from projections.standing.watching import Run, Watched
from projections.tables import put, read

_Key = tuple[str, str, str, bool]
"""Ledger, project, sum, excluded: an account within a log and year."""


def apply(connection: Connection, watched: Sequence[Watched]) -> None:
    """Add what was seen of several units and years of one log."""
    moved = [one for one in watched if any(run.moved for run in one.runs)]
    if moved:
        _move(connection, moved)
    put(connection, units, [one.unit for one in watched if one.unit is not None])
    stood = [row for one in watched for row in one.forms]
    if stood:
        _stand(connection, stood)


def forget(
    connection: Connection, log_id: str, year: int, ledger: str, form_ids: Iterable[str]
) -> None:
    """Take everything about one unit and year away, before it is seen from its first fact."""
    for table in (movements, accounts, units):
        connection.execute(
            delete(table).where(
                table.c.log_id == log_id, table.c.fiscal_year == year, table.c.ledger == ledger
            )
        )
    for form_id in form_ids:
        connection.execute(
            delete(forms).where(
                forms.c.log_id == log_id, forms.c.fiscal_year == year, forms.c.id == form_id
            )
        )


# --------------------------------------------------------------------------------------- money


def _move(connection: Connection, moved: Sequence[Watched]) -> None:
    for one in moved:
        if one.continued is not None:
            _take_back(connection, one, one.continued)
    totals = _totals(connection, moved)
    known = set(totals)
    rows: list[Movement] = []
    new: dict[_Key, Account] = {}
    for one in moved:
        for run in one.runs:
            for where in run.moved:
                key = _key(one, where)
                if key not in known and key not in new:
                    new[key] = _account(one, where)
            rows += _rows(one, run, totals)
    put(connection, movements, rows)
    put(connection, accounts, list(new.values()))


def _take_back(connection: Connection, one: Watched, position: int) -> None:
    """Take the movements at ``position`` into the first run: they were known together."""
    table, run = movements, one.runs[0]
    here = (
        table.c.log_id == one.log_id,
        table.c.fiscal_year == one.fiscal_year,
        table.c.ledger == one.ledger,
        table.c.position == position,
    )
    for row in read(Movement, connection.execute(select(table).where(*here))):
        run.moved[Where(row.project, row.sum, row.effective, row.excluded)] += row.fen
    connection.execute(delete(table).where(*here))


def _totals(connection: Connection, moved: Sequence[Watched]) -> dict[_Key, int]:
    """The last total of every account of the ledgers that move; 0 for one that lost its rows."""
    table, account = movements, accounts
    last = (
        select(table.c.total)
        .where(*(table.c[name] == account.c[name] for name in account.c.keys()))  # noqa: SIM118
        .order_by(table.c.position.desc(), table.c.ordinal.desc())
        .limit(1)
        .scalar_subquery()
    )
    found: dict[_Key, int] = {}
    for year in sorted({one.fiscal_year for one in moved}):
        ledgers = [one.ledger for one in moved if one.fiscal_year == year]
        query = select(account, func.coalesce(last, 0).label("total")).where(
            account.c.log_id == moved[0].log_id,
            account.c.fiscal_year == year,
            account.c.ledger.in_(ledgers),
        )
        for row in connection.execute(query):
            found[row.ledger, row.project, row.sum, row.excluded] = row.total
    return found


def _rows(one: Watched, run: Run, totals: dict[_Key, int]) -> Iterable[Movement]:
    ordinals: Counter[_Key] = Counter()
    for where in sorted(run.moved, key=_order):
        fen = run.moved[where]
        if not fen:
            continue
        key = _key(one, where)
        totals[key] = total = totals.get(key, 0) + fen
        yield Movement(
            log_id=one.log_id,
            fiscal_year=one.fiscal_year,
            ledger=one.ledger,
            project=where.project,
            sum=where.sum,
            excluded=where.excluded,
            position=run.position,
            ordinal=ordinals[key],
            effective=where.effective,
            fen=fen,
            total=total,
        )
        ordinals[key] += 1


def _order(where: Where) -> tuple[str, str, bool, date]:
    return where.project, where.sum, where.excluded, where.effective or date.max


def _key(one: Watched, where: Where) -> _Key:
    return one.ledger, where.project, where.sum, where.excluded


def _account(one: Watched, where: Where) -> Account:
    return Account(
        log_id=one.log_id,
        fiscal_year=one.fiscal_year,
        ledger=one.ledger,
        project=where.project,
        sum=where.sum,
        excluded=where.excluded,
    )


# --------------------------------------------------------------------------------------- forms


def _stand(connection: Connection, stood: Sequence[FormStanding]) -> None:
    by_form: dict[tuple[int, str], list[FormStanding]] = defaultdict(list)
    for row in stood:
        by_form[row.fiscal_year, row.id].append(row)
    log_id = stood[0].log_id
    closed, added = [], []
    for (year, form_id), rows in by_form.items():
        query = select(forms).where(
            forms.c.log_id == log_id,
            forms.c.fiscal_year == year,
            forms.c.id == form_id,
            forms.c.known_to == OPEN_END,
        )
        before = next(iter(read(FormStanding, connection.execute(query))), None)
        if before is not None:
            if replace(before, known_from=rows[0].known_from) == rows[0]:
                del rows[0]
            if rows:
                closed.append({"year": year, "form": form_id, "position": rows[0].known_from})
        ends = [*(row.known_from for row in rows[1:]), OPEN_END]
        added += (
            [replace(row, known_to=end) for row, end in zip(rows, ends, strict=True)]
            if rows
            else []
        )
    if closed:
        connection.execute(
            update(forms)
            .where(
                forms.c.log_id == log_id,
                forms.c.fiscal_year == bindparam("year"),
                forms.c.id == bindparam("form"),
                forms.c.known_to == OPEN_END,
            )
            .values(known_to=bindparam("position")),
            closed,
        )
    put(connection, forms, added)
