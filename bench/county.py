"""A county's log to measure with: units with ledgers and forms, one ledger with many payments.

Everything is made from a seed and goes in through the command path, unit after unit step by step, so that the facts of
different units lie between each other as they do in a real log.
"""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

from adapters.identifiers import new_event_id, new_salt
from domain.application import Tools, handle
from domain.commands import (
    AdoptRuleSet,
    Book,
    Booking,
    CalculateScores,
    Command,
    Enter,
    Entry,
    GiveReviewScore,
    OpenEvaluation,
    OpenLedger,
    OverrideScore,
    PassDepartmentReview,
    PublishRuleSet,
    Return,
    Sign,
    Submit,
)
from domain.facts.envelope import Context, Place, Role, on
from domain.facts.form import (
    ActualEntered,
    DeclaredFigure,
    DeductionJustified,
    FiguresDeclared,
    FormEntry,
    IndicatorsSet,
    ScoreDeclared,
    Subject,
)
from domain.facts.ledger import (
    Basis,
    BudgetLine,
    BudgetReduced,
    BudgetSupplemented,
    ExpenditureRecorded,
    FundSource,
    FundsVired,
    InitialBudgetApproved,
    Kind,
    LedgerEntry,
    Line,
    Purpose,
)
from domain.ids import UnitYear
from domain.scoring.indicators import Indicator, MetricRef, NumberActual, NumberTarget, Operator
from domain.scoring.rule_set import GradeBand, RuleSet
from domain.scoring.rules import Proportional
from domain.store import EventStore
from domain.values import Printed

LOG = "130104"
YEAR = 2024
LINES = 24
_WAN = 1_000_000
_AT_ONCE = 500
_RULES = RuleSet(
    name="规则",
    version="1",
    title="规则",
    rules={"按比例": Proportional()},
    bands=(GradeBand("优", Decimal(90)), GradeBand("良", Decimal(80)), GradeBand("差", Decimal(0))),
)
_METRICS = (
    ("EXECUTION_RATE", "ADJUSTED"),
    ("COMPLETION_RATE", "INITIAL"),
    ("ADJUSTMENT_RATE", "GROSS"),
    ("THREE_PUBLIC_CONTROL_RATE", "BUDGET"),
)
_CLERK, _APPROVER = ("clerk", Role.UNIT_CLERK), ("leader", Role.UNIT_APPROVER)
_DEPARTMENT = ("department", Role.DEPARTMENT_REVIEWER)
_TABLE = Place("附件1", "总分行", table=True)


def fill(
    store: EventStore, *, units: int, payments: int, large: int, seed: int = 1, log: str = LOG
) -> int:
    """Fill a log: ``units`` units with ``payments`` payments each, and a further one with
    ``large``. Returns how many facts the log then holds.
    """
    give = _Giver(store, "county")
    chance = random.Random(seed)
    give(PublishRuleSet(stream=f"{log}/rule-sets/规则", rule_set=_RULES), ("b", Role.FINANCE_CLERK))
    years = [UnitYear(log, f"u{nth:03}", YEAR) for nth in range(units)]
    running = [_unit(one, give, random.Random(chance.random()), payments) for one in years]
    big = UnitYear(log, "hospital", YEAR)
    running.append(_unit(big, give, random.Random(chance.random()), large))
    while running:
        running = [one for one in running if next(one, _END) is not _END]
    return store.head(log)


def ledger_of_payments(store: EventStore, count: int) -> str:
    """One ledger with ``count`` payments; returns its id."""
    unit_year = UnitYear(LOG, "hospital", YEAR)
    for _ in _money(unit_year, _Giver(store, "ledger"), random.Random(1), count):
        pass
    return unit_year.ledger


def ledgers(store: EventStore, count: int) -> list[str]:
    """Small ledgers; returns the ids of forms that belong to them."""
    forms = []
    for nth in range(count):
        unit_year = UnitYear(LOG, f"u{nth:03}", YEAR)
        for _ in _money(unit_year, _Giver(store, f"ledgers-{nth}"), random.Random(nth), 5):
            pass
        forms.append(unit_year.form())
    return forms


