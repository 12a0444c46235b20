"""检索: in which facts a word, a number or a 文号 occurs: in reasons and opinions, in the numbers of
documents, in the names of indicators.

The index holds grams only. Texts stay where a redaction reaches them; a hit is looked at in its
text, so that what is gone is never shown, and its grams go out of the index with the redaction.
"""

from projections.search.index import Place, grams_in
from projections.search.queries import (
    Indexed,
    Key,
    Learnt,
    SearchFilter,
    apply,
    prepare,
    search,
)
from projections.search.rows import ENTRIES, INDEX, Hit, SearchEntry, TextPart, names, table
from projections.search.words import Piece, wanted_by

__all__ = [
    "ENTRIES",
    "INDEX",
    "Hit",
    "Indexed",
    "Key",
    "Learnt",
    "Piece",
    "Place",
    "SearchEntry",
    "SearchFilter",
    "TextPart",
    "apply",
    "grams_in",
    "names",
    "prepare",
    "search",
    "table",
    "wanted_by",
]
