"""``liuhen diff`` and ``liuhen diff-rules``: what differs, and the facts that brought it."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002

from enum import StrEnum
from functools import partial
from itertools import groupby
from typing import Annotated

import typer
from rich.text import Text

from api import differing
from api.cli.options import AsJson, AsOf, EffectiveOn, EvaluationId
from api.cli.reader import Reader
from api.cli.session import if_given, session_of
from api.cli.speech import both
from api.cli.wording import place_of, prose_of
from api.labels import fact_words, words_of
from api.output import Output, shorten, text, word, write_json
from domain.problems import Gathered
from domain.values import Words
from projections import differences as d
from projections.tables import Prose


def diff(
    ctx: typer.Context,
    evaluation: EvaluationId,
    other: Annotated[
        str | None,
        typer.Argument(
            metavar=both("另一编号", "OTHER"),
            help=both(
                "与之比较的另一份自评；不写则比较同一份的两个时点。",
                "Another self-evaluation to compare with; two moments of one when left out.",
            ),
        ),
    ] = None,
    *,
    begin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar=both("时点", "MOMENT"),
            help=both(
                "前一时点：日期、日期时间、now、submitted、published、signed、returned、finalised、"
                "opened（第几次写作 submitted:2），或日志位置 #120。默认为最近一次报送，没有则为建立时。",
                "The earlier moment: a date, a date-time, now, submitted, published, signed, "
                "returned, finalised, opened (the second one as submitted:2), or a position #120. "
                "By default the last submission, else the opening.",
            ),
        ),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar=both("时点", "MOMENT"),
            help=both(
                "后一时点，写法相同；默认为现在，或 --as-of 的时候。",
                "The later moment; by default now, or that of --as-of.",
            ),
        ),
    ] = None,
    as_of: AsOf = None,
    effective_on: EffectiveOn = None,
    as_json: AsJson = False,
) -> None:
    """Show what differs between two moments, or two evaluations."""
    session = session_of(ctx)
    first, second = _id_of(evaluation), _id_of(other)

    def moments(reader: Reader) -> None:
        asked = Gathered()
        liuhen, known = reader.liuhen, reader.moment
        asked.given(first, reader.log_of)
        asked.given(second, lambda one: reader.log_of(one, "OTHER"))
        if first is not None and begin is not None:
            asked.take(lambda: differing.position_of(liuhen, first, begin, "--from", known))
        last = second or first
        if last is not None and end is not None:
            asked.take(lambda: differing.position_of(liuhen, last, end, "--to", known))
        asked.refuse()

    look = if_given(moments, first, second)
    with session.open(as_of, effective_on, None, look, recorded=_RECORDED) as reader:
        assert first is not None  # noqa: S101 - else it was refused
        found = differing.difference(
            reader.liuhen,
            first,
            second,
            begin,
            end,
            as_of=reader.moment,
            places=("--from", "--to"),
        )
        if as_json:
            write_json(found)
            return
        _show(reader.out, found)


def _id_of(text: str | None) -> str | None:
    return None if text is None else text.strip().strip("/")


_RECORDED = Words("差异", "differences")


def _show(out: Output, found: d.Difference) -> None:
    for sign, side in (("−", found.before), ("+", found.after)):
        out.line(f"{sign} {_side(out, side)}", style="bold")
    if not found.changes:
        out.line(out.words("没有差异。", "Nothing differs."))
        return
    for part, changes in groupby(found.changes, key=lambda one: one.part):
        out.heading(out.of(part.words))
        out.table(
            [
                text("对象", "what", ratio=4),
                text("前", "before", ratio=4),
                text("后", "after", ratio=4),
                text("由何事实", "brought by", ratio=6),
            ],
            [
                (
                    f"{out.of(one.name)} · {out.of(one.label)}",
                    Text(value_words(out, one.before), style="red"),
                    Text(value_words(out, one.after), style="green"),
                    "\n".join(cause_words(out, cause) for cause in one.facts) + _more(out, one),
                )
                for one in changes
            ],
        )
    out.line(out.words(f"共 {len(found.changes)} 处。", f"{len(found.changes)} differences."))


def _side(out: Output, side: d.Side) -> str:
    what = f"{side.unit_name} {side.fiscal_year} {side.project_name or ''}".strip()
    at = out.words(f"日志位置 {side.position}", f"position {side.position}")
    if side.fact is None:
        return f"{what}  {side.evaluation}  {at}"
    said = f"{out.of(fact_words(side.fact.type))} {out.moment(side.fact.recorded_at)}"
    return f"{what}  {side.evaluation}  {at}（{said}）"


def value_words(out: Output, value: d.Value | None) -> str:
    """A value as people read it; a dash where there is none."""
    match value:
        case None:
            return "—"
        case StrEnum():
            return out.of(words_of(value))
        case Prose():
            return value.in_(out.lang)
        case Words():
            return out.of(value)
        case _:
            return shorten(value, 16) if _is_digest(value) else value


def _is_digest(value: str) -> bool:
    return len(value) == 64 and not value.strip("0123456789abcdef")  # noqa: PLR2004 - SHA-256


def cause_words(out: Output, cause: d.Cause) -> str:
    """A fact: what, where in the log, who in what role, when, on what document, why."""
    fact = cause.fact
    return " ".join(
        part
        for part in (
            f"{out.of(fact_words(fact.type))} #{fact.position}",
            out.moment(fact.recorded_at),
            f"{out.of(words_of(fact.role))} {fact.actor}",
            fact.document or place_of(fact.place),
            prose_of(out, cause.reason),
        )
        if part
    )


def _more(out: Output, one: d.Change) -> str:
    if not one.more:
        return ""
    return "\n" + out.words(f"另有 {one.more} 条", f"and {one.more} more")


# --------------------------------------------------------------------------------------- rule sets


def diff_rules(
    ctx: typer.Context,
    before: Annotated[
        str,
        typer.Argument(
            metavar=both("规则集", "RULES"),
            help=both(
                "名称、名称@版本，或 日志:名称@版本；不写版本则取最新。",
                "name, name@version, or log:name@version; the newest without a version.",
            ),
        ),
    ],
    after: Annotated[
        str,
        typer.Argument(
            metavar=both("另一规则集", "OTHER"),
            help=both(
                "与之比较的一版，写法相同。", "The version to compare with, in the same way."
            ),
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Show what differs between two versions of a rule set, line by line."""

    def named(reader: Reader) -> None:
        asked = Gathered()
        for wanted, place in ((before, "RULES"), (after, "OTHER")):
            asked.given(wanted, partial(differing.rule_set_named, reader.liuhen, place=place))
        asked.refuse()

    session = session_of(ctx)
    with session.open(None, None, None, hanging=if_given(named, before, after)) as reader:
        found = differing.rule_sets(reader.liuhen, before, after, places=("RULES", "OTHER"))
        if as_json:
            write_json(found)
            return
        out = reader.out
        for sign, side in (("−", found.before), ("+", found.after)):
            out.line(f"{sign} {_rules(out, side)}", style="bold")
        if not found.changes:
            out.line(out.words("没有差异。", "Nothing differs."))
            return
        out.table(
            [
                word("部分", "part"),
                text("对象", "what", ratio=3),
                text("前", "before", ratio=4),
                text("后", "after", ratio=4),
            ],
            [
                (
                    out.of(one.part),
                    f"{one.subject} {one.field}".strip(),
                    Text(one.before or "—", style="red"),
                    Text(one.after or "—", style="green"),
                )
                for one in found.changes
            ],
        )
        out.line(out.words(f"共 {len(found.changes)} 处。", f"{len(found.changes)} differences."))


def _rules(out: Output, side: d.RuleSetSide) -> str:
    where = side.log_id or out.words("随附", "product")
    fact = f"  {cause_words(out, side.cause)}" if side.cause else ""
    return f"{side.name} {side.version}  {side.title}  {where}  {shorten(side.digest)}{fact}"
