"""Rows go into views and come out as they were, however many and whatever is in them."""

from typing import Any

import psycopg
import pytest
from msgspec.structs import replace
from sqlalchemy import select

from domain.facts.ledger import Basis
from domain.problems import Rejected
from projections import standing
from projections.standing import Unit, units
from projections.tables import put, read
from tests.projections.stage import Stage
from tests.support.scenario import LEDGER, LOG

AWKWARD = ("制表\t换行\n回车\r", "反斜杠\\N \\. \\t", "引号'\"", "", "𠮷野家 🀄", "\\.", "NULL")
UNIT = Unit(
    log_id=LOG,
    fiscal_year=2024,
    ledger=LEDGER,
    unit="xfj",
    unit_name="某局",
    basis=Basis.LEDGER,
    known_from=1,
    rules_from=standing.OPEN_END,
)


@pytest.mark.parametrize("count", [1, 29, 30, 2500])
def test_rows_come_back_as_they_were_put(stage: Stage, count: int) -> None:
    rows = [
        replace(UNIT, ledger=f"{LEDGER}/{nth:05}", unit_name=AWKWARD[nth % len(AWKWARD)])
        for nth in range(count)
    ]
    with stage.database.transaction() as connection:
        put(connection, units, rows)
    with stage.database.read() as connection:
        assert read(Unit, connection.execute(select(units).order_by(units.c.ledger))) == rows


@pytest.mark.parametrize(("count", "copied"), [(29, 0), (30, 1), (2500, 3)])
def test_many_rows_go_into_postgresql_by_copy(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, count: int, copied: int
) -> None:
    copies: list[str] = []
    copy = psycopg.Cursor.copy

    def noted(cursor: psycopg.Cursor[Any], statement: str) -> object:
        copies.append(statement)
        return copy(cursor, statement.encode())

    monkeypatch.setattr(psycopg.Cursor, "copy", noted)
    with stage.database.transaction() as connection:
        put(connection, units, [replace(UNIT, ledger=f"{LEDGER}/{nth}") for nth in range(count)])
        named = connection.dialect.name
    assert len(copies) == (copied if named == "postgresql" else 0)


@pytest.mark.parametrize("count", [2, 100])
def test_a_row_that_is_there_already_is_named_and_nothing_is_written(
    stage: Stage, count: int
) -> None:
    rows = [replace(UNIT, ledger=f"{LEDGER}/{nth:05}") for nth in range(count)]
    with (
        pytest.raises(Rejected) as refused,
        stage.database.transaction() as connection,
    ):
        put(connection, units, [*rows, rows[-1]])
    assert [one.code for one in refused.value.problems] == ["views.inconsistent"]
    with stage.database.read() as connection:
        assert connection.execute(select(units)).all() == []
