"""What an evaluation states, value by value, so that two of them can be held side by side."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import NamedTuple
from uuid import UUID

from domain.facts.envelope import Place
from domain.scoring.indicators import (
    DateActual,
    DateTarget,
    ItemsActual,
    LabelActual,
    NotApplicable,
    NumberActual,
    NumberTarget,
    TextTarget,
)
from domain.values import Words, plain, wan
from projections import adjustments, current, findings
from projections.differences.rows import Part, Value
from projections.tables import prose
from projections.unit_year import UnitYearFold, stated_by


class Key(NamedTuple):
    """Where a value stands: the part, what in it, and which of its values."""

    part: Part
    subject: str
    field: str


class Subject(NamedTuple):
    """A line, a figure, a finding: what values belong to."""

    part: Part
    subject: str


class Snapshot:
    """Every value of a form at one moment, in the order of the form.

    ``names`` says what each subject is called. The first value of a subject speaks for all where
    the other side has no such subject. ``rests_on`` are the facts that a finding names.
    """

    def __init__(self) -> None:
        """Nothing stated: the form is not open."""
        self.values: dict[Key, Value] = {}
        self.names: dict[Subject, Words] = {}
        self.rests_on: dict[str, tuple[UUID, ...]] = {}

    def state(
        self, part: Part, subject: str, name: Words, values: Mapping[str, Value | bool | None]
    ) -> None:
        """Take the values of one subject, those that are there; a bool says 是 or nothing."""
        given: dict[str, Value] = {
            field: _YES if value is True else value
            for field, value in values.items()
            if value is not None and value is not False and value != ""
        }
        if not given:
            return
        self.names[Subject(part, subject)] = name
        for field, value in given.items():
            self.values[Key(part, subject, field)] = value


_YES = Words("是", "yes")


def snapshot(
    fold: UnitYearFold, form_id: str, *, by_path: bool = False, with_findings: bool = True
) -> Snapshot:
    """What a form states as its facts have left it; nothing while it is not open.

    ``by_path`` names lines by their indicators, so that those of two forms can be compared.
    """
    found = Snapshot()
    if form_id not in fold.forms:
        return found
    derived = current.derive(fold, form_id)
    if derived is None:
        return found
    _form(found, derived.evaluation)
    lines = {one.line: "/".join(one.path) if by_path else one.line for one in derived.lines}
    for line in derived.lines:
        _line(found, fold, form_id, line, lines[line.line])
    _figures(found, derived)
    _adjustments(found, fold, derived.evaluation.project)
    if with_findings:
        _findings(found, fold, form_id, lines)
    _problems(found, derived.evaluation)
    return found


def _form(found: Snapshot, one: current.Evaluation) -> None:
    rules = f"{one.rule_set} {one.rule_set_version}" if one.rule_set else None
    found.state(
        Part.STATE,
        "",
        Words("自评表", "the form"),
        {
            "status": one.status,
            "unit_name": one.unit_name,
            "project_name": one.project_name,
            "rule_set": rules,
            "rule_set_digest": one.rule_set_digest,
            "basis": one.basis,
            "stale": one.stale,
            "published_digest": one.published_digest,
            "returns": str(len(one.returns)) if one.returns else None,
            "withheld": str(len(one.withheld)) if one.withheld else None,
        },
    )
    found.state(
        Part.TOTAL,
        "",
        Words("总分", "the total"),
        {
            "computed_total": one.computed_total,
            "subtotal": one.subtotal,
            "grade_computed": one.grade_computed,
            "finalised_total": one.finalised_total,
            "finalised_grade": one.finalised_grade,
        },
    )
    for declared, field in ((one.declared_totals, "declared"), (one.grades_declared, "grade")):
        for score in declared:
            place = _place(score.place)
            found.state(Part.TOTAL, place, Words(place, place), {field: score.value or score.grade})
    for group in one.groups:
        path = "/".join(group.path)
        stated = {f"declared {_place(score.place)}": score.value for score in group.declared}
        found.state(Part.GROUP, path, Words(path, path), {"points": group.points, **stated})


def _line(
    found: Snapshot, fold: UnitYearFold, form_id: str, one: current.EvaluationLine, subject: str
) -> None:
    name = f"{one.line} {one.path[-1]}"
    reason = stated_by(fold.facts[one.reason_fact].fact).reason if one.reason_fact else None
    form = fold.forms[form_id]
    said, justified = form.actual(one.line), form.justification(one.line)
    papers = [sha256 for entry in (said, justified) if entry for sha256 in entry[1].evidence]
    found.state(
        Part.LINE,
        subject,
        Words(name, name),
        {
            "final": one.final,
            "path": "/".join(one.path),
            "max_points": one.max_points,
            "operator": one.operator,
            "target": _target(one),
            "metric": f"{one.metric} {one.base}" if one.metric else None,
            "rule": one.rule,
            "actual": _actual(one),
            "evidence": "、".join(sha256[:12] for sha256 in dict.fromkeys(papers)),
            "calculated": one.calculated,
            "obstacle": one.obstacle,
            "declared": one.declared,
            "override": one.override,
            "self_points": one.self_points,
            "review": one.review,
            "origin": one.origin,
            "deduction": one.deduction,
            "reason": prose(reason),
            "measure": prose(justified[1].measure) if justified else None,
            "stale": one.stale,
            "excluded": one.excluded,
        },
    )


def _target(one: current.EvaluationLine) -> str | None:
    match one.target:
        case NumberTarget(value=value, unit=unit):
            return f"{plain(value)}{unit}"
        case DateTarget(due=due):
            return f"{due}"
        case TextTarget(text=text, unit=unit):
            return f"{text}{unit or ''}"
        case None:
            return None


def _actual(one: current.EvaluationLine) -> Value | None:
    match one.actual:
        case NumberActual(value=value, unit=unit):
            return f"{plain(value)}{unit}"
        case DateActual(on=day):
            return f"{day}"
        case LabelActual(label=label, chosen=chosen):
            return label if chosen is None else f"{label} {plain(chosen)}"
        case ItemsActual(met=met):
            return "、".join(met) or Words("无", "none")
        case NotApplicable():
            return Words("不适用", "not applicable")
        case _:
            return one.actual_text


def _figures(found: Snapshot, derived: current.Current) -> None:
    numbers: dict[str, Iterator[int]] = {}
    for one in derived.figures:
        if one.source is current.FigureSource.BOOKED:
            found.state(Part.MONEY, one.quantity, one.quantity.words, {"amount": one.amount})
            continue
        subject = f"{one.quantity} {_place(one.place)}"
        number = next(numbers.setdefault(subject, count(1)))
        place = _place(one.place)
        name = Words(f"{one.quantity.words.zh}（{place}）", f"{one.quantity.words.en} ({place})")
        found.state(
            Part.FIGURE,
            subject if number == 1 else f"{subject} {number}",
            name,
            {"amount": one.amount, "printed": f"{one.printed}{one.unit}", "counts": one.counts},
        )
    _statements(found, derived.evaluation)


def _statements(found: Snapshot, one: current.Evaluation) -> None:
    for rate in one.rates:
        subject = f"{rate.metric} {rate.base or ''} {_place(rate.place)}"
        found.state(Part.FIGURE, subject, Words(subject, subject), {"printed": str(rate.printed)})
    for whole in one.breakdowns:
        for part in whole.parts:
            subject = f"{whole.quantity} {_place(whole.place)} {part.name}"
            printed = {"printed": str(part.printed)}
            found.state(Part.FIGURE, subject, Words(part.name, part.name), printed)
    for task in one.tasks:
        found.state(
            Part.FIGURE,
            f"{task.name} {_place(task.place)}",
            Words(task.name, task.name),
            {
                field: str(value) if value else None
                for field, value in (
                    ("approved", task.approved),
                    ("actual", task.actual),
                    ("rate", task.rate),
                )
            },
        )


def _adjustments(found: Snapshot, fold: UnitYearFold, project: str | None) -> None:
    for row in adjustments.derive(fold):
        if project is not None and project not in {row.from_project, row.to_project}:
            continue
        paper, kind = row.document or "", row.kind.words
        name = Words(f"{kind.zh} {paper}".strip(), f"{kind.en} {paper}".strip())
        within = row.direction is adjustments.Direction.WITHIN
        dates = tuple(dict.fromkeys((row.effective_from, row.effective_to)))
        found.state(
            Part.ADJUSTMENT,
            str(row.origin),
            name,
            {
                "amount": wan(row.gross_fen if within else row.in_fen - row.out_fen),
                "kind": row.kind.words,
                "document": row.document,
                "source": row.source,
                "approved_by": row.approved_by,
                "approved_on": str(row.approved_on) if row.approved_on else None,
                "effective": " – ".join(str(day) for day in dates if day) or None,
                "excluded": row.excluded,
                "reason": row.reason,
                "voided": row.voided,
            },
        )


def _findings(found: Snapshot, fold: UnitYearFold, form_id: str, lines: Mapping[str, str]) -> None:
    for row in findings.derive(fold)[form_id]:
        where = f"{lines.get(row.line, row.line)} " if row.line else ""
        label = f"{where}{row.code}"
        found.rests_on[row.id] = row.facts
        found.state(
            Part.FINDING,
            row.id,
            Words(label, label),
            {
                "claim": Words(
                    f"{row.claim.zh} → {row.recomputed.zh}", f"{row.claim.en} → {row.recomputed.en}"
                ),
                "acknowledged_by": row.acknowledged_by,
                "remark": row.remark,
            },
        )


def _problems(found: Snapshot, one: current.Evaluation) -> None:
    for problem in one.problems:
        label = Words(f"问题 {problem.number}", f"problem {problem.number}")
        found.state(Part.PROBLEM, f"problem {problem.number}", label, {"text": problem.text})
        for measure in problem.measures:
            label = Words(f"措施 {measure.number}", f"measure {measure.number}")
            done = measure.completed_at is not None
            found.state(
                Part.PROBLEM,
                f"measure {measure.number}",
                label,
                {
                    "text": measure.text,
                    "due": str(measure.due) if measure.due else None,
                    "completed": done,
                    "document": measure.document,
                },
            )
    for paper in one.evidence:
        label = Words(paper.document or paper.sha256[:12], paper.document or paper.sha256[:12])
        found.state(
            Part.EVIDENCE,
            paper.sha256,
            label,
            {
                "sha256": paper.sha256,
                "title": paper.title,
                "document": paper.document,
                "lines": "、".join(paper.lines),
            },
        )
    for number, seen in enumerate(one.progress, start=1):
        label = Words(f"第 {number} 次监控", f"monitoring {number}")
        found.state(
            Part.PROGRESS,
            str(number),
            label,
            {
                "actual": seen.actual,
                "planned": seen.planned,
                "forecast": seen.forecast,
                "light": seen.light,
                "line": seen.line,
            },
        )


def _place(place: Place | None) -> str:
    return f"{place.document} {place.place}" if place is not None else ""
