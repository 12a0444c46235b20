"""The envelope of every fact: who, when, in what role, under which command, from which place."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from msgspec import Struct


class Role(StrEnum):
    """The role in which somebody acts; one person may hold several."""

    UNIT_CLERK = "UNIT_CLERK"
    UNIT_APPROVER = "UNIT_APPROVER"
    DEPARTMENT_REVIEWER = "DEPARTMENT_REVIEWER"
    FINANCE_CLERK = "FINANCE_CLERK"
    FINANCE_REVIEWER = "FINANCE_REVIEWER"
    FINANCE_APPROVER = "FINANCE_APPROVER"
    OVERSIGHT = "OVERSIGHT"
    SECURITY_ADMINISTRATOR = "SECURITY_ADMINISTRATOR"
    IMPORTER = "IMPORTER"


class Place(Struct, frozen=True, gc=False, omit_defaults=True):
    """Where something is printed: a document and a place in it ("附件1 总分行")."""

    document: str
    place: str
    table: bool = False


class Effective(Struct, frozen=True, gc=False, omit_defaults=True):
    """业务日期: a day (both ends equal), a period, or unknown (both None); never invented."""

    first: date | None = None
    last: date | None = None

    @property
    def known(self) -> bool:
        """Whether a date is known."""
        return self.last is not None


UNKNOWN = Effective()


def on(day: date) -> Effective:
    """Effective on one day."""
    return Effective(day, day)


StoredId = UUID | str
"""The id of a fact as somebody has read it. A fold leaves it a text: of thousands of ids few are
looked at, and a UUID takes longer to make than the rest of an envelope.
"""


def event_id_of(stored: StoredId) -> UUID:
    """The id itself."""
    return stored if isinstance(stored, UUID) else msgspec.convert(stored, UUID)


_DASHES = slice(8, 24, 5)
"""Where the text of an id has its four dashes."""
_LENGTH = 36


def writes(text: str, digits: str) -> bool:
    """Whether ``text`` is the id with these 32 ``digits`` (``UUID.hex``), as ``str`` writes it."""
    return text.replace("-", "") == digits and text[_DASHES] == "----" and len(text) == _LENGTH


def event_id_in(text: str) -> UUID | None:
    """The id that ``text`` ``writes``; None for every other text, such as most ids of commands."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if writes(text, found.hex) else None


class Context(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the edge knows about a command: time (aware, UTC), person, role, cause.

    ``actor`` is an opaque id; names live in an erasable directory.
    """

    now: datetime
    actor: str
    role: Role
    organisation: str
    on_behalf_of: str | None = None
    correlation: str | None = None
    causation: str | None = None
    live: bool = True
    """False for an import of a printed form: mandatory reasons do not bind it."""


class Envelope(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What is stored beside the content of a fact."""

    event_id: UUID
    recorded_at: datetime
    effective: Effective = UNKNOWN
    actor: str
    role: Role
    organisation: str
    on_behalf_of: str | None = None
    command_id: str
    correlation: str | None = None
    causation: str | None = None
    source: Place | None = None
