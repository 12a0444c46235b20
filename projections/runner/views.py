"""The tables that the runner fills, and which version of them is stored."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from domain.values import Words
from projections import adjustments, current, deductions, findings, score_history, search, tracking
from projections.tables import METADATA
from projections.tracking import PROJECTION_VERSION

VIEWS = (
    current.evaluations,
    current.lines_table,
    current.figures_table,
    score_history.table,
    deductions.table,
    adjustments.table,
    adjustments.papers,
    adjustments.openings,
    findings.table,
    *search.ENTRIES,
    tracking.stopped_table,
)
"""The tables that a rebuild fills from zero."""


class ViewsOutdated(RuntimeError):
    """The stored views are of another version than this program writes; rebuild them."""

    def __init__(self, stored: int) -> None:
        """``stored`` is the version found."""
        self.stored = stored
        self.message = Words(
            f"视图为第 {stored} 版，本程序为第 {PROJECTION_VERSION} 版：请运行 `liuhen rebuild`",
            f"the views are of version {stored}, this program writes {PROJECTION_VERSION}: "
            "run `liuhen rebuild`",
        )
        super().__init__(self.message.en)


def require_today(connection: Connection) -> None:
    """Raises ``ViewsOutdated`` when the stored views are of another version."""
    stored = tracking.stored_version(connection)
    if stored not in {None, PROJECTION_VERSION}:
        raise ViewsOutdated(stored or 0)


def make_anew(connection: Connection) -> None:
    """Empty views of today's version. Those of another one may have other columns: they go."""
    METADATA.drop_all(connection, tables=(*VIEWS, *search.INDEX))
    METADATA.create_all(connection)
    tracking.store_version(connection)


def contents(connection: Connection) -> Mapping[str, list[tuple[Any, ...]]]:
    """Every row of every view, in the order of its key, for comparing two sets of views."""
    return {
        view.name: [
            tuple(row) for row in connection.execute(select(view).order_by(*view.primary_key))
        ]
        for view in VIEWS
    }
