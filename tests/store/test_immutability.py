"""Nothing that was stored can be changed, also not by SQL on the writing connection."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError

from adapters import scrubbing
from adapters.database import Database
from adapters.dialects import BUSY_TIMEOUT_SECONDS
from adapters.event_store import SqlEventStore
from adapters.identifiers import new_event_id
from tests.store.samples import LEDGER, LOG, append, paid_once, payments
from tests.store.samples import text as detached

OWN = UUID("01939b1e-7b1a-7c3e-9f2b-8b1d2c3e4f50")
"""The id of a command that did nothing."""


def _put(
    verb: str = "INSERT",
    *,
    position: int | str = 3,
    log_id: str = "log_id",
    stream_id: str = "'s'",
    version: int = 1,
    known_at: str = "known_at",
    event_id: str = "NULL",
    request_hash: str = "NULL",
) -> str:
    """A fact put beside what appends, made from the second one; the log has number 1."""
    return (
        f"{verb} INTO events"  # noqa: S608 - our own text
        " (place, log_id, stream_id, version, type, payload, known_at, leaf_hash, event_id,"
        " request_hash)"
        f" SELECT (1 << 40) + {position}, {log_id}, {stream_id}, {version}, type, payload,"
        f" {known_at}, leaf_hash, {event_id}, {request_hash} FROM events WHERE position = 2"
    )


REFUSED = (
    "UPDATE events SET payload = x'00'",
    "UPDATE events SET actor = 'another' WHERE position = 1",
    "UPDATE OR REPLACE events SET place = place - 1 WHERE position = 2",
    "DELETE FROM events",
    "DELETE FROM events WHERE position = 2",
    "UPDATE commands SET request_hash = x'00', request_salt = NULL",
    "UPDATE commands SET request_salt = x'00'",
    "UPDATE commands SET last_position = 1, request_salt = NULL",
    "DELETE FROM commands",
    "UPDATE texts SET body = 'another'",
    "UPDATE logs SET head = head - 1",
    "UPDATE logs SET known_at = 0",
    "DELETE FROM logs",
    "INSERT OR REPLACE INTO logs VALUES ('130104', 9, 9)",
    "UPDATE opened_logs SET log_id = 'another'",
    "UPDATE opened_logs SET number = 2",
    "DELETE FROM opened_logs",
    "INSERT OR REPLACE INTO opened_logs (log_id) VALUES ('130104')",
    "INSERT OR REPLACE INTO opened_logs VALUES (1, 'another')",
    "INSERT INTO opened_logs VALUES (1 << 22, 'beyond what places have room for')",
    "INSERT OR REPLACE INTO commands VALUES ('130104', 'c-1', NULL, x'00', 1, 1)",
    "INSERT OR REPLACE INTO texts SELECT log_id, digest, salt, 'another', command_id FROM texts",
    # The same position, the same version of a stream, the same event id:
    _put("INSERT OR REPLACE", position=2),
    _put("INSERT OR REPLACE", stream_id="stream_id"),
    _put("INSERT OR REPLACE", event_id="event_id"),
    # Nor is it passed over, or changed:
    _put("INSERT OR IGNORE", position=2),
    f"{_put(position=2)} ON CONFLICT (place) DO UPDATE SET type = 'another'",
    # A position that is not the next one, or none at all, and a time before the last:
    _put(position=4),
    _put(position="NULL"),
    _put(known_at="0"),
    # A position before the first, a place in another log, and a log that is not there:
    _put(position=0),
    _put(log_id="'empty'"),
    _put(position="(1 << 40) + 1"),
    _put(log_id="'130105'"),
    # A command that has stored facts is not remembered by a fact as well:
    _put(event_id=f"'{OWN.hex}'", request_hash="x'00'"),
)


@pytest.fixture
def file(sqlite_url: URL) -> Iterator[Database]:
    """A database on SQLite, where triggers are the barrier."""
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def server(postgresql_url: URL) -> Iterator[Database]:
    """A database on PostgreSQL, where privileges are the barrier."""
    database = Database(postgresql_url)
    yield database
    database.close()


def filled(database: Database) -> SqlEventStore:
    """A store with two facts and a text, and a command that did nothing."""
    store = SqlEventStore(database)
    store.append(
        LOG,
        [payments(LEDGER, 0, "v-1", "v-2")],
        command_id="c-1",
        request=b"r",
        texts=[detached("a remark")],
    )
    store.append(LOG, [], command_id=str(OWN), request=b"r")
    return store


@pytest.mark.parametrize("statement", REFUSED)
def test_no_statement_changes_what_is_stored(file: Database, statement: str) -> None:
    store = filled(file)
    with file.transaction() as connection:
        connection.execute(text("INSERT INTO opened_logs (log_id) VALUES ('empty')"))
    before = store.read_log(LOG)
    with pytest.raises(IntegrityError), file.transaction() as connection:
        connection.execute(text(statement))
    assert store.read_log(LOG) == before
    assert append(store, "c-2", payments(LEDGER, 2, "v-3")).position == 3


REFUSED_TO_THE_OWNER = (
    "UPDATE events SET actor = 'another' WHERE position = 1",
    "DELETE FROM events WHERE position = 2",
    "TRUNCATE events",
    (
        "INSERT INTO events SELECT * FROM events"
        " ON CONFLICT (log_id, position) DO UPDATE SET type = 'another'"
    ),
    "MERGE INTO events USING logs ON events.log_id = logs.log_id WHEN MATCHED THEN DELETE",
    "UPDATE commands SET request_salt = request_hash",
    "UPDATE commands SET last_position = 1, request_salt = NULL",
    "DELETE FROM commands",
    "TRUNCATE commands",
    "UPDATE texts SET body = 'another'",
    "TRUNCATE texts",
    "DELETE FROM logs",
    "DELETE FROM opened_logs",
    "TRUNCATE opened_logs",
)


@pytest.mark.parametrize("replica", [False, True], ids=["", "as a replica"])
@pytest.mark.parametrize("statement", REFUSED_TO_THE_OWNER)
def test_on_postgresql_triggers_stop_even_the_owner(
    server: Database, postgresql_url: URL, statement: str, replica: bool
) -> None:
    store = filled(server)
    before = store.read_log(LOG)
    plain = postgresql_url.set(drivername="postgresql").render_as_string(hide_password=False)
    role = "replica" if replica else "origin"
    with psycopg.connect(plain) as owner:
        owner.execute("SET search_path = liuhen")
        owner.execute(f"SET session_replication_role = {role}".encode())
        with pytest.raises(psycopg.errors.IntegrityError):
            owner.execute(statement.encode())
    assert store.read_log(LOG) == before


REFUSED_TO_THE_PROGRAM = (
    *REFUSED_TO_THE_OWNER,
    "INSERT INTO opened_logs VALUES ('130105')",
    "UPDATE opened_logs SET log_id = 'another'",
    "INSERT INTO logs (log_id) VALUES ('130105')",
    "UPDATE logs SET log_id = 'another'",
    "DROP VIEW logs",
    "CREATE OR REPLACE VIEW logs AS SELECT 'another' AS log_id, 9 AS head, 9 AS known_at",
    "INSERT INTO events SELECT * FROM events",
    "DELETE FROM texts",
    "DROP TABLE events",
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE sql AS ''",
)


@pytest.mark.parametrize("statement", REFUSED_TO_THE_PROGRAM)
def test_on_postgresql_the_program_may_only_append(server: Database, statement: str) -> None:
    store = filled(server)
    before = store.read_log(LOG)

    def interfere() -> None:
        with server.transaction() as connection:
            connection.execute(text("SET LOCAL search_path = liuhen"))
            connection.execute(text(statement))

    with pytest.raises(ProgrammingError):
        interfere()
    assert store.read_log(LOG) == before
    assert append(store, "c-2", payments(LEDGER, 2, "v-3")).position == 3


@pytest.mark.parametrize("statement", [one for one in REFUSED if "REPLACE" in one])
def test_a_replace_is_refused_on_a_connection_without_our_settings(
    file: Database, sqlite_url: URL, statement: str
) -> None:
    filled(file)
    with (
        closing(sqlite3.connect(sqlite_url.database or "")) as plain,
        pytest.raises(sqlite3.IntegrityError),
    ):
        plain.execute(statement)


def test_what_a_fact_remembers_is_no_other_command_as_well(file: Database, sqlite_url: URL) -> None:
    store = filled(file)
    own = new_event_id()
    paid_once(store, own, LEDGER, 2)
    with (
        closing(sqlite3.connect(sqlite_url.database or "")) as plain,
        pytest.raises(sqlite3.IntegrityError, match="a command with this id"),
    ):
        plain.execute("INSERT INTO commands VALUES (?, ?, NULL, x'00', 1, 1)", (LOG, str(own)))


def test_a_reading_connection_cannot_write(database: Database) -> None:
    with pytest.raises((OperationalError, DBAPIError)), database.read() as connection:
        connection.execute(text("INSERT INTO logs VALUES ('x', 0, 0)"))


def test_an_erased_text_is_in_no_file_any_more(file: Database, tmp_path: Path) -> None:
    sql_store = SqlEventStore(file)
    secret = detached("涉密内容-不得留存")
    sql_store.append(
        LOG, [payments(LEDGER, 0, "v-1")], command_id="c-1", request=b"r", texts=[secret]
    )
    for number in range(1, 30):
        append(sql_store, f"more-{number}", payments(LEDGER, number, f"v-{number}"))
    assert _somewhere(tmp_path, secret.body.encode())
    sql_store.append(
        LOG, [payments(LEDGER, 30, "v")], command_id="c-2", request=b"e", erase=[secret.digest]
    )
    assert not _somewhere(tmp_path, secret.body.encode())
    assert not _somewhere(tmp_path, secret.salt)


def test_an_erased_text_goes_as_soon_as_its_last_reader_allows(
    file: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrubbing, "_AGAIN_SECONDS", 0)
    sql_store = SqlEventStore(file)
    secret = detached("涉密内容-不得留存")
    sql_store.append(
        LOG, [payments(LEDGER, 0, "v-1")], command_id="c-1", request=b"r", texts=[secret]
    )
    with file.read() as reader:
        reader.execute(text("SELECT count(*) FROM texts")).all()
        began = time.monotonic()
        sql_store.append(
            LOG, [payments(LEDGER, 1, "v")], command_id="c-2", request=b"e", erase=[secret.digest]
        )
        # Nobody waits for the reader.
        assert time.monotonic() - began < BUSY_TIMEOUT_SECONDS / 2
        assert _somewhere(tmp_path, secret.body.encode())
    append(sql_store, "later", payments(LEDGER, 2, "v-2"))
    assert not _somewhere(tmp_path, secret.body.encode())


def test_what_a_process_that_died_has_left_is_scrubbed_by_the_next(
    file: Database, sqlite_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql_store = SqlEventStore(file)
    secret = detached("涉密内容-不得留存")
    sql_store.append(
        LOG, [payments(LEDGER, 0, "v-1")], command_id="c-1", request=b"r", texts=[secret]
    )
    with monkeypatch.context() as dying:
        dying.setattr(file, "scrub", lambda: None)
        sql_store.append(
            LOG, [payments(LEDGER, 1, "v")], command_id="c-2", request=b"e", erase=[secret.digest]
        )
    assert _somewhere(tmp_path, secret.body.encode())
    next_one = Database(sqlite_url)
    append(SqlEventStore(next_one), "later", payments(LEDGER, 2, "v-2"))
    next_one.close()
    assert not _somewhere(tmp_path, secret.body.encode())


def _somewhere(folder: Path, needle: bytes) -> bool:
    return any(needle in path.read_bytes() for path in folder.iterdir() if path.is_file())
