"""From the ledger of a unit and year to its adjustments and openings."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from domain.decisions import Chain
from domain.facts.ledger import (
    Adjustment,
    BudgetReduced,
    BudgetSupplemented,
    Exclusion,
    FundsCarriedIn,
    FundsClawedBack,
    FundsVired,
    InitialBudgetApproved,
    Line,
)
from domain.facts.others import EntryCorrected
from domain.ledger import signed_parts
from domain.ledger.sums import spent
from domain.store import Recorded
from projections.adjustments.rows import (
    AdjustmentKind,
    AdjustmentRow,
    Direction,
    Link,
    Opening,
)
from projections.tables import (
    prose,
)
from projections.unit_year import UnitYearFold, name_of, stated_by

_KINDS: Mapping[type, AdjustmentKind] = {
    BudgetSupplemented: AdjustmentKind.SUPPLEMENTED,
    BudgetReduced: AdjustmentKind.REDUCED,
    FundsVired: AdjustmentKind.VIRED,
    FundsClawedBack: AdjustmentKind.CLAWED_BACK,
}


def touched(fold: UnitYearFold, recorded: Recorded) -> UUID | None:
    """The origin of the chain that a fact, already applied, belongs to; None for no adjustment."""
    kind = type(recorded.fact)
    if kind in _KINDS:
        return recorded.envelope.event_id
    if kind is not EntryCorrected:
        return None
    chain = fold.ledger.chains.find(recorded.envelope.event_id)
    if chain is None or type(fold.facts[chain.origin].fact) not in _KINDS:
        return None
    return chain.origin


def derive(fold: UnitYearFold, origins: Iterable[UUID] | None = None) -> list[AdjustmentRow]:
    """One row for each chain of adjustments, or for those of ``origins``."""
    if origins is None:
        return [_row(fold, chain) for chain in fold.adjustments()]
    return [_row(fold, fold.ledger.chains.live[origin]) for origin in origins]


def _row(fold: UnitYearFold, chain: Chain) -> AdjustmentRow:
    recorded = [fold.facts[link] for link in chain.links]
    first, last = recorded[0], recorded[-1]
    stated = [said for one in recorded if (said := stated_by(one.fact)) is not None]
    fact: Adjustment = stated[-1]
    live = chain.fact is not None
    parts = signed_parts(fact) if live else ()
    into = sum(amount for amount, _ in parts if amount > 0)
    out = -sum(amount for amount, _ in parts if amount < 0)
    gross = fact.amount if live else 0
    excluded = fact.excluded is not Exclusion.NONE
    from_line, to_line = _lines(fact)
    opened = fold.ledger.opened
    known = chain.effective.last
    return AdjustmentRow(
        log_id=fold.log_id,
        origin=chain.origin,
        head=chain.head,
        ledger=first.stream_id,
        division=fold.id.division,
        unit=fold.id.unit,
        unit_name=opened.unit_name if opened else "",
        fiscal_year=fold.id.year,
        kind=_KINDS[type(fact)],
        direction=_direction(from_line, to_line),
        gross_fen=gross,
        in_fen=into,
        out_fen=out,
        excluded_fen=gross if excluded else 0,
        from_line=from_line,
        to_line=to_line,
        from_project=from_line.project if from_line else None,
        to_project=to_line.project if to_line else None,
        document=fact.document,
        approved_by=fact.approved_by,
        approved_on=fact.approved_on,
        effective_from=chain.effective.first,
        effective_to=known,
        month=f"{known:%Y-%m}" if known else None,
        recorded_at=first.envelope.recorded_at,
        source=fact.source,
        excluded=fact.excluded,
        reason=prose(fact.reason),
        transfer=fact.transfer if isinstance(fact, FundsVired) else None,
        counterpart=fact.counterpart if isinstance(fact, FundsVired) else None,
        place=chain.source,
        voided=not live,
        corrected=len(recorded) > 1,
        actor=first.envelope.actor,
        role=first.envelope.role,
        organisation=first.envelope.organisation,
        links=tuple(_link(one) for one in recorded),
        position=first.position,
        head_position=last.position,
    )


def _lines(fact: Adjustment) -> tuple[Line | None, Line | None]:
    match fact:
        case BudgetSupplemented():
            return None, fact.line
        case BudgetReduced() | FundsClawedBack():
            return fact.line, None
        case FundsVired():
            return fact.from_line, fact.to_line


def _direction(from_line: Line | None, to_line: Line | None) -> Direction:
    if from_line is None:
        return Direction.IN
    return Direction.OUT if to_line is None else Direction.WITHIN


def _link(recorded: Recorded) -> Link:
    fact, envelope = recorded.fact, recorded.envelope
    stated = stated_by(fact)
    # A correction brings a reason and a paper of its own, beside those of what it books.
    speaks: Any = fact if isinstance(fact, EntryCorrected) else stated
    return Link(
        event_id=envelope.event_id,
        type=name_of(fact),
        fen=stated.amount if stated is not None else None,
        document=speaks.document,
        reason=prose(speaks.reason),
        effective=envelope.effective,
        recorded_at=envelope.recorded_at,
        actor=envelope.actor,
        role=envelope.role,
        organisation=envelope.organisation,
        version=recorded.version,
        position=recorded.position,
    )


def derive_openings(fold: UnitYearFold) -> list[Opening]:
    """What the books say of the beginning of the year and of payments, project by project."""
    opened = fold.ledger.opened
    if opened is None:
        return []
    sums: dict[str, list[int]] = {"": [0, 0, 0]}

    def add(line: Line, column: int, fen: int) -> None:
        sums.setdefault(line.project or "", [0, 0, 0])[column] += fen

    for _, approved in fold.ledger.live(InitialBudgetApproved):
        for part in approved.lines:
            add(part.line, 0, part.amount)
    for _, carried in fold.ledger.live(FundsCarriedIn):
        for part in carried.lines:
            add(part.line, 1, part.amount)
    for line, amount in spent(fold.ledger).items():
        add(line, 2, amount)
    return [
        Opening(
            log_id=fold.log_id,
            ledger=fold.ledger_id,
            project=project,
            division=fold.id.division,
            unit=fold.id.unit,
            unit_name=opened.unit_name,
            fiscal_year=fold.id.year,
            basis=fold.ledger.basis(project or None),
            initial_fen=initial,
            carried_in_fen=carried,
            outturn_fen=spent,
        )
        for project, (initial, carried, spent) in sorted(sums.items())
    ]
