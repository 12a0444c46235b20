"""Every mistake at once, each with its place and what to do."""

import pytest

from adapters.input_files import Source, plan, read, read_rule_set
from adapters.input_format import nodes
from domain.problems import CATALOGUE, Problem, Rejected
from tests.input.support import RULE_SETS, load, text
from tests.support.memory_store import MemoryStore

HEAD = """\
division: "130104"
unit: {code: xfj, name: 甲局}
fiscal_year: 2024
document: 报告
"""
FORM = HEAD + "evaluations:\n  - level: department\n    place: 附件1\n"


def figures(content: str) -> str:
    return f"    figures: {{{content}}}\n"


def lines(content: str) -> str:
    return f"    lines: [{content}]\n"


RULED = FORM + "    rule_set: 桥西-2024\n"


def problems(*sources: Source) -> tuple[Problem, ...]:
    with pytest.raises(Rejected) as rejected:
        plan(sources, rule_sets=RULE_SETS)
    return rejected.value.problems


def found(content: str, name: str = "a.yaml") -> list[tuple[str, str]]:
    return [(problem.code, problem.place) for problem in problems(text(content, name))]


# ‸ stands right before the place that is reported; it is taken out before reading.
CARET = "‸"
CASES = [
    ("input.empty", "", "‸"),
    ("input.empty", "", "‸# nothing but a remark\n"),
    ("input.syntax", "", 'division: "1"\n ‸unit: x\n'),
    ("input.syntax", "", "‸\tdivision: 1\n"),
    ("input.syntax", "", "unit: [1, 2\n‸"),
    ("input.syntax", "", "unit: ‸*nobody\n"),
    ("input.several-documents", "", "a: 1\n‸---\nb: 2\n"),
    ("input.too-deep", "", "[" * 41 + "‸[" + "]" * 42),
    ("input.aliases", "", "a: &a [1, ‸*a]\n"),
    ("input.wrong-shape", "", "‸- 1\n"),
    (
        "input.tag",
        "",
        HEAD
        + "ledger: {basis: declared}\nevaluations:\n  - ‸!!python/object:os.system {level: department}\n",
    ),
    ("input.character", "", FORM.replace("报告", "报‸\x07告")),
    ("input.character", "", FORM.replace("报告", "报‸\u2028告")),
    ("input.character", "", FORM.replace("报告", r'‸"报\0告"')),
    (
        "input.duplicate-key",
        "evaluations[0].figures.全年执行数",
        FORM + figures("OUTTURN: 1, ‸全年执行数: 2"),
    ),
    # The comma in braces would make 1 of 1,234 and lose the rest.
    ("input.unknown-key", "evaluations[0].figures.234", FORM + figures("OUTTURN: 1,‸234")),
    ("input.malformed", "evaluations[0].lines[0].score", FORM + lines("{path: 甲, score: ‸-1}")),
    (
        "input.number-too-long",
        "evaluations[0].figures.OUTTURN",
        FORM + figures("OUTTURN: ‸" + "9" * 19),
    ),
    (
        "input.amount-too-large",
        "evaluations[0].figures.OUTTURN",
        FORM + figures("OUTTURN: ‸" + "9" * 12),
    ),
    (
        "input.malformed",
        "evaluations[0].rule_set.name",
        FORM + "    rule_set: {name: ‸../甲, version: '1', title: 乙, rules: {}}\n",
    ),
    (
        "input.twice",
        "ledger.reconciliation.totals[1]",
        HEAD
        + "ledger: {reconciliation: {through: 2024-12-31, totals: ["
        + "{initial: 1, adjusted: 1, outturn: 1}, ‸{initial: 1, adjusted: 1, outturn: 1}]}}\n",
    ),
    ("input.duplicate-key", "document", FORM + "‸document: 另一\n"),
    ("input.unknown-key", "evaluation", HEAD + "‸evaluation: []\n"),
    ("input.missing-key", "", "‸" + HEAD.replace("document: 报告\n", "")),
    ("input.missing-key", "", "‸" + HEAD),
    ("input.malformed", "unit.code", HEAD.replace("xfj", "‸x f")),
    ("input.malformed", "fiscal_year", HEAD.replace("2024", "‸24")),
    ("input.unknown-name", "evaluations[0].level", FORM.replace("department", "‸depart")),
    ("input.unknown-name", "evaluations[0].figures.OUTURN", FORM + figures("‸OUTURN: 1")),
    ("input.not-a-number", "evaluations[0].figures.OUTTURN", FORM + figures("OUTTURN: ‸2.5e3")),
    ("input.not-a-number", "evaluations[0].figures.OUTTURN", FORM + figures("OUTTURN: ‸'1,234'")),
    (
        "input.unknown-name",
        "evaluations[0].figures.OUTTURN.unit",
        FORM + figures("OUTTURN: {value: 1, unit: ‸次}"),
    ),
    (
        "input.finer-than-fen",
        "evaluations[0].figures.OUTTURN",
        FORM + figures("OUTTURN: ‸1.0000001"),
    ),
    (
        "input.several-count",
        "evaluations[0].figures.OUTTURN",
        FORM + figures("‸OUTTURN: [{value: 1, counts: true}, {value: 2, counts: true}]"),
    ),
    (
        "input.no-such-date",
        "evaluations[0].lines[0].target.date",
        FORM + lines("{path: 甲, target: {date: ‸2023-02-29}}"),
    ),
    (
        "input.not-a-date",
        "evaluations[0].lines[0].target.date",
        FORM + lines("{path: 甲, target: {date: ‸年底}}"),
    ),
    (
        "input.unit-missing",
        "evaluations[0].lines[0].target",
        FORM + lines("{path: 甲, target: ‸10}"),
    ),
    (
        "input.clash",
        "evaluations[0].lines[0].actual",
        FORM + lines("{path: 甲, ‸actual: {label: 好, text: 好}}"),
    ),
    (
        "input.clash",
        "evaluations[0].lines[0].score",
        FORM + lines("{path: 甲, score: ‸3, lines: [{path: 乙}]}"),
    ),
    (
        "input.clash",
        "evaluations[0].lines[0].path",
        FORM + lines("{‸path: [甲, 乙, 丙, 丁]}"),
    ),
    (
        "input.twice",
        "evaluations[0].lines[1].line",
        FORM + lines("{path: 甲, line: 1}, {path: 乙, line: ‸1}"),
    ),
    (
        "input.twice",
        "evaluations[0].lines[1].path",
        FORM
        + lines("{path: [甲, 乙]}, {path: ‸甲, lines: [{path: 乙}]}").replace(
            "path: ‸甲, lines: [{path: 乙}]", "‸path: [甲, 乙]"
        ),
    ),
    (
        "input.unknown-name",
        "evaluations[0].lines[0].rule",
        RULED + lines("{path: 甲, rule: ‸按比列}"),
    ),
    (
        "input.clash",
        "evaluations[0].lines[0].rule",
        FORM + lines("{path: 甲, rule: ‸按比例}"),
    ),
    (
        "input.unknown-name",
        "evaluations[0].lines[0].metric",
        RULED + lines("{path: 甲, metric: ‸EXECUTION}"),
    ),
    (
        "input.unknown-name",
        "evaluations[0].lines[0].base",
        RULED + lines("{path: 甲, metric: EXECUTION_RATE, base: ‸GROSS}"),
    ),
    (
        "input.unknown-name",
        "evaluations[0].lines[0].actual.items",
        RULED + lines("{path: 甲, rule: 基础信息完善性, actual: {‸items: ['4']}}"),
    ),
    (
        "input.clash",
        "evaluations[0].lines[0].actual.items",
        RULED + lines("{path: 甲, rule: 按比例, actual: {items: ‸all}}"),
    ),
    ("input.unknown-name", "evaluations[0].rule_set", FORM + "    rule_set: ‸桥西-2025\n"),
    (
        "input.unknown-name",
        "evaluations[0].groups[0].path",
        RULED + lines("{path: [决策, 甲]}") + "    groups: [{path: ‸决算, score: 1}]\n",
    ),
    (
        "input.missing-key",
        "evaluations[0]",
        FORM.replace("level", "‸level").replace("department", "project"),
    ),
    (
        "input.missing-key",
        "evaluations[0].figures.OUTTURN",
        FORM.replace("    place: 附件1\n", figures("OUTTURN: ‸1")),
    ),
    ("input.twice", "evaluations[1]", FORM + "  - ‸level: department\n    place: 附件2\n"),
    (
        "input.clash",
        "ledger.basis",
        HEAD + "ledger: {basis: ‸ledger}\nevaluations: [{level: department}]\n",
    ),
    (
        "input.missing-key",
        "ledger.entries[0]",
        HEAD + "ledger: {entries: [‸{amount: 1}]}\n",
    ),
    (
        "input.clash",
        "ledger.entries[0].effective",
        HEAD
        + "ledger: {entries: [{entry: supplement, amount: 1, "
        + "‸effective: {first: 2024-05-02, last: 2024-05-01}}]}\n",
    ),
]


