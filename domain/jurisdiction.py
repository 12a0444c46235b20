"""The jurisdiction-year: statutory adjustments, the sample for re-check, closed and reopened.

And rule sets as published in a log: versions by name, each with its digest.
"""

from collections.abc import Iterable

from domain.commands import (
    ApproveStatutoryAdjustment,
    CloseYear,
    CopyRuleSet,
    DrawSample,
    PublishRuleSet,
    ReopenYear,
)
from domain.decisions import DOCUMENT_REQUIRED, NOTHING_TO_DO, REASON_REQUIRED, Decided, require
from domain.facts.others import (
    RuleSetCopied,
    RuleSetPublished,
    SampleDrawn,
    StatutoryAdjustmentApproved,
    YearClosed,
    YearReopened,
)
from domain.ids import problems_with_form_id, unit_year_of
from domain.problems import Problem, kind
from domain.scoring.rule_set import RuleSet, check_rule_set
from domain.store import Recorded

CLOSED_ALREADY = kind(
    "year.already-closed",
    409,
    zh="{year} 已年终结转",
    en="{year} is closed already",
    do_zh="无需再次结转",
    do_en="nothing is left to do",
)
NOT_CLOSED = kind(
    "year.not-closed",
    409,
    zh="{year} 尚未年终结转",
    en="{year} is not closed",
    do_zh="只有已结转的年度才能重新开账",
    do_en="only a closed year can be reopened",
)
OTHER_YEAR = kind(
    "year.other-year",
    422,
    zh="自评 {form} 不属于 {year}",
    en="the evaluation {form} does not belong to {year}",
    do_zh="在该自评所属区划和年度的流里抽查",
    do_en="draw it in the stream of its own division and year",
)
VERSION_TAKEN = kind(
    "rule-set.version-taken",
    409,
    zh="规则集 {name} 的版本 {version} 已公布，内容不同",
    en="version {version} of the rule set {name} is published with other content",
    do_zh="公布过的版本不能改；换一个版本号",
    do_en="a published version never changes; use a new version",
)
NOT_IN_STREAM = kind(
    "rule-set.other-stream",
    422,
    zh="规则集 {name} 应公布在 {expected}",
    en="the rule set {name} belongs in {expected}",
    do_zh="规则集的名称须与流的编号一致",
    do_en="the name of a rule set must be that of its stream",
)


class YearState:
    """A division's year: closed or not, and what was drawn for re-check."""

    __slots__ = ("closed", "sample", "version")

    def __init__(self) -> None:
        """A year that is open and from which nothing was drawn."""
        self.version = 0
        self.closed = False
        self.sample: frozenset[str] = frozenset()


def evolve_year(state: YearState, recorded: Recorded) -> YearState:
    """``state`` after one more fact; the same object, changed."""
    match recorded.fact:
        case YearClosed():
            state.closed = True
        case YearReopened():
            state.closed = False
        case SampleDrawn(forms=forms):
            state.sample |= frozenset(forms)
        case _:
            pass  # a statutory adjustment and a redaction decide nothing here
    state.version = recorded.version
    return state


def decide_year(  # noqa: C901 - one case each command
    command: ApproveStatutoryAdjustment | DrawSample | CloseYear | ReopenYear, state: YearState
) -> tuple[Decided, ...]:
    """The facts that a command on a jurisdiction-year gives. Raises ``Rejected``."""
    problems: list[Problem] = []
    match command:
        case ApproveStatutoryAdjustment():
            if not command.document.strip():
                problems.append(DOCUMENT_REQUIRED.at("document"))
            if command.amount == 0:
                problems.append(NOTHING_TO_DO.at("amount"))
            require(problems)
            return (
                Decided(
                    command.year,
                    StatutoryAdjustmentApproved(
                        amount=command.amount,
                        document=command.document,
                        approved_by=command.approved_by,
                    ),
                ),
            )
        case DrawSample():
            if not command.forms:
                problems.append(NOTHING_TO_DO.at("forms"))
            for index, form in enumerate(command.forms):
                problems += problems_with_form_id(form, f"forms[{index}]")
                unit_year = unit_year_of(form)
                if unit_year is not None and unit_year.jurisdiction_year != command.year:
                    problems.append(OTHER_YEAR.at(f"forms[{index}]", form=form, year=command.year))
            require(problems)
            fact = SampleDrawn(forms=command.forms, method=command.method, share=command.share)
            return (Decided(command.year, fact),)
        case CloseYear():
            require([CLOSED_ALREADY.at(year=command.year)] if state.closed else [])
            return (Decided(command.year, YearClosed(document=command.document)),)
        case ReopenYear():
            if not state.closed:
                problems.append(NOT_CLOSED.at(year=command.year))
            if not command.reason:
                problems.append(REASON_REQUIRED.at("reason"))
            if not command.document.strip():
                problems.append(DOCUMENT_REQUIRED.at("document"))
            require(problems)
            fact_ = YearReopened(reason=command.reason, document=command.document)
            return (Decided(command.year, fact_),)


class RuleSetState:
    """The published versions of one rule set, in the order of publication."""

    __slots__ = ("version", "versions")

    def __init__(self) -> None:
        """A rule set of which nothing is published."""
        self.version = 0
        self.versions: dict[str, RuleSet] = {}

    def named(self, version: str | None) -> RuleSet | None:
        """A version, or the newest for None."""
        if version is None:
            return next(reversed(self.versions.values()), None)
        return self.versions.get(version)


def evolve_rule_set(state: RuleSetState, recorded: Recorded) -> RuleSetState:
    """``state`` after one more fact; the same object, changed."""
    match recorded.fact:
        case RuleSetPublished(rule_set=rule_set) | RuleSetCopied(rule_set=rule_set):
            state.versions[rule_set.version] = rule_set
        case _:
            pass  # a redaction changes no rule
    state.version = recorded.version
    return state


def decide_rule_set(
    command: PublishRuleSet | CopyRuleSet, state: RuleSetState
) -> tuple[Decided, ...]:
    """The facts that publishing gives; none when this very content is published already."""
    rule_set = command.rule_set
    problems = check_rule_set(rule_set, "rule_set")
    if command.stream.rpartition("/rule-sets/")[2] != rule_set.name:
        expected = f"{command.stream.partition('/')[0]}/rule-sets/{rule_set.name}"
        problems.append(NOT_IN_STREAM.at("stream", name=rule_set.name, expected=expected))
    taken = state.versions.get(rule_set.version)
    if taken is not None and taken.digest != rule_set.digest:
        problems.append(
            VERSION_TAKEN.at("rule_set.version", name=rule_set.name, version=rule_set.version)
        )
    require(problems)
    if taken is not None:
        return ()
    digest = rule_set.digest
    if isinstance(command, PublishRuleSet):
        return (Decided(command.stream, RuleSetPublished(rule_set=rule_set, digest=digest)),)
    copied = RuleSetCopied(
        rule_set=rule_set,
        digest=digest,
        origin_log=command.origin_log,
        origin_stream=command.origin_stream,
    )
    return (Decided(command.stream, copied),)


def fold_year(history: Iterable[Recorded]) -> YearState:
    """The state of a jurisdiction-year after a history."""
    state = YearState()
    for recorded in history:
        evolve_year(state, recorded)
    return state


def fold_rule_set(history: Iterable[Recorded]) -> RuleSetState:
    """The state of a rule set's stream after a history."""
    state = RuleSetState()
    for recorded in history:
        evolve_rule_set(state, recorded)
    return state
