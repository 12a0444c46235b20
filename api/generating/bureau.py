"""What a county's finance bureau does for all units: rules, adjustments, sample, closing."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from api.generating import words
from api.generating.chance import Chance
from api.generating.money import Purse, paper
from api.generating.rules import PROVINCE, department_rules, project_rules
from api.generating.scripts import Hand, Script
from domain.commands import (
    ApproveStatutoryAdjustment,
    CloseYear,
    CopyRuleSet,
    DrawSample,
    PublishRuleSet,
    VireBetweenUnits,
)
from domain.facts.envelope import Role, on
from domain.ids import rule_set_stream

_STANDING_COMMITTEE = "县人民代表大会常务委员会"


def bureau_script(
    division: str, year: int, purses: Sequence[Purse], sample: Sequence[str], chance: Chance
) -> Script:
    """The bureau's year; ``sample`` are the forms that it will draw for re-check."""
    hand = Hand(chance, unit="bureau", division=division)
    stream = f"{division}/{year}"
    own, copied = department_rules(year), project_rules(year)
    publishing = PublishRuleSet(stream=rule_set_stream(division, own.name), rule_set=own)
    yield hand.bureau(hand.moment(date(year, 1, 2)), publishing)
    copying = CopyRuleSet(
        stream=rule_set_stream(division, copied.name),
        rule_set=copied,
        origin_log=PROVINCE,
        origin_stream=rule_set_stream(PROVINCE, copied.name),
    )
    yield hand.bureau(hand.soon(), copying)
    yield from _virements(year, purses, chance, hand)
    # The standing committee sits in November, when the bureau's own movements are over.
    whole = sum(purse.initial for purse in purses)
    approval = ApproveStatutoryAdjustment(
        year=stream,
        amount=chance.part_of(whole, 20, 90) * (1 if chance.percent(85) else -1),
        document=f"人常〔{year}〕{chance.between(10, 40)}号",
        approved_by=_STANDING_COMMITTEE,
    )
    yield hand.bureau(hand.moment(date(year, 11, chance.between(20, 29))), approval)
    drawing = DrawSample(
        year=stream, forms=tuple(sample), method="按单位规模分层随机抽取", share=Decimal("0.1")
    )
    yield hand.bureau(hand.moment(date(year + 1, 5, chance.between(6, 9))), drawing)
    closing = CloseYear(year=stream, document=f"财库〔{year + 1}〕{chance.between(1, 40)}号")
    day = date(year + 1, 5, chance.between(28, 31))
    yield hand.bureau(hand.moment(day), closing, Role.FINANCE_APPROVER)


def _virements(year: int, purses: Sequence[Purse], chance: Chance, hand: Hand) -> Script:
    """调剂 between two units of the county, one for every twelve units or so, in the autumn."""
    if len(purses) < 2:  # noqa: PLR2004 - it takes two
        return
    count = max(1, len(purses) // 12)
    days = sorted(date(year, chance.between(9, 11), chance.between(1, 15)) for _ in range(count))
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
        yield hand.bureau(hand.moment(day), command)
