"""Every fact that is ever stored: past tense, immutable, under an explicit versioned tag.

``ANY`` is the union of all of today's facts and ``BY_TAG`` finds a class by its stored tag. Names
of classes and modules never reach storage.
"""

from domain.facts import form, ledger, others
from domain.facts.ledger import Fact


def _facts() -> tuple[type[Fact], ...]:
    found = {
        value
        for module in (ledger, form, others)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Fact) and value is not Fact
    }
    return tuple(sorted(found, key=tag_of))


def tag_of(fact: type[Fact]) -> str:
    """The versioned tag under which facts of this class are stored."""
    tag = fact.__struct_config__.tag
    if not isinstance(tag, str):
        msg = f"{fact.__name__} has no tag"
        raise TypeError(msg)
    return tag


ALL: tuple[type[Fact], ...] = _facts()
BY_TAG: dict[str, type[Fact]] = {tag_of(fact): fact for fact in ALL}
TAGS: dict[type[Fact], str] = {fact: tag for tag, fact in BY_TAG.items()}
"""What ``tag_of`` says, for whoever needs it thousands of times."""

__all__ = ["ALL", "BY_TAG", "TAGS", "Fact", "form", "ledger", "others", "tag_of"]
