"""All checks together: their order, their ids, and the five published documents."""

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest

from adapters.input_files import import_documents, rule_sets_in, source
from domain import crosschecks
from domain import ledger as ledgers
from domain.application import Tools
from domain.crosschecks import CHECKS, Case
from domain.crosschecks.findings import Finding
from domain.evaluation import form as forms
from domain.facts.envelope import Context, Role
from domain.facts.others import RuleSetCopied, RuleSetPublished
from domain.ids import is_form, is_ledger
from tests.domain.builders import Told, figures, row, rows, score, stated_rate, told, total
from tests.support.memory_store import MemoryStore

# --------------------------------------------------------------------------------- the whole


def test_ids_are_stable_and_change_with_the_values() -> None:
    first = told(figures(ADJUSTED_BUDGET="20.00", OUTTURN="21.97"))
    same = told(figures(ADJUSTED_BUDGET="20.00", OUTTURN="21.97"))
    other = told(figures(ADJUSTED_BUDGET="20.00", OUTTURN="21.98"))
    assert first.only("over-execution").id == same.only("over-execution").id
    assert first.only("over-execution").id != other.only("over-execution").id


def test_findings_come_in_a_fixed_order_each_once() -> None:
    given = told(
        figures(INITIAL_BUDGET="864.64", ADJUSTED_BUDGET=("703.34", "700"), OUTTURN="710"),
        stated_rate("EXECUTION_RATE", "90"),
    )
    ids = [one.id for one in given.findings()]
    assert ids == [one.id for one in given.findings()]
    assert len(set(ids)) == len(ids)


def test_every_finding_rests_on_a_fact_and_speaks_two_languages() -> None:
    given = told(
        figures(INITIAL_BUDGET="1", ADJUSTED_BUDGET=("3", "4"), OUTTURN="5"),
        stated_rate("EXECUTION_RATE", "90"),
        rows(row(points="5")),
        score("5"),
        total("6"),
    )
    assert len(given.findings()) > 5
    for finding in given.findings():
        assert finding.facts
        assert all(finding.claim.in_(lang) for lang in ("zh", "en"))
        assert all(finding.recomputed.in_(lang) for lang in ("zh", "en"))


def test_an_empty_form_has_no_findings() -> None:
    assert Told().form().findings() == ()
    assert Told().form(rules=None).findings() == ()


def test_each_check_says_what_it_finds() -> None:
    assert all(check.__doc__ for check in CHECKS)


# ------------------------------------------------------------------------- the five documents


EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROJECT = {
    "grade-without-bands": 1,
    "same-indicators": 1,
    "several-measures": 1,
    "text-for-number": 2,
    "unit-beside-words": 1,
}
DOCUMENTS = {
    "130104/xfj/2024/department": {
        "total-sum": 1,
        "score-stated-twice": 1,
        "score-rule": 3,
        "deduction-without-reason": 1,
        "full-marks-without-data": 7,
        "figure-stated-twice": 2,
        "figure-unit-mismatch": 1,
        "breakdown-sum": 1,
        "rate-numbers": 1,
        "rate-other-reading": 2,
        "prior-year-missing": 1,
        "adjustment-without-paper": 1,
    },
    "130128/542/2023/department": {
        "total-without-lines": 1,
        "grade-unsupported": 1,
        "deduction-without-reason": 1,
        "adjustment-without-paper": 1,
    },
    "150800/xfj/2024/project/xinfang-shiwu": {
        "rounding-decides": 1,
        "printed-weights-sum": 1,
        "grade-without-bands": 1,
        "deduction-without-reason": 3,
        "breakdown-rounds": 1,
        "rate-rounding": 1,
        "adjustment-without-paper": 1,
        "operator-missing": 1,
    },
    "410106/xfj/2022/department": {
        "grade-without-bands": 1,
        "same-fact-two-rules": 1,
        "figure-stated-twice": 1,
        "rate-unsupported": 3,
        "carry-over": 1,
        "adjustment-without-paper": 1,
        "words-scored-by-percentage": 1,
    },
    "530303/xfj/2023/department": {
        "lines-without-points": 1,
        "task-rate": 2,
        "outturn-without-budget": 1,
        "projects-over-budget": 1,
        "approved-as-spent": 1,
        "text-for-number": 2,
        "unit-beside-words": 1,
    },
    "530303/xfj/2023/project/jiuzhujin": {**PROJECT, "rate-numbers": 1, "over-execution": 1},
    "530303/xfj/2023/project/lianhe-gongzuozu": PROJECT,
    "530303/xfj/2023/project/weiwen": PROJECT,
}


