"""``liuhen diff`` and ``diff-rules`` on the published documents."""

import pytest

from tests.cli.support import BAYANNUR, QIAOXI, SHANGJIE, SHENZE, Cli


def test_a_moment_with_itself_does_not_differ(cli: Cli) -> None:
    for moment in ("now", "#60", "opened", "建立自评:1"):
        outcome = cli("diff", SHANGJIE, "--from", moment, "--to", moment)
        assert (outcome.code, outcome.err) == (0, "")
        assert "没有差异" in outcome.out


def test_each_change_names_the_fact_that_brought_it(cli: Cli) -> None:
    found = cli("diff", SHANGJIE, "--from", "#60", "--json").json
    assert (found["before"]["position"], found["after"]["position"]) == (60, 125)
    total = next(one for one in found["changes"] if one["field"] == "computed_total")
    assert (total["before"], total["after"]) == (None, "95.81")
    [cause] = total["facts"]
    assert cause["fact"]["type"] == "score-declared"
    assert cause["fact"]["place"]["place"].startswith("自评表")
    reasons = [
        one["after"]["body"]
        for one in found["changes"]
        if (one["part"], one["field"]) == ("line", "reason")
    ]
    assert "拨款不及时，物业发票未到" in reasons
    assert all(one["facts"] for one in found["changes"])


def test_both_languages_say_it(cli: Cli) -> None:
    zh = cli("diff", SHANGJIE, "--from", "#60").out
    en = cli("diff", SHANGJIE, "--from", "#60", "--lang", "en").out
    assert "总分 · 合计得分" in zh
    assert "由何事实" in zh
    assert "computed total" in en
    assert "brought by" in en


def test_two_evaluations_differ_in_what_only_one_has(cli: Cli) -> None:
    found = cli("diff", QIAOXI, SHANGJIE, "--json").json
    assert (found["before"]["evaluation"], found["after"]["evaluation"]) == (QIAOXI, SHANGJIE)
    lines = [one for one in found["changes"] if one["part"] == "line"]
    assert {one["before"] is None for one in lines} == {True, False}
    totals = [one for one in found["changes"] if one["field"] == "computed_total"]
    assert [(one["before"], one["after"]) for one in totals] == [("98", "95.81")]
    mirrored = cli("diff", SHANGJIE, QIAOXI, "--json").json
    assert len(mirrored["changes"]) == len(found["changes"])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (["diff", SHANGJIE, "--from", "published"], "diff.moment-unknown"),
        (["diff", SHANGJIE, "--from", "opened:2"], "diff.moment-unknown"),
        (["diff", SHANGJIE, "--from", "early"], "as-of.malformed"),
        (["diff", SHANGJIE, BAYANNUR, "--from", "1999-01-01"], "diff.not-open"),
        (["diff", "130104/nobody/2024/department"], "evaluation.unknown"),
        (["diff-rules", "国家-2020", "国家-1900"], "rule-set.unknown"),
        (["diff-rules", "国家-2020@9", "国家-2020"], "rule-set.unknown"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_what_there_is(
    cli: Cli, line: list[str], code: str
) -> None:
    outcome = cli(*line)
    assert (outcome.code, outcome.out) == (1, "")
    assert code in outcome.err


def test_two_rule_sets_differ_line_by_line(cli: Cli) -> None:
    found = cli("diff-rules", "上街-2022", "桥西-2024@1", "--json").json
    assert (found["before"]["log_id"], found["after"]["log_id"]) == ("410106", "130104")
    assert found["after"]["cause"]["fact"]["type"] == "rule-set-published"
    parts = {one["part"]["zh"] for one in found["changes"]}
    assert {"规则", "模板行", "等级"} <= parts
    shown = cli("diff-rules", "上街-2022", "桥西-2024").out
    assert f"共 {len(found['changes'])} 处。" in shown
    assert "没有差异" in cli("diff-rules", "410106:上街-2022", "上街-2022").out


def test_a_form_without_a_submission_is_compared_with_its_opening(cli: Cli) -> None:
    found = cli("diff", SHENZE, "--json").json
    assert found["before"]["fact"]["type"] == "evaluation-opened"
