"""The replay of a year as command line and HTTP ask for it: which logs, and how a step is told."""

from datetime import datetime
from typing import Any

from api.bootstrap import Liuhen
from domain.values import wan
from projections import replay as r


def logs_of(
    liuhen: Liuhen, log_id: str | None, as_of: datetime | None = None, place: str = "log"
) -> dict[str, int]:
    """The logs of a replay with the last positions that were known ``as_of`` (None: now). Raises
    ``Rejected`` (``log.unknown``).
    """
    if log_id is not None:
        liuhen.logs.require(log_id, place)
    heads = r.heads(liuhen.store, log_id)
    if as_of is None:
        return heads
    return {one: min(liuhen.store.position_at(one, as_of), head) for one, head in heads.items()}


def told(one: r.Step | r.End) -> dict[str, Any]:
    """A step, or the end, as JSON holds it; amounts in fen, and in 万元 as decimal strings."""
    found: dict[str, Any] = {name: getattr(one, name) for name in one.__struct_fields__}
    if isinstance(one, r.Step):
        found |= {
            "initial": wan(one.initial_fen),
            "adjusted": wan(one.adjusted_fen),
            "spent": wan(one.spent_fen),
        }
    return found
