"""Whatever is sent, and by whom: what a store answers is what a plain model of a log says."""

from collections.abc import Iterator
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import URL

from adapters import sqlite_append
from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.identifiers import new_event_id
from adapters.log import Append, Known, Moved, Outcome, Stored, to_append
from adapters.sqlite import SqliteBackend
from domain.store import StreamChange
from tests.store.samples import paid_once, payment, text

LOGS = ("a", "b")
STREAMS = ("s", "t", "u")
SIZES = (1, 1, 1, 1, 1, 2, 0, 5)
"""How many facts a command has; one is most of what there is."""
GROUPS = (1, 1, 1, 2, 5, 40)
REQUEST = b"request"


class Model:
    """Logs as they should be: where they end, their streams, and where each command lies."""

    def __init__(self) -> None:
        self.heads = dict.fromkeys(LOGS, 0)
        self.versions = {(log, stream): 0 for log in LOGS for stream in STREAMS}
        self.commands: dict[tuple[str, UUID], range] = {}

    def answer(self, append: Append, command: UUID | None) -> Outcome:
        """What a store has to say to ``append``."""
        log = append.log_id
        if command is not None and (log, command) in self.commands:
            return Known()
        found = [self.versions[log, stream] for stream, _ in append.expected]
        if found != [version for _, version in append.expected]:
            return Moved(found)
        first = self.heads[log] + 1
        self.heads[log] += len(append.events)
        for event in append.events:
            self.versions[log, event.stream_id] = event.version
        if command is not None:
            self.commands[log, command] = range(first, self.heads[log] + 1)
        return Stored(first)


def sent(chance: Random, model: Model, log: str) -> tuple[Append, UUID]:
    """A command for some streams: new or known, with or without texts, seen rightly or not."""
    known = [command for of_log, command in model.commands if of_log == log]
    command = chance.choice(known) if known and chance.random() < 0.2 else new_event_id()
    streams = chance.sample(STREAMS, chance.choice((1, 1, 2, 3)))
    seen = [model.versions[log, stream] for stream in streams]
    if chance.random() < 0.15:
        seen[-1] += chance.choice((-1, 1)) if seen[-1] else 1
    facts = tuple(
        payment("v", event_id=None if nth else command) for nth in range(chance.choice(SIZES))
    )
    changes = [
        StreamChange(stream, version, () if nth else facts)
        for nth, (stream, version) in enumerate(zip(streams, seen, strict=True))
    ]
    texts = (text("a remark"),) if chance.random() < 0.1 else ()
    return to_append(log, changes, command_id=str(command), request=REQUEST, texts=texts), command


def recorded(chance: Random, model: Model, log: str) -> tuple[Append, None]:
    """A fact as a library records it: no command, and nothing expected."""
    stream = chance.choice(STREAMS)
    change = StreamChange(stream, model.versions[log, stream], (payment("v"),))
    return Append(log, to_append(log, [change], command_id="c", request=REQUEST).events), None


@pytest.fixture
def stores(url: URL) -> Iterator[list[SqlEventStore]]:
    """As of three processes: each remembers where logs ended when it wrote last."""
    found = [SqlEventStore(Database(url)) for _ in range(3)]
    yield found
    for store in found:
        store.database.close()


@pytest.mark.parametrize(("seed", "remembered"), [(1, 50_000), (2, 2)])
def test_what_is_answered_is_what_the_model_says(
    stores: list[SqlEventStore], seed: int, remembered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_append, "_STREAMS_REMEMBERED", remembered)
    chance, model = Random(seed), Model()
    database = stores[0].database
    for _ in range(150):
        # Mostly the one that wrote last, whose memory is fresh.
        database = chance.choice([database] * 6 + [one.database for one in stores])
        if chance.random() < 0.02:
            database.close()
        log = chance.choice(LOGS)
        appends, expected = [], []
        for _ in range(chance.choice(GROUPS)):
            of_log = chance.choice(LOGS) if database.backend.one_line else log
            made = recorded if chance.random() < 0.1 else sent
            append, command = made(chance, model, of_log)
            appends.append(append)
            expected.append(model.answer(append, command))
        alone = len(appends) == 1 and chance.random() < 0.8
        found = [database.append(appends[0])] if alone else database.backend.commit(appends)
        assert list(found) == expected

    for (log, command), positions in model.commands.items():
        receipt = chance.choice(stores).receipt_of(log, str(command), REQUEST)
        assert receipt is not None
        assert [fact.position for fact in receipt.facts] == list(positions)
    for log, head in model.heads.items():
        facts = stores[0].read_log(log, limit=head + 1)
        assert [fact.position for fact in facts] == list(range(1, head + 1))


def test_what_is_remembered_stays_small(sqlite_url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_append, "_STREAMS_REMEMBERED", 10)
    store = SqlEventStore(Database(sqlite_url))
    for number in range(40):
        for version in range(3):
            paid_once(store, new_event_id(), f"s-{number}", version, log=LOGS[number % 2])
        backend = store.database.backend
        assert isinstance(backend, SqliteBackend)
        assert backend._appender is not None
        logs = backend._appender._memory.logs.values()
        assert sum(len(log.versions) for log in logs) <= 10
    store.database.close()
