"""``liuhen explain``: where the score of one line comes from, or how the line went."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002, PLR0917

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from api.cli.options import AsJson, AsOf, EffectiveOn, EvaluationId, Yuan
from api.cli.scores import changes_table
from api.cli.session import session_of
from api.cli.speech import both
from api.cli.wording import (
    Places,
    actual_words,
    findings_list,
    place_of,
    prose_of,
    target_words,
    title_of,
)
from api.labels import fact_words, step_words, words_of
from api.output import Output, number, points, text, word, write_json
from api.withdrawn import WithdrawnLine, before_withdrawal
from domain.scoring.steps import Step
from projections import current, deductions


def explain(
    ctx: typer.Context,
    evaluation: EvaluationId,
    line: Annotated[
        str,
        typer.Argument(
            metavar=both("指标", "LINE"),
            help=both(
                "行号、三级指标名称，或“一级/二级/三级”；已经撤销的行也可以。",
                'Row id, name of the last level, or "level1/level2/level3"; of a line that was '
                "withdrawn too.",
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
        named = reader.line_named(found, line)
        gone: WithdrawnLine | None = None
        if isinstance(named, WithdrawnLine):
            gone, before = named, before_withdrawal(reader, named)
            row, one = before.row, before.deduction
        else:
            row, one = named, reader.line(form, named.line)
        changes = reader.history(form, row.line)
        about = [item for item in reader.findings_of(form) if item.line == row.line]
        if as_json:
            write_json(
                {
                    **reader.clocks(),
                    "evaluation": form,
                    "withdrawn": gone,
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
        out.heading(f"{title_of(out, found.evaluation)} · {' / '.join(row.path)}")
        if gone is not None:
            _withdrawn(out, gone)
            out.heading(out.words("撤销之前", "Before it was withdrawn"))
        _explain_line(out, row, one, places)
        if changes:
            out.heading(out.words("得分变动", "Score history"))
            changes_table(out, changes, places, lines=False)
        if about:
            out.heading(out.words("疑点", "Findings"))
            findings_list(out, about)


def _withdrawn(out: Output, gone: WithdrawnLine) -> None:
    """That a line was withdrawn: when, by whom, by which fact, on what."""
    fact = gone.fact
    out.line(
        out.words(
            f"这一行已经撤销：自评表不再有第 {gone.line} 行，其得分不再计入",
            f"This line was withdrawn: the form has had no line {gone.line} since, and its points "
            "count no more",
        ),
        style="bold",
    )
    out.pairs(
        [
            (out.words("事实", "fact"), f"{out.of(fact_words(fact.type))} #{fact.position}"),
            (out.words("录入时间", "recorded"), out.moment(fact.recorded_at)),
            (out.words("何人", "by whom"), f"{out.of(words_of(fact.role))} {fact.actor}"),
            (out.words("文号", "document"), fact.document or place_of(fact.place) or None),
            (
                out.words("理由", "reason"),
                prose_of(out, gone.reason) or out.words("未说明", "none given"),
            ),
        ]
    )


def _explain_line(
    out: Output,
    row: current.EvaluationLine,
    one: deductions.Deduction,
    places: Places,
) -> None:
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
