"""The cases that the ``eventsourcing`` library ships for persistence modules, on our recorders.

They are unittest cases, which take no parameters, so each of their tests is run by one test here.
"""

from collections.abc import Iterator
from typing import ClassVar
from unittest import TestCase, defaultTestLoader
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    ProcessRecorder,
    TrackingRecorder,
)
from eventsourcing.tests import persistence as library
from eventsourcing.utils import Environment
from sqlalchemy import URL

from adapters.database import Database
from adapters.persistence import (
    LogAggregateRecorder,
    LogFactory,
    LogProcessRecorder,
    LogRecorder,
    LogTrackingRecorder,
)

LOG = "130104"


class OnADatabase:
    """What a case works on; the test that runs it puts a fresh database here."""

    __test__ = False
    url: ClassVar[URL]
    database: ClassVar[Database]


class WithTextIds:
    """Originator ids as the domain has them."""

    id_type: ClassVar[type[UUID] | type[str]] = str

    def new_originator_id(self) -> UUID | str:
        return f"130104/{uuid4()}/2024/ledger"


class AggregateCase(OnADatabase, library.AggregateRecorderTestCase):
    id_type: ClassVar[type[UUID] | type[str]] = UUID

    def create_recorder(self) -> AggregateRecorder:
        return LogAggregateRecorder(self.database, LOG, self.id_type)


class AggregateCaseWithTextIds(WithTextIds, AggregateCase):
    pass


class ApplicationCase(OnADatabase, library.ApplicationRecorderTestCase[ApplicationRecorder]):
    id_type: ClassVar[type[UUID] | type[str]] = UUID

    def create_recorder(self) -> ApplicationRecorder:
        return LogRecorder(self.database, LOG, self.id_type)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class ApplicationCaseWithTextIds(WithTextIds, ApplicationCase):
    pass


class TrackingCase(OnADatabase, library.TrackingRecorderTestCase):
    def create_recorder(self) -> TrackingRecorder:
        return LogTrackingRecorder(self.database, "consumer")


class ProcessCase(OnADatabase, library.ProcessRecorderTestCase):
    def create_recorder(self) -> ProcessRecorder:
        return LogProcessRecorder(self.database, LOG, "consumer", UUID)


class ProcessAsApplicationCase(ApplicationCase):
    def create_recorder(self) -> ApplicationRecorder:
        return LogProcessRecorder(self.database, LOG, "consumer", UUID)


class ProcessAsTrackingCase(TrackingCase):
    def create_recorder(self) -> TrackingRecorder:
        return LogProcessRecorder(self.database, LOG, "consumer")


class NonInterleavingCase(OnADatabase, library.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> ApplicationRecorder:
        return LogRecorder(self.database, LOG, UUID)


class OtherTrackingRecorder(LogTrackingRecorder):
    """A subclass that an environment can name."""


class FactoryCase(OnADatabase, library.InfrastructureFactoryTestCase[LogFactory]):
    def setUp(self) -> None:
        self.env = Environment(
            "TestCase",
            {
                "PERSISTENCE_MODULE": "adapters.persistence",
                "LIUHEN_DATABASE_URL": self.url.render_as_string(hide_password=False),
            },
        )
        super().setUp()

    def expected_factory_class(self) -> type[LogFactory]:
        return LogFactory

    def expected_aggregate_recorder_class(self) -> type[AggregateRecorder]:
        return LogAggregateRecorder

    def expected_application_recorder_class(self) -> type[ApplicationRecorder]:
        return LogRecorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        return LogTrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        return OtherTrackingRecorder

    def expected_process_recorder_class(self) -> type[ProcessRecorder]:
        return LogProcessRecorder


CASES: tuple[type[TestCase], ...] = (
    AggregateCase,
    AggregateCaseWithTextIds,
    ApplicationCase,
    ApplicationCaseWithTextIds,
    TrackingCase,
    ProcessCase,
    ProcessAsApplicationCase,
    ProcessAsTrackingCase,
    NonInterleavingCase,
    FactoryCase,
)


def each_test_of(cases: tuple[type[TestCase], ...]) -> Iterator[object]:
    """Each test of each case, with a name to select it by."""
    for case in cases:
        for name in defaultTestLoader.getTestCaseNames(case):
            yield pytest.param(case, name, id=f"{case.__name__}-{name}")


@pytest.mark.parametrize(("case", "name"), list(each_test_of(CASES)))
def test_the_library_accepts(
    case: type[TestCase],
    name: str,
    url: URL,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(case, "url", url, raising=False)
    monkeypatch.setattr(case, "database", database, raising=False)
    case(name).debug()


def test_no_case_of_the_library_is_left_out() -> None:
    for_recorders = {
        value
        for name, value in vars(library).items()
        if isinstance(value, type)
        and issubclass(value, TestCase)
        and name not in {"TestCase", "RecorderTestCase", "TranscoderTestCase"}
    }
    assert for_recorders == {
        base for case in CASES for base in case.__mro__ if base in for_recorders
    }
