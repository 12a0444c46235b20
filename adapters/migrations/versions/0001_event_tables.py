"""The event tables, and the triggers that keep what was stored from being changed.

There is no way down: the tables hold what must never be lost.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# A trigger runs before a conflict is resolved, so the ones on INSERT also refuse REPLACE, which
# would delete the row in its way without asking the triggers on DELETE.
_SQLITE = """
CREATE TRIGGER events_no_update BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;

CREATE TRIGGER events_no_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;

CREATE TRIGGER events_only_added BEFORE INSERT ON events
WHEN NEW.position <= (SELECT head FROM logs WHERE log_id = NEW.log_id)
  OR EXISTS (SELECT 1 FROM events WHERE log_id = NEW.log_id AND stream_id = NEW.stream_id
             AND version = NEW.version)
  OR EXISTS (SELECT 1 FROM events WHERE log_id = NEW.log_id AND event_id = NEW.event_id)
BEGIN SELECT RAISE(ABORT, 'an event with this position, version or id is there already'); END;

CREATE TRIGGER logs_no_delete BEFORE DELETE ON logs
BEGIN SELECT RAISE(ABORT, 'logs are never deleted'); END;

CREATE TRIGGER logs_only_grow BEFORE UPDATE ON logs
WHEN NEW.log_id <> OLD.log_id OR NEW.head < OLD.head OR NEW.known_at < OLD.known_at
BEGIN SELECT RAISE(ABORT, 'the head of a log never goes back'); END;

CREATE TRIGGER logs_only_added BEFORE INSERT ON logs
WHEN EXISTS (SELECT 1 FROM logs WHERE log_id = NEW.log_id)
BEGIN SELECT RAISE(ABORT, 'a log with this id is there already'); END;

CREATE TRIGGER commands_only_forget BEFORE UPDATE ON commands
WHEN NEW.request_salt IS NOT NULL OR NEW.log_id <> OLD.log_id
  OR NEW.command_id <> OLD.command_id OR NEW.request_hash <> OLD.request_hash
  OR NEW.first_position <> OLD.first_position OR NEW.last_position <> OLD.last_position
BEGIN SELECT RAISE(ABORT, 'of a command only the salt of its request is ever erased'); END;

CREATE TRIGGER commands_no_delete BEFORE DELETE ON commands
BEGIN SELECT RAISE(ABORT, 'commands are never deleted'); END;

CREATE TRIGGER commands_only_added BEFORE INSERT ON commands
WHEN EXISTS (SELECT 1 FROM commands WHERE log_id = NEW.log_id AND command_id = NEW.command_id)
BEGIN SELECT RAISE(ABORT, 'a command with this id is there already'); END;

CREATE TRIGGER texts_no_update BEFORE UPDATE ON texts
BEGIN SELECT RAISE(ABORT, 'texts are never changed, only erased'); END;

CREATE TRIGGER texts_only_added BEFORE INSERT ON texts
WHEN EXISTS (SELECT 1 FROM texts WHERE log_id = NEW.log_id AND digest = NEW.digest)
BEGIN SELECT RAISE(ABORT, 'a text with this digest is there already'); END;
"""


def upgrade() -> None:
    op.create_table(
        "logs",
        sa.Column("log_id", _ID, primary_key=True),
        sa.Column("head", sa.BigInteger, nullable=False),
        sa.Column("known_at", sa.BigInteger, nullable=False),
        sa.CheckConstraint("head >= 0", name="head_counts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "texts",
        sa.Column("log_id", _ID, sa.ForeignKey("logs.log_id"), primary_key=True),
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("command_id", sa.Text, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("log_id", _ID, sa.ForeignKey("logs.log_id"), primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
        sa.Column("stream_id", _ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("event_id", sa.Uuid),
        sa.Column("recorded_at", sa.BigInteger),
        sa.Column("known_at", sa.BigInteger, nullable=False),
        sa.Column("effective_from", sa.Date),
        sa.Column("effective_to", sa.Date),
        sa.Column("actor", sa.Text),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("log_id", "stream_id", "version", name="one_fact_per_version"),
        sa.UniqueConstraint("log_id", "event_id", name="one_fact_per_event_id"),
        sa.CheckConstraint("position > 0", name="position_counts"),
    )
    op.create_table(
        "commands",
        sa.Column("log_id", _ID, sa.ForeignKey("logs.log_id"), primary_key=True),
        sa.Column("command_id", sa.Text, primary_key=True),
        sa.Column("request_salt", sa.LargeBinary),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("first_position", sa.BigInteger, nullable=False),
        sa.Column("last_position", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tracking",
        sa.Column("log_id", _ID, primary_key=True),
        sa.Column("projection", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        for trigger in _SQLITE.strip().split("\n\n"):
            op.execute(trigger)
