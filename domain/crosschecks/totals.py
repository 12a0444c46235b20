"""Totals, groups, weights and grades against the lines they stand for."""

from collections.abc import Iterator
from decimal import Decimal

from domain.crosschecks.view import Check, View
from domain.crosschecks.wording import (
    at,
    joined,
    line_words,
    points,
    prints_as,
    quoted,
)
from domain.decisions import Chain
from domain.facts.form import ScoreDeclared, Subject
from domain.findings import Finding, FindingClass
from domain.scores import Origin
from domain.steps import exact_of
from domain.values import Rounding, RoundingMode, Words

_UP = RoundingMode.HALF_UP
_Declared = list[tuple[Chain, ScoreDeclared]]


def _modes(view: View) -> tuple[RoundingMode, ...]:
    return (_UP, view.rules.rounding.mode) if view.rules else (_UP,)


def total_sum(view: View) -> Iterator[Finding]:
    """A declared total that is not the sum of the lines, each different one once."""
    total = view.sheet.total
    declared = view.form.declared(Subject.TOTAL)
    if total is None:
        return
    for value, same in _by_points(declared).items():
        if prints_as(total, value, *_modes(view)):
            continue
        where = at(fact.place for _, fact in same)
        apart = _signed(value - total)
        yield view.finding(
            "total-sum",
            FindingClass.CONTRADICTION,
            claim=Words(f"总分 {points(value)}{where.zh}", f"total {points(value)}{where.en}"),
            recomputed=Words(
                f"{len(view.rows)} 行得分合计 {points(total)}，相差 {apart} 分",
                f"the {len(view.rows)} lines sum to {points(total)}, {apart} points apart",
            ),
            details=_groups(view),
            facts=[*(chain.head for chain, _ in same), view.form.rows_fact],
            values=[value, total],
        )


def _by_points(declared: _Declared) -> dict[Decimal, _Declared]:
    found: dict[Decimal, _Declared] = {}
    for chain, fact in declared:
        if fact.points is not None:
            found.setdefault(fact.points, []).append((chain, fact))
    return found


def _signed(value: Decimal) -> str:
    return f"{'+' if value > 0 else ''}{points(value)}"


def _groups(view: View) -> list[Words]:
    return [
        Words(f"{path[0]} {points(value)}", f"{path[0]} {points(value)}")
        for path, value in view.sheet.groups.items()
        if len(path) == 1 and value is not None
    ]


def stated_twice(view: View) -> Iterator[Finding]:
    """A score, total or grade that is declared differently in two places."""
    subjects: list[tuple[str | None, Words, _Declared]] = [
        (
            row.line,
            Words(f"{line_words(row).zh}得分", f"points of {line_words(row).en}"),
            view.form.declared(Subject.LINE, row.line),
        )
        for row in view.rows
    ]
    groups = dict.fromkeys(
        fact.path for _, fact in view.form.live(ScoreDeclared) if fact.subject is Subject.GROUP
    )
    for path in groups:
        group = quoted("/".join(path))
        named = Words(f"{group.zh}得分", f"points of {group.en}")
        subjects.append((None, named, view.form.declared(Subject.GROUP, path=path)))
    subjects.append((None, Words("总分", "total"), view.form.declared(Subject.TOTAL)))
    for line, named, declared in subjects:
        found = {points(value): same for value, same in _by_points(declared).items()}
        yield from _twice(view, line, named, found)
    grades: dict[str, _Declared] = {}
    for chain, fact in view.form.declared(Subject.GRADE):
        if fact.grade is not None:
            grades.setdefault(fact.grade, []).append((chain, fact))
    yield from _twice(view, None, Words("等级", "grade"), grades)


