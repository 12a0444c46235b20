"""Importing: whole or not at all, once, and changed content refused with its difference."""

import pytest

from adapters.input_files import Source
from domain.application import handle
from domain.commands import CorrectEntry, OpenLedger, Redact
from domain.facts.envelope import Context, Role
from domain.facts.form import DeductionJustified, ScoreDeclared
from domain.facts.ledger import Basis, BudgetSupplemented
from domain.problems import Problem, Rejected
from domain.store import Recorded
from tests.input.support import CONTEXT, example, examples, load, text, tools
from tests.support.memory_store import MemoryStore

HEAD = """\
division: "130104"
unit: {code: xfj, name: 甲局}
fiscal_year: 2024
document: 报告
"""
FORM = (
    HEAD
    + """\
evaluations:
  - level: department
    place: 附件1
    figures: {OUTTURN: 5, INITIAL_BUDGET: 6}
    lines:
      - {path: 甲, max_points: 10, score: 9, reason: 天冷}
      - {path: 乙, max_points: 10, score: 8}
    totals: {score: 17}
"""
)


def facts(store: MemoryStore, log: str = "130104") -> list[Recorded]:
    return list(store.read_log(log, limit=10_000))


def refused(store: MemoryStore, *sources: Source) -> tuple[Problem, ...]:
    before = {log: store.head(log) for log in store.logs()}
    with pytest.raises(Rejected) as rejected:
        load(store, *sources)
    assert {log: store.head(log) for log in store.logs()} == before
    return rejected.value.problems


def test_the_same_content_again_gives_the_old_receipts() -> None:
    store = MemoryStore()
    first = load(store, *examples())
    heads = {log: store.head(log) for log in store.logs()}
    again = load(store, *examples())
    assert [done.receipt for done in again] == [done.receipt for done in first]
    assert all(done.before for done in again)
    assert not any(done.before for done in first)
    assert {log: store.head(log) for log in store.logs()} == heads


def test_formatting_remarks_and_the_order_of_keys_do_not_matter() -> None:
    store = MemoryStore()
    first = load(store, text(FORM))
    changed = FORM.replace(
        "{OUTTURN: 5, INITIAL_BUDGET: 6}", "{INITIAL_BUDGET: 6, OUTTURN: '5'} # 说明"
    ).replace("{path: 乙, max_points: 10, score: 8}", "{score: 8, path: [乙], max_points: 10}")
    again = load(store, text("# 另一种写法\n" + changed, "b.yaml"))
    assert [done.receipt for done in again] == [done.receipt for done in first]


def test_changed_content_is_refused_with_what_changed_from_what_to_what() -> None:
    store = MemoryStore()
    load(store, text(FORM))
    changed = (
        FORM.replace("score: 8", "score: 8.5")
        .replace("天冷", "天热")
        .replace("OUTTURN: 5", "OUTTURN: 5.1")
    )
    problems = refused(store, text(changed))
    assert [problem.code for problem in problems] == ["import.content-changed"] * 3
    assert [problem.message.zh for problem in problems] == [
        "填报数额 figures.OUTTURN.printed.text：已导入的是“5”，文件现为“5.1”",
        "填报得分 2 points：已导入的是“8”，文件现为“8.5”",
        "扣分说明 1 reason：已导入的是“天冷”，文件现为“天热”",
    ]
    assert problems[1].place == "a.yaml:11:9 evaluations[0].lines[1]"


def test_a_changed_row_is_named_by_its_line() -> None:
    store = MemoryStore()
    load(store, text(FORM))
    (problem,) = refused(
        store, text(FORM.replace("{path: 乙, max_points: 10", "{path: 乙, max_points: 9"))
    )
    assert problem.message.zh == "绩效指标 rows.2.max_points：已导入的是“10”，文件现为“9”"
    assert problem.place == "a.yaml:11:9 evaluations[0].lines[1]"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "    totals: {score: 17}\n",
            "    problems: [人手不足]\n    totals: {score: 17}\n",
            "存在问题：已导入的是没有，文件现为有",
        ),
        (", reason: 天冷", "", "扣分原因和改进措施：已导入的是有，文件现为没有"),
        (
            "    figures: {OUTTURN: 5, INITIAL_BUDGET: 6}\n",
            "",
            "填报数额：已导入的是有，文件现为没有",
        ),
    ],
)
def test_a_part_that_came_or_went_is_a_difference_too(
    before: str, after: str, message: str
) -> None:
    store = MemoryStore()
    load(store, text(FORM))
    assert [
        problem.message.zh for problem in refused(store, text(FORM.replace(before, after)))
    ] == [message]


