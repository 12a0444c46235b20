"""Parts of evaluations in words, as several commands show them."""

from collections.abc import Sequence

from rich.text import Text

from api.labels import fact_words, words_of
from api.output import Output, points, styled
from domain.facts.envelope import Place
from domain.scoring.indicators import (
    DateActual,
    DateTarget,
    ItemsActual,
    LabelActual,
    NotApplicable,
    NumberActual,
    NumberTarget,
    Operator,
    TextActual,
    TextTarget,
)
from projections import current, findings
from projections.tables import FactRef, Prose


def title_of(out: Output, one: current.Evaluation) -> str:
    """Unit, year and what is evaluated, as a heading."""
    level = one.project_name or one.project or out.of(words_of(one.level))
    return f"{one.unit_name} {one.fiscal_year} · {level}"


def place_of(place: Place | None) -> str:
    """Where something is printed."""
    return f"{place.document} {place.place}" if place is not None else ""


class Places:
    """Where things are printed, the document left out where there is only one."""

    def __init__(self, found: current.Current) -> None:
        """The places of an evaluation."""
        places = [
            *(figure.place for figure in found.figures),
            *(total.place for total in found.evaluation.declared_totals),
        ]
        documents = {place.document for place in places if place is not None}
        self.document = documents.pop() if len(documents) == 1 else None

    def __call__(self, place: Place | None) -> str:
        """The place in words."""
        if place is not None and place.document == self.document:
            return place.place
        return place_of(place)


def target_words(out: Output, one: current.EvaluationLine) -> str:
    """The target of a line with its operator."""
    operator = (
        out.of(words_of(one.operator))
        if one.operator and one.operator is not Operator.QUALITATIVE
        else ""
    )
    match one.target:
        case NumberTarget(value=value, unit=unit):
            return f"{operator}{points(value)}{unit}"
        case DateTarget(due=due):
            return f"{operator}{due}"
        case TextTarget(text=words, unit=unit):
            return f"{words}{unit or ''}"
        case None:
            return ""


def actual_words(out: Output, one: current.EvaluationLine) -> str:
    """The actual value of a line."""
    match one.actual:
        case NumberActual(value=value, unit=unit):
            return f"{points(value)}{unit}"
        case DateActual(on=day):
            return f"{day}"
        case LabelActual(label=label, chosen=chosen):
            return f"{label} {points(chosen)}".strip()
        case ItemsActual(met=met):
            return out.join(met)
        case TextActual(unit=unit):
            return f"{one.actual_text.in_(out.lang) if one.actual_text else ''}{unit or ''}"
        case NotApplicable():
            return out.words("不适用", "not applicable")
        case None:
            return ""


def prose_of(out: Output, given: Prose | None) -> str:
    """A detached text, or the word for one that was deleted."""
    return given.in_(out.lang) if given is not None else ""


def cause_of(out: Output, cause: FactRef) -> str:
    """A fact behind a change, in a few words."""
    return f"{out.of(fact_words(cause.type))} #{cause.position}"


def findings_list(out: Output, rows: Sequence[findings.FindingRow]) -> None:
    """Findings with their claims and what follows, class by class."""
    for one in rows:
        head = Text.assemble(
            styled(f"[{out.of(words_of(one.class_))}] ", one.class_.value),
            (one.code, "dim"),
            f"  {one.line} {one.path[-1]}" if one.line and one.path else "",
        )
        if one.acknowledged_by:
            head.append(f"  {out.words('已阅', 'acknowledged')} {out.moment(one.acknowledged_at)}")
        out.line(head)
        out.bullets(
            [
                f"{out.words('所称', 'claim')}{out.colon}{out.of(one.claim)}",
                f"{out.words('复算', 'recomputed')}{out.colon}{out.of(one.recomputed)}",
                *(out.of(detail) for detail in one.details),
            ]
        )
