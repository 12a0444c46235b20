"""For every history: batches, rebuilds and past positions agree, row by row."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.commands import Enter, Entry, Redact, RetargetIndicator, WithdrawIndicator
from domain.evaluation.scores import score_sheet
from domain.facts.envelope import Role
from domain.facts.form import DeductionJustified, IndicatorsSet, ScoreDeclared, Subject
from domain.ids import unit_year_of
from domain.problems import Rejected
from domain.scoring.indicators import NumberTarget
from projections.adjustments import AdjustmentFilter, adjustments_as_of
from projections.current import current_as_of
from projections.deductions import deductions_as_of
from projections.findings import findings_as_of
from projections.runner import Runner, contents
from projections.score_history import advance, history_as_of
from projections.unit_year import RuleBook, Standing, UnitYearFold
from projections.unit_year import history as facts_of
from tests.domain.test_evaluation import VISITS
from tests.domain.test_laws import Choice, Given, choices
from tests.projections.stage import TABLE, Stage, scratch
from tests.support.memory_store import MemoryStore
from tests.support.scenario import CLERK, EXECUTION, FORM, LEDGER, LOG, Scenario


def _enter(fact: DeductionJustified | IndicatorsSet | ScoreDeclared) -> Choice:
    return lambda _: (Enter(form=FORM, entries=(Entry(fact=fact),)), CLERK)


def _redact(index: int) -> Choice:
    def choose(scenario: Scenario) -> Given | None:
        assert isinstance(scenario.store, MemoryStore)
        digests = sorted(digest for _, digest in scenario.store._texts)
        if not digests:
            return None
        command = Redact(stream=FORM, digest=digests[index % len(digests)], ground="涉密")
        return command, ("guard", Role.SECURITY_ADMINISTRATOR)

    return choose


points = st.integers(0, 20).map(Decimal)
more: st.SearchStrategy[Choice] = st.one_of(
    st.builds(
        lambda value: _enter(
            ScoreDeclared(subject=Subject.LINE, line="2", points=value, place=TABLE)
        ),
        points,
    ),
    st.builds(
        lambda value: _enter(ScoreDeclared(subject=Subject.TOTAL, points=value, place=TABLE)),
        points,
    ),
    st.sampled_from(
        [
            _enter(DeductionJustified(line="2", reason="因故", measure="改")),
            _enter(IndicatorsSet(rows=(EXECUTION,))),
            _enter(IndicatorsSet(rows=(EXECUTION, VISITS))),
            lambda _: (WithdrawIndicator(form=FORM, line="2", document="文", reason="撤"), CLERK),
            lambda _: (
                RetargetIndicator(
                    form=FORM,
                    line="2",
                    to_target=NumberTarget(Decimal(5), "次"),
                    document="文",
                    reason="调",
                ),
                CLERK,
            ),
        ]
    ),
    st.builds(_redact, st.integers(0, 20)),
)
histories = st.lists(st.one_of(choices, more), max_size=30)


def played(history: list[Choice], *, batch: int, keep_up: bool) -> Stage:
    stage = Stage(MemoryStore(), scratch(), batch=batch)
    stage.with_ledger().with_initial(100).with_form(EXECUTION, VISITS)
    for choice in history:
        asked = choice(stage)
        if asked is None:
            continue
        try:
            stage.given(*asked)
        except Rejected:
            continue
        if keep_up:
            stage.runner.catch_up()
    stage.runner.catch_up()
    assert stage.runner.stopped() == []
    return stage


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.integers(1, 12), st.booleans())
def test_the_views_equal_a_rebuild_row_by_row(
    history: list[Choice], batch: int, keep_up: bool
) -> None:
    stage = played(history, batch=batch, keep_up=keep_up)
    before = stage.contents()
    again = scratch()
    runner = Runner(stage.store, again, batch=100_000)
    runner.prepare()
    runner.catch_up()
    with again.read() as connection:
        assert contents(connection) == before
    stage.runner.rebuild()
    assert stage.contents() == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.integers(0, 60))
def test_as_of_any_position_equals_the_views_of_then(history: list[Choice], back: int) -> None:
    stage = played(history, batch=100, keep_up=False)
    position = max(1, stage.store.head(LOG) - back)
    then = Stage(_Past(stage.store, position), scratch())
    then.runner.catch_up()
    texts = stage.store.text_bodies
    assert stage.runner.position(LOG) >= then.runner.position(LOG) == position
    assert history_as_of(stage.store, LOG, FORM, position) == then.changes()
    assert deductions_as_of(stage.store, LOG, FORM, position) == then.deductions()
    assert findings_as_of(stage.store, LOG, FORM, position) == then.findings()
    assert adjustments_as_of(stage.store, LOG, LEDGER, position) == then.adjustments(
        AdjustmentFilter(ledger=LEDGER)
    )
    now = current_as_of(stage.store, LOG, FORM, position)
    assert now is None or now == then.current()
    assert texts(LOG, []) == {}


class _Past(MemoryStore):
    """A store as it was at a position."""

    def __init__(self, store: object, position: int) -> None:
        assert isinstance(store, MemoryStore)
        super().__init__()
        self._texts = store._texts
        for recorded in store._logs[LOG][:position]:
            self._logs.setdefault(LOG, []).append(recorded)
            self._streams.setdefault((LOG, recorded.stream_id), []).append(recorded)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories)
def test_a_standing_equals_the_sheet_after_every_fact(history: list[Choice]) -> None:
    stage = played(history, batch=100, keep_up=False)
    unit_year = unit_year_of(FORM)
    assert unit_year is not None
    fold = UnitYearFold(LOG, unit_year, RuleBook(stage.store, LOG))
    for recorded in facts_of(stage.store, LOG, unit_year):
        advance(fold, recorded)
        if recorded.stream_id == FORM:
            sheet = score_sheet(fold.forms[FORM], fold.rules(FORM))
            assert fold.standing(FORM) == Standing.of(sheet)
