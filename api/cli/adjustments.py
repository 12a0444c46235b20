"""``liuhen adjustments``: 年中预算调整 across units, filtered, one by one or in sums."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002, PLR0917

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated

import typer
from rich.text import Text
from sqlalchemy import Connection

from api.cli.exporting import (
    After,
    FileFormat,
    FileOutput,
    Limit,
    format_of,
    say_more,
    write_file,
)
from api.cli.options import AsJson, AsOf, EffectiveOn, Yuan
from api.cli.session import Reader, choose, near, session_of
from api.cli.speech import both
from api.cli.wording import place_of, prose_of
from api.labels import words_for, words_of
from api.output import Cell, Column, Output, number, text, word, write_json
from api.questions import MOST, Questions
from domain.facts.ledger import Exclusion, FundSource
from domain.problems import Rejected, kind
from domain.values import FEN_PER_UNIT
from projections.adjustments import (
    AdjustmentEntry,
    AdjustmentFilter,
    AdjustmentGroup,
    AdjustmentKind,
    Direction,
    GroupBy,
    group,
    list_for,
    money_of_units,
    pages,
)

MONTH_MALFORMED = kind(
    "option.malformed-month",
    422,
    zh="“{text}”不是月份",
    en="{text!r} is no month",
    do_zh="写作 2024-10；日期不明的写 unknown",
    do_en="write 2024-10, or unknown for entries without a date",
)
AMOUNT_MALFORMED = kind(
    "option.malformed-amount",
    422,
    zh="“{text}”不是金额",
    en="{text!r} is no amount",
    do_zh="写万元的数，至多六位小数，如 12.5",
    do_en="write 万元 with six decimals at most, such as 12.5",
)
UNIT_UNCLEAR = kind(
    "option.unknown-unit",
    404,
    zh="没有单位“{unit}”{near}",
    en="no unit, or not one alone, is {unit!r}{near}",
    do_zh="写单位代码，或名称中能与其他单位区别的字",
    do_en="give the unit's code, or a part of its name that no other has",
)


def _text_option(name: str, metavar: str, zh: str, en: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, metavar=metavar, help=both(zh, en))
    return option


def adjustments(
    ctx: typer.Context,
    unit: Annotated[
        str | None,
        _text_option(
            "--unit",
            both("单位", "UNIT"),
            "单位代码或名称中的字。",
            "Code of a unit, or a part of its name.",
        ),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option(
            "--year", metavar=both("年度", "YEAR"), help=both("财政年度。", "Fiscal year.")
        ),
    ] = None,
    division: Annotated[
        str | None,
        _text_option(
            "--division",
            both("区划", "CODE"),
            "区划代码，如 130104。",
            "Division code, such as 130104.",
        ),
    ] = None,
    project: Annotated[
        str | None,
        _text_option("--project", both("项目", "CODE"), "项目编码。", "Project code."),
    ] = None,
    kind_: Annotated[
        str | None,
        _text_option(
            "--kind",
            both("种类", "KIND"),
            "追加、追减、调剂或收回。",
            "supplemented, reduced, vired or clawed-back.",
        ),
    ] = None,
    source: Annotated[
        str | None,
        _text_option(
            "--source",
            both("来源", "SOURCE"),
            "上级专项、本级财力、预备费、结转或其他。",
            "EARMARKED_TRANSFER, LOCAL_OWN_RESOURCES, RESERVE_FUND, CARRIED_IN or OTHER.",
        ),
    ] = None,
    month: Annotated[
        str | None,
        _text_option(
            "--month",
            both("月份", "MONTH"),
            "业务月份，如 2024-10；日期不明的写 unknown。",
            "Month of business, such as 2024-10; unknown for entries without a date.",
        ),
    ] = None,
    document: Annotated[
        str | None,
        _text_option(
            "--document",
            both("文号", "NUMBER"),
            "文号，更正前的也算。",
            "Document number, those before a correction included.",
        ),
    ] = None,
    direction: Annotated[
        str | None,
        _text_option(
            "--direction", both("方向", "WAY"), "调增、调减或内部调剂。", "in, out or within."
        ),
    ] = None,
    excluded: Annotated[
        bool | None,
        typer.Option(
            "--excluded/--counted",
            help=both(
                "只看不计入（或计入）调整率的。",
                "Only those that do not (or do) count in the rate.",
            ),
        ),
    ] = None,
    with_voided: Annotated[
        bool,
        typer.Option("--with-voided", help=both("连同已作废的。", "Void ones as well.")),
    ] = False,
    group_by: Annotated[
        list[str] | None,
        typer.Option(
            "--group-by",
            metavar=both("分组", "BY"),
            help=both(
                "按 log、unit、month、source、kind、direction、excluded 汇总；可以重复。",
                "Sum by log, unit, month, source, kind, direction or excluded; can be repeated.",
            ),
        ),
    ] = None,
    least: Annotated[
        str | None,
        _text_option("--least", both("金额", "AMOUNT"), "至少多少万元。", "At least so many 万元."),
    ] = None,
    most: Annotated[
        str | None,
        _text_option("--most", both("金额", "AMOUNT"), "至多多少万元。", "At most so many 万元."),
    ] = None,
    limit: Limit = MOST,
    after: After = None,
    file_format: FileFormat = None,
    output: FileOutput = None,
    as_of: AsOf = None,
    effective_on: EffectiveOn = None,
    yuan: Yuan = False,
    as_json: AsJson = False,
) -> None:
    """Show the history of budget adjustments."""
    session = session_of(ctx)
    chosen = format_of(file_format, output)
    by = [one for name in group_by or () if (one := choose(GroupBy, name, "--group-by"))]
    with (
        session.open(as_of, effective_on) as reader,
        reader.liuhen.adjustments_at(
            reader.moment,
            reader.effective_on,
            where=AdjustmentFilter(division=division, fiscal_year=year),
        ) as connection,
    ):
        texts = reader.store.text_bodies
        where = AdjustmentFilter(
            division=division,
            fiscal_year=year,
            project=project,
            kind=choose(AdjustmentKind, kind_, "--kind"),
            source=choose(FundSource, source, "--source"),
            month=_month(month),
            document=document,
            direction=choose(Direction, direction, "--direction"),
            excluded=excluded,
            with_voided=with_voided,
            unit=_unit(connection, unit),
            least_fen=_amount(least, "--least"),
            most_fen=_amount(most, "--most"),
        )
        if chosen is not None:
            questions = Questions(reader.liuhen, reader.moment, reader.effective_on)
            write_file(
                reader, lambda view: questions.file_of_adjustments(view, where), chosen, output
            )
            return
        out = session.output(yuan=yuan)
        if by:
            groups = group(connection, by, where)
            if as_json:
                write_json({**_clocks(reader), "group_by": by, "groups": groups})
            else:
                _groups(out, by, groups)
            return
        page = pages(connection, texts, where, after=after, limit=limit)
        apart = _without_date(reader, where)
        if as_json:
            undated = {} if apart is None else {"undated": apart}
            answer = {"adjustments": page.rows, "after": page.after}
            write_json({**_clocks(reader), **answer, **undated})
            return
        if reader.effective_on:
            day = reader.effective_on
            out.line(out.words(f"计到业务日期 {day}（含）", f"Counted until {day}"), style="bold")
        _entries(out, page.rows)
        say_more(out, page.after)
        if apart:
            out.heading(out.words("日期不明，未计入", "Without a date, not counted"))
            _entries(out, apart)


def _clocks(reader: Reader) -> dict[str, object]:
    """Adjustments are money: nothing about them is estimated."""
    return {name: value for name, value in reader.clocks().items() if name != "estimated"}


def _without_date(reader: Reader, where: AdjustmentFilter) -> list[AdjustmentEntry] | None:
    """The adjustments that no business date counts; None where none was asked for."""
    if reader.effective_on is None:
        return None
    with reader.liuhen.adjustments_at(reader.moment, undated=True, where=where) as connection:
        return list_for(connection, reader.store.text_bodies, where)


def _amount(given: str | None, option: str) -> int | None:
    """万元 as whole fen. Raises ``Rejected`` for what is no amount."""
    if given is None:
        return None
    if not _DECIMAL.fullmatch(given):
        raise Rejected([AMOUNT_MALFORMED.at(option, text=given)])
    fen = Fraction(given) * FEN_PER_UNIT["万元"]
    if fen.denominator != 1:
        raise Rejected([AMOUNT_MALFORMED.at(option, text=given)])
    return int(fen)


_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")


def _month(given: str | None) -> str | None:
    if given is not None and given != "unknown" and not _MONTH.fullmatch(given):
        raise Rejected([MONTH_MALFORMED.at("--month", text=given)])
    return given


_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def _unit(connection: Connection, wanted: str | None) -> str | None:
    """The code of a unit by code or name. Raises ``Rejected`` for none, and for several."""
    if wanted is None:
        return None
    names = {one.unit: one.unit_name for one in money_of_units(connection)}
    if wanted in names:
        return wanted
    found = [unit for unit, name in names.items() if wanted in name]
    if len(found) == 1:
        return found[0]
    close = [f"{unit} {names[unit]}" for unit in found or names]
    raise Rejected([UNIT_UNCLEAR.at("--unit", unit=wanted, near=near(close))])


def _fen(wan: str | None) -> int | None:
    """The 万元 of an answer in fen, which the screen shows in either unit."""
    return None if wan is None else int(Fraction(wan) * FEN_PER_UNIT["万元"])


def _entries(out: Output, entries: Sequence[AdjustmentEntry]) -> None:
    if not entries:
        out.line(out.words("没有符合条件的预算调整。", "There is no such adjustment."))
        return
    seen = ""
    rows: list[list[Cell]] = []
    for entry in entries:
        row = entry.row
        if row.ledger != seen:
            _table(out, rows)
            rows, seen = [], row.ledger
            out.heading(f"{row.unit_name} {row.fiscal_year}")
            out.line(
                out.words(
                    f"年初 {out.money(_fen(entry.initial))} {out.unit}，"
                    f"上年结转 {out.money(_fen(entry.carried_in))} {out.unit}",
                    f"initial {out.money(_fen(entry.initial))}, "
                    f"carried in {out.money(_fen(entry.carried_in))} ({out.unit})",
                )
            )
        rows.append(_entry(out, entry))
    _table(out, rows)


def _table(out: Output, rows: Sequence[Sequence[Cell]]) -> None:
    if rows:
        out.table(
            [
                word("日期", "date"),
                word("种类", "kind"),
                number("金额", "amount"),
                number("余额", "balance"),
                text("来源", "source", ratio=2, above=100),
                text("文号", "document", ratio=3),
                word("调整率", "in the rate", above=100),
                text("说明", "remarks", ratio=4),
            ],
            rows,
        )


def _entry(out: Output, entry: AdjustmentEntry) -> list[Cell]:
    row = entry.row
    undated = out.words("日期不明", "undated")
    document: Cell = row.document or Text(out.words("无文号", "no paper"), style="bold red")
    return [
        str(row.effective_to) if row.effective_to else undated,
        words_of(row.kind),
        out.money(_fen(entry.amount), signed=True),
        out.money(_fen(entry.balance)),
        words_of(row.source) if row.source else "",
        document,
        words_of(row.excluded),
        "；".join(part for part in _remarks(out, entry) if part),
    ]


def _remarks(out: Output, entry: AdjustmentEntry) -> list[str]:
    row = entry.row
    chain = ""
    if row.voided:
        chain = out.words("已作废", "void")
    elif row.corrected:
        was = " → ".join(out.money(_fen(amount)) or "—" for amount in entry.chain)
        chain = out.words(f"更正：{was}", f"corrected: {was}")
    within = out.words("内部调剂", "within the unit") if row.direction is Direction.WITHIN else ""
    return [within, prose_of(out, row.reason), chain, place_of(row.place)]


_KEYS = {
    GroupBy.SOURCE: FundSource,
    GroupBy.KIND: AdjustmentKind,
    GroupBy.DIRECTION: Direction,
    GroupBy.EXCLUDED: Exclusion,
}


def _groups(out: Output, by: Sequence[GroupBy], groups: Sequence[AdjustmentGroup]) -> None:
    if not groups:
        out.line(out.words("没有符合条件的预算调整。", "There is no such adjustment."))
        return
    out.line(out.words(f"金额单位：{out.unit}", f"Amounts in {out.unit}"))
    out.table(
        [
            *(Column(words_of(one), ratio=2) for one in by),
            number("笔数", "count"),
            number("总额", "gross"),
            number("净额", "net"),
            number("调增", "increased", above=100),
            number("调减", "decreased", above=100),
            number("不计入", "excluded", above=100),
            number("年初", "initial"),
            number("调整率%", "rate %"),
            number("净调整率%", "net rate %", above=100),
        ],
        [
            [
                *(_key(out, one, value, row) for one, value in zip(by, row.key, strict=True)),
                str(row.count),
                out.money(_fen(row.gross)),
                out.money(_fen(row.net), signed=True),
                out.money(_fen(row.increased)),
                out.money(_fen(row.decreased)),
                out.money(_fen(row.excluded)),
                out.money(_fen(row.initial)),
                row.rate or "—",
                row.net_rate or "—",
            ]
            for row in groups
        ],
    )


def _key(out: Output, by: GroupBy, value: str | None, row: AdjustmentGroup) -> Cell:
    if value is None:
        return out.words("不明", "unknown")
    if by is GroupBy.UNIT:
        return f"{'、'.join(row.unit_names)} {value}"
    if by in _KEYS:
        return words_for(_KEYS[by], value)
    return value
