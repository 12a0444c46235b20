"""What happened to a form: reviews, late facts, many changes, and the year's end."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import cast
from uuid import UUID

from msgspec import Struct

from domain.crosschecks.findings import Finding, FindingClass
from domain.crosschecks.view import BEFORE_SUBMISSION, Check, View
from domain.crosschecks.wording import (
    line_words,
    money,
    points,
    rate,
)
from domain.decisions import Chain
from domain.evaluation.calculation import calculate
from domain.facts.form import Subject
from domain.facts.ledger import BudgetSupplemented, ExpenditureRecorded
from domain.scoring.indicators import Indicator
from domain.values import Words

CHINA = timezone(timedelta(hours=8))
"""Asia/Shanghai, which has no summer time since 1991."""
CHANGES_OF_A_LINE = 3
"""So many changes of one line's score on one day are worth a look."""
OVERRIDES_OF_A_FORM = 5
"""So many overrides, set or withdrawn, in one form on one day are worth a look. Calculations and
review scores come in batches by nature and do not count.
"""
RUSH_SHARE = Fraction(2, 5)
"""Above this share of the year's amount, what falls into December is a rush."""
RUSH_ENTRIES = 3
"""A rush has at least so many entries in December: one large payment is an event, not a habit."""
_DECEMBER = 12


def review_above_self(view: View) -> Iterator[Finding]:
    """A review score above the self score."""
    for score in view.sheet.lines:
        self_points = score.self_points
        if score.review is None or self_points is None or score.review <= self_points:
            continue
        row = view.form.rows[score.line]
        yield view.finding(
            "review-above-self",
            FindingClass.NOTICE,
            line=score.line,
            claim=Words(
                f"{line_words(row).zh}自评 {points(self_points)} 分",
                f"{line_words(row).en}, self score {points(self_points)}",
            ),
            recomputed=Words(
                f"复核 {points(score.review)} 分，高出 {points(score.review - self_points)} 分",
                f"review score {points(score.review)}, {points(score.review - self_points)} above",
            ),
            facts=[view.form.reviews[score.line].event_id],
            values=[self_points, score.review],
        )


def changed_since(view: View) -> Iterator[Finding]:
    """A score whose inputs moved after submission, with the points that it would have now."""
    if view.form.status in BEFORE_SUBMISSION or view.rules is None:
        return
    for row in view.rows:
        noted = view.form.calculated.get(row.line)
        if noted is None or not view.is_stale(row.line):
            continue
        score, now = view.scores.get(row.line), calculate(view.form, view.money, view.rules, row)
        stood = score.self_points if score else None
        if now.points is None:
            obstacle = now.obstacle or Words("", "")
            would = Words(f"现在无法计算：{obstacle.zh}", f"not computable now: {obstacle.en}")
        else:
            would = Words(
                f"现在应为 {points(now.points)} 分", f"it would be {points(now.points)} now"
            )
        yield view.finding(
            "changed-after-submission",
            FindingClass.NOTICE,
            line=row.line,
            claim=_as_submitted(view, row, stood, noted.fact.points),
            recomputed=would,
            facts=[
                *_behind(view, row),
                noted.event_id,
                *view.booked_since(noted.event_id),
            ],
            values=_unlike(stood, noted.fact.points, now.points),
        )


def _as_submitted(
    view: View, row: Indicator, stood: Decimal | None, calculated: Decimal | None
) -> Words:
    """The self score that was submitted, and the calculation where it is another."""
    name = line_words(row)
    if stood is None:
        return Words(f"{name.zh}报送时无法计算", f"{name.en} as submitted: not computable")
    zh, en = f"{name.zh}报送时得 {points(stood)} 分", f"{name.en} as submitted: {points(stood)}"
    if stood == calculated:
        return Words(zh, en)
    how = (
        Words("人工调整", "overridden")
        if row.line in view.form.overrides
        else Words("填报", "declared")
    )
    gave = (
        Words("当时无法计算", "not computable then")
        if calculated is None
        else Words(f"当时计算 {points(calculated)} 分", f"{points(calculated)} calculated then")
    )
    return Words(f"{zh}（{how.zh}，{gave.zh}）", f"{en} ({how.en}, {gave.en})")


def _unlike(*scores: Decimal | None) -> list[object]:
    """Self score, calculation and what it would be now; the calculation only where it differs."""
    stood, calculated, now = scores
    held = [stood, now] if stood == calculated else [stood, calculated, now]
    return [one if one is not None else "" for one in held]


def _behind(view: View, row: Indicator) -> Iterator[UUID]:
    """What a person's self score rests on."""
    if row.line in view.form.overrides:
        yield view.form.overrides[row.line].event_id
    yield from (chain.head for chain, _ in view.form.declared(Subject.LINE, row.line))


