"""From the facts of a form to the form as it stands."""

from decimal import Decimal

from domain.evaluation.noted import Noted
from domain.evaluation.state import FormState
from domain.facts.form import (
    EvidenceAttached,
    FiguresDeclared,
    Subject,
)
from projections.current.lines import figures_of, line_of
from projections.current.rows import (
    Attachment,
    Current,
    DeclaredScore,
    Evaluation,
    GroupScore,
    Measure,
    NotedProblem,
    Opinion,
    Progress,
    Withheld,
)
from projections.tables import (
    points,
    prose,
)
from projections.unit_year import UnitYearFold


def derive(fold: UnitYearFold, form_id: str) -> Current | None:
    """A form as its facts have left it; None while it is not open."""
    form = fold.forms[form_id]
    if form.opened is None:
        return None
    stale = _stale_lines(fold, form_id)
    lines = tuple(
        line_of(fold, form_id, line, ordinal, stale=line.row.line in stale)
        for ordinal, line in enumerate(fold.lines(form_id))
    )
    return Current(
        evaluation=_evaluation(fold, form_id, form, stale=bool(stale)),
        lines=lines,
        figures=tuple(figures_of(fold, form_id)),
    )


def _stale_lines(fold: UnitYearFold, form_id: str) -> set[str]:
    view = fold.views()[form_id]
    return {line for line in view.form.rows if view.is_stale(line)}


def _evaluation(fold: UnitYearFold, form_id: str, form: FormState, *, stale: bool) -> Evaluation:
    opened, sheet, adopted = form.opened, fold.sheet(form_id), form.rules
    if opened is None:  # derive asks only for open forms
        raise AssertionError
    grades = _declared(form, Subject.GRADE)
    declared_figures = [fact for _, fact in form.live(FiguresDeclared)]
    last = fold.positions[form_id]
    return Evaluation(
        log_id=fold.log_id,
        id=form_id,
        division=fold.id.division,
        unit=opened.unit,
        unit_name=opened.unit_name,
        fiscal_year=opened.fiscal_year,
        level=opened.level,
        project=opened.project,
        project_name=opened.project_name,
        reviewed_by_department=opened.reviewed_by_department,
        status=form.status,
        rule_set=adopted.name if adopted else None,
        rule_set_version=adopted.version if adopted else None,
        rule_set_digest=adopted.digest if adopted else None,
        rule_set_document=adopted.document if adopted else None,
        basis=fold.ledger.basis(opened.project),
        subtotal=points(sheet.subtotal),
        not_computed=sheet.not_computed,
        computed_total=points(sheet.total),
        declared_totals=_declared(form, Subject.TOTAL),
        grade_declared=grades[0].grade if grades else None,
        grades_declared=grades,
        grade_computed=sheet.grade,
        finalised_total=points(form.finalised.total) if form.finalised else None,
        finalised_grade=form.finalised.grade if form.finalised else None,
        published_digest=form.published.digest if form.published else None,
        groups=_groups(form, sheet.groups),
        stale=stale,
        returns=tuple(_opinion(noted) for noted in form.returns),
        rates=tuple(rate for fact in declared_figures for rate in fact.rates),
        breakdowns=tuple(part for fact in declared_figures for part in fact.breakdowns),
        tasks=tuple(task for fact in declared_figures for task in fact.tasks),
        problems=_problems(form),
        evidence=_evidence(form),
        progress=tuple(_progress(noted) for noted in form.monitored),
        withheld=tuple(
            Withheld(about=noted.fact.about, authority=noted.fact.authority)
            for noted in form.withheld
        ),
        version=form.version,
        position=last,
        ledger_version=fold.ledger.version,
        ledger_position=fold.ledger_position,
        changed_at=fold.changed_at(form_id),
    )


def _declared(
    form: FormState, subject: Subject, path: tuple[str, ...] = ()
) -> tuple[DeclaredScore, ...]:
    return tuple(
        DeclaredScore(
            value=points(fact.points), grade=fact.grade, place=fact.place, event_id=chain.head
        )
        for chain, fact in form.declared(subject, path=path)
    )


def _groups(
    form: FormState, groups: dict[tuple[str, ...], Decimal | None]
) -> tuple[GroupScore, ...]:
    return tuple(
        GroupScore(path=path, points=points(total), declared=_declared(form, Subject.GROUP, path))
        for path, total in groups.items()
    )


def _opinion(noted: Noted) -> Opinion:
    return Opinion(
        opinion=prose(noted.fact.opinion),
        actor=noted.actor,
        role=noted.role,
        recorded_at=noted.recorded_at,
        event_id=noted.event_id,
    )


def _problems(form: FormState) -> tuple[NotedProblem, ...]:
    return tuple(
        NotedProblem(
            number=number,
            text=prose(noted.fact.text),
            place=noted.fact.place,
            measures=tuple(
                Measure(
                    number=planned.fact.number,
                    text=prose(planned.fact.text),
                    due=planned.fact.due,
                    completed_at=done.recorded_at if done else None,
                    document=done.fact.document if done else None,
                )
                for planned, done in form.measures.values()
                if planned.fact.problem == number
            ),
        )
        for number, noted in form.problems.items()
    )


def _evidence(form: FormState) -> tuple[Attachment, ...]:
    by_digest = form.evidence()
    heads = {fact.sha256: chain.head for chain, fact in form.live(EvidenceAttached)}
    return tuple(
        Attachment(
            sha256=fact.sha256,
            size=fact.size,
            media_type=fact.media_type,
            title=prose(fact.title),
            document=fact.document,
            lines=fact.lines,
            event_id=heads[fact.sha256],
        )
        for fact in by_digest.values()
    )


def _progress(noted: Noted) -> Progress:
    fact = noted.fact
    return Progress(
        line=fact.line,
        planned=points(fact.planned) or "0",
        actual=points(fact.actual) or "0",
        forecast=points(fact.forecast),
        light=fact.light,
        recorded_at=noted.recorded_at,
    )