def test_after_a_crash_between_any_two_steps_importing_again_completes_it() -> None:
    whole = MemoryStore()
    load(whole, *examples())
    expected = {log: [type(one.fact) for one in facts(whole, log)] for log in whole.logs()}
    for survived in range(0, 60, 7):
        store = MemoryStore()
        store.fail_after = survived
        with pytest.raises(ConnectionError):
            load(store, *examples())
        store.fail_after = None
        done = load(store, *examples())
        assert sum(one.before for one in done) <= survived
        assert {
            log: [type(one.fact) for one in facts(store, log)] for log in store.logs()
        } == expected


def test_one_bad_file_keeps_all_of_them_out() -> None:
    store = MemoryStore()
    problems = refused(
        store, *examples(), text(FORM.replace("score: 8", "score: acht").replace("xfj", "乙"))
    )
    assert [problem.code for problem in problems] == ["input.not-a-number"]
    assert store.logs() == []


def test_a_file_with_several_divisions_is_stored_log_by_log() -> None:
    units = FORM.replace("\n", "\n    ").strip()
    other = units.replace('"130104"', '"130128"')
    store = MemoryStore()
    done = load(
        store,
        text(f"units:\n  - {units.replace(chr(10) + '    ', chr(10) + '    ')}\n  - {other}\n"),
    )
    assert store.logs() == ["130104", "130128"]
    assert [one.step.log_id for one in done] == sorted(one.step.log_id for one in done)


def test_an_import_acts_as_importer_and_is_not_live() -> None:
    store = MemoryStore()
    load(store, text(FORM))
    assert {one.envelope.role for one in facts(store)} == {Role.IMPORTER}
    assert {one.envelope.recorded_at for one in facts(store)} == {CONTEXT.now}


def test_a_correction_made_since_does_not_make_the_content_a_changed_one() -> None:
    store = MemoryStore()
    first = load(store, text(FORM))
    (target,) = [
        one for one in facts(store) if isinstance(one.fact, ScoreDeclared) and one.fact.line == "2"
    ]
    assert isinstance(target.fact, ScoreDeclared)
    clerk = Context(now=CONTEXT.now, actor="b", role=Role.UNIT_CLERK, organisation="xfj")
    correction = CorrectEntry(
        stream=target.stream_id,
        target=target.envelope.event_id,
        replacement=target.fact,
        reason="录入有误",
        document="甲〔2025〕1号",
    )
    handle(store, correction, clerk, command_id="c", tools=tools())
    assert [one.receipt for one in load(store, text(FORM))] == [one.receipt for one in first]


def test_after_a_redaction_the_same_content_still_gives_its_receipts() -> None:
    store = MemoryStore()
    first = load(store, text(FORM))
    (fact,) = [one.fact for one in facts(store) if isinstance(one.fact, DeductionJustified)]
    admin = Context(now=CONTEXT.now, actor="s", role=Role.SECURITY_ADMINISTRATOR, organisation="o")
    redact = Redact(stream="130104/xfj/2024/department", digest=fact.reason or "", ground="涉密")
    handle(store, redact, admin, command_id="r", tools=tools())
    assert [one.receipt for one in load(store, text(FORM))] == [one.receipt for one in first]


def test_a_ledger_opened_by_hand_on_the_same_basis_is_taken_as_it_is() -> None:
    store = MemoryStore()
    ledger = "130104/xfj/2024/ledger"
    command = OpenLedger(ledger=ledger, unit_name="甲局", basis=Basis.DECLARED)
    handle(store, command, CONTEXT, command_id="by hand", tools=tools())
    load(store, text(FORM))
    assert len(store.read("130104", ledger)) == 1
    booked = HEAD + "ledger: {basis: ledger, entries: [{entry: supplement, amount: 1}]}\n"
    (problem,) = refused(store, text(booked))
    assert problem.code == "import.ledger-basis"


