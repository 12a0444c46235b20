"""Free text is detached: a fact holds only the digest of what a person typed.

``FreeText`` marks a field. In a command it holds the prose; ``detach`` swaps it for
SHA-256(salt ‖ text) before ``decide`` sees it, and returns the texts to be stored beside the
facts, where a redaction can remove one without breaking any proof.
"""

import hashlib
import re
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, NewType, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that no text may hold: control characters (a terminal would obey them), lone surrogates
and what Unicode keeps for no character. No door takes them.
"""

_MARK = "free-text"
FreeText = Annotated[str, msgspec.Meta(description=_MARK)]
"""Prose in a command, its digest (64 hex digits) in a fact."""

Digest = NewType("Digest", str)
_S = TypeVar("_S", bound=Struct)


class DetachedText(Struct, frozen=True):
    """A text to be stored beside its fact: digest = SHA-256(salt ‖ utf-8 of body), in hex."""

    digest: str
    salt: bytes
    body: str


def digest_of(salt: bytes, body: str) -> str:
    """SHA-256(salt ‖ utf-8 of ``body``) in hex."""
    return hashlib.sha256(salt + body.encode()).hexdigest()


@cache
def free_text_fields(kind: type[Struct]) -> frozenset[str]:
    """The names of the fields that hold free text."""
    hints = get_type_hints(kind, include_extras=True)
    return frozenset(name for name, hint in hints.items() if _is_free_text(hint))


def _is_free_text(hint: Any) -> bool:  # noqa: ANN401 - any annotation may come
    if get_origin(hint) is Annotated:
        return any(getattr(extra, "description", None) == _MARK for extra in hint.__metadata__)
    return any(_is_free_text(part) for part in get_args(hint))


def detach(command: _S, new_salt: Callable[[], bytes]) -> tuple[_S, tuple[DetachedText, ...]]:
    """``command`` with every free text swapped for its digest, and the texts. Blank is absent.

    Structs and tuples inside the command are followed.
    """
    texts: list[DetachedText] = []

    def of_text(body: str) -> str | None:
        if not body.strip():
            return None
        salt = new_salt()
        text = DetachedText(digest_of(salt, body), salt, body)
        texts.append(text)
        return text.digest

    def walk(value: Any) -> Any:  # noqa: ANN401 - any field may come
        if isinstance(value, tuple):
            return tuple(walk(part) for part in value)
        if not isinstance(value, Struct):
            return value
        marked = free_text_fields(type(value))
        changed = {}
        for name in value.__struct_fields__:
            before = getattr(value, name)
            after = of_text(before) if name in marked and isinstance(before, str) else walk(before)
            if after is not before:
                changed[name] = after
        return msgspec.structs.replace(value, **changed) if changed else value

    return walk(command), tuple(texts)
