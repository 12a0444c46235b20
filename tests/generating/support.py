"""A plan to look at, and what a store holds."""

from sqlalchemy import text

from api.bootstrap import Liuhen
from api.generating.plan import Plan
from api.generating.running import Summary, generate

SMALL = Plan(counties=1, units=48, year=2024, seed=3, large=900)


def fill(liuhen: Liuhen, plan: Plan, *, jobs: int = 1, into_used: bool = False) -> Summary:
    """Generate, seeing nothing."""
    return generate(liuhen, plan, progress=lambda *_: None, jobs=jobs, into_used=into_used)


def stored(liuhen: Liuhen) -> list[tuple[object, ...]]:
    """Every row of every log but for the time of the database, in order, with its texts."""
    facts = "SELECT log_id, position, stream_id, version, type, payload, leaf_hash FROM events"
    texts = "SELECT log_id, digest, salt, body, command_id FROM texts ORDER BY log_id, digest"
    with liuhen.database.read() as connection:
        return [
            tuple(row)
            for query in (f"{facts} ORDER BY log_id, position", texts)
            for row in connection.execute(text(query))
        ]
