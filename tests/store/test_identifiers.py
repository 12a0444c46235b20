"""Identifiers are made once, in order."""

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
    salts = {new_salt() for _ in range(100)}
    assert len(salts) == 100
    assert {len(salt) for salt in salts} == {16}
