"""Whether what is stored is what facts and rules give; tampering is found, on both databases."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec import structs
from sqlalchemy import Executable, Update, delete, text, update

from adapters.codec import encode
from adapters.event_store import SqlEventStore
from adapters.identifiers import new_event_id
from adapters.schema import events, texts
from domain.commands import (
    Book,
    Booking,
    Finalise,
    PassDepartmentReview,
    PassFinanceReview,
    PublishRuleSet,
    Return,
)
from domain.facts.form import Finalised, ScoreCalculated
from domain.facts.ledger import Basis, BudgetSupplemented, ExpenditureRecorded, Line
from domain.store import Recorded
from projections import (
    adjustments,
    current,
    deductions,
    findings,
    score_history,
    search,
    standing,
)
from projections.adjustments import TALLIES as ADJUSTED
from projections.replay import heads
from projections.runner.views import view_tables
from projections.tables import METADATA
from projections.verification import Check, Discrepancy, Verification, verify
from projections.verification.views import _OWNERS, TALLIES, _owner
from tests.domain.test_laws import Choice
from tests.projections.stage import Stage
from tests.projections.test_laws import histories, played
from tests.projections.test_stories import late_payment
from tests.support.scenario import (
    BOOKKEEPER,
    BUREAU,
    DEPARTMENT,
    FINANCE,
    FORM,
    LEDGER,
    LOG,
    RULES,
    WAN,
)

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def verified(stage: Stage, year: int = 2024) -> Verification:
    stage.runner.catch_up()
    return verify(stage.store, stage.database, year, heads(stage.store), now=lambda: NOW)


def found_in(stage: Stage, check: Check) -> list[Discrepancy]:
    return [one for one in verified(stage).discrepancies if one.check is check]


@pytest.fixture
def year(stage: Stage) -> Stage:
    late_payment(stage)
    stage.given(PassDepartmentReview(form=FORM), DEPARTMENT)
    stage.given(PassFinanceReview(form=FORM), FINANCE)
    stage.given(Finalise(form=FORM), BUREAU)
    stage.runner.catch_up()
    return stage


def tamper(stage: Stage, kind: type, change: Callable[[Recorded], Recorded]) -> Recorded:
    """Change the payload of the last fact of a kind past every barrier, as its owner could."""
    told = [one for one in stage.store.read_log(LOG) if isinstance(one.fact, kind)][-1]
    false = change(told)
    past_every_barrier(
        stage,
        update(events)
        .where(events.c.log_id == LOG, events.c.position == told.position)
        .values(payload=encode(false.envelope, false.fact)),
    )
    return told


def past_every_barrier(stage: Stage, statement: Executable) -> None:
    """Change what is stored, as the owner of the database could."""
    assert isinstance(stage.store, SqlEventStore)
    with stage.store.database.transaction() as connection:
        if connection.dialect.name == "sqlite":
            for name in ("events_no_update", "events_no_delete", "texts_no_update"):
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET LOCAL ROLE liuhen_owner"))
            connection.execute(text("DROP TRIGGER events_never_change ON events"))
            for name in connection.scalars(
                text(
                    "SELECT tgname FROM pg_trigger WHERE tgrelid = 'texts'::regclass AND NOT tgisinternal"
                )
            ).all():
                connection.execute(text(f"DROP TRIGGER {name} ON texts"))
        connection.execute(statement)


# ---------------------------------------------------------------------------------- what is said


def test_what_was_checked_is_said(year: Stage) -> None:
    found = verified(year)
    assert found.consistent
    assert (found.discrepancies, found.year, found.began_at) == ((), 2024, NOW)
    [log] = found.logs
    head = year.store.head(LOG)
    last = year.store.read_log(LOG, after=head - 1)[0]
    assert (log.log_id, log.head, log.position, log.head_leaf) == (
        LOG,
        head,
        head,
        last.leaf_hash.hex(),
    )
    # One fact published the rule set; all others are of the unit.
    assert (log.unit_years, log.forms, log.facts, log.scores) == (1, 1, head - 1, 1)
    assert log.rows > 0
    assert log.figures > log.rows
    [rules] = found.rules
    assert (rules.name, rules.version, rules.digest) == ("规则", "1", RULES.digest)


def test_another_year_has_nothing_to_check(year: Stage) -> None:
    found = verified(year, 2019)
    assert found.consistent
    assert (found.logs[0].unit_years, found.logs[0].rows) == (0, 0)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories)
def test_every_history_is_consistent(history: list[Choice]) -> None:
    assert verified(played(history, batch=7, keep_up=True)).discrepancies == ()


# ------------------------------------------------------------------------------------- tampering


def test_a_tampered_score_is_found_with_its_fact(year: Stage) -> None:
    def nine_point_nine(told: Recorded) -> Recorded:
        assert isinstance(told.fact, ScoreCalculated)
        return structs.replace(told, fact=structs.replace(told.fact, points=Decimal("9.9")))

    told = tamper(year, ScoreCalculated, nine_point_nine)
    by_rule, by_steps = found_in(year, Check.SCORE)
    assert (by_rule.where, by_rule.what, by_rule.stored, by_rule.recomputed) == (
        FORM,
        "1 points",
        "9.9",
        "9.8",
    )
    assert (by_rule.fact, by_rule.position) == (str(told.envelope.event_id), told.position)
    assert (by_steps.what, by_steps.stored, by_steps.recomputed) == (
        "1 points by its steps",
        "9.9",
        "9.8",
    )


@pytest.mark.parametrize(
    ("column", "false"),
    [
        ("event_id", UUID(int=7)),
        ("recorded_at", 1),
        ("known_at", 2**50),
        ("effective_from", date(2001, 1, 1)),
        ("effective_to", date(2001, 1, 2)),
        ("actor", "other"),
    ],
)
def test_a_column_that_does_not_say_what_its_fact_says_is_found(
    year: Stage, column: str, false: object
) -> None:
    position = year.store.head(LOG)
    [told] = year.store.read_log(LOG, after=position - 1)
    # The last fact: what becomes known later is known no earlier than one before.
    past_every_barrier(
        year,
        update(events)
        .where(events.c.log_id == LOG, events.c.position == position)
        .values({column: false}),
    )
    [one] = found_in(year, Check.ALTERED)
    assert (one.where, one.what, one.position) == (told.stream_id, column, position)
    assert one.stored == str(false)
    assert one.recomputed != one.stored


def test_a_wrong_total_is_found(year: Stage) -> None:
    def hundred(told: Recorded) -> Recorded:
        assert isinstance(told.fact, Finalised)
        return structs.replace(told, fact=structs.replace(told.fact, total=Decimal(100)))

    tamper(year, Finalised, hundred)
    [one] = found_in(year, Check.TOTAL)
    assert (one.where, one.what, one.stored, one.recomputed) == (
        FORM,
        "finalised total",
        "100",
        "9.8",
    )


def test_a_fact_that_cannot_be_read_is_found(year: Stage) -> None:
    tamper(
        year,
        Finalised,
        lambda told: structs.replace(told, fact=ScoreCalculated(line="1", points=None)),
    )
    [one] = found_in(year, Check.UNREADABLE)
    assert (one.where, one.what) == ("130104/xfj/2024/", "UnreadableFact")


@pytest.mark.parametrize(
    ("statement", "what", "stored", "recomputed"),
    [
        (
            update(current.evaluations).values(computed_total="99"),
            f"evaluations {FORM} computed_total",
            "99",
            "9.8",
        ),
        (
            update(current.lines_table).values(final="10"),
            f"evaluation_lines {FORM}/0 final",
            "10",
            "9.8",
        ),
        (
            update(current.figures_table)
            .where(current.figures_table.c.quantity == "OUTTURN")
            .values(fen=1),
            f"evaluation_figures {FORM}/2 fen",
            "1",
            "99500000",
        ),
        (
            update(score_history.table)
            .where(score_history.table.c.ordinal == 0)
            .values(to_points="1"),
            None,
            "1",
            "9.8",
        ),
        (
            update(deductions.table).values(unexplained=False),
            f"deductions {FORM}/0 unexplained",
            "false",
            "true",
        ),
        (
            update(adjustments.openings).values(initial_fen=5),
            f"adjustment_openings {LEDGER}/ initial_fen",
            "5",
            "100000000",
        ),
        (
            update(METADATA.tables["standing_units"]).values(unit_name="别局"),
            f"standing_units 2024/{LEDGER} unit_name",
            "别局",
            "某局",
        ),
    ],
    ids=["total", "line", "figure", "history", "deduction", "opening", "standing"],
)
def test_a_tampered_row_is_found(
    year: Stage, statement: Update, what: str | None, stored: str, recomputed: str
) -> None:
    with year.database.transaction() as connection:
        connection.execute(statement)
    # A row that is tallied differs from what the tally says too.
    [one, *others] = verified(year).discrepancies
    assert (one.check, one.stored, one.recomputed) == (Check.VIEW, stored, recomputed)
    assert what in {None, one.what}
    assert one.where in {FORM, LEDGER}
    assert {other.what.split()[0] for other in others} <= {tally.table.name for tally in TALLIES}


@pytest.mark.parametrize(
    "statement",
    [
        update(ADJUSTED[0].table).values(gross_once_fen=1),
        update(ADJUSTED[1].table).values(initial_fen=1),
        update(standing.TALLIES[0].table).values(grade="优"),
        delete(standing.TALLIES[0].table),
    ],
)
def test_a_tampered_tally_is_found(year: Stage, statement: Executable) -> None:
    year.book(BudgetSupplemented(amount=5 * WAN, line=Line(), document="文", reason="追"))
    assert not verified(year).discrepancies
    with year.database.transaction() as connection:
        connection.execute(statement)
    found = verified(year).discrepancies
    assert found
    assert {one.check for one in found} == {Check.VIEW}
    assert {one.what.split()[0] for one in found} == {statement.table.name}  # type: ignore[attr-defined] # of an UPDATE or DELETE


def test_an_entry_that_the_index_has_lost_is_found(year: Stage) -> None:
    with year.database.transaction() as connection:
        connection.execute(text("DELETE FROM search_grams"))
    found = verified(year).discrepancies
    assert {one.what.split()[0] for one in found} == {"search_grams"}
    assert {one.stored for one in found} == {None}


def test_facts_that_the_views_have_not_reached_are_not_called_consistent(year: Stage) -> None:
    position = year.store.head(LOG)
    year.paid("1", "v-late")
    found = verify(year.store, year.database, 2024, heads(year.store), now=lambda: NOW)
    assert [(one.check, one.stored, one.recomputed) for one in found.discrepancies] == [
        (Check.BEHIND, str(position), str(position + 1))
    ]


def test_an_altered_fact_is_found_though_the_views_were_filled_from_it(stage: Stage) -> None:
    late_payment(stage)

    def more(told: Recorded) -> Recorded:
        assert isinstance(told.fact, ExpenditureRecorded)
        return structs.replace(told, fact=structs.replace(told.fact, amount=told.fact.amount + 1))

    told = tamper(stage, ExpenditureRecorded, more)
    [one] = found_in(stage, Check.ALTERED)
    assert (one.what, one.position, one.where) == ("leaf", told.position, LEDGER)
    assert one.stored == told.leaf_hash.hex()


@pytest.mark.parametrize("statement", [update(texts).values(body="别的话"), delete(texts)])
def test_a_text_that_was_altered_or_lost_is_found(stage: Stage, statement: Executable) -> None:
    late_payment(stage)
    stage.given(Return(form=FORM, opinion="原来的话"), DEPARTMENT)
    stage.runner.catch_up()
    past_every_barrier(stage, statement)
    found = found_in(stage, Check.ALTERED)
    assert [one.what for one in found] == ["text"]
    assert "话" not in str(found)  # a filed report never holds a text


@pytest.mark.parametrize("others", [0, 1, 2, 3])
def test_facts_that_were_cut_off_are_missed_also_when_others_took_their_places(
    stage: Stage, others: int
) -> None:
    late_payment(stage)
    head = stage.store.head(LOG)
    for number in range(2):
        pay(stage, f"x-{number}")
    assert verified(stage).consistent
    past_every_barrier(
        stage, delete(events).where(events.c.log_id == LOG, events.c.position > head)
    )
    for number in range(others):
        pay(stage, f"y-{number}")
    found = verified(stage).discrepancies
    assert {one.log_id for one in found} == {LOG}
    missing = {one.position for one in found if one.check is Check.ALTERED and one.what == "fact"}
    assert missing == set(range(head + others + 1, head + 3))
    # The views hold what the facts now there do not give.
    assert missing or Check.VIEW in {one.check for one in found}


def test_a_log_that_lost_all_its_facts_is_missed(year: Stage) -> None:
    head = year.store.head(LOG)
    past_every_barrier(year, delete(events).where(events.c.log_id == LOG))
    missing = {one.position for one in found_in(year, Check.ALTERED) if one.what == "fact"}
    assert missing == set(range(1, head + 1))


def pay(stage: Stage, voucher: str) -> None:
    """A command that nothing but its fact remembers."""
    payment = ExpenditureRecorded(amount=WAN, voucher=voucher)
    command = Book(ledger=LEDGER, entries=(Booking(fact=payment),))
    stage.given(command, command_id=str(new_event_id()))


def test_a_row_that_is_missing_and_one_too_many_are_found(year: Stage) -> None:
    with year.database.transaction() as connection:
        connection.execute(delete(findings.table))
        connection.execute(
            adjustments.openings.insert(),
            {
                "log_id": LOG, "ledger": "130104/none/2024/ledger", "project": "",
                "division": LOG, "unit": "none", "unit_name": "无", "fiscal_year": 2024,
                "basis": Basis.LEDGER, "initial_fen": 1, "carried_in_fen": 0, "outturn_fen": 0,
            },
        )  # fmt: skip
    found = verified(year).discrepancies
    assert {one.what.split()[0] for one in found} == {
        "findings", "adjustment_openings", "adjustment_opening_tally"
    }  # fmt: skip
    assert all(one.stored is None for one in found if one.what.startswith("findings"))
    [stray] = [one for one in found if one.recomputed is None]
    assert stray.where == "130104/none/2024/ledger"


def test_every_view_has_a_column_by_which_it_is_checked() -> None:
    tallies = {tally.table for tally in TALLIES}
    assert {_owner(table) for table in view_tables() if table not in tallies} <= set(_OWNERS)


def test_what_is_found_of_no_unit_is_checked_as_well(stage: Stage) -> None:
    stream = f"{LOG}/rule-sets/国家"
    rules = structs.replace(RULES, name="国家", document="财预〔2020〕10号")
    stage.given(PublishRuleSet(stream=stream, rule_set=rules), BOOKKEEPER)
    late_payment(stage)
    assert verified(stage).consistent
    entry = search.table.c.stream_id == stream
    with stage.database.transaction() as connection:
        connection.execute(update(search.table).where(entry).values(plain="财预〔2020〕1号"))
    [wrong] = found_in(stage, Check.VIEW)
    assert (wrong.where, wrong.stored, wrong.recomputed) == (
        stream,
        "财预〔2020〕1号",
        "财预〔2020〕10号",
    )

    with stage.database.transaction() as connection:
        connection.execute(delete(search.table).where(entry))
    assert [one.where for one in found_in(stage, Check.VIEW)] == [stream]


def test_facts_that_cannot_even_be_hashed_are_among_the_differences(year: Stage) -> None:
    assert isinstance(year.store, SqlEventStore)
    with year.store.database.transaction() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("PostgreSQL keeps the type of a column")
    past_every_barrier(
        year,
        text("UPDATE events SET payload = CAST(payload AS TEXT) WHERE position = 3"),
    )
    assert Check.UNREADABLE in {one.check for one in verified(year).discrepancies}
