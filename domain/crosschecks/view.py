"""What a cross-check sees: one form with its rules and money, beside the unit's other forms."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import get_args
from uuid import UUID

from msgspec import Struct

from domain.crosschecks.findings import Finding, FindingClass
from domain.decisions import Chain
from domain.evaluation.calculation import calculate, is_stale
from domain.evaluation.estimation import NO_FACT
from domain.evaluation.figures import Money, Stated, money_of, statements
from domain.evaluation.readings import Measures, Reading, readings
from domain.evaluation.scores import ScoreSheet, score_sheet
from domain.evaluation.state import FormState, Status
from domain.facts import Fact
from domain.facts.envelope import Place
from domain.facts.form import Level, ScoreCalculated
from domain.facts.ledger import (
    Adjustment,
    AdvanceRecognised,
    ExpenditureRecorded,
    ExpenditureReversed,
    FundsCarriedIn,
    InitialBudgetApproved,
    Line,
)
from domain.ledger import LedgerState, signed_parts
from domain.scoring.indicators import Indicator
from domain.scoring.rule_set import RuleSet
from domain.values import FEN_PER_UNIT, Words

MOST_NAMED = 50
"""A sum of more entries than this names none of them: the ledger itself is then the place."""
BEFORE_SUBMISSION = frozenset({Status.ABSENT, Status.DRAFT, Status.SIGNED})


_SPENDING: tuple[type[Fact], ...] = (ExpenditureRecorded, AdvanceRecognised, ExpenditureReversed)
_ADJUSTING: tuple[type[Adjustment], ...] = get_args(Adjustment)
_BUDGETING: tuple[type[Fact], ...] = (InitialBudgetApproved, FundsCarriedIn, *_ADJUSTING)
"""What is behind an outturn, and behind every other booked sum, in the order of naming."""


class _LatestSoFar(Struct, frozen=True):
    """For each entry of a ledger the latest head up to it, as a number."""

    kind: None = None

    def nothing(self) -> list[int]:
        return []

    def add(self, to: list[int], chains: Iterable[Chain]) -> None:
        latest = to[-1] if to else 0
        for chain in chains:
            latest = max(latest, chain.head.int)
            to.append(latest)


_LATEST_SO_FAR = _LatestSoFar()


class Case(Struct, frozen=True, kw_only=True):
    """A unit and year: its ledger, its forms by id, and the rule set that each form adopted.

    ``sheets`` are the scores of those forms that somebody has summed up already.
    """

    ledger: LedgerState
    forms: Mapping[str, FormState]
    rule_sets: Mapping[str, RuleSet | None]
    sheets: Mapping[str, ScoreSheet] = {}


class Amount(Struct, frozen=True, gc=False, kw_only=True):
    """A sum of money as it counts: fen, how many places it is printed with in 万元, where, and
    what printing can hide, in fen.
    """

    fen: int
    places: int = 0
    tolerance: Fraction = Fraction(0)
    place: Place | None = None
    facts: tuple[UUID, ...] = ()

    def differs(self, other: "Amount") -> bool:
        """Whether printing cannot explain the difference."""
        return abs(self.fen - other.fen) > self.tolerance + other.tolerance


def amount_of(stated: Stated) -> Amount:
    """A declared statement as an amount."""
    printed = stated.printed
    return Amount(
        fen=stated.fen,
        places=printed.places if printed.unit == "万元" else 0,
        tolerance=printed.tolerance * FEN_PER_UNIT[printed.unit],
        place=stated.place,
        facts=(stated.fact,),
    )


class View:
    """One form of a case."""

    def __init__(self, case: Case, form_id: str) -> None:
        """Everything that the checks ask for, worked out once."""
        self.case = case
        self.id = form_id
        self.form = case.forms[form_id]
        self.ledger = case.ledger
        self.rules = case.rule_sets.get(form_id)
        self.stated = statements(self.form)
        self.money: Money = money_of(self.form, case.ledger, stated=self.stated)
        self.sheet = case.sheets.get(form_id) or score_sheet(self.form, self.rules)
        self.scores = {score.line: score for score in self.sheet.lines}
        self.rows = tuple(self.form.rows.values())
        self.siblings: tuple[View, ...] = ()
        self.measures = Measures(self.form, self.money, self.stated)
        self._behind: dict[tuple[type[Fact], ...], tuple[UUID, ...]] = {}
        self._readings: dict[str, tuple[Reading, ...]] = {}
        self._calculated: dict[str, ScoreCalculated] = {}
        self._stale: dict[str, bool] = {}

    @property
    def is_department(self) -> bool:
        """Whether this is the department's form."""
        opened = self.form.opened
        return opened is not None and opened.level is Level.DEPARTMENT

    @property
    def name(self) -> str:
        """The project's name, or the unit's."""
        opened = self.form.opened
        if opened is None:
            return self.id
        return opened.project_name or opened.project or opened.unit_name

    def projects(self) -> list["View"]:
        """The unit's project forms, this one included where it is one."""
        return [view for view in self.siblings if view.form.opened and not view.is_department]

    @property
    def total_points(self) -> Decimal:
        """What the weights of a whole form add up to."""
        return self.rules.total_points if self.rules else Decimal(100)

    def finding(
        self,
        code: str,
        class_: FindingClass,
        *,
        claim: Words,
        recomputed: Words,
        line: str | None = None,
        details: Iterable[Words] = (),
        facts: Iterable[UUID | None] = (),
        values: Iterable[object] = (),
    ) -> Finding:
        """A finding about this form; each fact is named once."""
        return Finding(
            code=code,
            class_=class_,
            form=self.id,
            line=line,
            claim=claim,
            recomputed=recomputed,
            details=tuple(details),
            facts=tuple(dict.fromkeys(fact for fact in facts if fact not in {None, NO_FACT})),
            values=tuple(str(value) for value in values),
        )

    def amount(self, quantity: str) -> Amount | None:
        """The amount that counts for ``quantity``; booked ones are exact."""
        same, behind = self.stated.get(quantity), self.money.facts.get(quantity)
        if same and behind == same[0].fact:
            return amount_of(same[0])
        fen = self.money.sums.get(quantity)
        if fen is None:
            return None
        return Amount(fen=fen, facts=(behind,) if behind else self._booked(quantity))

    def _booked(self, quantity: str) -> tuple[UUID, ...]:
        """The entries behind a booked sum, as long as they are few enough to be named."""
        kinds = _SPENDING if quantity.endswith("OUTTURN") else _BUDGETING
        if kinds not in self._behind:
            self._behind[kinds] = self._heads(kinds)
        return self._behind[kinds]

    def _heads(self, kinds: tuple[type[Fact], ...]) -> tuple[UUID, ...]:
        chains = (chain for kind in kinds for chain in self.ledger.chains.of(kind))
        heads = (chain.head for chain in chains if chain.fact and self._bears(chain.fact))
        # One beyond what is named tells that there are too many; there may be thousands.
        found = tuple(islice(heads, MOST_NAMED + 1))
        return found if len(found) <= MOST_NAMED else ()

    def _bears(self, fact: Fact) -> bool:
        match fact:
            case ExpenditureRecorded(line=line) | AdvanceRecognised(line=line):
                return self.within(line)
            case ExpenditureReversed(voucher=voucher):
                paid = self.ledger.payment(voucher)
                return self.within(paid.line if paid else Line())
            case InitialBudgetApproved(lines=parts) | FundsCarriedIn(lines=parts):
                return any(self.within(part.line) for part in parts)
            case fact if isinstance(fact, Adjustment):
                return any(self.within(line) for _, line in signed_parts(fact))
            case _:
                return False

    def is_stale(self, line: str) -> bool:
        """Whether what a line's calculation rests on is otherwise now; False without rules, and
        for a line that was never calculated.
        """
        if self.rules is None:
            return False
        stale = self._stale.get(line)
        if stale is None:
            stale = self._stale[line] = is_stale(self.form, self.money, self.rules, line)
        return stale

    def calculated(self, row: Indicator) -> ScoreCalculated | None:
        """The calculation that the form stands by: the stored one once it is submitted, today's
        before. None where neither exists.
        """
        noted = self.form.calculated.get(row.line)
        if noted is not None and self.form.status not in BEFORE_SUBMISSION:
            stored: ScoreCalculated = noted.fact
            return stored
        if self.rules is None:
            return noted.fact if noted else None
        if row.line not in self._calculated:
            self._calculated[row.line] = calculate(self.form, self.money, self.rules, row)
        return self._calculated[row.line]

    def readings(self, row: Indicator) -> tuple[Reading, ...]:
        """Every reading of a line."""
        if row.line not in self._readings:
            noted = self.form.calculated.get(row.line)
            holds = noted is not None and self.rules is not None and not self.is_stale(row.line)
            calculation: ScoreCalculated | None = noted.fact if noted and holds else None
            self._readings[row.line] = readings(self.measures, self.rules, row, calculation)
        return self._readings[row.line]

    def booked_since(self, fact: UUID) -> list[UUID]:
        """What was booked or corrected in the ledger after ``fact``."""
        # Event ids carry their time (UUIDv7), as numbers too. Where the latest so far is not later,
        # none is: mostly all but the last.
        moment, chains = fact.int, self.ledger.chains
        latest: list[int] = chains.summed(_LATEST_SO_FAR)
        since = chains.since(bisect_right(latest, moment))
        return [head for one in since if (head := one.head).int > moment]

    def adjustments(self) -> Iterator[tuple[Chain, Adjustment]]:
        """The live booked adjustments that touch this form's money."""
        found = [pair for kind in _ADJUSTING for pair in self.ledger.live(kind)]
        # Event ids carry their time (UUIDv7): kind by kind, and still in the order of booking.
        for chain, fact in sorted(found, key=lambda pair: pair[0].origin):
            if any(self.within(line) for _, line in signed_parts(fact)):
                yield chain, fact

    def within(self, line: Line) -> bool:
        """Whether a line of the ledger belongs to this form."""
        return self.money.project is None or line.project == self.money.project


def views_of(case: Case) -> tuple[View, ...]:
    """A view of each form, in the order of the case; each sees all of them."""
    views = tuple(View(case, form_id) for form_id in case.forms)
    for view in views:
        view.siblings = views
    return views


Check = Callable[[View], Iterable[Finding]]
