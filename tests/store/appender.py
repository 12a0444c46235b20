"""A process that appends: started by the tests of concurrency and of crashes.

Usage: python -m tests.store.appender URL NAME COUNT THREADS STREAM LOG…
Each thread sends COUNT commands, with ids NAME-THREAD-NUMBER, to each log in turn, and retries
when somebody else was faster on STREAM ("own" stands for a stream of the thread's own). Each
receipt is printed as it comes: "log command first last".
"""

import sys
from threading import Lock, Thread

from sqlalchemy import make_url

from adapters.database import Database
from adapters.event_store import SqlEventStore
from domain.problems import Rejected
from tests.store.samples import append, payments

_printing = Lock()


def send(store: SqlEventStore, log: str, command: str, stream: str) -> None:
    """Append two payments under ``command``, and say so."""
    while True:
        version = len(store.read(log, stream))
        change = payments(stream, version, f"{command}/1", f"{command}/2")
        try:
            receipt = append(store, command, change, log=log)
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
