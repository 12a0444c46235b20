"""The commands about scores: explain, history, deductions."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002, PLR0917

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from api.cli.changes import RECORDED
from api.cli.naming import find_line
from api.cli.options import AsJson, AsOf, EffectiveOn, EvaluationId, Yuan
from api.cli.session import session_of
from api.cli.speech import both
from api.cli.wording import (
    Places,
    actual_words,
    cause_of,
    findings_list,
    prose_of,
    target_words,
    title_of,
)
from api.labels import fact_words, step_words, words_of
from api.output import Output, number, points, text, word, write_json
from domain.facts.form import Subject
from domain.scoring.steps import Step
from projections import current, deductions, score_history

# --------------------------------------------------------------------------------------- explain


def explain(
    ctx: typer.Context,
    evaluation: EvaluationId,
    line: Annotated[
        str,
        typer.Argument(
            metavar=both("指标", "LINE"),
            help=both(
                "行号、三级指标名称，或“一级/二级/三级”。",
                'Row id, name of the last level, or "level1/level2/level3".',
            ),
        ),
    ],
    as_of: AsOf = None,
    effective_on: EffectiveOn = None,
    yuan: Yuan = False,
    as_json: AsJson = False,
) -> None:
    """Explain one number."""
    session = session_of(ctx)
    with session.open_evaluation(evaluation, as_of, effective_on, line=line) as reader:
        found = reader.evaluation(evaluation)
        form = found.evaluation.id
        row = find_line(form, found.lines, line)
        one = next(item for item in reader.deductions(form) if item.line == row.line)
        changes = [item for item in reader.history(form) if item.line == row.line]
        about = [item for item in reader.findings_of(form) if item.line == row.line]
        if as_json:
            write_json(
                {
                    **reader.clocks(),
                    "evaluation": form,
                    "line": row,
                    "deduction": one,
                    "history": changes,
                    "findings": about,
                }
            )
            return
        out = session.output(yuan=yuan)
        places = Places(found)
        reader.say_estimated()
        _explain_line(out, found.evaluation, row, one, places)
        if changes:
            out.heading(out.words("得分变动", "Score history"))
            _changes_table(out, changes, places, lines=False)
        if about:
            out.heading(out.words("疑点", "Findings"))
            findings_list(out, about)


def _explain_line(
    out: Output,
    evaluation: current.Evaluation,
    row: current.EvaluationLine,
    one: deductions.Deduction,
    places: Places,
) -> None:
    out.heading(f"{title_of(out, evaluation)} · {' / '.join(row.path)}")
    rule = " ".join(part for part in (one.rule, one.rule_kind and f"({one.rule_kind})") if part)
    out.pairs(
        [
            (out.words("行", "row"), row.line),
            (out.words("文件", "document"), places.document),
            (out.words("目标", "target"), target_words(out, row)),
            (out.words("实际", "actual"), actual_words(out, row)),
            (
                out.words("规则", "rule"),
                rule or out.words("无：得分由人填写", "none: points are typed"),
            ),
            (out.words("分值", "maximum"), points(one.max_points)),
            (out.words("计算", "calculated"), points(one.calculated, "—")),
            (
                out.words("不可计算", "not computable"),
                out.of(one.obstacle) if one.obstacle else None,
            ),
            (
                out.words("填报", "declared"),
                out.join(
                    f"{points(item.points)} ({places(item.place)})" for item in one.declarations
                ),
            ),
            (out.words("改分", "override"), points(one.override)),
            (out.words("复核", "review"), points(one.review)),
            (
                out.words("得分", "final"),
                f"{points(one.final, '—')} ({out.of(words_of(one.origin))})",
            ),
            (out.words("扣分", "deduction"), _deduction_words(out, one)),
            (out.words("扣分原因", "reason"), prose_of(out, one.reason)),
            (out.words("改进措施", "measure"), prose_of(out, one.measure)),
        ]
    )
    if one.steps:
        out.heading(out.words("计算步骤", "Steps"))
        steps_list(out, one.steps)
    if one.notes:
        out.bullets(out.of(note) for note in one.notes)
    if one.figures:
        out.heading(out.words("有关数额", "Figures"))
        out.table(
            [
                text("数额", "figure", ratio=3),
                number("所印", "printed"),
                text("出处", "place", ratio=4),
                word("采用", "counts"),
            ],
            [
                (item.name, item.printed, places(item.place), "✓" if item.counts else "")
                for item in one.figures
            ],
        )
    if one.readings:
        out.heading(out.words("各种读法", "Readings"))
        _readings_table(out, one.readings)
    if one.provenance:
        out.heading(out.words("依据的事实", "Facts"))
        _provenance_table(out, one.provenance, places)


def _deduction_words(out: Output, one: deductions.Deduction) -> Text:
    lost = points(one.deduction, "—")
    if one.unexplained:
        return Text(f"{lost}  {out.words('未说明原因', 'unexplained')}", style="bold red")
    return Text(lost)


def steps_list(out: Output, steps: Sequence[Step]) -> None:
    """The steps of a calculation with the numbers put in."""
    out.bullets((out.of(step_words(steps, index)) for index in range(len(steps))), numbered=True)


def _readings_table(out: Output, found: Sequence[deductions.PointsRead]) -> None:
    out.table(
        [text("读法", "reading", ratio=5), number("得分", "points"), word("", "")],
        [
            (
                f"{out.of(item.label)}{out.colon}{out.of(item.obstacle)}"
                if item.obstacle
                else item.words,
                points(item.points, "—"),
                out.words("规则本意", "as the rule says") if item.own else "",
            )
            for item in found
        ],
    )


def _provenance_table(out: Output, found: Sequence[deductions.Provenance], places: Places) -> None:
    out.table(
        [
            word("是什么", "what"),
            text("事实", "fact", ratio=3),
            text("出处", "place", ratio=4),
            text("录入", "recorded", ratio=3, above=100),
        ],
        [
            (
                words_of(part.part),
                f"{out.of(fact_words(ref.type))} #{ref.position}",
                places(ref.place) or ref.document or "",
                f"{out.moment(ref.recorded_at)} {out.of(words_of(ref.role))}",
            )
            for part in found
            for ref in part.facts
        ],
    )


# ----------------------------------------------------------------------- history and deductions


def history(
    ctx: typer.Context,
    evaluation: EvaluationId,
    line: Annotated[
        str | None,
        typer.Option(
            "--line",
            metavar=both("指标", "LINE"),
            help=both("只看一行：行号或名称。", "One line only: row id or name."),
        ),
    ] = None,
    as_of: AsOf = None,
    effective_on: EffectiveOn = None,
    as_json: AsJson = False,
) -> None:
    """Show every change of a score."""
    session, place = session_of(ctx), "--line"
    with session.open_evaluation(
        evaluation, as_of, effective_on, line=line, place=place, recorded=RECORDED
    ) as reader:
        found = reader.evaluation(evaluation)
        form = found.evaluation.id
        changes = reader.history(form)
        if line is not None:
            row = find_line(form, found.lines, line, place)
            changes = [one for one in changes if one.line == row.line]
        if as_json:
            write_json({**reader.clocks(), "evaluation": form, "history": changes})
            return
        out = reader.out
        out.heading(title_of(out, found.evaluation))
        if not changes:
            out.line(out.words("没有得分变动。", "No score has changed."))
            return
        _changes_table(out, changes, Places(found), lines=True)


def _changes_table(
    out: Output, changes: Sequence[score_history.ScoreChange], places: Places, *, lines: bool
) -> None:
    subject = [text("对象", "subject", ratio=4)] if lines else []
    out.table(
        [
            number("位置", "position"),
            *subject,
            word("变动", "change"),
            number("原得分", "from"),
            number("现得分", "to"),
            word("身份", "role", above=100),
            text("依据", "on what", ratio=4),
            word("录入时间", "recorded", above=100),
        ],
        [
            (
                str(one.position),
                *([_subject(out, one)] if lines else []),
                words_of(one.kind),
                points(one.from_points, "—"),
                points(one.to_points, "—"),
                words_of(one.role),
                _ground(out, one, places),
                out.moment(one.recorded_at),
            )
            for one in changes
        ],
    )


def _subject(out: Output, one: score_history.ScoreChange) -> str:
    match one.subject:
        case Subject.LINE:
            return f"{one.line} {one.path[-1]}"
        case Subject.GROUP:
            return f"{out.words('小计', 'group')} {'/'.join(one.path)}"
        case _:
            return out.of(words_of(one.subject))


def _ground(out: Output, one: score_history.ScoreChange, places: Places) -> str:
    causes = out.join(cause_of(out, cause) for cause in one.causes[:3])
    parts = [prose_of(out, one.reason), one.document or "", places(one.place), causes]
    return "；".join(part for part in parts if part)


def show_deductions(
    ctx: typer.Context,
    evaluation: EvaluationId,
    unexplained: Annotated[
        bool,
        typer.Option(
            "--unexplained", help=both("只看未说明原因的。", "Only those without a reason.")
        ),
    ] = False,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help=both("连同没有扣分的行。", "Lines without a deduction as well.")
        ),
    ] = False,
    as_of: AsOf = None,
    effective_on: EffectiveOn = None,
    as_json: AsJson = False,
) -> None:
    """Justify every deduction."""
    session = session_of(ctx)
    with session.open_evaluation(evaluation, as_of, effective_on) as reader:
        found = reader.evaluation(evaluation)
        form = found.evaluation.id
        rows = [
            one
            for one in reader.deductions(form)
            if (every or one.deduction not in {None, "0"}) and (not unexplained or one.unexplained)
        ]
        if as_json:
            write_json({**reader.clocks(), "evaluation": form, "deductions": rows})
            return
        out = reader.out
        out.heading(title_of(out, found.evaluation))
        reader.say_estimated()
        if not rows:
            out.line(out.words("没有符合条件的扣分。", "There is no such deduction."))
            return
        out.table(
            [
                word("行", "row"),
                text("指标", "indicator", ratio=4),
                number("分值", "max"),
                number("计算", "calculated"),
                number("填报", "declared"),
                number("复核", "review", above=100),
                number("得分", "final"),
                number("扣分", "lost"),
                text("原因和措施", "reason and measure", ratio=6),
            ],
            [
                (
                    one.line,
                    one.path[-1],
                    points(one.max_points),
                    points(one.calculated, "—"),
                    points(one.declared),
                    points(one.review),
                    points(one.final, "—"),
                    points(one.deduction),
                    _reasoned(out, one),
                )
                for one in rows
            ],
        )


def _reasoned(out: Output, one: deductions.Deduction) -> Text:
    if one.unexplained:
        return Text(out.words("未说明原因", "unexplained"), style="bold red")
    parts = [prose_of(out, one.reason), prose_of(out, one.measure), one.document or ""]
    return Text("；".join(part for part in parts if part))
