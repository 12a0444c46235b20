"""得分变动: every change of every line, group and total, with what caused it and who made it.

Score sheets before and after each fact are compared; a fact that changes nothing gives no row.
"""

from projections.score_history.deriving import advance
from projections.score_history.queries import (
    ChangeFilter,
    Key,
    apply,
    count,
    history_as_of,
    list_for,
    rewrite,
    search,
    search_query,
)
from projections.score_history.rows import ChangeKind, ScoreChange, table

__all__ = [
    "ChangeFilter",
    "ChangeKind",
    "Key",
    "ScoreChange",
    "advance",
    "apply",
    "count",
    "history_as_of",
    "list_for",
    "rewrite",
    "search",
    "search_query",
    "table",
]
