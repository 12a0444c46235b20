"""What a verification says: what was checked, and every difference that it found."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from domain.values import Words


class Check(StrEnum):
    """What a difference was found in."""

    SCORE = "score"
    TOTAL = "total"
    RULES = "rules"
    VIEW = "view"
    UNREADABLE = "unreadable"
    ALTERED = "altered"
    BEHIND = "behind"

    @property
    def words(self) -> Words:
        """The name in both languages."""
        return _CHECKS[self]


_CHECKS = {
    Check.SCORE: Words("存储的计算得分", "stored calculated score"),
    Check.TOTAL: Words("存储的总分", "stored total"),
    Check.RULES: Words("规则集", "rule set"),
    Check.VIEW: Words("视图", "view"),
    Check.UNREADABLE: Words("读不出的事实", "facts that cannot be read"),
    Check.ALTERED: Words("被改动的字节", "altered bytes"),
    Check.BEHIND: Words("未核验的事实", "facts that were not checked"),
}


class Discrepancy(Struct, frozen=True, kw_only=True):
    """差异: one figure that is not what the facts and rules give.

    ``what`` is the line and field of a score, or table, row and column of a view; ``where`` the
    evaluation or ledger. ``fact`` is the event id that the figure comes from and ``position``
    its place in the log, where they are known.
    """

    check: Check
    log_id: str
    where: str
    what: str
    stored: str | None
    recomputed: str | None
    fact: str | None = None
    position: int | None = None


class RulesUsed(Struct, frozen=True, kw_only=True):
    """A version of a rule set by which scores were worked out again."""

    log_id: str
    name: str
    version: str
    digest: str


class LogChecked(Struct, frozen=True, kw_only=True):
    """A log: its last fact, the position of its views, and what was checked of the year.

    ``head_leaf`` is the RFC 6962 leaf of the fact at the position, in hex. Facts after the
    position of the views, if there are any, were not checked, which is a difference of its own.
    """

    log_id: str
    head: int
    position: int
    head_leaf: str
    unit_years: int
    forms: int
    facts: int
    scores: int
    rows: int
    figures: int


class Verification(Struct, frozen=True, kw_only=True):
    """核验: the whole of it, as it can be filed. ``views_version`` is that of the view tables."""

    year: int
    began_at: datetime
    ended_at: datetime
    views_version: int
    logs: tuple[LogChecked, ...]
    rules: tuple[RulesUsed, ...]
    discrepancies: tuple[Discrepancy, ...]

    @property
    def consistent(self) -> bool:
        """一致: nothing differs."""
        return not self.discrepancies
