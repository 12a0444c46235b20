"""The rule sets of one log."""

from typing import ClassVar

from domain.facts.form import RuleSetAdopted
from domain.ids import rule_set_stream
from domain.jurisdiction import fold_rule_set
from domain.scoring.rule_set import RuleSet
from domain.store import EventStore

_AT_HAND = 256


class RuleBook:
    """The rule sets of one log, read when they are asked for.

    A published version never changes and is known by its digest, so what was read once serves every
    past position, and every book of this process.
    """

    _shelf: ClassVar[dict[str, RuleSet]] = {}

    def __init__(self, store: EventStore, log_id: str) -> None:
        """The rule sets that ``log_id`` holds."""
        self._store = store
        self._log_id = log_id

    def pinned(self, division: str, adopted: RuleSetAdopted | None) -> RuleSet | None:
        """The adopted version, whole; None when nothing was adopted or the log does not have it."""
        if adopted is None:
            return None
        found = self._shelf.get(adopted.digest)
        if found is None:
            stream = rule_set_stream(division, adopted.name)
            state = fold_rule_set(self._store.read(self._log_id, stream))
            found = state.named(adopted.version)
            # What lies under the name is shared only when it is what was adopted.
            if found is not None and found.digest == adopted.digest:
                self._keep(found)
        return found

    @classmethod
    def _keep(cls, rules: RuleSet) -> None:
        if len(cls._shelf) >= _AT_HAND:
            cls._shelf.clear()
        cls._shelf[rules.digest] = rules
