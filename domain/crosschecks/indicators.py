"""Indicators that cannot be measured as they are written."""

import re
from collections.abc import Iterator, Sequence
from uuid import UUID

from domain.crosschecks.findings import Finding, FindingClass
from domain.crosschecks.view import Check, View
from domain.crosschecks.wording import (
    line_words,
    name_of,
    names,
    quoted,
)
from domain.evaluation.readings import value_words
from domain.scoring.indicators import (
    Indicator,
    LabelActual,
    NumberActual,
    NumberTarget,
    Operator,
    TextActual,
    TextTarget,
)
from domain.scoring.rules import InverseRatio, LinearOverrun, StepDeduction
from domain.values import Words

_CLAUSES = re.compile("[，,、；;。\\s]+")
# A number that measures something: with a percent sign, or with a Chinese counting word. Years,
# months and "第一" are names, not measures.
_MEASURE = re.compile(r"(?<![\d第.])\d+(?:\.\d+)?\s*(?:[%％‰]|(?![年月日号])[\u4e00-\u9fff])")


def compound(view: View) -> Iterator[Finding]:
    """Several measures in one indicator: one actual value and one score cannot hold them."""
    for row in view.rows:
        texts = [name_of(row)]
        if isinstance(row.target, TextTarget):
            texts.append(row.target.text)
        for text in texts:
            measures = [part for part in _CLAUSES.split(text) if _MEASURE.search(part)]
            if len(measures) > 1:
                yield view.finding(
                    "several-measures",
                    FindingClass.NOTICE,
                    line=row.line,
                    claim=quoted(text),
                    recomputed=Words(
                        f"一个指标含 {len(measures)} 项计量：{'；'.join(measures)}",
                        f"{len(measures)} measures in one indicator: {'; '.join(measures)}",
                    ),
                    facts=[view.form.rows_fact],
                    values=measures,
                )
                break


def text_for_number(view: View) -> Iterator[Finding]:
    """Words where the target is a number."""
    for row in view.rows:
        actual = view.form.actual(row.line)
        if actual is None or not isinstance(row.target, NumberTarget):
            continue
        value = actual[1].actual
        if not isinstance(value, TextActual | LabelActual):
            continue
        calculated = view.calculated(row)
        if calculated is not None and calculated.points is not None:
            continue  # the rule asks for a label, and takes the number for its bound
        target = value_words(NumberActual(row.target.value, row.target.unit))
        sign = _SIGNS.get(row.operator, "") if row.operator else ""
        yield view.finding(
            "text-for-number",
            FindingClass.UNSUPPORTED,
            line=row.line,
            claim=Words(
                f"{line_words(row).zh}目标值 {sign}{target.zh}，实际完成值是文字",
                f"{line_words(row).en}: target {sign}{target.en}, the actual value is in words",
            ),
            recomputed=Words(
                "没有数值，无法核对是否达到目标",
                "without a number nobody can tell whether the target is met",
            ),
            facts=[actual[0].head],
            # Words of a person are detached, and other words are no number either.
            values=[
                f"{row.target.value:f}",
                row.target.unit,
                value.label if isinstance(value, LabelActual) else "",
            ],
        )


_SIGNS = {Operator.GE: "≥", Operator.LE: "≤", Operator.EQ: "="}


def units(view: View) -> Iterator[Finding]:
    """An actual value in another unit than its target; a percentage beside a target in words."""
    for row in view.rows:
        actual = view.form.actual(row.line)
        value = actual[1].actual if actual else None
        facts = [view.form.rows_fact, actual[0].head if actual else None]
        match row.target, value:
            case NumberTarget(unit=wanted), NumberActual(unit=given) if _unit(wanted) != _unit(
                given
            ):
                yield view.finding(
                    "unit-mismatch",
                    FindingClass.CONTRADICTION,
                    line=row.line,
                    claim=Words(
                        f"{line_words(row).zh}目标值单位“{wanted}”",
                        f'{line_words(row).en}: the target is in "{wanted}"',
                    ),
                    recomputed=Words(
                        f"实际完成值单位“{given}”", f'the actual value is in "{given}"'
                    ),
                    facts=facts,
                    values=[wanted, given],
                )
            case TextTarget(unit=str() as unit), _ if re.search("[%％\\d]", unit):
                if isinstance(value, NumberActual):
                    continue  # the actual value is a percentage: see by_percentage
                yield view.finding(
                    "unit-beside-words",
                    FindingClass.NOTICE,
                    line=row.line,
                    claim=Words(
                        f"{line_words(row).zh}指标值是文字，度量单位印为“{unit}”",
                        f'{line_words(row).en}: a target in words with the unit "{unit}"',
                    ),
                    recomputed=Words("文字目标没有度量单位", "a target in words has no unit"),
                    facts=facts,
                    values=[unit, row.target.text],
                )
            case _:
                pass


def _unit(unit: str) -> str:
    return unit.strip().replace("％", "%")


def by_percentage(view: View) -> Iterator[Finding]:
    """Targets in words whose actual values are percentages, chosen by nobody knows what measure.

    One finding lists all: it is a habit of the form, not of a line.
    """
    held: list[tuple[Indicator, str]] = []
    for row in view.rows:
        actual = view.form.actual(row.line)
        value = actual[1].actual if actual else None
        match row.target, value:
            case TextTarget(text=text), NumberActual(unit=unit, value=share) if _unit(unit) == "%":
                held.append((row, f"{row.line} {text} {share:f}%"))
            case _:
                pass
    if held:
        yield _listed(
            view,
            "words-scored-by-percentage",
            held,
            Words(
                "定性目标用百分数填报和计分", "targets in words, filled in and scored in per cent"
            ),
            Words("没有说明百分数怎样得出", "nothing says how the percentage came about"),
        )


def operators(view: View) -> Iterator[Finding]:
    """Targets in numbers without ≥, ≤ or =. One finding lists all."""
    held = [
        (row, f"{row.line} {row.target.value:f} {row.target.unit}")
        for row in view.rows
        if row.printed and row.operator is None and isinstance(row.target, NumberTarget)
    ]
    if not held:
        return
    inverse = [
        row
        for row, _ in held
        if view.rules
        and row.rule
        and isinstance(view.rules.rules.get(row.rule), LinearOverrun | InverseRatio | StepDeduction)
    ]
    named = names(inverse)
    yield _listed(
        view,
        "operator-missing",
        held,
        Words("有数值目标而未标指标性质（≥、≤、=）", "targets in numbers without ≥, ≤ or ="),
        Words(
            f"{named.zh}的方向只能由规则推断",
            f"the direction of {named.en} follows from the rule only",
        )
        if inverse
        else Words("方向只能由规则推断", "the direction follows from the rule only"),
    )


def _listed(
    view: View, code: str, held: Sequence[tuple[Indicator, str]], claim: Words, recomputed: Words
) -> Finding:
    """One finding about many rows, each with what it is found for."""
    rows = [row for row, _ in held]
    return view.finding(
        code,
        FindingClass.NOTICE,
        claim=Words(f"{len(rows)} 行{claim.zh}", f"{len(rows)} lines: {claim.en}"),
        recomputed=recomputed,
        details=[Words(name_of(row), name_of(row)) for row in rows],
        facts=[view.form.rows_fact, *_actuals(view, rows)],
        values=[value for _, value in held],
    )


def _actuals(view: View, rows: Sequence[Indicator]) -> Iterator[UUID]:
    for row in rows:
        actual = view.form.actual(row.line)
        if actual is not None:
            yield actual[0].head


CHECKS: tuple[Check, ...] = (compound, text_for_number, units, by_percentage, operators)
