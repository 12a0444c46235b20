"""PostgreSQL finds a command by its key, also with a plan that it made when there were no facts yet and
before it has ever looked at how the tables are filled.
"""

from collections.abc import Callable

import pytest
from sqlalchemy import URL, Connection, text

from adapters.database import Database
from adapters.event_store import _COMMAND
from adapters.identifiers import new_event_id
from adapters.log import Append, Known, Stored, to_append
from domain.store import StreamChange
from tests.store.samples import LEDGER, LOG, payment

FACTS = 300


def rows_read(connection: Connection, work: Callable[[], object]) -> int:
    """How many facts ``work`` has read in the running transaction."""
    count = text(
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
        " WHERE schemaname = 'liuhen' AND relname = 'events'"
    )
    before = connection.scalar(count) or 0
    work()
    return (connection.scalar(count) or 0) - before


def paying(version: int, payments: int = 1) -> Append:
    """A command that its first fact has the id of."""
    own = new_event_id()
    facts = (payment("v", event_id=own), *(payment("v") for _ in range(payments - 1)))
    change = StreamChange(LEDGER, version, facts)
    return to_append(LOG, [change], command_id=str(own), request=b"request")


@pytest.mark.parametrize("asked", ["append", "retry", "receipt"])
def test_a_few_facts_of_a_long_log_are_read(postgresql_url: URL, asked: str) -> None:
    database = Database(postgresql_url)
    with database.transaction() as connection:
        connection.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        put = database.backend.append_in
        assert put(connection, paying(0)) == Stored(1)
        assert put(connection, paying(1, FACTS)) == Stored(2)
        last = paying(1 + FACTS)
        if asked == "retry":
            put(connection, last)

        def ask() -> None:
            if asked == "receipt":
                values = {"log_id": LOG, "command_id": "c", "event_id": new_event_id().hex}
                assert _COMMAND.rows(connection, values) == []
            else:
                expected = Known() if asked == "retry" else Stored(2 + FACTS)
                assert put(connection, last) == expected

        assert rows_read(connection, ask) < 10
    database.close()
