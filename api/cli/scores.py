"""The commands about all scores of an evaluation: history, deductions."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002, PLR0917

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from api.cli.changes import RECORDED
from api.cli.options import AsJson, AsOf, EffectiveOn, EvaluationId
from api.cli.session import session_of
from api.cli.speech import both
from api.cli.wording import (
    Places,
    cause_of,
    prose_of,
    title_of,
)
from api.labels import words_of
from api.output import Output, number, points, text, word, write_json
from domain.facts.form import Subject
from projections import deductions, score_history


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
            row = reader.line_named(found, line, place)
            changes = [one for one in changes if one.line == row.line]
        if as_json:
            write_json({**reader.clocks(), "evaluation": form, "history": changes})
            return
        out = reader.out
        out.heading(title_of(out, found.evaluation))
        if not changes:
            out.line(out.words("没有得分变动。", "No score has changed."))
            return
        changes_table(out, changes, Places(found), lines=True)


def changes_table(
    out: Output, changes: Sequence[score_history.ScoreChange], places: Places, *, lines: bool
) -> None:
    """Changes of scores, with ``lines`` each beside what it is a score of."""
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
