"""The calculations of a form that were put aside, and are looked at as far as somebody asks.

A form is calculated again and again, and of each line only the newest calculation counts. They
are most of what a long form stores. So a look at a past begins with the newest and goes back no
further than to the lines that it asks for.
"""

from collections.abc import Iterable, Iterator, MutableMapping, Sequence

from msgspec import structs

from domain.evaluation.documents import CalculatedBriefly
from domain.evaluation.noted import Noted, ScoreMoved
from domain.facts.envelope import event_id_of
from domain.store import Document


class Calculations(MutableMapping[str, Noted]):
    """By line the newest calculation, as a fold of all of them would hold it."""

    __slots__ = ("_by_line", "_entered", "_older", "_opened")

    def __init__(self, newest_first: Iterable[tuple[int, Document]]) -> None:
        """All calculations with their versions, of which none is looked at yet."""
        self._older = iter(newest_first)
        self._opened: list[Noted] = []
        self._entered: set[str] = set()
        self._by_line: dict[str, Noted] = {}

    def moves(self) -> Iterator[ScoreMoved]:
        """Those that gave a line other points than the one before, in order."""
        points: dict[str, object] = {}
        for noted in reversed(self._all()):
            line, found = noted.fact.line, noted.fact.points
            if points.setdefault(line, found) != found:
                yield ScoreMoved(
                    noted.event_id, line, noted.recorded_at, by_hand=False, version=noted.version
                )
            points[line] = found

    def entered_by(self) -> set[str]:
        """Who calculated, or had it done."""
        self._all()
        return self._entered

    def _all(self) -> Sequence[Noted]:
        for _ in self._open():
            pass
        return self._opened

    def _open(self) -> Iterator[str]:
        """Look at one more, as often as asked; the line that it is of."""
        for version, document in self._older:
            noted, envelope = Noted.briefly(document, version), document.envelope
            self._opened.append(noted)
            self._entered.add(envelope.actor)
            if envelope.on_behalf_of is not None:
                self._entered.add(envelope.on_behalf_of)
            line = noted.fact.line
            if line not in self._by_line:
                self._by_line[line] = whole(noted)
            yield line

    def __getitem__(self, line: str) -> Noted:
        if line not in self._by_line:
            # Comes to an end at the line, or where there are no more.
            any(one == line for one in self._open())
        return self._by_line[line]

    def __setitem__(self, line: str, noted: Noted) -> None:
        self._by_line[line] = noted

    def __delitem__(self, line: str) -> None:
        self._all()
        del self._by_line[line]

    def __iter__(self) -> Iterator[str]:
        self._all()
        return iter(self._by_line)

    def __len__(self) -> int:
        self._all()
        return len(self._by_line)


def whole(noted: Noted) -> Noted:
    """A calculation that was read in brief, with everything in it."""
    fact = noted.fact
    if isinstance(fact, CalculatedBriefly):
        event_id = event_id_of(noted.event_id)
        return structs.replace(noted, event_id=event_id, fact=fact.whole())
    return noted
