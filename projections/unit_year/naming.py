"""How views name a fact: its kind, place and document, and what it states."""

from functools import cache
from typing import Any

from domain.facts import Fact, tag_of
from domain.facts.envelope import Place
from domain.facts.others import EntryCorrected
from domain.store import Recorded
from projections.tables import FactRef


def ref_of(recorded: Recorded) -> FactRef:
    """A recorded fact as views name it."""
    envelope = recorded.envelope
    return FactRef(
        event_id=envelope.event_id,
        stream_id=recorded.stream_id,
        version=recorded.version,
        position=recorded.position,
        type=name_of(recorded.fact),
        recorded_at=envelope.recorded_at,
        actor=envelope.actor,
        role=envelope.role,
        organisation=envelope.organisation,
        place=place_of(recorded),
        document=document_of(recorded.fact),
    )


def name_of(fact: Fact) -> str:
    """The kind of a fact, "budget-supplemented": its tag without the version.

    A fact is upcast when it is read, so the version that it was stored under is not known here.
    """
    return _name_of(type(fact))


@cache
def _name_of(kind: type[Fact]) -> str:
    return tag_of(kind).partition(".")[0]


def place_of(recorded: Recorded) -> Place | None:
    """Where a fact is printed: as it says itself, else as its envelope does."""
    stated = stated_by(recorded.fact)
    place = getattr(stated, "place", None)
    return place if isinstance(place, Place) else recorded.envelope.source


def document_of(fact: Fact) -> str | None:
    """The 文号 that a fact names."""
    document = getattr(fact, "document", None)
    return document if isinstance(document, str) and document else None


def stated_by(fact: Any) -> Any:  # noqa: ANN401 - any fact, or none
    """What a fact states: a correction states its replacement, which is None for a void."""
    return fact.replacement if isinstance(fact, EntryCorrected) else fact
