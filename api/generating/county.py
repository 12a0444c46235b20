"""A county's year: the scripts of all its parts, act after act in the order of time."""

import hashlib
import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from api.generating.bureau import Bureau
from api.generating.chance import Chance
from api.generating.forms import Form
from api.generating.money import ledger_script
from api.generating.plan import Plan
from api.generating.purse import Purse
from api.generating.scripts import Act, Script, Stage
from domain.application import Tools, handle
from domain.facts.envelope import Context
from domain.store import EventStore

_SAMPLED_PERCENT = 10
_PARTS = 1000
_MOST_IN_A_COMMAND = 1 << 12

Seen = Callable[[int, int], None]
"""Told how many thousandths of the county's time are over, and how many facts there are."""


class County:
    """One county of a plan, to be written into its log."""

    def __init__(self, plan: Plan, division: str) -> None:
        """Nothing is made up before ``perform``."""
        self._plan = plan
        self._division = division
        # A year to happen in, and the nine months in which it is evaluated.
        self._begin = datetime(plan.year, 1, 1, tzinfo=UTC)
        self._length = datetime(plan.year + 1, 10, 1, tzinfo=UTC) - self._begin

    def perform(self, store: EventStore, seen: Seen) -> int:
        """Give every command of the county; returns how many facts they made.

        ``store`` must see what was just appended. Commands that an earlier run gave are answered
        with their old receipts. Raises ``Rejected`` when a command is refused.
        """
        scripts = self._scripts(Stage(store, self._division))
        waiting: list[tuple[datetime, int, Act]] = []
        given = [0] * len(scripts)
        for index, script in enumerate(scripts):
            act = next(script)
            heapq.heappush(waiting, (act.when, index, act))
        facts = part = 0
        while waiting:
            when, index, act = waiting[0]
            name = f"{self._plan.own}{index}-{given[index]}"
            given[index] += 1
            ids = self._carry_out(store, act, name)
            facts += len(ids)
            try:
                act = scripts[index].send(ids)
            except StopIteration:
                heapq.heappop(waiting)
            else:
                heapq.heapreplace(waiting, (act.when, index, act))
            reached = min(_PARTS, (when - self._begin) * _PARTS // self._length)
            if reached > part:
                part = reached
                seen(part, facts)
        return facts

    def _scripts(self, stage: Stage) -> list[Script]:
        plan, division = self._plan, self._division

        def chance(*names: object) -> Chance:
            return Chance(plan.seed, division, plan.year, *names)

        units = list(plan.units_of(division))
        purses = [Purse(unit, chance("unit", unit.code)) for unit in units]
        drawn = chance("sample")
        scripts: list[Script] = []
        sample: list[str] = []
        for purse in purses:
            code = purse.unit.code
            rare = chance("rare", code)
            scripts.append(ledger_script(purse, chance("ledger", code), rare, stage))
            for project in (None, *purse.evaluated):
                # The first form of a county is always drawn, so that a sample is never empty.
                sampled = not sample or drawn.percent(_SAMPLED_PERCENT)
                drawing, rare = chance("form", code, project), chance("rare", code, project)
                form = Form(purse, project, drawing, rare, stage, sampled=sampled)
                if sampled:
                    sample.append(form.id)
                scripts.append(form.script())
        # The bureau is last, so that the numbers of the others do not hang on it.
        drawing = chance("bureau")
        bureau = Bureau(division, plan.year, purses, drawing, stage)
        return [*scripts, bureau.script(sample)]

    def _carry_out(self, store: EventStore, act: Act, command_id: str) -> tuple[UUID, ...]:
        # The seed is in it: event ids of two runs must differ wherever they may meet.
        key = hashlib.sha256(f"{self._division}/{command_id}".encode()).digest()
        made = _Made(key, act.when)
        receipt = handle(
            store,
            act.command() if callable(act.command) else act.command,
            Context(
                now=act.when,
                actor=act.actor,
                role=act.role,
                organisation=act.organisation,
                live=act.live,
            ),
            command_id=command_id,
            tools=Tools(new_event_id=made.event_id, new_salt=made.salt),
        )
        # A command that was stored before has made nothing now, and had the same ids.
        return tuple(made.ids or map(made.numbered, range(len(receipt.facts))))


class _Made(Struct):
    """The event ids and salts of one command: they follow from its id and its time alone."""

    key: bytes
    when: datetime
    ids: list[UUID] = msgspec.field(default_factory=list)
    salts: int = 0

    def numbered(self, number: int) -> UUID:
        """The UUIDv7 of the command's fact ``number``: time, then the number, then the key."""
        if number >= _MOST_IN_A_COMMAND:
            msg = "a generated command has too many facts"
            raise ValueError(msg)
        milliseconds = (self.when - _EPOCH) // _MILLISECOND
        rest = int.from_bytes(self.key[:8], "big") >> 2
        return UUID(int=milliseconds << 80 | 7 << 76 | number << 64 | 2 << 62 | rest)

    def event_id(self) -> UUID:
        """The next event id."""
        self.ids.append(self.numbered(len(self.ids)))
        return self.ids[-1]

    def salt(self) -> bytes:
        """The next salt."""
        self.salts += 1
        return hashlib.sha256(self.key + self.salts.to_bytes(4, "big")).digest()[:16]


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
