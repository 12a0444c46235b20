"""Two clocks on one evaluation: what was known then, and what counts until a day."""

from datetime import date
from decimal import Decimal

import pytest

from domain.commands import CorrectEntry, OverrideScore
from domain.evaluation.scores import Origin
from domain.facts.envelope import UNKNOWN, Effective, on
from domain.facts.ledger import BudgetSupplemented, ExpenditureRecorded, ExpenditureReversed, Line
from domain.ledger import sums
from domain.ledger.counted import counted
from domain.scoring.metrics import Quantity
from projections.adjustments import adjustments_as_of
from projections.current import Current, current_as_of, undated_as_of
from projections.deductions import deductions_as_of, ledger_facts
from projections.findings import findings_as_of
from tests.projections.stage import Stage
from tests.projections.test_stories import day, late_payment
from tests.support.memory_store import MemoryStore
from tests.support.scenario import (
    BOOKKEEPER,
    EXECUTION,
    FORM,
    LEDGER,
    LOG,
    WAN,
    Scenario,
)

YEAR_END = date(2024, 12, 31)


def seen(stage: Stage, position: int | None, effective_on: date | None = None) -> Current:
    found = current_as_of(stage.store, LOG, FORM, position, effective_on)
    assert found is not None
    return found


def spent(found: Current) -> list[str]:
    return [one.amount for one in found.figures if one.quantity == "OUTTURN"]


def story(stage: Stage) -> Stage:
    stage.with_ledger()
    stage.book(
        BudgetSupplemented(amount=100 * WAN, document="A", reason="追"),
        effective=on(date(2024, 1, 5)),
    )
    stage.paid("98", "v1")
    stage.with_form(EXECUTION)
    stage.at(2025, 3, 10)
    stage.submitted()
    stage.at(2025, 3, 15)
    stage.paid("1.5", "v2", 12, 28)
    return stage


def test_the_late_payment_as_it_was_known(stage: Stage) -> None:
    late_payment(stage)
    then = stage.store.position_at(LOG, day(3, 12))
    found = seen(stage, then)
    assert (spent(found), found.lines[0].final) == (["98"], "9.8")
    late = "changed-after-submission"
    assert late not in {one.code for one in findings_as_of(stage.store, LOG, FORM, then)}
    assert late in {one.code for one in findings_as_of(stage.store, LOG, FORM)}


def test_the_late_payment_as_it_counts_at_the_end_of_the_year(stage: Stage) -> None:
    story(stage)
    found = seen(stage, None, YEAR_END)
    [line] = found.lines
    assert spent(found) == ["99.5"]
    assert (line.calculated, line.final, line.origin) == ("9.95", "9.95", Origin.CALCULATED)
    assert (line.stale, found.evaluation.stale, found.evaluation.computed_total) == (
        False,
        False,
        "9.95",
    )
    assert seen(stage, None).lines[0].final == "9.8"


def test_both_clocks_together_count_only_what_was_known(stage: Stage) -> None:
    story(stage)
    then = stage.store.position_at(LOG, day(3, 12))
    assert spent(seen(stage, then, YEAR_END)) == ["98"]
    assert spent(seen(stage, None, date(2024, 12, 27))) == ["98"]
    assert spent(seen(stage, None, date(2024, 6, 27))) == ["0"]
    # A day after the moment is allowed: what was known to come counts.
    assert spent(seen(stage, then, date(2030, 1, 1))) == ["98"]


def test_what_has_no_date_counts_on_no_day_and_is_listed_apart(stage: Stage) -> None:
    story(stage)
    stage.book(ExpenditureRecorded(amount=3 * WAN, voucher="v3"), effective=UNKNOWN)
    assert spent(seen(stage, None, YEAR_END)) == ["99.5"]
    assert undated_as_of(stage.store, LOG, FORM) == {"OUTTURN": 3 * WAN}
    stage.book(BudgetSupplemented(amount=WAN, document="B", reason="追"))
    entries = adjustments_as_of(stage.store, LOG, LEDGER, None, YEAR_END)
    assert [entry.row.document for entry in entries] == ["A"]


