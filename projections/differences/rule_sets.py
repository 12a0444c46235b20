"""Two versions of a rule set, line by line: rules, rounding, bands, templates."""

from collections.abc import Iterator
from typing import Any

import msgspec

from domain.facts.others import RuleSetCopied, RuleSetPublished
from domain.scoring.rule_set import RuleSet
from domain.store import EventStore, Recorded
from domain.values import Words, plain
from projections.differences.course import cause_of
from projections.differences.rows import RuleChange, RuleSetDifference, RuleSetSide
from projections.tables import joined

_HEAD = Words("规则集", "rule set")
_ROUNDING = Words("取整", "rounding")
_BAND = Words("等级", "grade")
_RULE = Words("规则", "rule")
_TEMPLATE = Words("模板行", "template")
_PRESENT = "✓"


class Version(msgspec.Struct, frozen=True):
    """A version of a rule set, and the fact that brought it into a log; None for the product's."""

    rule_set: RuleSet
    log_id: str | None = None
    recorded: Recorded | None = None


def versions(store: EventStore, log_id: str) -> Iterator[Version]:
    """Every version that a log holds, in the order of the streams."""
    for stream in store.streams(log_id):
        if "/rule-sets/" not in stream:
            continue
        for recorded in store.read(log_id, stream):
            if isinstance(recorded.fact, RuleSetPublished | RuleSetCopied):
                yield Version(recorded.fact.rule_set, log_id, recorded)


def of_rule_sets(store: EventStore, before: Version, after: Version) -> RuleSetDifference:
    """What differs between two versions, and the facts that published them."""
    then, now = _statements(before.rule_set), _statements(after.rule_set)
    alone = _wholes(then) ^ _wholes(now)
    changes = [
        RuleChange(
            part=part,
            subject=subject,
            field=field,
            before=then.get((part, subject, field)),
            after=now.get((part, subject, field)),
        )
        for part, subject, field in dict.fromkeys([*then, *now])
        if then.get((part, subject, field)) != now.get((part, subject, field))
        # What only one version has is said once.
        and (not field or (part, subject) not in alone)
    ]
    return RuleSetDifference(
        before=_side(store, before), after=_side(store, after), changes=tuple(changes)
    )


_Statements = dict[tuple[Words, str, str], str]


def _wholes(found: _Statements) -> set[tuple[Words, str]]:
    return {(part, subject) for part, subject, field in found if not field}


def _statements(rules: RuleSet) -> _Statements:
    found: _Statements = {}

    def take(part: Words, subject: str, content: object) -> None:
        found[part, subject, ""] = _PRESENT
        for way, value in _leaves(msgspec.to_builtins(content)):
            found[part, subject, ".".join(way)] = value

    found[_HEAD, "", "title"] = rules.title
    if rules.document:
        found[_HEAD, "", "document"] = rules.document
    found[_HEAD, "", "total_points"] = plain(rules.total_points)
    take(_ROUNDING, "", rules.rounding)
    for field in ("places", "mode", "scope"):  # defaults are left out, and are rules too
        found[_ROUNDING, "", field] = str(getattr(rules.rounding, field))
    for band in rules.bands:
        take(_BAND, band.grade, {"low": plain(band.low)})
    for name, rule in rules.rules.items():
        take(_RULE, name, rule)
    for row in rules.templates:
        take(_TEMPLATE, "/".join(row.path), row)
    return found


def _leaves(value: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:  # noqa: ANN401 - any built-in may come
    match value:
        case dict():
            for name, part in value.items():
                yield from _leaves(part, (*way, str(name)))
        case list() if any(isinstance(part, dict | list) for part in value):
            for number, part in enumerate(value, start=1):
                yield from _leaves(part, (*way, str(number)))
        case list():
            yield way, "、".join(map(str, value))
        case _:
            yield way, str(value)


def _side(store: EventStore, one: Version) -> RuleSetSide:
    cause = None
    if one.recorded is not None and one.log_id is not None:
        [cause] = joined([cause_of(one.recorded)], store.text_bodies, one.log_id)
    return RuleSetSide(
        log_id=one.log_id,
        name=one.rule_set.name,
        version=one.rule_set.version,
        title=one.rule_set.title,
        digest=one.rule_set.digest,
        cause=cause,
    )
