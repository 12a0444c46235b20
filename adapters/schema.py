"""The tables of the store, as the program reads and writes them.

``log_id`` comes first in every key, so that a log can be moved, verified or distributed alone.
Columns of ``events`` beside the payload are copies for indexes; the payload is what counts, and
verification compares them. How the tables come to be, with the triggers that keep them from
being changed, stands in migrations/.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

REVISION = "0006"
"""The migration that this code needs; held equal to the newest one by a test."""

# Prefixes are searched as ranges, which needs the order of code points in every database.
_ID = Text().with_variant(Text(collation="C"), "postgresql")

metadata = MetaData()

logs = Table(
    "logs",
    metadata,
    Column("log_id", _ID, primary_key=True),
    Column("head", BigInteger, CheckConstraint("head >= 0", name="head_counts"), nullable=False),
    Column("known_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""One row per log: its last position, and the newest time of recording so far (µs since 1970)."""

texts = Table(
    "texts",
    metadata,
    Column("log_id", _ID, ForeignKey("logs.log_id"), primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("body", Text, nullable=False),
    Column("command_id", Text, nullable=False),
)
"""Detached free text; ``command_id`` leads an erasure to the request salt that goes with it."""

events = Table(
    "events",
    metadata,
    Column("log_id", _ID, ForeignKey("logs.log_id"), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("stream_id", _ID, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("event_id", Uuid),
    Column("recorded_at", BigInteger),
    Column("known_at", BigInteger, nullable=False),
    Column("effective_from", Date),
    Column("effective_to", Date),
    Column("actor", Text),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("request_hash", LargeBinary),
    UniqueConstraint("log_id", "stream_id", "version", name="one_fact_per_version"),
    UniqueConstraint("log_id", "event_id", name="one_fact_per_event_id"),
    CheckConstraint("position > 0", name="position_counts"),
)
"""The facts. Times are µs since 1970; ``known_at`` is the running maximum of ``recorded_at``.

``event_id`` to ``actor`` are empty only for events of other applications of the ``eventsourcing``
library, which have no envelope. A ``request_hash`` says that the fact is all that its command has
stored, and that the command has the fact's id: SHA-256(request).
"""

commands = Table(
    "commands",
    metadata,
    Column("log_id", _ID, ForeignKey("logs.log_id"), primary_key=True),
    Column("command_id", Text, primary_key=True),
    Column("request_salt", LargeBinary),
    Column("request_hash", LargeBinary, nullable=False),
    Column("first_position", BigInteger, nullable=False),
    Column("last_position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""What was asked, as SHA-256(salt ‖ request), and where its facts lie; a command without facts
has a first position after its last. An erased salt is null. Commands that ``events`` remembers are
not here."""

tracking = Table(
    "tracking",
    metadata,
    Column("log_id", _ID, primary_key=True),
    Column("projection", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How far each projection has read each log."""

_ONE_OF_EACH = text("state IN ('FILLING', 'SERVING')")

view_generations = Table(
    "view_generations",
    metadata,
    Column("generation", BigInteger, primary_key=True, autoincrement=False),
    Column("projection_version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("served_at", BigInteger),
    Column("retired_at", BigInteger),
    CheckConstraint(
        "state IN ('FILLING', 'SERVING', 'RETIRED', 'DROPPED')", name="generation_state"
    ),
    Index(
        "one_generation_of_each_state",
        "state",
        unique=True,
        sqlite_where=_ONE_OF_EACH,
        postgresql_where=_ONE_OF_EACH,
    ),
)
"""The sets of view tables there were, by number; no number is given twice. At most one serves and
at most one is being filled. A retired one is kept for readers until the next begins, and then
dropped; its row stays. It belongs to the database and not to a log. Times are µs since 1970.
"""
