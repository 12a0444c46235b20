"""What must not be in the system: a note that something is withheld, and texts that are removed."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec
from msgspec import Struct

from api.generating import words
from api.generating.chance import Chance
from api.generating.scripts import Act, Hand, Stage
from domain.commands import Note, Redact
from domain.facts.form import ContentWithheld
from domain.facts.others import TextRedacted
from domain.store import Recorded
from domain.texts import free_text_fields

_OFTEN_SECRET = frozenset({"2040201", "2040601", "2012604"})
"""Functional classes of police, justice and archives."""


def withheld(form: str, functional: str, day: date, chance: Chance, hand: Hand) -> Iterator[Act]:
    """A placeholder for what is 涉密: usual with the police, rare elsewhere."""
    if not chance.percent(20 if functional in _OFTEN_SECRET else 1):
        return
    authority = f"保密〔{day.year}〕{chance.between(1, 40)}号" if chance.percent(70) else None
    placeholder = ContentWithheld(about=chance.pick(words.WITHHELD), authority=authority)
    yield hand.clerk(hand.moment(day), Note(form=form, entries=(placeholder,)))


def redacted(stream: str, day: date, chance: Chance, hand: Hand, stage: Stage) -> Iterator[Act]:
    """A text that should not have been typed is removed for good by the security administrator."""
    there = list(_texts(stage.store.read(stage.log_id, stream)))
    if there:
        command = Redact(
            stream=stream,
            digest=chance.pick(there),
            ground=chance.pick(words.REDACTION_GROUNDS),
            document=f"保密〔{day.year}〕{chance.between(1, 60)}号" if chance.percent(80) else None,
        )
        yield hand.security(hand.moment(day), command)


def _texts(history: Sequence[Recorded]) -> Iterator[str]:
    """The digests of the texts of a stream that are not removed yet, in the order of typing."""
    gone = {one.fact.digest for one in history if isinstance(one.fact, TextRedacted)}
    for one in history:
        yield from (digest for digest in _digests(one.fact) if digest not in gone)


def _digests(value: Struct) -> Iterator[str]:
    """Of a fact, and of what stands inside it."""
    marked = free_text_fields(type(value))
    for name, part in msgspec.structs.asdict(value).items():
        if name in marked and isinstance(part, str):
            yield part
        elif isinstance(part, Struct):
            yield from _digests(part)