def _twice(
    view: View, line: str | None, named: Words, found: dict[str, _Declared]
) -> Iterator[Finding]:
    if len(found) < 2:  # noqa: PLR2004 - two that differ
        return
    each = [
        Words(f"{value}{where.zh}", f"{value}{where.en}")
        for value, same in found.items()
        for where in [at(fact.place for _, fact in same)]
    ]
    listed = joined(each, zh="、", en=", ")
    first = next(iter(found))
    yield view.finding(
        "score-stated-twice",
        FindingClass.CONTRADICTION,
        line=line,
        claim=Words(f"{named.zh}不一致：{listed.zh}", f"{named.en} differs: {listed.en}"),
        recomputed=Words(f"以 {first} 计", f"{first} counts"),
        facts=[chain.head for same in found.values() for chain, _ in same],
        values=[named.en, *found],
    )


def group_sum(view: View) -> Iterator[Finding]:
    """A declared score or weight of a group against its lines; a group that no line belongs to."""
    for chain, fact in view.form.live(ScoreDeclared):
        if fact.subject is not Subject.GROUP or not fact.path or not view.rows:
            continue
        named, where = quoted("/".join(fact.path)), at([fact.place])
        claim = Words(f"{named.zh}{where.zh}", f"{named.en}{where.en}")
        rows = [row for row in view.rows if row.path[: len(fact.path)] == fact.path]
        if not rows:
            yield view.finding(
                "group-without-lines",
                FindingClass.UNSUPPORTED,
                claim=claim,
                recomputed=Words("没有这个名称下的行", "no line stands under this name"),
                facts=[chain.head, view.form.rows_fact],
                values=[named.en],
            )
            continue
        finals = [view.sheet.line(row.line) for row in rows]
        summed = [one.final for one in finals if one is not None and one.final is not None]
        weights = [row.max_points for row in rows if row.max_points is not None]
        pairs = (
            (fact.points, summed, Words("得分", "points")),
            (fact.max_points, weights, Words("分值", "maximum points")),
        )
        for stated, parts, what in pairs:
            total = sum(parts, Decimal(0))
            if stated is None or len(parts) != len(rows):
                continue
            if prints_as(total, stated, *_modes(view)):
                continue
            yield view.finding(
                "group-sum",
                FindingClass.CONTRADICTION,
                claim=Words(
                    f"{named.zh}{what.zh} {points(stated)}{where.zh}",
                    f"{named.en}, {what.en} {points(stated)}{where.en}",
                ),
                recomputed=Words(
                    f"{len(rows)} 行合计 {points(total)}，相差 {_signed(stated - total)} 分",
                    f"its {len(rows)} lines sum to {points(total)}, "
                    f"{_signed(stated - total)} points apart",
                ),
                facts=[chain.head, view.form.rows_fact],
                values=[named.en, what.en, stated, total],
            )


def rounding_decides(view: View) -> Iterator[Finding]:
    """A total that the rule set's way of rounding makes another than the national half up."""
    rules = view.rules
    if rules is None or rules.rounding.mode is _UP or view.sheet.total is None:
        return
    national = Rounding(rules.rounding.places, _UP)
    total, changed = Decimal(0), []
    for row, score in zip(view.rows, view.sheet.lines, strict=True):
        value, calculated = score.final or Decimal(0), view.calculated(row)
        if score.origin is Origin.CALCULATED and calculated is not None and calculated.steps:
            value = national.apply(exact_of(calculated.steps))
        if value != score.final and score.final is not None:
            changed.append(
                Words(
                    f"{line_words(row).zh} {points(score.final)}，四舍五入 {points(value)}",
                    f"{line_words(row).en} {points(score.final)}, half up {points(value)}",
                )
            )
        total += value
    if total == view.sheet.total:
        return
    yield view.finding(
        "rounding-decides",
        FindingClass.NOTICE,
        claim=Words(
            f"总分 {points(view.sheet.total)}，按截位计算",
            f"total {points(view.sheet.total)}, cut off",
        ),
        recomputed=Words(f"四舍五入为 {points(total)}", f"half up it is {points(total)}"),
        details=changed,
        facts=[view.form.rules_fact],
        values=[view.sheet.total, total],
    )


CHECKS: tuple[Check, ...] = (total_sum, stated_twice, group_sum, rounding_decides)
