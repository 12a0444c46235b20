"""``liuhen search``: in which facts words occur, by page or as a file."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002, PLR0917

from typing import Annotated

import typer
from rich.text import Text

from api.cli.changes import Actor, InRole, Line
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
from api.labels import fact_words, words_of
from api.output import Output, write_json
from api.questions import Questions
from domain.facts.envelope import Role
from domain.values import Words
from projections.search import Hit, Key, SearchFilter, TextPart, wanted_by
from projections.tables.paging import key_of


def search(
    ctx: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar=both("词…", "WORDS…"),
            help=both(
                "字、词、数字或文号；几个词须同时出现，连在一起的词加引号。",
                "Words, digits or a document number; all must occur, a phrase goes in quotes.",
            ),
        ),
    ],
    log: Log = None,
    unit: Unit = None,
    year: Year = None,
    evaluation: Evaluation = None,
    line: Line = None,
    part: Annotated[
        str | None,
        typer.Option(
            "--in",
            metavar=both("何处", "PART"),
            help=both(
                "只在理由、意见、措施、问题、完成值、题名、批注、文号或指标名称中找。",
                "Only in reason, opinion, measure, problem, actual, title, remark, document or "
                "indicator.",
            ),
        ),
    ] = None,
    actor: Actor = None,
    role: InRole = None,
    limit: Limit = USUAL_LIMIT,
    after: After = None,
    file_format: FileFormat = None,
    output: FileOutput = None,
    as_of: AsOf = None,
    effective_on: EffectiveOn = None,
    as_json: AsJson = False,
) -> None:
    """Look for words in reasons, document numbers and indicator names."""
    # The shell has taken the quotes off a phrase; what has blanks in it was one.
    query = " ".join(f'"{one}"' if " " in one and '"' not in one else one for one in words or ())
    session = session_of(ctx)
    asked = session.gathered()
    chosen = asked.take(lambda: format_of(file_format, output))
    if words:
        asked.take(lambda: wanted_by(query, "WORDS"))
    part_chosen = asked.take(lambda: choose(TextPart, part, "--in"))
    role_chosen = asked.take(lambda: choose(Role, role, "--role"))
    asked.given(after, lambda cursor: key_of(cursor, Key, "--after"))

    def scope(reader: Reader) -> Scope:
        return reader.scope(log=log, unit=unit, year=year, evaluation=evaluation)

    look = if_given(scope, log, unit, evaluation)
    with session.open(as_of, effective_on, asked, look, recorded=_RECORDED) as reader:
        named = scope(reader)
        where = SearchFilter(
            log_id=named.log_id,
            evaluation=named.evaluation,
            unit=named.unit,
            fiscal_year=year,
            line=line,
            part=part_chosen,
            actor=actor,
            role=role_chosen,
        )
        questions = Questions(reader.liuhen, reader.moment)
        if chosen is not None:
            write_file(
                reader, lambda view: questions.file_of_hits(view, query, where), chosen, output
            )
            return
        with reader.liuhen.connection() as view:
            page = questions.hits(view, query, where, after, limit)
            positions = questions.positions(view)
        if as_json:
            write_json(
                {
                    "as_of": reader.moment,
                    "positions": positions,
                    "hits": page.rows,
                    "after": page.after,
                }
            )
            return
        out = reader.out
        if not page.rows:
            out.line(out.words("没有找到。", "Nothing was found."))
        for hit in page.rows:
            _show(out, hit)
        say_more(out, page.after)
        say_positions(out, positions)


_RECORDED = Words("检索", "search")


def _show(out: Output, hit: Hit) -> None:
    entry = hit.entry
    head = Text.assemble((entry.stream_id, "bold"), f" #{entry.position}  ")
    names = [hit.unit_name, hit.project_name, entry.line]
    head.append(out.join(name for name in names if name))
    out.line(head)
    found = Text(f"{out.of(words_of(entry.part))}{out.colon}")
    for piece in hit.excerpt:
        # Where there are no colours, brackets mark what was found.
        shown = f"【{piece.text}】" if piece.found else piece.text
        found.append(shown, style="bold" if piece.found else "")
    out.bullets(
        [
            found,
            (
                f"{out.of(fact_words(entry.event_type))}  {out.of(words_of(entry.role))} "
                f"{entry.actor}  {out.moment(entry.recorded_at)}"
            ),
        ]
    )
