"""``liuhen rules``: the rule sets that divisions have published, and those of the product."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002

import json
from collections.abc import Iterator
from typing import Annotated

import typer
from msgspec import Struct

from api.cli.naming import near
from api.cli.options import AsJson, AsOf, EffectiveOn
from api.cli.reader import Reader
from api.cli.session import if_given, session_of
from api.cli.speech import both
from api.labels import words_of
from api.output import Output, as_builtins, number, points, shorten, text, word, write_json
from domain.evaluation.problems import RULE_SET_UNKNOWN
from domain.facts.others import RuleSetCopied, RuleSetPublished
from domain.ids import rule_set_stream
from domain.problems import Rejected
from domain.scoring.rule_set import RuleSet
from domain.values import Words


class Known(Struct, frozen=True, kw_only=True):
    """A rule set, and where: the log that published it, or None for one of the product."""

    log_id: str | None
    digest: str
    rule_set: RuleSet


def rules(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar=both("名称", "NAME"),
            help=both(
                "规则集名称；不写则列出全部。", "Name of a rule set; all are listed when left out."
            ),
        ),
    ] = None,
    as_of: AsOf = None,
    effective_on: EffectiveOn = None,
    as_json: AsJson = False,
) -> None:
    """List the rule sets."""

    def named(reader: Reader) -> list[Known]:
        return _named(reader, name)

    session = session_of(ctx)
    look = if_given(named, name)
    with session.open(as_of, effective_on, None, look, recorded=_RECORDED) as reader:
        found = named(reader)
        if as_json:
            write_json({"as_of": reader.moment, "rule_sets": found})
        elif name is None:
            _list(reader.out, found)
        else:
            for one in found:
                _show(reader.out, one)


_RECORDED = Words("规则集", "rule sets")


def _named(reader: Reader, name: str | None) -> list[Known]:
    """The rule sets with a name, or all. Raises ``Rejected`` (``rule-set.unknown``)."""
    known = list(_published(reader))
    stored = {one.digest for one in known}
    known += [
        Known(log_id=None, digest=one.digest, rule_set=one)
        for one in reader.liuhen.shipped_rule_sets().values()
        if one.digest not in stored
    ]
    found = [one for one in known if name in {None, one.rule_set.name}]
    if not found and name is not None:
        names = [one.rule_set.name for one in known]
        close = [one for one in names if name in one or one in name] or names
        raise Rejected([RULE_SET_UNKNOWN.at("NAME", name=name, near=near(close))])
    return found


def _published(reader: Reader) -> Iterator[Known]:
    for log_id in reader.store.logs():
        position = reader.position(log_id)
        for stream in reader.store.streams(log_id, rule_set_stream(log_id, "")):
            for one in reader.store.read(log_id, stream, upto_position=position):
                if isinstance(one.fact, RuleSetPublished | RuleSetCopied):
                    fact = one.fact
                    yield Known(log_id=log_id, digest=fact.digest, rule_set=fact.rule_set)


def _list(out: Output, found: list[Known]) -> None:
    out.table(
        [
            word("名称", "name"),
            word("版本", "version"),
            text("标题", "title", ratio=4),
            word("日志", "log"),
            number("规则", "rules"),
            word("取整", "rounding", above=100),
            text("等级", "grades", ratio=3, above=100),
        ],
        [
            (
                one.rule_set.name,
                one.rule_set.version,
                one.rule_set.title,
                one.log_id or out.words("随附", "product"),
                str(len(one.rule_set.rules)),
                _rounding(out, one.rule_set),
                _bands(out, one.rule_set),
            )
            for one in found
        ],
    )


def _rounding(out: Output, rules: RuleSet) -> str:
    rounding = rules.rounding
    mode, scope = out.of(words_of(rounding.mode)), out.of(words_of(rounding.scope))
    return out.words(f"{rounding.places} 位{mode}，{scope}", f"{rounding.places} {mode}, {scope}")


def _bands(out: Output, rules: RuleSet) -> str:
    return out.join(f"{band.grade}≥{points(band.low)}" for band in rules.bands)


def _show(out: Output, one: Known) -> None:
    rules = one.rule_set
    out.heading(f"{rules.name} {rules.version}  {rules.title}")
    out.pairs(
        [
            (out.words("文号", "document"), rules.document),
            (out.words("日志", "log"), one.log_id or out.words("随附", "product")),
            (out.words("摘要", "digest"), shorten(one.digest, 16)),
            (out.words("取整", "rounding"), _rounding(out, rules)),
            (out.words("等级", "grades"), _bands(out, rules) or out.words("未规定", "none given")),
        ]
    )
    out.table(
        [
            text("规则", "rule", ratio=2),
            word("方法", "method"),
            text("参数", "parameters", ratio=5),
        ],
        [
            (name, str(rule.__struct_config__.tag), _parameters(rule))
            for name, rule in rules.rules.items()
        ],
    )


def _parameters(rule: Struct) -> str:
    """The parameters of a rule as its file writes them, defaults left out."""
    content = as_builtins(rule)
    content.pop("rule", None)
    return json.dumps(content, ensure_ascii=False)[1:-1].replace('"', "")
