"""``liuhen events``: the facts of a stream, as they lie in the log."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import typer

from api.cli.options import AsJson, AsOf, EffectiveOn
from api.cli.reader import Reader
from api.cli.session import if_given, session_of
from api.cli.speech import both
from api.labels import fact_words, words_of
from api.output import Output, number, points, text, word, write_json
from domain.facts import tag_of
from domain.facts.envelope import Place
from domain.facts.others import EntryCorrected
from domain.store import Recorded
from domain.values import Words


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
    effective_on: EffectiveOn = None,
    as_json: AsJson = False,
) -> None:
    """List the facts of a stream."""
    session = session_of(ctx)
    look = if_given(lambda one: one.facts(evaluation), evaluation)
    with session.open(as_of, effective_on, None, look, recorded=_RECORDED) as reader:
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


_RECORDED = Words("事实", "facts")


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
    if isinstance(fact, EntryCorrected):
        return _correction(out, fact)
    return " · ".join(_said(out, fact, one.envelope.source))


def _correction(out: Output, fact: EntryCorrected) -> str:
    """What a correction puts in place, and on which document."""
    void = [out.words("作废", "void")]
    what = void if fact.replacement is None else _said(out, fact.replacement, None)
    return " · ".join([*what, fact.document])


def _said(out: Output, fact: Any, source: Place | None) -> list[str]:  # noqa: ANN401 - any fact
    said = [words for name in _TOLD if (words := _field(out, name, getattr(fact, name, None)))]
    rows = getattr(fact, "rows", None)
    if rows:
        said.append(out.words(f"{len(rows)} 行", f"{len(rows)} rows"))
    figures = getattr(fact, "figures", None)
    if figures:
        said.append(out.words(f"{len(figures)} 个数", f"{len(figures)} figures"))
    place = getattr(fact, "place", None) or source
    if place:
        said.append(place.place)
    return said


_TOLD = (
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
)


def _field(out: Output, name: str, value: object) -> str:
    match value:
        case StrEnum():
            return out.of(words_of(value))
        case Decimal():
            return points(value)
        case int() if name == "amount":
            return f"{out.money(value)} {out.unit}"
        case tuple():
            return "/".join(map(str, value))
        case str():
            return value
        case _:
            return ""
