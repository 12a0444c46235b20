"""A script: what one part of a county does in the course of the year, one act after the other.

A script is a generator of acts. Each act is carried out before the script goes on, and answered
with the event ids of the facts it gave; what is stored by then can be read from the ``Stage``.
"""

from collections.abc import Callable, Generator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from msgspec import Struct

from api.generating.chance import Chance
from api.generating.plan import MARK
from domain import ledger
from domain.commands import Command
from domain.crosschecks import Case, findings_of, views_of
from domain.crosschecks.findings import Finding
from domain.evaluation import form
from domain.evaluation.state import FormState
from domain.facts.envelope import Role
from domain.ledger import LedgerState
from domain.scoring.rule_set import RuleSet
from domain.store import EventStore

Asked = Command | Callable[[], Command]


class Act(Struct, frozen=True):
    """A command, who gives it and when. ``live`` is False for an import of payments.

    A script is asked for its next act as soon as the last one is carried out. A command that
    hangs on what others do until then is given as a function, called when its time has come.
    """

    when: datetime
    command: Asked
    actor: str
    role: Role
    organisation: str
    live: bool = True


Script = Generator[Act, tuple[UUID, ...], None]


class Stage(Struct, frozen=True):
    """What scripts can look at: the streams of their county as they stand."""

    store: EventStore
    log_id: str

    def ledger(self, stream_id: str) -> LedgerState:
        """The state of a ledger."""
        return ledger.fold(self.store.read(self.log_id, stream_id))

    def form(self, stream_id: str) -> FormState:
        """The state of a form."""
        return form.fold(self.store.read(self.log_id, stream_id))

    def findings(
        self, form_id: str, ledger_id: str, rules: Mapping[str, RuleSet]
    ) -> tuple[Finding, ...]:
        """What does not hold in a form now, beside the others of its unit and year; ``rules`` are
        those of all its forms, of which some may not be open yet.
        """
        states = {one: self.form(one) for one in rules}
        opened = {one: state for one, state in states.items() if state.opened is not None}
        case = Case(ledger=self.ledger(ledger_id), forms=opened, rule_sets=rules)
        [view] = [one for one in views_of(case) if one.id == form_id]
        return findings_of(view)


_OPENING = time(1, 0, tzinfo=UTC)
"""Nine o'clock in China, where offices open."""
_OFFICE_SECONDS = 8 * 3600
_SATURDAY = 5


class Hand:
    """Whoever acts in one script: never earlier than before, and in office hours."""

    def __init__(self, chance: Chance, *, unit: str, division: str) -> None:
        """The people of ``unit`` and of the bureau of ``division``."""
        self._chance = chance
        self._unit = f"{MARK}-{division}-{unit}"
        self._bureau = f"{MARK}-{division}-finance"
        self._security = f"{MARK}-{division}-security"
        self._audit = f"{MARK}-{division}-audit"
        self._last = datetime(1970, 1, 1, tzinfo=UTC)

    def moment(self, day: date) -> datetime:
        """A moment in the office hours of ``day`` or the next working day; later than the last."""
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
        seconds = self._chance.between(0, _OFFICE_SECONDS)
        wanted = datetime.combine(day, _OPENING) + timedelta(seconds=seconds)
        self._last = max(wanted, self._last + timedelta(minutes=1))
        return self._last

    def soon(self) -> datetime:
        """A few minutes after the last act."""
        self._last += timedelta(seconds=self._chance.between(60, 900))
        return self._last

    def clerk(self, when: datetime, command: Asked) -> Act:
        """The unit's clerk."""
        return Act(when, command, f"{self._unit}-clerk", Role.UNIT_CLERK, self._unit)

    def approver(self, when: datetime, command: Asked) -> Act:
        """The unit's approver."""
        return Act(when, command, f"{self._unit}-approver", Role.UNIT_APPROVER, self._unit)

    def department(self, when: datetime, command: Asked) -> Act:
        """A reviewer of the supervising department."""
        organisation = f"{self._unit}-department"
        return Act(
            when, command, f"{organisation}-reviewer", Role.DEPARTMENT_REVIEWER, organisation
        )

    def bureau(self, when: datetime, command: Asked, role: Role = Role.FINANCE_CLERK) -> Act:
        """Somebody in the finance bureau."""
        actor = f"{self._bureau}-{role.removeprefix('FINANCE_').lower()}"
        return Act(when, command, actor, role, self._bureau)

    def security(self, when: datetime, command: Asked) -> Act:
        """The county's security administrator."""
        actor = f"{self._security}-administrator"
        return Act(when, command, actor, Role.SECURITY_ADMINISTRATOR, self._security)

    def oversight(self, when: datetime, command: Asked) -> Act:
        """An auditor of the county."""
        return Act(when, command, f"{self._audit}-auditor", Role.OVERSIGHT, self._audit)

    def treasury(self, when: datetime, command: Asked) -> Act:
        """The import of payments from the treasury's system."""
        actor = f"{self._bureau}-import"
        return Act(when, command, actor, Role.IMPORTER, self._bureau, live=False)
