"""What a command on a form may look at, and what each state of the form allows."""

from decimal import Decimal
from functools import cached_property

from msgspec import Struct

from domain.decisions import (
    REASON_REQUIRED,
)
from domain.evaluation.figures import Money, money_of
from domain.evaluation.problems import (
    ALREADY_SUBMITTED,
    NO_MAXIMUM,
    NOBODY_REVIEWS_OWN,
    POINTS_OUT_OF_RANGE,
    SIGNED_ALREADY,
    WRONG_STATE,
    line_unknown,
    lines_there_are,
)
from domain.evaluation.state import FormState, Status
from domain.facts.envelope import Context
from domain.jurisdiction import RuleSetState, YearState
from domain.ledger import LedgerState
from domain.problems import Kind, Problem
from domain.scoring.rule_set import RuleSet
from domain.values import Words, plain

STATUS_NAMES = {
    Status.ABSENT: Words("未建立", "absent"),
    Status.DRAFT: Words("填报中", "in draft"),
    Status.SIGNED: Words("已签章", "signed"),
    Status.SUBMITTED: Words("已报送", "submitted"),
    Status.DEPARTMENT_REVIEWED: Words("主管部门已审", "reviewed by the department"),
    Status.FINANCE_REVIEWED: Words("财政已复核", "reviewed by finance"),
    Status.FINALISED: Words("已定稿", "finalised"),
    Status.PUBLISHED: Words("已公开", "published"),
}


class World(Struct, dict=True):
    """Everything a form's command may look at."""

    form_id: str
    form: FormState
    ledger: LedgerState
    rule_sets: RuleSetState
    year: YearState
    context: Context

    @cached_property
    def money(self) -> Money:
        """The money that counts for the form."""
        return money_of(self.form, self.ledger)

    @property
    def rules(self) -> RuleSet | None:
        """The adopted rule set, whole."""
        adopted = self.form.rules
        return self.rule_sets.named(adopted.version) if adopted else None


def in_draft(world: World) -> list[Problem]:
    """Empty in draft; otherwise why the content no longer changes."""
    status = world.form.status
    if status is Status.DRAFT:
        return []
    if status is Status.SIGNED:
        return [SIGNED_ALREADY.at()]
    return [ALREADY_SUBMITTED.at(status=STATUS_NAMES[status])]


def in_state(world: World, *needed: Status, next_: Words) -> list[Problem]:
    """Empty in one of the states needed."""
    if world.form.status in needed:
        return []
    names = [STATUS_NAMES[status] for status in needed]
    wanted = Words("”或“".join(n.zh for n in names), " or ".join(n.en for n in names))
    return [WRONG_STATE.at(status=STATUS_NAMES[world.form.status], needed=wanted, next=next_)]


def not_own(world: World) -> list[Problem]:
    """Empty for somebody who entered nothing in this form."""
    actor = world.context.actor
    return [NOBODY_REVIEWS_OWN.at(actor=actor)] if actor in world.form.entered_by else []


def known_line(world: World, line: str, place: str = "line") -> list[Problem]:
    """Empty for a line that the form has."""
    if line in world.form.rows:
        return []
    return [line_unknown(place, world.form_id, line, lines_there_are(world.form.rows))]


def given_text(value: str | None, place: str, missing: Kind = REASON_REQUIRED) -> list[Problem]:
    """Empty for a text that says something."""
    return [] if value and value.strip() else [missing.at(place)]


def within_maximum(world: World, line: str, points: Decimal, place: str) -> list[Problem]:
    """Empty for points between 0 and the maximum of a known line."""
    row = world.form.rows.get(line)
    if row is None:
        return []
    if row.max_points is None:
        return [NO_MAXIMUM.at(place, line=line)]
    if not 0 <= points <= row.max_points:
        most = plain(row.max_points)
        return [POINTS_OUT_OF_RANGE.at(place, points=plain(points), max_points=most)]
    return []
