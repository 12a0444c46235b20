"""Data directories: one with the eight evaluations for reading, and empty ones."""

from pathlib import Path

import pytest

from tests.cli.support import Cli


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loaded")
    assert Cli(folder)("demo", "--no-serve").code == 0
    return folder


@pytest.fixture
def cli(loaded: Path) -> Cli:
    """The command line on the eight evaluations; only read them."""
    return Cli(loaded)


@pytest.fixture
def empty(tmp_path: Path) -> Cli:
    """The command line on nothing."""
    return Cli(tmp_path / "data")
