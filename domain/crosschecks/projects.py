"""The department's form beside the forms of its projects."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from fractions import Fraction

from domain.crosschecks.booked import entries, named
from domain.crosschecks.findings import Finding, FindingClass
from domain.crosschecks.view import Amount, Check, View
from domain.crosschecks.wording import (
    joined,
    money,
    name_of,
    quoted,
)
from domain.facts.form import FiguresDeclared
from domain.facts.ledger import Basis
from domain.scoring.indicators import DateTarget, Indicator, NumberTarget, TextActual, TextTarget
from domain.scoring.metrics import Quantity
from domain.values import Words

_Q = Quantity
ALIKE = 0.85
"""From this share of common characters on, two names are taken for one with a slip of the pen."""
FEWEST = 2
"""So many equal rows make two forms look alike; a single one may well be meant for both."""


def projects_sum(view: View) -> Iterator[Finding]:
    """What the project forms state together, against the department's 项目支出."""
    projects = view.projects()
    # Booked sums of the department and its projects come from the same entries.
    if not view.is_department or not projects or view.money.basis is Basis.LEDGER:
        return
    pairs = (
        (_Q.INITIAL_BUDGET, _Q.PROJECT_INITIAL),
        (_Q.ADJUSTED_BUDGET, _Q.PROJECT_ADJUSTED),
        (_Q.OUTTURN, _Q.PROJECT_OUTTURN),
    )
    spent, whole_spent = _sum_of(projects, _Q.OUTTURN), view.amount(_Q.PROJECT_OUTTURN)
    # Projects without a form make the sum smaller, which is no conflict; unless all are there.
    complete = spent is not None and whole_spent is not None and not spent.differs(whole_spent)
    for part, whole in pairs:
        summed, stated = _sum_of(projects, part), view.amount(whole)
        if summed is None or stated is None or not summed.differs(stated):
            continue
        if summed.fen > stated.fen or complete:
            yield _projects(view, (part, summed), (whole, stated), over=False)
    budget = _sum_of(projects, _Q.ADJUSTED_BUDGET)
    if not complete or whole_spent is None or budget is None:
        return
    unstated = view.amount(_Q.PROJECT_ADJUSTED) is None
    if unstated and whole_spent.fen > budget.fen and whole_spent.differs(budget):
        compared = (_Q.PROJECT_OUTTURN, whole_spent)
        yield _projects(view, (_Q.ADJUSTED_BUDGET, budget), compared, over=True)


def _sum_of(projects: Iterable[View], quantity: Quantity) -> Amount | None:
    amounts = [view.amount(quantity) for view in projects]
    held = [one for one in amounts if one is not None]
    if not held or len(held) != len(amounts):
        return None
    return Amount(
        fen=sum(one.fen for one in held),
        places=max(one.places for one in held),
        tolerance=sum((one.tolerance for one in held), Fraction(0)),
    )


def _projects(
    view: View, forms: tuple[Quantity, Amount], department: tuple[Quantity, Amount], *, over: bool
) -> Finding:
    (part, summed), (whole, stated) = forms, department
    places = max(summed.places, stated.places)
    sum_, against = money(summed.fen, places), money(stated.fen, places)
    apart = money(abs(stated.fen - summed.fen), places)
    held = [(one, one.amount(part)) for one in view.projects()]
    booked = entries(view, _Q.PROJECT_ADJUSTED) if over else []
    what = named(booked)
    noted = (
        Words(f"，登记的有{what.zh}", f"; booked: {what.en}")
        if booked
        else Words("，没有调整记录", ", and no adjustment is on record")
    )
    return view.finding(
        "projects-over-budget" if over else "projects-sum",
        FindingClass.UNSUPPORTED if over else FindingClass.CONTRADICTION,
        claim=Words(
            f"部门自评表{whole.words.zh} {against} 万元", f"{whole.words.en} {against} 万元"
        ),
        recomputed=Words(
            f"各项目自评表{part.words.zh}合计 {sum_} 万元，相差 {apart} 万元"
            + (noted.zh if over else ""),
            f"the project forms' {part.words.en} sums to {sum_} 万元, {apart} 万元 apart"
            + (noted.en if over else ""),
        ),
        details=[
            Words(
                f"{one.name} {money(amount.fen, places)} 万元",
                f"{one.name} {money(amount.fen, places)} 万元",
            )
            for one, amount in held
            if amount
        ],
        facts=[
            *stated.facts,
            *(fact for _, one in held if one for fact in one.facts),
            *(entry.head for entry in booked),
        ],
        values=[part, sum_, whole, against, *(entry.value for entry in booked)],
    )


