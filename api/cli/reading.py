"""The commands that answer questions: nothing here stores anything."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer
from msgspec import Struct
from rich.text import Text

from api.cli.session import Reader, find_line, session_of
from api.cli.speech import both
from api.labels import fact_words, step_words, words_of
from api.output import Output, number, points, shorten, styled, text, word, write_json
from domain.facts import tag_of
from domain.facts.form import Subject
from domain.findings import FindingClass
from domain.indicators import (
    DateActual,
    DateTarget,
    ItemsActual,
    LabelActual,
    NotApplicable,
    NumberActual,
    NumberTarget,
    TextActual,
    TextTarget,
)
from domain.metrics import Quantity
from domain.steps import Step
from domain.store import Recorded
from domain.values import Words
from projections import current, deductions, findings, score_history
from projections.tables import FactRef, Prose, joined

AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar=both("时间", "WHEN"),
        help=both(
            "按当时已知的情况回答：日期指北京时间当日结束，也可写到时分秒。",
            "Answer as things were known then: a date means the end of that day in Shanghai; "
            "a date-time is exact.",
        ),
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help=both("输出 JSON。", "Answer with JSON."))]
Yuan = Annotated[
    bool,
    typer.Option(
        "--yuan", help=both("金额以元显示（默认万元）。", "Show money in yuan, not 万元.")
    ),
]
EvaluationId = Annotated[
    str,
    typer.Argument(
        metavar=both("编号", "ID"),
        help=both(
            "自评编号，如 130104/xfj/2024/department；`liuhen list` 列出全部。",
            "Id of a self-evaluation, as `liuhen list` shows it.",
        ),
    ),
]


# ------------------------------------------------------------------------------------------ list


def list_evaluations(
    ctx: typer.Context,
    year: Annotated[
        int | None,
        typer.Option(
            "--year",
            metavar=both("年度", "YEAR"),
            help=both("只看该年度。", "One fiscal year only."),
        ),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List every self-evaluation."""
    with session_of(ctx).open(as_of) as reader:
        found = [one for one in reader.listed() if year is None or one.fiscal_year == year]
        if as_json:
            write_json({"as_of": reader.moment, "evaluations": found})
            return
        out = reader.out
        if not found:
            then = out.moment(reader.moment, seconds=True)
            out.line(
                out.words(f"截至 {then} 没有任何自评。", f"Nothing was known at {then}.")
                if reader.moment
                else out.words(
                    "还没有任何自评。先运行 liuhen import 文件… 或 liuhen demo。",
                    "There is no self-evaluation yet. Run liuhen import FILE… or liuhen demo.",
                )
            )
            return
        out.table(
            [
                text("编号", "id", ratio=4),
                text("单位", "unit", ratio=4),
                text("项目", "project", ratio=3, above=100),
                word("年度", "year"),
                word("状态", "status"),
                number("填报总分", "declared"),
                number("合计得分", "computed"),
                word("等级", "grade", above=90),
            ],
            [
                (
                    one.id,
                    one.unit_name,
                    one.project_name or out.of(words_of(one.level)),
                    str(one.fiscal_year),
                    words_of(one.status),
                    " ".join(dict.fromkeys(points(total.value) for total in one.declared_totals)),
                    points(one.computed_total, "—"),
                    one.grade_declared or one.grade_computed or "",
                )
                for one in found
            ],
        )


# ------------------------------------------------------------------------------------------ show


def show(
    ctx: typer.Context,
    evaluation: EvaluationId,
    as_of: AsOf = None,
    yuan: Yuan = False,
    as_json: AsJson = False,
) -> None:
    """Show a self-evaluation."""
    session = session_of(ctx)
    with session.open(as_of) as reader:
        found = reader.evaluation(evaluation)
        if as_json:
            write_json({"as_of": reader.moment, **_parts(found)})
            return
        out = session.output(yuan=yuan)
        _head(out, reader, found.evaluation)
        _figures(out, found.figures)
        _lines(out, found.lines)
        _totals(out, found.evaluation)


def _parts(found: Struct) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__struct_fields__}


def title_of(out: Output, one: current.Evaluation) -> str:
    """Unit, year and what is evaluated, as a heading."""
    level = one.project_name or one.project or out.of(words_of(one.level))
    return f"{one.unit_name} {one.fiscal_year} · {level}"