def ledger_of_supplements(store: EventStore, count: int) -> str:
    """One ledger with ``count`` supplements, each with its document and reason; returns its id."""
    give = _Giver(store, "supplements")
    unit_year = UnitYear(LOG, f"supplemented-{count}", YEAR)
    give(OpenLedger(ledger=unit_year.ledger, unit_name="单位", basis=Basis.LEDGER), _CLERK)
    line = Line(kind=Kind.PROJECT, project="P1")
    for start in range(0, count, _AT_ONCE):
        entries: list[tuple[date, LedgerEntry]] = [
            (
                date(YEAR, 12, nth % 28 + 1),
                BudgetSupplemented(
                    amount=(nth % 50 + 1) * _WAN,
                    line=line,
                    source=FundSource.RESERVE_FUND,
                    document=f"财预〔2024〕{nth % 500}号",
                    reason="追",
                ),
            )
            for nth in range(start, min(start + _AT_ONCE, count))
        ]
        _book(give, unit_year.ledger, entries)
    return unit_year.ledger


def form_of_facts(store: EventStore, count: int) -> str:
    """A form of ``count`` facts beside a small ledger; returns its id."""
    give = _Giver(store, "form")
    give(PublishRuleSet(stream=f"{LOG}/rule-sets/规则", rule_set=_RULES), ("b", Role.FINANCE_CLERK))
    unit_year = UnitYear(LOG, "school", YEAR)
    for _ in _money(unit_year, give, random.Random(1), 100):
        pass
    form = unit_year.form()
    _begin(form, give)
    nth = 0
    while len(store.read(LOG, form)) < count:
        nth += 1
        _enter(form, give, *(_actual(line, 80 + nth % 20) for line in range(5, LINES + 1)))
        give(CalculateScores(form=form), _CLERK)
    return form


_END = object()


class _Giver:
    """Carries commands out, a minute after each other."""

    def __init__(self, store: EventStore, name: str) -> None:
        self._store = store
        self._name = name
        self._now = datetime(YEAR, 1, 2, tzinfo=UTC)
        self._number = 0
        self._tools = Tools(new_event_id=new_event_id, new_salt=new_salt)

    def __call__(self, command: Command, by: tuple[str, Role], *, live: bool = True) -> None:
        self._number += 1
        self._now += timedelta(minutes=1)
        actor, role = by
        context = Context(now=self._now, actor=actor, role=role, organisation=actor, live=live)
        name = f"{self._name}-{self._number}"
        handle(self._store, command, context, command_id=name, tools=self._tools)


def _unit(
    unit_year: UnitYear, give: _Giver, chance: random.Random, payments: int
) -> Iterator[None]:
    """A unit's year, one command or a few at a time."""
    yield from _money(unit_year, give, chance, payments)
    form = unit_year.form()
    _begin(form, give)
    yield
    values = [chance.randrange(70, 120) for _ in range(LINES)]
    _enter(form, give, *(_actual(line, values[line - 1]) for line in range(5, LINES + 1)))
    yield
    give(CalculateScores(form=form), _CLERK)
    yield
    _enter(
        form,
        give,
        *(
            DeductionJustified(line=str(line), reason="进度滞后", measure="加快进度")
            for line in range(5, LINES + 1)
            if values[line - 1] < 100 and line % 2
        ),
        ScoreDeclared(subject=Subject.TOTAL, points=Decimal(97), place=_TABLE),
        ScoreDeclared(subject=Subject.GRADE, grade="优", place=_TABLE),
        _figures(payments),
    )
    for line in chance.sample(range(5, LINES + 1), 3):
        command = OverrideScore(
            form=form, line=str(line), to_points=Decimal(3), reason="据实", document="文1号"
        )
        give(command, _CLERK)
    yield
    give(Sign(form=form), _APPROVER)
    give(Submit(form=form), _CLERK)
    yield
    if chance.random() < 0.3:
        give(Return(form=form, opinion="重填"), _DEPARTMENT)
        _enter(form, give, _actual(7, 99))
        give(CalculateScores(form=form), _CLERK)
        give(Sign(form=form), _APPROVER)
        give(Submit(form=form), _CLERK)
        yield
    for line in chance.sample(range(5, LINES + 1), 2):
        give(
            GiveReviewScore(form=form, line=str(line), points=Decimal(2), reason="无佐证"),
            _DEPARTMENT,
        )
    give(PassDepartmentReview(form=form), _DEPARTMENT)
    yield


