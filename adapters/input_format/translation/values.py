"""Targets and actual values of rows: a number with its unit, a day, a label, items, words."""

from decimal import Decimal

from adapters.input_format import document as d
from adapters.input_format.problems import UNIT_MISSING
from adapters.input_format.shapes import unknown_name
from adapters.input_format.translation.ground import FormGround
from adapters.input_format.translation.rows import Flat
from domain.scoring import indicators as i
from domain.scoring.rules import Checklist
from domain.values import Printed, Words


def target_of(form: FormGround, flat: Flat) -> i.Target | None:
    """The target that a row writes."""
    given = flat.row.target
    if given is None:
        return None
    match _only_one(form, given, ("value", "date", "text")):
        case "value":
            number = _number(form, given, flat)
            return i.NumberTarget(*number) if number else None
        case "date" if given.date is not None:
            return i.DateTarget(given.date)
        case "text" if given.text is not None:
            return i.TextTarget(given.text, given.unit or flat.row.unit)
        case _:
            return None


def actual_of(form: FormGround, flat: Flat) -> i.Actual | None:
    """The actual value that a row writes."""
    given = flat.row.actual
    if given is None:
        return None
    match _only_one(form, given, ("value", "date", "label", "items", "text", "not_applicable")):
        case "value":
            number = _number(form, given, flat)
            return i.NumberActual(*number) if number else None
        case "date" if given.date is not None:
            return i.DateActual(given.date)
        case "label" if given.label is not None:
            return i.LabelActual(given.label, given.chosen)
        case "items" if given.items is not None:
            return i.ItemsActual(_items(form, given.items, flat))
        case "text" if given.text is not None:
            return i.TextActual(given.text, given.unit or flat.row.unit)
        case "not_applicable":
            return i.NotApplicable()
        case _:
            return None


def share(text: str, unit: str) -> Printed:
    """A printed rate; a percent sign in the figure is its unit."""
    digits = text.removesuffix("%").rstrip()
    return Printed(digits, "%" if digits != text else unit)


def _only_one(
    form: FormGround, given: d.TargetValue | d.ActualGiven, names: tuple[str, ...]
) -> str | None:
    """Which of ``names`` is written; a problem for none or several."""
    written = [name for name in names if getattr(given, name) not in (None, False)]
    path = form.ground.path(given)
    if len(written) == 1:
        return written[0]
    if not written and form.reading.hurt(path):
        return None
    detail = (
        Words(f"同时写了 {'、'.join(written)}", f"{', '.join(written)} stand together")
        if written
        else Words("没有写值", "there is no value")
    )
    choice = "、".join(names)
    form.ground.clash(path, detail, Words(f"只写其中一项：{choice}", f"write one of: {choice}"))
    return None


def _number(
    form: FormGround, given: d.TargetValue | d.ActualGiven, flat: Flat
) -> tuple[Decimal, str] | None:
    lent = getattr(flat.whole.target, "unit", None) if flat.whole else None
    printed = share(given.value or "", "")
    unit = given.unit or printed.unit or flat.row.unit or lent
    if unit is None:
        form.reading.report_at(form.ground.path(given), UNIT_MISSING, text=printed.text)
        return None
    return printed.value, unit


def _items(form: FormGround, given: tuple[str, ...], flat: Flat) -> tuple[str, ...]:
    path = f"{form.ground.path(flat.row)}.actual.items"
    rule = form.rules.rules.get(flat.rule) if form.rules and flat.rule else None
    if not isinstance(rule, Checklist):
        form.ground.clash(
            path,
            Words("这一行的规则没有条目", "the rule of this row has no items"),
            Words("条目只用于 CHECKLIST 规则；核对 rule", "items go with CHECKLIST; check `rule`"),
        )
        return given
    known = [item.id for item in rule.items]
    if given == ("*",):
        return tuple(known)
    for item in given:
        if item not in known:
            what = Words(f"条目（规则 {flat.rule}）", f"item of the rule {flat.rule}")
            unknown_name(form.reading, path, item, what, known)
    return given
