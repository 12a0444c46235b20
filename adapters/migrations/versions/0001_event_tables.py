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

# The barrier are the privileges: the tables belong to a role that nobody logs in as, and the
# program may call one function. The triggers are the second line, against the owner's own slips.
_POSTGRESQL = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER events_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION refuse('events are never changed');

CREATE TRIGGER logs_no_delete BEFORE DELETE OR TRUNCATE ON logs
FOR EACH STATEMENT EXECUTE FUNCTION refuse('logs are never deleted');

CREATE TRIGGER commands_no_delete BEFORE DELETE OR TRUNCATE ON commands
FOR EACH STATEMENT EXECUTE FUNCTION refuse('commands are never deleted');

CREATE TRIGGER commands_only_forget BEFORE UPDATE ON commands FOR EACH ROW
WHEN (NEW.request_salt IS NOT NULL
      OR (NEW.log_id, NEW.command_id, NEW.request_hash, NEW.first_position, NEW.last_position)
      IS DISTINCT FROM
         (OLD.log_id, OLD.command_id, OLD.request_hash, OLD.first_position, OLD.last_position))
EXECUTE FUNCTION refuse('of a command only the salt of its request is ever erased');

CREATE TRIGGER texts_no_update BEFORE UPDATE OR TRUNCATE ON texts
FOR EACH STATEMENT EXECUTE FUNCTION refuse('texts are never changed, only erased');

ALTER TABLE events ENABLE ALWAYS TRIGGER events_never_change;
ALTER TABLE logs ENABLE ALWAYS TRIGGER logs_no_delete;
ALTER TABLE commands ENABLE ALWAYS TRIGGER commands_no_delete;
ALTER TABLE commands ENABLE ALWAYS TRIGGER commands_only_forget;
ALTER TABLE texts ENABLE ALWAYS TRIGGER texts_no_update;

