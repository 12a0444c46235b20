"""What questions about a year are answered with."""

from collections.abc import Mapping

from msgspec import Struct

from domain.evaluation.state import Status
from projections.standing.money import Money
from projections.standing.rows import FormStanding

Positions = Mapping[str, int]


class Forms(Struct, frozen=True, kw_only=True):
    """The forms of a year: how many there are in each state and of each grade that counts ("" for
    none), how many have a total, and the mean of these at two digits.
    """

    count: int
    by_status: dict[Status, int]
    by_grade: dict[str, int]
    scored: int
    mean_total: str | None


class Year(Struct, frozen=True, kw_only=True):
    """How a year stood in one log at a position: how many ledgers it had, its money and forms. Of
    ``declared_units`` only what their forms declare counts.

    ``undated`` is money without a date, left out of ``money`` when a business date is asked for.
    """

    log_id: str
    position: int
    fiscal_year: int
    units: int
    declared_units: int
    money: Money
    undated: Money | None
    forms: Forms


class Years(Struct, frozen=True, kw_only=True):
    """A year in several logs: each log, and all of them together."""

    fiscal_year: int
    units: int
    declared_units: int
    money: Money
    undated: Money | None
    forms: Forms
    logs: tuple[Year, ...]


class ListedUnit(Struct, frozen=True, kw_only=True):
    """A unit with an open ledger, and its money."""

    log_id: str
    fiscal_year: int
    ledger: str
    unit: str
    unit_name: str
    money: Money
    undated: Money | None


class Listed(Struct, frozen=True, kw_only=True):
    """A form as it stood, with the money of its unit, or of its project; None where none is booked."""

    form: FormStanding
    money: Money | None
    undated: Money | None
