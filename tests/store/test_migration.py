"""The tables come by command, all or none, and are the ones that the code describes."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, inspect, text

import adapters
from adapters.database import Database
from adapters.migration import ensure_current, is_current, migrate, revision_of
from adapters.schema import REVISION, metadata
from domain.problems import Rejected


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


def test_the_migrated_tables_are_those_of_the_schema(empty: Database) -> None:
    migrate(empty)
    with empty.read() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), metadata
        )
        if connection.dialect.name == "postgresql":
            # The function that alone may write opens the log itself, before anything else.
            differences = [one for one in differences if one[0] != "add_fk"]
        assert differences == []


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
