"""What a form states about money, as one fact: figures, rates, breakdowns, task lines."""

from collections.abc import Iterator

from adapters.input_format import document as d
from adapters.input_format.problems import SEVERAL_COUNT
from adapters.input_format.translation.ground import FormGround
from adapters.input_format.translation.rows import base_of
from adapters.input_format.translation.values import share
from domain.facts import form as f
from domain.scoring.metrics import Quantity
from domain.values import Printed


def figures_of(form: FormGround) -> f.FiguresDeclared | None:
    """Everything that the form declares; None where it declares nothing."""
    fact = f.FiguresDeclared(
        figures=tuple(_figures(form)),
        rates=tuple(_rate(form, rate) for rate in form.it.rates),
        breakdowns=tuple(_breakdown(form, one) for one in form.it.breakdowns),
        tasks=tuple(_task(form, one) for one in form.it.tasks),
    )
    return None if fact == f.FiguresDeclared() else fact


def _figures(form: FormGround) -> Iterator[f.DeclaredFigure]:
    order = list(Quantity)
    for quantity in sorted(form.it.figures, key=order.index):
        same = form.it.figures[quantity]
        if sum(figure.counts for figure in same) > 1:
            path = f"{form.path}.figures.{quantity.value}"
            form.reading.report_at(path, SEVERAL_COUNT, quantity=quantity.words)
        for figure in same:
            path = form.ground.path(figure)
            yield f.DeclaredFigure(
                quantity=quantity.value,
                printed=form.money(figure.value, figure.unit, path),
                place=form.place(figure),
                counts=figure.counts,
            )


def _rate(form: FormGround, rate: d.Rate) -> f.DeclaredRate:
    return f.DeclaredRate(
        metric=rate.metric.value,
        base=base_of(form, rate.metric, rate.base, f"{form.ground.path(rate)}.base"),
        printed=share(rate.value, rate.unit),
        place=form.place(rate),
    )


def _breakdown(form: FormGround, given: d.BreakdownOf) -> f.Breakdown:
    return f.Breakdown(
        quantity=given.quantity.value,
        by=given.by,
        parts=tuple(
            f.Part(part.name, form.money(part.value, given.unit, form.ground.path(part)), part.code)
            for part in given.parts
        ),
        place=form.place(given),
    )


def _task(form: FormGround, given: d.Task) -> f.TaskLine:
    def money(text: str | None, key: str) -> Printed | None:
        path = f"{form.ground.path(given)}.{key}"
        return None if text is None else form.money(text, given.unit, path)

    return f.TaskLine(
        name=given.name,
        approved=money(given.approved, "approved"),
        actual=money(given.actual, "actual"),
        rate=None if given.rate is None else share(given.rate, ""),
        place=form.place(given),
    )
