"""What a county's finance bureau does for all units: rules, adjustments, sample, closing."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from msgspec import structs

from api.generating import words
from api.generating.chance import Chance
from api.generating.money import booked_by
from api.generating.paying import late_payments
from api.generating.purse import Purse, paper
from api.generating.rules import PROVINCE, department_rules, project_rules
from api.generating.scripts import Act, Hand, Script, Stage
from domain.commands import (
    ApproveStatutoryAdjustment,
    CloseYear,
    CopyRuleSet,
    CorrectEntry,
    DrawSample,
    PublishRuleSet,
    ReopenYear,
    VireBetweenUnits,
)
from domain.facts.envelope import Role, on
from domain.facts.ledger import BudgetSupplemented
from domain.ids import rule_set_stream

_STANDING_COMMITTEE = "县人民代表大会常务委员会"


class Bureau:
    """The bureau of a county in one year, with what it needs at hand."""

    def __init__(
        self, division: str, year: int, purses: Sequence[Purse], chance: Chance, stage: Stage
    ) -> None:
        """Of ``division``, whose units are those of ``purses``."""
        self._division, self._year = division, year
        self._purses, self._chance, self._stage = purses, chance, stage
        self._stream = f"{division}/{year}"
        self._hand = Hand(chance, unit="bureau", division=division)

    def script(self, sample: Sequence[str]) -> Script:
        """Every act; ``sample`` are the forms that will be drawn for re-check."""
        chance, hand, year = self._chance, self._hand, self._year
        yield from self._rules()
        yield from self._virements()
        # The standing committee sits in November, when the bureau's own movements are over.
        whole = sum(purse.initial for purse in self._purses)
        approval = ApproveStatutoryAdjustment(
            year=self._stream,
            amount=chance.part_of(whole, 20, 90) * (1 if chance.percent(85) else -1),
            document=f"人常〔{year}〕{chance.between(10, 40)}号",
            approved_by=_STANDING_COMMITTEE,
        )
        yield hand.bureau(hand.moment(date(year, 11, chance.between(20, 29))), approval)
        drawing = DrawSample(
            year=self._stream,
            forms=tuple(sample),
            method="按单位规模分层随机抽取",
            share=Decimal("0.1"),
        )
        yield hand.bureau(hand.moment(date(year + 1, 5, chance.between(6, 9))), drawing)
        yield self._closed(chance.between(1, 40), date(year + 1, 5, chance.between(28, 31)))
        if chance.percent(40):
            yield from self._opened_again()

    def _rules(self) -> Script:
        hand, division = self._hand, self._division
        own, copied = department_rules(self._year), project_rules(self._year)
        publishing = PublishRuleSet(stream=rule_set_stream(division, own.name), rule_set=own)
        yield hand.bureau(hand.moment(date(self._year, 1, 2)), publishing)
        copying = CopyRuleSet(
            stream=rule_set_stream(division, copied.name),
            rule_set=copied,
            origin_log=PROVINCE,
            origin_stream=rule_set_stream(PROVINCE, copied.name),
        )
        yield hand.bureau(hand.soon(), copying)

    def _virements(self) -> Script:
        """调剂 between two units of the county, one for every twelve units or so, in the autumn."""
        purses, year, chance = self._purses, self._year, self._chance
        if len(purses) < 2:  # noqa: PLR2004 - it takes two
            return
        count = max(1, len(purses) // 12)
        days = sorted(
            date(year, chance.between(9, 11), chance.between(1, 15)) for _ in range(count)
        )
        for number, day in enumerate(days, 1):
            giving, taking = chance.some(purses, 2)
            line = chance.pick(giving.project_lines)
            command = VireBetweenUnits(
                transfer=f"{year}-TJ{number:03}",
                from_ledger=giving.unit_year.ledger,
                to_ledger=taking.unit_year.ledger,
                amount=chance.part_of(giving.initial, 2, 9) // 10_000 * 10_000 + 10_000,
                from_line=line,
                to_line=chance.pick(taking.project_lines),
                document=paper(chance, year),
                approved_by="县人民政府",
                approved_on=day,
                reason=chance.pick(words.VIREMENT_REASONS),
                effective=on(day),
            )
            yield self._hand.bureau(self._hand.moment(day), command)

    def _closed(self, number: int, day: date) -> Act:
        closing = CloseYear(year=self._stream, document=f"财库〔{self._year + 1}〕{number}号")
        return self._hand.bureau(self._hand.moment(day), closing, Role.FINANCE_APPROVER)

    def _opened_again(self) -> Script:
        """Auditors find in July what should have been booked: the closed year is opened for it, and
        closed again within days.
        """
        chance, hand, year = self._chance, self._hand, self._year
        day = date(year + 1, 7, chance.between(6, 20))
        reopening = ReopenYear(
            year=self._stream,
            reason=chance.pick(words.YEAR_REASONS),
            document=f"审报〔{year + 1}〕{chance.between(61, 99)}号",
        )
        yield hand.bureau(hand.moment(day), reopening, Role.FINANCE_APPROVER)
        for purse in chance.some(self._purses, chance.between(1, 3)):
            [found, *_] = late_payments(purse, chance, day, "S")
            yield booked_by(hand, hand.soon(), purse.unit_year.ledger, [found])
            if chance.percent(50):
                yield from self._amount_corrected(purse.unit_year.ledger)
        yield self._closed(chance.between(41, 60), day + timedelta(days=chance.between(1, 5)))

    def _amount_corrected(self, ledger: str) -> Iterator[Act]:
        """A supplement that was keyed in with another amount than its paper's."""
        chance, hand = self._chance, self._hand
        there = tuple(self._stage.ledger(ledger).live(BudgetSupplemented))
        if there:
            chain, fact = chance.pick(there)
            # What was typed as its reason is known by its digest only, and is typed again.
            right = structs.replace(
                fact,
                amount=chance.part_of(fact.amount, 900, 1000) + 1,
                reason=chance.pick(words.SUPPLEMENT_REASONS),
            )
            command = CorrectEntry(
                stream=ledger,
                target=chain.head,
                replacement=right,
                effective=chain.effective,
                reason=chance.pick(words.KEYING_REASONS),
                document=f"更正单{chance.between(301, 400)}号",
            )
            yield hand.bureau(hand.soon(), command)
