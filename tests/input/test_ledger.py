"""The ledger in a file: its basis, its reconciliation, and what it says across files."""

import pytest

from adapters.input_files import Source
from domain.facts.form import ScoreCalculated
from domain.facts.ledger import Basis, LedgerOpened, LedgerReconciled, ScopeTotal
from domain.problems import Problem, Rejected
from tests.input.support import load, text
from tests.support.memory_store import MemoryStore

HEAD = """\
division: "431122"
unit: {code: jyj, name: 教育局}
fiscal_year: 2024
document: 报告
"""
ENTRIES = """\
  entries:
    - {entry: initial_budget, lines: [{amount: 80, kind: 基本支出}, {amount: 20, kind: 项目支出, project: xm}]}
    - {entry: supplement, amount: 10, source: 上级专项, document_number: 甲〔2024〕1号, line: {project: xm}}
    - {entry: payment, voucher: p1, amount: 270000, unit: 元, paid_on: 2024-07-01, line: {project: xm}}
"""
WHOLE = "{initial: 100, adjusted: 110, outturn: 27}"
PROJECT = "{project: xm, initial: 20, adjusted: 30, outturn: 27}"
FORM = """\
evaluations:
  - level: project
    code: xm
    place: 附件1
    rule_set: 国家-2020
    figures: {ADJUSTED_BUDGET: 30, OUTTURN: 15}
    lines: [{path: 预算执行率}]
"""


def reconciled(*totals: str) -> str:
    listed = ", ".join(totals)
    return f"  reconciliation: {{through: 2024-12-31, totals: [{listed}]}}\n"


def refused(store: MemoryStore, *sources: Source) -> tuple[Problem, ...]:
    with pytest.raises(Rejected) as rejected:
        load(store, *sources)
    return rejected.value.problems


def opened(store: MemoryStore) -> list[Basis]:
    log = store.read_log("431122", limit=100)
    return [one.fact.basis for one in log if isinstance(one.fact, LedgerOpened)]


def points(store: MemoryStore) -> list[str]:
    log = store.read_log("431122", limit=100)
    return [str(one.fact.points) for one in log if isinstance(one.fact, ScoreCalculated)]


def test_a_reconciliation_states_its_totals_by_scope_in_fen() -> None:
    store = MemoryStore()
    load(store, text(HEAD + "ledger:\n" + ENTRIES + reconciled(WHOLE, PROJECT)))
    fact = store.read("431122", "431122/jyj/2024/ledger")[-1].fact
    assert isinstance(fact, LedgerReconciled)
    assert str(fact.through) == "2024-12-31"
    assert fact.totals == (
        ScopeTotal(None, 100_000_000, 110_000_000, 27_000_000),
        ScopeTotal("xm", 20_000_000, 30_000_000, 27_000_000),
    )


def test_a_reconciliation_may_have_its_own_unit_and_stand_alone() -> None:
    store = MemoryStore()
    load(store, text(HEAD + "ledger:\n" + ENTRIES))
    alone = "{through: 2024-12-31, unit: 元, totals: {initial: 1000000, adjusted: 1100000, outturn: 270000}}"
    load(store, text(HEAD + f"ledger: {{reconciliation: {alone}}}\n"))
    assert isinstance(store.read("431122", "431122/jyj/2024/ledger")[-1].fact, LedgerReconciled)


def test_before_it_the_declared_figures_rule_and_after_it_the_entries() -> None:
    before, after = MemoryStore(), MemoryStore()
    load(before, text(HEAD + "ledger:\n" + ENTRIES + FORM))
    load(after, text(HEAD + "ledger:\n" + ENTRIES + reconciled(PROJECT) + FORM))
    assert (points(before), points(after)) == (["5"], ["9"])


def test_totals_that_the_entries_do_not_give_are_refused_at_the_very_figure() -> None:
    store = MemoryStore()
    wrong = "{initial: 100, adjusted: 111, outturn: 28}"
    problems = refused(store, text(HEAD + "ledger:\n" + ENTRIES + reconciled(wrong)))
    assert [(one.code, one.place) for one in problems] == [
        ("ledger.sums-differ", "a.yaml:10:75 ledger.reconciliation.totals[0].adjusted"),
        ("ledger.sums-differ", "a.yaml:10:89 ledger.reconciliation.totals[0].outturn"),
    ]
    assert store.logs() == []


