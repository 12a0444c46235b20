"""``explain`` tells of a line that a form has no more how it went, and what it said before."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import URL

from domain.commands import Redact, WithdrawIndicator
from domain.facts.envelope import Role
from domain.facts.form import IndicatorsSet, IndicatorWithdrawn, ScoreDeclared, Subject
from domain.scoring.indicators import Indicator
from domain.store import Receipt
from tests.cli.support import Cli, Outcome
from tests.projections.stage import TABLE, Stage, sql_stage
from tests.support.scenario import EXECUTION, FORM

VISITS = Indicator(line="2", path=("产出", "数量", "接访批次"), max_points=Decimal(20))
YEARS = Indicator(line="3", path=("产出", "数量", "2024年结案率"), max_points=Decimal(10))
REASON, DOCUMENT = "并入第1行", "信发〔2025〕3号"
GUARD = ("guard", Role.SECURITY_ADMINISTRATOR)
Ask = Callable[..., Outcome]


@pytest.fixture
def stage(url: URL) -> Iterator[Stage]:
    """A form with three lines, the second of which has a declared score."""
    found = sql_stage(url)
    found.with_ledger().with_initial(100)
    found.paid("98", "v1")
    found.with_form(EXECUTION, VISITS, YEARS).calculated()
    found.enter(ScoreDeclared(subject=Subject.LINE, line="2", points=Decimal(18), place=TABLE))
    found.at(2025, 3, 10)
    yield found
    found.close()


@pytest.fixture
def ask(stage: Stage, url: URL, tmp_path: Path) -> Ask:
    """What the command line says of the form on the stage."""
    line = Cli(tmp_path / "data", columns=160)

    def run(*args: str, **env: str) -> Outcome:
        stage.runner.catch_up()
        database = url.render_as_string(hide_password=False)
        return line(*args, LIUHEN_DATABASE_URL=database, **env)

    return run


def withdrawn(stage: Stage) -> Receipt:
    command = WithdrawIndicator(form=FORM, line="2", document=DOCUMENT, reason=REASON)
    return stage.given(command)


def test_it_is_said_when_by_whom_and_on_what_a_line_was_withdrawn(stage: Stage, ask: Ask) -> None:
    [fact] = withdrawn(stage).facts

    chinese, english = ask("explain", FORM, "2"), ask("explain", FORM, "2", "--lang", "en")

    assert (chinese.code, chinese.err, english.code) == (0, "", 0)
    for said in (
        "这一行已经撤销", f"撤销指标 #{fact.position}", "2025-03-10 16:00", "单位填报人 clerk",
        DOCUMENT, REASON, "撤销之前", "接访批次",
    ):  # fmt: skip
        assert said in chinese.out, said
    for said in ("This line was withdrawn", "indicator withdrawn", "Before it was withdrawn"):
        assert said in english.out, said
    # What it said before, with its facts, and how its score changed until it was gone.
    before, after = chinese.out.split("撤销之前")
    assert "18" not in before
    for said in ("填报", "18 (", "依据的事实", "附件1", "得分变动", "指标行变动"):
        assert said in after, said


def test_a_machine_is_told_the_same(stage: Stage, ask: Ask) -> None:
    before = ask("explain", FORM, "2", "--json").json
    [fact] = withdrawn(stage).facts

    found = ask("explain", FORM, "2", "--json").json

    assert (before["withdrawn"], set(found)) == (None, set(before))
    gone = found["withdrawn"]
    assert (gone["line"], gone["path"], gone["max_points"]) == ("2", list(VISITS.path), "20")
    assert gone["fact"]["position"] == fact.position
    assert (gone["fact"]["role"], gone["fact"]["actor"]) == ("UNIT_CLERK", "clerk")
    assert (gone["fact"]["document"], gone["reason"]["body"]) == (DOCUMENT, REASON)
    assert (found["line"], found["deduction"]) == (before["line"], before["deduction"])
    assert found["history"][:-1] == before["history"]
    assert found["history"][-1]["position"] == fact.position


def test_before_its_withdrawal_it_is_a_line_like_any_other(stage: Stage, ask: Ask) -> None:
    there = ask("explain", FORM, "2", "--json").json
    withdrawn(stage)
    past = ask("explain", FORM, "2", "--as-of", "2025-03-09", "--json").json
    assert {**past, "as_of": None} == {**there, "as_of": None}
    since = ask("explain", FORM, "2", "--as-of", "2025-03-10", "--json").json
    assert since["withdrawn"] == ask("explain", FORM, "2", "--json").json["withdrawn"]
    counted = ask("explain", FORM, "2", "--effective-on", "2024-12-31", "--json").json
    assert (counted["withdrawn"], counted["estimated"]) == (since["withdrawn"], True)
    assert "推算" in ask("explain", FORM, "2", "--effective-on", "2024-12-31").out


def test_it_is_named_as_any_line_is_and_those_that_are_there_come_first(
    stage: Stage, ask: Ask
) -> None:
    withdrawn(stage)
    for name in ("2", "接访", "接访批次", "产出/数量/接访批次"):
        assert ask("explain", FORM, name, "--json").json["withdrawn"] is not None, name
    # The id of a withdrawn line is no part of the name of another.
    assert ask("explain", FORM, "2024", "--json").json["line"]["line"] == "3"
    # The same indicator under another id is the one that is meant by its name.
    anew = Indicator(line="4", path=VISITS.path, max_points=Decimal(20))
    stage.enter(IndicatorsSet(rows=(EXECUTION, YEARS, anew)))
    assert ask("explain", FORM, "接访批次", "--json").json["withdrawn"] is None
    assert ask("explain", FORM, "2", "--json").json["withdrawn"]["line"] == "2"


def test_its_history_can_be_asked(stage: Stage, ask: Ask) -> None:
    withdrawn(stage)
    found = ask("history", FORM, "--line", "2", "--json").json["history"]
    assert {one["line"] for one in found} == {"2"}
    assert ask("changes", "--line", "2", "--json").json["changes"] != []


def test_a_redacted_reason_is_gone(stage: Stage, ask: Ask) -> None:
    [recorded] = stage.recorded(withdrawn(stage))
    assert isinstance(recorded.fact, IndicatorWithdrawn)
    stage.given(Redact(stream=FORM, digest=recorded.fact.reason or "", ground="个人信息"), GUARD)
    out = ask("explain", FORM, "2").out
    assert REASON not in out
    assert "已删除" in out


def test_rows_set_anew_give_no_reason(stage: Stage, ask: Ask) -> None:
    stage.enter(IndicatorsSet(rows=(EXECUTION,)))
    out = ask("explain", FORM, "2").out
    told = out.split("撤销之前")[0]
    assert "设定指标 #" in told
    assert "未说明" in told


def test_a_line_that_there_never_was_stays_unknown(stage: Stage, ask: Ask) -> None:
    withdrawn(stage)
    for line in ("9", "无此指标"):
        outcome = ask("explain", FORM, line)
        assert (outcome.code, outcome.out) == (1, "")
        assert "line.unknown  LINE" in outcome.err
