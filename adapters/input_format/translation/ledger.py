"""台账: the steps that open, book and reconcile the ledger of a unit and year."""

from adapters.input_format import document as d
from adapters.input_format.problems import TWICE
from adapters.input_format.translation.ground import Ground
from domain import commands as c
from domain.facts import ledger as g
from domain.facts.envelope import UNKNOWN, Effective, Place, on
from domain.importing import Step
from domain.values import Printed, Words


def basis_claims(ground: Ground) -> None:
    """Note the basis that a submission writes: the others of an import take it over."""
    ledger, stream = ground.it.ledger, ground.unit_year.ledger
    if ledger.basis is None or not ground.known:
        return
    path = f"{ground.under('ledger')}.basis"
    basis, before = ground.seen.bases.setdefault(stream, (ledger.basis, ground.reading.place(path)))
    if basis is not ledger.basis:
        ground.clash(
            path,
            Words(f"同一台账的口径在 {before} 写的是另一个", f"the basis differs from {before}"),
            Words("两处写成一致，或只在一处写 basis", "make them agree, or write `basis` once"),
        )


def ledger_steps(ground: Ground) -> list[Step]:
    """The steps of the ledger; what is wrong is noted."""
    ledger, path = ground.it.ledger, ground.under("ledger")
    stream = ground.unit_year.ledger
    place = ground.reading.place(path)
    if ledger.basis is g.Basis.LEDGER and not ledger.entries:
        ground.clash(
            f"{path}.basis",
            Words("口径是 ledger，却没有分录", "the basis is ledger, yet there is no entry"),
            Words(
                "写出分录，或去掉 basis（只有填报数时用 declared）",
                "give the entries, or leave `basis` out where only declared figures exist",
            ),
        )
    basis, _ = ground.seen.bases.get(stream, (None, ""))
    opened = c.OpenLedger(
        ledger=stream, unit_name=ground.it.unit.name, basis=basis or g.Basis.DECLARED
    )
    steps = [Step(name="opened", command=opened, place=place, assumed=basis is None)]
    if ledger.entries:
        _once(ground, ground.seen.booked, "entries", Words("台账分录", "ledger entries"))
        booked = c.Book(ledger=stream, entries=tuple(_booking(ground, e) for e in ledger.entries))
        places = {**ground.places(ledger.entries), **_amounts(ground, ledger.entries)}
        steps.append(Step(name="entries", command=booked, place=place, places=places))
    if ledger.reconciliation is not None:
        _once(ground, ground.seen.reconciled, "reconciliation", Words("对账", "reconciliation"))
        steps.append(_reconciled(ground, ledger.reconciliation))
    return steps


_REFUSED = ["amount", "voucher"]


def _amounts(ground: Ground, entries: tuple[d.Booked, ...]) -> dict[str, str]:
    """Where the single values stand that a booking may be refused for."""
    found = {}
    for index, entry in enumerate(entries):
        path = ground.path(entry)
        keys = _REFUSED
        if isinstance(entry, d.InitialBudget | d.CarriedIn):
            keys = [f"lines[{n}].amount" for n in range(len(entry.lines))]
        for key in keys:
            found[f"entries[{index}].{key}"] = ground.reading.place(f"{path}.{key}")
    return found


def _once(ground: Ground, seen: dict[str, str], key: str, what: Words) -> None:
    stream, path = ground.unit_year.ledger, f"{ground.under('ledger')}.{key}"
    here = ground.reading.place(path)
    before = seen.setdefault(stream, here) if ground.known else here
    if before != here:
        hint = Words(
            "同一单位同一年度的分录和对账写在一处",
            "write a unit's entries and reconciliation of a year in one place",
        )
        ground.reading.report_at(path, TWICE, what=what, name=stream, before=before, hint=hint)