def test_booked_entries_carry_what_the_file_says_and_no_invented_date() -> None:
    store = MemoryStore()
    content = (
        HEAD
        + """\
ledger:
  basis: ledger
  entries:
    - {entry: initial_budget, lines: [{amount: 100, kind: basic}, {amount: 20.5, kind: project, project: xm}]}
    - {entry: carried_in, lines: 3}
    - {entry: supplement, amount: 10, source: earmarked_transfer, document_number: 甲〔2024〕1号,
       effective: 2024-06-01, exclusion: policy, reason: 上级安排, place: 台账, table: true}
    - {entry: reduction, amount: 1}
    - {entry: clawback, amount: 2}
    - {entry: virement, amount: 3, from_line: {kind: basic}, to_line: {kind: project, project: xm}}
    - {entry: payment, voucher: p1, amount: 1234.56, unit: 元, paid_on: 2024-07-01, line: {purposes: [reception]}}
    - {entry: reversal, voucher: p1, amount: 34.56, unit: 元}
    - {entry: advance, voucher: p2, amount: 5}
    - {entry: prior_year, figures: {PRIOR_THREE_PUBLIC_BUDGET: 3.6}}
"""
    )
    load(store, text(content))
    booked = store.read("130104", "130104/xfj/2024/ledger")[1:]
    assert [type(one.fact).__name__ for one in booked] == [
        "InitialBudgetApproved",
        "FundsCarriedIn",
        "BudgetSupplemented",
        "BudgetReduced",
        "FundsClawedBack",
        "FundsVired",
        "ExpenditureRecorded",
        "ExpenditureReversed",
        "AdvanceRecognised",
        "PriorYearFiguresStated",
    ]
    known = {type(one.fact).__name__ for one in booked if one.envelope.effective.known}
    assert known == {"BudgetSupplemented", "ExpenditureRecorded"}
    supplement = booked[2]
    assert isinstance(supplement.fact, BudgetSupplemented)
    assert supplement.fact.amount == 10_000_000
    assert supplement.envelope.source is not None
    assert (supplement.envelope.source.place, supplement.envelope.source.table) == ("台账", True)
    assert store.text_bodies("130104", [supplement.fact.reason or ""]) != {}


def test_evidence_is_attached_before_it_bears_anything() -> None:
    store = MemoryStore()
    sha = "ab" * 32
    content = FORM.replace(
        "score: 8}",
        f"score: 8, actual: 80%, evidence: [{{sha256: {sha.upper()}, size: 12, title: 台账}}]}}",
    )
    load(store, text(content))
    names = [type(one.fact).__name__ for one in facts(store)]
    assert names.index("EvidenceAttached") < names.index("ActualEntered")


def test_a_published_rule_set_can_be_named_and_an_adopted_version_stays() -> None:
    store = MemoryStore()
    inline = """\
    rule_set:
      name: 甲
      version: "1"
      title: 甲规则
      rules: {按比例: {rule: PROPORTIONAL}}
      templates: [{line: "1", path: [甲], max_points: "100", rule: 按比例}]
"""
    load(store, text(FORM.replace("    figures:", inline + "    figures:")))
    named = FORM.replace("    figures:", "    rule_set: 甲\n    figures:").replace(
        "fiscal_year: 2024", "fiscal_year: 2025"
    )
    first = load(store, text(named))
    newer = FORM.replace("    figures:", inline.replace('"1"\n', '"2"\n') + "    figures:").replace(
        "fiscal_year: 2024", "fiscal_year: 2026"
    )
    load(store, text(newer))
    again = load(store, text(named))
    assert [one.receipt for one in again] == [one.receipt for one in first]


def test_the_example_of_a_whole_document_changed_by_one_score() -> None:
    store = MemoryStore()
    load(store, *examples())
    source = example("shenze-2023")
    changed = Source(source.name, source.data.replace(b"score: 87", b"score: 88"))
    (problem,) = refused(store, changed)
    assert problem.place == "shenze-2023.yaml:18:5 evaluations[0].totals"
    assert problem.message.zh == "填报得分 TOTAL points：已导入的是“87”，文件现为“88”"
