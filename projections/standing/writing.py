"""Writing movements and standings.

What is written does not depend on how a log was cut into batches: what a batch begins with is
joined with what was known together with it, and a form that stands as before has no row.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import blake2b
from typing import Any, NamedTuple

from msgspec.structs import replace
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ScalarSelect,
    and_,
    bindparam,
    delete,
    select,
    update,
)

from projections.standing.booking import Where
from projections.standing.flows import FLOWS
from projections.standing.grading import FORMS
from projections.standing.rows import (
    OPEN_END,
    Account,
    FormStanding,
    Movement,
    Sum,
    accounts,
    forms,
    movements,
    units,
)
from projections.standing.watching import Run, Watched
from projections.tables import put, read

_FORMS_AT_ONCE = 500
"""Forms that one question asks for."""


def apply(connection: Connection, watched: Sequence[Watched]) -> None:
    """Add what was seen of several units and years of one log."""
    moved = [one for one in watched if any(run.moved for run in one.runs)]
    if moved:
        _move(connection, moved)
    put(connection, units, [one.unit for one in watched if one.unit is not None])
    ruling = [one for one in watched if one.rules_from is not None]
    if ruling:
        _rule(connection, ruling)
    since: dict[int, int] = {}
    for one in watched:
        for position in _flows_from(one):
            since[one.fiscal_year] = min(position, since.get(one.fiscal_year, position))
    if since:
        FLOWS.refresh(connection, watched[0].log_id, since)
    stood = [row for one in watched for row in one.forms]
    if stood:
        _stand(connection, stood)


def _flows_from(one: Watched) -> Iterable[int]:
    """Positions from which on the money of its log counts otherwise than before."""
    if one.continued is not None:
        yield one.continued
    yield from (run.position for run in one.runs if run.moved)
    if one.rules_from is not None:
        yield one.rules_from


def forget(
    connection: Connection, log_id: str, year: int, ledger: str, form_ids: Iterable[str]
) -> None:
    """Take everything about one unit and year away, before it is seen from its first fact."""
    mine = (
        accounts.c.log_id == log_id,
        accounts.c.fiscal_year == year,
        accounts.c.ledger == ledger,
    )
    connection.execute(
        delete(movements).where(
            movements.c.log_id == log_id,
            movements.c.account.in_(select(accounts.c.account).where(*mine)),
        )
    )
    connection.execute(delete(accounts).where(*mine))
    FLOWS.refresh(connection, log_id, {year: 1})
    connection.execute(
        delete(units).where(
            units.c.log_id == log_id, units.c.fiscal_year == year, units.c.ledger == ledger
        )
    )
    for form_id in form_ids:
        connection.execute(
            delete(forms).where(
                forms.c.log_id == log_id, forms.c.fiscal_year == year, forms.c.id == form_id
            )
        )
    FORMS.refresh(connection, log_id, [year])


# --------------------------------------------------------------------------------------- money


def _rule(connection: Connection, ruling: Sequence[Watched]) -> None:
    connection.execute(
        update(units)
        .where(
            units.c.log_id == bindparam("log"),
            units.c.fiscal_year == bindparam("year"),
            units.c.ledger == bindparam("of"),
        )
        .values(rules_from=bindparam("position")),
        [
            {
                "log": one.log_id,
                "year": one.fiscal_year,
                "of": one.ledger,
                "position": one.rules_from,
            }
            for one in ruling
        ],
    )


class _Last(NamedTuple):
    """How an account stands after its last movement."""

    total: int = 0
    latest: date | None = None


_NOTHING = _Last()


def _move(connection: Connection, moved: Sequence[Watched]) -> None:
    for one in moved:
        if one.continued is not None:
            _take_back(connection, one, one.continued)
    known = _known(connection, moved)
    stand = {account: last for account, last in known.items() if last is not None}
    new: dict[int, Account] = {}
    rows: list[Movement] = []
    for one in moved:
        mine: dict[_Key, Account] = {}
        for run in one.runs:
            rows += _rows(one, run, mine, stand)
        new |= {each.account: each for each in mine.values() if each.account not in known}
    put(connection, movements, rows)
    put(connection, accounts, list(new.values()))


def _take_back(connection: Connection, one: Watched, position: int) -> None:
    """Take the movements at ``position`` into the first run: they were known together."""
    run = one.runs[0]
    here = (
        movements.c.log_id == one.log_id,
        movements.c.position == position,
        movements.c.account.in_(
            select(accounts.c.account).where(
                accounts.c.log_id == one.log_id,
                accounts.c.fiscal_year == one.fiscal_year,
                accounts.c.ledger == one.ledger,
            )
        ),
    )
    query = (
        select(movements, accounts)
        .join(accounts, _of_account())
        .where(*here, accounts.c.fiscal_year == one.fiscal_year)
    )
    for row in connection.execute(query):
        run.moved[Where(row.project, row.sum, row.effective, row.excluded)] += row.fen
    connection.execute(delete(movements).where(*here))


def _of_account() -> ColumnElement[bool]:
    return and_(movements.c.log_id == accounts.c.log_id, movements.c.account == accounts.c.account)


def _known(connection: Connection, moved: Sequence[Watched]) -> dict[int, _Last | None]:
    """How every account of the ledgers that move stands; None for one that lost its movements."""

    def last(column: Column[Any]) -> ScalarSelect[Any]:
        newest = select(column).where(_of_account()).correlate(accounts)
        order = (movements.c.position.desc(), movements.c.ordinal.desc())
        return newest.order_by(*order).limit(1).scalar_subquery()

    found: dict[int, _Last | None] = {}
    for year in sorted({one.fiscal_year for one in moved}):
        ledgers = [one.ledger for one in moved if one.fiscal_year == year]
        query = select(accounts.c.account, last(movements.c.total), last(movements.c.latest)).where(
            accounts.c.log_id == moved[0].log_id,
            accounts.c.fiscal_year == year,
            accounts.c.ledger.in_(ledgers),
        )
        for account, total, latest in connection.execute(query):
            found[account] = None if total is None else _Last(total, latest)
    return found


_Key = tuple[str, Sum, bool, bool]
"""An account within its ledger: project, sum, excluded, dated."""


def _rows(
    one: Watched, run: Run, mine: dict[_Key, Account], stand: dict[int, _Last]
) -> Iterable[Movement]:
    """The movements of a run; ``mine`` gets the accounts that it names, ``stand`` what they hold."""
    ordinals: dict[int, int] = {}
    for where in sorted(run.moved, key=_order):
        fen, effective = run.moved[where], where.effective
        key = (where.project, where.sum, where.excluded, effective is not None)
        found = mine.get(key)
        if found is None:
            found = mine[key] = _account(one, where)
        if not fen:
            continue
        account = found.account
        total, latest = stand.get(account, _NOTHING)
        late = effective is not None and latest is not None and effective < latest
        total, latest = total + fen, latest if late else effective
        stand[account] = _Last(total, latest)
        ordinal = ordinals.get(account, 0)
        ordinals[account] = ordinal + 1
        yield Movement(
            log_id=one.log_id,
            account=account,
            position=run.position,
            ordinal=ordinal,
            effective=effective,
            fen=fen,
            total=total,
            latest=latest,
            late=late,
        )


def _order(where: Where) -> tuple[str, str, bool, date]:
    return where.project, where.sum, where.excluded, where.effective or date.max


def _account(one: Watched, where: Where) -> Account:
    dated = where.effective is not None
    parts = (one.fiscal_year, one.ledger, where.project, where.sum, where.excluded, dated)
    return Account(
        log_id=one.log_id,
        fiscal_year=one.fiscal_year,
        account=_number(*parts),
        ledger=one.ledger,
        project=where.project,
        sum=where.sum,
        excluded=where.excluded,
        dated=dated,
    )


def _number(*parts: object) -> int:
    """62 bits of a digest. Two accounts of a log that met in one would refuse to be written."""
    text = "\x00".join(map(str, parts)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest()) >> 2


# --------------------------------------------------------------------------------------- forms


def _stand(connection: Connection, stood: Sequence[FormStanding]) -> None:
    by_form: dict[tuple[int, str], list[FormStanding]] = defaultdict(list)
    for row in stood:
        by_form[row.fiscal_year, row.id].append(row)
    log_id = stood[0].log_id
    standing = _as_they_stand(connection, log_id, list(by_form))
    closed, added = [], []
    counted_anew = set()
    for (year, form_id), rows in by_form.items():
        before = standing.get((year, form_id))
        if before is None or _counts_as(before) != _counts_as(rows[-1]):
            counted_anew.add(year)
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
    FORMS.refresh(connection, log_id, counted_anew)


def _counts_as(form: FormStanding) -> tuple[str, str | None]:
    return form.status, form.grade


def _as_they_stand(
    connection: Connection, log_id: str, wanted: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], FormStanding]:
    """How each of ``wanted`` (year and form) stood before, where it did."""
    found: dict[tuple[int, str], FormStanding] = {}
    for start in range(0, len(wanted), _FORMS_AT_ONCE):
        some = wanted[start : start + _FORMS_AT_ONCE]
        query = select(forms).where(
            forms.c.log_id == log_id,
            forms.c.fiscal_year.in_({year for year, _ in some}),
            forms.c.id.in_([form_id for _, form_id in some]),
            forms.c.known_to == OPEN_END,
        )
        rows = read(FormStanding, connection.execute(query))
        found |= {(row.fiscal_year, row.id): row for row in rows}
    return found
