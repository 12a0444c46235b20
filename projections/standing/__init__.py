"""年度情况: how a year stood at any moment, in one jurisdiction or in all of a province.

An indexed answer instead of a fold of thousands of streams. For every moment it equals what the
facts known then add up to.
"""

from collections.abc import Sequence

from projections.standing.answers import Forms, Listed, ListedUnit, Positions, Year, Years
from projections.standing.flows import FLOWS
from projections.standing.grading import FORMS, Distribution, Grades, distribution
from projections.standing.listing import Key, list_page, listed, stood
from projections.standing.money import Money, Scope
from projections.standing.positions import reached
from projections.standing.queries import (
    UnitName,
    has_form,
    has_unit,
    unit_names,
    units_of,
    year,
    years_with_facts,
)
from projections.standing.rows import (
    OPEN_END,
    Account,
    FormStanding,
    Movement,
    Sum,
    Unit,
    accounts,
    forms,
    movements,
    units,
)
from projections.standing.watching import SHOWS, Watch, Watched
from projections.standing.writing import apply, forget
from projections.tables.tallies import Counted

TALLIES: Sequence[Counted] = (FORMS, FLOWS)

__all__ = [
    "OPEN_END",
    "SHOWS",
    "TALLIES",
    "Account",
    "Distribution",
    "FormStanding",
    "Forms",
    "Grades",
    "Key",
    "Listed",
    "ListedUnit",
    "Money",
    "Movement",
    "Positions",
    "Scope",
    "Sum",
    "Unit",
    "UnitName",
    "Watch",
    "Watched",
    "Year",
    "Years",
    "accounts",
    "apply",
    "distribution",
    "forget",
    "forms",
    "has_form",
    "has_unit",
    "list_page",
    "listed",
    "movements",
    "reached",
    "stood",
    "unit_names",
    "units",
    "units_of",
    "year",
    "years_with_facts",
]
