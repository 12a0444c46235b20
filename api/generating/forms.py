"""A form: from its rows in spring to its publication in the summer of the next year."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from msgspec import structs

from api.generating import words
from api.generating.actuals import actual_of
from api.generating.chance import Chance
from api.generating.money import Project, Purse, paper
from api.generating.reviews import Calendar, Review
from api.generating.rules import (
    department_rows,
    department_rules,
    project_rows,
    project_rules,
)
from api.generating.scripts import Act, Hand, Script, Stage
from domain.commands import (
    AdoptRuleSet,
    CalculateScores,
    CorrectEntry,
    Enter,
    Entry,
    Note,
    OpenEvaluation,
    OverrideScore,
    RetargetIndicator,
    Sign,
    Submit,
    WithdrawOverride,
    WithdrawSignature,
)
from domain.evaluation.figures import money_of
from domain.evaluation.form import FormState
from domain.evaluation.scores import score_sheet
from domain.facts.envelope import Place
from domain.facts.form import (
    ActualEntered,
    DeclaredFigure,
    DeclaredRate,
    DeductionJustified,
    EvidenceAttached,
    FiguresDeclared,
    FormEntry,
    IndicatorsSet,
    Light,
    MeasurePlanned,
    ProblemNoted,
    ProgressMonitored,
    ScoreCalculated,
    ScoreDeclared,
    Subject,
)
from domain.scoring.indicators import Indicator, NotApplicable, NumberActual, NumberTarget
from domain.scoring.metrics import Unmeasurable, measure
from domain.scoring.rule_set import RuleSet
from domain.scoring.steps import Worksheet
from domain.values import FEN_PER_UNIT, Printed, Rounding, plain

_TABLE = "附件1 绩效自评表"
_TENTHS = Decimal("0.1")


class Form:
    """One form's script with what it needs at hand."""

    def __init__(
        self, purse: Purse, project: Project | None, chance: Chance, stage: Stage, *, sampled: bool
    ) -> None:
        """The form of ``project``, or the department's for None. ``sampled`` ones are re-checked."""
        unit = purse.unit
        self._purse, self._project = purse, project
        self._chance, self._stage = chance, stage
        self._year = unit.year
        self._hand = Hand(chance, unit=unit.code, division=unit.division)
        self._calendar = Calendar(unit.year)
        self.id = purse.unit_year.form(project.code if project else None)
        self._rules: RuleSet = (project_rules if project else department_rules)(unit.year)
        self._rows = (project_rows if project else department_rows)(chance, unit.year)
        self._supervised = purse.supervised
        self._review = Review(self.id, chance, self._hand, self._calendar, self._rows)
        self._sampled = sampled

    def script(self) -> Script:
        """Every act on the form."""
        yield from self._set_up()
        yield from self._year_goes_by()
        yield from self._fill_in()
        yield from self._score_and_submit()
        if self._supervised and self._chance.percent(16):
            yield self._review.returned()
            yield from self._again(self._calendar.next(4, self._chance.between(22, 27)))
        yield from self._review.passed(sampled=self._sampled, supervised=self._supervised)
        yield from self._publish()
        if self._chance.percent(2):
            yield self._review.reopened()
            yield from self._again(self._calendar.next(9, self._chance.between(1, 12)))
            yield from self._review.passed_again(sampled=self._sampled, supervised=self._supervised)
            yield from self._publish()

    # ------------------------------------------------------------------------- the year

    def _set_up(self) -> Script:
        hand, chance = self._hand, self._chance
        opening = OpenEvaluation(
            form=self.id,
            unit_name=self._purse.name,
            project_name=self._project.name if self._project else None,
            reviewed_by_department=self._supervised,
        )
        day = date(self._year, 2, chance.between(10, 28))
        yield hand.clerk(hand.moment(day), opening)
        yield hand.clerk(hand.soon(), AdoptRuleSet(form=self.id, name=self._rules.name))
        yield hand.clerk(hand.soon(), self._enter(IndicatorsSet(rows=self._rows)))

    def _year_goes_by(self) -> Script:
        hand, chance = self._hand, self._chance
        if chance.percent(40):
            planned = Decimal(chance.between(50, 66))
            actual = Decimal(chance.between(32, 66))
            behind = planned - actual
            light = Light.GREEN if behind < 5 else Light.YELLOW if behind < 15 else Light.RED  # noqa: PLR2004
            seen = ProgressMonitored(
                line="1",
                planned=planned,
                actual=actual,
                forecast=Decimal(chance.between(80, 100)),
                light=light,
            )
            day = date(self._year, 8, chance.between(1, 25))
            yield hand.clerk(hand.moment(day), Note(form=self.id, entries=(seen,)))
        aimed = [row for row in self._rows if self._can_be_retargeted(row)]
        if aimed and chance.percent(5):
            row = chance.pick(aimed)
            assert isinstance(row.target, NumberTarget)  # noqa: S101 - chosen so
            fewer = NumberTarget(max(Decimal(1), row.target.value - 1), row.target.unit)
            command = RetargetIndicator(
                form=self.id,
                line=row.line,
                to_target=fewer,
                document=paper(chance, self._year),
                reason=chance.pick(words.RETARGET_REASONS),
            )
            day = date(self._year, 10, chance.between(8, 30))
            yield hand.clerk(hand.moment(day), command)
            self._rows = tuple(
                structs.replace(one, target=fewer) if one is row else one for one in self._rows
            )

    @staticmethod
    def _can_be_retargeted(row: Indicator) -> bool:
        target = row.target
        return row.metric is None and isinstance(target, NumberTarget) and target.unit != "%"

    # ------------------------------------------------------------------------- filling in

    def _fill_in(self) -> Script:
        """Actual values with evidence, the printed figures, and slips of the pen."""
        hand, chance = self._hand, self._chance
        # After the ledger is reconciled, before the late payments of April.
        yield hand.clerk(hand.moment(self._calendar.next(2, chance.between(14, 28))), self._values)
        entered = self._numbers_entered()
        if entered and chance.percent(9):
            yield self._corrected_value(*chance.pick(entered))
        yield hand.clerk(hand.moment(self._calendar.next(3, chance.between(3, 20))), self._scores())

    def _values(self) -> Enter:
        chance = self._chance
        state = self._stage.form(self.id)
        sums = money_of(state, self._stage.ledger(self._purse.unit_year.ledger)).sums
        evidence = [self._evidence(number) for number in range(chance.weighted((50, 35, 15)))]
        actuals = [
            ActualEntered(
                line=row.line,
                actual=actual_of(row, chance),
                evidence=(chance.pick(evidence).sha256,) if evidence and chance.percent(20) else (),
            )
            for row in self._rows
            if row.metric is None and row.rule != "加分"
        ]
        nothing = [
            ActualEntered(line=row.line, actual=NotApplicable())
            for row in self._rows
            if _unmeasured(row, sums) and chance.percent(90)
        ]
        return self._enter(*evidence, *actuals, *nothing, self._figures(sums))

    def _evidence(self, number: int) -> EvidenceAttached:
        chance = self._chance
        return EvidenceAttached(
            sha256=hashlib.sha256(f"{self.id}/{number}".encode()).hexdigest(),
            size=chance.between(20_000, 9_000_000),
            media_type="application/pdf",
            title=chance.pick(words.EVIDENCE_TITLES),
        )

    def _figures(self, sums: Mapping[str, int]) -> FiguresDeclared:
        """The printed figures: those of the ledger in 万元, now and then with a slip."""
        chance = self._chance
        place = Place(_TABLE, "资金情况", table=True)
        figures = []
        for quantity in ("INITIAL_BUDGET", "ADJUSTED_BUDGET", "OUTTURN"):
            amount = sums[quantity]
            if chance.percent(2):
                amount += chance.part_of(amount, 10, 90) + 1
            figures.append(DeclaredFigure(quantity=quantity, printed=_in_wan(amount), place=place))
        rates: tuple[DeclaredRate, ...] = ()
        if sums["ADJUSTED_BUDGET"] > 0 and chance.percent(35):
            rate = Fraction(sums["OUTTURN"] * 100, sums["ADJUSTED_BUDGET"])
            if chance.percent(6):
                rate += chance.between(1, 4)
            text = plain(Rounding(places=2).apply(rate))
            rates = (
                DeclaredRate(
                    metric="EXECUTION_RATE",
                    base="ADJUSTED",
                    printed=Printed(text, "%"),
                    place=Place("自评报告", "预算执行情况"),
                ),
            )
        return FiguresDeclared(figures=tuple(figures), rates=rates)

    def _corrected_value(self, target: UUID, fact: ActualEntered, actual: NumberActual) -> Act:
        right = NumberActual(max(Decimal(0), actual.value - 1), actual.unit)
        command = CorrectEntry(
            stream=self.id,
            target=target,
            replacement=structs.replace(fact, actual=right),
            reason=self._chance.pick(words.KEYING_REASONS),
            document=f"更正单{self._chance.between(1, 300)}号",
        )
        return self._hand.clerk(self._hand.soon(), command)

    def _numbers_entered(self) -> list[tuple[UUID, ActualEntered, NumberActual]]:
        return [
            (chain.head, fact, fact.actual)
            for chain, fact in self._stage.form(self.id).live(ActualEntered)
            if isinstance(fact.actual, NumberActual)
        ]

    # ------------------------------------------------------------------------- scoring

    def _scores(self) -> CalculateScores:
        return CalculateScores(form=self.id)

    def _score_and_submit(self) -> Script:
        chance, hand = self._chance, self._hand
        yield from self._overrides()
        reasons = self._reasons(self._stage.form(self.id))
        if reasons:
            yield hand.clerk(hand.soon(), self._enter(*reasons))
        totals = self._totals(self._stage.form(self.id))
        if totals:
            yield hand.clerk(hand.soon(), self._enter(*totals))
        if chance.percent(45):
            yield hand.clerk(hand.soon(), Note(form=self.id, entries=self._problems()))
        yield hand.approver(hand.soon(), Sign(form=self.id))
        if chance.percent(2):
            reason = chance.pick(words.SIGNATURE_REASONS)
            yield hand.approver(hand.soon(), WithdrawSignature(form=self.id, reason=reason))
            yield hand.approver(hand.soon(), Sign(form=self.id))
        yield hand.clerk(hand.soon(), Submit(form=self.id))

    def _overrides(self) -> Script:
        """Typed scores with their papers: where only a person can score, and now and then else."""
        chance, hand = self._chance, self._hand
        state = self._stage.form(self.id)
        for row in self._rows:
            typed = row.rule == "加分"
            if not typed and not chance.percent(1):
                continue
            most = row.max_points or Decimal(0)
            points = (most * chance.between(0 if typed else 40, 100) / 100).quantize(_TENTHS)
            noted = state.calculated.get(row.line)
            if noted is not None and noted.fact.points == points:
                continue
            command = OverrideScore(
                form=self.id,
                line=row.line,
                to_points=points,
                reason=chance.pick(words.OVERRIDE_REASONS),
                document=f"考评〔{self._year}〕{chance.between(1, 90)}号",
            )
            yield hand.clerk(hand.soon(), command)
            if not typed and chance.percent(25):
                reason = chance.pick(words.WITHDRAWAL_REASONS)
                back = WithdrawOverride(form=self.id, line=row.line, reason=reason)
                yield hand.clerk(hand.soon(), back)

    def _reasons(self, state: FormState) -> list[FormEntry]:
        """Reasons where the rules demand them and for most other deductions."""
        chance = self._chance
        facts: list[FormEntry] = []
        for row in self._rows:
            noted = state.calculated.get(row.line)
            if noted is None or row.line in state.overrides:
                continue
            fact: ScoreCalculated = noted.fact
            lost = fact.points is not None and fact.points < (row.max_points or 0)
            if fact.reason_required or (lost and chance.percent(80)):
                facts.append(self._justified(row))
            elif lost and chance.percent(6):
                facts.append(self._declared_otherwise(row, fact))
        return facts

    def _justified(self, row: Indicator) -> DeductionJustified:
        return DeductionJustified(
            line=row.line,
            reason=self._chance.pick(words.DEDUCTION_REASONS),
            measure=self._chance.pick(words.MEASURES),
        )

    def _declared_otherwise(self, row: Indicator, fact: ScoreCalculated) -> ScoreDeclared:
        """A printed score that is not the rule's, with a reason beside it."""
        points = min(row.max_points or Decimal(0), (fact.points or Decimal(0)) + Decimal("0.5"))
        return ScoreDeclared(
            subject=Subject.LINE,
            line=row.line,
            points=points,
            place=Place(_TABLE, f"第{row.line}行", table=True),
            reason=self._chance.pick(words.DEDUCTION_REASONS),
        )

    def _totals(self, state: FormState) -> list[ScoreDeclared]:
        """The total and the grade as they are printed, now and then with a slip."""
        sheet = score_sheet(state, self._rules)
        total = sheet.total if sheet.total is not None else sheet.subtotal
        if total is None:
            return []
        place = Place(_TABLE, "总分行", table=True)
        printed = total
        if self._chance.percent(4):
            printed = min(self._rules.total_points, total + 1)
        declared = [ScoreDeclared(subject=Subject.TOTAL, points=printed, place=place)]
        if self._chance.percent(50):
            grade = self._rules.grade_of(printed)
            declared.append(ScoreDeclared(subject=Subject.GRADE, grade=grade, place=place))
        return declared

    def _problems(self) -> tuple[ProblemNoted | MeasurePlanned, ...]:
        chance = self._chance
        due = self._calendar.next(6, chance.between(1, 30))
        return (
            ProblemNoted(number=1, text=chance.pick(words.PROBLEMS)),
            MeasurePlanned(problem=1, number=1, text=chance.pick(words.MEASURES), due=due),
        )

    # ------------------------------------------------------------------------- once more

    def _again(self, day: date) -> Script:
        """Back in draft: some values anew, everything calculated that rests on other inputs."""
        chance, hand = self._chance, self._hand
        own = [row for row in self._rows if row.metric is None and row.rule != "加分"]
        changed = chance.some(own, chance.between(1, 2))
        facts = [ActualEntered(line=row.line, actual=actual_of(row, chance)) for row in changed]
        yield hand.clerk(hand.moment(day), self._enter(*facts))
        lines = {row.line for row in changed} | {row.line for row in self._rows if row.metric}
        ordered = tuple(row.line for row in self._rows if row.line in lines)
        yield hand.clerk(hand.soon(), CalculateScores(form=self.id, lines=ordered))
        reasons = self._reasons_again(self._stage.form(self.id), ordered)
        if reasons:
            yield hand.clerk(hand.soon(), self._enter(*reasons))
        yield from self._printed_again()
        yield hand.approver(hand.soon(), Sign(form=self.id))
        yield hand.clerk(hand.soon(), Submit(form=self.id))

    def _reasons_again(self, state: FormState, lines: Sequence[str]) -> list[FormEntry]:
        facts: list[FormEntry] = []
        for row in self._rows:
            fact: ScoreCalculated = state.calculated[row.line].fact
            unexplained = state.justification(row.line) is None
            declared = state.declared(Subject.LINE, row.line)
            due = fact.reason_required or (declared and row.line in lines)
            if due and unexplained and row.line not in state.overrides:
                facts.append(self._justified(row))
        return facts

    def _printed_again(self) -> Script:
        """The printed total and grade follow the new scores, as corrections of the old ones."""
        state = self._stage.form(self.id)
        sheet = score_sheet(state, self._rules)
        for chain, fact in tuple(state.live(ScoreDeclared)):
            new = fact
            if fact.subject is Subject.TOTAL and sheet.total is not None:
                new = structs.replace(fact, points=sheet.total)
            elif fact.subject is Subject.GRADE and sheet.grade is not None:
                new = structs.replace(fact, grade=sheet.grade)
            if new != fact:
                command = CorrectEntry(
                    stream=self.id,
                    target=chain.head,
                    replacement=new,
                    reason="重新填报后得分有变",
                    document=f"更正单{self._chance.between(1, 300)}号",
                )
                yield self._hand.clerk(self._hand.soon(), command)

    # ------------------------------------------------------------------------- the end

    def _publish(self) -> Script:
        yield from self._review.finalised()
        state = self._stage.form(self.id)
        yield from self._review.published(state)

    def _enter(self, *facts: FormEntry) -> Enter:
        return Enter(form=self.id, entries=tuple(Entry(fact=fact) for fact in facts))


def _unmeasured(row: Indicator, sums: Mapping[str, int]) -> bool:
    """Whether nobody spends on what the row measures, so that it does not apply."""
    if row.metric is None:
        return False
    found = measure(row.metric.metric, row.metric.base, sums, Worksheet())
    return isinstance(found, Unmeasurable)


def _in_wan(fen: int) -> Printed:
    """As a form prints it: in 万元 at two places."""
    exact = Fraction(fen, FEN_PER_UNIT["万元"])
    return Printed(f"{Rounding(places=2).apply(exact):f}", "万元")
