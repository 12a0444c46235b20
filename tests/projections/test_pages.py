"""A walk from page to page is the whole answer, and every page comes from an index."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Select, insert, text

from domain.commands import Book, Booking
from domain.crosschecks.findings import FindingClass
from domain.facts.envelope import UNKNOWN, Role
from domain.facts.ledger import BudgetReduced, BudgetSupplemented, FundSource
from domain.problems import Rejected
from projections import adjustments as a
from projections import findings as f
from projections import score_history as h
from projections.tables.paging import Page, in_order, page_among, walk
from projections.tables.rows import values_of
from projections.tracking import Database
from tests.domain.test_laws import Choice
from tests.projections.stage import Stage, file_stage, scratch, sql_stage
from tests.projections.test_laws import histories, played
from tests.support.memory_store import MemoryStore
from tests.support.postgres import PostgresServer
from tests.support.scenario import BOOKKEEPER, FORM, LEDGER, LOG, WAN

Ask = Callable[[Connection, str | None, int | None], Page[Any]]


def asks(stage: Stage) -> dict[str, Ask]:
    texts = stage.store.text_bodies
    return {
        "changes": lambda c, after, limit: h.search(
            c, texts, h.ChangeFilter(), after=after, limit=limit
        ),
        "adjustments": lambda c, after, limit: a.pages(c, texts, after=after, limit=limit),
        "findings": lambda c, after, limit: f.search(c, texts, after=after, limit=limit),
    }


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.integers(1, 5))
def test_every_walk_gives_the_rows_of_one_question(history: list[Choice], limit: int) -> None:
    stage = played(history, batch=100, keep_up=False)
    for name, ask in asks(stage).items():
        with stage.database.read() as connection:
            whole = ask(connection, None, None)
            walked = tuple(walk(lambda after, ask=ask: ask(connection, after, limit)))  # type: ignore[misc]
        assert whole.after is None
        assert walked == whole.rows, name


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, histories, st.integers(1, 4))
def test_facts_that_arrive_meanwhile_move_no_row_of_a_walk(
    history: list[Choice], later: list[Choice], limit: int
) -> None:
    stage = played(history, batch=100, keep_up=False)
    arriving = iter(later)
    for ask in (asks(stage)["changes"], asks(stage)["adjustments"]):
        with stage.database.read() as connection:
            at_first = _keys(ask(connection, None, None).rows)
        found: list[Any] = []
        after: str | None = None
        while True:
            with stage.database.read() as connection:
                page = ask(connection, after, limit)
            found += page.rows
            if page.after is None:
                break
            after = page.after
            _give(stage, next(arriving, None))
        with stage.database.read() as connection:
            at_last = _keys(ask(connection, None, None).rows)
        keys = _keys(found)
        assert len(keys) == len(set(keys))
        assert [key for key in keys if key in set(at_first)] == at_first
        # All happens in one log, where what is new comes last.
        assert keys == at_last[: len(keys)]


def _give(stage: Stage, choice: Choice | None) -> None:
    asked = choice(stage) if choice is not None else None
    if asked is not None:
        try:
            stage.given(*asked)
        except Rejected:
            return
    stage.runner.catch_up()


def _keys(rows: Any) -> list[tuple[object, ...]]:  # noqa: ANN401 - rows of either question
    return [
        (one.row.log_id, one.row.ledger, one.row.position)
        if isinstance(one, a.AdjustmentEntry)
        else (one.recorded_at, one.log_id, one.position, one.ordinal)
        for one in rows
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.integers(0, 40))
def test_changes_up_to_a_position_are_those_of_then(history: list[Choice], back: int) -> None:
    stage = played(history, batch=100, keep_up=False)
    position = max(1, stage.store.head(LOG) - back)
    with stage.database.read() as connection:
        texts = stage.store.text_bodies
        then = h.search(connection, texts, h.ChangeFilter(), upto={LOG: position}).rows
        now = h.search(connection, texts, h.ChangeFilter()).rows
    assert then == tuple(one for one in now if one.position <= position)
    assert sorted(then, key=lambda one: (one.position, one.ordinal)) == h.history_as_of(
        stage.store, LOG, FORM, position
    )


def test_rows_at_hand_are_paged_as_the_database_pages_them(stage: Stage) -> None:
    money(stage)
    with stage.database.read() as connection:
        ask = asks(stage)["adjustments"]
        rows = ask(connection, None, None).rows
        after: str | None = None
        for _ in range(3):
            page = ask(connection, after, 2)
            assert page_among(reversed(rows), a.Key, a.key, after=after, limit=2) == page
            after = page.after
        assert after is None


def test_balances_of_a_page_count_what_came_before_it(stage: Stage) -> None:
    money(stage)
    with stage.database.read() as connection:
        pages = [a.pages(connection, stage.store.text_bodies, limit=1, after=None).rows[0].balance]
        whole = asks(stage)["adjustments"]
        walked = list(walk(lambda after: whole(connection, after, 1)))
    assert pages == ["102"]
    assert [one.balance for one in walked] == ["102", "101.5", "104.5", "104", "107", "106.5"]


def money(stage: Stage) -> None:
    stage.with_ledger().with_initial(100)
    entries: list[BudgetSupplemented | BudgetReduced] = []
    for nth in range(3):
        entries.append(BudgetSupplemented(amount=(2 + (nth > 0)) * WAN, document=f"甲〔{nth}〕号"))
        entries.append(BudgetReduced(amount=WAN // 2, document="乙"))
    for entry in entries:
        stage.book(entry)
    stage.runner.catch_up()


def test_a_paper_is_found_in_any_fact_of_the_chain_and_net_stands_beside_gross(
    stage: Stage,
) -> None:
    money(stage)
    found = stage.adjustments(a.AdjustmentFilter(document="甲〔1〕号"))
    assert [one.amount for one in found] == ["3"]
    assert stage.adjustments(a.AdjustmentFilter(document="甲")) == []
    [group] = stage.groups(a.GroupBy.UNIT)
    assert (group.gross, group.net, group.initial) == ("9.5", "6.5", "100")
    assert (group.rate, group.net_rate) == ("9.5", "6.5")


# --------------------------------------------------------------------------------------- plans

CHANGES = {
    "nothing": h.ChangeFilter(),
    "log": h.ChangeFilter(log_id="L3"),
    "actor": h.ChangeFilter(actor="clerk"),
    "role": h.ChangeFilter(role=Role.OVERSIGHT),
    "unit": h.ChangeFilter(unit="u1"),
    "kind": h.ChangeFilter(kind=h.ChangeKind.OVERRIDDEN),
    "document": h.ChangeFilter(document="文"),
    "year": h.ChangeFilter(fiscal_year=2031),
    "evaluation": h.ChangeFilter(log_id=LOG, evaluation=FORM, line="2"),
    "dates": h.ChangeFilter(since=datetime(2026, 3, 1, tzinfo=UTC)),
}
ADJUSTMENTS = {
    "nothing": a.AdjustmentFilter(),
    "unit": a.AdjustmentFilter(unit="u1"),
    "ledger": a.AdjustmentFilter(log_id=LOG, ledger=LEDGER),
    "month": a.AdjustmentFilter(month="2024-12"),
    "kind": a.AdjustmentFilter(kind=a.AdjustmentKind.CLAWED_BACK),
    "source": a.AdjustmentFilter(source=FundSource.RESERVE_FUND),
    "amount": a.AdjustmentFilter(least_fen=10**12),
    "document": a.AdjustmentFilter(document="文"),
    "year": a.AdjustmentFilter(fiscal_year=2031),
}
FINDINGS = {
    "nothing": f.FindingFilter(),
    "code": f.FindingFilter(code="score.not-by-rule"),
    "class": f.FindingFilter(class_=FindingClass.UNSUPPORTED),
    "unit": f.FindingFilter(unit="u1"),
    "year": f.FindingFilter(fiscal_year=2031),
    "acknowledged": f.FindingFilter(acknowledged=True),
    "evaluation": f.FindingFilter(log_id=LOG, evaluation=FORM),
}
QUESTIONS: dict[str, tuple[Select[Any], Any]] = {
    **{
        f"changes {name}": (h.search_query(where), h.queries._ORDER)
        for name, where in CHANGES.items()
    },
    **{
        f"adjustments {name}": (a.page_query(where), a.entries._ORDER)
        for name, where in ADJUSTMENTS.items()
    },
    **{f"findings {name}": (f.search_query(where), f._ORDER) for name, where in FINDINGS.items()},
}


@pytest.fixture(scope="module")
def many(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> Iterator[list[Database]]:
    """Twenty thousand rows of each kind, in both databases."""
    url = postgres.migrated()
    stages = [file_stage(tmp_path_factory.mktemp("many")), sql_stage(url)]
    for one in stages:
        fill(one.database)
    yield [one.database for one in stages]
    for one in stages:
        one.close()
    postgres.drop(url)


def fill(database: Database) -> None:
    stage = Stage(MemoryStore(), scratch())
    money(stage)
    stage.with_form()
    with stage.database.read() as connection:
        entry = a.pages(connection, stage.store.text_bodies).rows[0].row
    with database.transaction() as connection:
        rows = []
        for nth in range(20_000):
            row = values_of(entry)
            row |= {
                "log_id": f"L{nth % 20}",
                "origin": UUID(int=nth + 1),
                "unit": f"u{nth % 400}",
                "ledger": f"L{nth % 20}/u{nth % 400}/2024/ledger",
                "month": f"2024-{nth % 12 + 1:02}",
                "kind": list(a.AdjustmentKind)[0 if nth % 50 else 3],
                "position": nth,
            }
            rows.append(row)
        connection.execute(insert(a.table), rows)
        papers = [
            {"log_id": row["log_id"], "origin": row["origin"], "document": f"文{nth}"}
            for nth, row in enumerate(rows)
        ]
        connection.execute(insert(a.papers), papers)
        connection.execute(insert(h.table), [_change(nth) for nth in range(20_000)])
        connection.execute(insert(f.table), [_finding(nth) for nth in range(20_000)])
        if connection.dialect.name == "postgresql":  # SQLite is never told; it must do without
            connection.execute(text("ANALYZE"))


def _change(nth: int) -> dict[str, object]:
    return {
        "log_id": f"L{nth % 20}",
        "evaluation": f"L{nth % 20}/u{nth % 400}/2024/department",
        "position": nth,
        "ordinal": 0,
        "unit": f"u{nth % 400}",
        "unit_name": "某局",
        "fiscal_year": 2024,
        "status": "draft",
        "subject": "LINE",
        "line": str(nth % 20),
        "path": ("产出",),
        "kind": "calculated" if nth % 100 else "overridden",
        "event_id": UUID(int=nth + 1),
        "event_type": "score-calculated",
        "version": nth,
        "command_id": str(nth),
        "causes": (),
        "actor": f"p{nth % 1000}",
        "role": Role.UNIT_CLERK if nth % 3 else Role.FINANCE_REVIEWER,
        "organisation": "xfj",
        "document": f"文{nth}" if nth % 100 == 0 else None,
        "recorded_at": datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=nth),
    }


def _finding(nth: int) -> dict[str, object]:
    return {
        "log_id": f"L{nth % 20}",
        "evaluation": f"L{nth % 20}/u{nth % 400}/2024/department",
        "ordinal": nth,
        "unit": f"u{nth % 400}",
        "unit_name": "某局",
        "fiscal_year": 2024,
        "id": f"{nth:016x}",
        "code": f"code-{nth % 40}",
        "class_": list(FindingClass)[nth % 3],
        "path": (),
        "claim": {"zh": "", "en": ""},
        "recomputed": {"zh": "", "en": ""},
        "details": (),
        "facts": (),
        "positions": (),
        "values": (),
        "acknowledged_by": "p1" if nth % 500 == 0 else None,
    }


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_page_comes_from_an_index(many: list[Database], name: str) -> None:
    query, order = QUESTIONS[name]
    page = in_order(query, order, after=None, limit=50)
    for database in many:
        with database.read() as connection:
            compiled = page.compile(connection.engine, compile_kwargs={"literal_binds": True})
            lite = connection.dialect.name == "sqlite"
            cursor = connection.connection.cursor()
            explain = "EXPLAIN QUERY PLAN " if lite else "EXPLAIN "
            cursor.execute(explain + str(compiled).replace("%%", "%"))
            plan = "\n".join(str(line) for line in cursor.fetchall())
            cursor.close()
        # A scan of an index in the order of the answer ends with the page.
        assert not re.search(r"SCAN (?!.*USING (COVERING )?INDEX)", plan), plan
        assert "Seq Scan" not in plan, plan


def test_an_adjustment_keeps_its_place_when_it_is_corrected(stage: Stage) -> None:
    money(stage)
    with stage.database.read() as connection:
        first = a.pages(connection, stage.store.text_bodies, limit=2)
    stage.given(
        Book(
            ledger=LEDGER,
            entries=(Booking(fact=BudgetReduced(amount=WAN), effective=UNKNOWN),),
        ),
        BOOKKEEPER,
        live=False,
    )
    stage.runner.catch_up()
    with stage.database.read() as connection:
        rest = a.pages(connection, stage.store.text_bodies, after=first.after, limit=10)
    assert len(rest.rows) == 5