def caret(content: str) -> tuple[str, str]:
    """``content`` without its caret, and the place where that stood."""
    before = content[: content.index(CARET)]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return content.replace(CARET, ""), f"a.yaml:{line}:{column}"


@pytest.mark.parametrize(("code", "path", "content"), CASES)
def test_a_mistake_is_reported_where_it_stands(code: str, path: str, content: str) -> None:
    plain, place = caret(content)
    assert found(plain) == [(code, f"{place} {path}".rstrip())]


def test_each_problem_says_in_both_languages_what_to_do() -> None:
    for _, _, content in CASES:
        for problem in problems(text(caret(content)[0])):
            for words in (problem.message, problem.todo):
                assert words.zh.strip()
                assert words.en.strip()
                assert "{" not in words.zh.replace("{text: …}、{label: …} 或 {date: …}", "")


def test_all_mistakes_of_a_file_come_at_once_in_its_order() -> None:
    content = """\
division: "130104"
unit: {code: xfj, nme: 甲局, name: 甲局}
fiscal_year: 2024
document: 报告
evaluations:
  - level: department
    place: 附件1
    rule_set: 桥西-2024
    figures:
      INITAL_BUDGET: 1
      OUTTURN: 1.00000001
    lines:
      - {path: 甲, max_points: 5分, rule: 没有}
      - {path: 甲, score: 3, target: {date: 2024-02-30}}
    totals: {score: ９７}
"""
    assert found(content) == [
        ("input.unknown-key", "a.yaml:2:19 unit.nme"),
        ("input.unknown-name", "a.yaml:10:7 evaluations[0].figures.INITAL_BUDGET"),
        ("input.finer-than-fen", "a.yaml:11:16 evaluations[0].figures.OUTTURN"),
        ("input.not-a-number", "a.yaml:13:31 evaluations[0].lines[0].max_points"),
        ("input.unknown-name", "a.yaml:13:41 evaluations[0].lines[0].rule"),
        ("input.twice", "a.yaml:14:16 evaluations[0].lines[1].path"),
        ("input.no-such-date", "a.yaml:14:44 evaluations[0].lines[1].target.date"),
        ("input.not-a-number", "a.yaml:15:21 evaluations[0].totals.score"),
    ]


