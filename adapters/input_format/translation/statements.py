"""Entries of a form that speak of its rows: evidence, actual values, scores, reasons."""

from collections.abc import Iterator
from typing import NamedTuple

from adapters.input_format import document as d
from adapters.input_format.problems import TWICE
from adapters.input_format.shapes import unknown_name
from adapters.input_format.translation.ground import FormGround
from adapters.input_format.translation.rows import Flat, row_place
from adapters.input_format.translation.values import actual_of
from domain import commands as c
from domain.facts import form as f
from domain.facts.envelope import Place
from domain.values import Words


class Stated(NamedTuple):
    """An entry, and what was read that states it."""

    given: object
    entry: c.Entry


def evidence(form: FormGround, rows: list[Flat]) -> Iterator[Stated]:
    """佐证材料, each file once with all the lines that it bears."""
    first: dict[str, tuple[d.Evidence, list[str]]] = {}
    for flat in rows:
        for given in flat.row.evidence:
            known, lines = first.setdefault(given.sha256, (given, []))
            if known != given:
                form.reading.report_at(
                    form.ground.path(given),
                    TWICE,
                    what=Words("佐证材料", "evidence"),
                    name=given.sha256[:12],
                    before=form.reading.at(form.ground.path(known)),
                    hint=Words("同一份材料各处写法须一致", "write the same file alike everywhere"),
                )
            if flat.line not in lines:
                lines.append(flat.line)
    for given, lines in first.values():
        fact = f.EvidenceAttached(
            sha256=given.sha256,
            size=given.size,
            media_type=given.media_type,
            title=given.title,
            document=given.document_number,
            lines=tuple(lines),
        )
        yield Stated(given, c.Entry(fact=fact))


def actuals(form: FormGround, rows: list[Flat]) -> Iterator[Stated]:
    """实际完成值."""
    for flat in rows:
        actual = actual_of(form, flat)
        if actual is not None:
            fact = f.ActualEntered(line=flat.line, actual=actual, evidence=flat.evidence)
            source = _source(form, flat, flat.row.actual)
            yield Stated(flat.row, c.Entry(fact=fact, source=source))


def reasons(form: FormGround, rows: list[Flat]) -> Iterator[Stated]:
    """扣分原因 and 改进措施."""
    for flat in rows:
        row = flat.row
        # Evidence without an actual value bears the reason; with one, both.
        alone = bool(row.evidence) and row.actual is None
        if row.reason is None and row.measure is None and not alone:
            continue
        fact = f.DeductionJustified(
            line=flat.line,
            reason=row.reason.text if row.reason else None,
            measure=row.measure,
            evidence=flat.evidence,
        )
        yield Stated(row, c.Entry(fact=fact, source=_source(form, flat, row.reason)))


def _source(form: FormGround, flat: Flat, given: d.Placed | None) -> Place | None:
    if given is not None and given.place is not None:
        return form.place(given)
    if flat.row.place is None and form.it.place is None:
        return None
    return row_place(form, flat)


def scores(form: FormGround, rows: list[Flat]) -> Iterator[Stated]:
    """Printed scores of lines, groups and the total, and the printed grade."""
    for flat in rows:
        if flat.row.score is not None:
            line_score = f.ScoreDeclared(
                subject=f.Subject.LINE,
                line=flat.line,
                points=flat.row.score,
                place=row_place(form, flat),
            )
            yield _declared(flat.row, line_score)
    for group in form.it.groups:
        _check_group(form, group, rows)
        group_score = f.ScoreDeclared(
            subject=f.Subject.GROUP,
            path=group.path,
            points=group.score,
            max_points=group.max_points,
            place=form.place(group, suffix=group.path[-1]),
            reason=group.reason,
        )
        yield _declared(group, group_score)
    for total in form.it.totals:
        total_score = f.ScoreDeclared(
            subject=f.Subject.TOTAL,
            points=total.score,
            max_points=total.max_points,
            place=form.place(total, suffix="总分"),
            reason=total.reason,
        )
        yield _declared(total, total_score)
    for grade in form.it.grade:
        place = form.place(grade, suffix="等级")
        declared = f.ScoreDeclared(subject=f.Subject.GRADE, grade=grade.grade, place=place)
        yield _declared(grade, declared)


def _declared(given: object, fact: f.ScoreDeclared) -> Stated:
    return Stated(given, c.Entry(fact=fact, source=fact.place))


def _check_group(form: FormGround, group: d.GroupScore, rows: list[Flat]) -> None:
    size = len(group.path)
    if form.reading.hurt(f"{form.path}.lines"):
        return  # a row that could not be read may be the one
    if rows and not any(flat.path[:size] == group.path for flat in rows):
        known = ["/".join(part) for part in dict.fromkeys(flat.path[:size] for flat in rows)]
        what = Words("一级、二级指标", "level with rows")
        path = f"{form.ground.path(group)}.path"
        unknown_name(form.reading, path, "/".join(group.path), what, known)
