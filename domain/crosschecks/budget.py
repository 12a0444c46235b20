"""The budget and what became of it: overspending, and changes with or without a paper."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from domain.crosschecks.booked import (
    KIND_WORDS,
    Borne,
    Entry,
    bearing,
    clawed_back,
    entries,
    left_out,
    named,
)
from domain.crosschecks.findings import Finding, FindingClass
from domain.crosschecks.view import Amount, Check, View
from domain.crosschecks.wording import at, change, money, rate, rate_change
from domain.evaluation.readings import MINUS
from domain.facts.ledger import Adjustment, Basis
from domain.ledger import signed_parts
from domain.scoring.metrics import Quantity
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
        tolerance = given.tolerance + spent.tolerance
        borne = bearing(view, budget, spent.fen - given.fen, tolerance)
        booked = borne.held if borne else _others(view, budget)
        papers = borne is not None and all(entry.document for entry in borne.held)
        why = _borne(borne, given, spent) if borne else _not_borne(view, budget, booked)
        yield view.finding(
            "over-execution",
            # With a paper it is the declared full-year figure that cannot hold beside the books.
            FindingClass.CONTRADICTION if papers else FindingClass.UNSUPPORTED,
            claim=_two(budget, given, outturn, spent),
            recomputed=Words(
                f"超支 {over} 万元，执行率 {share.zh}，{why.zh}",
                f"{over} 万元 over, {share.en} executed, {why.en}",
            ),
            facts=[*given.facts, *spent.facts, *(entry.head for entry in booked)],
            values=[
                budget,
                money(given.fen, places),
                money(spent.fen, places),
                over,
                *(entry.value for entry in booked),
            ],
        )


def _borne(borne: Borne, given: Amount, spent: Amount) -> Words:
    """Booked adjustments that the declared full-year figure leaves out, and what it is with them."""
    what, whole = named(borne.held), given.fen + borne.amount
    with_them = money(whole, max(given.places, spent.places))
    if abs(whole - spent.fen) <= given.tolerance + spent.tolerance:
        then = Words("加上后与执行数相符", "with it the outturn is covered exactly")
    else:
        then = Words(f"加上后为 {with_them} 万元", f"with it the budget is {with_them} 万元")
    wholly = sum(entry.net for entry in borne.held) == borne.amount
    lacks = (
        Words("没有包含", "leaves out")
        if wholly
        else Words("没有全部包含", "does not contain in full")
    )
    return Words(
        f"已登记{what.zh}，填报的全年预算数{lacks.zh}，{then.zh}",
        f"yet booked: {what.en}, which the declared full-year figure {lacks.en}; {then.en}",
    )


def _others(view: View, budget: Quantity) -> Sequence[Entry]:
    return entries(view, budget) if view.money.basis is Basis.DECLARED else ()


def _not_borne(view: View, budget: Quantity, booked: Sequence[Entry]) -> Words:
    zh, en = "没有对应的追加", "without an adjustment for it"
    if not booked:
        return Words(zh, en)
    net = change(sum(entry.net for entry in booked))
    inside = left_out(view, budget) == 0
    zh_, en_ = ("，已在全年预算数内", ", all in the full-year figure") if inside else ("", "")
    return Words(
        f"{zh}（登记的 {len(booked)} 笔调整净额 {net} 万元{zh_}）",
        f"{en} (the {len(booked)} booked come to a net {net} 万元{en_})",
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
    booked = entries(view)
    if initial is None or end is None or not (booked or end.differs(initial)):
        return
    carried = view.amount(_Q.CARRIED_IN)
    moved = end.fen - initial.fen - (carried.fen if carried else 0)
    net = sum(entry.net for entry in booked)
    if implied and moved <= max(net, 0):
        return  # the budget may well be larger than what was spent of it
    if not implied and _told_elsewhere(view, end):
        return
    open_ = Amount(fen=moved - net, tolerance=end.tolerance + initial.tolerance)
    if abs(open_.fen) <= open_.tolerance:
        return
    places = max(initial.places, end.places)
    # Forms often print the full-year budget as it was before the year-end clawback.
    back = 0 < open_.fen == -sum(entry.net for entry in clawed_back(view))
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
        summed, taken = change(net, places), Words("", "")
        if back:
            taken = Words("，即登记的收回", ", which is what was clawed back")
        recomputed = Words(
            f"净调整 {amount} 万元{in_zh}，登记的 {len(booked)} 笔合计 {summed} 万元，"
            f"相差 {change(open_.fen, places)} 万元{taken.zh}",
            f"a net change of {amount} 万元{in_en}; the {len(booked)} booked sum to {summed} 万元, "
            f"{change(open_.fen, places)} 万元 apart{taken.en}",
        )
    yield view.finding(
        "adjustment-sum" if booked else "adjustment-without-paper",
        _class_of(booked=bool(booked), implied=implied, back=back),
        claim=stated,
        recomputed=recomputed,
        facts=[*initial.facts, *end.facts, *(entry.head for entry in booked)],
        values=[
            _ascii(amount),
            _ascii(share.zh) if share else "",
            money(initial.fen, places),
            money(end.fen, places),
            *(entry.value for entry in booked),
        ],
    )


def _class_of(*, booked: bool, implied: bool, back: bool) -> FindingClass:
    if back:
        return FindingClass.NOTICE
    # An outturn implies a change, and states none.
    return FindingClass.CONTRADICTION if booked and not implied else FindingClass.UNSUPPORTED


def _told_elsewhere(view: View, adjusted: Amount) -> bool:
    """Whether the declared full-year figure agrees with the books, or what it leaves out is told
    as what bears the overspending.
    """
    open_, spent = left_out(view), view.amount(_Q.OUTTURN)
    if not open_:
        return open_ == 0 and bool(entries(view))
    if spent is None or spent.fen <= adjusted.fen or not spent.differs(adjusted):
        return False
    borne = bearing(
        view, _Q.ADJUSTED_BUDGET, spent.fen - adjusted.fen, adjusted.tolerance + spent.tolerance
    )
    return borne is not None and borne.amount == open_


def _ascii(text: str) -> str:
    return text.replace(MINUS, "-")


def adjustments_without_document(view: View) -> Iterator[Finding]:
    """A booked adjustment that names no 文号; on the form of its project, else the department's."""
    for chain, fact in view.adjustments():
        if (fact.document and fact.document.strip()) or not _at_home(view, fact):
            continue
        amount, kind = money(fact.amount), KIND_WORDS[type(fact)]
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