def _head(out: Output, reader: Reader, one: current.Evaluation) -> None:
    out.heading(title_of(out, one))
    rules = f"{one.rule_set} {one.rule_set_version}" if one.rule_set else None
    out.pairs(
        [
            (out.words("编号", "id"), one.id),
            (out.words("状态", "status"), words_of(one.status)),
            (out.words("规则集", "rule set"), rules),
            (out.words("口径", "figures"), words_of(one.basis)),
            (out.words("当时", "as of"), out.moment(reader.moment, seconds=True)),
            (
                out.words("注意", "note"),
                out.words(
                    "有得分已过期：计算后依据的数变了",
                    "some scores are stale: their inputs changed",
                )
                if one.stale
                else None,
            ),
        ]
    )


def _figures(out: Output, figures: Sequence[current.Figure]) -> None:
    shown = [one for one in figures if one.source is current.FigureSource.DECLARED or one.fen]
    if not shown:
        return
    out.table(
        [
            text("数额", "figure", ratio=3),
            number(out.unit, out.unit),
            word("来源", "source"),
            text("出处", "place", ratio=4),
            word("采用", "counts"),
        ],
        [
            (
                words_of(Quantity(one.quantity)),
                out.money(one.fen),
                words_of(one.source),
                place_of(one.place),
                "✓" if one.counts else "",
            )
            for one in shown
        ],
    )


def _lines(out: Output, lines: Sequence[current.EvaluationLine]) -> None:
    if not lines:
        out.line(out.words("没有指标行。", "There are no lines."))
        return
    out.table(
        [
            word("行", "row"),
            text("指标", "indicator", ratio=5),
            text("目标", "target", ratio=3, above=110),
            text("实际", "actual", ratio=3, above=110),
            number("分值", "max"),
            number("计算", "calculated"),
            number("填报", "declared"),
            number("得分", "final"),
            word("扣分说明", "deduction"),
        ],
        [
            (
                one.line,
                one.path[-1],
                target_words(out, one),
                actual_words(out, one),
                points(one.max_points),
                points(one.calculated, "—"),
                points(one.declared),
                points(one.final, "—"),
                _explained(out, one),
            )
            for one in lines
        ],
    )


def _explained(out: Output, one: current.EvaluationLine) -> Text:
    if one.deduction is None or one.deduction.startswith("-") or one.deduction == "0":
        return Text("")
    lost = f"-{one.deduction}"
    if one.explained:
        return Text(f"{lost} {out.words('有原因', 'explained')}")
    return Text(f"{lost} {out.words('未说明', 'unexplained')}", style="bold red")


def _totals(out: Output, one: current.Evaluation) -> None:
    declared = [f"{points(total.value)} ({place_of(total.place)})" for total in one.declared_totals]
    missing = out.join(one.not_computed)
    out.pairs(
        [
            (out.words("填报总分", "declared total"), out.join(declared)),
            (out.words("合计得分", "computed total"), points(one.computed_total, "—")),
            (out.words("可计算小计", "subtotal"), points(one.subtotal, "—")),
            (out.words("不可计算", "not computed"), missing),
            (out.words("填报等级", "declared grade"), one.grade_declared),
            (out.words("应得等级", "computed grade"), one.grade_computed),
        ]
    )


def place_of(place: Any) -> str:  # noqa: ANN401 - a place, or none
    """Where something is printed."""
    return f"{place.document} {place.place}" if place is not None else ""


def target_words(out: Output, one: current.EvaluationLine) -> str:
    """The target of a line with its operator."""
    operator = (
        out.of(words_of(one.operator)) if one.operator and one.operator != "QUALITATIVE" else ""
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
    yuan: Yuan = False,
    as_json: AsJson = False,
) -> None:
    """Explain one number."""
    session = session_of(ctx)
    with session.open(as_of) as reader:
        found = reader.evaluation(evaluation)
        form, log_id = found.evaluation.id, found.evaluation.log_id
        row = find_line(form, found.lines, line)
        one = next(item for item in _deductions(reader, log_id, form) if item.line == row.line)
        changes = [item for item in _history(reader, log_id, form) if item.line == row.line]
        about = [item for item in _findings(reader, log_id, form) if item.line == row.line]
        if as_json:
            write_json(
                {
                    "as_of": reader.moment,
                    "evaluation": form,
                    "line": row,
                    "deduction": one,
                    "history": changes,
                    "findings": about,
                }
            )
            return
        out = session.output(yuan=yuan)
        _explain_line(out, found.evaluation, row, one)
        if changes:
            out.heading(out.words("得分变动", "Score history"))
            _changes_table(out, changes, lines=False)
        if about:
            out.heading(out.words("疑点", "Findings"))
            _findings_list(out, about)


