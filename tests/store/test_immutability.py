"""Nothing that was stored can be changed, also not by SQL on the writing connection."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from adapters.database import Database
from adapters.event_store import SqlEventStore
from tests.store.samples import LEDGER, LOG, append, payments
from tests.store.samples import text as detached

REFUSED = (
    "UPDATE events SET payload = x'00'",
    "UPDATE events SET actor = 'another' WHERE position = 1",
    "UPDATE OR REPLACE events SET position = 2 WHERE position = 1",
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
    "INSERT OR REPLACE INTO commands VALUES ('130104', 'c-1', NULL, x'00', 1, 1)",
    "INSERT OR REPLACE INTO texts SELECT log_id, digest, salt, 'another', command_id FROM texts",
    # The same position, the same version of a stream, the same event id:
    (
        "INSERT OR REPLACE INTO events (log_id, position, stream_id, version, type, payload, known_at,"
        " leaf_hash) SELECT log_id, position, 's', 1, type, payload, 0, leaf_hash FROM events"
    ),
    (
        "INSERT OR REPLACE INTO events (log_id, position, stream_id, version, type, payload, known_at,"
        " leaf_hash) SELECT log_id, 9, stream_id, 1, type, payload, 0, leaf_hash FROM events LIMIT 1"
    ),
    (
        "INSERT OR REPLACE INTO events (log_id, position, stream_id, version, type, payload, known_at,"
        " leaf_hash, event_id) SELECT log_id, 9, 's', 1, type, payload, 0, leaf_hash, event_id"
        " FROM events LIMIT 1"
    ),
    # A position before the first, and a log that is not there:
    (
        "INSERT INTO events (log_id, position, stream_id, version, type, payload, known_at, leaf_hash)"
        " VALUES ('130104', 0, 's', 1, 't', x'', 0, x'')"
    ),
    (
        "INSERT INTO events (log_id, position, stream_id, version, type, payload, known_at, leaf_hash)"
        " VALUES ('130105', 1, 's', 1, 't', x'', 0, x'')"
    ),
)


@pytest.mark.parametrize("statement", REFUSED)
def test_no_statement_changes_what_is_stored(
    sql_store: SqlEventStore, database: Database, statement: str
) -> None:
    sql_store.append(
        LOG,
        [payments(LEDGER, 0, "v-1", "v-2")],
        command_id="c-1",
        request=b"r",
        texts=[detached("a remark")],
    )
    before = sql_store.read_log(LOG)
    with pytest.raises(IntegrityError), database.transaction() as connection:
        connection.execute(text(statement))
    assert sql_store.read_log(LOG) == before
    assert append(sql_store, "c-2", payments(LEDGER, 2, "v-3")).position == 3


@pytest.mark.parametrize("statement", [one for one in REFUSED if "REPLACE" in one])
def test_a_replace_is_refused_on_a_connection_without_our_settings(
    sql_store: SqlEventStore, url: URL, statement: str
) -> None:
    sql_store.append(
        LOG,
        [payments(LEDGER, 0, "v-1", "v-2")],
        command_id="c-1",
        request=b"r",
        texts=[detached("a remark")],
    )
    with (
        closing(sqlite3.connect(url.database or "")) as plain,
        pytest.raises(sqlite3.IntegrityError),
    ):
        plain.execute(statement)


def test_a_reading_connection_cannot_write(database: Database) -> None:
    with pytest.raises((OperationalError, DBAPIError)), database.read() as connection:
        connection.execute(text("INSERT INTO logs VALUES ('x', 0, 0)"))


def test_an_erased_text_is_in_no_file_any_more(
    sql_store: SqlEventStore, database: Database, tmp_path: Path
) -> None:
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


def _somewhere(folder: Path, needle: bytes) -> bool:
    return any(needle in path.read_bytes() for path in folder.iterdir() if path.is_file())
