"""examples/README.md says what the code reads: its tables are made from the code and compared.

To renew the tables: ``README.write_text(renewed(README.read_text("utf-8")), "utf-8")``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import get_args

import msgspec
import pytest
from msgspec import Struct

from adapters.input_files import plan, read
from adapters.input_format import document as d
from adapters.input_format.shapes import Record
from adapters.input_format.shapes.enumerations import CHINESE
from api.labels import words_of
from domain.scoring.indicators import Operator
from domain.scoring.metrics import DERIVED, METRICS, Formula, Quantity
from domain.scoring.rules import Modifiers, Rule
from tests.input.support import EXAMPLES, RULE_SETS, load, text
from tests.support.memory_store import MemoryStore

README = EXAMPLES / "README.md"
CONTENT = README.read_text("utf-8")
PARTS: dict[str, type[Struct]] = {
    "file": d.One,
    "evaluation": d.Evaluation,
    "figure": d.Figure,
    "rate": d.Rate,
    "breakdown": d.BreakdownOf,
    "part": d.BreakdownPart,
    "task": d.Task,
    "row": d.Row,
    "target": d.TargetValue,
    "actual": d.ActualGiven,
    "evidence": d.Evidence,
    "group": d.GroupScore,
    "total": d.Total,
    "problem": d.ProblemOf,
    "measure": d.MeasureOf,
    "rule-set": d.RuleSetName,
    "ledger": d.LedgerOf,
    "line": d.LineOf,
    "reconciliation": d.Reconciliation,
    "scope": d.ScopeOf,
}
SHARED = {"place", "table"}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def keys_of(kind: type[Struct]) -> str:
    members = Record(kind).members
    rows = [
        (f"`{name}`" + (" *" if member.required else ""), member.about)
        for name, member in members.items()
        if name not in SHARED
    ]
    return table(["键", "含义"], rows)


def entries() -> str:
    rows = []
    for kind in get_args(d.Booked):
        members = Record(kind).members
        own = [
            f"`{name}`" + (" *" if member.required else "")
            for name, member in members.items()
            if name not in SHARED | {"unit", "effective", "document_number"}
        ]
        tag = str(kind.__struct_config__.tag)
        rows.append((f"`{tag}`", re.split(r"[:.]", kind.__doc__ or "")[0], "、".join(own)))
    return table(["entry", "含义", "键"], rows)


def quantities() -> str:
    rows = []
    for one in Quantity:
        parts = [part.words.zh for part in DERIVED.get(one, ())]
        derived = " − ".join(parts)
        rows.append((f"`{one.value}`", one.words.zh, one.words.en, derived))
    return table(["数额", "中文", "English", "没有填报时"], rows)


def formula(one: Formula) -> str:
    less = "".join(f" − {part.words.zh}" for part in one.less)
    top = f"（{one.numerator.words.zh}{less}）" if less else one.numerator.words.zh
    return f"{top} ÷ {one.denominator.words.zh}"


def metrics() -> str:
    rows = [
        (
            f"`{metric.name.value}` {metric.words.zh}" if index == 0 else "",
            f"`{one.base.value}` {one.base.words.zh}",
            formula(one),
        )
        for metric in METRICS.values()
        for index, one in enumerate(metric.formulas)
    ]
    return table(["指标 metric", "口径 base", "算法"], rows)


def choices() -> str:
    return table(
        ["可写的词", "等于"],
        [
            (
                "、".join(f"{zh} `{member.value}`" for zh, member in words.items()),
                f"`{kind.__name__}`",
            )
            for kind, words in CHINESE.items()
            if len(words) <= 8  # quantities and metrics have tables of their own
        ],
    )


def tables() -> dict[str, str]:
    made = {name: keys_of(kind) for name, kind in PARTS.items()}
    return made | {
        "entries": entries(),
        "quantities": quantities(),
        "metrics": metrics(),
        "choices": choices(),
    }


MARKED = re.compile(r"(<!-- table: ([a-z-]+) -->\n)(.*?)(\n<!-- end -->)", re.DOTALL)


def renewed(content: str) -> str:
    made = tables()
    return MARKED.sub(lambda found: found[1] + made[found[2]] + found[4], content)


@pytest.mark.parametrize(("name", "made"), tables().items(), ids=lambda one: one[:20])
def test_each_table_is_what_the_code_says(name: str, made: str) -> None:
    found = {one[2]: one[3] for one in MARKED.finditer(CONTENT)}
    assert found[name] == made


def rule_rows() -> Iterator[tuple[str, str]]:
    for line in CONTENT.splitlines():
        found = re.match(r"\| `([A-Z_]+)` \| (.*?) \|", line)
        if found and any(found[1] == kind.__struct_config__.tag for kind in get_args(Rule)):
            yield found[1], found[2]


def test_every_rule_is_there_with_its_parameters() -> None:
    expected = {}
    for kind in get_args(Rule):
        names = [one.name for one in msgspec.structs.fields(kind) if one.name != "modifiers"]
        expected[str(kind.__struct_config__.tag)] = names
    assert {rule: re.findall(r"`([a-z_]+)`", names) for rule, names in rule_rows()} == expected


def test_every_modifier_is_named() -> None:
    for one in msgspec.structs.fields(Modifiers):
        assert f"`{one.name}`" in CONTENT


def test_the_words_are_those_of_the_pages() -> None:
    kinds: list[type[Enum]] = [kind for kind in CHINESE if kind is not Operator]
    for kind in kinds:
        for zh, member in CHINESE[kind].items():
            assert words_of(member).zh == zh  # type: ignore[arg-type]  # all of these are StrEnum


def test_its_examples_can_be_imported_as_they_stand() -> None:
    examples = re.findall(r"```yaml\n(.*?)```", CONTENT, re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        assert read(text(example)).problems == ()
        assert plan([text(example)], rule_sets=RULE_SETS)
        load(MemoryStore(), text(example))
