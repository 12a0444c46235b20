"""The tables come by command, all or none, and are the ones that the code describes."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    URL,
    Column,
    Connection,
    ForeignKeyConstraint,
    Table,
    inspect,
    make_url,
    text,
)

import adapters
from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.identifiers import new_event_id
from adapters.migration import ensure_current, is_current, migrate, revision_of
from adapters.schema import REVISION, metadata
from domain.problems import Rejected
from tests.store.samples import LEDGER, LOG, append, paid_once, payments

FORMER = UUID("01939b1e-7b1a-7c3e-9f2b-8b1d2c3e4f50")
"""A command that an earlier version has stored."""


@pytest.fixture
def empty(empty_url: URL) -> Iterator[Database]:
    database = Database(empty_url)
    yield database
    database.close()


def test_a_database_is_brought_to_what_the_code_needs(empty: Database) -> None:
    assert not is_current(empty)
    assert migrate(empty) == REVISION
    assert is_current(empty)


def test_migrating_again_changes_nothing(empty: Database) -> None:
    migrate(empty)
    assert migrate(empty) == REVISION


def test_the_code_names_the_newest_revision() -> None:
    config = Config()
    folder = Path(adapters.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_the_migrated_tables_are_those_of_the_schema(empty: Database, empty_url: URL) -> None:
    # In a process of its own: a library that a benchmark loads has every BigInteger written otherwise.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        url = empty_url.render_as_string(hide_password=False)
        differences = alone.submit(differences_when_migrated, url).result()
    with empty.read() as connection:
        kind = connection.dialect.name
        # The head of a log is a view of its facts, beside a table of the logs that there are.
        assert "logs" in inspect(connection).get_view_names()
    expected = {("add_table", "logs"), ("remove_table", "opened_logs")}
    if kind == "sqlite":
        # What the number of a row says is read as its position.
        expected |= {("remove_column", "events.place"), ("remove_fk", "opened_logs")}
    # On PostgreSQL the function that alone may write opens the log itself, before anything else.
    assert set(differences) - {("add_fk", "logs")} == expected


def differences_when_migrated(url: str) -> list[tuple[str, str]]:
    """What the tables at ``url`` differ in from the schema: what is to be done, and with what."""
    database = Database(make_url(url))
    migrate(database)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = [_difference(one) for one in compare_metadata(context, metadata)]
    database.close()
    return found


def _difference(one: Any) -> tuple[str, str]:  # noqa: ANN401 - Alembic's tuples differ in shape
    match one:
        case (str() as kind, Table() as table):
            return kind, table.name
        case (str() as kind, ForeignKeyConstraint() as key):
            return kind, key.elements[0].target_fullname.split(".")[-2]
        case (str() as kind, _, str() as table, Column() as column):
            return kind, f"{table}.{column.name}"
        case _:
            return "modify", repr(one)


def test_many_may_migrate_at_once(empty_url: URL) -> None:
    reached: list[str] = []

    def run() -> None:
        database = Database(empty_url)
        reached.append(migrate(database))
        database.close()

    threads = [Thread(target=run) for _ in range(4)]
    # The lock of the database keeps them apart, and so their use of what Alembic keeps in its
    # modules.
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert reached == [REVISION] * 4


def test_an_embedded_database_is_migrated_when_it_opens(empty: Database) -> None:
    ensure_current(empty, embedded=True)
    assert is_current(empty)
    ensure_current(empty, embedded=False)


def test_any_other_database_asks_for_the_command(empty: Database) -> None:
    with pytest.raises(Rejected, match="revision -") as refused:
        ensure_current(empty, embedded=False)
    assert refused.value.codes == ("store.not-migrated",)
    assert "liuhen migrate" in refused.value.problems[0].todo.en
    assert revision_of(empty) == "-"


def test_a_newer_database_is_left_alone(empty: Database) -> None:
    migrate(empty)
    with empty.migration() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for embedded in (True, False):
        with pytest.raises(Rejected) as refused:
            ensure_current(empty, embedded=embedded)
        assert refused.value.codes == ("store.not-migrated",)
    assert revision_of(empty) == "9999"


def test_a_migration_that_fails_leaves_nothing(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty.migration() as connection:
        connection.execute(text("CREATE TABLE tracking (other INTEGER)"))
    with pytest.raises(Exception, match=r"tracking.* already exists"):
        migrate(empty)
    with empty.migration() as connection:
        assert inspect(connection).get_table_names() == ["tracking"]


@contextmanager
def at_revision(database: Database, revision: str) -> Iterator[Connection]:
    """A transaction on a new database as an earlier version has left it."""
    config = Config()
    config.set_main_option("script_location", str(Path(adapters.__file__).parent / "migrations"))
    with database.migration() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        yield connection


def test_what_was_stored_before_is_known_after(tmp_path: Path) -> None:
    database = Database(URL.create("sqlite", database=str(tmp_path / "former.sqlite3")))
    with at_revision(database, "0005"):
        pass
    store = SqlEventStore(database)
    own, several = new_event_id(), new_event_id()
    first = append(store, "c-1", payments(LEDGER, 0, "v-1"))
    by_fact = paid_once(store, own, LEDGER, 1)
    by_row = append(store, str(several), payments(LEDGER, 2, "v-2", "v-3"))
    before = store.read_log(LOG)
    assert migrate(database) == REVISION
    assert store.read_log(LOG) == before
    assert append(store, "c-1", payments(LEDGER, 0, "v-1")) == first
    assert append(store, "c-2", payments(LEDGER, 4, "v-4")).position == 5
    # By those whose versions moved, and by those who have seen what is stored.
    for version in (1, 5):
        assert paid_once(store, own, LEDGER, version) == by_fact
        assert append(store, str(several), payments(LEDGER, version, "v")) == by_row
        assert paid_once(store, several, LEDGER, version) == by_row
    database.close()


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_a_log_goes_on_after_its_tables_were_made_anew(tmp_path: Path, revision: str) -> None:
    database = Database(URL.create("sqlite", database=str(tmp_path / "former.sqlite3")))
    with at_revision(database, revision) as connection:
        for statement in (
            "INSERT INTO logs VALUES ('130104', 0, 0), ('empty', 0, 0)",
            (
                "INSERT INTO events (log_id, position, stream_id, version, type, payload, known_at,"
                " leaf_hash) VALUES ('130104', 1, 's', 1, 't', x'', 7, x''),"
                " ('130104', 2, 's', 2, 't', x'', 7, x'')"
            ),
            "UPDATE logs SET head = 2, known_at = 7 WHERE log_id = '130104'",
            "INSERT INTO commands VALUES ('130104', 'c-1', NULL, x'00', 1, 2)",
            f"INSERT INTO commands VALUES ('130104', '{FORMER}', NULL, x'00', 2, 2)",  # noqa: S608
            "INSERT INTO texts VALUES ('130104', 'd', x'00', 'a remark', 'c-1')",
        ):
            connection.execute(text(statement))
    assert migrate(database) == REVISION
    with database.read() as connection:
        assert connection.execute(text("SELECT * FROM logs ORDER BY log_id")).all() == [
            ("130104", 2, 7),
            ("empty", 0, 0),
        ]
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        kept = text("SELECT log_id, position, stream_id, version, known_at FROM events")
        assert connection.execute(kept).all() == [
            ("130104", 1, "s", 1, 7),
            ("130104", 2, "s", 2, 7),
        ]
    store = SqlEventStore(database)
    # A command of that time is known, also when it would now be remembered by its fact.
    assert paid_once(store, FORMER, LEDGER, 0).position == 2
    assert append(store, "c-2", payments(LEDGER, 0, "v-1")).position == 3
    assert paid_once(store, FORMER, LEDGER, 1).position == 2
    assert append(store, "c-3", payments(LEDGER, 0, "v-1"), log="empty").position == 1
    database.close()
