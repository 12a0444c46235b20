"""The pages in a real browser: 1366×768, keyboard, with and without script, and on paper."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.site import QIAOXI, SHANGJIE

pytestmark = pytest.mark.browser

SHEET = f"/evaluations/{SHANGJIE}"


def test_the_start_page_shows_eight_evaluations_and_their_findings(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#evaluations tbody tr")).to_have_count(8)
    expect(page.get_by_text("全年预算数填报不一致").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_the_sheet_of_shangjie_sums_to_95_81(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="郑州市上街区信访局", exact=True).click()
    expect(page.locator("h1")).to_have_text("2022年度部门整体支出绩效自评表")
    expect(page.locator("#sheet tbody tr")).to_have_count(32)
    expect(page.locator("#sheet tfoot .final")).to_have_text("95.81")
    points = page.locator("#sheet tbody td.final a").all_inner_texts()
    assert round(sum(float(one) for one in points), 2) == 95.81
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_a_number_opens_its_provenance_beside_the_table(page: Page) -> None:
    page.goto(SHEET)
    number = page.locator("#line-1 td.final a")
    number.click()
    panel = page.locator("#panel")
    expect(panel).to_be_visible()
    for part in ("273.8 ÷ 378.1", "填报得分", "import", "自评表 首部", "执行率", "SHA-256"):
        expect(panel).to_contain_text(part)
    assert page.url.endswith(SHEET)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(number).to_be_focused()


def test_an_unexplained_deduction_stands_out(page: Page) -> None:
    page.goto(f"/evaluations/{QIAOXI}")
    mark = page.locator("#line-3 .unexplained")
    expect(mark).to_have_text("未说明原因")
    mark.click()
    expect(page.locator("#panel")).to_contain_text("没有一种理解得出填报的 3 分")


def test_without_script_every_number_leads_to_its_provenance(
    browser: Browser, address: str
) -> None:
    with browser.new_context(base_url=address, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(SHEET)
        page.locator("#line-1 td.final a").click()
        expect(page).to_have_url(f"{address}{SHEET}/lines/1")
        expect(page.locator("main")).to_contain_text("273.8 ÷ 378.1")
        page.get_by_role("link", name="填报得分").first.click()
        expect(page.locator("main")).to_contain_text("叶子哈希")
        page.locator("#as_of").fill("2001-01-01")
        page.get_by_role("button", name="查看").click()
        expect(page.locator("h1")).to_contain_text("没有位置")


def test_the_keyboard_reaches_what_the_mouse_does(page: Page) -> None:
    page.goto(SHEET)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("#line-1 td.final a").focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#panel .panel-open")).to_be_focused()


def test_the_language_and_the_unit_are_kept_in_the_address(page: Page) -> None:
    page.goto(SHEET)
    page.get_by_role("link", name="English").click()
    page.locator(".tools a.switch").first.click()
    expect(page.locator("table.money").first).to_contain_text("3,781,000.00")
    page.get_by_role("link", name="Deductions").first.click()
    assert "lang=en" in page.url
    assert "money=yuan" in page.url


def test_a_past_view_shows_the_banner(page: Page) -> None:
    page.goto(SHEET)
    page.locator("#as_of").fill("2999-12-31")
    page.keyboard.press("Enter")
    expect(page.locator(".past")).to_contain_text("2999-12-31 23:59:59")
    page.get_by_role("link", name="回到现在").click()
    expect(page.locator(".past")).to_have_count(0)


def test_it_prints_on_a4_landscape(page: Page) -> None:
    page.goto(SHEET)
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    # A4 landscape in points: 841.9 × 595.3.
    assert b"/MediaBox [0 0 841.9" in printed or b"/MediaBox [0 0 842" in printed


# ------------------------------------------------------------------------------ forms that filter

PHONE = {"width": 390, "height": 844}


def test_words_are_looked_for_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/search")
    # The field is ready for words, and Enter asks.
    expect(page.locator("#f-q")).to_be_focused()
    page.keyboard.type("执行率")
    page.keyboard.press("Enter")
    expect(page.locator(".hit")).not_to_have_count(0)
    expect(page.locator("mark").first).to_have_text("执行率")
    expect(page.locator("#f-q")).to_have_value("执行率")
    page.locator(".hit a[href^='/facts/']").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("叶子哈希")


def test_without_script_one_filters_and_turns_pages(browser: Browser, address: str) -> None:
    with browser.new_context(base_url=address, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/")
        page.get_by_role("navigation", name="主导航").get_by_role("link", name="得分变动").click()
        page.locator("details.asking > summary").click()
        page.get_by_label("变动种类").select_option("declared")
        page.get_by_label("财政年度").fill("2024")
        page.get_by_label("每页行数").fill("5")
        page.get_by_role("button", name="查询").click()
        expect(page.locator("table.changes tbody tr")).to_have_count(5)
        first = page.locator("table.changes tbody tr").first.inner_text()
        page.get_by_role("link", name="下一页").click()
        expect(page.locator("table.changes tbody tr").first).not_to_have_text(first)
        # What was asked stays on the form.
        expect(page.get_by_label("变动种类")).to_have_value("declared")
        expect(page.get_by_label("财政年度")).to_have_value("2024")
        page.get_by_role("link", name="回到第一页").click()
        assert page.locator("table.changes tbody tr").first.inner_text() == first
        page.locator("details.asking > summary").click()
        page.get_by_role("link", name="清空条件").click()
        expect(page.get_by_label("财政年度")).to_have_value("")


def test_a_problem_leads_to_its_field(browser: Browser, address: str) -> None:
    with browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.goto("/adjustments?year=x&kind=nonsense")
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("有 2 处要改")
        alert.get_by_role("link", name="财政年度").click()
        assert page.url.endswith("#f-year")
        year = page.get_by_label("财政年度")
        expect(year).to_have_value("x")
        expect(year).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("种类")).to_have_value("nonsense")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        SHEET,
        "/search?q=执行率&year=2022",
        "/score-changes?limit=9&lang=en",
        "/adjustments?year=x",
        "/findings?limit=9",
        "/docs",
    ],
)
def test_a_phone_needs_no_scrolling_sideways(browser: Browser, address: str, path: str) -> None:
    with browser.new_context(base_url=address, viewport=PHONE) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        expect(page.locator("#as_of")).to_be_visible()
        rows = page.locator("table.stack tbody tr")
        if rows.count():
            # A row is a card that tells what each of its values is.
            label = rows.first.locator("td").first
            content = label.evaluate("one => getComputedStyle(one, '::before').content")
            assert content.strip('"') == label.get_attribute("data-label")


@pytest.mark.parametrize("path", ["/findings", "/findings?year=2024"])
def test_on_a_phone_the_results_come_before_the_form(
    browser: Browser, address: str, path: str
) -> None:
    with browser.new_context(base_url=address, viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.goto(path)
        form, first = page.locator("form.ask"), page.locator(".finding").first
        expect(form).to_be_hidden()
        box = first.bounding_box()
        assert box is not None
        assert box["y"] < 844
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.locator("details.asking > summary").click()
        expect(form).to_be_visible()
        page.get_by_label("疑点", exact=True).select_option("score-rule")
        page.get_by_role("button", name="查询").click()
        expect(page.locator("details.asking > summary")).to_contain_text("得分与规则不符")
        for other in ("/adjustments?year=2024", "/score-changes?year=2024", "/search?q=预算"):
            page.goto(other)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, other
