"""What a unit takes back on its form: an indicator that lapsed, a paper that was the wrong one."""

import hashlib
from collections.abc import Generator, Iterator
from datetime import datetime

from msgspec import structs

from api.generating import words
from api.generating.chance import Chance
from api.generating.purse import paper
from api.generating.scripts import Act, Hand
from domain.commands import CorrectEntry, Enter, Entry, WithdrawEvidence, WithdrawIndicator
from domain.evaluation.state import FormState
from domain.facts.form import ActualEntered, EvidenceAttached, IndicatorsSet
from domain.scoring.indicators import Indicator, TextActual

_TAKING_MORE = frozenset({"按比例", "定性三档"})
"""Rules that score a share of whatever points a row has. Every form has several such rows."""


def evidence(form: str, number: int | str, chance: Chance) -> EvidenceAttached:
    """A paper of ``form``; ``number`` tells it from the others."""
    return EvidenceAttached(
        sha256=hashlib.sha256(f"{form}/{number}".encode()).hexdigest(),
        size=chance.between(20_000, 9_000_000),
        media_type="application/pdf",
        title=chance.pick(words.EVIDENCE_TITLES),
    )


def can_lapse(row: Indicator) -> bool:
    """Whether a row may be taken out: one that the unit set itself, and not the one for merit."""
    return row.metric is None and row.rule != "加分"


def row_withdrawn(form: str, row: Indicator, when: datetime, chance: Chance, hand: Hand) -> Act:
    """A row taken out with approval, for its task is no longer there."""
    command = WithdrawIndicator(
        form=form,
        line=row.line,
        document=paper(chance, when.year),
        reason=chance.pick(words.ROW_REASONS),
    )
    return hand.clerk(when, command)


def points_moved(rows: tuple[Indicator, ...], lapsed: Indicator) -> tuple[Indicator, ...]:
    """``rows`` without ``lapsed``, whose points go to another, if possible of the same level."""
    left = [row for row in rows if row.line != lapsed.line]
    able = [row for row in left if row.rule in _TAKING_MORE]
    heir = next((row for row in able if row.path[0] == lapsed.path[0]), able[0])
    more = (heir.max_points or 0) + (lapsed.max_points or 0)
    return tuple(structs.replace(row, max_points=more) if row is heir else row for row in left)


def rows_anew(form: str, rows: tuple[Indicator, ...], hand: Hand) -> Act:
    """The rows set once more, whole."""
    return hand.clerk(
        hand.soon(), Enter(form=form, entries=(Entry(fact=IndicatorsSet(rows=rows)),))
    )


def paper_exchanged(
    form: str, state: FormState, chance: Chance, hand: Hand
) -> Generator[Act, object, frozenset[str]]:
    """A wrong scan is withdrawn in draft. Either it was the right one after all and is attached
    again, or another takes its place, also beside the values that rested on it. Returns the lines
    of those values, which are now to be calculated again.
    """
    there = tuple(state.evidence())
    if not there:
        return frozenset()
    wrong = chance.pick(there)
    yield _withdrawn(form, wrong, chance, hand)
    if chance.percent(25):
        again = structs.replace(evidence(form, "", chance), sha256=wrong)
        yield hand.clerk(hand.soon(), Enter(form=form, entries=(Entry(fact=again),)))
        return frozenset()
    right = evidence(form, f"{wrong}/new", chance)
    yield hand.clerk(hand.soon(), Enter(form=form, entries=(Entry(fact=right),)))
    lines = set()
    for chain, fact in tuple(state.live(ActualEntered)):
        # A value in words is known by its digest only, and would have to be typed anew; that of a
        # row that was taken out stays as it was.
        if (
            wrong in fact.evidence
            and fact.line in state.rows
            and not isinstance(fact.actual, TextActual)
        ):
            command = CorrectEntry(
                stream=form,
                target=chain.head,
                replacement=structs.replace(fact, evidence=(right.sha256,)),
                reason=chance.pick(words.EVIDENCE_REASONS),
                document=f"更正单{chance.between(1, 300)}号",
            )
            yield hand.clerk(hand.soon(), command)
            lines.add(fact.line)
    return frozenset(lines)


def paper_withdrawn_in_review(
    form: str, state: FormState, when: datetime, chance: Chance, hand: Hand
) -> Iterator[Act]:
    """While a form is reviewed the unit sends a further paper, or takes one back that belongs to
    something else; what rested on it rests on nothing then.
    """
    there = tuple(state.evidence())
    if there and chance.percent(50):
        yield _withdrawn(form, chance.pick(there), chance, hand, when)
    else:
        entries = (Entry(fact=evidence(form, "late", chance)),)
        yield hand.clerk(when, Enter(form=form, entries=entries))


def _withdrawn(
    form: str, sha256: str, chance: Chance, hand: Hand, when: datetime | None = None
) -> Act:
    command = WithdrawEvidence(form=form, sha256=sha256, reason=chance.pick(words.EVIDENCE_REASONS))
    return hand.clerk(when or hand.soon(), command)
