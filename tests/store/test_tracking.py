"""How far a projection has read: forward only, from where it is, with its own tables."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from adapters.database import Database
from adapters.tracking import advance, raise_to, reset, tracking_position
from tests.store.samples import LOG


def position(database: Database, projection: str = "scores", log: str = LOG) -> int:
    with database.read() as connection:
        return tracking_position(connection, projection, log)


def move(database: Database, to: int, *, expected: int, projection: str = "scores") -> bool:
    with database.transaction() as connection:
        return advance(connection, projection, LOG, to, expected=expected)


def test_a_projection_begins_at_zero_and_moves_from_where_it_is(database: Database) -> None:
    assert position(database) == 0
    assert move(database, 500, expected=0)
    assert move(database, 700, expected=500)
    assert position(database) == 700


def test_whoever_expects_another_position_does_not_move_it(database: Database) -> None:
    assert not move(database, 500, expected=400)
    assert move(database, 500, expected=0)
    assert not move(database, 600, expected=0)
    assert not move(database, 600, expected=499)
    assert position(database) == 500


def test_projections_and_logs_do_not_touch_each_other(database: Database) -> None:
    assert move(database, 5, expected=0)
    assert move(database, 9, expected=0, projection="findings")
    assert position(database) == 5
    assert position(database, "findings") == 9
    assert position(database, log="another") == 0


def test_a_projection_does_not_move_back(database: Database) -> None:
    with pytest.raises(ValueError, match="forward"), database.transaction() as connection:
        advance(connection, "scores", LOG, 5, expected=5)


def test_the_position_moves_only_with_the_tables(database: Database) -> None:
    def batch() -> None:
        with database.transaction() as connection:
            connection.execute(text("CREATE TABLE view (line TEXT)"))
            assert advance(connection, "scores", LOG, 5, expected=0)
            raise LookupError

    with pytest.raises(LookupError):
        batch()
    assert position(database) == 0


def test_a_rebuild_begins_at_zero_again(database: Database) -> None:
    move(database, 5, expected=0)
    with database.transaction() as connection:
        reset(connection, "scores", LOG)
    assert position(database) == 0
    assert move(database, 3, expected=0)


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(positions=st.lists(st.integers(1, 20), max_size=12))
def test_a_raised_position_is_the_highest_so_far(database: Database, positions: list[int]) -> None:
    highest = 0
    with database.transaction() as connection:
        reset(connection, "scores", LOG)
        for each in positions:
            assert raise_to(connection, "scores", LOG, each) == (each > highest)
            highest = max(highest, each)
        assert tracking_position(connection, "scores", LOG) == highest
