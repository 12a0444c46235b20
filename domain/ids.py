"""Speakable stream ids: ``130104/xfj/2024/ledger``, ``…/department``, ``…/project/{code}``.

A jurisdiction-year is ``130104/2024``, a rule set ``130104/rule-sets/{name}``, an account
``130104/accounts/{id}``. Segments hold neither ``/`` nor white space nor control characters.
"""

import re

from msgspec import Struct

from domain.problems import Problem, kind

MALFORMED_ID = kind(
    "id.malformed",
    422,
    zh="编号 {id!r} 不成立",
    en="the id {id!r} is malformed",
    do_zh="自评写作 区划/单位/年度/department 或 区划/单位/年度/project/项目编码，台账写作 区划/单位/年度/ledger，"
    "区划年度写作 区划/年度，规则集写作 区划/rule-sets/名称",
    do_en="write division/unit/year/department or division/unit/year/project/code for a form, "
    "division/unit/year/ledger for a ledger, division/year for a year, "
    "division/rule-sets/name for a rule set",
)
_SEGMENT = re.compile(r"[^/\s\x00-\x1f\x7f?#%\\]{1,64}")
_YEAR = re.compile(r"(19|20)\d\d")
_RESERVED = frozenset({"rule-sets", "accounts"})


class UnitYear(Struct, frozen=True):
    """A unit and a fiscal year in a division: what a ledger and its forms share."""

    division: str
    unit: str
    year: int

    @property
    def prefix(self) -> str:
        """The common beginning of the unit's stream ids of the year."""
        return f"{self.division}/{self.unit}/{self.year}/"

    @property
    def ledger(self) -> str:
        """The stream id of the ledger."""
        return self.prefix + "ledger"

    @property
    def jurisdiction_year(self) -> str:
        """The stream id of the jurisdiction-year."""
        return f"{self.division}/{self.year}"

    def form(self, project: str | None = None) -> str:
        """The stream id of the department form, or of a project's form."""
        return self.prefix + ("department" if project is None else f"project/{project}")


def is_segment(text: str) -> bool:
    """Whether ``text`` can stand as one segment of an id."""
    return _SEGMENT.fullmatch(text) is not None and text not in {".", ".."}


class _Parsed(Struct, frozen=True):
    unit_year: UnitYear
    kind: str
    project: str | None = None


def _parsed(stream_id: str) -> _Parsed | None:
    parts = stream_id.split("/")
    if not all(is_segment(part) for part in parts):
        return None
    match parts:
        case [division, unit, year, "ledger" | "department" as kind]:
            project = None
        case [division, unit, year, "project" as kind, project]:
            pass
        case _:
            return None
    if _YEAR.fullmatch(year) is None or unit in _RESERVED:
        return None
    return _Parsed(UnitYear(division, unit, int(year)), kind, project)


def unit_year_of(stream_id: str) -> UnitYear | None:
    """The unit and year of a ledger's or form's id; None for any other or malformed id."""
    parsed = _parsed(stream_id)
    return parsed.unit_year if parsed else None


def project_of(form_id: str) -> str | None:
    """The project code of a project form's id; None for a department form."""
    parsed = _parsed(form_id)
    return parsed.project if parsed else None


def is_form(stream_id: str) -> bool:
    """Whether this is the id of a form."""
    parsed = _parsed(stream_id)
    return parsed is not None and parsed.kind != "ledger"


def is_ledger(stream_id: str) -> bool:
    """Whether this is the id of a ledger."""
    parsed = _parsed(stream_id)
    return parsed is not None and parsed.kind == "ledger"


def is_jurisdiction_year(stream_id: str) -> bool:
    """Whether this is the id of a division's year: ``130104/2024``."""
    division, _, year = stream_id.partition("/")
    return is_segment(division) and _YEAR.fullmatch(year) is not None


def is_rule_set(stream_id: str) -> bool:
    """Whether this is the id of a rule set: ``130104/rule-sets/国家-2020``."""
    division, _, name = stream_id.partition("/rule-sets/")
    return is_segment(division) and is_segment(name)


def rule_set_stream(division: str, name: str) -> str:
    """The stream id of a rule set of a division."""
    return f"{division}/rule-sets/{name}"


def division_of(stream_id: str) -> str:
    """The first segment: the division under which the stream was opened."""
    return stream_id.partition("/")[0]


def problems_with_form_id(form_id: str, place: str = "form") -> list[Problem]:
    """Empty for a well-formed form id."""
    return [] if is_form(form_id) else [MALFORMED_ID.at(place, id=form_id)]
