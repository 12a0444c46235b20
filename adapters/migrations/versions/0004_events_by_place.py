"""SQLite: a fact's place in its log is the row's own number, and no second tree leads to it.

A log has a number, and the row of its fact at a position is number × 2⁴⁰ + position. What was the
key of the table, an index by log and position, was written with each append; it is gone, and the
position is calculated from the row. On PostgreSQL nothing changes: there an index is needed for it
either way.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Rows of logs come only once their table has its name: tables that refer to them, by name, then
# find them again.
_SQLITE = """
PRAGMA defer_foreign_keys = ON;

DROP VIEW appending;

DROP VIEW logs;

DROP TRIGGER opened_logs_no_delete;

DROP TRIGGER events_no_delete;

CREATE TEMP TABLE former AS SELECT row_number() OVER (ORDER BY log_id) AS number, log_id
FROM opened_logs;

CREATE TABLE numbered_logs (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND (1 << 22) - 1),
    log_id TEXT NOT NULL UNIQUE
);

DROP TABLE opened_logs;

ALTER TABLE numbered_logs RENAME TO opened_logs;

INSERT INTO opened_logs SELECT number, log_id FROM former;

CREATE TABLE placed_events (
    place INTEGER PRIMARY KEY CHECK (place & 0xFFFFFFFFFF > 0),
    log_id TEXT NOT NULL,
    position BIGINT NOT NULL GENERATED ALWAYS AS (place & 0xFFFFFFFFFF) VIRTUAL,
    stream_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    type TEXT NOT NULL,
    payload BLOB NOT NULL,
    event_id CHAR(32),
    recorded_at BIGINT,
    known_at BIGINT NOT NULL,
    effective_from DATE,
    effective_to DATE,
    actor TEXT,
    leaf_hash BLOB NOT NULL,
    CONSTRAINT one_fact_per_version UNIQUE (log_id, stream_id, version),
    CONSTRAINT one_fact_per_event_id UNIQUE (log_id, event_id)
);

INSERT INTO placed_events
SELECT former.number << 40 | position, e.log_id, stream_id, version, type, payload, event_id,
       recorded_at, known_at, effective_from, effective_to, actor, leaf_hash
FROM former JOIN events e ON e.log_id = former.log_id
ORDER BY former.number, position;

DROP TABLE events;

ALTER TABLE placed_events RENAME TO events;

DROP TABLE former;

CREATE VIEW logs (log_id, head, known_at) AS
SELECT log_id,
       coalesce((SELECT position FROM events e
                 WHERE e.place > o.number << 40 AND e.place < (o.number + 1) << 40
                 ORDER BY e.place DESC LIMIT 1), 0),
       coalesce((SELECT known_at FROM events e
                 WHERE e.place > o.number << 40 AND e.place < (o.number + 1) << 40
                 ORDER BY e.place DESC LIMIT 1), 0)
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
WHEN EXISTS (SELECT 1 FROM opened_logs WHERE log_id = NEW.log_id OR number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'a log with this id is there already'); END;

CREATE TRIGGER events_no_update BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;

CREATE TRIGGER events_no_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;

CREATE TRIGGER events_only_added BEFORE INSERT ON events
WHEN NOT EXISTS (SELECT 1 FROM opened_logs
                 WHERE number = NEW.place >> 40 AND log_id = NEW.log_id)
  OR EXISTS (SELECT 1 FROM events WHERE place = NEW.place)
  OR (NEW.place & 0xFFFFFFFFFF > 1
      AND (NEW.known_at >= (SELECT known_at FROM events WHERE place = NEW.place - 1)) IS NOT TRUE)
  OR EXISTS (SELECT 1 FROM events WHERE log_id = NEW.log_id AND stream_id = NEW.stream_id
             AND version = NEW.version)
  OR EXISTS (SELECT 1 FROM events WHERE log_id = NEW.log_id AND event_id = NEW.event_id)
BEGIN SELECT RAISE(ABORT, 'an event comes next, with a version and an id of its own'); END;

CREATE VIEW appending AS
SELECT e.log_id, e.position, e.stream_id, e.version, e.type, e.payload, e.event_id, e.recorded_at,
       e.known_at, e.effective_from, e.effective_to, e.actor, e.leaf_hash,
       c.command_id, c.request_salt, c.request_hash, c.first_position
FROM events e LEFT JOIN commands c ON c.log_id = e.log_id AND c.last_position = e.position;

CREATE TRIGGER append_event INSTEAD OF INSERT ON appending
BEGIN
    INSERT INTO events VALUES (
        (SELECT number FROM opened_logs WHERE log_id = NEW.log_id) << 40 | NEW.position,
        NEW.log_id, NEW.stream_id, NEW.version, NEW.type, NEW.payload, NEW.event_id,
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
