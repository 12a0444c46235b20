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


_PARTS = {
    "leaf": Words("叶子哈希", "leaf of the fact"),
    "fact": Words("缺失的事实", "missing fact"),
    "text": Words("文本", "text"),
    "command": Words("事实所属的命令", "command of the fact"),
    "log_id": Words("所属日志", "log of the fact"),
    "stream_id": Words("流", "stream of the fact"),
    "version": Words("流中第几版", "version in its stream"),
    "type": Words("事实的种类", "kind of the fact"),
    "payload": Words("事实的内容", "content of the fact"),
    "event_id": Words("事实编号", "id of the fact"),
    "recorded_at": Words("记录时间", "time of recording"),
    "known_at": Words("已知时间", "known since"),
    "effective_from": Words("业务日期起", "effective from"),
    "effective_to": Words("业务日期止", "effective to"),
    "actor": Words("人员编号", "actor"),
    "command_id": Words("命令号", "command id"),
    "request_hash": Words("命令内容的哈希", "hash of the command's content"),
    "request_salt": Words("命令内容的盐", "salt of the command's content"),
    "first_position": Words("命令的首条位置", "first position of the command"),
    "last_position": Words("命令的末条位置", "last position of the command"),
    "position of the views": Words("视图的位置", "position of the views"),
}
"""What bytes were altered of, and how far the views are: by the name that programs know it by."""


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

    @property
    def words(self) -> Words:
        """``what`` as people read it; figures, tables and columns of views keep their names."""
        if self.check in {Check.ALTERED, Check.BEHIND}:
            return _PARTS.get(self.what, Words(self.what, self.what))
        return Words(self.what, self.what)


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
