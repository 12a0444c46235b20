"""A form: from its rows in spring to its publication in the summer of the next year."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

from msgspec import structs

from api.generating import explaining, filling, secrecy, withdrawals, words
from api.generating.actuals import actual_of
from api.generating.chance import Chance
from api.generating.purse import Project, Purse, paper
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
from domain.crosschecks.findings import Finding
from domain.evaluation.figures import money_of
from domain.evaluation.scores import score_sheet
from domain.facts.form import (
    ActualEntered,
    FormEntry,
    IndicatorsSet,
    Light,
    MeasurePlanned,
    ProblemNoted,
    ProgressMonitored,
    ScoreDeclared,
    Subject,
)
from domain.scoring.indicators import Indicator, NumberActual, NumberTarget
from domain.scoring.rule_set import RuleSet

_TENTHS = Decimal("0.1")


class Form:
    """One form's script with what it needs at hand."""

    def __init__(
        self,
        purse: Purse,
        project: Project | None,
        chance: Chance,
        rare: Chance,
        stage: Stage,
        *,
        sampled: bool,
    ) -> None:
        """The form of ``project``, or the department's for None. ``sampled`` ones are re-checked.

        ``rare`` decides about what happens to few forms, so that it moves nothing in the others.
        """
        unit = purse.unit
        self._purse, self._project = purse, project
        self._chance, self._rare, self._stage = chance, rare, stage
        self._year = unit.year
        self._hand = Hand(chance, unit=unit.code, division=unit.division)
        self._calendar = Calendar(unit.year)
        self.id = purse.unit_year.form(project.code if project else None)
        self._rules: RuleSet = (project_rules if project else department_rules)(unit.year)
        self._rows = (project_rows if project else department_rows)(chance, unit.year)
        self._supervised = purse.supervised
        self._review = Review(self.id, chance, self._hand, self._calendar)
        self._sampled = sampled

    def script(self) -> Script:
        """Every act on the form."""
        yield from self._set_up()
        yield from self._year_goes_by()
        yield from self._fill_in()
        yield from self._score_and_submit()
        if self._rare.percent(6):
            yield from self._papers_in_review()
        if self._supervised and self._chance.percent(16):
            yield self._review.returned()
            yield from self._again(self._calendar.next(4, self._chance.between(22, 27)))
        yield from self._review.passed(
            self._rows, sampled=self._sampled, supervised=self._supervised
        )
        if self._rare.percent(40 if self._sampled else 2):
            yield from self._review.acknowledged(
                self._findings(), self._rare, sampled=self._sampled, supervised=self._supervised
            )
        yield from self._publish()
        if self._rare.percent(3):
            yield from self._redacted(8)
        if self._chance.percent(2):
            yield self._review.reopened()
            yield from self._again(self._calendar.next(9, self._chance.between(1, 12)))
            yield from self._review.passed_again(
                self._rows, sampled=self._sampled, supervised=self._supervised
            )
            yield from self._publish()
        elif self._rare.percent(2):
            yield from self._review.audited(self._findings(), self._rare)

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
        hand, chance, rare = self._hand, self._chance, self._rare
        if chance.percent(40):
            day = date(self._year, 8, chance.between(1, 25))
            note = Note(form=self.id, entries=(_monitored(chance),))
            yield hand.clerk(hand.moment(day), note)
        day = date(self._year, 9, rare.between(1, 28))
        yield from secrecy.withheld(self.id, self._purse.functional, day, rare, hand)
        aimed = [row for row in self._rows if _can_be_retargeted(row)]
        if aimed and chance.percent(5):
            yield self._retargeted(chance.pick(aimed))
        if rare.percent(4):
            yield from self._lapsed()

    def _retargeted(self, row: Indicator) -> Act:
        hand, chance = self._hand, self._chance
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
        self._rows = tuple(
            structs.replace(one, target=fewer) if one is row else one for one in self._rows
        )
        return hand.clerk(hand.moment(day), command)

    def _lapsed(self) -> Script:
        """A task is cancelled in November; mostly the other rows take over its points."""
        hand, rare = self._hand, self._rare
        row = rare.pick([one for one in self._rows if withdrawals.can_lapse(one)])
        when = hand.moment(date(self._year, 11, rare.between(2, 28)))
        yield withdrawals.row_withdrawn(self.id, row, when, rare, hand)
        if rare.percent(70):
            self._rows = withdrawals.points_moved(self._rows, row)
            yield withdrawals.rows_anew(self.id, self._rows, hand)
        else:
            self._rows = tuple(one for one in self._rows if one is not row)

    # ------------------------------------------------------------------------- filling in

    def _fill_in(self) -> Script:
        """Actual values with evidence, the printed figures, and slips of the pen."""
        hand, chance = self._hand, self._chance
        # After the ledger is reconciled, before the late payments of April.
        yield hand.clerk(hand.moment(self._calendar.next(2, chance.between(14, 28))), self._values)
        entered = self._numbers_entered()
        if entered and chance.percent(9):
            yield self._corrected_value(*chance.pick(entered))
        if self._rare.percent(6):
            state = self._stage.form(self.id)
            yield from withdrawals.paper_exchanged(self.id, state, self._rare, hand)
        calculating = CalculateScores(form=self.id)
        yield hand.clerk(hand.moment(self._calendar.next(3, chance.between(3, 20))), calculating)

    def _values(self) -> Enter:
        state = self._stage.form(self.id)
        sums = money_of(state, self._stage.ledger(self._purse.unit_year.ledger)).sums
        return self._enter(*filling.values(self.id, self._rows, sums, self._chance))

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

    def _score_and_submit(self) -> Script:
        chance, hand = self._chance, self._hand
        yield from self._overrides()
        reasons = explaining.reasons(self._stage.form(self.id), self._rows, chance)
        if reasons:
            yield hand.clerk(hand.soon(), self._enter(*reasons))
        totals = explaining.totals(self._stage.form(self.id), self._rules, chance)
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

    def _problems(self) -> tuple[ProblemNoted | MeasurePlanned, ...]:
        chance = self._chance
        due = self._calendar.next(6, chance.between(1, 30))
        return (
            ProblemNoted(number=1, text=chance.pick(words.PROBLEMS)),
            MeasurePlanned(problem=1, number=1, text=chance.pick(words.MEASURES), due=due),
        )

    # ------------------------------------------------------------------------- in review

    def _papers_in_review(self) -> Iterator[Act]:
        hand, rare = self._hand, self._rare
        when = hand.moment(self._calendar.next(3, rare.between(23, 31)))
        state = self._stage.form(self.id)
        yield from withdrawals.paper_withdrawn_in_review(self.id, state, when, rare, hand)
        if rare.percent(15):
            yield from self._redacted(4)

    def _findings(self) -> tuple[Finding, ...]:
        """What does not hold in the form as it stands."""
        year = self._purse.unit_year
        rules = {year.form(None): department_rules(self._year)}
        rules |= {year.form(one.code): project_rules(self._year) for one in self._purse.evaluated}
        return self._stage.findings(self.id, year.ledger, rules)

    def _redacted(self, month: int) -> Iterator[Act]:
        day = self._calendar.next(month, self._rare.between(1, 2))
        return secrecy.redacted(self.id, day, self._rare, self._hand, self._stage)

    # ------------------------------------------------------------------------- once more

    def _again(self, day: date) -> Script:
        """Back in draft: some values anew, everything calculated that rests on other inputs."""
        chance, hand, rare = self._chance, self._hand, self._rare
        when = hand.moment(day)
        if rare.percent(12):
            # The points are gone with it: what was scored keeps its weight.
            row = rare.pick([one for one in self._rows if withdrawals.can_lapse(one)])
            self._rows = tuple(one for one in self._rows if one is not row)
            yield withdrawals.row_withdrawn(self.id, row, when, rare, hand)
            when = hand.soon()
        own = [row for row in self._rows if withdrawals.can_lapse(row)]
        changed = chance.some(own, chance.between(1, 2))
        facts = [ActualEntered(line=row.line, actual=actual_of(row, chance)) for row in changed]
        yield hand.clerk(when, self._enter(*facts))
        lines = {row.line for row in changed} | {row.line for row in self._rows if row.metric}
        if rare.percent(20):
            state = self._stage.form(self.id)
            lines |= yield from withdrawals.paper_exchanged(self.id, state, rare, hand)
        ordered = tuple(row.line for row in self._rows if row.line in lines)
        yield hand.clerk(hand.soon(), CalculateScores(form=self.id, lines=ordered))
        state = self._stage.form(self.id)
        reasons = explaining.reasons_again(state, self._rows, ordered, chance)
        if reasons:
            yield hand.clerk(hand.soon(), self._enter(*reasons))
        yield from self._printed_again()
        yield hand.approver(hand.soon(), Sign(form=self.id))
        yield hand.clerk(hand.soon(), Submit(form=self.id))

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


def _monitored(chance: Chance) -> ProgressMonitored:
    planned = Decimal(chance.between(50, 66))
    actual = Decimal(chance.between(32, 66))
    behind = planned - actual
    light = Light.GREEN if behind < 5 else Light.YELLOW if behind < 15 else Light.RED  # noqa: PLR2004
    return ProgressMonitored(
        line="1",
        planned=planned,
        actual=actual,
        forecast=Decimal(chance.between(80, 100)),
        light=light,
    )


def _can_be_retargeted(row: Indicator) -> bool:
    target = row.target
    return row.metric is None and isinstance(target, NumberTarget) and target.unit != "%"
