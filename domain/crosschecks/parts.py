"""Parts and wholes: breakdowns, basic and project expenditure, tasks."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from uuid import UUID

from domain.crosschecks.findings import Finding, FindingClass
from domain.crosschecks.view import Amount, Check, View, amount_of
from domain.crosschecks.wording import at, change, money, quantity_words
from domain.evaluation.readings import MINUS
from domain.facts.form import Breakdown, BreakdownBy, FiguresDeclared
from domain.facts.ledger import Basis
from domain.scoring.metrics import Quantity
from domain.values import FEN_PER_UNIT, Printed, Words, plain

_Q = Quantity


def breakdowns(view: View) -> Iterator[Finding]:
    """Parts that do not sum to their whole, and parts that do so only by rounding."""
    for chain, fact in view.form.live(FiguresDeclared):
        for breakdown in fact.breakdowns:
            found = _breakdown(view, breakdown, chain.head)
            if found is not None:
                yield found


def _breakdown(view: View, breakdown: Breakdown, head: UUID) -> Finding | None:
    wholes = [amount_of(one) for one in view.stated.get(breakdown.quantity, [])]
    counted = view.amount(breakdown.quantity)
    if counted is None or not breakdown.parts:
        return None
    wholes = wholes or [counted]
    parts = [part.printed for part in breakdown.parts]
    total = sum(part.fen for part in parts)
    summed = Amount(fen=total, tolerance=_tolerance(parts))
    if any(whole.fen == total for whole in wholes):
        return None
    agrees = not all(summed.differs(whole) for whole in wholes)
    named = quantity_words(breakdown.quantity)
    unit, finest = parts[0].unit, max(part.places for part in parts)
    exact, whole = _in_unit(total, unit, finest), f"{money(counted.fen, counted.places)} 万元"
    apart = _in_unit(total - counted.fen, unit, finest if agrees else max(finest, counted.places))
    where = at([breakdown.place, *([counted.place] if counted.place else [])])
    return view.finding(
        "breakdown-rounds" if agrees else "breakdown-sum",
        FindingClass.NOTICE if agrees else FindingClass.CONTRADICTION,
        claim=Words(
            f"{named.zh} {whole}，列出 {len(parts)} 项{where.zh}",
            f"{named.en} {whole}, with {len(parts)} parts listed{where.en}",
        ),
        recomputed=Words(
            f"{len(parts)} 项合计 {exact}，{'四舍五入后相符，' if agrees else ''}相差 {apart}",
            f"the {len(parts)} parts sum to {exact}, {apart} apart"
            + (", which rounding explains" if agrees else ""),
        ),
        details=[
            Words(f"{part.name} {part.printed}", f"{part.name} {part.printed}")
            for part in breakdown.parts
        ],
        facts=[*counted.facts, head],
        values=[
            breakdown.quantity,
            breakdown.by,
            whole,
            exact.replace(",", ""),
            *(f"{part.name} {part.printed}" for part in breakdown.parts),
        ],
    )


def _in_unit(fen: int, unit: str, places: int) -> str:
    # Thousands are grouped: a sum in 元 is long, and compared with one in 万元.
    exact = Fraction(fen, FEN_PER_UNIT[unit])
    whole, _, rest = plain(abs(exact)).partition(".")
    rest = rest.ljust(places, "0")
    sign = MINUS if exact < 0 else ""
    return f"{sign}{int(whole):,}{'.' + rest if rest else ''} {unit}"


_KINDS = (
    (_Q.INITIAL_BUDGET, _Q.BASIC_INITIAL, _Q.PROJECT_INITIAL),
    (_Q.ADJUSTED_BUDGET, _Q.BASIC_ADJUSTED, _Q.PROJECT_ADJUSTED),
    (_Q.OUTTURN, _Q.BASIC_OUTTURN, _Q.PROJECT_OUTTURN),
)


def kinds(view: View) -> Iterator[Finding]:
    """基本支出 and 项目支出 that do not sum to the whole. Only declared figures: booked entries
    need not name their kind.
    """
    if view.money.basis is Basis.LEDGER:
        return
    broken_down = {
        breakdown.quantity
        for _, fact in view.form.live(FiguresDeclared)
        for breakdown in fact.breakdowns
        if breakdown.by is BreakdownBy.EXPENDITURE_KIND
    }
    for whole, basic, project in _KINDS:
        if whole in broken_down:
            continue  # compared there already
        amounts = [view.amount(one) for one in (whole, basic, project)]
        if None in amounts:
            continue
        total, first, second = (one for one in amounts if one is not None)
        summed = Amount(
            fen=first.fen + second.fen,
            places=max(first.places, second.places),
            tolerance=first.tolerance + second.tolerance,
        )
        if not summed.differs(total):
            continue
        left, right, both, stated = (
            money(one.fen, one.places) for one in (first, second, summed, total)
        )
        apart = change(summed.fen - total.fen, max(summed.places, total.places))
        yield view.finding(
            "kinds-sum",
            FindingClass.CONTRADICTION,
            claim=Words(f"{whole.words.zh} {stated} 万元", f"{whole.words.en} {stated} 万元"),
            recomputed=Words(
                f"基本支出 {left} + 项目支出 {right} = {both} 万元，相差 {apart} 万元",
                f"basic {left} + project {right} = {both} 万元, {apart} 万元 apart",
            ),
            facts=[*total.facts, *first.facts, *second.facts],
            values=[whole, stated, left, right],
        )


def tasks(view: View) -> Iterator[Finding]:
    """年度重点工作任务 that sum to more than the whole. Less is no conflict: a form may list some."""
    lines = [
        (task, chain.head) for chain, fact in view.form.live(FiguresDeclared) for task in fact.tasks
    ]
    approved = [(task.name, task.approved, head) for task, head in lines if task.approved]
    actual = [(task.name, task.actual, head) for task, head in lines if task.actual]
    yield from _tasks(view, _Q.ADJUSTED_BUDGET, approved)
    yield from _tasks(view, _Q.OUTTURN, actual)


def _tasks(
    view: View, quantity: Quantity, held: list[tuple[str, Printed, UUID]]
) -> Iterator[Finding]:
    whole = view.amount(quantity)
    if whole is None or not held:
        return
    summed = Amount(
        fen=sum(printed.fen for _, printed, _ in held),
        places=max(printed.places for _, printed, _ in held),
        tolerance=_tolerance(printed for _, printed, _ in held),
    )
    if summed.fen < whole.fen or not summed.differs(whole):
        return
    total, stated = money(summed.fen, summed.places), money(whole.fen, whole.places)
    apart = change(summed.fen - whole.fen, max(summed.places, whole.places))
    named = quantity.words
    yield view.finding(
        "tasks-sum",
        FindingClass.CONTRADICTION,
        claim=Words(
            f"{len(held)} 项任务合计 {total} 万元", f"{len(held)} tasks sum to {total} 万元"
        ),
        recomputed=Words(
            f"超过{named.zh} {stated} 万元，相差 {apart} 万元",
            f"more than the {named.en} of {stated} 万元, by {apart} 万元",
        ),
        details=[Words(f"{name} {printed}", f"{name} {printed}") for name, printed, _ in held],
        facts=[*(head for _, _, head in held), *whole.facts],
        values=[quantity, total, stated, *(f"{name} {printed}" for name, printed, _ in held)],
    )


def _tolerance(printed: Iterable[Printed]) -> Fraction:
    return sum((one.tolerance * FEN_PER_UNIT[one.unit] for one in printed), Fraction(0))


CHECKS: tuple[Check, ...] = (breakdowns, kinds, tasks)
