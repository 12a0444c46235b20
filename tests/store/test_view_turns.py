"""Generations of views on PostgreSQL: who writes, who reads, who switches and who drops take turns."""

import time
from collections.abc import Callable, Iterator
from threading import Event, Thread

import pytest
from sqlalchemy import URL, Connection, TextClause, text

from adapters.database import Database
from adapters.postgresql import HANG_SECONDS
from adapters.views import ViewDatabase
from domain.problems import Rejected


@pytest.fixture
def views(postgresql_url: URL) -> Iterator[ViewDatabase]:
    """Views of which a first generation serves."""
    database = Database(postgresql_url)
    found = ViewDatabase(database, 1)
    found.prepare(make)
    yield found
    database.close()


def make(connection: Connection) -> None:
    """The table of a generation."""
    connection.execute(text("CREATE TABLE one (line int)"))


def waiting(views: ViewDatabase) -> int:
    """How many connections wait for a lock."""
    query = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    return int(views._store.query(lambda connection: connection.scalar(query)) or 0)


def until(holds: Callable[[], bool]) -> None:
    """Wait until ``holds``, at most half a minute."""
    deadline = time.monotonic() + 30
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail("it never came to hold")
        time.sleep(0.01)


def test_a_switch_comes_to_its_turn_however_many_write(views: ViewDatabase) -> None:
    order: list[str] = []

    def switch() -> None:
        with views._store.backend.views.still():
            order.append("switch")

    def write() -> None:
        with views.transaction() as connection:
            order.append("writer")
            connection.execute(text("INSERT INTO one VALUES (1)"))

    switching, writing = Thread(target=switch), Thread(target=write)
    with views.transaction() as connection:
        connection.execute(text("INSERT INTO one VALUES (0)"))
        switching.start()
        until(lambda: waiting(views) == 1)
        # Whoever comes to write now comes after it, though the first goes on writing.
        writing.start()
        until(lambda: waiting(views) == 2 or bool(order))
        assert order == []
    switching.join(30)
    writing.join(30)
    assert order == ["switch", "writer"]


def test_who_has_begun_to_read_reads_on_when_its_views_are_to_be_dropped(
    views: ViewDatabase,
) -> None:
    begun = Event()

    def begin() -> None:
        # What was replaced before is dropped now.
        assert views.begin(make) is not None
        begun.set()

    with views.read() as connection:
        second = views.begin(make)
        assert second is not None
        assert views.switch(second.number, last=lambda: True)
        dropping = Thread(target=begin)
        dropping.start()
        until(lambda: waiting(views) == 1 or begun.is_set())
        assert connection.scalar(text("SELECT count(*) FROM one")) == 0
    dropping.join(30)
    assert begun.is_set()


def test_the_server_ends_a_writer_that_hangs_and_no_reader(views: ViewDatabase) -> None:
    asked = text("SHOW idle_in_transaction_session_timeout")
    with views.read() as connection:
        assert connection.scalar(asked) == "0"
    refused = writes_and_hangs(views, asked)
    assert refused.codes == ("store.unreachable",)
    with views.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM one")) == 0


def writes_and_hangs(views: ViewDatabase, asked: TextClause) -> Rejected:
    """What a writer is told that hangs in its transaction, while another wants to switch."""
    try:
        with views.transaction() as connection:
            assert connection.scalar(asked) == f"{HANG_SECONDS // 60}min"
            connection.execute(text("INSERT INTO one VALUES (1)"))
            # As if that time had passed.
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '50ms'"))
            with views._store.backend.views.still():
                pass
    except Rejected as refused:
        return refused
    return pytest.fail("its transaction was committed")
