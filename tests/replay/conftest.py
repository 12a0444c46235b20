"""Stages on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from tests.projections.stage import Stage, sql_stage


@pytest.fixture
def stage(url: URL) -> Iterator[Stage]:
    """A stage on a fresh database, once on each kind."""
    found = sql_stage(url)
    yield found
    found.close()
