"""The steps that record one evaluation, part by part."""

from collections.abc import Iterable

import msgspec

from adapters.input_format import document as d
from adapters.input_format.problems import MISSING_KEY, TWICE
from adapters.input_format.translation import statements
from adapters.input_format.translation.figures import figures_of
from adapters.input_format.translation.ground import FormGround, Ground
from adapters.input_format.translation.rows import Flat, flatten, indicator
from adapters.input_format.translation.rule_sets import adopt
from adapters.input_format.translation.statements import Stated
from adapters.input_format.translation.values import target_of
from domain import commands as c
from domain.facts import form as f
from domain.importing import Step
from domain.values import Words


def form_steps(ground: Ground, evaluation: d.Evaluation) -> list[Step]:
    """The steps of an evaluation, its rule set's publication first; what is wrong is noted."""
    form = FormGround(ground, evaluation)
    _check_identity(form)
    opened = c.OpenEvaluation(
        form=form.id,
        unit_name=ground.it.unit.name,
        project_name=evaluation.name,
        reviewed_by_department=evaluation.reviewed_by_department,
    )
    published, adopted = adopt(form)
    rows = flatten(form)
    steps = [*published, _step(form, "opened", opened), *adopted]
    steps += _rows(form, rows)
    steps += _figures(form)
    steps += _enter(form, "evidence", statements.evidence(form, rows))
    steps += _enter(form, "actuals", statements.actuals(form, rows))
    steps += _enter(form, "scores", statements.scores(form, rows))
    steps += _enter(form, "reasons", statements.reasons(form, rows))
    steps += _problems(form)
    if rows and form.rules is not None:
        steps.append(_step(form, "calculation", c.CalculateScores(form=form.id)))
    return steps


def _check_identity(form: FormGround) -> None:
    it, ground = form.it, form.ground
    if form.reading.hurt(f"{form.path}.level"):
        return
    if it.level is f.Level.PROJECT and it.code is None:
        if not form.reading.hurt(f"{form.path}.code"):
            form.reading.report_at(form.path, MISSING_KEY, key="code", about="项目编码")
        return
    if it.level is f.Level.DEPARTMENT and it.code is not None:
        ground.clash(
            f"{form.path}.code",
            Words("部门整体自评没有项目编码", "a department's evaluation has no project code"),
            Words("删去 code，或把 level 改为 project", "drop `code`, or make `level` project"),
        )
    if not ground.known:
        return
    here = form.reading.place(form.path)
    before = ground.seen.forms.setdefault(form.id, here)
    if before != here:
        form.reading.report_at(
            form.path,
            TWICE,
            what=Words("自评", "evaluation"),
            name=form.id,
            before=before,
            hint=Words(
                "一次导入里每份自评只写一次；核对单位、年度和项目编码",
                "give each evaluation once; check unit, year and project code",
            ),
        )


def _step(
    form: FormGround, name: str, command: c.Command, places: dict[str, str] | None = None
) -> Step:
    place = form.reading.place(form.path)
    return Step(name=name, command=command, place=place, places=places or {})


def _enter(form: FormGround, name: str, stated: Iterable[Stated]) -> list[Step]:
    found = list(stated)
    if not found:
        return []
    command = c.Enter(form=form.id, entries=tuple(one.entry for one in found))
    return [_step(form, name, command, form.ground.places(one.given for one in found))]


def _rows(form: FormGround, rows: list[Flat]) -> list[Step]:
    if not rows:
        return []
    fact = f.IndicatorsSet(rows=tuple(indicator(form, one, target_of(form, one)) for one in rows))
    entry = c.Entry(fact=fact, source=form.own_place())
    (step,) = _enter(form, "rows", [Stated(form.it, entry)])
    places = dict(step.places)
    for index, flat in enumerate(rows):
        place = form.reading.place(form.ground.path(flat.row))
        places[f"entries[0].rows[{index}]"] = places[f"line {flat.line}"] = place
    return [msgspec.structs.replace(step, places=places)]


def _figures(form: FormGround) -> list[Step]:
    fact = figures_of(form)
    if fact is None:
        return []
    return _enter(form, "figures", [Stated(form.it, c.Entry(fact=fact, source=form.own_place()))])


def _problems(form: FormGround) -> list[Step]:
    entries: list[c.Remark] = []
    given: list[object] = []
    measures = 0
    for number, problem in enumerate(form.it.problems, start=1):
        placed = problem.place is not None or form.it.place is not None
        place = form.place(problem) if placed else None
        entries.append(f.ProblemNoted(number=number, text=problem.text, place=place))
        given.append(problem)
        for measure in problem.measures:
            measures += 1
            entries.append(
                f.MeasurePlanned(
                    problem=number, number=measures, text=measure.text, due=measure.due
                )
            )
            given.append(measure)
    if not entries:
        return []
    command = c.Note(form=form.id, entries=tuple(entries))
    return [_step(form, "problems", command, form.ground.places(given))]
