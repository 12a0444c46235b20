"""Questions over all logs by page, words that are found, and files of every format."""

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient

from api.asked import asked, asked_of
from api.exporting import Export, Field, Kind, write
from api.exporting.xlsx import exact, write_workbook
from api.questions import Questions
from domain.commands import Redact
from domain.facts.envelope import Context, Role
from domain.values import Words
from projections.score_history import ChangeFilter, ChangeKind
from tests.support.site import ACTOR, QIAOXI, Site


def walked(client: TestClient, path: str, part: str, **query: Any) -> list[dict[str, Any]]:
    """Every row, by the cursors of the pages."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = client.get(path, params={**query, **({"cursor": cursor} if cursor else {})})
        assert page.status_code == 200, page.text
        found = page.json()
        assert len(found[part]) <= query.get("limit", 50)
        rows += found[part]
        cursor = found["next"]
        assert ("next" in page.links) == (cursor is not None)
        if cursor is None:
            return rows


# --------------------------------------------------------------------------------- score changes


def test_changes_of_all_logs_come_by_page_and_state_the_positions(client: TestClient) -> None:
    whole = client.get("/api/score-changes", params={"limit": 1000}).json()
    assert whole["next"] is None
    assert set(whole["positions"]) >= {one["log_id"] for one in whole["changes"]}
    assert walked(client, "/api/score-changes", "changes", limit=40) == whole["changes"]
    moments = [one["recorded_at"] for one in whole["changes"]]
    assert moments == sorted(moments)
    one = client.get("/api/score-changes", params={"evaluation": QIAOXI, "limit": 1000}).json()
    own = client.get(f"/api/evaluations/{QIAOXI}/history").json()
    assert len(one["changes"]) == len(own)


def test_the_link_leads_to_the_next_page(client: TestClient) -> None:
    first = client.get("/api/score-changes?limit=2&kind=declared")
    second = client.get(first.links["next"]["url"])
    assert {one["kind"] for one in second.json()["changes"]} == {"declared"}
    assert second.json()["changes"][0] not in first.json()["changes"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"cursor": "nonsense"}, "request.cursor"),
        ({"limit": 0}, "request.out-of-range"),
        ({"limit": 1001}, "request.out-of-range"),
        ({"kind": "x"}, "request.not-in-list"),
        ({"since": "yesterday"}, "filter.no-moment"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    client: TestClient, query: dict[str, Any], code: str
) -> None:
    refused = client.get("/api/score-changes", params=query)
    assert refused.status_code == 422
    assert refused.json()["code"] == code


def test_a_cursor_of_another_question_is_refused(client: TestClient) -> None:
    cursor = client.get("/api/score-changes?limit=1").json()["next"]
    for path in ("/api/adjustments", "/api/findings", "/api/search?q=预算"):
        refused = client.get(
            path, params={**({"q": "预算"} if "?" in path else {}), "cursor": cursor}
        )
        assert refused.json()["code"] == "request.cursor"


def test_findings_go_on_in_the_link(client: TestClient) -> None:
    whole = client.get("/api/findings").json()
    found: list[Any] = []
    url = "/api/findings?limit=7"
    while True:
        page = client.get(url)
        found += page.json()
        if "next" not in page.links:
            break
        url = page.links["next"]["url"]
    assert found == whole


# ---------------------------------------------------------------------------------------- words


def test_words_are_found_with_what_stands_around(client: TestClient) -> None:
    found = client.get("/api/search", params={"q": "执行率"}).json()
    assert "indicator" in {hit["part"] for hit in found["hits"]}
    for hit in found["hits"]:
        assert any(piece["found"] and piece["text"] == "执行率" for piece in hit["excerpt"])
        assert client.get(f"/api/logs/{hit['log_id']}/facts/{hit['position']}").status_code == 200
    assert walked(client, "/api/search", "hits", q="执行率", limit=1) == found["hits"]
    past = client.get("/api/search", params={"q": "执行率", "as_of": "2000-01-01"}).json()
    assert past["hits"] == []
    assert set(past["positions"].values()) == {0}
    assert client.get("/api/search", params={"q": "，"}).json()["code"] == "search.no-words"


def test_a_redacted_text_is_found_no_more(writing: Site) -> None:
    written = writing.client.post(
        f"/api/evaluations/{QIAOXI}/justifications",
        json={"line": "3", "reason": "因信访人张某某的情况"},
        headers=ACTOR,
    )
    assert written.status_code == 201, written.text
    receipt = written.json()
    after = f"{receipt['log_id']}:{receipt['facts'][-1]['position']}"
    [hit] = writing.client.get("/api/search", params={"q": "张某某", "after": after}).json()["hits"]
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
    for as_of in ("", "2100-01-01"):
        query = {"q": "张某某", **({"as_of": as_of} if as_of else {})}
        assert writing.client.get("/api/search", params=query).json()["hits"] == []


# ---------------------------------------------------------------------------------------- files


def table_of(csv_text: str) -> tuple[list[list[str]], list[dict[str, str]]]:
    rows = list(csv.reader(io.StringIO(csv_text.removeprefix("\ufeff"))))
    at = rows.index([])
    heading = rows[at + 1]
    return rows[:at], [dict(zip(heading, row, strict=True)) for row in rows[at + 2 :]]


@pytest.mark.parametrize("name", ["score-changes", "adjustments", "findings"])
def test_a_file_comes_in_every_format(client: TestClient, name: str) -> None:
    texts = client.get(f"/api/{name}.csv")
    assert texts.headers["content-type"] == "text/csv; charset=utf-8"
    assert texts.headers["content-disposition"].startswith(f'attachment; filename="liuhen-{name}-')
    assert texts.content.startswith(b"\xef\xbb\xbf")
    about, rows = table_of(texts.content.decode())
    assert about[0][0] == "说明"
    assert {line[0] for line in about} >= {"条件", "当时已知", "日志位置", "生成时间"}
    lines = [json.loads(line) for line in client.get(f"/api/{name}.ndjson").text.splitlines()]
    assert lines[0]["about"]["positions"]
    assert len(lines) - 1 == len(rows)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/api/{name}.xlsx").content))
    said, sheet = book.worksheets
    assert said.title == "说明"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref
    assert sheet.max_row - 1 == len(rows)
    heading = [cell.value for cell in sheet[1]]
    assert heading[:1] == ["日志"]
    english = client.get(f"/api/{name}.csv?lang=en").content.decode()
    assert "about" in english.splitlines()[0]
    assert client.get(f"/api/{name}.pdf").status_code == 422


def test_the_rows_of_a_file_are_those_of_the_question(client: TestClient) -> None:
    asked_for = {"kind": "declared", "evaluation": QIAOXI}
    rows = walked(client, "/api/score-changes", "changes", limit=1000, **asked_for)
    lines = client.get("/api/score-changes.ndjson", params=asked_for).text.splitlines()
    names = ("log_id", "position", "event_id", "from_points", "to_points", "document", "line")
    assert [{name: json.loads(line)[name] for name in names} for line in lines[1:]] == [
        {name: row[name] for name in names} for row in rows
    ]
    assert json.loads(lines[0])["about"]["asked"] == {
        "kind": "declared",
        "evaluation": QIAOXI,
        "log_id": "130104",
    }


def test_a_file_of_a_past_moment_holds_what_was_known(reading: Site) -> None:
    questions = Questions(reading.liuhen, datetime.fromisoformat("2000-01-01T00:00:00+08:00"))
    with reading.liuhen.connection() as connection:
        assert list(questions.file_of_changes(connection, ChangeFilter()).rows) == []
    lines = reading.client.get("/api/findings.ndjson?as_of=2000-01-01").text.splitlines()
    assert len(lines) == 1


# ----------------------------------------------------------------------------- the writers alone

BIG = 123_456_789_012_345_678
MOMENT = datetime.fromisoformat("2025-03-01T08:00:00.000001+00:00")
ROWS = (
    ("=1+1", 1, "9.80", 210, date(2024, 12, 31), MOMENT),
    ("-加", 2, "-3", -5, None, MOMENT),
    ('@x,"y"\n甲', 3, None, BIG, None, None),
)


def export(rows: Any = ROWS) -> Export:  # noqa: ANN401 - any rows
    kinds = (Kind.TEXT, Kind.WHOLE, Kind.FIGURE, Kind.MONEY, Kind.DATE, Kind.MOMENT)
    return Export(
        name="t",
        title=Words("表", "table"),
        asked=[asked("document", "=1")],
        moment=None,
        made_at=MOMENT,
        positions={"130104": 3},
        fields=[
            Field(f"f{nth}", Words(f"列{nth}", f"c{nth}"), kind, lambda row, _, nth=nth: row[nth])  # type: ignore[misc]
            for nth, kind in enumerate(kinds)
        ],
        rows=rows,
    )


def test_csv_neutralises_formulas_and_changes_nothing_else() -> None:
    text = b"".join(write(export(), "csv", "zh")).decode()
    about, rows = table_of(text)
    assert ["条件", "文号 = =1"] in about
    assert [list(row.values()) for row in rows] == [
        ["'=1+1", "1", "9.80", "2.10", "2024-12-31", "2025-03-01 16:00:00.000001"],
        ["'-加", "2", "-3", "-0.05", "", "2025-03-01 16:00:00.000001"],
        ['\'@x,"y"\n甲', "3", "", "1234567890123456.78", "", ""],
    ]


def test_ndjson_keeps_values_exact() -> None:
    [_, *rows] = [
        json.loads(line) for line in b"".join(write(export(), "ndjson", "zh")).splitlines()
    ]
    assert rows[0]["f0"] == "=1+1"
    assert rows[2] == {
        "f0": '@x,"y"\n甲',
        "f1": 3,
        "f2": None,
        "f3": "1234567890123456.78",
        "f4": None,
        "f5": None,
    }


def test_a_workbook_holds_numbers_that_are_exact_and_texts_that_are_no_formulas() -> None:
    file = io.BytesIO(b"".join(write(export(), "xlsx", "zh")))
    sheet = openpyxl.load_workbook(file).worksheets[1]
    [_, one, two, three] = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert one[:4] == ["=1+1", 1, 9.8, 2.1]
    assert sheet["A2"].data_type == "s"
    assert (one[4], one[5]) == (datetime(2024, 12, 31), datetime(2025, 3, 1, 16))  # noqa: DTZ001 - Excel knows no zones
    assert two[3] == -0.05
    assert three[3] == "1234567890123456.78"
    assert sheet["D2"].number_format == "#,##0.00"


def test_a_full_sheet_is_followed_by_another() -> None:
    file = io.BytesIO()
    write_workbook(export(), "zh", file, most_rows=2)
    names = openpyxl.load_workbook(file).sheetnames
    assert names == ["说明", "表", "表 2"]


@pytest.mark.parametrize("fen", [7, 110, 999_999_999_999_999, -1, 10**15, 123_456_789_012_345])
def test_a_figure_is_a_number_where_excel_shows_it_as_it_is(fen: int) -> None:
    text = f"{Decimal(fen) / 100:.2f}"
    number = exact(text)
    assert number is not None
    assert Decimal(f"{number:.15g}") == Decimal(text)
    assert float(f"{number:.16G}") == number


@pytest.mark.parametrize("text", ["1234567890123456.78", "0.1234567890123456", "NaN", "1/3", ""])
def test_any_other_figure_stays_text(text: str) -> None:
    assert exact(text) is None


def test_rows_are_read_as_they_are_written() -> None:
    read: list[int] = []

    def rows() -> Any:  # noqa: ANN401
        for nth in range(20_000):
            read.append(nth)
            yield ("字" * 20, nth, "1", nth, None, None)

    parts = write(export(rows()), "csv", "zh")
    next(parts)
    assert len(read) < 5_000


def test_what_was_asked_is_said() -> None:
    where = ChangeFilter(kind=ChangeKind.OVERRIDDEN, unit="xfj")
    assert [(one.name, one.value) for one in asked_of(where)] == [
        ("unit", "xfj"),
        ("kind", "overridden"),
    ]


@pytest.mark.parametrize("sign", [*"=+-@＝＋－＠", "\t", "\r", "\n"])
def test_csv_neutralises_what_any_excel_takes_for_a_formula(sign: str) -> None:
    row = export(rows=[(f"{sign}1+1", *[None] * 5)])
    _, [only] = table_of(b"".join(write(row, "csv", "zh")).decode())
    assert only["列0"] == f"'{sign}1+1"