def outdated_override(view: View) -> Iterator[Finding]:
    """An override that stands against a newer calculation with other points."""
    for line, override in view.form.overrides.items():
        noted, row = view.form.calculated.get(line), view.form.rows.get(line)
        if noted is None or row is None or noted.version < override.version:
            continue
        set_to, now = override.fact.to_points, noted.fact.points
        if now is None or now == set_to:
            continue
        yield view.finding(
            "override-outdated",
            FindingClass.NOTICE,
            line=line,
            claim=Words(
                f"{line_words(row).zh}人工调整为 {points(set_to)} 分",
                f"{line_words(row).en} overridden to {points(set_to)}",
            ),
            recomputed=Words(
                f"其后重新计算得 {points(now)} 分", f"a later calculation gives {points(now)}"
            ),
            facts=[override.event_id, noted.event_id],
            values=[set_to, now],
        )


def many_changes(view: View) -> Iterator[Finding]:
    """Many changes of one score, or many overrides of a form, on one day."""
    changes = [
        (noted.recorded_at.astimezone(CHINA).date(), noted) for noted in view.form.score_changes
    ]
    by_line = Counter((day, noted.line) for day, noted in changes)
    for (day, line), count in by_line.items():
        row = view.form.rows.get(line)
        if count < CHANGES_OF_A_LINE or row is None:
            continue
        facts = [noted.event_id for on, noted in changes if (on, noted.line) == (day, line)]
        yield _changes(
            view,
            day,
            count,
            facts,
            line=line,
            what=Words(f"{line_words(row).zh}的得分", f"the score of {line_words(row).en}"),
        )
    overrides = [(day, noted) for day, noted in changes if noted.by_hand]
    for day, count in Counter(day for day, _ in overrides).items():
        if count >= OVERRIDES_OF_A_FORM:
            facts = [noted.event_id for on, noted in overrides if on == day]
            yield _changes(view, day, count, facts, line=None, what=Words("人工调整", "overrides"))


def _changes(
    view: View, day: date, count: int, facts: list[UUID], *, line: str | None, what: Words
) -> Finding:
    return view.finding(
        "many-changes-in-a-day",
        FindingClass.NOTICE,
        line=line,
        claim=Words(f"{day} {what.zh}", f"{what.en} on {day}"),
        recomputed=Words(f"一天内改动 {count} 次", f"{count} changes in one day"),
        facts=facts,
        values=[day, count],
    )


def year_end_rush(view: View) -> Iterator[Finding]:
    """Supplements, or payments, that crowd into December. Entries without a date are left out."""
    opened = view.ledger.opened or view.form.opened
    if opened is None:
        return
    year = opened.fiscal_year
    chains, project = view.ledger.chains, view.money.project
    for named, kind in (
        (Words("追加", "supplements"), BudgetSupplemented),
        (Words("支付", "payments"), ExpenditureRecorded),
    ):
        dated = chains.summed(_Dated(kind, project, year))
        count, whole, late = dated.count, dated.whole, dated.late
        last = sum(cast("_Entry", chain.fact).amount for chain in late)
        if len(late) < RUSH_ENTRIES or last <= whole * RUSH_SHARE:
            continue
        share = rate(Fraction(last * 100, whole))
        yield view.finding(
            "year-end-rush",
            FindingClass.NOTICE,
            claim=Words(
                f"全年{named.zh} {money(whole)} 万元（{count} 笔）",
                f"{named.en} of the year: {money(whole)} 万元 in {count} entries",
            ),
            recomputed=Words(
                f"12 月 {money(last)} 万元（{len(late)} 笔），占 {share.zh}",
                f"{money(last)} 万元 in December in {len(late)} entries, {share.en}",
            ),
            facts=[chain.head for chain in late],
            values=[named.en, whole, count, last, len(late)],
        )


_Entry = BudgetSupplemented | ExpenditureRecorded


class _DatedSum(Struct):
    """How many entries have a date and what they come to, in fen; those of December apart."""

    count: int = 0
    whole: int = 0
    late: list[Chain] = []


class _Dated(Struct, frozen=True):
    """Adds up the entries of a kind that have a date: those of a project, or all."""

    kind: type[_Entry]
    project: str | None
    year: int

    def nothing(self) -> _DatedSum:
        return _DatedSum()

    def add(self, to: _DatedSum, chains: Iterable[Chain]) -> None:
        for chain in chains:
            fact = cast("_Entry", chain.fact)
            if self.project is not None and fact.line.project != self.project:
                continue
            day = chain.effective.last or _named_day(fact)
            if day is None:
                continue
            to.count += 1
            to.whole += fact.amount
            if day.month == _DECEMBER and day.year == self.year:
                to.late.append(chain)


def _named_day(fact: _Entry) -> date | None:
    """The day that an entry names itself, where its business date is unknown."""
    return fact.paid_on if isinstance(fact, ExpenditureRecorded) else fact.approved_on


CHECKS: tuple[Check, ...] = (
    review_above_self,
    changed_since,
    outdated_override,
    many_changes,
    year_end_rush,
)