def approved_as_spent(view: View) -> Iterator[Finding]:
    """Approved amounts of tasks that equal what was spent to the fen, while a project's own form
    states another budget for the same money.
    """
    lines = [
        (task.name, task.approved, task.actual, chain.head)
        for chain, fact in view.form.live(FiguresDeclared)
        for task in fact.tasks
        if task.approved is not None and task.actual is not None
    ]
    same = [(name, asked, head) for name, asked, used, head in lines if asked.fen == used.fen]
    if not view.is_department or len(same) != len(lines):
        return
    for project in view.projects():
        budget, spent = project.amount(_Q.ADJUSTED_BUDGET), project.amount(_Q.OUTTURN)
        if budget is None or spent is None or not budget.differs(spent):
            continue
        taken = [one for one in same if one[1].fen == spent.fen]
        if not taken:
            continue
        places = max(budget.places, spent.places)
        total = money(sum(approved.fen for _, approved, _ in same), places)
        stated, used = money(budget.fen, places), money(spent.fen, places)
        named = quoted(project.name)
        yield view.finding(
            "approved-as-spent",
            FindingClass.NOTICE,
            claim=Words(
                f"{len(same)} 项任务批复金额合计 {total} 万元，逐项等于实际支出",
                f"{len(same)} tasks, approved at {total} 万元, each exactly what was spent",
            ),
            recomputed=Words(
                f"项目{named.zh}自评表全年预算数为 {stated} 万元、执行数 {used} 万元；"
                f"部门表批复金额 {used} 万元等于执行数",
                f"the form of the project {named.en} states a budget of {stated} 万元 and an "
                f"outturn of {used} 万元; the approved amount is {used} 万元, the outturn",
            ),
            details=[
                Words(f"{name} {approved}", f"{name} {approved}") for name, approved, _ in same
            ],
            facts=[*(head for _, _, head in same), *budget.facts, *spent.facts],
            values=[project.id, total, stated, used],
        )


# ---------------------------------------------------------------------------- the same indicators


def same_indicators(view: View) -> Iterator[Finding]:
    """Project forms with the same rows and targets, word for word but for a slip of the pen."""
    if view.is_department:
        return
    mine = _own_rows(view)
    alike = [
        other
        for other in view.projects()
        if other is not view and _all_alike(mine, _own_rows(other))
    ]
    if len(mine) < FEWEST or not alike:
        return
    actuals = _same_actuals(view, mine, alike)
    me, others = quoted(view.name), joined((quoted(one.name) for one in alike), zh="、", en=", ")
    yield view.finding(
        "same-indicators",
        FindingClass.NOTICE,
        claim=Words(f"{me.zh}设 {len(mine)} 个指标", f"{me.en} has {len(mine)} indicators"),
        recomputed=Words(
            f"与项目{others.zh}的指标、指标值{actuals.zh}相同，{len(alike) + 1} 个项目没有区分",
            f"indicators, targets{actuals.en} are the same as those of {others.en}; "
            f"nothing tells {len(alike) + 1} projects apart",
        ),
        details=[Words(name_of(row), name_of(row)) for row in mine],
        facts=[view.form.rows_fact, *(other.form.rows_fact for other in alike)],
        values=[*(other.id for other in alike), *(_told(row) for row in mine)],
    )


def _own_rows(view: View) -> list[Indicator]:
    # What measures money is the same everywhere by design.
    return [row for row in view.rows if row.metric is None and row.printed]


def _told(row: Indicator) -> str:
    """A row as it is compared: its levels and its target."""
    match row.target:
        case NumberTarget(value=value, unit=unit):
            target = f" {value:f} {unit}"
        case DateTarget(due=due):
            target = f" {due}"
        case TextTarget(text=text):
            target = f" {text}"
        case None:
            target = ""
    return "/".join(row.path) + target


def _all_alike(mine: Sequence[Indicator], others: Sequence[Indicator]) -> bool:
    return len(mine) == len(others) and all(
        _alike(one, other) for one, other in zip(mine, others, strict=True)
    )


def _alike(one: Indicator, other: Indicator) -> bool:
    if len(one.path) != len(other.path) or one.operator is not other.operator:
        return False
    if not all(_close(a, b) for a, b in zip(one.path, other.path, strict=True)):
        return False
    match one.target, other.target:
        case TextTarget(text=a), TextTarget(text=b):
            return _close(a, b)
        case NumberTarget(value=x, unit=a), NumberTarget(value=y, unit=b):
            return x == y and a == b
        case DateTarget(due=due), DateTarget(due=other_due):
            return due == other_due
        case None, None:
            return True
        case _:
            return False


def _close(one: str, other: str) -> bool:
    return one == other or SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def _same_actuals(view: View, mine: Sequence[Indicator], alike: Sequence[View]) -> Words:
    """Whether the actual values are the same too, in words; empty where they are not."""
    words = False
    for other in alike:
        for row, its in zip(mine, _own_rows(other), strict=True):
            a, b = view.form.actual(row.line), other.form.actual(its.line)
            if a is None or b is None:
                return Words("", "")
            one, two = a[1].actual, b[1].actual
            # Words are detached under salts of their own: only that they are words is seen.
            if isinstance(one, TextActual) and isinstance(two, TextActual):
                words = True
            elif one != two:
                return Words("", "")
    if words:
        return Words("和非文字的实际完成值", " and actual values that are not in words")
    return Words("和实际完成值", " and actual values")


CHECKS: tuple[Check, ...] = (projects_sum, approved_as_spent, same_indicators)
