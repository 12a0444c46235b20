"""Facts as bytes and back: one JSON document {"envelope": …, "fact": {"type": tag, …}}.

Decimals and UUIDs are strings, days and times ISO 8601. The bytes are made once and then hashed
and stored as they are; nothing is ever encoded again to check it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from domain.facts import BY_TAG, Fact
from domain.facts.envelope import Envelope
from domain.facts.upcasts import UPCASTS, to_today

_F = TypeVar("_F", bound=Fact)


class Stored(Struct, Generic[_F], frozen=True, gc=False):
    """The stored document of one fact."""

    envelope: Envelope
    fact: _F


class UnreadableFact(Exception):
    """A stored fact that this program cannot read: it is newer, or the bytes were tampered with.

    ``tag`` is the stored type.
    """

    def __init__(self, tag: str, why: str) -> None:
        """A fact stored under ``tag`` is unreadable because of ``why``."""
        self.tag = tag
        super().__init__(
            f"a stored fact of type {tag!r} cannot be read: {why}. Upgrade the program to the "
            f"version that wrote it; for an old shape, register a step in domain/upcasts.py."
        )


def _document(fact: type[Fact]) -> Any:  # noqa: ANN401 - a type, made from a class of a table
    return Stored[fact]  # type: ignore[valid-type]


DECODERS: Mapping[str, Callable[[bytes], Stored[Any]]] = {
    tag: msgspec.json.Decoder(_document(fact)).decode for tag, fact in BY_TAG.items()
}
"""One decoder per type: the stored tag chooses it, and each also checks the tag in the payload.
For whoever reads thousands of facts; what a decoder refuses is tried again by ``decode``."""

REFUSED = (KeyError, msgspec.DecodeError, UnicodeDecodeError)
"""What looking up a decoder, and a decoder, raise for a fact that needs ``decode``."""

_encode = msgspec.json.Encoder().encode


def encode(envelope: Envelope, fact: Fact) -> bytes:
    """The bytes to be stored."""
    return _encode(Stored(envelope, fact))


def decode(tag: str, payload: bytes) -> Stored[Any]:
    """The document in ``payload``, stored under ``tag``, with its fact in today's shape.

    Raises ``UnreadableFact`` for an unknown tag, or a payload that is not a fact of this type.
    """
    try:
        return DECODERS[tag](payload)
    except REFUSED:
        # An old tag; or the replacement inside a correction has an older shape than it.
        return _decode_old(tag, payload)


def decode_alone(payload: bytes) -> Stored[Any]:
    """The document in ``payload``, stored under the tag that it names itself.

    Raises ``UnreadableFact`` as ``decode`` does.
    """
    try:
        tag = str(msgspec.json.decode(payload)["fact"]["type"])
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise UnreadableFact("?", str(error)) from error
    return decode(tag, payload)


def _decode_old(tag: str, payload: bytes) -> Stored[Any]:
    if tag not in UPCASTS and tag not in BY_TAG:
        raise UnreadableFact(tag, "the type is unknown")
    try:
        document = msgspec.json.decode(payload)
        if document["fact"]["type"] != tag:
            raise UnreadableFact(tag, "its payload names another type")
        today = to_today(document["fact"])
        kind = _document(BY_TAG[today["type"]])
        found: Stored[Any] = msgspec.convert(document | {"fact": today}, kind)
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise UnreadableFact(tag, str(error)) from error
    return found
