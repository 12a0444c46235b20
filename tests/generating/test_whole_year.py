"""A year with every kind of fact, asked in every way: all answers agree, on both databases."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from adapters.rehearsal import Rehearsal
from adapters.settings import Settings
from api.app import HttpSettings, create_app
from api.bootstrap import Liuhen, bootstrap
from api.generating.plan import Plan
from domain.evaluation.state import Status
from domain.facts import Fact
from domain.facts import form as f
from domain.facts import others as o
from domain.facts.envelope import Role
from domain.ids import is_form, is_ledger
from domain.store import Recorded
from domain.texts import free_text_fields
from projections import current, deductions, findings, score_history, search, standing
from projections.adjustments import AdjustmentFilter, adjustments_as_of, list_for
from projections.differences import between
from projections.replay import End, Step, Stride, heads, replay
from projections.runner import Runner
from projections.verification import verify
from tests.generating.support import fill
from tests.generating.test_year import missing
from tests.projections.stage import scratch
from tests.support.postgres import postgres_server

PLAN = Plan(counties=1, units=16, year=2024, seed=3, payments=12, large=0)
[LOG] = PLAN.divisions
RARE: tuple[type[Fact], ...] = (
    f.IndicatorWithdrawn, f.EvidenceWithdrawn, f.ContentWithheld, f.FindingAcknowledged,
    f.Reopened, f.Returned, f.OverrideWithdrawn, f.SignatureWithdrawn, o.TextRedacted, o.YearReopened,
)  # fmt: skip
DAY = date(2024, 11, 30)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def year(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Liuhen]:
    """The year with its views; what is done to it leaves its facts and views as they are."""
    if request.param == "sqlite":
        with bootstrap(Settings(data_dir=tmp_path_factory.mktemp("year"))) as liuhen:
            yield _filled(liuhen)
        return
    with postgres_server() as server:
        url = server.migrated().set(drivername="postgresql")
        text = SecretStr(url.render_as_string(hide_password=False))
        with bootstrap(Settings(database_url=text)) as liuhen:
            yield _filled(liuhen)


def _filled(liuhen: Liuhen) -> Liuhen:
    fill(liuhen, PLAN)
    liuhen.catch_up()
    return liuhen


def facts_of(liuhen: Liuhen) -> list[Recorded]:
    return list(liuhen.store.read_log(LOG, limit=1_000_000))


def moments(liuhen: Liuhen) -> list[int]:
    """Where moments end, at and before what is rare, and elsewhere. What is recorded at one moment
    is known together or not at all.
    """
    chance = random.Random(7)
    facts = facts_of(liuhen)
    rare = [one for one in facts if isinstance(one.fact, RARE)]
    chosen = [
        one.envelope.recorded_at for one in (*chance.sample(rare, 6), *chance.sample(facts, 3))
    ]
    beside = [when - timedelta(seconds=1) for when in chosen[:3]]
    return sorted({liuhen.store.position_at(LOG, when) for when in (*chosen, *beside)})


def test_every_kind_of_fact_is_in_it(year: Liuhen) -> None:
    assert missing([type(one.fact) for one in facts_of(year)] + list(RARE), facts_of(year)) == set()


def test_every_fact_can_be_applied_and_verification_finds_no_difference(year: Liuhen) -> None:
    assert year.stopped() == []
    with year.views.read():
        done = verify(
            year.store,
            year.views,
            2024,
            heads(year.store),
            now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        )
    assert done.discrepancies == ()
    [log] = done.logs
    assert (log.position, log.unit_years) == (year.store.head(LOG), PLAN.units)


def test_views_that_are_rebuilt_are_the_same(year: Liuhen) -> None:
    done = year.rebuild(switch=False)
    assert (done.differences, done.facts) == (0, year.store.head(LOG))


def test_the_last_step_of_a_replay_is_the_year_as_the_views_have_it(year: Liuhen) -> None:
    for stride in (Stride.MONTH, Stride.FACT):
        *steps, end = replay(year.store, 2024, stride, heads(year.store))
        last = steps[-1]
        assert isinstance(end, End)
        assert isinstance(last, Step)
        with year.connection() as connection:
            stood = standing.year(connection, {LOG: year.store.head(LOG)}, 2024)
        assert (last.forms, last.grades) == (stood.forms.by_status, stood.forms.by_grade)
        assert (last.scored, last.mean) == (stood.forms.scored, stood.forms.mean_total)
        assert (last.initial_fen, last.adjusted_fen, last.spent_fen) == (
            stood.money.initial,
            stood.money.adjusted,
            stood.money.spent,
        )


def test_at_any_moment_every_question_is_answered_as_from_the_facts_known_then(
    year: Liuhen,
) -> None:
    texts, forms = year.store.text_bodies, list(filter(is_form, year.store.streams(LOG)))
    rare = {one.stream_id for one in facts_of(year) if isinstance(one.fact, RARE)}
    ledgers = list(filter(is_ledger, year.store.streams(LOG)))
    states = set()
    for position in moments(year):
        views = scratch()
        runner = Runner(Rehearsal(year.store, {LOG: position}), views)
        runner.prepare()
        runner.catch_up()
        with views.read() as then, year.connection() as now:
            at = {LOG: position}
            for day in (None, DAY):
                assert standing.year(then, at, 2024, day) == standing.year(now, at, 2024, day)
                assert standing.units_of(then, at, 2024, day) == standing.units_of(
                    now, at, 2024, day
                )
            for form in sorted(rare & set(forms))[:8]:
                ask = (year.store, LOG, form, position)
                known = (then, texts, LOG, form)
                assert score_history.history_as_of(*ask) == score_history.list_for(*known)
                assert deductions.deductions_as_of(*ask) == deductions.list_for(*known)
                assert findings.findings_as_of(*ask) == findings.list_for(*known)
                found = current.current_as_of(*ask)
                assert found == current.find(*known)
                states.add(found.evaluation.status if found else Status.ABSENT)
            for ledger in ledgers[:3]:
                asked = AdjustmentFilter(ledger=ledger)
                known_then = adjustments_as_of(year.store, LOG, ledger, position)
                assert known_then == list_for(then, texts, asked)
    assert len(states) > 4


def test_every_text_that_is_there_is_found_and_none_that_is_gone(year: Liuhen) -> None:
    facts = facts_of(year)
    said = [(one, digest) for one in facts for digest in digests(one.fact)]
    bodies = year.store.text_bodies(LOG, [digest for _, digest in said])
    gone = {one.fact.digest for one in facts if isinstance(one.fact, o.TextRedacted)}
    assert {digest for _, digest in said} - set(bodies) == gone != set()
    with year.connection() as connection:
        hits = [
            hit.entry
            for body in set(bodies.values())
            for hit in search.search(connection, year.store.text_bodies, body, limit=None).rows
        ]
    found = {(hit.position, hit.prose.digest) for hit in hits if hit.prose}
    assert found == {(one.position, digest) for one, digest in said if digest in bodies}
    # Whoever keeps to a year finds what was said of the year itself, too.
    assert {hit.fiscal_year for hit in hits} == {2024}


def digests(value: msgspec.Struct) -> Iterator[str]:
    """The digests of the texts in a fact, and in what stands inside it."""
    marked = free_text_fields(type(value))
    for name in value.__struct_fields__:
        part = getattr(value, name)
        if name in marked and isinstance(part, str):
            yield part
        elif isinstance(part, msgspec.Struct):
            yield from digests(part)


def test_whatever_happens_to_a_form_is_a_difference_with_its_fact(year: Liuhen) -> None:
    seen: Counter[type[Fact]] = Counter()
    for one in facts_of(year):
        kind = type(one.fact)
        # What a redaction takes is gone at either moment: that is no difference.
        if not is_form(one.stream_id) or kind is o.TextRedacted or seen[kind] >= 2:
            continue
        seen[kind] += 1
        found = between(year.store, LOG, one.stream_id, one.position - 1, one.position)
        assert found is not None
        assert found.changes, one
        causes = {cause.fact.event_id for change in found.changes for cause in change.facts}
        assert causes == {one.envelope.event_id}
    assert set(RARE) - set(seen) == {o.TextRedacted, o.YearReopened}


def test_a_sheet_shows_the_papers_that_bear_it_and_what_is_withheld(year: Liuhen) -> None:
    facts = facts_of(year)
    [form, *_] = [one.stream_id for one in facts if isinstance(one.fact, f.EvidenceWithdrawn)]
    own = [one.fact for one in facts if one.stream_id == form]
    withdrawn = {fact.sha256 for fact in own if isinstance(fact, f.EvidenceWithdrawn)}
    attached = {fact.sha256 for fact in own if isinstance(fact, f.EvidenceAttached)}
    shown = page_of(year, form)
    found = current.current_as_of(year.store, LOG, form)
    assert found is not None
    bearing = {paper.sha256 for paper in found.evaluation.evidence}
    assert bearing <= attached
    assert all(f"<code>{sha256[:12]}</code>" in shown for sha256 in bearing)
    assert not any(f"<code>{sha256[:12]}</code>" in shown for sha256 in withdrawn - bearing)
    for one in facts:
        if isinstance(one.fact, f.ContentWithheld):
            assert one.fact.about in page_of(year, one.stream_id)


def page_of(liuhen: Liuhen, form: str) -> str:
    app = create_app(liuhen, HttpSettings())
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000))
    answer = client.get(f"/evaluations/{form}")
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        (f.IndicatorWithdrawn, {Role.UNIT_CLERK}),
        (f.EvidenceWithdrawn, {Role.UNIT_CLERK}),
        (f.ContentWithheld, {Role.UNIT_CLERK}),
        (o.TextRedacted, {Role.SECURITY_ADMINISTRATOR}),
        (o.YearReopened, {Role.FINANCE_APPROVER}),
    ],
)
def test_what_is_rare_is_done_by_whoever_may_do_it(
    year: Liuhen, kind: type[Fact], role: set[Role]
) -> None:
    assert {one.envelope.role for one in facts_of(year) if isinstance(one.fact, kind)} == role


def test_a_year_that_is_opened_again_takes_entries_and_is_closed(year: Liuhen) -> None:
    facts = facts_of(year)
    of_year = [one for one in facts if one.stream_id == f"{LOG}/2024"]
    kinds = [type(one.fact) for one in of_year]
    assert kinds[-3:] == [o.YearClosed, o.YearReopened, o.YearClosed]
    closed, reopened, closed_again = (one.position for one in of_year[-3:])
    booked = [one.position for one in facts if is_ledger(one.stream_id) and one.position > closed]
    assert booked
    assert all(reopened < position < closed_again for position in booked)
