"""``liuhen year``: how a fiscal year stood, in one jurisdiction or in all."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002, PLR0917

import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
import typer

from api.cli.options import AsJson, AsOf, EffectiveOn, Log, Yuan
from api.cli.reader import Reader
from api.cli.session import if_given, session_of
from api.cli.speech import both
from api.clocks import ESTIMATED_INSTEAD
from api.estimates import estimate_of
from api.labels import words_of
from api.output import Cell, Output, as_builtins, number, points, word, write_json
from domain.problems import kind
from domain.values import Words
from projections import standing

TWO_YEARS = kind(
    "year.two-at-once",
    422,
    zh="--grades 和 --estimate 只能写一个",
    en="give --grades or --estimate, not both",
    do_zh="分两次运行",
    do_en="run them one after the other",
)


def year(
    ctx: typer.Context,
    fiscal_year: Annotated[
        int,
        typer.Argument(
            metavar=both("年度", "YEAR"),
            min=1900,
            max=2099,
            help=both("财政年度，如 2024。", "Fiscal year, such as 2024."),
        ),
    ],
    log: Log = None,
    as_of: AsOf = None,
    effective_on: EffectiveOn = None,
    estimate: Annotated[
        bool,
        typer.Option(
            "--estimate",
            help=both(
                "逐份当场推算得分，算出一份输出一份；与 --json 合用时每行一个 JSON。",
                "Estimate every score on the spot, one evaluation after another; with --json one "
                "object a line.",
            ),
        ),
    ] = False,
    grades: Annotated[
        bool,
        typer.Option(
            "--grades",
            help=both(
                "只看等级分布：各日志各等级的份数，全省也即刻给出。",
                "Only how many evaluations are of each grade in each log; at once for a province too.",
            ),
        ),
    ] = False,
    yuan: Yuan = False,
    as_json: AsJson = False,
) -> None:
    """Show how a year stood."""
    session = session_of(ctx)
    asked = session.gathered()
    if grades and estimate:
        asked.problems.append(TWO_YEARS.at("--grades"))

    with session.open(
        as_of,
        effective_on,
        asked,
        if_given(lambda one: one.scope(log=log), log),
        recorded=_GRADES if grades else None,
        instead=ESTIMATED_INSTEAD,
    ) as reader:
        with reader.liuhen.connection() as connection:
            at = reader.liuhen.logs.positions(connection, reader.moment, log)
            if grades:
                now = reader.moment is None
                graded = standing.distribution(connection, at, fiscal_year, now=now)
            elif estimate:
                listed = standing.listed(connection, at, fiscal_year, reader.effective_on)
            else:
                found = standing.year(connection, at, fiscal_year, reader.effective_on)
        out = session.output(yuan=yuan)
        if grades and as_json:
            write_json({**_clocks(reader), **_parts(graded)})
        elif grades:
            _graded(out, reader, graded)
        elif estimate:
            _estimates(out, reader, listed, at, as_json=as_json)
        elif as_json:
            write_json({**_clocks(reader), **_parts(found)})
        else:
            _year(out, reader, found)


_GRADES = Words("等级分布", "distributions of grades")


def _clocks(reader: Reader) -> dict[str, object]:
    """The scores of a year are those stored, unless they are estimated one by one."""
    return {name: value for name, value in reader.clocks().items() if name != "estimated"}


def _parts(found: msgspec.Struct) -> dict[str, object]:
    return {name: getattr(found, name) for name in found.__struct_fields__}


def _year(out: Output, reader: Reader, found: standing.Years) -> None:
    out.heading(out.words(f"{found.fiscal_year} 年度", f"Fiscal year {found.fiscal_year}"))
    day = reader.effective_on
    out.pairs(
        [
            (out.words("当时", "as of"), out.moment(reader.moment, seconds=True)),
            (
                out.words("计到", "counted until"),
                out.words(
                    f"{day}（业务日期，含）；得分是入库的，推算用 --estimate",
                    f"{day}; scores are those stored, --estimate estimates them",
                )
                if day
                else None,
            ),
        ]
    )
    columns = [
        word("日志", "log"),
        number("位置", "position"),
        number("单位", "units"),
        number("自评", "forms"),
        number("年初", "initial", above=100),
        number("全年", "adjusted"),
        number("执行", "spent"),
        number("执行率%", "spent %"),
        number("调整率%", "rate %", above=100),
        number("净调整率%", "net rate %", above=120),
        number("平均分", "mean"),
    ]
    rows = [_row(out, one.log_id, str(one.position), one) for one in found.logs]
    together = out.words("合计", "all")
    out.line(out.words(f"金额单位：{out.unit}", f"Amounts in {out.unit}"))
    out.table(columns, [*rows, _row(out, together, "", found)], footer=True)
    forms = found.forms
    out.pairs(
        [
            (
                out.words("状态", "states"),
                out.join(f"{out.of(words_of(one))} {n}" for one, n in forms.by_status.items()),
            ),
            (
                out.words("等级", "grades"),
                out.join(
                    f"{grade or out.words('无', 'none')} {n}" for grade, n in forms.by_grade.items()
                ),
            ),
            (out.words("比率和平均", "rates and mean"), _denominators(out, found)),
            (
                out.words("日期不明，未计入", "without a date, not counted"),
                _apart(out, found.undated) if found.undated else None,
            ),
        ]
    )


def _denominators(out: Output, found: standing.Years) -> str:
    """Of how many units the rates speak, and of how many forms the mean."""
    booked, forms = found.units - found.declared_units, found.forms
    rates = out.words(f"{found.units} 个单位全部有台账", f"all {found.units} units have books")
    if found.declared_units:
        rates = out.words(
            f"执行率按 {found.units} 个单位计，其中 {found.declared_units} 个只有填报数；"
            f"调整率、净调整率只按有台账的 {booked} 个单位计",
            f"spent % of {found.units} units, {found.declared_units} of them with declared figures "
            f"only; adjustment rates of the {booked} units with books",
        )
    mean = out.words(
        f"平均分按有总分的 {forms.scored} 份计（共 {forms.count} 份）",
        f"mean of the {forms.scored} forms with a total ({forms.count} in all)",
    )
    return f"{rates}{out.words('；', '; ')}{mean}"


def _graded(out: Output, reader: Reader, found: standing.Distribution) -> None:
    out.heading(out.words(f"{found.fiscal_year} 年度", f"Fiscal year {found.fiscal_year}"))
    out.pairs([(out.words("当时", "as of"), out.moment(reader.moment, seconds=True))])
    named = list(found.together.by_grade)
    columns = [
        word("日志", "log"),
        number("位置", "position"),
        number("自评", "forms"),
        *(number(one or "无", one or "none") for one in named),
    ]
    rows = [
        [
            one.log_id or out.words("合计", "all"),
            "" if one.position is None else str(one.position),
            str(one.count),
            *(str(one.by_grade.get(grade, 0)) for grade in named),
        ]
        for one in (*found.logs, found.together)
    ]
    out.table(columns, rows, footer=True)


def _row(out: Output, name: str, position: str, one: standing.Year | standing.Years) -> list[Cell]:
    money = one.money
    return [
        name,
        position,
        str(one.units),
        str(one.forms.count),
        out.money(money.initial),
        out.money(money.adjusted),
        out.money(money.spent),
        money.execution_rate or "—",
        money.adjustment_rate or "—",
        money.net_rate or "—",
        one.forms.mean_total or "—",
    ]


def _apart(out: Output, undated: standing.Money) -> str:
    named = (
        (out.words("年初", "initial"), undated.initial),
        (out.words("调增", "increased"), undated.increased),
        (out.words("调减", "decreased"), undated.decreased),
        (out.words("执行", "spent"), undated.spent),
    )
    return out.join(f"{name} {out.money(fen)}" for name, fen in named if fen)


def _estimates(
    out: Output,
    reader: Reader,
    listed: Sequence[standing.Listed],
    at: Mapping[str, int],
    *,
    as_json: bool,
) -> None:
    """Each evaluation as soon as it is estimated: nothing is kept."""
    stored = {one.form.id: one.form.total for one in listed}
    if not as_json:
        reader.say_estimated()
    for one in reader.liuhen.estimates(listed, at, reader.effective_on):
        if as_json:
            line = as_builtins({**_clocks(reader), **estimate_of(one, stored[one.id])})
            sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
            continue
        grade = one.grade_computed or ""
        out.line(
            out.words(
                f"{one.id}  {one.unit_name}  推算 {points(one.computed_total, '—')} {grade}"
                f"（入库 {points(stored[one.id], '—')}）",
                f"{one.id}  {one.unit_name}  estimated {points(one.computed_total, '—')} {grade} "
                f"(stored {points(stored[one.id], '—')})",
            )
        )
