"""What an earlier import stored, and what the file says now: where they differ, and how."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from domain import commands as c
from domain.application import handle
from domain.facts import tag_of
from domain.facts.form import ScoreCalculated
from domain.importing.step import PREFIX, Scene, Step, placed, stored_by
from domain.problems import Problem, Rejected, kind
from domain.store import EventStore, Recorded
from domain.values import Words, wan

CONTENT_CHANGED = kind(
    "import.content-changed",
    409,
    zh="{entry}：已导入的是{before}，文件现为{after}",
    en="{entry}: imported was {before}, the file now says {after}",
    do_zh="已导入的内容不会被改写。原来录入有误的，用“更正”并写明依据；文件改错了的，恢复原样再导入",
    do_en="what was imported is never rewritten: correct the entry on a document, or restore the "
    "file and import it again",
)
MORE_CHANGES = kind(
    "import.more-changes",
    409,
    zh="另有 {count} 处不同",
    en="{count} further differences",
    do_zh="先处理以上各处",
    do_en="deal with those above first",
)
_ABSENT, _PRESENT = Words("没有", "absent"), Words("有", "present")
_SHOWN = 40
_WAY_TO_A_ROW = 3


def at_most(problems: Sequence[Problem]) -> Sequence[Problem]:
    """``problems``, with no more differences than a person reads."""
    changed = [problem for problem in problems if problem.code == CONTENT_CHANGED.code]
    rest = [problem for problem in problems if problem.code != CONTENT_CHANGED.code]
    if len(changed) <= _SHOWN:
        return problems
    more = MORE_CHANGES.at(changed[_SHOWN].place, count=len(changed) - _SHOWN)
    return [*rest, *changed[:_SHOWN], more]


def parts_changed(store: EventStore, plans: Sequence[tuple[str, list[Step]]]) -> Iterator[Problem]:
    """Parts that an import of the same form had and this one has not, or the other way round."""
    for cause, plan in plans:
        if not isinstance(plan[0].command, c.OpenEvaluation):
            continue  # several documents may speak of one ledger, each with a part of it
        history = store.read(plan[0].log_id, plan[0].stream)
        causes = {
            one.envelope.causation
            for one in history
            if one.envelope.command_id.startswith(f"{PREFIX}/")
        }
        before = next((one for one in causes if one), cause)
        if before == cause:
            continue
        then = before.removeprefix(f"{PREFIX}: ").split()
        now = [step.name for step in plan]
        for name in [*(n for n in then if n not in now), *(n for n in now if n not in then)]:
            was, is_ = (_PRESENT, _ABSENT) if name in then else (_ABSENT, _PRESENT)
            yield CONTENT_CHANGED.at(
                plan[0].place, entry=_PARTS.get(name, Words(name, name)), before=was, after=is_
            )


_PARTS = {
    "rule-set": Words("规则集", "the rule set"),
    "rows": Words("绩效指标各行", "the rows"),
    "figures": Words("填报数额", "the declared figures"),
    "evidence": Words("佐证材料", "the evidence"),
    "actuals": Words("实际完成值", "the actual values"),
    "scores": Words("填报得分", "the declared scores"),
    "reasons": Words("扣分原因和改进措施", "the reasons and measures"),
    "problems": Words("存在问题", "the problems"),
    "calculation": Words("计分", "the calculation"),
}


def differences(scene: Scene, step: Step, stored: Sequence[Recorded]) -> list[Problem]:
    """What the facts of ``step`` stored before and those it would make now say differently."""
    position = stored[0].position - 1 if stored else scene.store.head(step.log_id)
    past = scene.rehearse(scene.store, {step.log_id: position})
    try:
        handle(past, step.command, scene.context, command_id=step.command_id, tools=scene.tools)
    except Rejected as rejected:
        return [placed(step, problem) for problem in rejected.problems]
    fresh = stored_by(past, step)
    before = _leaves(scene.store, step.log_id, stored)
    after = _leaves(past, step.log_id, fresh)
    parts = {label: f"entries[{index}]" for index, label in enumerate(_labels(fresh))}
    then, now = {way[0] for way in before}, {way[0] for way in after}
    whole = [
        label for label in dict.fromkeys([*_labels(stored), *parts]) if label not in then & now
    ]
    return [
        CONTENT_CHANGED.at(
            _place_of(step, parts.get(label, ""), (label,)),
            entry=_entry((label,)),
            before=_PRESENT if label in then else _ABSENT,
            after=_PRESENT if label in now else _ABSENT,
        )
        for label in whole
    ] + [
        CONTENT_CHANGED.at(
            _place_of(step, parts.get(way[0], ""), way),
            entry=_entry(way),
            before=_shown(way, before.get(way)),
            after=_shown(way, after.get(way)),
        )
        for way in dict.fromkeys([*before, *after])
        if before.get(way) != after.get(way) and way[0] in then & now
    ]


_FACTS = {
    "ledger-opened": "台账",
    "rule-set-published": "规则集",
    "evaluation-opened": "自评",
    "rule-set-adopted": "采用的规则集",
    "indicators-set": "绩效指标",
    "figures-declared": "填报数额",
    "actual-entered": "实际完成值",
    "score-declared": "填报得分",
    "deduction-justified": "扣分说明",
    "evidence-attached": "佐证材料",
    "problem-noted": "存在问题",
    "measure-planned": "整改措施",
    "initial-budget-approved": "年初预算",
    "funds-carried-in": "上年结转",
    "budget-supplemented": "追加",
    "budget-reduced": "追减",
    "funds-vired": "调剂",
    "funds-clawed-back": "收回",
    "expenditure-recorded": "支付",
    "expenditure-reversed": "冲销",
    "advance-recognised": "暂付款转列",
    "prior-year-figures-stated": "上年数额",
    "ledger-reconciled": "对账",
}


def _entry(way: tuple[str, ...]) -> Words:
    """The way to a value in words: "填报得分 3：points"."""
    fact, _, which = way[0].partition(" ")
    rest = ".".join(part for part in way[1:] if part)
    zh, en = f"{_FACTS.get(fact, fact)} {which}".strip(), f"{fact} {which}".strip()
    return Words(f"{zh} {rest}".strip(), f"{en} {rest}".strip())


def _place_of(step: Step, part: str, way: tuple[str, ...]) -> str:
    """Where in the file a value stands, as near as the step knows."""
    line = f"line {way[3]}" if way[2:3] == ("rows",) and len(way) > _WAY_TO_A_ROW else ""
    return step.places.get(line) or step.places.get(part, step.place)


_AMOUNTS = frozenset({"amount", "initial", "adjusted", "outturn"})


def _shown(way: tuple[str, ...], value: object) -> Words:
    if value is None:
        return Words("（没有）", "(nothing)")
    if isinstance(value, int) and way[-1] in _AMOUNTS:
        return Words(f"“{wan(value)} 万元”", f"'{wan(value)} 万元'")
    return Words(f"“{value}”", repr(value))


def _labels(facts: Sequence[Recorded]) -> list[str]:
    """A speakable name for each fact of a step, unique in it."""
    seen: dict[str, int] = {}
    labels = []
    for recorded in facts:
        fact: Any = recorded.fact
        parts = [tag_of(type(fact)).rpartition(".")[0]]
        for name in ("subject", "line", "path", "number", "sha256", "voucher"):
            value = getattr(fact, name, None)
            if isinstance(value, tuple):
                value = "/".join(value)
            if isinstance(value, str | int) and value and value != "LINE":
                parts.append(str(value))
        label = " ".join(parts)
        seen[label] = seen.get(label, 0) + 1
        labels.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return labels


def _leaves(
    store: EventStore, log_id: str, facts: Sequence[Recorded]
) -> dict[tuple[str, ...], object]:
    """Every single value of ``facts`` by its way; texts by their bodies, results left out."""
    found: dict[tuple[str, ...], object] = {}
    for label, recorded in zip(_labels(facts), facts, strict=True):
        if isinstance(recorded.fact, ScoreCalculated):
            continue
        envelope = recorded.envelope
        for part, value in (
            ("", recorded.fact),
            ("effective", envelope.effective),
            ("source", envelope.source),
        ):
            for way, leaf in _walk(msgspec.to_builtins(value)):
                found[label, part, *way] = leaf
    digests = [value for value in found.values() if isinstance(value, str) and _is_digest(value)]
    bodies = store.text_bodies(log_id, digests) if digests else {}
    return {
        key: bodies.get(value, value) if isinstance(value, str) else value
        for key, value in found.items()
    }


def _is_digest(value: str) -> bool:
    return len(value) == 64 and not value.strip("0123456789abcdef")  # noqa: PLR2004 - SHA-256


def _walk(value: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:  # noqa: ANN401 - any built-in may come
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _walk(part, (*way, name))
    elif isinstance(value, list | tuple) and any(isinstance(part, dict) for part in value):
        seen: dict[str, int] = {}
        for part in value:
            name = str(
                next(
                    (part[k] for k in ("line", "quantity", "metric", "name", "id") if k in part), ""
                )
            )
            seen[name] = seen.get(name, 0) + 1
            number = "" if name and seen[name] == 1 else f"#{seen[name]}"
            yield from _walk(part, (*way, f"{name}{number}"))
    elif isinstance(value, list | tuple):
        yield way, "、".join(map(str, value))
    else:
        yield way, value
