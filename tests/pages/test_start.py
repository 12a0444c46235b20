"""The start page: as things stand, and as they stood at a moment."""

import re

from fastapi.testclient import TestClient

from tests.pages.test_asking import pages_of, problems_of
from tests.support.site import ACTOR, SHANGJIE, Site


def rows_of(text: str) -> list[list[str]]:
    """The cells of each evaluation up to its findings, without tags."""
    table = text[text.index('id="evaluations"') : text.index("</table>")]
    body = table[table.index("<tbody>") :]
    return [
        [
            re.sub(r"<[^>]+>|\s+", "", cell)
            for cell in re.findall(r"<(?:td|th)[^>]*>(.*?)</(?:td|th)>", row, re.DOTALL)[:9]
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


def test_a_past_moment_shows_what_the_present_did(client: TestClient) -> None:
    now = client.get("/").text
    then = client.get("/?as_of=2999-12-31").text
    assert len(rows_of(now)) == 8
    assert rows_of(then) == rows_of(now)
    assert "2999-12-31 23:59:59" in then
    # What was found then is asked of each evaluation, and not worked out for all of them.
    assert 'class="finding' not in then
    asked = re.findall(r'href="(/evaluations/[^"]+/findings\?as_of=2999-12-31)"', then)
    assert len(asked) == 8
    assert client.get(asked[0]).status_code == 200


def test_before_the_first_fact_there_was_nothing(client: TestClient) -> None:
    assert "还没有任何自评" in client.get("/?as_of=2000-01-01").text


def test_a_change_shows_from_its_moment_on(writing: Site) -> None:
    before = writing.liuhen.clock().isoformat()
    body = {"line": "7", "to_points": "3", "reason": "更正", "document": "文〔2023〕1号"}
    receipt = writing.client.post(
        f"/api/evaluations/{SHANGJIE}/overrides", json=body, headers=ACTOR
    ).json()
    after = f"410106:{receipt['facts'][-1]['position']}"
    now = {row[1]: row[5] for row in rows_of(writing.client.get(f"/?after={after}").text)}
    then = {
        row[1]: row[5] for row in rows_of(writing.client.get("/", params={"as_of": before}).text)
    }
    assert then["郑州市上街区信访局"] == "95.81"
    assert now["郑州市上街区信访局"] == "96.64"


def test_a_business_date_estimates_scores_as_before(client: TestClient) -> None:
    text = client.get("/?effective_on=2022-12-31").text
    assert "推算" in text
    assert len(rows_of(text)) == 8


def test_the_list_comes_by_page_and_filtered_now_and_then(client: TestClient) -> None:
    for moment in ("", "&as_of=2999-12-31", "&effective_on=2022-12-31"):
        whole = [row[1:] for row in rows_of(client.get(f"/?limit=1000{moment}").text)]
        paged = [
            row[1:] for text in pages_of(client, f"/?limit=3{moment}") for row in rows_of(text)
        ]
        assert paged == whole
        some = [row[1:] for row in rows_of(client.get(f"/?year=2023&level=PROJECT{moment}").text)]
        assert some == [row for row in whole if row[1] == "2023" and row[2].startswith("项目")]
        assert len(some) == 3
        assert len(rows_of(client.get(f"/?log=530303{moment}").text)) == 4


def test_a_filter_of_the_list_that_is_none_is_told_at_its_field(client: TestClient) -> None:
    answer = client.get("/?year=x&status=y")
    assert answer.status_code == 422
    assert set(problems_of(answer.text)) == {"year", "status"}
    assert 'id="evaluations"' not in answer.text
