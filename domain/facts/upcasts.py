"""Old shapes of facts, and how each becomes the next one.

What is stored is never rewritten: a fact keeps its tag and bytes for ever, and is brought to
today's shape whenever it is read. ``UPCASTS`` leads from an old tag to the next, one step each,
so that a new version of a fact adds one function and touches none before it.
"""

from collections.abc import Callable
from typing import Any

RawFact = dict[str, Any]
"""A fact as JSON holds it, its tag under "type"."""


def _expenditure_recorded_v1(fact: RawFact) -> RawFact:
    # v1 had the classification of a payment beside its amount, and knew neither the nature of
    # the funds nor the functional class; v2 has the line that every other entry has.
    outside = ("project", "economic", "purposes")
    line = {name: fact[name] for name in outside if fact.get(name)}
    rest = {name: value for name, value in fact.items() if name not in outside}
    return rest | {"type": "expenditure-recorded.v2"} | ({"line": line} if line else {})


UPCASTS: dict[str, Callable[[RawFact], RawFact]] = {
    "expenditure-recorded.v1": _expenditure_recorded_v1,
}


def to_today(fact: RawFact) -> RawFact:
    """``fact`` in today's shape, and likewise a fact inside it (the replacement of a correction).

    A fact of today, or of an unknown tag, comes back as it is.
    """
    while (step := UPCASTS.get(fact["type"])) is not None:
        fact = step(fact)
    inner = fact.get("replacement")
    if isinstance(inner, dict) and "type" in inner:
        fact = fact | {"replacement": to_today(inner)}
    return fact
