"""What reviewers and the finance bureau do with a submitted form."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from api.generating import words
from api.generating.chance import Chance
from api.generating.scripts import Act, Hand
from domain.commands import (
    Command,
    Finalise,
    GiveReviewScore,
    Note,
    PassDepartmentReview,
    PassFinanceReview,
    Publish,
    Reopen,
    Return,
)
from domain.crosschecks.findings import Finding
from domain.evaluation.state import FormState
from domain.facts.envelope import Role
from domain.facts.form import FindingAcknowledged, MeasureCompleted
from domain.scoring.indicators import Indicator

_TENTHS = Decimal("0.1")


class Calendar(Struct, frozen=True):
    """The days of the year after the one that is evaluated."""

    year: int

    def next(self, month: int, day: int) -> date:
        """A day of that year."""
        return date(self.year + 1, month, day)


class Review:
    """The reviews of one form, each act at its time."""

    def __init__(
        self,
        form: str,
        chance: Chance,
        hand: Hand,
        calendar: Calendar,
    ) -> None:
        """Of ``form``."""
        self._form, self._chance, self._hand = form, chance, hand
        self._calendar = calendar

    def _next(self, month: int, low: int, high: int) -> date:
        return self._calendar.next(month, self._chance.between(low, high))

    def _reviewer(self, command: Command) -> Act:
        return self._hand.bureau(self._hand.soon(), command, Role.FINANCE_REVIEWER)

    def returned(self) -> Act:
        """The department sends it back in April."""
        opinion = self._chance.pick(words.RETURN_OPINIONS)
        when = self._hand.moment(self._next(4, 3, 19))
        return self._hand.department(when, Return(form=self._form, opinion=opinion))

    def passed(
        self, rows: Sequence[Indicator], *, sampled: bool, supervised: bool
    ) -> Iterator[Act]:
        """The department's review, and finance's re-check of a sampled form in May."""
        if supervised:
            self._hand.moment(self._next(4, 28, 30))
            yield from self._by_department(rows)
        if sampled:
            # After the sample was drawn.
            self._hand.moment(self._next(5, 12, 30))
            for row in self._chance.some(rows, self._chance.weighted((30, 40, 30))):
                yield self._reviewer(self._scored(row))
            opinion = self._chance.pick(words.REVIEW_OPINIONS)
            yield self._reviewer(PassFinanceReview(form=self._form, opinion=opinion))

    def _by_department(self, rows: Sequence[Indicator]) -> Iterator[Act]:
        if self._chance.percent(10):
            row = self._chance.pick(rows)
            yield self._hand.department(self._hand.soon(), self._scored(row))
        opinion = self._chance.pick(words.REVIEW_OPINIONS) if self._chance.percent(40) else None
        passed = PassDepartmentReview(form=self._form, opinion=opinion)
        yield self._hand.department(self._hand.soon(), passed)

    def _scored(self, row: Indicator) -> GiveReviewScore:
        most = row.max_points or Decimal(0)
        return GiveReviewScore(
            form=self._form,
            line=row.line,
            points=(most * self._chance.between(40, 95) / 100).quantize(_TENTHS),
            reason=self._chance.pick(words.REVIEW_REASONS),
        )

    def acknowledged(
        self, found: Sequence[Finding], rare: Chance, *, sampled: bool, supervised: bool
    ) -> Iterator[Act]:
        """Whoever has just passed the form has seen what does not hold in it, and says so; where
        nobody had to pass it, the unit itself.
        """
        seen = _seen(found, rare)
        if not seen:
            return
        note, when = Note(form=self._form, entries=seen), self._hand.soon()
        if sampled:
            yield self._hand.bureau(when, note, Role.FINANCE_REVIEWER)
        elif supervised:
            yield self._hand.department(when, note)
        else:
            yield self._hand.clerk(when, note)

    def audited(self, found: Sequence[Finding], rare: Chance) -> Iterator[Act]:
        """Auditors who look at what was published acknowledge findings in September."""
        seen = _seen(found, rare)
        if seen:
            when = self._hand.moment(self._calendar.next(9, rare.between(3, 25)))
            yield self._hand.oversight(when, Note(form=self._form, entries=seen))

    def finalised(self) -> Iterator[Act]:
        """The bureau fixes total and grade in June, or soon after a reopened form came back."""
        when = self._hand.moment(self._next(6, 3, 28))
        yield self._hand.bureau(when, Finalise(form=self._form), Role.FINANCE_APPROVER)

    def published(self, state: FormState) -> Iterator[Act]:
        """Most forms are made public in July; what was planned is done by then."""
        finalised = state.finalised
        if self._chance.percent(85):
            shown = f"{self._form}/{finalised.total if finalised else ''}"
            digest = hashlib.sha256(shown.encode()).hexdigest()
            when = self._hand.moment(self._next(7, 1, 30))
            # What is not published whole says so.
            left_out = tuple(dict.fromkeys(one.fact.about for one in state.withheld))
            publish = Publish(form=self._form, digest=digest, redactions=left_out)
            yield self._hand.bureau(when, publish, Role.FINANCE_APPROVER)
        open_measures = [number for number, (_, done) in state.measures.items() if done is None]
        if open_measures and self._chance.percent(60):
            done = MeasureCompleted(number=open_measures[0])
            yield self._hand.clerk(self._hand.soon(), Note(form=self._form, entries=(done,)))

    def reopened(self) -> Act:
        """Found wrong in August, and taken back to draft."""
        command = Reopen(
            form=self._form,
            reason=self._chance.pick(words.REOPEN_REASONS),
            document=f"审报〔{self._calendar.year + 1}〕{self._chance.between(1, 60)}号",
        )
        when = self._hand.moment(self._next(8, 5, 28))
        return self._hand.bureau(when, command, Role.FINANCE_APPROVER)

    def passed_again(
        self, rows: Sequence[Indicator], *, supervised: bool, sampled: bool
    ) -> Iterator[Act]:
        """The reviews of a reopened form."""
        if supervised:
            yield from self._by_department(rows)
        if sampled:
            yield self._reviewer(PassFinanceReview(form=self._form))


def _seen(found: Sequence[Finding], rare: Chance) -> tuple[FindingAcknowledged, ...]:
    """One or two of ``found``, mostly with a remark."""
    return tuple(
        FindingAcknowledged(
            finding=one.id,
            remark=rare.pick(words.ACKNOWLEDGEMENTS) if rare.percent(80) else None,
        )
        for one in rare.some(found, rare.between(1, 2))
    )
