"""The form as a whole: weights, totals that nothing bears, and the grade."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from domain.crosschecks.findings import Finding, FindingClass
from domain.crosschecks.view import Check, View
from domain.crosschecks.wording import at, names, points
from domain.facts.form import ScoreDeclared, Subject
from domain.scoring.rule_set import GradeBand, RuleSet
from domain.values import Words

NATIONAL = RuleSet(
    name="",
    version="",
    title="",
    bands=(
        GradeBand("优", Decimal(90)),
        GradeBand("良", Decimal(80)),
        GradeBand("中", Decimal(60)),
        GradeBand("差", Decimal(0)),
    ),
)
"""优 ≥ 90, 良 ≥ 80, 中 ≥ 60, 差 (财预〔2020〕10号, as practised): a comparison where a form
prints a grade and no bands. It never grades a form by itself.
"""
_SAME_GRADE = {
    "优秀": "优",
    "良好": "良",
    "中等": "中",
    "一般": "中",
    "合格": "中",
    "及格": "中",
    "较差": "差",
    "不合格": "差",
    "不及格": "差",
}
"""Usual variants of the four grades. Where bands use several of them, each is a grade of its own."""


def _same_grade(printed: str, right: str | None, bands: Iterable[GradeBand] = ()) -> bool:
    """Whether ``printed`` is ``right``, or a usual variant of it that no other band is called."""
    label = printed.strip()
    if label == right:
        return True
    if right is None or label in {band.grade for band in bands}:
        return False
    label = label.removesuffix("等级").removesuffix("等")  # 优等; 中等 is 中
    return _SAME_GRADE.get(label, label) == _SAME_GRADE.get(right, right)


def weights(view: View) -> Iterator[Finding]:
    """Weights that do not sum to the rule set's total; and those printed, where a row that the
    rules demand is left out of the document.
    """
    held = [(row, row.max_points) for row in view.rows if row.max_points is not None]
    if not view.rows or len(held) != len(view.rows):
        return
    expected = view.total_points
    total = sum((weight for _, weight in held), Decimal(0))
    printed = sum((weight for row, weight in held if row.printed), Decimal(0))
    if total != expected:
        yield view.finding(
            "weights-sum",
            FindingClass.CONTRADICTION,
            claim=Words(f"满分 {points(expected)}", f"{points(expected)} points in all"),
            recomputed=Words(
                f"{len(held)} 行分值合计 {points(total)}",
                f"the weights of {len(held)} lines sum to {points(total)}",
            ),
            facts=[view.form.rows_fact],
            values=[expected, total],
        )
    hidden = [row for row in view.rows if not row.printed]
    if hidden and printed != expected:
        named = names(hidden)
        yield view.finding(
            "printed-weights-sum",
            FindingClass.CONTRADICTION,
            claim=Words(
                f"印出的 {len(held) - len(hidden)} 行分值合计 {points(printed)}",
                f"the weights of the {len(held) - len(hidden)} lines printed sum to "
                f"{points(printed)}",
            ),
            recomputed=Words(
                f"满分 {points(expected)}；未印出{named.zh}（{points(total - printed)} 分）",
                f"{points(expected)} points in all; {named.en} is not printed "
                f"({points(total - printed)} points)",
            ),
            facts=[view.form.rows_fact],
            values=[printed, expected, *(row.line for row in hidden)],
        )


def total_without_lines(view: View) -> Iterator[Finding]:
    """A total that no line bears, or that some lines without points leave open."""
    declared = view.form.declared(Subject.TOTAL)
    if not declared or declared[0][1].points is None or view.sheet.total is not None:
        return
    chain, fact = declared[0]
    value, where = declared[0][1].points, at([fact.place])
    claim = Words(f"总分 {points(value)}{where.zh}", f"total {points(value)}{where.en}")
    if not view.rows:
        yield view.finding(
            "total-without-lines",
            FindingClass.UNSUPPORTED,
            claim=claim,
            recomputed=Words(
                "没有指标行，也没有分值和得分，总分无法复算",
                "there are no lines, weights or points: the total cannot be worked out",
            ),
            facts=[chain.head],
            values=[value],
        )
        return
    open_ = [row for row in view.rows if (one := view.scores.get(row.line)) and one.final is None]
    named = names(open_)
    yield view.finding(
        "total-incomplete",
        FindingClass.UNSUPPORTED,
        claim=claim,
        recomputed=Words(f"没有得分的行：{named.zh}", f"lines without points: {named.en}"),
        facts=[chain.head, view.form.rows_fact],
        values=[value, *(row.line for row in open_)],
    )


def lines_without_points(view: View) -> Iterator[Finding]:
    """A form with lines and neither weights nor points nor a total: it scores nothing."""
    scored = [
        one for one in view.sheet.lines if one.final is not None or one.max_points is not None
    ]
    if not view.rows or scored or view.form.declared(Subject.TOTAL):
        return
    yield view.finding(
        "lines-without-points",
        FindingClass.UNSUPPORTED,
        claim=Words(f"{len(view.rows)} 行指标", f"{len(view.rows)} lines"),
        recomputed=Words(
            "没有分值、得分、总分和等级", "there are no weights, points, total or grade"
        ),
        facts=[view.form.rows_fact],
        values=[len(view.rows)],
    )


def grade(view: View) -> Iterator[Finding]:
    """A declared grade outside the rule set's bands; without bands, what the national ones give."""
    totals = view.form.declared(Subject.TOTAL)
    total = view.sheet.total
    if total is None and totals:
        total = totals[0][1].points
    if total is None:
        return
    seen: set[str] = set()
    for chain, fact in view.form.declared(Subject.GRADE):
        if fact.grade is None or fact.grade in seen:
            continue
        seen.add(fact.grade)
        found = _grade(view, total, fact)
        if found is None:
            continue
        code, class_, recomputed = found
        where = at([fact.place])
        yield view.finding(
            code,
            class_,
            claim=Words(
                f"{points(total)} 分，等级“{fact.grade}”{where.zh}",
                f'{points(total)} points, grade "{fact.grade}"{where.en}',
            ),
            recomputed=recomputed,
            facts=[chain.head, *(one.head for one, _ in totals), view.form.rules_fact],
            values=[total, fact.grade, *_bands(view)],
        )