def test_it_is_imported_once_and_a_changed_one_is_refused() -> None:
    store = MemoryStore()
    content = HEAD + "ledger:\n" + ENTRIES + reconciled(WHOLE)
    first = load(store, text(content))
    assert [one.receipt for one in load(store, text(content))] == [one.receipt for one in first]
    (problem,) = refused(store, text(content.replace("2024-12-31", "2024-11-30")))
    assert problem.message.zh == "对账 through：已导入的是“2024-12-31”，文件现为“2024-11-30”"


def test_a_file_that_leaves_the_basis_open_takes_the_one_that_another_writes() -> None:
    form, ledger = text(HEAD + FORM, "a.yaml"), text(HEAD + "ledger:\n  basis: ledger\n" + ENTRIES)
    together, one_by_one = MemoryStore(), MemoryStore()
    load(together, form, ledger)
    load(one_by_one, ledger)
    load(one_by_one, form)
    load(one_by_one, form)
    assert opened(together) == opened(one_by_one) == [Basis.LEDGER]
    assert points(together) == points(one_by_one) == ["9"]


def test_two_files_that_write_different_bases_are_refused() -> None:
    declared = text(HEAD + "ledger: {basis: declared}\n" + FORM, "a.yaml")
    ledger = text(HEAD + "ledger:\n  basis: ledger\n" + ENTRIES, "b.yaml")
    (problem,) = refused(MemoryStore(), declared, ledger)
    assert (problem.code, problem.place) == ("input.clash", "b.yaml:6:10 ledger.basis")
    assert "a.yaml:5:17" in problem.message.zh


def test_a_basis_never_changes_and_the_way_on_is_a_reconciliation() -> None:
    store = MemoryStore()
    load(store, text(HEAD + FORM))
    (problem,) = refused(store, text(HEAD + "ledger:\n  basis: ledger\n" + ENTRIES))
    assert problem.code == "import.ledger-basis"
    assert "reconciliation" in problem.todo.zh
    load(store, text(HEAD + "ledger:\n" + ENTRIES + reconciled(WHOLE)))


def test_amounts_that_are_refused_are_named_in_place() -> None:
    entries = """\
ledger:
  entries:
    - {entry: initial_budget, lines: [{amount: 1}, {amount: -3}]}
    - {entry: reversal, voucher: nobody, amount: 1}
"""
    problems = refused(MemoryStore(), text(HEAD + entries))
    assert [(one.code, one.place) for one in problems] == [
        ("ledger.amount-not-positive", "a.yaml:7:61 ledger.entries[0].lines[1].amount"),
        ("ledger.voucher-unknown", "a.yaml:8:34 ledger.entries[1].voucher"),
    ]


def test_a_changed_and_a_removed_entry_are_named_by_voucher_in_wan_yuan() -> None:
    store = MemoryStore()
    payments = [
        f"    - {{entry: payment, voucher: p{n}, amount: {n}, line: {{project: xm}}}}\n"
        for n in "234"
    ]
    load(store, text(HEAD + "ledger:\n" + ENTRIES + "".join(payments)))
    payments[2:] = [payments[2].replace("amount: 4", "amount: 4.5")]
    changed = HEAD + "ledger:\n" + ENTRIES + payments[0] + payments[2]
    problems = refused(store, text(changed))
    assert [(one.place, one.message.zh) for one in problems] == [
        ("a.yaml:5:1 ledger", "支付 p3：已导入的是有，文件现为没有"),
        ("a.yaml:11:7 ledger.entries[4]", "支付 p4 amount：已导入的是“4 万元”，文件现为“4.5 万元”"),
    ]


@pytest.mark.slow
def test_twenty_thousand_payments_fit_in_one_file() -> None:
    store = MemoryStore()
    payments = "".join(
        f'    - {{entry: payment, voucher: "{n:05}", amount: {n}.25, unit: 元, '
        f"paid_on: 2024-{n % 12 + 1:02}-15, line: {{project: p{n % 7}, economic: '30201'}}}}\n"
        for n in range(20_000)
    )
    load(store, text(HEAD + "ledger:\n  entries:\n" + payments))
    assert len(store.read("431122", "431122/jyj/2024/ledger")) == 20_001