def test_a_near_miss_is_named() -> None:
    (problem,) = problems(text(HEAD + "evaluation: []\nledger: {entries: []}\n"))[:1]
    assert "evaluations" in problem.message.zh
    (problem,) = problems(text(FORM + figures("INITAL_BUDGET: 1")))
    assert problem.message.zh == "没有名为“INITAL_BUDGET”的数额，是不是“INITIAL_BUDGET”？"
    assert problem.message.en.endswith("did you mean 'INITIAL_BUDGET'?")


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ('"12,345.60"', "写成 12345.60（半角数字，不加千分位逗号）"),
        ("８６．５", "写成 86.5（半角数字，不加千分位逗号）"),
        ("12 万元", "数写 12，单位“万元”写在 unit"),
        ("12%", "写 12，不带百分号"),
        (".5", "写成 0.5"),
        ("5.", "写成 5"),
        ("12 345", "写成 12345（半角数字，不加千分位逗号）"),
        ("（161.30）", "写成 -161.30（半角数字，不加千分位逗号）"),
        ('"12\u200b.5"', "写成 12.5（半角数字，不加千分位逗号）"),
        ("NaN", "只写数字和小数点，如 864.64"),
        ("0x10", "只写数字和小数点，如 864.64"),
        ("1e3", "写出全部数字，不用科学记数法"),
        ("很多", "只写数字和小数点，如 864.64"),
    ],
)
def test_a_figure_that_is_none_comes_with_the_right_way_to_write_it(
    written: str, hint: str
) -> None:
    (problem,) = problems(text(FORM + f"    figures: {{OUTTURN: {written}}}\n"))
    assert problem.todo.zh == hint


