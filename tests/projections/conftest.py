from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from tests.projections.stage import Stage, sql_stage


@pytest.fixture
def stage(url: URL) -> Iterator[Stage]:
    found = sql_stage(url)
    yield found
    found.close()