def _grade(
    view: View, total: Decimal, fact: ScoreDeclared
) -> tuple[str, FindingClass, Words] | None:
    if view.rules is not None and view.rules.bands:
        right = view.rules.grade_of(total)
        if _same_grade(fact.grade or "", right, view.rules.bands):
            return None
        bands = "、".join(_bands(view))
        return (
            "grade-outside-bands",
            FindingClass.CONTRADICTION,
            Words(f"按等级带应为“{right}”（{bands}）", f'by the bands it is "{right}" ({bands})')
            if right is not None
            else Words(f"不在任何等级带内（{bands}）", f"it lies in none of the bands ({bands})"),
        )
    national = NATIONAL.grade_of(total)
    if _same_grade(fact.grade or "", national):
        return (
            "grade-without-bands",
            FindingClass.NOTICE,
            Words(
                f"未给出等级带；按财预〔2020〕10号（90/80/60）也是“{national}”",
                f'no bands are given; by the national ones (90/80/60) it is "{national}" as well',
            ),
        )
    return (
        "grade-unsupported",
        FindingClass.UNSUPPORTED,
        Words(
            f"未给出等级带；按财预〔2020〕10号（90/80/60）应为“{national}”",
            f'no bands are given; by the national ones (90/80/60) it is "{national}"',
        ),
    )


def _bands(view: View) -> list[str]:
    held = view.rules.bands if view.rules else ()
    return [
        f"{band.grade}≥{points(band.low)}"
        for band in sorted(held, key=lambda band: band.low, reverse=True)
    ]


CHECKS: tuple[Check, ...] = (weights, total_without_lines, lines_without_points, grade)
