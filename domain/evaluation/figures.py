"""Declared or booked: the money that a form's metrics are measured on (口径).

A metric takes declared figures while the ledger's basis for the scope is DECLARED, and booked
entries from the reconciliation on, or from the start where the ledger was kept here.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct

from domain.decisions import Chain
from domain.evaluation.state import FormState
from domain.facts.envelope import Place
from domain.facts.form import DeclaredFigure, FiguresDeclared
from domain.facts.ledger import Basis, PriorYearFiguresStated
from domain.ledger import LedgerState, sums
from domain.values import Printed


class Stated(Struct, frozen=True, gc=False):
    """One statement of a quantity: how much in fen, how printed, where, by which fact."""

    quantity: str
    fen: int
    printed: Printed
    place: Place
    fact: UUID
    counts: bool


class Money(Struct, frozen=True, gc=False):
    """What counts for one form: the basis, sums in fen by quantity, and where they come from.

    ``facts`` names the fact behind each sum that is stated rather than booked; ``version`` is the
    ledger's, 0 where the figures are declared.
    """

    basis: Basis
    project: str | None
    sums: dict[str, int]
    facts: dict[str, UUID]
    version: int


def statements(form: FormState) -> dict[str, list[Stated]]:
    """Every declared statement by quantity; the one that counts comes first.

    The input's mark decides; without one, tables come before running text, then first come.
    """
    found: dict[str, list[Stated]] = {}
    for chain, fact in form.live(FiguresDeclared):
        for figure in fact.figures:
            found.setdefault(figure.quantity, []).append(_stated(chain, figure))
    for same in found.values():
        same.sort(key=lambda one: (not one.counts, not one.place.table))
    return found


def _stated(chain: Chain, figure: DeclaredFigure) -> Stated:
    printed = figure.printed
    return Stated(figure.quantity, printed.fen, printed, figure.place, chain.head, figure.counts)


def money_of(
    form: FormState,
    ledger: LedgerState,
    effective_on: date | None = None,
    stated: Mapping[str, Sequence[Stated]] | None = None,
) -> Money:
    """The money that counts for a form now, or on a past business date (booked entries only).
    ``stated`` are its statements, for who has them already.

    Under either basis a quantity that the other source alone can give comes from there: figures of
    the year before may be stated in the ledger, and what nobody books is declared by the form.
    """
    project = form.opened.project if form.opened else None
    by_quantity = statements(form) if stated is None else stated
    amounts = {quantity: same[0].fen for quantity, same in by_quantity.items()}
    facts = {quantity: same[0].fact for quantity, same in by_quantity.items()}
    for chain, before in ledger.live(PriorYearFiguresStated):
        for figure in before.figures:
            amounts.setdefault(figure.quantity, figure.amount)
            facts.setdefault(figure.quantity, chain.head)
    if ledger.basis(project) is Basis.DECLARED:
        return Money(Basis.DECLARED, project, amounts, facts, 0)
    booked = sums(ledger, project, effective_on)
    declared = {quantity: fact for quantity, fact in facts.items() if quantity not in booked}
    return Money(Basis.LEDGER, project, amounts | booked, declared, ledger.version)
