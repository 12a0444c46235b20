"""Each line's score against its rule, its data and its reason."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from domain.calculation import outcome_of
from domain.crosschecks.view import Check, View
from domain.crosschecks.wording import at, joined, name_of, points, rate, rule_words
from domain.facts.form import ScoreDeclared, Subject
from domain.findings import Finding, FindingClass
from domain.form import FormState
from domain.indicators import Indicator, LabelActual
from domain.readings import Reading
from domain.rules import Manual, QualitativeBand, Rule
from domain.scores import LineScore, Origin
from domain.scoring import interval
from domain.values import Words
from domain.decisions import Chain

SAME_SHARE = Fraction(1, 100)
"""Two lines that give one fact the same share of their points, within this, are in agreement."""


def score_rule(view: View) -> Iterator[Finding]:
    """A declared score that its rule does not give, with what each reading of the line gives."""
    for row in view.rows:
        declared = view.form.declared(Subject.LINE, row.line)
        rule = _rule(view, row)
        if not declared or declared[0][1].points is None or rule is None:
            continue
        if not isinstance(rule, Manual | QualitativeBand):
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
            f"“{name_of(row)}”得 {points(value)} 分{where.zh}",
            f'"{name_of(row)}" scored {points(value)}{where.en}',
        ),
        recomputed=recomputed,
        details=[one.words for one in found],
        facts=[chain.head, view.form.rows_fact, *(fact for one in found for fact in one.facts)],
        values=[value, right if right is not None else "", *(one.points for one in scored)],
    )


def _base(row: Indicator) -> str | None:
    return row.metric.base if row.metric else None


def _rule_gives(right: Decimal, own: Reading | None, same: list[Reading]) -> Words:
    zh, en = f"按规则得 {points(right)} 分", f"its rule gives {points(right)}"
    if own is not None:
        zh, en = f"{zh}（{_put_in(own).zh}）", f"{en} ({_put_in(own).en})"
    if same:
        other = joined(_put_in(one) for one in same)
        zh = f"{zh}；得 {points(same[0].points or Decimal(0))} 分的是 {other.zh}"
        en = f"{en}; {points(same[0].points or Decimal(0))} comes from {other.en}"
    return Words(zh, en)


def _put_in(one: Reading) -> Words:
    if one.base is None or one.value is None:
        return one.label
    value = rate(one.value)
    return Words(f"{one.label.zh} = {value.zh}", f"{one.label.en} = {value.en}")


def _obstacle(own: Reading | None) -> Words:
    if own is None or own.obstacle is None:
        return Words("按规则无法计算", "its rule gives no points")
    return Words(f"按规则无法计算（{own.obstacle.zh}）", f"its rule gives no points ({own.obstacle.en})")


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
        score = view.sheet.line(row.line)
        final = score.final if score else None
        if final is None or row.max_points is None:
            continue
        low, high, facts = Decimal(0), row.max_points, [view.form.rows_fact]
        claim = Words(f"“{name_of(row)}”得 {points(final)} 分", f'"{name_of(row)}" scored {points(final)}')
        if not low <= final <= high and not _capped_above(view, row, final):
            yield view.finding(
                "score-outside-maximum",
                FindingClass.CONTRADICTION,
                line=row.line,
                claim=claim,
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
                claim=claim,
                recomputed=Words(
                    f"“{label.label}”档允许 {allowed} 分", f'"{label.label}" allows {allowed} points'
                ),
                facts=[*facts, actual[0].head],
                values=[final, allowed],
            )


def _capped_above(view: View, row: Indicator, final: Decimal) -> bool:
    # A cap above 1 lets a rule give more than the maximum; then the rule is the bound.
    calculated = view.calculated(row)
    return calculated is not None and calculated.points == final


# ------------------------------------------------------------------------- reasons and data


def explained(form: FormState, score: LineScore) -> bool:
    """Whether a line has no deduction, or one with a reason. Overrides and review scores carry
    theirs; blank is absent.
    """
    if not score.deduction or score.deduction < 0:
        return True
    if score.origin in {Origin.REVIEW, Origin.OVERRIDE}:
        noted = (form.reviews if score.origin is Origin.REVIEW else form.overrides)[score.line]
        return bool(noted.fact.reason)
    justified = form.justification(score.line)
    if justified is not None and justified[1].reason:
        return True
    return any(fact.reason for _, fact in form.declared(Subject.LINE, score.line))
