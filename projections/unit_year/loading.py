"""Loading a unit and year from the store, and keeping what was folded."""

from collections import OrderedDict
from collections.abc import Iterable
from functools import lru_cache
from heapq import merge

from domain.ids import UnitYear, unit_year_of
from domain.store import EventStore, Recorded
from projections.unit_year.fold import UnitYearFold
from projections.unit_year.rule_book import RuleBook

unit_year_of_stream = lru_cache(maxsize=8_192)(unit_year_of)
"""``unit_year_of``, remembered: a log names the same streams again and again, and others no more."""


def history(
    store: EventStore, log_id: str, unit_year: UnitYear, position: int | None = None
) -> Iterable[Recorded]:
    """Every fact of a unit and year up to ``position`` (None: all), in the order of the log."""
    streams = [
        stream
        for stream in store.streams(log_id, unit_year.prefix)
        if unit_year_of_stream(stream) == unit_year
    ]
    read = [store.read(log_id, stream, upto_position=position) for stream in streams]
    return merge(*read, key=lambda recorded: recorded.position)


def load(
    store: EventStore,
    log_id: str,
    unit_year: UnitYear,
    position: int | None = None,
    book: RuleBook | None = None,
) -> UnitYearFold:
    """A unit and year as known at ``position``, None for now, to be advanced further."""
    fold = UnitYearFold(log_id, unit_year, book or RuleBook(store, log_id))
    for recorded in history(store, log_id, unit_year, position):
        fold.advance(recorded)
    return fold


class Folds:
    """The folds that a runner keeps of one log, the least recently used given up first.

    ``capacity`` bounds the facts held in memory together, of which there are ``size``; one fold
    is always kept.
    """

    def __init__(self, store: EventStore, log_id: str, capacity: int) -> None:
        """Nothing kept, at position 0."""
        self.book = RuleBook(store, log_id)
        self._store = store
        self.log_id = log_id
        self._capacity = capacity
        self._kept: OrderedDict[UnitYear, UnitYearFold] = OrderedDict()
        self.position = 0
        self.size = 0

    def at(self, position: int) -> None:
        """Be at ``position``: whatever was folded up to another one is forgotten."""
        if position != self.position:
            self.forget()
            self.position = position

    def take(self, unit_year: UnitYear) -> UnitYearFold:
        """The fold of a unit and year at the position, kept or loaded; the taker advances it."""
        fold = self._kept.pop(unit_year, None)
        if fold is not None:
            return fold
        if self.position == 0:
            return UnitYearFold(self.log_id, unit_year, self.book)
        return load(self._store, self.log_id, unit_year, self.position, self.book)

    def keep(self, folds: Iterable[UnitYearFold], position: int) -> None:
        """Keep what was taken and advanced to ``position``."""
        self.position = position
        for fold in folds:
            fold.rest()
            self._kept[fold.id] = fold
        size = sum(fold.size for fold in self._kept.values())
        while size > self._capacity and len(self._kept) > 1:
            _, given_up = self._kept.popitem(last=False)
            size -= given_up.size
        self.size = size

    def forget(self) -> None:
        """Keep nothing."""
        self._kept.clear()
        self.size = 0