def _explain_line(
    out: Output,
    evaluation: current.Evaluation,
    row: current.EvaluationLine,
    one: deductions.Deduction,
) -> None:
    out.heading(f"{title_of(out, evaluation)} · {' / '.join(row.path)}")
    rule = " ".join(part for part in (one.rule, one.rule_kind and f"({one.rule_kind})") if part)
    out.pairs(
        [
            (out.words("行", "row"), row.line),
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
                    f"{points(item.points)} ({place_of(item.place)})" for item in one.declarations
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
                (item.name, item.printed, place_of(item.place), "✓" if item.counts else "")
                for item in one.figures
            ],
        )
    if one.readings:
        out.heading(out.words("各种读法", "Readings"))
        _readings_table(out, one.readings)
    if one.provenance:
        out.heading(out.words("依据的事实", "Facts"))
        _provenance_table(out, one.provenance)


def _deduction_words(out: Output, one: deductions.Deduction) -> Text:
    lost = points(one.deduction, "—")
    if one.unexplained:
        return Text(f"{lost}  {out.words('未说明原因', 'unexplained')}", style="bold red")
    return Text(lost)


def prose_of(out: Output, given: Prose | None) -> str:
    """A detached text, or the word for one that was deleted."""
    return given.in_(out.lang) if given is not None else ""


def steps_list(out: Output, steps: Sequence[Step]) -> None:
    """The steps of a calculation with the numbers put in."""
    out.bullets(f"{index + 1}. {out.of(step_words(steps, index))}" for index in range(len(steps)))


def _readings_table(out: Output, found: Sequence[deductions.PointsRead]) -> None:
    out.table(
        [
            text("读法", "reading", ratio=3),
            text("算法", "how", ratio=5),
            number("得分", "points"),
            word("", ""),
        ],
        [
            (
                item.label,
                out.of(item.obstacle) if item.obstacle else out.of(item.words),
                points(item.points, "—"),
                out.words("规则本意", "as the rule says") if item.own else "",
            )
            for item in found
        ],
    )


def _provenance_table(out: Output, found: Sequence[deductions.Provenance]) -> None:
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
                place_of(ref.place) or ref.document or "",
                f"{out.moment(ref.recorded_at)} {out.of(words_of(ref.role))}",
            )
            for part in found
            for ref in part.facts
        ],
    )


# ----------------------------------------------------------------------- history and deductions


def _history(reader: Reader, log_id: str, form: str) -> list[score_history.ScoreChange]:
    texts = reader.store.text_bodies
    return reader.ask(
        log_id,
        lambda connection: score_history.list_for(connection, texts, log_id, form),
        lambda position: score_history.history_as_of(reader.store, log_id, form, position),
    )


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
    as_json: AsJson = False,
) -> None:
    """Show every change of a score."""
    with session_of(ctx).open(as_of) as reader:
        found = reader.evaluation(evaluation)
        form = found.evaluation.id
        changes = _history(reader, found.evaluation.log_id, form)
        if line is not None:
            row = find_line(form, found.lines, line)
            changes = [one for one in changes if one.line == row.line]
        if as_json:
            write_json({"as_of": reader.moment, "evaluation": form, "history": changes})
            return
        out = reader.out
        out.heading(title_of(out, found.evaluation))
        if not changes:
            out.line(out.words("没有得分变动。", "No score has changed."))
            return
        _changes_table(out, changes, lines=True)


def _changes_table(
    out: Output, changes: Sequence[score_history.ScoreChange], *, lines: bool
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
                _ground(out, one),
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


def _ground(out: Output, one: score_history.ScoreChange) -> str:
    causes = out.join(cause_of(out, cause) for cause in one.causes[:3])
    parts = [prose_of(out, one.reason), one.document or "", place_of(one.place), causes]
    return "；".join(part for part in parts if part)


def cause_of(out: Output, cause: FactRef) -> str:
    """A fact behind a change, in a few words."""
    return f"{out.of(fact_words(cause.type))} #{cause.position}"


def _deductions(reader: Reader, log_id: str, form: str) -> list[deductions.Deduction]:
    texts = reader.store.text_bodies
    return reader.ask(
        log_id,
        lambda connection: deductions.list_for(connection, texts, log_id, form),
        lambda position: deductions.deductions_as_of(reader.store, log_id, form, position),
    )


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
    as_json: AsJson = False,
) -> None:
    """Justify every deduction."""
    with session_of(ctx).open(as_of) as reader:
        found = reader.evaluation(evaluation)
        form = found.evaluation.id
        rows = [
            one
            for one in _deductions(reader, found.evaluation.log_id, form)
            if (every or one.deduction not in {None, "0"}) and (not unexplained or one.unexplained)
        ]
        if as_json:
            write_json({"as_of": reader.moment, "evaluation": form, "deductions": rows})
            return
        out = reader.out
        out.heading(title_of(out, found.evaluation))
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


