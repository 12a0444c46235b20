"""Deductions without a reason, and points without data."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from domain.crosschecks.findings import Finding, FindingClass
from domain.crosschecks.view import Check, View
from domain.crosschecks.wording import (
    at,
    joined,
    line_words,
    points,
)
from domain.evaluation.readings import Reading
from domain.evaluation.scores import LineScore, Origin
from domain.evaluation.state import FormState
from domain.facts.form import Subject
from domain.values import Words

_WITH_REASON = frozenset({Origin.REVIEW, Origin.OVERRIDE})


def explained(form: FormState, score: LineScore) -> bool:
    """Whether a line has no deduction, or one with a reason. Overrides and review scores carry
    theirs; blank is absent.
    """
    if not score.deduction or score.deduction < 0:
        return True
    if score.origin in _WITH_REASON:
        noted = (form.reviews if score.origin is Origin.REVIEW else form.overrides)[score.line]
        return bool(noted.fact.reason)
    justified = form.justification(score.line)
    if justified is not None and justified[1].reason:
        return True
    return any(fact.reason for _, fact in form.declared(Subject.LINE, score.line))


def without_reason(view: View) -> Iterator[Finding]:
    """Points deducted without a reason, line by line; the whole where there is no line.

    A row that the document does not print cannot carry a printed reason and is reported as
    missing instead.
    """
    open_ = [
        (row, score)
        for row in view.rows
        if row.printed and (score := view.scores.get(row.line)) and not explained(view.form, score)
    ]
    whole = sum((score.deduction for _, score in open_ if score.deduction), Decimal(0))
    for row, score in open_:
        lost, final = score.deduction or Decimal(0), score.final or Decimal(0)
        most = row.max_points or Decimal(0)
        declared = view.form.declared(Subject.LINE, row.line)
        calculated = view.form.calculated.get(row.line)
        yield view.finding(
            "deduction-without-reason",
            FindingClass.UNSUPPORTED,
            line=row.line,
            claim=Words(
                f"{line_words(row).zh}分值 {points(most)}，得 {points(final)}，扣 {points(lost)} 分",
                f"{line_words(row).en} scored {points(final)} of {points(most)}, {points(lost)} off",
            ),
            recomputed=Words(
                f"没有扣分原因；全表无原因的扣分共 {points(whole)} 分（{len(open_)} 行）",
                f"no reason is given; without one: {points(whole)} points, lines: {len(open_)}",
            ),
            facts=[
                *(chain.head for chain, _ in declared),
                calculated.event_id if calculated and not declared else None,
            ],
            values=[most, final],
        )
    yield from _whole(view)


def _whole(view: View) -> Iterator[Finding]:
    declared = view.form.declared(Subject.TOTAL)
    if view.rows or not declared:
        return
    chain, fact = declared[0]
    most = fact.max_points or view.total_points
    if fact.points is None or fact.points >= most or any(one.reason for _, one in declared):
        return
    where, lost = at([fact.place]), most - fact.points
    yield view.finding(
        "deduction-without-reason",
        FindingClass.UNSUPPORTED,
        claim=Words(
            f"总分 {points(fact.points)}，扣 {points(lost)} 分{where.zh}",
            f"total {points(fact.points)}, {points(lost)} off{where.en}",
        ),
        recomputed=Words(
            f"{points(lost)} 分没有扣分原因，也没有指标行",
            f"no reason is given for {points(lost)} points, and there are no lines",
        ),
        facts=[chain.head],
        values=[most, fact.points],
    )


def full_marks(view: View) -> Iterator[Finding]:
    """Full points for a line without an actual value that no reading can compute either."""
    for row in view.rows:
        score = view.scores.get(row.line)
        if score is None or not row.max_points or score.self_points != row.max_points:
            continue
        if view.form.actual(row.line) is not None or score.origin in _WITH_REASON:
            continue
        found, calculated = view.readings(row), view.calculated(row)
        if any(one.points is not None or one.value is not None for one in found):
            continue
        if calculated is not None and (calculated.points is not None or calculated.excluded):
            continue  # points for what is not applicable are held against the rule
        lacking = _lacking(found)
        declared = view.form.declared(Subject.LINE, row.line)
        where = at(fact.place for _, fact in declared)
        yield view.finding(
            "full-marks-without-data",
            FindingClass.UNSUPPORTED,
            line=row.line,
            claim=Words(
                f"{line_words(row).zh}得满分 {points(row.max_points)}{where.zh if declared else ''}",
                f"{line_words(row).en} has full points, {points(row.max_points)}"
                + (where.en if declared else ""),
            ),
            recomputed=lacking,
            facts=[
                *(chain.head for chain, _ in declared),
                view.form.rows_fact,
                *(fact for one in found for fact in one.facts),
            ],
            values=[row.max_points, lacking.zh],
        )


def _lacking(found: Iterable[Reading]) -> Words:
    """What there is not: figures, or anything that they could measure."""
    nothing = [one for one in found if one.nothing]
    if nothing:
        labels = joined(one.label for one in nothing)
        return Words(
            f"没有实际完成值；{labels.zh}，没有可计量的数",
            f"no actual value; {labels.en}, nothing to measure",
        )
    return Words(
        "没有实际完成值，也没有可以测算的数", "no actual value, and no figures to work it out"
    )


CHECKS: tuple[Check, ...] = (without_reason, full_marks)
