"""The demonstration: eight published self-evaluations, what they claim and what follows from it.

``demonstrate`` imports the example documents (once; again it changes nothing) and gives one
object, which ``liuhen demo --json`` prints. Amounts and points in it are decimal strings, None
where they cannot be computed.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from api.bootstrap import Liuhen
from domain.commands import OpenEvaluation
from domain.crosschecks.findings import FindingClass
from domain.facts.envelope import Place
from domain.facts.form import Level
from domain.problems import Rejected, kind
from domain.values import Words
from projections import current, findings

NO_EXAMPLES = kind(
    "demo.no-examples",
    422,
    zh="找不到演示用的文件：{folder} 中没有 *.yaml",
    en="the example documents are not there: {folder} holds no *.yaml",
    do_zh="在完整的代码目录中运行；自己的文件用 liuhen import 导入",
    do_en="run it from a whole checkout; import your own files with liuhen import",
)

_RANK = {one: place for place, one in enumerate(FindingClass)}


class DemoLine(Struct, frozen=True, kw_only=True):
    """One line. ``path`` are the names of its levels, outermost first; ``explained`` means no
    deduction, or one with a reason.
    """

    line: str
    path: tuple[str, ...]
    max_points: str | None
    calculated: str | None
    declared: str | None
    final: str | None
    explained: bool


class DemoTotal(Struct, frozen=True, kw_only=True):
    """A printed total, and where it is printed."""

    value: str | None
    place: str


class DemoFinding(Struct, frozen=True, kw_only=True, rename={"class_": "class"}):
    """What a cross-check found. ``facts`` are ids of the events it rests on, ``details`` further
    values one by one (what each reading gives, each part of a sum).
    """

    id: str
    code: str
    class_: FindingClass
    line: str | None
    path: tuple[str, ...]
    claim: str
    recomputed: str
    details: tuple[str, ...]
    facts: tuple[str, ...]


class DemoEvaluation(Struct, frozen=True, kw_only=True):
    """One self-evaluation. ``unit`` and ``project`` are names; ``subtotal`` sums the calculated
    points of the lines that can be computed, ``not_computed`` names the others; ``computed_total``
    sums the final points.
    """

    id: str
    unit: str
    fiscal_year: int
    level: Level
    project: str | None
    project_code: str | None
    rule_set: str | None
    lines: tuple[DemoLine, ...]
    subtotal: str | None
    not_computed: tuple[str, ...]
    computed_total: str | None
    declared_totals: tuple[DemoTotal, ...]
    grade_declared: str | None
    grade_computed: str | None
    findings: tuple[DemoFinding, ...]


class Demo(Struct, frozen=True, kw_only=True):
    """What the demonstration gives."""

    evaluations: tuple[DemoEvaluation, ...]


def demonstrate(liuhen: Liuhen, lang: str = "zh") -> Demo:
    """Import the examples, let the views follow, and read what they say.

    Raises ``Rejected`` when the store holds something else under the same ids, or views have
    stopped.
    """
    documents = liuhen.example_documents()
    if not documents:
        raise Rejected([NO_EXAMPLES.at(folder=liuhen.examples / "documents")])
    done = liuhen.import_documents(documents)
    liuhen.catch_up()
    stopped = liuhen.stopped()
    if stopped:
        raise Rejected(stopped)
    forms = [
        (one.step.log_id, one.step.stream)
        for one in done
        if isinstance(one.step.command, OpenEvaluation)
    ]
    return Demo(evaluations=tuple(_evaluation(liuhen, lang, *form) for form in forms))


def _evaluation(liuhen: Liuhen, lang: str, log_id: str, form: str) -> DemoEvaluation:
    texts = liuhen.store.text_bodies
    with liuhen.connection() as connection:
        found = current.find(connection, texts, log_id, form)
        rows = findings.list_for(connection, texts, log_id, form)
    if found is None:  # a form that was imported is open, and the views have caught up
        raise AssertionError
    one = found.evaluation
    return DemoEvaluation(
        id=one.id,
        unit=one.unit_name,
        fiscal_year=one.fiscal_year,
        level=one.level,
        project=one.project_name or one.project,
        project_code=one.project,
        rule_set=one.rule_set,
        lines=tuple(_line(row) for row in found.lines),
        subtotal=one.subtotal,
        not_computed=one.not_computed,
        computed_total=one.computed_total,
        declared_totals=tuple(
            DemoTotal(value=total.value, place=_place(total.place)) for total in one.declared_totals
        ),
        grade_declared=one.grade_declared,
        grade_computed=one.grade_computed,
        findings=_findings(rows, lambda words: words.in_(lang)),
    )


def _line(row: current.EvaluationLine) -> DemoLine:
    return DemoLine(
        line=row.line,
        path=row.path,
        max_points=row.max_points,
        calculated=row.calculated,
        declared=row.declared,
        final=row.final,
        explained=row.explained,
    )


def _findings(
    rows: Sequence[findings.FindingRow], say: Callable[[Words], str]
) -> tuple[DemoFinding, ...]:
    """The most serious first; within a class in the order of the checks."""
    return tuple(
        DemoFinding(
            id=row.id,
            code=row.code,
            class_=row.class_,
            line=row.line,
            path=row.path,
            claim=say(row.claim),
            recomputed=say(row.recomputed),
            details=tuple(say(words) for words in row.details),
            facts=tuple(str(fact) for fact in row.facts),
        )
        for row in sorted(rows, key=lambda row: _RANK[row.class_])
    )


def _place(place: Place) -> str:
    return f"{place.document} {place.place}".strip()
