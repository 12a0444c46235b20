"""What a difference is: one value that is another on the other side, and the facts that did it."""

from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.values import Words
from projections.tables import FactRef, Prose

Value = str | Prose | Words
"""A value as it is compared: a figure, a name, a member of an enumeration; a text; or words."""


class Part(StrEnum):
    """What part of an evaluation a value belongs to."""

    STATE = "state"
    TOTAL = "total"
    GROUP = "group"
    LINE = "line"
    FIGURE = "figure"
    MONEY = "money"
    ADJUSTMENT = "adjustment"
    FINDING = "finding"
    PROBLEM = "problem"
    EVIDENCE = "evidence"
    PROGRESS = "progress"

    @property
    def words(self) -> Words:
        """The name in both languages."""
        return _PARTS[self]


_PARTS = {
    Part.STATE: Words("状态", "state"),
    Part.TOTAL: Words("总分", "total"),
    Part.GROUP: Words("小计", "group"),
    Part.LINE: Words("指标行", "line"),
    Part.FIGURE: Words("填报数额", "declared figure"),
    Part.MONEY: Words("台账合计", "sum of the ledger"),
    Part.ADJUSTMENT: Words("预算调整", "adjustment"),
    Part.FINDING: Words("疑点", "finding"),
    Part.PROBLEM: Words("问题和整改", "problem"),
    Part.EVIDENCE: Words("佐证材料", "evidence"),
    Part.PROGRESS: Words("绩效监控", "progress"),
}


class Cause(Struct, frozen=True, kw_only=True):
    """A fact that brought a change: who, when, in what role, on which document, and why."""

    fact: FactRef
    on_behalf_of: str | None
    reason: Prose | None


class Change(Struct, frozen=True, kw_only=True):
    """One value that differs. None on a side means that there is nothing there.

    ``subject`` is the line's id (its path where two evaluations are compared), the quantity, the
    adjustment's first fact and so on, ``name`` the same in words; ``field`` and ``label`` say
    which of its values. ``facts`` are in the order of the log; ``more`` counts those that are not
    listed. Where two evaluations are compared, they are the facts that gave either value.
    """

    part: Part
    subject: str
    name: Words
    field: str
    label: Words
    before: Value | None
    after: Value | None
    facts: tuple[Cause, ...] = ()
    more: int = 0


class Side(Struct, frozen=True, kw_only=True):
    """One side: an evaluation as known at a position of its log; ``fact`` where a fact names the
    moment (the submission, the publication).
    """

    log_id: str
    evaluation: str
    unit_name: str
    fiscal_year: int
    project_name: str | None
    position: int
    fact: FactRef | None


class Difference(Struct, frozen=True, kw_only=True):
    """All that differs between two sides, in the order of the form, and nothing else."""

    before: Side
    after: Side
    changes: tuple[Change, ...]


class RuleChange(Struct, frozen=True, kw_only=True):
    """One value of a rule set that differs: ``part`` is 规则, 模板, 等级 …, ``subject`` which one,
    ``field`` the way to the value in it (empty for a whole rule or row).
    """

    part: Words
    subject: str
    field: str
    before: str | None
    after: str | None


class RuleSetSide(Struct, frozen=True, kw_only=True):
    """A version of a rule set; ``fact`` published it, None for one that comes with the product."""

    log_id: str | None
    name: str
    version: str
    title: str
    digest: str
    cause: Cause | None


class RuleSetDifference(Struct, frozen=True, kw_only=True):
    """All that differs between two versions of a rule set."""

    before: RuleSetSide
    after: RuleSetSide
    changes: tuple[RuleChange, ...]


class Milestone(Struct, frozen=True, kw_only=True):
    """A fact of the workflow that names a moment of a form: "submitted" and its number."""

    kind: str
    number: int
    position: int
    event_id: UUID
