"""How far a rebuild is, in words: facts, how fast, how long still; of a comparison the logs."""

from api.cli.progress import Rate
from api.output import Output
from projections.runner import Filled, Phase


def test_each_time_that_it_fills_the_rate_begins_anew() -> None:
    now = 0.0
    rate = Rate(Output("en"), clock=lambda: now)

    def at(moment: float, phase: Phase, fresh: int, total: int = 1000) -> str:
        nonlocal now
        now = moment
        return rate.words(
            Filled(phase=phase, facts=fresh, total=total, fresh=fresh, logs=3, of_logs=4)
        )

    assert at(0, Phase.FILLING, 0) == "0/1,000 facts"
    assert at(10, Phase.FILLING, 100) == "100/1,000 facts, 10 facts/s, 1:30 left"
    assert at(100, Phase.COMPARING, 0) == "3/4 logs"
    assert at(400, Phase.FILLING, 0) == "0/1,000 facts"
    assert at(402, Phase.FILLING, 100) == "100/1,000 facts, 50 facts/s, 0:18 left"
