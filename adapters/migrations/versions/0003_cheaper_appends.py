"""Cheaper appends on SQLite: the head of a log is where its facts end, and one statement appends.

``logs`` had a row to be updated with each append, a page of the database more to be written. What
it said is found at the end of the log; it is a view now, beside a table of the logs that there
are. Whoever inserts into the view ``appending`` stores a fact, and with it the command whose last
fact it is.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The row of a log is only there for the tables that refer to it: they would not let go of it.
_SQLITE = """
DROP TRIGGER events_only_added;

DROP TRIGGER logs_no_delete;

DROP TRIGGER logs_only_grow;

DROP TRIGGER logs_only_added;

PRAGMA defer_foreign_keys = ON;

ALTER TABLE logs RENAME TO opened_logs;

CREATE TABLE opened (log_id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;

CREATE TEMP TABLE former AS SELECT log_id FROM opened_logs;

DROP TABLE opened_logs;

ALTER TABLE opened RENAME TO opened_logs;

INSERT INTO opened_logs SELECT log_id FROM former;

DROP TABLE former;

CREATE VIEW logs (log_id, head, known_at) AS
SELECT log_id,
       coalesce((SELECT position FROM events e WHERE e.log_id = o.log_id
                 ORDER BY position DESC LIMIT 1), 0),
       coalesce((SELECT known_at FROM events e WHERE e.log_id = o.log_id
                 ORDER BY position DESC LIMIT 1), 0)
FROM opened_logs o;

CREATE TRIGGER logs_only_grow INSTEAD OF UPDATE ON logs
BEGIN SELECT RAISE(ABORT, 'the head of a log is where its facts end'); END;

CREATE TRIGGER logs_no_delete INSTEAD OF DELETE ON logs
BEGIN SELECT RAISE(ABORT, 'logs are never deleted'); END;

CREATE TRIGGER logs_only_added INSTEAD OF INSERT ON logs
BEGIN SELECT RAISE(ABORT, 'the head of a log is where its facts end'); END;

CREATE TRIGGER opened_logs_no_update BEFORE UPDATE ON opened_logs
BEGIN SELECT RAISE(ABORT, 'logs are never renamed'); END;

CREATE TRIGGER opened_logs_no_delete BEFORE DELETE ON opened_logs
BEGIN SELECT RAISE(ABORT, 'logs are never deleted'); END;

CREATE TRIGGER opened_logs_only_added BEFORE INSERT ON opened_logs
WHEN EXISTS (SELECT 1 FROM opened_logs WHERE log_id = NEW.log_id)
BEGIN SELECT RAISE(ABORT, 'a log with this id is there already'); END;

CREATE TRIGGER events_only_added BEFORE INSERT ON events
WHEN NEW.position IS NOT 1 + coalesce((SELECT position FROM events WHERE log_id = NEW.log_id
                                       ORDER BY position DESC LIMIT 1), 0)
  OR NEW.known_at < (SELECT known_at FROM events
                     WHERE log_id = NEW.log_id AND position = NEW.position - 1)
  OR EXISTS (SELECT 1 FROM events WHERE log_id = NEW.log_id AND stream_id = NEW.stream_id
             AND version = NEW.version)
  OR EXISTS (SELECT 1 FROM events WHERE log_id = NEW.log_id AND event_id = NEW.event_id)
BEGIN SELECT RAISE(ABORT, 'an event comes next, with a version and an id of its own'); END;

CREATE VIEW appending AS
SELECT e.*, c.command_id, c.request_salt, c.request_hash, c.first_position
FROM events e LEFT JOIN commands c ON c.log_id = e.log_id AND c.last_position = e.position;

CREATE TRIGGER append_event INSTEAD OF INSERT ON appending
BEGIN
    INSERT INTO events VALUES (
        NEW.log_id, NEW.position, NEW.stream_id, NEW.version, NEW.type, NEW.payload, NEW.event_id,
        NEW.recorded_at, NEW.known_at, NEW.effective_from, NEW.effective_to, NEW.actor,
        NEW.leaf_hash
    );
END;

CREATE TRIGGER append_command INSTEAD OF INSERT ON appending WHEN NEW.command_id IS NOT NULL
BEGIN
    INSERT INTO commands VALUES (
        NEW.log_id, NEW.command_id, NEW.request_salt, NEW.request_hash, NEW.first_position,
        NEW.position
    );
END;
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE.strip().split("\n\n"):
            op.execute(statement)
