"""What is left and what came before: the year-end balance, tasks' rates, last year's figures."""

from collections.abc import Iterator
from fractions import Fraction

from domain.crosschecks.claims import claims
from domain.crosschecks.view import Amount, Check, View, amount_of
from domain.crosschecks.wording import (
    at,
    line_words,
    money,
    prints_as,
    quoted,
    rate,
)
from domain.facts.form import FiguresDeclared
from domain.findings import Finding, FindingClass
from domain.metrics import Base, MetricName, Quantity, Unmeasurable, measure
from domain.readings import Reading
from domain.steps import Worksheet
from domain.values import Rounding, RoundingMode, Words

_Q = Quantity
_UP = RoundingMode.HALF_UP


def carry_over(view: View) -> Iterator[Finding]:
    """Budget that was not spent, against the carry-over that the form states.

    What was taken back by the year's end lies in the adjusted budget already; what is left of it
    is carried over, unless the form's own balance says otherwise, which is then compared.
    """
    adjusted, spent = view.amount(_Q.ADJUSTED_BUDGET), view.amount(_Q.OUTTURN)
    if adjusted is None or spent is None or adjusted.fen <= 0:
        return
    left = adjusted.fen - spent.fen
    if left <= 0 or not adjusted.differs(spent):
        return
    places = max(adjusted.places, spent.places)
    share = Fraction(left * 100, adjusted.fen)
    initial = view.amount(_Q.INITIAL_BUDGET)
    shares = [share, *([Fraction(left * 100, initial.fen)] if initial and initial.fen else [])]
    amount, per_cent = money(left, places), rate(share)
    recomputed = Words(
        f"全年预算数 {money(adjusted.fen, places)} − 全年执行数 {money(spent.fen, places)} = "
        f"{amount} 万元未支出，占 {per_cent.zh}；没有收回记录",
        f"adjusted budget {money(adjusted.fen, places)} − outturn {money(spent.fen, places)} = "
        f"{amount} 万元 unspent, {per_cent.en}; no clawback is on record",
    )
    for claim in claims(view):
        if claim.metric != MetricName.CARRY_OVER_RATE:
            continue
        if any(prints_as(one, claim.value, _UP, RoundingMode.DOWN) for one in shares):
            continue
        yield view.finding(
            "carry-over",
            FindingClass.CONTRADICTION,
            line=claim.line,
            claim=claim.words,
            recomputed=recomputed,
            details=[one.words for one in _of_line(view, claim.line)],
            facts=[*claim.facts, *adjusted.facts, *spent.facts],
            values=[f"{claim.value:f}", amount, Rounding().apply(share)],
        )
    stated = view.stated.get(_Q.CARRY_OVER, [])
    for one in stated[:1]:
        # Booked or declared, a balance that printing cannot bring to what is left.
        balance = Amount(fen=left, tolerance=adjusted.tolerance + spent.tolerance)
        if not amount_of(one).differs(balance):
            continue
        where = at([one.place])
        yield view.finding(
            "carry-over",
            FindingClass.CONTRADICTION,
            claim=Words(
                f"结转结余 {one.printed}{where.zh}",
                f"carry-over and balance {one.printed}{where.en}",
            ),
            recomputed=recomputed,
            facts=[one.fact, *adjusted.facts, *spent.facts],
            values=[one.printed, amount, Rounding().apply(share)],
        )


def _of_line(view: View, line: str | None) -> tuple[Reading, ...]:
    row = view.form.rows.get(line) if line else None
    return view.readings(row) if row else ()


def task_rates(view: View) -> Iterator[Finding]:
    """A rate printed in a row of tasks that its two amounts do not give."""
    for chain, fact in view.form.live(FiguresDeclared):
        for task in fact.tasks:
            if task.rate is None or task.approved is None or task.actual is None:
                continue
            if task.approved.fen <= 0:
                continue
            exact = Fraction(task.actual.fen * 100, task.approved.fen)
            if prints_as(exact, task.rate.value, _UP, RoundingMode.DOWN):
                continue
            value, where = rate(exact), at([task.place])
            above, below, name = task.actual, task.approved, quoted(task.name)
            yield view.finding(
                "task-rate",
                FindingClass.CONTRADICTION,
                claim=Words(
                    f"任务{name.zh}预算执行率印为 {task.rate.text}{where.zh}",
                    f"task {name.en}, execution rate printed as {task.rate.text}{where.en}",
                ),
                recomputed=Words(
                    f"{above} ÷ {below} = {value.zh}", f"{above} ÷ {below} = {value.en}"
                ),
                facts=[chain.head],
                values=[task.name, task.rate.text, above, below],
            )


_PRIOR = frozenset({_Q.PRIOR_THREE_PUBLIC_BUDGET, _Q.PRIOR_THREE_PUBLIC_OUTTURN})


def prior_year(view: View) -> Iterator[Finding]:
    """A line whose own reading needs a figure of the year before that nobody stated."""
    for row in view.rows:
        if row.metric is None or view.form.actual(row.line) is not None:
            continue
        found = measure(row.metric.metric, row.metric.base, view.money.sums, Worksheet())
        lacking = _PRIOR.intersection(found.missing) if isinstance(found, Unmeasurable) else ()
        for quantity in sorted(lacking):
            named = quantity.words
            yield view.finding(
                "prior-year-missing",
                FindingClass.UNSUPPORTED,
                line=row.line,
                claim=Words(
                    f"{line_words(row).zh}按{Base(row.metric.base).words.zh}计算",
                    f"{line_words(row).en} is measured {Base(row.metric.base).words.en}",
                ),
                recomputed=Words(
                    f"未列{named.zh}，无法计算", f"no {named.en} is stated: no result"
                ),
                facts=[view.form.rows_fact],
                values=[quantity],
            )


CHECKS: tuple[Check, ...] = (carry_over, task_rates, prior_year)
