"""Whether what is stored is what facts and rules give; tampering is found, on both databases."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec import structs
from sqlalchemy import Executable, Update, delete, text, update

from domain.commands import PublishRuleSet
from domain.facts.form import Finalised, ScoreCalculated
from domain.facts.ledger import Basis, BudgetSupplemented, Line
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
from projections.verification import Check, verify
from projections.verification.views import _OWNERS, TALLIES, _owner
from tests.domain.test_laws import Choice
from tests.projections.stage import Stage
from tests.projections.test_laws import histories, played
from tests.projections.test_stories import late_payment
from tests.replay.checking import NOW, found_in, tamper, verified
from tests.support.scenario import (
    BOOKKEEPER,
    FORM,
    LEDGER,
    LOG,
    RULES,
    WAN,
)

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
