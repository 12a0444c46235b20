"""One command of an import, what it is carried out with, and what it left in the store."""

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

from domain import commands as c
from domain.application import Tools, stream_of
from domain.facts.envelope import Context
from domain.ids import division_of
from domain.problems import Problem
from domain.store import EventStore, Receipt, Recorded

PREFIX = "import"


class Step(Struct, frozen=True, kw_only=True):
    """One command of a plan. ``place`` tells where in the file it comes from; ``places`` does for
    its parts ("entries[3]", "entries[0].rows[2]", "line 7"). ``assumed`` tells that the file leaves
    open on which basis a ledger is opened: one that is open already is taken as it is.
    """

    name: str
    command: c.Command
    place: str
    places: dict[str, str] = {}
    assumed: bool = False

    @property
    def stream(self) -> str:
        """The stream the command is about."""
        return stream_of(self.command)

    @property
    def log_id(self) -> str:
        """The log it is appended to."""
        return division_of(self.stream)

    @property
    def command_id(self) -> str:
        """From form or ledger and step: ``import/130104/xfj/2024/department/rows``."""
        return f"{PREFIX}/{self.stream}/{self.name}"


class Done(Struct, frozen=True):
    """A step that is stored, and whether it was stored before this import."""

    step: Step
    receipt: Receipt
    before: bool


Rehearse = Callable[[EventStore, Mapping[str, int]], EventStore]
"""Makes a store that reads through to another and keeps appends to itself; the logs named are
seen as they were at a position, without the commands that came before it."""


class Scene(Struct, frozen=True):
    """What every step is carried out with."""

    store: EventStore
    context: Context
    tools: Tools
    rehearse: Rehearse


def stored_by(store: EventStore, step: Step) -> list[Recorded]:
    """What an earlier import stored under the command id of ``step``."""
    history = store.read(step.log_id, step.stream)
    return [one for one in history if one.envelope.command_id == step.command_id]


def placed(step: Step, problem: Problem) -> Problem:
    """``problem`` with its place in the file before its place in the command."""
    inner = problem.place
    part = inner
    while part and part not in step.places:
        part = part[: max(part.rfind("."), part.rfind("["), 0)]
    place = step.places.get(part, step.place)
    vague = inner if part != inner else ""
    return msgspec.structs.replace(problem, place=f"{place} ({vague})" if vague else place)
