"""疑点: what the cross-checks find in an evaluation, and who has acknowledged it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select, func, select, tuple_

from domain import crosschecks
from domain.crosschecks.findings import Finding, FindingClass
from domain.evaluation.state import FormState
from domain.facts.envelope import Role
from domain.store import EventStore
from domain.values import Words
from projections.tables import Prose, TextBodies, joined, prose, read, replace, table_of
from projections.tables.paging import Page, in_order, key_of, page_of
from projections.unit_year import UnitYearFold, recall_form


class FindingRow(Struct, frozen=True, gc=False, kw_only=True):
    """One finding. ``line`` None speaks of the whole form; ``facts`` are event ids,
    ``positions`` where those facts lie in the log.

    ``acknowledged_by`` and what follows it are None until somebody acknowledges exactly this
    finding; with other values it has another ``id`` and the acknowledgement lapses.
    """

    log_id: str
    evaluation: str
    ordinal: int
    unit: str
    unit_name: str
    fiscal_year: int
    project: str | None
    id: str
    code: str
    class_: FindingClass
    line: str | None
    path: tuple[str, ...]
    claim: Words
    recomputed: Words
    details: tuple[Words, ...]
    facts: tuple[UUID, ...]
    positions: tuple[int, ...]
    values: tuple[str, ...]
    acknowledged_by: str | None
    acknowledged_as: Role | None
    acknowledged_at: datetime | None
    remark: Prose | None


table = table_of(
    FindingRow,
    "findings",
    key=("log_id", "evaluation", "ordinal"),
    indexes=(
        ("log_id", "evaluation", "code", "id"),
        ("code", "log_id", "evaluation", "id"),
        ("class_", "log_id", "evaluation", "code", "id"),
        ("fiscal_year", "log_id", "evaluation", "code", "id"),
        ("unit", "log_id", "evaluation", "code", "id"),
        ("acknowledged_by", "log_id", "evaluation", "code", "id"),
    ),
)


def derive(fold: UnitYearFold) -> dict[str, list[FindingRow]]:
    """The findings of every form of a unit and year, in the order of the checks."""
    return {form_id: _of_form(fold, form_id) for form_id in fold.forms}


def _of_form(fold: UnitYearFold, form_id: str) -> list[FindingRow]:
    form, view = fold.forms[form_id], fold.views()[form_id]
    return [
        _row(fold, form_id, form, ordinal, finding)
        for ordinal, finding in enumerate(crosschecks.findings_of(view))
    ]


def _row(
    fold: UnitYearFold, form_id: str, form: FormState, ordinal: int, finding: Finding
) -> FindingRow:
    seen = form.acknowledged.get(finding.id)
    row = form.rows.get(finding.line) if finding.line else None
    return FindingRow(
        log_id=fold.log_id,
        evaluation=form_id,
        ordinal=ordinal,
        unit=fold.id.unit,
        unit_name=form.opened.unit_name if form.opened else "",
        fiscal_year=fold.id.year,
        project=form.opened.project if form.opened else None,
        id=finding.id,
        code=finding.code,
        class_=finding.class_,
        line=finding.line,
        path=row.path if row else (),
        claim=finding.claim,
        recomputed=finding.recomputed,
        details=finding.details,
        facts=finding.facts,
        positions=tuple(fold.facts[fact].position for fact in finding.facts if fact in fold.facts),
        values=finding.values,
        acknowledged_by=seen.actor if seen else None,
        acknowledged_as=seen.role if seen else None,
        acknowledged_at=seen.recorded_at if seen else None,
        remark=prose(seen.fact.remark) if seen else None,
    )


def apply(connection: Connection, log_id: str, found: Mapping[str, Sequence[FindingRow]]) -> None:
    """Replace the findings of each evaluation as a whole."""
    rows = [row for form in found.values() for row in form]
    where = [{"log_id": log_id, "evaluation": evaluation} for evaluation in found]
    replace(connection, table, rows, where=where)


# -------------------------------------------------------------------------------------- queries


class FindingFilter(Struct, frozen=True, gc=False, kw_only=True):
    """Which findings: every field that is given must fit."""

    log_id: str | None = None
    evaluation: str | None = None
    unit: str | None = None
    fiscal_year: int | None = None
    line: str | None = None
    code: str | None = None
    class_: FindingClass | None = None
    acknowledged: bool | None = None


class FindingCount(Struct, frozen=True, gc=False, kw_only=True):
    """How many findings of a code and class there are, and how many nobody has acknowledged."""

    code: str
    class_: FindingClass
    count: int
    open: int


def list_for(
    connection: Connection, texts: TextBodies, log_id: str, evaluation: str
) -> list[FindingRow]:
    """The findings of one evaluation, in the order of the checks."""
    query = select(table).where(table.c.log_id == log_id, table.c.evaluation == evaluation)
    return joined(read(FindingRow, connection.execute(query.order_by(table.c.ordinal))), texts)


class Key(NamedTuple):
    """Where a finding stands among those of all evaluations."""

    question: Literal["findings"]
    log_id: str
    evaluation: str
    code: str
    id: str


# A finding keeps its id while it holds; its place among the checks moves as others come and go.
_ORDER = (table.c.log_id, table.c.evaluation, table.c.code, table.c.id)


def search(
    connection: Connection,
    texts: TextBodies,
    where: FindingFilter | None = None,
    *,
    after: str | None = None,
    limit: int | None = None,
) -> Page[FindingRow]:
    """Findings across evaluations, by log, evaluation and code, a page at a time.

    Raises ``Rejected`` (``request.cursor``).
    """
    place = key_of(after, Key)[1:] if after is not None else None
    query = in_order(search_query(where), _ORDER, after=place, limit=limit)
    page = page_of(read(FindingRow, connection.execute(query)), limit, key)
    return Page(rows=tuple(joined(page.rows, texts)), after=page.after)


def search_query(where: FindingFilter | None = None) -> Select[Any]:
    """The findings that fit, in no order yet."""
    return select(table).where(*_conditions(where or FindingFilter()))


def key(row: FindingRow) -> Key:
    """Where a finding stands among those of all evaluations."""
    return Key("findings", row.log_id, row.evaluation, row.code, row.id)


def count_by_code(connection: Connection, where: FindingFilter | None = None) -> list[FindingCount]:
    """How many findings there are of each code and class."""
    query = (
        select(
            table.c.code,
            table.c.class_,
            func.count().label("count"),
            (func.count() - func.count(table.c.acknowledged_by)).label("open"),
        )
        .where(*_conditions(where or FindingFilter()))
        .group_by(table.c.code, table.c.class_)
        .order_by(table.c.code, table.c.class_)
    )
    return read(FindingCount, connection.execute(query))


def count_by_class(
    connection: Connection, evaluations: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], dict[str, int]]:
    """How many findings of each class each of ``evaluations`` has, both as log and id."""
    counts: dict[tuple[str, str], dict[str, int]] = {}
    if not evaluations:
        return counts
    query = (
        select(table.c.log_id, table.c.evaluation, table.c.class_, func.count().label("found"))
        .where(tuple_(table.c.log_id, table.c.evaluation).in_(evaluations))
        .group_by(table.c.log_id, table.c.evaluation, table.c.class_)
    )
    for one in connection.execute(query):
        of_form = counts.setdefault((one.log_id, one.evaluation), {})
        of_form[FindingClass(one.class_).value] = one.found
    return counts


def _conditions(where: FindingFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        table.c[name] == wanted
        for name in where.__struct_fields__
        if name != "acknowledged" and (wanted := getattr(where, name)) is not None
    ]
    if where.acknowledged is not None:
        seen = table.c.acknowledged_by
        conditions.append(seen.is_not(None) if where.acknowledged else seen.is_(None))
    return conditions


def findings_as_of(
    store: EventStore,
    log_id: str,
    evaluation: str,
    position: int | None = None,
    effective_on: date | None = None,
) -> list[FindingRow]:
    """The same rows derived from the facts known at ``position``; empty for no such form. With
    ``effective_on`` they are what would be found on that business date.
    """
    # The forms of the unit's projects are held against each other.
    fold = recall_form(store, log_id, evaluation, position, effective_on, with_others=True)
    if fold is None:
        return []
    found = _of_form(fold, evaluation)
    fold.rest()
    return joined(found, store.text_bodies)
