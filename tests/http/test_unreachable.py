"""Whoever asks over HTTP is told that the database is away, and not where it stands."""

from collections.abc import Iterator, Sequence

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from structlog.testing import capture_logs
from structlog.typing import EventDict

from adapters.database import UNREACHABLE
from api import logging, refusing
from domain.problems import Rejected

WHY = 'connection to server at "10.1.2.3" failed: role "liuhen" may not log in'


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sequence[EventDict]]:
    """What the program says at its own level, whatever level another test has chosen."""
    before = structlog.get_config()
    monkeypatch.delenv(logging.ENVIRONMENT_VARIABLE, raising=False)
    logging.configure()
    with capture_logs() as lines:
        yield lines
    structlog.configure(**before)


def test_what_the_driver_says_stays_in_the_log(logged: Sequence[EventDict]) -> None:
    app = FastAPI()
    refusing.install(app)

    @app.get("/api/asked")
    def asked() -> None:
        raise Rejected([UNREACHABLE.at(what=WHY)])

    refused = TestClient(app).get("/api/asked")

    assert refused.status_code == 503
    [problem] = refused.json()["problems"]
    assert problem["code"] == "store.unreachable"
    assert problem["message"] == "无法连接数据库；原因见服务的日志"
    assert "10.1.2.3" not in refused.text
    assert [(one["log_level"], "10.1.2.3" in one["message"]) for one in logged] == [("error", True)]
