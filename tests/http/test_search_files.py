"""What is found by words, as a file in every format."""

import csv
import io
import json
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient

from domain.commands import Redact
from domain.facts.envelope import Context, Role
from tests.support.site import ACTOR, QIAOXI, Site

QUESTION = {"q": "执行率", "log": "410106"}


def test_the_rows_of_a_file_are_what_is_found(client: TestClient) -> None:
    hits = client.get("/api/search", params=QUESTION).json()["hits"]
    assert hits
    about, *rows = map(
        json.loads, client.get("/api/search.ndjson", params=QUESTION).text.splitlines()
    )
    assert about["about"]["asked"] == {"q": "执行率", "log_id": "410106"}
    names = ("log_id", "position", "event_id", "stream_id", "line", "unit_name", "document")
    assert [{name: row[name] for name in names} for row in rows] == [
        {name: hit[name] for name in names} for hit in hits
    ]
    assert [row["excerpt"] for row in rows] == [
        "".join(piece["text"] for piece in hit["excerpt"]) for hit in hits
    ]


def test_it_comes_in_every_format_and_both_languages(client: TestClient) -> None:
    hits = client.get("/api/search", params=QUESTION).json()["hits"]
    texts = client.get("/api/search.csv", params=QUESTION)
    assert texts.headers["content-disposition"].startswith('attachment; filename="liuhen-search-')
    table = list(csv.reader(io.StringIO(texts.content.decode("utf-8-sig"))))
    assert ["条件", "字词 = 执行率"] in table
    assert len(table) - table.index([]) - 2 == len(hits)
    answer = client.get("/api/search.xlsx", params={**QUESTION, "lang": "en"})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["About", "search"]
    assert book.worksheets[1].max_row - 1 == len(hits)


@pytest.mark.parametrize("format_", ["csv", "ndjson", "xlsx"])
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"q": "，"}, "search.no-words"),
        ({}, "request.missing"),
        ({"q": "预算", "part": "x"}, "request.not-in-list"),
        ({"q": "预算", "effective_on": "2024-12-31"}, "effective-on.no-meaning"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_a_file_begins(
    client: TestClient, format_: str, query: dict[str, Any], code: str
) -> None:
    refused = client.get(f"/api/search.{format_}", params=query)
    assert refused.status_code == 422
    assert refused.json()["code"] == code


def test_a_file_of_the_past_holds_what_was_known(client: TestClient) -> None:
    lines = client.get("/api/search.ndjson", params={**QUESTION, "as_of": "2000-01-01"}).text
    assert len(lines.splitlines()) == 1


def test_a_redacted_text_is_in_no_file(writing: Site) -> None:
    written = writing.client.post(
        f"/api/evaluations/{QIAOXI}/justifications",
        json={"line": "3", "reason": "因信访人张某某的情况"},
        headers=ACTOR,
    ).json()
    after = f"{written['log_id']}:{written['facts'][-1]['position']}"
    query = {"q": "张某某", "after": after}
    assert "信访人张某某" in writing.client.get("/api/search.csv", params=query).text
    [hit] = writing.client.get("/api/search", params=query).json()["hits"]
    fact = writing.client.get(f"/api/logs/{hit['log_id']}/facts/{hit['position']}").json()
    [digest] = fact["texts"]
    guard = Context(
        now=writing.liuhen.clock(),
        actor="guard",
        role=Role.SECURITY_ADMINISTRATOR,
        organisation="bureau",
    )
    command = Redact(stream=QIAOXI, digest=digest, ground="个人信息")
    writing.liuhen.handle(command, guard, command_id="redact-1")
    for as_of in ({}, {"as_of": "2100-01-01"}):
        text = writing.client.get("/api/search.csv", params={"q": "张某某", **as_of}).text
        assert "信访人张某某" not in text
