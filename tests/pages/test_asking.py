"""Forms that filter: every filter, every problem at its field, pages, files, both languages."""

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from tests.support.site import ACTOR, QIAOXI, SHANGJIE, Site

FORMS = {
    "/score-changes": "/api/score-changes",
    "/adjustments": "/api/adjustments",
    "/findings": "/api/findings",
    "/search?q=预算": "/api/search",
}
OF_EVERY_PAGE = {"as_of", "effective_on", "after", "lang"}


def fields_of(text: str) -> set[str]:
    """The names of the fields that a page's form shows."""
    return set(re.findall(r'<(?:input|select) id="f-[^"]+" name="([^"]+)"', text))


def problems_of(text: str) -> dict[str, str]:
    """What stands at each field that is wrong."""
    return dict(re.findall(r'<p class="error" id="e-([^"]+)">([^<]+)</p>', text))


def link(text: str, rel: str) -> str | None:
    """The address that a link of this relation leads to."""
    found = re.search(rf'href="([^"]+)" rel="{rel}"', text)
    return html.unescape(found.group(1)) if found else None


def files_of(text: str) -> dict[str, str]:
    """The address of each file by its name."""
    found = re.findall(r'<a href="([^"]+)" download>(\w+)</a>', text)
    return {name: html.unescape(address) for address, name in found}


def pages_of(client: TestClient, path: str) -> Iterator[str]:
    """Each page, from 下一页 to 下一页."""
    address: str | None = path
    while address is not None:
        answer = client.get(address)
        assert answer.status_code == 200
        yield answer.text
        address = link(answer.text, "next")


def walked(client: TestClient, path: str, row: str) -> Iterator[str]:
    """What ``row`` finds on each page."""
    for text in pages_of(client, path):
        yield from re.findall(row, text)


# -------------------------------------------------------------------------------------- filters


def test_the_start_page_has_every_filter_of_the_list(reading: Site) -> None:
    described = reading.app.openapi()["paths"]["/api/evaluations"]["get"]["parameters"]
    taken = {one["name"] for one in described if one["in"] == "query"} - OF_EVERY_PAGE
    assert fields_of(reading.client.get("/").text) == taken - {"cursor"}


@pytest.mark.parametrize(("page", "endpoint"), FORMS.items())
def test_a_form_has_every_filter_of_its_endpoint(reading: Site, page: str, endpoint: str) -> None:
    described = reading.app.openapi()["paths"][f"{endpoint}.{{format}}"]["get"]["parameters"]
    taken = {one["name"] for one in described if one["in"] == "query"} - OF_EVERY_PAGE
    in_wan = {"least": "least_wan", "most": "most_wan"}
    own = fields_of(reading.client.get(page).text)
    taken -= {"division"}  # a division names its log, and one field is enough
    assert own - {"limit", "group_by"} == {in_wan.get(name, name) for name in taken}


@pytest.mark.parametrize(("page", "endpoint"), FORMS.items())
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_file_of_a_page_holds_the_rows_that_it_pages_through(
    client: TestClient, page: str, endpoint: str, lang: str
) -> None:
    answer = client.get(page, params={"lang": lang} if "?" not in page else None)
    files = files_of(answer.text)
    assert set(files) == {"CSV", "NDJSON", "Excel"}
    assert all(urlsplit(address).path.startswith(f"{endpoint}.") for address in files.values())
    for address in files.values():
        assert client.get(address).status_code == 200


def test_pages_of_changes_meet_every_change_once_and_their_file_holds_the_same(
    client: TestClient,
) -> None:
    path = f"/score-changes?kind=declared&evaluation={QIAOXI}&limit=7"
    shown = list(walked(client, path, r'data-label="事实"><a href="/facts/130104/(\d+)"'))
    known = client.get(f"/api/score-changes?kind=declared&evaluation={QIAOXI}&limit=1000").json()
    assert [int(one) for one in shown] == [one["position"] for one in known["changes"]]
    assert len(shown) > 14
    second = link(client.get(path).text, "next")
    assert second is not None
    text = client.get(second).text
    assert parse_qs(urlsplit(link(text, "first") or "").query) == parse_qs(urlsplit(path).query)
    lines = client.get(files_of(text)["NDJSON"]).text.splitlines()
    assert len(lines) - 1 == len(shown)


