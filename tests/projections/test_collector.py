"""The collector of cycles rests while a large batch is in memory, and works again afterwards."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from projections.runner.collector import resting_collector


@pytest.fixture(autouse=True)
def _enabled() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_it_rests_meanwhile_and_works_again_afterwards() -> None:
    with resting_collector():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_whoever_leaves_last_lets_it_work_again() -> None:
    first, second = resting_collector(), resting_collector()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not gc.isenabled()
    second.__exit__(None, None, None)
    assert gc.isenabled()


def test_it_works_again_after_an_exception() -> None:
    with pytest.raises(ValueError, match="batch"), resting_collector():
        raise ValueError("batch")
    assert gc.isenabled()


def test_where_somebody_else_has_stopped_it_it_stays_stopped() -> None:
    gc.disable()
    with resting_collector():
        pass
    assert not gc.isenabled()


def test_what_was_made_meanwhile_is_collected_once_it_is_garbage() -> None:
    class Node:
        other: object

    gone: list[str] = []
    with resting_collector():
        one, two = Node(), Node()
        one.other, two.other = two, one
        weakref.finalize(one, gone.append, "gone")
    del one, two
    gc.collect()
    assert gone == ["gone"]


def test_what_is_frozen_stays_frozen() -> None:
    held: list[object] = []
    gc.freeze()
    try:
        with resting_collector():
            pass
        # The collector names whatever it may look at. How much is frozen tells nothing: other
        # threads may let go of some of it at any time.
        assert not any(one is held for one in gc.get_objects())
    finally:
        gc.unfreeze()
    assert any(one is held for one in gc.get_objects())
