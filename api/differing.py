"""What may be compared: a moment of an evaluation, an evaluation, a version of a rule set.

A moment is a date or a date-time, ``now``, a fact of the workflow (``submitted``, the second one
``submitted:2``), or a position of the log (``#120``).
"""

import re
from collections.abc import Iterable
from datetime import datetime

from api.bootstrap import Liuhen
from api.clocks import moment_of
from api.labels import fact_words
from api.logs import BEYOND_LOG
from domain.evaluation.problems import RULE_SET_UNKNOWN
from domain.ids import division_of
from domain.problems import Rejected, both, kind
from domain.values import Words
from projections import differences as d

MOMENT_UNKNOWN = kind(
    "diff.moment-unknown",
    422,
    zh="{id} 没有“{moment}”这一时点{known}",
    en="{id} has no moment {moment!r}{known}",
    do_zh="写日期（2025-03-12）、日期时间、now、submitted、published 等（第几次写作 submitted:2），"
    "或日志位置（#120）",
    do_en="write a date (2025-03-12), a date-time, now, submitted, published and so on (the second "
    "one as submitted:2), or a position of the log (#120)",
)
NOT_OPEN = kind(
    "diff.not-open",
    404,
    zh="{id} 在所写时点尚未建立",
    en="{id} was not open at the moment given",
    do_zh="写更晚的时点",
    do_en="give a later moment",
)
MILESTONES = ("evaluation-opened", "signed", "submitted", "returned", "finalised", "published")
_NAMES = {"opened": "evaluation-opened"} | {one: one for one in MILESTONES}
_POSITION = re.compile(r"#([0-9]{1,18})")


def position_of(
    liuhen: Liuhen, evaluation: str, text: str, place: str, as_of: datetime | None = None
) -> int:
    """The position of the log that a moment names, as far as the log was known ``as_of`` (None:
    now). Raises ``Rejected``: ``diff.moment-unknown``, ``as-of.malformed``,
    ``position.beyond-log``.
    """
    log_id, wanted = division_of(evaluation), text.strip()
    head = _known(liuhen, log_id, as_of)
    if wanted in {"now", "今", "现在", ""}:
        return head
    numbered = _POSITION.fullmatch(wanted)
    if numbered:
        if int(numbered[1]) > head:
            raise Rejected([BEYOND_LOG.at(place, log=log_id, position=numbered[1], head=head)])
        return int(numbered[1])
    name, _, nth = wanted.partition(":")
    kind_ = _NAMES.get(name) or _by_word(name)
    if kind_ is None:
        return min(liuhen.store.position_at(log_id, moment_of(wanted, place)), head)
    known = milestones(liuhen, evaluation, as_of)
    same = [one for one in known if one.kind == kind_]
    found = [one for one in same if not nth or str(one.number) == nth]
    if not found:
        raise Rejected(
            [
                MOMENT_UNKNOWN.at(
                    place,
                    id=evaluation,
                    moment=wanted,
                    known=_there_are(f"{one.kind}:{one.number}" for one in known),
                )
            ]
        )
    return found[-1].position


def _by_word(name: str) -> str | None:
    return next((one for one in MILESTONES if fact_words(one).zh == name), None)


def _known(liuhen: Liuhen, log_id: str, as_of: datetime | None) -> int:
    head = liuhen.store.head(log_id)
    return head if as_of is None else min(liuhen.store.position_at(log_id, as_of), head)


def milestones(liuhen: Liuhen, evaluation: str, as_of: datetime | None = None) -> list[d.Milestone]:
    """The facts that name a moment of an evaluation, as far as they were known ``as_of``."""
    log_id = division_of(evaluation)
    known = _known(liuhen, log_id, as_of)
    found = d.milestones(liuhen.store, log_id, evaluation)
    return [one for one in found if one.position <= known]


def usual_beginning(liuhen: Liuhen, evaluation: str, as_of: datetime | None = None) -> str:
    """What a comparison begins with where nothing is said: the last submission known ``as_of``,
    else the opening.
    """
    known = milestones(liuhen, evaluation, as_of)
    submitted = any(one.kind == "submitted" for one in known)
    return "submitted" if submitted else "opened"


def difference(
    liuhen: Liuhen,
    evaluation: str,
    other: str | None,
    begin: str | None,
    end: str | None,
    *,
    as_of: datetime | None = None,
    places: tuple[str, str] = ("from", "to"),
) -> d.Difference:
    """How an evaluation differs at two moments, or from another one, as far as was known ``as_of``.
    Raises ``Rejected``, at the ``places`` where the moments are given.
    """
    second = other or evaluation
    if begin is None:
        begin = "now" if other else usual_beginning(liuhen, evaluation, as_of)
    before, after = both(
        lambda: position_of(liuhen, evaluation, begin, places[0], as_of),
        lambda: position_of(liuhen, second, end or "now", places[1], as_of),
    )
    if second == evaluation:
        found = d.between(liuhen.store, division_of(evaluation), evaluation, before, after)
    else:
        found = d.of_two(
            liuhen.store,
            (division_of(evaluation), evaluation, before),
            (division_of(second), second, after),
        )
    if found is None:
        raise Rejected([NOT_OPEN.at(places[0], id=evaluation)])
    return found


def rule_sets(
    liuhen: Liuhen, before: str, after: str, *, places: tuple[str, str] = ("from", "to")
) -> d.RuleSetDifference:
    """How two versions of rule sets differ. Raises ``Rejected`` (``rule-set.unknown``)."""
    one, other = both(
        lambda: rule_set_named(liuhen, before, places[0]),
        lambda: rule_set_named(liuhen, after, places[1]),
    )
    return d.of_rule_sets(liuhen.store, one, other)


def rule_set_named(liuhen: Liuhen, wanted: str, place: str) -> d.Version:
    """The newest version that ``[log:]name[@version]`` names, those of logs before the product's.

    Raises ``Rejected`` (``rule-set.unknown``).
    """
    known = [one for log_id in liuhen.store.logs() for one in d.versions(liuhen.store, log_id)]
    known += [d.Version(one) for one in liuhen.shipped_rule_sets().values()]
    log_id, _, rest = wanted.strip().rpartition(":")
    name, _, version = rest.partition("@")
    found = [
        one
        for one in known
        if one.rule_set.name == name
        and version in {"", one.rule_set.version}
        and log_id in {"", one.log_id}
    ]
    if found:
        return max(found, key=lambda one: (one.log_id is not None, _stored_at(one)))
    names = dict.fromkeys(f"{one.rule_set.name}@{one.rule_set.version}" for one in known)
    raise Rejected([RULE_SET_UNKNOWN.at(place, name=wanted, near=_there_are(names))])


def _stored_at(one: d.Version) -> int:
    return one.recorded.position if one.recorded else 0


def _there_are(names: Iterable[str]) -> Words:
    found = list(names)
    if not found:
        return Words("", "")
    return Words(f"；有 {'、'.join(found)}", f"; there are {', '.join(found)}")