def _reconciled(ground: Ground, given: d.Reconciliation) -> Step:
    unit, totals, places = given.unit or ground.it.amount_unit, [], {}
    first: dict[str | None, str] = {}
    for index, scope in enumerate(given.totals):
        path = ground.path(scope)
        amounts = {}
        for key in ("initial", "adjusted", "outturn"):
            amounts[key] = ground.fen(Printed(getattr(scope, key), unit), f"{path}.{key}")
            places[f"totals[{index}].{key}"] = ground.reading.place(f"{path}.{key}")
        totals.append(g.ScopeTotal(scope.project, **amounts))
        before = first.setdefault(scope.project, path)
        if before != path:
            ground.reading.report_at(
                path,
                TWICE,
                what=Words("对账范围", "scope"),
                name=scope.project or "全单位",
                before=ground.reading.at(before),
                hint=Words("每个范围只写一条合计", "give each scope one total"),
            )
    command = c.Reconcile(
        ledger=ground.unit_year.ledger, through=given.through, totals=tuple(totals)
    )
    place = ground.reading.place(ground.path(given))
    return Step(name="reconciliation", command=command, place=place, places=places)


_ADJUSTMENTS: dict[
    type, type[g.BudgetSupplemented] | type[g.BudgetReduced] | type[g.FundsClawedBack]
] = {
    d.Supplement: g.BudgetSupplemented,
    d.Reduction: g.BudgetReduced,
    d.Clawback: g.FundsClawedBack,
}


def _booking(ground: Ground, entry: d.Booked) -> c.Booking:
    place = entry.place
    return c.Booking(
        fact=_fact(ground, entry),
        effective=_effective(ground, entry),
        source=Place(ground.document, place, bool(entry.table)) if place else None,
    )


def _fact(ground: Ground, entry: d.Booked) -> g.LedgerEntry:
    path, unit = ground.path(entry), entry.unit or ground.it.amount_unit

    def fen(figure: str, where: str = "amount") -> int:
        return ground.fen(Printed(figure, unit), f"{path}.{where}")

    match entry:
        case d.InitialBudget() | d.CarriedIn():
            kind = (
                g.InitialBudgetApproved if isinstance(entry, d.InitialBudget) else g.FundsCarriedIn
            )
            lines = tuple(
                g.BudgetLine(fen(line.amount, f"lines[{index}].amount"), _line(line))
                for index, line in enumerate(entry.lines)
            )
            return kind(lines=lines, document=entry.document_number)
        case d.Supplement() | d.Reduction() | d.Clawback():
            return _ADJUSTMENTS[type(entry)](
                amount=fen(entry.amount),
                line=_line(entry.line),
                source=entry.source,
                document=entry.document_number,
                approved_by=entry.approved_by,
                approved_on=entry.approved_on,
                reason=entry.reason,
                excluded=entry.exclusion,
            )
        case d.Virement():
            return g.FundsVired(
                amount=fen(entry.amount),
                from_line=_line(entry.from_line),
                to_line=_line(entry.to_line),
                source=entry.source,
                document=entry.document_number,
                approved_by=entry.approved_by,
                approved_on=entry.approved_on,
                reason=entry.reason,
                excluded=entry.exclusion,
            )
        case d.Payment():
            return g.ExpenditureRecorded(
                amount=fen(entry.amount),
                paid_on=entry.paid_on,
                voucher=entry.voucher,
                line=_line(entry.line),
            )
        case d.Reversal():
            return g.ExpenditureReversed(
                amount=fen(entry.amount),
                voucher=entry.voucher,
                document=entry.document_number,
                reason=entry.reason,
            )
        case d.Advance():
            return g.AdvanceRecognised(
                amount=fen(entry.amount),
                voucher=entry.voucher,
                line=_line(entry.line),
                document=entry.document_number,
                reason=entry.reason,
            )
        case d.PriorYear():
            return g.PriorYearFiguresStated(
                figures=tuple(
                    g.PriorFigure(quantity.value, fen(figure, f"figures.{quantity.value}"))
                    for quantity, figure in sorted(entry.figures.items())
                )
            )


def _line(given: d.LineOf) -> g.Line:
    return g.Line(
        fund_nature=given.fund_nature,
        kind=given.kind,
        project=given.project,
        functional=given.functional,
        economic=given.economic,
        purposes=given.purposes,
    )


def _effective(ground: Ground, entry: d.Booked) -> Effective:
    period = entry.effective
    if period is None:
        # The day a payment was made is its business date; nothing else implies one.
        paid_on = entry.paid_on if isinstance(entry, d.Payment) else None
        return on(paid_on) if paid_on else UNKNOWN
    if period.first is not None and period.first > period.last:
        ground.clash(
            ground.path(period),
            Words("起日晚于止日", "the first day is after the last"),
            Words("核对 first 和 last", "check `first` and `last`"),
        )
    return Effective(period.first or period.last, period.last)
