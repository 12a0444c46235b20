"""Stages on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from domain.commands import Finalise, PassDepartmentReview, PassFinanceReview
from tests.projections.stage import Stage, sql_stage
from tests.projections.test_stories import late_payment
from tests.support.scenario import BUREAU, DEPARTMENT, FINANCE, FORM


@pytest.fixture
def stage(url: URL) -> Iterator[Stage]:
    """A stage on a fresh database, once on each kind."""
    found = sql_stage(url)
    yield found
    found.close()


@pytest.fixture
def year(stage: Stage) -> Stage:
    """A year with one form, finalised."""
    late_payment(stage)
    stage.given(PassDepartmentReview(form=FORM), DEPARTMENT)
    stage.given(PassFinanceReview(form=FORM), FINANCE)
    stage.given(Finalise(form=FORM), BUREAU)
    stage.runner.catch_up()
    return stage
