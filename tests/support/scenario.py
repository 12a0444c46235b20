"""Given facts, when a command, then exact facts: a small stage over the in-memory store."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from domain import ledger
from domain.application import Tools, handle
from domain.commands import (
    AdoptRuleSet,
    Book,
    Booking,
    CalculateScores,
    Command,
    Enter,
    Entry,
    OpenEvaluation,
    OpenLedger,
    PublishRuleSet,
)
from domain.evaluation import form
from domain.evaluation.scores import ScoreSheet, score_sheet
from domain.evaluation.state import FormState
from domain.facts import Fact
from domain.facts.envelope import UNKNOWN, Context, Effective, Role
from domain.facts.form import FormEntry, IndicatorsSet
from domain.facts.ledger import Basis, BudgetLine, InitialBudgetApproved, LedgerEntry, Line
from domain.ledger import LedgerState
from domain.problems import Problem, Rejected
from domain.scoring.indicators import Indicator, MetricRef
from domain.scoring.rule_set import GradeBand, RuleSet
from domain.scoring.rules import Proportional
from domain.store import EventStore, Receipt, Recorded
from tests.support.memory_store import MemoryStore

LOG = "130104"
UNIT_YEAR = f"{LOG}/xfj/2024"
LEDGER = f"{UNIT_YEAR}/ledger"
FORM = f"{UNIT_YEAR}/department"
YEAR = f"{LOG}/2024"
CLERK, APPROVER = ("clerk", Role.UNIT_CLERK), ("leader", Role.UNIT_APPROVER)
DEPARTMENT = ("department", Role.DEPARTMENT_REVIEWER)
FINANCE = ("finance", Role.FINANCE_REVIEWER)
BUREAU = ("bureau", Role.FINANCE_APPROVER)
BOOKKEEPER = ("bookkeeper", Role.FINANCE_CLERK)
IMPORT = ("import", Role.IMPORTER)
WAN = 1_000_000

EXECUTION = Indicator(
    line="1",
    path=("预算执行率",),
    max_points=Decimal(10),
    metric=MetricRef("EXECUTION_RATE", "ADJUSTED"),
    rule="按比例",
)
RULES = RuleSet(
    name="规则",
    version="1",
    title="测试规则",
    rules={"按比例": Proportional()},
    bands=(GradeBand("优", Decimal(90)), GradeBand("差", Decimal(0))),
)


class Scenario:
    """Commands given one after another, at a time that the test sets."""

    def __init__(self, store: EventStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.now = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
        self._number = 0
        self.tools = Tools(new_event_id=self._event_id, new_salt=self._salt)

    def _event_id(self) -> UUID:
        self._number += 1
        return UUID(int=self._number, version=4)

    def _salt(self) -> bytes:
        self._number += 1
        return self._number.to_bytes(16, "big")

    def at(self, year: int, month: int, day: int, hour: int = 8) -> "Scenario":
        """From now on it is this moment, UTC."""
        self.now = datetime(year, month, day, hour, tzinfo=UTC)
        return self

    def given(
        self,
        command: Command,
        by: tuple[str, Role] = CLERK,
        *,
        command_id: str | None = None,
        if_match: dict[str, int] | None = None,
        live: bool = True,
    ) -> Receipt:
        """Carry a command out; it must be accepted."""
        self._number += 1
        actor, role = by
        return handle(
            self.store,
            command,
            Context(now=self.now, actor=actor, role=role, organisation=actor, live=live),
            command_id=command_id or f"command-{self._number}",
            tools=self.tools,
            if_match=if_match,
        )

    def facts(
        self, command: Command, by: tuple[str, Role] = CLERK, *, live: bool = True
    ) -> list[Fact]:
        """Carry a command out and give the facts that it stored."""
        receipt = self.given(command, by, live=live)
        return [recorded.fact for recorded in self.recorded(receipt)]

    def recorded(self, receipt: Receipt) -> list[Recorded]:
        """The facts of a receipt, as they lie in the log."""
        found = self.store.read_log(receipt.log_id, limit=100_000)
        positions = {fact.position for fact in receipt.facts}
        return [recorded for recorded in found if recorded.position in positions]

    def rejected(
        self, command: Command, by: tuple[str, Role] = CLERK, *, live: bool = True
    ) -> Sequence[Problem]:
        """Carry a command out; it must be refused and store nothing. Gives the problems."""
        head = self.store.head(LOG)
        try:
            self.given(command, by, live=live)
        except Rejected as rejection:
            assert self.store.head(LOG) == head
            return rejection.problems
        msg = f"{command} was accepted"
        raise AssertionError(msg)

    def codes(
        self, command: Command, by: tuple[str, Role] = CLERK, *, live: bool = True
    ) -> list[str]:
        """The codes of the problems with a command that must be refused."""
        return [problem.code for problem in self.rejected(command, by, live=live)]

    # ------------------------------------------------------------------------ usual beginnings

    def with_ledger(self, basis: Basis = Basis.LEDGER, ledger_id: str = LEDGER) -> "Scenario":
        """An open ledger."""
        self.given(OpenLedger(ledger=ledger_id, unit_name="某局", basis=basis))
        return self

    def book(
        self, *entries: LedgerEntry, effective: Effective = UNKNOWN, ledger_id: str = LEDGER
    ) -> Receipt:
        """Entries booked in the ledger as an import would, without papers."""
        bookings = tuple(Booking(fact=entry, effective=effective) for entry in entries)
        return self.given(Book(ledger=ledger_id, entries=bookings), IMPORT, live=False)

    def with_initial(self, wan: int) -> "Scenario":
        """An initial budget in 万元."""
        self.book(InitialBudgetApproved(lines=(BudgetLine(wan * WAN, Line()),)))
        return self

    def with_form(
        self, *rows: Indicator, rules: RuleSet = RULES, form_id: str = FORM
    ) -> "Scenario":
        """An open form under ``rules`` with ``rows``."""
        stream = f"{LOG}/rule-sets/{rules.name}"
        self.given(PublishRuleSet(stream=stream, rule_set=rules), BOOKKEEPER)
        self.given(OpenEvaluation(form=form_id, unit_name="某局"))
        self.given(AdoptRuleSet(form=form_id, name=rules.name))
        if rows:
            self.enter(IndicatorsSet(rows=rows), form_id=form_id)
        return self

    def enter(self, *facts: FormEntry, form_id: str = FORM) -> Receipt:
        """Draft entries."""
        return self.given(Enter(form=form_id, entries=tuple(Entry(fact=fact) for fact in facts)))

    def calculated(self) -> "Scenario":
        """All lines calculated."""
        self.given(CalculateScores(form=FORM))
        return self

    # --------------------------------------------------------------------------- what came of it

    def form(self, form_id: str = FORM) -> FormState:
        """The form as it stands."""
        return form.fold(self.store.read(LOG, form_id))

    def ledger(self, ledger_id: str = LEDGER) -> LedgerState:
        """The ledger as it stands."""
        return ledger.fold(self.store.read(LOG, ledger_id))

    def sheet(self, rules: RuleSet = RULES) -> ScoreSheet:
        """The scores as they stand."""
        return score_sheet(self.form(), rules)
