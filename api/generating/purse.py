"""A unit as it was made up: its name, projects and size, and the lines of its initial budget."""

from datetime import date, timedelta
from typing import NamedTuple

from msgspec import structs

from api.generating import words
from api.generating.chance import Chance
from api.generating.plan import Unit
from domain.facts.ledger import BudgetLine, FundNature, Kind, Line, Purpose
from domain.ids import UnitYear

YUAN = 100
WAN = 1_000_000


class Project(NamedTuple):
    """A project of a unit."""

    code: str
    name: str


class Purse:
    """A unit with its name, projects and size; what its ledger and its forms share."""

    def __init__(self, unit: Unit, chance: Chance) -> None:
        """Made up from ``chance`` for ``unit``."""
        self.unit = unit
        self.unit_year = UnitYear(unit.division, unit.code, unit.year)
        kind = words.KINDS[unit.index % len(words.KINDS)]
        place = chance.pick(words.PLACES) + chance.pick(words.PLACES)
        self.name = place + kind.name
        count = 2 if unit.large or chance.percent(30) else 1
        self.projects = tuple(
            Project(f"P{number:02}", name)
            for number, name in enumerate(chance.some(kind.projects, count), 1)
        )
        self.functional = kind.functional
        # 3 million yuan is usual; a hospital has hundreds of millions.
        self.size = chance.lopsided((40_000 if unit.large else 300) * WAN) // YUAN * YUAN + WAN
        self.lines = self._budget(chance)
        self.supervised = chance.percent(90)
        """Whether a department above it reviews its form."""

    def _line(self, economic: str, *purposes: Purpose, project: str | None = None) -> Line:
        return Line(
            fund_nature=FundNature.GENERAL_PUBLIC,
            kind=Kind.PROJECT if project else Kind.BASIC,
            project=project,
            functional=self.functional,
            economic=economic,
            purposes=purposes,
        )

    def _budget(self, chance: Chance) -> tuple[BudgetLine, ...]:
        """The initial lines, together about the size of the unit."""
        size = self.size
        lines = [
            BudgetLine(chance.part_of(size, 320, 420), self._line("30101")),
            BudgetLine(chance.part_of(size, 80, 140), self._line("30103")),
            BudgetLine(chance.part_of(size, 60, 90), self._line("30108")),
            BudgetLine(chance.part_of(size, 40, 90), self._line("30201", Purpose.OPERATING)),
            BudgetLine(chance.part_of(size, 10, 30), self._line("30211", Purpose.OPERATING)),
        ]
        vehicle = (Purpose.VEHICLE_OPERATION, Purpose.OPERATING)
        # One unit in eight has no such expenditure: its line has nothing to measure.
        if not chance.percent(12):
            lines.append(BudgetLine(chance.part_of(size, 4, 12), self._line("30231", *vehicle)))
            reception = self._line("30217", Purpose.RECEPTION, Purpose.OPERATING)
            lines.append(BudgetLine(chance.part_of(size, 1, 5), reception))
            if chance.percent(5):
                overseas = self._line("30212", Purpose.OVERSEAS)
                lines.append(BudgetLine(chance.part_of(size, 3, 8), overseas))
            if chance.percent(4):
                bought = self._line("31013", Purpose.VEHICLE_PURCHASE, Purpose.PROCUREMENT)
                lines.append(BudgetLine(18 * WAN, bought))
        for number, project in enumerate(self.projects):
            key = (Purpose.KEY_PROJECT,) if number == 0 and chance.percent(90) else ()
            part = chance.part_of(size, 100, 320)
            bought = self._line("31003", *key, Purpose.PROCUREMENT, project=project.code)
            works = self._line("30227", *key, project=project.code)
            if chance.percent(10):
                works = structs.replace(works, fund_nature=FundNature.GOVERNMENT_FUND)
            lines += [BudgetLine(part // 3, bought), BudgetLine(part - part // 3, works)]
        if chance.percent(8):
            own = structs.replace(self._line("30299"), fund_nature=FundNature.UNIT_OWN)
            lines.append(BudgetLine(chance.part_of(size, 20, 120), own))
        return tuple(BudgetLine(rounded(one.amount), one.line) for one in lines)

    @property
    def evaluated(self) -> tuple[Project, ...]:
        """The projects that have a form."""
        return self.projects[:1]

    @property
    def initial(self) -> int:
        """The initial budget in fen."""
        return sum(line.amount for line in self.lines)

    @property
    def project_lines(self) -> tuple[Line, ...]:
        """The lines that lie on projects."""
        return tuple(one.line for one in self.lines if one.line.project)


def rounded(amount: int) -> int:
    """Budgets are made in hundreds of yuan."""
    return max(amount // (100 * YUAN), 1) * 100 * YUAN


def paper(chance: Chance, year: int) -> str:
    """A 文号 of the finance bureau."""
    return f"{chance.pick(words.PAPERS)}〔{year}〕{chance.between(1, 480)}号"


def some_day(chance: Chance, year: int, weights: tuple[int, ...]) -> date:
    """A day of ``year``, of each month as often as its weight says."""
    month = chance.weighted(weights) + 1
    last = 31 if month == 12 else (date(year, month + 1, 1) - timedelta(days=1)).day  # noqa: PLR2004
    return date(year, month, chance.between(1, last))
