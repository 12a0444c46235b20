"""One change of one score."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.evaluation.scores import Origin
from domain.evaluation.state import Status
from domain.facts.envelope import Place, Role
from domain.facts.form import (
    Subject,
)
from domain.values import Words
from projections.tables import (
    FactRef,
    Prose,
    table_of,
)


class ChangeKind(StrEnum):
    """What happened to a score."""

    DECLARED = "declared"
    CALCULATED = "calculated"
    RECALCULATED = "recalculated"
    OVERRIDDEN = "overridden"
    OVERRIDE_WITHDRAWN = "override-withdrawn"
    REVIEWED = "reviewed"
    CORRECTED = "corrected"
    ROWS_CHANGED = "rows-changed"
    RULES_CHANGED = "rules-changed"
    SIGNATURE_WITHDRAWN = "signature-withdrawn"
    RETURNED = "returned"
    REOPENED = "reopened"

    @property
    def words(self) -> Words:
        """The name in both languages."""
        return _NAMES[self]


_NAMES = {
    ChangeKind.DECLARED: Words("填报", "declared"),
    ChangeKind.CALCULATED: Words("计算", "calculated"),
    ChangeKind.RECALCULATED: Words("重新计算", "recalculated"),
    ChangeKind.OVERRIDDEN: Words("改分", "overridden"),
    ChangeKind.OVERRIDE_WITHDRAWN: Words("撤销改分", "override withdrawn"),
    ChangeKind.REVIEWED: Words("复核", "reviewed"),
    ChangeKind.CORRECTED: Words("更正", "corrected"),
    ChangeKind.ROWS_CHANGED: Words("指标行变动", "rows changed"),
    ChangeKind.RULES_CHANGED: Words("规则变动", "rules changed"),
    ChangeKind.SIGNATURE_WITHDRAWN: Words("撤回签章", "signature withdrawn"),
    ChangeKind.RETURNED: Words("退回", "returned"),
    ChangeKind.REOPENED: Words("重新打开", "reopened"),
}


class ScoreChange(Struct, frozen=True, gc=False, kw_only=True):
    """One change of one score. Points are decimal strings, None where there are none.

    ``from_points`` and ``to_points`` are the points that count (final); ``self_from`` and
    ``self_to`` the unit's own, of a line only; the grade changes with the total. ``event_id`` is
    the fact that made the change; ``causes`` are the facts behind it: what a recalculation took
    into account that the calculation before it did not.
    """

    log_id: str
    evaluation: str
    position: int
    ordinal: int
    unit: str
    unit_name: str
    fiscal_year: int
    project: str | None
    status: Status
    subject: Subject
    line: str | None
    path: tuple[str, ...]
    kind: ChangeKind
    from_points: str | None
    to_points: str | None
    self_from: str | None
    self_to: str | None
    origin_from: Origin | None
    origin_to: Origin | None
    grade_from: str | None
    grade_to: str | None
    event_id: UUID
    event_type: str
    version: int
    command_id: str
    causes: tuple[FactRef, ...]
    actor: str
    role: Role
    organisation: str
    on_behalf_of: str | None
    reason: Prose | None
    document: str | None
    place: Place | None
    recorded_at: datetime


table = table_of(
    ScoreChange,
    "score_changes",
    key=("log_id", "evaluation", "position", "ordinal"),
    # Each question across evaluations is answered in the order of time.
    indexes=(
        ("recorded_at", "log_id", "position", "ordinal"),
        ("log_id", "recorded_at"),
        ("actor", "recorded_at"),
        ("kind", "recorded_at"),
        ("role", "recorded_at"),
        ("unit", "recorded_at"),
        ("fiscal_year", "recorded_at"),
        ("document", "recorded_at"),
    ),
)
