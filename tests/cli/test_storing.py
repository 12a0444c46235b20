"""The commands that store and mend, and what the reading ones say afterwards."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from adapters.settings import Settings
from api.bootstrap import Liuhen, bootstrap
from domain.commands import Book, Booking, Command, CorrectEntry, OpenLedger, VireBetweenUnits
from domain.facts.envelope import Context, Role, on
from domain.facts.ledger import (
    Basis,
    BudgetLine,
    BudgetReduced,
    BudgetSupplemented,
    Exclusion,
    FundSource,
    InitialBudgetApproved,
)
from domain.store import Receipt
from tests.cli.support import QIAOXI, ROOT, Cli

WAN = 1_000_000
LEDGER = "130104/xfj/2024/ledger"
DOCUMENT = """\
format: liuhen/1
division: "130104"
unit: {code: xfj, name: 信访局}
fiscal_year: 2024
document: 报告
rule_set: 桥西-2024
evaluations:
  - level: department
    place: 表
    figures:
      INITIAL_BUDGET: {value: 100, place: 一}
"""


# ---------------------------------------------------------------------------------------- import


def test_an_import_says_what_it_stored_and_again_stores_nothing(empty: Cli) -> None:
    file = str(ROOT / "examples" / "documents" / "qiaoxi-2024.yaml")
    first, again = empty("import", file), empty("import", file)
    assert (first.code, again.code) == (0, 0)
    assert "1 份自评" in first.out
    assert "新增 0 条事实" in again.out
    assert "此前已导入" in again.out
    assert empty("import", file, "--lang", "en").out.startswith("1 files imported")
    assert empty("import", file, "--json").json["evaluations"] == [QIAOXI]


def test_a_file_with_mistakes_is_told_whole_and_nothing_is_stored(
    empty: Cli, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(DOCUMENT, "utf-8")
    bad.write_text(DOCUMENT.replace("2024\n", "20x4\n").replace("100", "abc"), "utf-8")
    outcome = empty("import", str(good), str(bad))
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.count("→") >= 2
    assert outcome.err.count("bad.yaml") >= 2
    assert empty("list", "--json").json["evaluations"] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_files_that_cannot_be_read_are_all_named(empty: Cli, tmp_path: Path, lang: str) -> None:
    outcome = empty("import", str(tmp_path / "none.yaml"), str(tmp_path), "--lang", lang)
    assert outcome.code == 1
    assert outcome.err.count("import.unreadable-file") == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff\xfe", b"[]", b"a: &x [*x]", "甲: 乙".encode("gb18030"), b"{" * 5000],
    ids=["empty", "bytes", "list", "loop", "gb18030", "deep"],
)
def test_a_file_that_is_something_else_is_refused_with_a_code(
    empty: Cli, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(content)
    outcome = empty("import", str(file))
    assert (outcome.code, outcome.out) == (1, "")
    assert "x.yaml" in outcome.err
    assert "→" in outcome.err


def test_changed_content_is_refused_with_the_difference(empty: Cli, tmp_path: Path) -> None:
    file = tmp_path / "form.yaml"
    file.write_text(DOCUMENT, "utf-8")
    assert empty("import", str(file)).code == 0
    file.write_text(DOCUMENT.replace("100", "101"), "utf-8")
    outcome = empty("import", str(file))
    assert outcome.code == 1
    assert "import.content-changed" in outcome.err
    assert "100" in outcome.err
    assert "101" in outcome.err


# ----------------------------------------------------------------------------------- adjustments


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2024, 10, day, hour, tzinfo=UTC)


class Bookkeeper:
    """A bookkeeper: one command after the other, at days of October 2024."""

    def __init__(self, liuhen: Liuhen) -> None:
        self.liuhen = liuhen
        self.count = 0

    def do(self, command: Command, day: int, *, live: bool = True) -> Receipt:
        self.count += 1
        context = Context(
            now=at(day),
            actor="bookkeeper",
            role=Role.FINANCE_CLERK,
            organisation="财政局",
            live=live,
        )
        return self.liuhen.handle(command, context, command_id=f"test-{self.count}")


@pytest.fixture
def story(empty: Cli) -> Cli:
    """Two units: 追加 110 corrected to 101, 追减 5 that does not count, 调剂 20 between them."""
    with bootstrap(Settings(data_dir=empty.data)) as liuhen:
        book = Bookkeeper(liuhen)
        for unit, name in (("xfj", "信访局"), ("jyj", "教育局")):
            ledger = f"130104/{unit}/2024/ledger"
            book.do(OpenLedger(ledger=ledger, unit_name=name, basis=Basis.LEDGER), 1)
            initial = InitialBudgetApproved(lines=(BudgetLine(200 * WAN),))
            book.do(Book(ledger=ledger, entries=(Booking(fact=initial),)), 1, live=False)
        supplement = BudgetSupplemented(
            amount=110 * WAN,
            source=FundSource.EARMARKED_TRANSFER,
            document="财预〔2024〕甲号",
            reason="上级专项下达",
        )
        booking = Booking(fact=supplement, effective=on(at(2).date()))
        receipt = book.do(Book(ledger=LEDGER, entries=(booking,)), 2)
        reduced = BudgetReduced(amount=5 * WAN, excluded=Exclusion.POLICY)
        book.do(Book(ledger=LEDGER, entries=(Booking(fact=reduced),)), 3, live=False)
        target = liuhen.store.read("130104", LEDGER)[receipt.facts[0].version - 1]
        book.do(
            CorrectEntry(
                stream=LEDGER,
                target=target.envelope.event_id,
                replacement=BudgetSupplemented(
                    amount=101 * WAN,
                    source=FundSource.EARMARKED_TRANSFER,
                    document="财预〔2024〕乙号",
                    reason="上级专项下达",
                ),
                effective=on(at(2).date()),
                reason="录入有误",
                document="更正单",
            ),
            9,
        )
        book.do(
            VireBetweenUnits(
                transfer="t1",
                from_ledger=LEDGER,
                to_ledger="130104/jyj/2024/ledger",
                amount=20 * WAN,
                document="财预〔2024〕丙号",
                reason="工作任务划转",
                effective=on(at(10).date()),
            ),
            10,
        )
    return empty


def test_adjustments_show_papers_chains_and_balances(story: Cli) -> None:
    out = story("adjustments").out
    for words in ("信访局 2024", "教育局 2024", "+101.00", "301.00", "更正：110.00 → 101.00"):
        assert words in out
    for words in ("财预〔2024〕乙号", "无文号", "上级专项", "国家政策", "-20.00", "+20.00"):
        assert words in out
    assert "+1,010,000.00" in story("adjustments", "--yuan").out
    english = Cli(story.data, 200)("adjustments", "--lang", "en").out
    assert "corrected: 110.00 → 101.00" in english
    assert "no paper" in english


def test_events_of_a_ledger_say_what_they_hold(story: Cli) -> None:
    rows = [line.split() for line in story("events", LEDGER).out.splitlines()]
    said = [" ".join(row[2:-3]) for row in rows if row and row[0].isdigit()]
    assert said == [
        "建立台账",
        "年初预算批复",
        "追加 110.00 万元 · 财预〔2024〕甲号",
        "追减 5.00 万元",
        "更正 101.00 万元 · 财预〔2024〕乙号 · 更正单",
        "调剂 20.00 万元 · 财预〔2024〕丙号",
    ]


def test_before_the_correction_the_supplement_was_110(story: Cli) -> None:
    then = story("adjustments", "--as-of", "2024-10-08", "--json").json["adjustments"]
    assert [(one["amount"], one["balance"]) for one in then] == [("110", "310"), ("-5", "305")]
    now = story("adjustments", "--unit", "信访", "--json").json["adjustments"]
    assert [(one["amount"], one["balance"]) for one in now] == [
        ("101", "301"),
        ("-5", "296"),
        ("-20", "276"),
    ]
    assert now[0]["chain"] == ["110", "101"]
    assert (
        story("adjustments", "--as-of", "2024-10-08", "--group-by", "unit", "--json").json[
            "groups"
        ][0]["net"]
        == "105"
    )


@pytest.mark.parametrize(
    ("options", "amounts"),
    [
        (["--kind", "追加"], ["101"]),
        (["--kind", "VIRED"], ["20", "-20"]),
        (["--source", "上级专项"], ["101"]),
        (["--month", "2024-10"], ["20", "101", "-20"]),
        (["--month", "unknown"], ["-5"]),
        (["--document", "财预〔2024〕甲号"], ["101"]),
        (["--direction", "调减"], ["-5", "-20"]),
        (["--excluded"], ["-5"]),
        (["--counted", "--unit", "xfj"], ["101", "-20"]),
        (["--document", "无此文号"], []),
        (["--year", "2023"], []),
        (["--project", "p"], []),
    ],
)
def test_adjustments_can_be_filtered(story: Cli, options: list[str], amounts: list[str]) -> None:
    found = story("adjustments", *options, "--json").json["adjustments"]
    assert [one["amount"] for one in found] == amounts


def test_adjustments_can_be_summed(story: Cli) -> None:
    by_kind = story("adjustments", "--group-by", "种类", "--json").json["groups"]
    sums = {one["key"][0]: (one["count"], one["gross"], one["net"]) for one in by_kind}
    assert sums == {
        "supplemented": (1, "101", "101"),
        "reduced": (1, "5", "-5"),
        "vired": (2, "20", "0"),
    }
    out = story("adjustments", "--group-by", "unit", "--group-by", "month").out
    assert "信访局" in out
    assert "不明" in out
    assert "调剂" in story("adjustments", "--group-by", "kind", "--as-of", "2024-10-31").out


# ------------------------------------------------------------------------------ rebuild, migrate


def test_a_rebuild_gives_the_same_answers(story: Cli) -> None:
    before = story("adjustments", "--json").out
    outcome = story("rebuild")
    assert outcome.code == 0
    assert "1 个日志" in outcome.out
    assert story("adjustments", "--json").out == before
    assert story("rebuild", "--json").json["stopped"] == []
    assert "rebuilt" in story("rebuild", "--lang", "en").out


def test_views_of_another_version_ask_for_a_rebuild(story: Cli) -> None:
    with (
        bootstrap(Settings(data_dir=story.data)) as liuhen,
        liuhen.database.transaction() as connection,
    ):
        connection.execute(text("UPDATE view_generations SET projection_version = 99"))
    outcome = story("list")
    assert outcome.code == 1
    assert "views.outdated" in outcome.err
    assert "liuhen rebuild" in outcome.err
    assert story("rebuild").code == 0
    assert story("list").code == 0


def test_a_database_of_ones_own_is_migrated_by_command(tmp_path: Path) -> None:
    cli = Cli(tmp_path / "data")
    url = f"sqlite:///{tmp_path}/own.sqlite3"
    refused = cli("list", LIUHEN_DATABASE_URL=url)
    assert (refused.code, refused.out) == (1, "")
    assert "store.not-migrated" in refused.err
    assert "liuhen migrate" in refused.err
    assert cli("migrate", "--json", LIUHEN_DATABASE_URL=url).json["before"] == "-"
    assert "已是" in cli("migrate", LIUHEN_DATABASE_URL=url).out
    assert cli("list", LIUHEN_DATABASE_URL=url).code == 0
    assert not cli.data.exists()


def test_settings_that_cannot_be_are_named_without_their_password(empty: Cli) -> None:
    for url in ("mysql://u:geheim@h/d", "postgresql://u:geheim@h/d", "geheim"):
        outcome = empty("list", LIUHEN_DATABASE_URL=url)
        assert outcome.code == 1
        assert "LIUHEN_DATABASE_URL" in outcome.err
        assert "geheim" not in outcome.err
    assert "不支持 mysql" in empty("list", LIUHEN_DATABASE_URL="mysql://u@h/d").err
    english = empty("list", "--lang", "en", LIUHEN_DATABASE_URL="mysql://u@h/d").err
    assert "mysql is not supported" in english
    assert Settings(database_url=SecretStr("sqlite:///x")).embedded is False