def test_several_files_are_checked_together() -> None:
    first = text(FORM, "one.yaml")
    second = text(FORM, "two.yaml")
    third = text("{", "three.json")
    assert [(one.code, one.place) for one in problems(first, second, third)] == [
        ("input.twice", "two.yaml:6:5 evaluations[0]"),
        ("input.syntax", "three.json:1:2"),
    ]


def test_what_a_decision_would_reject_is_reported_with_its_place_and_nothing_is_stored() -> None:
    store = MemoryStore()
    content = """\
units:
  - division: "130104"
    unit: {code: xfj, name: 甲局}
    fiscal_year: 2024
    document: 报告
    ledger:
      entries:
        - {entry: payment, voucher: "1", amount: 5, paid_on: 2024-05-01}
        - {entry: payment, voucher: "1", amount: 6}
  - division: "130128"
    unit: {code: 乙, name: 乙局}
    fiscal_year: 2024
    document: 报告
    evaluations: [{level: department, totals: {score: 90, place: 四}}]
"""
    with pytest.raises(Rejected) as rejected:
        load(store, text(content))
    (problem,) = rejected.value.problems
    assert problem.place == "a.yaml:9:37 units[0].ledger.entries[1].voucher"
    assert store.logs() == []


# --------------------------------------------------------------------- size, encoding, aliases


def test_a_file_above_the_limit_is_refused_unread() -> None:
    big = Source("a.yaml", b"#" * (nodes.MAX_BYTES + 1))
    assert [problem.code for problem in read(big).problems] == ["input.too-large"]


def test_gb18030_is_read_where_it_is_plain_to_see() -> None:
    document = read(Source("a.yaml", FORM.encode("gb18030")))
    assert document.problems == ()
    assert document.submissions[0].unit.name == "甲局"


@pytest.mark.parametrize(
    "data",
    [
        "division: é\n".encode("latin-1"),
        "unit: Bérgère, Ümlaut\n".encode("cp1252"),
        FORM.encode("utf-16"),
        b"\xff\xfe\x00\x01",
        b"\x80\x81\xff",
    ],
)
def test_another_encoding_is_named_not_guessed(data: bytes) -> None:
    assert [one.code for one in read(Source("a.yaml", data)).problems] == ["input.encoding"]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04\x14\x00", "Word 或 Excel 文档，或压缩包"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "旧版 Word 或 Excel 文档"),
        (b"\x7fELF\x02\x00\x00", "二进制文件"),
    ],
)
def test_what_is_no_text_is_called_by_its_name(data: bytes, what: str) -> None:
    (problem,) = read(Source("a.yaml", data)).problems
    assert (problem.code, what in problem.message.zh) == ("input.not-text", True)


def test_line_ends_of_other_systems_change_nothing() -> None:
    content = FORM + figures("OUTTURN: 1")
    for end in ("\r\n", "\r"):
        assert read(text(content.replace("\n", end))).submissions == read(text(content)).submissions


def test_a_blank_key_is_absent() -> None:
    content = FORM + figures("OUTTURN: , INITIAL_BUDGET: 5") + "    problems:\n    grade: ~\n"
    (submission,) = read(text(content)).submissions
    (evaluation,) = submission.evaluations
    assert read(text(content)).problems == ()
    assert [one.value for one in evaluation.figures] == ["INITIAL_BUDGET"]
    assert evaluation.grade == ()


@pytest.mark.parametrize(
    "code", ["a/b", "..", ".", "a b", "a?b", "rule-sets", "accounts", "x" * 65, '"a\\u200bb"']
)
def test_a_code_that_would_make_another_id_is_refused(code: str) -> None:
    assert found(FORM.replace("xfj", code)) == [("input.malformed", "a.yaml:2:14 unit.code")]


def test_a_mistake_in_the_head_does_not_hide_those_further_down() -> None:
    content = (
        FORM.replace("xfj", "x f").replace("2024", "24")
        + "    rule_set: 没有\n"
        + lines("{path: 甲, target: 10}")
    )
    assert [code for code, _ in found(content)] == [
        "input.malformed",
        "input.malformed",
        "input.unknown-name",
        "input.unit-missing",
    ]


