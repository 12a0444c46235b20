"""疑点: what a cross-check finds, in a form that can be acknowledged, filed and compared."""

import hashlib
from enum import StrEnum
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.values import Words


class FindingClass(StrEnum):
    """CONTRADICTION: two statements cannot both hold. UNSUPPORTED: nothing bears it. NOTICE:
    worth a look.
    """

    CONTRADICTION = "CONTRADICTION"
    UNSUPPORTED = "UNSUPPORTED"
    NOTICE = "NOTICE"


class Finding(Struct, frozen=True, gc=False, kw_only=True):
    """One finding about a form. ``line`` None speaks of the whole form or its money.

    ``claim`` is what is stated, ``recomputed`` what follows from the facts, ``details`` further
    values one by one (each reading of a score, each part of a sum). ``facts`` are the event ids
    it rests on. ``values`` are the bare figures that make it what it is.
    """

    code: str
    class_: FindingClass
    form: str
    line: str | None = None
    claim: Words
    recomputed: Words
    details: tuple[Words, ...] = ()
    facts: tuple[UUID, ...] = ()
    values: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Digest of code, subject and values: an acknowledgement lapses when the values change."""
        subject = (self.code, self.form, self.line or "", *self.values)
        return hashlib.sha256(msgspec.json.encode(subject)).hexdigest()[:16]