def _money(
    unit_year: UnitYear, give: _Giver, chance: random.Random, payments: int
) -> Iterator[None]:
    """An open ledger with an initial budget, adjustments and payments."""
    ledger = unit_year.ledger
    give(OpenLedger(ledger=ledger, unit_name=unit_year.unit, basis=Basis.LEDGER), _CLERK)
    book: Callable[..., None] = partial(_book, give, ledger)
    project = Line(kind=Kind.PROJECT, project="P1")
    reception = Line(kind=Kind.BASIC, purposes=(Purpose.RECEPTION,))
    initial = (
        BudgetLine(payments * _WAN, Line(kind=Kind.BASIC)),
        BudgetLine(payments * _WAN, project),
        # One unit in six has no such expenditure: its line has nothing to measure.
        *([BudgetLine(payments * _WAN // 10, reception)] if chance.random() > 1 / 6 else []),
    )
    book([(date(YEAR, 1, 1), InitialBudgetApproved(lines=initial))])
    yield
    days = sorted(chance.randrange(365) for _ in range(payments))
    for start in range(0, payments, _AT_ONCE):
        entries: list[tuple[date, LedgerEntry]] = []
        for nth, day in enumerate(days[start : start + _AT_ONCE], start):
            paid_on = date(YEAR, 1, 1) + timedelta(day)
            line = project if nth % 2 else Line(kind=Kind.BASIC, economic="30201")
            amount = chance.randrange(1, 2 * _WAN)
            entries.append((paid_on, _payment(amount, paid_on, f"v{nth:06}", line)))
        book(entries)
        book([_adjustment(chance, project)])
        yield
    for _ in range(6):
        book([_adjustment(chance, project)])
        yield


def _payment(amount: int, paid_on: date, voucher: str, line: Line) -> ExpenditureRecorded:
    return ExpenditureRecorded(amount=amount, paid_on=paid_on, voucher=voucher, line=line)


def _adjustment(chance: random.Random, line: Line) -> tuple[date, LedgerEntry]:
    amount, document = chance.randrange(1, 50) * _WAN, f"财预〔2024〕{chance.randrange(500)}号"
    day = date(YEAR, 12, chance.randrange(1, 29))
    kinds: tuple[LedgerEntry, ...] = (
        BudgetSupplemented(
            amount=amount, line=line, source=FundSource.RESERVE_FUND, document=document, reason="追"
        ),
        BudgetReduced(amount=_WAN, line=line, document=document, reason="减"),
        FundsVired(
            amount=_WAN,
            from_line=line,
            to_line=Line(kind=Kind.BASIC),
            document=document,
            reason="调",
        ),
    )
    return day, kinds[chance.choices((0, 1, 2), (6, 1, 3))[0]]


def _book(give: _Giver, ledger: str, entries: list[tuple[date, LedgerEntry]]) -> None:
    bookings = tuple(Booking(fact=fact, effective=on(day)) for day, fact in entries)
    give(Book(ledger=ledger, entries=bookings), ("import", Role.IMPORTER), live=False)


def _begin(form: str, give: _Giver) -> None:
    give(OpenEvaluation(form=form, unit_name=form.split("/")[1]), _CLERK)
    give(AdoptRuleSet(form=form, name="规则"), _CLERK)
    _enter(form, give, IndicatorsSet(rows=tuple(_row(line) for line in range(1, LINES + 1))))


def _row(line: int) -> Indicator:
    level = ("投入", "过程", "产出", "效果")[line * 4 // (LINES + 1)]
    points = Decimal(8) if line <= len(_METRICS) else Decimal(68) / (LINES - len(_METRICS))
    points = points.quantize(Decimal("0.1"))
    if line <= len(_METRICS):
        metric = MetricRef(*_METRICS[line - 1])
        return Indicator(
            line=str(line),
            path=(level, f"指标{line}"),
            max_points=points,
            metric=metric,
            rule="按比例",
        )
    return Indicator(
        line=str(line),
        path=(level, f"指标{line}"),
        max_points=points,
        operator=Operator.GE,
        target=NumberTarget(Decimal(100), "次"),
        rule="按比例",
    )


def _actual(line: int, value: int) -> ActualEntered:
    return ActualEntered(line=str(line), actual=NumberActual(Decimal(value), "次"))


def _figures(payments: int) -> FiguresDeclared:
    printed = (("INITIAL_BUDGET", 2 * payments), ("OUTTURN", payments))
    figures = tuple(
        DeclaredFigure(quantity=name, printed=Printed(str(value), "万元"), place=_TABLE)
        for name, value in printed
    )
    return FiguresDeclared(figures=figures)


def _enter(form: str, give: _Giver, *facts: FormEntry) -> None:
    give(Enter(form=form, entries=tuple(Entry(fact=fact) for fact in facts)), _CLERK)
