"""What is noted about a form beside its scores, each with the fact that says so.

The views keep what is noted; its facts are looked up in the form's own stream, no further than the
views have read.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from api.view import View
from domain.facts import Fact
from domain.facts.form import (
    ContentWithheld,
    MeasureCompleted,
    MeasurePlanned,
    ProblemNoted,
    ProgressMonitored,
)
from domain.store import Recorded
from projections.current import Evaluation, NotedProblem
from projections.tables import FactRef
from projections.unit_year import ref_of

Remark = dict[str, Any]
"""A row of the view by the names of its fields, and its ``fact``."""


def remarks_of(view: View, one: Evaluation) -> dict[str, list[Remark]]:
    """Problems with their measures, evidence that bears something, what is withheld, returns and
    progress of ``one``, as ``view`` has it; each by the name of its field.
    """
    if not (one.problems or one.evidence or one.withheld or one.returns or one.progress):
        return {}
    said = _Said([fact for fact in view.events(one.id) if fact.position <= one.position])
    withheld, progress = said.all(ContentWithheld), said.all(ProgressMonitored)
    return {
        "problems": [_problem(row, said) for row in one.problems],
        "evidence": [_with(row, fact=said.by_id[row.event_id]) for row in one.evidence],
        "withheld": [
            _with(row, fact=fact) for row, fact in zip(one.withheld, withheld, strict=True)
        ],
        "returns": [_with(row, fact=said.by_id[row.event_id]) for row in one.returns],
        "progress": [
            _with(row, fact=fact) for row, fact in zip(one.progress, progress, strict=True)
        ],
    }


class _Said:
    """The facts of a form, by their id and by their kind."""

    def __init__(self, recorded: Sequence[Recorded]) -> None:
        self.by_id = {one.envelope.event_id: ref_of(one) for one in recorded}
        self._of: dict[type[Fact], list[Recorded]] = defaultdict(list)
        for one in recorded:
            self._of[type(one.fact)].append(one)

    def all(self, kind: type[Fact]) -> list[FactRef]:
        """Those of a kind, in order."""
        return [ref_of(one) for one in self._of[kind]]

    def numbered(
        self, kind: type[ProblemNoted | MeasurePlanned | MeasureCompleted], number: int
    ) -> FactRef:
        """The last of a kind that has this number; there is one."""
        return next(
            ref_of(one)
            for one in reversed(self._of[kind])
            if isinstance(one.fact, kind) and one.fact.number == number
        )


def _problem(row: NotedProblem, said: _Said) -> Remark:
    measures = [
        _with(
            one,
            fact=said.numbered(MeasurePlanned, one.number),
            completed=said.numbered(MeasureCompleted, one.number) if one.completed_at else None,
        )
        for one in row.measures
    ]
    return _with(row, fact=said.numbered(ProblemNoted, row.number), measures=measures)


def _with(row: Struct, **more: object) -> Remark:
    return {name: getattr(row, name) for name in row.__struct_fields__} | more
