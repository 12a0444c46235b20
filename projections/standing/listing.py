"""The list of a year's forms at any moment, as a whole or by page."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Literal, NamedTuple

from sqlalchemy import BigInteger, Connection, Select, Text, bindparam, select, tuple_

from projections.standing.amounts import ByProject, by_ledger, of_unit
from projections.standing.answers import Listed, Positions
from projections.standing.counting import holding
from projections.standing.money import Money, Scope, money
from projections.standing.positions import YEAR, Place, Question
from projections.standing.rows import FormStanding, forms
from projections.tables import read
from projections.tables.paging import Page, key_of, page_of

_ORDER = (forms.c.log_id, forms.c.unit, forms.c.id)


def _forms(then: Place, _is_dated: bool) -> Select[*tuple[Any, ...]]:  # noqa: FBT001 - see Question
    return select(forms).where(holding(then), forms.c.fiscal_year == YEAR).order_by(*_ORDER)


def _next_forms(then: Place, is_dated: bool) -> Select[*tuple[Any, ...]]:  # noqa: FBT001
    last = tuple_(*(bindparam(name, type_=Text) for name in ("of_unit", "of_form")))
    query = _forms(then, is_dated).where(tuple_(forms.c.unit, forms.c.id) > last)
    return query.limit(bindparam("of_limit", type_=BigInteger))


_FORMS = Question(_forms)
_NEXT_FORMS = Question(_next_forms)


def stood(connection: Connection, at: Positions, fiscal_year: int) -> list[FormStanding]:
    """Every form of a year as it stood, by log, unit and id."""
    return read(FormStanding, _FORMS.ask(connection, at, fiscal_year)) if at else []


def listed(
    connection: Connection, at: Positions, fiscal_year: int, effective_on: date | None = None
) -> list[Listed]:
    """Every form of a year as it stood, with its money, by log, unit and id."""
    if not at:
        return []
    found = stood(connection, at, fiscal_year)
    counted, undated = by_ledger(connection, at, fiscal_year, effective_on)
    return list(_with_money(found, counted, undated, effective_on))


class Key(NamedTuple):
    """Where a form stands in the list of a year."""

    question: Literal["year"]
    log_id: str
    unit: str
    id: str


def list_page(
    connection: Connection,
    at: Positions,
    fiscal_year: int,
    effective_on: date | None = None,
    *,
    after: str | None = None,
    limit: int,
) -> Page[Listed]:
    """A page of what ``listed`` lists. Logs are asked in turn until it is full, and only the accounts
    of its units are looked at. Raises ``Rejected`` (``request.cursor``).
    """
    last = key_of(after, Key) if after is not None else Key("year", "", "", "")
    found: list[Listed] = []
    for log_id in sorted(one for one in at if one >= last.log_id):
        left = limit + 1 - len(found)
        if not left:
            break
        here = {log_id: at[log_id]}
        unit, form = (last.unit, last.id) if log_id == last.log_id else ("", "")
        rows = _NEXT_FORMS.ask(
            connection, here, fiscal_year, of_unit=unit, of_form=form, of_limit=left
        )
        some = read(FormStanding, rows)
        if some:
            ledgers = map(_ledger_of, some)
            money_of = by_ledger(connection, here, fiscal_year, effective_on, ledgers)
            found += _with_money(some, *money_of, effective_on)
    return page_of(found, limit, _key)


def _key(one: Listed) -> Key:
    return Key("year", one.form.log_id, one.form.unit, one.form.id)


def _with_money(
    found: Iterable[FormStanding],
    counted: Mapping[str, ByProject],
    undated: Mapping[str, ByProject],
    effective_on: date | None,
) -> Iterator[Listed]:
    for one in found:
        yield Listed(
            form=one,
            money=_of_form(one, counted),
            undated=None if effective_on is None else _of_form(one, undated),
        )


def _of_form(form: FormStanding, by_ledger: Mapping[str, ByProject]) -> Money | None:
    projects = by_ledger.get(_ledger_of(form))
    if projects is None:
        return None
    if form.project is None:
        return of_unit(projects)
    return money(projects.get(form.project, ()), Scope.PROJECT)


def _ledger_of(form: FormStanding) -> str:
    division, unit, year, _ = form.id.split("/", 3)
    return f"{division}/{unit}/{year}/ledger"
