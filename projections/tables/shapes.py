"""What rows of several views are made of."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from domain.facts.envelope import Place, Role
from domain.values import Words, plain

REDACTED = Words("已删除", "deleted")
"""What stands where a text was that has been redacted."""


class Prose(Struct, frozen=True, gc=False, omit_defaults=True):
    """A text that a person typed. A view keeps its digest; a query joins its ``body``.

    A redacted text has ``redacted`` True and says so in its body.
    """

    digest: str
    body: str | None = None
    redacted: bool = False

    def in_(self, lang: str) -> str:
        """The text, or in ``lang`` that it is deleted; empty before it was joined."""
        return REDACTED.in_(lang) if self.redacted else self.body or ""


class FactRef(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A fact behind a number: where it lies, who said it in what role, and when.

    ``place`` is where it is printed, ``document`` the 文号 that it names.
    """

    event_id: UUID
    stream_id: str
    version: int
    position: int
    type: str
    recorded_at: datetime
    actor: str
    role: Role
    organisation: str
    place: Place | None = None
    document: str | None = None


class TextBodies(Protocol):
    """The texts of a log that are (still) there, by digest; ``EventStore.text_bodies`` fits."""

    def __call__(self, log_id: str, digests: Sequence[str], /) -> dict[str, str]:
        """The bodies of those of ``digests`` that are there."""
        ...


def prose(digest: str | None) -> Prose | None:
    """A text by its digest; None where nothing was written."""
    return Prose(digest) if digest else None


def points(value: Decimal | Fraction | None) -> str | None:
    """Points as a decimal string; None where there are none."""
    return None if value is None else plain(value)


def per_cent(part: int, whole: int) -> str | None:
    """``part`` of ``whole`` in per cent at two digits, half up; None when there is no whole."""
    if whole <= 0:
        return None
    hundredths, rest = divmod(abs(part) * 10_000, whole)
    hundredths += 2 * rest >= whole
    percents, rest = divmod(hundredths, 100)
    digits = f"{percents}.{rest:02}".rstrip("0") if rest else str(percents)
    return f"-{digits}" if part < 0 and hundredths else digits