# -------------------------------------------------------------------------------------- findings


def _findings(reader: Reader, log_id: str, form: str) -> list[findings.FindingRow]:
    texts = reader.store.text_bodies
    return reader.ask(
        log_id,
        lambda connection: findings.list_for(connection, texts, log_id, form),
        lambda position: findings.findings_as_of(reader.store, log_id, form, position),
    )


def findings_of(reader: Reader, one: current.Evaluation) -> list[findings.FindingRow]:
    """The findings of an evaluation, the most serious first, each class in the order of checks."""
    rank = {kind: place for place, kind in enumerate(FindingClass)}
    return sorted(_findings(reader, one.log_id, one.id), key=lambda item: rank[item.class_])


def show_findings(
    ctx: typer.Context,
    evaluation: Annotated[
        str | None,
        typer.Argument(
            metavar=both("编号", "ID"),
            help=both(
                "自评编号；不写则看全部。", "Id of a self-evaluation; all of them when left out."
            ),
        ),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show what the cross-checks find."""
    with session_of(ctx).open(as_of) as reader:
        if evaluation is None:
            forms = reader.listed()
        else:
            forms = [reader.evaluation(evaluation).evaluation]
        found = [(one, findings_of(reader, one)) for one in forms]
        if as_json:
            write_json(
                {"as_of": reader.moment, "findings": [row for _, rows in found for row in rows]}
            )
            return
        out = reader.out
        if not any(rows for _, rows in found):
            out.line(out.words("没有疑点。", "There are no findings."))
        for one, rows in found:
            if rows:
                out.heading(f"{title_of(out, one)}  {one.id}")
                _findings_list(out, rows)


def _findings_list(out: Output, rows: Sequence[findings.FindingRow]) -> None:
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


# ---------------------------------------------------------------------------------------- events


def events(
    ctx: typer.Context,
    evaluation: Annotated[
        str,
        typer.Argument(
            metavar=both("编号", "ID"),
            help=both(
                "自评、台账、年度或规则集的编号。",
                "Id of a self-evaluation, ledger, jurisdiction-year or rule set.",
            ),
        ),
    ],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List the facts of a stream."""
    with session_of(ctx).open(as_of) as reader:
        log_id, stream, history = reader.facts(evaluation)
        if as_json:
            write_json(
                {
                    "as_of": reader.moment,
                    "log_id": log_id,
                    "stream_id": stream,
                    "events": [event_json(one, log_id, reader) for one in history],
                }
            )
            return
        out = reader.out
        out.heading(stream)
        out.table(
            [
                number("版本", "version"),
                number("位置", "position"),
                text("事实", "fact", ratio=3),
                text("内容", "content", ratio=5),
                word("身份", "role", above=100),
                word("录入时间", "recorded", above=80),
            ],
            [
                (
                    str(one.version),
                    str(one.position),
                    fact_words(tag_of(type(one.fact))),
                    _gist(out, one),
                    words_of(one.envelope.role),
                    out.moment(one.envelope.recorded_at),
                )
                for one in history
            ],
        )


def event_json(one: Recorded, log_id: str, reader: Reader) -> dict[str, Any]:
    """A fact with its envelope and its detached texts, as JSON holds it."""
    return {
        "position": one.position,
        "version": one.version,
        "type": tag_of(type(one.fact)),
        "envelope": one.envelope,
        "fact": one.fact,
        "leaf_hash": one.leaf_hash.hex(),
        "texts": reader.texts_of(log_id, one),
    }


def _gist(out: Output, one: Recorded) -> str:
    """What a fact says, in a few words: its plain fields, without what has parts."""
    fact: Any = one.fact
    said = []
    for name in (
        "line",
        "path",
        "subject",
        "points",
        "grade",
        "amount",
        "voucher",
        "name",
        "version",
        "document",
    ):
        value = getattr(fact, name, None)
        if value in {None, ""} or value == ():
            continue
        if name == "amount":
            value = f"{out.money(value)} {out.unit}"
        elif name == "path":
            value = "/".join(value)
        elif name == "points":
            value = points(value)
        elif name == "subject":
            value = out.of(words_of(value))
        said.append(str(value))
    rows = getattr(fact, "rows", None)
    if rows:
        said.append(out.words(f"{len(rows)} 行", f"{len(rows)} rows"))
    figures = getattr(fact, "figures", None)
    if figures:
        said.append(out.words(f"{len(figures)} 个数", f"{len(figures)} figures"))
    place = place_of(getattr(fact, "place", None) or one.envelope.source)
    if place:
        said.append(place)
    return " · ".join(said)
