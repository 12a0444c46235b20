"""What is left and what came before: the year-end balance, tasks' rates, last year's figures."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from msgspec import Struct

from domain.crosschecks.booked import Entry, clawed_back, left_out, named
from domain.crosschecks.claims import claims
from domain.crosschecks.findings import Finding, FindingClass
from domain.crosschecks.view import Amount, Check, View, amount_of
from domain.crosschecks.wording import (
    at,
    joined,
    line_words,
    money,
    prints_as,
    quoted,
    rate,
)
from domain.evaluation.readings import Reading
from domain.facts.form import FiguresDeclared
from domain.scoring.metrics import Base, MetricName, Quantity, missing
from domain.values import FEN_PER_UNIT, RoundingMode, Words

_Q = Quantity
_UP = RoundingMode.HALF_UP


def carry_over(view: View) -> Iterator[Finding]:
    """Budget that was not spent, against the carry-over that the form states.

    What was taken back by the year's end lies in the adjusted budget, or beside it where that is
    declared without it; what is left is carried over. Nothing left leaves nothing to carry over.
    """
    claimed = [one for one in claims(view) if one.metric == MetricName.CARRY_OVER_RATE]
    stated = view.stated.get(_Q.CARRY_OVER, [])[:1]
    # Most forms say nothing of it.
    left = _left(view) if claimed or stated else None
    if left is None:
        return
    for claim in claimed:
        if left.gives(claim.value):
            continue
        yield view.finding(
            "carry-over",
            FindingClass.CONTRADICTION,
            line=claim.line,
            claim=claim.words,
            recomputed=left.words,
            details=[one.words for one in _of_line(view, claim.line)],
            facts=[*claim.facts, *left.facts],
            values=[f"{claim.value:f}", *left.values],
        )
    for one in stated:
        # Booked or declared, a balance that printing cannot bring to what is left.
        if left.balanced or left.is_(amount_of(one)):
            continue
        where = at([one.place])
        yield view.finding(
            "carry-over",
            FindingClass.CONTRADICTION,
            claim=Words(
                f"结转结余 {one.printed}{where.zh}",
                f"carry-over and balance {one.printed}{where.en}",
            ),
            recomputed=left.words,
            facts=[one.fact, *left.facts],
            values=[str(one.printed), *left.values],
        )


class _Left(Struct, frozen=True, gc=False, kw_only=True):
    """What is left of the year's budget, in fen, each way that it can be read.

    ``bases`` are what a carry-over rate may be a share of. ``balanced`` is True where only the
    stated balance itself is known.
    """

    amounts: tuple[int, ...]
    bases: tuple[int, ...]
    tolerance: Fraction
    balanced: bool
    words: Words
    facts: tuple[UUID, ...]
    values: tuple[str, ...]

    def gives(self, rate_: Decimal) -> bool:
        """Whether some reading prints as this carry-over rate."""
        return any(
            prints_as(Fraction(amount * 100, base), rate_, _UP, RoundingMode.DOWN)
            for amount in self.amounts
            for base in self.bases
        )

    def is_(self, stated: Amount) -> bool:
        """Whether some reading is this balance."""
        return any(
            not stated.differs(Amount(fen=amount, tolerance=self.tolerance))
            for amount in self.amounts
        )


def _left(view: View) -> _Left | None:
    adjusted, spent = view.amount(_Q.ADJUSTED_BUDGET), view.amount(_Q.OUTTURN)
    if adjusted is None or adjusted.fen <= 0:
        return None
    initial = view.amount(_Q.INITIAL_BUDGET)
    bases = [adjusted.fen, *([initial.fen] if initial and initial.fen > 0 else [])]
    if spent is None:
        return _as_stated(view, adjusted, bases)
    left, places = adjusted.fen - spent.fen, max(adjusted.places, spent.places)
    amounts = [max(left, 0)]
    if not adjusted.differs(spent):
        amounts.append(0)
    taken = clawed_back(view)
    total = -sum(entry.net for entry in taken)
    outside = left_out(view)
    # Where nothing tells whether the declared figure contains a clawback, both may be meant.
    beside = total if outside is None else min(total, max(-outside, 0))
    if 0 < beside <= left:
        amounts.append(left - beside)
        bases.append(adjusted.fen - beside)
    words = _sum_words(adjusted, spent, places)
    back = _taken(taken, beside=beside, rest=left - beside, places=places) if left > 0 else None
    if back is not None:
        words = joined([words, back])
    return _Left(
        amounts=tuple(amounts),
        bases=tuple(base for base in bases if base > 0),
        tolerance=adjusted.tolerance + spent.tolerance,
        balanced=False,
        words=words,
        facts=(*adjusted.facts, *spent.facts, *(entry.head for entry in taken)),
        values=(
            money(adjusted.fen, places),
            money(spent.fen, places),
            *(entry.value for entry in taken),
        ),
    )


def _as_stated(view: View, adjusted: Amount, bases: Sequence[int]) -> _Left | None:
    """The balance as it is stated, where no outturn gives it."""
    stated = view.amount(_Q.CARRY_OVER)
    if stated is None:
        return None
    places = max(adjusted.places, stated.places)
    balance, whole = money(stated.fen, places), money(adjusted.fen, places)
    share = rate(Fraction(stated.fen * 100, adjusted.fen))
    return _Left(
        amounts=(stated.fen,),
        bases=tuple(bases),
        tolerance=stated.tolerance,
        balanced=True,
        words=Words(
            f"结转结余 {balance} ÷ 全年预算数 {whole} = {share.zh}",
            f"carry-over {balance} ÷ adjusted budget {whole} = {share.en}",
        ),
        facts=(*stated.facts, *adjusted.facts),
        values=(balance, whole),
    )


def _sum_words(adjusted: Amount, spent: Amount, places: int) -> Words:
    left = adjusted.fen - spent.fen
    amount, share = money(left, places), rate(Fraction(left * 100, adjusted.fen))
    if left > 0:
        what = Words(f"{amount} 万元未支出，占 {share.zh}", f"{amount} 万元 unspent, {share.en}")
    else:
        what = Words(f"{amount} 万元，没有结转结余", f"{amount} 万元, nothing is carried over")
    budget, out = money(adjusted.fen, places), money(spent.fen, places)
    return Words(
        f"全年预算数 {budget} − 全年执行数 {out} = {what.zh}",
        f"adjusted budget {budget} − outturn {out} = {what.en}",
    )


def _taken(taken: Sequence[Entry], *, beside: int, rest: int, places: int) -> Words:
    """What is booked as taken back, and whether the full-year figure contains it."""
    if not taken:
        return Words("没有收回记录", "no clawback is on record")
    what = named(taken)
    if beside <= 0:
        return Words(
            f"登记的{what.zh}已在全年预算数内", f"the {what.en} lies in the adjusted budget already"
        )
    after = money(rest, places)
    if rest < 0:
        return Words(f"另登记{what.zh}，超过未支出数", f"the {what.en} booked is more than that")
    return Words(
        f"另登记{what.zh}，减去后余 {after} 万元",
        f"the {what.en} is booked beside it, which leaves {after} 万元",
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


def task_over_execution(view: View) -> Iterator[Finding]:
    """A task that cost more than was approved for it, whatever its rate says."""
    for chain, fact in view.form.live(FiguresDeclared):
        for task in fact.tasks:
            if task.approved is None or task.actual is None or task.approved.fen <= 0:
                continue
            hidden = sum(
                one.tolerance * FEN_PER_UNIT[one.unit] for one in (task.approved, task.actual)
            )
            over = task.actual.fen - task.approved.fen
            if over <= hidden:
                continue
            name, where, share = quoted(task.name), at([task.place]), task.actual.fen * 100
            value = rate(Fraction(share, task.approved.fen))
            yield view.finding(
                "task-over-execution",
                FindingClass.NOTICE,
                claim=Words(
                    f"任务{name.zh}批复 {task.approved}，实际支出 {task.actual}{where.zh}",
                    f"task {name.en}, {task.approved} approved, {task.actual} spent{where.en}",
                ),
                recomputed=Words(
                    f"超出批复 {money(over)} 万元，执行率 {value.zh}",
                    f"{money(over)} 万元 more than approved, {value.en} executed",
                ),
                facts=[chain.head],
                values=[task.name, task.approved, task.actual],
            )


_PRIOR = frozenset({_Q.PRIOR_THREE_PUBLIC_BUDGET, _Q.PRIOR_THREE_PUBLIC_OUTTURN})


def prior_year(view: View) -> Iterator[Finding]:
    """A line whose own reading needs a figure of the year before that nobody stated."""
    for row in view.rows:
        if row.metric is None or view.form.actual(row.line) is not None:
            continue
        lacking = missing(row.metric.metric, row.metric.base, view.money.sums)
        for quantity in sorted(_PRIOR.intersection(lacking)):
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
                values=[row.metric.metric, row.metric.base, quantity],
            )


CHECKS: tuple[Check, ...] = (carry_over, task_rates, task_over_execution, prior_year)