def test_pages_of_findings_meet_every_finding_once(client: TestClient) -> None:
    shown = list(
        walked(client, "/findings?limit=9", r'<li class="finding [^"]*" id="finding-(\w+)"')
    )
    known = [one["id"] for one in client.get("/api/findings").json()]
    assert sorted(shown) == sorted(known)


def test_a_finding_that_rests_on_many_facts_shows_some_and_says_so(client: TestClient) -> None:
    [many] = [one for one in client.get("/api/findings").json() if len(one["facts"]) > 12]
    text = client.get(f"/findings?code={many['code']}").text
    shown = text[text.index(f'id="finding-{many["id"]}"') :]
    shown = shown[: shown.index("</details>")]
    assert shown.count('href="/facts/') == 12
    assert f"另有 {len(many['facts']) - 12} 条" in shown


def test_blank_fields_ask_for_nothing(client: TestClient) -> None:
    blank = client.get("/score-changes?year=&kind=&since=%20&unit=&limit=")
    assert blank.status_code == 200
    bare = client.get("/score-changes")
    assert blank.text.count("<tr") == bare.text.count("<tr")


def test_dates_of_a_change_are_asked_in_shanghai(client: TestClient) -> None:
    count = "<b>0</b>"
    assert count in client.get("/score-changes?before=2001-01-01").text
    assert count in client.get("/score-changes?since=2999-01-01").text
    assert count not in client.get("/score-changes?since=2001-01-01&before=2999-01-01").text


# ------------------------------------------------------------------------------------- problems


def test_every_problem_stands_at_its_field_and_nothing_typed_is_lost(client: TestClient) -> None:
    typed = {
        "year": "二〇二四",
        "kind": 'x"y',
        "month": "13",
        "least_wan": "1.2.3",
        "most_wan": "0.0000001",
        "limit": "0",
        "project": "<b>甲",
        "as_of": "never",
    }
    answer = client.get("/adjustments", params={**typed, "knd": "追加"})
    assert answer.status_code == 422
    wrong = problems_of(answer.text)
    assert set(wrong) == {"year", "kind", "month", "least_wan", "most_wan", "limit"}
    assert "从所列中选一项" in wrong["kind"]
    alert = answer.text[answer.text.index('role="alert"') :]
    alert = alert[: alert.index("</div>")]
    assert "有 8 处要改" in alert
    for name in wrong:
        assert f'href="#f-{name}"' in alert
        assert f'aria-describedby="e-{name}"' in answer.text
    assert "<code>knd</code>" in alert
    assert "不是日期或时间" in alert
    for text in typed.values():
        assert html.escape(text).replace("&quot;", "&#34;") in answer.text
    assert "<b>甲" not in answer.text
    # Nothing was asked, so nothing is answered.
    assert "各笔调整" not in answer.text
    assert files_of(answer.text) == {}
    english = client.get("/adjustments", params={"year": "x", "lang": "en"}).text
    assert "Nothing was asked" in english
    assert "four digits" in problems_of(english)["year"]


def test_a_cursor_of_another_question_is_told_on_the_form(client: TestClient) -> None:
    cursor = parse_qs(urlsplit(link(client.get("/findings?limit=1").text, "next") or "").query)
    answer = client.get("/score-changes", params={"cursor": cursor["cursor"][0], "unit": "xfj"})
    assert answer.status_code == 422
    assert "翻页标记" in answer.text
    assert 'name="unit" value="xfj"' in answer.text


