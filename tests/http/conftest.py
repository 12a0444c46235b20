from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.support.site import Site, copied, load, site


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return load(tmp_path_factory.mktemp("eight") / "data")


@pytest.fixture(scope="session")
def reading(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(copied(loaded, tmp_path_factory.mktemp("reading") / "data")) as found:
        yield found


@pytest.fixture(scope="session")
def client(reading: Site) -> TestClient:
    """A client that only reads."""
    return reading.client


@pytest.fixture
def writing(loaded: Path, tmp_path: Path) -> Iterator[Site]:
    """A site of one's own, to write in."""
    with site(copied(loaded, tmp_path / "data")) as found:
        yield found
