"""The pages as text: what stands on them, and what they keep."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from domain.commands import Redact
from domain.facts.envelope import Context, Role
from tests.support.site import ACTOR, BAYANNUR, QIAOXI, SHANGJIE, Site

SHEET = f"/evaluations/{SHANGJIE}"
PAGES = [
    "/",
    SHEET,
    f"/evaluations/{BAYANNUR}",
    "/evaluations/130128/542/2023/department",
    "/evaluations/530303/xfj/2023/department",
    f"{SHEET}/lines/1",
    f"/evaluations/{QIAOXI}/lines/3",
    f"{SHEET}/figures/OUTTURN",
    f"{SHEET}/rates/EXECUTION_RATE",
    f"{SHEET}/sums",
    f"{SHEET}/sums?path=%E4%BA%A7%E5%87%BA%E6%8C%87%E6%A0%87",
    f"{SHEET}/history",
    f"{SHEET}/diff",
    f"{SHEET}/diff?from=%2360&to=now",
    f"{SHEET}/deductions",
    f"{SHEET}/findings",
    f"{SHEET}/adjustments",
    f"/streams/{SHANGJIE}",
    "/streams/410106/xfj/2022/ledger",
    "/facts/410106/38",
    "/adjustments",
    "/adjustments?group_by=unit",
    "/findings",
    "/findings?class=CONTRADICTION&limit=3",
    "/score-changes",
    f"/score-changes?kind=declared&evaluation={QIAOXI}&limit=7",
    "/search",
    "/search?q=%E6%89%A7%E8%A1%8C%E7%8E%87&limit=3",
    "/rule-sets",
    "/docs",
    "/problems",
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_is_served_in_both_languages(client: TestClient, path: str, lang: str) -> None:
    answer = client.get(path, params={"lang": lang} if "?" not in path else None)
    assert answer.status_code == 200
    assert "<h1" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert not re.search(r"<script(?![^>]*src=\"/static/)|\sstyle=|\son\w+=", answer.text)


def addresses_in(text: str) -> Iterator[str]:
    for found in re.findall(r'(?:href|src|action)="([^"]+)"', text):
        yield found.replace("&amp;", "&")


def test_every_link_of_every_page_leads_somewhere(client: TestClient) -> None:
    wanted = {
        address.partition("#")[0]
        for path in PAGES
        for address in addresses_in(client.get(path).text)
        if not address.startswith("#")
    }
    assert all(address.startswith("/") for address in wanted)
    assert len(wanted) > 150
    dead = [address for address in sorted(wanted) if client.get(address).status_code != 200]
    assert dead == []


def test_the_sheet_has_the_official_columns_and_the_sum(client: TestClient) -> None:
    text = client.get(SHEET).text
    for column in ("年初预算数", "全年预算数", "全年执行数", "执行率", "一级指标", "年度指标值"):
        assert column in text
    assert ">95.81</a>" in text
    assert "印作" in text


def test_every_number_of_the_sheet_is_a_link(client: TestClient) -> None:
    text = client.get(SHEET).text
    body = text[text.index('id="sheet"') : text.index("</table>", text.index('id="sheet"'))]
    cells = re.findall(r'<td class="num[^"]*">(.*?)</td>', body, re.DOTALL)
    bare = [
        cell for cell in cells if re.search(r"\d", re.sub(r"<a .*?</a>", "", cell, flags=re.DOTALL))
    ]
    numbered = [cell for cell in bare if not re.fullmatch(r"\d+", cell)]  # 序号
    assert numbered == []


def test_a_past_view_says_so_and_every_link_keeps_it(client: TestClient) -> None:
    text = client.get(f"{SHEET}?as_of=2999-12-31&lang=en&money=yuan").text
    assert 'class="past"' in text
    assert "3,781,000.00" in text
    inside = [
        address
        for address in addresses_in(text)
        if address.startswith(("/evaluations", "/findings", "/streams", "/rule-sets"))
        and "?" in address
    ]
    assert len(inside) > 100
    kept = [address for address in inside if "as_of=2999-12-31" in address]
    # Only the way back to now leaves it.
    assert len(inside) - len(kept) == 1
    # And only the switch of languages leaves the language.
    assert sum("lang=en" not in address for address in inside) == 1


def test_the_deviations_of_shangjie_are_those_that_it_prints(client: TestClient) -> None:
    text = client.get(SHEET).text
    shown = re.findall(r'href="[^"]*#deviation"[^>]*>([^<]+)</a>', text)
    assert [one for one in shown if one != "0"] == [
        *("−27.59%", "−100%", "−1%", "−1%", "−1%", "−1%", "−1.01%", "−2%"),
    ]
    assert len(shown) == 31  # all but the rate that is measured and not filled in
    line = client.get(f"{SHEET}/lines/27").text
    assert "−1.01%" in line
    # 巴彦淖尔 prints no operators: nobody can say what meets a target.
    assert "#deviation" not in client.get(f"/evaluations/{BAYANNUR}").text


def test_a_wrong_moment_is_told_to_people_and_does_not_stick(client: TestClient) -> None:
    answer = client.get(f"{SHEET}?as_of=yesterday")
    assert answer.status_code == 422
    assert "不是日期或时间" in answer.text
    assert "as_of=yesterday" not in "".join(addresses_in(answer.text)).replace("%3F", "?")


def test_an_unknown_page_is_a_page(client: TestClient) -> None:
    answer = client.get("/evaluations/1/2/2022/department")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "没有自评 1/2/2022/department" in answer.text


def test_what_was_typed_is_text_and_a_redacted_text_is_gone(writing: Site) -> None:
    evil = "<script>alert(1)</script>"
    body = {"line": "7", "to_points": "2.5", "reason": evil, "document": "文〔2023〕1号"}
    receipt = writing.client.post(
        f"/api/evaluations/{SHANGJIE}/overrides", json=body, headers=ACTOR
    ).json()
    position = receipt["facts"][0]["position"]

    line = writing.client.get(f"{SHEET}/lines/7?after={position}").text
    assert evil not in line
    assert "&lt;script&gt;" in line
    assert "改分" in line

    fact = writing.client.get(f"/api/logs/410106/facts/{position}").json()
    security = Context(
        now=writing.liuhen.clock(),
        actor="s-1",
        role=Role.SECURITY_ADMINISTRATOR,
        organisation="czj",
    )
    redact = Redact(stream=SHANGJIE, digest=fact["content"]["reason"], ground="涉及个人信息")
    writing.liuhen.handle(redact, security, command_id="r-1")

    for page in (f"{SHEET}/lines/7", f"{SHEET}/history", f"/facts/410106/{position}", SHEET):
        text = writing.client.get(f"{page}?after=410106:{position + 1}").text
        assert "alert(1)" not in text
        assert "已删除" in text
    then = writing.client.get(f"/api/evaluations/{SHANGJIE}/lines/7?as_of=2999-12-31").json()
    assert then["reason"]["redacted"] is True


def test_static_files_come_from_here(client: TestClient) -> None:
    for name in ("liuhen.css", "liuhen.js", "icon.svg"):
        text = client.get(f"/static/{name}").text
        assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in text


def test_the_difference_of_two_moments_names_what_brought_it(client: TestClient) -> None:
    page = client.get(f"{SHEET}/diff", params={"from": "#40", "to": "now"}).text
    assert "得分" in page
    assert 'href="/facts/410106/' in page
    assert "没有差异" in client.get(f"{SHEET}/diff", params={"from": "now", "to": "now"}).text


def test_an_unknown_moment_is_refused_with_what_there_is(client: TestClient) -> None:
    answer = client.get(f"{SHEET}/diff", params={"from": "published"})
    assert answer.status_code == 422
    assert "evaluation-opened:1" in answer.text
