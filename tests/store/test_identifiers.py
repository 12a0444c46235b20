"""Identifiers are made once, in order."""

import subprocess
import sys
from threading import Thread
from uuid import RFC_4122, UUID

import pytest

from adapters import identifiers
from adapters.identifiers import new_event_id, new_salt


def test_event_ids_are_version_7_and_rise() -> None:
    made = [new_event_id() for _ in range(2000)]
    assert made == sorted(set(made))
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {RFC_4122}


def test_event_ids_rise_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    later = UUID("ffffffff-0000-7000-8000-000000000000")
    monkeypatch.setattr(identifiers, "_last", later)
    assert later < new_event_id() < new_event_id()


def test_threads_never_make_the_same_event_id() -> None:
    made: list[UUID] = []
    threads = [
        Thread(target=lambda: made.extend(new_event_id() for _ in range(500))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8 * 500


def test_salts_are_16_bytes_of_chance() -> None:
    salts = {new_salt() for _ in range(1000)}
    assert len(salts) == 1000
    assert {len(salt) for salt in salts} == {16}


_FORKING = """
import os
from adapters.identifiers import new_salt

new_salt()
child = os.fork()
for _ in range(300):
    os.write(1, new_salt())
if child:
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="nothing forks there")
def test_a_forked_process_gives_out_salts_of_its_own() -> None:
    # In a process of its own, because this one has threads.
    given = subprocess.run([sys.executable, "-c", _FORKING], check=True, capture_output=True).stdout
    assert len(given) == 2 * 300 * 16
    assert len({given[start : start + 16] for start in range(0, len(given), 16)}) == 2 * 300


_FORKING_WHILE_AN_ID_IS_MADE = """
import os
from uuid import UUID
from adapters import identifiers

identifiers._last = UUID("ffffffff-0000-7000-8000-000000000000")  # the clock was set back
identifiers._lock.acquire()
child = os.fork()
if child:
    identifiers._lock.release()
for _ in range(300):
    os.write(1, identifiers.new_event_id().bytes)
if child:
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="nothing forks there")
def test_a_forked_process_makes_event_ids_of_its_own() -> None:
    given = subprocess.run(
        [sys.executable, "-c", _FORKING_WHILE_AN_ID_IS_MADE],
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout
    assert len({given[start : start + 16] for start in range(0, len(given), 16)}) == 2 * 300
