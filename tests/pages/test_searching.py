"""The page that looks for words: context, what bears a hit, pages, redaction, both languages."""

import html
import re

import pytest
from fastapi.testclient import TestClient

from domain.commands import Redact
from domain.facts.envelope import Context, Role
from tests.pages.test_asking import files_of, problems_of, walked
from tests.support.site import ACTOR, QIAOXI, Site

HIT = r'<li class="hit">(.*?)</li>'


def hits_of(text: str) -> list[str]:
    """Each hit as it stands on the page."""
    return re.findall(HIT, text, re.DOTALL)


def test_before_anything_is_asked_there_is_a_form_and_no_problem(client: TestClient) -> None:
    for query in ("", "?q=", "?lang=en", "?q=%20&year="):
        answer = client.get(f"/search{query}")
        assert answer.status_code == 200
        assert 'name="q"' in answer.text
        assert 'role="alert"' not in answer.text
        assert hits_of(answer.text) == []


def test_every_hit_is_marked_and_leads_to_what_bears_it(client: TestClient) -> None:
    text = client.get("/search", params={"q": "执行率"}).text
    known = client.get("/api/search", params={"q": "执行率"}).json()["hits"]
    shown = hits_of(text)
    assert len(shown) == len(known) > 5
    for hit, known_hit in zip(shown, known, strict=True):
        assert "<mark>执行率</mark>" in hit
        plain = re.sub(r"<[^>]+>", "", hit)
        assert "".join(piece["text"] for piece in known_hit["excerpt"]) in html.unescape(plain)
        assert f'href="/facts/{known_hit["log_id"]}/{known_hit["position"]}"' in hit
        assert f'href="/evaluations/{known_hit["evaluation"]}' in hit
        assert known_hit["unit_name"] in hit


def test_pages_meet_every_hit_once_in_the_language_of_the_address(client: TestClient) -> None:
    whole = hits_of(client.get("/search?q=信访&limit=1000").text)
    assert list(walked(client, "/search?q=信访&limit=7", r"(?s)" + HIT)) == whole
    english = client.get("/search?q=信访&limit=2&lang=en").text
    assert "Next page" in english
    assert all("lang=en" in one for one in re.findall(r'href="([^"]+)" rel="next"', english))
    assert "lang=en" in files_of(english)["CSV"]


def test_words_that_are_none_and_filters_without_words_are_told(client: TestClient) -> None:
    answer = client.get("/search", params={"q": "，。", "year": "x"})
    assert answer.status_code == 422
    assert set(problems_of(answer.text)) == {"q", "year"}
    assert 'value="，。"' in answer.text
    assert '<details class="narrow" open>' in answer.text
    missing = client.get("/search", params={"unit": "xfj"})
    assert missing.status_code == 422
    assert "缺少此项" in missing.text


def test_a_past_moment_finds_what_was_known_and_says_so(client: TestClient) -> None:
    text = client.get("/search?q=执行率&as_of=2000-01-01&effective_on=2024-12-31").text
    assert 'class="past"' in text
    assert "没有找到" in text
    assert "as_of=2000-01-01" in files_of(text)["CSV"]
    # A business date has no meaning for what was recorded; the page says so, its files leave it.
    assert "不按业务日期计" in text
    assert "effective_on" not in files_of(text)["CSV"]
    for address in files_of(text).values():
        assert client.get(address).status_code == 200


def test_what_was_typed_is_text_and_a_redacted_text_is_found_no_more(writing: Site) -> None:
    body = {"line": "3", "reason": "因信访人张某某<script>的情况"}
    receipt = writing.client.post(
        f"/api/evaluations/{QIAOXI}/justifications", json=body, headers=ACTOR
    ).json()
    position = receipt["facts"][-1]["position"]
    found = writing.client.get(f"/search?q=张某某&after=130104:{position}").text
    [hit] = hits_of(found)
    assert "<script>" not in hit
    assert "因信访人<mark>张某某</mark>&lt;script&gt;的情况" in hit
    fact = writing.client.get(f"/api/logs/130104/facts/{position}").json()
    [digest] = fact["texts"]
    guard = Context(
        now=writing.liuhen.clock(),
        actor="guard",
        role=Role.SECURITY_ADMINISTRATOR,
        organisation="bureau",
    )
    redact = Redact(stream=QIAOXI, digest=digest, ground="个人信息")
    writing.liuhen.handle(redact, guard, command_id="redact-1")
    for moment in ("", "&as_of=2999-12-31"):
        text = writing.client.get(f"/search?q=张某某{moment}").text
        assert hits_of(text) == []
        assert "信访人" not in text
    evil = writing.client.get("/search", params={"q": "<script>x</script>"}).text
    assert "<script>x" not in evil


def test_all_hits_are_counted_whatever_the_page_holds(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = len(client.get("/api/search?q=执行率&limit=1000").json()["hits"])
    assert found > 2
    assert f"共 <b>{found}</b> 条，" in client.get("/search?q=执行率&limit=2").text
    assert "共 <b>0</b> 条，" in client.get("/search?q=绝无此词").text
    monkeypatch.setattr("api.questions.COUNTED_HITS", 2)
    assert "共 <b>2</b> 条以上，" in client.get("/search?q=执行率&limit=2").text
