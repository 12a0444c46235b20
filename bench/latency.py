"""How long a question takes at the worst: asked again and again, against what people will wait."""

import statistics
from collections.abc import Callable
from time import perf_counter

from bench.rows import Figure, Row, Unit
from domain.values import Words

P99 = Words("留痕 p99", "Liuhen p99")
P50 = Words("留痕 p50", "Liuhen p50")
_LIMIT = Words("须短于", "must be below")


def latency(
    work: Words,
    database: str,
    ask: Callable[[], object],
    *,
    limit: float,
    rounds: int,
    times: int,
) -> Row:
    """A row of the p99 of each round of ``times`` questions, against ``limit`` ms."""
    ask()  # What is prepared once is not the question's.
    worst, middle = [], []
    for _ in range(rounds):
        taken = sorted(_milliseconds(ask) for _ in range(times))
        # The least figure that 99 of 100 questions do not pass.
        worst.append(taken[-(-times * 99 // 100) - 1])
        middle.append(statistics.median(taken))
    return Row(
        work=work,
        database=database,
        unit=Unit.MILLISECONDS,
        limit=Figure(_LIMIT, (limit,) * rounds),
        ours=Figure(P99, tuple(worst)),
        beside=(Figure(P50, tuple(middle)),),
        reach=1.0,
    )


def _milliseconds(ask: Callable[[], object]) -> float:
    began = perf_counter()
    ask()
    return (perf_counter() - began) * 1000
