"""Bytes that were altered where they lie are among the differences of a year, on both databases; what
there is to find is in tests/store/test_integrity.py and test_remembered_commands.py.
"""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
from msgspec import structs
from sqlalchemy import URL, Executable, delete, update

from adapters.identifiers import new_event_id
from adapters.schema import commands, events, texts
from api import filing
from domain.commands import Book, Booking, Return
from domain.facts.ledger import ExpenditureRecorded
from domain.store import Recorded
from projections.verification import Check, Discrepancy
from tests.projections.stage import Stage, sql_stage
from tests.projections.test_stories import late_payment
from tests.replay.checking import found_in, past_every_barrier, tamper, verified
from tests.support.scenario import DEPARTMENT, FORM, LEDGER, LOG, WAN


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
    # An id is told by its digits, as one database holds it.
    assert one.stored == (false.hex if isinstance(false, UUID) else str(false))
    assert one.recomputed != one.stored


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


@pytest.fixture
def in_file(sqlite_url: URL) -> Iterator[Stage]:
    """A year on SQLite, which keeps a value of any type in any column."""
    found = sql_stage(sqlite_url)
    late_payment(found)
    found.runner.catch_up()
    yield found
    found.close()


@pytest.mark.parametrize(
    "change",
    [
        "payload = CAST(payload AS TEXT)",
        "type = x'00'",
        "version = 'x'",
        "stream_id = x'00'",
        "stream_id = CAST(x'ff' AS TEXT)",
        "event_id = 'zz'",
        "effective_from = 'x'",
        "leaf_hash = 'x'",
        "recorded_at = 'x'",
        "actor = CAST(x'ff' AS TEXT)",
        "request_hash = 'x'",
    ],
)
def test_a_value_of_another_type_is_told_with_its_column_and_the_rest_is_checked(
    in_file: Stage, change: str
) -> None:
    past_every_barrier(
        in_file,
        f"UPDATE events SET {change} WHERE position = 3",  # noqa: S608 - ours
        "UPDATE events SET actor = 'other' WHERE position = 5",
    )
    found = [(one.what, one.position) for one in found_in(in_file, Check.ALTERED)]
    column = change.split(maxsplit=1)[0]
    told = {"leaf_hash": "leaf"}.get(column, column)
    if "CAST(x'ff'" in change and column == "stream_id":
        told = "leaf"
    assert found == [(told, 3), ("actor", 5)]


def test_a_command_that_is_remembered_otherwise_is_among_the_differences(stage: Stage) -> None:
    late_payment(stage)
    pay(stage, "own")
    head = stage.store.head(LOG)
    [fact] = stage.store.read_log(LOG, after=head - 1)
    assert verified(stage).consistent
    past_every_barrier(stage, update(events).values(request_hash=None), delete(commands))
    found = found_in(stage, Check.ALTERED)
    assert {one.what for one in found} == {"command"}
    assert [one.position for one in found] == list(range(1, head + 1))
    assert (found[-1].stored, found[-1].recomputed) == (None, fact.envelope.command_id)


def test_every_part_that_is_told_has_words_in_both_languages() -> None:
    columns = {column.name for table in (events, commands) for column in table.columns}
    told = columns - {"position", "leaf_hash"} | {"leaf", "fact", "text", "command"}
    for what in told:
        one = Discrepancy(
            check=Check.ALTERED, log_id=LOG, where=LEDGER, what=what, stored=None, recomputed=None
        )
        assert not one.words.zh.isascii(), what
        assert one.words.en.isascii(), what


@pytest.mark.parametrize(("lang", "words"), [("zh", "人员编号"), ("en", "actor")])
def test_a_filed_document_names_what_was_altered(year: Stage, lang: str, words: str) -> None:
    past_every_barrier(year, "UPDATE events SET actor = 'other' WHERE position = 3")
    told = filing.document(verified(year), ".md", "en" if lang == "en" else "zh")
    [line] = [line for line in told.splitlines() if "| other |" in line]
    assert f"| {words} | other |" in line
