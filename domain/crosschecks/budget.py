"""The budget and what became of it: overspending, and changes with or without a paper."""

from collections.abc import Iterator
from fractions import Fraction

from domain.crosschecks.view import Amount, Check, View
from domain.crosschecks.wording import at, change, money, rate, rate_change
from domain.facts.ledger import (
    Adjustment,
    Basis,
    BudgetReduced,
    BudgetSupplemented,
    FundsClawedBack,
    FundsVired,
)
from domain.findings import Finding, FindingClass
from domain.ledger import signed_parts
from domain.metrics import Quantity
from domain.readings import MINUS
from domain.values import Words

_Q = Quantity
_PAIRS = (
    (_Q.ADJUSTED_BUDGET, _Q.OUTTURN),
    (_Q.BASIC_ADJUSTED, _Q.BASIC_OUTTURN),
    (_Q.PROJECT_ADJUSTED, _Q.PROJECT_OUTTURN),
)


def over_execution(view: View) -> Iterator[Finding]:
    """More spent than the year's budget, adjustments included."""
    # Booked entries need not name their kind, so that only their whole is compared.
    pairs = _PAIRS if view.money.basis is Basis.DECLARED else _PAIRS[:1]
    for budget, outturn in pairs:
        given, spent = view.amount(budget), view.amount(outturn)
        if given is None or spent is None or given.fen <= 0:
            continue
        if spent.fen <= given.fen or not spent.differs(given):
            continue
        places = max(given.places, spent.places)
        over, share = (
            money(spent.fen - given.fen, places),
            rate(Fraction(spent.fen * 100, given.fen)),
        )
        yield view.finding(
            "over-execution",
            FindingClass.UNSUPPORTED,
            claim=_two(budget, given, outturn, spent),
            recomputed=Words(
                f"超支 {over} 万元，执行率 {share.zh}，没有对应的追加",
                f"{over} 万元 over, {share.en} executed, without an adjustment for it",
            ),
            facts=[*given.facts, *spent.facts],
            values=[budget, money(given.fen, places), money(spent.fen, places), over],
        )


def _two(first: Quantity, a: Amount, second: Quantity, b: Amount) -> Words:
    left, right = money(a.fen, a.places), money(b.fen, b.places)
    where = at([one.place for one in (a, b) if one.place])
    shown = a.place is not None or b.place is not None
    return Words(
        f"{first.words.zh} {left} 万元，{second.words.zh} {right} 万元{where.zh if shown else ''}",
        f"{first.words.en} {left} 万元, {second.words.en} {right} 万元{where.en if shown else ''}",
    )


def outturn_without_budget(view: View) -> Iterator[Finding]:
    """Money spent, and no budget stated that it could be held against."""
    spent = view.amount(_Q.OUTTURN)
    budgets = [view.amount(one) for one in (_Q.INITIAL_BUDGET, _Q.ADJUSTED_BUDGET)]
    if spent is None or spent.fen <= 0 or any(one and one.fen for one in budgets):
        return
    amount = money(spent.fen, spent.places)
    yield view.finding(
        "outturn-without-budget",
        FindingClass.UNSUPPORTED,
        claim=Words(f"全年执行数 {amount} 万元", f"outturn {amount} 万元"),
        recomputed=Words(
            "没有年初预算数，也没有全年预算数，执行率无法计算",
            "neither an initial nor an adjusted budget is stated; there is no execution rate",
        ),
        facts=spent.facts,
        values=[amount],
    )


# --------------------------------------------------------------------------------- adjustments


