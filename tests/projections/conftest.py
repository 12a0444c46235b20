from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.projections.stage import Stage, sql_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    found = sql_stage(tmp_path)
    yield found
    found.close()
