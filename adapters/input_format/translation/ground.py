"""What every part of a translation stands on: the submission or form, its places, its money."""

from collections.abc import Iterable
from typing import Protocol

from adapters.input_format import document as d
from adapters.input_format.problems import CLASH, FINER_THAN_FEN, MISSING_KEY, TOO_MUCH
from adapters.input_format.shapes import Reading
from domain.facts.envelope import Place
from domain.facts.form import Level
from domain.facts.ledger import Basis
from domain.ids import UnitYear
from domain.scoring.rule_set import RuleSet
from domain.validity import MOST_FEN
from domain.values import Printed, Words


class FindRules(Protocol):
    """Where rule sets come from that a file only names."""

    def find(self, division: str, form: str, wanted: d.RuleSetName) -> RuleSet | None:
        """The rule set that a name means for a form."""
        ...

    def known(self, division: str) -> list[str]:
        """All names that would be found."""
        ...


class Seen:
    """What one import has met so far, across its files."""

    def __init__(self) -> None:
        self.forms: dict[str, str] = {}
        self.booked: dict[str, str] = {}
        self.reconciled: dict[str, str] = {}
        self.bases: dict[str, tuple[Basis, str]] = {}
        self.published: set[tuple[str, str, str]] = set()
        self.written: dict[tuple[str, str, str], tuple[RuleSet, str]] = {}
        self.inline: dict[tuple[str, str], RuleSet] = {}


class Ground:
    """A submission while it is translated."""

    def __init__(
        self, submission: d.Submission, reading: Reading, find_rules: FindRules, seen: Seen
    ) -> None:
        self.it = submission
        self.reading = reading
        self.find_rules = find_rules
        self.seen = seen
        self.document = submission.document
        self.root = reading.path_of(submission)
        self.unit_year = UnitYear(
            submission.division.code, submission.unit.code, submission.fiscal_year
        )

    @property
    def known(self) -> bool:
        """Whether division, unit and year could be read: otherwise ids mean nothing."""
        it = self.it
        return d.UNREAD not in {it.division.code, it.unit.code} and it.fiscal_year > 0

    def under(self, key: str) -> str:
        """The path of a key of the submission."""
        return f"{self.root}.{key}" if self.root else key

    def path(self, given: object) -> str:
        """Where ``given`` was read."""
        return self.reading.path_of(given)

    def clash(self, path: str, detail: Words, hint: Words) -> None:
        """Note that things which are written do not go together."""
        self.reading.report_at(path, CLASH, detail=detail, hint=hint)

    def fen(self, printed: Printed, path: str) -> int:
        """The amount in fen; 0, and a problem, for one that is none."""
        try:
            fen = printed.fen
        except ValueError:
            self.reading.report_at(path, FINER_THAN_FEN, text=printed.text, unit=printed.unit)
            return 0
        if abs(fen) > MOST_FEN:
            self.reading.report_at(path, TOO_MUCH, text=printed.text, unit=printed.unit)
            return 0
        return fen

    def places(self, given: Iterable[object], part: str = "entries") -> dict[str, str]:
        """The places in the file of the parts of a command."""
        return {
            f"{part}[{index}]": self.reading.place(self.path(one))
            for index, one in enumerate(given)
        }


class FormGround:
    """An evaluation while it is translated; ``rules`` are those it goes by."""

    def __init__(self, ground: Ground, evaluation: d.Evaluation) -> None:
        self.ground = ground
        self.it = evaluation
        self.reading = ground.reading
        self.path = ground.path(evaluation)
        self.amount_unit = evaluation.amount_unit or ground.it.amount_unit
        project = evaluation.code if evaluation.level is Level.PROJECT else None
        self.id = ground.unit_year.form(project)
        self.rules: RuleSet | None = None

    def money(self, text: str, unit: str | None, path: str) -> Printed:
        """An amount as printed, checked to be one."""
        printed = Printed(text, unit or self.amount_unit)
        self.ground.fen(printed, path)
        return printed

    def own_place(self) -> Place | None:
        """Where the form itself is printed."""
        if self.it.place is None:
            return None
        return Place(self.ground.document, self.it.place, bool(self.it.table))

    def place(self, given: d.Placed, *, suffix: str = "") -> Place:
        """Where ``given`` is printed; the form's own place where it names none."""
        if given.place is not None:
            return Place(self.ground.document, given.place, bool(given.table))
        if self.it.place is None:
            about = "印在何处；或在这份自评上写 place，各处共用"
            path = self.ground.path(given)
            self.reading.report_at(path, MISSING_KEY, key="place", about=about)
            return Place(self.ground.document, "")
        inherited = self.it.table if given.table is None else given.table
        return Place(self.ground.document, f"{self.it.place} {suffix}".strip(), bool(inherited))
