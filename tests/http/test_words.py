"""What people read: names of filters in files, amounts as typed, grades from the best down."""

import re
from pathlib import Path

import msgspec
import pytest
from fastapi.testclient import TestClient

from api.asked import NAMES
from api.finding_names import FINDING_NAMES
from domain.scoring.grades import best_first
from projections.adjustments import AdjustmentFilter
from projections.findings import FindingFilter
from projections.score_history import ChangeFilter
from projections.search import SearchFilter
from tests.cli.support import Cli
from tests.support.site import QIAOXI

CHECKS = Path(__file__).resolve().parents[2] / "domain" / "crosschecks"


@pytest.fixture
def cli(loaded: Path) -> Cli:
    """The command line on the same eight evaluations."""
    return Cli(loaded)


@pytest.mark.parametrize("kind", [AdjustmentFilter, ChangeFilter, FindingFilter, SearchFilter])
def test_every_filter_has_a_name_for_people(kind: type[msgspec.Struct]) -> None:
    assert {name.rstrip("_") for name in kind.__struct_fields__} <= set(NAMES)


def test_every_check_has_a_name() -> None:
    code = re.compile(r'"([a-z]+(?:-[a-z]+)+)"')
    found = {one for path in CHECKS.glob("*.py") for one in code.findall(path.read_text("utf-8"))}
    assert found == set(FINDING_NAMES)


def test_a_file_says_what_was_asked_in_the_words_of_the_pages(client: TestClient) -> None:
    asked = "log=130104&year=2024&kind=supplemented&excluded=true&least=5000000"
    text = client.get(f"/api/adjustments.csv?{asked}").text
    for said in (
        "条件,区划（日志） = 130104",
        "条件,财政年度 = 2024",
        "条件,种类 = 追加",
        "条件,计入调整率 = 不计入",
        "条件,至少（万元） = 5",
    ):
        assert said in text
    assert "log_id" not in text
    findings = client.get("/api/findings.csv?code=score-rule&lang=en").text
    assert "asked for,Finding = a score that its rule does not give (score-rule)" in findings
    machine = client.get(f"/api/adjustments.ndjson?{asked}").text.splitlines()[0]
    assert '"least_fen":"5000000"' in machine


def test_an_empty_range_is_told_as_it_was_typed(cli: Cli, client: TestClient) -> None:
    told = cli("adjustments", "--least", "5", "--most", "1.5").flat
    assert "5万元大于--most（1.5万元）" in told
    page = client.get("/adjustments?least_wan=5&most_wan=1.5").text
    assert "5 万元 大于 至多（1.5 万元）" in page
    api = client.get("/api/adjustments?least=500&most=100").json()["title"]
    assert "500 分（0.0005 万元）" in api


def test_a_distribution_of_grades_on_a_business_date_says_what_to_ask_instead(
    cli: Cli, client: TestClient
) -> None:
    told = cli("year", "2024", "--grades", "--effective-on", "2024-10-01")
    assert told.err.split()[0] == "effective-on.no-meaning"
    assert "--estimate" in told.flat
    answer = client.get("/api/years/2024/grades?effective_on=2024-10-01").json()
    assert "/estimates" in answer["detail"]
    other = client.get("/api/score-changes?effective_on=2024-10-01").json()
    assert "/estimates" not in other["detail"]


def test_grades_stand_from_the_best_down() -> None:
    given = dict.fromkeys(["", "不合格", "中", "优", "差", "甲", "良", "合格"], 1)
    assert list(best_first(given)) == ["优", "良", "中", "合格", "差", "不合格", "甲", ""]


def test_a_year_says_of_how_many_units_and_forms_its_figures_speak(cli: Cli) -> None:
    said = re.sub(r"\s+", "", cli("year", "2024").out)
    assert "执行率按2个单位计，其中2个只有填报数" in said
    assert "调整率、净调整率只按有台账的0个单位计" in said
    assert "平均分按有总分的2份计（共2份）" in said
    assert "净调整率%" in said
    assert "净额率" not in said


@pytest.mark.parametrize("path", ["/score-changes", "/findings", "/search?q=预算执行率"])
def test_each_row_says_of_which_county_it_is(client: TestClient, path: str) -> None:
    and_more = "&" if "?" in path else "?"
    text = client.get(f"{path}{and_more}unit=xfj&limit=1000").text
    assert all(f"{county}/xfj" in text for county in ("130104", "410106"))


def test_pages_of_rows_say_how_many_there_are(client: TestClient) -> None:
    known = len(client.get(f"/api/score-changes?evaluation={QIAOXI}&limit=1000").json()["changes"])
    assert f"共 <b>{known}</b> 条" in client.get(f"/score-changes?evaluation={QIAOXI}&limit=5").text
    findings = len(client.get("/api/findings").json())
    assert f"共 <b>{findings}</b> 条" in client.get("/findings?limit=5").text


def test_a_finding_is_chosen_from_a_list(client: TestClient) -> None:
    text = client.get("/findings?code=score-rule").text
    assert '<option value="score-rule" selected>得分与规则不符</option>' in text
    assert text.count("<option value=") > len(FINDING_NAMES)


def test_a_form_that_is_filled_in_is_folded_and_says_what_was_asked(client: TestClient) -> None:
    blank, filled = client.get("/findings").text, client.get("/findings?year=2024").text
    wrong, none = client.get("/findings?year=x").text, client.get("/findings?as_of=2001-01-01").text
    # There is something to see, which the form would push down on a phone.
    assert '<details class="asking">' in blank
    assert '<details class="asking" open>' in none
    assert '<details class="asking">' in filled
    assert "财政年度 <b>2024</b>" in filled
    assert '<details class="asking" open>' in wrong
