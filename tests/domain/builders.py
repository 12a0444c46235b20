"""A ledger and forms told fact by fact, for checks that look at the whole of a unit and year."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from domain import crosschecks
from domain import ledger as ledgers
from domain.crosschecks import Case
from domain.crosschecks.findings import Finding
from domain.evaluation import form as forms
from domain.evaluation.calculation import calculate
from domain.evaluation.figures import Money, money_of
from domain.evaluation.state import FormState
from domain.facts import Fact
from domain.facts.envelope import UNKNOWN, Effective, Envelope, Place, Role, on
from domain.facts.form import (
    ActualEntered,
    Breakdown,
    BreakdownBy,
    DeclaredFigure,
    DeclaredRate,
    DeductionJustified,
    EvaluationOpened,
    FiguresDeclared,
    IndicatorsSet,
    Level,
    Part,
    RuleSetAdopted,
    ScoreDeclared,
    ScoreOverridden,
    Subject,
    TaskLine,
)
from domain.facts.ledger import (
    Basis,
    BudgetSupplemented,
    ExpenditureRecorded,
    FundsClawedBack,
    LedgerOpened,
    Line,
)
from domain.scoring.indicators import (
    Actual,
    Indicator,
    MetricRef,
    NumberActual,
    NumberTarget,
    Operator,
    Target,
)
from domain.scoring.rule_set import GradeBand, RuleSet
from domain.scoring.rules import Knot, LinearOverrun, PiecewiseLinear, Proportional, Rule
from domain.store import Recorded
from domain.values import Printed, Rounding

UNIT_YEAR = "130104/xfj/2024"
LEDGER = f"{UNIT_YEAR}/ledger"
DEPARTMENT = f"{UNIT_YEAR}/department"
WAN = 1_000_000
YEAR = 2024

RULES = RuleSet(
    name="规则",
    version="1",
    title="测试规则",
    rules={
        "按比例": Proportional(),
        "九成满分": Proportional(benchmark=Decimal("0.9")),
        "超标递减": LinearOverrun(),
        "变动率": PiecewiseLinear(
            knots=(Knot(Decimal(0), Decimal(1)), Knot(Decimal(100), Decimal(0)))
        ),
    },
    bands=(
        GradeBand("优", Decimal(90)),
        GradeBand("良", Decimal(80)),
        GradeBand("中", Decimal(60)),
        GradeBand("差", Decimal(0)),
    ),
)


def project(code: str) -> str:
    """The id of a project's form."""
    return f"{UNIT_YEAR}/project/{code}"


