"""``liuhen changes``: every change of a score across evaluations, by page or as a file."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002, PLR0917

from typing import Annotated

import typer

from api import asking
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
from api.cli.naming import choose
from api.cli.options import AsJson, AsOf, EffectiveOn, Evaluation, Log, Unit, Year
from api.cli.reader import Reader, Scope
from api.cli.session import if_given, session_of
from api.cli.speech import both
from api.cli.wording import place_of, prose_of
from api.labels import words_of
from api.output import Cell, Output, number, points, text, word, write_json
from api.questions import Questions
from domain.facts.envelope import Role
from domain.facts.form import Subject
from domain.values import Words
from projections.score_history import ChangeFilter, ChangeKind, Key, ScoreChange
from projections.tables.paging import key_of


def _option(name: str, metavar: str, zh: str, en: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, metavar=metavar, help=both(zh, en))
    return option


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
    session = session_of(ctx)
    asked = session.gathered()
    chosen = asked.take(lambda: format_of(file_format, output))
    subject_chosen = asked.take(lambda: choose(Subject, subject, "--subject"))
    asked.take(lambda: asking.require_subject(line, subject_chosen, ("--line", "--subject")))
    kind_chosen = asked.take(lambda: choose(ChangeKind, kind, "--kind"))
    role_chosen = asked.take(lambda: choose(Role, role, "--role"))
    begin = asked.given(since, lambda text: asking.beginning_of(text, "--from"))
    end = asked.given(until, lambda text: asking.end_of(text, "--until"))
    asked.take(lambda: asking.require_moments(begin, end, ("--from", "--until")))
    asked.given(after, lambda cursor: key_of(cursor, Key, "--after"))

    def scope(reader: Reader) -> Scope:
        return reader.scope(log=log, unit=unit, year=year, evaluation=evaluation)

    look = if_given(scope, log, unit, evaluation)
    with session.open(as_of, effective_on, asked, look, recorded=RECORDED) as reader:
        named = scope(reader)
        where = ChangeFilter(
            log_id=named.log_id,
            evaluation=named.evaluation,
            unit=named.unit,
            fiscal_year=year,
            subject=subject_chosen,
            line=line,
            kind=kind_chosen,
            actor=actor,
            role=role_chosen,
            document=document,
            since=begin,
            before=end,
        )
        questions = Questions(reader.liuhen, reader.moment)
        if chosen is not None:
            write_file(reader, lambda view: questions.file_of_changes(view, where), chosen, output)
            return
        with reader.liuhen.connection() as view:
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


RECORDED = Words("得分变动", "changes of scores")


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
