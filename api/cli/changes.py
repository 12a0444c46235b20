"""``liuhen changes``: every change of a score across evaluations, by page or as a file."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002, PLR0917

from datetime import datetime, timedelta
from typing import Annotated

import typer

from api.bootstrap import moment_of
from api.cli.exporting import (
    USUAL_LIMIT,
    After,
    FileFormat,
    FileOutput,
    Limit,
    format_of,
    say_more,
    say_positions,
    write_file,
)
from api.cli.options import AsJson, AsOf, EffectiveOn
from api.cli.session import choose, session_of
from api.cli.speech import both
from api.cli.wording import place_of, prose_of
from api.labels import words_of
from api.output import Cell, Output, number, points, text, word, write_json
from api.questions import Questions
from domain.facts.envelope import Role
from domain.facts.form import Subject
from domain.ids import division_of
from projections.score_history import ChangeFilter, ChangeKind, ScoreChange


def _option(name: str, metavar: str, zh: str, en: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, metavar=metavar, help=both(zh, en))
    return option


Log = Annotated[
    str | None,
    _option("--log", both("日志", "LOG"), "只看一个日志（财政区划）。", "One log (division) only."),
]
Unit = Annotated[
    str | None, _option("--unit", both("单位", "UNIT"), "单位编码。", "Code of a unit.")
]
Year = Annotated[int | None, _option("--year", both("年度", "YEAR"), "财政年度。", "Fiscal year.")]
Evaluation = Annotated[
    str | None,
    _option("--evaluation", both("编号", "ID"), "只看一份自评。", "One self-evaluation only."),
]
Line = Annotated[str | None, _option("--line", both("行号", "ROW"), "只看一行。", "One row only.")]
Actor = Annotated[
    str | None, _option("--actor", both("人员", "PERSON"), "人员编号。", "Id of a person.")
]
InRole = Annotated[
    str | None,
    _option(
        "--role",
        both("身份", "ROLE"),
        "以何身份，如 财政复核人。",
        "Role, such as FINANCE_REVIEWER.",
    ),
]


def changes(
    ctx: typer.Context,
    log: Log = None,
    unit: Unit = None,
    year: Year = None,
    evaluation: Evaluation = None,
    line: Line = None,
    subject: Annotated[
        str | None,
        _option("--subject", both("对象", "WHAT"), "指标行、小计或总分。", "LINE, GROUP or TOTAL."),
    ] = None,
    kind: Annotated[
        str | None,
        _option(
            "--kind",
            both("变动", "KIND"),
            "何种变动，如 改分、复核、重新计算。",
            "Kind of change, such as overridden, reviewed, recalculated.",
        ),
    ] = None,
    actor: Actor = None,
    role: InRole = None,
    document: Annotated[
        str | None, _option("--document", both("文号", "NUMBER"), "文号。", "Document number.")
    ] = None,
    since: Annotated[
        str | None,
        _option(
            "--from",
            both("日期", "DATE"),
            "从这一天起（北京时间，含当日）记录的。",
            "Recorded on that day in Shanghai or later.",
        ),
    ] = None,
    until: Annotated[
        str | None,
        _option(
            "--until",
            both("日期", "DATE"),
            "到这一天止（北京时间，含当日）记录的。",
            "Recorded on that day in Shanghai or earlier.",
        ),
    ] = None,
    limit: Limit = USUAL_LIMIT,
    after: After = None,
    file_format: FileFormat = None,
    output: FileOutput = None,
    as_of: AsOf = None,
    effective_on: EffectiveOn = None,
    as_json: AsJson = False,
) -> None:
    """Show every change of a score, across evaluations."""
    chosen = format_of(file_format, output)
    form = evaluation.strip().strip("/") if evaluation else None
    where = ChangeFilter(
        log_id=log or (division_of(form) if form else None),
        evaluation=form,
        unit=unit,
        fiscal_year=year,
        subject=choose(Subject, subject, "--subject"),
        line=line,
        kind=choose(ChangeKind, kind, "--kind"),
        actor=actor,
        role=choose(Role, role, "--role"),
        document=document,
        since=_begin_of(since),
        before=_end_of(until),
    )
    with session_of(ctx).open(as_of, effective_on) as reader:
        reader.recorded_only("得分变动", "changes of scores")
        questions = Questions(reader.liuhen, reader.moment)
        if chosen is not None:
            write_file(reader, lambda view: questions.file_of_changes(view, where), chosen, output)
            return
        with reader.connection() as view:
            page = questions.changes(view, where, after, limit)
            positions = questions.positions(view)
        if as_json:
            write_json(
                {
                    "as_of": reader.moment,
                    "positions": positions,
                    "changes": page.rows,
                    "after": page.after,
                }
            )
            return
        out = reader.out
        if not page.rows:
            out.line(out.words("没有符合条件的得分变动。", "There is no such change."))
        else:
            out.table(_COLUMNS, [_row(out, one) for one in page.rows])
        say_more(out, page.after)
        say_positions(out, positions)


def _begin_of(day: str | None) -> datetime | None:
    """The first moment of a day, or the moment that is given."""
    if day is None:
        return None
    end = moment_of(day)
    return end - timedelta(days=1) + _TICK if _is_day(day) else end


def _end_of(day: str | None) -> datetime | None:
    """The first moment after a day, or after the moment that is given."""
    return None if day is None else moment_of(day) + _TICK


def _is_day(text_: str) -> bool:
    return len(text_.strip()) == len("2025-03-12")


_TICK = timedelta(microseconds=1)
_COLUMNS = [
    word("录入时间", "recorded"),
    text("自评", "evaluation", ratio=4),
    text("对象", "subject", ratio=3),
    word("变动", "change"),
    number("原得分", "from"),
    number("现得分", "to"),
    word("身份", "role", above=100),
    word("人员", "actor", above=110),
    text("依据", "on what", ratio=4),
]


def _row(out: Output, one: ScoreChange) -> list[Cell]:
    name = one.path[-1] if one.path else out.of(words_of(one.subject))
    ground = (prose_of(out, one.reason), one.document or "", place_of(one.place))
    return [
        out.moment(one.recorded_at),
        f"{one.evaluation} #{one.position}",
        f"{one.line} {name}" if one.line else name,
        words_of(one.kind),
        points(one.from_points, "—"),
        points(one.to_points, "—"),
        words_of(one.role),
        one.actor,
        "；".join(part for part in ground if part),
    ]
