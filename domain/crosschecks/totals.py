"""Totals, groups, weights and grades against the lines they stand for."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec

from domain.crosschecks.findings import Finding, FindingClass
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
from domain.evaluation.scores import LineScore, Origin
from domain.facts.form import ScoreDeclared, Subject
from domain.scoring import LinePoints, Total
from domain.scoring import total as sum_up
from domain.scoring.indicators import Indicator
from domain.scoring.steps import Step, exact_of
from domain.values import Rounding, RoundingMode, RoundingScope, Words

_UP = RoundingMode.HALF_UP
_RESCALED = Words("（有不适用的行，已放大）", " (rescaled for what is not applicable)")
_Declared = list[tuple[Chain, ScoreDeclared]]


def _modes(view: View) -> tuple[RoundingMode, ...]:
    return (_UP, view.rules.rounding.mode) if view.rules else (_UP,)


def total_sum(view: View) -> Iterator[Finding]:
    """A declared total that is not the sum of the lines, each different one once."""
    total = view.sheet.total
    declared = view.form.declared(Subject.TOTAL)
    if total is None:
        return
    more = _RESCALED if _rescaled(view) else Words("", "")
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
                f"{len(view.rows)} 行得分合计 {points(total)}{more.zh}，相差 {apart} 分",
                f"the {len(view.rows)} lines sum to {points(total)}{more.en}, {apart} points apart",
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
                values=[named.en, fact.points if fact.points is not None else ""],
            )
            continue
        pairs = (
            (fact.points, _group_points(view, fact.path, rows), Words("得分", "points")),
            (fact.max_points, _weight(rows), Words("分值", "maximum points")),
        )
        for stated, sums, what in pairs:
            if stated is None or not sums:
                continue
            if any(prints_as(one, stated, *_modes(view)) for one in sums):
                continue
            total, more = sums[0], _RESCALED if len(sums) > 1 else Words("", "")
            yield view.finding(
                "group-sum",
                FindingClass.CONTRADICTION,
                claim=Words(
                    f"{named.zh}{what.zh} {points(stated)}{where.zh}",
                    f"{named.en}, {what.en} {points(stated)}{where.en}",
                ),
                recomputed=Words(
                    f"{len(rows)} 行合计 {points(total)}{more.zh}，"
                    f"相差 {_signed(stated - total)} 分",
                    f"its {len(rows)} lines sum to {points(total)}{more.en}, "
                    f"{_signed(stated - total)} points apart",
                ),
                facts=[chain.head, view.form.rows_fact],
                values=[named.en, what.en, stated, total],
            )


def _group_points(view: View, path: tuple[str, ...], rows: Sequence[Indicator]) -> list[Decimal]:
    """What the lines of a group give, as the sheet sums them; empty where one has no points.

    Where a line of the form is not applicable its groups may be printed rescaled or as they are.
    """
    lines = [one for row in rows if (one := view.scores.get(row.line))]
    if lines and all(one.excluded for one in lines):
        return [Decimal(0)]
    if path in view.sheet.groups:
        whole = view.sheet.groups[path]
    else:  # the path of the lines themselves
        whole = _total(view, lines, view.rules.rounding if view.rules else Rounding())
    held = [] if whole is None else [whole]
    if held and _rescaled(view):
        applicable = [one for one in lines if not one.excluded]
        plainly = _total(view, applicable, view.rules.rounding if view.rules else Rounding())
        held += [] if plainly is None else [plainly]
    return held


def _rescaled(view: View) -> bool:
    return any(one.excluded for one in view.sheet.lines)


def _weight(rows: Sequence[Indicator]) -> list[Decimal]:
    weights = [row.max_points for row in rows if row.max_points is not None]
    return [sum(weights, Decimal(0))] if len(weights) == len(rows) else []


def rounding_decides(view: View) -> Iterator[Finding]:
    """A total that the rule set's way of rounding makes another than the national half up."""
    rules, stands = view.rules, view.sheet.total
    if rules is None or rules.rounding.mode is _UP or stands is None:
        return
    national = msgspec.structs.replace(rules.rounding, mode=_UP)
    total = _total(view, view.sheet.lines, national)
    if total is None or total == stands:
        return
    yield view.finding(
        "rounding-decides",
        FindingClass.NOTICE,
        claim=Words(
            f"总分 {points(stands)}，按截位计算",
            f"total {points(stands)}, cut off",
        ),
        recomputed=Words(f"四舍五入为 {points(total)}", f"half up it is {points(total)}"),
        details=_rounded_otherwise(view, rules.rounding, national),
        facts=[view.form.rules_fact],
        values=[stands, total],
    )


def _total(view: View, lines: Sequence[LineScore], rounding: Rounding) -> Decimal | None:
    """The sum of some lines from their exact points; None where one has none."""
    rescaled = any(one.excluded for one in lines)
    parts = []
    for one in lines:
        value: Decimal | Fraction | None = one.final
        if value is None and not one.excluded:
            return None
        own = None
        if one.origin is Origin.CALCULATED:
            value, own = _exact(view, one), _own_rounding(view, one)
        parts.append(
            LinePoints(value or Decimal(0), one.max_points, one.excluded, None if rescaled else own)
        )
    found = sum_up(parts, rounding)
    return found.points if isinstance(found, Total) else None


def _exact(view: View, score: LineScore) -> Fraction:
    steps: tuple[Step, ...] = view.form.calculated[score.line].fact.steps
    return exact_of(steps) if steps else Fraction(score.calculated or 0)


def _own_rounding(view: View, score: LineScore) -> Rounding | None:
    """The rounding of the line's own rule, which goes before the rule set's."""
    name = view.form.rows[score.line].rule
    rule = view.rules.rules.get(name) if view.rules and name else None
    return rule.modifiers.rounding if rule else None


def _rounded_otherwise(view: View, cut: Rounding, national: Rounding) -> list[Words]:
    """The lines that rounding changes; where only the whole is rounded, its exact sum."""
    calculated = [one for one in view.sheet.lines if one.origin is Origin.CALCULATED]
    if cut.scope is RoundingScope.TOTAL:
        exact = sum((_exact(view, one) for one in calculated), Fraction(0))
        few = Rounding(cut.places + 2, RoundingMode.DOWN).apply(exact)
        shown = points(few) + ("…" if few != exact else "")
        return [
            Words(
                f"{len(calculated)} 行计算得分未取舍之和 {shown}",
                f"the {len(calculated)} calculated lines sum to {shown} before rounding",
            )
        ]
    changed = []
    for one in calculated:
        row, half_up = view.form.rows[one.line], national.apply(_exact(view, one))
        if one.final is not None and half_up != one.final and not _own_rounding(view, one):
            changed.append(
                Words(
                    f"{line_words(row).zh} {points(one.final)}，四舍五入 {points(half_up)}",
                    f"{line_words(row).en} {points(one.final)}, half up {points(half_up)}",
                )
            )
    return changed


CHECKS: tuple[Check, ...] = (total_sum, stated_twice, group_sum, rounding_decides)
