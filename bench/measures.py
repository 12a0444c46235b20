"""Everything that can be measured, by name. A new one is a line here.

Each takes a place with empty databases and a size, and yields its rows as they are measured.
"""

from collections.abc import Callable, Iterator, Mapping

from bench import append, catch_up, fold, history, moments, province, questions, replay, service
from bench.places import Place
from bench.rows import Row, Size

Measure = Callable[[Place, Size], Iterator[Row]]
_MEASURES: Mapping[str, Measure] = {
    "append": append.measure,
    "service": service.measure,
    "fold": fold.measure,
    "replay": replay.measure,
    "catch-up": catch_up.measure,
    "questions": questions.measure,
    "moments": moments.measure,
    "history": history.measure,
    "province": province.measure,
}
_FULL_ONLY = frozenset({"province"})
"""Left out of a run of minutes unless it is named."""


def of(size: Size) -> Mapping[str, Measure]:
    """What belongs to a run of this size."""
    return {
        name: measure
        for name, measure in _MEASURES.items()
        if size is not Size.NORMAL or name not in _FULL_ONLY
    }
