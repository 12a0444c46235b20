"""Cheaper appends: the head of a log is where its facts end.

``logs`` had a row to be updated with each append. What it said is found at the end of the log; it
is a view now, beside a table of the logs that there are. On SQLite whoever inserts into the view
``appending`` stores a fact, and with it the command whose last fact it is; on PostgreSQL a
function of its own stores a single fact.
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
  OR EXISTS (SELECT 1 FROM events WHERE rowid = NEW.rowid)
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

_POSTGRESQL = """
ALTER TABLE logs RENAME TO opened_logs;
ALTER TABLE opened_logs DROP COLUMN head, DROP COLUMN known_at;

DROP TRIGGER logs_no_delete ON opened_logs;
CREATE TRIGGER logs_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON opened_logs
FOR EACH STATEMENT EXECUTE FUNCTION refuse('logs are never changed');
ALTER TABLE opened_logs ENABLE ALWAYS TRIGGER logs_never_change;

CREATE VIEW logs AS
SELECT o.log_id,
       coalesce((SELECT e.position FROM events e WHERE e.log_id = o.log_id
                 ORDER BY e.position DESC LIMIT 1), 0) AS head,
       coalesce((SELECT e.known_at FROM events e WHERE e.log_id = o.log_id
                 ORDER BY e.position DESC LIMIT 1), 0) AS known_at
FROM opened_logs o;

DROP FUNCTION append;

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
    held boolean;      -- an expression is evaluated faster than a statement is run
    at bigint;         -- the end of the log as it grows
    newest bigint;     -- the running maximum of recorded_at
    fact bigint := 0;  -- how many facts and expectations of the arrays are done
    expectation bigint := 0;
    n bigint;
    actual bigint;
    as_expected boolean;
    answers bigint[] := '{}';
    found_versions bigint[] := '{}';
BEGIN
    -- 1. Hold the log and find its end: what is committed is dense, because whoever comes next
    --    waits here, and each statement after this one sees what was committed meanwhile.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'appends need the isolation level read committed';
    END IF;
    held := pg_advisory_xact_lock(hashtextextended(of_log, 0)) IS NOT NULL;
    SELECT e.position, e.known_at INTO at, newest FROM events e
    WHERE e.log_id = of_log ORDER BY e.position DESC LIMIT 1;
    IF NOT FOUND THEN
        INSERT INTO opened_logs VALUES (of_log) ON CONFLICT DO NOTHING;
        at := 0;
        newest := 0;
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
            newest := greatest(newest, (SELECT max(r) FROM unnest(recorded[fact - n + 1 : fact]) r));
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
    RETURN answers || found_versions;
END $$;

-- The same for a single fact of a single command, without texts: most of what people do, and
-- half as long. Gives its position; null when ``append`` is to be asked, for the log has no facts
-- yet or a stream is not at the expected version. A command that is known is refused by its key.
CREATE FUNCTION append_one(
    of_log text, command_id text, command_salt bytea, command_hash bytea,
    expected_streams text[], expected_versions bigint[],
    stream text, version bigint, type text, payload bytea, event_id uuid, recorded bigint,
    first date, last date, actor text, leaf bytea
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = liuhen, pg_temp AS $$
DECLARE
    held boolean;
    at bigint;
    newest bigint;
    actual bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'appends need the isolation level read committed';
    END IF;
    held := pg_advisory_xact_lock(hashtextextended(of_log, 0)) IS NOT NULL;
    SELECT e.position + 1, e.known_at INTO at, newest FROM events e
    WHERE e.log_id = of_log ORDER BY e.position DESC LIMIT 1;
    FOR k IN 1 .. cardinality(expected_streams) LOOP
        SELECT e.version INTO actual FROM events e
        WHERE e.log_id = of_log AND e.stream_id = expected_streams[k]
        ORDER BY e.version DESC LIMIT 1;
        IF coalesce(actual, 0) <> expected_versions[k] THEN
            RETURN NULL;
        END IF;
    END LOOP;
    IF at IS NOT NULL THEN
        INSERT INTO commands VALUES (of_log, command_id, command_salt, command_hash, at, at);
        INSERT INTO events VALUES (
            of_log, at, stream, version, type, payload, event_id,
            recorded, greatest(newest, recorded), first, last, actor, leaf
        );
    END IF;
    RETURN at;
END $$;

REVOKE ALL ON FUNCTION append FROM PUBLIC;
REVOKE ALL ON FUNCTION append_one FROM PUBLIC;
GRANT SELECT ON logs TO liuhen_app;
GRANT EXECUTE ON FUNCTION append TO liuhen_app;
GRANT EXECUTE ON FUNCTION append_one TO liuhen_app;
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE.strip().split("\n\n"):
            op.execute(statement)
    else:
        # As it stands: neither a colon nor a per cent sign in it is a parameter.
        op.get_bind().connection.cursor().execute(_POSTGRESQL)
