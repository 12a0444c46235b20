"""Each line's score against its rule, and one fact under two rules."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from domain.crosschecks.findings import Finding, FindingClass
from domain.crosschecks.view import Check, View
from domain.crosschecks.wording import (
    at,
    joined,
    line_words,
    points,
    quoted,
    rate,
    rule_words,
)
from domain.decisions import Chain
from domain.evaluation.readings import Reading, rate_text
from domain.facts.form import ScoreDeclared, Subject
from domain.scoring import interval
from domain.scoring.indicators import Indicator, LabelActual
from domain.scoring.metrics import METRICS
from domain.scoring.rules import Manual, QualitativeBand, Rule
from domain.values import Words

SAME_SHARE = Fraction(1, 100)
"""Two lines that give one fact the same share of their points, within this, are in agreement."""


def score_rule(view: View) -> Iterator[Finding]:
    """A declared score that its rule does not give, with what each reading of the line gives."""
    for row in view.rows:
        declared = view.form.declared(Subject.LINE, row.line)
        rule = _rule(view, row)
        if not declared or declared[0][1].points is None or rule is None:
            continue
        calculated = view.calculated(row)
        if calculated is not None and calculated.excluded:
            yield _not_applicable(view, row, *declared[0], declared[0][1].points)
        elif not isinstance(rule, Manual | QualitativeBand):
            yield from _score_rule(view, row, *declared[0], declared[0][1].points)


def _rule(view: View, row: Indicator) -> Rule | None:
    return view.rules.rules.get(row.rule) if view.rules and row.rule else None


def _score_rule(
    view: View, row: Indicator, chain: Chain, fact: ScoreDeclared, value: Decimal
) -> Iterator[Finding]:
    calculated = view.calculated(row)
    right = calculated.points if calculated else None
    found = view.readings(row)
    scored = [one for one in found if one.points is not None]
    if right == value or (right is None and not scored):
        return
    same = [one for one in scored if one.points == value]
    # A rate as printed explains nothing where numbers give the same.
    same = [one for one in same if one.base is not None] or same
    where = at([fact.place])
    own = next((one for one in found if one.own or (one.counting and one.base == _base(row))), None)
    code, class_ = "score-rule", FindingClass.CONTRADICTION
    if right is not None:
        recomputed = _rule_gives(right, own, same)
    elif same:
        code, class_ = "score-unsupported", FindingClass.UNSUPPORTED
        recomputed = _only_otherwise(own, same)
    else:
        recomputed = _none_gives(own, scored, value)
    yield view.finding(
        code,
        class_,
        line=row.line,
        claim=Words(
            f"{line_words(row).zh}得 {points(value)} 分{where.zh}",
            f"{line_words(row).en} scored {points(value)}{where.en}",
        ),
        recomputed=recomputed,
        details=[one.words for one in found],
        facts=[chain.head, view.form.rows_fact, *(fact for one in found for fact in one.facts)],
        values=[value, right if right is not None else "", *(_value(one) for one in scored)],
    )


def _value(one: Reading) -> str:
    """What a reading puts in, and the points that it gives."""
    put_in = one.label.zh if one.value is None else rate_text(one.value)
    return f"{put_in}→{points(one.points or Decimal(0))}"


def _base(row: Indicator) -> str | None:
    return row.metric.base if row.metric else None


def _rule_gives(right: Decimal, own: Reading | None, same: list[Reading]) -> Words:
    zh, en = f"按规则得 {points(right)} 分", f"its rule gives {points(right)}"
    if own is not None:
        zh, en = f"{zh}（{_put_in(own).zh}）", f"{en} ({_put_in(own).en})"
    if same:
        other = joined(_put_in(one) for one in same)
        zh = f"{zh}；得 {points(same[0].points or Decimal(0))} 分的是{other.zh}"
        en = f"{en}; {points(same[0].points or Decimal(0))} comes out {other.en}"
    return Words(zh, en)


def _put_in(one: Reading) -> Words:
    if one.base is None or one.value is None:
        return one.label
    value = rate(one.value)
    return Words(f"{one.label.zh} = {value.zh}", f"{one.label.en} = {value.en}")


def _not_applicable(
    view: View, row: Indicator, chain: Chain, fact: ScoreDeclared, value: Decimal
) -> Finding:
    """Points for a line with nothing to measure: against the form's own word 不适用, or borne by
    nothing where its figures are 0 ÷ 0.
    """
    entered, found, where = view.form.actual(row.line), view.readings(row), at([fact.place])
    own = next((one for one in found if one.own), None)
    said = (
        Words("实际完成值填“不适用”", 'the actual value is "not applicable"')
        if entered is not None
        else Words(f"{own.label.zh}，没有可计量的数", f"{own.label.en}, nothing to measure")
        if own is not None
        else Words("没有可计量的数", "there is nothing to measure")
    )
    return view.finding(
        "score-rule" if entered is not None else "score-unsupported",
        FindingClass.CONTRADICTION if entered is not None else FindingClass.UNSUPPORTED,
        line=row.line,
        claim=Words(
            f"{line_words(row).zh}得 {points(value)} 分{where.zh}",
            f"{line_words(row).en} scored {points(value)}{where.en}",
        ),
        recomputed=Words(
            f"{said.zh}；按规则该行不计分，其余各行按比例放大",
            f"{said.en}; by its rule the line has no points and the others are rescaled",
        ),
        details=[one.words for one in found],
        facts=[chain.head, view.form.rows_fact, *(fact for one in found for fact in one.facts)],
        values=[value, "NOT_APPLICABLE", own.label.zh if own else ""],
    )


def _obstacle(own: Reading | None) -> Words:
    if own is None or own.obstacle is None:
        return Words("按规则无法计算", "its rule gives no points")
    return Words(
        f"按规则无法计算（{own.obstacle.zh}）", f"its rule gives no points ({own.obstacle.en})"
    )


def _only_otherwise(own: Reading | None, same: list[Reading]) -> Words:
    why, other = _obstacle(own), joined(_put_in(one) for one in same)
    return Words(
        f"{why.zh}；只有 {other.zh} 得这个分", f"{why.en}; only {other.en} gives this score"
    )


def _none_gives(own: Reading | None, scored: list[Reading], value: Decimal) -> Words:
    why = _obstacle(own)
    each = "、".join(dict.fromkeys(points(one.points) for one in scored if one.points is not None))
    return Words(
        f"{why.zh}；其他口径得 {each} 分，都不是 {points(value)} 分",
        f"{why.en}; other readings give {each.replace('、', ', ')}, none gives {points(value)}",
    )


def chosen_interval(view: View) -> Iterator[Finding]:
    """A score outside the interval that its qualitative step allows, or one outside 0 to the
    maximum.
    """
    for row in view.rows:
        score = view.scores.get(row.line)
        # A reviewer may go below a step, and gives a reason.
        final = score.self_points if score else None
        if final is None or row.max_points is None:
            continue
        low, high, facts = Decimal(0), row.max_points, [view.form.rows_fact]
        if not low <= final <= high and not _capped_above(view, row, final):
            yield view.finding(
                "score-outside-maximum",
                FindingClass.CONTRADICTION,
                line=row.line,
                claim=_scored(row, final),
                recomputed=Words(f"分值 {points(high)}", f"maximum points {points(high)}"),
                facts=facts,
                values=[final, high],
            )
            continue
        rule, actual = _rule(view, row), view.form.actual(row.line)
        if not isinstance(rule, QualitativeBand) or actual is None:
            continue
        label = actual[1].actual
        allowed = (
            interval(rule, label.label, row.max_points) if isinstance(label, LabelActual) else None
        )
        if isinstance(label, LabelActual) and allowed is not None and final not in allowed:
            yield view.finding(
                "score-outside-step",
                FindingClass.CONTRADICTION,
                line=row.line,
                claim=_scored(row, final),
                recomputed=Words(
                    f"{quoted(label.label).zh}档允许 {allowed} 分",
                    f'"{label.label}" allows {allowed} points',
                ),
                facts=[*facts, actual[0].head],
                values=[final, label.label, allowed],
            )


def _scored(row: Indicator, final: Decimal) -> Words:
    return Words(
        f"{line_words(row).zh}得 {points(final)} 分",
        f"{line_words(row).en} scored {points(final)}",
    )


def _capped_above(view: View, row: Indicator, final: Decimal) -> bool:
    # A cap above 1 lets a rule give more than the maximum; then the rule is the bound.
    calculated = view.calculated(row)
    return calculated is not None and calculated.points == final


def same_fact(view: View) -> Iterator[Finding]:
    """One metric on one base in two lines whose rules give it different shares of their points."""
    held: dict[tuple[str, str], list[tuple[Indicator, Rule, Decimal, Decimal]]] = {}
    for row in view.rows:
        rule, score = _rule(view, row), view.scores.get(row.line)
        points_ = score.self_points if score else None
        if row.metric and rule and points_ is not None and row.max_points:
            key = (row.metric.metric, row.metric.base)
            held.setdefault(key, []).append((row, rule, points_, row.max_points))
    for (metric, base), same in held.items():
        shares = [Fraction(value) / Fraction(most) for _, _, value, most in same]
        rules = {rule for _, rule, _, _ in same}
        if len(rules) < 2 or max(shares) - min(shares) <= SAME_SHARE:  # noqa: PLR2004 - two rules
            continue
        named = METRICS[metric].words if metric in METRICS else Words(metric, metric)
        value = _one_value(view, [row for row, _, _, _ in same])
        each = joined(_with_share(rule, value_, most) for _, rule, value_, most in same)
        yield view.finding(
            "same-fact-two-rules",
            FindingClass.CONTRADICTION,
            line=same[-1][0].line,
            claim=Words(
                f"{named.zh}{value.zh}在 {len(same)} 行计分",
                f"{named.en}{value.en} is scored in {len(same)} lines",
            ),
            recomputed=Words(f"同一事实两种规则：{each.zh}", f"one fact, two rules: {each.en}"),
            details=[
                Words(
                    f"{'/'.join(row.path)}：{points(one)} 分",
                    f"{'/'.join(row.path)}: {points(one)}",
                )
                for row, _, one, _ in same
            ],
            facts=[view.form.rows_fact, *_facts(view, same)],
            values=[
                metric,
                base,
                value.en,
                *(f"{one}/{most} {rule_words(rule).en}" for _, rule, one, most in same),
            ],
        )


def _one_value(view: View, rows: list[Indicator]) -> Words:
    own = [one for row in rows for one in view.readings(row) if one.own and one.value is not None]
    if not own or own[0].value is None:
        return Words("", "")
    value = rate(own[0].value)
    return Words(f" {value.zh} ", f" ({value.en})")


def _with_share(rule: Rule, value: Decimal, most: Decimal) -> Words:
    share, how = rate(Fraction(value) * 100 / Fraction(most), 1), rule_words(rule)
    return Words(
        f"{points(most)} 分得 {points(value)}（{share.zh}，{how.zh}）",
        f"{points(value)} of {points(most)} ({share.en}, {how.en})",
    )


def _facts(view: View, same: list[tuple[Indicator, Rule, Decimal, Decimal]]) -> Iterator[UUID]:
    for row, _, _, _ in same:
        for one in view.readings(row):
            if one.own:
                yield from one.facts


CHECKS: tuple[Check, ...] = (score_rule, chosen_interval, same_fact)
