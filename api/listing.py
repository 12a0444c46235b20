"""The list of evaluations at any moment, a page at a time.

Which forms there were, and how each stood, is an indexed question at any moment; only the forms of
the page are folded, each unit and year once, for what their standing does not tell.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import groupby, islice
from typing import NamedTuple

from sqlalchemy import Connection

from api.bootstrap import Liuhen
from domain.ids import division_of, unit_year_of
from projections import current, standing
from projections import findings as finding
from projections.current import EvaluationFilter, Key
from projections.findings import FindingFilter
from projections.standing import FormStanding
from projections.tables import joined
from projections.tables.paging import Page, key_of, page_of
from projections.unit_year import counted, recall


class Listed(NamedTuple):
    """An evaluation, and how many findings of each class it has."""

    evaluation: current.Evaluation
    findings: Mapping[str, int]


def evaluations(
    liuhen: Liuhen,
    where: EvaluationFilter,
    moment: datetime | None,
    effective_on: date | None,
    *,
    after: str | None = None,
    limit: int | None = None,
) -> Page[Listed]:
    """The evaluations that fit, by log, year, unit and id, as known at ``moment`` (None: now) and
    as their ledgers count until ``effective_on``. Raises ``Rejected`` (``request.cursor``).
    """
    with liuhen.connection() as connection:
        if moment is None and effective_on is None:
            return _now(liuhen, connection, where, after, limit)
        at, page = page_at(liuhen, connection, where, moment, after=after, limit=limit)
    rows = tuple(_then(liuhen, page.rows, at, effective_on))
    return Page(rows=rows, after=page.after)


def page_at(
    liuhen: Liuhen,
    connection: Connection,
    where: EvaluationFilter,
    moment: datetime | None,
    *,
    after: str | None = None,
    limit: int | None = None,
) -> tuple[dict[str, int], Page[FormStanding]]:
    """A page of ``forms_at``; logs before that of the page, and those beyond it, are not asked.
    Raises ``Rejected`` (``request.cursor``).
    """
    last = key_of(after, Key) if after is not None else None
    at = liuhen.logs.positions(connection, moment, where.log_id)
    here = {log: position for log, position in at.items() if last is None or log >= last.log_id}
    left = (form for form in _forms(connection, where, here) if last is None or _key(form) > last)
    found = list(left if limit is None else islice(left, limit + 1))
    return at, page_of(found, limit, _key)


def forms_at(
    liuhen: Liuhen,
    connection: Connection,
    where: EvaluationFilter | FindingFilter,
    moment: datetime | None,
) -> tuple[dict[str, int], list[FormStanding]]:
    """The position of each log at a moment, and how each form stood there that ``where`` may fit:
    its log, division, unit, year, level and status are looked at. By log, year, unit and id.
    """
    at = liuhen.logs.positions(connection, moment, where.log_id)
    return at, list(_forms(connection, where, at))


def _forms(
    connection: Connection, where: EvaluationFilter | FindingFilter, at: Mapping[str, int]
) -> Iterator[FormStanding]:
    """The forms that ``where`` may fit, log after log and year after year."""
    wanted = {
        name: asked
        for name in ("unit", "level", "status")
        if (asked := getattr(where, name, None)) is not None
    }
    division, year = getattr(where, "division", None), where.fiscal_year
    for log_id, position in sorted(at.items()):
        here = {log_id: position}
        years = standing.years_with_facts(connection, here) if year is None else [year]
        for each in years:
            for form in standing.stood(connection, here, each):
                if division in {None, division_of(form.id)} and all(
                    getattr(form, name) == asked for name, asked in wanted.items()
                ):
                    yield form


def _key(form: FormStanding) -> Key:
    return Key("evaluations", form.log_id, form.fiscal_year, form.unit, form.id)


def _now(
    liuhen: Liuhen,
    connection: Connection,
    where: EvaluationFilter,
    after: str | None,
    limit: int | None,
) -> Page[Listed]:
    texts = liuhen.store.text_bodies
    page = current.search(connection, texts, where, after=after, limit=limit)
    counts = finding.count_by_class(connection, [(one.log_id, one.id) for one in page.rows])
    return Page(
        rows=tuple(Listed(one, counts.get((one.log_id, one.id), {})) for one in page.rows),
        after=page.after,
    )


def _then(
    liuhen: Liuhen,
    forms: Iterable[FormStanding],
    at: Mapping[str, int],
    effective_on: date | None,
) -> Iterator[Listed]:
    units = groupby(forms, key=lambda one: (one.log_id, unit_year_of(one.id)))
    for (log_id, unit_year), some in units:
        if unit_year is None:
            continue
        known = recall(liuhen.store, log_id, unit_year, at[log_id])
        fold = known if effective_on is None else counted(known, effective_on)
        findings = finding.derive(fold)
        for one in some:
            found = current.derive(fold, one.id)
            if found is not None:
                [evaluation] = joined([found.evaluation], liuhen.store.text_bodies)
                counts = Counter(row.class_.value for row in findings[one.id])
                yield Listed(evaluation, dict(counts))
