"""What a form remembers of a fact that has been said."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from domain.facts.envelope import Role, StoredId, event_id_of
from domain.store import Document


class Noted(Struct, frozen=True, gc=False):
    """A live fact that cannot be corrected, with who said it and when.

    Of a calculation read in brief the id is a text until it is completed.
    """

    event_id: UUID
    fact: Any
    actor: str
    role: Role
    recorded_at: datetime
    version: int

    @classmethod
    def of(cls, document: Document, version: int) -> "Noted":
        """The fact of a document, which is the form's at ``version``."""
        noted = cls.briefly(document, version)
        return structs.replace(noted, event_id=event_id_of(noted.event_id))

    @classmethod
    def briefly(cls, document: Document, version: int) -> "Noted":
        """The same of a calculation, of which a fold looks at many and keeps few."""
        envelope = document.envelope
        return cls(
            envelope.event_id,
            document.fact,
            envelope.actor,
            envelope.role,
            envelope.recorded_at,
            version,
        )


class ScoreMoved(Struct, frozen=True, gc=False):
    """A fact that changed a line's score; ``by_hand`` when it set or withdrew an override.

    ``stored_id`` is its id as it was read.
    """

    stored_id: StoredId
    line: str
    recorded_at: datetime
    by_hand: bool
    version: int

    @property
    def event_id(self) -> UUID:
        """Which fact."""
        return event_id_of(self.stored_id)