class Told:
    """What was told about a unit and year, each fact a minute after the one before."""

    def __init__(self, basis: Basis = Basis.DECLARED) -> None:
        self._events = 0
        self._streams: dict[str, list[Recorded]] = {}
        self._rules: dict[str, RuleSet | None] = {}
        self._recorded_at = datetime(2025, 3, 10, 8, 0, tzinfo=UTC)
        self._tell(
            LEDGER, LedgerOpened(unit="xfj", unit_name="某局", fiscal_year=YEAR, basis=basis)
        )

    def _tell(self, stream: str, fact: Fact, effective: Effective = UNKNOWN) -> UUID:
        self._events += 1
        event_id = UUID(int=self._events)
        envelope = Envelope(
            event_id=event_id,
            recorded_at=self._recorded_at,
            effective=effective,
            actor="clerk",
            role=Role.UNIT_CLERK,
            organisation="xfj",
            command_id=f"command-{self._events}",
        )
        held = self._streams.setdefault(stream, [])
        held.append(Recorded(stream, len(held) + 1, self._events, envelope, fact))
        return event_id

    def at(self, year: int, month: int, day: int, hour: int = 8) -> "Told":
        """From now on it is this moment, UTC."""
        self._recorded_at = datetime(year, month, day, hour, tzinfo=UTC)
        return self

    def booked(self, *facts: Fact, on_day: date | None = None) -> "Told":
        """Entries of the ledger, on a business day or without one."""
        for fact in facts:
            self._tell(LEDGER, fact, on(on_day) if on_day else UNKNOWN)
        return self

    def form(
        self, *facts: Fact, form_id: str = DEPARTMENT, rules: RuleSet | None = RULES
    ) -> "Told":
        """Facts of a form, which is opened when it is first spoken of; ``rules`` binds then."""
        if form_id not in self._rules:
            code = form_id.partition("/project/")[2] or None
            level = Level.PROJECT if code else Level.DEPARTMENT
            opened = EvaluationOpened(
                unit="xfj",
                unit_name="某局",
                fiscal_year=YEAR,
                level=level,
                project=code,
                project_name=code,
            )
            self._tell(form_id, opened)
            self._rules[form_id] = rules
            if rules is not None:
                adopted = RuleSetAdopted(
                    name=rules.name, version=rules.version, digest=rules.digest
                )
                self._tell(form_id, adopted)
        for fact in facts:
            self._tell(form_id, fact)
        return self

    def calculated(self, form_id: str = DEPARTMENT) -> "Told":
        """A calculation of every row as things stand."""
        form, rules = self.form_state(form_id), self._rules[form_id]
        if rules is not None:
            for line in form.rows.values():
                self._tell(form_id, calculate(form, self.money(form_id), rules, line))
        return self

    def form_state(self, form_id: str = DEPARTMENT) -> FormState:
        """The form as told."""
        return forms.fold(self._streams[form_id])

    def ledger_state(self) -> ledgers.LedgerState:
        """The ledger as told."""
        return ledgers.fold(self._streams[LEDGER])

    def money(self, form_id: str = DEPARTMENT) -> Money:
        """The money that counts for a form as told."""
        return money_of(self.form_state(form_id), self.ledger_state())

    def findings(self, form_id: str = DEPARTMENT) -> tuple[Finding, ...]:
        """All findings of a form."""
        told = {one: self.form_state(one) for one in self._rules}
        case = Case(ledger=self.ledger_state(), forms=told, rule_sets=self._rules)
        return crosschecks.findings(case)[form_id]

    def found(self, code: str, form_id: str = DEPARTMENT) -> list[Finding]:
        """The findings of one code."""
        return [one for one in self.findings(form_id) if one.code == code]

    def only(self, code: str, form_id: str = DEPARTMENT) -> Finding:
        """The one finding of this code."""
        (finding,) = self.found(code, form_id)
        return finding

    def codes(self, form_id: str = DEPARTMENT) -> list[str]:
        """The codes of all findings, in order."""
        return [one.code for one in self.findings(form_id)]


def told(*facts: Fact, rules: RuleSet | None = RULES) -> Told:
    """A department's form of these facts, beside an empty ledger of declared figures."""
    return Told().form(*facts, rules=rules)


# ------------------------------------------------------------------------------ facts, in short


def place(text: str = "正文", *, table: bool = False) -> Place:
    """Where something is printed."""
    return Place("自评报告", text, table)


def figures(**amounts: str | tuple[str, ...]) -> FiguresDeclared:
    """Declared figures in 万元 by quantity; several statements of one as a tuple. "3.6 元" names
    its unit.
    """
    return FiguresDeclared(
        figures=tuple(
            DeclaredFigure(quantity=name, printed=printed(text), place=place(f"第{number}处"))
            for name, given in amounts.items()
            for number, text in enumerate((given,) if isinstance(given, str) else given, 1)
        )
    )


def printed(text: str, unit: str = "万元") -> Printed:
    """A figure as printed; "3.6 元" names its unit."""
    digits, _, named = text.partition(" ")
    return Printed(digits, named or unit)


def stated_rate(metric: str, text: str, base: str | None = None) -> FiguresDeclared:
    """A rate in the text, in per cent."""
    return FiguresDeclared(
        rates=(DeclaredRate(metric=metric, base=base, printed=Printed(text, "%"), place=place()),)
    )


def parts_of(
    quantity: str, *parts: str, by: BreakdownBy = BreakdownBy.ECONOMIC_CLASS
) -> FiguresDeclared:
    """A breakdown into parts called 甲, 乙, …"""
    named = zip("甲乙丙丁戊己庚辛壬癸", parts, strict=False)
    return FiguresDeclared(
        breakdowns=(
            Breakdown(
                quantity=quantity,
                by=by,
                parts=tuple(Part(name, printed(text)) for name, text in named),
                place=place("分解"),
            ),
        )
    )


