"""What can be found: one entry for each text of a fact, and the tables of the index."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateTable

from domain.facts.envelope import Role
from domain.values import Words
from projections.search.words import Piece
from projections.tables import METADATA, Prose, table_of


class TextPart(StrEnum):
    """What a text is in its fact."""

    REASON = "reason"
    OPINION = "opinion"
    MEASURE = "measure"
    PROBLEM = "problem"
    ACTUAL = "actual"
    TITLE = "title"
    REMARK = "remark"
    DOCUMENT = "document"
    INDICATOR = "indicator"

    # As its text, in C: an enumeration would ask its member's name in Python.
    __hash__ = str.__hash__

    @property
    def words(self) -> Words:
        """The name in both languages."""
        return _NAMES[self]


_NAMES = {
    TextPart.REASON: Words("理由", "reason"),
    TextPart.OPINION: Words("意见", "opinion"),
    TextPart.MEASURE: Words("措施", "measure"),
    TextPart.PROBLEM: Words("问题", "problem"),
    TextPart.ACTUAL: Words("完成值", "actual value"),
    TextPart.TITLE: Words("题名", "title"),
    TextPart.REMARK: Words("批注", "remark"),
    TextPart.DOCUMENT: Words("文号", "document number"),
    TextPart.INDICATOR: Words("指标名称", "indicator"),
}


class SearchEntry(Struct, frozen=True, gc=False, kw_only=True):
    """One text of one fact, and who said it when.

    ``prose`` is a text that a person typed, by its digest; ``plain`` what stands in the fact
    itself: a 文号, the name of an indicator. ``evaluation`` is None for a fact of no form, ``line``
    for one that speaks of no line.
    """

    log_id: str
    position: int
    ordinal: int
    part: TextPart
    stream_id: str
    evaluation: str | None
    unit: str | None
    fiscal_year: int | None
    line: str | None
    event_id: UUID
    event_type: str
    version: int
    actor: str
    role: Role
    organisation: str
    recorded_at: datetime
    document: str | None
    prose: Prose | None
    plain: str | None

    @property
    def text(self) -> str | None:
        """The text itself; None before it was joined, and for one that was redacted."""
        if self.prose is None:
            return self.plain
        return None if self.prose.redacted else self.prose.body


class Hit(Struct, frozen=True, gc=False, kw_only=True):
    """What was found: the entry, the names of its unit and project, and the words around."""

    entry: SearchEntry
    unit_name: str | None
    project_name: str | None
    excerpt: tuple[Piece, ...]


class StreamName(Struct, frozen=True, gc=False, kw_only=True):
    """How people call a ledger or a form."""

    log_id: str
    stream_id: str
    unit_name: str
    project_name: str | None


table = table_of(
    SearchEntry,
    "search_entries",
    key=("log_id", "position", "ordinal"),
    # A redaction names the digest.
    indexes=(("log_id", "prose"),),
)
names = table_of(StreamName, "search_names", key=("log_id", "stream_id"))

# ------------------------------------------------------------------------------------- the index
_ID = Text().with_variant(Text(collation="C"), "postgresql")

grams = Table(
    "search_grams",
    METADATA,
    Column("log_id", _ID, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("ordinal", BigInteger, primary_key=True, autoincrement=False),
    Column("grams", TSVECTOR().with_variant(Text(), "sqlite"), nullable=False),
    Index("search_grams_found", "grams", postgresql_using="gin").ddl_if(dialect="postgresql"),
)
"""The grams of each entry: a tsvector on PostgreSQL, a virtual table of FTS5 on SQLite."""

fts = Table(
    "search_grams",
    MetaData(),
    Column("rowid", BigInteger, primary_key=True),
    Column("grams", Text),
    Column("search_grams", Text),
)
"""The same table as FTS5 has it. Its rowid holds log, position and ordinal; the column of its own
name is the one that is asked, and told what to do."""

numbers = Table(
    "search_logs",
    METADATA,
    Column("log_id", _ID, primary_key=True),
    Column("number", BigInteger, nullable=False),
)
"""The number by which FTS5 knows a log."""


@compiles(CreateTable, "sqlite")
def _create(create: CreateTable, compiler: Any, **options: Any) -> str:  # noqa: ANN401
    made: Table = create.element
    if made is not grams:
        ordinary: str = compiler.visit_create_table(create, **options)
        return ordinary
    # Grams come apart at blanks only. Their places are not kept: a hit is looked at in its text.
    return (
        f"CREATE VIRTUAL TABLE {compiler.preparer.format_table(made)} USING fts5("
        "grams, detail=none, columnsize=0, tokenize=\"ascii tokenchars '_'\")"
    )


ENTRIES = (table, names)
"""What a rebuild fills, and what two sets of views are compared by."""
INDEX = (grams, numbers)
"""What a rebuild fills as well; it follows from the entries and their texts."""
