"""Commands over HTTP against an endpoint that does nothing: what the command itself costs.

The service runs in a process of its own, its clients in another. Both endpoints pass the same
middleware, checks of the sender, and parsing of the body; one of them registers a supplement.
"""

import itertools
import json
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from http.client import HTTPConnection
from multiprocessing.connection import Connection
from threading import Thread

import structlog
import uvicorn
from fastapi import APIRouter
from pydantic import SecretStr

from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.settings import Settings
from api import schemas
from api.app import create_app
from api.bootstrap import bootstrap
from api.routers.commands import At
from api.routers.parameters import StrictRoute
from api.settling import settled
from bench import county
from bench.places import Place
from bench.rows import LIUHEN, Figure, Row, Size, Unit, take_turns
from domain.values import Words

NOTHING = Words("空接口", "an endpoint that does nothing")
_spawn = multiprocessing.get_context("spawn")
_BODY = {
    "amount": "110.00",
    "line": {"fund_nature": "GENERAL_PUBLIC"},
    "source": "LOCAL_OWN_RESOURCES",
    "document": "财预〔2024〕88号",
    "reason": "专项",
    "effective": {"last": "2024-09-03"},
}
_HEADERS = {
    "Content-Type": "application/json",
    "Liuhen-Actor": "u-17",
    "Liuhen-Role": "UNIT_CLERK",
    "Liuhen-Organisation": "u",
}


def measure(place: Place, size: Size) -> Iterator[Row]:
    """Eight clients, on many small ledgers of one log."""
    clients = size.of(smoke=2, normal=8, full=8)
    seconds = size.of(smoke=0.1, normal=0.5, full=1.0)
    with ExitStack() as stack:
        url = place.migrated()
        found = Database(url)
        forms = county.ledgers(SqlEventStore(found), size.of(smoke=2, normal=40, full=200))
        found.close()
        server = stack.enter_context(_started(_serve, url.render_as_string(hide_password=False)))
        port: int = server.recv()
        callers = stack.enter_context(_started(_call, port, forms, clients))

        def turn(kind: str, seconds: float) -> float:
            callers.send((kind, seconds))
            return float(callers.recv())

        kinds = {NOTHING: "no-op", LIUHEN: "budget-supplements"}
        for kind in kinds.values():
            turn(kind, seconds)
        taken = take_turns(
            size.of(smoke=1, normal=5, full=15),
            {name: partial(turn, kind, seconds) for name, kind in kinds.items()},
        )
    yield Row(
        work=Words(f"HTTP 命令，{clients} 个客户端", f"HTTP command, {clients} clients"),
        database=place.kind,
        unit=Unit.PER_SECOND,
        limit=Figure(NOTHING, taken[NOTHING]),
        ours=Figure(LIUHEN, taken[LIUHEN]),
        reach=0.5,
        stretch=0.7,
    )


@contextmanager
def _started(target: Callable[..., None], *arguments: object) -> Iterator[Connection]:
    """A process of its own, which ends when it is sent None."""
    here, there = _spawn.Pipe()
    process = _spawn.Process(target=target, args=(*arguments, there))
    process.start()
    there.close()
    try:
        yield here
        here.send(None)
        process.join()
        assert process.exitcode == 0
    finally:
        if process.is_alive():
            process.terminate()
            process.join()


def _serve(url: str, turns: Connection) -> None:
    """The service on a port of this machine, with an endpoint more."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with bootstrap(Settings(database_url=SecretStr(url))) as liuhen, socket.socket() as listening:
        app = create_app(liuhen)
        nothing = schemas.ReceiptOut(log_id=county.LOG, command_id="none", facts=[])

        router = APIRouter(route_class=StrictRoute)

        # The id is taken by ``At``, as everywhere.
        @router.post("/api/evaluations/{id:path}/no-op", status_code=201)  # noqa: FAST003
        def no_op(at: At, body: schemas.AdjustmentIn) -> schemas.ReceiptOut:  # noqa: ARG001 - parsed, and that is all
            return nothing

        app.include_router(router)
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
        running = Thread(target=server.run, kwargs={"sockets": [listening]})
        with settled():
            running.start()
            while not server.started:
                time.sleep(0.01)
            turns.send(listening.getsockname()[1])
            turns.recv()
            server.should_exit = True
            running.join()


def _call(port: int, forms: Sequence[str], clients: int, turns: Connection) -> None:
    """Send commands in ``clients`` threads for as long as each turn says; answers how many a
    second came back.
    """
    body = json.dumps(_BODY)
    connections = [HTTPConnection("127.0.0.1", port) for _ in range(clients)]
    ledgers = [itertools.cycle(forms[nth::clients] or forms) for nth in range(clients)]

    def work(client: int, kind: str, until: float) -> int:
        count = 0
        while count == 0 or time.perf_counter() < until:
            path = f"/api/evaluations/{next(ledgers[client])}/{kind}"
            connections[client].request("POST", path, body, _HEADERS)
            answer = connections[client].getresponse()
            told = answer.read()
            assert answer.status == 201, told.decode()
            count += 1
        return count

    with ThreadPoolExecutor(clients) as pool:
        while (turn := turns.recv()) is not None:
            kind, seconds = turn
            begun = time.perf_counter()
            parts = (range(clients), [kind] * clients, [begun + seconds] * clients)
            count = sum(pool.map(work, *parts))
            turns.send(count / (time.perf_counter() - begun))
    for one in connections:
        one.close()