def task(
    approved: str, actual: str, rate: str | None = None, name: str = "任务"
) -> FiguresDeclared:
    """A row of tasks in 万元."""
    return FiguresDeclared(
        tasks=(
            TaskLine(
                name=name,
                approved=printed(approved),
                actual=printed(actual),
                rate=Printed(rate, "%") if rate else None,
                place=place("任务表"),
            ),
        )
    )


def row(
    line: str = "1",
    *,
    name: str | tuple[str, ...] = "指标",
    points: str | None = "100",
    rule: str | None = "按比例",
    metric: tuple[str, str] | None = None,
    operator: Operator | None = Operator.GE,
    target: Target | None = None,
    printed: bool = True,
) -> Indicator:
    """A row of a form."""
    return Indicator(
        line=line,
        path=(name,) if isinstance(name, str) else name,
        max_points=Decimal(points) if points else None,
        operator=operator,
        target=target,
        metric=MetricRef(*metric) if metric else None,
        rule=rule,
        printed=printed,
    )


def rows(*given: Indicator) -> IndicatorsSet:
    """The rows of a form."""
    return IndicatorsSet(rows=given)


def number(text: str, unit: str = "%") -> NumberTarget:
    """A target in numbers."""
    return NumberTarget(Decimal(text), unit)


def actual(value: str | Actual, line: str = "1", unit: str = "%") -> ActualEntered:
    """An actual value, a percentage when it is only digits."""
    given = NumberActual(Decimal(value), unit) if isinstance(value, str) else value
    return ActualEntered(line=line, actual=given)


def score(points: str, line: str = "1", at: str = "表", reason: str | None = None) -> ScoreDeclared:
    """A printed score of a line."""
    return ScoreDeclared(
        subject=Subject.LINE,
        line=line,
        points=Decimal(points),
        place=place(at, table=True),
        reason=reason,
    )


def total(points: str, at: str = "总分", *, table: bool = False) -> ScoreDeclared:
    """A printed total."""
    return ScoreDeclared(
        subject=Subject.TOTAL, points=Decimal(points), place=place(at, table=table)
    )


def supplement(
    wan: str, document: str | None = None, line: Line | None = None
) -> BudgetSupplemented:
    """A supplement in 万元."""
    return BudgetSupplemented(
        amount=int(Decimal(wan) * WAN), document=document, line=line or Line()
    )


def clawback(wan: str, document: str | None = None) -> FundsClawedBack:
    """A clawback in 万元."""
    return FundsClawedBack(amount=int(Decimal(wan) * WAN), document=document)


def override(points: str, line: str = "1") -> ScoreOverridden:
    """A self score set by hand."""
    return ScoreOverridden(
        line=line, from_points=None, to_points=Decimal(points), reason="核定", document="甲号"
    )


def group(name: str, points: str, weight: str | None = None) -> ScoreDeclared:
    """A printed score of a group, with its weight."""
    return ScoreDeclared(
        subject=Subject.GROUP,
        path=(name,),
        points=Decimal(points),
        max_points=Decimal(weight) if weight else None,
        place=place("小结"),
    )


def grade(name: str) -> ScoreDeclared:
    """A printed grade."""
    return ScoreDeclared(subject=Subject.GRADE, grade=name, place=place("结论"))


def justified(line: str = "1", reason: str = "拨款不及时") -> DeductionJustified:
    """A reason for a deduction."""
    return DeductionJustified(line=line, reason=reason)


def paid(wan: str, voucher: str, line: Line | None = None) -> ExpenditureRecorded:
    """A payment in 万元."""
    return ExpenditureRecorded(amount=int(Decimal(wan) * WAN), voucher=voucher, line=line or Line())


def banded(**lows: int) -> tuple[GradeBand, ...]:
    """Grade bands by label, from high to low."""
    return tuple(GradeBand(label, Decimal(low)) for label, low in lows.items())


def rules_with(
    *,
    rounding: Rounding | None = None,
    bands: tuple[GradeBand, ...] | None = None,
    **rules: Rule,
) -> RuleSet:
    """The usual rules with another rounding, other bands, or more rules."""
    return RuleSet(
        name=RULES.name,
        version=RULES.version,
        title=RULES.title,
        rules={**RULES.rules, **rules},
        rounding=rounding or RULES.rounding,
        bands=RULES.bands if bands is None else bands,
    )
