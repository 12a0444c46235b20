"""What is to be made: how many counties and units, and from which seed."""

import hashlib
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

MARK = "generated"
"""How every actor, organisation and command id of a generated fact begins."""
PAYMENTS = 54
"""Payments of a unit by default: a unit and year then has about 130 facts."""
LARGE = 20_000

_COUNTIES: Mapping[str, str] = {
    "1301": "02 04 05 07 08 09 10 11 21 23 25 26 27 28 29 30 31 32 33 81 83 84",
    "1302": "02 03 04 05 07 08 09 24 25 27 29 81 83 84",
    "1303": "02 03 04 06 21 22 24",
    "1304": "02 03 04 06 07 08 23 24 25 26 27 30 31 32 33 34 35 81",
    "1305": "02 03 05 06 22 23 24 25 28 29 30 31 32 33 34 35 81 82",
    "1306": "02 06 07 08 09 23 24 26 27 28 29 30 31 32 33 34 35 36 37 38 81 82 83 84",
    "1307": "02 03 05 06 08 09 22 23 24 25 26 27 28 30 31 32",
    "1308": "02 03 04 21 22 24 25 26 27 28 81",
    "1309": "02 03 21 22 23 24 25 26 27 28 29 30 81 82 83 84",
    "1310": "02 03 22 23 24 25 26 28 81 82",
    "1311": "02 03 21 22 23 24 25 26 27 28 82",
}
"""Codes of counties as a province has them: four digits of the city, two of the county."""
DIVISIONS = tuple(city + county for city, all_ in _COUNTIES.items() for county in all_.split())
"""The codes in the order in which they are filled."""


class Plan(Struct, frozen=True, kw_only=True):
    """The arguments of a run. ``payments`` are those of a unit, ``large`` those of the first unit
    of the first county (0: as any other).
    """

    counties: int
    units: int
    year: int
    seed: int
    payments: int = PAYMENTS
    large: int = LARGE

    @property
    def divisions(self) -> tuple[str, ...]:
        """The counties to be filled, each with a log of its own."""
        return DIVISIONS[: self.counties]

    @property
    def own(self) -> str:
        """How the command ids of this run begin: nothing else gives such ids.

        The number of counties is no part of it: more of them can be added to a run.
        """
        digest = hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(self, counties=0)))
        return f"{MARK}-{digest.hexdigest()[:12]}-"

    def units_of(self, division: str) -> Iterator["Unit"]:
        """The units of a county, in the order of their codes."""
        first = division == DIVISIONS[0]
        for index in range(self.units):
            large = self.large if first and index == 0 else 0
            yield Unit(
                division=division,
                code=f"{index + 1:03}",
                index=index,
                year=self.year,
                payments=large or self.payments,
                large=large > 0,
            )


class Unit(Struct, frozen=True, kw_only=True):
    """A unit of a county, before anything is made up about it."""

    division: str
    code: str
    index: int
    year: int
    payments: int
    large: bool
