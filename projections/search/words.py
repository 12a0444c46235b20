"""What a text is searched by: its characters and words, the pairs of them, and what a query asks.

A Chinese character is a token, and so is a word of letters or digits. A text is indexed by every
pair of tokens that stand side by side, so that a word of two characters is found as it is; a pair
holds in 文号 too, whatever brackets stand in between: 财预〔2024〕12号 and 财预[2024]12号 are alike.
Between the two sides of a comma or full stop nothing stands side by side.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise, zip_longest
from typing import NamedTuple

from msgspec import Struct

from domain.problems import Rejected, kind

NO_WORDS = kind(
    "search.no-words",
    422,
    zh="“{text}”里没有可查的字或词",
    en="there is no word in {text!r}",
    do_zh="写一个或几个字、词、数字或文号；几个词之间空一格，要连在一起的加引号",
    do_en="give words, digits or a document number; words that belong together go in quotes",
)

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKENS = re.compile(rf"[{_HAN}]|(?:(?![{_HAN}])[^\W_])+|[,;:!?。、\n]")
_IS_HAN = re.compile(rf"[{_HAN}]")
_BREAKS = frozenset(",;:!?。、\n")
_QUOTED = re.compile(r'"([^"]*)"|“([^”]*)”|「([^」]*)」|『([^』]*)』|(\S+?)(?=["“「『\s]|$)')
_LONGEST_WORD = 64  # of a word in the index: an index has no use for more, and a limit to it
MOST_GRAMS = 20_000
"""Of one text; a text of more is found by its beginning. PostgreSQL holds 1 MB of them."""
AROUND = 24
"""Characters shown before and after what was found."""


class Token(NamedTuple):
    """A token as it is compared, and where it stands in the text."""

    text: str
    start: int
    end: int


class Piece(Struct, frozen=True):
    """A part of an excerpt; ``found`` marks what was looked for."""

    text: str
    found: bool = False


Phrase = tuple[str, ...]
"""Tokens that must stand side by side."""


class Wanted(Struct, frozen=True):
    """What a query asks for: every one of ``phrases`` must occur."""

    phrases: tuple[Phrase, ...]

    @property
    def grams(self) -> tuple[str, ...]:
        """The grams that an entry with all phrases must have; one that ends in * is a beginning."""
        return tuple(dict.fromkeys(gram for one in self.phrases for gram in _asked(one)))


def wanted_by(query: str, place: str = "q") -> Wanted:
    """What ``query`` asks for. Raises ``Rejected`` (``search.no-words``) at ``place`` when it is
    nothing.
    """
    parts = ["".join(found) for found in _QUOTED.findall(query)]
    phrases = [tuple(token.text for token in tokens(part)) for part in parts]
    some = tuple(dict.fromkeys(trimmed for one in phrases if (trimmed := _trimmed(one))))
    if not some:
        raise Rejected([NO_WORDS.at(place, text=query)])
    return Wanted(some)


def _trimmed(phrase: Phrase) -> Phrase:
    """Without the punctuation at its ends."""
    words = [index for index, token in enumerate(phrase) if token not in _BREAKS]
    return phrase[words[0] : words[-1] + 1] if words else ()


def tokens(text: str) -> list[Token]:
    """The tokens of a text, punctuation that separates included; forms of width and case alike."""
    plain, places = _plain(text)
    return [
        Token(found.group(), places[found.start()], places[found.end() - 1] + 1)
        for found in _TOKENS.finditer(plain)
    ]


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """``text`` in one width and case, and for each of its characters where it stood."""
    if unicodedata.is_normalized("NFKC", text) and text == text.casefold():
        return text, range(len(text))
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        one = unicodedata.normalize("NFKC", character).casefold()
        characters.append(one)
        places += [place] * len(one)
    return "".join(characters), places


def grams(text: str) -> list[str]:
    """What a text is found by, each once: pairs of tokens; words, and what has none after it."""
    found: dict[str, None] = {}
    some: list[str] = _TOKENS.findall(_plain(text)[0])
    for token, after in zip_longest(some, some[1:]):
        if token in _BREAKS:
            continue
        paired = after is not None and after not in _BREAKS
        if paired:
            found[_pair(token, after)] = None
        if not paired or not _is_han(token):
            found[token[:_LONGEST_WORD]] = None
        if len(found) >= MOST_GRAMS:
            break
    return list(found)


@lru_cache(maxsize=16_384)
def _is_han(token: str) -> bool:
    """Whether a token is a Chinese character; texts share a few thousand."""
    return _IS_HAN.match(token) is not None


def _pair(one: str, other: str) -> str:
    if _is_han(one) and _is_han(other):
        return one + other
    # No token holds one, so that no pair reads as a word, or as another pair.
    return f"{one[:_LONGEST_WORD]}_{other[:_LONGEST_WORD]}"


def _asked(phrase: Phrase) -> Iterable[str]:
    if len(phrase) == 1:
        # A character alone begins every pair that it is the first of.
        [token] = phrase
        yield f"{token}*" if _is_han(token) else token[:_LONGEST_WORD]
        return
    for one, other in pairwise(phrase):
        if one not in _BREAKS and other not in _BREAKS:
            yield _pair(one, other)
        elif one not in _BREAKS:
            yield one[:_LONGEST_WORD]


def excerpt(text: str, wanted: Wanted) -> tuple[Piece, ...] | None:
    """The words around the first of what is wanted, with everything in sight of it marked; None
    for a text in which a phrase does not occur.
    """
    words = tokens(text)
    spans: list[tuple[int, int]] = []
    for phrase in wanted.phrases:
        found = _occurrences(words, phrase)
        if not found:
            return None
        spans += found
    marks = _merged(sorted(spans))
    start = max(0, marks[0][0] - AROUND)
    end = min(len(text), marks[0][1] + AROUND)
    for first, last in marks:
        if first < end:
            end = min(len(text), max(end, last))
    pieces = [Piece("…")] if start else []
    at = start
    for first, last in marks:
        if first < end:
            pieces += [Piece(text[at:first]), Piece(text[first:last], found=True)]
            at = last
    pieces.append(Piece(text[at:end] + ("…" if end < len(text) else "")))
    return tuple(piece for piece in pieces if piece.text)


def _occurrences(words: Sequence[Token], phrase: Phrase) -> list[tuple[int, int]]:
    length = len(phrase)
    return [
        (words[at].start, words[at + length - 1].end)
        for at in range(len(words) - length + 1)
        if words[at].text == phrase[0]
        and all(words[at + n].text == phrase[n] for n in range(1, length))
    ]


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
