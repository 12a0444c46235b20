"""A fold decodes only what its state needs, and comes to the state that whole facts give."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from msgspec import inspect
from sqlalchemy import URL, Select

from adapters import event_store, past
from adapters.codec import UnreadableFact, decode
from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.reading import documents
from domain import ledger
from domain.evaluation import form
from domain.evaluation.calculations import Calculations
from domain.evaluation.documents import CalculatedBriefly, FormDocument
from domain.evaluation.state import FormState
from domain.facts import Fact
from domain.facts.envelope import Envelope, Role, event_id_of
from domain.facts.form import ActualEntered, ScoreCalculated, ScoreOverridden
from domain.facts.others import EntryCorrected
from domain.ledger import state as ledger_state
from domain.ledger.state import LedgerDocument
from domain.scoring.indicators import NumberActual
from domain.store import Document, EventStore, NewFact, StreamChange
from tests.domain.test_golden import TAGS
from tests.domain.test_golden import documents as golden
from tests.domain.test_laws import Choice, form_seen, histories, ledger_seen, play
from tests.store.test_codec import ENVELOPES, values_of
from tests.support.scenario import FORM, LEDGER, LOG

_numbers = itertools.count(1)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(history=histories)
def test_a_lean_fold_gives_the_state_of_a_whole_one(
    sql_store: SqlEventStore, history: list[Choice]
) -> None:
    log = f"log-{next(_numbers)}"
    told = play(history).store
    changes = [
        StreamChange(
            stream, 0, tuple(NewFact(one.envelope, one.fact) for one in told.read(LOG, stream))
        )
        for stream in (LEDGER, FORM)
    ]
    sql_store.append(log, changes, command_id="history", request=b"history")
    booked, filled = sql_store.read(log, LEDGER), sql_store.read(log, FORM)
    assert ledger_seen(ledger.load(sql_store, log, LEDGER)) == ledger_seen(ledger.fold(booked))
    assert form_seen(form.load(sql_store, log, FORM)) == form_seen(form.fold(filled))
    for position in range(sql_store.head(log) + 1):
        was = _recalled(sql_store, log, position)
        known = form.fold(sql_store.read(log, FORM, upto_position=position))
        assert form_seen(was, former=False) == form_seen(known, former=False)


def _recalled(store: EventStore, log: str, position: int) -> FormState:
    return form.recall(store.past(log, {FORM: form.WANTED}, position)[FORM])


def test_a_past_says_how_far_each_stream_was(store: EventStore) -> None:
    _calculated_often(store)
    wanted = {LEDGER: ledger.WANTED, FORM: form.WANTED}
    facts = store.read(LOG, FORM)
    for last in (facts[0], facts[-2], facts[-1]):
        was = store.past(LOG, wanted, last.position)
        assert was[LEDGER].version == 0
        assert was[FORM].version == last.version
        assert was[FORM].first == facts[0].position
        assert was[FORM].last == last.position
        assert was[FORM].recorded_at == last.envelope.recorded_at


def test_of_values_entered_again_only_the_newest_is_read(sql_store: SqlEventStore) -> None:
    facts = [_document(_actual(line, value)) for value in range(3) for line in ("1", "2")]
    facts.append(_document(_actual("1", 9), actor="colleague"))
    sql_store.append(
        LOG, [StreamChange(FORM, 0, tuple(facts))], command_id="again", request=b"again"
    )
    past = sql_store.past(LOG, {FORM: form.WANTED}, sql_store.head(LOG))[FORM]
    assert past.versions == [5, 6, 7]
    was = form.recall(past)
    assert [fact for line in "12" if (told := was.actual(line)) for _, fact in [told]] == [
        _actual("1", 9),
        _actual("2", 2),
    ]
    # Who entered what somebody else changed has entered the form all the same.
    assert was.entered_by == {"clerk", "colleague"}


def test_where_something_was_corrected_every_value_is_read(sql_store: SqlEventStore) -> None:
    facts = [_document(_actual("1", value)) for value in range(3)]
    newest = facts[-1].envelope.event_id
    facts.append(
        _document(EntryCorrected(target=newest, replacement=None, reason="误", document="文"))
    )
    sql_store.append(
        LOG, [StreamChange(FORM, 0, tuple(facts))], command_id="taken back", request=b"back"
    )
    told = _recalled(sql_store, LOG, sql_store.head(LOG)).actual("1")
    assert told is not None
    assert told[1] == _actual("1", 1)


def _actual(line: str, value: int) -> ActualEntered:
    return ActualEntered(line=line, actual=NumberActual(Decimal(value), "次"))


def test_calculations_are_looked_at_from_the_newest_back(sql_store: SqlEventStore) -> None:
    _calculated_often(sql_store)
    facts = sql_store.read(LOG, FORM)
    for position in (0, facts[0].position, facts[-40].position, facts[-1].position):
        whole = form.fold(sql_store.read(LOG, FORM, upto_position=position))
        for line in ("first", "7", "unheard-of"):
            was = _recalled(sql_store, LOG, position)
            assert was.calculated.get(line) == whole.calculated.get(line)
            assert form_seen(was) == form_seen(whole)


def test_only_the_calculations_that_are_asked_for_are_looked_at() -> None:
    def told() -> Iterator[tuple[int, Document]]:
        yield 3, _document(ScoreCalculated(line="1", points=Decimal(2)))
        yield 2, _document(ScoreCalculated(line="2", points=Decimal(1)))
        pytest.fail("nobody asked for more")

    calculations = Calculations(told())
    assert calculations["2"].version == 2
    assert calculations["1"].fact.points == Decimal(2)


def _document(fact: Fact, actor: str = "clerk") -> NewFact:
    envelope = Envelope(
        event_id=uuid4(),
        recorded_at=datetime(2024, 3, 1, tzinfo=UTC),
        actor=actor,
        role=Role.UNIT_CLERK,
        organisation="school",
        command_id="calculate",
    )
    return NewFact(envelope, fact)


def _calculated_often(store: EventStore) -> None:
    """More calculations of a form than are read at first, with scores by hand between them; the
    line "first" is calculated in the oldest only.
    """
    facts: list[Fact] = [ScoreCalculated(line="first", points=Decimal(1))]
    for nth in range(150):
        line, points = str(nth % 10), Decimal(nth // 20)
        facts.append(ScoreCalculated(line=line, points=points, rule_digest="规则"))
        if nth % 30 == 7:
            facts.append(
                ScoreOverridden(
                    line=line, from_points=points, to_points=Decimal(1), reason="据", document="文"
                )
            )
    told = tuple(_document(fact) for fact in facts)
    store.append(LOG, [StreamChange(FORM, 0, told)], command_id="often", request=b"often")


@given(envelope=ENVELOPES, fact=values_of(inspect.type_info(ScoreCalculated)))
def test_a_calculation_read_in_brief_is_completed_to_the_whole(
    envelope: object, fact: object
) -> None:
    assert isinstance(fact, ScoreCalculated)
    payload = msgspec.json.encode({"envelope": envelope, "fact": fact})
    (brief,) = documents([payload], FormDocument)
    assert isinstance(brief.fact, CalculatedBriefly)
    assert brief.fact.whole() == fact


@pytest.mark.parametrize("of", [LedgerDocument, FormDocument])
@pytest.mark.parametrize("tag", TAGS)
def test_every_shape_ever_stored_can_be_folded(tag: str, of: type[Document]) -> None:
    payloads = golden(tag)
    for lean, payload in zip(documents(payloads, of), payloads, strict=True):
        whole = decode(tag, payload)
        fact = lean.fact.whole() if isinstance(lean.fact, CalculatedBriefly) else lean.fact
        assert fact == whole.fact
        assert event_id_of(lean.envelope.event_id) == whole.envelope.event_id
        for field in set(lean.envelope.__struct_fields__) - {"event_id"}:
            assert getattr(lean.envelope, field) == getattr(whole.envelope, field)


@pytest.mark.parametrize(
    ("of", "folded"),
    [(LedgerDocument, ledger_state._EVOLVE), (FormDocument, form._EVOLVE)],
    ids=["ledger", "form"],
)
def test_nothing_that_a_fold_takes_has_to_be_decoded_whole(
    of: type[Document], folded: dict[type, object]
) -> None:
    shape = inspect.type_info(of)
    assert isinstance(shape, inspect.StructType)
    (fact,) = [field.type for field in shape.fields if field.name == "fact"]
    assert isinstance(fact, inspect.UnionType)
    fits = {kind.tag for kind in fact.types if isinstance(kind, inspect.StructType)}
    assert {kind.__struct_config__.tag for kind in folded} <= fits  # type: ignore[attr-defined]


def test_a_fact_of_a_newer_program_is_refused_in_a_fold() -> None:
    payload = b'{"envelope":{},"fact":{"type":"unheard-of.v9"}}'
    with pytest.raises(UnreadableFact):
        list(documents([payload], LedgerDocument))
    with pytest.raises(UnreadableFact):
        list(documents([b"no document"], LedgerDocument))


def test_a_calculation_in_brief_has_every_field_of_the_whole() -> None:
    assert CalculatedBriefly.__struct_fields__ == ScoreCalculated.__struct_fields__


@pytest.mark.parametrize(
    "query",
    [
        event_store.STREAM,
        event_store.PAYLOADS,
        past.END,
        past.without(ScoreCalculated),
        past.newest(ScoreCalculated),
    ],
)
def test_a_stream_is_found_by_its_own_index(
    sqlite_url: URL, query: Select[*tuple[object, ...]]
) -> None:
    """The key of the log would lead through every fact that is known."""
    database = Database(sqlite_url)
    with database.read() as connection:
        compiled = query.compile(connection, compile_kwargs={"render_postcompile": True})
        values = [1 for _ in compiled.positiontup or ()]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", tuple(values)).all()
    database.close()
    assert "log_id=? AND stream_id=?" in plan[0][-1]