@cache
def of_documents() -> dict[str, tuple[Finding, ...]]:
    numbers = iter(range(1, 100_000))
    store = MemoryStore()
    import_documents(
        store,
        [source(path) for path in sorted((EXAMPLES / "documents").glob("*.yaml"))],
        Context(
            now=datetime(2025, 6, 1, tzinfo=UTC),
            actor="import",
            role=Role.IMPORTER,
            organisation="import",
            live=False,
        ),
        tools=Tools(
            new_event_id=lambda: UUID(int=next(numbers)),
            new_salt=lambda: next(numbers).to_bytes(16, "big"),
        ),
        rule_sets=rule_sets_in(EXAMPLES / "rule-sets"),
    )
    found: dict[str, tuple[Finding, ...]] = {}
    for log in store.logs():
        found |= crosschecks.findings(case_of(store, log))
    return found


def case_of(store: MemoryStore, log: str) -> Case:
    """A log with one unit and year."""
    ledger = ledgers.LedgerState()
    told_forms = {}
    rules = {
        recorded.fact.digest: recorded.fact.rule_set
        for recorded in store.read_log(log, limit=10_000)
        if isinstance(recorded.fact, RuleSetPublished | RuleSetCopied)
    }
    for stream in store.streams(log):
        if is_ledger(stream):
            ledger = ledgers.fold(store.read(log, stream))
        elif is_form(stream):
            told_forms[stream] = forms.fold(store.read(log, stream))
    adopted = {
        form_id: rules[state.rules.digest] if state.rules else None
        for form_id, state in told_forms.items()
    }
    return Case(ledger=ledger, forms=told_forms, rule_sets=adopted)


def test_the_documents_show_exactly_this() -> None:
    counted = {
        form_id: dict(Counter(one.code for one in found))
        for form_id, found in of_documents().items()
    }
    assert counted == DOCUMENTS


@pytest.mark.parametrize(
    ("form_id", "code", "words"),
    [
        ("130104/xfj/2024/department", "total-sum", "得分合计 98"),
        ("130104/xfj/2024/department", "score-rule", "其他口径得 5、4.87 分，都不是 3 分"),
        ("130104/xfj/2024/department", "score-rule", "按规则得 4.07 分"),
        ("130104/xfj/2024/department", "score-rule", "按规则得 3.75 分"),
        ("130104/xfj/2024/department", "figure-stated-twice", "3.59 万元与 3.5 万元"),
        ("130104/xfj/2024/department", "breakdown-sum", "652.31"),
        ("130104/xfj/2024/department", "adjustment-without-paper", "−161.30 万元（−18.66%）"),
        ("130128/542/2023/department", "adjustment-without-paper", "+104.69 万元（+55.88%）"),
        ("130128/542/2023/department", "grade-unsupported", "应为“良”"),
        ("150800/xfj/2024/project/xinfang-shiwu", "rounding-decides", "95.99"),
        ("150800/xfj/2024/project/xinfang-shiwu", "breakdown-rounds", "2,446,752.40 元"),
        ("150800/xfj/2024/project/xinfang-shiwu", "adjustment-without-paper", "+110 万元"),
        ("150800/xfj/2024/project/xinfang-shiwu", "deduction-without-reason", "共 4 分"),
        ("410106/xfj/2022/department", "same-fact-two-rules", "10 分得 8.05"),
        ("410106/xfj/2022/department", "same-fact-two-rules", "3 分得 2.17"),
        ("410106/xfj/2022/department", "rate-unsupported", "5.72%"),
        ("410106/xfj/2022/department", "carry-over", "104.3 万元未支出，占 27.59%"),
        ("410106/xfj/2022/department", "figure-stated-twice", "378.1 万元与 357.65 万元"),
        ("530303/xfj/2023/project/jiuzhujin", "over-execution", "超支 1.97 万元，执行率 109.85%"),
        ("530303/xfj/2023/department", "projects-over-budget", "50.00 万元，相差 1.97 万元"),
        ("530303/xfj/2023/department", "approved-as-spent", "21.97 万元等于执行数"),
        ("530303/xfj/2023/project/weiwen", "same-indicators", "3 个项目没有区分"),
    ],
)
def test_the_documents_show_their_figures(form_id: str, code: str, words: str) -> None:
    assert any(one.code == code and words in one.recomputed.zh for one in of_documents()[form_id])
