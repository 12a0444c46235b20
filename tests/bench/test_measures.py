"""Every measurement runs at a size of seconds. How fast anything is, no test asserts."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from adapters.database import Database
from adapters.event_store import SqlEventStore
from bench import measures
from bench.peers import node
from bench.places import DATABASES, Place, place
from bench.rows import Size


@pytest.fixture(scope="module", params=DATABASES)
def where(request: pytest.FixtureRequest) -> Iterator[Place]:
    """A place of each kind."""
    with place(request.param) as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("name", measures.of(Size.SMOKE))
def test_a_measurement_yields_rows_with_both_figures(where: Place, name: str) -> None:
    rows = list(measures.of(Size.SMOKE)[name](where, Size.SMOKE))
    assert rows
    for row in rows:
        assert row.database == where.kind
        assert row.limit.middle > 0
        assert row.ours.middle > 0
        assert row.ratio().low <= row.ratio().middle <= row.ratio().high
        for other in row.beside:
            # Who is not measured says why.
            assert bool(other.values) != bool(other.why)


@pytest.mark.slow
@pytest.mark.parametrize("kind", DATABASES)
def test_a_kept_store_is_filled_once_and_measured_in_copies(kind: str) -> None:
    filled = []

    def fill(url: URL) -> bytes:
        filled.append(url)
        return b"what it cost"

    # Below pytest's own directory the server's user could not enter.
    with tempfile.TemporaryDirectory(prefix="liuhen-kept-") as folder:
        found = set()
        for run in range(2):
            with place(kind, Path(folder)) as where:
                for measured in range(2):
                    url, said, is_new = where.filled("2x1", fill)
                    assert said == b"what it cost"
                    assert is_new == (run == measured == 0)
                    store = Database(url)
                    assert SqlEventStore(store).logs() == []
                    store.close()
                    where.drop(url)
                    found.add(url)
        assert len(filled) == 1
        assert filled[0] not in found


@pytest.mark.slow
def test_emmett_appends_and_replays_what_it_was_given(where: Place) -> None:
    if why := node.why_not(where.kind, install=where.kind == "postgresql"):
        pytest.skip(why.en)
    document = {"fact": {"type": "paid", "amount": 7, "line": {"project": "p"}}}
    with node.opened(where.empty()) as emmett:
        rate = emmett.write(document, seconds=0.1, clients=1, stream="ledger-appended")
        assert rate > 0
        emmett.fill("ledger-filled", [document] * 30)
        assert emmett.replay("ledger-filled", spent=210) > 0
        with pytest.raises(RuntimeError, match="folded 210 instead of 211"):
            emmett.replay("ledger-filled", spent=211)
        # 2 is FULL: a commit survives a power cut, as ours does.
        assert emmett.synchronous() == (2 if where.kind == "sqlite" else None)
