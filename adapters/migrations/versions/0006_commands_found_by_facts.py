"""SQLite: that no command has the id of a fact that remembers its own is looked up, not put together.

For each fact the dashes of a command's id were written into the digits of its own, which took half
of the time that its guard takes. An index of commands by their digits takes nothing of it: commands
of one fact are not in that table. Which log a fact is in is asked of the fact before it.

And no command has the id of a fact that was there before its own, whether that remembers a command
or not: who appends without looking is told so too.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SQLITE = """
CREATE INDEX commands_like_facts ON commands (log_id, replace(command_id, '-', ''))
WHERE command_id GLOB '????????-????-????-????-????????????';

DROP TRIGGER events_only_added;

DROP TRIGGER commands_only_added;

CREATE TRIGGER events_only_added BEFORE INSERT ON events
WHEN CASE NEW.place & 0xFFFFFFFFFF
     WHEN 1 THEN
         (SELECT log_id FROM opened_logs WHERE number = NEW.place >> 40) IS NOT NEW.log_id
         OR EXISTS (SELECT 1 FROM events WHERE place = NEW.place)
     ELSE (SELECT place = NEW.place - 1 AND log_id = NEW.log_id AND known_at <= NEW.known_at
           FROM events WHERE place <= NEW.place ORDER BY place DESC LIMIT 1) IS NOT 1
     END
  OR EXISTS (SELECT 1 FROM events WHERE log_id = NEW.log_id AND stream_id = NEW.stream_id
             AND version = NEW.version)
  OR EXISTS (SELECT 1 FROM events WHERE log_id = NEW.log_id AND event_id = NEW.event_id)
  OR (NEW.request_hash IS NOT NULL AND EXISTS (
      SELECT 1 FROM commands WHERE log_id = NEW.log_id
      AND replace(command_id, '-', '') = NEW.event_id
      AND command_id GLOB '????????-????-????-????-????????????'))
BEGIN SELECT RAISE(ABORT, 'an event comes next, with a version and an id of its own'); END;

CREATE TRIGGER commands_only_added BEFORE INSERT ON commands
WHEN EXISTS (SELECT 1 FROM commands WHERE log_id = NEW.log_id AND command_id = NEW.command_id)
  OR (NEW.command_id GLOB '????????-????-????-????-????????????' AND EXISTS (
      SELECT 1 FROM events WHERE log_id = NEW.log_id
      AND event_id = replace(NEW.command_id, '-', '')
      AND (request_hash IS NOT NULL OR position < NEW.first_position)))
BEGIN SELECT RAISE(ABORT, 'a command with this id is there already'); END;
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE.strip().split("\n\n"):
            op.execute(statement)