def test_what_one_log_refuses_is_told_beside_the_mistakes_of_another() -> None:
    store = MemoryStore()
    bad = text(FORM + figures("OUTTURN: x"), "a.yaml")
    zero = HEAD.replace("130104", "2") + "ledger: {entries: [{entry: supplement, amount: 0}]}\n"
    with pytest.raises(Rejected) as rejected:
        load(store, bad, text(zero, "b.yaml"))
    assert [(one.code, one.place) for one in rejected.value.problems] == [
        ("input.not-a-number", "a.yaml:8:24 evaluations[0].figures.OUTTURN"),
        ("ledger.amount-not-positive", "b.yaml:5:48 ledger.entries[0].amount"),
    ]
    assert store.logs() == []


def test_a_date_written_otherwise_comes_with_the_right_way_to_write_it() -> None:
    for written in ("2024.3.15", "2024/03/15", "20240315"):
        content = FORM + lines(f"{{path: 甲, target: {{date: {written}}}}}")
        (problem,) = problems(text(content))
        assert problem.todo.zh == "写成 2024-03-15；日期不明就不写"


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert read(Source("a.yaml", b"\xef\xbb\xbf" + FORM.encode())).problems == ()


def test_aliases_serve_within_bounds() -> None:
    content = FORM + "    figures: {OUTTURN: &a {value: 1, place: 一}, INITIAL_BUDGET: *a}\n"
    assert read(text(content)).problems == ()


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    bomb = (
        "a0: &a0 ["
        + ", ".join(["x"] * 9)
        + "]\n"
        + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    )
    assert [one.code for one in read(text(bomb)).problems] == ["input.too-many-values"]


def test_aliases_do_not_nest_deeper_than_what_is_written_out() -> None:
    chain = "x0: &a0 {path: x}\n" + "".join(
        f"x{n}: &a{n} {{path: x, lines: [*a{n - 1}]}}\n" for n in range(1, 99)
    )
    assert [one.code for one in read(text(chain)).problems] == ["input.too-deep"]


@pytest.mark.parametrize("name", ["a.yaml", "a.json"])
def test_a_file_with_too_many_values_is_refused(name: str) -> None:
    many = '{"a": [' + "1," * nodes.MAX_NODES + "1]}"
    assert [one.code for one in read(text(many, name)).problems] == ["input.too-many-values"]


def test_too_many_aliases_are_refused() -> None:
    many = "a: &a 1\nb: [" + ", ".join(["*a"] * (nodes.MAX_ALIASES + 1)) + "]\n"
    assert [one.code for one in read(text(many)).problems] == ["input.aliases"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ('{"division": }', "a.json:1:14"),
        ('{"division": 1,}', "a.json:1:16"),
        ('{"division" 1}', "a.json:1:13"),
        ('{"division": "1}', "a.json:1:14"),
        ('{"a": 1} x', "a.json:1:10"),
        ("[1 2]", "a.json:1:4"),
        ("{\n  'a': 1}", "a.json:2:3"),
    ],
)
def test_bad_json_is_reported_where_it_breaks(content: str, place: str) -> None:
    (problem,) = read(text(content, "a.json")).problems
    assert (problem.code, problem.place) == ("input.syntax", place)


def test_a_rule_set_file_reports_everything_at_once() -> None:
    content = """\
name: 甲
version: "1"
title: 乙
rules:
  一: {rule: PROPORTONAL}
  二: {rule: PROPORTIONAL, benchmark: "0"}
bands: [{grade: 优, low: 9O}]
"""
    with pytest.raises(Rejected) as rejected:
        read_rule_set(text(content))
    places = [problem.place for problem in rejected.value.problems]
    assert places == [
        "a.yaml:5:13 rules.一.rule",
        "a.yaml:6:38 rules.二.benchmark",
        "a.yaml:7:25 bands[0].low",
    ]


def test_every_kind_of_input_problem_is_met_in_these_tests() -> None:
    met = {code for code, _, _ in CASES}
    met |= {"input.too-large", "input.encoding", "input.not-text", "input.too-many-values"}
    assert {code for code in CATALOGUE if code.startswith("input.")} == met