def test_an_estimate_leaves_what_people_scored(stage: Stage) -> None:
    stage.with_ledger()
    stage.book(
        BudgetSupplemented(amount=100 * WAN, document="A", reason="追"),
        effective=on(date(2024, 1, 5)),
    )
    stage.paid("98", "v1")
    stage.with_form(EXECUTION)
    stage.recalculated()
    stage.given(
        OverrideScore(form=FORM, line="1", to_points=Decimal(10), reason="因", document="文")
    )
    [line] = seen(stage, None, date(2024, 6, 1)).lines
    assert (line.calculated, line.override, line.final) == ("0", "10", "10")


def test_the_justification_of_an_estimate_names_no_fact_as_its_score(stage: Stage) -> None:
    story(stage)
    [row] = deductions_as_of(stage.store, LOG, FORM, None, YEAR_END)
    assert (row.final, row.deduction, row.scored) == ("9.95", "0.05", None)
    assert row.ledger is not None
    assert row.ledger.sums["OUTTURN"] == 9950 * WAN // 100
    known = {str(one.envelope.event_id) for one in stage.store.read_log(LOG)}
    for finding in findings_as_of(stage.store, LOG, FORM, None, YEAR_END):
        assert {str(fact) for fact in finding.facts} <= known


def test_bookings_behind_an_estimated_score_are_those_that_count(stage: Stage) -> None:
    story(stage)
    kinds = [
        one.type for one in ledger_facts(stage.store, LOG, FORM, "1", effective_on=date(2024, 2, 1))
    ]
    assert kinds == ["budget-supplemented"]


def test_a_period_counts_from_its_last_day(stage: Stage) -> None:
    story(stage)
    stage.book(
        ExpenditureRecorded(amount=WAN, voucher="v9"),
        effective=Effective(date(2024, 7, 1), date(2024, 7, 31)),
    )
    assert spent(seen(stage, None, date(2024, 7, 30))) == ["98"]
    assert spent(seen(stage, None, date(2024, 7, 31))) == ["99"]


def test_a_correction_moves_what_counts_to_its_own_date(stage: Stage) -> None:
    story(stage)
    before = stage.store.head(LOG)
    paid = stage.store.read(LOG, LEDGER)[-1]
    stage.at(2025, 3, 20).given(
        CorrectEntry(
            stream=LEDGER,
            target=paid.envelope.event_id,
            replacement=ExpenditureRecorded(amount=2 * WAN, voucher="v2"),
            effective=on(date(2025, 1, 2)),
            reason="误",
            document="文",
        ),
        BOOKKEEPER,
    )
    assert spent(seen(stage, None, YEAR_END)) == ["98"]
    assert spent(seen(stage, None, date(2025, 1, 2))) == ["100"]
    assert spent(seen(stage, before, YEAR_END)) == ["99.5"]


@pytest.mark.parametrize("until", [date(2024, 3, 1), date(2024, 5, 1), date(2024, 9, 1)])
def test_a_counted_ledger_gives_the_sums_of_that_day(until: date) -> None:
    scenario = Scenario(MemoryStore()).with_ledger()
    project = Line(project="P1")
    scenario.book(
        ExpenditureRecorded(amount=9, voucher="v1", line=project),
        effective=on(date(2024, 6, 1)),
    )
    # A refund dated before its payment still goes where the payment went.
    refund = ExpenditureReversed(amount=2, voucher="v1")
    scenario.book(refund, effective=on(date(2024, 4, 1)))
    ledger = scenario.ledger()
    for scope in (None, "P1"):
        whole, part = sums(ledger, scope, until), sums(counted(ledger, until), scope)
        assert part[Quantity.OUTTURN] == whole[Quantity.OUTTURN]
