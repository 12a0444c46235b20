"""Replaying one ledger with many payments, beside others that hold the same documents.

Everybody reads one stream and folds it without a cache: we to the ledger's whole state (balances
by line, vouchers, chains of corrections), the others to what was spent on each line.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from time import perf_counter
from typing import Any

import msgspec
from sqlalchemy import URL, select

from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.schema import events
from bench import county
from bench.measuring import DECODER, of_streams, raw, timed
from bench.peers import library, node
from bench.places import Place
from bench.rows import LIUHEN, Row, Size, per_fact, take_turns
from domain import ledger
from domain.values import Words

_STREAM = "ledger-replayed"
_AT_ONCE = 500
LIMIT = Words(f"SELECT + {DECODER}", f"SELECT + {DECODER}")
Documents = list[dict[str, Any]]


def measure(place: Place, size: Size) -> Iterator[Row]:
    """One ledger."""
    payments = size.of(smoke=200, normal=20_000, full=20_000)
    missing: dict[Words, Words] = {}
    with ExitStack() as stack:
        found = stack.enter_context(place.store())
        store = SqlEventStore(found)
        stream = county.ledger_of_payments(store, payments)
        documents = _documents(found, stream)
        at_once = stack.enter_context(raw(found, of_streams(county.LOG, stream), keep=False))
        turns: dict[Words, Callable[[], float]] = {
            LIMIT: partial(timed, at_once),
            LIUHEN: partial(timed, lambda: ledger.load(store, county.LOG, stream)),
        }
        if why := library.why_not(place.kind):
            missing[library.NAME] = why
        else:
            turns[library.NAME] = _of_library(place.empty(), documents, stack)
        name = node.name(place.kind)
        if why := node.why_not(place.kind, install=size is not Size.SMOKE):
            missing[name] = why
        else:
            turns[name] = _of_emmett(place.empty(), documents, stack)
        taken = take_turns(size.of(smoke=1, normal=5, full=15), turns)
    yield per_fact(
        Words(
            f"重放一个台账，{payments:,} 笔支付，不用缓存",
            f"replay a ledger with {payments:,} payments, no cache",
        ),
        place.kind,
        facts=len(documents),
        limit=(LIMIT, taken.pop(LIMIT)),
        ours=taken.pop(LIUHEN),
        beside=taken,
        missing=missing,
        reach=0.8,
        stretch=1.5,
    )


def _documents(found: Database, stream: str) -> Documents:
    query = select(events.c.payload).where(
        events.c.log_id == county.LOG, events.c.stream_id == stream
    )
    with found.read() as connection:
        payloads = connection.scalars(query.order_by(events.c.version)).all()
    return [msgspec.json.decode(payload) for payload in payloads]


def _of_library(url: URL, documents: Documents, stack: ExitStack) -> Callable[[], float]:
    application = stack.enter_context(library.opened(url))
    library.fill(application, _STREAM, documents)
    wanted = _spent(documents)

    def turn() -> float:
        begun = perf_counter()
        found = library.replay(application, _STREAM)
        seconds = perf_counter() - begun
        assert sum(found.spent.values()) == wanted
        return seconds

    return turn


def _of_emmett(url: URL, documents: Documents, stack: ExitStack) -> Callable[[], float]:
    emmett = stack.enter_context(node.opened(url))
    for start in range(0, len(documents), _AT_ONCE):
        emmett.fill(_STREAM, documents[start : start + _AT_ONCE])
    return partial(emmett.replay, _STREAM, spent=_spent(documents))


def _spent(documents: Documents) -> int:
    return sum(one["fact"].get("amount", 0) for one in documents)