def adjustment_papers(view: View) -> Iterator[Finding]:
    """A budget that changed while no booked adjustment bears it, or those booked sum otherwise.

    Where no adjusted budget is stated, an outturn above the initial budget implies the change.
    """
    if view.money.basis is Basis.LEDGER:
        return
    initial, adjusted = view.amount(_Q.INITIAL_BUDGET), view.amount(_Q.ADJUSTED_BUDGET)
    implied = adjusted is None
    end, quantity = (
        (view.amount(_Q.OUTTURN), _Q.OUTTURN) if implied else (adjusted, _Q.ADJUSTED_BUDGET)
    )
    if initial is None or end is None or not end.differs(initial):
        return
    carried = view.amount(_Q.CARRIED_IN)
    moved = end.fen - initial.fen - (carried.fen if carried else 0)
    if implied and moved <= 0:
        return
    booked = list(view.adjustments())
    net = sum(view.net(fact) for _, fact in booked)
    open_ = Amount(fen=moved - net, tolerance=end.tolerance + initial.tolerance)
    if abs(open_.fen) <= open_.tolerance:
        return
    places = max(initial.places, end.places)
    amount = change(moved, places)
    share = rate_change(moved, initial.fen) if initial.fen > 0 else None
    in_zh, in_en = (f"（{share.zh}）", f" ({share.en})") if share else ("", "")
    stated = _two(_Q.INITIAL_BUDGET, initial, quantity, end)
    if not booked:
        recomputed = Words(
            f"净调整 {amount} 万元{in_zh}，没有任何带文号的调整"
            + ("，也没有全年预算数" if implied else ""),
            f"a net change of {amount} 万元{in_en}, and no adjustment with a document number"
            + (", nor an adjusted budget" if implied else ""),
        )
    else:
        summed = change(net, places)
        recomputed = Words(
            f"净调整 {amount} 万元{in_zh}，登记的 {len(booked)} 笔合计 {summed} 万元，"
            f"相差 {change(open_.fen, places)} 万元",
            f"a net change of {amount} 万元{in_en}; the {len(booked)} booked sum to {summed} 万元, "
            f"{change(open_.fen, places)} 万元 apart",
        )
    yield view.finding(
        "adjustment-sum" if booked else "adjustment-without-paper",
        FindingClass.CONTRADICTION if booked else FindingClass.UNSUPPORTED,
        claim=stated,
        recomputed=recomputed,
        facts=[*initial.facts, *end.facts, *(chain.head for chain, _ in booked)],
        values=[
            _ascii(amount),
            _ascii(share.zh) if share else "",
            *([_ascii(change(net, places))] if booked else []),
        ],
    )


def _ascii(text: str) -> str:
    return text.replace(MINUS, "-")


def adjustments_without_document(view: View) -> Iterator[Finding]:
    """A booked adjustment that names no 文号; on the form of its project, else the department's."""
    for chain, fact in view.adjustments():
        if (fact.document and fact.document.strip()) or not _at_home(view, fact):
            continue
        amount, kind = money(fact.amount), _KIND_WORDS[type(fact)]
        on = chain.effective.last
        yield view.finding(
            "adjustment-without-document",
            FindingClass.UNSUPPORTED,
            claim=Words(
                f"{kind.zh} {amount} 万元，{on or '日期不明'}",
                f"{kind.en} {amount} 万元, {on or 'date unknown'}",
            ),
            recomputed=Words("登记时没有文号", "booked without a document number"),
            facts=[chain.head],
            values=[chain.head, kind.en, amount],
        )


_KIND_WORDS: dict[type, Words] = {
    BudgetSupplemented: Words("追加", "supplement"),
    BudgetReduced: Words("追减", "reduction"),
    FundsClawedBack: Words("收回", "clawback"),
    FundsVired: Words("调剂", "virement"),
}


def _at_home(view: View, fact: Adjustment) -> bool:
    lines = [line for _, line in signed_parts(fact)]
    touched = [one for one in view.projects() if any(one.within(line) for line in lines)]
    departments = [one for one in view.siblings if one.is_department]
    return view in (touched or departments or view.siblings[:1])


CHECKS: tuple[Check, ...] = (
    over_execution,
    outturn_without_budget,
    adjustment_papers,
    adjustments_without_document,
)
