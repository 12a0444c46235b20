"""Appends against the raw limit of the same database: an INSERT of the same row, and a commit.

On PostgreSQL there are two raw limits: INSERT and commit() as the driver does them (BEGIN, INSERT,
COMMIT), and beside it one INSERT that commits by itself, which is the least that can be. All
writers are started once and then take turns.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import URL

from adapters.codec import encode
from bench.crews import Crew, Writers
from bench.peers import continuum, library, node
from bench.places import Place
from bench.rows import LIUHEN, Figure, Row, Size, Unit, take_turns
from bench.writers import prepare_raw
from domain.values import Words
from tests.store.samples import payment

COMMIT = Words("INSERT + 提交", "INSERT + commit")
AUTOCOMMIT = Words("自行提交的 INSERT", "INSERT that commits by itself")
SYNCED = Words("仅写 4 KB 并落盘", "4 KB written and synced, nothing else")
"""Where that is far above the raw limit, the disk is so fast that sharing its syncs gains little."""


class Case(Struct, frozen=True):
    """A row to measure: who writes, against how many raw clients, its aims, and who is beside."""

    work: Words
    writers: Writers
    clients: int
    reach: float
    stretch: float
    beside: tuple[str, ...] = ()


ONE, SIXTEEN, EIGHT = Writers(), Writers(threads=16), Writers(threads=8)
CASES = {
    "sqlite": (
        Case(
            Words("追加，1 个线程", "append, 1 thread"),
            ONE,
            1,
            0.75,
            0.9,
            ("library", "emmett", "continuum"),
        ),
        Case(Words("追加，16 个线程", "append, 16 threads"), SIXTEEN, 1, 1.3, 2.0, ("library",)),
    ),
    "postgresql": (
        Case(
            Words("追加，1 个客户端", "append, 1 client"),
            ONE,
            1,
            0.65,
            0.8,
            ("library", "emmett", "continuum"),
        ),
        Case(
            Words(
                "追加，8 个线程写同一日志，尾随读取无遗漏",
                "append, 8 threads on one log, nothing missed by a tailing reader",
            ),
            EIGHT._replace(tailed=True),
            8,
            0.33,
            0.6,
            ("library", "emmett", "continuum"),
        ),
        Case(
            Words(
                "追加，8 个进程写同一日志，尾随读取无遗漏",
                "append, 8 processes on one log, nothing missed by a tailing reader",
            ),
            Writers(processes=8, tailed=True),
            8,
            0.33,
            0.6,
        ),
        Case(
            Words("追加，8 个线程写 8 个日志", "append, 8 threads on 8 logs"),
            EIGHT._replace(logs=8),
            8,
            0.45,
            0.7,
        ),
        Case(
            Words("追加，8 个进程写 8 个日志", "append, 8 processes on 8 logs"),
            Writers(processes=8, logs=8),
            8,
            0.45,
            0.7,
        ),
    ),
}
Turn = Callable[[float], float]
"""Writes for so many seconds; answers with writes a second."""


def measure(place: Place, size: Size) -> Iterator[Row]:
    """Every case of a kind of database; the raw limit has a database of its own, so that neither
    copies the other's log into the file.
    """
    url, limit = place.migrated(), place.empty()
    prepare_raw(limit)
    most = size.of(smoke=2, normal=16, full=16)
    with ExitStack() as stack:
        raw = _Raw(limit, stack)
        for case in CASES[place.kind]:
            yield _row(_with_at_most(most, case), place, url, raw, size)


def _with_at_most(most: int, case: Case) -> Case:
    """The same row with fewer writers, where it is only to be seen that it runs."""
    writers = case.writers._replace(
        processes=min(most, case.writers.processes),
        threads=min(most, case.writers.threads),
        logs=min(most, case.writers.logs),
    )
    return msgspec.structs.replace(case, writers=writers, clients=min(most, case.clients))


class _Raw:
    """The raw clients, started once for each number of them."""

    def __init__(self, url: URL, stack: ExitStack) -> None:
        self._url = url
        self._stack = stack
        self._crews: dict[tuple[str, int], Crew] = {}

    def turn(self, kind: str, clients: int) -> Turn:
        """The turn of so many clients."""
        key = kind, clients
        if key not in self._crews:
            self._crews[key] = self._stack.enter_context(
                Crew.started(self._url, kind, Writers(processes=clients))
            )
        return self._crews[key].turn


def _row(case: Case, place: Place, url: URL, raw: _Raw, size: Size) -> Row:
    # Short turns, many of them: what else a machine does comes and goes within seconds.
    seconds = size.of(smoke=0.05, normal=0.2, full=0.5)
    rounds = size.of(smoke=1, normal=15, full=31)
    missing: dict[Words, Words] = {}
    with ExitStack() as stack:
        turns: dict[Words, Turn] = {COMMIT: raw.turn("commit", case.clients)}
        if place.kind == "postgresql":
            turns[AUTOCOMMIT] = raw.turn("autocommit", case.clients)
        else:
            turns[SYNCED] = raw.turn("synced", case.clients)
        turns[LIUHEN] = stack.enter_context(Crew.started(url, "append", case.writers)).turn
        for other in case.beside:
            name, why = _other(other, place.kind, size)
            if why is None:
                turns[name] = _turn_of(other, case, place, stack)
            else:
                missing[name] = why
        # Until write-ahead logs are as long as they get and begin again from the front: a file that
        # grows takes longer to sync.
        for turn in turns.values():
            turn(size.of(smoke=0.05, normal=1.5, full=1.5))
        taken = take_turns(rounds, {name: partial(turn, seconds) for name, turn in turns.items()})
    return Row(
        work=case.work,
        database=place.kind,
        unit=Unit.PER_SECOND,
        limit=Figure(COMMIT, taken.pop(COMMIT)),
        ours=Figure(LIUHEN, taken.pop(LIUHEN)),
        beside=(
            *(Figure(name, values) for name, values in taken.items()),
            *(Figure(name, why=why) for name, why in missing.items()),
        ),
        reach=case.reach,
        stretch=case.stretch,
    )


def _other(other: str, kind: str, size: Size) -> tuple[Words, Words | None]:
    """Its name, and why it cannot be measured here."""
    if other == "emmett":
        return node.name(kind), node.why_not(kind, install=size is not Size.SMOKE)
    if other == "library":
        return library.NAME, library.why_not(kind)
    return continuum.NAME, None


def _turn_of(other: str, case: Case, place: Place, stack: ExitStack) -> Turn:
    """Others have a database of their own on the same server, or a file of their own."""
    url = place.empty()
    if other != "emmett":
        writers = case.writers._replace(tailed=False)
        return stack.enter_context(Crew.started(url, other, writers)).turn
    emmett = stack.enter_context(node.opened(url))
    document = _document()
    # Streams are categories and names to emmett, with a dash between.
    write = partial(emmett.write, document, clients=case.writers.threads, stream="ledger-measured")
    return lambda seconds: write(seconds=seconds)


def _document() -> Mapping[str, Any]:
    sample = payment("v-1")
    found: dict[str, Any] = msgspec.json.decode(encode(sample.envelope, sample.fact))
    return found
