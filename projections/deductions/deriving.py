"""From the facts of a form to the justification of each line."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from domain.crosschecks import View
from domain.evaluation.figures import Stated
from domain.evaluation.readings import Reading
from domain.evaluation.state import FormState
from domain.scoring.indicators import Indicator
from domain.scoring.metrics import quantities_of
from domain.values import wan
from projections.deductions.rows import (
    Declared,
    Deduction,
    Evidence,
    FigureUsed,
    Part,
    PointsRead,
    Provenance,
)
from projections.tables import points, prose
from projections.unit_year import FormLine, UnitYearFold, scored_by, stated_by


def derive(fold: UnitYearFold, form_id: str) -> list[Deduction]:
    """One row for each line of a form, in the order of the form."""
    view, evidence = fold.views()[form_id], _Evidence(fold.forms[form_id])
    return [
        _deduction(fold, view, evidence, ordinal, line)
        for ordinal, line in enumerate(fold.lines(form_id))
    ]


def _deduction(
    fold: UnitYearFold, view: View, evidence: "_Evidence", ordinal: int, line: FormLine
) -> Deduction:
    form, rules, row, score, shown = view.form, view.rules, line.row, line.score, line.shown
    calculation, reasoned = line.calculation, line.reasoned
    rule = rules.rules.get(row.rule) if rules and row.rule else None
    scored = scored_by(form, score, line.declared)
    reason_fact = stated_by(fold.facts[reasoned].fact) if reasoned else None
    unit_said = line.justified[1] if line.justified else None
    opened = form.opened
    scored_ref = fold.ref(scored) if scored else None
    figures = tuple(_figures(view.stated, row))
    return Deduction(
        log_id=fold.log_id,
        evaluation=view.id,
        ordinal=ordinal,
        unit=fold.id.unit,
        unit_name=opened.unit_name if opened else "",
        fiscal_year=fold.id.year,
        project=opened.project if opened else None,
        line=row.line,
        path=row.path,
        max_points=shown.max_points,
        calculated=shown.calculated,
        readings=tuple([_read(one) for one in view.readings(row)]),
        declared=shown.declared,
        declarations=tuple(
            [
                Declared(points=points(fact.points), place=fact.place, event_id=chain.head)
                for chain, fact in line.declared
            ]
        ),
        override=shown.override,
        self_points=shown.self_points,
        review=shown.review,
        final=shown.final,
        origin=score.origin,
        deduction=shown.deduction,
        unexplained=not line.explained,
        steps=calculation.steps if calculation else (),
        obstacle=calculation.obstacle if calculation else None,
        notes=calculation.notes if calculation else (),
        reason_required=bool(calculation and calculation.reason_required),
        excluded=score.excluded,
        basis=view.money.basis,
        ledger=calculation.ledger if calculation else None,
        figures=figures,
        rule=row.rule,
        rule_kind=_kind_of(rule),
        rule_digest=calculation.rule_digest if calculation else None,
        reason=prose(reason_fact.reason if reason_fact else None),
        unit_reason=prose(unit_said.reason if unit_said else None),
        measure=prose(unit_said.measure if unit_said else None),
        document=getattr(reason_fact, "document", None),
        evidence=evidence.of(line),
        scored=scored_ref,
        reasoned=fold.ref(reasoned) if reasoned else None,
        scored_at=scored_ref.recorded_at if scored_ref else None,
        provenance=tuple(_provenance(fold, form, line, figures)),
    )


def _read(one: Reading) -> PointsRead:
    return PointsRead(
        label=one.label,
        words=one.words,
        base=str(one.base) if one.base else None,
        value=points(one.value),
        points=points(one.points),
        obstacle=one.obstacle,
        own=one.own,
        counting=one.counting,
        steps=one.steps,
        facts=one.facts,
    )


def _kind_of(rule: Struct | None) -> str | None:
    tag = rule.__struct_config__.tag if rule is not None else None
    return str(tag) if tag is not None else None


def _figures(stated: Mapping[str, Sequence[Stated]], row: Indicator) -> Iterable[FigureUsed]:
    if row.metric is None:
        return
    for quantity in quantities_of(row.metric.metric, row.metric.base):
        for nth, one in enumerate(stated.get(quantity, ())):
            yield FigureUsed(
                quantity=quantity,
                name=quantity.words,
                amount=wan(one.fen),
                printed=str(one.printed),
                place=one.place,
                counts=nth == 0,
                event_id=one.fact,
            )


class _Evidence:
    """The evidence of a form, line by line."""

    def __init__(self, form: FormState) -> None:
        self._live = form.evidence()
        self._by_line: dict[str, list[str]] = {}
        for fact in self._live.values():
            for line in fact.lines:
                self._by_line.setdefault(line, []).append(fact.sha256)

    def of(self, line: FormLine) -> tuple[Evidence, ...]:
        """What the actual value, the justification or the attachments name for a line."""
        named = [
            *(line.actual[1].evidence if line.actual else ()),
            *(line.justified[1].evidence if line.justified else ()),
            *self._by_line.get(line.row.line, ()),
        ]
        return tuple([self._one(sha256) for sha256 in dict.fromkeys(named)])

    def _one(self, sha256: str) -> Evidence:
        fact = self._live.get(sha256)
        return Evidence(
            sha256=sha256,
            title=prose(fact.title) if fact else None,
            document=fact.document if fact else None,
            withdrawn=fact is None,
        )


def _provenance(
    fold: UnitYearFold, form: FormState, line: FormLine, figures: Iterable[FigureUsed]
) -> Iterable[Provenance]:
    row, calculation = line.row, line.calculation
    override, review = form.overrides.get(row.line), form.reviews.get(row.line)
    behind: Iterable[tuple[Part, Iterable[UUID | None]]] = (
        (Part.ROW, (form.rows_fact,)),
        (Part.ACTUAL, (line.actual[0].head,) if line.actual else ()),
        (Part.FIGURES, dict.fromkeys(figure.event_id for figure in figures)),
        (
            Part.CALCULATED,
            (line.calculated_by, *(calculation.inputs if calculation else ())),
        ),
        (Part.DECLARED, [chain.head for chain, _ in line.declared]),
        (Part.OVERRIDE, (override.event_id,) if override else ()),
        (Part.REVIEW, (review.event_id,) if review else ()),
        (Part.REASON, (line.reasoned,)),
    )
    for part, facts in behind:
        found = tuple(
            [ref for fact in facts if fact is not None and (ref := fold.find(fact)) is not None]
        )
        if found:
            yield Provenance(part=part, facts=found)