def test_a_past_view_keeps_its_banner_beside_a_problem(client: TestClient) -> None:
    text = client.get("/score-changes?as_of=2999-12-31&year=x").text
    assert 'class="past"' in text
    assert "year" in problems_of(text)


def test_bounds_that_nothing_fits_are_told_in_wan(client: TestClient) -> None:
    answer = client.get("/adjustments?least_wan=2.5&most_wan=1")
    assert answer.status_code == 422
    assert "2.5 万元 大于 至多（1 万元）" in answer.text
    assert 'name="most_wan" value="1"' in answer.text


def test_a_number_outside_its_range_is_told_the_range_at_its_field(client: TestClient) -> None:
    query = {"year": "1066", "least_wan": "-1", "most_wan": "1000000000.01", "limit": "1001"}
    assert problems_of(client.get("/adjustments", params={**query, "lang": "en"}).text) == {
        "year": "it is out of range: it must be from 1900 to 2099",
        "least_wan": "it is out of range: it must be from 0 万元 to 1000000000 万元",
        "most_wan": "it is out of range: it must be from 0 万元 to 1000000000 万元",
        "limit": "it is out of range: it must be from 1 to 1000",
    }


def test_a_unit_that_is_none_is_told_at_its_field(client: TestClient) -> None:
    answer = client.get("/findings?unit=nobody&year=x")
    assert set(problems_of(answer.text)) == {"unit", "year"}


# ------------------------------------------------------------------------------------- amounts


def test_amounts_are_asked_in_wan_and_filed_in_fen(writing: Site) -> None:
    for amount in ("12.50", "80"):
        body = {
            "amount": amount,
            "source": "OTHER",
            "document": f"文〔2022〕{amount}号",
            "approved_by": "县财政局",
            "reason": "追加",
        }
        answer = writing.client.post(
            f"/api/evaluations/{SHANGJIE}/budget-supplements",
            json=body,
            headers={**ACTOR, "Liuhen-Role": "FINANCE_CLERK"},
        )
        assert answer.status_code == 201, answer.text
    position = answer.json()["facts"][-1]["position"]
    text = writing.client.get(f"/adjustments?least_wan=12.6&after=410106:{position}").text
    assert "文〔2022〕80号" in text
    assert "文〔2022〕12.50号" not in text
    lines = writing.client.get(files_of(text)["NDJSON"]).text.splitlines()
    assert len(lines) == 2
    assert "800000.00" in lines[1]
    grouped = writing.client.get("/adjustments?group_by=source&lang=en").text
    assert "92.50" in grouped
    own = writing.client.get(f"/evaluations/{SHANGJIE}/adjustments").text
    assert len(writing.client.get(files_of(own)["NDJSON"]).text.splitlines()) == 3


def test_adjustments_are_added_up_and_one_without_a_source_has_none(writing: Site) -> None:
    body = {
        "amount": "110.00",
        "line": {"fund_nature": "GENERAL_PUBLIC"},
        "document": "巴财预〔2024〕88号",
        "reason": "专项维稳",
        "approved_by": "市财政局",
        "approved_on": "2024-09-03",
        "excluded": "POLICY",
        "effective": {"last": "2024-09-03"},
    }
    form = "150800/xfj/2024/project/xinfang-shiwu"
    booked = writing.client.post(
        f"/api/evaluations/{form}/budget-supplements", json=body, headers=ACTOR
    )
    assert booked.status_code == 201
    position = booked.json()["facts"][0]["position"]
    text = writing.client.get(f"/adjustments?year=2024&after=150800:{position}").text
    assert "共 <b>1</b> 笔，总额 <b>110.00</b>，净额 <b>110.00</b> 万元" in text
    assert "不计入：国家政策" in text
    assert "<small>150800/xfj</small>" in text
    sums = writing.client.get("/adjustments?year=2024&group_by=source").text
    assert '<th scope="row">—</th>' in sums
    assert '<th scope="row">合计</th>' in sums
