"""The rule sets of one log."""

from domain.facts.form import RuleSetAdopted
from domain.ids import rule_set_stream
from domain.jurisdiction import RuleSetState, fold_rule_set
from domain.scoring.rule_set import RuleSet
from domain.store import EventStore


class RuleBook:
    """The rule sets of one log, read when they are asked for. Published versions never change,
    so what was read once serves every past position.
    """

    def __init__(self, store: EventStore, log_id: str) -> None:
        """The rule sets that ``log_id`` holds."""
        self._store = store
        self._log_id = log_id
        self._known: dict[str, RuleSetState] = {}

    def pinned(self, division: str, adopted: RuleSetAdopted | None) -> RuleSet | None:
        """The adopted version, whole; None when nothing was adopted or the log does not have it."""
        if adopted is None:
            return None
        stream = rule_set_stream(division, adopted.name)
        state = self._known.get(stream)
        if state is None or adopted.version not in state.versions:
            state = self._known[stream] = fold_rule_set(self._store.read(self._log_id, stream))
        return state.named(adopted.version)
