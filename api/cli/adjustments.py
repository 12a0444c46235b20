"""``liuhen adjustments``: 年中预算调整 across units, filtered, one by one or in sums."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002, PLR0917

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Annotated

import typer
from rich.text import Text

from api import asking
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
from api.cli.options import AsJson, AsOf, EffectiveOn, Log, Unit, Year, Yuan
from api.cli.reader import Reader, Scope
from api.cli.session import if_given, session_of
from api.cli.speech import both
from api.cli.wording import place_of, prose_of
from api.labels import in_rate, words_for, words_of
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
    Key,
    pages,
)
from projections.tables.paging import key_of

AMOUNT_MALFORMED = kind(
    "option.malformed-amount",
    422,
    zh="“{text}”不是金额",
    en="{text!r} is no amount",
    do_zh="写万元的数，至多六位小数，如 12.5",
    do_en="write 万元 with six decimals at most, such as 12.5",
)


def _text_option(name: str, metavar: str, zh: str, en: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, metavar=metavar, help=both(zh, en))
    return option


def adjustments(
    ctx: typer.Context,
    log: Log = None,
    unit: Unit = None,
    year: Year = None,
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
    asked = session.gathered()
    chosen = asked.take(lambda: format_of(file_format, output))
    by = [one for name in group_by or () if (one := asked.take(partial(_group_of, name)))]
    for given, value in (("--after", after), ("--format", file_format), ("--output", output)):
        if by and value is not None:
            alone = asking.GROUPS_ALONE.at(given, given=given, groups="--group-by")
            asked.problems.append(alone)
    kind_chosen = asked.take(lambda: choose(AdjustmentKind, kind_, "--kind"))
    source_chosen = asked.take(lambda: choose(FundSource, source, "--source"))
    way = asked.take(lambda: choose(Direction, direction, "--direction"))
    asked.take(lambda: asking.require_direction(kind_chosen, way, ("--kind", "--direction")))
    asked.given(month, lambda name: asking.month_of(name, "--month"))
    least_fen = asked.take(lambda: _amount(least, "--least"))
    most_fen = asked.take(lambda: _amount(most, "--most"))
    asked.take(lambda: asking.require_wan(least_fen, most_fen, ("--least", "--most")))
    asked.given(after, lambda cursor: key_of(cursor, Key, "--after"))

    def scope(reader: Reader) -> Scope:
        return reader.scope(log=log, division=division, unit=unit, year=year)

    look = if_given(scope, log, division, unit)
    with session.open(as_of, effective_on, asked, look) as reader:
        named = scope(reader)
        where = AdjustmentFilter(
            log_id=named.log_id,
            division=division,
            fiscal_year=year,
            project=project,
            kind=kind_chosen,
            source=source_chosen,
            month=month,
            document=document,
            direction=way,
            excluded=excluded,
            with_voided=with_voided,
            unit=named.unit,
            least_fen=least_fen,
            most_fen=most_fen,
        )
        if chosen is not None:
            questions = Questions(reader.liuhen, reader.moment, reader.effective_on)
            write_file(
                reader, lambda view: questions.file_of_adjustments(view, where), chosen, output
            )
            return
        out = session.output(yuan=yuan)
        if by:
            groups = reader.adjustment_groups(by, where)
            if as_json:
                write_json({**_clocks(reader), "group_by": by, "groups": groups})
            else:
                _groups(out, by, groups)
            return
        clocks = reader.moment, reader.effective_on
        with reader.liuhen.adjustments_at(*clocks, where=where) as connection:
            texts = reader.store.text_bodies
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
    return reader.undated_adjustments(where)


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


def _group_of(name: str) -> GroupBy | None:
    return choose(GroupBy, name, "--group-by")


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
            out.heading(f"{row.log_id}/{row.unit} {row.unit_name} {row.fiscal_year}")
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
                word("调整率", "rate", above=100),
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
        words_of(row.source) if row.source else "—",
        document,
        in_rate(row.excluded),
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
        # Only a month can be unknown; a virement has no source.
        return out.words("日期不明", "without a date") if by is GroupBy.MONTH else "—"
    if by is GroupBy.EXCLUDED:
        return in_rate(Exclusion(value))
    if by is GroupBy.UNIT:
        return f"{'、'.join(row.unit_names)} {value}"
    if by in _KEYS:
        return words_for(_KEYS[by], value)
    return value
