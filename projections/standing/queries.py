"""Asking how a year stood: of one log or of several, each at its own position.

``at`` maps each log that is asked for to the position that was known; ``reached`` gives those of
now. With ``effective_on`` only money counts whose last effective day is known and not later; money
without a date is summed apart. Rows, scores and workflow are those known at the position.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select, union

from projections.standing.amounts import by_ledger, of_unit
from projections.standing.answers import Forms, ListedUnit, Positions, Year, Years
from projections.standing.counting import Stood, forms_by_log
from projections.standing.counting import counted as counted_forms
from projections.standing.flows import by_log
from projections.standing.money import Amount, Money, Scope, money
from projections.standing.positions import YEAR, Place, Question
from projections.standing.rows import forms, units


def years_with_facts(connection: Connection, at: Positions) -> list[int]:
    """The fiscal years of which anything was known, in order."""
    if not at:
        return []
    return [one.fiscal_year for one in _YEARS.ask(connection, at)]


def _years(then: Place, _is_dated: bool) -> Select[*tuple[Any, ...]]:  # noqa: FBT001 - see Question
    known = (
        select(table.c.fiscal_year).where(
            table.c.log_id == then.log_id, table.c.known_from <= then.position
        )
        for table in (units, forms)
    )
    every = union(*known).subquery("every")
    return select(every.c.fiscal_year).order_by(every.c.fiscal_year)


_YEARS = Question(_years)


def year(
    connection: Connection, at: Positions, fiscal_year: int, effective_on: date | None = None
) -> Years:
    """How a year stood in each log, and in all together."""
    apart = effective_on is not None
    known = _Known({}, {}, {}, {})
    if at:
        known = _Known(
            *by_log(connection, at, fiscal_year, effective_on),
            forms_by_log(connection, at, fiscal_year),
            _units_by_log(connection, at, fiscal_year),
        )
    logs = tuple(
        Year(
            log_id=log_id,
            position=position,
            fiscal_year=fiscal_year,
            units=known.units.get(log_id, (0, 0))[0],
            declared_units=known.units.get(log_id, (0, 0))[1],
            money=_of_units([known.counted.get(log_id, ())]),
            undated=_of_units([known.undated.get(log_id, ())]) if apart else None,
            forms=counted_forms(known.forms.get(log_id, {})),
        )
        for log_id, position in sorted(at.items())
    )
    return Years(
        fiscal_year=fiscal_year,
        units=sum(count for count, _ in known.units.values()),
        declared_units=sum(declared for _, declared in known.units.values()),
        money=_of_units(known.counted.values()),
        undated=_of_units(known.undated.values()) if apart else None,
        forms=logs[0].forms if len(logs) == 1 else _together(known.forms.values()),
        logs=logs,
    )


def _together(several: Iterable[Mapping[Stood, int]]) -> Forms:
    every: Counter[Stood] = Counter()
    for stood in several:
        every.update(stood)
    return counted_forms(every)


class _Known(NamedTuple):
    """What is known of a year, by log."""

    counted: Mapping[str, Sequence[Amount]]
    undated: Mapping[str, Sequence[Amount]]
    forms: Mapping[str, Mapping[Stood, int]]
    units: Mapping[str, tuple[int, int]]


def _of_units(amounts: Iterable[Iterable[Amount]]) -> Money:
    return money(chain.from_iterable(amounts), Scope.UNITS)


def units_of(
    connection: Connection, at: Positions, fiscal_year: int, effective_on: date | None = None
) -> list[ListedUnit]:
    """Every unit of a year with its money, by log and unit."""
    if not at:
        return []
    counted, undated = by_ledger(connection, at, fiscal_year, effective_on)
    return [
        ListedUnit(
            log_id=one.log_id,
            fiscal_year=fiscal_year,
            ledger=one.ledger,
            unit=one.unit,
            unit_name=one.unit_name,
            money=of_unit(counted.get(one.ledger, {})),
            undated=None if effective_on is None else of_unit(undated.get(one.ledger, {})),
        )
        for one in _UNITS.ask(connection, at, fiscal_year)
    ]


def _units(then: Place, _is_dated: bool) -> Select[*tuple[Any, ...]]:  # noqa: FBT001 - see Question
    return (
        select(units)
        .where(
            units.c.log_id == then.log_id,
            units.c.known_from <= then.position,
            units.c.fiscal_year == YEAR,
        )
        .order_by(units.c.log_id, units.c.unit)
    )


_UNITS = Question(_units)


def has_unit(connection: Connection, unit: str, log_id: str | None = None) -> bool:
    """Whether anything is known of a unit by its code, in a log or in any."""
    return any(
        connection.scalar(
            select(table.c.unit).where(table.c.unit == unit, *_within(table, log_id)).limit(1)
        )
        is not None
        for table in (units, forms)
    )


class UnitName(NamedTuple):
    """A unit as it is called; the same code is another unit in another log."""

    log_id: str
    unit: str
    name: str


def unit_names(connection: Connection, log_id: str | None = None) -> list[UnitName]:
    """Every unit by its names, in a log or in all, by log and code."""
    found: set[UnitName] = set()
    for table in (forms, units):
        query = select(table.c.log_id, table.c.unit, table.c.unit_name)
        query = query.where(*_within(table, log_id)).distinct()
        found |= {UnitName(*one) for one in connection.execute(query)}
    return sorted(found)


def _within(table: Table, log_id: str | None) -> list[ColumnElement[bool]]:
    return [] if log_id is None else [table.c.log_id == log_id]


def has_form(connection: Connection, log_id: str, fiscal_year: int, form: str) -> bool:
    """Whether a form was ever opened."""
    query = select(forms.c.id).where(
        forms.c.log_id == log_id, forms.c.fiscal_year == fiscal_year, forms.c.id == form
    )
    return connection.scalar(query.limit(1)) is not None


def _count_units(then: Place, _is_dated: bool) -> Select[*tuple[Any, ...]]:  # noqa: FBT001
    declared = func.count().filter(units.c.rules_from > then.position)
    return (
        select(units.c.log_id, func.count().label("units"), declared.label("declared"))
        .where(
            units.c.log_id == then.log_id,
            units.c.known_from <= then.position,
            units.c.fiscal_year == YEAR,
        )
        .group_by(units.c.log_id)
    )


_UNITS_BY_LOG = Question(_count_units)


def _units_by_log(
    connection: Connection, at: Positions, fiscal_year: int
) -> dict[str, tuple[int, int]]:
    """How many units there are, and of how many only what is declared counts."""
    found = _UNITS_BY_LOG.ask(connection, at, fiscal_year)
    return {one.log_id: (one.units, one.declared) for one in found}
