"""The commands that answer questions about what is stored: list, show, findings."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002, PLR0917

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from msgspec import Struct
from rich.text import Text

from api.cli.exporting import (
    After,
    FileFormat,
    FileOutput,
    Limit,
    format_of,
    say_more,
    write_file,
)
from api.cli.naming import choose
from api.cli.options import AsJson, AsOf, EffectiveOn, EvaluationId, Log, Unit, Year, Yuan
from api.cli.reader import Reader, Scope, option
from api.cli.session import if_given, session_of
from api.cli.speech import both
from api.cli.wording import Places, actual_words, findings_list, target_words, title_of
from api.labels import words_of
from api.output import Cell, Output, number, points, text, word, write_json
from api.questions import MOST, Questions
from domain.crosschecks.findings import FindingClass
from domain.scoring.metrics import Quantity
from projections import current, findings, standing
from projections.tables.paging import key_of

# ------------------------------------------------------------------------------------------ list


def list_evaluations(
    ctx: typer.Context,
    year: Year = None,
    as_of: AsOf = None,
    effective_on: EffectiveOn = None,
    yuan: Yuan = False,
    as_json: AsJson = False,
) -> None:
    """List every self-evaluation."""
    session = session_of(ctx)
    with session.open(as_of, effective_on) as reader:
        found = reader.standings(year)
        if as_json:
            clocks = {name: one for name, one in reader.clocks().items() if name != "estimated"}
            write_json({**clocks, "evaluations": [listed_json(one) for one in found]})
            return
        out = session.output(yuan=yuan)
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
        if reader.effective_on:
            day = reader.effective_on
            out.line(
                out.words(
                    f"台账计到业务日期 {day}（含）；得分是入库的，推算用 liuhen year --estimate",
                    f"The ledgers count until {day}; scores are those stored, "
                    "liuhen year --estimate estimates them",
                ),
                style="bold",
            )
        out.table(
            [
                word("编号", "id"),
                text("单位", "unit", ratio=4),
                text("项目", "project", ratio=3, above=120),
                word("年度", "year"),
                word("状态", "status", above=100),
                number("全年预算", "adjusted", above=140),
                number("执行数", "spent", above=140),
                number("填报总分", "declared"),
                number("合计得分", "computed"),
                word("等级", "grade", above=100),
            ],
            [_listed(out, one) for one in found],
        )


def _listed(out: Output, one: standing.Listed) -> list[Cell]:
    form, money = one.form, one.money
    return [
        form.id,
        form.unit_name,
        form.project_name or out.of(words_of(form.level)),
        str(form.fiscal_year),
        words_of(form.status),
        out.money(money.adjusted) if money else "",
        out.money(money.spent) if money else "",
        " ".join(form.declared_totals),
        points(form.total, "—"),
        form.grade_declared or form.grade_computed or "",
    ]


def listed_json(one: standing.Listed) -> dict[str, Any]:
    """A form as it stood, flat, with its money in fen."""
    form = _parts(one.form)
    form["position"] = form.pop("known_from")
    del form["known_to"]
    apart = {} if one.undated is None else {"undated": one.undated}
    return {**form, "grade": one.form.grade, "money": one.money, **apart}


# ------------------------------------------------------------------------------------------ show


def show(
    ctx: typer.Context,
    evaluation: EvaluationId,
    as_of: AsOf = None,
    effective_on: EffectiveOn = None,
    yuan: Yuan = False,
    as_json: AsJson = False,
) -> None:
    """Show a self-evaluation."""
    session = session_of(ctx)
    with session.open_evaluation(evaluation, as_of, effective_on) as reader:
        found = reader.evaluation(evaluation)
        undated = reader.undated(evaluation)
        if as_json:
            apart = {} if reader.effective_on is None else {"undated": undated}
            write_json({**reader.clocks(), **_parts(found), **apart})
            return
        out = session.output(yuan=yuan)
        places = Places(found)
        _head(out, reader, found.evaluation, places)
        _figures(out, found.figures, places)
        _undated(out, undated)
        estimated = reader.effective_on is not None
        _lines(out, found.lines, estimated=estimated)
        _totals(out, found.evaluation, places, estimated=estimated)


def _parts(found: Struct) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__struct_fields__}


def _head(out: Output, reader: Reader, one: current.Evaluation, places: Places) -> None:
    out.heading(title_of(out, one))
    rules = f"{one.rule_set} {one.rule_set_version}" if one.rule_set else None
    out.pairs(
        [
            (out.words("编号", "id"), one.id),
            (out.words("状态", "status"), words_of(one.status)),
            (out.words("规则集", "rule set"), rules),
            (out.words("口径", "figures"), words_of(one.basis)),
            (out.words("文件", "document"), places.document),
            (out.words("当时", "as of"), out.moment(reader.moment, seconds=True)),
            (
                out.words("计到", "counted until"),
                out.words(
                    f"{reader.effective_on} 推算（得分当场计算，不是入库的）",
                    f"{reader.effective_on}, estimated (calculated on the spot, not stored)",
                )
                if reader.effective_on
                else None,
            ),
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


def _figures(out: Output, figures: Sequence[current.Figure], places: Places) -> None:
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
                places(one.place),
                "✓" if one.counts else "",
            )
            for one in shown
        ],
    )


def _undated(out: Output, undated: Mapping[str, int]) -> None:
    """The sums that no business date counts."""
    if undated:
        sums = out.join(
            f"{out.of(words_of(Quantity(name)))} {out.money(fen)}" for name, fen in undated.items()
        )
        out.line(
            out.words(
                f"日期不明，未计入（{out.unit}）：{sums}",
                f"Without a date, not counted ({out.unit}): {sums}",
            )
        )


def _lines(
    out: Output, lines: Sequence[current.EvaluationLine], *, estimated: bool = False
) -> None:
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
            number("推算", "estimated") if estimated else number("计算", "calculated"),
            number("填报", "declared"),
            number("得分（推算）", "final (est.)") if estimated else number("得分", "final"),
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


def _totals(
    out: Output, one: current.Evaluation, places: Places, *, estimated: bool = False
) -> None:
    declared = [f"{points(total.value)} ({places(total.place)})" for total in one.declared_totals]
    missing = out.join(one.not_computed)
    out.pairs(
        [
            (out.words("填报总分", "declared total"), out.join(declared)),
            (
                out.words("合计得分（推算）", "estimated total")
                if estimated
                else out.words("合计得分", "computed total"),
                points(one.computed_total, "—"),
            ),
            (out.words("可计算小计", "subtotal"), points(one.subtotal, "—")),
            (out.words("不可计算", "not computed"), missing),
            (out.words("填报等级", "declared grade"), one.grade_declared),
            (out.words("应得等级", "computed grade"), one.grade_computed),
        ]
    )


# -------------------------------------------------------------------------------------- findings


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
    log: Log = None,
    unit: Unit = None,
    year: Year = None,
    code: Annotated[
        str | None,
        typer.Option(
            "--code", metavar=both("代码", "CODE"), help=both("疑点代码。", "Code of the check.")
        ),
    ] = None,
    class_: Annotated[
        str | None,
        typer.Option(
            "--class",
            metavar=both("类别", "CLASS"),
            help=both("矛盾、无依据或关注。", "CONTRADICTION, UNSUPPORTED or NOTICE."),
        ),
    ] = None,
    acknowledged: Annotated[
        bool | None,
        typer.Option(
            "--acknowledged/--open",
            help=both("只看已阅（或未阅）的。", "Only those acknowledged (or not)."),
        ),
    ] = None,
    limit: Limit = MOST,
    after: After = None,
    file_format: FileFormat = None,
    output: FileOutput = None,
    as_of: AsOf = None,
    effective_on: EffectiveOn = None,
    as_json: AsJson = False,
) -> None:
    """Show what the cross-checks find."""
    session = session_of(ctx)
    asked = session.gathered()
    chosen = asked.take(lambda: format_of(file_format, output))
    class_chosen = asked.take(lambda: choose(FindingClass, class_, "--class"))
    asked.given(after, lambda cursor: key_of(cursor, findings.Key, "--after"))

    def scope(reader: Reader) -> Scope:
        return reader.scope(log=log, unit=unit, year=year, evaluation=evaluation, spelt=_spelt)

    def known(reader: Reader) -> None:
        if evaluation is not None:
            reader.evaluation(evaluation)  # refused where it was not known then

    look = if_given(scope, log, unit, evaluation)
    hanging = if_given(known, evaluation)
    with session.open(as_of, effective_on, asked, look, hanging=hanging) as reader:
        named = scope(reader)
        known(reader)
        where = findings.FindingFilter(
            log_id=named.log_id,
            evaluation=named.evaluation,
            unit=named.unit,
            fiscal_year=year,
            code=code,
            class_=class_chosen,
            acknowledged=acknowledged,
        )
        questions = Questions(reader.liuhen, reader.moment, reader.effective_on)
        if chosen is not None:
            write_file(reader, lambda view: questions.file_of_findings(view, where), chosen, output)
            return
        with reader.liuhen.connection() as view:
            page = questions.findings(view, where, after, limit)
        if as_json:
            answer = {**reader.clocks(), "findings": page.rows, "after": page.after}
            write_json(answer)
            return
        reader.say_estimated()
        _findings(reader, page.rows)
        say_more(reader.out, page.after)


def _spelt(name: str) -> str:
    return "ID" if name == "evaluation" else option(name)


def _findings(reader: Reader, rows: Sequence[findings.FindingRow]) -> None:
    out = reader.out
    if not rows:
        out.line(out.words("没有疑点。", "There are no findings."))
    rank = {kind: place for place, kind in enumerate(FindingClass)}
    by_form: dict[str, list[findings.FindingRow]] = {}
    for row in rows:
        by_form.setdefault(row.evaluation, []).append(row)
    for form, some in by_form.items():
        out.heading(f"{title_of(out, reader.evaluation(form).evaluation)}  {form}")
        findings_list(out, sorted(some, key=lambda row: (rank[row.class_], row.ordinal)))
