"""The list of evaluations at any moment equals a fold of every form, on both databases."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

import pytest
from pydantic import SecretStr

from adapters.settings import Settings
from api import listing
from api.bootstrap import Liuhen, bootstrap
from api.generating.plan import Plan
from domain.evaluation.state import Status
from domain.ids import is_form
from projections import standing
from projections.current import EvaluationFilter, current_as_of, list_all
from projections.findings import findings_as_of
from projections.tables.paging import walk
from tests.generating.support import fill
from tests.support.postgres import postgres_server

PLAN = Plan(counties=2, units=2, year=2024, seed=11, payments=12, large=0)
"""Two counties of two units, from the first budget to the last publication."""
DAY = date(2024, 9, 30)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def county(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Liuhen]:
    """A small year with its views; only read it."""
    if request.param == "sqlite":
        with bootstrap(Settings(data_dir=tmp_path_factory.mktemp("listed"))) as liuhen:
            yield filled(liuhen)
        return
    with postgres_server() as server:
        url = server.migrated().set(drivername="postgresql")
        text = SecretStr(url.render_as_string(hide_password=False))
        with bootstrap(Settings(database_url=text)) as liuhen:
            yield filled(liuhen)


def filled(liuhen: Liuhen) -> Liuhen:
    fill(liuhen, PLAN)
    liuhen.catch_up()
    return liuhen


def moments(liuhen: Liuhen) -> list[datetime]:
    """Moments through the year: before anything, between, and after everything."""
    recorded = sorted(
        one.envelope.recorded_at
        for log_id in liuhen.store.logs()
        for one in liuhen.store.read_log(log_id, limit=100_000)
    )
    return [recorded[0].replace(year=2000), *recorded[:: len(recorded) // 8], recorded[-1]]


def folded(
    liuhen: Liuhen, moment: datetime, effective_on: date | None = None
) -> list[listing.Listed]:
    """Every form folded from the facts known at a moment."""
    found = []
    for log_id in liuhen.store.logs():
        position = liuhen.store.position_at(log_id, moment)
        for form in filter(is_form, liuhen.store.streams(log_id)):
            one = current_as_of(liuhen.store, log_id, form, position, effective_on)
            if one is not None:
                rows = findings_as_of(liuhen.store, log_id, form, position, effective_on)
                counts = Counter(row.class_.value for row in rows)
                found.append(listing.Listed(one.evaluation, dict(counts)))
    return found


def listed(
    liuhen: Liuhen,
    moment: datetime | None,
    where: EvaluationFilter | None = None,
    effective_on: date | None = None,
) -> list[listing.Listed]:
    where = where or EvaluationFilter()
    return list(listing.evaluations(liuhen, where, moment, effective_on).rows)


def test_at_any_moment_it_is_what_a_fold_of_every_form_gives(county: Liuhen) -> None:
    seen = [folded(county, moment) for moment in moments(county)]
    assert [listed(county, moment) for moment in moments(county)] == seen
    assert seen[0] == []
    assert len({status for some in seen for status in {one.evaluation.status for one in some}}) > 3


def test_what_is_asked_for_is_chosen_as_from_a_fold_of_every_form(county: Liuhen) -> None:
    moment = moments(county)[-3]
    every = folded(county, moment)
    one = every[0].evaluation
    for where in (
        *(EvaluationFilter(status=status) for status in Status),
        EvaluationFilter(unit=one.unit),
        EvaluationFilter(division=one.division, level=one.level),
        EvaluationFilter(log_id=one.log_id, fiscal_year=PLAN.year),
        EvaluationFilter(fiscal_year=PLAN.year - 1),
    ):
        asked = {
            name: wanted
            for name in where.__struct_fields__
            if (wanted := getattr(where, name)) is not None
        }
        fitting = [
            it
            for it in every
            if all(getattr(it.evaluation, name) == wanted for name, wanted in asked.items())
        ]
        assert listed(county, moment, where) == fitting, where


def test_on_a_business_date_scores_are_estimated_as_for_one_form(county: Liuhen) -> None:
    moment = moments(county)[-2]
    assert listed(county, moment, effective_on=DAY) == folded(county, moment, DAY)


def test_the_views_give_the_same_now(county: Liuhen) -> None:
    now = listed(county, None)
    assert now == listed(county, moments(county)[-1])
    with county.connection() as connection:
        assert [one.evaluation for one in now] == list_all(connection, county.store.text_bodies)


@pytest.mark.parametrize("past", [False, True])
def test_a_walk_from_page_to_page_meets_every_evaluation_once(
    county: Liuhen, *, past: bool
) -> None:
    moment = moments(county)[-2] if past else None
    pages = walk(
        lambda after: listing.evaluations(
            county, EvaluationFilter(), moment, None, after=after, limit=2
        )
    )
    assert list(pages) == listed(county, moment)


@pytest.mark.parametrize("effective_on", [None, DAY])
def test_the_list_of_a_year_by_page_goes_on_from_log_to_log(
    county: Liuhen, effective_on: date | None
) -> None:
    with county.connection() as connection:
        for moment in moments(county)[::3]:
            at = county.logs.positions(connection, moment)
            every = standing.listed(connection, at, 2024, effective_on)
            for limit in (1, 3, 100):
                pages = walk(
                    lambda after, at=at, limit=limit: standing.list_page(  # type: ignore[misc] # bound at once
                        connection, at, 2024, effective_on, after=after, limit=limit
                    )
                )
                assert list(pages) == every
    assert {one.form.log_id for one in every} == set(county.store.logs())
