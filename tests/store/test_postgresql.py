"""What only PostgreSQL has: roles, a server that can die, connections that break, hints."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from operator import attrgetter
from threading import Event, Thread

import psycopg
import pytest
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError

from adapters import event_store
from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.postgresql import APPLICATION, OWNER, PostgresBackend
from adapters.views import ViewDatabase
from domain import ledger
from domain.problems import Rejected
from tests.store.appender import receipt_of, vouchers_of
from tests.store.proxy import LossyProxy
from tests.store.samples import FORM, LEDGER, LOG, append, payments
from tests.store.samples import text as detached
from tests.store.test_concurrency import ROOT, in_threads, vouchers
from tests.support.postgres import PostgresServer, postgres_server


@pytest.fixture
def url(postgresql_url: URL) -> URL:
    return postgresql_url


@pytest.fixture
def clerk(postgres: PostgresServer, url: URL) -> URL:
    """A login that may do what the program may, and no more."""
    postgres.execute(
        "DO $$ BEGIN CREATE ROLE clerk LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    postgres.execute(f"GRANT {APPLICATION} TO clerk")
    return url.set(username="clerk")


def filled(store: SqlEventStore) -> None:
    store.append(
        LOG,
        [payments(LEDGER, 0, "v-1", "v-2")],
        command_id="c-1",
        request=b"r",
        texts=[detached("a remark")],
    )


# ------------------------------------------------------------------------------ the barrier

FORBIDDEN = (
    *(
        statement
        for table in ("events", "commands", "texts", "opened_logs")
        for statement in (
            f"INSERT INTO {table} SELECT * FROM {table}",  # noqa: S608 - our tables
            f"UPDATE {table} SET log_id = log_id",  # noqa: S608
            f"DELETE FROM {table}",  # noqa: S608
            f"TRUNCATE {table}",
            f"DROP TABLE {table}",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        )
    ),
    "ALTER TABLE events DROP COLUMN actor",
    "UPDATE alembic_version SET version_num = '0'",
    "CREATE TABLE liuhen.more (line text)",
    "CREATE FUNCTION liuhen.cardinality(text[]) RETURNS int LANGUAGE sql AS 'SELECT 0'",
    "DROP FUNCTION liuhen.append",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_a_login_of_the_program_may_not_touch_what_is_stored(clerk: URL, statement: str) -> None:
    database = Database(clerk)
    store = SqlEventStore(database)
    filled(store)
    before = store.read_log(LOG)
    with pytest.raises(DBAPIError) as refused, database.transaction() as connection:
        connection.execute(text(statement))
    assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)
    assert store.read_log(LOG) == before
    assert append(store, "c-2", payments(LEDGER, 2, "v-3")).position == 3
    database.close()


def test_a_login_cannot_become_the_owner(clerk: URL) -> None:
    with (
        psycopg.connect(clerk.set(drivername="postgresql").render_as_string()) as plain,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        plain.execute(f"SET ROLE {OWNER}".encode())


def test_nobody_logs_in_as_the_owner(url: URL) -> None:
    owner = url.set(drivername="postgresql", username=OWNER).render_as_string()
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        psycopg.connect(owner)


def test_only_members_may_append(postgres: PostgresServer, url: URL) -> None:
    postgres.execute(
        "DO $$ BEGIN CREATE ROLE stranger LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    database = Database(url.set(username="stranger"))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        filled(SqlEventStore(database))
    database.close()


def test_the_views_are_the_programs_own(clerk: URL) -> None:
    database = Database(clerk)
    with database.transaction() as connection:
        connection.execute(text("CREATE TABLE view (line text)"))
        connection.execute(text("INSERT INTO view VALUES ('a')"))
    with database.read() as connection:
        assert connection.scalar(text("SELECT line FROM view")) == "a"
        with pytest.raises(DBAPIError, match="read-only"):
            connection.execute(text("INSERT INTO view VALUES ('b')"))
    with database.transaction() as connection:
        connection.execute(text("DROP TABLE view"))
    database.close()


def test_no_table_of_the_views_stands_in_for_one_of_the_store(clerk: URL) -> None:
    database = Database(clerk)
    store = SqlEventStore(database)
    with database.transaction() as connection:
        connection.execute(text("CREATE TABLE events AS SELECT * FROM events"))
        connection.execute(text("CREATE TABLE logs AS SELECT * FROM logs"))
    filled(store)
    assert store.head(LOG) == 2
    assert len(store.read(LOG, LEDGER)) == 2
    database.close()


def test_what_readers_have_prepared_outlives_their_transactions(clerk: URL) -> None:
    database = Database(clerk)
    views = ViewDatabase(database, 1)

    def make(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE view (line text)"))

    views.prepare(make)
    for _ in range(7):  # the driver prepares what comes more often than five times
        with database.read() as connection:
            connection.execute(text("SELECT count(*) FROM texts"))
        with views.read() as connection:
            connection.execute(text("SELECT line FROM view"))
    with database.read() as connection:
        prepared = connection.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert {"SELECT count(*) FROM texts", "SELECT line FROM view"} <= set(prepared)
    database.close()


def test_a_question_to_the_views_begins_no_other_process(clerk: URL) -> None:
    database = Database(clerk)
    views = ViewDatabase(database, 1)
    views.prepare(lambda _: None)
    helpers = text("SHOW max_parallel_workers_per_gather")
    with views.read() as connection:
        assert connection.scalar(helpers) == "0"
    with database.read() as connection:
        assert connection.scalar(helpers) != "0"
    database.close()


# ------------------------------------------------------------- connections and servers break


@pytest.fixture
def proxy(url: URL) -> Iterator[LossyProxy]:
    with LossyProxy(url) as lossy:
        yield lossy


def test_a_connection_lost_after_the_commit_doubles_nothing(
    proxy: LossyProxy, sql_store: SqlEventStore
) -> None:
    database = Database(proxy.url)
    store = SqlEventStore(database)
    append(store, "c-0", payments(LEDGER, 0, "v-0"))
    for number in range(1, 6):
        proxy.lose_answers(1)
        change = payments(LEDGER, 2 * number - 1, f"v-{number}", f"w-{number}")
        receipt = append(store, f"c-{number}", change)
        assert proxy.lost == number
        assert receipt == sql_store.receipt_of(
            LOG, f"c-{number}", f"request of c-{number}".encode()
        )
    database.close()
    assert sql_store.head(LOG) == 11
    assert set(vouchers(sql_store, LOG).values()) == {1}


def test_many_threads_lose_their_connections_and_nothing_else(
    proxy: LossyProxy, sql_store: SqlEventStore
) -> None:
    database = Database(proxy.url)
    store = SqlEventStore(database)
    append(store, "c", payments(FORM, 0, "v"))

    def work(thread: int) -> None:
        for number in range(20):
            if number % 5 == 0:
                proxy.lose_answers(2)
            name = f"c-{thread}-{number}"
            append(store, name, payments(f"s-{thread}", number, name), log=f"log-{thread % 2}")

    in_threads(work, 6)
    database.close()
    assert proxy.lost > 5
    found = vouchers(sql_store, "log-0") + vouchers(sql_store, "log-1")
    assert found == Counter(f"c-{thread}-{number}" for thread in range(6) for number in range(20))


def test_questions_survive_a_lost_connection(proxy: LossyProxy) -> None:
    database = Database(proxy.url)
    store = SqlEventStore(database)
    append(store, "c-1", payments(LEDGER, 0, "v-1"))
    for _ in range(3):
        proxy.lose_answers(1)
        assert store.head(LOG) == 1
    assert proxy.lost == 3
    for _ in range(3):
        # Asked together, in one round trip.
        proxy.lose_answers(1)
        assert store.past(LOG, {LEDGER: ledger.WANTED}, 1)[LEDGER].version == 1
    assert proxy.lost == 6
    database.close()


@pytest.mark.parametrize("use", ["reading", "asking", "writing", "views.reading", "views.writing"])
def test_a_connection_that_is_in_use_at_the_end_is_closed_when_it_comes_home(
    url: URL, use: str
) -> None:
    database = Database(url)
    opened = attrgetter(use)(database.backend)
    with opened(1) if use.startswith("views") else opened() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        database.close()
        assert not driver.closed
        assert connection.scalar(text("SELECT 1")) == 1
    assert driver.closed


def test_a_connection_that_appends_at_the_end_is_closed_when_it_comes_home(url: URL) -> None:
    database = Database(url)
    backend = database.backend
    assert isinstance(backend, PostgresBackend)
    append(SqlEventStore(database), "c-1", payments(LEDGER, 0, "v-1"))
    with backend._appender() as driver:
        database.close()
        closed_in_use = driver.closed
    assert (closed_in_use, driver.closed) == (False, True)
    assert append(SqlEventStore(database), "c-2", payments(LEDGER, 1, "v-2")).position == 2
    database.close()


def test_idle_connections_that_the_server_closed_are_not_used(
    postgres: PostgresServer, sql_store: SqlEventStore, url: URL
) -> None:
    append(sql_store, "c-1", payments(LEDGER, 0, "v-1"))
    with sql_store.database.read() as connection:
        connection.execute(text("SELECT 1"))
    with sql_store.database.transaction() as connection:
        connection.execute(text("SELECT 1"))
    postgres.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"  # noqa: S608
        f" WHERE datname = '{url.database}'"
    )
    with sql_store.database.read() as connection:
        assert connection.scalar(text("SELECT head FROM logs")) == 1
    with sql_store.database.transaction() as connection:
        connection.execute(text("SELECT 1"))
    assert append(sql_store, "c-2", payments(LEDGER, 1, "v-2")).position == 2


def test_a_server_that_was_never_reached_is_named_at_once() -> None:
    database = Database(URL.create("postgresql+psycopg", query={"host": "/nowhere"}))
    with pytest.raises(Rejected) as refused:
        SqlEventStore(database).head(LOG)
    assert refused.value.codes == ("store.unreachable",)
    assert "/nowhere" in refused.value.problems[0].message.zh
    with pytest.raises(Rejected), database.transaction():
        pass
    with pytest.raises(Rejected):
        append(SqlEventStore(database), "c-1", payments(LEDGER, 0, "v-1"))
    database.close()


def test_why_a_server_lets_nobody_in_is_told(url: URL) -> None:
    database = Database(url.set(database="elsewhere", password="secret"))
    with pytest.raises(Rejected) as refused:
        SqlEventStore(database).head(LOG)
    [problem] = refused.value.problems
    assert problem.code == "store.unreachable"
    assert 'database "elsewhere" does not exist' in problem.message.en
    assert "secret" not in str(problem)
    database.close()


@pytest.mark.slow
def test_after_kill_9_of_the_server_under_load_nothing_is_lost_or_doubled() -> None:
    processes, threads, count = 2, 4, 60
    logs = ("a", "b")
    with postgres_server() as server:
        url = server.migrated()
        running = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.store.appender",
                    url.render_as_string(hide_password=False),
                    f"p{process}",
                    str(count),
                    str(threads),
                    "own",
                    *logs,
                ],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for process in range(processes)
        ]
        lines: list[list[str]] = [[] for _ in running]

        def listen(process: int) -> None:
            stream = running[process].stdout
            assert stream is not None
            for line in stream:
                lines[process].append(line)

        listening = [Thread(target=listen, args=(process,)) for process in range(processes)]
        for thread in listening:
            thread.start()
        # 1. Three times the server dies while they write, and comes back.
        for acknowledged in (20, 200, 450):
            deadline = time.monotonic() + 60
            while (
                not all(lines) or sum(map(len, lines)) < acknowledged
            ) and time.monotonic() < deadline:
                time.sleep(0.005)
            server.kill()
            server.start()
        # 2. The clients send again what was not acknowledged, by themselves.
        for thread in listening:
            thread.join(120)
        assert [process.wait(60) for process in running] == [0] * processes
        for process in running:
            assert process.stdout is not None
            process.stdout.close()
        # 3. Everything is there once, and where the receipts say.
        database = Database(url)
        store = SqlEventStore(database)
        for log in logs:
            assert vouchers(store, log) == Counter(
                voucher
                for process in range(processes)
                for thread in range(threads)
                for number in range(count)
                for voucher in vouchers_of(f"p{process}-{thread}-{number}")
            )
        for line in (line for some in lines for line in some):
            log, command, first, last = line.split()
            receipt = receipt_of(store, log, command)
            assert receipt is not None
            positions = [fact.position for fact in receipt.facts]
            assert positions == list(range(int(first), int(last) + 1))
        database.close()


# ------------------------------------------------------------------------- readers that follow


def test_a_reader_in_another_process_is_woken_by_a_hint(
    sql_store: SqlEventStore, url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two Databases know nothing of each other, as two processes do not; and nobody polls.
    monkeypatch.setattr(event_store, "POLL_SECONDS", 30)
    other = Database(url)
    heads: list[int] = []
    begun = time.monotonic()
    waiting = Thread(target=lambda: heads.append(SqlEventStore(other).wait_beyond(LOG, 0, 60)))
    waiting.start()
    while not other.backend._ears.listening.wait(10):  # type: ignore[attr-defined]
        pass
    append(sql_store, "c-1", payments(LEDGER, 0, "v-1"))
    waiting.join(60)
    other.close()
    assert heads == [1]
    assert time.monotonic() - begun < 20


def test_who_wants_to_be_told_is_told_of_what_another_process_stores(
    sql_store: SqlEventStore, url: URL
) -> None:
    other, told = Database(url), Event()
    other.on_news(told.set)
    while not other.backend._ears.listening.wait(10):  # type: ignore[attr-defined]
        pass
    append(sql_store, "c-1", payments(LEDGER, 0, "v-1"))
    assert told.wait(30)
    other.close()


def test_a_reader_that_follows_many_processes_misses_nothing(
    sql_store: SqlEventStore, url: URL
) -> None:
    processes, threads, count = 3, 3, 25
    total = processes * threads * sum(len(vouchers_of(f"p-{number}")) for number in range(count))
    running = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.store.appender",
                url.render_as_string(hide_password=False),
                f"p{process}",
                str(count),
                str(threads),
                "own",
                LOG,
            ],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        for process in range(processes)
    ]
    position = 0
    deadline = time.monotonic() + 120
    while position < total and time.monotonic() < deadline:
        before, head = position, sql_store.wait_beyond(LOG, position, 1)
        for one in sql_store.read_log(LOG, after=position, limit=50):
            assert one.position == position + 1
            position = one.position
        # What was announced can be read.
        assert position >= min(head, before + 50)
    assert [process.wait(60) for process in running] == [0] * processes
    assert position == sql_store.head(LOG) == total
