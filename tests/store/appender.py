"""A process that appends: started by the tests of concurrency and of crashes.

Usage: python -m tests.store.appender URL NAME COUNT THREADS STREAM LOG…
Each thread sends COUNT commands, called NAME-THREAD-NUMBER, to each log in turn, and retries
when somebody else was faster on STREAM ("own" stands for a stream of the thread's own). Each
receipt is printed as it comes: "log command first last".

Every other command makes two payments under its name; those between make one, whose id is theirs.
"""

import sys
from threading import Lock, Thread
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import make_url

from adapters.database import Database
from adapters.event_store import SqlEventStore
from domain.problems import Rejected
from domain.store import Receipt
from tests.store.samples import append, paid_once, payments

_printing = Lock()


def command_id(command: str) -> UUID | None:
    """The id of a command that makes one payment; None for those that make two."""
    number = int(command.rpartition("-")[2])
    return uuid5(NAMESPACE_OID, command) if number % 2 else None


def vouchers_of(command: str) -> list[str]:
    """The vouchers of its payments."""
    return [f"{command}/1"] if command_id(command) else [f"{command}/1", f"{command}/2"]


def receipt_of(store: SqlEventStore, log: str, command: str) -> Receipt | None:
    """The receipt of a command that was sent."""
    own = str(command_id(command) or command)
    return store.receipt_of(log, own, f"request of {own}".encode())


def send(store: SqlEventStore, log: str, command: str, stream: str) -> None:
    """Append the payments of ``command``, and say so."""
    own, vouchers = command_id(command), vouchers_of(command)
    while True:
        version = len(store.read(log, stream))
        try:
            if own:
                receipt = paid_once(store, own, stream, version, voucher=vouchers[0], log=log)
            else:
                receipt = append(store, command, payments(stream, version, *vouchers), log=log)
        except Rejected as rejected:
            if rejected.codes != ("store.version-moved",):
                raise
        else:
            break
    first, last = receipt.facts[0].position, receipt.facts[-1].position
    with _printing:
        sys.stdout.write(f"{log} {command} {first} {last}\n")
        sys.stdout.flush()


def work(store: SqlEventStore, name: str, count: int, stream: str, logs: list[str]) -> None:
    """Send ``count`` commands to each of ``logs``."""
    for number in range(count):
        for log in logs:
            send(store, log, f"{name}-{number}", f"s-{name}" if stream == "own" else stream)


def main() -> None:
    """Run the threads and wait for them."""
    url, name, count, threads, stream, *logs = sys.argv[1:]
    database = Database(make_url(url))
    store = SqlEventStore(database)
    workers = [
        Thread(target=work, args=(store, f"{name}-{thread}", int(count), stream, logs))
        for thread in range(int(threads))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    database.close()


if __name__ == "__main__":
    main()
