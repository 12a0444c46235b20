"""From the facts of a form to the justification of each line."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from msgspec import Struct

from domain.crosschecks import explained
from domain.evaluation.figures import statements
from domain.evaluation.form import FormState
from domain.evaluation.readings import Reading
from domain.evaluation.scores import LineScore
from domain.facts.form import ScoreCalculated, Subject
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
from projections.tables import (
    points,
    prose,
)
from projections.unit_year import (
    UnitYearFold,
    reason_for,
    scored_by,
    stated_by,
)


def derive(fold: UnitYearFold, form_id: str) -> list[Deduction]:
    """One row for each line of a form, in the order of the form."""
    return [
        _deduction(fold, form_id, ordinal, score)
        for ordinal, score in enumerate(fold.sheet(form_id).lines)
    ]


def _deduction(fold: UnitYearFold, form_id: str, ordinal: int, score: LineScore) -> Deduction:
    form, rules = fold.forms[form_id], fold.rules(form_id)
    row = form.rows[score.line]
    noted = form.calculated.get(row.line)
    calculation: ScoreCalculated | None = noted.fact if noted else None
    rule = rules.rules.get(row.rule) if rules and row.rule else None
    scored, reasoned = scored_by(form, score), reason_for(form, score)
    reason_fact = stated_by(fold.facts[reasoned].fact) if reasoned else None
    justified = form.justification(row.line)
    opened = form.opened
    scored_ref = fold.ref(scored) if scored else None
    return Deduction(
        log_id=fold.log_id,
        evaluation=form_id,
        ordinal=ordinal,
        unit=fold.id.unit,
        unit_name=opened.unit_name if opened else "",
        fiscal_year=fold.id.year,
        project=opened.project if opened else None,
        line=row.line,
        path=row.path,
        max_points=points(row.max_points),
        calculated=points(score.calculated),
        readings=tuple(_read(one) for one in fold.views()[form_id].readings(row)),
        declared=points(score.declared),
        declarations=tuple(
            Declared(points=points(fact.points), place=fact.place, event_id=chain.head)
            for chain, fact in form.declared(Subject.LINE, row.line)
        ),
        override=points(score.override),
        self_points=points(score.self_points),
        review=points(score.review),
        final=points(score.final),
        origin=score.origin,
        deduction=points(score.deduction),
        unexplained=not explained(form, score),
        steps=calculation.steps if calculation else (),
        obstacle=calculation.obstacle if calculation else None,
        notes=calculation.notes if calculation else (),
        reason_required=bool(calculation and calculation.reason_required),
        excluded=score.excluded,
        basis=fold.money(form_id).basis,
        ledger=calculation.ledger if calculation else None,
        figures=tuple(_figures(form, row)),
        rule=row.rule,
        rule_kind=_kind_of(rule),
        rule_digest=calculation.rule_digest if calculation else None,
        reason=prose(reason_fact.reason if reason_fact else None),
        unit_reason=prose(justified[1].reason if justified else None),
        measure=prose(justified[1].measure if justified else None),
        document=getattr(reason_fact, "document", None),
        evidence=tuple(_evidence(form, row)),
        scored=scored_ref,
        reasoned=fold.ref(reasoned) if reasoned else None,
        scored_at=scored_ref.recorded_at if scored_ref else None,
        provenance=tuple(_provenance(fold, form_id, row, calculation, reasoned)),
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


def _figures(form: FormState, row: Indicator) -> Iterable[FigureUsed]:
    if row.metric is None:
        return
    stated = statements(form)
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


def _evidence(form: FormState, row: Indicator) -> Iterable[Evidence]:
    entered, justified = form.actual(row.line), form.justification(row.line)
    named = [
        *(entered[1].evidence if entered else ()),
        *(justified[1].evidence if justified else ()),
    ]
    live = form.evidence()
    named += [fact.sha256 for fact in live.values() if row.line in fact.lines]
    for sha256 in dict.fromkeys(named):
        fact = live.get(sha256)
        yield Evidence(
            sha256=sha256,
            title=prose(fact.title) if fact else None,
            document=fact.document if fact else None,
            withdrawn=fact is None,
        )


def _provenance(
    fold: UnitYearFold,
    form_id: str,
    row: Indicator,
    calculation: ScoreCalculated | None,
    reasoned: UUID | None,
) -> Iterable[Provenance]:
    form = fold.forms[form_id]
    entered, noted = form.actual(row.line), form.calculated.get(row.line)
    override, review = form.overrides.get(row.line), form.reviews.get(row.line)
    wanted = {str(figure.event_id): figure.event_id for figure in _figures(form, row)}
    behind: Mapping[Part, Iterable[UUID | None]] = {
        Part.ROW: [form.rows_fact],
        Part.ACTUAL: [entered[0].head if entered else None],
        Part.FIGURES: list(wanted.values()),
        Part.CALCULATED: [
            noted.event_id if noted else None,
            *(calculation.inputs if calculation else ()),
        ],
        Part.DECLARED: [chain.head for chain, _ in form.declared(Subject.LINE, row.line)],
        Part.OVERRIDE: [override.event_id if override else None],
        Part.REVIEW: [review.event_id if review else None],
        Part.REASON: [reasoned],
    }
    for part, facts in behind.items():
        found = tuple(fold.ref(fact) for fact in facts if fact is not None and fact in fold.facts)
        if found:
            yield Provenance(part=part, facts=found)
