"""A full disk is told as what it is, stores nothing, and the command can be sent again."""

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from api.storage import has_given_out, is_store_error
from tests.http.test_commands import OVERRIDE, post
from tests.support.full_disk import full_disk
from tests.support.site import SHANGJIE, Site

LONG = {**OVERRIDE, "reason": "复算后更正。" * 600}  # more than a page has left


def test_a_full_disk_is_a_problem_of_storage_and_the_command_may_be_sent_again(
    writing: Site,
) -> None:
    client, head = writing.client, writing.liuhen.store.head("410106")

    with full_disk(writing.liuhen.database):
        refused = post(client, SHANGJIE, "overrides", LONG, Idempotency_Key="c-1")
        seen = client.get(f"/api/evaluations/{SHANGJIE}")

    assert refused.status_code == 503
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "store.unavailable"
    assert "full" in refused.json()["title"]
    assert "命令号再发" in refused.json()["detail"]
    assert writing.liuhen.store.head("410106") == head
    assert seen.status_code == 200  # what is there can still be read

    again = post(client, SHANGJIE, "overrides", LONG, Idempotency_Key="c-1")
    assert again.status_code == 201
    (fact,) = again.json()["facts"]
    assert fact["position"] == head + 1
    retried = post(client, SHANGJIE, "overrides", LONG, Idempotency_Key="c-1")
    assert retried.json() == again.json()
    shown = client.get(f"/api/evaluations/{SHANGJIE}?after={fact['position']}")
    assert shown.json()["computed_total"] == "96.14"


def test_views_on_a_full_disk_fall_behind_and_follow_again(writing: Site) -> None:
    client = writing.client
    with full_disk(writing.liuhen.database, files="-views-"):
        stored = post(client, SHANGJIE, "overrides", LONG, Idempotency_Key="c-1")
        assert stored.status_code == 201
    position = stored.json()["facts"][0]["position"]
    shown = client.get(f"/api/evaluations/{SHANGJIE}?after={position}")
    assert shown.json()["computed_total"] == "96.14"


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.DiskFull("could not extend file"),
        OperationalError("INSERT", {}, psycopg.errors.DiskFull("could not extend file")),
        OSError(28, "No space left on device"),
    ],
    ids=["postgresql", "postgresql behind SQLAlchemy", "a file"],
)
def test_a_disk_is_full_under_any_name(error: Exception) -> None:
    assert is_store_error(error)
    assert has_given_out(error)


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("INSERT", {}, psycopg.errors.UniqueViolation("duplicate key")),
        psycopg.errors.UndefinedColumn("no such column"),
        FileNotFoundError(2, "No such file"),
        ValueError("a slip of the program"),
    ],
)
def test_a_fault_of_the_program_is_no_full_disk(error: Exception) -> None:
    assert not has_given_out(error)