-- Stores appends for one log, in the order in which they come. Of each kind of row the columns
-- come as arrays, those of all appends one after the other; expected_counts and fact_counts say
-- how many belong to each append, text_of and erase_of to which append each belongs.
--
-- Gives for each append its first position, 0 when its command is known, or -1 when a stream is
-- not at the expected version; then the version found for each expectation. For the last two
-- nothing is stored.
CREATE FUNCTION append(
    of_log text,
    command_ids text[], command_salts bytea[], command_hashes bytea[],
    expected_counts bigint[], fact_counts bigint[],
    expected_streams text[], expected_versions bigint[],
    streams text[], versions bigint[], types text[], payloads bytea[], event_ids uuid[],
    recorded bigint[], firsts date[], lasts date[], actors text[], leaves bytea[],
    text_of bigint[], digests text[], salts bytea[], bodies text[],
    erase_of bigint[], erased text[]
) RETURNS bigint[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = liuhen, pg_temp AS $$
DECLARE
    at bigint;         -- the end of the log as it grows
    newest bigint;     -- the running maximum of recorded_at
    reserved bigint;   -- the end as it is if everything is stored
    alike boolean;     -- whether all facts were recorded at one time, as those of a command are
    fact bigint := 0;  -- how many facts and expectations of the arrays are done
    expectation bigint := 0;
    n bigint;
    actual bigint;
    as_expected boolean;
    answers bigint[] := '{}';
    found_versions bigint[] := '{}';
BEGIN
    -- 1. Hold the log and take the positions: what is committed is dense, because whoever comes
    --    next waits for this row. It waits at the advisory lock first, where waiting is cheaper.
    LOOP
        UPDATE logs l
        SET head = head + cardinality(streams), known_at = greatest(known_at, recorded[1])
        WHERE l.log_id = of_log
          AND pg_advisory_xact_lock(hashtextextended(of_log, 0)) IS NOT NULL
        RETURNING l.head, l.known_at INTO reserved, newest;
        EXIT WHEN FOUND;
        INSERT INTO logs VALUES (of_log, 0, 0) ON CONFLICT DO NOTHING;
    END LOOP;
    at := reserved - cardinality(streams);
    alike := coalesce(recorded[1] = ALL (recorded), false);
    IF NOT alike THEN
        -- The maximum so far is needed without the new ones: it is that of the last fact.
        SELECT e.known_at INTO newest FROM events e WHERE e.log_id = of_log AND e.position = at;
        newest := coalesce(newest, 0);
    END IF;

    FOR i IN 1 .. cardinality(command_ids) LOOP
        -- 2. Every stream is where the caller saw it, also those that get nothing.
        as_expected := true;
        FOR k IN expectation + 1 .. expectation + expected_counts[i] LOOP
            SELECT e.version INTO actual FROM events e
            WHERE e.log_id = of_log AND e.stream_id = expected_streams[k]
            ORDER BY e.version DESC LIMIT 1;
            actual := coalesce(actual, 0);
            found_versions := found_versions || actual;
            as_expected := as_expected AND actual = expected_versions[k];
        END LOOP;
        expectation := expectation + expected_counts[i];
        n := fact_counts[i];
        fact := fact + n;

        -- 3. A command that was stored already is not stored again. Looked for second, because
        --    the streams of an old command have mostly moved, and a new one needs one look less.
        IF NOT as_expected THEN
            answers := answers || CASE WHEN EXISTS (
                SELECT FROM commands c WHERE c.log_id = of_log AND c.command_id = command_ids[i]
            ) THEN 0 ELSE -1 END::bigint;
            CONTINUE;
        END IF;
        IF command_ids[i] IS NOT NULL THEN
            INSERT INTO commands
            VALUES (of_log, command_ids[i], command_salts[i], command_hashes[i], at + 1, at + n)
            ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
                answers := answers || 0::bigint;
                CONTINUE;
            END IF;
        END IF;
        answers := answers || at + 1;

        -- 4. The facts; for a few of them a loop is faster.
        IF n <= 3 THEN
            FOR f IN fact - n + 1 .. fact LOOP
                at := at + 1;
                newest := greatest(newest, recorded[f]);
                INSERT INTO events VALUES (
                    of_log, at, streams[f], versions[f], types[f], payloads[f], event_ids[f],
                    recorded[f], newest, firsts[f], lasts[f], actors[f], leaves[f]
                );
            END LOOP;
        ELSE
            INSERT INTO events
            SELECT of_log, at + u.nth, u.stream, u.version, u.type, u.payload, u.event_id,
                   u.recorded, greatest(newest, max(u.recorded) OVER (ORDER BY u.nth)),
                   u.first, u.last, u.actor, u.leaf
            FROM unnest(
                streams[fact - n + 1 : fact], versions[fact - n + 1 : fact],
                types[fact - n + 1 : fact], payloads[fact - n + 1 : fact],
                event_ids[fact - n + 1 : fact], recorded[fact - n + 1 : fact],
                firsts[fact - n + 1 : fact], lasts[fact - n + 1 : fact],
                actors[fact - n + 1 : fact], leaves[fact - n + 1 : fact]
            ) WITH ORDINALITY AS u (stream, version, type, payload, event_id, recorded,
                                    first, last, actor, leaf, nth);
            at := at + n;
            SELECT e.known_at INTO newest FROM events e WHERE e.log_id = of_log AND e.position = at;
        END IF;

        -- 5. Its texts, and what is to be forgotten.
        IF cardinality(text_of) > 0 THEN
            INSERT INTO texts
            SELECT of_log, t.digest, t.salt, t.body, command_ids[i]
            FROM unnest(text_of, digests, salts, bodies) AS t (nth, digest, salt, body)
            WHERE t.nth = i;
        END IF;
        IF cardinality(erase_of) > 0 THEN
            UPDATE commands c SET request_salt = NULL
            WHERE c.log_id = of_log AND c.command_id IN (
                SELECT t.command_id
                FROM unnest(erase_of, erased) AS e (nth, digest)
                JOIN texts t ON t.log_id = of_log AND t.digest = e.digest
                WHERE e.nth = i
            );
            DELETE FROM texts t
            USING unnest(erase_of, erased) AS e (nth, digest)
            WHERE t.log_id = of_log AND t.digest = e.digest AND e.nth = i;
        END IF;
    END LOOP;

    -- 6. Give back what was not used.
    IF at < reserved OR NOT alike THEN
        UPDATE logs l
        SET head = at, known_at = coalesce((
            SELECT e.known_at FROM events e WHERE e.log_id = of_log AND e.position = at
        ), 0)
        WHERE l.log_id = of_log;
    END IF;
    RETURN answers || found_versions;
END $$;

REVOKE ALL ON FUNCTION append FROM PUBLIC;
REVOKE ALL ON FUNCTION refuse FROM PUBLIC;
GRANT USAGE ON SCHEMA liuhen TO liuhen_app;
GRANT SELECT ON ALL TABLES IN SCHEMA liuhen TO liuhen_app;
GRANT INSERT, UPDATE, DELETE ON tracking TO liuhen_app;
GRANT EXECUTE ON FUNCTION append TO liuhen_app;
"""


def _log_id() -> sa.Column[str]:
    """A column that names a log. On PostgreSQL only the function writes, which opens the log
    first; a foreign key would look for it once more with each row, a fifth of an append.
    """
    sqlite = op.get_bind().dialect.name == "sqlite"
    return sa.Column("log_id", _ID, *[sa.ForeignKey("logs.log_id")] * sqlite, primary_key=True)


def _positive(condition: str, name: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(condition, name=name)] * (op.get_bind().dialect.name == "sqlite")


def upgrade() -> None:
    op.create_table(
        "logs",
        sa.Column("log_id", _ID, primary_key=True),
        sa.Column("head", sa.BigInteger, nullable=False),
        sa.Column("known_at", sa.BigInteger, nullable=False),
        *_positive("head >= 0", "head_counts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "texts",
        _log_id(),
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("command_id", sa.Text, nullable=False),
    )
    op.create_table(
        "events",
        _log_id(),
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
        *_positive("position > 0", "position_counts"),
    )
    op.create_table(
        "commands",
        _log_id(),
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
    else:
        # As it stands: neither a colon nor a per cent sign in it is a parameter.
        op.get_bind().connection.cursor().execute(_POSTGRESQL)
