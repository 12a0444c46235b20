"""A process killed in the middle of its appends: what was acknowledged is there, once."""

import signal
import subprocess
import sys
from collections import Counter

import pytest
from sqlalchemy import URL

from adapters.database import Database
from adapters.event_store import SqlEventStore
from tests.store.appender import receipt_of, send, vouchers_of
from tests.store.test_concurrency import ROOT, vouchers

THREADS = 4


@pytest.mark.parametrize("acknowledged_before", [1, 20, 75])
def test_after_kill_9_every_acknowledged_fact_is_there_and_retries_double_nothing(
    url: URL, acknowledged_before: int
) -> None:
    # 1. A process appends without end; it is killed after some receipts.
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.store.appender",
            url.render_as_string(hide_password=False),
            "p",
            "1000000",
            str(THREADS),
            "own",
            "a",
            "b",
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(acknowledged_before)]
    process.kill()
    lines += process.stdout.readlines()
    process.stdout.close()
    assert process.wait(60) == -signal.SIGKILL
    # The last line may be torn.
    acknowledged = [line.split() for line in lines if line.endswith("\n")]
    assert len(acknowledged) >= acknowledged_before

    # 2. The store opens; whatever was acknowledged lies where the receipt says.
    database = Database(url)
    store = SqlEventStore(database)
    for log, command, first, last in acknowledged:
        found = receipt_of(store, log, command)
        assert found is not None
        assert [fact.position for fact in found.facts] == list(range(int(first), int(last) + 1))
        stored = store.read_log(log, after=int(first) - 1, limit=len(found.facts))
        assert [one.leaf_hash for one in stored] == [fact.leaf_hash for fact in found.facts]
    before = {log: vouchers(store, log) for log in ("a", "b")}
    assert all(set(counts.values()) <= {1} for counts in before.values())

    # 3. Each thread sends again what it had sent, and a little more.
    numbers: Counter[str] = Counter()
    for _, command, *_ in acknowledged:
        thread, _, sent = command.rpartition("-")
        numbers[thread] = max(numbers[thread], int(sent))
    for name in (f"p-{index}" for index in range(THREADS)):
        for number in range(numbers[name] + 3):
            for log in ("a", "b"):
                send(store, log, f"{name}-{number}", f"s-{name}")

    # 4. Everything is there once.
    for log in ("a", "b"):
        assert vouchers(store, log) == Counter(
            voucher
            for name in (f"p-{index}" for index in range(THREADS))
            for number in range(numbers[name] + 3)
            for voucher in vouchers_of(f"{name}-{number}")
        )
    database.close()
